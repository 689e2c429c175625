//! Rows on their way to the vault, as one thread gathers them: for each kind a run in no order, and
//! for leads the digests of whole rows. Sorting and writing is the sink's.

use tiers_contact::Kind;

use super::lines::Row;
use crate::crypto::keyring::Keyring;
use crate::service::ServiceError;
use crate::service::leads_set::{self, Record};
use crate::vault::{SegmentRow, Value};

/// What takes the rows of a body, from several threads at once.
pub(in crate::service) trait Sink: Sync {
    /// Takes some entries of the segment of `kind`, in no order.
    fn rows(&self, kind: Kind, rows: Vec<SegmentRow>) -> Result<(), ServiceError>;

    /// Takes digests of some rows of leads, in no order.
    fn leads(&self, records: Vec<Record>) -> Result<(), ServiceError>;
}

/// What one thread holds back until it is worth sorting.
pub(super) struct Runs<'a, S> {
    sink: &'a S,
    keyring: &'a Keyring,
    rows: [Vec<SegmentRow>; Kind::ALL.len()],
    leads: Vec<Record>,
    held: usize,
    limit: usize,
}

impl<'a, S: Sink> Runs<'a, S> {
    /// Holds at most `limit` entries, and those of one row.
    pub(super) fn new(sink: &'a S, keyring: &'a Keyring, limit: usize) -> Self {
        let rows = [const { Vec::new() }; Kind::ALL.len()];
        Self { sink, keyring, rows, leads: Vec::new(), held: 0, limit }
    }

    /// Adds a row that has the ordinal `ordinal` in its deposit.
    pub(super) fn add(&mut self, row: &Row, ordinal: u32) -> Result<(), ServiceError> {
        let (first_key, date, value) = (row.first_key(), row.date, row.value);
        for (kind, token) in &row.tokens {
            let first = first_key == Some(*kind);
            let entry = SegmentRow { token: *token, row: ordinal, first, date, value };
            if let Some(rows) = self.rows.get_mut(kind.index()) {
                rows.push(entry);
            }
        }
        self.held += row.tokens.len();
        if let Value::Lead { campaign } = value {
            self.leads.push(leads_set::record(&row.sent, date, campaign, ordinal, self.keyring));
            self.held += 1;
        }
        if self.held >= self.limit { self.flush() } else { Ok(()) }
    }

    /// Hands over what is held.
    pub(super) fn flush(&mut self) -> Result<(), ServiceError> {
        for kind in Kind::ALL {
            let rows = self.rows.get_mut(kind.index()).map(std::mem::take).unwrap_or_default();
            if !rows.is_empty() {
                self.sink.rows(kind, rows)?;
            }
        }
        let leads = std::mem::take(&mut self.leads);
        if !leads.is_empty() {
            self.sink.leads(leads)?;
        }
        self.held = 0;
        Ok(())
    }
}
