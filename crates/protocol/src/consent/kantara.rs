//! The Consent Receipt of the Kantara Initiative, version 1.1, for those who read no other: an export. It has
//! no place for evidence or history, so nothing here is ever decided on it. Reading one back keeps its fields.

use serde::{Deserialize, Serialize};

use super::{ConsentRecord, Pii, Purpose, RecordParty};
use crate::ids::ConsentReceiptId;

/// A receipt of that version. Field names are the specification's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KantaraReceipt {
    /// `KI-CR-v1.1.0`.
    pub version: String,
    /// Country of the law.
    pub jurisdiction: String,
    /// Seconds since 1970.
    pub consent_timestamp: i64,
    /// By which act.
    pub collection_method: String,
    /// Id of the receipt.
    #[serde(rename = "consentReceiptID")]
    pub consent_receipt_id: String,
    /// Key of the controller; empty when receipts are not signed under it.
    pub public_key: String,
    /// Language.
    pub language: String,
    /// The person, by pseudonym.
    pub pii_principal_id: String,
    /// Controllers.
    pub pii_controllers: Vec<KantaraController>,
    /// The notice.
    pub policy_url: String,
    /// Services and their purposes.
    pub services: Vec<KantaraService>,
    /// Whether special categories are used: never here.
    pub sensitive: bool,
    /// Which.
    pub spi_cat: Vec<String>,
}

/// A controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KantaraController {
    /// Name.
    pub pii_controller: String,
    /// Where to write to.
    pub contact: String,
    /// Seat.
    pub address: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KantaraService {
    /// Its name.
    pub service: String,
    /// Its purposes.
    pub purposes: Vec<KantaraPurpose>,
}

/// A purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KantaraPurpose {
    /// What for.
    pub purpose: String,
    /// Of which category.
    pub purpose_category: Vec<String>,
    /// `EXPLICIT`.
    pub consent_type: String,
    /// What of the person.
    pub pii_category: Vec<String>,
    /// Whether it is what the service is for.
    pub primary_purpose: bool,
    /// When it ends.
    pub termination: String,
    /// Whether others receive.
    pub third_party_disclosure: bool,
    /// Who they are.
    pub third_party_name: String,
}

impl KantaraReceipt {
    /// The export of a record.
    #[must_use]
    pub fn of(receipt: ConsentReceiptId, record: &ConsentRecord) -> Self {
        let last = record.events.last();
        let months = last.map_or(record.retention_months, |event| event.validity_months);
        let names = |parties: &[RecordParty]| {
            let named = parties.iter().map(|one| format!("{} ({})", one.name, one.id));
            named.collect::<Vec<_>>().join(", ")
        };
        let purpose = KantaraPurpose {
            purpose: format!("{} by {}", record.purpose, record.channel),
            purpose_category: vec![category(record.purpose).to_owned()],
            consent_type: "EXPLICIT".to_owned(),
            pii_category: record.pii.iter().map(|one| pii(*one).to_owned()).collect(),
            primary_purpose: false,
            termination: format!("{months} months, or {}", record.withdrawal),
            third_party_disclosure: !record.recipients.is_empty(),
            third_party_name: names(&record.recipients),
        };
        let controller = |one: &RecordParty| KantaraController {
            pii_controller: one.name.clone(),
            contact: one.contact.clone(),
            address: one.address.clone(),
        };
        Self {
            version: "KI-CR-v1.1.0".to_owned(),
            jurisdiction: record.jurisdiction.to_string(),
            consent_timestamp: last.map_or(0, |event| event.at),
            collection_method: record.gdpr.method.to_string(),
            consent_receipt_id: receipt.to_string(),
            public_key: String::new(),
            language: record.language.to_string(),
            pii_principal_id: record.principal.to_string(),
            pii_controllers: record.controllers.iter().map(controller).collect(),
            policy_url: record.notice.url.clone(),
            services: vec![KantaraService {
                service: names(&record.controllers),
                purposes: vec![purpose],
            }],
            sensitive: false,
            spi_cat: Vec::new(),
        }
    }
}

const fn category(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Prospecting => "Marketing",
        Purpose::Transmission => "Marketing Third Parties",
        Purpose::Matching => "Improve Performance",
    }
}

const fn pii(one: Pii) -> &'static str {
    match one {
        Pii::Name => "Biographical",
        Pii::Email | Pii::Phone | Pii::PostalAddress => "Contact",
    }
}
