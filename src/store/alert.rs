//! Alerts of unusual use: one a sign, account and day, open until a person says what it was.

use rusqlite::{Row, params};
use tiers_protocol::ids::{ActId, ActorId};

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::journal::unusual::{Found, Sign};
use crate::time::Moment;

/// How an alert was closed.
#[derive(Debug, Clone)]
pub struct Closing {
    /// When.
    pub at: Moment,
    /// By which account.
    pub by: ActorId,
    /// What it was, in words.
    pub finding: String,
}

/// An alert.
#[derive(Debug, Clone)]
pub struct StoredAlert {
    /// Its id.
    pub id: ActId,
    /// What was found.
    pub found: Found,
    /// Index of the ledger entry of the finding.
    pub entry: u64,
    /// Nothing while it is open.
    pub closed: Option<Closing>,
}

type Raw = ([String; 2], Option<String>, [i64; 3], (Option<i64>, Option<String>, Option<String>));

const COLUMNS: &str = "id, sign, actor_id, found_at, times, entry, closed_at, closed_by, finding";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let numbers = [row.get(3)?, row.get(4)?, row.get(5)?];
    let closed = (row.get(6)?, row.get(7)?, row.get(8)?);
    Ok(([row.get(0)?, row.get(1)?], row.get(2)?, numbers, closed))
}

fn moment(seconds: i64) -> Result<Moment, StoreError> {
    Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column: "alert.found_at" })
}

fn alert((texts, actor, numbers, closed): Raw) -> Result<StoredAlert, StoreError> {
    let ([id, sign], [found_at, times, entry]) = (texts, numbers);
    let sign = Sign::ALL.into_iter().find(|known| known.code() == sign);
    let closed = match closed {
        (Some(at), Some(by), Some(finding)) => {
            Some(Closing { at: moment(at)?, by: parse(&by, "alert.closed_by")?, finding })
        }
        _ => None,
    };
    Ok(StoredAlert {
        id: parse(&id, "alert.id")?,
        found: Found {
            sign: sign.ok_or(StoreError::Corrupt { column: "alert.sign" })?,
            actor: actor.map(|id| parse(&id, "alert.actor_id")).transpose()?,
            at: moment(found_at)?,
            times: u32::try_from(times)
                .map_err(|_| StoreError::Corrupt { column: "alert.times" })?,
        },
        entry: unsigned(entry, "alert.entry")?,
        closed,
    })
}

impl Tx<'_> {
    /// Whether there is an alert of this sign, account and day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_alert(&self, found: &Found) -> Result<bool, StoreError> {
        let statement = "SELECT EXISTS (SELECT 1 FROM alert WHERE sign = ?1 \
                         AND coalesce(actor_id, '') = ?2 AND day = ?3)";
        let actor = found.actor.map(|actor| actor.to_string()).unwrap_or_default();
        let values = params![found.sign.code(), actor, found.at.date().to_string()];
        self.0.query_row(statement, values, |row| row.get(0)).map_err(failed("look for alert"))
    }

    /// Adds an alert.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_alert(&self, id: &ActId, found: &Found, entry: u64) -> Result<(), StoreError> {
        let statement = "INSERT INTO alert (id, sign, actor_id, day, found_at, times, entry) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            id.to_string(),
            found.sign.code(),
            found.actor.map(|actor| actor.to_string()),
            found.at.date().to_string(),
            found.at.seconds(),
            found.times,
            signed(entry, "alert.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert alert"))?;
        Ok(())
    }

    /// The alerts, open ones first, then the newest; at most so many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn alerts(&self, limit: u32) -> Result<Vec<StoredAlert>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM alert \
             ORDER BY closed_at IS NOT NULL, found_at DESC, id LIMIT ?1"
        );
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read alerts"))?;
        let rows = statement.query_map([limit], read).map_err(failed("read alerts"))?;
        rows.map(|row| alert(row.map_err(failed("read alerts"))?)).collect()
    }

    /// One alert.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn alert(&self, id: &ActId) -> Result<Option<StoredAlert>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM alert WHERE id = ?1");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read alert"))?;
        let mut rows = statement.query_map([id.to_string()], read).map_err(failed("read alert"))?;
        rows.next().map(|row| alert(row.map_err(failed("read alert"))?)).transpose()
    }

    /// Closes an open alert.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn close_alert(&self, id: &ActId, closing: &Closing) -> Result<(), StoreError> {
        let statement = "UPDATE alert SET closed_at = ?2, closed_by = ?3, finding = ?4 \
                         WHERE id = ?1 AND closed_at IS NULL";
        let Closing { at, by, finding } = closing;
        let values = params![id.to_string(), at.seconds(), by.to_string(), finding];
        self.0.execute(statement, values).map_err(failed("close alert"))?;
        Ok(())
    }

    /// How many are open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_alerts(&self) -> Result<u64, StoreError> {
        let statement = "SELECT count(*) FROM alert WHERE closed_at IS NULL";
        let count = self.0.query_row(statement, [], |row| row.get::<_, i64>(0));
        unsigned(count.map_err(failed("count alerts"))?, "alert")
    }

    /// Deletes those that were closed before a moment; which they were, with the entries of their findings.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_alerts(&self, before: Moment) -> Result<Vec<(String, u64)>, StoreError> {
        let statement = "DELETE FROM alert WHERE closed_at < ?1 RETURNING id, entry";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("delete alerts"))?;
        let rows = statement
            .query_map([before.seconds()], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))
            .map_err(failed("delete alerts"))?;
        rows.map(|row| {
            let (id, entry) = row.map_err(failed("delete alerts"))?;
            Ok((id, unsigned(entry, "alert.entry")?))
        })
        .collect()
    }
}
