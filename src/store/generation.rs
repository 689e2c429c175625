//! Which folder holds the segments of a deposit, and which is being made to follow it.

use rusqlite::{OptionalExtension as _, Row, params};
use tiers_contact::FileKind;
use tiers_protocol::ids::{DepositId, ProgrammeId};

use super::column::parse;
use super::db::failed;
use super::{StoreError, Tx};

/// A generation of a deposit's segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its number, 0 for the one of the deposit's arrival.
    pub number: u32,
    /// Number of the master that it is under.
    pub disk_key: u32,
}

/// An accepted deposit as it lies on the disk.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The deposit.
    pub id: DepositId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// What it holds.
    pub kind: FileKind,
    /// The generation that is valid.
    pub valid: Generation,
    /// A generation that has passed so many links and waits for the others.
    pub prepared: Option<(Generation, usize)>,
}

impl Standing {
    /// Number of a generation that was never there.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.prepared.map_or(self.valid.number, |(prepared, _)| prepared.number) + 1
    }
}

type Raw = (String, String, String, u32, u32, Option<(u32, u32, u32)>);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let prepared = match row.get(5)? {
        None => None,
        Some(number) => Some((number, row.get(6)?, row.get(7)?)),
    };
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, prepared))
}

fn standing(raw: Raw) -> Result<Standing, StoreError> {
    let (id, programme, kind, number, disk_key, prepared) = raw;
    let prepared = prepared.map(|(number, disk_key, links)| {
        let links = usize::try_from(links).unwrap_or(usize::MAX);
        (Generation { number, disk_key }, links)
    });
    Ok(Standing {
        id: parse(&id, "deposit.id")?,
        programme: parse(&programme, "deposit.programme_id")?,
        kind: parse(&kind, "deposit.kind")?,
        valid: Generation { number, disk_key },
        prepared,
    })
}

impl Tx<'_> {
    /// Every accepted deposit, in the order of arrival.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn standing(&self) -> Result<Vec<Standing>, StoreError> {
        let statement = "SELECT id, programme_id, kind, generation, disk_key, prepared, prepared_key, \
                         prepared_links FROM deposit WHERE state = 'accepted' ORDER BY entry";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read generations"))?;
        let rows = statement.query_map([], read).map_err(failed("read generations"))?;
        rows.map(|row| standing(row.map_err(failed("read generations"))?)).collect()
    }

    /// The valid generation of an accepted deposit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn generation(&self, id: &DepositId) -> Result<Option<Generation>, StoreError> {
        let statement = "SELECT generation, disk_key FROM deposit \
                         WHERE id = ?1 AND state = 'accepted'";
        self.0
            .query_row(statement, [id.to_string()], |row| {
                Ok(Generation { number: row.get(0)?, disk_key: row.get(1)? })
            })
            .optional()
            .map_err(failed("read generation"))
    }

    /// Makes `next` the valid generation in place of `valid`, if that still is; what was prepared is
    /// prepared no more. Returns whether it did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_generation(
        &self,
        id: &DepositId,
        valid: Generation,
        next: Generation,
    ) -> Result<bool, StoreError> {
        let statement = "UPDATE deposit SET generation = ?3, disk_key = ?4, prepared = NULL, \
                         prepared_key = NULL, prepared_links = NULL \
                         WHERE id = ?1 AND state = 'accepted' AND generation = ?2";
        let values = params![id.to_string(), valid.number, next.number, next.disk_key];
        let changed = self.0.execute(statement, values).map_err(failed("put generation"))?;
        Ok(changed == 1)
    }

    /// Remembers a generation that waits for the others, if `valid` still is the valid one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_prepared(
        &self,
        id: &DepositId,
        valid: Generation,
        prepared: Generation,
        links: usize,
    ) -> Result<bool, StoreError> {
        let links = u32::try_from(links)
            .map_err(|_| StoreError::Corrupt { column: "deposit.prepared_links" })?;
        let statement = "UPDATE deposit SET prepared = ?3, prepared_key = ?4, prepared_links = ?5 \
                         WHERE id = ?1 AND state = 'accepted' AND generation = ?2";
        let values =
            params![id.to_string(), valid.number, prepared.number, prepared.disk_key, links];
        let changed = self.0.execute(statement, values).map_err(failed("put prepared"))?;
        Ok(changed == 1)
    }

    /// Makes every prepared generation the valid one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn flip_prepared(&self) -> Result<(), StoreError> {
        let statement = "UPDATE deposit SET generation = prepared, disk_key = prepared_key, \
                         prepared = NULL, prepared_key = NULL, prepared_links = NULL \
                         WHERE state = 'accepted' AND prepared IS NOT NULL";
        self.0.execute(statement, []).map_err(failed("flip generations"))?;
        Ok(())
    }
}
