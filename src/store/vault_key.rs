//! The keys that the data needs, how many links of the chain are in force, and the tokens at rest
//! that lie in the database: all of them pass an added link in one transaction.

use rusqlite::params;
use tiers_protocol::encoding::Bytes;

use super::column::unsigned;
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::crypto::keyring::{KeyCheck, KeyUse};

const REKEY: &str = "re-key the database";

impl Tx<'_> {
    /// By what the keys that the data needs are recognised.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn vault_keys(&self) -> Result<Vec<KeyCheck>, StoreError> {
        let statement = "SELECT used_for, number, value FROM vault_key ORDER BY used_for, number";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read keys"))?;
        let rows = statement
            .query_map([], |row| {
                let value = Bytes::new(row.get::<_, [u8; 16]>(2)?);
                let used_for = match row.get_ref(0)?.as_str()? {
                    "chain" => KeyUse::Chain,
                    _ => KeyUse::Disk,
                };
                Ok(KeyCheck { used_for, number: row.get(1)?, value })
            })
            .map_err(failed("read keys"))?;
        rows.collect::<Result<_, _>>().map_err(failed("read keys"))
    }

    /// Remembers a key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_vault_key(&self, key: &KeyCheck) -> Result<(), StoreError> {
        let statement = "INSERT INTO vault_key (used_for, number, value) VALUES (?1, ?2, ?3)";
        let values = params![key.used_for.as_str(), key.number, key.value.as_bytes()];
        self.0.execute(statement, values).map_err(failed("insert key"))?;
        Ok(())
    }

    /// Forgets the masters of segments older than `number`; returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_disk_keys_before(&self, number: u32) -> Result<usize, StoreError> {
        let statement = "DELETE FROM vault_key WHERE used_for = 'disk' AND number < ?1";
        self.0.execute(statement, [number]).map_err(failed("forget keys"))
    }

    /// How many links every token at rest has passed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn links(&self) -> Result<usize, StoreError> {
        let links: i64 = self
            .0
            .query_row("SELECT links FROM certifier WHERE id = 1", [], |row| row.get(0))
            .map_err(failed("read links"))?;
        usize::try_from(unsigned(links, "certifier.links")?)
            .map_err(|_| StoreError::Corrupt { column: "certifier.links" })
    }

    /// Says how many links every token at rest has passed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_links(&self, links: usize) -> Result<(), StoreError> {
        let links =
            i64::try_from(links).map_err(|_| StoreError::Corrupt { column: "certifier.links" })?;
        self.0
            .execute("UPDATE certifier SET links = ?1 WHERE id = 1", [links])
            .map_err(failed("put links"))?;
        Ok(())
    }

    /// Takes every token at rest in the database through `link`, which is one-to-one as far as anybody
    /// can see; if two tokens became one, the transaction fails.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rekey_database(
        &self,
        link: impl Fn(VaultToken) -> VaultToken,
    ) -> Result<(), StoreError> {
        self.rekey_small(
            "SELECT rowid, token FROM canary",
            "UPDATE canary SET token = ?2 WHERE rowid = ?1",
            &link,
        )?;
        self.rekey_erasures(&link)?;
        self.rekey_admissions(&link)
    }

    fn rekey_small(
        &self,
        read: &str,
        write: &str,
        link: &impl Fn(VaultToken) -> VaultToken,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare(read).map_err(failed(REKEY))?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?)))
            .map_err(failed(REKEY))?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(failed(REKEY))?;
        for (row, token) in rows {
            let token = link(VaultToken::from_bytes(token));
            self.0.execute(write, params![row, token.as_bytes()]).map_err(failed(REKEY))?;
        }
        Ok(())
    }

    fn rekey_erasures(&self, link: &impl Fn(VaultToken) -> VaultToken) -> Result<(), StoreError> {
        let read = "SELECT erasure_id, kind, token FROM erasure_token";
        let mut statement = self.0.prepare(read).map_err(failed(REKEY))?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, [u8; 16]>(2)?))
            })
            .map_err(failed(REKEY))?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(failed(REKEY))?;
        self.0.execute("DELETE FROM erasure_token", []).map_err(failed(REKEY))?;
        let write = "INSERT INTO erasure_token (erasure_id, kind, token) VALUES (?1, ?2, ?3)";
        for (erasure, kind, token) in rows {
            let token = link(VaultToken::from_bytes(token));
            self.0
                .execute(write, params![erasure, kind, token.as_bytes()])
                .map_err(failed(REKEY))?;
        }
        Ok(())
    }

    /// Row by row into a table beside, because there may be as many as there are persons.
    fn rekey_admissions(&self, link: &impl Fn(VaultToken) -> VaultToken) -> Result<(), StoreError> {
        let read = "SELECT programme_id, kind, token, year, months FROM admission";
        let write = "INSERT INTO admission_rekeyed (programme_id, kind, token, year, months) \
                     VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut read = self.0.prepare(read).map_err(failed(REKEY))?;
        let mut write = self.0.prepare(write).map_err(failed(REKEY))?;
        let mut rows = read.query([]).map_err(failed(REKEY))?;
        while let Some(row) = rows.next().map_err(failed(REKEY))? {
            let token: [u8; 16] = row.get(2).map_err(failed(REKEY))?;
            let text = |column| row.get::<_, String>(column).map_err(failed(REKEY));
            let number = |column| row.get::<_, i64>(column).map_err(failed(REKEY));
            let token = link(VaultToken::from_bytes(token));
            let values = params![text(0)?, text(1)?, token.as_bytes(), number(3)?, number(4)?];
            write.execute(values).map_err(failed(REKEY))?;
        }
        drop(rows);
        let replace = "DELETE FROM admission; \
                       INSERT INTO admission SELECT * FROM admission_rekeyed; \
                       DELETE FROM admission_rekeyed;";
        self.0.execute_batch(replace).map_err(failed(REKEY))
    }
}
