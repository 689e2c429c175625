//! Programmes: their document, canaries, partners, wrapped keys and standing approvals.

use rusqlite::{OptionalExtension as _, params};
use tiers_contact::Kind;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{ActorId, PartyId, ProgrammeId};
use tiers_protocol::programme::Programme;

use super::column::{json, parse, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

/// A programme as registered.
pub struct Registered {
    /// Its document.
    pub programme: Programme,
    /// Whose it is.
    pub principal: PartyId,
    /// Deposits accepted so far.
    pub arrivals: u64,
    /// When it was closed.
    pub closed_at: Option<Moment>,
}

/// A partner's place in a programme.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The partner.
    pub party: PartyId,
    /// Its declared size.
    pub declared_size: u32,
    /// Whether a wrapped key waits for it.
    pub key_wrapped: bool,
}

/// One re-keyed canary token.
pub struct Canary {
    /// Which canary contact.
    pub position: u32,
    /// Which of its identifiers.
    pub kind: Kind,
    /// Its token at rest.
    pub token: VaultToken,
}

/// An officer's standing approval.
#[derive(Debug, Clone, Copy)]
pub struct Approval {
    /// Who approved.
    pub actor: ActorId,
    /// When.
    pub at: Moment,
}

impl Tx<'_> {
    /// Adds a programme with its canaries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_programme(
        &self,
        programme: &Programme,
        principal: &PartyId,
        canaries: &[Canary],
        at: Moment,
    ) -> Result<(), StoreError> {
        let document = serde_json::to_vec(programme).expect("a plain document");
        let statement = "INSERT INTO programme (id, principal_id, document, registered_at) \
                         VALUES (?1, ?2, ?3, ?4)";
        let id = programme.id.to_string();
        let values = params![id, principal.to_string(), document, at.seconds()];
        self.0.execute(statement, values).map_err(failed("insert programme"))?;
        let statement = "INSERT INTO canary (programme_id, position, kind, token) \
                         VALUES (?1, ?2, ?3, ?4)";
        for canary in canaries {
            let values =
                params![id, canary.position, canary.kind.as_str(), canary.token.as_bytes()];
            self.0.execute(statement, values).map_err(failed("insert canary"))?;
        }
        Ok(())
    }

    /// A programme by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn programme(&self, id: &ProgrammeId) -> Result<Option<Registered>, StoreError> {
        let statement =
            "SELECT document, principal_id, arrivals, closed_at FROM programme WHERE id = ?1";
        let found = self
            .0
            .query_row(statement, [id.to_string()], |row| {
                let closed: Option<i64> = row.get(3)?;
                let arrivals: i64 = row.get(2)?;
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, arrivals, closed))
            })
            .optional()
            .map_err(failed("read programme"))?;
        let Some((document, principal, arrivals, closed)) = found else { return Ok(None) };
        Ok(Some(Registered {
            programme: json(&document, "programme.document")?,
            principal: parse(&principal, "programme.principal_id")?,
            arrivals: unsigned(arrivals, "programme.arrivals")?,
            closed_at: closed.and_then(Moment::from_seconds),
        }))
    }

    /// Ids of all programmes, in the order of their registration.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn programme_ids(&self) -> Result<Vec<ProgrammeId>, StoreError> {
        let statement = "SELECT id FROM programme ORDER BY registered_at, id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read programmes"))?;
        let rows = statement
            .query_map([], |row| row.get::<_, String>(0))
            .map_err(failed("read programmes"))?;
        rows.map(|row| parse(&row.map_err(failed("read programmes"))?, "programme.id")).collect()
    }

    /// How many programmes there are, and how many of their documents cannot be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unreadable_programmes(&self) -> Result<(usize, usize), StoreError> {
        let statement = "SELECT document FROM programme";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read programmes"))?;
        let rows = statement
            .query_map([], |row| row.get::<_, Vec<u8>>(0))
            .map_err(failed("read programmes"))?;
        let (mut all, mut unreadable) = (0, 0);
        for row in rows {
            let document = row.map_err(failed("read programmes"))?;
            all += 1;
            unreadable += usize::from(json::<Programme>(&document, "programme.document").is_err());
        }
        Ok((all, unreadable))
    }

    /// Counts one more accepted deposit; returns the new count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count_arrival(&self, id: &ProgrammeId) -> Result<u64, StoreError> {
        let statement =
            "UPDATE programme SET arrivals = arrivals + 1 WHERE id = ?1 RETURNING arrivals";
        let count: i64 = self
            .0
            .query_row(statement, [id.to_string()], |row| row.get(0))
            .map_err(failed("count arrival"))?;
        unsigned(count, "programme.arrivals")
    }

    /// The canaries of a programme, by contact and kind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn canaries(&self, id: &ProgrammeId) -> Result<Vec<Canary>, StoreError> {
        let statement = "SELECT position, kind, token FROM canary WHERE programme_id = ?1 \
                         ORDER BY position, kind";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read canaries"))?;
        let rows = statement
            .query_map([id.to_string()], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get::<_, [u8; 16]>(2)?))
            })
            .map_err(failed("read canaries"))?;
        rows.map(|row| {
            let (position, kind, token) = row.map_err(failed("read canaries"))?;
            let kind = parse(&kind, "canary.kind")?;
            Ok(Canary { position, kind, token: VaultToken::from_bytes(token) })
        })
        .collect()
    }

    /// Adds a partner, or changes its declared size.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_member(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
        declared_size: u32,
        at: Moment,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO membership (programme_id, party_id, declared_size, joined_at) \
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET declared_size = ?3";
        let values = params![programme.to_string(), party.to_string(), declared_size, at.seconds()];
        self.0.execute(statement, values).map_err(failed("put member"))?;
        Ok(())
    }

    /// The partners of a programme, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn members(&self, programme: &ProgrammeId) -> Result<Vec<Membership>, StoreError> {
        let statement = "SELECT party_id, declared_size, wrapped_key IS NOT NULL FROM membership \
                         WHERE programme_id = ?1 ORDER BY joined_at, party_id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read members"))?;
        let rows = statement
            .query_map([programme.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, bool>(2)?))
            })
            .map_err(failed("read members"))?;
        rows.map(|row| {
            let (party, declared_size, key_wrapped) = row.map_err(failed("read members"))?;
            let party = parse(&party, "membership.party_id")?;
            Ok(Membership { party, declared_size, key_wrapped })
        })
        .collect()
    }

    /// Whether a party is a partner of a programme.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_member(&self, programme: &ProgrammeId, party: &PartyId) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM membership \
                         WHERE programme_id = ?1 AND party_id = ?2)";
        self.0
            .query_row(statement, [programme.to_string(), party.to_string()], |row| row.get(0))
            .map_err(failed("read member"))
    }

    /// Keeps a wrapped key for a partner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_wrapped_key(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
        wrapped: &[u8],
    ) -> Result<(), StoreError> {
        let statement =
            "UPDATE membership SET wrapped_key = ?3 WHERE programme_id = ?1 AND party_id = ?2";
        let values = params![programme.to_string(), party.to_string(), wrapped];
        self.0.execute(statement, values).map_err(failed("put wrapped key"))?;
        Ok(())
    }

    /// The wrapped key that waits for a partner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn wrapped_key(
        &self,
        programme: &ProgrammeId,
        party: &PartyId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let statement =
            "SELECT wrapped_key FROM membership WHERE programme_id = ?1 AND party_id = ?2";
        self.0
            .query_row(statement, [programme.to_string(), party.to_string()], |row| row.get(0))
            .optional()
            .map(Option::flatten)
            .map_err(failed("read wrapped key"))
    }

    /// Records an officer's standing approval; the first one stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_approval(
        &self,
        programme: &ProgrammeId,
        policy: &Bytes<32>,
        approval: &Approval,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO approval (programme_id, policy_sha256, actor_id, approved_at) \
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let values = params![
            programme.to_string(),
            policy.to_string(),
            approval.actor.to_string(),
            approval.at.seconds()
        ];
        self.0.execute(statement, values).map_err(failed("insert approval"))?;
        Ok(())
    }

    /// The standing approval of releases under a policy.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn approval(
        &self,
        programme: &ProgrammeId,
        policy: &Bytes<32>,
    ) -> Result<Option<Approval>, StoreError> {
        let statement = "SELECT actor_id, approved_at FROM approval \
                         WHERE programme_id = ?1 AND policy_sha256 = ?2";
        let found = self
            .0
            .query_row(statement, [programme.to_string(), policy.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()
            .map_err(failed("read approval"))?;
        let Some((actor, at)) = found else { return Ok(None) };
        let at = Moment::from_seconds(at)
            .ok_or(StoreError::Corrupt { column: "approval.approved_at" })?;
        Ok(Some(Approval { actor: parse(&actor, "approval.actor_id")?, at }))
    }
}
