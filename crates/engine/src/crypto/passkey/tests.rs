//! An authenticator in software, and what the relying party makes of its answers: true ones are taken
//! once, and nothing else is.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tiers_protocol::encoding::{decode, encode, sha256};

use super::{Answer, Passkey, PasskeyError, Passkeys};
use crate::crypto::random::OsRandom;
use crate::time::Moment;

const ORIGIN: &str = "http://localhost:8443";
const HANDLE: [u8; 16] = [7; 16];
/// User present, user verified.
const VERIFIED: u8 = 0x05;
/// Attested credential data follow.
const ATTESTED: u8 = 0x40;

/// What an authenticator says, each part of which a test may make wrong.
#[derive(Clone)]
struct Says {
    origin: &'static str,
    host: &'static str,
    flags: u8,
    counter: u32,
    handle: [u8; 16],
    cross_origin: bool,
}

const TRUE: Says = Says {
    origin: ORIGIN,
    host: "localhost",
    flags: VERIFIED,
    counter: 1,
    handle: HANDLE,
    cross_origin: false,
};

struct Authenticator {
    key: EcdsaKeyPair,
    credential: [u8; 32],
    random: SystemRandom,
}

impl Authenticator {
    fn new(credential: u8) -> Self {
        let random = SystemRandom::new();
        let how = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let text = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(how, text.as_ref(), &random).unwrap();
        Self { key, credential: [credential; 32], random }
    }

    fn data(&self, says: &Says, flags: u8) -> Vec<u8> {
        let mut data = sha256(says.host.as_bytes()).as_bytes().to_vec();
        data.push(flags);
        data.extend(says.counter.to_be_bytes());
        data
    }

    fn client_data(kind: &str, challenge: &str, says: &Says) -> Vec<u8> {
        let document = json!({
            "type": kind, "challenge": challenge, "origin": says.origin,
            "crossOrigin": says.cross_origin,
        });
        document.to_string().into_bytes()
    }

    /// An answer to `navigator.credentials.create`.
    fn create(&self, options: &str, says: &Says) -> Vec<u8> {
        let options: Value = serde_json::from_str(options).unwrap();
        let challenge = options["challenge"].as_str().unwrap();
        let mut data = self.data(says, says.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend(32_u16.to_be_bytes());
        data.extend(self.credential);
        let point = self.key.public_key().as_ref();
        // COSE: an elliptic key for ES256 on P-256, x and y.
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..]);
        let client = Self::client_data("webauthn.create", challenge, says);
        self.answer(&json!({
            "clientDataJSON": encode(&client), "authenticatorData": encode(&data),
        }))
    }

    /// An answer to `navigator.credentials.get`.
    fn get(&self, options: &str, says: &Says) -> Vec<u8> {
        let options: Value = serde_json::from_str(options).unwrap();
        let data = self.data(says, says.flags);
        let challenge = options["challenge"].as_str().unwrap();
        let client = Self::client_data("webauthn.get", challenge, says);
        let signed = [data.as_slice(), sha256(&client).as_bytes()].concat();
        let signature = self.key.sign(&self.random, &signed).unwrap();
        self.answer(&json!({
            "clientDataJSON": encode(&client), "authenticatorData": encode(&data),
            "signature": encode(signature.as_ref()), "userHandle": encode(&says.handle),
        }))
    }

    fn answer(&self, response: &Value) -> Vec<u8> {
        let id = encode(&self.credential);
        let document = json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": response,
        });
        document.to_string().into_bytes()
    }
}

fn now() -> Moment {
    Moment::from_seconds(1_756_728_000).unwrap()
}

fn begin(keys: &Passkeys, handle: [u8; 16]) -> String {
    keys.begin_registration(handle, "Anne Martin", now(), &mut OsRandom::default()).unwrap()
}

fn passkeys() -> Passkeys {
    Passkeys::new(ORIGIN, "localhost").unwrap()
}

fn registered(keys: &Passkeys, device: &Authenticator) -> Passkey {
    let options = begin(keys, HANDLE);
    keys.finish_registration(&device.create(&options, &TRUE), HANDLE, now()).unwrap()
}

fn sign_in(keys: &Passkeys, made: &Passkey, answer: &[u8]) -> Result<u32, PasskeyError> {
    let answer = Answer::read(answer)?;
    if answer.credential() != made.credential.as_slice() {
        return Err(PasskeyError::Invalid);
    }
    keys.finish_sign_in(&answer, HANDLE, made, now())
}

#[test]
fn a_passkey_is_made_once_and_signs_in() {
    let (keys, device) = (passkeys(), Authenticator::new(1));
    let options = begin(&keys, HANDLE);
    let said: Value = serde_json::from_str(&options).unwrap();
    assert_eq!(said["rp"]["id"], "localhost");
    assert_eq!(said["authenticatorSelection"]["userVerification"], "required");
    let answer = device.create(&options, &TRUE);
    let mut made = keys.finish_registration(&answer, HANDLE, now()).unwrap();
    let twice = keys.finish_registration(&answer, HANDLE, now()).err();
    assert_eq!(twice, Some(PasskeyError::Unasked), "an answer is taken once");
    for counter in 2..5 {
        let options = keys.begin_sign_in(now(), &mut OsRandom::default()).unwrap();
        let answer = device.get(&options, &Says { counter, ..TRUE });
        made.counter = sign_in(&keys, &made, &answer).unwrap();
        assert_eq!(sign_in(&keys, &made, &answer), Err(PasskeyError::Unasked));
    }
    let options = keys.begin_sign_in(now(), &mut OsRandom::default()).unwrap();
    let cloned = device.get(&options, &Says { counter: 2, ..TRUE });
    assert_eq!(sign_in(&keys, &made, &cloned), Err(PasskeyError::Invalid), "a counter goes back");
}

#[test]
fn answers_for_another_place_or_without_the_user_are_refused() {
    let wrong = [
        Says { origin: "http://localhost:8444", ..TRUE },
        Says { origin: "https://localhost:8443", ..TRUE },
        Says { origin: "http://evil.example", ..TRUE },
        Says { host: "evil.example", ..TRUE },
        Says { flags: 0x01, ..TRUE },
        Says { flags: 0x04, ..TRUE },
        Says { cross_origin: true, ..TRUE },
        Says { handle: [8; 16], ..TRUE },
    ];
    let (keys, device) = (passkeys(), Authenticator::new(1));
    let made = registered(&keys, &device);
    for (place, says) in wrong.iter().enumerate() {
        let options = keys.begin_sign_in(now(), &mut OsRandom::default()).unwrap();
        let refused =
            sign_in(&keys, &made, &device.get(&options, &Says { counter: 2, ..says.clone() }));
        assert_eq!(refused, Err(PasskeyError::Invalid), "sign-in {place}");
        // A registration names no user.
        if says.handle == HANDLE {
            let options = begin(&keys, HANDLE);
            let refused = keys.finish_registration(&device.create(&options, says), HANDLE, now());
            assert_eq!(refused.err(), Some(PasskeyError::Invalid), "registration {place}");
        }
    }
    let options = begin(&keys, [9; 16]);
    let other = keys.finish_registration(&device.create(&options, &TRUE), HANDLE, now());
    assert_eq!(other.err(), Some(PasskeyError::Invalid), "another person's registration");
}

#[test]
fn another_key_and_every_changed_byte_are_refused() {
    let (keys, device) = (passkeys(), Authenticator::new(1));
    let made = registered(&keys, &device);
    let stranger = Authenticator::new(1);
    let options = keys.begin_sign_in(now(), &mut OsRandom::default()).unwrap();
    let answer = stranger.get(&options, &Says { counter: 2, ..TRUE });
    assert_eq!(sign_in(&keys, &made, &answer), Err(PasskeyError::Invalid), "another key");
    for part in ["authenticatorData", "signature", "clientDataJSON", "userHandle"] {
        for at in 0..200 {
            let options = keys.begin_sign_in(now(), &mut OsRandom::default()).unwrap();
            let answer = device.get(&options, &Says { counter: 2, ..TRUE });
            let mut document: Value = serde_json::from_slice(&answer).unwrap();
            let text = document["response"][part].as_str().unwrap();
            let mut bytes = decode(text).unwrap();
            let Some(byte) = bytes.get_mut(at) else { break };
            *byte ^= 1;
            document["response"][part] = encode(&bytes).into();
            let refused = sign_in(&keys, &made, document.to_string().as_bytes());
            assert!(refused.is_err(), "{part}, byte {at}");
        }
    }
    for junk in ["", "{}", "null", "[1]", "{\"id\":\"AAAA\"}"] {
        assert!(Answer::read(junk.as_bytes()).is_err(), "{junk}");
        assert!(keys.finish_registration(junk.as_bytes(), HANDLE, now()).is_err(), "{junk}");
    }
}

#[test]
fn a_ceremony_ends_after_five_minutes_and_there_is_an_end_to_their_number() {
    let (keys, device) = (passkeys(), Authenticator::new(1));
    let options = begin(&keys, HANDLE);
    let later = Moment::from_seconds(now().seconds() + 300).unwrap();
    let late = keys.finish_registration(&device.create(&options, &TRUE), HANDLE, later);
    assert_eq!(late.err(), Some(PasskeyError::Unasked));
    let random = &mut OsRandom::default();
    let mut begun = 0;
    while keys.begin_sign_in(now(), random).is_ok() {
        begun += 1;
        assert!(begun <= super::CEREMONIES);
    }
    assert_eq!(keys.begin_sign_in(now(), random), Err(PasskeyError::Busy));
    assert!(keys.begin_sign_in(later, random).is_ok(), "those that expired make room");
}

#[test]
fn keys_in_any_other_spelling_are_refused() {
    let rsa = [
        &[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0][..],
        &[0xc1; 256],
        &[0x21, 0x43, 1, 0, 1][..],
    ]
    .concat();
    assert!(super::cose::read(&rsa).is_some());
    for at in 0..11 {
        let mut other = rsa.clone();
        other[at] ^= 1;
        assert!(super::cose::read(&other).is_none(), "byte {at}");
    }
    for end in 0..rsa.len() {
        assert!(super::cose::read(&rsa[..end]).is_none(), "cut at {end}");
    }
    assert!(!super::cose::verifies(&[], b"x", b"x") && !super::cose::verifies(&[9, 9], b"x", b"x"));
}

#[test]
fn addresses_of_machines_have_no_passkeys() {
    assert!(Passkeys::new("https://certifier.example", "certifier.example").is_ok());
    assert_eq!(Passkeys::new("http://[::1]:1", "[::1]").err(), Some(PasskeyError::Host));
    for address in ["", "127.0.0.1"] {
        assert_eq!(Passkeys::new("http://x", address).err(), Some(PasskeyError::Host));
    }
}
