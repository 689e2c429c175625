//! What an officer asks for, and the dossier that comes back: acts with the details that the ledger's entries
//! commit to and the proofs that the entries are in the ledger, signed, to be checked without the certifier.
//! Specified by `docs/formats/dossier.md`.

mod document;
mod ticked;

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use crate::canonical::{self, CanonicalError};
use crate::encoding::Bytes;
use crate::ids::{ActorId, ProgrammeId};
use crate::sign::{Signature, SigningSecret};
use crate::tlog::{Entry, LedgerProof, LedgerVerifier, commit};
use crate::trust::Trust;
use crate::wire::PersonToken;

pub use document::{CarriedDocument, DocumentKind};
pub use ticked::TickedAct;

/// `POST /v1/searches`: which acts, and why. What is not said is not asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSearch {
    /// Why, 1 to 500 characters; it is recorded.
    pub reason: String,
    /// An object: a programme, a deposit, a release, an exchange, a party, an act. What belongs to it is found
    /// as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// A person: what holds the person's rows, and what was counted from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonSearch>,
    /// A party: what it did, and what concerns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// A type of act, such as `release.published`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
    /// First day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Last day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The acts about persons, which enter the ledger with a tick, in place of those with an entry of their own.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub about_persons: bool,
    /// First index in the ledger; of acts about persons the first number of a leaf.
    #[serde(default)]
    pub from: u64,
    /// Acts in the answer; 500 at most and when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Whose rows are looked for: by tokens that a party made of the person's contacts on its own machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonSearch {
    /// In which programme.
    pub programme: ProgrammeId,
    /// Tokens of one person, of key kinds; they are looked for and not kept.
    pub tokens: Vec<PersonToken>,
}

/// One act with everything that checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvenAct {
    /// The entry, in canonical form.
    pub entry: String,
    /// What it commits to; absent once it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opened>,
    /// Proof that the entry is in the ledger (C2SP tlog-proof).
    pub proof: String,
}

/// What opens an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opened {
    /// Who acted: the account behind the entry's pseudonym.
    pub actor: String,
    /// The detail, in canonical form.
    pub detail: String,
    /// The salt of both.
    pub salt: Bytes<32>,
}

impl Opened {
    /// Whether this is what an entry commits to.
    #[must_use]
    pub fn opens(&self, entry: &Entry) -> bool {
        let salt = self.salt.as_bytes();
        commit(salt, self.detail.as_bytes()) == *entry.commitment()
            && pseudonym(salt, &self.actor) == entry.actor().as_str()
    }
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dossier {
    format: DossierFormat,
    /// The ledger's name.
    pub origin: String,
    /// What it is about: an id, or `person` and the programme's.
    pub about: String,
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// For which account.
    pub made_for: ActorId,
    /// Why.
    pub reason: String,
    /// The acts, in their order in the ledger.
    pub acts: Vec<ProvenAct>,
    /// Acts about persons, which entered the ledger with a tick, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about_persons: Vec<TickedAct>,
    /// Of an exchange: the signed agreement first, then what was said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<CarriedDocument>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum DossierFormat {
    #[serde(rename = "tiers-dossier/1")]
    V1,
}

/// What a dossier is about and for whom.
#[derive(Debug, Clone)]
pub struct Heading {
    /// The ledger's name.
    pub origin: String,
    /// The object.
    pub about: String,
    /// When it is made.
    pub made_at: String,
    /// For which account.
    pub made_for: ActorId,
    /// Why.
    pub reason: String,
}

/// A dossier with the certifier's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedDossier {
    /// What is signed.
    pub dossier: Dossier,
    /// Ed25519 of the certifier.
    pub signature: Signature,
}

/// Why a dossier does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DossierError {
    /// Not the canonical bytes of a dossier.
    #[error(transparent)]
    Encoding(#[from] CanonicalError),
    /// The certifier did not sign it.
    #[error("the certifier's signature does not match")]
    Signature,
    /// The trust file is of another ledger, or its key cannot be read.
    #[error("the trust file is not that of this dossier's ledger")]
    Trust,
    /// An entry is malformed.
    #[error("act {0} of the dossier is malformed")]
    Entry(usize),
    /// A detail or an actor is not what the entry commits to.
    #[error("act {0} of the dossier is not what its entry commits to")]
    Commitment(usize),
    /// An entry is not proven to be in the ledger, or the acts are out of order.
    #[error("act {0} of the dossier is not proven to be in the ledger")]
    Proof(usize),
    /// An act about a person is not what its tick and the ledger commit to.
    #[error("act {0} about persons of the dossier is not proven to be in a tick of the ledger")]
    Ticked(usize),
    /// A document is not signed, or no act of the dossier commits to it.
    #[error("document {0} of the dossier is not signed, or no act commits to it")]
    Document(usize),
}

impl DossierError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Encoding(error) => error.code(),
            Self::Signature => "dossier.signature",
            Self::Trust => "dossier.trust",
            Self::Entry(_) => "dossier.entry",
            Self::Commitment(_) => "dossier.commitment",
            Self::Proof(_) => "dossier.proof",
            Self::Ticked(_) => "dossier.ticked",
            Self::Document(_) => "dossier.document",
        }
    }
}

impl SignedDossier {
    /// Puts a dossier together and signs it as the certifier.
    #[must_use]
    pub fn new(
        heading: Heading,
        (acts, about_persons, documents): (Vec<ProvenAct>, Vec<TickedAct>, Vec<CarriedDocument>),
        secret: &SigningSecret,
    ) -> Self {
        let Heading { origin, about, made_at, made_for, reason } = heading;
        let format = DossierFormat::V1;
        let dossier = Dossier {
            format,
            origin,
            about,
            made_at,
            made_for,
            reason,
            acts,
            about_persons,
            documents,
        };
        let signature = secret.sign(labels::SIGN_DOSSIER, &dossier);
        Self { dossier, signature }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        canonical::to_vec(self)
    }

    /// Reads canonical bytes and checks everything offline: the signature, and of each act that its entry is
    /// in the ledger and commits to what is shown, of each document that it is signed and committed to.
    ///
    /// # Errors
    /// [`DossierError`].
    pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Self, DossierError> {
        let read: Self = canonical::from_slice(bytes)?;
        if !trust.signing.verifies(labels::SIGN_DOSSIER, &read.dossier, &read.signature) {
            return Err(DossierError::Signature);
        }
        let ledger = LedgerVerifier::from_vkey(&trust.ledger).map_err(|_| DossierError::Trust)?;
        if ledger.origin() != trust.origin || read.dossier.origin != trust.origin {
            return Err(DossierError::Trust);
        }
        let mut last = None;
        for (place, act) in read.dossier.acts.iter().enumerate() {
            let index = act.verify(place, &ledger)?;
            if last.is_some_and(|last| index <= last) {
                return Err(DossierError::Proof(place));
            }
            last = Some(index);
        }
        if let Some(place) = ticked::first_unproven(&read.dossier.about_persons, trust) {
            return Err(DossierError::Ticked(place));
        }
        if let Some(place) = document::first_unproven(&read.dossier.documents, &read.dossier.acts) {
            return Err(DossierError::Document(place));
        }
        Ok(read)
    }
}

impl ProvenAct {
    /// Checks the act at `place`; its index in the ledger.
    fn verify(&self, place: usize, ledger: &LedgerVerifier) -> Result<u64, DossierError> {
        let bytes = self.entry.as_bytes();
        let entry = Entry::decode(bytes).map_err(|_| DossierError::Entry(place))?;
        if self.opened.as_ref().is_some_and(|opened| !opened.opens(&entry)) {
            return Err(DossierError::Commitment(place));
        }
        let proof = LedgerProof::parse(self.proof.as_bytes());
        let proof = proof.map_err(|_| DossierError::Proof(place))?;
        proof.verify(bytes, ledger).map_err(|_| DossierError::Proof(place))?;
        Ok(proof.index())
    }
}

/// The name of an actor in one entry. Whoever is shown salt and actor can check that they belong to it;
/// nobody else can tell two entries of one actor from those of two (`docs/formats/ledger-entry.md`).
#[must_use]
pub fn pseudonym(salt: &[u8; 32], actor: &str) -> String {
    let whole = commit(salt, format!("{}\0{actor}", labels::ACT_ACTOR).as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&whole[..16]);
    ActorId::from_bytes(short).to_string()
}
