//! Accesses with a key: when each was made and ended, and since when its key has to be changed.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::access::ChangeBecause;
use tiers_protocol::ids::{ActorId, PartyId};

use super::column::parse;
use super::credential::{Caller, role};
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// An access with a key.
#[derive(Debug, Clone)]
pub struct Access {
    /// The account, its role and company.
    pub caller: Caller,
    /// When it was made.
    pub made_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// Since when its key has to be changed, and why.
    pub change: Option<(Moment, ChangeBecause)>,
}

type Raw = (String, String, Option<String>, i64, [Option<i64>; 2], Option<String>);

/// People in browsers have no key.
const ACCESSES: &str = "SELECT actor_id, role, party_id, created_at, revoked_at, change_since, \
                        change_because FROM credential \
                        WHERE actor_id NOT IN (SELECT actor_id FROM person)";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let moments = [row.get(4)?, row.get(5)?];
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, moments, row.get(6)?))
}

fn access((actor, text, party, made_at, moments, because): Raw) -> Result<Access, StoreError> {
    let wrong = StoreError::Corrupt { column: "credential.created_at" };
    let [ended_at, since] = moments.map(|at| at.and_then(Moment::from_seconds));
    let because = because.map(|word| parse(&word, "credential.change_because")).transpose()?;
    Ok(Access {
        caller: Caller {
            actor: parse(&actor, "credential.actor_id")?,
            role: role(&text)?,
            party: party.map(|id| parse(&id, "credential.party_id")).transpose()?,
        },
        made_at: Moment::from_seconds(made_at).ok_or(wrong)?,
        ended_at,
        change: since.zip(because),
    })
}

impl Tx<'_> {
    /// All accesses with a key, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accesses(&self) -> Result<Vec<Access>, StoreError> {
        let statement = format!("{ACCESSES} ORDER BY created_at, actor_id");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read accesses"))?;
        let rows = statement.query_map([], read).map_err(failed("read accesses"))?;
        rows.map(|row| access(row.map_err(failed("read accesses"))?)).collect()
    }

    /// One access with a key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn access(&self, account: &ActorId) -> Result<Option<Access>, StoreError> {
        let statement = format!("{ACCESSES} AND actor_id = ?1");
        let found = self.0.query_row(&statement, [account.to_string()], read).optional();
        found.map_err(failed("read access"))?.map(access).transpose()
    }

    /// Whether the key of an access has to be changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_to_change(&self, account: &ActorId) -> Result<bool, StoreError> {
        let statement = "SELECT change_since IS NOT NULL FROM credential WHERE actor_id = ?1";
        let found = self.0.query_row(statement, [account.to_string()], |row| row.get(0)).optional();
        Ok(found.map_err(failed("read access"))?.unwrap_or(false))
    }

    /// From now on the key of an access has to be changed; an earlier reason stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn flag_access(
        &self,
        account: &ActorId,
        because: ChangeBecause,
        at: Moment,
    ) -> Result<(), StoreError> {
        let statement = "UPDATE credential SET change_since = coalesce(change_since, ?3), \
                         change_because = CASE change_because WHEN 'compromised' \
                         THEN change_because ELSE ?2 END WHERE actor_id = ?1";
        let values = params![account.to_string(), because.as_str(), at.seconds()];
        self.0.execute(statement, values).map_err(failed("flag access"))?;
        Ok(())
    }

    /// Ends the sessions of everybody on one side.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_sessions_of(&self, side: &Caller) -> Result<(), StoreError> {
        let statement = "DELETE FROM session WHERE actor_id IN \
                         (SELECT actor_id FROM credential WHERE role = ?1 AND party_id IS ?2)";
        let party = side.party.map(|id: PartyId| id.to_string());
        let values = params![side.role.as_str(), party];
        self.0.execute(statement, values).map_err(failed("end sessions"))?;
        Ok(())
    }
}
