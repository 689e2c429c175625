//! Terms of exchanges and of their invoices, what of them goes to the archive, and taking them out. Numbers of
//! invoices stay given: the schema lets an invoice go in the order of its series only.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::encoding::encode;

use super::column::parse;
use super::db::failed;
use super::retention::{Kept, Taken, kept, raw};
use super::{StoreError, Tx};
use crate::governance::retention::{Object, RetentionPolicy};

/// Invoices with the day from which they count. One that was issued before an earlier number of its series,
/// because a clock was set back, waits for that number.
const INVOICES: &str = "SELECT rowid, party_id || ':' || name, NULL, \
    CAST(strftime('%s', max(CAST(facts AS TEXT) ->> '$.issued') \
        OVER (PARTITION BY party_id, series ORDER BY number)) AS INTEGER) \
    FROM invoice ORDER BY party_id, series, number";

/// Exchanges, from their end or the last thing that happened under them.
const AGREEMENTS: &str = "WITH issued AS (SELECT exchange_id, \
        max(CAST(facts AS TEXT) ->> '$.issued') \
            OVER (PARTITION BY party_id, series ORDER BY number) AS day FROM invoice) \
    SELECT rowid, id, NULL, max( \
        CASE state WHEN 'ended' THEN 0 ELSE \
            CAST(strftime('%s', CAST(document AS TEXT) ->> '$.agreement.ends') AS INTEGER) END, \
        proposed_at, \
        coalesce((SELECT max(at) FROM exchange_act AS a WHERE a.exchange_id = exchange.id), 0), \
        coalesce((SELECT max(at) FROM exchange_value AS v WHERE v.exchange_id = exchange.id), 0), \
        coalesce((SELECT CAST(strftime('%s', max(day)) AS INTEGER) FROM issued AS i \
            WHERE i.exchange_id = exchange.id), 0)) \
    FROM exchange ORDER BY entry";

const WHOLE_INVOICE: &str = "SELECT json_object('exchange', exchange_id, 'seller', party_id, \
    'series', series, 'number', number, 'facts', json(CAST(facts AS TEXT)), \
    'ubl', CAST(ubl AS TEXT), 'cii', CAST(cii AS TEXT)), x'' FROM invoice WHERE rowid = ?1";

const WHOLE_EXCHANGE: &str = "SELECT json_object('agreement', json(CAST(document AS TEXT)), \
    'state', state, 'proposed_at', proposed_at, 'handed_at', handed_at, 'entry', entry, \
    'acts', json((SELECT json_group_array(json_object('document', json(CAST(document AS TEXT)), \
        'at', at, 'entry', entry)) FROM \
        (SELECT document, at, entry FROM exchange_act AS a WHERE a.exchange_id = exchange.id \
         ORDER BY entry))), \
    'batches', json((SELECT json_group_array(json_object('batch', id, 'state', state, \
        'statement', json(CAST(statement AS TEXT)), 'opened_at', opened_at, \
        'hand_over', json(CAST(hand_over AS TEXT)), 'handed_at', handed_at, 'entry', entry, \
        'salt', lower(hex(salt)), 'secret', lower(hex(secret)), \
        'inform_by', inform_by, 'informed_at', informed_at)) FROM \
        (SELECT * FROM exchange_batch AS b WHERE b.exchange_id = exchange.id \
         ORDER BY opened_at, id))), \
    'values', json((SELECT json_group_array(json_object('party', party_id, 'cents', cents, 'at', at)) \
        FROM (SELECT party_id, cents, at FROM exchange_value AS v \
              WHERE v.exchange_id = exchange.id ORDER BY at)))), \
    coalesce((SELECT salt FROM detail WHERE seq = entry + 1), x'') FROM exchange WHERE rowid = ?1";

/// A table that refers to exchanges, or to their batches.
struct Hangs {
    table: String,
    column: String,
    on_batches: bool,
}

impl Hangs {
    /// Its rows for one exchange.
    fn condition(&self, exchange: &str) -> String {
        let Self { column, on_batches, .. } = self;
        if *on_batches {
            format!("{column} IN (SELECT id FROM exchange_batch WHERE exchange_id = {exchange})")
        } else {
            format!("{column} = {exchange}")
        }
    }
}

/// A value of a row as JSON: documents as they are, other bytes in base64.
fn shown(value: ValueRef<'_>) -> serde_json::Value {
    match value {
        ValueRef::Null => serde_json::Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => {
            serde_json::from_slice(bytes).unwrap_or_else(|_| encode(bytes).into())
        }
    }
}

impl Tx<'_> {
    /// Invoices and exchanges whose terms run: invoices first, each series in its order, so that what refers
    /// to something goes before it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn exchange_terms(&self) -> Result<Vec<Kept>, StoreError> {
        let mut all = Vec::new();
        for (object, statement) in [(Object::Invoices, INVOICES), (Object::Agreements, AGREEMENTS)]
        {
            let mut statement = self.0.prepare_cached(statement).map_err(failed("read terms"))?;
            let rows = statement.query_map([], raw).map_err(failed("read terms"))?;
            for row in rows {
                let mut found = kept(object, row.map_err(failed("read terms"))?)?;
                if object == Object::Invoices {
                    found.starts = RetentionPolicy::invoice_starts(found.starts);
                }
                all.push(found);
            }
        }
        Ok(all)
    }

    /// All that is kept of an exchange or an invoice.
    pub(super) fn whole_of_exchange(&self, kept: Kept) -> Result<Taken, StoreError> {
        let statement = match kept.object {
            Object::Invoices => WHOLE_INVOICE,
            _ => WHOLE_EXCHANGE,
        };
        let found = self.0.query_row(statement, [kept.row], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let (document, salt) = found.map_err(failed("read for archive"))?;
        let mut document: serde_json::Value = parse(&document, "archive.document")?;
        if kept.object == Object::Agreements {
            document["salt"] = encode(&salt).into();
            for hangs in self.hangs_on_exchanges()? {
                document[&hangs.table] = self.rows_of_table(&hangs, kept.row)?;
            }
        }
        Ok(Taken { kept, document: document.to_string() })
    }

    /// Takes an invoice out, if it is the first of its series that is here.
    pub(super) fn take_invoice_out(&self, row: i64) -> Result<bool, StoreError> {
        let statement = "UPDATE invoice_series SET archived = i.number FROM invoice AS i \
                         WHERE i.rowid = ?1 AND i.party_id = invoice_series.party_id \
                         AND i.series = invoice_series.series AND NOT EXISTS \
                         (SELECT 1 FROM invoice AS lower WHERE lower.party_id = i.party_id \
                          AND lower.series = i.series AND lower.number < i.number)";
        let next = self.0.execute(statement, [row]).map_err(failed("take out"))?;
        if next == 0 {
            return Ok(false);
        }
        let gone = self.0.execute("DELETE FROM invoice WHERE rowid = ?1", [row]);
        Ok(gone.map_err(failed("take out"))? == 1)
    }

    /// Takes an exchange out, with everything that was said, handed over and stated under it.
    pub(super) fn take_exchange_out(&self, row: i64) -> Result<bool, StoreError> {
        let id: Option<String> = self
            .0
            .query_row("SELECT id FROM exchange WHERE rowid = ?1", [row], |row| row.get(0))
            .optional()
            .map_err(failed("take out"))?;
        let Some(id) = id else { return Ok(false) };
        for hangs in self.hangs_on_exchanges()? {
            let statement = format!("DELETE FROM {} WHERE {}", hangs.table, hangs.condition("?1"));
            self.0.execute(&statement, params![id]).map_err(failed("take out"))?;
        }
        for statement in [
            "DELETE FROM exchange_value WHERE exchange_id = ?1",
            "DELETE FROM exchange_act WHERE exchange_id = ?1",
            "DELETE FROM exchange_batch WHERE exchange_id = ?1",
            "DELETE FROM exchange WHERE id = ?1",
        ] {
            self.0.execute(statement, params![id]).map_err(failed("take out"))?;
        }
        Ok(true)
    }

    /// The tables beside those of an exchange itself that refer to exchanges or to batches: what they hold goes
    /// where the exchange goes, whatever it is.
    fn hangs_on_exchanges(&self) -> Result<Vec<Hangs>, StoreError> {
        let statement = "SELECT t.name, f.\"from\", f.\"table\" = 'exchange_batch' \
            FROM sqlite_master AS t JOIN pragma_foreign_key_list(t.name) AS f \
            WHERE t.type = 'table' AND f.\"table\" IN ('exchange', 'exchange_batch') AND t.name NOT IN \
            ('exchange_act', 'exchange_batch', 'exchange_value', 'invoice') ORDER BY t.name";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read schema"))?;
        let rows = statement
            .query_map([], |row| {
                Ok(Hangs { table: row.get(0)?, column: row.get(1)?, on_batches: row.get(2)? })
            })
            .map_err(failed("read schema"))?;
        rows.map(|row| row.map_err(failed("read schema"))).collect()
    }

    /// The rows of such a table that hang on the exchange in a row, as JSON.
    fn rows_of_table(&self, hangs: &Hangs, row: i64) -> Result<serde_json::Value, StoreError> {
        let condition = hangs.condition("(SELECT id FROM exchange WHERE rowid = ?1)");
        let statement = format!("SELECT * FROM {} WHERE {condition}", hangs.table);
        let mut statement = self.0.prepare(&statement).map_err(failed("read for archive"))?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement
            .query_map([row], |row| {
                let mut found = serde_json::Map::new();
                for (place, name) in names.iter().enumerate() {
                    found.insert(name.clone(), shown(row.get_ref(place)?));
                }
                Ok(serde_json::Value::Object(found))
            })
            .map_err(failed("read for archive"))?;
        rows.map(|row| row.map_err(failed("read for archive"))).collect()
    }

    /// Notices from before a moment go; how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_notices(&self, before: crate::time::Moment) -> Result<usize, StoreError> {
        let statement = "DELETE FROM notice WHERE created_at < ?1";
        self.0.execute(statement, [before.seconds()]).map_err(failed("forget notices"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Db;
    use super::*;

    /// What a later schema hangs on an exchange goes to the archive and away with it.
    #[test]
    fn whatever_refers_to_an_exchange_goes_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&folder.path().join("tiers.sqlite")).expect("opens");
        let insert = "PRAGMA foreign_keys = ON; \
            CREATE TABLE beside (exchange_id TEXT NOT NULL REFERENCES exchange (id), said BLOB) STRICT; \
            CREATE TABLE below (batch TEXT NOT NULL REFERENCES exchange_batch (id), n INTEGER) STRICT; \
            INSERT INTO party VALUES ('p', 'principal', '', '', '', '', '', 0); \
            INSERT INTO exchange VALUES ('e', 'p', 'p', 'proposed', \
                CAST('{\"agreement\":{\"ends\":\"2026-01-31\"}}' AS BLOB), 5, NULL, 0); \
            INSERT INTO exchange VALUES ('other', 'p', 'p', 'proposed', \
                CAST('{\"agreement\":{\"ends\":\"2027-01-31\"}}' AS BLOB), 5, NULL, 1); \
            INSERT INTO exchange_batch (id, exchange_id, sender_id, recipient_id, state, statement, \
                opened_at) VALUES ('b', 'e', 'p', 'p', 'fetched', CAST('{}' AS BLOB), 6); \
            INSERT INTO beside VALUES ('e', x'00ff'), ('other', x'01'); \
            INSERT INTO below VALUES ('b', 7);";
        let done: Result<(), StoreError> = db.write("test", |tx| {
            tx.0.execute_batch(insert).map_err(failed("test"))?;
            let mut found = tx.exchange_terms()?;
            found.sort_by_key(|kept| kept.starts);
            assert_eq!(found.len(), 2);
            assert_eq!(found[0].starts, jiff::civil::date(2026, 1, 31));
            let taken = tx.whole_of_exchange(found[0].clone())?;
            let document: serde_json::Value = taken.document.parse().expect("JSON");
            assert_eq!(document["beside"][0]["said"], "AP8");
            assert_eq!(document["below"][0]["n"], 7);
            assert_eq!(document["batches"][0]["batch"], "b");
            assert!(tx.take_exchange_out(found[0].row)?);
            for (table, left) in
                [("exchange", 1), ("beside", 1), ("below", 0), ("exchange_batch", 0)]
            {
                let count = format!("SELECT count(*) FROM {table}");
                let count: i64 =
                    tx.0.query_row(&count, [], |row| row.get(0)).map_err(failed("test"))?;
                assert_eq!(count, left, "{table}");
            }
            Ok(())
        });
        done.expect("works");
    }
}
