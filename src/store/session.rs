//! Who is signed in, and who signed in when. Rows of sessions go when they are over; of sign-ins the
//! last of each person stay.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::ids::ActorId;

use super::db::failed;
use super::person::{PERSON, Person, SecretHash, person, read};
use super::{StoreError, Tx};
use crate::time::Moment;

/// A sign-in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// When.
    pub at: Moment,
    /// `passkey` or `link`.
    pub how: String,
}

/// Sign-ins of one person that are kept.
const KEPT: u32 = 100;

impl Tx<'_> {
    /// Begins a session, and removes those that are over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_session(
        &self,
        hash: &SecretHash,
        actor: &ActorId,
        now: Moment,
        expires: Moment,
    ) -> Result<(), StoreError> {
        self.0
            .execute("DELETE FROM session WHERE expires_at <= ?1", [now.seconds()])
            .map_err(failed("end sessions"))?;
        let statement = "INSERT INTO session (hash, actor_id, seen_at, expires_at) \
                         VALUES (?1, ?2, ?3, ?4)";
        let values = params![hash.0, actor.to_string(), now.seconds(), expires.seconds()];
        self.0.execute(statement, values).map_err(failed("insert session"))?;
        Ok(())
    }

    /// Whose session it is and when it was last used, if it is neither over nor idle for too long, and
    /// the person is not revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn session(
        &self,
        hash: &SecretHash,
        now: Moment,
        idle: i64,
    ) -> Result<Option<(Person, i64)>, StoreError> {
        let statement = format!(
            "SELECT {PERSON}, s.seen_at FROM session s JOIN person p USING (actor_id) \
             JOIN credential c USING (actor_id) WHERE s.hash = ?1 AND s.expires_at > ?2 \
             AND s.seen_at > ?3 AND c.revoked_at IS NULL"
        );
        let values = params![hash.0, now.seconds(), now.seconds().saturating_sub(idle)];
        let found =
            self.0.query_row(&statement, values, |row| Ok((read(row)?, row.get(8)?))).optional();
        let found = found.map_err(failed("read session"))?;
        found.map(|(raw, seen)| Ok((person(raw)?, seen))).transpose()
    }

    /// A session was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn touch_session(&self, hash: &SecretHash, now: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE session SET seen_at = ?2 WHERE hash = ?1";
        let changed = self.0.execute(statement, params![hash.0, now.seconds()]);
        changed.map(drop).map_err(failed("touch session"))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_session(&self, hash: &SecretHash) -> Result<(), StoreError> {
        let changed = self.0.execute("DELETE FROM session WHERE hash = ?1", [hash.0]);
        changed.map(drop).map_err(failed("end session"))
    }

    /// Ends every session of a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_sessions(&self, actor: &ActorId) -> Result<(), StoreError> {
        let statement = "DELETE FROM session WHERE actor_id = ?1";
        let changed = self.0.execute(statement, [actor.to_string()]);
        changed.map(drop).map_err(failed("end sessions"))
    }

    /// Notes a sign-in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_sign_in(
        &self,
        actor: &ActorId,
        at: Moment,
        how: &'static str,
    ) -> Result<(), StoreError> {
        let actor = actor.to_string();
        let statement = "INSERT INTO sign_in (actor_id, at, how) VALUES (?1, ?2, ?3)";
        self.0
            .execute(statement, params![actor, at.seconds(), how])
            .map_err(failed("insert sign-in"))?;
        let statement = "DELETE FROM sign_in WHERE actor_id = ?1 AND rowid NOT IN \
                         (SELECT rowid FROM sign_in WHERE actor_id = ?1 \
                          ORDER BY at DESC, rowid DESC LIMIT ?2)";
        self.0.execute(statement, params![actor, KEPT]).map_err(failed("keep sign-ins"))?;
        Ok(())
    }

    /// The last sign-ins of a person, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sign_ins(&self, actor: &ActorId, limit: u32) -> Result<Vec<SignIn>, StoreError> {
        let statement = "SELECT at, how FROM sign_in WHERE actor_id = ?1 \
                         ORDER BY at DESC, rowid DESC LIMIT ?2";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read sign-ins"))?;
        let rows = statement
            .query_map(params![actor.to_string(), limit], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?))
            })
            .map_err(failed("read sign-ins"))?;
        rows.map(|row| {
            let (at, how) = row.map_err(failed("read sign-ins"))?;
            let at =
                Moment::from_seconds(at).ok_or(StoreError::Corrupt { column: "sign_in.at" })?;
            Ok(SignIn { at, how })
        })
        .collect()
    }
}
