//! The vault PRF chain: tokens as parties send them become tokens as they lie at rest.
//!
//! `s_0 = t`, `s_i` = the first 16 bytes of `HMAC-SHA-256(k_i, s_{i-1})` (RFC 2104), and the vault
//! token is the last link. Every row, old or new, passes the whole chain; because each link is cut,
//! a stored token can pass a link that a rotation has added, and old and new rows still meet. What
//! is here is not a way back: without the chain nobody who holds the programme key and the data
//! directory can recognise a token.
//! Specified in `docs/formats/segment-v1.md`, "Tokens at rest".

use ring::hmac;
use thiserror::Error;
use tiers_contact::Token;

/// Length in bytes of a vault token.
pub const VAULT_TOKEN_LEN: usize = 16;

/// A token as it lies at rest: 16 bytes, compared and ordered as bytes so that sorted streams can be
/// merged. Still personal data: it has no `Debug`, no `Display` and no serialisation.
///
/// 128 bits of a PRF: among 2^27 tokens of one kind a chance collision has probability below 2^-74.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VaultToken([u8; VAULT_TOKEN_LEN]);

impl VaultToken {
    /// Takes the 16 bytes that a segment holds.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; VAULT_TOKEN_LEN]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, for a segment and for nothing else.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; VAULT_TOKEN_LEN] {
        &self.0
    }
}

/// Why a chain cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// A chain without a key would leave tokens at rest as the parties sent them.
    #[error("the vault chain has no key")]
    Empty,
}

impl ChainError {
    /// Stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "vault.empty_chain",
        }
    }
}

/// The keys of the vault, oldest first. Opaque: no `Debug`, no `Clone`, no way to read a key back.
///
/// The expanded HMAC states live in `ring`, which does not wipe them; the process that holds a chain
/// is therefore the boundary, as it is for every key in use.
pub struct VaultChain {
    links: Vec<hmac::Key>,
}

impl VaultChain {
    /// A chain of 32-byte keys, oldest first. The caller keeps and wipes its own copy of the keys.
    ///
    /// # Errors
    /// [`ChainError::Empty`] without any key.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8; 32]>) -> Result<Self, ChainError> {
        let links: Vec<_> =
            keys.into_iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect();
        if links.is_empty() { Err(ChainError::Empty) } else { Ok(Self { links }) }
    }

    /// The token at rest of a token as it was deposited.
    #[must_use]
    pub fn rekey(&self, token: &Token) -> VaultToken {
        let mut links = self.links.iter();
        let first = links.next().expect("a chain has a key");
        links.fold(link(first, token.as_bytes()), |token, key| link(key, token.as_bytes()))
    }
}

/// One link: the short end of one HMAC.
fn link(key: &hmac::Key, message: &[u8]) -> VaultToken {
    let mut short = [0; VAULT_TOKEN_LEN];
    short.copy_from_slice(&hmac::sign(key, message).as_ref()[..VAULT_TOKEN_LEN]);
    VaultToken(short)
}

#[cfg(test)]
mod tests {
    use ::hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::*;

    fn oracle(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }

    #[test]
    fn a_stored_token_passes_an_added_link_to_meet_new_rows() {
        let token = Token::from_bytes([9; 32]);
        let one = VaultChain::new([&[1; 32]]).expect("one key");
        assert!(one.rekey(&token).as_bytes()[..] == oracle(&[1; 32], &[9; 32])[..16]);

        let two = VaultChain::new([&[1; 32], &[2; 32]]).expect("two keys");
        // What a rotation does to a stored token: one link more.
        let rotated = oracle(&[2; 32], one.rekey(&token).as_bytes());
        assert!(two.rekey(&token).as_bytes()[..] == rotated[..16]);
        assert!(two.rekey(&token) != one.rekey(&token));
    }

    #[test]
    fn a_chain_needs_a_key() {
        let refused = VaultChain::new([]).err();
        assert_eq!(refused, Some(ChainError::Empty));
        assert_eq!(refused.map(|e| e.code()), Some("vault.empty_chain"));
    }
}
