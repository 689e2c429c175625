//! Test A6 (LOG-13): whoever has the public ledger and tries every mobile number of the country finds
//! nothing. Even where the detail of each entry is the number itself: once detail and salt are erased the
//! ledger verifies as before and no commitment can be linked to anybody. The same search over commitments
//! without a salt finds all of them.
//!
//! The long form tries all 2·10^8 numbers, the short form a share that holds every number of the test.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tiers::ledger::faults::NoFaults;
use tiers::ledger::{DirSource, Outbox, OutboxError, Sequencer};
use tiers_protocol::tlog::{
    ActTime, Entry, EntryType, LedgerSigner, OpaqueId, TileSource as _, commit, verify_ledger,
};

use crate::harness::{Dice, full};

/// Mobile numbers of the country: 06 and 07 with eight digits.
const NUMBERS: u64 = 200_000_000;

/// What the short form tries.
const SHARE: u64 = 400_000;

/// Entries about persons.
const ENTRIES: u64 = 3_000;

fn number(n: u64) -> String {
    format!("+33{}{:08}", 6 + n / 100_000_000, n % 100_000_000)
}

/// Entries in memory.
#[derive(Default)]
struct Entries {
    entries: Vec<Vec<u8>>,
    head: Mutex<Option<Vec<u8>>>,
}

impl Outbox for Entries {
    fn head(&self) -> Result<Option<Vec<u8>>, OutboxError> {
        Ok(self.head.lock().unwrap().clone())
    }

    fn entries(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, OutboxError> {
        Ok(self.entries.iter().skip(usize::try_from(from).unwrap()).take(max).cloned().collect())
    }

    fn swap_head(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<bool, OutboxError> {
        let mut head = self.head.lock().unwrap();
        let same = head.as_deref() == expected;
        if same {
            *head = Some(new.to_vec());
        }
        Ok(same)
    }
}

/// Everything of 16 or 32 bytes that the public files of a ledger show, by its first 16 bytes.
fn shown(persons: &[u64], salt: &mut dyn FnMut() -> [u8; 32]) -> HashSet<[u8; 16]> {
    let folder = tempfile::tempdir().unwrap();
    let signer = LedgerSigner::from_seed("ledger.example", &[7; 32]).unwrap();
    let verifier = signer.verifier().clone();
    let sequencer = Sequencer::open(folder.path(), signer, NoFaults).unwrap();
    let at = ActTime::new("2026-03-01T08:30:00Z".parse().unwrap()).unwrap();
    let mut outbox = Entries::default();
    for (place, person) in persons.iter().enumerate() {
        let salt = salt();
        let detail = number(*person);
        // The pseudonym of who acted comes from the same salt.
        let actor = commit(&salt, detail.as_bytes());
        let actor =
            OpaqueId::new(&format!("act_{}", tiers_protocol::encoding::encode(&actor[..16])));
        let object = OpaqueId::new(&format!("req_{place}")).unwrap();
        let c = commit(&salt, detail.as_bytes());
        let kind = EntryType::RequestRecorded;
        let entry = Entry::act(kind, at, actor.unwrap(), object, c).unwrap();
        outbox.entries.push(entry.encode());
    }
    while sequencer.advance(&outbox).unwrap().is_some() {}
    let source = DirSource::new(folder.path());
    let summary = verify_ledger(&source, &verifier).unwrap();
    assert_eq!(summary.checkpoint.size(), persons.len() as u64);
    let mut found = HashSet::new();
    for name in source.list().unwrap().unwrap() {
        let bytes = source.read(&name).unwrap();
        // Hashes of tiles, and every word of base64url in the entries.
        for hash in bytes.chunks_exact(32) {
            found.insert(*hash.first_chunk().unwrap());
        }
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        for word in bytes.split(|b| !is_word(b)) {
            let word = std::str::from_utf8(word).unwrap();
            let word = word.strip_prefix("act_").unwrap_or(word);
            let decoded = tiers_protocol::encoding::decode(word).unwrap_or_default();
            found.extend(decoded.first_chunk::<16>());
        }
    }
    found
}

/// How many of the numbers below `until` can be linked to something of a ledger by whoever knows everything
/// but the salts: the digest of each spelling, plain, as a leaf, and under the salts of who has none.
fn linked(shown: &HashSet<[u8; 16]>, until: u64) -> usize {
    let zero: Hmac<Sha256> = Hmac::new_from_slice(&[0; 32]).unwrap();
    let mark = Sha256::new_with_prefix([0_u8]);
    let try_one = |n: u64| {
        let international = number(n);
        let national = format!("0{}", &international[3..]);
        let has = |digest: &[u8]| shown.contains(digest.first_chunk::<16>().unwrap());
        let keyed = |text: &str| {
            let mut mac = zero.clone();
            mac.update(text.as_bytes());
            mac.finalize().into_bytes()
        };
        has(&Sha256::digest(&international))
            || has(&Sha256::digest(&international[1..]))
            || has(&Sha256::digest(&national))
            || has(&mark.clone().chain_update(&international).finalize())
            || has(&keyed(&international))
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let count = |from: u64| (from..until).step_by(threads).filter(|n| try_one(*n)).count();
        let all: Vec<_> =
            (0..).take(threads).map(|from| scope.spawn(move || count(from))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

#[test]
fn log_13_a6_a_dictionary_of_every_mobile_number_finds_nobody_in_the_ledger() {
    let until = if full() { NUMBERS } else { SHARE };
    let mut dice = Dice(13);
    let mut persons = HashSet::new();
    while persons.len() < usize::try_from(ENTRIES).unwrap() {
        persons.insert(dice.below(SHARE));
    }
    let persons: Vec<u64> = persons.into_iter().collect();
    // Salts that are forgotten as soon as they are used, as after an erasure.
    let mut fresh = || {
        let mut salt = [0; 32];
        salt.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = dice.roll().to_be_bytes());
        salt
    };
    let ledger = shown(&persons, &mut fresh);
    assert!(ledger.len() > 2 * persons.len());
    let begun = std::time::Instant::now();
    assert_eq!(linked(&ledger, until), 0);
    let millis = begun.elapsed().as_millis().max(1);
    let rate = u128::from(until) * 1_000 / millis;
    if let Some(file) = std::env::var_os("TIERS_RATES") {
        std::fs::write(file, format!("{until} numbers, {rate} a second\n")).unwrap();
    }
    // The same persons under a salt that everybody knows: all of them.
    let unsalted = shown(&persons, &mut || [0; 32]);
    assert_eq!(linked(&unsalted, SHARE), persons.len());
}
