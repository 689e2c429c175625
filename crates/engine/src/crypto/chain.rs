//! The vault PRF chain: tokens as parties send them become tokens as they lie at rest.
//!
//! `s_0 = t`, `s_i` = the first 16 bytes of `HMAC-SHA-256(k_i, s_{i-1})` (RFC 2104), and the vault
//! token is the last link. Every row, old or new, passes the whole chain; because each link is cut,
//! a stored token can pass a link that a rotation has added, and old and new rows still meet. What
//! is here is not a way back: without the chain nobody who holds the programme key and the data
//! directory can recognise a token.
//! Specified in `docs/formats/segment-v1.md`, "Tokens at rest".

use thiserror::Error;
use tiers_contact::{Keyed, Token};

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

/// The keys of the vault, oldest first. Opaque: no `Debug`, no `Clone`, no way to read a key back. What it
/// holds of them, the two states of each HMAC, is wiped on drop.
pub struct VaultChain {
    first: Keyed,
    later: Vec<Keyed>,
}

impl VaultChain {
    /// A chain of 32-byte keys, oldest first. The caller keeps and wipes its own copy of the keys.
    ///
    /// # Errors
    /// [`ChainError::Empty`] without any key.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8; 32]>) -> Result<Self, ChainError> {
        let mut keys = keys.into_iter().map(Keyed::new);
        let first = keys.next().ok_or(ChainError::Empty)?;
        Ok(Self { first, later: keys.collect() })
    }

    /// The token at rest of a token as it was deposited: two compressions of SHA-256 for each key.
    #[must_use]
    pub fn rekey(&self, token: &Token) -> VaultToken {
        let first = short(&self.first.mac(token.as_bytes()));
        self.later.iter().fold(first, |token, key| link(key, &token))
    }

    /// Puts the tokens at rest of `tokens` behind what `out` holds, in the same order. The room is
    /// taken once.
    pub fn rekey_all<'a>(
        &self,
        tokens: impl ExactSizeIterator<Item = &'a Token>,
        out: &mut Vec<VaultToken>,
    ) {
        out.reserve(tokens.len());
        out.extend(tokens.map(|token| self.rekey(token)));
    }

    /// Passes a stored token through the links behind the first `passed` ones: what extending the chain
    /// does to a token that is at rest already. With all links passed it stays what it is.
    ///
    /// `None` if no link was passed (then it is no stored token) or more than there are.
    #[must_use]
    pub fn advance(&self, stored: VaultToken, passed: usize) -> Option<VaultToken> {
        let later = self.later.get(passed.checked_sub(1)?..)?;
        Some(later.iter().fold(stored, |token, key| link(key, &token)))
    }

    /// How many links the chain has, at least one.
    #[must_use]
    pub const fn links(&self) -> usize {
        1 + self.later.len()
    }
}

/// One link behind the first.
fn link(key: &Keyed, token: &VaultToken) -> VaultToken {
    short(&key.mac_of_short(token.as_bytes()))
}

/// The short end of one HMAC.
fn short(mac: &[u8; 32]) -> VaultToken {
    let (short, _) = mac.split_at(VAULT_TOKEN_LEN);
    VaultToken(short.try_into().expect("sixteen bytes"))
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
    fn chains_of_any_length_are_those_of_ring() {
        use ring::hmac::{HMAC_SHA256, Key, sign};
        let mut state = [7; 32];
        let mut next = || {
            state = oracle(&state, b"next").try_into().expect("32 bytes");
            state
        };
        for links in 1..=5 {
            for _ in 0..200 {
                let keys: Vec<[u8; 32]> = (0..links).map(|_| next()).collect();
                let tokens: Vec<Token> = (0..3).map(|_| Token::from_bytes(next())).collect();
                let chain = VaultChain::new(&keys).expect("keys");
                let mut out = vec![VaultToken([0; 16])];
                chain.rekey_all(tokens.iter(), &mut out);
                assert!(out.len() == 4 && out[0] == VaultToken([0; 16]) && chain.links() == links);
                for (token, found) in tokens.iter().zip(&out[1..]) {
                    let mut stages = vec![token.as_bytes().to_vec()];
                    for key in &keys {
                        let mac = sign(&Key::new(HMAC_SHA256, key), &stages[stages.len() - 1]);
                        stages.push(mac.as_ref()[..16].to_vec());
                    }
                    assert!(stages[links][..] == found.as_bytes()[..]);
                    // From every earlier link on, and from none that is not there.
                    for (passed, stage) in stages.iter().enumerate().skip(1) {
                        let stage = VaultToken(stage[..].try_into().expect("sixteen bytes"));
                        assert!(chain.advance(stage, passed) == Some(*found));
                    }
                    assert!(chain.advance(*found, 0).is_none());
                    assert!(chain.advance(*found, links + 1).is_none());
                }
            }
        }
    }

    #[test]
    fn a_chain_needs_a_key() {
        let refused = VaultChain::new([]).err();
        assert_eq!(refused, Some(ChainError::Empty));
        assert_eq!(refused.map(|e| e.code()), Some("vault.empty_chain"));
    }
}
