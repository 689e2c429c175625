//! Memory of the commands that see whole files of contacts: it follows neither the length of the file nor the
//! number of rows. Measured on the real binary, as the high-water mark that Linux keeps of a process. One
//! million rows of single kinds and some with near kinds; ten million in the long form (`TIERS_FULL=1`), which takes
//! 6 GB of the disk.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "it/harness/peak.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use all of it")]
mod peak;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tiers_protocol::entropy::System;
use tiers_protocol::party::PartySecret;
use tiers_protocol::trust::Trust;

/// What `prepare` may take for a file of any length. Held whole, a million rows took 850,000 KiB.
const PREPARE_KIB: u64 = 256 * 1024;
/// Rows of the deposit that is sealed at once, near kinds included: a kilobyte and a half each.
const SEALED_ROWS: u64 = 300_000;
/// What `deposit` may take to seal a body of any length.
const DEPOSIT_KIB: u64 = 64 * 1024;

/// Runs the binary; whether it succeeded, what it printed, and its high-water mark in KiB.
fn run(dir: &Path, words: &[&str]) -> (bool, Value, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiers"));
    let (done, most) = peak::measured(command.args(words).arg("--json").current_dir(dir));
    (done.status.success(), serde_json::from_slice(&done.stdout).unwrap(), most)
}

/// Invented contacts, no two alike but every thousandth, which repeats the one before.
fn write_contacts(path: &Path, rows: u64) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "Nom;Prénom;Date de naissance;E-mail;Tél;Adresse;CP;Date de vente;Montant")
        .unwrap();
    for row in 0..rows {
        let at = if row % 1000 == 999 { row - 1 } else { row };
        let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
        let (day, month, year) = (1 + mixed % 28, 1 + mixed / 28 % 12, 1940 + mixed / 336 % 60);
        let name = char::from(b'a' + u8::try_from(mixed % 26).unwrap());
        writeln!(
            file,
            "LEFÈVRE-{name};Anaïs;{day:02}/{month:02}/{year};c{at}@orange.fr;06{:08};{} rue de l'Église;\
             {:05};{day:02}/{month:02}/2024;{},{:02} €",
            10_000_000 + at % 89_999_999,
            1 + mixed % 200,
            1000 + mixed % 94_000,
            9_000 + mixed % 30_000,
            mixed % 100,
        )
        .unwrap();
    }
    file.flush().unwrap();
}

/// A programme that is registered at a certifier nobody reaches.
fn registered(dir: &Path, from: &str, name: &str) {
    let (_, key, _) = run(dir, &["programme", "key", "show", "p.key"]);
    let keys = PartySecret::generate(&mut System).public();
    let trust = Trust::new("example".into(), "example".into(), keys.signing, keys.sealing);
    let mut programme: Value = serde_json::from_slice(&fs::read(dir.join(from)).unwrap()).unwrap();
    programme["key_id"] = key["key_id"].clone();
    programme["certifier"] = serde_json::to_value(&trust).unwrap();
    fs::write(dir.join(name), programme.to_string()).unwrap();
}

#[test]
fn memory_follows_neither_bytes_nor_rows() {
    let rows: u64 = if std::env::var_os("TIERS_FULL").is_some() { 10_000_000 } else { 1_000_000 };
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    // Single kinds only for the millions: with the near ones they would not fit on most disks.
    let policy = include_str!("../policies/disclosure/standard.toml");
    let (start, rest) = policy.split_once("bridges = [").unwrap();
    let end = rest.split_once(']').unwrap().1;
    fs::write(dir.join("single.toml"), format!("{start}bridges = []{end}")).unwrap();
    let single = ["programme", "new", "--sample", "--policy", "single.toml", "--out"];
    for words in [
        &["programme", "new", "--sample", "--out", "p.json"][..],
        &[&single[..], &["single.json"]].concat(),
        &["programme", "key", "new", "--out", "p.key"],
        &["party", "key", "new", "--out", "keys"],
    ] {
        assert!(run(dir, words).0, "{words:?}");
    }
    registered(dir, "p.json", "registered.json");
    registered(dir, "single.json", "single-registered.json");

    let prepare = |rows: u64, programme, out| {
        write_contacts(&dir.join("sales.csv"), rows);
        let words = ["prepare", "sales.csv", "--key", "p.key", "--kind", "sales", "--party-key"];
        let words = [&words[..], &["keys", "--programme", programme, "--out", out]].concat();
        let (done, said, most) = run(dir, &words);
        assert!(done, "{said}");
        fs::remove_file(dir.join("sales.csv")).unwrap();
        let deposit = &said["deposits"][0];
        assert_eq!(deposit["rows"], rows);
        assert_eq!(deposit["duplicates"], rows / 1000);
        assert!(most < PREPARE_KIB, "prepare took {most} KiB for {rows} rows");
        assert!(most > 8 * 1024, "{most} KiB are no measurement");
        println_kib("prepare", most, rows);
        deposit.clone()
    };
    // Sealing has a thread of its own, and a few pieces.
    assert_eq!(prepare(SEALED_ROWS, "registered.json", "sealed")["signed"], true);
    let lines = BufReader::new(File::open(dir.join("sealed/rows.csv")).unwrap()).lines();
    assert_eq!(lines.count() as u64, SEALED_ROWS + 1);
    fs::remove_dir_all(dir.join("sealed")).unwrap();

    // Sealed later, by `deposit`, which then finds nobody to send it to.
    assert_eq!(prepare(rows, "single.json", "out")["sealed"], false);
    let credentials = json!({ "party": "x", "api_key": "x" }).to_string();
    fs::write(dir.join("credentials.json"), credentials).unwrap();
    let words = ["deposit", "out", "--to", "http://127.0.0.1:1", "--credentials"];
    let words = [&words[..], &["credentials.json", "--party-key", "keys"]].concat();
    let words = [&words[..], &["--programme", "single-registered.json"]].concat();
    let (done, said, most) = run(dir, &words);
    assert!(!done, "{said}");
    let length = |name: &str| fs::metadata(dir.join("out").join(name)).unwrap().len();
    assert!(length("body.sealed") > length("preview.csv"), "{said}");
    assert!(most < DEPOSIT_KIB, "deposit took {most} KiB for {rows} rows");
    println_kib("deposit", most, rows);
}

#[allow(clippy::print_stdout, reason = "the figure of docs/performance.md")]
fn println_kib(command: &str, most: u64, rows: u64) {
    println!("{command}: {} MiB at most for {rows} rows", most / 1024);
}
