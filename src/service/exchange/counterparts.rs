//! With whom a company may exchange, as far as the certifier may tell it: companies that it knows already. A dealer
//! knows the principals of its programmes, a principal its partners, and both whoever stands in an exchange of
//! theirs. Anybody else's public keys come from that company itself.

use tiers_protocol::exchange::view::{ActInfo, ExchangeView};
use tiers_protocol::exchange::{Saying, Side};
use tiers_protocol::ids::PartyId;
use tiers_protocol::wire::Role;

use super::company;
use crate::service::{Certifier, Refusal, ServiceError};
use crate::store::credential::Caller;
use crate::store::party::Party;

/// A company that wants to propose an exchange, and whom it knows.
pub struct Counterparts {
    /// The company itself.
    pub own: Party,
    /// What the last agreement says of it that it wrote or accepted itself.
    pub own_side: Option<Side>,
    /// The others, each with what the last agreement says of it that it wrote or accepted itself.
    pub others: Vec<(Party, Option<Side>)>,
}

impl Certifier {
    /// The caller's company and those that it knows.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] without a company.
    pub fn counterparts(&self, caller: &Caller) -> Result<Counterparts, ServiceError> {
        let party = company(caller)?;
        let exchanges = self.exchanges(caller)?;
        let views = exchanges.iter().map(|one| self.exchange(caller, &one.exchange));
        let views: Vec<ExchangeView> = views.collect::<Result<_, _>>()?;
        // The newest first, whatever order they came in.
        let mut agreements: Vec<_> = views.iter().collect();
        agreements.sort_by(|a, b| b.info.proposed_at.cmp(&a.info.proposed_at));
        let whom = |view: &&ExchangeView| Some(view.agreement.agreement.side_of(&party)?.1.party);
        let met: Vec<PartyId> = agreements.iter().filter_map(whom).collect();
        self.db.read("counterparts", |tx| {
            let own = tx.party(&party)?.ok_or(Refusal::NotFound)?;
            let mut known = Vec::new();
            for id in tx.programme_ids()? {
                let Some(programme) = tx.programme(&id)? else { continue };
                let members = tx.members(&id)?;
                if caller.role == Role::Principal && programme.principal == party {
                    known.extend(members.iter().map(|member| member.party));
                } else if members.iter().any(|member| member.party == party) {
                    known.push(programme.principal);
                }
            }
            known.extend(&met);
            known.sort_unstable();
            known.dedup();
            let mut others = Vec::new();
            for id in known.iter().filter(|id| **id != party) {
                let Some(other) = tx.party(id)? else { continue };
                others.push((other, said_itself(&agreements, id)));
            }
            others.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
            Ok(Counterparts { own, own_side: said_itself(&agreements, &party), others })
        })
    }
}

/// The side of a company in the newest agreement that it proposed or accepted, both under its own enrolled key. What
/// somebody else wrote of it, with keys of signatory and officer, is nobody's word but the writer's.
fn said_itself(agreements: &[&ExchangeView], party: &PartyId) -> Option<Side> {
    let own_word = |view: &&&ExchangeView| {
        let accepts = |act: &ActInfo| act.party == *party && act.says == Saying::Accept;
        view.agreement.agreement.proposer.party == *party || view.info.acts.iter().any(accepts)
    };
    let view = agreements.iter().find(own_word)?;
    Some(view.agreement.agreement.side_of(party)?.0.clone())
}
