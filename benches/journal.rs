//! What a line of the journal costs: canonical JSON, digest, signature and the write into the system's cache; and
//! what the look for unusual use adds. Processor time, so that a busy machine says the same.
//!
//! `cargo bench --profile release --bench journal -- [--lines N]`. What was measured stands in decision 27.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

use std::fs;

use tiers::journal::unusual::{Lookout, Seen};
use tiers::journal::{Journal, Note, Object};
use tiers::time::Moment;
use tiers_protocol::ids::{ActorId, DepositId};
use tiers_protocol::sign::SigningSecret;
use zeroize::Zeroizing;

/// Ticks of a second, as Linux counts a process's time for its readers.
const TICKS: f64 = 100.0;

/// Processor time of this process, in seconds.
fn spent() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks = |place: usize| fields[place].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let given = words.iter().position(|word| word == "--lines").map(|place| &words[place + 1]);
    let lines: u32 = given.map_or(200_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path(), &[]).unwrap();
    let key = SigningSecret::from_seed(&Zeroizing::new([7; 32]));
    let at = Moment::from_seconds(1_756_728_000).unwrap();
    let actor = Some(ActorId::from_bytes([1; 16]));
    let object = DepositId::from_bytes([2; 16]).to_string();
    let operation = "GET /v1/deposits/{deposit}";
    let begun = spent();
    for _ in 0..lines {
        let object = Object::of(&object);
        let note =
            Note { actor, operation, object, result: "200", request: "req_AAAAAAAAAAAAAAAAAAAAAA" };
        journal.append(at, &key, &note);
    }
    let written = spent();
    let lookout = Lookout::default();
    for _ in 0..lines {
        let seen = Seen { at, actor, operation: "POST /v1/searches", status: 200, result: "200" };
        std::hint::black_box(lookout.sees(&seen));
    }
    let looked = spent();
    let micros = |from: f64, to: f64| (to - from) * 1e6 / f64::from(lines);
    println!("a line of the journal    {:6.2} µs", micros(begun, written));
    println!("a look for unusual use   {:6.2} µs", micros(written, looked));
}
