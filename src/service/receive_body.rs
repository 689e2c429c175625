//! Receives a sealed body, piece by piece, into a spool file. What lies there is still sealed, so
//! that a token never touches the disk before it is re-keyed.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use tiers_protocol::ids::DepositId;
use tiers_protocol::wire::{DepositState, DepositStatus};

use super::error::file_error;
use super::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;

/// An upload under way. Dropping it lets another one begin where it stopped.
pub struct Upload<'a> {
    certifier: &'a Certifier,
    caller: Caller,
    id: DepositId,
    file: File,
    offset: u64,
    total: u64,
}

impl Certifier {
    /// Begins or goes on with an upload at a byte that must be where it stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOpen`], [`Refusal::WrongOffset`],
    /// [`Refusal::UploadBusy`].
    pub fn receive(
        &self,
        caller: &Caller,
        id: &DepositId,
        offset: u64,
    ) -> Result<Upload<'_>, ServiceError> {
        let deposit = self.own_deposit(caller, id)?;
        if deposit.state != DepositState::Open {
            return Err(Refusal::NotOpen.into());
        }
        let sealed = deposit.manifest.manifest.body.sealed.ok_or(Refusal::Unsealed)?;
        if !self.uploads().insert(*id) {
            return Err(Refusal::UploadBusy.into());
        }
        // From here on the guard gives the place back, whatever happens.
        let held = Held { certifier: self, id: *id };
        if self.spooled(id)? != offset {
            return Err(Refusal::WrongOffset.into());
        }
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.spool_path(id))
            .map_err(file_error("the spool"))?;
        file.seek(SeekFrom::Start(offset)).map_err(file_error("the spool"))?;
        core::mem::forget(held);
        Ok(Upload { certifier: self, caller: *caller, id: *id, file, offset, total: sealed.bytes })
    }

    /// Bytes of a sealed body that are safely stored.
    pub(super) fn spooled(&self, id: &DepositId) -> Result<u64, ServiceError> {
        match fs::metadata(self.spool_path(id)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(file_error("the spool")(error)),
        }
    }

    pub(super) fn spool_path(&self, id: &DepositId) -> PathBuf {
        self.layout.spool().join(id.to_string())
    }

    pub(super) fn discard_spool(&self, id: &DepositId) -> Result<(), ServiceError> {
        match fs::remove_file(self.spool_path(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(file_error("the spool")(error))
            }
            _ => Ok(()),
        }
    }
}

struct Held<'a> {
    certifier: &'a Certifier,
    id: DepositId,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.certifier.uploads().remove(&self.id);
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.certifier.uploads().remove(&self.id);
    }
}

impl Upload<'_> {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Refusal::TooLong`], after which nothing of the upload is kept.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        let after = self.offset.saturating_add(bytes.len() as u64);
        if after > self.total {
            self.refuse(Refusal::TooLong)?;
            return Err(Refusal::TooLong.into());
        }
        self.file.write_all(bytes).map_err(file_error("the spool"))?;
        self.offset = after;
        Ok(())
    }

    /// Ends this transfer. When the client says that it was the last one, the deposit is accepted or
    /// refused now; otherwise the pieces wait for the rest.
    ///
    /// # Errors
    /// [`Refusal::Truncated`], and those of accepting.
    pub fn end(self, complete: bool) -> Result<DepositStatus, ServiceError> {
        self.file.sync_all().map_err(file_error("the spool"))?;
        if self.offset < self.total {
            if complete {
                return Err(Refusal::Truncated.into());
            }
        } else {
            let certifier = self.certifier;
            certifier.faults.reach(super::faults::FaultPoint::Spooled)?;
            if let Err(error) = certifier.accept_deposit(&self.caller, &self.id) {
                if let ServiceError::Refused(refusal) = error {
                    self.refuse(refusal)?;
                }
                return Err(error);
            }
        }
        self.certifier.deposit_status(&self.caller, &self.id)
    }

    fn refuse(&self, refusal: Refusal) -> Result<(), ServiceError> {
        self.certifier.record_refusal(&self.caller, &self.id, refusal)?;
        self.certifier.discard_spool(&self.id)
    }
}
