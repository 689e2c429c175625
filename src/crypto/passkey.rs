//! Passkeys: the relying party's side of WebAuthn, for one origin. Not who owns a passkey, nor what they
//! may do; that is `service::portal`.
//!
//! The ceremonies are `webauthn_rp`'s, which draws its challenges and times them itself (see
//! `docs/decisions/0035-portals.md`). Ceremonies under way lie in memory: a restart ends them, and the
//! browser asks again. User verification is required, so that a passkey is two factors: the device, and
//! what unlocks it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{
    AsciiDomain, FixedCapHashSet, InsertResult, PublicKeyCredentialDescriptor, RpId,
};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

/// Bytes of a user handle.
const HANDLE: usize = 16;

/// Ceremonies of one kind under way; they are over after five minutes. Beyond it the oldest expired make
/// room, and nobody else is let in.
const CEREMONIES: usize = 1_024;

type OwnedKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Why an answer of an authenticator is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// It cannot be read, or does not hold.
    #[error("the answer of the authenticator does not hold")]
    Invalid,
    /// Nobody asked, or too long ago.
    #[error("nobody asked for this answer, or too long ago")]
    Unasked,
    /// Too many ceremonies are under way.
    #[error("too many people sign in at once")]
    Busy,
    /// The name of the certifier's host cannot have passkeys.
    #[error("passkeys need a host name")]
    Host,
}

/// A new passkey.
pub struct NewPasskey {
    /// The id that the authenticator gave it.
    pub credential: Vec<u8>,
    /// Its public key, encoded.
    pub fixed: Vec<u8>,
    /// What changes with its use.
    pub moving: [u8; 7],
}

/// An answer to a sign-in, of which nothing is known to hold yet.
pub struct Answer(DiscoverableAuthentication<HANDLE>);

impl Answer {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// [`PasskeyError::Invalid`].
    pub fn read(json: &[u8]) -> Result<Self, PasskeyError> {
        DiscoverableAuthentication::from_json_relaxed(json)
            .map(Self)
            .map_err(|_| PasskeyError::Invalid)
    }

    /// Which passkey it says it is of.
    #[must_use]
    pub fn credential(&self) -> Vec<u8> {
        self.0.raw_id().into_inner().to_vec()
    }
}

/// The ceremonies of one origin.
pub struct Passkeys {
    rp: RpId,
    origin: String,
    registrations: Mutex<FixedCapHashSet<RegistrationServerState<HANDLE>>>,
    sign_ins: Mutex<FixedCapHashSet<DiscoverableAuthenticationServerState>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Passkeys {
    /// For pages of `origin` (`https://certifier.example`), whose host is `host`.
    ///
    /// # Errors
    /// [`PasskeyError::Host`] when `host` is an address: browsers make passkeys for names only.
    pub fn new(origin: &str, host: &str) -> Result<Self, PasskeyError> {
        let domain = AsciiDomain::try_from(host.to_owned()).map_err(|_| PasskeyError::Host)?;
        Ok(Self {
            rp: RpId::Domain(domain),
            origin: origin.to_owned(),
            registrations: Mutex::new(FixedCapHashSet::new(CEREMONIES)),
            sign_ins: Mutex::new(FixedCapHashSet::new(CEREMONIES)),
        })
    }

    /// Begins the making of a passkey; the answer is what `navigator.credentials.create` takes, as JSON.
    ///
    /// # Errors
    /// [`PasskeyError::Busy`].
    pub fn begin_registration(
        &self,
        handle: [u8; HANDLE],
        name: &str,
        known: Vec<Vec<u8>>,
    ) -> Result<String, PasskeyError> {
        let id = UserHandle::<HANDLE>::decode(handle).map_err(|_| PasskeyError::Invalid)?;
        // A name that the profile of user names does not take is shown as it can be.
        let username = Username::try_from(name.to_owned())
            .or_else(|_| Username::try_from("tiers".to_owned()))
            .map_err(|_| PasskeyError::Invalid)?;
        let display_name = Nickname::try_from(name.to_owned()).ok();
        let entity = PublicKeyCredentialUserEntity { name: username, id: &id, display_name };
        let known = known
            .into_iter()
            .filter_map(|id| {
                let (id, transports) =
                    (CredentialId::decode(id).ok()?, AuthTransports::decode(0).ok()?);
                Some(PublicKeyCredentialDescriptor { id, transports })
            })
            .collect();
        let options = PublicKeyCredentialCreationOptions::passkey(&self.rp, entity, known);
        let (server, client) = options.start_ceremony().map_err(|_| PasskeyError::Invalid)?;
        match lock(&self.registrations).insert_or_replace_all_expired(server) {
            InsertResult::Success => {}
            InsertResult::CapacityFull | InsertResult::Duplicate => return Err(PasskeyError::Busy),
        }
        serde_json::to_string(&client).map_err(|_| PasskeyError::Invalid)
    }

    /// Ends the making of a passkey for the person of `handle`.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_registration(
        &self,
        json: &[u8],
        handle: [u8; HANDLE],
    ) -> Result<NewPasskey, PasskeyError> {
        let registration =
            Registration::from_json_relaxed(json).map_err(|_| PasskeyError::Invalid)?;
        let challenge = registration.challenge_relaxed().map_err(|_| PasskeyError::Invalid)?;
        let ceremony = lock(&self.registrations).take(&challenge).ok_or(PasskeyError::Unasked)?;
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = ceremony
            .verify(&self.rp, &registration, &options)
            .map_err(|_| PasskeyError::Invalid)?;
        if made.user_id().as_ref() != handle {
            return Err(PasskeyError::Invalid);
        }
        let Ok(fixed) = made.static_state().encode();
        let Ok(moving) = made.dynamic_state().encode();
        Ok(NewPasskey { credential: made.id().into_inner().to_vec(), fixed, moving })
    }

    /// Begins a sign-in; the answer is what `navigator.credentials.get` takes, as JSON.
    ///
    /// # Errors
    /// [`PasskeyError::Busy`].
    pub fn begin_sign_in(&self) -> Result<String, PasskeyError> {
        let (server, client) = DiscoverableCredentialRequestOptions::passkey(&self.rp)
            .start_ceremony()
            .map_err(|_| PasskeyError::Invalid)?;
        match lock(&self.sign_ins).insert_or_replace_all_expired(server) {
            InsertResult::Success => {}
            InsertResult::CapacityFull | InsertResult::Duplicate => return Err(PasskeyError::Busy),
        }
        serde_json::to_string(&client).map_err(|_| PasskeyError::Invalid)
    }

    /// Ends a sign-in with a passkey that is stored as `fixed` and `moving` for the person of `handle`;
    /// the answer is what is to be kept in place of `moving`.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_sign_in(
        &self,
        answer: &Answer,
        handle: [u8; HANDLE],
        fixed: &[u8],
        moving: [u8; 7],
    ) -> Result<[u8; 7], PasskeyError> {
        let challenge = answer.0.challenge_relaxed().map_err(|_| PasskeyError::Invalid)?;
        let ceremony = lock(&self.sign_ins).take(&challenge).ok_or(PasskeyError::Unasked)?;
        let user = UserHandle::<HANDLE>::decode(handle).map_err(|_| PasskeyError::Invalid)?;
        let fixed = StaticState::<OwnedKey>::decode(fixed).map_err(|_| PasskeyError::Invalid)?;
        let moving = DynamicState::decode(moving).map_err(|_| PasskeyError::Invalid)?;
        let id = answer.0.raw_id();
        let mut stored = AuthenticatedCredential::new(id, &user, fixed, moving)
            .map_err(|_| PasskeyError::Invalid)?;
        let origins = [self.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        ceremony
            .verify(&self.rp, &answer.0, &mut stored, &options)
            .map_err(|_| PasskeyError::Invalid)?;
        let Ok(moving) = stored.dynamic_state().encode();
        Ok(moving)
    }
}
