//! Credentials: who may call, as what, for whom. Secrets are stored as digests.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::ids::{ActorId, PartyId};
use tiers_protocol::wire::Role;

use super::column::parse;
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A caller that has shown its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Pseudonym in the ledger.
    pub actor: ActorId,
    /// What it may do.
    pub role: Role,
    /// The company it acts for.
    pub party: Option<PartyId>,
}

/// Labelled digest of an API key; what the table holds.
#[derive(Clone, Copy)]
pub struct ApiKeyHash(pub [u8; 32]);

pub(super) fn role(text: &str) -> Result<Role, StoreError> {
    Role::ALL
        .into_iter()
        .find(|role| role.as_str() == text)
        .ok_or(StoreError::Corrupt { column: "role" })
}

impl Tx<'_> {
    /// Adds a credential.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_credential(
        &self,
        caller: &Caller,
        hash: &ApiKeyHash,
        at: Moment,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO credential (actor_id, role, party_id, key_hash, created_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5)";
        let party = caller.party.map(|id| id.to_string());
        let values =
            params![caller.actor.to_string(), caller.role.as_str(), party, hash.0, at.seconds()];
        self.0.execute(statement, values).map_err(failed("insert credential"))?;
        Ok(())
    }

    /// The caller whose key has this digest, unless revoked. The digest of 256 random bits is looked
    /// up by index: how long that takes says nothing about any key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn caller(&self, hash: &ApiKeyHash) -> Result<Option<Caller>, StoreError> {
        let statement = "SELECT actor_id, role, party_id FROM credential \
                         WHERE key_hash = ?1 AND revoked_at IS NULL";
        let found = self
            .0
            .query_row(statement, [hash.0], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                ))
            })
            .optional()
            .map_err(failed("read credential"))?;
        let Some((actor, text, party)) = found else { return Ok(None) };
        Ok(Some(Caller {
            actor: parse(&actor, "credential.actor_id")?,
            role: role(&text)?,
            party: party.map(|id| parse(&id, "credential.party_id")).transpose()?,
        }))
    }
}
