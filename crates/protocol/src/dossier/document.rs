//! The signed documents that a dossier of an exchange carries: the agreement, and what its parties have said of
//! it. Each is signed by whoever said it, and an act of the dossier commits to it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ProvenAct;
use crate::canonical;
use crate::exchange::{Agreement, SignedAct, SignedAgreement};
use crate::tlog::{Entry, EntryType};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DocumentKind {
    /// The agreement of an exchange, as its proposer signed it.
    Agreement,
    /// What a party said of it, signed.
    Said,
}

/// A document that an act commits to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CarriedDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// The document, in canonical form.
    pub text: String,
}

impl CarriedDocument {
    /// The agreement.
    #[must_use]
    pub fn agreement(signed: &SignedAgreement) -> Self {
        Self::of(DocumentKind::Agreement, signed)
    }

    /// What was said.
    #[must_use]
    pub fn said(signed: &SignedAct) -> Self {
        Self::of(DocumentKind::Said, signed)
    }

    fn of(kind: DocumentKind, document: &impl Serialize) -> Self {
        let text = String::from_utf8(canonical::to_vec(document));
        Self { kind, text: text.expect("canonical JSON is text") }
    }

    /// Reads an agreement that its proposer signed.
    fn read_agreement(&self) -> Option<SignedAgreement> {
        let read: SignedAgreement = canonical::from_slice(self.text.as_bytes()).ok()?;
        read.is_signed().then_some(read)
    }

    fn read_said(&self, agreement: &Agreement) -> Option<SignedAct> {
        let read: SignedAct = canonical::from_slice(self.text.as_bytes()).ok()?;
        read.holds(agreement).then_some(read)
    }
}

/// The place of the first document that is not signed, or that no act commits to.
pub(super) fn first_unproven(documents: &[CarriedDocument], acts: &[ProvenAct]) -> Option<usize> {
    let mut agreement = None;
    documents.iter().position(|document| match document.kind {
        DocumentKind::Agreement => {
            let Some(read) = document.read_agreement() else { return true };
            let digest = serde_json::json!(read.agreement.digest());
            let object = read.agreement.exchange.to_string();
            let proven = (EntryType::ExchangeProposed, &*object, "agreement", &digest);
            let unproven = !acts.iter().any(|act| commits(act, proven));
            agreement = Some(read.agreement);
            unproven
        }
        DocumentKind::Said => {
            let Some(agreement) = &agreement else { return true };
            let Some(said) = document.read_said(agreement) else { return true };
            let signature = serde_json::json!(said.signature);
            let object = agreement.exchange.to_string();
            let proven = (EntryType::ExchangeAct, &*object, "signature", &signature);
            !acts.iter().any(|act| commits(act, proven))
        }
    })
}

/// Whether an act of this type about this object says this.
fn commits(act: &ProvenAct, (kind, object, name, value): (EntryType, &str, &str, &Value)) -> bool {
    let Ok(entry) = Entry::decode(act.entry.as_bytes()) else { return false };
    let detail = act
        .opened
        .as_ref()
        .and_then(|opened| serde_json::from_str::<Value>(&opened.detail).ok()?.get(name).cloned());
    entry.entry_type() == kind
        && entry.object().as_str() == object
        && detail.as_ref() == Some(value)
}
