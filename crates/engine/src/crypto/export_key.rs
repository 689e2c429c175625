//! The keys of one export to a cluster: what its tokens are re-keyed with once more, and what its files are
//! encrypted with.
//!
//! Both follow from one secret that is drawn for the export and wiped with it. The cluster is told the second
//! and never the first: a token that it sees leads nowhere, neither into the vault nor into another export.
//! Specified in `docs/scale.md`, "What leaves"; HKDF is RFC 5869, HMAC RFC 2104.

use tiers_contact::{Keyed, Kind, labels};
use tiers_protocol::entropy::Entropy;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    chain::{VAULT_TOKEN_LEN, VaultToken},
    hkdf::expand,
};

/// The secret of one export (32 bytes). Wiped on drop; opaque.
#[derive(ZeroizeOnDrop)]
pub struct ExportKey([u8; 32]);

impl ExportKey {
    /// A new secret, of an export that is about to begin.
    #[must_use]
    pub fn random(entropy: &mut impl Entropy) -> Self {
        let mut secret = Self([0; 32]);
        entropy.fill(&mut secret.0);
        secret
    }

    /// What re-keys the tokens: a key for each kind. It stays with the certifier.
    #[must_use]
    pub fn tokens(&self) -> ExportTokens {
        let mac = |kind: Kind| {
            let info = [labels::EXPORT_TOKEN_PREFIX.as_bytes(), kind.as_str().as_bytes()];
            Keyed::new(&expand(&self.0, &[], &info))
        };
        ExportTokens(Kind::ALL.map(mac))
    }

    /// The AES-256 key of the files: the one that the cluster is told.
    #[must_use]
    pub fn body(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[], &[labels::EXPORT_BODY.as_bytes()])
    }
}

/// Re-keys the tokens of one export. Wiped on drop.
pub struct ExportTokens([Keyed; Kind::ALL.len()]);

impl ExportTokens {
    /// The first 16 bytes of the HMAC of a token at rest, under the key of its kind.
    #[must_use]
    pub fn token(&self, kind: Kind, token: &VaultToken) -> [u8; VAULT_TOKEN_LEN] {
        let mac = self.0[kind.index()].mac_of_short(token.as_bytes());
        let (short, _) = mac.split_at(VAULT_TOKEN_LEN);
        short.try_into().expect("sixteen bytes")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Fills with one byte.
    struct Constant(u8);

    impl Entropy for Constant {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn every_export_kind_and_use_has_its_own_key() {
        let mut seen = BTreeSet::new();
        for secret in [1, 2] {
            let key = ExportKey::random(&mut Constant(secret));
            assert!(seen.insert(key.body()[..16].to_vec()));
            for kind in Kind::ALL {
                for token in [[3; 16], [4; 16]] {
                    let rekeyed = key.tokens().token(kind, &VaultToken::from_bytes(token));
                    assert!(seen.insert(rekeyed.to_vec()), "{kind}");
                }
            }
        }
        assert_eq!(seen.len(), 2 * (1 + 13 * 2));
    }

    #[test]
    fn a_token_is_the_same_wherever_it_lies_in_one_export() {
        let key = ExportKey::random(&mut Constant(9));
        let token = VaultToken::from_bytes([7; 16]);
        assert_eq!(key.tokens().token(Kind::Card, &token), key.tokens().token(Kind::Card, &token));
    }
}
