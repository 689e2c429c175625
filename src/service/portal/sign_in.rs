//! Signs people in and out, and knows them by their cookie.

use subtle::ConstantTimeEq as _;
use tiers_contact::labels;
use tiers_protocol::encoding::encode;
use zeroize::Zeroizing;

use super::super::{Certifier, Refusal, ServiceError};
use super::hash;
use crate::crypto::passkey::{Answer, PasskeyError, Passkeys};
use crate::limits;
use crate::store::Tx;
use crate::store::person::{Person, SecretHash};
use crate::store::session::SignIn;
use crate::time::Moment;

/// The secret of a session's cookie.
pub struct SessionSecret(Zeroizing<String>);

impl SessionSecret {
    /// The secret text, for the cookie and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

/// Somebody has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The new session.
    pub secret: SessionSecret,
}

/// A session in use is written down this often at most.
const TOUCH_SECONDS: i64 = 60;

impl From<PasskeyError> for Refusal {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Busy => Self::Waiting,
            PasskeyError::Invalid | PasskeyError::Unasked | PasskeyError::Host => Self::Passkey,
        }
    }
}

fn session(secret: &str) -> SecretHash {
    hash(labels::SESSION_HASH, secret)
}

/// What a form or a script has to send with a session's cookie, so that no other site's page can act
/// for whoever is signed in. It follows from the cookie's secret, and not the other way.
#[must_use]
fn csrf(secret: &str) -> String {
    encode(&hash(labels::SESSION_CSRF, secret).0)
}

impl SignedIn {
    /// What forms of this session carry.
    #[must_use]
    pub fn csrf(&self) -> String {
        csrf(self.secret.expose())
    }

    /// Whether a form or a script of this session sent `text`.
    #[must_use]
    pub fn takes(&self, text: &[u8]) -> bool {
        self.csrf().as_bytes().ct_eq(text).into()
    }
}

impl Certifier {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// [`Refusal::Waiting`] when too many are under way.
    pub fn begin_sign_in(&self, keys: &Passkeys) -> Result<String, ServiceError> {
        Ok(keys.begin_sign_in(self.now(), &mut self.random()).map_err(Refusal::from)?)
    }

    /// Signs in whose passkey answered.
    ///
    /// # Errors
    /// [`Refusal::Passkey`].
    pub fn sign_in(&self, answer: &[u8], keys: &Passkeys) -> Result<SignedIn, ServiceError> {
        let answer = Answer::read(answer).map_err(Refusal::from)?;
        let now = self.now();
        self.db.write("sign in", |tx| {
            let (actor, known) = tx.passkey(answer.credential())?.ok_or(Refusal::Passkey)?;
            let person = tx.person(&actor)?.filter(|person| !person.revoked);
            let person = person.ok_or(Refusal::Passkey)?;
            let counter =
                keys.finish_sign_in(&answer, person.handle, &known, now).map_err(Refusal::from)?;
            tx.count_passkey(answer.credential(), counter)?;
            self.begin_session(tx, &person, now, "passkey")
        })
    }

    pub(super) fn begin_session(
        &self,
        tx: &Tx<'_>,
        person: &Person,
        now: Moment,
        how: &'static str,
    ) -> Result<SignedIn, ServiceError> {
        let secret = self.secret();
        let expires = Moment::from_seconds(now.seconds() + limits::SESSION_SECONDS);
        let expires = expires.ok_or(Refusal::Unauthenticated)?;
        tx.insert_session(&session(&secret), &person.caller.actor, now, expires)?;
        tx.insert_sign_in(&person.caller.actor, now, how)?;
        Ok(SignedIn { person: person.clone(), secret: SessionSecret(secret) })
    }

    /// Whose cookie this is.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] when the session is over.
    pub fn signed_in(&self, secret: &str) -> Result<SignedIn, ServiceError> {
        let now = self.now();
        let digest = session(secret);
        let found = self.db.read("read session", |tx| {
            tx.session(&digest, now, limits::SESSION_IDLE_SECONDS).map_err(ServiceError::from)
        })?;
        let (person, seen) = found.ok_or(Refusal::Unauthenticated)?;
        if now.seconds() - seen >= TOUCH_SECONDS {
            self.db.write("touch session", |tx| {
                tx.touch_session(&digest, now).map_err(ServiceError::from)
            })?;
        }
        let secret = SessionSecret(Zeroizing::new(secret.to_owned()));
        Ok(SignedIn { person, secret })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn sign_out(&self, secret: &str) -> Result<(), ServiceError> {
        self.db.write("sign out", |tx| Ok(tx.delete_session(&session(secret))?))
    }

    /// The last sign-ins of a person, the newest first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn sign_ins(&self, person: &Person) -> Result<Vec<SignIn>, ServiceError> {
        self.db.read("read sign-ins", |tx| Ok(tx.sign_ins(&person.caller.actor, 10)?))
    }
}
