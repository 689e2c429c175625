//! What a verifier needs to know of a certifier: its public keys. `trust.json` is this document.

use crate::encoding::{encode, sha256};
use crate::seal::SealingPublic;
use crate::sign::SigningPublic;
use crate::tlog::{LedgerVerifier, WitnessPolicy};
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
    /// Who witnesses the ledger, and how many of them a proof needs (C2SP tlog-policy); absent where
    /// nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnesses: Option<String>,
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
        Self { format: TrustFormat::V1, origin, ledger, signing, sealing, witnesses: None }
    }

    /// The same keys, with the witnesses of a policy.
    #[must_use]
    pub fn with_witnesses(self, policy: &WitnessPolicy) -> Self {
        let text = (!policy.witnesses().is_empty()).then(|| policy.text().to_owned());
        Self { witnesses: text, ..self }
    }

    /// What checks the ledger: its key with its witnesses. `None` when either cannot be read, or the
    /// key is that of a ledger of another name.
    #[must_use]
    pub fn ledger_verifier(&self) -> Option<LedgerVerifier> {
        let verifier = LedgerVerifier::from_vkey(&self.ledger).ok()?;
        let policy = self.witnesses.as_deref().map(WitnessPolicy::parse).transpose().ok()?;
        let named = verifier.origin() == self.origin;
        named.then(|| verifier.with_witnesses(policy.unwrap_or_default()))
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
