//! Targets of `tiers-contact`: readers, rules, whole files and tokens.
//!
//! Input is turned into a file where its container would hide it from the fuzzer (checksums,
//! compression); what must hold is asserted here and nowhere else.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use tiers_contact::normalise::{
    Reading, address, amount,
    date::{self, Order, Purpose},
    email, name, number, phone, placeholder, text,
};
use tiers_contact::{
    CellStream, Cells, FileKind, Kind, NormalisedRow, Opened, PrepareOptions, Prepared, Token,
    Tokeniser, Utf8Evidence, canaries, read_and_normalise,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A target with its name, which is that of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target of this file.
pub const TARGETS: [Target; 8] = [
    ("delimited", delimited),
    ("xlsx", xlsx),
    ("ods", ods),
    ("xls", xls),
    ("archive", archive),
    ("normalise", normalise),
    ("prepare", prepare),
    ("token", token),
];

/// A file of `kind` under a policy with every kind of identifier.
pub fn options(kind: FileKind) -> PrepareOptions {
    PrepareOptions {
        campaigns: vec!["C1".to_owned(), "C2".to_owned()],
        clamp_cents: 4_000_000,
        ..PrepareOptions::new(kind, Kind::ALL.to_vec())
    }
}

/// Delimited text: the first byte chooses kind, encoding and separator.
pub fn delimited(data: &[u8]) {
    let Some((choice, file)) = data.split_first() else { return };
    let kinds = FileKind::ALL;
    let mut options = options(kinds[usize::from(choice & 7) % kinds.len()]);
    let encodings =
        ["", "", "", "utf-8", "windows-1252", "utf-16le", "macintosh", "no such encoding"];
    let encoding = encodings[usize::from(choice >> 3 & 7)];
    options.encoding = (!encoding.is_empty()).then(|| encoding.to_owned());
    options.separator = [None, None, Some(';'), Some('"')][usize::from(choice >> 6)];
    // What a container is, is for the other targets.
    if !file.starts_with(b"PK") && !file.starts_with(&[0xd0, 0xcf]) {
        read(file, &options);
        cells(file, &options);
    }
}

/// The cells of a text are the same whether it is read whole or in small blocks.
fn cells(file: &[u8], options: &PrepareOptions) {
    let head = &file[..file.len().min(1 << 10)];
    let table = |cells: &Cells| -> Vec<Vec<String>> {
        let row =
            |row| (0..cells.columns().len()).map(|of| cells.text(row, of).to_string()).collect();
        (0..cells.len()).map(row).collect()
    };
    let whole = Cells::read(file, options).map(|cells| table(&cells));
    let blocks = |stream: &CellStream| {
        let mut cutter = stream.cutter(40);
        let mut blocks: Vec<_> = file.chunks(23).flat_map(|piece| cutter.push(piece)).collect();
        blocks.extend(cutter.finish());
        blocks
    };
    let begin = |utf8| CellStream::begin(head, head.len() == file.len(), options, utf8);
    // Headings that do not end in the beginning are none.
    let Ok(mut stream) = begin(None) else { return };
    let mut spoken = Utf8Evidence::default();
    blocks(&stream).iter().for_each(|block| spoken.add(block.utf8()));
    if let Some(utf8) = stream.settles(spoken) {
        let Ok(again) = begin(Some(utf8)) else { return };
        stream = again;
    }
    let mut rows = Vec::new();
    for block in blocks(&stream) {
        match stream.read(block, rows.len()) {
            Ok(cells) => rows.extend(table(&cells)),
            Err(_) => return,
        }
    }
    // A beginning so short may be understood otherwise than a long one: it is what a caller goes by.
    if let Ok(whole) = whole
        && head.len() == file.len()
    {
        assert_eq!(rows, whole, "cells in blocks");
    }
}

/// The parts of an XLSX: a line `== path` before each; those that every workbook has are added.
pub fn xlsx(data: &[u8]) {
    let mut parts = parts(data);
    for (path, content) in XLSX {
        if parts.iter().all(|(other, _)| *other != path.as_bytes()) {
            parts.push((path.as_bytes(), content.as_bytes()));
        }
    }
    read(&zipped(&parts), &options(FileKind::Sales));
}

/// The content of an ODS, or its parts.
pub fn ods(data: &[u8]) {
    let mimetype: (&[u8], &[u8]) = (b"mimetype", b"application/vnd.oasis.opendocument.spreadsheet");
    let given = parts(data);
    let mut parts = vec![mimetype];
    if given.is_empty() {
        parts.push((b"content.xml", data));
    }
    parts.extend(given.into_iter().filter(|(path, _)| *path != b"mimetype"));
    read(&zipped(&parts), &options(FileKind::Sales));
}

/// An old workbook as it is.
pub fn xls(data: &[u8]) {
    read(data, &options(FileKind::Sales));
}

/// A ZIP container as it is.
pub fn archive(data: &[u8]) {
    read(data, &options(FileKind::Sales));
}

/// Rows of cells under headings that are recognised: whole files that mean something.
pub fn prepare(data: &[u8]) {
    let Some((choice, cells)) = data.split_first() else { return };
    let kinds = FileKind::ALL;
    let kind = kinds[usize::from(*choice) % kinds.len()];
    let cells = String::from_utf8_lossy(cells);
    let headings = "Civilité;Nom;Prénom;Date de naissance;E-mail;Téléphone;Adresse;Code postal;Ville;\
                    SIRET;N° carte;Date de vente;Montant TTC;Date du lead;Campagne";
    let columns = headings.split(';').count();
    let mut file = format!("{headings}\n");
    for row in cells.split('\n') {
        let row: Vec<String> = row.split('\t').take(columns).map(quoted).collect();
        file += &row.join(";");
        file.push('\n');
    }
    read(file.as_bytes(), &options(kind));
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Reads a file and holds the account of its rows against the body made of them.
fn read(file: &[u8], options: &PrepareOptions) {
    let prepared = match read_and_normalise("fuzz", file, options) {
        Ok(prepared) => prepared,
        Err(error) => {
            assert!(error.code().contains('.'));
            return;
        }
    };
    let good: BTreeSet<u64> = prepared.rows.iter().map(|row| row.source_row).collect();
    let bad: BTreeSet<u64> = prepared.rejects.iter().map(|reject| reject.row).collect();
    assert!(good.is_disjoint(&bad), "a row both good and rejected");
    assert_eq!(good.len(), prepared.rows.len(), "a row twice");
    assert_eq!(bad.len(), prepared.rejects.len(), "a reject twice");
    let known = |row: &NormalisedRow, kind: Kind| {
        row.digest(kind).is_some() || row.near(kind).next().is_some()
    };
    assert!(prepared.rows.iter().all(|row| Kind::ALL.iter().any(|kind| known(row, *kind))));
    let body = checked_body(&prepared);
    // In two parts, the same comes out.
    let opened = Opened::new(file, options).expect("it opened before");
    let middle = opened.len() / 2;
    let parts = [opened.read(0..middle), opened.read(middle..opened.len())];
    let again = opened.finish(parts).expect("it was read before");
    assert_eq!(again.rejects, prepared.rejects, "rejects of the parts");
    assert_eq!(checked_body(&again), body, "body of the parts");
}

/// The body: as many lines as rows and canaries, each of tokens and attributes in their form, sorted.
fn checked_body(prepared: &Prepared) -> Vec<u8> {
    let body = prepared.body(&Tokeniser::new(&[7; 32], "fuzz"));
    assert_eq!(body.line_to_row.len(), prepared.rows.len() + canaries().len());
    let csv = std::str::from_utf8(&body.csv).expect("text");
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(lines.len(), body.line_to_row.len());
    assert!(lines.is_sorted());
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), body.columns.len());
        for (name, cell) in body.columns.iter().zip(cells) {
            let Some(kind) = name.strip_prefix("token_") else { continue };
            let kind: Kind = kind.parse().expect("a kind");
            let tokens: Vec<&str> = cell.split(' ').filter(|text| !text.is_empty()).collect();
            assert!(tokens.iter().all(|text| Token::from_base64url(text).is_some()), "{name}");
            let count = tokens.len();
            assert!(count == kind.tokens_per_row() || (count == 0 && !kind.is_near()), "{name}");
        }
    }
    body.csv
}

/// Every rule: no panic, and a second pass changes nothing.
pub fn normalise(data: &[u8]) {
    let cell = &*String::from_utf8_lossy(data);
    let twice = |rule: fn(&str) -> Reading<String>| {
        if let Some(out) = rule(cell).value() {
            assert_eq!(rule(&out).value().as_ref(), Some(&out), "a second time");
        }
    };
    for rule in [email::normalise, address::normalise, number::card, number::siret] {
        twice(rule);
    }
    twice(number::postcode);
    let phones = phone::normalise(cell);
    for e164 in phones.mobile.iter().chain(&phones.landline) {
        let again = phone::normalise(e164);
        assert_eq!(again.mobile.or(again.landline).as_ref(), Some(e164), "a second time");
    }
    let clean = text::clean(cell);
    assert_eq!(text::clean(&clean), clean, "cleaned twice");
    let folded = text::folded(cell);
    assert_eq!(text::folded(&folded), folded, "folded twice");
    let _ = placeholder::is_placeholder(cell);
    names(cell);
    dates_and_amounts(cell);
}

fn names(cell: &str) {
    let (first, last) = cell.split_once('\n').unwrap_or((cell, cell));
    let one = name::normalise(first, last);
    assert_eq!(one, name::normalise(last, first), "the order of names");
    if let Some(out) = one.value()
        && let Some((a, b)) = out.split_once('|')
    {
        assert_eq!(name::normalise(a, b).value().as_deref(), Some(&*out), "a second time");
    }
    let _ = name::normalise_full(cell);
}

fn dates_and_amounts(cell: &str) {
    for order in [Order::DayFirst, Order::MonthFirst] {
        for purpose in [Purpose::Birth, Purpose::Event] {
            if let Some(day) = date::parse(cell, order, purpose) {
                assert_eq!(date::parse(&day.to_string(), order, purpose), Some(day));
            }
        }
    }
    if let Some(cents) = amount::parse(cell) {
        let sign = if cents < 0 { "-" } else { "" };
        let absolute = cents.unsigned_abs();
        let written = format!("{sign}{},{:02}", absolute / 100, absolute % 100);
        assert_eq!(amount::parse(&written), Some(cents), "an amount twice");
    }
    let mut bytes = [0; 8];
    let length = cell.len().min(8);
    bytes[..length].copy_from_slice(&cell.as_bytes()[..length]);
    let number = f64::from_le_bytes(bytes);
    let _ = (date::from_serial(number, Purpose::Birth), amount::from_number(number));
}

/// One token has one text.
pub fn token(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(token) = Token::from_base64url(text)
    {
        assert_eq!(token.to_base64url(), text);
    }
    if let Ok(bytes) = <[u8; 32]>::try_from(data) {
        let text = Token::from_bytes(bytes).to_base64url();
        let back = Token::from_base64url(&text).expect("its own text");
        assert!(*back.as_bytes() == bytes);
    }
}

/// Splits `== path` lines and what stands under them.
fn parts(data: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mark = b"== ";
    let starts: Vec<usize> = (0..data.len())
        .filter(|at| data[*at..].starts_with(mark) && (*at == 0 || data[*at - 1] == b'\n'))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    let mut parts: Vec<(&[u8], &[u8])> = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let part = &data[start + mark.len()..end];
        let Some(line) = part.iter().position(|byte| *byte == b'\n') else { continue };
        let (path, content) = (&part[..line], part[line + 1..].trim_ascii_end());
        // A path twice is not a workbook that anything writes; the writer refuses it.
        if parts.iter().all(|(other, _)| *other != path) {
            parts.push((path, content));
        }
    }
    parts
}

fn zipped(parts: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, content) in parts {
        let path = String::from_utf8_lossy(path);
        if zip.start_file(path, stored).is_ok() {
            zip.write_all(content).expect("memory");
        }
    }
    zip.finish().expect("memory").into_inner()
}

const XLSX: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ventes" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];
