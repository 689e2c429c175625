//! The certificate of deletion: what a party, or a programme, had deposited, that it is all erased, and when;
//! signed, with its proof in the ledger. Specified by `docs/formats/deletion.md`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::{FileKind, labels};

use crate::attested::Recorded;
use crate::ids::{ActId, DepositId, PartyId, ProgrammeId};
use crate::tlog::EntryType;

/// `POST /v1/deletions`: whose data are certified to be gone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewDeletion {
    /// In which programme.
    pub programme: ProgrammeId,
    /// Of which party; of all, where none is named: then the programme is closed as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
}

/// What the certifier says of data that it has erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deletion {
    /// Format of this document.
    pub format: DeletionFormat,
    /// Its id: the act that recorded it.
    pub certificate: ActId,
    /// In which programme.
    pub programme: ProgrammeId,
    /// Of which party; absent where the whole programme is closed and nothing of it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// The programme never left the sandbox: its data were invented.
    pub sandbox: bool,
    /// When this was certified (RFC 3339, UTC).
    pub certified_at: String,
    /// Every deposit that was accepted, all of them erased.
    pub deposits: Vec<ErasedDeposit>,
    /// Rows of all of them together.
    pub rows: u64,
    /// Id of the certifier's keyring, under whose keys they lay.
    pub keyring: String,
}

/// A deposit that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasedDeposit {
    /// Its id.
    pub deposit: DepositId,
    /// Whose it was.
    pub party: PartyId,
    /// What it held.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: FileKind,
    /// Rows that it had when it was accepted.
    pub rows: u64,
    /// When it was accepted (RFC 3339, UTC).
    pub received_at: String,
    /// The last day on which it might have been held.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub retain_until: Date,
    /// Number of the key of its segments.
    pub disk_key: u32,
}

/// Version of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeletionFormat {
    /// The first.
    #[serde(rename = "tiers-deletion/1")]
    V1,
}

impl Recorded for Deletion {
    const LABEL: &'static str = labels::SIGN_DELETION;
    const ENTRY: EntryType = EntryType::DeletionCertified;

    fn object(&self) -> String {
        self.certificate.to_string()
    }
}
