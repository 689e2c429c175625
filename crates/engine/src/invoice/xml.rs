//! The few things that both syntaxes need from an XML writer: nested elements, text that is escaped,
//! attributes. The writer is `quick-xml`.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// Writes one document into memory, two spaces a level.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// The document `root`, with its namespaces, filled by `inside`.
    pub(super) fn document(
        root: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) -> String {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml.with(root, attributes, inside);
        let mut text = String::from_utf8(xml.0.into_inner()).expect("only text was written");
        text.push('\n');
        text
    }

    fn put(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("writing into memory does not fail");
    }

    /// An element with others inside.
    pub(super) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.with(name, &[], inside);
    }

    /// An element with attributes and others inside.
    pub(super) fn with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        let start = quick_xml::events::BytesStart::new(name);
        let start = start.with_attributes(attributes.iter().copied());
        let end = start.to_end().into_owned();
        self.put(Event::Start(start.clone()));
        inside(self);
        self.put(Event::End(end));
    }

    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// An element with attributes and text.
    pub(super) fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.with(name, attributes, |xml| xml.put(Event::Text(BytesText::new(text))));
    }
}
