//! Relays the programme key, wrapped to each partner: ciphertext that the certifier cannot open.

use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::WrappedKey;

use super::{Certifier, Refusal, ServiceError, act};
use crate::store::credential::Caller;

/// Encapsulated key (32), the key itself (32) and the tag (16).
const WRAPPED_BYTES: usize = 80;

impl Certifier {
    /// Keeps a wrapped key for a partner.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `programme`.
    pub fn put_wrapped_key(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        party: &PartyId,
        key: &WrappedKey,
    ) -> Result<(), ServiceError> {
        let wrapped = decode(&key.wrapped).filter(|bytes| bytes.len() == WRAPPED_BYTES);
        let wrapped = wrapped.ok_or(Refusal::BadWrappedKey)?;
        self.db.write("keep wrapped key", |tx| {
            self.owned(tx, caller, programme)?;
            if !tx.is_member(programme, party)? {
                return Err(ServiceError::from(Refusal::NotAPartner));
            }
            tx.put_wrapped_key(programme, party, &wrapped)?;
            let detail = serde_json::json!({ "programme": programme, "party": party });
            act::by(caller.actor, EntryType::KeyWrapped, &programme.to_string())
                .record(tx, self, &detail)
                .map(drop)
        })
    }

    /// The wrapped key that waits for the calling partner.
    ///
    /// # Errors
    /// [`Refusal::NoWrappedKey`].
    pub fn wrapped_key(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<WrappedKey, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let found = self.db.read("read wrapped key", |tx| tx.wrapped_key(programme, &party))?;
        let wrapped = found.ok_or(Refusal::NoWrappedKey)?;
        Ok(WrappedKey { wrapped: encode(&wrapped) })
    }
}
