//! Which months of a year have counted a unit. The rule is not here; see `matching`.

use rusqlite::{OptionalExtension as _, params};
use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;

use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::matching::AdmittedMonths;

/// Whose months: a unit of a programme, in one calendar year. No `Debug`: it holds a token.
#[derive(Clone, Copy)]
pub struct UnitYear {
    /// The programme, under whose keys the unit is what it is.
    pub programme: ProgrammeId,
    /// Kind of the unit's key.
    pub kind: Kind,
    /// Value of the unit's key, at rest.
    pub token: VaultToken,
    /// The calendar year.
    pub year: i32,
}

impl Tx<'_> {
    /// The months that have admitted a unit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn admitted_months(&self, of: &UnitYear) -> Result<AdmittedMonths, StoreError> {
        let statement = "SELECT months FROM admission \
                         WHERE programme_id = ?1 AND kind = ?2 AND token = ?3 AND year = ?4";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read admission"))?;
        let key =
            params![of.programme.to_string(), of.kind.as_str(), of.token.as_bytes(), of.year];
        let found: Option<u16> = statement
            .query_row(key, |row| row.get(0))
            .optional()
            .map_err(failed("read admission"))?;
        AdmittedMonths::from_bits(found.unwrap_or_default())
            .ok_or(StoreError::Corrupt { column: "admission.months" })
    }

    /// Writes the months that have admitted a unit; the schema refuses to lose one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_admitted_months(
        &self,
        of: &UnitYear,
        months: AdmittedMonths,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO admission (programme_id, kind, token, year, months) \
                         VALUES (?1, ?2, ?3, ?4, ?5) \
                         ON CONFLICT (programme_id, kind, token, year) DO UPDATE SET months = ?5";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("put admission"))?;
        let values = params![
            of.programme.to_string(),
            of.kind.as_str(),
            of.token.as_bytes(),
            of.year,
            months.bits(),
        ];
        statement.execute(values).map_err(failed("put admission"))?;
        Ok(())
    }
}
