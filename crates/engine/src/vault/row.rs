//! Rows: as a deposit brings them, and as one segment holds them.

use tiers_contact::Kind;

use super::{Day, MAX_AMOUNT_CENTS, Traits, VaultError};
use crate::crypto::chain::VaultToken;

/// What a row says beside its identifiers and its day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A partner's sale.
    Sale {
        /// Amount in cents.
        amount_cents: u64,
        /// What was sold and where to.
        traits: Traits,
    },
    /// A principal's lead.
    Lead {
        /// Index of the campaign in the programme's public list.
        campaign: u16,
    },
    /// A customer: known, without an event. Its day is that of number 0.
    Known,
}

/// One row of a deposit: its identifiers, its day and its value. It has no `Debug`.
#[derive(Clone)]
pub struct VaultRow {
    /// The tokens at rest, in the order of [`Kind::SINGLE`]; `None` where the identifier is missing.
    pub tokens: [Option<VaultToken>; Kind::SINGLE.len()],
    /// The tokens of near kinds, each once.
    pub near: Vec<(Kind, VaultToken)>,
    /// Day of the sale or of the lead.
    pub date: Day,
    /// Amount or campaign.
    pub value: Value,
}

impl VaultRow {
    /// The row's token of a single `kind`.
    #[must_use]
    pub fn token(&self, kind: Kind) -> Option<VaultToken> {
        *self.tokens.get(kind.index())?
    }

    /// The row's tokens of any `kind`.
    pub fn tokens(&self, kind: Kind) -> impl Iterator<Item = VaultToken> {
        let near = self.near.iter().filter(move |(of, _)| *of == kind).map(|(_, token)| *token);
        self.token(kind).into_iter().chain(near)
    }

    /// The first *key* kind that the row has, in the fixed order: what decides its unit. A row with
    /// bridges only has none and belongs to no unit.
    #[must_use]
    pub fn first_key(&self) -> Option<Kind> {
        Kind::KEYS.into_iter().find(|kind| self.token(*kind).is_some())
    }
}

/// One entry of a segment: a row seen through its token of one kind. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct SegmentRow {
    /// Token of the segment's kind.
    pub token: VaultToken,
    /// Ordinal of the row in its deposit, from 0.
    pub row: u32,
    /// Whether the segment's kind is the row's first available key: then the token is its unit.
    pub first: bool,
    /// Day of the sale or of the lead.
    pub date: Day,
    /// Amount or campaign.
    pub value: Value,
}

/// The segment of `kind`: sorted by token, then by row.
pub(super) fn segment_rows(rows: &[VaultRow], kind: Kind) -> Result<Vec<SegmentRow>, VaultError> {
    let mut segment = Vec::new();
    for (row, source) in rows.iter().enumerate() {
        // The ordinal is a Parquet INT32.
        let row = i32::try_from(row).map_err(|_| VaultError::TooManyRows)?.unsigned_abs();
        let first = source.first_key() == Some(kind);
        if let Value::Sale { amount_cents, .. } = source.value
            && amount_cents > MAX_AMOUNT_CENTS
        {
            return Err(VaultError::AmountTooLarge);
        }
        for token in source.tokens(kind) {
            segment.push(SegmentRow { token, row, first, date: source.date, value: source.value });
        }
    }
    segment.sort_unstable_by_key(|entry| (entry.token, entry.row));
    Ok(segment)
}
