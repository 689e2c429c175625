//! Enrols companies and officers, and gives each an API key that is shown once.

use ring::digest;
use tiers_contact::labels;
use tiers_protocol::encoding::encode;
use tiers_protocol::ids::{ActorId, PartyId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{ApiKey, Credentials, CredentialsFormat, NewParty, PartyInfo, Role};
use zeroize::Zeroizing;

use super::siren::is_siren;
use super::{Certifier, Refusal, ServiceError, act};
use crate::limits;
use crate::store::Tx;
use crate::store::credential::{ApiKeyHash, Caller};
use crate::store::party::Party;

/// What an API key begins with, so that people and scanners recognise one.
const KEY_PREFIX: &str = "tiers_key_";

/// The labelled digest under which a key is stored. A key has 256 random bits: a slow hash would add
/// nothing.
fn hash(key: &str) -> ApiKeyHash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(labels::API_KEY_HASH.as_bytes());
    context.update(&[0]);
    context.update(key.as_bytes());
    let digest = context.finish();
    ApiKeyHash(digest.as_ref().try_into().expect("SHA-256 yields 32 bytes"))
}

impl Certifier {
    /// Enrols a company; the answer holds its API key, which is never shown again.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `party`.
    pub fn enrol_party(
        &self,
        caller: &Caller,
        new: &NewParty,
    ) -> Result<Credentials, ServiceError> {
        check(new)?;
        let party = Party {
            id: PartyId::random(&mut self.random()),
            role: new.role,
            siren: new.siren.clone(),
            name: new.name.trim().to_owned(),
            group: new.group_siren.clone().unwrap_or_else(|| new.siren.clone()),
            keys: new.keys.clone(),
        };
        let credentials = self.db.write("enrol party", |tx| {
            if tx.is_key_enrolled(&party.keys.fingerprint())? {
                return Err(ServiceError::from(Refusal::KeysEnrolled));
            }
            tx.insert_party(&party, self.now())?;
            let detail = serde_json::json!({
                "role": party.role, "siren": party.siren, "name": party.name,
                "fingerprint": party.keys.fingerprint(),
            });
            act::by(caller.actor, EntryType::PartyEnrolled, &party.id.to_string())
                .record(tx, self, &detail)?;
            self.issue_key(tx, caller.actor, party.role, Some(party.id))
        })?;
        self.publish()?;
        Ok(credentials)
    }

    /// Enrols a compliance officer of the certifier.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn enrol_officer(&self, caller: &Caller) -> Result<Credentials, ServiceError> {
        let issued = self
            .db
            .write("enrol officer", |tx| self.issue_key(tx, caller.actor, Role::Officer, None))?;
        self.publish()?;
        Ok(issued)
    }

    /// The first credential of a new certifier, for whoever runs `tiers init`.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn enrol_operator(&self) -> Result<Credentials, ServiceError> {
        let issued = self.db.write("enrol operator", |tx| {
            let itself = ActorId::random(&mut self.random());
            self.issue_key(tx, itself, Role::Operator, None)
        })?;
        self.publish()?;
        Ok(issued)
    }

    pub(super) fn issue_key(
        &self,
        tx: &Tx<'_>,
        by: ActorId,
        role: Role,
        party: Option<PartyId>,
    ) -> Result<Credentials, ServiceError> {
        let secret = Zeroizing::new(self.bytes::<32>());
        let key = ApiKey::new(format!("{KEY_PREFIX}{}", encode(secret.as_ref())));
        let actor = ActorId::random(&mut self.random());
        tx.insert_credential(&Caller { actor, role, party }, &hash(key.expose()), self.now())?;
        let detail = serde_json::json!({ "role": role, "party": party });
        act::by(by, EntryType::KeyIssued, &actor.to_string()).record(tx, self, &detail)?;
        Ok(Credentials { format: CredentialsFormat::V1, actor, role, party, api_key: key })
    }

    /// Who shows this key, and whether the key has to be changed before it opens anything else.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`].
    pub fn authenticate(&self, key: &str) -> Result<(Caller, bool), ServiceError> {
        self.db.read("authenticate", |tx| {
            let caller = tx.caller(&hash(key))?.ok_or(Refusal::Unauthenticated)?;
            Ok((caller, tx.has_to_change(&caller.actor)?))
        })
    }

    /// All parties, for the operator.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn parties(&self) -> Result<Vec<PartyInfo>, ServiceError> {
        let parties = self.db.read("list parties", |tx| Ok::<_, ServiceError>(tx.parties()?))?;
        let info = |party: Party| PartyInfo {
            party: party.id,
            role: party.role,
            fingerprint: party.keys.fingerprint().to_string(),
            name: party.name,
            siren: party.siren,
        };
        Ok(parties.into_iter().map(info).collect())
    }
}

fn check(new: &NewParty) -> Result<(), Refusal> {
    if !matches!(new.role, Role::Partner | Role::Principal) {
        return Err(Refusal::BadRole);
    }
    if !is_siren(&new.siren) || new.group_siren.as_deref().is_some_and(|group| !is_siren(group)) {
        return Err(Refusal::BadSiren);
    }
    if !(1..=limits::NAME_CHARS).contains(&new.name.trim().chars().count()) {
        return Err(Refusal::BadName);
    }
    if new.keys.signing.is_valid() { Ok(()) } else { Err(Refusal::BadKeys) }
}
