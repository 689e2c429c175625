//! What pages show that no single use case answers: the programmes of whoever is signed in, and a
//! deposit with what was released from it. Each looks at the caller's own objects only.

use tiers_contact::FileKind;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{DepositId, ProgrammeId};
use tiers_protocol::party::Fingerprint;
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::{Declaration, DepositState, ErasureInfo, NewErasure, ReleaseInfo};

use super::super::request_report::info;
use super::super::{Certifier, Refusal, ServiceError};
use crate::service::authority::{Object, Purpose};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::deposit::Deposit;
use crate::time::Moment;

/// A programme in which the caller takes part.
pub struct OwnProgramme {
    /// Its document.
    pub programme: Programme,
    /// Name of its principal.
    pub principal: String,
    /// Partners that it has.
    pub partners: usize,
    /// When releases under its policy were approved.
    pub approved: Option<Moment>,
    /// Whether a wrapped key waits for the caller, who is a partner.
    pub key: bool,
    /// What the caller, a partner, declares of itself.
    pub declaration: Option<Declaration>,
}

/// A deposit of the caller's.
pub struct OwnDeposit {
    /// Its id.
    pub id: DepositId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Name of the programme.
    pub programme_name: String,
    /// What it holds.
    pub kind: FileKind,
    /// Where it stands.
    pub state: DepositState,
    /// Rows without the canaries.
    pub rows: u64,
    /// Rows of the party's file that its own program left out.
    pub rejects: u64,
    /// When its manifest came.
    pub opened_at: Moment,
    /// Last day on which it may be held.
    pub kept_until: String,
    /// Code of the refusal.
    pub refusal: Option<String>,
    /// Program and version that made it.
    pub tool: String,
    /// What was released from it: which months, when; never a figure.
    pub releases: Vec<ReleaseInfo>,
}

impl Certifier {
    /// The programmes in which the caller takes part; of an officer all.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn own_programmes(&self, caller: &Caller) -> Result<Vec<OwnProgramme>, ServiceError> {
        self.db.read("list programmes", |tx| {
            let all = tx.programme_ids()?;
            let own = all.iter().map(|id| programme_page(self, tx, caller, id));
            own.filter_map(Result::transpose).collect()
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn own_programme(
        &self,
        caller: &Caller,
        id: &ProgrammeId,
    ) -> Result<OwnProgramme, ServiceError> {
        let found = self.db.read("show programme", |tx| programme_page(self, tx, caller, id))?;
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// The caller's deposits, the newest first, without their releases.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn own_deposits(&self, caller: &Caller) -> Result<Vec<OwnDeposit>, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.db.read("show deposits", |tx| {
            let deposits = tx.deposits_of(&party)?;
            deposits.into_iter().map(|deposit| shown(tx, deposit, false)).collect()
        })
    }

    /// One of them, with what was released from it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn own_deposit_page(
        &self,
        caller: &Caller,
        id: &DepositId,
    ) -> Result<OwnDeposit, ServiceError> {
        let found = self.own_deposit(caller, id)?;
        self.db.read("show deposit", |tx| shown(tx, found, true))
    }

    /// Deletes a deposit of the caller's own at the next tick.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], those of the group `erasure`.
    pub fn delete_own_deposit(
        &self,
        caller: &Caller,
        id: &DepositId,
        reason: &str,
    ) -> Result<ErasureInfo, ServiceError> {
        self.own_deposit(caller, id)?;
        let order = NewErasure::Deposit { deposit: *id, reason: reason.to_owned() };
        self.order_erasure(caller, &order)
    }

    /// The fingerprint under which the company is enrolled for which somebody acts.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn company_fingerprint(
        &self,
        caller: &Caller,
    ) -> Result<Option<Fingerprint>, ServiceError> {
        let Some(party) = caller.party else { return Ok(None) };
        let found = self.db.read("read keys of company", |tx| tx.party(&party))?;
        Ok(found.map(|party| party.keys.fingerprint()))
    }

    /// The name of the company for which somebody acts.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn company_name(&self, caller: &Caller) -> Result<Option<String>, ServiceError> {
        let Some(party) = caller.party else { return Ok(None) };
        self.db.read("name company", |tx| Ok(tx.party(&party)?.map(|party| party.name)))
    }
}

fn programme_page(
    certifier: &Certifier,
    tx: &Tx<'_>,
    caller: &Caller,
    id: &ProgrammeId,
) -> Result<Option<OwnProgramme>, ServiceError> {
    let Some(found) = tx.programme(id)? else { return Ok(None) };
    let members = tx.members(id)?;
    let own = members.iter().find(|member| caller.party == Some(member.party));
    let (principal, partners) = (found.principal, own.map(|member| member.party));
    let of = Object::Programme { id, principal, partners: partners.as_slice() };
    if !certifier.authority.may(caller, Purpose::ReadProgramme, &of) {
        return Ok(None);
    }
    let principal = tx.party(&found.principal)?.ok_or(Refusal::NotFound)?.name;
    let approval = tx.approval(id, &found.programme.policy_digest())?;
    let declaration = match own {
        Some(member) => Some(
            tx.declaration(id, &member.party)?
                .unwrap_or_else(|| Declaration::silent(member.declared_size)),
        ),
        None => None,
    };
    Ok(Some(OwnProgramme {
        principal,
        partners: members.len(),
        approved: approval.map(|approval| approval.at),
        key: own.is_some_and(|member| member.key_wrapped),
        declaration,
        programme: found.programme,
    }))
}

fn shown(tx: &Tx<'_>, deposit: Deposit, whole: bool) -> Result<OwnDeposit, ServiceError> {
    let programme = tx.programme(&deposit.programme)?.ok_or(Refusal::NotFound)?.programme;
    let releases = if whole { released_from(tx, &deposit)? } else { Vec::new() };
    let manifest = &deposit.manifest.manifest;
    let canaries = tiers_contact::canaries().len() as u64;
    Ok(OwnDeposit {
        id: deposit.id,
        programme: deposit.programme,
        programme_name: programme.name,
        kind: deposit.kind,
        state: deposit.state,
        rows: manifest.rows.saturating_sub(canaries),
        rejects: manifest.rejects,
        opened_at: deposit.opened_at,
        kept_until: deposit.kept_until.to_string(),
        refusal: deposit.refusal,
        tool: manifest.tool.clone(),
        releases,
    })
}

/// The releases whose certificates name the commitment of the deposit's receipt.
fn released_from(tx: &Tx<'_>, deposit: &Deposit) -> Result<Vec<ReleaseInfo>, ServiceError> {
    let Some(parts) = tx.receipt_parts(&deposit.id)? else { return Ok(Vec::new()) };
    let content = tiers_protocol::canonical::to_vec(&parts.receipt);
    let commitment = Bytes::new(tiers_protocol::tlog::commit(&parts.salt, &content));
    let mut found = Vec::new();
    for row in tx.releases(&deposit.programme)? {
        let Some(parts) = tx.certificate_parts(&row.id)? else { continue };
        if parts.certificate.deposits.iter().any(|one| one.commitment == commitment) {
            found.push(info(row, true));
        }
    }
    Ok(found)
}
