//! Receives a sealed body, piece by piece, into a spool file. What lies there is still sealed, so
//! that a token never touches the disk before it is re-keyed.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use tiers_protocol::ids::{DepositId, PartyId};
use tiers_protocol::wire::{DepositState, DepositStatus};

use super::error::file_error;
use super::{Certifier, Refusal, ServiceError};
use crate::limits;
use crate::store::credential::Caller;

/// Who uploads what. A deposit is in one upload at most; a party, and all together, in a few.
#[derive(Default)]
pub(super) struct Uploads {
    under_way: HashMap<DepositId, PartyId>,
    /// Deposits whose spool was begun by this run of the certifier, and is not decided.
    begun: HashSet<DepositId>,
    /// Bytes that each party has sent on a day, in this run of the certifier.
    sent: HashMap<PartyId, (Date, u64)>,
}

impl Uploads {
    fn begin(&mut self, deposit: DepositId, party: PartyId) -> Result<(), Refusal> {
        if self.holds(&deposit) {
            return Err(Refusal::UploadBusy);
        }
        let own = self.under_way.values().filter(|other| **other == party).count();
        if own >= limits::PARTY_UPLOADS || self.under_way.len() >= limits::UPLOADS {
            return Err(Refusal::TooManyUploads);
        }
        self.under_way.insert(deposit, party);
        Ok(())
    }

    /// What a party may still send today of `quota` bytes.
    fn left(&self, party: &PartyId, today: Date, quota: u64) -> u64 {
        let sent = self.sent.get(party).filter(|(day, _)| *day == today);
        quota.saturating_sub(sent.map_or(0, |(_, bytes)| *bytes))
    }

    /// A party has sent so many bytes.
    fn count(&mut self, party: PartyId, today: Date, bytes: u64) {
        let sent = self.sent.entry(party).or_insert((today, 0));
        if sent.0 != today {
            *sent = (today, 0);
        }
        sent.1 = sent.1.saturating_add(bytes);
    }

    /// Whether a deposit is being uploaded.
    pub(super) fn holds(&self, deposit: &DepositId) -> bool {
        self.under_way.contains_key(deposit)
    }

    /// How many there are.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Its spool goes.
    pub(super) fn forget(&mut self, deposit: &DepositId) {
        self.begun.remove(deposit);
    }

    /// Whether every byte of its spool came in this run of the certifier.
    fn began(&self, deposit: &DepositId) -> bool {
        self.begun.contains(deposit)
    }
}

/// A place among the uploads; gives it back, whatever happens.
struct Place {
    certifier: Arc<Certifier>,
    id: DepositId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.certifier.uploads().under_way.remove(&self.id);
    }
}

/// An upload under way. Dropping it lets another one begin where it stopped.
pub struct Upload {
    place: Place,
    caller: Caller,
    file: File,
    offset: u64,
    total: u64,
}

impl Certifier {
    /// Begins or goes on with an upload at a byte that must be where it stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOpen`], [`Refusal::WrongOffset`],
    /// [`Refusal::UploadBusy`], [`Refusal::TooManyUploads`].
    pub fn receive(
        self: &Arc<Self>,
        caller: &Caller,
        id: &DepositId,
        offset: u64,
    ) -> Result<Upload, ServiceError> {
        let deposit = self.own_deposit(caller, id)?;
        let sealed = deposit.manifest.manifest.body.sealed.ok_or(Refusal::Unsealed)?;
        let party = caller.party.ok_or(Refusal::NotFound)?;
        self.uploads().begin(*id, party)?;
        let place = Place { certifier: Arc::clone(self), id: *id };
        // Only now: an upload that ended a moment ago has decided the deposit.
        if self.own_deposit(caller, id)?.state != DepositState::Open {
            return Err(Refusal::NotOpen.into());
        }
        if self.spooled(id)? != offset {
            return Err(Refusal::WrongOffset.into());
        }
        if sealed.bytes.saturating_sub(offset) > self.may_send(&party) {
            return Err(Refusal::Quota.into());
        }
        if offset == 0 {
            self.uploads().begun.insert(*id);
        }
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.spool_path(id))
            .map_err(file_error("the spool"))?;
        file.seek(SeekFrom::Start(offset)).map_err(file_error("the spool"))?;
        Ok(Upload { place, caller: *caller, file, offset, total: sealed.bytes })
    }

    /// Bytes that a party may still send today: a whole body or nothing, so that none stops half way.
    fn may_send(&self, party: &PartyId) -> u64 {
        let quota = u64::from(self.quotas.party_gib_per_day) << 30;
        self.uploads().left(party, self.now().date(), quota)
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

    /// Removes the spool of a deposit that is decided, or begins anew.
    pub(super) fn end_upload(&self, id: &DepositId) -> Result<(), ServiceError> {
        self.uploads().forget(id);
        self.discard_spool(id)
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

impl Upload {
    /// Whether the last byte is there, so that ending it decides the deposit.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.offset >= self.total
    }

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
        if let Some(party) = self.caller.party {
            let certifier = &self.place.certifier;
            certifier.uploads().count(party, certifier.now().date(), bytes.len() as u64);
        }
        self.offset = after;
        Ok(())
    }

    /// Ends this transfer. When the client says that it was the last one, the deposit is accepted or
    /// refused now; otherwise, as after a broken connection, the pieces wait for the rest.
    ///
    /// # Errors
    /// [`Refusal::Truncated`], and those of accepting.
    pub fn end(self, complete: bool) -> Result<DepositStatus, ServiceError> {
        let Place { certifier, id } = &self.place;
        if !self.is_whole() {
            // What is decided at once need not survive a power cut before.
            self.file.sync_all().map_err(file_error("the spool"))?;
            if complete {
                self.refuse(Refusal::Truncated)?;
                return Err(Refusal::Truncated.into());
            }
        } else {
            certifier.faults.reach(super::faults::FaultPoint::Spooled)?;
            if let Err(error) = certifier.accept_deposit(&self.caller, id) {
                return Err(self.refused(error)?);
            }
        }
        certifier.deposit_status(&self.caller, id)
    }

    /// Records why a whole body was refused. What an earlier run of the certifier left may have lost
    /// its end in a power cut, which is nobody's fault: the upload begins anew then.
    fn refused(&self, error: ServiceError) -> Result<ServiceError, ServiceError> {
        let Place { certifier, id } = &self.place;
        match error {
            ServiceError::Refused(Refusal::BodyAltered) if !certifier.uploads().began(id) => {
                certifier.end_upload(id)?;
                Ok(Refusal::WrongOffset.into())
            }
            ServiceError::Refused(refusal) => {
                self.refuse(refusal)?;
                Ok(refusal.into())
            }
            other => Ok(other),
        }
    }

    fn refuse(&self, refusal: Refusal) -> Result<(), ServiceError> {
        let Place { certifier, id } = &self.place;
        certifier.record_refusal(&self.caller, id, refusal)?;
        certifier.end_upload(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_of_a_party_and_a_day() {
        let mut uploads = Uploads::default();
        let (monday, tuesday) = (jiff::civil::date(2026, 3, 2), jiff::civil::date(2026, 3, 3));
        for (sent, left) in [(0, 10), (4, 6), (6, 0), (9, 0)] {
            uploads.count(party(1), monday, sent);
            assert_eq!(uploads.left(&party(1), monday, 10), left);
        }
        assert_eq!(uploads.left(&party(2), monday, 10), 10);
        assert_eq!(uploads.left(&party(1), tuesday, 10), 10);
        uploads.count(party(1), tuesday, 3);
        assert_eq!(uploads.left(&party(1), tuesday, 10), 7);
    }

    fn deposit(n: u8) -> DepositId {
        DepositId::from_bytes([n; 16])
    }

    fn party(n: u8) -> PartyId {
        PartyId::from_bytes([n; 16])
    }

    #[test]
    fn places_are_limited_for_each_party_and_for_all() {
        let mut uploads = Uploads::default();
        for n in 0..64 {
            assert_eq!(uploads.begin(deposit(n), party(n / 4)), Ok(()));
            assert_eq!(uploads.begin(deposit(n), party(99)), Err(Refusal::UploadBusy));
        }
        assert_eq!(uploads.begin(deposit(64), party(16)), Err(Refusal::TooManyUploads));
        uploads.under_way.remove(&deposit(0));
        assert_eq!(uploads.begin(deposit(65), party(1)), Err(Refusal::TooManyUploads));
        assert_eq!(uploads.begin(deposit(66), party(16)), Ok(()));
    }
}
