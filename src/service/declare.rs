//! A partner says what it is and what it agrees to: its size and region, to stand by its name, to exact
//! totals. Nobody says it for it, and it may take it back at any time.

use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::Declaration;

use super::authority::Purpose;
use super::{Certifier, Refusal, ServiceError, act};
use crate::store::Tx;
use crate::store::credential::Caller;

impl Certifier {
    /// Takes a partner's declaration. One that says what the last one said changes nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::BadDeclaration`].
    pub fn declare(
        &self,
        caller: &Caller,
        id: &ProgrammeId,
        declared: &Declaration,
    ) -> Result<(), ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.db.write("declare", |tx| {
            let found = self.programme_for(tx, caller, (id, Purpose::TakePart))?;
            let mut areas = found.programme.policy.areas().iter();
            if !declared.region.is_empty() && !areas.any(|area| area.name == declared.region) {
                return Err(Refusal::BadDeclaration.into());
            }
            check_compared(tx, id, &party, declared)?;
            if tx.declaration(id, &party)?.as_ref() == Some(declared) {
                return Ok(());
            }
            tx.add_declaration(id, &party, declared, self.now())?;
            let detail = serde_json::json!({
                "programme": id, "party": party, "declaration": declared,
            });
            act::by(caller.actor, EntryType::PartnerDeclared, &id.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })?;
        self.publish()
    }

    /// The calling partner's own declaration, as it stands.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn declaration(
        &self,
        caller: &Caller,
        id: &ProgrammeId,
    ) -> Result<Declaration, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.db.read("read declaration", |tx| {
            self.programme_for(tx, caller, (id, Purpose::TakePart))?;
            let members = tx.members(id)?;
            let member = members.into_iter().find(|member| member.party == party);
            let member = member.ok_or(Refusal::NotFound)?;
            let declared = tx.declaration(id, &party)?;
            Ok(declared.unwrap_or_else(|| Declaration::silent(member.declared_size)))
        })
    }
}

/// Other partners of the programme, each once. Who is none is not told apart from who does not exist.
fn check_compared(
    tx: &Tx<'_>,
    programme: &ProgrammeId,
    own: &PartyId,
    declared: &Declaration,
) -> Result<(), ServiceError> {
    let mut others = declared.compared_with.clone();
    others.sort_unstable();
    others.dedup();
    if others.len() != declared.compared_with.len() || others.contains(own) {
        return Err(Refusal::BadDeclaration.into());
    }
    for other in &others {
        if !tx.is_member(programme, other)? {
            return Err(Refusal::BadDeclaration.into());
        }
    }
    Ok(())
}
