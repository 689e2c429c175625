//! The writing side against the verifier, an independent tree, crashes at every step, and a second
//! writer.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use tiers_protocol::tlog::{
    ActTime, CHECKPOINT_PATH, Checkpoint, Debit, Entry, EntryType, LedgerSigner, LedgerSummary,
    LedgerVerifier, OpaqueId, TileSource, commit, required_tiles, verify_consistent, verify_ledger,
};

use super::faults::{FaultPoint, Faults, NoFaults, Stopped};
use super::memory::{MemoryOutbox, SwapFault};
use super::{DirSource, Outbox as _, ProveError, Prover, Sequencer, SequencerError};

fn full() -> bool {
    std::env::var("TIERS_FULL").is_ok_and(|v| v == "1")
}

fn signer() -> LedgerSigner {
    LedgerSigner::from_seed("ledger.example", &[8; 32]).unwrap()
}

fn verifier() -> LedgerVerifier {
    signer().verifier().clone()
}

fn sequencer(dir: &Path) -> Sequencer {
    Sequencer::open(dir, signer(), NoFaults).unwrap()
}

/// The entry at position `i`; every third is a debit of one account.
fn entry(i: u64) -> Vec<u8> {
    let at = jiff::Timestamp::from_second(1_772_000_000 + i64::try_from(i).unwrap()).unwrap();
    let at = ActTime::new(at).unwrap();
    let id = |text: &str| OpaqueId::new(text).unwrap();
    let (actor, object, c) = (id("actor"), id(&format!("o{i}")), commit(&[2; 32], b"{}"));
    if i % 3 == 2 {
        let debit = Debit::new(id("account"), 7, (i / 3 + 1) * 7).unwrap();
        return Entry::debit(at, actor, object, c, debit).encode();
    }
    Entry::act(EntryType::MatchRun, at, actor, object, c).unwrap().encode()
}

fn fill(outbox: &MemoryOutbox, until: u64) {
    (outbox.len()..until).for_each(|i| outbox.push(entry(i)));
}

fn advance_to_end(sequencer: &Sequencer, outbox: &MemoryOutbox) {
    while sequencer.advance(outbox).unwrap().is_some() {}
}

/// Verifies everything in `dir`, and that it holds exactly the entries of the outbox.
fn verify_all(dir: &Path, outbox: &MemoryOutbox) -> LedgerSummary {
    let summary = verify_ledger(&DirSource::new(dir), &verifier()).unwrap();
    assert_eq!(summary.checkpoint.size(), outbox.len());
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    (0..outbox.len()).for_each(|i| oracle.push(entry(i)));
    assert_eq!(summary.checkpoint.root().as_slice(), oracle.root().as_bytes().as_slice());
    summary
}

#[test]
fn a_ledger_grown_in_any_steps_verifies_at_every_step() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let sequencer = sequencer(dir.path());
    assert!(sequencer.advance(&outbox).unwrap().is_none());
    let mut held: Option<Checkpoint> = None;
    for size in [1, 2, 3, 7, 100, 255, 256, 257, 258, 511, 512, 513, 600, 1_025] {
        fill(&outbox, size);
        let new = sequencer.advance(&outbox).unwrap().unwrap();
        assert_eq!(new.size(), size);
        assert!(sequencer.advance(&outbox).unwrap().is_none());
        assert_eq!(verify_all(dir.path(), &outbox).checkpoint, new);
        if let Some(old) = &held {
            verify_consistent(&DirSource::new(dir.path()), &verifier(), old).unwrap();
        }
        held = Some(new);
    }
}

#[test]
fn a_backlog_is_signed_in_bounded_steps_and_the_next_level_fills() {
    let size = if full() { 70_000 } else { 9_000 };
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    fill(&outbox, size);
    let sequencer = sequencer(dir.path());
    let first = sequencer.advance(&outbox).unwrap().unwrap();
    assert_eq!(first.size(), super::BATCH_ENTRIES as u64);
    advance_to_end(&sequencer, &outbox);
    let tiles: BTreeSet<_> = required_tiles(size).map(|p| p.to_string()).collect();
    let listed: BTreeSet<_> =
        DirSource::new(dir.path()).list().unwrap().unwrap().into_iter().collect();
    assert!(tiles.is_subset(&listed));
    verify_all(dir.path(), &outbox);
    let prover = Prover::new(dir.path(), verifier());
    for index in (0..size).step_by(997) {
        prover.prove(index).unwrap().verify(&entry(index), &verifier()).unwrap();
    }
}

/// Stops at the n-th step that is reached, and remembers which steps were.
struct StopAt {
    left: Mutex<usize>,
    reached: Mutex<BTreeSet<FaultPoint>>,
}

impl StopAt {
    fn new(n: usize) -> Self {
        Self { left: Mutex::new(n), reached: Mutex::new(BTreeSet::new()) }
    }
}

impl Faults for &StopAt {
    fn reach(&self, point: FaultPoint) -> Result<(), Stopped> {
        let mut left = self.left.lock().unwrap();
        if *left == 0 {
            self.reached.lock().unwrap().insert(point);
            return Err(Stopped(point));
        }
        *left -= 1;
        Ok(())
    }
}

/// Runs the ledger through several sizes and dies at the `n`-th step. `None` when there is no such
/// step; otherwise the point, with everything checked before and after the restart.
fn crash_at(n: usize) -> Option<FaultPoint> {
    let dir = tempfile::tempdir().unwrap();
    let (outbox, faults) = (MemoryOutbox::default(), StopAt::new(n));
    let dying = Sequencer::open(dir.path(), signer(), &faults).unwrap();
    let mut published = 0;
    for size in [2, 255, 256, 259] {
        fill(&outbox, size);
        match dying.advance(&outbox) {
            Ok(new) => published = new.unwrap().size(),
            Err(SequencerError::Stopped(Stopped(point))) => {
                check_crash(dir.path(), &outbox, point, published);
                return Some(point);
            }
            Err(other) => panic!("{other}"),
        }
    }
    None
}

fn check_crash(dir: &Path, outbox: &MemoryOutbox, point: FaultPoint, before: u64) {
    // A reader who comes now finds the old checkpoint or the new one, and all that it needs.
    let now = Unlisted(DirSource::new(dir));
    match verify_ledger(&now, &verifier()) {
        Ok(summary) => {
            let expected = if point == FaultPoint::Published { outbox.len() } else { before };
            assert_eq!(summary.checkpoint.size(), expected, "{}", point.as_str());
        }
        Err(fault) => assert_eq!((before, fault.code()), (0, "ledger.file.missing")),
    }
    let restarted = sequencer(dir);
    let recovered = restarted.advance(outbox).unwrap();
    // What was published just before the crash leaves the restart nothing to do.
    assert_eq!(recovered.is_none(), point == FaultPoint::Published);
    advance_to_end(&restarted, outbox);
    verify_all(dir, outbox);
    let heads = outbox.heads();
    assert_eq!(heads.len(), distinct_sizes(&heads));
    fill(outbox, outbox.len() + 300);
    advance_to_end(&restarted, outbox);
    verify_all(dir, outbox);
}

fn distinct_sizes(heads: &[Vec<u8>]) -> usize {
    let size = |head: &Vec<u8>| verifier().verify_checkpoint(head).unwrap().size();
    heads.iter().map(size).collect::<BTreeSet<_>>().len()
}

/// A directory as a reader over HTTP sees it.
struct Unlisted(DirSource);

impl TileSource for Unlisted {
    fn read(&self, path: &str) -> Result<Vec<u8>, tiers_protocol::tlog::SourceError> {
        self.0.read(path)
    }

    fn list(&self) -> Result<Option<Vec<String>>, tiers_protocol::tlog::SourceError> {
        Ok(None)
    }
}

#[test]
fn a_crash_at_every_step_is_survived_and_every_fault_point_is_hit() {
    let mut hit = BTreeSet::new();
    let steps = (0..).map_while(|n| crash_at(n).map(|point| hit.insert(point))).count();
    assert!(steps > 30, "{steps}");
    assert_eq!(hit.into_iter().collect::<Vec<_>>(), FaultPoint::ALL);
}

#[test]
fn a_failed_swap_is_survived_whether_it_was_applied_or_not() {
    for fault in [SwapFault::NotApplied, SwapFault::Applied] {
        let dir = tempfile::tempdir().unwrap();
        let outbox = MemoryOutbox::default();
        let sequencer = sequencer(dir.path());
        for size in [5, 256, 300] {
            fill(&outbox, size);
            outbox.fail_next_swap(fault);
            assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.outbox_failed");
            advance_to_end(&sequencer, &outbox);
            verify_all(dir.path(), &outbox);
        }
        assert_eq!(outbox.heads().len(), 3);
    }
}

#[test]
fn two_sequencers_never_fork() {
    // Two processes on one directory, and two that each think theirs is the only one.
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for dirs in [[one.path(), one.path()], [other.path(), one.path()]] {
        let outbox = MemoryOutbox::default();
        let dirs = dirs.map(|dir| dir.join(if dirs[0] == dirs[1] { "same" } else { "apart" }));
        let total = if full() { 1_000 } else { 120 };
        std::thread::scope(|scope| {
            for dir in &dirs {
                scope.spawn(|| {
                    let sequencer = sequencer(dir);
                    while outbox.len() < total {
                        outbox.push_next(entry);
                        match sequencer.advance(&outbox) {
                            Ok(_) | Err(SequencerError::HeadMoved) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
        });
        for dir in &dirs {
            advance_to_end(&sequencer(dir), &outbox);
            verify_all(dir, &outbox);
            for head in outbox.heads() {
                let head = verifier().verify_checkpoint(&head).unwrap();
                // One history: every head that ever was is a beginning of what both show.
                if head.size().is_multiple_of(if full() { 50 } else { 10 }) {
                    verify_consistent(&DirSource::new(dir), &verifier(), &head).unwrap();
                }
            }
        }
        assert_eq!(outbox.heads().len(), distinct_sizes(&outbox.heads()));
        let (heads, entries) = (outbox.heads().len(), outbox.len());
        let said = format!(
            "two sequencers, {entries} entries, {heads} checkpoints: one wins each, 0 forks"
        );
        writeln!(std::io::stdout(), "\nA5: {said}").unwrap();
    }
}

/// Lets another sequencer win between the signature and the swap.
struct Overtaken<'a> {
    outbox: &'a MemoryOutbox,
    by: &'a Sequencer,
}

impl Faults for Overtaken<'_> {
    fn reach(&self, point: FaultPoint) -> Result<(), Stopped> {
        if point == FaultPoint::Signed {
            self.by.advance(self.outbox).unwrap();
        }
        Ok(())
    }
}

#[test]
fn who_loses_the_head_publishes_nothing() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let outbox = MemoryOutbox::default();
    let by = sequencer(other.path());
    for size in [5, 300] {
        fill(&outbox, size);
        let before = snapshot(one.path());
        let slow = Overtaken { outbox: &outbox, by: &by };
        let slow = Sequencer::open(one.path(), signer(), slow).unwrap();
        assert_eq!(slow.advance(&outbox).unwrap_err().code(), "ledger.head_moved");
        assert_eq!(snapshot(one.path()), before);
        advance_to_end(&sequencer(one.path()), &outbox);
        assert_eq!(verify_all(one.path(), &outbox), verify_all(other.path(), &outbox));
    }
    assert_eq!(outbox.heads().len(), 2);
}

#[test]
fn a_rolled_back_database_is_refused_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let sequencer = sequencer(dir.path());
    for size in [10, 20, 300] {
        fill(&outbox, size);
        advance_to_end(&sequencer, &outbox);
    }
    for (entries, heads) in [(20, 2), (10, 1), (0, 0)] {
        outbox.roll_back(entries, heads);
        let before = snapshot(dir.path());
        assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.ahead_of_database");
        outbox.push(entry(999));
        assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.ahead_of_database");
        assert_eq!(snapshot(dir.path()), before);
    }
}

#[test]
fn lost_rows_and_altered_rows_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let sequencer = sequencer(dir.path());
    fill(&outbox, 300);
    advance_to_end(&sequencer, &outbox);

    // A row of the bundle that is still open was altered: it would be published again.
    fill(&outbox, 301);
    outbox.alter(270, entry(7));
    let refused = sequencer.advance(&outbox).unwrap_err();
    assert!(matches!(refused, SequencerError::OutboxDisagrees { index: 270 }), "{refused}");
    assert_eq!(outbox.heads().len(), 1);
    outbox.alter(270, entry(270));
    advance_to_end(&sequencer, &outbox);
    verify_all(dir.path(), &outbox);

    // The public files are lost, and rows that they held are gone or altered.
    fs::remove_dir_all(dir.path().join("tile")).unwrap();
    fs::remove_file(dir.path().join(CHECKPOINT_PATH)).unwrap();
    outbox.alter(3, entry(4));
    assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.head_disagrees");
    outbox.alter(3, entry(3));
    outbox.roll_back(299, 2);
    let refused = sequencer.advance(&outbox).unwrap_err();
    assert!(matches!(refused, SequencerError::OutboxDisagrees { index: 299 }), "{refused}");
    fill(&outbox, 301);
    assert_eq!(sequencer.advance(&outbox).unwrap().unwrap().size(), 301);
    verify_all(dir.path(), &outbox);
}

#[test]
fn altered_or_missing_files_at_the_edge_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let sequencer = sequencer(dir.path());
    fill(&outbox, 300);
    advance_to_end(&sequencer, &outbox);
    fill(&outbox, 301);
    for name in ["tile/0/001.p/44", "tile/1/000.p/1"] {
        let file = dir.path().join(name);
        let good = fs::read(&file).unwrap();
        for bad in [Vec::new(), vec![0; good.len()], good[1..].to_vec()] {
            fs::write(&file, bad).unwrap();
            assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.files_disagree");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.files_disagree");
        fs::write(&file, good).unwrap();
    }
    // Somebody put another file where the next tile goes.
    fs::write(dir.path().join("tile/0/001.p/45"), [0; 45 * 32]).unwrap();
    assert_eq!(sequencer.advance(&outbox).unwrap_err().code(), "ledger.files_disagree");
    fs::remove_file(dir.path().join("tile/0/001.p/45")).unwrap();
    assert_eq!(outbox.heads().len(), 2, "the head may move before the files are looked at");
    advance_to_end(&sequencer, &outbox);
    verify_all(dir.path(), &outbox);
}

#[test]
fn another_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    fill(&outbox, 5);
    advance_to_end(&sequencer(dir.path()), &outbox);
    let other = || LedgerSigner::from_seed("ledger.example", &[9; 32]).unwrap();
    let refused = |dir: &Path| {
        Sequencer::open(dir, other(), NoFaults).unwrap().advance(&outbox).unwrap_err().code()
    };
    assert_eq!(refused(dir.path()), "ledger.published_unverified");
    assert_eq!(refused(tempfile::tempdir().unwrap().path()), "ledger.head_unverified");
    let foreign = Prover::new(dir.path(), other().verifier().clone());
    assert_eq!(foreign.prove(0).unwrap_err().code(), "ledger.checkpoint.signature");
}

#[test]
fn what_is_no_entry_is_never_signed() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    fill(&outbox, 5);
    outbox.push(b"{}".to_vec());
    let refused = sequencer(dir.path()).advance(&outbox).unwrap_err();
    assert!(matches!(refused, SequencerError::Entry { index: 5, .. }), "{refused}");
    assert_eq!(outbox.head(), Ok(None));
    assert_eq!(DirSource::new(dir.path()).list(), Ok(Some(Vec::new())));
}

#[test]
fn proofs_come_for_published_entries_only_and_never_from_altered_tiles() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let prover = Prover::new(dir.path(), verifier());
    assert_eq!(prover.prove(0), Err(ProveError::NotYet));
    let sequencer = sequencer(dir.path());
    for size in [1, 2, 255, 256, 263] {
        fill(&outbox, size);
        advance_to_end(&sequencer, &outbox);
        assert_eq!(prover.prove(size), Err(ProveError::NotYet));
        for index in 0..size {
            let checkpoint = prover.prove(index).unwrap().verify(&entry(index), &verifier());
            assert_eq!(checkpoint.unwrap().size(), size);
        }
    }
    let file = dir.path().join("tile/0/000");
    let mut tile = fs::read(&file).unwrap();
    tile[40 * 32] ^= 1;
    fs::write(&file, tile).unwrap();
    for index in [0, 40, 41, 200] {
        assert_eq!(prover.prove(index), Err(ProveError::FilesDisagree), "{index}");
    }
    fs::remove_file(file).unwrap();
    assert_eq!(prover.prove(40), Err(ProveError::FilesDisagree));
}

#[test]
fn log_12_every_changed_file_on_disk_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = MemoryOutbox::default();
    let sequencer = sequencer(dir.path());
    for size in [20, 256, 300] {
        fill(&outbox, size);
        advance_to_end(&sequencer, &outbox);
    }
    let source = DirSource::new(dir.path());
    fs::write(dir.path().join("trust.json"), b"{}").unwrap();
    verify_ledger(&source, &verifier()).unwrap();
    for name in source.list().unwrap().unwrap() {
        let file = dir.path().join(&name);
        let good = fs::read(&file).unwrap();
        for at in (0..good.len()).step_by(if full() { 211 } else { 4_999 }) {
            let mut bad = good.clone();
            bad[at] ^= 4;
            fs::write(&file, bad).unwrap();
            assert!(verify_ledger(&source, &verifier()).is_err(), "{name} {at}");
        }
        fs::write(&file, good).unwrap();
    }
    for name in ["tile/0/000.tmp", "tile/trust.json", "x/y"] {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, b"").unwrap();
        let fault = verify_ledger(&source, &verifier()).unwrap_err();
        assert_eq!(fault.code(), "ledger.file.unexpected", "{name}");
        fs::remove_file(file).unwrap();
    }
    verify_ledger(&source, &verifier()).unwrap();
}

/// Every file with its bytes.
fn snapshot(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let source = DirSource::new(dir);
    let names = source.list().unwrap().unwrap();
    names.into_iter().map(|name| (name.clone(), source.read(&name).unwrap())).collect()
}
