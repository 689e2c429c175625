//! Invites a person of the caller's own side, takes the passkey of one who was invited, and revokes.

use tiers_contact::labels;
use tiers_protocol::ids::ActorId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Invitation, NewInvitation, PersonInfo};
use zeroize::Zeroizing;

use super::super::{Certifier, Refusal, ServiceError, act};
use super::hash;
use super::sign_in::SignedIn;
use crate::crypto::passkey::{Passkey, Passkeys};
use crate::limits;
use crate::service::authority::{Object, Purpose};
use crate::store::Tx;
use crate::store::credential::{ApiKeyHash, Caller};
use crate::store::person::{Person, SecretHash};
use crate::time::Moment;

/// Where an invitation leads to, before its secret.
const PATH: &str = "/invitation/";

impl Certifier {
    /// Invites somebody to do what the caller may do, for the same company; or, with `again`, invites a
    /// person of that side anew, whose passkeys and sessions end when the new invitation is taken.
    ///
    /// # Errors
    /// [`Refusal::BadName`], [`Refusal::NotFound`], [`Refusal::TooManyPeople`].
    pub fn invite(&self, caller: &Caller, new: &NewInvitation) -> Result<Invitation, ServiceError> {
        let name = new.name.trim();
        if !(1..=limits::NAME_CHARS).contains(&name.chars().count())
            || name.chars().any(char::is_control)
        {
            return Err(Refusal::BadName.into());
        }
        let now = self.now();
        let expires = Moment::from_seconds(now.seconds() + limits::INVITATION_SECONDS)
            .ok_or(Refusal::BadName)?;
        let secret = self.secret();
        let person = self.db.write("invite", |tx| {
            let person = match new.again {
                Some(actor) => self.own_person(tx, caller, &actor)?.caller.actor,
                None => self.new_person(tx, caller, name, now)?,
            };
            let digest = hash(labels::INVITATION_HASH, &secret);
            tx.insert_invitation(&digest, &person, &caller.actor, expires)?;
            let detail = serde_json::json!({
                "role": caller.role, "party": caller.party, "portal": "invited",
            });
            act::by(caller.actor, EntryType::KeyIssued, &person.to_string())
                .record(tx, self, &detail)?;
            Ok::<_, ServiceError>(person)
        })?;
        self.publish()?;
        let path = Zeroizing::new(format!("{PATH}{}", secret.as_str()));
        Ok(Invitation { actor: person, path: path.to_string(), expires_at: expires.to_string() })
    }

    fn new_person(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        name: &str,
        now: Moment,
    ) -> Result<ActorId, ServiceError> {
        if tx.people(caller)?.len() >= limits::PARTY_PEOPLE {
            return Err(Refusal::TooManyPeople.into());
        }
        let actor = ActorId::random(&mut self.random());
        // Nobody knows what this is the digest of: a person has no API key.
        let hash = ApiKeyHash(self.bytes());
        tx.insert_credential(&Caller { actor, ..*caller }, &hash, now)?;
        tx.insert_person(&actor, name, &self.bytes(), now)?;
        Ok(actor)
    }

    /// Whom a link invites.
    ///
    /// # Errors
    /// [`Refusal::Invitation`].
    pub fn invited(&self, secret: &str) -> Result<Person, ServiceError> {
        let found = self.db.read("read invitation", |tx| {
            tx.invited(&invitation(secret), self.now()).map_err(ServiceError::from)
        })?;
        found.ok_or_else(|| Refusal::Invitation.into())
    }

    /// Begins the making of a passkey for whom a link invites.
    ///
    /// # Errors
    /// [`Refusal::Invitation`], [`Refusal::Passkey`].
    pub fn begin_passkey(&self, secret: &str, keys: &Passkeys) -> Result<String, ServiceError> {
        let person = self.invited(secret)?;
        let random = &mut self.random();
        let begun = keys.begin_registration(person.handle, &person.name, self.now(), random);
        Ok(begun.map_err(Refusal::from)?)
    }

    /// Takes the passkey of whom a link invites, and signs the person in. The link is used up.
    ///
    /// # Errors
    /// [`Refusal::Invitation`], [`Refusal::Passkey`].
    pub fn accept_invitation(
        &self,
        secret: &str,
        answer: &[u8],
        keys: &Passkeys,
    ) -> Result<SignedIn, ServiceError> {
        let person = self.invited(secret)?;
        let now = self.now();
        let made = keys.finish_registration(answer, person.handle, now).map_err(Refusal::from)?;
        let signed_in = self.db.write("accept invitation", |tx| {
            if !tx.use_invitation(&invitation(secret), now)? {
                return Err(ServiceError::from(Refusal::Invitation));
            }
            self.take_passkey(tx, &person, &made, now)?;
            self.begin_session(tx, &person, now, "passkey")
        })?;
        self.publish()?;
        Ok(signed_in)
    }

    /// A person has the passkeys of its newest invitation only: what was lost opens nothing.
    fn take_passkey(
        &self,
        tx: &Tx<'_>,
        person: &Person,
        made: &Passkey,
        now: Moment,
    ) -> Result<(), ServiceError> {
        let actor = person.caller.actor;
        tx.delete_passkeys(&actor)?;
        tx.delete_sessions(&actor)?;
        if !tx.insert_passkey(&actor, made, now)? {
            return Err(Refusal::Passkey.into());
        }
        let detail = serde_json::json!({
            "role": person.caller.role, "party": person.caller.party, "portal": "passkey",
        });
        act::by(actor, EntryType::KeyIssued, &actor.to_string()).record(tx, self, &detail).map(drop)
    }

    /// Signs in whom a link invites, without a passkey and without using the link up. For
    /// demonstrations on loopback: the edge offers it nowhere else.
    ///
    /// # Errors
    /// [`Refusal::Invitation`].
    pub fn sign_in_by_link(&self, secret: &str) -> Result<SignedIn, ServiceError> {
        let person = self.invited(secret)?;
        let now = self.now();
        self.db.write("sign in by link", |tx| self.begin_session(tx, &person, now, "link"))
    }

    /// The people of the caller's side, with their last sign-ins.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn people(&self, caller: &Caller) -> Result<Vec<PersonInfo>, ServiceError> {
        self.db.read("list people", |tx| {
            let people = tx.people(caller)?.into_iter().map(|person| {
                let last = tx.sign_ins(&person.caller.actor, 1)?;
                Ok(PersonInfo {
                    actor: person.caller.actor,
                    name: person.name,
                    invited_at: person.created_at.to_string(),
                    last_sign_in: last.first().map(|one| one.at.to_string()),
                    passkeys: person.passkeys,
                    revoked: person.revoked,
                })
            });
            people.collect()
        })
    }

    /// Lets a person of the caller's side in no more; the keys of that side that the person knew have to be
    /// changed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn revoke_person(
        &self,
        caller: &Caller,
        actor: &ActorId,
        knew_keys: bool,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        self.db.write("revoke person", |tx| {
            self.own_person(tx, caller, actor)?;
            tx.revoke_credential(actor, now)?;
            tx.delete_sessions(actor)?;
            tx.delete_passkeys(actor)?;
            let detail = serde_json::json!({ "portal": "revoked" });
            act::by(caller.actor, EntryType::KeyRevoked, &actor.to_string())
                .record(tx, self, &detail)?;
            if knew_keys { self.flag_side(tx, caller) } else { Ok(()) }
        })?;
        self.publish()
    }
}

fn invitation(secret: &str) -> SecretHash {
    hash(labels::INVITATION_HASH, secret)
}

impl Certifier {
    /// A person of the caller's own side who is not revoked.
    fn own_person(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        actor: &ActorId,
    ) -> Result<Person, ServiceError> {
        let found = tx.person(actor)?.filter(|person| !person.revoked).ok_or(Refusal::NotFound)?;
        let of = found.caller;
        let person = Object::Person(actor, of.role, of.party);
        self.require(caller, Purpose::OwnPeople, &person)?;
        Ok(found)
    }
}
