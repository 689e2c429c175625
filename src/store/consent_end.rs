//! The end of choices: which batches hold some that may be over, taking the rows of an event out of what counts
//! as current, and what decisions go on reading of it. When a choice is over is the matter of
//! `service::retain`.

use jiff::civil::Date;
use rusqlite::params;

use super::column::{signed, unsigned};
use super::consent::EventRow;
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

impl Tx<'_> {
    /// Every row, by token and in the order in which they came, and whether its proof is here.
    ///
    /// # Errors
    /// [`StoreError`], or that of `each`.
    pub fn each_event<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(VaultToken, EventRow, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        let statement = "SELECT token, number, form, at, flags, 1 FROM consent_event UNION ALL \
                         SELECT token, number, form, at, flags, 0 FROM consent_end \
                         ORDER BY 1, 2";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read choices"))?;
        let mut rows = statement.query([]).map_err(failed("read choices"))?;
        while let Some(row) = rows.next().map_err(failed("read choices"))? {
            let token = VaultToken::from_bytes(row.get(0).map_err(failed("read choices"))?);
            let read = || -> rusqlite::Result<(i64, i64, i64, u8)> {
                Ok((row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            };
            let (number, form, at, flags) = read().map_err(failed("read choices"))?;
            let here: bool = row.get(5).map_err(failed("read choices"))?;
            let number = unsigned(number, "consent_event.number")?;
            let form = unsigned(form, "consent_event.form")?;
            each(token, EventRow { number, form, at, flags }, here)?;
        }
        Ok(())
    }

    /// Appends the events of a token whose proofs are here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn current_of(
        &self,
        token: &VaultToken,
        out: &mut Vec<EventRow>,
    ) -> Result<(), StoreError> {
        let statement = "SELECT number, form, at, flags FROM consent_event WHERE token = ?1";
        self.rows_of(statement, token, out)
    }

    /// Takes the row of an event out of those whose proofs are here; decisions go on reading it until a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn end_event(
        &self,
        token: &VaultToken,
        row: &EventRow,
        until: Date,
    ) -> Result<(), StoreError> {
        let number = signed(row.number, "consent_event.number")?;
        let statement = "INSERT INTO consent_end (token, number, form, at, flags, until) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let form = signed(row.form, "consent_event.form")?;
        let values = params![token.as_bytes(), number, form, row.at, row.flags, until.to_string()];
        self.0.execute(statement, values).map_err(failed("end choice"))?;
        let statement = "DELETE FROM consent_event WHERE token = ?1 AND number = ?2";
        self.0
            .execute(statement, params![token.as_bytes(), number])
            .map_err(failed("end choice"))?;
        Ok(())
    }

    /// Forgets the rows of an event under some tokens, current or ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_event(&self, token: &VaultToken, number: u64) -> Result<(), StoreError> {
        let number = signed(number, "consent_event.number")?;
        for statement in [
            "DELETE FROM consent_event WHERE token = ?1 AND number = ?2",
            "DELETE FROM consent_end WHERE token = ?1 AND number = ?2",
        ] {
            self.0
                .execute(statement, params![token.as_bytes(), number])
                .map_err(failed("forget events"))?;
        }
        Ok(())
    }

    /// Writes the sealed part of a batch anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_evidence(&self, number: u64, sealed: &[u8]) -> Result<(), StoreError> {
        let statement = "UPDATE consent_batch SET evidence = ?2 WHERE number = ?1";
        let values = params![signed(number, "consent_batch.number")?, sealed];
        self.0.execute(statement, values).map_err(failed("put evidence"))?;
        Ok(())
    }

    /// Deletes a batch of which nothing is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_consent_batch(&self, number: u64) -> Result<(), StoreError> {
        let number = signed(number, "consent_batch.number")?;
        self.0
            .execute("DELETE FROM consent_batch WHERE number = ?1", [number])
            .map_err(failed("delete batch"))?;
        Ok(())
    }

    /// Deletes what stood in for choices until before a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_ends(&self, day: Date) -> Result<usize, StoreError> {
        let statement = "DELETE FROM consent_end WHERE until < ?1";
        self.0.execute(statement, [day.to_string()]).map_err(failed("forget ends"))
    }

    /// Deletes what companies have said of tokens under which nothing is held any more, if nothing was said
    /// since `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_idle_facts(&self, before: Moment) -> Result<usize, StoreError> {
        let statement = "DELETE FROM rights_fact WHERE ?1 > max(coalesce(informed_at, 0), \
                             coalesce(last_contact, 0), coalesce(restricted_at, 0)) \
                         AND NOT EXISTS (SELECT 1 FROM consent_event AS e WHERE e.token = rights_fact.token) \
                         AND NOT EXISTS (SELECT 1 FROM consent_end AS e WHERE e.token = rights_fact.token) \
                         AND NOT EXISTS (SELECT 1 FROM opposition AS o WHERE o.token = rights_fact.token)";
        self.0.execute(statement, [before.seconds()]).map_err(failed("forget facts"))
    }

    /// Deletes the forms from before a moment on which nothing was ever chosen, or of which nothing is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_forms(&self, before: Moment) -> Result<Vec<(String, u64)>, StoreError> {
        let statement = "DELETE FROM consent_form WHERE published_at < ?1 AND NOT EXISTS \
                         (SELECT 1 FROM consent_batch AS b WHERE b.form = consent_form.number) \
                         AND NOT EXISTS \
                         (SELECT 1 FROM consent_end AS e WHERE e.form = consent_form.number) \
                         RETURNING id, entry";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("forget forms"))?;
        let rows = statement
            .query_map([before.seconds()], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(failed("forget forms"))?;
        rows.map(|row| {
            let (id, entry): (String, i64) = row.map_err(failed("forget forms"))?;
            Ok((id, unsigned(entry, "consent_form.entry")?))
        })
        .collect()
    }
}
