//! The one row about the certifier itself.

use rusqlite::{OptionalExtension as _, params};

use super::db::failed;
use super::{StoreError, Tx};
use crate::time::Moment;

impl Tx<'_> {
    /// Binds the data directory to its keyring; once only.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bind_keyring(&self, origin: &str, keyring: &str, at: Moment) -> Result<(), StoreError> {
        let statement = "INSERT INTO certifier (id, origin, keyring_id, created_at) \
                         VALUES (1, ?1, ?2, ?3)";
        self.0
            .execute(statement, params![origin, keyring, at.seconds()])
            .map_err(failed("bind keyring"))?;
        Ok(())
    }

    /// Which keyring the data belongs to, if any yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bound_keyring(&self) -> Result<Option<String>, StoreError> {
        self.0
            .query_row("SELECT keyring_id FROM certifier WHERE id = 1", [], |row| row.get(0))
            .optional()
            .map_err(failed("read keyring"))
    }
}
