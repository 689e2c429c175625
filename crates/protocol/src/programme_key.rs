//! The programme key: 32 random bytes made by the principal's client, under which all contacts of a
//! programme become tokens. It exists on the machines of the principal and of the partners only;
//! the certifier relays it wrapped and can never open it.

use crate::encoding::{Bytes, decode, encode, sha256};
use crate::entropy::Entropy;
use crate::ids::{PartyId, ProgrammeId};
use crate::party::checksum;
use crate::seal::{SealError, SealingPublic, SealingSecret, open_secret, seal_secret};
use tiers_contact::{Tokeniser, labels};
use zeroize::Zeroizing;

/// Public name of a key: a labelled digest from which the key cannot be found.
pub type KeyId = Bytes<16>;

/// Why a programme key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgrammeKeyError {
    /// Not a key file, or a truncated or damaged one.
    #[error("not a programme key file, or a damaged one: its checksum does not match")]
    Damaged,
    /// The key of another programme or of another epoch.
    #[error("this is the key of another programme or epoch")]
    Other,
    /// The wrapped key does not open.
    #[error("the wrapped key does not open with this party key: {0}")]
    Wrapped(SealError),
}

impl ProgrammeKeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "programme_key.damaged",
            Self::Other => "programme_key.other",
            Self::Wrapped(_) => "programme_key.wrapped",
        }
    }
}

/// The key itself; wiped when dropped, never printed.
pub struct ProgrammeKey(Zeroizing<[u8; 32]>);

const FILE_TAG: &str = "TIERS-PROGRAMME-KEY-1";

impl ProgrammeKey {
    /// A new key.
    pub fn generate(entropy: &mut impl Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(key.as_mut());
        Self(key)
    }

    /// What may be shown of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut input = Zeroizing::new(labels::PROGRAMME_KEY_ID.as_bytes().to_vec());
        input.push(0);
        input.extend_from_slice(self.0.as_ref());
        let mut id = [0; 16];
        id.copy_from_slice(&sha256(&input).as_bytes()[..16]);
        KeyId::new(id)
    }

    /// What turns normalised contacts into tokens of one programme.
    #[must_use]
    pub fn tokeniser(&self, domain: &ProgrammeId) -> Tokeniser {
        Tokeniser::new(&self.0, &domain.to_string())
    }

    /// The text of a key file: a tag, the key and a checksum on one line. Secret.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(encode(self.0.as_ref()));
        Zeroizing::new(format!("{FILE_TAG} {} {}\n", key.as_str(), checksum(self.0.as_ref())))
    }

    /// Reads a key file; white space around the line and the mark of an editor before it are forgiven, damage
    /// is not.
    ///
    /// # Errors
    /// [`ProgrammeKeyError::Damaged`].
    pub fn from_file(text: &str) -> Result<Self, ProgrammeKeyError> {
        let mut words = text.trim_start_matches('\u{feff}').split_whitespace();
        let (Some(FILE_TAG), Some(key), Some(sum), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(ProgrammeKeyError::Damaged);
        };
        let bytes = Zeroizing::new(decode(key).ok_or(ProgrammeKeyError::Damaged)?);
        if checksum(&bytes) != sum {
            return Err(ProgrammeKeyError::Damaged);
        }
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ProgrammeKeyError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(ProgrammeKeyError::Damaged);
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// Refuses a key that is not the one the programme names.
    ///
    /// # Errors
    /// [`ProgrammeKeyError::Other`].
    pub fn expect_id(self, id: &KeyId) -> Result<Self, ProgrammeKeyError> {
        if self.id() == *id { Ok(self) } else { Err(ProgrammeKeyError::Other) }
    }

    /// Wraps the key to one partner (HPKE); the ciphertext names neither key nor partner.
    ///
    /// # Errors
    /// [`ProgrammeKeyError::Wrapped`] if the partner's key is not usable.
    pub fn wrap(
        &self,
        to: &SealingPublic,
        programme: &ProgrammeId,
        party: &PartyId,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>, ProgrammeKeyError> {
        seal_secret(to, &wrap_info(programme, party), self.0.as_ref(), entropy)
            .map_err(ProgrammeKeyError::Wrapped)
    }

    /// Opens a wrapped key as the partner it was made for.
    ///
    /// # Errors
    /// [`ProgrammeKeyError::Wrapped`], [`ProgrammeKeyError::Damaged`].
    pub fn unwrap(
        wrapped: &[u8],
        secret: &SealingSecret,
        programme: &ProgrammeId,
        party: &PartyId,
    ) -> Result<Self, ProgrammeKeyError> {
        let key = open_secret(secret, &wrap_info(programme, party), wrapped)
            .map_err(ProgrammeKeyError::Wrapped)?;
        Self::from_bytes(&key)
    }
}

fn wrap_info(programme: &ProgrammeId, party: &PartyId) -> Vec<u8> {
    format!("{}\0{programme}\0{party}", labels::WRAP_PROGRAMME_KEY).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;
    use crate::party::PartySecret;

    #[test]
    fn a_key_file_reads_back_and_damage_is_found() {
        let key = ProgrammeKey::generate(&mut System);
        let file = key.to_file();
        let back = ProgrammeKey::from_file(&format!("\u{a0} {}\n\n", file.trim()));
        assert_eq!(back.expect("white space").id(), key.id());
        let marked = ProgrammeKey::from_file(&format!("\u{feff}{}\r\n", file.as_str()));
        assert_eq!(marked.expect("the mark of an editor").id(), key.id());
        for place in 0..file.trim_end().len() {
            let mut turned = file.as_bytes().to_vec();
            turned[place] ^= 1;
            let turned = String::from_utf8(turned).expect("ASCII");
            assert!(ProgrammeKey::from_file(&turned).is_err(), "turned at {place}");
        }
        for end in 0..file.trim_end().len() {
            assert!(ProgrammeKey::from_file(&file[..end]).is_err(), "cut at {end}");
        }
        let other = ProgrammeKey::generate(&mut System);
        assert_eq!(other.expect_id(&key.id()).err(), Some(ProgrammeKeyError::Other));
    }

    #[test]
    fn a_wrapped_key_opens_for_one_partner_of_one_programme() {
        let key = ProgrammeKey::generate(&mut System);
        let partner = PartySecret::generate(&mut System);
        let programme = ProgrammeId::random(&mut System);
        let party = PartyId::random(&mut System);
        let wrapped =
            key.wrap(&partner.public().sealing, &programme, &party, &mut System).expect("wraps");
        let back = ProgrammeKey::unwrap(&wrapped, &partner.sealing(), &programme, &party);
        assert_eq!(back.expect("opens").id(), key.id());
        let elsewhere = ProgrammeId::random(&mut System);
        assert!(ProgrammeKey::unwrap(&wrapped, &partner.sealing(), &elsewhere, &party).is_err());
        let stranger = PartySecret::generate(&mut System);
        assert!(ProgrammeKey::unwrap(&wrapped, &stranger.sealing(), &programme, &party).is_err());
    }
}
