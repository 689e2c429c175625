//! Oppositions by rights tokens at rest, in batches. No erasure and no upload reaches them.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::consent::{Channel, Siren};
use tiers_protocol::ids::PartyId;

use super::column::{parse, signed, unsigned};
use super::consent::moment;
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::time::Moment;

/// A batch of oppositions, without its rows.
#[derive(Debug, Clone)]
pub struct OppositionBatch {
    /// Its number.
    pub number: u64,
    /// Who handed it in; nobody for the certifier itself.
    pub party: Option<PartyId>,
    /// How the ids of its oppositions begin.
    pub prefix: [u8; 12],
    /// Keyed digest of what was sent.
    pub digest: [u8; 16],
    /// Along whose chain; everywhere when `None`.
    pub along: Option<Siren>,
    /// By which means; by all when `None`.
    pub channel: Option<Channel>,
    /// Whether a list says so.
    pub from_list: bool,
    /// Which list, under which certificate.
    pub source: String,
    /// Until when it is kept.
    pub until: Moment,
    /// When it came.
    pub recorded_at: Moment,
    /// Index of its ledger entry, if it has one of its own.
    pub entry: Option<u64>,
    /// Its leaf in a tick otherwise.
    pub leaf: Option<u64>,
    /// From which the salts of its leaves follow.
    pub salt: [u8; 32],
}

impl Tx<'_> {
    /// The number that the next batch of oppositions has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_opposition_batch(&self) -> Result<u64, StoreError> {
        let statement = "SELECT last + 1 FROM batch_number WHERE name = 'opposition'";
        let next = self.0.query_row(statement, [], |row| row.get(0));
        unsigned(next.map_err(failed("next batch"))?, "opposition_batch.number")
    }

    /// Adds a batch of oppositions with its rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_oppositions(
        &self,
        batch: &OppositionBatch,
        rows: &[(VaultToken, u64, i64)],
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO opposition_batch (number, party_id, prefix, digest, along, \
                         channel, origin, source, until, recorded_at, entry, leaf, salt) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let values = params![
            signed(batch.number, "opposition_batch.number")?,
            batch.party.map(|party| party.to_string()),
            batch.prefix,
            batch.digest,
            batch.along.map(|siren| siren.to_string()),
            batch.channel.map(Channel::as_str),
            if batch.from_list { "list" } else { "person" },
            batch.source,
            batch.until.seconds(),
            batch.recorded_at.seconds(),
            batch.entry.map(|entry| signed(entry, "opposition_batch.entry")).transpose()?,
            batch.leaf.map(|leaf| signed(leaf, "opposition_batch.leaf")).transpose()?,
            batch.salt,
        ];
        self.0.execute(statement, values).map_err(failed("insert oppositions"))?;
        let statement = "INSERT INTO opposition (token, number, at) VALUES (?1, ?2, ?3)";
        let mut statement =
            self.0.prepare_cached(statement).map_err(failed("insert oppositions"))?;
        for (token, number, at) in rows {
            let values = params![token.as_bytes(), signed(*number, "opposition.number")?, at];
            statement.execute(values).map_err(failed("insert oppositions"))?;
        }
        Ok(())
    }

    fn opposition_batch_where<P: rusqlite::Params>(
        &self,
        condition: &str,
        values: P,
    ) -> Result<Option<OppositionBatch>, StoreError> {
        let statement = format!(
            "SELECT number, until, recorded_at, entry, party_id, along, channel, origin, source, \
             prefix, digest, salt, leaf FROM opposition_batch WHERE {condition}"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read batch"))?;
        let found = statement.query_row(values, |row| {
            let numbers: [i64; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
            let places: [Option<i64>; 2] = [row.get(3)?, row.get(12)?];
            let options: [Option<String>; 3] = [row.get(4)?, row.get(5)?, row.get(6)?];
            let texts: [String; 2] = [row.get(7)?, row.get(8)?];
            Ok(((numbers, places), options, texts, row.get(9)?, row.get(10)?, row.get(11)?))
        });
        let Some(((numbers, places), options, texts, prefix, digest, salt)) =
            found.optional().map_err(failed("read batch"))?
        else {
            return Ok(None);
        };
        let [number, until, recorded_at] = numbers;
        let [entry, leaf] = places;
        let [party, along, channel] = options;
        let [origin, source] = texts;
        let party = party.map(|id| parse(&id, "opposition_batch.party_id")).transpose()?;
        let along = along.map(|text| parse(&text, "opposition_batch.along")).transpose()?;
        let channel = channel.map(|text| parse(&text, "opposition_batch.channel")).transpose()?;
        Ok(Some(OppositionBatch {
            number: unsigned(number, "opposition_batch.number")?,
            party,
            prefix,
            digest,
            along,
            channel,
            from_list: origin == "list",
            source,
            until: moment(until, "opposition_batch.until")?,
            recorded_at: moment(recorded_at, "opposition_batch.recorded_at")?,
            entry: entry.map(|entry| unsigned(entry, "opposition_batch.entry")).transpose()?,
            leaf: leaf.map(|leaf| unsigned(leaf, "opposition_batch.leaf")).transpose()?,
            salt,
        }))
    }

    /// A batch of oppositions by its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn opposition_batch(&self, number: u64) -> Result<Option<OppositionBatch>, StoreError> {
        self.opposition_batch_where("number = ?1", [signed(number, "opposition_batch.number")?])
    }

    /// The batch of oppositions that holds what has this digest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn opposition_batch_by_digest(
        &self,
        digest: &[u8; 16],
    ) -> Result<Option<OppositionBatch>, StoreError> {
        self.opposition_batch_where("digest = ?1", [digest])
    }

    /// Appends the oppositions of a token: number and instant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn oppositions_of(
        &self,
        token: &VaultToken,
        out: &mut Vec<(u64, i64)>,
    ) -> Result<(), StoreError> {
        let statement = "SELECT number, at FROM opposition WHERE token = ?1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read oppositions"))?;
        let mut rows = statement.query([token.as_bytes()]).map_err(failed("read oppositions"))?;
        while let Some(row) = rows.next().map_err(failed("read oppositions"))? {
            let number: i64 = row.get(0).map_err(failed("read oppositions"))?;
            let at: i64 = row.get(1).map_err(failed("read oppositions"))?;
            out.push((unsigned(number, "opposition.number")?, at));
        }
        Ok(())
    }
}
