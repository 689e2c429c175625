//! People of the portals: who was invited as what, with which passkeys. Not whether they are signed in;
//! that is `session`.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::ids::{ActorId, PartyId};

use super::column::{parse, unsigned};
use super::credential::{Caller, role};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::passkey::Passkey;
use crate::time::Moment;

/// Somebody who works in a browser.
#[derive(Debug, Clone)]
pub struct Person {
    /// What the person may do, for whom.
    pub caller: Caller,
    /// The name that whoever invited the person wrote.
    pub name: String,
    /// By which passkeys know whose they are.
    pub handle: [u8; 16],
    /// When the person was invited.
    pub created_at: Moment,
    /// Whether the person may no longer sign in.
    pub revoked: bool,
    /// How many passkeys the person has.
    pub passkeys: u64,
}

/// Labelled digest of the secret of an invitation or a session; what the tables hold.
#[derive(Clone, Copy)]
pub struct SecretHash(pub [u8; 32]);

pub(super) const PERSON: &str = "p.actor_id, c.role, c.party_id, p.name, p.handle, p.created_at, \
     c.revoked_at IS NOT NULL, (SELECT count(*) FROM passkey k WHERE k.actor_id = p.actor_id)";

type Raw = (String, String, Option<String>, String, [u8; 16], i64, bool, i64);

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
    ))
}

pub(super) fn person(raw: Raw) -> Result<Person, StoreError> {
    let (actor, text, party, name, handle, at, revoked, passkeys) = raw;
    let caller = Caller {
        actor: parse(&actor, "person.actor_id")?,
        role: role(&text)?,
        party: party.map(|id| parse(&id, "credential.party_id")).transpose()?,
    };
    let created_at =
        Moment::from_seconds(at).ok_or(StoreError::Corrupt { column: "person.created_at" })?;
    let passkeys = unsigned(passkeys, "passkey.actor_id")?;
    Ok(Person { caller, name, handle, created_at, revoked, passkeys })
}

impl Tx<'_> {
    /// Adds a person; its credential is there already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_person(
        &self,
        actor: &ActorId,
        name: &str,
        handle: &[u8; 16],
        at: Moment,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO person (actor_id, name, handle, created_at) \
                         VALUES (?1, ?2, ?3, ?4)";
        let values = params![actor.to_string(), name, handle, at.seconds()];
        self.0.execute(statement, values).map_err(failed("insert person"))?;
        Ok(())
    }

    /// A person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn person(&self, actor: &ActorId) -> Result<Option<Person>, StoreError> {
        let statement = format!(
            "SELECT {PERSON} FROM person p JOIN credential c USING (actor_id) \
             WHERE p.actor_id = ?1"
        );
        let found = self.0.query_row(&statement, [actor.to_string()], read).optional();
        found.map_err(failed("read person"))?.map(person).transpose()
    }

    /// The people of a company, or, without one, those of a role of the certifier.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn people(&self, of: &Caller) -> Result<Vec<Person>, StoreError> {
        let statement = format!(
            "SELECT {PERSON} FROM person p JOIN credential c USING (actor_id) \
             WHERE c.role = ?1 AND c.party_id IS ?2 ORDER BY p.created_at, p.actor_id"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read people"))?;
        let party = of.party.map(|id: PartyId| id.to_string());
        let rows = statement
            .query_map(params![of.role.as_str(), party], read)
            .map_err(failed("read people"))?;
        rows.map(|row| person(row.map_err(failed("read people"))?)).collect()
    }

    /// Ends a credential: nobody is let in with it any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revoke_credential(&self, actor: &ActorId, at: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE credential SET revoked_at = ?2 \
                         WHERE actor_id = ?1 AND revoked_at IS NULL";
        let values = params![actor.to_string(), at.seconds()];
        self.0.execute(statement, values).map_err(failed("revoke credential"))?;
        Ok(())
    }

    /// Adds an invitation, in place of any earlier one of the same person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_invitation(
        &self,
        hash: &SecretHash,
        person: &ActorId,
        by: &ActorId,
        expires: Moment,
    ) -> Result<(), StoreError> {
        let actor = person.to_string();
        self.0
            .execute("DELETE FROM invitation WHERE actor_id = ?1", [&actor])
            .map_err(failed("replace invitation"))?;
        let statement = "INSERT INTO invitation (hash, actor_id, invited_by, expires_at) \
                         VALUES (?1, ?2, ?3, ?4)";
        let values = params![hash.0, actor, by.to_string(), expires.seconds()];
        self.0.execute(statement, values).map_err(failed("insert invitation"))?;
        Ok(())
    }

    /// Whom an invitation invites, if it may still be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn invited(&self, hash: &SecretHash, now: Moment) -> Result<Option<Person>, StoreError> {
        let statement = format!(
            "SELECT {PERSON} FROM invitation i JOIN person p USING (actor_id) \
             JOIN credential c USING (actor_id) WHERE i.hash = ?1 AND i.used_at IS NULL \
             AND i.expires_at > ?2 AND c.revoked_at IS NULL"
        );
        let values = params![hash.0, now.seconds()];
        let found = self.0.query_row(&statement, values, read).optional();
        found.map_err(failed("read invitation"))?.map(person).transpose()
    }

    /// An invitation that has been used is used up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn use_invitation(&self, hash: &SecretHash, now: Moment) -> Result<bool, StoreError> {
        let statement = "UPDATE invitation SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL";
        let changed = self.0.execute(statement, params![hash.0, now.seconds()]);
        changed.map(|rows| rows == 1).map_err(failed("use invitation"))
    }

    /// Adds a passkey; false where one of the same id is known already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_passkey(
        &self,
        actor: &ActorId,
        passkey: &Passkey,
        at: Moment,
    ) -> Result<bool, StoreError> {
        let statement = "INSERT INTO passkey (credential, actor_id, key, counter, created_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        let Passkey { credential, key, counter } = passkey;
        let values = params![credential, actor.to_string(), key, counter, at.seconds()];
        let changed = self.0.execute(statement, values);
        changed.map(|rows| rows == 1).map_err(failed("insert passkey"))
    }

    /// A passkey by the id that an authenticator gave it, and whose it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn passkey(&self, credential: &[u8]) -> Result<Option<(ActorId, Passkey)>, StoreError> {
        let statement = "SELECT actor_id, key, counter FROM passkey WHERE credential = ?1";
        let found = self
            .0
            .query_row(statement, [credential], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
            .map_err(failed("read passkey"))?;
        let Some((actor, key, counter)) = found else { return Ok(None) };
        let passkey = Passkey { credential: credential.to_vec(), key, counter };
        Ok(Some((parse(&actor, "passkey.actor_id")?, passkey)))
    }

    /// Takes away every passkey of a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_passkeys(&self, actor: &ActorId) -> Result<(), StoreError> {
        let statement = "DELETE FROM passkey WHERE actor_id = ?1";
        self.0.execute(statement, [actor.to_string()]).map_err(failed("delete passkeys"))?;
        Ok(())
    }

    /// Keeps how often a passkey has signed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count_passkey(&self, credential: &[u8], counter: u32) -> Result<(), StoreError> {
        let statement = "UPDATE passkey SET counter = ?2 WHERE credential = ?1";
        let changed = self.0.execute(statement, params![credential, counter]);
        changed.map(drop).map_err(failed("count passkey"))
    }
}
