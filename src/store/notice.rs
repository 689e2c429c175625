//! Notices to parties: written, acknowledged, escalated. What they say is their writer's matter.

use rusqlite::{Row, params};
use tiers_protocol::ids::{NoticeId, PartyId};

use super::column::parse;
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// To whom.
    pub party: PartyId,
    /// About what; a stable word.
    pub kind: String,
    /// What it says.
    pub document: Vec<u8>,
    /// When it was written.
    pub created_at: Moment,
    /// When it is escalated.
    pub due_at: Moment,
    /// When the party acknowledged it.
    pub acknowledged_at: Option<Moment>,
    /// When it was escalated.
    pub escalated_at: Option<Moment>,
}

type Raw = ([String; 3], Vec<u8>, [i64; 2], [Option<i64>; 2]);

const COLUMNS: &str =
    "id, party_id, kind, document, created_at, due_at, acknowledged_at, escalated_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let texts = [row.get(0)?, row.get(1)?, row.get(2)?];
    Ok((texts, row.get(3)?, [row.get(4)?, row.get(5)?], [row.get(6)?, row.get(7)?]))
}

fn notice((texts, document, times, maybe): Raw) -> Result<Notice, StoreError> {
    let [id, party, kind] = texts;
    let moment = |seconds: i64| {
        Moment::from_seconds(seconds).ok_or(StoreError::Corrupt { column: "notice.created_at" })
    };
    Ok(Notice {
        id: parse(&id, "notice.id")?,
        party: parse(&party, "notice.party_id")?,
        kind,
        document,
        created_at: moment(times[0])?,
        due_at: moment(times[1])?,
        acknowledged_at: maybe[0].map(moment).transpose()?,
        escalated_at: maybe[1].map(moment).transpose()?,
    })
}

impl Tx<'_> {
    /// Writes a notice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let statement = "INSERT INTO notice (id, party_id, kind, document, created_at, due_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            notice.id.to_string(),
            notice.party.to_string(),
            notice.kind,
            notice.document,
            notice.created_at.seconds(),
            notice.due_at.seconds(),
        ];
        self.0.execute(statement, values).map_err(failed("insert notice"))?;
        Ok(())
    }

    fn notices_where<P: rusqlite::Params>(
        &self,
        condition: &str,
        values: P,
    ) -> Result<Vec<Notice>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM notice WHERE {condition}");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read notices"))?;
        let rows = statement.query_map(values, read).map_err(failed("read notices"))?;
        rows.map(|row| notice(row.map_err(failed("read notices"))?)).collect()
    }

    /// The newest notices of a party, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn notices_of(&self, party: &PartyId, limit: u32) -> Result<Vec<Notice>, StoreError> {
        let condition = "party_id = ?1 ORDER BY number DESC LIMIT ?2";
        self.notices_where(condition, params![party.to_string(), limit])
    }

    /// The notices that were escalated and still wait, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn escalated_notices(&self, limit: u32) -> Result<Vec<Notice>, StoreError> {
        let condition = "escalated_at IS NOT NULL AND acknowledged_at IS NULL \
                         ORDER BY number LIMIT ?1";
        self.notices_where(condition, [limit])
    }

    /// The notices whose time is over and that nobody has acknowledged or escalated.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn overdue_notices(&self, now: Moment, limit: u32) -> Result<Vec<Notice>, StoreError> {
        let condition = "acknowledged_at IS NULL AND escalated_at IS NULL AND due_at <= ?1 \
                         ORDER BY due_at LIMIT ?2";
        self.notices_where(condition, params![now.seconds(), limit])
    }

    /// Marks a notice of a party acknowledged; whether it was one that waited.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acknowledge(
        &self,
        id: &NoticeId,
        party: &PartyId,
        now: Moment,
    ) -> Result<Option<bool>, StoreError> {
        let of = params![id.to_string(), party.to_string(), now.seconds()];
        let statement = "UPDATE notice SET acknowledged_at = ?3 \
                         WHERE id = ?1 AND party_id = ?2 AND acknowledged_at IS NULL";
        let changed = self.0.execute(statement, of).map_err(failed("acknowledge"))?;
        if changed == 1 {
            return Ok(Some(true));
        }
        let found =
            self.notices_where("id = ?1 AND party_id = ?2", [id.to_string(), party.to_string()])?;
        Ok((!found.is_empty()).then_some(false))
    }

    /// Marks a notice escalated.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn escalate(&self, id: &NoticeId, now: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE notice SET escalated_at = ?2 WHERE id = ?1";
        let values = params![id.to_string(), now.seconds()];
        self.0.execute(statement, values).map_err(failed("escalate"))?;
        Ok(())
    }
}
