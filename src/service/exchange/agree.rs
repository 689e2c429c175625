//! Proposes an exchange, and takes what is said about it: acceptance by the other party, approval by a
//! signatory of each, advice, the end. Nobody's word stands for anybody else's: each is signed with the
//! key that the agreement names for it.

use tiers_protocol::exchange::view::{ExchangeInfo, ExchangeState};
use tiers_protocol::exchange::{Agreement, Saying, Side, SignedAct, SignedAgreement};
use tiers_protocol::ids::ExchangeId;
use tiers_protocol::tlog::EntryType;

use super::company;
use crate::limits;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::exchange::{Exchange, Said};

impl Certifier {
    /// Proposes an exchange. The same document sent again finds it where it stands.
    ///
    /// # Errors
    /// [`Refusal`]s of the groups `agreement` and `exchange`.
    pub fn propose_exchange(
        &self,
        caller: &Caller,
        signed: &SignedAgreement,
    ) -> Result<ExchangeInfo, ServiceError> {
        let party = company(caller)?;
        let agreement = &signed.agreement;
        self.db.write("propose exchange", |tx| {
            if agreement.proposer.party != party {
                return Err(ServiceError::from(Refusal::AgreementParties));
            }
            agreement.check().map_err(Refusal::from)?;
            for side in agreement.sides() {
                check_enrolled(tx, side)?;
            }
            if !signed.is_signed() {
                return Err(Refusal::ExchangeSignature.into());
            }
            if agreement.ends < self.now().date() {
                return Err(Refusal::ExchangeTerm.into());
            }
            if let Some(known) = tx.exchange(&agreement.exchange)? {
                let same = known.document == *signed;
                return if same { Ok(()) } else { Err(Refusal::ExchangeExists.into()) };
            }
            let id = agreement.exchange.to_string();
            let detail = serde_json::json!({ "agreement": agreement.digest() });
            let recorded = act::by(caller.actor, EntryType::ExchangeProposed, &id)
                .record(tx, self, &detail)?;
            tx.insert_exchange(&Exchange {
                document: signed.clone(),
                state: ExchangeState::Proposed,
                proposed_at: self.now(),
                handed_at: None,
                entry: recorded.index,
            })?;
            Ok(())
        })?;
        self.publish()?;
        self.exchange_info(caller, &agreement.exchange)
    }

    /// Takes what somebody says about an exchange.
    ///
    /// # Errors
    /// [`Refusal::ExchangeSignature`], [`Refusal::ExchangeState`], [`Refusal::ExchangeSaid`],
    /// [`Refusal::AgreementText`].
    pub fn say_of_exchange(
        &self,
        caller: &Caller,
        (id, said): (&ExchangeId, &SignedAct),
    ) -> Result<ExchangeInfo, ServiceError> {
        let party = company(caller)?;
        self.db.write("say of exchange", |tx| {
            let found = self.own_exchange(tx, caller, id)?;
            let agreement = &found.document.agreement;
            if said.act.exchange != *id || said.act.party != party || !said.holds(agreement) {
                return Err(ServiceError::from(Refusal::ExchangeSignature));
            }
            check_words(said)?;
            let next = self.next_state(tx, &found, said)?;
            let document = serde_json::json!({
                "agreement": said.act.agreement, "party": party, "says": said.act.says,
                "signature": said.signature,
            });
            let recorded = act::by(caller.actor, EntryType::ExchangeAct, &id.to_string())
                .record(tx, self, &document)?;
            let said = Said { document: said.clone(), at: self.now() };
            if !tx.insert_exchange_act(&said, recorded.index)? {
                return Err(Refusal::ExchangeSaid.into());
            }
            tx.put_exchange_state(id, next)?;
            Ok(())
        })?;
        self.publish()?;
        self.exchange_info(caller, id)
    }

    /// Where an exchange stands once this is said.
    fn next_state(
        &self,
        tx: &Tx<'_>,
        found: &Exchange,
        said: &SignedAct,
    ) -> Result<ExchangeState, ServiceError> {
        let agreement = &found.document.agreement;
        let others = other_side(agreement, said).party == agreement.proposer.party;
        match (found.state, said.act.says) {
            (ExchangeState::Proposed, Saying::Accept) if others => {
                if agreement.ends < self.now().date() {
                    return Err(Refusal::ExchangeTerm.into());
                }
                Ok(ExchangeState::Accepted)
            }
            (ExchangeState::Accepted, Saying::Approve) => {
                let other = other_side(agreement, said).party;
                let both = tx.exchange_acts(&agreement.exchange)?.iter().any(|earlier| {
                    let act = &earlier.document.act;
                    act.says == Saying::Approve && act.party == other
                });
                Ok(if both { ExchangeState::Approved } else { ExchangeState::Accepted })
            }
            (
                ExchangeState::Proposed | ExchangeState::Accepted | ExchangeState::Approved,
                Saying::End,
            ) => Ok(ExchangeState::Ended),
            (ExchangeState::Proposed | ExchangeState::Accepted, Saying::Advise) => Ok(found.state),
            _ => Err(Refusal::ExchangeState.into()),
        }
    }
}

fn other_side<'a>(agreement: &'a Agreement, said: &SignedAct) -> &'a Side {
    agreement.side_of(&said.act.party).map_or(&agreement.proposer, |(_, other)| other)
}

/// Advice and the end have words, nothing else has.
fn check_words(said: &SignedAct) -> Result<(), Refusal> {
    let length = said.act.words.trim().chars().count();
    let fits = match said.act.says {
        Saying::Advise | Saying::End => (1..=limits::REASON_CHARS).contains(&length),
        Saying::Accept | Saying::Approve => said.act.words.is_empty(),
    };
    if fits { Ok(()) } else { Err(Refusal::AgreementText) }
}

/// Keys and SIREN are those that the certifier enrolled, after their fingerprint was confirmed.
fn check_enrolled(tx: &Tx<'_>, side: &Side) -> Result<(), ServiceError> {
    let known = tx.party(&side.party)?.ok_or(Refusal::ExchangeKeys)?;
    let same = known.keys == side.keys && known.siren == side.siren.to_string();
    if same { Ok(()) } else { Err(Refusal::ExchangeKeys.into()) }
}
