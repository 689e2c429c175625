//! What partners declare of themselves in a programme. Rows are only ever added.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::wire::Declaration;

use super::column::json;
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

impl Tx<'_> {
    /// The newest declaration of a partner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn declaration(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
    ) -> Result<Option<Declaration>, StoreError> {
        let statement = "SELECT declared_size, region, named, exact, compared_with FROM declaration \
                         WHERE programme_id = ?1 AND party_id = ?2 ORDER BY number DESC LIMIT 1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read declaration"))?;
        let found = statement
            .query_row([programme.to_string(), party.to_string()], |row| {
                let declared = Declaration {
                    declared_size: row.get(0)?,
                    region: row.get(1)?,
                    named: row.get(2)?,
                    exact: row.get(3)?,
                    compared_with: Vec::new(),
                };
                Ok((declared, row.get::<_, Vec<u8>>(4)?))
            })
            .optional()
            .map_err(failed("read declaration"))?;
        let Some((declared, compared)) = found else { return Ok(None) };
        let compared_with = json(&compared, "declaration.compared_with")?;
        Ok(Some(Declaration { compared_with, ..declared }))
    }

    /// Adds a declaration of a partner of the programme.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_declaration(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
        declared: &Declaration,
        at: Moment,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO declaration SELECT ?1, ?2, count(*) + 1, ?3, ?4, ?5, ?6, ?7, ?8 \
                         FROM declaration WHERE programme_id = ?1 AND party_id = ?2";
        let values = params![
            programme.to_string(),
            party.to_string(),
            declared.declared_size,
            declared.region,
            declared.named,
            declared.exact,
            at.seconds(),
            serde_json::to_vec(&declared.compared_with).expect("a list of ids"),
        ];
        self.0.execute(statement, values).map_err(failed("add declaration"))?;
        Ok(())
    }
}
