//! The sample network, read as it is: every row accounted for, and how many true pairs the four keys find.
//!
//! The bars are those of `docs/formats/normalisation-v1.md`, "Quality".

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use tiers_contact::{FileKind, Kind, PrepareOptions, Prepared, read_and_normalise};

const KINDS: [Kind; 4] = [Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/network")
}

fn options(kind: FileKind) -> PrepareOptions {
    let campaigns =
        fs::read_to_string(folder().join("campaigns.csv")).expect("the list of campaigns");
    let campaigns = campaigns.lines().skip(1).filter_map(|line| line.split(',').next());
    PrepareOptions {
        kind,
        kinds: KINDS.to_vec(),
        campaigns: campaigns.map(str::to_owned).collect(),
        clamp_cents: 4_000_000,
        max_reject_permille: 50,
        map: Vec::new(),
        encoding: None,
        separator: None,
        sheet: None,
    }
}

fn read(name: &str, kind: FileKind) -> Prepared {
    let bytes = fs::read(folder().join(name)).expect("a sample file");
    match read_and_normalise(name, &bytes, &options(kind)) {
        Ok(prepared) => prepared,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// Name, data rows, encoding, separator.
const DEALERS: [(&str, u64, &str, Option<char>); 14] = [
    ("dealer_01.csv", 427, "windows-1252", Some(';')),
    ("dealer_02.xlsx", 306, "xlsx", None),
    ("dealer_03.csv", 263, "UTF-8", Some(';')),
    ("dealer_04.txt", 247, "UTF-16LE", Some('\t')),
    ("dealer_05.txt", 0, "windows-1252", Some('|')),
    ("dealer_06.xls", 0, "xls", None),
    ("dealer_07.xlsx", 185, "xlsx", None),
    ("dealer_08.csv", 169, "UTF-8", Some(',')),
    ("dealer_09.ods", 0, "ods", None),
    ("dealer_10.csv", 0, "UTF-8", Some(';')),
    ("dealer_11.csv", 0, "UTF-8", Some(',')),
    ("dealer_12.xlsx", 40, "xlsx", None),
    ("dealer_13.csv", 25, "UTF-8", Some(',')),
    ("dealer_14.csv", 9, "windows-1252", Some(';')),
];

#[test]
fn every_sample_file_is_read_as_it_is() {
    for (name, rows, encoding, separator) in DEALERS {
        let prepared = read(name, FileKind::Sales);
        let total = prepared.rows.len() + prepared.rejects.len();
        println!(
            "{name}: {} good, {} rejects, {} duplicates, {:?}",
            prepared.rows.len(),
            prepared.rejects.len(),
            prepared.duplicates,
            prepared.counts
        );
        println!("   {:?}", prepared.rejects.iter().take(5).collect::<Vec<_>>());
        if rows > 0 {
            assert_eq!(total as u64, rows, "{name}");
        } else {
            println!("   total {total}");
        }
        assert_eq!(prepared.encoding, encoding, "{name}");
        assert_eq!(prepared.separator, separator, "{name}");
    }
}

#[test]
fn true_pairs_are_found() {
    let leads = read("brand_leads.csv", FileKind::Leads);
    println!("leads {} {} {:?}", leads.rows.len(), leads.rejects.len(), leads.counts);
    let mut by_digest: BTreeMap<(Kind, [u8; 32]), Vec<u64>> = BTreeMap::new();
    for row in &leads.rows {
        for kind in KINDS {
            if let Some(digest) = row.digest(kind) {
                by_digest.entry((kind, *digest.as_bytes())).or_default().push(row.source_row);
            }
        }
    }
    let mut truth = BTreeSet::new();
    for line in fs::read_to_string(folder().join("truth.csv")).expect("truth").lines().skip(1) {
        let mut parts = line.split(',');
        let (file, row, lead) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        truth.insert((
            file.to_owned(),
            row.parse::<u64>().unwrap(),
            lead[1..].parse::<u64>().unwrap() + 1,
        ));
    }
    let mut found = BTreeSet::new();
    for (name, ..) in DEALERS {
        let stem = name.split('.').next().unwrap();
        for row in &read(name, FileKind::Sales).rows {
            for kind in KINDS {
                let Some(digest) = row.digest(kind) else { continue };
                for lead in by_digest.get(&(kind, *digest.as_bytes())).into_iter().flatten() {
                    found.insert((stem.to_owned(), row.source_row, *lead));
                }
            }
        }
    }
    let hits = found.intersection(&truth).count();
    println!(
        "found {} true {} hits {hits} precision {:.4} recall {:.4}",
        found.len(),
        truth.len(),
        hits as f64 / found.len() as f64,
        hits as f64 / truth.len() as f64
    );
    if let Ok(path) = std::env::var("PAIRS_OUT") {
        let mut out = String::new();
        for (f, r, l) in found.difference(&truth) {
            out += &format!("FP,{f},{r},L{:05}\n", l - 1);
        }
        for (f, r, l) in truth.difference(&found) {
            out += &format!("FN,{f},{r},L{:05}\n", l - 1);
        }
        fs::write(path, out).unwrap();
    }
    assert!(hits * 100 >= found.len() * 98 && hits * 100 >= truth.len() * 93);
}
