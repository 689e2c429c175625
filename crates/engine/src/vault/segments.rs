//! A deposit seen as sorted segments: what matching reads, on disk or in memory.
//!
//! A segment is read by ranges of tokens, so that several threads share it, and column by column, so
//! that what nobody asks for is neither decrypted nor copied. Not the files: `read.rs`.
//! Specified in `docs/formats/segment-v1.md`, "Reading".

use tiers_contact::Kind;

use super::{Day, SegmentRow, Traits, Value, VaultError, VaultRow, row::segment_rows};
use crate::crypto::chain::VaultToken;

/// An inclusive range of tokens by their first eight bytes (big endian). Tokens are uniformly random:
/// ranges of equal width hold about equally many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRange {
    /// The least.
    pub from: u64,
    /// The greatest.
    pub to: u64,
}

impl TokenRange {
    /// Every token.
    pub const ALL: Self = Self { from: 0, to: u64::MAX };

    /// `count` ranges (at least one) of equal width, in order, that cover every token once.
    #[must_use]
    pub fn parts(count: usize) -> Vec<Self> {
        let count = u128::try_from(count.max(1)).expect("addresses have at most 128 bits");
        // Of at most 2^64 parts each has a token: the starts are distinct.
        let start = |part: u128| (part << 64) / count;
        let narrow = |place: u128| u64::try_from(place).expect("below 2^64");
        (0..count)
            .map(|part| Self { from: narrow(start(part)), to: narrow(start(part + 1) - 1) })
            .collect()
    }

    /// The narrowest range that holds a token.
    #[must_use]
    pub fn of(token: &VaultToken) -> Self {
        Self { from: head(token), to: head(token) }
    }

    /// Whether `token` lies in the range.
    #[must_use]
    pub fn contains(&self, token: &VaultToken) -> bool {
        (self.from..=self.to).contains(&head(token))
    }
}

/// The first eight bytes of a token as a number, in the order of tokens.
pub(super) fn head(token: &VaultToken) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *token.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Which columns a reader fills; tokens always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// [`Batch::rows`].
    pub rows: bool,
    /// [`Batch::firsts`].
    pub firsts: bool,
    /// [`Batch::days`].
    pub days: bool,
    /// [`Batch::values`].
    pub values: bool,
}

impl Columns {
    /// Every column.
    pub const ALL: Self = Self { rows: true, firsts: true, days: true, values: true };

    /// Tokens alone.
    pub const TOKENS: Self = Self { rows: false, firsts: false, days: false, values: false };
}

/// The last column: a deposit is of sales, of leads or of known persons.
pub enum Values {
    /// Amounts with traits, packed: [`Traits::unpack`].
    Sales(Vec<u64>),
    /// Indices of campaigns in the programme's public list.
    Leads(Vec<u16>),
    /// Nothing.
    Known,
}

/// Rows of a segment, columns side by side, sorted by token, then by row. A column that was not asked
/// for is empty; [`Values`] tells the side even then. It has no `Debug`.
pub struct Batch {
    /// Tokens of the segment's kind.
    pub tokens: Vec<VaultToken>,
    /// Ordinals of the rows in their deposit, from 0.
    pub rows: Vec<u32>,
    /// Whether the segment's kind is the row's first available key: then the token is its unit.
    pub firsts: Vec<bool>,
    /// Days of the sales or of the leads.
    pub days: Vec<Day>,
    /// Amounts or campaigns.
    pub values: Values,
    /// Bytes of one page, and room, for whoever fills it.
    pub(super) bytes: Vec<u8>,
}

impl Batch {
    /// An empty batch; a reader fills it, and may be given the same one again and again.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            tokens: Vec::new(),
            rows: Vec::new(),
            firsts: Vec::new(),
            days: Vec::new(),
            values: Values::Sales(Vec::new()),
            bytes: Vec::new(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The row at `place`; `None` beyond the end or when not every column was asked for.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<SegmentRow> {
        let value = match &self.values {
            Values::Sales(amounts) => {
                let (amount_cents, traits) = Traits::unpack(*amounts.get(place)?);
                Value::Sale { amount_cents, traits }
            }
            Values::Leads(campaigns) => Value::Lead { campaign: *campaigns.get(place)? },
            Values::Known => Value::Known,
        };
        Some(SegmentRow {
            token: *self.tokens.get(place)?,
            row: *self.rows.get(place)?,
            first: *self.firsts.get(place)?,
            date: *self.days.get(place)?,
            value,
        })
    }

    /// Takes all rows out.
    pub(super) fn clear(&mut self) {
        self.tokens.clear();
        self.rows.clear();
        self.firsts.clear();
        self.days.clear();
        match &mut self.values {
            Values::Sales(amounts) => amounts.clear(),
            Values::Leads(campaigns) => campaigns.clear(),
            Values::Known => {}
        }
    }

    /// The amounts, empty if the batch held campaigns.
    pub(super) fn amounts(&mut self) -> &mut Vec<u64> {
        if !matches!(self.values, Values::Sales(_)) {
            self.values = Values::Sales(Vec::new());
        }
        match &mut self.values {
            Values::Sales(amounts) => amounts,
            Values::Leads(_) | Values::Known => unreachable!("made sales just above"),
        }
    }

    /// The campaigns, empty if the batch held amounts.
    pub(super) fn campaigns(&mut self) -> &mut Vec<u16> {
        if !matches!(self.values, Values::Leads(_)) {
            self.values = Values::Leads(Vec::new());
        }
        match &mut self.values {
            Values::Leads(campaigns) => campaigns,
            Values::Sales(_) | Values::Known => unreachable!("made leads just above"),
        }
    }

    /// Appends the asked columns of a row.
    pub(super) fn push(&mut self, row: &SegmentRow, columns: Columns) {
        self.tokens.push(row.token);
        if columns.rows {
            self.rows.push(row.row);
        }
        if columns.firsts {
            self.firsts.push(row.first);
        }
        if columns.days {
            self.days.push(row.date);
        }
        match row.value {
            Value::Sale { amount_cents, traits } => {
                let amounts = self.amounts();
                if columns.values {
                    let packed = traits.pack(amount_cents);
                    amounts.push(packed.expect("`segment_rows` has refused greater ones"));
                }
            }
            Value::Lead { campaign } => {
                let campaigns = self.campaigns();
                if columns.values {
                    campaigns.push(campaign);
                }
            }
            Value::Known => self.values = Values::Known,
        }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

/// A deposit seen as sorted segments: on disk ([`super::StoredDeposit`]) or in memory.
pub trait Segments: Sync {
    /// Reads one range of one segment.
    type Reader<'a>: Batches
    where
        Self: 'a;

    /// The rows of `range` that have a token of `kind`, sorted by token, then by row. Cheap: nothing
    /// is read before the first batch.
    ///
    /// # Errors
    /// Those of reading.
    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<Self::Reader<'_>, VaultError>;

    /// Number of tokens of `kind` in the deposit.
    fn rows(&self, kind: Kind) -> u64;

    /// The first day and the last of the rows with a token of `kind`; `None` without any.
    fn days(&self, kind: Kind) -> Option<(Day, Day)>;

    /// Number of rows of the deposit, those without any token included: ordinals are below it.
    fn row_count(&self) -> u32;

    /// Number of tokens of `kind` that there may be in rows of these days, which lie side by side, or of
    /// any: none where all rows of the kind are of other days.
    fn rows_of(&self, kind: Kind, days: Option<(Day, Day)>) -> u64 {
        let Some((from, to)) = days else { return self.rows(kind) };
        let some = self.days(kind).is_some_and(|(first, last)| first <= to && from <= last);
        if some { self.rows(kind) } else { 0 }
    }
}

/// The rows of one range of a segment, batch by batch.
pub trait Batches: Send {
    /// Replaces `batch` by the next rows, at least one; `false` and an empty batch at the end.
    ///
    /// # Errors
    /// [`VaultError::Altered`] when a byte is not the one that was written; [`VaultError::Read`].
    /// After an error nothing more is to be read.
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError>;
}

/// Rows of a batch that is read from memory: few, so that tests pass the edges of batches.
const MEMORY_BATCH: usize = 61;

/// Reads a segment that was sorted in memory.
pub struct MemorySegment {
    rows: Vec<SegmentRow>,
    place: usize,
    columns: Columns,
}

impl Batches for MemorySegment {
    fn next(&mut self, batch: &mut Batch) -> Result<bool, VaultError> {
        batch.clear();
        let rows = self.rows.iter().skip(self.place).take(MEMORY_BATCH);
        rows.for_each(|row| batch.push(row, self.columns));
        self.place += batch.len();
        Ok(!batch.is_empty())
    }
}

/// A deposit that was never written: for tests and for work on one's own rows.
impl Segments for [VaultRow] {
    type Reader<'a> = MemorySegment;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<MemorySegment, VaultError> {
        let mut rows = segment_rows(self, kind)?;
        rows.retain(|row| range.contains(&row.token));
        Ok(MemorySegment { rows, place: 0, columns })
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.iter().map(|row| row.tokens(kind).count() as u64).sum()
    }

    fn days(&self, kind: Kind) -> Option<(Day, Day)> {
        let days = || self.iter().filter(|row| row.tokens(kind).count() > 0).map(|row| row.date);
        days().min().zip(days().max())
    }

    fn row_count(&self) -> u32 {
        // More are refused when they are read.
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }
}

impl Segments for Vec<VaultRow> {
    type Reader<'a> = MemorySegment;

    fn segment(
        &self,
        kind: Kind,
        range: TokenRange,
        columns: Columns,
    ) -> Result<MemorySegment, VaultError> {
        self.as_slice().segment(kind, range, columns)
    }

    fn rows(&self, kind: Kind) -> u64 {
        self.as_slice().rows(kind)
    }

    fn days(&self, kind: Kind) -> Option<(Day, Day)> {
        self.as_slice().days(kind)
    }

    fn row_count(&self) -> u32 {
        self.as_slice().row_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_token_once() {
        for count in [0, 1, 2, 3, 7, 64, 1_000] {
            let parts = TokenRange::parts(count);
            assert_eq!(parts.len(), count.max(1));
            assert_eq!(parts.first().map(|part| part.from), Some(0));
            assert_eq!(parts.last().map(|part| part.to), Some(u64::MAX));
            assert!(parts.windows(2).all(|two| two[0].to.checked_add(1) == Some(two[1].from)));
            let widths = parts.iter().map(|part| part.to - part.from);
            assert!(widths.clone().max().zip(widths.min()).is_some_and(|(max, min)| max - min < 2));
        }
        assert_eq!(TokenRange::parts(1), [TokenRange::ALL]);
        let mut bytes = [0xFF; 16];
        bytes[..8].copy_from_slice(&7_u64.to_be_bytes());
        let token = VaultToken::from_bytes(bytes);
        let contains = |from, to| TokenRange { from, to }.contains(&token);
        assert!(contains(7, 7) && contains(0, 8) && !contains(0, 6) && !contains(8, 9));
    }
}
