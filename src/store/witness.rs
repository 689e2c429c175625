//! When each witness of the policy in force cosigned last. What it cosigned lies in the ledger's folder.

use rusqlite::params;

use super::consent::moment;
use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedWitness {
    /// Its name.
    pub name: String,
    /// Since when it is one.
    pub named_at: Moment,
    /// When it cosigned last.
    pub cosigned_at: Option<Moment>,
}

impl NotedWitness {
    /// The last sign of it.
    #[must_use]
    pub fn last(&self) -> Moment {
        self.cosigned_at.unwrap_or(self.named_at)
    }
}

impl Tx<'_> {
    /// Makes these the witnesses; those who were it before keep what is known of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn name_witnesses(&self, names: &[&str], now: Moment) -> Result<(), StoreError> {
        let gone = "DELETE FROM witness WHERE name NOT IN (SELECT value FROM json_each(?1))";
        let all = serde_json::json!(names).to_string();
        self.0.execute(gone, [all]).map_err(failed("name witnesses"))?;
        for name in names {
            let statement =
                "INSERT INTO witness (name, named_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let values = params![name, now.seconds()];
            self.0.execute(statement, values).map_err(failed("name witnesses"))?;
        }
        Ok(())
    }

    /// Notes that a witness has cosigned.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note_witness(&self, name: &str, at: Moment) -> Result<(), StoreError> {
        let statement = "UPDATE witness SET cosigned_at = ?2 WHERE name = ?1";
        let done = self.0.execute(statement, params![name, at.seconds()]);
        done.map(drop).map_err(failed("note witness"))
    }

    /// The witnesses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn noted_witnesses(&self) -> Result<Vec<NotedWitness>, StoreError> {
        let statement = "SELECT name, named_at, cosigned_at FROM witness ORDER BY name";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read witnesses"))?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
            })
            .map_err(failed("read witnesses"))?;
        rows.map(|row| {
            let (name, named, cosigned) = row.map_err(failed("read witnesses"))?;
            let cosigned_at = cosigned.map(|at| moment(at, "witness.cosigned_at")).transpose()?;
            Ok(NotedWitness { name, named_at: moment(named, "witness.named_at")?, cosigned_at })
        })
        .collect()
    }
}
