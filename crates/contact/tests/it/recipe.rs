//! From the text of a hostile case to the bytes of its file: the steps that a case names, one after
//! the other. Specified in `tests/hostile/contacts/README.md`.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Applies the steps (`escaped repeat cp850 ...`) to the body of a case.
pub fn build(steps: &str, body: &[u8]) -> Vec<u8> {
    steps.split_whitespace().fold(body.to_vec(), |bytes, step| apply(step, &bytes))
}

fn apply(step: &str, bytes: &[u8]) -> Vec<u8> {
    let text = || std::str::from_utf8(bytes).expect("a recipe in UTF-8");
    let (step, number) = step.split_once('=').unwrap_or((step, "0"));
    let number: usize = number.parse().expect("a number after =");
    match step {
        "escaped" => escaped(bytes),
        "repeat" => repeat(text()).into_bytes(),
        "cp1252" => encoding_rs::WINDOWS_1252.encode(text()).0.into_owned(),
        "cp850" => encode(text(), &DOS),
        "mac" => encode(text(), &MAC),
        "utf16le" => text().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf16be" => text().encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "utf32le" => text().chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        "crlf" => text().replace('\n', "\r\n").into_bytes(),
        "cr" => text().replace('\n', "\r").into_bytes(),
        "cut" => bytes[..bytes.len() - number].to_vec(),
        "keep" => bytes[..number].to_vec(),
        "xlsx" => zipped(&workbook(text())),
        "parts" => zipped(&parts(text())),
        "smaller" => lie_about_sizes(bytes.to_vec(), 10),
        "larger" => lie_about_sizes(bytes.to_vec(), 0x7000_0000),
        "records" => records(text()),
        "compound" => compound(bytes),
        "circle" => circle(bytes.to_vec()),
        "sample" => {
            let name = text().trim();
            std::fs::read(crate::support::samples().join(name)).expect("a sample")
        }
        other => panic!("unknown step {other}"),
    }
}

/// Line breaks of the case are dropped; `\n \r \t \\ \xNN` are what they say.
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes.iter().copied().filter(|byte| *byte != b'\n');
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match rest.next().expect("something after the backslash") {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                u8::from_str_radix(digits, 16).expect("two digits")
            }
            other => other,
        });
    }
    out
}

/// `{{1000*text}}` stands for a thousand times the text, `#` in it for the number of the turn.
fn repeat(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}").expect("}} after {{");
        let (count, piece) = inside.split_once('*').expect("a count and *");
        out.push_str(before);
        for turn in 1..=count.parse::<usize>().expect("a count") {
            out.push_str(&piece.replace('#', &turn.to_string()));
        }
        rest = after;
    }
    out + rest
}

const DOS: [(char, u8); 7] =
    [('é', 0x82), ('è', 0x8a), ('ç', 0x87), ('ë', 0x89), ('à', 0x85), ('ô', 0x93), ('€', 0xd5)];
const MAC: [(char, u8); 7] =
    [('é', 0x8e), ('è', 0x8f), ('ç', 0x8d), ('ë', 0x91), ('à', 0x88), ('ô', 0x99), ('€', 0xdb)];

fn encode(text: &str, table: &[(char, u8)]) -> Vec<u8> {
    let byte = |c: char| match table.iter().find(|(letter, _)| *letter == c) {
        Some((_, byte)) => *byte,
        None => {
            u8::try_from(u32::from(c)).ok().filter(u8::is_ascii).expect("a letter of the table")
        }
    };
    text.chars().map(byte).collect()
}

/// Parts of an archive: a line `== path` before each; a file that does not end in a line break.
fn parts(text: &str) -> Vec<(String, String)> {
    let parts = text.split("== ").filter(|part| !part.is_empty()).map(|part| {
        let (path, content) = part.split_once('\n').expect("a path and its content");
        (path.to_owned(), content.trim_end_matches('\n').to_owned())
    });
    parts.collect()
}

/// The parts that every XLSX has, around those of the recipe; a recipe that names one of them replaces it.
fn workbook(text: &str) -> Vec<(String, String)> {
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let roots = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ventes" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let mut all = parts(text);
    for (path, content) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", roots),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", rels),
    ] {
        if all.iter().all(|(other, _)| other != path) {
            all.push((path.to_owned(), content.to_owned()));
        }
    }
    all
}

fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, content) in parts {
        let options = if path == "mimetype" { stored } else { deflated };
        zip.start_file(path.as_str(), options).expect("an entry");
        zip.write_all(content.as_bytes()).expect("its content");
    }
    zip.finish().expect("an archive").into_inner()
}

/// Writes another unpacked size into every header of an archive.
fn lie_about_sizes(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    for (mark, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        for place in 0..bytes.len().saturating_sub(40) {
            if bytes[place..].starts_with(mark) {
                bytes[place + at..place + at + 4].copy_from_slice(&size.to_le_bytes());
            }
        }
    }
    bytes
}

/// Records of an old workbook: each line the type and the bytes, in hexadecimal.
fn records(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (kind, data) = line.split_once(' ').unwrap_or((line, ""));
        let data: String = data.chars().filter(|c| *c != ' ').collect();
        let byte = |at: usize| u8::from_str_radix(&data[at..at + 2], 16).expect("hexadecimal");
        let data: Vec<u8> = (0..data.len()).step_by(2).map(byte).collect();
        out.extend(u16::from_str_radix(kind, 16).expect("a type").to_le_bytes());
        out.extend(u16::try_from(data.len()).expect("a short record").to_le_bytes());
        out.extend(data);
    }
    out
}

const SECTOR: usize = 512;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// A compound file with one stream, `Workbook`: the table in sector 0, the directory in 1, then the stream.
fn compound(stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4096).next_multiple_of(SECTOR), 0);
    let sectors = u32::try_from(stream.len() / SECTOR).expect("small");
    let mut out = vec![0_u8; SECTOR];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    put(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    put(44, &1_u32.to_le_bytes());
    put(48, &1_u32.to_le_bytes());
    put(56, &4096_u32.to_le_bytes());
    put(60, &END.to_le_bytes());
    put(68, &END.to_le_bytes());
    (0..109).for_each(|place| put(76 + 4 * place, &FREE.to_le_bytes()));
    put(76, &0_u32.to_le_bytes());
    let last = 2 + sectors - 1;
    let next = |id: u32| match id {
        0 => 0xffff_fffd,
        1 => END,
        id if id < last => id + 1,
        id if id == last => END,
        _ => FREE,
    };
    assert!(last < 128, "one sector of table");
    out.extend((0..128).flat_map(|id| next(id).to_le_bytes()));
    let len = u32::try_from(stream.len()).expect("small");
    for (name, kind, start, len) in [("Root Entry", 5, END, 0), ("Workbook", 2, 2, len)] {
        let mut entry = [0_u8; 128];
        for (place, unit) in name.encode_utf16().enumerate() {
            entry[2 * place..2 * place + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = u8::try_from(2 * name.len() + 2).expect("small");
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&len.to_le_bytes());
        out.extend(entry);
    }
    out.resize(out.len() + 256, 0);
    out.extend(stream);
    out
}

/// The directory's chain leads back to itself.
fn circle(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[SECTOR + 4..SECTOR + 8].copy_from_slice(&1_u32.to_le_bytes());
    bytes
}
