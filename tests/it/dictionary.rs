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

use crate::harness::{Dice, figure, full};

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

/// One block of SHA-256 that holds a whole message, after `before` bytes that a state has taken already.
fn block(before: usize, parts: &[&[u8]]) -> [u8; 64] {
    let (mut block, mut length) = ([0; 64], 0);
    for part in parts {
        block[length..length + part.len()].copy_from_slice(part);
        length += part.len();
    }
    block[length] = 0x80;
    let bits = u64::try_from(8 * (before + length)).unwrap();
    block[56..].copy_from_slice(&bits.to_be_bytes());
    block
}

type State = [u32; 8];

/// The state before the first block.
const FIRST: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn after(mut state: State, block: &[u8; 64]) -> State {
    sha2::block_api::compress256(&mut state, core::slice::from_ref(block));
    state
}

fn bytes(state: &State) -> [u8; 32] {
    let mut out = [0; 32];
    for (part, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *part = word.to_be_bytes();
    }
    out
}

/// What a number is tried as, with as few blocks as each digest takes: the digest of each spelling, plain and
/// as a leaf, one block each; a commitment under the salt of who has none, two, since both halves of its key
/// are the same for all.
struct Trials {
    inner: State,
    outer: State,
}

impl Trials {
    fn new() -> Self {
        Self { inner: after(FIRST, &[0x36; 64]), outer: after(FIRST, &[0x5c; 64]) }
    }

    /// Calls with the first word of each digest and with all of it.
    fn each(&self, n: u64, mut see: impl FnMut(&State)) {
        let mut international = *b"+33600000000";
        international[3] += u8::try_from(n / 100_000_000).unwrap();
        let mut rest = n % 100_000_000;
        for digit in international[4..].iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap();
            rest /= 10;
        }
        see(&after(FIRST, &block(0, &[&international])));
        see(&after(FIRST, &block(0, &[&international[1..]])));
        see(&after(FIRST, &block(0, &[b"0", &international[3..]])));
        see(&after(FIRST, &block(0, &[&[0], &international])));
        let inner = bytes(&after(self.inner, &block(64, &[&international])));
        see(&after(self.outer, &block(64, &[&inner])));
    }
}

/// What is shown, asked first by two bytes: nearly every digest stops there.
struct Shown<'a> {
    begins: Vec<bool>,
    all: &'a HashSet<[u8; 16]>,
}

impl<'a> Shown<'a> {
    fn of(all: &'a HashSet<[u8; 16]>) -> Self {
        let mut begins = vec![false; 1 << 24];
        for one in all {
            begins[usize::try_from(u32::from_be_bytes([0, one[0], one[1], one[2]])).unwrap()] =
                true;
        }
        Self { begins, all }
    }

    fn has(&self, digest: &State) -> bool {
        self.begins[usize::try_from(digest[0] >> 8).unwrap()]
            && self.all.contains(bytes(digest).first_chunk::<16>().unwrap())
    }
}

/// How many of the numbers below `until` can be linked to something of a ledger by whoever knows everything
/// but the salts: the digest of each spelling, plain, as a leaf, and under the salts of who has none.
fn linked(shown: &HashSet<[u8; 16]>, until: u64) -> usize {
    let (shown, trials) = (Shown::of(shown), Trials::new());
    let try_one = |n: u64| {
        let mut found = false;
        trials.each(n, |digest| found |= shown.has(digest));
        found
    };
    let threads = u64::try_from(thread::available_parallelism().map_or(1, usize::from)).unwrap();
    let part = until.div_ceil(threads);
    let count = |from: u64| (from..until.min(from + part)).filter(|n| try_one(*n)).count();
    let count = &count;
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|one| scope.spawn(move || count(one * part))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

/// The quick digests of the search are those of the plain ones.
#[test]
fn a_number_is_tried_as_what_it_is_said_to_be_tried_as() {
    let (trials, mut dice) = (Trials::new(), Dice(6));
    for n in [0, 99_999_999, 100_000_000, NUMBERS - 1]
        .into_iter()
        .chain((0..500).map(|_| dice.below(NUMBERS)))
    {
        let international = number(n);
        let national = format!("0{}", &international[3..]);
        let mut leaf = vec![0];
        leaf.extend(international.as_bytes());
        let mut mac: Hmac<Sha256> = Hmac::new_from_slice(&[0; 32]).unwrap();
        mac.update(international.as_bytes());
        let plain = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
        let expected = [
            plain(international.as_bytes()),
            plain(&international.as_bytes()[1..]),
            plain(national.as_bytes()),
            plain(&leaf),
            mac.finalize().into_bytes().into(),
        ];
        let mut tried = Vec::new();
        trials.each(n, |digest| tried.push(bytes(digest)));
        assert_eq!(tried, expected, "{international}");
    }
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
    // The same persons under a salt that everybody knows: all of them.
    let unsalted = shown(&persons, &mut || [0; 32]);
    let found = linked(&unsalted, SHARE);
    assert_eq!(found, persons.len());
    figure(
        "A6",
        &format!(
            "{until} numbers in five forms against {ENTRIES} entries ({rate} numbers a second): 0 found; \
             without salts {found} of {ENTRIES}"
        ),
    );
}
