//! Erasures that wait for their tick, and deposits that are erased or past their term.

use jiff::civil::Date;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use tiers_contact::Kind;
use tiers_protocol::ids::{ActId, DepositId, PartyId, ProgrammeId};
use tiers_protocol::receipt::Receipt;

use super::column::{json, parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

/// What an erasure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erased {
    /// One deposit.
    Deposit(DepositId),
    /// The rows of persons, by tokens that are kept until then.
    Persons,
    /// What a party has deposited.
    Party(PartyId),
    /// The whole programme.
    Programme,
}

/// An erasure that was ordered.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The act that ordered it.
    pub id: ActId,
    /// In which programme.
    pub programme: ProgrammeId,
    /// What.
    pub of: Erased,
    /// The first snapshot without them.
    pub due: u64,
}

impl Tx<'_> {
    /// Remembers an erasure until its tick; the tokens are those of persons, at rest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_erasure(
        &self,
        erasure: &Erasure,
        tokens: &[(Kind, VaultToken)],
    ) -> Result<(), StoreError> {
        let due = signed(erasure.due, "erasure.due")?;
        let (id, programme) = (erasure.id.to_string(), erasure.programme.to_string());
        let (deposit, party, whole) = match erasure.of {
            Erased::Deposit(id) => (Some(id.to_string()), None, false),
            Erased::Party(id) => (None, Some(id.to_string()), false),
            Erased::Programme => (None, None, true),
            Erased::Persons => (None, None, false),
        };
        let statement = "INSERT INTO erasure (id, programme_id, deposit_id, due, party_id, whole) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.0
            .execute(statement, params![id, programme, deposit, due, party, whole])
            .map_err(failed("insert erasure"))?;
        // Two orders: the earlier tick counts.
        let statement = "UPDATE deposit SET gone_from = min(coalesce(gone_from, ?5), ?5) \
                         WHERE id = ?1 OR (programme_id = ?2 AND (party_id = ?3 OR ?4))";
        self.0
            .execute(statement, params![deposit, programme, party, whole, due])
            .map_err(failed("insert erasure"))?;
        let statement = "INSERT INTO erasure_token (erasure_id, kind, token) VALUES (?1, ?2, ?3) \
                         ON CONFLICT DO NOTHING";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("insert erasure"))?;
        for (kind, token) in tokens {
            let values = params![id, kind.as_str(), token.as_bytes()];
            statement.execute(values).map_err(failed("insert erasure"))?;
        }
        Ok(())
    }

    /// The erasures that wait.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let statement =
            "SELECT id, programme_id, deposit_id, due, party_id, whole FROM erasure ORDER BY id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read erasures"))?;
        let rows = statement
            .query_map([], |row| {
                let of: (Option<String>, Option<String>, bool) =
                    (row.get(2)?, row.get(4)?, row.get(5)?);
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, of, row.get(3)?))
            })
            .map_err(failed("read erasures"))?;
        rows.map(|row| {
            let (id, programme, of, due) = row.map_err(failed("read erasures"))?;
            let of = match of {
                (Some(id), ..) => Erased::Deposit(parse(&id, "erasure.deposit_id")?),
                (None, Some(id), _) => Erased::Party(parse(&id, "erasure.party_id")?),
                (None, None, true) => Erased::Programme,
                (None, None, false) => Erased::Persons,
            };
            Ok(Erasure {
                id: parse(&id, "erasure.id")?,
                programme: parse(&programme, "erasure.programme_id")?,
                of,
                due: unsigned(due, "erasure.due")?,
            })
        })
        .collect()
    }

    /// The tokens of the persons of an erasure.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn erasure_tokens(&self, id: &ActId) -> Result<Vec<(Kind, VaultToken)>, StoreError> {
        let statement = "SELECT kind, token FROM erasure_token WHERE erasure_id = ?1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read tokens"))?;
        let rows = statement
            .query_map([id.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .map_err(failed("read tokens"))?;
        rows.map(|row| {
            let (kind, token) = row.map_err(failed("read tokens"))?;
            Ok((parse(&kind, "erasure_token.kind")?, VaultToken::from_bytes(token)))
        })
        .collect()
    }

    /// The accepted deposits of a programme, or of one party in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accepted_of(
        &self,
        programme: &ProgrammeId,
        party: Option<&PartyId>,
    ) -> Result<Vec<DepositId>, StoreError> {
        let statement = "SELECT id FROM deposit WHERE state = 'accepted' AND programme_id = ?1 \
                         AND (?2 IS NULL OR party_id = ?2) ORDER BY id";
        self.ids(statement, params![programme.to_string(), party.map(ToString::to_string)])
    }

    /// Closes a programme: it takes nothing more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn close_programme(&self, id: &ProgrammeId, at: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE programme SET closed_at = coalesce(closed_at, ?2) WHERE id = ?1";
        self.0
            .execute(statement, params![id.to_string(), at.seconds()])
            .map_err(failed("close programme"))?;
        Ok(())
    }

    /// Forgets which months of a closed programme have counted which unit, and its canaries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_units(&self, id: &ProgrammeId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM admission WHERE programme_id = ?1",
            "DELETE FROM admitted_file WHERE programme_id = ?1",
            "DELETE FROM canary WHERE programme_id = ?1",
        ] {
            self.0.execute(statement, [id.to_string()]).map_err(failed("forget units"))?;
        }
        Ok(())
    }

    /// Whether units of a programme are remembered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remembers(&self, id: &ProgrammeId) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM admission WHERE programme_id = ?1) \
                         OR EXISTS (SELECT 1 FROM admitted_file WHERE programme_id = ?1)";
        self.0
            .query_row(statement, [id.to_string()], |row| row.get(0))
            .map_err(failed("remembered units"))
    }

    /// The receipts of the erased deposits of a programme, or of one party in it, with the number of the
    /// key that their segments were under.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn erased_receipts(
        &self,
        programme: &ProgrammeId,
        party: Option<&PartyId>,
    ) -> Result<Vec<(Receipt, u32)>, StoreError> {
        let statement = "SELECT document, disk_key FROM deposit WHERE state = 'erased' \
                         AND programme_id = ?1 AND (?2 IS NULL OR party_id = ?2) ORDER BY entry";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("erased receipts"))?;
        let values = params![programme.to_string(), party.map(ToString::to_string)];
        let rows = statement
            .query_map(values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))
            .map_err(failed("erased receipts"))?;
        rows.map(|row| {
            let (document, key) = row.map_err(failed("erased receipts"))?;
            Ok((json(&document, "deposit.document")?, key))
        })
        .collect()
    }

    /// Forgets an erasure that is done, with its tokens.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_erasure(&self, id: &ActId) -> Result<(), StoreError> {
        let statement = "DELETE FROM erasure WHERE id = ?1";
        self.0.execute(statement, [id.to_string()]).map_err(failed("delete erasure"))?;
        Ok(())
    }

    /// Accepted deposits that may not be held any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn expired_deposits(&self, day: Date) -> Result<Vec<DepositId>, StoreError> {
        let statement = "SELECT id FROM deposit WHERE state = 'accepted' AND retain_until < ?1 \
                         ORDER BY id";
        self.ids(statement, [day.to_string()])
    }

    /// Marks an accepted deposit erased; its segments are nobody's from then on. Returns whether it was
    /// accepted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn mark_erased(&self, id: &DepositId) -> Result<bool, StoreError> {
        let statement = "UPDATE deposit SET state = 'erased', prepared = NULL, prepared_key = NULL, \
                         prepared_links = NULL WHERE id = ?1 AND state = 'accepted'";
        let changed =
            self.0.execute(statement, [id.to_string()]).map_err(failed("erase deposit"))?;
        Ok(changed == 1)
    }

    /// Keeps a leaf of the tree that the entry with index `entry` commits to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_erasure_leaf(
        &self,
        entry: u64,
        place: usize,
        erasure: &ActId,
        salt: &[u8; 32],
    ) -> Result<(), StoreError> {
        let seq = signed(entry + 1, "erasure_leaf.seq")?;
        let place = signed(place as u64, "erasure_leaf.place")?;
        let statement = "INSERT INTO erasure_leaf (seq, place, erasure_id, salt) \
                         VALUES (?1, ?2, ?3, ?4)";
        self.0
            .execute(statement, params![seq, place, erasure.to_string(), salt])
            .map_err(failed("insert leaf"))?;
        Ok(())
    }

    /// The leaves that the entry with index `entry` commits to, in their order: the act that ordered
    /// each erasure, and its salt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn erasure_leaves(&self, entry: u64) -> Result<Vec<(ActId, [u8; 32])>, StoreError> {
        let seq = signed(entry + 1, "erasure_leaf.seq")?;
        let statement = "SELECT erasure_id, salt FROM erasure_leaf WHERE seq = ?1 ORDER BY place";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read leaves"))?;
        let rows = statement
            .query_map([seq], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .map_err(failed("read leaves"))?;
        rows.map(|row| {
            let (id, salt) = row.map_err(failed("read leaves"))?;
            Ok((parse(&id, "erasure_leaf.erasure_id")?, salt))
        })
        .collect()
    }
}
