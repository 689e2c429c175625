//! Changing a keyring: another sealing, a link more, a master more, a master less. Each change reads
//! the file anew, changes it and replaces it in one step, under a lock; what this process holds in
//! memory stays as it is until the keyring is opened again.

use tiers_protocol::entropy::Entropy;

use super::file::{self, DiskKey, Document, Stored};
use super::wrap::Wrap;
use super::{Keyring, KeyringError, Unlock, public_id};

impl Keyring {
    /// Seals the file with another passphrase or key, or with none.
    ///
    /// # Errors
    /// [`KeyringError`]; then the file is as it was.
    pub fn seal(
        &mut self,
        unlock: Option<&Unlock>,
        entropy: &mut impl Entropy,
    ) -> Result<(), KeyringError> {
        let wrap = unlock.map(|unlock| Wrap::new(unlock, entropy)).transpose()?;
        let _alone = file::lock(&self.folder)?;
        file::replace(&self.folder, &self.reread()?, wrap.as_ref(), entropy)?;
        self.wrap = wrap;
        Ok(())
    }

    /// Adds a link to the chain; returns how many there are then. It is not in force before the data
    /// directory has taken every token through it.
    ///
    /// # Errors
    /// [`KeyringError`]; then the file is as it was.
    pub fn add_link(&self, entropy: &mut impl Entropy) -> Result<usize, KeyringError> {
        let key = file::fresh(entropy);
        self.change(entropy, |document| {
            document.vault.chain.push(key);
            document.vault.chain.len()
        })
    }

    /// Adds a master for segments; returns its number.
    ///
    /// # Errors
    /// [`KeyringError`]; then the file is as it was.
    pub fn add_disk_key(&self, entropy: &mut impl Entropy) -> Result<u32, KeyringError> {
        let key = file::fresh(entropy);
        self.change(entropy, |document| {
            let number = document.vault.disk.last().map_or(1, |last| last.number + 1);
            document.vault.disk.push(DiskKey { number, key });
            number
        })
    }

    /// Drops the masters older than `number`: nothing on the disk is under them any more. To say it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`KeyringError`]; then the file is as it was.
    pub fn drop_disk_keys_before(
        &self,
        number: u32,
        entropy: &mut impl Entropy,
    ) -> Result<(), KeyringError> {
        self.change(entropy, |document| {
            document.vault.disk.retain(|disk| disk.number >= number);
        })
    }

    /// Whether the file, as it lies on the disk now, has masters older than `number`.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn has_masters_before(&self, number: u32) -> Result<bool, KeyringError> {
        Ok(self.reread()?.vault.disk.iter().any(|disk| disk.number < number))
    }

    fn change<T>(
        &self,
        entropy: &mut impl Entropy,
        change: impl FnOnce(&mut Document) -> T,
    ) -> Result<T, KeyringError> {
        let _alone = file::lock(&self.folder)?;
        let mut document = self.reread()?;
        let value = change(&mut document);
        file::replace(&self.folder, &document, self.wrap.as_ref(), entropy)?;
        Ok(value)
    }

    /// The document as it lies on the disk now: another process may have added to it.
    fn reread(&self) -> Result<Document, KeyringError> {
        let document = match (file::load(&self.folder)?, &self.wrap) {
            (Stored::Plain(document), None) => document,
            (Stored::Sealed(sealed), Some(wrap)) => file::open_sealed(&sealed, wrap)?,
            // It was sealed otherwise since.
            _ => return Err(KeyringError::WrongKey),
        };
        if public_id(&document.id) == self.id { Ok(document) } else { Err(KeyringError::Damaged) }
    }
}
