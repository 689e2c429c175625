//! Many sorted segments of one kind as one sorted stream, a small block of tokens at a time.
//!
//! Tokens are uniformly random, so that a narrow range of them holds about as many rows as its share
//! of all. A block is cut to fit a processor's own cache: the rows of all deposits in the block are
//! copied there, and each is put behind the others of its place in the range, which sorts them but for
//! a last step between neighbours. That costs a row the same whether there are two deposits or a
//! hundred; a heap would cost it seven steps that no processor can guess. Nothing here relies on the
//! tokens being random but the speed.

use tiers_contact::Kind;

use super::MatchError;
use crate::vault::{Batch, Batches, Columns, Day, Segments, TokenRange, Values};

/// Rows that a block is cut for. Two copies of a sale's row for each fit half a megabyte.
const BLOCK_ROWS: u64 = 4_096;

/// Rows of one place that are sorted among themselves rather than by steps between neighbours.
const CROWD: u32 = 12;

/// Whose rows a side holds.
pub(super) trait Record: Copy {
    /// The token, as a number of the same order.
    fn token(&self) -> u128;

    /// Whether the values are those of this side; otherwise what to say.
    fn check(values: &Values) -> Result<(), MatchError>;

    /// The row at `place` of a batch of the deposit `deposit`; columns that were not asked for are 0.
    fn read(batch: &Batch, place: usize, token: u128, deposit: u32) -> Self;
}

/// A row of a sale.
#[derive(Clone, Copy)]
pub(super) struct SaleRow {
    token: (u64, u64),
    pub amount_cents: u64,
    pub day: Day,
    pub row: u32,
    pub deposit: u32,
    pub first: bool,
}

/// A row of a lead.
#[derive(Clone, Copy)]
pub(super) struct LeadRow {
    token: (u64, u64),
    pub day: Day,
    pub campaign: u16,
}

impl Record for SaleRow {
    fn token(&self) -> u128 {
        whole(self.token)
    }

    fn check(values: &Values) -> Result<(), MatchError> {
        if matches!(values, Values::Sales(_)) { Ok(()) } else { Err(MatchError::NotSales) }
    }

    fn read(batch: &Batch, place: usize, token: u128, deposit: u32) -> Self {
        let amount_cents = match &batch.values {
            Values::Sales(amounts) => column(amounts, place, 0),
            Values::Leads(_) => 0,
        };
        Self {
            token: halves(token),
            amount_cents,
            day: column(&batch.days, place, NO_DAY),
            row: column(&batch.rows, place, 0),
            deposit,
            first: column(&batch.firsts, place, false),
        }
    }
}

impl Record for LeadRow {
    fn token(&self) -> u128 {
        whole(self.token)
    }

    fn check(values: &Values) -> Result<(), MatchError> {
        if matches!(values, Values::Leads(_)) { Ok(()) } else { Err(MatchError::NotLeads) }
    }

    fn read(batch: &Batch, place: usize, token: u128, _: u32) -> Self {
        let campaign = match &batch.values {
            Values::Leads(campaigns) => column(campaigns, place, 0),
            Values::Sales(_) => 0,
        };
        Self { token: halves(token), day: column(&batch.days, place, NO_DAY), campaign }
    }
}

const NO_DAY: Day = Day::from_epoch_days(0);

fn column<T: Copy>(column: &[T], place: usize, absent: T) -> T {
    column.get(place).copied().unwrap_or(absent)
}

/// Two halves need half the alignment of a whole.
const fn halves(token: u128) -> (u64, u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    ((token >> 64) as u64, token as u64)
}

const fn whole((high, low): (u64, u64)) -> u128 {
    (high as u128) << 64 | low as u128
}

/// The narrow ranges into which `range` is cut when it holds about `rows` rows.
pub(super) fn bounds(range: TokenRange, rows: u64) -> impl Iterator<Item = TokenRange> {
    let width = u128::from(range.to - range.from) + 1;
    let count = u128::from(rows / BLOCK_ROWS + 1).min(width);
    let start = move |place: u128| range.from + narrow(width * place / count);
    (0..count).map(move |place| TokenRange {
        from: start(place),
        to: range.from + narrow(width * (place + 1) / count - 1),
    })
}

fn narrow(offset: u128) -> u64 {
    u64::try_from(offset).expect("an offset inside a range of 64 bits")
}

/// One deposit's rows of a range, as far as they were taken.
struct Source<R> {
    reader: R,
    batch: Batch,
    place: usize,
    deposit: u32,
    ended: bool,
}

/// The deposits of one side, read block by block.
pub(super) struct Side<B, R> {
    sources: Vec<Source<B>>,
    /// The rows of a block as they come, deposit by deposit.
    staged: Vec<R>,
    sorted: Vec<R>,
    ends: Vec<u32>,
    /// Only rows of these days, if not of all.
    days: Option<(Day, Day)>,
}

impl<B: Batches, R: Record> Side<B, R> {
    /// Opens `range` of the segment of `kind` of every deposit that has one.
    pub fn open<'a, S: Segments<Reader<'a> = B>>(
        deposits: &'a [S],
        kind: Kind,
        range: TokenRange,
        columns: Columns,
        days: Option<(Day, Day)>,
    ) -> Result<Self, MatchError> {
        let mut sources = Vec::new();
        for (place, deposit) in deposits.iter().enumerate() {
            if deposit.rows(kind) > 0 {
                let reader = deposit.segment(kind, range, columns)?;
                let deposit = u32::try_from(place).map_err(|_| MatchError::TooManyDeposits)?;
                let batch = Batch::new();
                sources.push(Source { reader, batch, place: 0, deposit, ended: false });
            }
        }
        Ok(Self { sources, staged: Vec::new(), sorted: Vec::new(), ends: Vec::new(), days })
    }

    /// The rows of the next block, sorted by token, then by deposit and row. Blocks are asked for in
    /// order.
    pub fn block(&mut self, bounds: TokenRange) -> Result<&[R], MatchError> {
        self.staged.clear();
        let mut filled = 0;
        for source in &mut self.sources {
            let before = self.staged.len();
            source.take(bounds.to, self.days, &mut self.staged)?;
            filled += usize::from(self.staged.len() > before);
        }
        if filled < 2 {
            return Ok(&self.staged);
        }
        self.sort(bounds);
        Ok(&self.sorted)
    }

    /// Puts what is staged in order.
    fn sort(&mut self, bounds: TokenRange) {
        // As many places as rows, twice at most: one shift finds the place of a token.
        let width = bounds.to - bounds.from;
        let bits = u64::BITS - width.leading_zeros();
        let shift = bits.saturating_sub(usize::BITS - self.staged.len().leading_zeros());
        let place_of = |row: &R| {
            let (head, _) = halves(row.token());
            usize::try_from((head - bounds.from) >> shift).expect("no more places than rows")
        };
        let places = usize::try_from(width >> shift).expect("no more places than rows") + 1;
        self.ends.clear();
        self.ends.resize(places, 0);
        for row in &self.staged {
            self.ends[place_of(row)] += 1;
        }
        let (mut start, mut crowded) = (0, false);
        for end in &mut self.ends {
            crowded |= *end > CROWD;
            start += std::mem::replace(end, start);
        }
        self.sorted.clear();
        let Some(any) = self.staged.first() else { return };
        self.sorted.resize(self.staged.len(), *any);
        for row in &self.staged {
            let end = &mut self.ends[place_of(row)];
            self.sorted[usize::try_from(*end).expect("a place of a list")] = *row;
            *end += 1;
        }
        if crowded {
            // One token in many rows, or tokens that are not random.
            self.sorted.sort_by_key(Record::token);
        } else {
            steps(&mut self.sorted);
        }
    }
}

/// Sorts rows that are in order but for neighbours; equal ones stay in order.
fn steps<R: Record>(rows: &mut [R]) {
    for place in 1..rows.len() {
        let row = rows[place];
        let mut to = place;
        while to > 0 && rows[to - 1].token() > row.token() {
            rows[to] = rows[to - 1];
            to -= 1;
        }
        if to < place {
            rows[to] = row;
        }
    }
}

impl<B: Batches> Source<B> {
    /// Appends the rows up to `to`.
    fn take<R: Record>(
        &mut self,
        to: u64,
        days: Option<(Day, Day)>,
        rows: &mut Vec<R>,
    ) -> Result<(), MatchError> {
        while !self.ended {
            let start = self.place;
            for (place, token) in self.batch.tokens.iter().enumerate().skip(start) {
                let token = u128::from_be_bytes(*token.as_bytes());
                if halves(token).0 > to {
                    self.place = place;
                    return Ok(());
                }
                let inside =
                    |(from, to)| (from..=to).contains(&column(&self.batch.days, place, from));
                if days.is_none_or(inside) {
                    rows.push(R::read(&self.batch, place, token, self.deposit));
                }
            }
            self.place = 0;
            self.ended = !self.reader.next(&mut self.batch)?;
            if !self.ended {
                R::check(&self.batch.values)?;
            }
        }
        Ok(())
    }
}
