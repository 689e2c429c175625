//! Does what a request asks for, in the transaction of the request itself; erasures in programmes are
//! ordered behind it and wait for their tick.

use std::collections::BTreeMap;

use tiers_protocol::consent::Siren;
use tiers_protocol::ids::RequestId;
use tiers_protocol::request::{ProgrammeTokens, RequestKind};
use tiers_protocol::wire::{NewErasure, Role};

use super::super::{Certifier, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::store::Tx;
use crate::store::consent::StoredForm;
use crate::store::credential::Caller;
use crate::time::Moment;

impl Certifier {
    /// What was done, in stable words.
    pub(super) fn carry_out(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (kind, received): (RequestKind, Moment),
        person: &[VaultToken],
    ) -> Result<Vec<&'static str>, ServiceError> {
        if person.is_empty() || leaves_all(kind) {
            return Ok(Vec::new());
        }
        let mut done = Vec::new();
        let forms = chains(tx, caller, person)?;
        let word = match kind {
            RequestKind::Erasure => "person.erased",
            RequestKind::Objection => "person.objected",
            RequestKind::Restriction => "person.restricted",
            RequestKind::Lift => "person.lifted",
            RequestKind::Access | RequestKind::Rectification | RequestKind::Portability => {
                return Ok(done);
            }
        };
        // Art. 19: every recipient is told, by the ids of the records it received.
        for form in &forms {
            self.tell_ended(tx, word, form, person, None)?;
        }
        match kind {
            RequestKind::Erasure => {
                for form in &forms {
                    self.erase_choice(tx, (form.number, &form.id.to_string()), person)?;
                }
                for token in person {
                    tx.forget_facts(token, own(tx, caller)?)?;
                }
                done.push("consents.erased");
            }
            RequestKind::Objection => {
                self.object_everywhere(tx, caller, person, received)?;
                done.push("opposition.recorded");
            }
            _ => {
                let restricted = kind == RequestKind::Restriction;
                for token in person {
                    for siren in whom(tx, caller, &forms)? {
                        tx.restrict(token, siren, (restricted, self.now()))?;
                    }
                }
                done.push(if restricted { "restricted" } else { "lifted" });
            }
        }
        Ok(done)
    }

    /// Orders the erasure in programmes; only tokens of key kinds name a person there.
    pub(super) fn erase_in_programmes(
        &self,
        caller: &Caller,
        id: &RequestId,
        programmes: &[ProgrammeTokens],
    ) -> Result<Vec<String>, ServiceError> {
        let mut done = Vec::new();
        for asked in programmes {
            let tokens = asked.tokens.iter().filter(|token| token.kind.is_key());
            let order = NewErasure::Persons {
                programme: asked.programme,
                tokens: tokens.cloned().collect(),
                reason: format!("request {id}"),
            };
            done.push(self.order_erasure(caller, &order)?.erasure.to_string());
        }
        Ok(done)
    }
}

/// What changes nothing at the certifier. A company corrects its own file, and hands it in again.
const fn leaves_all(kind: RequestKind) -> bool {
    matches!(kind, RequestKind::Access | RequestKind::Rectification | RequestKind::Portability)
}

/// The forms on which a person has chosen: the caller's own, or all for an officer.
fn chains(
    tx: &Tx<'_>,
    caller: &Caller,
    person: &[VaultToken],
) -> Result<Vec<StoredForm>, ServiceError> {
    let mut rows = Vec::new();
    for token in person {
        tx.events_of(token, &mut rows)?;
    }
    let mut forms = BTreeMap::new();
    for form in tx.forms()? {
        let may = caller.role == Role::Officer || Some(form.party) == caller.party;
        if may && rows.iter().any(|row| row.form == form.number) {
            forms.insert(form.number, form);
        }
    }
    Ok(forms.into_values().collect())
}

/// The caller's number; nobody's for an officer.
fn own(tx: &Tx<'_>, caller: &Caller) -> Result<Option<Siren>, ServiceError> {
    match caller.party {
        Some(_) => super::super::consent::company(tx, caller).map(|(_, siren)| Some(siren)),
        None => Ok(None),
    }
}

/// Who is restricted: the caller, or for an officer every company of the person's chains.
fn whom(tx: &Tx<'_>, caller: &Caller, forms: &[StoredForm]) -> Result<Vec<Siren>, ServiceError> {
    if let Some(siren) = own(tx, caller)? {
        return Ok(vec![siren]);
    }
    let named = forms.iter().flat_map(|form| {
        form.form.controllers.iter().chain(&form.form.recipients).map(|party| party.id)
    });
    Ok(named.collect())
}
