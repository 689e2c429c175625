//! The index by which acts are searched: written with each entry, read for officers and parties.

use rusqlite::{OptionalExtension as _, Row, named_params, params};
use tiers_protocol::ids::{ActorId, DepositId, PartyId};
use tiers_protocol::tlog::{Entry, EntryType};

use super::column::{signed, unsigned};
use super::db::failed;
use super::outbox::StoredAct;
use super::tick::{self, TickLeaf};
use super::{StoreError, Tx};

/// Which acts. What is `None` is not asked for.
#[derive(Debug, Clone, Default)]
pub struct ActQuery {
    /// An object, and what belongs to it.
    pub about: Option<String>,
    /// These objects and nothing else.
    pub objects: Option<Vec<String>>,
    /// What a party did, and what concerns it.
    pub party: Option<String>,
    /// What the searcher may see: that of this party, or everything.
    pub scope: Option<PartyId>,
    /// A type.
    pub kind: Option<EntryType>,
    /// From this second on.
    pub since: Option<i64>,
    /// Before this second.
    pub before: Option<i64>,
    /// First index.
    pub from: u64,
    /// How many.
    pub limit: u32,
}

/// Whether the act concerns the party `:name`: it did it, or it is about the party itself, its deposits, its
/// programmes and their releases, its exchanges and their batches, its forms, its requests of persons and what
/// it is told; of programmes in which it takes part, what the programme is.
macro_rules! concerns {
    ($name:literal) => {
        concat!(
            "(act_index.party = ",
            $name,
            " OR object = ",
            $name,
            " OR object IN (SELECT id FROM deposit WHERE party_id = ",
            $name,
            ")",
            " OR object IN (SELECT id FROM programme WHERE principal_id = ",
            $name,
            ")",
            " OR object IN (SELECT release.id FROM release JOIN programme",
            "    ON programme.id = release.programme_id WHERE principal_id = ",
            $name,
            ")",
            // What it paid for an own count of a partner's; what the partner was told is the partner's.
            " OR (kind = 'ledger.debit' AND object IN (SELECT own_count.id FROM own_count",
            "    JOIN programme ON programme.id = own_count.programme_id WHERE principal_id = ",
            $name,
            "))",
            " OR object IN (SELECT id FROM exchange WHERE ",
            $name,
            " IN (proposer_id, other_id))",
            " OR object IN (SELECT id FROM exchange_batch WHERE ",
            $name,
            " IN (sender_id, recipient_id))",
            " OR object IN (SELECT id FROM consent_form WHERE party_id = ",
            $name,
            ")",
            " OR object IN (SELECT id FROM person_request WHERE party_id = ",
            $name,
            ")",
            " OR object IN (SELECT id FROM notice WHERE party_id = ",
            $name,
            ")",
            " OR (kind IN ('programme.registered', 'policy.changed')",
            "    AND object IN (SELECT programme_id FROM membership WHERE party_id = ",
            $name,
            ")))",
        )
    };
}

/// Which rows of `act_index` a query names.
macro_rules! meant {
    () => {
        concat!(
            "(:kind IS NULL OR kind = :kind) ",
            "AND (:since IS NULL OR at >= :since) AND (:before IS NULL OR at < :before) ",
            "AND (:about IS NULL OR object = :about OR act_index.party = :about ",
            "  OR object IN (SELECT id FROM deposit WHERE programme_id = :about OR party_id = :about) ",
            "  OR object IN (SELECT id FROM release WHERE programme_id = :about) ",
            "  OR object IN (SELECT id FROM own_count WHERE :about IN (programme_id, party_id)) ",
            "  OR object IN (SELECT id FROM exchange WHERE :about IN (proposer_id, other_id)) ",
            "  OR object IN (SELECT id FROM exchange_batch ",
            "    WHERE :about IN (exchange_id, sender_id, recipient_id))) ",
            "AND (:objects IS NULL OR object IN (SELECT value FROM json_each(:objects))) ",
            "AND (:party IS NULL OR ",
            concerns!(":party"),
            ") ",
            "AND (:scope IS NULL OR ",
            concerns!(":scope"),
            ") ",
        )
    };
}

const SEARCH: &str = concat!(
    "SELECT act_index.seq, entry, actor, detail, salt FROM act_index JOIN outbox USING (seq) ",
    "LEFT JOIN detail USING (seq) WHERE act_index.seq > :from AND ",
    meant!(),
    "ORDER BY act_index.seq LIMIT :limit",
);

/// The same among acts that enter with ticks.
const SEARCH_LEAVES: &str = concat!(
    "SELECT tick_leaf.number, entry, place, hash, kind, document, salt, actor, detail, object, at ",
    "FROM tick_opening AS act_index JOIN tick_leaf USING (number) ",
    "WHERE tick_leaf.number >= :from AND object IS NOT NULL AND ",
    meant!(),
    "ORDER BY tick_leaf.number LIMIT :limit",
);

impl Tx<'_> {
    /// Writes the index of an entry.
    pub(super) fn index_act(&self, seq: i64, entry: &[u8], actor: &str) -> Result<(), StoreError> {
        let entry = Entry::decode(entry);
        let entry = entry.map_err(|_| StoreError::Corrupt { column: "outbox.entry" })?;
        let statement = "INSERT INTO act_index (seq, kind, at, object, party) VALUES \
                         (?1, ?2, ?3, ?4, (SELECT party_id FROM credential WHERE actor_id = ?5))";
        let values = params![
            seq,
            entry.entry_type().as_str(),
            entry.at().timestamp().as_second(),
            entry.object().as_str(),
            actor,
        ];
        self.0.execute(statement, values).map_err(failed("index act"))?;
        Ok(())
    }

    /// The acts with an entry of their own that a query names, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn search_acts(&self, query: &ActQuery) -> Result<Vec<StoredAct>, StoreError> {
        let rows = self.searched(SEARCH, query, |row| {
            let words = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((row.get::<_, i64>(0)?, words))
        })?;
        let act = |(seq, (entry, actor, detail, salt))| {
            let index = unsigned(seq, "outbox.seq")?.saturating_sub(1);
            Ok(StoredAct { index, entry, actor, detail, salt })
        };
        rows.into_iter().map(act).collect()
    }

    /// The acts that enter with ticks that a query names, in their order; those too whose tick is to come.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn search_leaves(&self, query: &ActQuery) -> Result<Vec<TickLeaf>, StoreError> {
        self.searched(SEARCH_LEAVES, query, tick::raw)?.into_iter().map(tick::leaf).collect()
    }

    /// The rows that one of the two searches finds; both take the same words.
    fn searched<T>(
        &self,
        search: &str,
        query: &ActQuery,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(search).map_err(failed("search acts"))?;
        let objects = query.objects.as_ref().map(|ids| serde_json::json!(ids).to_string());
        let scope = query.scope.map(|party| party.to_string());
        let values = named_params! {
            ":from": signed(query.from, "outbox.seq")?,
            ":kind": query.kind.map(EntryType::as_str),
            ":since": query.since,
            ":before": query.before,
            ":about": query.about,
            ":objects": objects,
            ":party": query.party,
            ":scope": scope,
            ":limit": query.limit,
        };
        let rows = statement.query_map(values, read).map_err(failed("search acts"))?;
        rows.map(|row| row.map_err(failed("search acts"))).collect()
    }

    /// The releases and own counts that were counted from any of these deposits: of leads, and of sales; of these an own
    /// count reads its partner's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn releases_from(&self, deposits: &[DepositId]) -> Result<Vec<String>, StoreError> {
        let ids: Vec<String> = deposits.iter().map(ToString::to_string).collect();
        let statement = "SELECT DISTINCT release.id FROM release JOIN deposit \
                         ON deposit.programme_id = release.programme_id \
                         AND deposit.snapshot <= release.snapshot \
                         AND (gone_from IS NULL OR gone_from > release.snapshot) \
                         AND retain_until >= date(released_at, 'unixepoch') \
                         WHERE deposit.id IN (SELECT value FROM json_each(?1)) \
                         UNION SELECT own_count.id FROM own_count JOIN deposit \
                         ON deposit.programme_id = own_count.programme_id \
                         AND deposit.snapshot <= own_count.snapshot \
                         AND (gone_from IS NULL OR gone_from > own_count.snapshot) \
                         AND retain_until >= date(released_at, 'unixepoch') \
                         AND (deposit.kind = 'leads' OR deposit.party_id = own_count.party_id) \
                         WHERE deposit.id IN (SELECT value FROM json_each(?1)) ORDER BY 1";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("releases from"))?;
        let ids = serde_json::json!(ids).to_string();
        let rows = statement.query_map([ids], |row| row.get(0)).map_err(failed("releases from"))?;
        rows.map(|row| row.map_err(failed("releases from"))).collect()
    }

    /// How often an account has searched or read since a second.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn readings_since(&self, actor: &ActorId, since: i64) -> Result<u64, StoreError> {
        let statement = "SELECT (SELECT count(*) FROM act_index JOIN detail USING (seq) \
                         WHERE kind = 'officer.viewed' AND at >= ?2 AND actor = ?1) \
                         + (SELECT count(*) FROM tick_opening \
                         WHERE kind = 'officer.viewed' AND at >= ?2 AND actor = ?1)";
        let found =
            self.0.query_row(statement, params![actor.to_string(), since], |row| row.get(0));
        let count: Option<i64> = found.optional().map_err(failed("count readings"))?;
        unsigned(count.unwrap_or(0), "detail.actor")
    }
}
