//! Text inside XML and HTML, one way for every document and page that is written by hand. What a document says,
//! and templates, which escape by themselves, are no matter here.

/// A text for inside an element or an attribute. Characters that XML 1.0 does not allow (section 2.2) and
/// other controls become spaces; tabs and line ends stay.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    proptest::proptest! {
        #[test]
        fn a_reader_of_xml_finds_the_text_again(text: String) {
            let document = format!("<a b=\"{0}\">{0}</a>", escaped(&text));
            let mut reader = Reader::from_str(&document);
            let mut found = String::new();
            loop {
                match reader.read_event().expect("sound XML") {
                    Event::Text(part) => found.push_str(&part),
                    Event::GeneralRef(name) => found.push_str(match &*name {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        "#39" => "'",
                        other => panic!("{other}"),
                    }),
                    Event::Eof => break,
                    _ => {}
                }
            }
            let allowed = |c: char| match c {
                '\t' | '\n' | '\r' => c,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => ' ',
                c => c,
            };
            let expected: String = text.chars().map(allowed).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
