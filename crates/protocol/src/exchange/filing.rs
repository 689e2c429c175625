//! What the French reform of invoices asks of a seller once its invoice is drawn up: that its approved platform
//! gets it, and the report of its payment where tax is due on payment. Nothing here sends anything: the file
//! goes to the platform with the metadata of AFNOR XP Z12-013, and the seller says that it did. Specified by
//! `docs/formats/invoice.md`, "Platform".

use serde::{Deserialize, Serialize};

use crate::ids::{ExchangeId, PartyId};

/// What is handed to a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FilingKind {
    /// The invoice itself.
    Invoice,
    /// The report of its payment; a set-off is one.
    Payment,
}

impl FilingKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::Payment];

    /// Stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Payment => "payment",
        }
    }

    /// The fine for each one that is missing, in euros.
    #[must_use]
    pub const fn penalty_eur(self) -> u64 {
        match self {
            Self::Invoice => 50,
            Self::Payment => 500,
        }
    }
}

/// The most that all fines of one kind come to in a year, in euros.
pub const PENALTY_YEAR_EUR: u64 = 15_000;

/// Days in which a first offence is put right.
pub const CORRECTION_DAYS: i64 = 30;

/// `POST /v1/exchanges/{exchange}/invoices/{seller}/filed`: the platform has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateFiling {
    /// What.
    pub what: FilingKind,
    /// Which platform: its name or its number, 1 to 200 characters.
    pub platform: String,
    /// Under which reference of the platform, 1 to 200 characters.
    pub reference: String,
    /// On which day (RFC 3339).
    pub filed_on: String,
}

/// Where a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DutyState {
    /// The seller said that the platform has it.
    Filed,
    /// Not yet.
    Due,
    /// The days for putting it right are over.
    Overdue,
}

/// What a seller owes for an invoice of the electronic form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvoiceDuty {
    /// What.
    pub what: FilingKind,
    /// Where it stands.
    pub state: DutyState,
    /// The last day on which it is put right without a fine, counted from the issue.
    pub by: String,
    /// Days until then; none when that day is over or the duty is done.
    pub days_left: i64,
    /// The fine for this one, in euros.
    pub penalty_eur: u64,
    /// The most in a year, in euros.
    pub penalty_year_eur: u64,
    /// Which platform has it, once the seller said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its reference there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed_on: Option<String>,
}

/// An invoice, or its report, that no platform has yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unfiled {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Number of the invoice.
    pub number: String,
    /// Who owes it.
    pub seller: PartyId,
    /// What is owed.
    pub duty: InvoiceDuty,
}

/// What a platform is told of a file (`flowInfo` of AFNOR XP Z12-013).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowInfo {
    /// The seller's own reference: exchange and number.
    pub tracking_id: String,
    /// Name of the file.
    pub name: String,
    /// `B2B`: between companies of France.
    pub processing_rule: String,
    /// `UBL` or `CII`.
    pub flow_syntax: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}
