//! Reads a sealed body: opens it in memory, re-keys every token and finds the canaries. What comes out
//! holds no token as it was sent, and goes to a `Sink` in runs that fit the memory, whatever the size.
//!
//! One thread at a time reads the spool, hashes it and opens the next block; what the lines of a block
//! say is worked out on all processors side by side. Nothing depends on which thread had which block:
//! ordinals follow from the place in the body, and of several faults the first in the body is told.
//! That the digest is right is known at the end only, so nothing may be committed before this returns.

mod lines;
mod runs;
mod sealed;
mod source;
#[cfg(test)]
mod tests;
mod text;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tiers_contact::Kind;
use tiers_protocol::manifest::Manifest;
use tiers_protocol::programme::Programme;

use self::lines::{Grammar, Row};
use self::runs::Runs;
pub(super) use self::runs::Sink;
use self::sealed::Sealed;
use self::source::{Block, Buffer, Source};
use self::text::Text;
use super::open_deposit::expected_columns;
use super::{Refusal, ServiceError};
use crate::crypto::chain::{VaultChain, VaultToken};
use crate::crypto::keyring::Keyring;
use crate::limits;
use crate::store::programme::Canary;

/// A body and all that is needed to understand it.
pub(super) struct Body<'a> {
    /// Where it lies, sealed.
    pub(super) spool: &'a Path,
    /// What the party says of it.
    pub(super) manifest: &'a Manifest,
    /// The programme it is for.
    pub(super) programme: &'a Programme,
    /// What opens it.
    pub(super) keyring: &'a Keyring,
    /// What re-keys it: the chain under which the canaries are.
    pub(super) chain: &'a VaultChain,
    /// The canaries that were registered with the programme.
    pub(super) canaries: &'a [Canary],
}

/// How a body is read. What comes of it does not depend on this.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How many threads may work on it.
    threads: usize,
    /// Bytes of a body for which another thread is begun.
    thread_bytes: u64,
    /// Chunks that a thread takes at a time.
    block_chunks: usize,
    /// Entries of segments that all threads hold back together.
    entries: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, usize::from),
            thread_bytes: limits::INGEST_THREAD_BYTES,
            block_chunks: limits::INGEST_BLOCK_CHUNKS,
            entries: limits::INGEST_ENTRIES,
        }
    }
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// Lines behind the heading: ordinals are below this. A canary has an ordinal and no entry.
    pub(super) lines: u32,
    /// Rows, canaries not counted.
    pub(super) rows: u64,
}

/// Reads a body into `sink`.
///
/// # Errors
/// [`Refusal`]s of the group `deposit`; what the sink answers.
pub(super) fn read_body(
    body: &Body<'_>,
    pace: Pace,
    sink: &impl Sink,
) -> Result<Read, ServiceError> {
    let manifest = body.manifest;
    let heading = expected_columns(manifest.kind, body.programme).join(",").into_bytes();
    let sealed = Sealed::open(body.spool, manifest, body.keyring)?;
    let source = Source::new(Text::new(sealed, manifest.body.encoding)?, heading);
    let reading = Reading::new(body, source);
    reading.run(body, pace, sink);
    let Reading { state, .. } = reading;
    let State { source, found, fault } = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let read = source.rows();
    if let Some((_, error)) = fault {
        // A disk that fails is no fault of the body.
        if matches!(error, ServiceError::Refused(_)) {
            source.finish(manifest)?;
        }
        return Err(error);
    }
    source.finish(manifest)?;
    if read != manifest.rows {
        return Err(Refusal::RowCount.into());
    }
    if !all_found(found, body.canaries) {
        return Err(Refusal::Canary.into());
    }
    let lines = u32::try_from(read).map_err(|_| Refusal::BodyTooLarge)?;
    let canaries = distinct(body.canaries).len() as u64;
    Ok(Read { lines, rows: read.saturating_sub(canaries) })
}

/// Every canary once.
fn all_found(mut found: Vec<u32>, canaries: &[Canary]) -> bool {
    found.sort_unstable();
    found == distinct(canaries)
}

fn distinct(canaries: &[Canary]) -> Vec<u32> {
    let mut positions: Vec<u32> = canaries.iter().map(|canary| canary.position).collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}

/// What the threads share.
struct Reading<'a> {
    grammar: Grammar<'a>,
    canaries: Canaries<'a>,
    announced: u64,
    state: Mutex<State>,
}

struct State {
    source: Source,
    /// Positions of the canaries that were seen.
    found: Vec<u32>,
    /// The first fault in the order of the body.
    fault: Option<(u64, ServiceError)>,
}

impl<'a> Reading<'a> {
    fn new(body: &Body<'a>, source: Source) -> Self {
        let campaigns = body.programme.campaigns.iter().map(|c| c.name.as_bytes());
        let margins = body.programme.margins();
        let grammar = Grammar {
            kinds: body.programme.policy.kinds().collect(),
            kind: body.manifest.kind,
            campaigns: campaigns.collect(),
            models: margins.models.into_iter().map(String::into_bytes).collect(),
            areas: margins.areas.into_iter().map(|area| area.name.into_bytes()).collect(),
            chain: body.chain,
        };
        Self {
            grammar,
            canaries: Canaries::new(body.canaries),
            announced: body.manifest.rows,
            state: Mutex::new(State { source, found: Vec::new(), fault: None }),
        }
    }

    fn run(&self, body: &Body<'a>, pace: Pace, sink: &impl Sink) {
        // A small body is read before a second thread has begun.
        let most = usize::try_from(body.manifest.body.plain_bytes / pace.thread_bytes);
        let threads = most.unwrap_or(usize::MAX).min(pace.threads).max(1);
        let work = || {
            let runs = Runs::new(sink, body.keyring, pace.entries / threads);
            self.work(runs, pace.block_chunks);
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }

    /// Block after block, until there is no more.
    fn work(&self, mut runs: Runs<'_, impl Sink>, chunks: usize) {
        let (mut buffer, mut row) = (Buffer::new(chunks), Row::new());
        while let Some(block) = self.next(&mut buffer) {
            let mut found = Vec::new();
            let done = self.lines(&block, buffer.lines(&block), &mut row, &mut runs, &mut found);
            let mut state = self.state();
            state.found.extend(found);
            if let Err(error) = done {
                state.fail(block.place, error);
            }
        }
        if let Err(error) = runs.flush() {
            self.state().fail(u64::MAX, error);
        }
    }

    fn next(&self, buffer: &mut Buffer) -> Option<Block> {
        let mut state = self.state();
        let place = state.source.blocks();
        let next = state.source.next(buffer);
        if state.source.rows() > self.announced {
            // Enough to tell that there are too many; what is behind it is not looked at.
            state.source.stop();
        }
        match next {
            Ok(block) => block,
            Err(error) => {
                state.fail(place, error);
                None
            }
        }
    }

    fn lines(
        &self,
        block: &Block,
        mut text: &[u8],
        row: &mut Row,
        runs: &mut Runs<'_, impl Sink>,
        found: &mut Vec<u32>,
    ) -> Result<(), ServiceError> {
        let mut ordinal = block.first_row;
        while let Some(end) = memchr::memchr(b'\n', text) {
            let (line, rest) = text.split_at(end);
            if line.len() > limits::LINE_BYTES {
                return Err(Refusal::BadLine.into());
            }
            self.grammar.read(line, row)?;
            match self.canaries.of(row)? {
                Some(position) => found.push(position),
                None => {
                    let ordinal = u32::try_from(ordinal).map_err(|_| Refusal::BodyTooLarge)?;
                    runs.add(row, ordinal)?;
                }
            }
            ordinal += 1;
            text = rest.get(1..).unwrap_or_default();
        }
        Ok(())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Keeps the fault that comes first in the body, and lets nobody read on.
    fn fail(&mut self, place: u64, error: ServiceError) {
        self.source.stop();
        if self.fault.as_ref().is_none_or(|(known, _)| place < *known) {
            self.fault = Some((place, error));
        }
    }
}

/// A token as a number, which is compared at once.
const fn number(token: &VaultToken) -> u128 {
    u128::from_ne_bytes(*token.as_bytes())
}

/// The canaries of a programme, so laid out that most rows are told from them at once.
struct Canaries<'a> {
    all: &'a [Canary],
    tokens: [Vec<u128>; Kind::ALL.len()],
}

impl<'a> Canaries<'a> {
    fn new(all: &'a [Canary]) -> Self {
        let mut tokens = [const { Vec::new() }; Kind::ALL.len()];
        for canary in all {
            if let Some(tokens) = tokens.get_mut(canary.kind.index()) {
                tokens.push(number(&canary.token));
            }
        }
        Self { all, tokens }
    }

    /// Which canary a row is, if any. A row that is a canary in one kind and not in all shows that
    /// tokens were not made as the programme's were.
    fn of(&self, row: &Row) -> Result<Option<u32>, Refusal> {
        let known = |(kind, token): &(Kind, VaultToken)| {
            self.tokens.get(kind.index()).is_some_and(|tokens| tokens.contains(&number(token)))
        };
        if !row.tokens.iter().any(known) {
            return Ok(None);
        }
        let is = |canary: &Canary| row.tokens.contains(&(canary.kind, canary.token));
        let Some(first) = self.all.iter().find(|canary| is(canary)) else { return Ok(None) };
        let mut same = self.all.iter().filter(|canary| canary.position == first.position);
        if same.all(is) { Ok(Some(first.position)) } else { Err(Refusal::Canary) }
    }
}
