//! The rights key: 32 random bytes, long-lived, one for each principal group, under which e-mail
//! addresses and telephone numbers become tokens for consents, oppositions, exchanges and requests of
//! persons. Like a programme key it exists on the machines of the group's parties only; unlike one it
//! names its domain itself, so that no programme can be mistaken for it. Specified in
//! `docs/formats/keys.md`.

use tiers_contact::normalise::{email, phone};
use tiers_contact::{Kind, Token, Tokeniser, labels};
use zeroize::Zeroizing;

use crate::encoding::{Bytes, decode, encode, sha256};
use crate::entropy::Entropy;
use crate::party::{Fingerprint, checksum};
use crate::programme_key::KeyId;
use crate::seal::{SealError, SealingPublic, SealingSecret, open_secret, seal_secret};
use crate::wire::PersonToken;

/// Why a rights key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RightsKeyError {
    /// Not a key file, or a truncated or damaged one.
    #[error("not a rights key file, or a damaged one: its checksum does not match")]
    Damaged,
    /// The wrapped key does not open.
    #[error("the wrapped rights key does not open with this party key: {0}")]
    Wrapped(SealError),
}

impl RightsKeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "rights_key.damaged",
            Self::Wrapped(_) => "rights_key.wrapped",
        }
    }
}

/// The key itself; wiped when dropped, never printed.
pub struct RightsKey(Zeroizing<[u8; 32]>);

const FILE_TAG: &str = "TIERS-RIGHTS-KEY-1";

impl RightsKey {
    /// A new key.
    pub fn generate(entropy: &mut impl Entropy) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        entropy.fill(key.as_mut());
        Self(key)
    }

    /// What may be shown of the key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut input = Zeroizing::new(labels::RIGHTS_KEY_ID.as_bytes().to_vec());
        input.push(0);
        input.extend_from_slice(self.0.as_ref());
        let mut id = [0; 16];
        id.copy_from_slice(&sha256(&input).as_bytes()[..16]);
        KeyId::new(id)
    }

    /// What turns normalised contacts into rights tokens: in the domain of this key, which is none of a
    /// programme.
    #[must_use]
    pub fn tokeniser(&self) -> Tokeniser {
        Tokeniser::new(&self.0, &format!("{}{}", labels::RIGHTS_DOMAIN_PREFIX, self.id()))
    }

    /// The text of a key file: a tag, the key and a checksum on one line. Secret.
    #[must_use]
    pub fn to_file(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(encode(self.0.as_ref()));
        Zeroizing::new(format!("{FILE_TAG} {} {}\n", key.as_str(), checksum(self.0.as_ref())))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`RightsKeyError::Damaged`].
    pub fn from_file(text: &str) -> Result<Self, RightsKeyError> {
        let mut words = text.trim_start_matches('\u{feff}').split_whitespace();
        let (Some(FILE_TAG), Some(key), Some(sum), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(RightsKeyError::Damaged);
        };
        let bytes = Zeroizing::new(decode(key).ok_or(RightsKeyError::Damaged)?);
        if checksum(&bytes) != sum {
            return Err(RightsKeyError::Damaged);
        }
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, RightsKeyError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(RightsKeyError::Damaged);
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// Wraps the key to one party of the group (HPKE), whose fingerprint was confirmed.
    ///
    /// # Errors
    /// [`RightsKeyError::Wrapped`] if the party's key is not usable.
    pub fn wrap(
        &self,
        to: &SealingPublic,
        fingerprint: &Fingerprint,
        entropy: &mut impl Entropy,
    ) -> Result<Vec<u8>, RightsKeyError> {
        seal_secret(to, &wrap_info(fingerprint), self.0.as_ref(), entropy)
            .map_err(RightsKeyError::Wrapped)
    }

    /// Opens a wrapped key as the party it was made for.
    ///
    /// # Errors
    /// [`RightsKeyError::Wrapped`], [`RightsKeyError::Damaged`].
    pub fn unwrap(
        wrapped: &[u8],
        secret: &SealingSecret,
        fingerprint: &Fingerprint,
    ) -> Result<Self, RightsKeyError> {
        let key = open_secret(secret, &wrap_info(fingerprint), wrapped)
            .map_err(RightsKeyError::Wrapped)?;
        Self::from_bytes(&key)
    }
}

fn wrap_info(fingerprint: &Fingerprint) -> Vec<u8> {
    format!("{}\0{fingerprint}", labels::WRAP_RIGHTS_KEY).into_bytes()
}

/// The tokens of a person by an e-mail address and a cell of telephone numbers, as they stand in a file;
/// empty where neither can be read.
#[must_use]
pub fn person_tokens(tokeniser: &Tokeniser, address: &str, numbers: &str) -> Vec<PersonToken> {
    let mut tokens = Vec::new();
    let mut add = |kind: Kind, normal: Option<&str>| {
        if let Some(normal) = normal {
            let token: Token = tokeniser.token(kind, normal);
            tokens.push(PersonToken { kind, token: Bytes::new(*token.as_bytes()) });
        }
    };
    add(Kind::Email, email::normalise(address).value().as_deref());
    if !numbers.trim().is_empty() {
        let numbers = phone::normalise(numbers);
        add(Kind::Mobile, numbers.mobile.as_deref());
        add(Kind::Landline, numbers.landline.as_deref());
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;
    use crate::party::PartySecret;
    use crate::programme_key::ProgrammeKey;

    #[test]
    fn a_key_file_reads_back_damage_is_found_and_no_programme_key_is_one() {
        let key = RightsKey::generate(&mut System);
        let file = key.to_file();
        assert_eq!(RightsKey::from_file(&file).expect("reads").id(), key.id());
        for place in 0..file.trim_end().len() {
            let mut turned = file.as_bytes().to_vec();
            turned[place] ^= 1;
            let turned = String::from_utf8(turned).expect("ASCII");
            assert!(RightsKey::from_file(&turned).is_err(), "turned at {place}");
        }
        assert!(ProgrammeKey::from_file(&file).is_err());
        let other = ProgrammeKey::generate(&mut System).to_file();
        assert!(RightsKey::from_file(&other).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_for_one_party() {
        let key = RightsKey::generate(&mut System);
        let party = PartySecret::generate(&mut System);
        let print = party.public().fingerprint();
        let wrapped = key.wrap(&party.public().sealing, &print, &mut System).expect("wraps");
        let back = RightsKey::unwrap(&wrapped, &party.sealing(), &print).expect("opens");
        assert_eq!(back.id(), key.id());
        let stranger = PartySecret::generate(&mut System);
        assert!(RightsKey::unwrap(&wrapped, &stranger.sealing(), &print).is_err());
        let other = stranger.public().fingerprint();
        assert!(RightsKey::unwrap(&wrapped, &party.sealing(), &other).is_err());
    }

    #[test]
    fn tokens_are_of_the_persons_and_of_the_key() {
        let (one, two) = (RightsKey::generate(&mut System), RightsKey::generate(&mut System));
        let tokens = |key: &RightsKey, address: &str, numbers: &str| {
            let all = person_tokens(&key.tokeniser(), address, numbers);
            all.into_iter().map(|one| (one.kind, one.token)).collect::<Vec<_>>()
        };
        let first = tokens(&one, "Ada@Example.com ", "07 45 84 04 75 / 03 40 35 17 37");
        assert_eq!(first.len(), 3);
        assert_eq!(first, tokens(&one, "ada@example.com", "+33745840475 ; +33340351737"));
        let other = tokens(&two, "ada@example.com", "07 45 84 04 75");
        assert!(other.iter().all(|token| !first.contains(token)));
        assert!(tokens(&one, "nc", "").is_empty());
    }
}
