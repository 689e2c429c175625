//! What a verifier needs to know of a certifier: its public keys. `trust.json` is this document.

use crate::encoding::{encode, sha256};
use crate::seal::SealingPublic;
use crate::sign::SigningPublic;
use serde::{Deserialize, Serialize};

/// The public keys of one certifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trust {
    format: TrustFormat,
    /// Name of the certifier's ledger (the origin line of its checkpoints).
    pub origin: String,
    /// Verifier key of the ledger as the signed-note specification writes it.
    pub ledger: String,
    /// Checks receipts and certificates.
    pub signing: SigningPublic,
    /// What deposits are sealed to.
    pub sealing: SealingPublic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum TrustFormat {
    #[serde(rename = "tiers-trust/1")]
    V1,
}

impl Trust {
    /// Puts a certifier's public keys together.
    #[must_use]
    pub const fn new(
        origin: String,
        ledger: String,
        signing: SigningPublic,
        sealing: SealingPublic,
    ) -> Self {
        Self { format: TrustFormat::V1, origin, ledger, signing, sealing }
    }

    /// The three fingerprints that a careful reader compares with those the certifier publishes:
    /// (what the key does, first 128 bits of its digest).
    #[must_use]
    pub fn fingerprints(&self) -> [(&'static str, String); 3] {
        let short = |bytes: &[u8]| encode(&sha256(bytes).as_bytes()[..16]);
        [
            ("ledger", short(self.ledger.as_bytes())),
            ("signing", short(self.signing.as_bytes())),
            ("sealing", short(self.sealing.as_bytes())),
        ]
    }
}
