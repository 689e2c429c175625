//! Three witnesses in this process, asked without a network, each of which can be out of reach.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::server::Server;
use tiers::service::{Dependencies, Witnesses};
use tiers::time::Moment;
use tiers::witness::{AskWitness, Witness, WitnessAnswer, WitnessError};
use tiers_protocol::tlog::{Witness as Named, WitnessPolicy, WitnessRefusal};

struct One {
    witness: Witness,
    reachable: AtomicBool,
    held: AtomicBool,
    cosigned: AtomicU32,
}

/// Two of three.
#[derive(Clone)]
pub struct Fleet(Arc<Vec<One>>);

impl Fleet {
    /// Makes them in a folder; they watch the ledger with this key.
    pub fn new(folder: &Path, ledger: &str) -> Self {
        let one = |number: u8| {
            let dir = folder.join(format!("witness-{number}"));
            Witness::create(&dir, &format!("w{number}.example"), &[number + 1; 32]).unwrap();
            let mut witness = Witness::open(&dir).unwrap();
            witness.add_log(ledger).unwrap();
            let (reachable, held) = (AtomicBool::new(true), AtomicBool::new(false));
            One { witness, reachable, held, cosigned: AtomicU32::new(0) }
        };
        Self(Arc::new((0..3).map(one).collect()))
    }

    /// Their policy.
    pub fn policy(&self) -> WitnessPolicy {
        let named = |(number, one): (usize, &One)| Named {
            key: one.witness.key().clone(),
            url: Some(number.to_string()),
        };
        let all: Vec<Named> = self.0.iter().enumerate().map(named).collect();
        WitnessPolicy::majority(&all).unwrap()
    }

    /// A certifier that asks them.
    pub fn dependencies(&self) -> Dependencies {
        let witnesses = Witnesses { policy: Some(self.policy()), ask: Box::new(self.clone()) };
        Dependencies { witnesses, ..Dependencies::default() }
    }

    /// Takes one out of reach, or back.
    pub fn reach(&self, number: usize, reachable: bool) {
        self.0[number].reachable.store(reachable, Ordering::SeqCst);
    }

    /// Makes one take questions without an answer, or answer them again.
    pub fn hold(&self, number: usize, held: bool) {
        self.0[number].held.store(held, Ordering::SeqCst);
    }

    /// Publishes, and waits until every witness that can be reached has cosigned what is published.
    pub fn settled(&self, server: &Server) {
        server.publish();
        let read = |name: &str| {
            std::fs::read_to_string(server.layout().ledger().join(name)).unwrap_or_default()
        };
        let reachable = self.0.iter().filter(|one| one.reachable.load(Ordering::SeqCst)).count();
        for _ in 0..1_000 {
            let (published, witnessed) = (read("checkpoint"), read("witnessed"));
            // Origin, size, root, an empty line, the ledger's line.
            if published == witnessed && witnessed.lines().count() == 5 + reachable {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("not cosigned by all");
    }

    /// How many entries each has seen.
    pub fn seen(&self) -> Vec<u64> {
        self.0.iter().map(|one| one.witness.logs().unwrap()[0].1).collect()
    }

    /// How many cosignatures they gave.
    pub fn cosignatures(&self) -> u32 {
        self.0.iter().map(|one| one.cosigned.load(Ordering::SeqCst)).sum()
    }
}

impl AskWitness for Fleet {
    fn add_checkpoint(&self, url: &str, body: &[u8]) -> WitnessAnswer {
        let one = &self.0[url.parse::<usize>().unwrap()];
        if !one.reachable.load(Ordering::SeqCst) {
            return WitnessAnswer::Unreachable;
        }
        while one.held.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let now = Moment::from_seconds(1_756_728_000).unwrap();
        match one.witness.add_checkpoint(body, now) {
            Ok(line) => {
                one.cosigned.fetch_add(1, Ordering::SeqCst);
                WitnessAnswer::Cosigned(line)
            }
            Err(WitnessError::Refused(WitnessRefusal::Conflict { held })) => {
                WitnessAnswer::Held(held)
            }
            Err(WitnessError::Refused(refusal)) => WitnessAnswer::Refused(refusal.status()),
            Err(error) => panic!("{error}"),
        }
    }
}
