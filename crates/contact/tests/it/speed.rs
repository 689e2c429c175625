//! The whole way of a row, held against what its hashes alone cost on the same machine at the same time.
//!
//! No figure of seconds: these depend on the machine and on what else it does. What is measured on a quiet
//! machine stands in `docs/performance.md`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use tiers_contact::{FileKind, Tokeniser, read_and_normalise};

use crate::support::options;

#[path = "../../../../benches/invented/contacts.rs"]
mod contacts;

const ROWS: u64 = 10_000;

/// How many times the hashes of a row its whole way may cost: reading, rules, tokens, text, order. It was
/// six before words were looked up as numbers, and three to four since.
const TIMES: u32 = 5;

/// For how long the machine may keep a row from being as quick as it is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Four texts hashed and four tokens made by the libraries, with nothing around them.
fn hashes(mac: &Hmac<Sha256>) {
    for _ in 0..4 * ROWS {
        let digest = Sha256::digest(black_box("jean.dupont@example.org".as_bytes()));
        let mut mac = mac.clone();
        mac.update(&digest);
        black_box(mac.finalize().into_bytes());
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

#[test]
fn a_row_costs_little_more_than_its_hashes() {
    let file = contacts::contacts(ROWS);
    let options = options(FileKind::Sales);
    let tokeniser = Tokeniser::new(&[7; 32], "speed");
    let mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
    let whole = || {
        let prepared = read_and_normalise("contacts.csv", file.as_bytes(), &options).unwrap();
        assert_eq!(prepared.rows.len() as u64 + prepared.rejects.len() as u64, ROWS);
        black_box(prepared.body(&tokeniser));
    };
    // By turns, and the least of each. A machine that is busy elsewhere disturbs rows more than hashes, which
    // need no memory: then it takes more turns until both had their moment.
    let (mut bare, mut all, begun) = (Duration::MAX, Duration::MAX, Instant::now());
    let mut turns = 0;
    while turns < 15 || (all > TIMES * bare && begun.elapsed() < PATIENCE) {
        bare = bare.min(time(|| hashes(&mac)));
        all = all.min(time(whole));
        turns += 1;
    }
    assert!(all <= TIMES * bare, "{all:?} for {ROWS} rows, {bare:?} for their hashes alone");
}
