//! What the active base holds and from when its terms run, and taking out what has gone to the archive.

use jiff::civil::Date;
use rusqlite::{Row, params};
use tiers_protocol::encoding::encode;
use tiers_protocol::ids::OwnCountId;

use super::column::{parse, signed, unsigned};
use super::consent::PLACES;
use super::db::failed;
use super::{StoreError, Tx};
use crate::governance::Kind;
use crate::governance::retention::Object;
use crate::time::Moment;

/// Something whose term runs.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What it is.
    pub object: Object,
    /// Its id.
    pub id: String,
    /// Its programme.
    pub programme: Option<String>,
    /// From which day its term runs.
    pub starts: Date,
    /// Which row it is.
    pub(super) row: i64,
}

/// What of it goes to the archive.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The thing.
    pub kept: Kept,
    /// All that is kept of it, as JSON.
    pub document: String,
}

/// A batch of oppositions with its last day.
#[derive(Debug, Clone)]
pub struct KeptOppositions {
    number: i64,
    /// The object of the act that recorded it, or a name.
    pub act: String,
    /// Index of that act's entry.
    pub entry: Option<u64>,
    /// Its leaf in a tick otherwise.
    pub leaf: Option<u64>,
    /// Its last day.
    pub kept_until: Date,
}

pub(super) type Raw = (i64, String, Option<String>, i64);

pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

pub(super) fn kept(object: Object, (row, id, programme, starts): Raw) -> Result<Kept, StoreError> {
    let starts = Moment::from_seconds(starts).ok_or(StoreError::Corrupt { column: "starts" })?;
    let starts = starts.date();
    Ok(Kept { object, id, programme, starts, row })
}

/// Receipts: of deposits whose tokens are erased already.
const RECEIPTS: &str = "SELECT rowid, id, programme_id, \
    CAST(strftime('%s', CAST(document AS TEXT) ->> '$.received_at') AS INTEGER) \
    FROM deposit WHERE state = 'erased' ORDER BY entry";

const RELEASES: &str = "SELECT rowid, id, programme_id, released_at FROM release ORDER BY entry";

const OWN_COUNTS: &str =
    "SELECT rowid, id, programme_id, released_at FROM own_count ORDER BY entry";

/// Whether a release is one to a partner, about itself.
fn is_own_count(kept: &Kept) -> bool {
    kept.id.parse::<OwnCountId>().is_ok()
}

/// Requests of persons, from the step that closed them.
const REQUESTS: &str = "SELECT rowid, id, NULL, stepped_at FROM person_request \
    WHERE outcome IS NOT NULL ORDER BY stepped_at, id";

/// Batches of oppositions with the object of their act, and a name where they have no act of their own.
const OPPOSITIONS: &str = "SELECT number, coalesce(object, 'opposition:' || number), entry, until, leaf \
    FROM opposition_batch LEFT JOIN act_index ON seq = entry + 1 ORDER BY until, number";

/// Versions of records: from their replacement, or from the end of their programme; files of breaches
/// from their closing.
const RECORDS: &str = "SELECT * FROM (SELECT g.rowid, \
    g.kind || ':' || g.entry AS id, g.programme_id, \
    CASE g.kind WHEN 'breach' THEN (SELECT CAST(strftime('%s', CAST(document AS TEXT) ->> '$.closed') \
        AS INTEGER) FROM governance WHERE kind = 'breach' AND subject = g.subject \
        ORDER BY version DESC LIMIT 1) \
    ELSE coalesce((SELECT recorded_at FROM governance WHERE kind = g.kind \
        AND programme_id IS g.programme_id AND subject = g.subject AND version = g.version + 1), \
        (SELECT closed_at FROM programme WHERE programme.id = g.programme_id)) END AS starts, g.kind \
    FROM governance AS g ORDER BY g.entry) WHERE starts IS NOT NULL";

impl Tx<'_> {
    /// Everything whose term in the active base runs, tokens and journal apart.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn terms_running(&self) -> Result<Vec<Kept>, StoreError> {
        let mut all = Vec::new();
        for (object, statement) in [
            (Object::Receipts, RECEIPTS),
            (Object::Releases, RELEASES),
            (Object::Releases, OWN_COUNTS),
            (Object::PersonRequests, REQUESTS),
        ] {
            let mut statement = self.0.prepare_cached(statement).map_err(failed("read terms"))?;
            let rows = statement.query_map([], raw).map_err(failed("read terms"))?;
            for row in rows {
                all.push(kept(object, row.map_err(failed("read terms"))?)?);
            }
        }
        let mut statement = self.0.prepare_cached(RECORDS).map_err(failed("read terms"))?;
        let rows = statement
            .query_map([], |row| Ok((raw(row)?, row.get::<_, String>(4)?)))
            .map_err(failed("read terms"))?;
        for row in rows {
            let (raw, kind) = row.map_err(failed("read terms"))?;
            let object = match parse(&kind, "governance.kind")? {
                Kind::Breach => Object::Breaches,
                Kind::Register => Object::Registers,
                _ => Object::Governance,
            };
            all.push(kept(object, raw)?);
        }
        all.extend(self.exchange_terms()?);
        Ok(all)
    }

    /// All that is kept of a thing, for the archive.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn whole(&self, kept: Kept) -> Result<Taken, StoreError> {
        let statement = match kept.object {
            Object::Agreements | Object::Invoices => return self.whole_of_exchange(kept),
            Object::Receipts => {
                "SELECT json_object('party', party_id, 'kind', kind, 'refusal', refusal, \
                 'manifest', CAST(manifest AS TEXT), 'receipt', CAST(receipt AS TEXT), \
                 'document', CAST(document AS TEXT), 'disk_key', disk_key, 'entry', entry), \
                 salt FROM deposit WHERE rowid = ?1"
            }
            Object::Releases if is_own_count(&kept) => {
                "SELECT json_object('party', party_id, 'month', month, 'account', account_id, \
                 'document', CAST(document AS TEXT), 'attested', CAST(attested AS TEXT), \
                 'entry', entry), salt FROM own_count WHERE rowid = ?1"
            }
            Object::Releases => {
                "SELECT json_object('period', period, 'account', account_id, \
                 'report', CAST(report AS TEXT), 'certificate', CAST(certificate AS TEXT), \
                 'document', CAST(document AS TEXT), 'entry', entry), salt \
                 FROM release WHERE rowid = ?1"
            }
            Object::PersonRequests => {
                "SELECT json_object('kind', kind, 'party', party_id, 'received_at', received_at, \
                 'extended_at', extended_at, 'extended_because', extended_because, \
                 'outcome', outcome, 'leaf', leaf), \
                 coalesce((SELECT salt FROM tick_opening WHERE number = leaf), x'') \
                 FROM person_request WHERE rowid = ?1"
            }
            _ => {
                "SELECT json_object('subject', subject, 'version', version, 'actor', actor_id, \
                 'recorded_at', recorded_at, 'document', CAST(document AS TEXT), 'entry', entry), \
                 salt FROM governance WHERE rowid = ?1"
            }
        };
        let found = self.0.query_row(statement, [kept.row], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let (document, salt) = found.map_err(failed("read for archive"))?;
        let mut document: serde_json::Value = serde_json::from_str(&document)
            .map_err(|_| StoreError::Corrupt { column: "archive.document" })?;
        document["salt"] = encode(&salt).into();
        Ok(Taken { kept, document: document.to_string() })
    }

    /// Takes a thing out of the active base. Returns whether it was there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take_out(&self, kept: &Kept) -> Result<bool, StoreError> {
        let statement = match kept.object {
            Object::Invoices => return self.take_invoice_out(kept.row),
            Object::Agreements => return self.take_exchange_out(kept.row),
            Object::Receipts => "DELETE FROM deposit WHERE rowid = ?1 AND state = 'erased'",
            Object::Releases if is_own_count(kept) => "DELETE FROM own_count WHERE rowid = ?1",
            Object::Releases => "DELETE FROM release WHERE rowid = ?1",
            Object::PersonRequests => {
                "DELETE FROM person_request WHERE rowid = ?1 AND outcome IS NOT NULL"
            }
            _ => "DELETE FROM governance WHERE rowid = ?1",
        };
        let gone = self.0.execute(statement, params![kept.row]).map_err(failed("take out"))?;
        Ok(gone == 1)
    }

    /// The batches of oppositions with the days on which they are kept last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn oppositions_kept(&self) -> Result<Vec<KeptOppositions>, StoreError> {
        let mut statement = self.0.prepare_cached(OPPOSITIONS).map_err(failed("read terms"))?;
        let rows = statement
            .query_map([], |row| {
                let numbers: [i64; 2] = [row.get(0)?, row.get(3)?];
                let places: [Option<i64>; 2] = [row.get(2)?, row.get(4)?];
                Ok((numbers, places, row.get::<_, String>(1)?))
            })
            .map_err(failed("read terms"))?;
        rows.map(|row| {
            let ([number, until], [entry, leaf], act) = row.map_err(failed("read terms"))?;
            let until = Moment::from_seconds(until)
                .ok_or(StoreError::Corrupt { column: "opposition_batch.until" })?;
            let entry = entry.map(|n| unsigned(n, "opposition_batch.entry")).transpose()?;
            let leaf = leaf.map(|n| unsigned(n, "opposition_batch.leaf")).transpose()?;
            Ok(KeptOppositions { number, act, entry, leaf, kept_until: until.date() })
        })
        .collect()
    }

    /// Deletes a batch of oppositions whose term is over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_oppositions(&self, batch: &KeptOppositions) -> Result<(), StoreError> {
        let places = signed(PLACES, "opposition.number")?;
        let first = batch.number * places;
        self.0
            .execute(
                "DELETE FROM opposition WHERE number >= ?1 AND number < ?2",
                params![first, first + places],
            )
            .and_then(|_| {
                let statement = "DELETE FROM opposition_batch WHERE number = ?1";
                self.0.execute(statement, [batch.number])
            })
            .map_err(failed("delete oppositions"))?;
        // The row that refers to the leaf is gone; now what opens the leaf goes.
        batch.leaf.map_or(Ok(()), |leaf| self.forget_leaf(leaf))
    }

    /// Forgets what the entry with this index, if there is one, and every entry and every leaf of a tick
    /// about this object commits to, who did it, and the salt of both: from then on nobody can link them to
    /// anything, and the ledger verifies as before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_details(&self, entry: Option<u64>, object: &str) -> Result<(), StoreError> {
        let seq =
            entry.map(|entry| signed(entry, "outbox.seq")).transpose()?.map(|index| index + 1);
        for statement in [
            "DELETE FROM detail WHERE seq = ?1 \
             OR seq IN (SELECT seq FROM act_index WHERE object = ?2)",
            "UPDATE act_index SET party = NULL WHERE seq = ?1 OR object = ?2",
        ] {
            self.0.execute(statement, params![seq, object]).map_err(failed("forget details"))?;
        }
        self.forget_leaves_about(object)
    }

    /// The same for one entry alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_detail(&self, entry: u64) -> Result<(), StoreError> {
        let seq = signed(entry, "outbox.seq")? + 1;
        for statement in [
            "DELETE FROM detail WHERE seq = ?1",
            "UPDATE act_index SET party = NULL WHERE seq = ?1",
        ] {
            self.0.execute(statement, [seq]).map_err(failed("forget details"))?;
        }
        Ok(())
    }

    /// The accepted deposits with their last days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_days(&self) -> Result<Vec<(String, String, Date)>, StoreError> {
        let statement = "SELECT id, programme_id, retain_until FROM deposit \
                         WHERE state = 'accepted' ORDER BY retain_until, id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("last days"))?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))
            .map_err(failed("last days"))?;
        rows.map(|row| {
            let (id, programme, day) = row.map_err(failed("last days"))?;
            Ok((id, programme, parse(&day, "deposit.retain_until")?))
        })
        .collect()
    }
}
