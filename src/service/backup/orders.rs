//! Orders to erase, kept beside the data directory until no backup is older than they: whoever restores
//! one has to erase again what was erased since. Each is a file of its own, encrypted under a key of the
//! keyring; the tokens in it have passed the first link of the vault chain, so that they can be taken to
//! wherever a restored database stands.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use tiers_contact::{Kind, labels};
use tiers_protocol::canonical;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::Entropy;
use tiers_protocol::ids::{ActId, ProgrammeId};
use zeroize::Zeroizing;

use super::error::file;
use super::{BackupError, SnapshotName};
use crate::crypto::chain::VaultToken;
use crate::crypto::keyring::Keyring;
use crate::durable::{self, Access};
use crate::service::Layout;
use crate::store::erasure::Erased;
use crate::time::Moment;

const NONCE: usize = 12;

/// An order as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::service) struct Order {
    pub(in crate::service) id: ActId,
    pub(in crate::service) programme: ProgrammeId,
    pub(in crate::service) of: Erased,
    /// Tokens of persons after the first link.
    tokens: Vec<(Kind, Bytes<16>)>,
}

impl Order {
    pub(in crate::service) fn new(
        id: ActId,
        programme: ProgrammeId,
        of: Erased,
        tokens: &[(Kind, VaultToken)],
    ) -> Self {
        let kept = |(kind, token): &(Kind, VaultToken)| (*kind, Bytes::new(*token.as_bytes()));
        Self { id, programme, of, tokens: tokens.iter().map(kept).collect() }
    }

    /// The tokens as they were after the first link.
    pub(in crate::service) fn tokens(&self) -> impl Iterator<Item = (Kind, VaultToken)> {
        self.tokens.iter().map(|(kind, token)| (*kind, VaultToken::from_bytes(*token.as_bytes())))
    }
}

/// The folder of the orders.
pub struct Orders {
    folder: PathBuf,
}

impl Orders {
    /// Beside a data directory, as its journal is.
    #[must_use]
    pub fn beside(layout: &Layout) -> Self {
        Self { folder: layout.erasures() }
    }

    /// In a folder.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps an order, named after the moment and its id.
    pub(in crate::service) fn keep(
        &self,
        order: &Order,
        keyring: &Keyring,
        now: Moment,
        random: &mut impl Entropy,
    ) -> Result<(), BackupError> {
        durable::create_dir(&self.folder, Access::Private)?;
        let mut bytes = Zeroizing::new(canonical::to_vec(order));
        let nonce: [u8; NONCE] = random.array();
        sealing(keyring)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(order.id.to_string()),
                &mut *bytes,
            )
            .expect("an order is far shorter than the cipher's limit");
        let name = format!("{}-{}", SnapshotName::of(now), order.id);
        let sealed = [&nonce[..], &bytes].concat();
        durable::write(&self.folder.join(name), &sealed, Access::Private)?;
        Ok(())
    }

    /// The orders that can be read with this keyring.
    pub(in crate::service) fn all(&self, keyring: &Keyring) -> Result<Vec<Order>, BackupError> {
        let mut orders = Vec::new();
        for (_, id, path) in self.names()? {
            let sealed = fs::read(path).map_err(file("an order"))?;
            let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(BackupError::Damaged)?;
            let nonce =
                Nonce::try_assume_unique_for_key(nonce).map_err(|_| BackupError::Damaged)?;
            let mut bytes = Zeroizing::new(rest.to_vec());
            let opened = sealing(keyring).open_in_place(nonce, Aad::from(id), &mut bytes);
            let opened = opened.map_err(|_| BackupError::Foreign)?;
            orders.push(serde_json::from_slice(opened).map_err(|_| BackupError::Damaged)?);
        }
        Ok(orders)
    }

    /// Forgets the orders from before the oldest backup.
    pub(super) fn forget_before(&self, oldest: &SnapshotName) -> Result<(), BackupError> {
        for (at, _, path) in self.names()? {
            if at < *oldest {
                durable::remove(&path)?;
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<(SnapshotName, String, PathBuf)>, BackupError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file("the orders")(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(file("the orders"))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some((at, id)) = name.split_once('-')
                && let (Ok(at), false) = (at.parse(), name.ends_with(".tmp"))
            {
                names.push((at, id.to_owned(), path.clone()));
            }
        }
        names.sort();
        Ok(names)
    }
}

fn sealing(keyring: &Keyring) -> LessSafeKey {
    let key = keyring.key_for(labels::ERASURE_ORDER);
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("32 bytes");
    LessSafeKey::new(key)
}
