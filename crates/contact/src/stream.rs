//! A text table of any length, read block by block in bounded memory.
//!
//! The caller brings bytes and threads; this file knows neither files nor clocks. The beginning of the file
//! tells how it is to be read. What only the whole file can tell (whether it is UTF-8, the order of day and
//! month) is assumed from the beginning and gathered on the way: where the end says otherwise, the caller
//! reads once more with what is [`Known`] by then. The result is that of [`crate::read_and_normalise`], to
//! the byte. Specified in `docs/formats/reading-files.md`, "Blocks".

use crate::{
    account::{self, ColumnAccount, ColumnCounts},
    body::{LineWriter, Lines},
    error::PrepareError,
    field::FileKind,
    kind::Kind,
    prepare::{
        Column, DateOrders, Part, Plan, PrepareOptions, Prepared, Reject, Tally, check_options,
        judge, narrow,
    },
    read::{
        self, Block, Cutter,
        encoding::{Choice, Utf8Evidence},
        limits, sniff,
    },
    rows::DateEvidence,
    token::Tokeniser,
};

/// What an earlier reading of the same file has shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    utf8: Option<bool>,
    dates: Option<DateEvidence>,
}

/// A text table whose columns are understood and whose rows come in blocks.
pub struct Streamed<'a> {
    plan: Plan<'a>,
    choice: Choice,
    known: Known,
    /// What the beginning says of dates.
    dates: DateEvidence,
    separator: char,
    /// Bytes up to the end of the headings.
    headings: usize,
}

/// A block, read.
pub struct StreamPart {
    part: Part,
    tally: Tally,
    place: u64,
    /// Records, those above the headings and the headings included.
    records: usize,
    utf8: Utf8Evidence,
    dates: DateEvidence,
}

/// The parts of a file, added up in their order.
#[derive(Default)]
pub struct Sum {
    tally: Tally,
    counts: Vec<(Kind, ColumnCounts)>,
    accounts: Vec<ColumnAccount>,
    records: usize,
    widest: usize,
    utf8: Utf8Evidence,
    dates: DateEvidence,
}

/// What became of a file's rows and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the file is.
    pub kind: FileKind,
    /// Columns of the file as they were understood.
    pub columns: Vec<Column>,
    /// Encoding (text) or container (workbook) that was found.
    pub encoding: &'static str,
    /// Separator, for text.
    pub separator: Option<char>,
    /// Name of the sheet, for a workbook.
    pub sheet: Option<String>,
    /// Other visible sheets of a workbook that hold something; they were not read.
    pub other_sheets: Vec<String>,
    /// Number of hidden sheets of a workbook; nothing of them is read.
    pub hidden_sheets: usize,
    /// Whether the workbook carries macros, which are read past.
    pub macros: bool,
    /// Orders of day and month by which the columns of dates were read.
    pub orders: DateOrders,
    /// What became of each kind of identifier.
    pub counts: Vec<(Kind, ColumnCounts)>,
    /// Good rows.
    pub rows: u64,
    /// Rows left out, by reason, the commonest first.
    pub rejects: Vec<(&'static str, u64)>,
    /// Good rows whose identifiers and attributes equal those of an earlier row.
    pub duplicates: u64,
}

/// What is to be done when a file has been read to its end.
pub enum Verdict {
    /// It is read.
    Done(Account),
    /// Its end speaks against its beginning: read it once more, knowing this.
    Again(Known),
}

/// Bytes at the beginning of a file that [`Streamed::begin`] wants, or all of them.
pub const HEAD_BYTES: usize = limits::HEAD_BYTES;

/// Bytes of a block that suit a caller with memory to spare.
pub const BLOCK_BYTES: usize = limits::BLOCK_BYTES;

/// Whether a file that begins so is a workbook, which is read whole ([`crate::Opened`]).
#[must_use]
pub fn is_workbook(head: &[u8]) -> bool {
    matches!(sniff::container(head), sniff::Container::Workbook)
}

impl<'a> Streamed<'a> {
    /// Understands a text by its beginning: its first [`HEAD_BYTES`], or all of it (`whole`).
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn begin(
        head: &[u8],
        whole: bool,
        options: &'a PrepareOptions,
        known: Known,
    ) -> Result<Self, PrepareError> {
        check_options(options)?;
        let (start, mut plan) =
            read::understood(head, whole, options, known.utf8, |table| Plan::new(table, options))?;
        let rows = plan.first()..start.table.len();
        let found = plan.columns.evidence(&start.table, rows, DateEvidence::default());
        let dates = known.dates.unwrap_or(found);
        plan.columns.settle(dates);
        let headings = start.table.bytes_to(plan.layout.row);
        let (choice, separator) = (start.choice, start.separator);
        Ok(Self { plan, choice, known, dates, separator, headings })
    }

    /// What cuts the file, from its first byte, into blocks of about `block_bytes` ([`BLOCK_BYTES`]).
    #[must_use]
    pub fn cutter(&self, block_bytes: usize) -> Cutter {
        let separator = u8::try_from(self.separator).unwrap_or(b';');
        Cutter::new(self.choice.codes, separator, self.headings, block_bytes)
    }

    /// Reads one block; blocks may be read side by side.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole; [`Sum::place`] puts it into place.
    pub fn read(&self, block: Block) -> Result<StreamPart, PrepareError> {
        let place = block.place();
        let sure = self.choice.sure || self.known.utf8.is_some();
        let (table, utf8) = read::block(block, self.choice.codes, self.separator, !sure)?;
        let first = if place == 0 { self.plan.first() } else { 0 };
        let rows = first.min(table.len())..table.len();
        let dates = match self.known.dates {
            Some(_) => DateEvidence::default(),
            None => self.plan.columns.evidence(&table, rows.clone(), self.dates),
        };
        let part = self.plan.columns.read(&self.plan, &table, rows, first);
        let tally = Tally::of(&part);
        Ok(StreamPart { part, tally, place, records: table.len(), utf8, dates })
    }

    fn writer<'b>(&'b self, tokeniser: &'b Tokeniser) -> LineWriter<'b> {
        LineWriter {
            kind: self.plan.options.kind,
            kinds: &self.plan.kinds,
            campaigns: &self.plan.options.campaigns,
            margins: &self.plan.options.margins,
            tokeniser,
        }
    }

    /// The lines of a part, made once: its rows are wiped. [`Lines::shift`] puts them into place.
    #[must_use]
    pub fn lines(&self, part: &mut StreamPart, tokeniser: &Tokeniser) -> Lines {
        self.writer(tokeniser).lines(&std::mem::take(&mut part.part.rows))
    }

    /// The lines of the canaries, which belong into every body.
    #[must_use]
    pub fn canaries(&self, tokeniser: &Tokeniser) -> Lines {
        self.writer(tokeniser).canaries()
    }

    /// Holds what was read against what was assumed, and against the policy's limit. Duplicates are left to
    /// whoever merges the lines: equal rows are equal lines.
    ///
    /// # Errors
    /// [`PrepareError::NoRows`], [`PrepareError::OnlyRejects`], [`PrepareError::TooManyRejects`],
    /// [`PrepareError::TooManyColumns`].
    pub fn finish(mut self, sum: Sum) -> Result<Verdict, PrepareError> {
        let utf8 = sum.utf8.speaks_for_it();
        let assumed = self.choice.codes == read::encoding::UTF8;
        if !self.choice.sure && self.known.utf8.is_none() && utf8 != assumed {
            return Ok(Verdict::Again(Known { utf8: Some(utf8), dates: None }));
        }
        let mut dates = self.dates;
        dates.add(sum.dates);
        if self.plan.columns.settle(dates) {
            return Ok(Verdict::Again(Known { dates: Some(dates), utf8: Some(utf8) }));
        }
        narrow(sum.widest)?;
        judge(&sum.tally, self.plan.options)?;
        Ok(Verdict::Done(Account {
            kind: self.plan.options.kind,
            columns: self.plan.columns.described(&self.plan.layout, &sum.accounts),
            encoding: self.choice.codes.name(),
            separator: Some(self.separator),
            sheet: None,
            other_sheets: Vec::new(),
            hidden_sheets: 0,
            macros: false,
            orders: self.plan.columns.orders(),
            counts: sum.counts,
            rows: sum.tally.good,
            rejects: sum.tally.commonest(),
            duplicates: 0,
        }))
    }
}

impl StreamPart {
    /// Rows that are left out, in order, counted within the part.
    #[must_use]
    pub fn rejects(&self) -> &[Reject] {
        &self.part.rejects
    }
}

impl Sum {
    /// Adds the next part of the file; by how many rows it is further down.
    pub fn add(&mut self, plan: &Streamed<'_>, part: &StreamPart) -> u64 {
        let first = if part.place == 0 { 0 } else { plan.plan.first() };
        let shift = u64::try_from(self.records.saturating_sub(first)).unwrap_or(u64::MAX);
        self.tally.merge(&part.tally);
        account::add_counts(&mut self.counts, &part.part.counts);
        account::add(&mut self.accounts, &part.part.accounts);
        self.records += part.records;
        self.widest = self.widest.max(part.part.widest);
        self.utf8.add(part.utf8);
        self.dates.add(part.dates);
        shift
    }

    /// Data rows so far, blank ones left out.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.tally.seen
    }

    /// A refusal of the block that follows, with its place in the file.
    #[must_use]
    pub fn place(&self, error: PrepareError) -> PrepareError {
        error.further_down(self.records)
    }
}

impl Prepared {
    /// What became of the rows and values.
    #[must_use]
    pub fn account(&self) -> Account {
        let mut tally = Tally::default();
        tally.count(&self.rejects);
        Account {
            kind: self.kind,
            columns: self.columns.clone(),
            encoding: self.encoding,
            separator: self.separator,
            sheet: self.sheet.clone(),
            other_sheets: self.other_sheets.clone(),
            hidden_sheets: self.hidden_sheets,
            macros: self.macros,
            orders: self.orders,
            counts: self.counts.clone(),
            rows: u64::try_from(self.rows.len()).unwrap_or(u64::MAX),
            rejects: tally.commonest(),
            duplicates: self.duplicates,
        }
    }
}
