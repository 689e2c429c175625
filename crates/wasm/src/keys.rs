//! A company's keys in a page: made, taken from files, sealed for the browser's storage, opened again, and the key
//! of a programme wrapped to a partner whose fingerprint was confirmed. What is done with keys is the protocol's
//! (`tiers_protocol::keystore`); here are the forms in which they cross.

use serde_json::{Value, json};
use tiers_protocol::encoding::encode;
use tiers_protocol::entropy::Entropy;
use tiers_protocol::keystore::{Keystore, SealedKeystore, StoreSecret};
use tiers_protocol::party::{Fingerprint, PartyKeyError};
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::{ProgrammeKey, ProgrammeKeyError};
use tiers_protocol::rights_key::RightsKey;
use tiers_protocol::wire::ProgrammePartner;
use zeroize::Zeroizing;

use crate::fault::Fault;

/// The secret of a kind, as the page hands it over: 32 bytes that a passkey gave, or the UTF-8 of a passphrase.
///
/// # Errors
/// [`Fault::Asked`] for what is neither.
pub fn secret(by: &str, bytes: Vec<u8>) -> Result<StoreSecret, Fault> {
    let bytes = Zeroizing::new(bytes);
    match by {
        "prf" => {
            let output: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| Fault::Asked)?;
            Ok(StoreSecret::Prf(Zeroizing::new(*output)))
        }
        "passphrase" => {
            let words = std::str::from_utf8(&bytes).map_err(|_| Fault::Asked)?;
            Ok(StoreSecret::Passphrase(Zeroizing::new(words.to_owned())))
        }
        _ => Err(Fault::Asked),
    }
}

/// Opens what the browser's storage holds (JSON).
///
/// # Errors
/// [`Fault::Keystore`], [`Fault::Asked`].
pub fn open(sealed: &str, secret: &StoreSecret) -> Result<Keystore, Fault> {
    let damaged = tiers_protocol::keystore::KeystoreError::Damaged;
    let sealed: SealedKeystore = serde_json::from_str(sealed).map_err(|_| damaged)?;
    Ok(Keystore::open(&sealed, secret)?)
}

/// Takes a key file.
///
/// # Errors
/// [`Fault::Keystore`].
pub fn add(keys: &mut Keystore, file: Vec<u8>) -> Result<(), Fault> {
    let file = Zeroizing::new(file);
    let none = tiers_protocol::keystore::KeystoreError::NoKey;
    keys.add(std::str::from_utf8(&file).map_err(|_| none)?)?;
    Ok(())
}

/// What the browser's storage is to hold (JSON).
///
/// # Errors
/// [`Fault::Keystore`] for a weak passphrase, [`Fault::Asked`] for another salt.
pub fn seal(keys: &Keystore, secret: &StoreSecret, salt: &[u8]) -> Result<String, Fault> {
    let salt = salt.try_into().map_err(|_| Fault::Asked)?;
    let sealed = keys.seal(secret, salt)?;
    Ok(serde_json::to_string(&sealed).expect("a plain document"))
}

/// What may be shown of them: the fingerprint of the company's keys, the names of the others.
#[must_use]
pub fn contents(keys: &Keystore) -> Value {
    json!({
        "party": keys.party().map(|party| party.public().fingerprint()),
        "rights": keys.rights().map(RightsKey::id),
        "programmes": keys.programmes(),
    })
}

/// The text of the programme's key file, if the key is among them.
///
/// # Errors
/// [`Fault::Programme`].
pub fn programme(keys: &Keystore, programme: &[u8]) -> Result<Option<Zeroizing<String>>, Fault> {
    let programme = Programme::from_json(programme)?;
    let (id, _) = programme.registered()?;
    Ok(keys.programme(id).map(ProgrammeKey::to_file))
}

/// Wraps the programme's key to a partner (JSON, as the API tells of it), if the fingerprint is the one that the
/// partner's own people read out; base64url.
///
/// # Errors
/// [`Fault::OtherKeys`], [`Fault::PartyKey`] for what is no fingerprint, [`Fault::ProgrammeKey`] for another key.
pub fn wrap(
    key: Vec<u8>,
    programme: &[u8],
    (partner, confirmed): (&[u8], &str),
    entropy: &mut impl Entropy,
) -> Result<String, Fault> {
    let key = Zeroizing::new(key);
    let programme = Programme::from_json(programme)?;
    let (id, _) = programme.registered()?;
    let text = std::str::from_utf8(&key).map_err(|_| ProgrammeKeyError::Damaged)?;
    let key = ProgrammeKey::from_file(text)?.expect_id(id)?;
    let partner: ProgrammePartner = serde_json::from_slice(partner).map_err(|_| Fault::Asked)?;
    let confirmed: Fingerprint = confirmed.parse().map_err(|error: PartyKeyError| error)?;
    if partner.keys.fingerprint() != confirmed {
        return Err(Fault::OtherKeys);
    }
    let wrapped = key.wrap(&partner.keys.sealing, &programme.id, &partner.party, entropy)?;
    Ok(encode(&wrapped))
}

#[cfg(test)]
mod tests {
    use tiers_protocol::entropy::System;
    use tiers_protocol::keystore::KeystoreError;

    use super::*;

    #[test]
    fn keys_come_back_from_the_storage_and_say_what_they_are() {
        let mut keys = Keystore::default();
        keys.make_party(&mut System);
        let rights = RightsKey::generate(&mut System);
        add(&mut keys, rights.to_file().as_bytes().to_vec()).expect("a rights key");
        assert_eq!(add(&mut keys, vec![0xff]), Err(KeystoreError::NoKey.into()));
        let under = || secret("prf", vec![9; 32]).expect("a secret");
        let sealed = seal(&keys, &under(), &[1; 32]).expect("seals");
        assert_eq!(seal(&keys, &under(), &[1; 31]), Err(Fault::Asked));
        let back = open(&sealed, &under()).unwrap_or_else(|no| panic!("{no}"));
        assert_eq!(contents(&back), contents(&keys));
        assert_eq!(contents(&back)["rights"], rights.id().to_string());
        let other = secret("passphrase", b"nine".to_vec()).expect("words");
        assert_eq!(open(&sealed, &other).err(), Some(KeystoreError::Secret.into()));
        assert_eq!(open("{}", &under()).err(), Some(KeystoreError::Damaged.into()));
        assert_eq!(secret("prf", vec![9; 31]).err(), Some(Fault::Asked));
        assert_eq!(secret("pin", b"1234".to_vec()).err(), Some(Fault::Asked));
    }
}
