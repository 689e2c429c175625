//! Counts of rows for the figures of the operator.

use rusqlite::params;

use super::column::unsigned;
use super::db::failed;
use super::{StoreError, Tx};

/// How many there are of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Deposits whose bodies are awaited.
    pub deposits_open: u64,
    /// Deposits in the vault.
    pub deposits_accepted: u64,
    /// Deposits whose term has come.
    pub deposits_past_term: u64,
    /// Deposits whose term comes before a day that was given.
    pub deposits_due_soon: u64,
    /// Erasures that wait for their tick.
    pub erasures_waiting: u64,
    /// Entries of the ledger, published or not.
    pub entries: u64,
    /// Alterations of the journal that were told.
    pub journal_alterations: u64,
    /// Alerts of unusual use that nobody has closed.
    pub alerts_open: u64,
    /// Privacy accounts with nothing left, under a tenth, under a half, more.
    pub accounts: [u64; 4],
}

impl Tx<'_> {
    /// Counts; `today` and `soon` are ISO days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn counts(&self, today: &str, soon: &str) -> Result<Counts, StoreError> {
        let before = |day: &str, statement: &str| {
            let mut statement = self.0.prepare_cached(statement).map_err(failed("count"))?;
            let values = params![day];
            let values: &[&dyn rusqlite::ToSql] =
                if statement.parameter_count() == 1 { values } else { &[] };
            let found = statement.query_row(values, |row| row.get::<_, i64>(0));
            unsigned(found.map_err(failed("count"))?, "count")
        };
        let count = |statement: &str| before(today, statement);
        let account = |condition: &str| {
            count(&format!("SELECT count(*) FROM account WHERE cap_nrho > 0 AND ({condition})"))
        };
        Ok(Counts {
            deposits_open: count("SELECT count(*) FROM deposit WHERE state = 'open'")?,
            deposits_accepted: count("SELECT count(*) FROM deposit WHERE state = 'accepted'")?,
            deposits_past_term: count(
                "SELECT count(*) FROM deposit WHERE state = 'accepted' AND retain_until < ?1",
            )?,
            deposits_due_soon: before(
                soon,
                "SELECT count(*) FROM deposit WHERE state = 'accepted' AND retain_until < ?1",
            )?,
            erasures_waiting: count("SELECT count(*) FROM erasure")?,
            entries: count("SELECT coalesce(max(seq), 0) FROM outbox")?,
            journal_alterations: self.journal_alerts()?,
            alerts_open: self.open_alerts()?,
            accounts: [
                account("spent_nrho = cap_nrho")?,
                account("spent_nrho < cap_nrho AND (cap_nrho - spent_nrho) * 10 < cap_nrho")?,
                account(
                    "(cap_nrho - spent_nrho) * 10 >= cap_nrho \
                     AND (cap_nrho - spent_nrho) * 2 < cap_nrho",
                )?,
                account("(cap_nrho - spent_nrho) * 2 >= cap_nrho")?,
            ],
        })
    }
}
