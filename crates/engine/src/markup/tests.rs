//! Whatever is escaped, a reader of XML finds it again.

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
