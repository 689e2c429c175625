//! What a party can tell that holds nothing but its own receipts and certificates: each carries a signed
//! checkpoint, and a ledger from which any act before it was dropped, moved or altered does not continue it,
//! even one that the operator signed anew, whole and sound, with the right key.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;
use tiers::crypto::keyring::Keyring;
use tiers::ledger::faults::NoFaults;
use tiers::ledger::{DirSource, Outbox, OutboxError, Sequencer};
use tiers_protocol::attested::Attested;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::{
    ActTime, Checkpoint, Entry, EntryType, LedgerProof, verify_history, verify_ledger,
};
use tiers_protocol::trust::Trust;

use crate::harness::world::{MONTH, World};

/// Entries as the operator would have them.
struct Rewritten {
    entries: Vec<Vec<u8>>,
    head: Mutex<Option<Vec<u8>>>,
}

impl Outbox for Rewritten {
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError> {
        Ok(self.head.lock().unwrap().clone())
    }

    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError> {
        Ok(self.entries.iter().skip(usize::try_from(from).unwrap()).take(max).cloned().collect())
    }

    fn swap_head(&self, _: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError> {
        *self.head.lock().unwrap() = Some(new.to_vec());
        Ok(true)
    }
}

/// A whole ledger of these entries under the certifier's key.
fn publish(world: &World, entries: Vec<Vec<u8>>, folder: &Path) {
    let keyring = Keyring::open(&world.server.folder().join("data.keyring")).unwrap();
    let sequencer = Sequencer::open(folder, keyring.ledger_signer(), NoFaults).unwrap();
    let outbox = Rewritten { entries, head: Mutex::default() };
    while sequencer.advance(&outbox).unwrap().is_some() {}
}

/// The checkpoint in a party's receipt, once the receipt is verified.
fn held(receipt: &[u8], trust: &Trust) -> Checkpoint {
    let evidence = Attested::<Receipt>::verify(receipt, trust).unwrap().evidence;
    let proof = LedgerProof::parse(evidence.proof.as_bytes()).unwrap();
    proof.verify(evidence.entry.as_bytes(), &trust.ledger_verifier().unwrap()).unwrap()
}

/// Exit code and answer of `ledger verify`, alone and with what the party holds.
fn verified(folder: &Path, ledger: &Path, held: &[&str]) -> (i32, Value) {
    let mut words = vec!["--json", "ledger", "verify", ledger.to_str().unwrap()];
    words.extend(["--trust", "trust.json"]);
    for file in held {
        words.extend(["--held", file]);
    }
    let tiers = Command::new(env!("CARGO_BIN_EXE_tiers"));
    let done = { tiers }.args(words).current_dir(folder).output().unwrap();
    (done.status.code().unwrap(), serde_json::from_slice(&done.stdout).unwrap_or(Value::Null))
}

/// An entry like another, at another time.
fn altered(entry: &Entry) -> Vec<u8> {
    let at = entry.at().timestamp().as_second() - 1;
    let at = ActTime::new(jiff::Timestamp::from_second(at).unwrap()).unwrap();
    let (kind, actor, object) = (entry.entry_type(), entry.actor(), entry.object());
    Entry::act(kind, at, actor.clone(), object.clone(), *entry.commitment()).unwrap().encode()
}

#[test]
fn log_12_a_party_with_its_receipts_alone_finds_any_act_dropped_moved_or_altered() {
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let sealed = world.sales(0, &World::small_sales(1));
    world.partners[0].deposit(&sealed).ok();
    let trust = world.server.trust();
    let verifier = trust.ledger_verifier().unwrap();
    let held = [held(&world.partners[0].receipt(&sealed.id()).ok().bytes, &trust)];
    let (_, all) = world.ledger();
    let honest: Vec<Vec<u8>> = all.iter().map(Entry::encode).collect();
    // Something of others comes after.
    world.server.operator();
    let served = DirSource::new(&world.server.layout().ledger());
    let now = verify_history(&served, &verifier, &held).unwrap();
    assert!(now.checkpoint.size() > held[0].size());

    let (last, mut tried) = (honest.len() - 1, 0);
    for place in 0..=last {
        let is_debit = all[place].entry_type() == EntryType::LedgerDebit;
        let mut dropped = honest.clone();
        dropped.remove(place);
        // As many as there were, so that its length tells nothing.
        dropped.push(honest[0].clone());
        let mut moved = honest.clone();
        moved.swap(place, (place + 1) % honest.len());
        let mut changed = honest.clone();
        if !is_debit {
            changed[place] = altered(&all[place]);
        }
        for (what, entries) in [("dropped", dropped), ("moved", moved), ("altered", changed)] {
            if entries == honest {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            publish(&world, entries, folder.path());
            let rewritten = DirSource::new(folder.path());
            // By itself it is sound; a debit that is gone shows without a receipt.
            let alone = verify_ledger(&rewritten, &verifier);
            assert!(alone.is_ok() || is_debit, "{what} {place}");
            assert!(verify_history(&rewritten, &verifier, &held).is_err(), "{what} {place}");
            tried += 1;
        }
    }
    assert!(tried > 2 * last, "{tried}");
    let short = tempfile::tempdir().unwrap();
    publish(&world, honest[..last].to_vec(), short.path());
    assert!(verify_history(&DirSource::new(short.path()), &verifier, &held).is_err());
}

#[test]
fn ledger_verify_has_the_ledger_continue_what_a_party_holds() {
    let world = World::stocked();
    let sealed = world.sales(0, &World::small_sales(1));
    world.partners[0].deposit(&sealed).ok();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("trust.json"), world.server.anonymous().get("/v1/trust").bytes).unwrap();
    fs::write(at("receipt.json"), world.partners[0].receipt(&sealed.id()).ok().bytes.clone())
        .unwrap();
    let (_, all) = world.ledger();
    let honest: Vec<Vec<u8>> = all.iter().map(Entry::encode).collect();
    let ledger = world.server.layout().ledger();
    let (code, said) = verified(folder.path(), &ledger, &["receipt.json"]);
    assert_eq!((code, &said["held"]), (0, &1.into()));
    let mut moved = honest.clone();
    moved.swap(1, 2);
    publish(&world, moved, &at("moved"));
    assert_eq!(verified(folder.path(), &at("moved"), &[]).0, 0, "by itself it is sound");
    assert_eq!(verified(folder.path(), &at("moved"), &["receipt.json"]).0, 1);
    // A receipt of somebody else's ledger is refused.
    let other = World::stocked();
    let sealed = other.sales(0, &World::small_sales(1));
    other.partners[0].deposit(&sealed).ok();
    fs::write(at("foreign.json"), other.partners[0].receipt(&sealed.id()).ok().bytes.clone())
        .unwrap();
    assert_eq!(verified(folder.path(), &ledger, &["foreign.json"]).0, 1);
}
