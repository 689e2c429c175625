//! Passkeys: the relying party's side of WebAuthn, for one origin. Not who owns a passkey, nor what they
//! may do; that is `service::portal`.
//!
//! Attestation is not asked for, so that a registration is believed as the browser tells it; a sign-in is
//! a signature over the challenge, the origin and the host. Keys are read in the one form that CTAP2
//! prescribes; what deviates is refused (see `docs/decisions/0035-portals.md`). User verification is
//! required, so that a passkey is two factors: the device, and what unlocks it. Ceremonies under way lie in
//! memory: a restart ends them, and the browser asks again.

mod cose;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::json;
use tiers_protocol::encoding::{decode, encode, sha256};
use tiers_protocol::entropy::Entropy;

use crate::time::Moment;

/// Ceremonies under way. Beyond it, until some have expired, nobody else begins one.
const CEREMONIES: usize = 4_096;

/// How long a ceremony may take.
const CEREMONY_SECONDS: i64 = 300;

/// Flags of authenticator data: the user was there, was verified, a credential follows, extensions follow.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;

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

/// A passkey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The id that the authenticator gave it.
    pub credential: Vec<u8>,
    /// Its public key, encoded.
    pub key: Vec<u8>,
    /// How often it has signed, as it says itself; 0 for ever where it does not count.
    pub counter: u32,
}

/// What the browser sends, in base64url; the names are those of WebAuthn.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    raw_id: String,
    response: SentResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: Option<String>,
    user_handle: Option<String>,
}

/// What the browser says of the ceremony; signed with the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// An answer to a sign-in, of which nothing is known to hold yet.
pub struct Answer {
    credential: Vec<u8>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Vec<u8>,
}

fn bytes(text: &str) -> Result<Vec<u8>, PasskeyError> {
    decode(text).ok_or(PasskeyError::Invalid)
}

fn sent(json: &[u8]) -> Result<Sent, PasskeyError> {
    serde_json::from_slice(json).map_err(|_| PasskeyError::Invalid)
}

impl Answer {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// [`PasskeyError::Invalid`].
    pub fn read(json: &[u8]) -> Result<Self, PasskeyError> {
        let Sent { raw_id, response } = sent(json)?;
        Ok(Self {
            credential: bytes(&raw_id)?,
            client_data: bytes(&response.client_data)?,
            authenticator_data: bytes(&response.authenticator_data)?,
            signature: bytes(&response.signature.ok_or(PasskeyError::Invalid)?)?,
            user_handle: bytes(&response.user_handle.ok_or(PasskeyError::Invalid)?)?,
        })
    }

    /// Which passkey it says it is of.
    #[must_use]
    pub fn credential(&self) -> &[u8] {
        &self.credential
    }
}

/// What a challenge was given for; a registration names the person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Registration([u8; 16]),
    SignIn,
}

impl Purpose {
    const fn kind(self) -> &'static str {
        match self {
            Self::Registration(_) => "webauthn.create",
            Self::SignIn => "webauthn.get",
        }
    }
}

/// The ceremonies of one origin.
pub struct Passkeys {
    host: String,
    origin: String,
    /// Challenges that wait for an answer: what for, and until when in seconds.
    waiting: Mutex<BTreeMap<String, (Purpose, i64)>>,
}

impl Passkeys {
    /// For pages of `origin` (`https://certifier.example`), whose host is `host`.
    ///
    /// # Errors
    /// [`PasskeyError::Host`] when `host` is an address: browsers make passkeys for names only.
    pub fn new(origin: &str, host: &str) -> Result<Self, PasskeyError> {
        let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        let lettered = host.bytes().any(|b| b.is_ascii_alphabetic());
        if !named || !lettered {
            return Err(PasskeyError::Host);
        }
        let (host, origin) = (host.to_owned(), origin.to_owned());
        Ok(Self { host, origin, waiting: Mutex::default() })
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<String, (Purpose, i64)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn challenge(
        &self,
        purpose: Purpose,
        now: Moment,
        random: &mut impl Entropy,
    ) -> Result<String, PasskeyError> {
        let mut waiting = self.waiting();
        waiting.retain(|_, (_, until)| *until > now.seconds());
        if waiting.len() >= CEREMONIES {
            return Err(PasskeyError::Busy);
        }
        let challenge = encode(&random.array::<32>());
        waiting.insert(challenge.clone(), (purpose, now.seconds() + CEREMONY_SECONDS));
        Ok(challenge)
    }

    /// Begins the making of a passkey; the answer is what `navigator.credentials.create` takes, as JSON.
    ///
    /// # Errors
    /// [`PasskeyError::Busy`].
    pub fn begin_registration(
        &self,
        handle: [u8; 16],
        name: &str,
        now: Moment,
        random: &mut impl Entropy,
    ) -> Result<String, PasskeyError> {
        let challenge = self.challenge(Purpose::Registration(handle), now, random)?;
        let algorithm = |alg: i32| json!({ "type": "public-key", "alg": alg });
        let options = json!({
            "challenge": challenge,
            "rp": { "id": self.host, "name": self.host },
            "user": { "id": encode(&handle), "name": name, "displayName": name },
            "pubKeyCredParams": cose::ALGORITHMS.map(algorithm),
            "timeout": CEREMONY_SECONDS * 1_000,
            "attestation": "none",
            "authenticatorSelection": {
                "residentKey": "required", "requireResidentKey": true,
                "userVerification": "required",
            },
            // For the keys that the person's browser keeps; nothing of it comes here.
            "extensions": { "prf": {} },
        });
        Ok(options.to_string())
    }

    /// Ends the making of a passkey for the person of `handle`.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_registration(
        &self,
        json: &[u8],
        handle: [u8; 16],
        now: Moment,
    ) -> Result<Passkey, PasskeyError> {
        let Sent { raw_id, response } = sent(json)?;
        let client_data = bytes(&response.client_data)?;
        self.take(&client_data, Purpose::Registration(handle), now)?;
        let data = bytes(&response.authenticator_data)?;
        let (flags, counter, rest) = self.checked(&data)?;
        if flags & ATTESTED == 0 {
            return Err(PasskeyError::Invalid);
        }
        let (credential, key) = credential(rest, flags).ok_or(PasskeyError::Invalid)?;
        if bytes(&raw_id)? != credential {
            return Err(PasskeyError::Invalid);
        }
        Ok(Passkey { credential: credential.to_vec(), key, counter })
    }

    /// Begins a sign-in; the answer is what `navigator.credentials.get` takes, as JSON.
    ///
    /// # Errors
    /// [`PasskeyError::Busy`].
    pub fn begin_sign_in(
        &self,
        now: Moment,
        random: &mut impl Entropy,
    ) -> Result<String, PasskeyError> {
        let challenge = self.challenge(Purpose::SignIn, now, random)?;
        let options = json!({
            "challenge": challenge, "rpId": self.host, "userVerification": "required",
            "timeout": CEREMONY_SECONDS * 1_000,
        });
        Ok(options.to_string())
    }

    /// Ends a sign-in with a known passkey of the person of `handle`; the answer is its new counter.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_sign_in(
        &self,
        answer: &Answer,
        handle: [u8; 16],
        known: &Passkey,
        now: Moment,
    ) -> Result<u32, PasskeyError> {
        self.take(&answer.client_data, Purpose::SignIn, now)?;
        let (_, counter, _) = self.checked(&answer.authenticator_data)?;
        let signed =
            [answer.authenticator_data.as_slice(), sha256(&answer.client_data).as_bytes()].concat();
        // An authenticator that counts and does not go on was copied.
        let goes_on = counter > known.counter || (counter == 0 && known.counter == 0);
        let holds = answer.credential == known.credential
            && answer.user_handle == handle
            && goes_on
            && cose::verifies(&known.key, &signed, &answer.signature);
        if holds { Ok(counter) } else { Err(PasskeyError::Invalid) }
    }

    /// Takes the challenge of an answer, once, if it was given for this and the page was ours.
    fn take(&self, client_data: &[u8], purpose: Purpose, now: Moment) -> Result<(), PasskeyError> {
        let said: ClientData =
            serde_json::from_slice(client_data).map_err(|_| PasskeyError::Invalid)?;
        let (given_for, until) =
            self.waiting().remove(&said.challenge).ok_or(PasskeyError::Unasked)?;
        if until <= now.seconds() {
            return Err(PasskeyError::Unasked);
        }
        let ours = said.kind == purpose.kind()
            && said.origin == self.origin
            && !said.cross_origin
            && said.top_origin.is_none()
            && given_for == purpose;
        if ours { Ok(()) } else { Err(PasskeyError::Invalid) }
    }

    /// Flags, counter and the rest of authenticator data of our host with a verified user.
    fn checked<'a>(&self, data: &'a [u8]) -> Result<(u8, u32, &'a [u8]), PasskeyError> {
        let parts = || {
            let (host, rest) = data.split_first_chunk::<32>()?;
            let (flags, rest) = rest.split_first()?;
            let (counter, rest) = rest.split_first_chunk::<4>()?;
            Some((host, *flags, u32::from_be_bytes(*counter), rest))
        };
        let (host, flags, counter, rest) = parts().ok_or(PasskeyError::Invalid)?;
        let verified = flags & (PRESENT | VERIFIED) == PRESENT | VERIFIED;
        let ours = host == sha256(self.host.as_bytes()).as_bytes();
        if verified && ours { Ok((flags, counter, rest)) } else { Err(PasskeyError::Invalid) }
    }
}

/// Id and key of attested credential data; nothing may follow but extensions that are announced.
fn credential(data: &[u8], flags: u8) -> Option<(&[u8], Vec<u8>)> {
    let (_, rest) = data.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (key, rest) = cose::read(rest)?;
    let whole = rest.is_empty() || flags & EXTENDED != 0;
    (whole && (16..=1_023).contains(&id.len())).then_some((id, key))
}

#[cfg(test)]
mod tests;
