//! Registers a programme with its canaries, adds partners to it, and shows it to those who take part.

use std::collections::{BTreeMap, BTreeSet};

use tiers_contact::{Kind, Token};
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::programme::Programme;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{AddPartner, Declaration, ProgrammePartner, RegisterProgramme, Role};

use super::authority::{Object, Purpose};
use super::{Certifier, Refusal, ServiceError, act};
use crate::crypto::chain::VaultChain;
use crate::limits;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::programme::{Canary, Registered};

impl Certifier {
    /// Registers a programme; the answer is its document with the certifier's keys pinned.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `programme`.
    pub fn register_programme(
        &self,
        caller: &Caller,
        request: &RegisterProgramme,
    ) -> Result<Programme, ServiceError> {
        let principal = caller.party.ok_or(Refusal::Forbidden)?;
        let mut programme = request.programme.clone();
        self.check_programme(&programme)?;
        programme.certifier = Some(self.trust());
        self.db.write("register programme", |tx| {
            let canaries = canaries(request, self.chain(tx)?)?;
            if tx.programme(&programme.id)?.is_some() {
                return Err(ServiceError::from(Refusal::ProgrammeExists));
            }
            tx.insert_programme(&programme, &principal, &canaries, self.now())?;
            let id = programme.id.to_string();
            act::by(caller.actor, EntryType::ProgrammeRegistered, &id)
                .record(tx, self, &programme)
                .map(drop)
        })?;
        self.publish()?;
        Ok(programme)
    }

    fn check_programme(&self, programme: &Programme) -> Result<(), Refusal> {
        programme.validate().map_err(|_| Refusal::BadProgramme)?;
        if programme.key_id.is_none() {
            return Err(Refusal::NoKey);
        }
        let today = self.now().date();
        let latest = today.checked_add(jiff::Span::new().months(12));
        let in_time =
            programme.epoch_ends >= today && latest.is_ok_and(|last| programme.epoch_ends <= last);
        if in_time && programme.epoch > 0 { Ok(()) } else { Err(Refusal::BadProgramme) }
    }

    /// A programme, for those who take part and for officers.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn programme(&self, caller: &Caller, id: &ProgrammeId) -> Result<Programme, ServiceError> {
        if caller.role != Role::Officer {
            return self
                .db
                .read("show programme", |tx| Ok(self.visible(tx, caller, id)?.programme));
        }
        // Whatever an officer reads is an act.
        self.db.write("show programme to an officer", |tx| {
            let found = self.visible(tx, caller, id)?;
            let detail = serde_json::json!({ "programme": id });
            act::by(caller.actor, EntryType::OfficerViewed, &id.to_string())
                .record(tx, self, &detail)?;
            Ok(found.programme)
        })
    }

    /// Adds an enrolled partner.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `programme`.
    pub fn add_partner(
        &self,
        caller: &Caller,
        id: &ProgrammeId,
        request: &AddPartner,
    ) -> Result<(), ServiceError> {
        self.db.write("add partner", |tx| {
            self.owned(tx, caller, id)?;
            let partner = tx.party(&request.party)?.filter(|party| party.role == Role::Partner);
            let partner = partner.ok_or(Refusal::NotAPartner)?;
            let members = tx.members(id)?;
            if members.len() >= usize::try_from(limits::PARTNERS).unwrap_or(usize::MAX) {
                return Err(ServiceError::from(Refusal::TooManyPartners));
            }
            tx.put_member(id, &partner.id, request.declared_size, self.now())?;
            let detail = serde_json::json!({
                "party": partner.id, "declared_size": request.declared_size,
            });
            act::by(caller.actor, EntryType::ProgrammePartnerAdded, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })
    }

    /// The partners of a programme, for its principal.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn partners(
        &self,
        caller: &Caller,
        id: &ProgrammeId,
    ) -> Result<Vec<ProgrammePartner>, ServiceError> {
        self.db.read("list partners", |tx| {
            self.owned(tx, caller, id)?;
            let mut partners = Vec::new();
            for member in tx.members(id)? {
                let party = tx.party(&member.party)?.ok_or(Refusal::NotFound)?;
                let declared = tx.declaration(id, &party.id)?;
                partners.push(ProgrammePartner {
                    declaration: declared
                        .unwrap_or_else(|| Declaration::silent(member.declared_size)),
                    party: party.id,
                    name: party.name,
                    siren: party.siren,
                    declared_size: member.declared_size,
                    keys: party.keys,
                    key_wrapped: member.key_wrapped,
                });
            }
            Ok(partners)
        })
    }
}

/// Checks that every kind of the policy has every canary, and re-keys them.
fn canaries(request: &RegisterProgramme, chain: &VaultChain) -> Result<Vec<Canary>, Refusal> {
    let kinds = || request.programme.policy.kinds();
    let expected: BTreeMap<(u32, Kind), usize> = (0..)
        .zip(tiers_contact::canaries())
        .flat_map(|(canary, _)| kinds().map(move |k| ((canary, k), k.tokens_per_row())))
        .collect();
    let mut found: BTreeMap<(u32, Kind), usize> = BTreeMap::new();
    let mut tokens = BTreeSet::new();
    for canary in &request.canaries {
        *found.entry((canary.canary, canary.kind)).or_default() += 1;
        tokens.insert((canary.canary, canary.kind, canary.token.to_string()));
    }
    if found != expected || tokens.len() != request.canaries.len() {
        return Err(Refusal::BadCanaries);
    }
    request
        .canaries
        .iter()
        .map(|canary| {
            let token =
                Token::from_base64url(canary.token.to_string()).ok_or(Refusal::BadCanaries)?;
            let token = chain.rekey(&token);
            Ok(Canary { position: canary.canary, kind: canary.kind, token })
        })
        .collect()
}

impl Certifier {
    /// A programme of which the caller is the principal; of others nothing is said.
    pub(super) fn owned(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &ProgrammeId,
    ) -> Result<Registered, ServiceError> {
        self.programme_for(tx, caller, (id, Purpose::DirectProgramme))
    }

    /// A programme in which the caller takes part, or which an officer looks at.
    pub(super) fn visible(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: &ProgrammeId,
    ) -> Result<Registered, ServiceError> {
        self.programme_for(tx, caller, (id, Purpose::ReadProgramme))
    }

    /// A programme to which the caller may do what serves a purpose.
    pub(super) fn programme_for(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (id, purpose): (&ProgrammeId, Purpose),
    ) -> Result<Registered, ServiceError> {
        let found = tx.programme(id)?.ok_or(Refusal::NotFound)?;
        if self.may_in(tx, caller, (&found, purpose))? {
            Ok(found)
        } else {
            Err(Refusal::NotFound.into())
        }
    }

    /// Whether the caller may do to a programme what serves a purpose.
    pub(super) fn may_in(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (found, purpose): (&Registered, Purpose),
    ) -> Result<bool, ServiceError> {
        let (id, principal) = (&found.programme.id, found.principal);
        let own = match caller.party {
            Some(party) => tx.is_member(id, &party)?.then_some(party),
            None => None,
        };
        let of = Object::Programme { id, principal, partners: own.as_slice() };
        Ok(self.authority.may(caller, purpose, &of))
    }
}
