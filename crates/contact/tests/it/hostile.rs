//! Hostile files: every file under `tests/hostile/contacts` at the root of the repository says itself what
//! must become of it.
//!
//! A case is a text: `key: value` lines, a line `---`, and the file or the recipe of it. Large files are
//! recipes and are made when the test runs. Specified in `tests/hostile/contacts/README.md`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tiers_contact::{
    FileKind, Kind, PrepareError, PrepareOptions, Prepared, Tokeniser, canaries, read_and_normalise,
};

use crate::{recipe, support::options};

/// Cases in the folder: a file that is lost, or added without being run, fails here.
const CASES: usize = 157;

/// One file and what must become of it.
pub struct Case {
    name: String,
    head: BTreeMap<String, String>,
    /// What stands under the line `---`.
    pub body: Vec<u8>,
}

impl Case {
    pub fn read(path: &Path) -> Self {
        let bytes = fs::read(path).expect("a case");
        let mark = b"\n---\n";
        let cut = bytes.windows(mark.len()).position(|window| window == mark);
        let cut = cut.unwrap_or_else(|| panic!("{}: no line ---", path.display()));
        let head = std::str::from_utf8(&bytes[..cut]).expect("a head in UTF-8");
        let head = head.lines().map(|line| {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            (key.to_owned(), value.to_owned())
        });
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let case = Self { name, head: head.collect(), body: bytes[cut + mark.len()..].to_vec() };
        let known = [
            "why",
            "expect",
            "build",
            "kind",
            "lenient",
            "rows",
            "rejects",
            "encoding",
            "macros",
            "first",
            "map",
            "sheet",
            "separator",
            "label",
            "duplicates",
        ];
        for key in case.head.keys() {
            assert!(known.contains(&key.as_str()), "{}: unknown key {key}", case.name);
        }
        case
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.head.get(key).map(String::as_str)
    }

    /// The bytes of the file.
    pub fn file(&self) -> Vec<u8> {
        recipe::build(self.value("build").unwrap_or_default(), &self.body)
    }

    pub fn options(&self) -> PrepareOptions {
        let kind = self.value("kind").map_or(FileKind::Sales, |kind| kind.parse().expect("a kind"));
        let mut options = options(kind);
        options.kinds = Kind::ALL.to_vec();
        if self.value("lenient").is_some() {
            options.max_reject_permille = 1000;
        }
        if let Some((heading, field)) = self.value("map").and_then(|map| map.split_once('=')) {
            options.map = vec![(heading.to_owned(), field.parse().expect("a field"))];
        }
        options.sheet = self.value("sheet").map(str::to_owned);
        options.encoding = self.value("label").map(str::to_owned);
        options.separator = self.value("separator").and_then(|text| text.chars().next());
        options
    }

    /// What is wrong, if anything is.
    fn differences(&self) -> Vec<String> {
        let found = read_and_normalise(&self.name, &self.file(), &self.options());
        let expected = self.value("expect").expect("an expectation");
        assert!(self.value("why").is_some_and(|why| why.len() > 10), "{}: why", self.name);
        match found {
            Ok(_) if expected != "read" => vec![format!("read, not {expected}")],
            Ok(prepared) => self.compare(&prepared),
            Err(error) if error.code() == expected => says_nothing(&error),
            Err(error) => vec![format!("{}, not {expected}: {error}", error.code())],
        }
    }

    fn compare(&self, prepared: &Prepared) -> Vec<String> {
        let codes: Vec<&str> = prepared.rejects.iter().map(|reject| reject.code).collect();
        let found = [
            ("rows", prepared.rows.len().to_string()),
            ("rejects", codes.join(" ")),
            ("encoding", prepared.encoding.to_owned()),
            ("macros", if prepared.macros { "yes" } else { "no" }.to_owned()),
            ("duplicates", prepared.duplicates.to_string()),
        ];
        let mut differences = Vec::new();
        assert!(self.value("rows").is_some(), "{}: a file that is read says its rows", self.name);
        for (key, found) in found {
            // What is not said of rejects and macros is that there are none.
            let silent = matches!(key, "rejects" | "macros").then_some(match key {
                "macros" => "no",
                _ => "",
            });
            if let Some(expected) = self.value(key).or(silent)
                && expected != found
            {
                differences.push(format!("{key}: {found}, not {expected}"));
            }
        }
        for part in self.value("first").unwrap_or_default().split(' ').filter(|p| !p.is_empty()) {
            let (kind, text) = part.split_once('=').expect("kind=text");
            let kind: Kind = kind.parse().expect("a kind");
            let expected =
                (text != "none").then(|| tiers_contact::Digest::of(&text.replace('_', " ")));
            let row = prepared.rows.first().expect("a row");
            if row.digest(kind).map(|d| *d.as_bytes()) != expected.map(|d| *d.as_bytes()) {
                differences.push(format!("{kind} of the first row is not {text}"));
            }
        }
        differences.extend(plain_body(prepared));
        differences
    }
}

/// Nothing of the file may stand in a refusal: the words of every case hold `zebulon` where a value is.
fn says_nothing(error: &PrepareError) -> Vec<String> {
    let text = format!("{error} {error:?}").to_lowercase();
    if text.contains("zebulon") {
        vec![format!("the refusal names a value: {text}")]
    } else {
        Vec::new()
    }
}

/// Whatever was read, what leaves is ASCII without quotes, formulas or line breaks of its own; a space stands
/// between the tokens of a near kind.
fn plain_body(prepared: &Prepared) -> Vec<String> {
    let body = prepared.body(&Tokeniser::new(&[1; 32], "hostile"));
    let lines = body.csv.iter().filter(|byte| **byte == b'\n').count();
    let rows = prepared.rows.len() + canaries().len();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_, \n".contains(byte);
    if lines == rows + 1 && body.csv.iter().all(allowed) {
        Vec::new()
    } else {
        vec!["the body holds something that is no token, date, amount or campaign".to_owned()]
    }
}

/// Where the cases are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile/contacts")
}

/// A line of a gigabyte (of 64 MB in the short form) is refused before it is copied.
#[test]
fn a_line_of_a_gigabyte_is_refused() {
    let size = if std::env::var_os("TIERS_FULL").is_some() { 1 << 30 } else { 1 << 26 };
    let mut file = b"E-mail;Date de vente;Montant\n".to_vec();
    file.resize(file.len() + size, b'z');
    let error = read_and_normalise("a", &file, &options(FileKind::Sales)).err();
    assert_eq!(error.expect("a refusal").code(), "file.line_too_long");
}

#[test]
fn every_hostile_file_gets_what_it_declares() {
    let paths =
        fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "case")).collect();
    paths.sort();
    let mut differences = Vec::new();
    for path in &paths {
        let case = Case::read(path);
        differences.extend(case.differences().iter().map(|d| format!("{}: {d}", case.name)));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(paths.len(), CASES);
}
