//! Takes a batch: its signed statement, then its sealed body, piece by piece. A body that came whole is
//! read once, row by row, and is received only if it is what the sender signed.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;

use tiers_protocol::exchange::terms::contact_fields;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeState};
use tiers_protocol::exchange::{Agreement, BatchStatement, Gives, RootOf};
use tiers_protocol::ids::BatchId;
use tiers_protocol::tlog::EntryType;

use super::lots::lots_are_told;
use super::rows::Rows;
use super::show::body_bytes;
use super::{As, LOT, company, files, head};
use crate::limits;
use crate::service::error::file_error;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::credential::Caller;

impl Certifier {
    /// Opens a batch. The same statement sent again finds it where it stands.
    ///
    /// # Errors
    /// [`Refusal`]s of the groups `exchange` and `batch`.
    pub fn open_batch(
        &self,
        caller: &Caller,
        statement: &BatchStatement,
    ) -> Result<BatchInfo, ServiceError> {
        let party = company(caller)?;
        let head = head(statement);
        self.db.write("open batch", |tx| {
            let found = self.own_exchange(tx, caller, &head.exchange)?;
            if let Some(known) = tx.batch(&head.batch)? {
                let same = known.statement == *statement;
                return if same { Ok(()) } else { Err(Refusal::BatchHead.into()) };
            }
            if found.state != ExchangeState::Approved {
                return Err(ServiceError::from(Refusal::ExchangeState));
            }
            let agreement = &found.document.agreement;
            if head.sender != party {
                return Err(Refusal::BatchHead.into());
            }
            self.check_batch(agreement, statement)?;
            lots_are_told(tx, head)?;
            tx.insert_batch(statement, self.now())?;
            Ok(())
        })?;
        self.batch(caller, &head.batch)
    }

    fn check_batch(
        &self,
        agreement: &Agreement,
        statement: &BatchStatement,
    ) -> Result<(), Refusal> {
        let head = head(statement);
        let (own, other) = agreement.side_of(&head.sender).ok_or(Refusal::BatchHead)?;
        let today = self.now().date();
        if today < agreement.begins || agreement.ends < today {
            return Err(Refusal::ExchangeTerm);
        }
        let gives = matches!(own.gives, Gives::Records { .. });
        let fits = gives
            && head.recipient == other.party
            && head.sealed_to == other.keys.sealing
            && head.evidence_to == other.dpo.sealing
            && head.size_class == agreement.size_class
            && agreement.channels.contains_key(&head.channel)
            && !contact_fields(head.channel).is_empty();
        let compared = head.scrubbed.as_ref().is_none_or(|scrubbed| {
            let named =
                |text: &str| (1..=limits::NAME_CHARS).contains(&text.trim().chars().count());
            named(&scrubbed.list) && named(&scrubbed.certificate) && scrubbed.on <= today
        });
        if !fits || !compared {
            return Err(Refusal::BatchHead);
        }
        if statement.verify(&own.keys.signing).is_err() {
            return Err(Refusal::BatchSignature);
        }
        match head.records {
            ..LOT => Err(Refusal::BatchTooFew),
            LOT..=limits::BATCH_RECORDS => Ok(()),
            _ => Err(Refusal::BatchTooMany),
        }
    }

    /// Bytes of a sealed body that are there.
    pub(super) fn batch_spooled(&self, id: &BatchId) -> Result<u64, ServiceError> {
        match fs::metadata(self.batch_spool(id)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(file_error("a body of an exchange")(error)),
        }
    }

    /// Removes the sealed body of a batch.
    pub(super) fn drop_batch(&self, id: &BatchId) -> Result<(), ServiceError> {
        match fs::remove_file(self.batch_spool(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(file_error("a body of an exchange")(error))
            }
            _ => Ok(()),
        }
    }

    /// Begins or goes on with the body of a batch at the byte where it stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BatchState`], [`Refusal::WrongOffset`],
    /// [`Refusal::UploadBusy`], [`Refusal::TooManyUploads`].
    pub fn receive_batch(
        self: &Arc<Self>,
        caller: &Caller,
        (id, offset): (&BatchId, u64),
    ) -> Result<BatchUpload, ServiceError> {
        // Who may not send it does not learn that it is being sent, and takes no place; where it stands is read
        // once the place is taken.
        let read = || self.db.read("read batch", |tx| self.own_batch(tx, caller, (id, As::Sender)));
        read()?;
        let place = Place::take(self, id)?;
        let batch = read()?;
        if batch.state != BatchState::Open {
            return Err(Refusal::BatchState.into());
        }
        if self.batch_spooled(id)? != offset {
            return Err(Refusal::WrongOffset.into());
        }
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.batch_spool(id))
            .map_err(file_error("a body of an exchange"))?;
        file.seek(SeekFrom::Start(offset)).map_err(file_error("a body of an exchange"))?;
        let total = body_bytes(&batch.statement);
        Ok(BatchUpload { place, caller: *caller, statement: batch.statement, file, offset, total })
    }

    /// Reads a whole body, and receives it if it is what the sender signed.
    fn take_batch(&self, caller: &Caller, statement: &BatchStatement) -> Result<(), ServiceError> {
        let head = head(statement);
        let mut root = RootOf::new();
        let mut rows = Rows::open(&self.batch_spool(&head.batch), head, &self.keyring.sealing)?;
        while let Some(row) = rows.next_row()? {
            root.push(row.leaf(root.count()));
        }
        statement.statement.check_root(&root).map_err(|_| Refusal::BatchAltered)?;
        self.db.write("receive batch", |tx| {
            if !tx.move_batch(&head.batch, (BatchState::Open, BatchState::Received))? {
                return Err(ServiceError::from(Refusal::BatchState));
            }
            let detail =
                serde_json::json!({ "exchange": head.exchange, "root": statement.statement.root });
            act::by(caller.actor, EntryType::BatchReceived, &head.batch.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.publish()
    }

    /// What a kill left: bodies that nobody waits for, decisions that no hand-over knows.
    pub(in crate::service) fn sweep_exchanges(&self) -> Result<(), ServiceError> {
        let batches = self.db.read("recover", |tx| tx.batches(None))?;
        let mut known = Vec::new();
        for batch in &batches {
            if batch.state == BatchState::Open {
                known.push(self.batch_spool(&head(&batch.statement).batch));
            }
            let files = files(batch);
            let names = [files.body, files.decisions].into_iter().flatten();
            known.extend(names.map(|name| self.layout.exchanges().join(name)));
        }
        let entries = fs::read_dir(self.layout.exchanges()).map_err(file_error("the exchanges"))?;
        for entry in entries {
            let path = entry.map_err(file_error("the exchanges"))?.path();
            if !known.contains(&path) {
                fs::remove_file(&path).map_err(file_error("the exchanges"))?;
            }
        }
        Ok(())
    }
}

/// A place among the uploads; gives it back, whatever happens.
struct Place {
    certifier: Arc<Certifier>,
    id: BatchId,
}

impl Place {
    fn take(certifier: &Arc<Certifier>, id: &BatchId) -> Result<Self, Refusal> {
        let mut uploads = certifier.exchange_uploads();
        if uploads.contains(id) {
            return Err(Refusal::UploadBusy);
        }
        if uploads.len() >= limits::UPLOADS {
            return Err(Refusal::TooManyUploads);
        }
        uploads.insert(*id);
        Ok(Self { certifier: Arc::clone(certifier), id: *id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.certifier.exchange_uploads().remove(&self.id);
    }
}

/// A body under way. Dropping it lets another upload begin where it stopped.
pub struct BatchUpload {
    place: Place,
    caller: Caller,
    statement: BatchStatement,
    file: File,
    offset: u64,
    total: u64,
}

impl BatchUpload {
    /// Whether the last byte is there, so that ending it decides the batch.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.offset >= self.total
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Refusal::BatchAltered`] for more than there should be.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        let after = self.offset.saturating_add(bytes.len() as u64);
        if after > self.total {
            self.refuse()?;
            return Err(Refusal::BatchAltered.into());
        }
        self.file.write_all(bytes).map_err(file_error("a body of an exchange"))?;
        self.offset = after;
        Ok(())
    }

    /// Ends this transfer; a whole body is received or refused now, another waits for its rest.
    ///
    /// # Errors
    /// [`Refusal::BatchAltered`]; then the batch is refused.
    pub fn end(self) -> Result<BatchInfo, ServiceError> {
        let Place { certifier, id } = &self.place;
        self.file.sync_all().map_err(file_error("a body of an exchange"))?;
        let folder = File::open(certifier.layout.exchanges()).and_then(|folder| folder.sync_all());
        folder.map_err(file_error("the exchanges"))?;
        if self.is_whole() {
            match certifier.take_batch(&self.caller, &self.statement) {
                Err(ServiceError::Refused(Refusal::BatchAltered)) => {
                    self.refuse()?;
                    return Err(Refusal::BatchAltered.into());
                }
                other => other?,
            }
        }
        certifier.batch(&self.caller, id)
    }

    fn refuse(&self) -> Result<(), ServiceError> {
        let Place { certifier, id } = &self.place;
        certifier.db.write("refuse batch", |tx| {
            tx.move_batch(id, (BatchState::Open, BatchState::Refused)).map_err(ServiceError::from)
        })?;
        certifier.drop_batch(id)
    }
}
