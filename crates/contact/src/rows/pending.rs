//! Identifiers that wait to be hashed together.
//!
//! A hash alone waits for its text to be laid out; many whose texts lie ready are hashed side by side
//! (`sha256::lay_out`). What the texts are is `rows`.

use zeroize::optimization_barrier;

use crate::{
    account::{Outcome, State},
    kind::Kind,
    normalise::Reading,
    prepare::{Digest, NormalisedRow},
    sha256::{self, Block},
    wiped::Wiped,
};

/// Identifiers that are hashed together: their blocks stay in a processor's nearest memory.
const TOGETHER: usize = 64;

/// Blocks for which there is room from the beginning, so that usual texts are never moved: what is moved is not wiped.
const ROOM: usize = 3 * TOGETHER;

/// Identifiers of some rows, laid out, and how the kinds of the row that is being read ended. Texts are wiped
/// when they are hashed, and all of the room when it goes.
#[derive(Default)]
pub(super) struct Pending {
    blocks: Wiped<Vec<Block>>,
    waiting: Vec<Waiting>,
    /// Place of the row among the good ones, if it becomes one.
    row: usize,
    /// Where its identifiers and their blocks begin.
    first: (usize, usize),
    states: States,
}

type States = [State; Kind::SINGLE.len()];

/// One identifier.
struct Waiting {
    row: usize,
    kind: Kind,
    /// Blocks of its text, where nobody made the digest before.
    blocks: usize,
    made: Option<Digest>,
}

impl Pending {
    /// Begins the row that follows so many good ones.
    pub(super) fn begin(&mut self, row: usize) {
        self.row = row;
        self.first = (self.waiting.len(), self.blocks.len());
        self.states = States::default();
    }

    /// Leaves the row out.
    pub(super) fn leave_out(&mut self) {
        self.waiting.truncate(self.first.0);
        self.blocks.truncate(self.first.1);
    }

    /// Notes how a single kind of the row ended.
    pub(super) fn note<T>(&mut self, kind: Kind, reading: &Reading<T>) {
        self.states[kind.index()] = Outcome::of(reading).state;
    }

    /// How a single kind of the row ended; `None` for a near one.
    pub(super) fn state(&self, kind: Kind) -> Option<State> {
        self.states.get(kind.index()).copied()
    }

    /// Whether the row has an identifier of a single kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        matches!(self.state(kind), Some(State::Good | State::Repaired))
    }

    /// Takes the text of an identifier, in parts.
    pub(super) fn text(&mut self, kind: Kind, parts: &[&[u8]]) {
        if self.blocks.capacity() == 0 {
            self.blocks.reserve_exact(ROOM);
        }
        let blocks = sha256::lay_out(parts, &mut self.blocks);
        self.waiting.push(Waiting { row: self.row, kind, blocks, made: None });
    }

    /// Takes a digest that was made before.
    pub(super) fn made(&mut self, kind: Kind, digest: Digest) {
        self.waiting.push(Waiting { row: self.row, kind, blocks: 0, made: Some(digest) });
    }

    /// Hashes what waits and gives it to its rows, once it is enough or `all` of it.
    pub(super) fn give(&mut self, rows: &mut [NormalisedRow], all: bool) {
        if self.waiting.len() < TOGETHER && !all {
            return;
        }
        let mut rest = self.blocks.as_slice();
        for waiting in self.waiting.drain(..) {
            let (text, behind) = rest.split_at(waiting.blocks);
            rest = behind;
            let digest = waiting.made.unwrap_or_else(|| Digest::of_blocks(text));
            if let Some(row) = rows.get_mut(waiting.row) {
                row.digests[waiting.kind.index()] = Some(digest);
            }
        }
        self.blocks.fill([0; size_of::<Block>()]);
        optimization_barrier(self.blocks.as_slice());
        self.blocks.clear();
    }
}
