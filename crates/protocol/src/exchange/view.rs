//! What the certifier tells the parties of an exchange. Counts of what passed are told in lots of a
//! thousand, never exactly. Specified in `docs/formats/exchange-agreement.md`.

use serde::{Deserialize, Serialize};

use super::act::{Saying, SignedAct};
use super::agreement::SignedAgreement;
use super::filing::InvoiceDuty;
use super::review::{Drawn, SignedReview};
use super::statement::BatchStatement;
use crate::consent::Channel;
use crate::encoding::Bytes;
use crate::ids::{BatchId, ExchangeId, PartyId};

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $word:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$note])* #[serde(rename = $text)] $word,)+ }

        impl $name {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$word,)+];

            /// Its spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)+ }
            }
        }
    )+};
}

states! {
    /// Where an exchange stands.
    ExchangeState {
        /// The other party has not accepted yet.
        Proposed = "proposed",
        /// Signatories of both parties have not approved yet.
        Accepted = "accepted",
        /// Batches may be sent.
        Approved = "approved",
        /// A party ended it.
        Ended = "ended",
        /// Both values are stated and both invoices drawn up.
        Closed = "closed",
    }
    /// Where a batch stands.
    BatchState {
        /// Its body is being uploaded.
        Open = "open",
        /// Its body is there and is what the sender signed.
        Received = "received",
        /// A sample was drawn; the recipient's officer looks at it.
        Sampled = "sampled",
        /// The officer found every proof of the sample; the sender may hand it over.
        Reviewed = "reviewed",
        /// A proof of the sample was missing or no good: nothing of it passes.
        Blocked = "blocked",
        /// Every record was decided about; the recipient may fetch.
        HandedOver = "handed_over",
        /// Fewer than a thousand would have passed: none did.
        Withheld = "withheld",
        /// The recipient has it; the certifier does not any more.
        Fetched = "fetched",
        /// Its body was not what the sender signed.
        Refused = "refused",
    }
    /// How the duty to inform the persons stands (GDPR art. 14(3)).
    InformState {
        /// More than a week is left.
        Calm = "calm",
        /// A week or less is left.
        Soon = "soon",
        /// The month is over.
        Late = "late",
        /// Done.
        Done = "done",
    }
}

/// One word of somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActInfo {
    /// For which party.
    pub party: PartyId,
    /// What was said.
    pub says: Saying,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// The advice, or the reason.
    pub words: String,
}

/// The duty to inform the persons of one batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InformInfo {
    /// The last day; the first message, if that comes earlier.
    pub by: String,
    /// Where it stands.
    pub state: InformState,
    /// When the recipient said that it was done.
    pub informed_at: Option<String>,
}

/// One batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchInfo {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub batch: BatchId,
    /// Its exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Who sends.
    pub sender: PartyId,
    /// Who receives.
    pub recipient: PartyId,
    /// By which means the persons may be reached.
    pub channel: Channel,
    /// How many records the sender sealed.
    pub records: u64,
    /// Where it stands.
    pub state: BatchState,
    /// Bytes of the sealed body that are there.
    pub offset: u64,
    /// Bytes that it has.
    pub total: u64,
    /// Whole lots of a thousand that passed, up to 199 records left out.
    pub lots: Option<u64>,
    /// When it was handed over.
    pub handed_over_at: Option<String>,
    /// The recipient's duty to inform.
    pub inform: Option<InformInfo>,
    /// What the recipient's officer said of the sample.
    pub review: Option<ReviewInfo>,
}

/// What the recipient's officer said of the sample. Which records were drawn is not for the sender: it would
/// tell who passes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewInfo {
    /// When the sample was drawn (RFC 3339, UTC).
    pub drawn_at: String,
    /// When the officer gave the verdict.
    pub given_at: Option<String>,
    /// What the officer told the sender.
    pub words: Option<String>,
}

/// A batch with what was drawn from it and what its recipient's officer signed, for the recipient.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchReview {
    /// Where the batch stands.
    pub info: BatchInfo,
    /// What the sender signed.
    pub statement: BatchStatement,
    /// What was drawn.
    pub drawn: Option<Drawn>,
    /// What the officer signed.
    pub review: Option<SignedReview>,
}

/// One exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangeInfo {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Where it stands.
    pub state: ExchangeState,
    /// Who proposed.
    pub proposer: PartyId,
    /// The other party.
    pub other: PartyId,
    /// Digest of the agreement.
    pub agreement_sha256: Bytes<32>,
    /// When it was proposed.
    pub proposed_at: String,
    /// Who said what.
    pub acts: Vec<ActInfo>,
    /// Its batches.
    pub batches: Vec<BatchInfo>,
    /// Parties that stated the value of their side.
    pub valued: Vec<PartyId>,
}

/// One exchange with its signed documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExchangeView {
    /// Where it stands.
    pub info: ExchangeInfo,
    /// What was proposed.
    pub agreement: SignedAgreement,
    /// What was said about it.
    pub acts: Vec<SignedAct>,
}

/// A party states the value of what it gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateValue {
    /// Without tax, in cents; without it the exchange does not close.
    pub value_cents: Option<u64>,
}

/// An invoice that was drawn up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvoiceInfo {
    /// Its number in the seller's series.
    pub number: String,
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Who sells.
    pub seller: PartyId,
    /// Who buys.
    pub buyer: PartyId,
    /// Day of issue: that of completion.
    pub issued: String,
    /// Total without tax.
    pub net_cents: i64,
    /// Total with tax.
    pub gross_cents: i64,
    /// What is set off against the other invoice.
    pub set_off_cents: i64,
    /// What is left to pay in money.
    pub payable_cents: i64,
    /// From which day the seller must issue such an invoice electronically.
    pub electronic_from: String,
    /// Whether that day has come: it goes through an approved platform, to which the seller hands it.
    pub through_platform: bool,
    /// What the seller owes its platform; nothing before that day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<InvoiceDuty>,
}

/// An exchange that was carried out and has no invoices, with what that may cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Uninvoiced {
    /// The exchange.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub exchange: ExchangeId,
    /// Who proposed.
    pub proposer: PartyId,
    /// The other party.
    pub other: PartyId,
    /// When records first passed (RFC 3339, UTC).
    pub carried_out_at: String,
    /// Up to so many euros for a natural person (C. com. art. L. 441-9 II).
    pub natural_person_eur: u64,
    /// Up to so many for a company; both are doubled on repetition within two years.
    pub company_eur: u64,
}
