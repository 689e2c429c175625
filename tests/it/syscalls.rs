//! Test A4: a fault injected into every system call of the write path, and a kill at every one of them. A
//! certifier in a process of its own takes acts under `strace`, which makes one call fail or kills the
//! process there. Afterwards the certifier opens, every act that was acknowledged is in the ledger, the
//! ledger verifies, and it continues every checkpoint that was published before.
//!
//! Needs `strace`, which `tests/run` installs. The short form takes a sample of the calls, the long form each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tiers::crypto::keyring::Keyring;
use tiers::crypto::random::OsRandom;
use tiers::ledger::DirSource;
use tiers::service::{Certifier, Dependencies, Layout};
use tiers_protocol::tlog::{Checkpoint, verify_history, visit_ledger};

use crate::harness::server::ORIGIN;
use crate::harness::{Dice, figure, full};
use crate::witnesses::copy;

/// Where the child finds its certifier.
const PLACE: &str = "TIERS_SYSCALLS_PLACE";

/// Every call by which the certifier changes or reads files.
const CALLS: [&str; 16] = [
    "openat",
    "read",
    "pread64",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "mkdir",
    "unlink",
    "ftruncate",
    "flock",
    "fcntl",
    "close",
    "statx",
];

/// How many acts the child tries.
const ACTS: usize = 4;

fn open(place: &Path) -> Result<Certifier, tiers::service::ServiceError> {
    let keyring = Keyring::open(&place.join("data.keyring"))?;
    Certifier::open(&place.join("data"), keyring, Dependencies::default())
}

/// The child: opens, takes acts, and says after each what was acknowledged.
#[test]
#[ignore = "run by the tests below, under strace"]
fn child_that_takes_acts() {
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap());
    let Ok(certifier) = open(&place) else { return };
    for _ in 0..ACTS {
        // After a failure it goes on, as a server does.
        if let Ok(issued) = certifier.enrol_operator() {
            writeln!(std::io::stdout(), "acknowledged {}", issued.actor).unwrap();
        }
    }
}

/// Runs the child under strace with these words.
fn child(place: &Path, words: &[&str]) -> String {
    let done = Command::new("strace")
        .args(["-f", "-qqq", "--seccomp-bpf"])
        .args(words)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "syscalls::child_that_takes_acts", "--ignored", "--nocapture"])
        .args(["--test-threads", "1"])
        .env(PLACE, place)
        .stdin(Stdio::null())
        .output()
        .expect("strace: apt-get install strace");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn acknowledged(said: &str) -> Vec<String> {
    let words = said.split("acknowledged ").skip(1);
    words.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
}

/// A certifier with a few acts, in a folder to be copied.
fn base(place: &Path) {
    let (data, keys) = (place.join("data"), place.join("data.keyring"));
    let keyring = Keyring::create(&keys, &data, ORIGIN, &mut OsRandom::default()).unwrap();
    let certifier = Certifier::create(&data, keyring, Dependencies::default()).unwrap();
    certifier.enrol_operator().unwrap();
}

/// The checkpoint that is published, if there is one that can be read.
fn published(place: &Path) -> Option<Checkpoint> {
    let keyring = Keyring::open(&place.join("data.keyring")).unwrap();
    let verifier = keyring.ledger_signer().verifier().clone();
    let layout = Layout::new(&place.join("data"));
    let signed = fs::read(layout.ledger().join("checkpoint")).ok()?;
    verifier.verify_checkpoint(&signed).ok()
}

/// After any fault: it opens, nothing acknowledged is missing, nothing forked.
#[track_caller]
fn nothing_lost(place: &Path, said: &[String], held: &[Checkpoint], what: &str) {
    let certifier = open(place).unwrap_or_else(|error| panic!("{what}: {}", error.code()));
    certifier.publish().unwrap();
    let trust = certifier.trust();
    drop(certifier);
    let verifier = trust.ledger_verifier().unwrap();
    let source = DirSource::new(&Layout::new(&place.join("data")).ledger());
    let mut objects = BTreeSet::new();
    let visited = visit_ledger(&source, &verifier, &mut |_, entry| {
        objects.insert(entry.object().as_str().to_owned());
    });
    visited.unwrap_or_else(|fault| panic!("{what}: {}", fault.code()));
    verify_history(&source, &verifier, held).unwrap_or_else(|f| panic!("{what}: {}", f.code()));
    for act in said {
        assert!(objects.contains(act), "{what}: {act} was acknowledged and is lost");
    }
}

/// How often each thread of the child makes each call, the most of all threads.
fn counted(folder: &Path) -> BTreeMap<&'static str, u64> {
    let place = folder.join("counted");
    copy(&folder.join("base"), &place);
    let log = folder.join("calls");
    let trace = format!("trace={}", CALLS.join(","));
    let said = child(&place, &["-o", log.to_str().unwrap(), "-e", &trace]);
    assert_eq!(acknowledged(&said).len(), ACTS, "{said}");
    let mut counts: BTreeMap<(&str, &'static str), u64> = BTreeMap::new();
    let text = fs::read_to_string(log).unwrap();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let call = rest.trim_start().split('(').next().unwrap_or_default();
        if let Some(call) = CALLS.iter().find(|known| **known == call) {
            *counts.entry((thread, call)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in counts {
        let held: &mut u64 = most.entry(call).or_default();
        *held = count.max(*held);
    }
    most
}

/// Faults at places of every call, `each` of them at most.
fn inject(how: &str, each: u64, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    base(&folder.path().join("base"));
    let calls = counted(folder.path());
    // The path that writes has them all, but for those that this system knows under another name.
    for call in ["openat", "write", "pwrite64", "fsync", "close"] {
        assert!(calls.contains_key(call), "{call}: {calls:?}");
    }
    let (mut dice, mut runs, mut hit) = (Dice(seed), 0_u64, 0_u64);
    for (call, count) in calls {
        let mut places: Vec<u64> = (1..=count).collect();
        dice.shuffle(&mut places);
        for when in places.into_iter().take(usize::try_from(each).unwrap()) {
            let place = folder.path().join("trial");
            copy(&folder.path().join("base"), &place);
            let held: Vec<Checkpoint> = published(&place).into_iter().collect();
            let rule = format!("inject={call}:{how}:when={when}");
            let said = acknowledged(&child(&place, &["-o", "/dev/null", "-e", &rule]));
            let held: Vec<Checkpoint> = held.into_iter().chain(published(&place)).collect();
            nothing_lost(&place, &said, &held, &rule);
            fs::remove_dir_all(&place).unwrap();
            runs += 1;
            hit += u64::from(said.len() < ACTS);
        }
    }
    // The faults are felt: else nothing would have been tried.
    assert!(hit * 4 > runs, "{hit} of {runs} runs lost an act that was not acknowledged");
    let said = format!(
        "{how} at {runs} places of {} system calls ({hit} felt): 0 acknowledged acts lost, every ledger verifies",
        CALLS.len()
    );
    figure("A4", &said);
}

#[test]
fn a4_a_fault_in_any_system_call_of_the_write_path_loses_nothing_acknowledged() {
    let each = if full() { u64::MAX >> 1 } else { 1 };
    inject("error=EIO", each, 4);
    if full() {
        inject("error=ENOSPC", 40, 5);
    }
}

#[test]
fn a4_a_kill_at_any_system_call_loses_nothing_acknowledged() {
    // The long form kills at more than 200 places.
    inject("signal=KILL", if full() { 40 } else { 1 }, 6);
}
