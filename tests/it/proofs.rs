//! A proof in the hands of somebody who has only public tools: the script of
//! `docs/checking-a-proof.md`, as it stands there, accepts what is true and nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use tiers_protocol::tlog::LedgerProof;

use crate::harness::world::{MONTH, World};
use crate::harness::{Dice, figure, full};

pub fn script() -> String {
    let page = include_str!("../../docs/checking-a-proof.md");
    let (_, rest) = page.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

pub fn checked(script: &Path, dir: &Path) -> String {
    let done = Command::new("sh").arg(script).arg(dir).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap().trim_end().to_owned();
    assert_eq!(
        done.status.success(),
        said == "verified",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    said
}

/// Files of a proof, taken apart by the command.
fn taken_apart(folder: &Path) -> (World, std::path::PathBuf) {
    let world = World::stocked();
    // More entries, so that the path has several hashes.
    for _ in 0..3 {
        world.officer.client.get("/v1/acts?reason=essai").ok();
    }
    let released = world.principal.release(&world.programme.id, MONTH);
    let (_, certificate) = world.principal.documents(&released.release);
    fs::write(folder.join("certificate.json"), certificate).unwrap();
    let trust = world.server.anonymous().get("/v1/trust").bytes;
    fs::write(folder.join("trust.json"), trust).unwrap();
    let words = ["ledger", "proof", "certificate.json", "--out", "proof"];
    let done = Command::new(env!("CARGO_BIN_EXE_tiers")).args(words).current_dir(folder).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    (world, folder.join("proof"))
}

#[test]
fn log_12_the_script_of_the_page_verifies_a_proof_with_public_tools_only() {
    let folder = tempfile::tempdir().unwrap();
    let (_world, proof) = taken_apart(folder.path());
    let file = folder.path().join("check.sh");
    fs::write(&file, script()).unwrap();
    assert_eq!(checked(&file, &proof), "verified");
    let change = |name: &str, from: &str, to: &str| {
        let path = proof.join(name);
        let good = fs::read_to_string(&path).unwrap();
        let bad = good.replacen(from, to, 1);
        assert_ne!(good, bad, "{name}");
        fs::write(&path, bad).unwrap();
        let said = checked(&file, &proof);
        fs::write(path, good).unwrap();
        said
    };
    let entry = fs::read_to_string(proof.join("entry.json")).unwrap();
    let object = entry.split("\"object\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(change("entry.json", object, "rel_other"), "not verified: the path of the entry");
    assert_eq!(
        change("document.json", "certificate", "certificat"),
        "not verified: the commitment"
    );
    assert_eq!(
        change("entry.tlog-proof", "index ", "index 1"),
        "not verified: the position of the entry"
    );
    let salt = fs::read_to_string(proof.join("salt.hex")).unwrap();
    let other = if salt.starts_with('0') { "1" } else { "0" };
    assert_eq!(change("salt.hex", &salt[..1], other), "not verified: the commitment");
    let signed = fs::read_to_string(proof.join("entry.tlog-proof")).unwrap();
    let size = signed.split("\n\n").nth(1).unwrap().lines().nth(1).unwrap().to_owned();
    let grown = format!("\n{}\n", size.parse::<u64>().unwrap() + 1);
    let said = change("entry.tlog-proof", &format!("\n{size}\n"), &grown);
    assert_eq!(said, "not verified: the signature of the checkpoint");
    assert_eq!(checked(&file, &proof), "verified");
}

/// Test A8: no proof that differs from a good one by one byte, somewhere, is accepted.
#[test]
fn log_12_ten_thousand_changed_proofs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (world, proof) = taken_apart(folder.path());
    let verifier = world.server.trust().ledger_verifier().unwrap();
    let entry = fs::read(proof.join("entry.json")).unwrap();
    let good = fs::read(proof.join("entry.tlog-proof")).unwrap();
    let accepts = |bytes: &[u8]| {
        LedgerProof::parse(bytes).is_ok_and(|proof| proof.verify(&entry, &verifier).is_ok())
    };
    assert!(accepts(&good));
    let mut dice = Dice(8);
    for _ in 0..if full() { 100_000 } else { 10_000 } {
        let mut bad = good.clone();
        let at = usize::try_from(dice.below(bad.len() as u64)).unwrap();
        let by = u8::try_from(1 + dice.below(255)).unwrap();
        bad[at] ^= by;
        assert!(!accepts(&bad), "{at} {by}");
    }
    let count = if full() { 100_000 } else { 10_000 };
    figure("A8", &format!("1 good proof accepted offline, {count} altered ones: 0 accepted"));
}
