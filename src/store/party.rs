//! Parties: who takes part, under which keys.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::ids::PartyId;
use tiers_protocol::party::{Fingerprint, PartyPublic};
use tiers_protocol::wire::Role;

use super::column::{json, parse};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A company.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// Partner or principal.
    pub role: Role,
    /// Its company number.
    pub siren: String,
    /// Its name.
    pub name: String,
    /// SIREN of the head of its group, or its own.
    pub group: String,
    /// Its public keys.
    pub keys: PartyPublic,
}

const COLUMNS: &str = "id, role, siren, name, group_id, keys";

fn read(row: &Row<'_>) -> rusqlite::Result<[String; 6]> {
    Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])
}

fn party([id, role, siren, name, group, keys]: [String; 6]) -> Result<Party, StoreError> {
    let role = super::credential::role(&role)?;
    let keys = json(keys.as_bytes(), "party.keys")?;
    Ok(Party { id: parse(&id, "party.id")?, role, siren, name, group, keys })
}

impl Tx<'_> {
    /// Adds a party.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_party(&self, party: &Party, at: Moment) -> Result<(), StoreError> {
        let keys = serde_json::to_string(&party.keys).expect("a plain document");
        let statement = "INSERT INTO party (id, role, siren, name, group_id, keys, fingerprint, \
                         enrolled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            party.id.to_string(),
            party.role.as_str(),
            party.siren,
            party.name,
            party.group,
            keys,
            party.keys.fingerprint().to_string(),
            at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert party"))?;
        Ok(())
    }

    /// A party by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn party(&self, id: &PartyId) -> Result<Option<Party>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM party WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read).optional();
        found.map_err(failed("read party"))?.map(party).transpose()
    }

    /// Whether these keys are enrolled already, for whomever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_key_enrolled(&self, fingerprint: &Fingerprint) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM party WHERE fingerprint = ?1)";
        self.0
            .query_row(statement, [fingerprint.to_string()], |row| row.get(0))
            .map_err(failed("read party"))
    }

    /// All parties, in the order of their enrolment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn parties(&self) -> Result<Vec<Party>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM party ORDER BY enrolled_at, id");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read parties"))?;
        let rows = statement.query_map([], read).map_err(failed("read parties"))?;
        rows.map(|row| party(row.map_err(failed("read parties"))?)).collect()
    }
}
