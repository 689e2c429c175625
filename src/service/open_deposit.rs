//! Opens a deposit: checks everything the manifest says before a byte of the body is taken.

use jiff::civil::Date;
use tiers_contact::{FileKind, NORMALISATION};
use tiers_protocol::ids::{DepositId, PartyId};
use tiers_protocol::manifest::{Manifest, SignedManifest};
use tiers_protocol::party::PartyPublic;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::Programme;
use tiers_protocol::seal::sealed_len;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{DepositInfo, DepositState, DepositStatus, Role};

use super::authority::{Object, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::governance::retention::RetentionPolicy;
use crate::limits;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::deposit::Deposit;
use crate::store::programme::Registered;

impl Certifier {
    /// Takes a manifest. The same manifest sent again finds the deposit where it stands.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `deposit`; each is recorded in the ledger under the id that the
    /// deposit would have had, because the caller is known.
    pub fn open_deposit(
        &self,
        caller: &Caller,
        manifest: &[u8],
    ) -> Result<DepositStatus, ServiceError> {
        let Ok(signed) = SignedManifest::from_slice(manifest) else {
            // No deposit follows from what cannot be read; the attempt is recorded all the same.
            let id = DepositId::random(&mut self.random());
            self.record_refusal(caller, &id, Refusal::BadManifest)?;
            return Err(Refusal::BadManifest.into());
        };
        let id = signed.deposit_id();
        if let Err(error) = self.check_and_open(caller, &signed) {
            // That there is no room says nothing about the deposit, which may be sent later.
            if let ServiceError::Refused(refusal) = &error
                && *refusal != Refusal::TooManyOpen
            {
                self.record_refusal(caller, &id, *refusal)?;
                self.forget_refused(caller, &id)?;
            }
            return Err(error);
        }
        self.deposit_status(caller, &id)
    }

    /// What an earlier upload left of a deposit whose manifest is refused now, unless it still comes.
    fn forget_refused(&self, caller: &Caller, id: &DepositId) -> Result<(), ServiceError> {
        let mut uploads = self.uploads();
        match self.own_deposit(caller, id) {
            Ok(own) if own.state == DepositState::Refused && !uploads.holds(id) => {
                uploads.forget(id);
                self.discard_spool(id)
            }
            _ => Ok(()),
        }
    }

    fn check_and_open(&self, caller: &Caller, signed: &SignedManifest) -> Result<(), ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let manifest = &signed.manifest;
        self.db.write("open deposit", |tx| {
            let keys = tx.party(&party)?.ok_or(Refusal::Forbidden)?.keys;
            check_signature(signed, &keys)?;
            let found = tx.programme(&manifest.programme)?.ok_or(Refusal::NotAMember)?;
            let takes_part =
                found.principal == party || tx.is_member(&manifest.programme, &party)?;
            if !takes_part {
                return Err(ServiceError::from(Refusal::NotAMember));
            }
            if found.closed_at.is_some() {
                return Err(Refusal::ProgrammeClosed.into());
            }
            check_kind(manifest.kind, caller.role)?;
            self.check_upload(tx, &found, &party)?;
            self.check_manifest(manifest, &found)?;
            check_room(tx, signed, &party)?;
            tx.open_deposit(&Deposit {
                id: signed.deposit_id(),
                programme: manifest.programme,
                party,
                kind: manifest.kind,
                state: DepositState::Open,
                manifest: signed.clone(),
                opened_at: self.now(),
                kept_until: self.kept_until(manifest, &found.programme),
                refusal: None,
            })?;
            Ok(())
        })
    }

    fn check_manifest(&self, manifest: &Manifest, found: &Registered) -> Result<(), Refusal> {
        let programme = &found.programme;
        if Some(&manifest.key_id) != programme.key_id.as_ref() || manifest.epoch != programme.epoch
        {
            return Err(Refusal::WrongKey);
        }
        if manifest.normalisation != NORMALISATION {
            return Err(Refusal::WrongNormalisation);
        }
        if manifest.purpose != programme.purpose || manifest.legal_basis != programme.legal_basis {
            return Err(Refusal::WrongPurpose);
        }
        if programme.epoch_ends < self.now().date() {
            return Err(Refusal::EpochOver);
        }
        check_rejects(manifest, &programme.policy)?;
        check_columns(manifest, programme)?;
        self.check_dates(manifest, &programme.policy)?;
        self.check_size(manifest)
    }

    fn check_dates(&self, manifest: &Manifest, policy: &Policy) -> Result<(), Refusal> {
        let today = self.now().date();
        if manifest.retain_until < today {
            return Err(Refusal::Expired);
        }
        let days = i64::try_from(policy.retention_days().value()).unwrap_or(i64::MAX);
        let latest = today.checked_add(jiff::Span::new().days(days));
        let in_time = latest.is_ok_and(|latest| manifest.retain_until <= latest);
        if in_time { Ok(()) } else { Err(Refusal::RetainedTooLong) }
    }

    /// The last day of a deposit, known when it is opened.
    fn kept_until(&self, manifest: &Manifest, programme: &Programme) -> Date {
        let today = self.now().date();
        RetentionPolicy::france().deposit(manifest.retain_until, today, programme.epoch_ends)
    }

    fn check_size(&self, manifest: &Manifest) -> Result<(), Refusal> {
        let canaries = u64::try_from(tiers_contact::canaries().len()).unwrap_or(u64::MAX);
        if manifest.rows <= canaries {
            return Err(Refusal::NoRows);
        }
        let sealed = manifest.body.sealed.as_ref().ok_or(Refusal::Unsealed)?;
        if sealed.recipient != self.trust().sealing.id() {
            return Err(Refusal::WrongRecipient);
        }
        if manifest.rows > limits::DEPOSIT_ROWS || sealed.bytes > limits::BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        let plain = manifest.body.plain_bytes;
        let adds_up = plain <= limits::BODY_BYTES && sealed_len(plain) == sealed.bytes;
        if adds_up { Ok(()) } else { Err(Refusal::BadManifest) }
    }

    /// Records that a deposit was refused, and why.
    pub(super) fn record_refusal(
        &self,
        caller: &Caller,
        id: &DepositId,
        refusal: Refusal,
    ) -> Result<(), ServiceError> {
        self.db.write("refuse deposit", |tx| {
            // Whoever sends the manifest of another must not undo the other's deposit.
            let own = tx.deposit(id)?.is_some_and(|deposit| Some(deposit.party) == caller.party);
            if own {
                tx.refuse_deposit(id, refusal.code())?;
            }
            let detail = serde_json::json!({ "code": refusal.code(), "party": caller.party });
            act::by(caller.actor, EntryType::DepositRefused, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })
    }

    /// Where one of the caller's own deposits stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn deposit_status(
        &self,
        caller: &Caller,
        id: &DepositId,
    ) -> Result<DepositStatus, ServiceError> {
        let deposit = self.own_deposit(caller, id)?;
        let total = deposit.manifest.manifest.body.sealed.as_ref().map_or(0, |s| s.bytes);
        let offset = match deposit.state {
            DepositState::Open => self.spooled(id)?,
            DepositState::Accepted | DepositState::Erased => total,
            DepositState::Refused => 0,
        };
        Ok(DepositStatus { deposit: *id, state: deposit.state, offset, total })
    }

    pub(super) fn own_deposit(
        &self,
        caller: &Caller,
        id: &DepositId,
    ) -> Result<Deposit, ServiceError> {
        let found = self.db.read("read deposit", |tx| tx.deposit(id))?;
        let found = found.ok_or(Refusal::NotFound)?;
        self.require(caller, Purpose::Deposit, &Object::Deposit(id, found.party))?;
        Ok(found)
    }

    /// The caller's own deposits, newest first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn deposits(&self, caller: &Caller) -> Result<Vec<DepositInfo>, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let deposits = self.db.read("list deposits", |tx| tx.deposits_of(&party))?;
        let info = |deposit: Deposit| DepositInfo {
            deposit: deposit.id,
            programme: deposit.programme,
            kind: deposit.kind,
            state: deposit.state,
            rows: deposit.manifest.manifest.rows,
            opened_at: deposit.opened_at.to_string(),
            retain_until: deposit.kept_until.to_string(),
            refusal: deposit.refusal,
        };
        Ok(deposits.into_iter().map(info).collect())
    }
}

fn check_signature(signed: &SignedManifest, keys: &PartyPublic) -> Result<(), Refusal> {
    if signed.is_signed_by(keys) { Ok(()) } else { Err(Refusal::ForeignManifest) }
}

/// A deposit that is open already takes no room more.
fn check_room(tx: &Tx<'_>, signed: &SignedManifest, party: &PartyId) -> Result<(), ServiceError> {
    let known = tx.deposit(&signed.deposit_id())?;
    let counted = known.is_some_and(|deposit| deposit.state == DepositState::Open);
    if !counted && tx.open_deposits_of(party)? >= limits::PARTY_OPEN_DEPOSITS {
        return Err(Refusal::TooManyOpen.into());
    }
    Ok(())
}

fn check_kind(kind: FileKind, role: Role) -> Result<(), Refusal> {
    match (kind, role) {
        (FileKind::Leads, Role::Principal)
        | (FileKind::Sales, Role::Partner)
        | (FileKind::Customers, Role::Principal | Role::Partner) => Ok(()),
        _ => Err(Refusal::WrongKind),
    }
}

/// The share of rows left out, of all rows of the party's file; canaries are not of it.
fn check_rejects(manifest: &Manifest, policy: &Policy) -> Result<(), Refusal> {
    let canaries = tiers_contact::canaries().len() as u64;
    let (left_out, kept) =
        (u128::from(manifest.rejects), u128::from(manifest.rows.saturating_sub(canaries)));
    let most = u128::from(policy.max_reject_permille().value()) * (left_out + kept);
    if left_out * 1_000 <= most { Ok(()) } else { Err(Refusal::TooManyRejects) }
}

/// The columns are exactly those of the programme, in their order.
fn check_columns(manifest: &Manifest, programme: &Programme) -> Result<(), Refusal> {
    if manifest.columns.len() > limits::BODY_COLUMNS {
        return Err(Refusal::TooManyColumns);
    }
    let names = manifest.columns.iter().map(|column| column.name.as_str());
    let expected = expected_columns(manifest.kind, programme);
    let typed = manifest
        .columns
        .iter()
        .all(|c| tiers_protocol::manifest::ColumnType::of(&c.name) == Some(c.kind));
    if typed && names.eq(expected.iter().map(String::as_str)) {
        Ok(())
    } else {
        Err(Refusal::UnknownColumn)
    }
}

/// Column names of a body: a token for each kind of the policy, then the attributes of the file.
pub(super) fn expected_columns(kind: FileKind, programme: &Programme) -> Vec<String> {
    let kinds: Vec<_> = programme.policy.kinds().collect();
    tiers_contact::columns(kind, &kinds, &programme.margins())
}
