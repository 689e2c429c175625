//! The receipt of a deposit: the certifier's word, with a ledger proof, that it holds it.

use crate::attested::Recorded;
use crate::encoding::Bytes;
use crate::ids::{DepositId, PartyId, ProgrammeId};
use crate::tlog::EntryType;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::{FileKind, labels};

/// What the certifier says of a deposit that it accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// Format of this document.
    pub format: ReceiptFormat,
    /// The deposit.
    pub deposit: DepositId,
    /// The programme it was made for.
    pub programme: ProgrammeId,
    /// Who made it.
    pub party: PartyId,
    /// What it holds.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: FileKind,
    /// Digest of the signed manifest.
    pub manifest_sha256: Bytes<32>,
    /// Rows accepted, canaries left out.
    pub rows: u64,
    /// When it was accepted (RFC 3339, UTC).
    pub received_at: String,
    /// The first snapshot that contains it.
    pub snapshot: u64,
    /// Last day on which the certifier may hold it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub retain_until: Date,
}

/// Version of the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReceiptFormat {
    /// The first.
    #[serde(rename = "tiers-receipt/1")]
    V1,
}

impl Recorded for Receipt {
    const LABEL: &'static str = labels::SIGN_RECEIPT;
    const ENTRY: EntryType = EntryType::DepositReceived;

    fn object(&self) -> String {
        self.deposit.to_string()
    }
}
