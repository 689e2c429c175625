//! The certifier: its database, keyring, folders and ledger, and what the use cases share.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tiers_protocol::entropy::Entropy;
use tiers_protocol::ids::{ActId, BatchId};
use tiers_protocol::tlog::{EntryType, LedgerVerifier, WitnessPolicy};
use tiers_protocol::trust::Trust;

use super::admission::FileId;
use super::authority::{Authority, Rules};
use super::backup::said::Said;
use super::cosign::{Watch, Witnesses};
use super::error::file_error;
use super::faults::Faults;
use super::leads_set::LeadsCache;
use super::receive_body::Uploads;
use super::webhook::{Hooks, Webhooks};
use super::{Refusal, ServiceError, act};
use crate::crypto::keyring::{Keyring, KeyringError};
use crate::crypto::random::OsRandom;
use crate::disclosure::OpenDpNoise;
use crate::durable::{self, Access};
use crate::journal::unusual::Lookout;
use crate::journal::{Checked, Journal, Term};
use crate::ledger::{ProveError, Prover, Sequencer, faults as ledger_faults};
use crate::limits::{Quotas, Reports};
use crate::store::Db;
use crate::store::archive::Archive;
use crate::time::{Clock, Moment, SystemClock};
use crate::vault;
use crate::witness::AskWitness;

/// Where things lie in a data directory. The keyring is not among them.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Of a data directory.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("tiers.sqlite")
    }

    /// Sealed bodies that are being uploaded.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Segments of tokens.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// The intermediate archive: what is in it has left the database.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// Its database.
    #[must_use]
    pub fn archived(&self) -> PathBuf {
        self.archive().join("archive.sqlite")
    }

    /// Units that months have admitted.
    #[must_use]
    pub fn admitted(&self) -> PathBuf {
        self.root.join("admitted")
    }

    /// What is reckoned from other files before anybody asks, and can be reckoned again.
    #[must_use]
    pub fn prepared(&self) -> PathBuf {
        self.root.join("prepared")
    }

    /// Keyed digests of leads rows.
    #[must_use]
    pub fn leads(&self) -> PathBuf {
        self.root.join("leads")
    }

    /// Segments of rights tokens, under keys of their own.
    #[must_use]
    pub fn rights(&self) -> PathBuf {
        self.root.join("rights")
    }

    /// Sealed records of exchanges, and what was decided about them.
    #[must_use]
    pub fn exchanges(&self) -> PathBuf {
        self.root.join("exchanges")
    }

    /// The journal: beside the data, not among them.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        match self.root.file_name() {
            Some(name) => {
                let mut name = name.to_owned();
                name.push(".journal");
                self.root.with_file_name(name)
            }
            None => self.root.join("journal"),
        }
    }

    /// Orders to erase that a backup does not know: beside the data, not among them.
    #[must_use]
    pub fn erasures(&self) -> PathBuf {
        let mut name = self.root.file_name().unwrap_or_default().to_owned();
        name.push(".erasures");
        self.root.with_file_name(name)
    }

    /// What persons said since the oldest backup: beside the data, not among them.
    #[must_use]
    pub fn said(&self) -> PathBuf {
        let mut name = self.root.file_name().unwrap_or_default().to_owned();
        name.push(".said");
        self.root.with_file_name(name)
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The public ledger.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger")
    }

    /// Lies in a directory that a restore is still filling and examining.
    #[must_use]
    pub fn restoring(&self) -> PathBuf {
        self.root.join("restoring")
    }

    /// Makes the folders, readable by the owner only (the ledger is public).
    ///
    /// # Errors
    /// [`ServiceError::File`].
    pub fn create(&self) -> Result<(), ServiceError> {
        let folders = [
            self.root.clone(),
            self.spool(),
            self.vault(),
            self.leads(),
            self.admitted(),
            self.prepared(),
            self.rights(),
            self.exchanges(),
            self.archive(),
        ];
        for folder in folders {
            durable::create_dir(&folder, Access::Private).map_err(durable_error)?;
        }
        // A folder that was there already may have been open to others.
        fs::set_permissions(&self.root, fs::Permissions::from_mode(0o700))
            .map_err(file_error("the data directory"))
    }

    /// Makes sure that no other process works on this data directory: two would undo each other's
    /// uploads and segments.
    fn lock(&self) -> Result<File, ServiceError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.root.join("lock"))
            .map_err(file_error("the lock"))?;
        // Who has ended may have a child that was just begun, which holds the lock until it is another program.
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(fs::TryLockError::Error(source)) => return Err(file_error("the lock")(source)),
            }
        }
        Err(ServiceError::InUse)
    }
}

/// How often, and how long between, the lock is tried: half a second in all.
const LOCK_TRIES: u32 = 25;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Names a failed durable write.
pub(super) fn durable_error(error: durable::DurableError) -> ServiceError {
    let kind = error.kind().unwrap_or(std::io::ErrorKind::Other);
    file_error("a file of the data directory")(std::io::Error::new(kind, error))
}

/// What a certifier is given: tests own the clock and plant faults.
pub struct Dependencies {
    /// The time.
    pub clock: Box<dyn Clock>,
    /// How long the journal is kept.
    pub journal_term: Term,
    /// How much parties may send.
    pub quotas: Quotas,
    /// How reports leave: at once unless told.
    pub reports: Reports,
    /// Where to stop, for tests.
    pub faults: Faults,
    /// Where the writing of segments stops, for tests.
    pub vault_faults: vault::Faults,
    /// Where the writing of the ledger stops, for tests.
    pub ledger_faults: Box<dyn ledger_faults::Faults>,
    /// Who witnesses the ledger.
    pub witnesses: Witnesses,
    /// How webhooks are reached.
    pub webhooks: Webhooks,
    /// Who may do what.
    pub rules: Rules,
}

impl Default for Dependencies {
    fn default() -> Self {
        Self {
            clock: Box::new(SystemClock),
            journal_term: Term::default(),
            quotas: Quotas::default(),
            reports: Reports::AT_ONCE,
            faults: Faults::none(),
            vault_faults: vault::Faults::none(),
            ledger_faults: Box::new(ledger_faults::NoFaults),
            witnesses: Witnesses::default(),
            webhooks: Webhooks::default(),
            rules: Rules::default(),
        }
    }
}

/// A running certifier.
pub struct Certifier {
    /// The database.
    pub(super) db: Db,
    /// What has left it and is kept.
    pub(super) archive: Archive,
    /// Its secrets.
    pub(super) keyring: Keyring,
    /// Who may do what.
    pub(super) authority: Arc<Authority>,
    /// Its folders.
    pub(super) layout: Layout,
    /// Where tests stop it.
    pub(super) faults: Faults,
    /// Where tests stop the writing of segments.
    pub(super) vault_faults: vault::Faults,
    /// Its technical log.
    pub(super) journal: Journal,
    /// What looks for unusual use in what the journal is told.
    pub(super) lookout: Lookout,
    /// How long that is kept.
    pub(super) journal_term: Term,
    /// When its chain was last read, in seconds.
    pub(super) journal_checked: AtomicI64,
    /// The day on which choices that are over were last looked for.
    pub(super) ended_on: AtomicI64,
    /// How much parties may send.
    pub(super) quotas: Quotas,
    /// How reports leave.
    pub(super) reports: Reports,
    /// How webhooks are reached.
    pub(super) webhooks: Webhooks,
    /// Which of them are being called.
    pub(super) hooks: Arc<Hooks>,
    sequencer: Sequencer<Box<dyn ledger_faults::Faults>>,
    prover: Prover,
    ask: Box<dyn AskWitness>,
    watch: Arc<Watch>,
    clock: Arc<dyn Clock>,
    /// What persons said since the oldest backup.
    pub(super) said: Arc<Said>,
    random: OsRandom,
    uploads: Mutex<Uploads>,
    leads_sets: Mutex<LeadsCache>,
    sound_files: Mutex<HashSet<FileId>>,
    sound_day: AtomicU64,
    rewriting: Mutex<()>,
    exchange_uploads: Mutex<HashSet<BatchId>>,
    /// Held as long as the certifier lives: one process a data directory.
    _alone: File,
}

impl Certifier {
    /// Makes a new data directory that belongs to `keyring`.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn create(root: &Path, keyring: Keyring, with: Dependencies) -> Result<Self, ServiceError> {
        let (certifier, journal) = Self::assemble(root, keyring, with)?;
        let now = certifier.now();
        certifier.db.write("create certifier", |tx| {
            let keyring = &certifier.keyring;
            tx.bind_keyring(keyring.origin(), keyring.id(), now)?;
            for key in keyring.checks() {
                tx.insert_vault_key(&key)?;
            }
            tx.put_links(keyring.links()).map_err(ServiceError::from)
        })?;
        certifier.start(&journal)?;
        Ok(certifier)
    }

    /// Opens a data directory, finishes or undoes what was under way, and records the start.
    ///
    /// # Errors
    /// [`ServiceError`]; a keyring of another directory is refused.
    pub fn open(root: &Path, keyring: Keyring, with: Dependencies) -> Result<Self, ServiceError> {
        let (certifier, journal) = Self::existing(root, keyring, with)?;
        certifier.go_on(&journal)?;
        Ok(certifier)
    }

    /// As [`Certifier::assembled`], where no restore was interrupted: what it left is not proven.
    pub(super) fn existing(
        root: &Path,
        keyring: Keyring,
        with: Dependencies,
    ) -> Result<(Self, Checked), ServiceError> {
        if Layout::new(root).restoring().exists() {
            return Err(ServiceError::RestoreUnfinished);
        }
        let (certifier, journal) = Self::assembled(root, keyring, with)?;
        certifier.undo_said()?;
        Ok((certifier, journal))
    }

    /// A certifier over an existing directory, before anything is written. Nothing is made where none is: a disk that
    /// is not mounted must not begin an empty one.
    pub(super) fn assembled(
        root: &Path,
        keyring: Keyring,
        with: Dependencies,
    ) -> Result<(Self, Checked), ServiceError> {
        if !Layout::new(root).database().is_file() {
            return Err(ServiceError::NoCertifier);
        }
        let (certifier, journal) = Self::assemble(root, keyring, with)?;
        let bound =
            certifier.db.read("open certifier", |tx| Ok::<_, ServiceError>(tx.bound_keyring()?))?;
        if bound.as_deref() != Some(certifier.keyring.id()) {
            return Err(ServiceError::OtherKeyring);
        }
        certifier.take_up_keys()?;
        Ok((certifier, journal))
    }

    /// Finishes or undoes what was under way, makes sure that this is the newest database there is,
    /// and records the start.
    pub(super) fn go_on(&self, journal: &Checked) -> Result<(), ServiceError> {
        self.recover()?;
        self.confirm_newest()?;
        self.confirm_said()?;
        // Not before: an older database would not name the files of the newest one.
        self.sweep_admitted()?;
        self.reconcile_accounts()?;
        self.take_up_witnesses()?;
        self.start(journal)
    }

    fn assemble(
        root: &Path,
        keyring: Keyring,
        with: Dependencies,
    ) -> Result<(Self, Checked), ServiceError> {
        // Before anything is made: nobody may do anything where the policies do not hold.
        let authority = Authority::of(&with.rules)?;
        if keyring.lies_inside(root) {
            return Err(ServiceError::Keyring(KeyringError::Inside));
        }
        let layout = Layout::new(root);
        layout.create()?;
        let alone = layout.lock()?;
        let db = Db::open(&layout.database())?;
        let stored =
            db.read("witness policy", |tx| tx.witness_policy().map_err(ServiceError::from))?;
        let stored = stored.and_then(|text| WitnessPolicy::parse(&text).ok());
        let policy = with.witnesses.policy.or(stored).unwrap_or_default();
        let watch = Arc::new(Watch::new(&policy));
        let signer = keyring.ledger_signer().with_witnesses(policy);
        let prover = Prover::new(&layout.ledger(), signer.verifier().clone());
        let sequencer = Sequencer::open(&layout.ledger(), signer, with.ledger_faults)?;
        let marks = db.read("read journal", |tx| Ok::<_, ServiceError>(tx.journal_marks()?))?;
        let (journal, checked) = Journal::open(&layout.journal(), &marks)?;
        let archive = Archive::open(&layout.archived())?;
        let clock: Arc<dyn Clock> = Arc::from(with.clock);
        let said = Arc::new(Said::beside(&layout, &keyring, (Arc::clone(&clock), with.faults)));
        said.stand_at(db.read("last said", |tx| tx.last_said().map_err(ServiceError::from))?);
        db.keep_with(said.clone())?;
        archive.keep_with(said.clone())?;
        let certifier = Self {
            db,
            archive,
            journal,
            lookout: Lookout::default(),
            journal_term: with.journal_term,
            quotas: with.quotas,
            reports: with.reports,
            webhooks: with.webhooks,
            hooks: Arc::default(),
            ended_on: AtomicI64::new(0),
            journal_checked: AtomicI64::new(clock.now().seconds()),
            sequencer,
            ask: with.witnesses.ask,
            watch,
            prover,
            keyring,
            authority,
            layout,
            faults: with.faults,
            vault_faults: with.vault_faults,
            clock,
            said,
            random: OsRandom::default(),
            uploads: Mutex::default(),
            leads_sets: Mutex::new(LeadsCache::default()),
            sound_files: Mutex::default(),
            sound_day: AtomicU64::default(),
            rewriting: Mutex::default(),
            exchange_uploads: Mutex::default(),
            _alone: alone,
        };
        Ok((certifier, checked))
    }

    fn start(&self, journal: &Checked) -> Result<(), ServiceError> {
        let started: ActId = ActId::random(&mut self.random());
        self.db.write("start", |tx| {
            let detail = serde_json::json!({ "version": env!("CARGO_PKG_VERSION") });
            act::by_certifier(self, EntryType::CertifierStarted, &started.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.note_own("certifier.started", env!("CARGO_PKG_VERSION"));
        self.take_up_journal(journal)?;
        self.recount()?;
        self.publish()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The public keys.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.keyring.trust().with_witnesses(self.witness_policy())
    }

    /// Who witnesses the ledger.
    #[must_use]
    pub const fn witness_policy(&self) -> &WitnessPolicy {
        self.ledger_verifier().witnesses()
    }

    /// The last checkpoint that enough witnesses cosigned; where nobody witnesses, the published one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before the first.
    pub fn witnessed_checkpoint(&self) -> Result<Vec<u8>, ServiceError> {
        match self.prover.witnessed() {
            Ok((_, signed)) => Ok(signed),
            Err(ProveError::NotYet) => Err(Refusal::NotFound.into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) const fn ledger_verifier(&self) -> &LedgerVerifier {
        self.sequencer.verifier()
    }

    /// The ledger's key without its witnesses.
    pub(super) fn own_verifier(&self) -> LedgerVerifier {
        self.ledger_verifier().clone().with_witnesses(WitnessPolicy::none())
    }

    pub(super) fn keep_witnessed(&self, signed: &[u8]) -> Result<(), ServiceError> {
        self.sequencer.keep_witnessed(signed).map_err(Into::into)
    }

    pub(super) fn asker(&self) -> &dyn AskWitness {
        &*self.ask
    }

    pub(super) const fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// An id for an act of the certifier itself.
    pub(super) fn new_act(&self) -> ActId {
        ActId::random(&mut self.random())
    }

    /// Folder of the public ledger, to be served as it is.
    #[must_use]
    pub fn ledger_folder(&self) -> PathBuf {
        self.layout.ledger()
    }

    /// Publishes every entry that waits; the witnesses are asked in the background. Called after each act that
    /// hands out a proof, and once a second for the others.
    ///
    /// # Errors
    /// [`ServiceError::Ledger`].
    pub fn publish(&self) -> Result<(), ServiceError> {
        while let Some(checkpoint) = self.sequencer.advance(&self.db)? {
            self.note_own("ledger.published", &checkpoint.size().to_string());
            self.watch.nudge();
        }
        Ok(())
    }

    pub(super) fn random(&self) -> OsRandom {
        self.random.clone()
    }

    pub(super) fn bytes<const N: usize>(&self) -> [u8; N] {
        self.random().array()
    }

    pub(super) const fn noise(&self) -> OpenDpNoise {
        OpenDpNoise
    }

    pub(super) const fn prover(&self) -> &Prover {
        &self.prover
    }

    pub(super) fn leads_cache(&self) -> MutexGuard<'_, LeadsCache> {
        self.leads_sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets at a new day which files were read whole: a disk may lose what it held.
    pub(super) fn forget_sound_files(&self, day: u64) {
        if self.sound_day.swap(day, Ordering::SeqCst) != day {
            self.sound_files().clear();
        }
    }

    /// Files of admitted units that this process has read whole today.
    pub(super) fn sound_files(&self) -> MutexGuard<'_, HashSet<FileId>> {
        self.sound_files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while segments are rewritten: one rewriting at a time, so that none undoes another.
    pub(super) fn rewriting(&self) -> MutexGuard<'_, ()> {
        self.rewriting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Batches of exchanges whose bodies come in now.
    pub(super) fn exchange_uploads(&self) -> MutexGuard<'_, HashSet<BatchId>> {
        self.exchange_uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn uploads(&self) -> MutexGuard<'_, Uploads> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
