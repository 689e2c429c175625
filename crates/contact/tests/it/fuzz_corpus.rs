//! The kept corpus of the fuzzer, run over the same functions without a fuzzer (`fuzz/README.md`): what
//! was ever found there stays found.
//!
//! The seeds are made here too, of the hostile cases, the vectors and the sample network, when asked.

use std::{
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use zip::ZipArchive;

#[path = "../../../../fuzz/src/contact.rs"]
mod targets;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_corpus_of_the_fuzzer_holds_its_properties() {
    for (name, target) in targets::TARGETS {
        let files = files(&corpus().join(name));
        assert!(files.len() >= 2, "{name}: {} files", files.len());
        for file in files {
            let data = fs::read(&file).unwrap();
            if std::panic::catch_unwind(|| target(&data)).is_err() {
                panic!("{}", file.display());
            }
        }
    }
}

#[test]
fn the_corpus_stays_small_and_each_folder_has_a_target() {
    let known = targets::TARGETS.iter().map(|(name, _)| *name).chain(["documents"]);
    let known: std::collections::BTreeSet<&str> = known.collect();
    let mut bytes = 0;
    for folder in files(&corpus()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(known.contains(&*name), "{name} has no target");
        bytes += files(&folder).iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>();
    }
    assert!(bytes < 3 << 20, "{bytes} bytes");
}

/// Longest seed: the fuzzer is quick on short input.
const SEED_MAX: usize = 16 << 10;

fn seed(target: &str, name: &str, data: &[u8]) {
    if (1..=SEED_MAX).contains(&data.len()) {
        let folder = corpus().join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), data).unwrap();
    }
}

#[test]
#[ignore = "writes the seeds of fuzz/corpus anew; by hand, before fuzzing"]
fn seeds_are_written() {
    hostile_seeds();
    vector_seeds();
    for name in ["dealer_03.csv", "dealer_11.csv", "dealer_13.csv", "dealer_14.csv"] {
        let text = fs::read(crate::support::samples().join(name)).unwrap();
        let lines = text.split_inclusive(|byte| *byte == b'\n').take(6);
        seed("delimited", name, &[vec![1], lines.collect::<Vec<_>>().concat()].concat());
    }
    let token = tiers_contact::Token::from_bytes([0x5a; 32]).to_base64url();
    seed("token", "text", token.as_bytes());
    seed("token", "bytes", &[0x5a; 32]);
    for (target, name) in [("xlsx", "dealer_12.xlsx"), ("ods", "dealer_09.ods")] {
        let mut parts = parts_of(&fs::read(crate::support::samples().join(name)).unwrap());
        // The first rows are enough, and quick.
        parts.truncate(SEED_MAX);
        seed(target, name, &parts);
    }
}

/// The parts of a workbook that its reader looks at, as `== path` and their text.
fn parts_of(workbook: &[u8]) -> Vec<u8> {
    let mut zip = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = Vec::new();
    for place in 0..zip.len() {
        let mut part = zip.by_index(place).unwrap();
        let wanted = ["sheet1.xml", "sharedStrings.xml", "workbook.xml", "content.xml"];
        let name = part.name().unwrap().into_owned();
        if wanted.iter().any(|end| name.ends_with(end)) {
            text.extend_from_slice(format!("== {name}\n").as_bytes());
            part.read_to_end(&mut text).unwrap();
            text.push(b'\n');
        }
    }
    text
}

fn hostile_seeds() {
    for path in files(&crate::hostile::folder()) {
        if path.extension().is_none_or(|extension| extension != "case") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "ods-rows-repeated" {
            // A million rows in every mutant: the fuzzer would do nothing else.
            continue;
        }
        let case = crate::hostile::Case::read(&path);
        let text = fs::read(&path).unwrap();
        let head = String::from_utf8_lossy(&text);
        let build = head.lines().find_map(|line| line.strip_prefix("build: ")).unwrap_or_default();
        let file = case.file();
        match build {
            "xlsx" => seed("xlsx", name, &case.body),
            "parts" if name.starts_with("ods") => seed("ods", name, &case.body),
            _ => {}
        }
        if file.starts_with(b"PK") {
            seed("archive", name, &file);
        } else if file.starts_with(&[0xd0, 0xcf]) {
            seed("xls", name, &file);
        } else {
            seed("delimited", name, &[&[1], &file[..]].concat());
        }
    }
}

/// Inputs of the vectors: each for itself, and as the cells of rows.
fn vector_seeds() {
    let mut columns: Vec<Vec<String>> = Vec::new();
    // The columns of the target, in its order; those that no vector speaks of stay empty.
    let order = [
        "", "last", "first", "date", "email", "phone", "street", "postcode", "", "siret", "card",
        "day", "amount",
    ];
    for name in order {
        let file = match name {
            "last" | "first" => "name",
            "day" => "date",
            other => other,
        };
        let key = if matches!(name, "last" | "first") { name } else { "in" };
        columns.push(inputs(file, key));
        for (place, input) in inputs(file, key).iter().enumerate() {
            seed("normalise", &format!("{file}-{key}-{place}"), input.as_bytes());
        }
    }
    for first in (0..80_usize).step_by(8) {
        let mut file = vec![u8::try_from(first / 8).unwrap()];
        for row in first..first + 8 {
            let cell = |column: &Vec<String>| match column.len() {
                0 => String::new(),
                length => column[row % length].replace(['\t', '\n'], " "),
            };
            file.extend(columns.iter().map(cell).collect::<Vec<_>>().join("\t").bytes());
            file.push(b'\n');
        }
        seed("prepare", &format!("vectors-{first}"), &file);
    }
}

fn inputs(file: &str, key: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1");
    let Ok(text) = fs::read_to_string(folder.join(format!("{file}.json"))) else {
        return Vec::new();
    };
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = whole["cases"].as_array().unwrap().iter();
    cases.filter_map(|case| case[key].as_str().map(str::to_owned)).collect()
}
