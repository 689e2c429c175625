//! From a party's file to sorted lines, on all cores and in bounded memory: one thread reads and cuts, the
//! others understand blocks, and the caller's thread takes what they made in the order of the file. What a
//! block means is `tiers_contact`; what becomes of the lines is `body_files`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use tiers_contact::{
    Account, BLOCK_BYTES, Block, Known, Lines, Opened, PrepareError, PrepareOptions, Reject,
    StreamPart, Streamed, Sum, Tokeniser, Verdict, is_workbook,
};

use super::super::deposit_dir::REJECTS;
use super::super::files::{Sink, Staged};
use super::super::source::Source;
use super::CliError;
use super::progress::Reading;
use super::runs::Runs;
use crate::parallel::in_parts_of;

/// How much at once.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Threads that understand blocks.
    pub workers: usize,
    /// Bytes of a block.
    pub block_bytes: usize,
    /// Bytes of lines in memory.
    pub budget_bytes: usize,
}

impl Scale {
    /// For rows with so many tokens. A block's lines are held several times over while they are put in
    /// order: where rows become long lines, blocks are shorter.
    pub fn of(tokens_per_row: usize) -> Self {
        Self {
            workers: thread::available_parallelism().map_or(2, NonZero::get).min(WORKERS_MAX),
            block_bytes: BLOCK_BYTES * USUAL_TOKENS / tokens_per_row.max(USUAL_TOKENS),
            budget_bytes: BUDGET_BYTES,
        }
    }
}

/// Tokens of a row of four single kinds, for which the sizes here were chosen.
const USUAL_TOKENS: usize = 4;

/// Each has a few megabytes of its own.
const WORKERS_MAX: usize = 8;
/// Lines of half a million rows: files of most parties never touch the disk on their way.
const BUDGET_BYTES: usize = 96 << 20;
/// Blocks that wait between two threads.
const WAITING: usize = 2;

/// What the pipeline works with.
pub struct Pipeline<'a> {
    /// What to make of the file.
    pub options: &'a PrepareOptions,
    /// Makes the tokens.
    pub tokeniser: &'a Tokeniser,
    /// The directory being made, with room for scratch files.
    pub staged: &'a Staged,
    /// Where it will be, for refusals.
    pub target: &'a Path,
    /// How much at once.
    pub scale: Scale,
    /// What a person sees meanwhile.
    pub progress: &'a Reading,
}

/// A block understood.
type Made = Result<(StreamPart, Lines), PrepareError>;

impl<'a> Pipeline<'a> {
    /// Reads a file. The rows that are left out are written by then.
    ///
    /// # Errors
    /// [`CliError::Prepare`], and those of reading and writing.
    pub fn run(&self, source: &mut Source) -> Result<(Account, Runs<'a>), CliError> {
        if is_workbook(source.head()) {
            return self.workbook(source);
        }
        let mut known = Known::default();
        loop {
            match self.reading(source, known)? {
                (Verdict::Again(more), ..) => known = more,
                (Verdict::Done(account), runs, rejects) => {
                    rejects.finish()?;
                    return Ok((account, runs));
                }
            }
        }
    }

    /// Reads a text once.
    fn reading(
        &self,
        source: &mut Source,
        known: Known,
    ) -> Result<(Verdict, Runs<'a>, Rejects), CliError> {
        let path = source.path().to_owned();
        let refused = |cause| CliError::Prepare { path: path.clone(), cause };
        let stream = Streamed::begin(source.head(), source.is_whole(), self.options, known);
        let stream = stream.map_err(refused)?;
        let mut taken = Taken {
            stream: &stream,
            sum: Sum::default(),
            runs: self.runs(),
            rejects: Rejects::begin(self.staged)?,
        };
        self.progress.begin(source.bytes());
        thread::scope(|scope| {
            let (block_in, block_out) = sync_channel(WAITING);
            let (made_in, made_out) = sync_channel(WAITING);
            let reader = scope.spawn({
                let stream = &stream;
                move || self.read(source, stream, &block_in)
            });
            let blocks = std::sync::Arc::new(Mutex::new(block_out));
            for _ in 0..self.scale.workers {
                let (blocks, made_in, stream) = (blocks.clone(), made_in.clone(), &stream);
                scope.spawn(move || self.work(stream, &blocks, &made_in));
            }
            // The threads have theirs: when they end, the channels do.
            drop((blocks, made_in));
            let taking = taken.take(made_out, self.progress);
            let reading = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            taking?.map_err(refused)?;
            reading
        })?;
        let Taken { sum, mut runs, rejects, .. } = taken;
        runs.push(stream.canaries(self.tokeniser))?;
        Ok((stream.finish(sum).map_err(refused)?, runs, rejects))
    }

    fn runs(&self) -> Runs<'a> {
        Runs::new(self.staged, self.target, self.scale.budget_bytes)
    }

    /// Reads and cuts until the file ends or nobody takes more.
    fn read(
        &self,
        source: &mut Source,
        stream: &Streamed<'_>,
        blocks: &SyncSender<Block>,
    ) -> Result<(), CliError> {
        let mut cutter = stream.cutter(self.scale.block_bytes);
        let send = |found: Vec<Block>| found.into_iter().all(|block| blocks.send(block).is_ok());
        source.each(|piece| {
            self.progress.bytes(piece.len() as u64);
            send(cutter.push(piece))
        })?;
        send(cutter.finish().into_iter().collect());
        Ok(())
    }

    /// Understands blocks until none comes or nobody wants them.
    fn work(
        &self,
        stream: &Streamed<'_>,
        blocks: &Mutex<Receiver<Block>>,
        made: &SyncSender<(u64, Made)>,
    ) {
        loop {
            let next = blocks.lock().ok().and_then(|blocks| blocks.recv().ok());
            let Some(block) = next else { return };
            let place = block.place();
            if made.send((place, stream.read(block, self.tokeniser))).is_err() {
                return;
            }
        }
    }

    /// A workbook is in memory whole; its rows are understood side by side.
    fn workbook(&self, source: &mut Source) -> Result<(Account, Runs<'a>), CliError> {
        let refused = |path: &Path, cause| CliError::Prepare { path: path.to_owned(), cause };
        let bytes = source.whole()?;
        let opened = Opened::new(&bytes, self.options);
        let opened = opened.map_err(|cause| refused(source.path(), cause))?;
        drop(bytes);
        let parts = self.side_by_side(opened.len(), |range| opened.read(range));
        let prepared = opened.finish(parts).map_err(|cause| refused(source.path(), cause))?;
        let mut rejects = Rejects::begin(self.staged)?;
        rejects.put(&prepared.rejects, 0)?;
        rejects.finish()?;
        let rows = prepared.rows.len();
        let mut runs = self.runs();
        for lines in self.side_by_side(rows, |range| prepared.lines(range, self.tokeniser)) {
            runs.push(lines)?;
        }
        runs.push(prepared.canaries(self.tokeniser))?;
        Ok((prepared.account(), runs))
    }

    /// The work on ranges of `0..len`, in their order.
    fn side_by_side<T: Send>(
        &self,
        len: usize,
        work: impl Fn(std::ops::Range<usize>) -> T + Sync,
    ) -> Vec<T> {
        in_parts_of(len.div_ceil(self.scale.workers), len, work)
    }
}

/// What was taken so far, in the order of the file.
struct Taken<'s, 'a> {
    stream: &'s Streamed<'s>,
    sum: Sum,
    runs: Runs<'a>,
    rejects: Rejects,
}

impl Taken<'_, '_> {
    /// Takes blocks until none comes; ends at the first refusal. Nobody can send more once this returns.
    fn take(
        &mut self,
        made: Receiver<(u64, Made)>,
        progress: &Reading,
    ) -> Result<Result<(), PrepareError>, CliError> {
        let mut early: BTreeMap<u64, Made> = BTreeMap::new();
        let mut next = 0;
        for (place, block) in made {
            early.insert(place, block);
            while let Some(block) = early.remove(&next) {
                next += 1;
                let (part, mut lines) = match block {
                    Ok(made) => made,
                    Err(error) => return Ok(Err(self.sum.place(error))),
                };
                let shift = self.sum.add(self.stream, &part);
                self.rejects.put(part.rejects(), shift)?;
                lines.shift(shift);
                self.runs.push(lines)?;
                progress.rows(self.sum.rows());
            }
        }
        Ok(Ok(()))
    }
}

/// `rejects.csv`: row, column, reason; never a value.
struct Rejects {
    sink: Sink,
    pending: String,
}

impl Rejects {
    fn begin(staged: &Staged) -> Result<Self, CliError> {
        let sink = staged.create_again(REJECTS)?;
        Ok(Self { sink, pending: String::from("row,column,code\n") })
    }

    fn put(&mut self, rejects: &[Reject], shift: u64) -> Result<(), CliError> {
        for reject in rejects {
            let column = reject.field.map_or("", tiers_contact::Field::as_str);
            let _ = writeln!(self.pending, "{},{column},{}", reject.row + shift, reject.code);
        }
        if self.pending.len() > PENDING_BYTES {
            self.sink.put(self.pending.as_bytes())?;
            self.pending.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), CliError> {
        self.sink.put(self.pending.as_bytes())?;
        self.sink.finish()
    }
}

const PENDING_BYTES: usize = 64 * 1024;
