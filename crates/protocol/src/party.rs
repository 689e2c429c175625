//! A party's keys: Ed25519 to sign, X25519 to be sealed to. They are made on the party's machine;
//! the public halves are enrolled after their fingerprint was confirmed by another channel.

use crate::encoding::{Bytes, decode, encode, sha256};
use crate::entropy::Entropy;
use crate::seal::{SealingPublic, SealingSecret};
use crate::sign::{SigningPublic, SigningSecret};
use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use zeroize::Zeroizing;

/// The public half of a party's keys, as written to `party.pub` and enrolled at the certifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartyPublic {
    format: PartyFormat,
    /// Checks what the party signs.
    pub signing: SigningPublic,
    /// What others seal to.
    pub sealing: SealingPublic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum PartyFormat {
    #[serde(rename = "tiers-party/1")]
    V1,
}

impl PartyPublic {
    /// What two people compare over the telephone: 128 bits in eight groups of four hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut input = labels::PARTY_FINGERPRINT.as_bytes().to_vec();
        input.push(0);
        input.extend_from_slice(self.signing.as_bytes());
        input.extend_from_slice(self.sealing.as_bytes());
        Fingerprint::of(&sha256(&input))
    }
}

/// The first 128 bits of a digest of public keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    fn of(digest: &Bytes<32>) -> Self {
        let mut out = [0; 16];
        out.copy_from_slice(&digest.as_bytes()[..16]);
        Self(out)
    }
}

impl core::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (position, pair) in self.0.chunks(2).enumerate() {
            let dash = if position == 0 { "" } else { "-" };
            write!(f, "{dash}{:02x}{:02x}", pair[0], pair[1])?;
        }
        Ok(())
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl core::str::FromStr for Fingerprint {
    type Err = PartyKeyError;

    /// Reads what [`Display`](core::fmt::Display) writes; spaces and dashes are ignored because
    /// people copy fingerprints from letters and messages.
    fn from_str(text: &str) -> Result<Self, PartyKeyError> {
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(PartyKeyError::Fingerprint);
        }
        let mut out = [0; 16];
        for (byte, pair) in out.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = core::str::from_utf8(pair).map_err(|_| PartyKeyError::Fingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| PartyKeyError::Fingerprint)?;
        }
        Ok(Self(out))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read: Self = text.parse().map_err(serde::de::Error::custom)?;
        // In documents there is one spelling only.
        if read.to_string() == text {
            Ok(read)
        } else {
            Err(serde::de::Error::custom(PartyKeyError::Fingerprint))
        }
    }
}

/// Why a party's key file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartyKeyError {
    /// Not a key file, or a truncated or damaged one.
    #[error("not a party key file, or a damaged one: its checksum does not match")]
    Damaged,
    /// Not a fingerprint.
    #[error("not a fingerprint: expected eight groups of four hex digits")]
    Fingerprint,
}

impl PartyKeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "party_key.damaged",
            Self::Fingerprint => "party_key.fingerprint",
        }
    }
}

/// The secret half of a party's keys; wiped when dropped.
pub struct PartySecret {
    seed: Zeroizing<[u8; 64]>,
}

const FILE_TAG: &str = "TIERS-PARTY-KEY-1";

impl PartySecret {
    /// New keys.
    pub fn generate(entropy: &mut impl Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 64]);
        entropy.fill(seed.as_mut());
        Self { seed }
    }

    fn half(&self, from: usize) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        out.copy_from_slice(&self.seed[from..from + 32]);
        out
    }

    /// Signs the party's documents.
    #[must_use]
    pub fn signing(&self) -> SigningSecret {
        SigningSecret::from_seed(&self.half(0))
    }

    /// Opens what was sealed to the party.
    #[must_use]
    pub fn sealing(&self) -> SealingSecret {
        SealingSecret::from_seed(&self.half(32))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PartyPublic {
        PartyPublic {
            format: PartyFormat::V1,
            signing: self.signing().public(),
            sealing: self.sealing().public(),
        }
    }

    /// The text of `party.key`: a tag, the seed and a checksum on one line. Secret.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(encode(self.seed.as_ref()));
        Zeroizing::new(format!("{FILE_TAG} {} {}\n", seed.as_str(), checksum(self.seed.as_ref())))
    }

    /// Reads `party.key`; white space around the line is forgiven, damage is not.
    ///
    /// # Errors
    /// [`PartyKeyError::Damaged`].
    pub fn from_file(text: &str) -> Result<Self, PartyKeyError> {
        let mut words = text.split_whitespace();
        let (Some(FILE_TAG), Some(seed), Some(sum), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(PartyKeyError::Damaged);
        };
        let bytes = Zeroizing::new(decode(seed).ok_or(PartyKeyError::Damaged)?);
        let mut seed = Zeroizing::new([0; 64]);
        if bytes.len() != 64 || checksum(&bytes) != sum {
            return Err(PartyKeyError::Damaged);
        }
        seed.copy_from_slice(&bytes);
        Ok(Self { seed })
    }
}

/// Four bytes of a labelled digest: finds truncation and typing errors in key files, no more.
pub(crate) fn checksum(secret: &[u8]) -> String {
    let mut input = Zeroizing::new(labels::KEY_FILE_CHECKSUM.as_bytes().to_vec());
    input.push(0);
    input.extend_from_slice(secret);
    encode(&sha256(&input).as_bytes()[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;

    #[test]
    fn a_key_file_reads_back_and_damage_is_found() {
        let secret = PartySecret::generate(&mut System);
        let file = secret.to_file();
        let back = PartySecret::from_file(&format!("  {}\r\n ", file.trim())).expect("white space");
        assert_eq!(back.public(), secret.public());
        for end in 0..file.trim_end().len() {
            assert!(PartySecret::from_file(&file[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_fingerprint_reads_back_as_people_write_it() {
        let print = PartySecret::generate(&mut System).public().fingerprint();
        let spoken = print.to_string().to_uppercase().replace('-', " ");
        assert_eq!(spoken.parse(), Ok(print));
        assert_eq!("12".parse::<Fingerprint>(), Err(PartyKeyError::Fingerprint));
    }
}
