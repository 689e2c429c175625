//! Memory of the exchange of a million records: what the parties' commands and the certifier take follows neither
//! the length of files nor the number of records, but for a few bytes of each that a command has to know again.
//! Measured on the real binaries, as the high-water marks of their processes. Fifty thousand records; a million in
//! the long form (`TIERS_FULL=1`).
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::process::Command;

use serde_json::{Value, json};
use tiers_protocol::entropy::System;
use tiers_protocol::rights_key::RightsKey;

use super::commands::Desk;
use super::{Deal, address};
use crate::harness::full;
use crate::harness::peak::{forget_mark, mark_kib, measured};

/// What the certifier may take, whatever the number of records: two batches of twenty thousand events that are
/// recorded side by side, and the pages that the writer keeps.
const CERTIFIER: Bound = Bound { mib: 384, bytes_a_record: 0 };

/// What a process may take, and bytes more for each record.
#[derive(Clone, Copy)]
struct Bound {
    mib: u64,
    bytes_a_record: u64,
}

/// What the commands of parties may take.
const IMPORT: Bound = Bound { mib: 192, bytes_a_record: 0 };
/// Half a digest of each person, to find duplicates.
const SEND: Bound = Bound { mib: 64, bytes_a_record: 56 };
/// One record in a hundred with its proof.
const REVIEW: Bound = Bound { mib: 32, bytes_a_record: 24 };
const HAND_OVER: Bound = Bound { mib: 32, bytes_a_record: 0 };
/// Half a digest of each contact that the recipient has already.
const OPEN: Bound = Bound { mib: 32, bytes_a_record: 40 };

impl Bound {
    fn holds(&self, what: &str, kib: u64, records: u64) {
        let bound = self.mib * 1024 + self.bytes_a_record * records / 1024;
        let _ =
            writeln!(std::io::stderr(), "{what}: {} MiB at most for {records} records", kib >> 10);
        assert!(kib > 4 * 1024, "{what}: {kib} KiB are no measurement");
        assert!(kib < bound, "{what} took {kib} KiB for {records} records, above {bound} KiB");
    }
}

/// A command of a party; what it said.
fn run(desk: &Desk, (bound, records): (Bound, u64), words: &str, who: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tiers"));
    command.arg("--json").args(words.split_whitespace()).args(["--to", desk.url()]);
    let (done, most) =
        measured(command.arg("--credentials").arg(desk.path(who)).current_dir(desk.path("")));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(done.status.success(), "{words}: {said}");
    let what: Vec<&str> = words.split_whitespace().take(2).collect();
    bound.holds(&what.join(" "), most, records);
    said
}

#[test]
fn memory_does_not_follow_the_number_of_records() {
    let records: usize = if full() { 1_000_000 } else { 50_000 };
    let count = records as u64;
    let deal = Deal::process();
    let desk = Desk::of(&deal);
    let certifier = |what: &str| {
        let server = deal.market.server.child().id();
        CERTIFIER.holds(what, mark_kib(server), count);
        forget_mark(server);
    };
    desk.secret("rights.key", &RightsKey::generate(&mut System).to_file());
    desk.keys("dealer", &deal.market.dealer.secret);
    desk.keys("brand", &deal.market.brand.secret);
    desk.keys("brand-officer", &deal.officers[1]);
    desk.credentials("dealer.json", &deal.market.dealer, "partner");
    desk.credentials("brand.json", &deal.market.brand, "principal");
    let agreement = deal.approved();

    let digest = "ab".repeat(32);
    write_lines(&desk, "salon.csv", "email;date;screenshot;terminal;ticked", records, |n| {
        format!("{};2026-03-01;{digest};{digest};oui", address(n))
    });
    desk.secret("shared.json", &json!({"kind": "form", "version": "1"}).to_string());
    let form = deal.market.web_form();
    let words = "--key rights.key --evidence shared.json --links links.csv";
    let words = format!("consent import salon.csv --form {form} {words}");
    let said = run(&desk, (IMPORT, count), &words, "dealer.json");
    assert_eq!((&said["events"], &said["quarantined"]), (&json!(count), &json!(0)));
    let links = BufReader::new(File::open(desk.path("links.csv")).unwrap()).lines();
    assert_eq!(links.count(), records + 1);
    certifier("recording");

    // Three hundred bytes of a record, by and large.
    let street = "rue de la République prolongée et du Général de Gaulle ".repeat(3);
    write_lines(
        &desk,
        "customers.csv",
        "Email;Prénom;Nom;Adresse;Date de collecte;Preuve",
        records,
        |n| format!("{};Ada;Lovelace;{n} {street};01/08/2025;SCAN-{n}", address(n)),
    );
    let words = "--channel email --rights-key rights.key --party-key dealer --out batch";
    let words = format!("exchange send customers.csv --exchange {} {words}", agreement.exchange);
    let said = run(&desk, (SEND, count), &words, "dealer.json");
    assert_eq!(said["batch"]["records"], json!(count));
    certifier("receiving");
    let batch = said["batch"]["batch"].as_str().unwrap().to_owned();
    let officer = "--officer-key brand-officer --party-pub brand/party.pub";
    let words = format!("exchange review {batch} {officer} --out sample.csv");
    let said = run(&desk, (REVIEW, count), &words, "brand.json");
    assert_eq!(said["drawn"], json!(count.div_ceil(100)));
    let sample = fs::read_to_string(desk.path("sample.csv")).unwrap();
    let mut filled = String::new();
    for (place, row) in sample.lines().enumerate() {
        let _ = writeln!(filled, "{row}{}", if place == 0 { "" } else { "proven" });
    }
    fs::write(desk.path("sample.csv"), filled).unwrap();
    let words = format!("exchange review {batch} {officer} --verdicts sample.csv");
    run(&desk, (REVIEW, count), &words, "brand.json");
    certifier("the sample");
    run(&desk, (HAND_OVER, count), &format!("exchange hand-over {batch}"), "dealer.json");
    certifier("the hand-over");
    let words =
        format!("exchange open {batch} --party-key brand --out contacts.csv --known known.csv");
    // Half of them the brand has.
    write_lines(&desk, "known.csv", "Email", records / 2, address);
    let said = run(&desk, (OPEN, count), &words, "brand.json");
    assert_eq!(
        (&said["written"], &said["dropped"]),
        (&json!(count - count / 2), &json!(count / 2))
    );
    certifier("the fetching");
}

fn write_lines(desk: &Desk, name: &str, heading: &str, rows: usize, row: impl Fn(usize) -> String) {
    let mut file = BufWriter::new(File::create(desk.path(name)).unwrap());
    writeln!(file, "{heading}").unwrap();
    for n in 0..rows {
        writeln!(file, "{}", row(n)).unwrap();
    }
    file.flush().unwrap();
}
