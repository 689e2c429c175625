//! The way back: unpacks a snapshot into a directory that is free, gives it what the ledger knows of the
//! time since, erases again what was erased, and refuses what it cannot prove.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};

use tiers_contact::labels;
use tiers_protocol::ids::{AccountId, ActId};
use tiers_protocol::tlog::{EntryType, TileSource};

use super::error::file;
use super::make::{DATABASE, FOLDERS, FORMAT, Manifest, SignedManifest};
use super::orders::{Order, Orders};
use super::replay::Since;
use super::{BackupError, Repository, SnapshotName, exchanges};
use crate::crypto::keyring::Keyring;
use crate::durable::{self, Access, Writer};
use crate::ledger::{Outbox as _, SequencerError};
use crate::service::certifier::durable_error;
use crate::service::repair::head_of;
use crate::service::{Certifier, Dependencies, Layout, ServiceError, act};
use crate::store::erasure::{Erased, Erasure};

/// What was unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// Which snapshot.
    pub snapshot: SnapshotName,
    /// Files.
    pub files: u64,
}

/// Unpacks a snapshot, the newest if none is named. The directory appears whole or not at all; a journal
/// that is there already stays.
///
/// # Errors
/// [`BackupError`].
pub fn unpack(
    repository: &Repository,
    named: Option<&SnapshotName>,
    (identity, keyring): (&str, &Keyring),
    layout: &Layout,
) -> Result<Unpacked, BackupError> {
    let newest = repository.snapshots()?.pop();
    let snapshot = named.cloned().or(newest).ok_or(BackupError::NoSnapshot)?;
    let bytes = repository.read_manifest(&snapshot, identity)?;
    let manifest = checked(&bytes, keyring)?;
    let root = layout.root();
    if layout.restoring().exists() {
        fs::remove_dir_all(root).map_err(file("what an interrupted restore left"))?;
    }
    let staged = root.with_extension("restoring");
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(file("an earlier attempt"))?;
    }
    durable::create_dir(&staged, Access::Private)?;
    for item in &manifest.files {
        let path = staged.join(&item.path);
        if let Some(folder) = path.parent() {
            durable::create_dir(folder, Access::Private)?;
        }
        let mut writer = Writer::create(&path, Access::Private)?;
        repository.fetch(&item.sha256, identity, &mut writer)?;
        writer.commit()?;
    }
    // Until it is proven to be the newest state there is, nobody serves it.
    let mark = Layout::new(&staged).restoring();
    Writer::create(&mark, Access::Private)?.commit()?;
    let journal = staged.join("journal");
    if journal.is_dir() {
        if layout.journal().exists() {
            fs::remove_dir_all(&journal).map_err(file("the journal"))?;
        } else {
            fs::rename(&journal, layout.journal()).map_err(file("the journal"))?;
        }
    }
    if root.exists() {
        // An empty folder, such as a mount point that somebody made.
        fs::remove_dir(root).map_err(file("the data directory"))?;
    }
    fs::rename(&staged, root).map_err(file("the data directory"))?;
    let files = u64::try_from(manifest.files.len()).unwrap_or(u64::MAX);
    Ok(Unpacked { snapshot, files })
}

/// A manifest that the certifier of this keyring signed, whose paths stay inside.
fn checked(bytes: &[u8], keyring: &Keyring) -> Result<Manifest, BackupError> {
    let signed: SignedManifest = serde_json::from_slice(bytes).map_err(|_| BackupError::Damaged)?;
    let SignedManifest { backup, signature } = signed;
    if !keyring.signing.public().verifies(labels::SIGN_BACKUP, &backup, &signature)
        || backup.keyring != keyring.id()
    {
        return Err(BackupError::Foreign);
    }
    let inside = |path: &str| {
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let first = path.split('/').next().unwrap_or_default();
        plain && (path == DATABASE || FOLDERS.contains(&first))
    };
    if backup.format != FORMAT || !backup.files.iter().all(|item| inside(&item.path)) {
        return Err(BackupError::Damaged);
    }
    Ok(backup)
}

/// What is known of the time since the backup.
pub struct Latest<'a> {
    /// The newest copy of the ledger; without one, its witnesses have to say that nothing is missing.
    pub ledger: Option<&'a dyn TileSource>,
    /// The orders to erase that were kept.
    pub orders: &'a Orders,
    /// Orders that are lost and that somebody answers for.
    pub given_up: &'a [ActId],
    /// Whether somebody answers for what persons said and nobody kept.
    pub give_up_said: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Entries that the backup had.
    pub from: u64,
    /// Entries after those of the copy of the ledger.
    pub to: u64,
    /// Accounts with debits that had been lost.
    pub accounts: Vec<AccountId>,
    /// Orders that were executed again.
    pub erasures: u64,
    /// Exchanges and batches that had gone on since.
    pub exchanges: u64,
    /// Transactions of which what they changed about persons is back.
    pub said: u64,
}

impl Certifier {
    /// Takes an unpacked data directory to where the ledger is, erases again what was erased since, and
    /// opens it as ever.
    ///
    /// # Errors
    /// [`ServiceError`]; [`ServiceError::ErasureLost`] when an order to erase is not among those that
    /// were kept, [`ServiceError::SaidLost`] when the ledger knows of more that concerned persons than was kept,
    /// [`ServiceError::NoLedger`] when nobody can say what is missing.
    pub fn open_restored(
        root: &Path,
        keyring: Keyring,
        latest: &Latest<'_>,
        with: Dependencies,
    ) -> Result<(Self, Restored), ServiceError> {
        let kept = latest.orders.all(&keyring)?;
        let (certifier, journal) = Self::assembled(root, keyring, with)?;
        let restored = certifier.catch_up(latest, &kept)?;
        certifier.go_on(&journal)?;
        certifier.erase_due()?;
        certifier.publish()?;
        // Proven: from here on anybody may serve it.
        durable::remove(&certifier.layout.restoring()).map_err(durable_error)?;
        Ok((certifier, restored))
    }

    fn catch_up(&self, latest: &Latest<'_>, kept: &[Order]) -> Result<Restored, ServiceError> {
        let since = self.put_back_entries()?;
        let (from, said) = (since.entries, since.transactions());
        let repaired = match latest.ledger {
            Some(source) => self.newer(source, &since)?,
            None if self.witness_policy().asks_for_any() => None,
            None => return Err(ServiceError::NoLedger),
        };
        let told = repaired.is_some();
        let to = repaired.as_ref().map_or(since.told, |repaired| repaired.to);
        self.put_back_rows(&since, to)?;
        let accounts = repaired.map(|repaired| repaired.accounts).unwrap_or_default();
        self.db.write("erase again", |tx| {
            let missing = since.missing(tx, to)?;
            if missing > 0 && !latest.give_up_said {
                return Err(ServiceError::SaidLost { acts: missing });
            }
            let (mut wanted, mut lost) = (BTreeSet::new(), Vec::new());
            for index in from..to {
                let bytes = tx.entry(index)?.ok_or(ServiceError::Copy)?;
                let entry = tiers_protocol::tlog::Entry::decode(&bytes);
                let entry = entry.map_err(|_| ServiceError::Copy)?;
                if entry.entry_type() == EntryType::ErasureOrdered {
                    wanted.insert(entry.object().as_str().to_owned());
                }
                lost.push((entry.entry_type(), entry.object().as_str().to_owned()));
            }
            let exchanges = exchanges::catch_up(tx, &lost)?;
            self.catch_up_webhooks(tx, &lost)?;
            let (links, mut erasures) = (tx.links()?, 0);
            let chain = self.keyring.chain(links).ok_or(ServiceError::OldKeyring)?;
            for order in kept.iter().filter(|order| wanted.remove(&order.id.to_string())) {
                if tx.programme(&order.programme)?.is_none() {
                    // Registered after the backup: nothing of it is here.
                    continue;
                }
                match &order.of {
                    Erased::Deposit(id) if tx.deposit(id)?.is_none() => continue,
                    Erased::Programme => tx.close_programme(&order.programme, self.now())?,
                    _ => {}
                }
                let tokens: Vec<_> = order
                    .tokens()
                    .filter_map(|(kind, token)| Some((kind, chain.advance(token, 1)?)))
                    .collect();
                let (id, programme, of) = (order.id, order.programme, order.of);
                tx.insert_erasure(&Erasure { id, programme, of, due: 0 }, &tokens)?;
                erasures += 1;
            }
            let given_up: Vec<String> = latest.given_up.iter().map(ToString::to_string).collect();
            wanted.retain(|id| !given_up.contains(id));
            if !wanted.is_empty() {
                return Err(ServiceError::ErasureLost { orders: wanted.len() });
            }
            let accounts_now = accounts.clone();
            let done = Restored { from, to, accounts: accounts_now, erasures, exchanges, said };
            let nothing = erasures == 0 && exchanges == 0 && given_up.is_empty();
            if told && nothing && said == 0 && missing == 0 {
                // What was taken back is told already.
                return Ok(done);
            }
            let detail = serde_json::json!({
                "accounts": accounts, "erasures": erasures, "exchanges": exchanges, "from": from,
                "given_up": given_up, "said": said, "said_given_up": missing > 0, "to": to,
            });
            let id = self.new_act().to_string();
            act::by_certifier(self, EntryType::BackupRestored, &id).record(tx, self, &detail)?;
            Ok(done)
        })
    }

    /// Adopts what a copy has more than the database; refuses one that is older than the database.
    fn newer(
        &self,
        source: &dyn TileSource,
        since: &Since,
    ) -> Result<Option<crate::service::repair::Repaired>, ServiceError> {
        let own = self.own_verifier();
        let signed = head_of(source)?;
        let signed = own.signed_by_log(&signed).ok_or(ServiceError::Copy)?;
        let copy = own.verify_checkpoint(&signed).map_err(|_| ServiceError::Copy)?;
        let head = self.db.head().map_err(SequencerError::from)?;
        let head = head.map(|head| own.verify_checkpoint(&head)).transpose();
        let head = head.map_err(|cause| ServiceError::from(SequencerError::Head(cause)))?;
        match head {
            Some(head) if head.size() > copy.size() => Err(ServiceError::OldLedger),
            Some(head) if head == copy => Ok(None),
            Some(head) if head.size() == copy.size() => Err(ServiceError::Forked),
            _ => self.adopt(source, (since.entries, since.told)).map(Some),
        }
    }
}
