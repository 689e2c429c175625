//! The ledger against what it must never hold and what it must always hold: no contact and no token of
//! anybody, one entry for each debit and each release, and a copy that is checked without the certifier.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tiers_protocol::tlog::{Debit, EntryType};
use tiers_protocol::wire::ReleaseInfo;

use crate::erasure::tokens;
use crate::harness::figure;
use crate::harness::people::Person;
use crate::harness::server::walk;
use crate::harness::vault::content;
use crate::harness::world::{LEADS, MONTH, World};
use crate::search::Needles;

/// Every public file of a ledger, as bytes.
fn public_files(world: &World) -> Vec<Vec<u8>> {
    world.server.publish();
    let mut files = Vec::new();
    walk(&world.server.layout().ledger(), &mut files);
    assert!(files.len() > 3);
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn a7_no_contact_and_no_token_of_anybody_stands_in_the_ledger() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let mut needles = Needles::new();
    for person in 0..LEADS {
        needles.text("e-mail", &Person(person).email());
        needles.text("mobile", &Person(person).mobile());
        needles.text("name", &format!("{}.{person}", Person(person).last()));
    }
    for sent in tokens(&world, &(0..LEADS).collect::<Vec<_>>(), &[tiers_contact::Kind::Email]) {
        needles.bytes("token", sent.token.as_bytes());
    }
    for (_, _, _, at_rest, _) in content(&world) {
        needles.bytes("token at rest", &at_rest);
    }
    assert!(needles.len() > 10_000);
    let mut found = Vec::new();
    for file in public_files(&world) {
        needles.find(&file, &mut found);
    }
    assert_eq!(found, Vec::<&str>::new());
    figure(
        "A7",
        &format!("{} contacts and tokens looked for in every public file: 0 found", needles.len()),
    );
    // The search finds what is there.
    let planted = format!("x{}x", Person(3).email());
    needles.find(planted.as_bytes(), &mut found);
    assert!(found.contains(&"e-mail"));
}

#[test]
fn a10_each_debit_and_each_release_has_exactly_one_entry_and_the_other_way_round() {
    let world = World::stocked();
    for month in [MONTH, "2025-05", MONTH, "2025-04"] {
        world.principal.release(&world.programme.id, month);
    }
    let path = format!("/v1/releases?programme={}", world.programme.id);
    let releases: Vec<ReleaseInfo> = world.principal.client.get(&path).json();
    assert_eq!(releases.len(), 3);
    let (_, entries) = world.ledger();
    let named = |kind: EntryType| -> BTreeMap<String, Option<u64>> {
        let of = entries.iter().filter(|entry| entry.entry_type() == kind);
        let all: Vec<_> = of
            .map(|e| (e.object().as_str().to_owned(), e.debited().map(Debit::cost_nrho)))
            .collect();
        let unique: BTreeMap<_, _> = all.iter().cloned().collect();
        assert_eq!(unique.len(), all.len(), "an entry twice");
        unique
    };
    let published: Vec<String> = named(EntryType::ReleasePublished).into_keys().collect();
    let mut stored: Vec<String> = releases.iter().map(|of| of.release.to_string()).collect();
    stored.sort();
    assert_eq!(published, stored);
    let cost: BTreeMap<String, Option<u64>> =
        releases.iter().map(|of| (of.release.to_string(), Some(of.cost_nrho))).collect();
    assert_eq!(named(EntryType::LedgerDebit), cost);
    let said =
        format!("{} releases and debits against the entries, both ways: 0 differences", cost.len());
    figure("A10", &said);
}

fn verify(folder: &Path) -> (i32, Value) {
    let words = ["--json", "ledger", "verify", folder.to_str().unwrap()];
    let done = Command::new(env!("CARGO_BIN_EXE_tiers")).args(words).output().unwrap();
    let said = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
    (done.status.code().unwrap(), said)
}

#[test]
fn log_16_a_copy_of_the_ledger_is_verified_without_the_certifier() {
    let world = World::stocked();
    let (summary, _) = world.ledger();
    let copy = tempfile::tempdir().unwrap();
    let folder = copy.path().join("ledger");
    let ledger = world.server.layout().ledger();
    let mut files = Vec::new();
    walk(&ledger, &mut files);
    for path in &files {
        let to = folder.join(path.strip_prefix(&ledger).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(path, to).unwrap();
    }
    let trust = serde_json::to_vec(&world.server.trust()).unwrap();
    fs::write(copy.path().join("trust.json"), trust).unwrap();
    drop(world);
    let (code, said) = verify(&folder);
    assert_eq!((code, &said["verified"]), (0, &true.into()));
    assert_eq!(said["size"], summary.checkpoint.size());
    // Any file less of those that the checkpoint needs is found.
    let newest = newest(&folder, summary.checkpoint.size());
    assert_eq!(newest.len(), 2, "hashes and entries");
    for one in newest {
        let bytes = fs::read(&one).unwrap();
        fs::remove_file(&one).unwrap();
        assert_eq!(verify(&folder).0, 1);
        fs::write(&one, bytes).unwrap();
        assert_eq!(verify(&folder).0, 0);
    }
}

/// The tiles of a small ledger that end where it ends; narrower ones were replaced.
fn newest(folder: &Path, size: u64) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(&folder.join("tile"), &mut files);
    let width = format!("{}", size % 256);
    files.retain(|path| path.ends_with(&width));
    files
}
