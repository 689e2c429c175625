//! How long `ledger verify` takes over a large ledger, and how fast entries are sequenced.
//!
//! `cargo bench --profile release --bench ledger -- [--entries N] [--rounds N] [--at-most SECONDS]`. The
//! ledger is written by the product's own sequencer and read from files by the product's own check: every
//! entry, bundle, hash tile and debit. The figures that were measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

use std::sync::Mutex;
use std::time::Instant;

use tiers::ledger::faults::NoFaults;
use tiers::ledger::{DirSource, Outbox, OutboxError, Sequencer};
use tiers_protocol::tlog::{
    ActTime, Debit, Entry, EntryType, LedgerSigner, OpaqueId, commit, verify_ledger,
};

/// So many entries, made as they are asked for: three in a hundred are debits.
struct Entries {
    count: u64,
    head: Mutex<Option<Vec<u8>>>,
}

fn entry(n: u64) -> Vec<u8> {
    let second = 1_772_000_000 + i64::try_from(n / 10).unwrap();
    let at = ActTime::new(jiff::Timestamp::from_second(second).unwrap()).unwrap();
    let c = commit(&[5; 32], &n.to_be_bytes());
    let id = |name: &str| {
        let text = tiers_protocol::encoding::encode(&c[..16]);
        OpaqueId::new(&format!("{name}_{text}")).unwrap()
    };
    if n % 33 == 7 {
        let (cost, before) = (82_500_000, n / 33 / 1_000);
        let account = OpaqueId::new(&format!("acc_{}", n / 33 % 1_000)).unwrap();
        let debit = Debit::new(account, cost, cost * (before + 1)).unwrap();
        return Entry::debit(at, id("act"), id("rel"), c, debit).encode();
    }
    Entry::act(EntryType::DepositReceived, at, id("act"), id("dep"), c).unwrap().encode()
}

impl Outbox for Entries {
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError> {
        Ok(self.head.lock().unwrap().clone())
    }

    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError> {
        let until = self.count.min(from + max as u64);
        Ok((from..until).map(entry).collect())
    }

    fn swap_head(&self, _: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError> {
        *self.head.lock().unwrap() = Some(new.to_vec());
        Ok(true)
    }
}

fn main() {
    let (mut count, mut rounds, mut at_most) = (1_000_000_u64, 3, None::<f64>);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
        match word.as_str() {
            "--entries" => count = value().parse().unwrap(),
            "--rounds" => rounds = value().parse().unwrap(),
            "--at-most" => at_most = Some(value().parse().unwrap()),
            // What cargo itself passes on.
            "--bench" => {}
            _ => panic!("unknown argument {word}"),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let signer = LedgerSigner::from_seed("ledger.example", &[7; 32]).unwrap();
    let verifier = signer.verifier().clone();
    let sequencer = Sequencer::open(folder.path(), signer, NoFaults).unwrap();
    let outbox = Entries { count, head: Mutex::default() };
    let begun = Instant::now();
    while sequencer.advance(&outbox).unwrap().is_some() {}
    let written = begun.elapsed().as_secs_f64();
    let source = DirSource::new(folder.path());
    let times = (0..rounds.max(1)).map(|_| {
        let begun = Instant::now();
        assert_eq!(verify_ledger(&source, &verifier).unwrap().checkpoint.size(), count);
        begun.elapsed()
    });
    let best = times.min().unwrap().as_secs_f64();
    println!("{count} entries, one core, best of {rounds}");
    println!("written    {written:8.2} s  {:10.0} entries/s", count as f64 / written);
    println!("verified   {best:8.2} s  {:10.0} entries/s", count as f64 / best);
    if let Some(limit) = at_most {
        assert!(best <= limit, "verified in {best:.2} s, {limit} s were allowed");
    }
}
