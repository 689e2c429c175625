//! The receipt for a consent record: id and version of the schema, which are all that ISO/IEC TS 27560 makes
//! mandatory, the whole record with its digest, and the same in terms of the W3C Data Privacy Vocabulary for
//! machines of others. Specified by `docs/formats/consent.md`, "Receipt".

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ConsentRecord, Purpose, RecordFormat, State};
use crate::encoding::Bytes;
use crate::ids::ConsentReceiptId;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentReceipt {
    /// Its id.
    pub receipt: ConsentReceiptId,
    /// Version of the schema.
    pub format: RecordFormat,
    /// Digest of the record.
    pub record_sha256: Bytes<32>,
    /// The record.
    pub record: ConsentRecord,
    /// The record in terms of the Data Privacy Vocabulary, as JSON-LD.
    pub dpv: Value,
}

/// Why a receipt is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptFault {
    /// The record is another than the digest says.
    #[error("the record is not the one that the digest names")]
    Record,
    /// The terms say something else than the record.
    #[error("the terms of the vocabulary are not those of the record")]
    Terms,
}

impl ReceiptFault {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Record => "receipt.record",
            Self::Terms => "receipt.terms",
        }
    }
}

impl ConsentReceipt {
    /// The receipt for a record.
    #[must_use]
    pub fn new(receipt: ConsentReceiptId, record: ConsentRecord) -> Self {
        let (record_sha256, dpv) = (record.digest(), terms(&record));
        Self { receipt, format: record.format, record_sha256, record, dpv }
    }

    /// Checks that digest and terms are those of the record.
    ///
    /// # Errors
    /// [`ReceiptFault`].
    pub fn verify(&self) -> Result<(), ReceiptFault> {
        if self.record.digest() != self.record_sha256 {
            return Err(ReceiptFault::Record);
        }
        if terms(&self.record) == self.dpv { Ok(()) } else { Err(ReceiptFault::Terms) }
    }
}

/// The state in the words of the vocabulary (DPV 2, consent status).
const fn status(state: State) -> &'static str {
    match state {
        State::Requested => "dpv:ConsentRequested",
        State::Given => "dpv:ConsentGiven",
        State::Refused => "dpv:ConsentRefused",
        State::Reconfirmed => "dpv:RenewedConsentGiven",
        State::Withdrawn => "dpv:ConsentWithdrawn",
        State::Expired => "dpv:ConsentExpired",
        State::Terminated => "dpv:ConsentRevoked",
        State::Invalidated => "dpv:ConsentInvalidated",
    }
}

fn terms(record: &ConsentRecord) -> Value {
    let (purpose, processing) = match record.purpose {
        Purpose::Prospecting => ("dpv:DirectMarketing", "dpv:Use"),
        Purpose::Transmission => ("dpv:DirectMarketing", "dpv:Disclose"),
        Purpose::Matching => ("dpv:Marketing", "dpv:Match"),
    };
    let names = |parties: &[super::RecordParty]| -> Vec<Value> {
        parties
            .iter()
            .map(|one| json!({"dpv:hasName": one.name, "dpv:hasIdentifier": one.id}))
            .collect()
    };
    let state = record.events.last().map_or(State::Requested, |event| event.state);
    json!({
        "@context": {"dpv": "https://w3id.org/dpv#"},
        "@type": "dpv:ConsentRecord",
        "@id": record.record,
        "dpv:hasConsentStatus": status(state),
        "dpv:hasDataSubject": record.principal,
        "dpv:hasDataController": names(&record.controllers),
        "dpv:hasRecipient": names(&record.recipients),
        "dpv:hasPurpose": purpose,
        "dpv:hasProcessing": processing,
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasNotice": record.notice.url,
        "dpv:hasJurisdiction": record.jurisdiction,
    })
}
