//! A witness against logs that fork, shrink, replay and race, and against its own restarts.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use tiers_protocol::tlog::{LedgerSigner, LedgerVerifier, WitnessPolicy};
use tlog_tiles::{Hash, HashReader, prove_tree, stored_hashes, tree_hash};

use super::*;

struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|i| self.0[usize::try_from(*i).unwrap()]).collect())
    }
}

/// A log of `size` entries; from `fork` on its entries are others.
fn log(size: u64, fork: u64) -> Hashes {
    let mut hashes = Hashes(Vec::new());
    for i in 0..size {
        let entry = format!("{i} {}", i >= fork);
        let new = stored_hashes(i, entry.as_bytes(), &hashes).unwrap();
        hashes.0.extend(new);
    }
    hashes
}

fn signer() -> LedgerSigner {
    LedgerSigner::from_seed("log.example", &[3; 32]).unwrap()
}

fn root(hashes: &Hashes, size: u64) -> [u8; 32] {
    if size == 0 { tlog_tiles::EMPTY_HASH.0 } else { tree_hash(size, hashes).unwrap().0 }
}

fn request(hashes: &Hashes, old: u64, size: u64) -> AddCheckpoint {
    let proof = match old.min(size) {
        0 => Vec::new(),
        old => prove_tree(size, old, hashes).unwrap().iter().map(|h| h.0).collect(),
    };
    AddCheckpoint { old, proof, checkpoint: signer().sign(size, root(hashes, size)) }
}

fn now() -> Moment {
    Moment::from_seconds(1_770_000_000).unwrap()
}

fn witness(dir: &Path) -> Witness {
    if !dir.join("key").exists() {
        Witness::create(dir, "w.example", &[9; 32]).unwrap();
    }
    let mut witness = Witness::open(dir).unwrap();
    witness.add_log(&signer().verifier().vkey()).unwrap();
    witness
}

fn status(answer: &Result<Vec<u8>, WitnessError>) -> u16 {
    match answer {
        Ok(_) => 200,
        Err(WitnessError::Refused(refusal)) => refusal.status(),
        Err(other) => panic!("{other}"),
    }
}

/// Test A3: whatever a log that forked, shrank or replays sends, a witness cosigns one history only.
#[test]
fn log_12_forks_rollbacks_and_replays_get_no_cosignature() {
    let dir = tempfile::tempdir().unwrap();
    let honest = log(600, 600);
    let (mut held, mut refused) = (0, 0_u32);
    for size in [0, 1, 2, 5, 255, 256, 257, 600] {
        let one = witness(dir.path());
        let ask = |request: &AddCheckpoint| one.add_checkpoint(&request.encode(), now());
        let line = ask(&request(&honest, held, size)).unwrap();
        let policy = WitnessPolicy::majority(&[tiers_protocol::tlog::Witness {
            key: one.key().clone(),
            url: None,
        }]);
        let verifier = signer().verifier().clone().with_witnesses(policy.unwrap());
        let signed = signer().sign(size, root(&honest, size));
        let cosigned = verifier.with_cosignatures(&signed, &line).unwrap();
        let (checkpoint, by) = verifier.verify_witnessed(&cosigned).unwrap();
        assert_eq!((checkpoint.size(), by.len(), by[0].at), (size, 1, now().timestamp()));
        assert!(verifier.verify_witnessed(&signed).is_err());
        held = size;
        // The same again, a replay of what it has, is cosigned anew.
        assert_eq!(status(&ask(&request(&honest, held, size))), 200);
        for fork in 0..size.min(8) {
            let forked = log(size + 3, fork);
            assert_eq!(status(&ask(&request(&forked, held, size))), 409, "same size, other root");
            assert_eq!(status(&ask(&request(&forked, held, size + 3))), 422);
            assert_eq!(status(&ask(&request(&forked, 0, size + 3))), 409);
            refused += 3;
        }
        for smaller in (0..size).step_by(37) {
            assert_eq!(status(&ask(&request(&honest, held, smaller))), 400);
            let back = status(&ask(&request(&honest, smaller, smaller)));
            assert_eq!(back, 409, "a rollback to {smaller}");
            refused += 2;
        }
        assert_eq!(one.logs().unwrap(), [("log.example".to_owned(), size)]);
    }
    let said = format!("{refused} forks, rollbacks and replays at a witness: 0 cosigned");
    writeln!(std::io::stdout(), "\nA3: {said}").unwrap();
}

#[test]
fn what_is_malformed_unknown_or_unsigned_is_refused_by_its_status() {
    let dir = tempfile::tempdir().unwrap();
    let one = witness(dir.path());
    let honest = log(9, 9);
    let good = request(&honest, 0, 9);
    let other = LedgerSigner::from_seed("log.example", &[4; 32]).unwrap();
    let unknown = LedgerSigner::from_seed("other.example", &[3; 32]).unwrap();
    let with = |checkpoint: Vec<u8>| AddCheckpoint { checkpoint, ..good.clone() }.encode();
    let cases = [
        (b"".to_vec(), 400),
        (b"old 0\n".to_vec(), 400),
        (good.encode()[1..].to_vec(), 400),
        ([b"old 00".as_slice(), &good.encode()[5..]].concat(), 400),
        (AddCheckpoint { proof: vec![[0; 32]; 64], ..good.clone() }.encode(), 400),
        (AddCheckpoint { proof: vec![[0; 32]], ..good.clone() }.encode(), 422),
        (AddCheckpoint { old: 10, ..good.clone() }.encode(), 400),
        (with(unknown.sign(9, root(&honest, 9))), 404),
        (with(other.sign(9, root(&honest, 9))), 403),
        (vec![b'x'; 70_000], 400),
    ];
    for (body, expected) in cases {
        assert_eq!(status(&one.add_checkpoint(&body, now())), expected);
    }
    assert_eq!(one.logs().unwrap()[0].1, 0, "nothing of that was kept");
    assert_eq!(status(&one.add_checkpoint(&good.encode(), now())), 200);
    // Cosignatures of others under the checkpoint are no obstacle.
    let line = one.add_checkpoint(&request(&honest, 9, 9).encode(), now()).unwrap();
    let mut cosigned = request(&honest, 9, 9);
    cosigned.checkpoint.extend(line);
    assert_eq!(status(&one.add_checkpoint(&cosigned.encode(), now())), 200);
}

#[test]
fn two_histories_at_once_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let one = witness(dir.path());
    let (a, b) = (log(40, 40), log(40, 0));
    for size in 1..=40_u64 {
        let ask = |hashes: &Hashes| {
            status(&one.add_checkpoint(&request(hashes, size - 1, size).encode(), now()))
        };
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| ask(&b));
            (ask(&a), other.join().unwrap())
        });
        let won = usize::from(first == 200) + usize::from(second == 200);
        assert_eq!(won, 1, "{size}: {first} {second}");
        if size == 1 && second == 200 {
            // The other history won: then it is the one that goes on, and `a` never does.
            assert!((2..=40).all(|size| {
                status(&one.add_checkpoint(&request(&a, size - 1, size).encode(), now())) != 200
            }));
            return;
        }
    }
}

#[test]
fn a_damaged_memory_cosigns_nothing_and_one_process_runs() {
    let dir = tempfile::tempdir().unwrap();
    let one = witness(dir.path());
    let honest = log(9, 9);
    one.add_checkpoint(&request(&honest, 0, 5).encode(), now()).unwrap();
    assert!(matches!(Witness::open(dir.path()).err(), Some(WitnessError::InUse)));
    let seen = one.seen_file("log.example");
    for damage in [Vec::new(), fs::read(&seen).unwrap()[1..].to_vec()] {
        fs::write(&seen, damage).unwrap();
        let refused = one.add_checkpoint(&request(&honest, 0, 9).encode(), now());
        assert!(matches!(refused, Err(WitnessError::Damaged)));
    }
    let mut one = one;
    let other = LedgerSigner::from_seed("log.example", &[4; 32]).unwrap();
    let refused = one.add_log(&other.verifier().vkey());
    assert!(matches!(refused, Err(WitnessError::OtherKey)));
}

#[test]
fn the_key_file_reads_back_and_nothing_else_does() {
    let text = write_key("w.example", &[9; 32]);
    let expected = WitnessSigner::from_seed("w.example", &[9; 32]).unwrap();
    assert_eq!(read_key(&text).unwrap().public(), expected.public());
    for cut in 0..text.len() {
        assert!(read_key(&text[..cut]).is_none());
    }
    let log = LedgerVerifier::from_vkey(&signer().verifier().vkey()).unwrap();
    assert!(read_key(&log.vkey()).is_none());
}
