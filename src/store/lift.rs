//! Lifts and the arms of rows. What may be said of a lift when is the matter of `service::lift`.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_protocol::canonical;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{DepositId, LiftId, ProgrammeId};
use tiers_protocol::lift::{FrozenLeads, LiftDrawn};

use super::column::{json, parse, signed, unsigned};
use super::consent::moment;
use super::db::failed;
use super::{StoreError, Tx};
use crate::matching::Arms;
use crate::time::Moment;

/// A lift.
#[derive(Debug, Clone)]
pub struct StoredLift {
    /// Its number among all.
    pub number: u64,
    /// Its id.
    pub id: LiftId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Which one of the programme it is, from 1.
    pub ordinal: u64,
    /// How many of a thousand are treated.
    pub treated_permille: u16,
    /// To the seed.
    pub commitment: Bytes<32>,
    /// When it was made.
    pub made_at: Moment,
    /// Its leads, once they are frozen.
    pub frozen: Option<FrozenLeads>,
    /// Its draw, once it is done.
    pub drawn: Option<LiftDrawn>,
}

const COLUMNS: &str = "number, id, programme_id, ordinal, treated_permille, commitment, made_at, \
                       frozen, drawn";

type Raw = ([i64; 3], [String; 2], u16, [u8; 32], [Option<Vec<u8>>; 2]);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let numbers = [row.get(0)?, row.get(3)?, row.get(6)?];
    let ids = [row.get(1)?, row.get(2)?];
    Ok((numbers, ids, row.get(4)?, row.get(5)?, [row.get(7)?, row.get(8)?]))
}

fn lift(raw: Raw) -> Result<StoredLift, StoreError> {
    let ([number, ordinal, made_at], [id, programme], treated_permille, commitment, said) = raw;
    let [frozen, drawn] = said;
    Ok(StoredLift {
        number: unsigned(number, "lift.number")?,
        id: parse(&id, "lift.id")?,
        programme: parse(&programme, "lift.programme_id")?,
        ordinal: unsigned(ordinal, "lift.ordinal")?,
        treated_permille,
        commitment: Bytes::new(commitment),
        made_at: moment(made_at, "lift.made_at")?,
        frozen: frozen.map(|bytes| json(&bytes, "lift.frozen")).transpose()?,
        drawn: drawn.map(|bytes| json(&bytes, "lift.drawn")).transpose()?,
    })
}

impl Tx<'_> {
    /// Adds a lift, the next of its programme.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_lift(&self, lift: &StoredLift, entry: u64) -> Result<(), StoreError> {
        let statement = "INSERT INTO lift (id, programme_id, ordinal, treated_permille, commitment, \
                         made_at, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            lift.id.to_string(),
            lift.programme.to_string(),
            signed(lift.ordinal, "lift.ordinal")?,
            lift.treated_permille,
            lift.commitment.as_bytes(),
            lift.made_at.seconds(),
            signed(entry, "lift.entry")?,
        ];
        self.0.execute(statement, values).map_err(failed("insert lift"))?;
        Ok(())
    }

    /// Says which leads a lift has and which round decides, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn freeze_lift(
        &self,
        number: u64,
        frozen: &FrozenLeads,
        entry: u64,
    ) -> Result<(), StoreError> {
        let statement = "UPDATE lift SET frozen = ?2, frozen_entry = ?3 WHERE number = ?1";
        let (number, entry) = (signed(number, "lift.number")?, signed(entry, "lift.entry")?);
        let values = params![number, canonical::to_vec(frozen), entry];
        self.0.execute(statement, values).map_err(failed("freeze lift"))?;
        Ok(())
    }

    /// Says what came of a lift, once, with the arms of the rows of each deposit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn draw_lift(
        &self,
        number: u64,
        (drawn, entry): (&LiftDrawn, u64),
        arms: &[(DepositId, Arms)],
    ) -> Result<(), StoreError> {
        let (number, entry) = (signed(number, "lift.number")?, signed(entry, "lift.entry")?);
        let statement = "UPDATE lift SET drawn = ?2, drawn_entry = ?3 WHERE number = ?1";
        let values = params![number, canonical::to_vec(drawn), entry];
        self.0.execute(statement, values).map_err(failed("draw lift"))?;
        let statement = "INSERT INTO lift_arm (lift, deposit_id, arms) VALUES (?1, ?2, ?3)";
        for (deposit, arms) in arms {
            let values = params![number, deposit.to_string(), arms.as_bytes()];
            self.0.execute(statement, values).map_err(failed("insert arms"))?;
        }
        Ok(())
    }

    /// A lift.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lift(&self, id: &LiftId) -> Result<Option<StoredLift>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM lift WHERE id = ?1");
        let found = self.0.query_row(&statement, [id.to_string()], read).optional();
        found.map_err(failed("read lift"))?.map(lift).transpose()
    }

    /// The lifts of a programme, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lifts(&self, programme: &ProgrammeId) -> Result<Vec<StoredLift>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} FROM lift WHERE programme_id = ?1 ORDER BY ordinal");
        let mut statement = self.0.prepare_cached(&statement).map_err(failed("read lifts"))?;
        let rows =
            statement.query_map([programme.to_string()], read).map_err(failed("read lifts"))?;
        rows.map(|row| lift(row.map_err(failed("read lifts"))?)).collect()
    }

    /// The arms of the rows of a deposit; none once it was erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn arms(&self, number: u64, deposit: &DepositId) -> Result<Option<Arms>, StoreError> {
        let statement = "SELECT arms FROM lift_arm WHERE lift = ?1 AND deposit_id = ?2";
        let values = params![signed(number, "lift.number")?, deposit.to_string()];
        let found = self.0.query_row(statement, values, |row| row.get(0)).optional();
        Ok(found.map_err(failed("read arms"))?.map(Arms::from_bytes))
    }

    /// Forgets the arms of the rows of a deposit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_arms(&self, deposit: &DepositId) -> Result<(), StoreError> {
        let statement = "DELETE FROM lift_arm WHERE deposit_id = ?1";
        self.0.execute(statement, [deposit.to_string()]).map_err(failed("delete arms"))?;
        Ok(())
    }
}
