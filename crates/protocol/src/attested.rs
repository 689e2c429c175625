//! A document of the certifier with everything needed to check it offline: the ledger entry that
//! commits to it, the salt that opens the commitment, the proof that the entry is in the ledger,
//! and the certifier's signature over all of it.

use crate::canonical::{self, CanonicalError};
use crate::encoding::Bytes;
use crate::sign::{Signature, SigningSecret};
use crate::tlog::{Entry, EntryType, LedgerProof, commit};
use crate::trust::Trust;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A document that the ledger commits to.
pub trait Recorded: Serialize + DeserializeOwned {
    /// Label of the certifier's signature.
    const LABEL: &'static str;
    /// Type of the ledger entry.
    const ENTRY: EntryType;
    /// Object that the entry names.
    fn object(&self) -> String;
}

/// Where the ledger speaks of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// The entry, in canonical form.
    pub entry: String,
    /// Salt of the entry's commitment.
    pub salt: Bytes<32>,
    /// Proof that the entry is in the ledger (C2SP tlog-proof).
    pub proof: String,
}

/// A document, its evidence and the certifier's signature over both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attested<T> {
    /// What is attested.
    pub document: T,
    /// Its place in the ledger.
    pub evidence: Evidence,
    /// Ed25519 over document and evidence.
    pub signature: Signature,
}

/// Why an attested document is not what it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestedError {
    /// Not the canonical bytes of such a document.
    #[error(transparent)]
    Encoding(#[from] CanonicalError),
    /// The certifier did not sign this.
    #[error("the certifier's signature does not match")]
    Signature,
    /// The ledger key in the trust file cannot be read.
    #[error("the trust file's ledger key cannot be read")]
    Trust,
    /// The ledger entry is malformed, or speaks of something else.
    #[error("the ledger entry does not speak of this document")]
    Entry,
    /// The entry commits to other content.
    #[error("the ledger entry commits to another content than this document's")]
    Commitment,
    /// A step does not lead to the root that the next document or the entry commits to.
    #[error("a step of the proof does not lead to the root that the ledger commits to")]
    Step,
    /// The entry is not proven to be in the ledger.
    #[error("the ledger proof does not hold")]
    Proof,
}

impl AttestedError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Encoding(error) => error.code(),
            Self::Signature => "attested.signature",
            Self::Trust => "attested.trust",
            Self::Entry => "attested.entry",
            Self::Commitment => "attested.commitment",
            Self::Step => "attested.step",
            Self::Proof => "attested.proof",
        }
    }
}

impl<T: Recorded> Attested<T> {
    /// Signs as the certifier.
    #[must_use]
    pub fn new(document: T, evidence: Evidence, secret: &SigningSecret) -> Self {
        let signature = secret.sign(T::LABEL, &(&document, &evidence));
        Self { document, evidence, signature }
    }

    /// Reads canonical bytes and checks everything that can be checked offline.
    ///
    /// # Errors
    /// [`AttestedError`].
    pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Self, AttestedError> {
        let read: Self = canonical::from_slice(bytes)?;
        if !trust.signing.verifies(T::LABEL, &(&read.document, &read.evidence), &read.signature) {
            return Err(AttestedError::Signature);
        }
        read.verify_evidence(trust)?;
        Ok(read)
    }

    fn verify_evidence(&self, trust: &Trust) -> Result<(), AttestedError> {
        let verifier = trust.ledger_verifier().ok_or(AttestedError::Trust)?;
        let bytes = self.evidence.entry.as_bytes();
        let entry = Entry::decode(bytes).map_err(|_| AttestedError::Entry)?;
        if entry.entry_type() != T::ENTRY || entry.object().as_str() != self.document.object() {
            return Err(AttestedError::Entry);
        }
        let commitment = commit(self.evidence.salt.as_bytes(), &canonical::to_vec(&self.document));
        if *entry.commitment() != commitment {
            return Err(AttestedError::Commitment);
        }
        let proof =
            LedgerProof::parse(self.evidence.proof.as_bytes()).map_err(|_| AttestedError::Proof)?;
        proof.verify(bytes, &verifier).map(drop).map_err(|_| AttestedError::Proof)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        canonical::to_vec(self)
    }
}
