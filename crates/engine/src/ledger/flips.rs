//! Test A1: one byte changed anywhere in a published ledger, cosignatures included, is found.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use tiers_protocol::tlog::{
    ActTime, AddCheckpoint, CHECKPOINT_PATH, Entry, EntryType, LedgerSigner, OpaqueId,
    TileSource as _, WITNESSED_PATH, Witness, WitnessPolicy, WitnessSigner, commit, judge,
    verify_ledger,
};

use super::faults::NoFaults;
use super::memory::MemoryOutbox;
use super::{DirSource, Sequencer};

/// The place and the value of the next change (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).unwrap() % bound
    }
}

fn entry(i: u64) -> Vec<u8> {
    let at = jiff::Timestamp::from_second(1_772_000_000 + i64::try_from(i).unwrap()).unwrap();
    let (actor, object) = (OpaqueId::new("a"), OpaqueId::new(&format!("o{i}")));
    let (at, c) = (ActTime::new(at).unwrap(), commit(&[2; 32], b"{}"));
    Entry::act(EntryType::MatchRun, at, actor.unwrap(), object.unwrap(), c).unwrap().encode()
}

/// A ledger of several checkpoints, the last of which three witnesses cosigned.
fn witnessed(dir: &Path) -> Sequencer {
    let witness = |n: u8| WitnessSigner::from_seed(&format!("w{n}.example"), &[n + 1; 32]).unwrap();
    let named = |n| Witness { key: witness(n).public().clone(), url: None };
    let policy = WitnessPolicy::majority(&[named(0), named(1), named(2)]).unwrap();
    let signer = LedgerSigner::from_seed("ledger.example", &[8; 32]).unwrap();
    let sequencer = Sequencer::open(dir, signer.with_witnesses(policy), NoFaults).unwrap();
    let outbox = MemoryOutbox::default();
    for size in [20, 255, 256, 300] {
        (outbox.len()..size).for_each(|i| outbox.push(entry(i)));
        while sequencer.advance(&outbox).unwrap().is_some() {}
    }
    let signed = fs::read(dir.join(CHECKPOINT_PATH)).unwrap();
    let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: signed.clone() };
    let accepted = judge(&request, sequencer.verifier(), None).unwrap();
    let at = jiff::Timestamp::from_second(1_772_009_999).unwrap();
    let lines: Vec<u8> = (0..3).flat_map(|n| accepted.cosign(&witness(n), at)).collect();
    let cosigned = sequencer.verifier().with_cosignatures(&signed, &lines).unwrap();
    sequencer.keep_witnessed(&cosigned).unwrap();
    sequencer
}

#[test]
fn log_12_a_thousand_changed_bytes_are_all_found() {
    let dir = tempfile::tempdir().unwrap();
    let sequencer = witnessed(dir.path());
    let source = DirSource::new(dir.path());
    let summary = verify_ledger(&source, sequencer.verifier()).unwrap();
    assert_eq!(summary.witnessed.unwrap().by.len(), 3);
    let names = source.list().unwrap().unwrap();
    assert!(names.iter().any(|name| name == WITNESSED_PATH) && names.len() > 8);
    let (mut dice, mut slowest) = (Dice(1), Duration::ZERO);
    for _ in 0..1_000 {
        let name = &names[dice.below(names.len())];
        let file = dir.path().join(name);
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let at = dice.below(bad.len());
        bad[at] ^= u8::try_from(1 + dice.below(255)).unwrap();
        fs::write(&file, bad).unwrap();
        let begun = Instant::now();
        assert!(verify_ledger(&source, sequencer.verifier()).is_err(), "{name} {at}");
        slowest = slowest.max(begun.elapsed());
        fs::write(&file, good).unwrap();
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    verify_ledger(&source, sequencer.verifier()).unwrap();
    let files = names.len();
    let said = format!("1000 flips over {files} files: 1000 found, the slowest in {slowest:.1?}");
    writeln!(std::io::stdout(), "\nA1: {said}").unwrap();
}
