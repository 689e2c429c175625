//! A file read in blocks gives what the same file gives when it is read whole, to the byte, however its bytes
//! come and wherever it is cut.

use std::convert::Infallible;

use proptest::prelude::*;
use tiers_contact::{
    Account, CellColumn, CellStream, Cells, FileKind, Kind, Known, Merge, PrepareError,
    PrepareOptions, Reject, Streamed, Sum, Tokeniser, Utf8Evidence, Verdict, heading, is_workbook,
    read_and_normalise,
};

use crate::{
    hostile::{self, Case},
    support::{options, samples},
};

/// All that a party gets of a file.
#[derive(Debug, PartialEq)]
struct Result {
    account: Account,
    rejects: Vec<Reject>,
    csv: String,
    sources: Vec<Option<u64>>,
}

fn tokeniser() -> Tokeniser {
    Tokeniser::new(&[5; 32], "streams")
}

fn whole(bytes: &[u8], options: &PrepareOptions) -> std::result::Result<Result, PrepareError> {
    let prepared = read_and_normalise("a", bytes, options)?;
    let body = prepared.body(&tokeniser());
    let csv = String::from_utf8(body.csv).expect("ASCII");
    let account = prepared.account();
    Ok(Result { account, rejects: prepared.rejects, csv, sources: body.line_to_row })
}

/// How the bytes come.
#[derive(Clone, Copy, Debug)]
struct Ways {
    head: usize,
    push: usize,
    block: usize,
}

/// What a caller does that has one thread and keeps everything.
fn streamed(
    bytes: &[u8],
    options: &PrepareOptions,
    ways: Ways,
) -> std::result::Result<(Result, usize), PrepareError> {
    let mut known = Known::default();
    for readings in 1.. {
        assert!(readings < 4, "it never ends");
        let head = bytes.get(..ways.head).unwrap_or(bytes);
        let stream = Streamed::begin(head, head.len() == bytes.len(), options, known)?;
        let mut cutter = stream.cutter(ways.block);
        let mut blocks: Vec<_> =
            bytes.chunks(ways.push).flat_map(|piece| cutter.push(piece)).collect();
        blocks.extend(cutter.finish());
        let (mut sum, mut runs, mut rejects) = (Sum::default(), Vec::new(), Vec::new());
        for block in blocks {
            let mut part = stream.read(block).map_err(|error| sum.place(error))?;
            let mut lines = stream.lines(&mut part, &tokeniser());
            let shift = sum.add(&stream, &part);
            lines.shift(shift);
            runs.push(lines.into_run());
            let moved = |reject: &Reject| Reject { row: reject.row + shift, ..reject.clone() };
            rejects.extend(part.rejects().iter().map(moved));
        }
        runs.push(stream.canaries(&tokeniser()).into_run());
        let heading = heading(options.kind, &options.kinds, &options.margins);
        match stream.finish(sum)? {
            Verdict::Again(more) => known = more,
            Verdict::Done(mut account) => {
                let mut sources = Vec::new();
                let mut csv = heading;
                let mut last = Vec::new();
                let Ok(()) = Merge::new(runs).each(|line, source| {
                    account.duplicates += u64::from(source > 0 && last == line);
                    last = if source > 0 { line.to_vec() } else { last.clone() };
                    csv.extend_from_slice(line);
                    sources.push((source > 0).then_some(source));
                    Ok::<_, Infallible>(())
                });
                let csv = String::from_utf8(csv).expect("ASCII");
                return Ok((Result { account, rejects, csv, sources }, readings));
            }
        }
    }
    unreachable!("the loop above has no end")
}

/// The columns of a file and its cells as they are written.
type Table = (Vec<CellColumn>, Vec<Vec<String>>);

fn table(cells: &Cells) -> Table {
    let columns = cells.columns();
    let row = |row| (0..columns.len()).map(|column| cells.text(row, column).to_string()).collect();
    (columns.to_vec(), (0..cells.len()).map(row).collect())
}

/// The cells of a text that comes in blocks, as a caller has them who goes through it twice.
fn streamed_cells(
    bytes: &[u8],
    options: &PrepareOptions,
    ways: Ways,
) -> std::result::Result<Table, PrepareError> {
    let head = bytes.get(..ways.head).unwrap_or(bytes);
    let begin = |utf8| CellStream::begin(head, head.len() == bytes.len(), options, utf8);
    let blocks = |stream: &CellStream| {
        let mut cutter = stream.cutter(ways.block);
        let mut blocks: Vec<_> =
            bytes.chunks(ways.push).flat_map(|piece| cutter.push(piece)).collect();
        blocks.extend(cutter.finish());
        blocks
    };
    let mut stream = begin(None)?;
    if !stream.is_sure() {
        let mut spoken = Utf8Evidence::default();
        blocks(&stream).iter().for_each(|block| spoken.add(block.utf8()));
        if let Some(utf8) = stream.settles(spoken) {
            stream = begin(Some(utf8))?;
        }
    }
    let mut rows = Vec::new();
    for block in blocks(&stream) {
        let cells = stream.read(block, rows.len())?;
        rows.extend(table(&cells).1);
    }
    Ok((stream.columns().to_vec(), rows))
}

/// Both ways, to the byte or to the refusal.
fn compare(name: &str, bytes: &[u8], options: &PrepareOptions, ways: Ways) -> usize {
    let cells = Cells::read(bytes, options).map(|cells| table(&cells));
    let same = cells == streamed_cells(bytes, options, ways);
    assert!(same, "{name}, {ways:?}: other cells, or another refusal");
    match (whole(bytes, options), streamed(bytes, options, ways)) {
        (Ok(one), Ok((other, readings))) => {
            assert!(one == other, "{name}, {ways:?}: {:?}\n{:?}", one.account, other.account);
            readings
        }
        (Err(one), Err(other)) => {
            assert_eq!(format!("{one:?}"), format!("{other:?}"), "{name}, {ways:?}");
            0
        }
        (one, other) => panic!(
            "{name}, {ways:?}: whole {:?}, in blocks {:?}",
            one.map(|result| result.account),
            other.map(|(result, _)| result.account)
        ),
    }
}

fn every_kind(kind: FileKind) -> PrepareOptions {
    PrepareOptions { kinds: Kind::ALL.to_vec(), max_reject_permille: 1000, ..options(kind) }
}

#[test]
fn every_sample_is_the_same_in_blocks() {
    let mut count = 0;
    for entry in std::fs::read_dir(samples()).expect("the samples") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).expect("a sample");
        let text = [".csv", ".tsv", ".txt"].iter().any(|end| name.ends_with(end));
        if !text || !(name.starts_with("dealer") || name.starts_with("brand")) {
            continue;
        }
        let kind = if name.starts_with("brand") { FileKind::Leads } else { FileKind::Sales };
        for (push, block) in [(1 << 20, 1 << 20), (4_099, 3_000), (997, 100)] {
            let ways = Ways { head: 20_000, push, block };
            compare(&name, &bytes, &every_kind(kind), ways);
        }
        count += 1;
    }
    assert!(count > 8, "{count} samples only");
}

#[test]
fn every_hostile_text_is_the_same_in_blocks() {
    let mut count = 0;
    for entry in std::fs::read_dir(hostile::folder()).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "case") {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        // Large ones are made here, and would be made for nothing.
        if ["xls", "ods-", "zip-"].iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let case = Case::read(&path);
        let file = case.file();
        assert!(!is_workbook(&file), "{name}");
        let small: &[_] = if file.len() < 100_000 { &[(7, 1), (1000, 60)] } else { &[] };
        for (push, block) in small.iter().chain(&[(1 << 20, 1 << 20), (1 << 16, 5_000)]) {
            let ways = Ways { head: usize::MAX, push: *push, block: *block };
            compare(&path.to_string_lossy(), &file, &case.options(), ways);
        }
        count += 1;
    }
    assert!(count > 80, "{count} cases only");
}

const LINE: &str = "Zo\u{e9};jean.dupont@free.fr;08/06/2024;12,50\n";

/// What only the end of a file tells is read again with what the end told.
#[test]
fn the_end_of_a_file_may_speak_against_its_beginning() {
    let heading = "Prénom;E-mail;Date de vente;Montant\n";
    let ascii = "Luc;luc@free.fr;08/06/2024;10\n".repeat(200);
    let head = heading.len() + 2000;
    let ways = Ways { head, push: 500, block: 1000 };
    let options = every_kind(FileKind::Sales);
    let read = |bytes: &[u8], ways| compare("made", bytes, &options, ways);
    // Nothing speaks against it.
    let plain = format!("{heading}{ascii}");
    assert_eq!(read(plain.as_bytes(), ways), 1);
    // Month first, said by the last row only.
    let american = format!("{heading}{ascii}Zoe;zoe@free.fr;06/25/2024;10\n");
    assert_eq!(read(american.as_bytes(), ways), 2);
    // And taken back by one more.
    let both = format!("{american}Zoe;zoe@free.fr;25/06/2024;10\n");
    assert_eq!(read(both.as_bytes(), ways), 1);
    // Windows behind a beginning in ASCII, and behind one that looks like UTF-8.
    let latin = |text: &str| {
        text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect::<Vec<u8>>()
    };
    let bare = "Prenom;E-mail;Date de vente;Montant\n";
    let turned = [format!("{bare}{ascii}").as_bytes(), &latin(&LINE.repeat(50))].concat();
    assert_eq!(read(&turned, ways), 2);
    let mixed = [heading.as_bytes(), ascii.as_bytes(), &latin(&LINE.repeat(50))].concat();
    assert_eq!(read(&mixed, ways), 2);
    // A broken beginning of a file in UTF-8.
    let broken = [&latin(heading), ascii.as_bytes(), LINE.repeat(200).as_bytes()].concat();
    assert!(read(&broken, ways) >= 1);
}

#[test]
fn a_line_without_end_is_refused_where_it_begins() {
    let heading = "E-mail;Date de vente;Montant\n";
    let options = every_kind(FileKind::Sales);
    let rows = "a@b.fr;08/06/2024;10\n".repeat(1000);
    let ways = Ways { head: 10_000, push: 1 << 16, block: 1 << 12 };
    for (tail, code) in [
        ("z".repeat(5 << 20), "file.line_too_long"),
        (format!("\"{}", "z\n".repeat(3 << 20)), "file.quote_unclosed"),
        ("a@b.fr;\"".to_owned() + &rows, "file.quote_unclosed"),
    ] {
        let file = format!("{heading}{rows}{tail}");
        assert_eq!(compare(code, file.as_bytes(), &options, ways), 0);
        let error = streamed(file.as_bytes(), &options, ways).expect_err("a refusal");
        assert_eq!(error.code(), code);
        if let PrepareError::QuoteUnclosed { record } = error {
            assert_eq!(record, 1002);
        }
    }
}

fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}@[a-z]{2,5}\\.fr",
        "\"[a-z]{1,4}@b\\.fr\"",
        "[0-3]?[0-9]/[0-3]?[0-9]/20[0-2][0-9]",
        "[0-9]{1,4}(,[0-9]{2})?",
        "0[67][0-9]{8}",
        "\"a(\"\"|\n|\r\n|;|é)*b\"",
        "[é\" ;a]{0,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if std::env::var_os("TIERS_FULL").is_some() { 50_000 } else { 1_500 })
    })]

    #[test]
    fn any_text_is_the_same_in_blocks(
        rows in prop::collection::vec(prop::collection::vec(cells(), 1..5), 0..30),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]),
        encoding in 0..4,
        push in 1_usize..300,
        block in 1_usize..300,
    ) {
        let mut text = format!("E-mail;Date de vente;Montant;Téléphone{end}");
        for row in rows {
            text += &row.join(";");
            text += end;
        }
        let units = |little: bool| {
            let unit = move |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        let bytes = match encoding {
            0 => text.as_bytes().to_vec(),
            1 => ["\u{feff}", &text].concat().into_bytes(),
            2 => [&b"\xff\xfe"[..], &units(true)].concat(),
            _ => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
        };
        let ways = Ways { head: usize::MAX, push, block };
        compare("random", &bytes, &every_kind(FileKind::Sales), ways);
    }
}
