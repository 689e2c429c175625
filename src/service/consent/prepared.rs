//! Makes of events what the database and the ledger will have of them: rows, the leaves, the packed lines. All of it
//! before the transaction, and of a large batch on all processors side by side; nothing depends on how it was shared.

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
use crate::parallel::in_parts_from;

/// Events for which another thread is begun.
pub(super) const PART: usize = 2_048;

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
        let parts = in_parts_from(PART, events.len(), |range| {
            let (first, last) = (range.start as u64, range.end == events.len());
            Part::of(first, &events[range], &salted, last)
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
}
