//! Erasures that wait for their tick, and deposits that are erased or past their term.

use jiff::civil::Date;
use rusqlite::params;
use tiers_contact::Kind;
use tiers_protocol::ids::{ActId, DepositId, ProgrammeId};

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;

/// An erasure that was ordered.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The act that ordered it.
    pub id: ActId,
    /// In which programme.
    pub programme: ProgrammeId,
    /// Which deposit; otherwise the rows of persons.
    pub deposit: Option<DepositId>,
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
        let (id, deposit) = (erasure.id.to_string(), erasure.deposit.map(|id| id.to_string()));
        let statement = "INSERT INTO erasure (id, programme_id, deposit_id, due) \
                         VALUES (?1, ?2, ?3, ?4)";
        self.0
            .execute(statement, params![id, erasure.programme.to_string(), deposit, due])
            .map_err(failed("insert erasure"))?;
        if let Some(deposit) = deposit {
            // Two orders: the earlier tick counts.
            let statement = "UPDATE deposit SET gone_from = min(coalesce(gone_from, ?2), ?2) \
                             WHERE id = ?1";
            self.0.execute(statement, params![deposit, due]).map_err(failed("insert erasure"))?;
        }
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
        let statement = "SELECT id, programme_id, deposit_id, due FROM erasure ORDER BY id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read erasures"))?;
        let rows = statement
            .query_map([], |row| {
                let deposit: Option<String> = row.get(2)?;
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, deposit, row.get(3)?))
            })
            .map_err(failed("read erasures"))?;
        rows.map(|row| {
            let (id, programme, deposit, due) = row.map_err(failed("read erasures"))?;
            let deposit = deposit.map(|id| parse(&id, "erasure.deposit_id")).transpose()?;
            Ok(Erasure {
                id: parse(&id, "erasure.id")?,
                programme: parse(&programme, "erasure.programme_id")?,
                deposit,
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
