//! Makes of events what the database and the ledger will have of them: rows, the leaves, the packed lines. All of it
//! before the transaction, and of a large batch on all processors side by side; nothing depends on how it was shared.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use tiers_contact::labels;
use tiers_protocol::consent::State;
use tiers_protocol::encoding::{Bytes, sha256_of};
use tiers_protocol::exchange::tree::Leaf;
use tiers_protocol::ids::FormId;
use tiers_protocol::tlog::Salted;

use super::super::Certifier;
use super::batch::{Packed, pack_part};
use super::people::flags;
use super::proof::{leaf, root_of};
use crate::consent::Proof;
use crate::crypto::chain::VaultToken;

/// Things for which another thread is begun.
const PART: usize = 2_048;

/// Events that are ready to be written.
pub(super) struct Prepared {
    pub(super) digest: [u8; 16],
    pub(super) salt: [u8; 32],
    pub(super) root: Bytes<32>,
    /// Token, place, instant and flags of each row, in the order of tokens.
    pub(super) rows: Vec<(VaultToken, u64, i64, u8)>,
    pub(super) packed: Vec<u8>,
    /// Tokens of those whose choice ended.
    pub(super) ended: Vec<VaultToken>,
    pub(super) count: u64,
}

/// What comes of some events that follow one another.
struct Part {
    rows: Vec<(VaultToken, u64, i64, u8)>,
    ended: Vec<VaultToken>,
    lines: Vec<u8>,
    packed: Vec<u8>,
    leaves: Vec<Leaf>,
}

impl Part {
    fn of(first: u64, events: &[(Packed, bool)], salt: &Salted, last: bool) -> Self {
        let mut rows = Vec::with_capacity(events.len());
        let mut leaves = Vec::with_capacity(events.len());
        let (mut lines, mut ended) = (Vec::new(), Vec::new());
        for (place, (event, shown)) in (first..).zip(events) {
            let proof = if *shown { Proof::Proven } else { Proof::Unproven };
            let flags = flags(event.state, proof, event.all);
            let tokens = event.tokens.iter();
            let tokens = tokens.map(|token| VaultToken::from_bytes(*token.as_bytes()));
            rows.extend(tokens.clone().map(|token| (token, place, event.at, flags)));
            if !event.state.permits() && event.state != State::Requested {
                ended.extend(tokens);
            }
            serde_json::to_writer(&mut lines, event).expect("memory takes all bytes");
            lines.push(b'\n');
            leaves.push(leaf(salt, place, event));
        }
        let packed = pack_part(&lines, last);
        Self { rows, ended, lines, packed, leaves }
    }
}

impl Certifier {
    /// Makes rows, leaves and the packed part of events; the mark says whether there is evidence. `by` tells apart who
    /// said the same.
    pub(super) fn pack(&self, form: &FormId, events: &[(Packed, bool)], by: &[u8]) -> Prepared {
        let salt: [u8; 32] = self.bytes();
        let salted = Salted::with(&salt);
        let parts = in_parts(events, |first, part| {
            let last = first + part.len() == events.len();
            Part::of(first as u64, part, &salted, last)
        });
        let form = form.to_string();
        let mut whole = vec![form.as_bytes(), b"\n"];
        whole.extend(parts.iter().map(|part| part.lines.as_slice()));
        whole.push(by);
        let digest = sha256_of(&whole);
        let digest = self.keyring.rights.digest(labels::RIGHTS_BATCH, digest.as_bytes());
        let root = root_of(parts.iter().flat_map(|part| part.leaves.iter().copied()));
        let (mut rows, mut packed, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            rows.extend(part.rows);
            packed.extend(part.packed);
            ended.extend(part.ended);
        }
        rows.sort_unstable_by_key(|(token, place, ..)| (*token, *place));
        Prepared { digest, salt, root, rows, packed, ended, count: events.len() as u64 }
    }
}

/// Works on parts of things side by side; what comes of them is in their order. `work` is given the place of the first of
/// its things. Few are one part, for which no thread is begun.
pub(super) fn in_parts<I: Sync, T: Send>(
    things: &[I],
    work: impl Fn(usize, &[I]) -> T + Sync,
) -> Vec<T> {
    let parts = things.len() / PART;
    if parts < 2 {
        return vec![work(0, things)];
    }
    let parts = parts.min(thread::available_parallelism().map_or(1, NonZero::get));
    let size = things.len().div_ceil(parts);
    let work = &work;
    thread::scope(|scope| {
        let mut chunks = things.chunks(size).zip((0..).step_by(size));
        let own = chunks.next();
        let others: Vec<_> =
            chunks.map(|(part, first)| scope.spawn(move || work(first, part))).collect();
        let own = own.map(|(part, first)| work(first, part));
        let others =
            others.into_iter().map(|other| other.join().unwrap_or_else(|e| resume_unwind(e)));
        own.into_iter().chain(others).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::DeflateDecoder;

    use super::*;

    fn event(n: u16) -> (Packed, bool) {
        let mut token = [0; 16];
        token[..2].copy_from_slice(&n.to_be_bytes());
        let state = State::ALL[usize::from(n) % State::ALL.len()];
        let tokens = vec![Bytes::new(token)];
        (Packed { tokens, at: i64::from(n), state, entity: None, evidence: None, all: false }, true)
    }

    #[test]
    fn parts_are_what_the_whole_is() {
        let events: Vec<_> = (0..5_000).map(event).collect();
        let salt = Salted::with(&[3; 32]);
        let whole = Part::of(0, &events, &salt, true);
        for size in [1_700, 2_500, 5_000] {
            let starts = (0..events.len()).step_by(size);
            let parts = events.chunks(size).zip(starts).map(|(part, first)| {
                Part::of(first as u64, part, &salt, first + part.len() == events.len())
            });
            let (mut packed, mut leaves, mut rows, mut ended) = (Vec::new(), Vec::new(), 0, 0);
            for part in parts {
                packed.extend(part.packed);
                leaves.extend(part.leaves);
                rows += part.rows.len();
                ended += part.ended.len();
            }
            assert!(leaves == whole.leaves && rows == whole.rows.len());
            assert_eq!(ended, whole.ended.len());
            // One stream, as readers of batches have always expected it.
            let mut lines = Vec::new();
            DeflateDecoder::new(packed.as_slice()).read_to_end(&mut lines).unwrap();
            assert!(lines == whole.lines, "parts of {size}");
        }
    }

    #[test]
    fn things_are_worked_on_once_and_in_order() {
        for count in [0, 1, PART, 2 * PART, 5 * PART + 7] {
            let things: Vec<usize> = (0..count).collect();
            let parts = in_parts(&things, |first, part| {
                assert_eq!(part.first().copied().unwrap_or(first), first);
                part.to_vec()
            });
            assert_eq!(parts.concat(), things);
        }
    }
}
