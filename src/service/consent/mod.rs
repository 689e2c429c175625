//! Consent at work: forms are published, events and oppositions recorded with their evidence, histories
//! read, decisions taken, collectors suspended. What may pass is decided in `crate::consent`; what
//! stands beside a token at rest is sealed here under the keys of the rights vault.

mod batch;
mod collection;
mod ends;
mod form;
mod object;
mod people;
mod prepared;
mod proof;
mod read;
mod record;
mod submission;
mod supplier;
mod withdraw;

use tiers_contact::{Kind, Token, labels};
use tiers_protocol::consent::Siren;
use tiers_protocol::ids::{OppositionId, RecordId};
use tiers_protocol::wire::PersonToken;

use super::{Certifier, Refusal, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::limits;
use crate::store::consent::PLACES;
use crate::store::credential::Caller;
use crate::store::party::Party;
use crate::store::{StoreError, Tx};

pub use people::{People, Person};
pub use read::{rules, told};
pub(super) use withdraw::sources;

/// Kinds of which a rights key makes tokens.
pub const RIGHTS_KINDS: [Kind; 3] = [Kind::Email, Kind::Mobile, Kind::Landline];

impl Certifier {
    /// The tokens at rest of a person; e-mail and telephones only, at most one of each.
    pub(in crate::service) fn person(
        &self,
        tokens: &[PersonToken],
    ) -> Result<Vec<VaultToken>, Refusal> {
        let mut kinds: Vec<Kind> = tokens.iter().map(|token| token.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let known = kinds.iter().all(|kind| RIGHTS_KINDS.contains(kind));
        if tokens.is_empty() || kinds.len() != tokens.len() || !known {
            return Err(Refusal::BadRightsTokens);
        }
        let chain = self.keyring.rights.chain();
        let rekey = |one: &PersonToken| chain.rekey(&Token::from_bytes(*one.token.as_bytes()));
        Ok(tokens.iter().map(rekey).collect())
    }

    /// The id of the record that an event made.
    fn record_id(&self, number: u64) -> RecordId {
        RecordId::from_bytes(self.id_of(labels::CONSENT_PREFIX, number))
    }

    /// The id of an opposition.
    fn opposition_id(&self, number: u64) -> OppositionId {
        OppositionId::from_bytes(self.id_of(labels::OPPOSITION_PREFIX, number))
    }

    fn id_of(&self, label: &str, number: u64) -> [u8; 16] {
        id_at(&self.prefix(label, number / PLACES), number % PLACES)
    }

    /// How the ids of a batch begin.
    fn prefix(&self, label: &str, batch: u64) -> [u8; 12] {
        let whole = self.keyring.rights.digest(label, &batch.to_be_bytes());
        let mut prefix = [0; 12];
        prefix.copy_from_slice(&whole[..12]);
        prefix
    }
}

/// The id of what stands at a place of a batch.
fn id_at(prefix: &[u8; 12], place: u64) -> [u8; 16] {
    let place = u32::try_from(place).expect("a place is below 2^20");
    let mut id = [0; 16];
    id[..12].copy_from_slice(prefix);
    id[12..].copy_from_slice(&place.to_be_bytes());
    id
}

/// The company that calls, and its number.
pub(in crate::service) fn company(
    tx: &Tx<'_>,
    caller: &Caller,
) -> Result<(Party, Siren), ServiceError> {
    let id = caller.party.ok_or(Refusal::Forbidden)?;
    let party = tx.party(&id)?.ok_or(Refusal::Forbidden)?;
    let siren = party.siren.parse().map_err(|_| StoreError::Corrupt { column: "party.siren" })?;
    Ok((party, siren))
}

/// A reason that somebody gives.
fn reason(text: &str) -> Result<&str, Refusal> {
    let text = text.trim();
    let fits = (1..=limits::REASON_CHARS).contains(&text.chars().count());
    if fits { Ok(text) } else { Err(Refusal::BadReason) }
}
