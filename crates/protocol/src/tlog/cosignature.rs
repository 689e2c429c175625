//! Cosignatures: a witness's word that it saw a checkpoint at a certain time, and that the checkpoint
//! continues every other that it has seen.
//!
//! Ed25519 only (type 0x04). It does not decide how many witnesses are enough; that is
//! [`super::witnesses`]. Specified by <https://c2sp.org/tlog-cosignature>.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jiff::Timestamp;

use super::checkpoint::{VerifierKeyError, is_origin};
use super::signer::OriginError;

/// The signature type of an Ed25519 cosignature (<https://c2sp.org/tlog-cosignature>, "Format").
const COSIGNATURE: u8 = 4;

/// Time and signature.
const PAYLOAD_BYTES: usize = 8 + 64;

/// What a witness says of one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Name of the witness.
    pub witness: String,
    /// When it says that it saw the checkpoint; whole seconds.
    pub at: Timestamp,
}

/// The public key of a witness with its name, from the text form
/// `<name>+<key id>+<base64 of 0x04 and the key>`.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    key_id: u32,
    key: VerifyingKey,
}

impl WitnessKey {
    /// Reads a witness's key, in its one canonical spelling.
    ///
    /// # Errors
    /// [`VerifierKeyError`] when the text is anything else, or the key is one that would accept
    /// signatures nobody made.
    pub fn from_vkey(vkey: &str) -> Result<Self, VerifierKeyError> {
        let key = vkey.splitn(3, '+').nth(2).ok_or(VerifierKeyError::Malformed)?;
        let name = vkey.split('+').next().unwrap_or_default();
        let bytes = STANDARD.decode(key).map_err(|_| VerifierKeyError::Malformed)?;
        let (&algorithm, key) = bytes.split_first().ok_or(VerifierKeyError::Malformed)?;
        if algorithm != COSIGNATURE {
            return Err(VerifierKeyError::UnknownAlgorithm);
        }
        let key = key.try_into().map_err(|_| VerifierKeyError::Malformed)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| VerifierKeyError::Malformed)?;
        let read = Self::of_key(name, key)?;
        if read.vkey() == vkey { Ok(read) } else { Err(VerifierKeyError::Malformed) }
    }

    fn of_key(name: &str, key: VerifyingKey) -> Result<Self, VerifierKeyError> {
        if !is_origin(name) {
            return Err(VerifierKeyError::Malformed);
        }
        if key.is_weak() {
            return Err(VerifierKeyError::WeakKey);
        }
        let typed = [&[COSIGNATURE], key.as_bytes().as_slice()].concat();
        Ok(Self { name: name.to_owned(), key_id: signed_note::key_id(name, &typed), key })
    }

    /// The text form, for policies.
    #[must_use]
    pub fn vkey(&self) -> String {
        let key = STANDARD.encode([&[COSIGNATURE], self.key.as_bytes().as_slice()].concat());
        format!("{}+{:08x}+{key}", self.name, self.key_id)
    }

    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a signature line carries this key's name and id.
    pub(super) fn is_of(&self, line: &signed_note::Signature) -> bool {
        line.name() == self.name && line.id() == self.key_id
    }

    /// Verifies a signature line over the text of a checkpoint.
    pub(super) fn verify(&self, text: &str, line: &signed_note::Signature) -> Option<Cosigned> {
        let payload: &[u8; PAYLOAD_BYTES] = line.signature().try_into().ok()?;
        let (time, signature) = payload.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let at = Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(message(time, text).as_bytes(), &signature).ok()?;
        self.is_of(line).then(|| Cosigned { witness: self.name.clone(), at })
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessKey({})", self.vkey())
    }
}

fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Cosigns checkpoints. The key is wiped when it is dropped.
pub struct WitnessSigner {
    key: SigningKey,
    public: WitnessKey,
}

impl WitnessSigner {
    /// Takes the name of the witness and the 32-byte seed of an Ed25519 key (RFC 8032). The caller
    /// wipes its own copy of the seed.
    ///
    /// # Errors
    /// [`OriginError`] when the name is empty, longer than 255 bytes, or holds a space, a control
    /// character or a plus.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, OriginError> {
        let key = SigningKey::from_bytes(seed);
        let public = WitnessKey::of_key(name, key.verifying_key()).map_err(|_| OriginError)?;
        Ok(Self { key, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &WitnessKey {
        &self.public
    }

    /// The signature line for the text of a checkpoint, seen at `at`; it ends with a line feed.
    /// Whether the checkpoint deserves it, the caller has decided.
    #[must_use]
    pub(super) fn cosign(&self, text: &str, at: Timestamp) -> Vec<u8> {
        let time = u64::try_from(at.as_second()).unwrap_or(0);
        let signature = self.key.sign(message(time, text).as_bytes()).to_bytes();
        let payload = [time.to_be_bytes().as_slice(), &signature].concat();
        let name = self.public.name.clone();
        signed_note::Signature::new(name, self.public.key_id, payload)
            .expect("the name was checked when the key was made")
            .to_bytes()
    }
}

impl fmt::Debug for WitnessSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessSigner({})", self.public.name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::mutations::single_byte;
    use super::*;

    fn signer() -> WitnessSigner {
        WitnessSigner::from_seed("witness.example/w1", &[7; 32]).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_cosignature_is_the_message_of_the_specification() {
        let text = "example.com/behind-the-sofa\n20852163\n\
                    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let line = signer().cosign(text, at(1_679_315_147));
        let line = line.strip_suffix(b"\n").unwrap();
        let line = signed_note::Signature::from_bytes(line).unwrap();
        assert_eq!(line.signature()[..8], 1_679_315_147_u64.to_be_bytes());
        // The example of the specification, signed by hand.
        let message = format!("cosignature/v1\ntime 1679315147\n{text}");
        let signature = Signature::from_slice(&line.signature()[8..]).unwrap();
        signer().key.verifying_key().verify_strict(message.as_bytes(), &signature).unwrap();
        let said = signer().public().verify(text, &line).unwrap();
        assert_eq!(said, Cosigned { witness: "witness.example/w1".into(), at: at(1_679_315_147) });
        assert_eq!(signer().public().verify(&text.replace('3', "4"), &line), None);
        let mut later = line.signature().to_vec();
        later[7] ^= 1;
        let later = signed_note::Signature::new(line.name().into(), line.id(), later).unwrap();
        assert_eq!(signer().public().verify(text, &later), None, "the time is signed");
    }

    #[test]
    fn keys_are_exact_and_of_this_type() {
        let vkey = signer().public().vkey();
        assert_eq!(WitnessKey::from_vkey(&vkey).unwrap(), *signer().public());
        for mutant in single_byte(vkey.as_bytes(), 1) {
            if let Ok(text) = String::from_utf8(mutant) {
                assert!(WitnessKey::from_vkey(&text).is_err(), "{text}");
            }
        }
        let log = super::super::LedgerSigner::from_seed("a.example", &[7; 32]).unwrap();
        let refused = WitnessKey::from_vkey(&log.verifier().vkey());
        assert_eq!(refused, Err(VerifierKeyError::UnknownAlgorithm));
        assert!(super::super::LedgerVerifier::from_vkey(&vkey).is_err());
    }

    #[test]
    fn the_key_never_shows_in_debug() {
        assert_eq!(format!("{:?}", signer()), "WitnessSigner(witness.example/w1)");
    }
}
