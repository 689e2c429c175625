//! What the API takes and answers about governance, as both the server and the command line read and
//! write it. Not what is stored: that is the records themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::breach::{Breach, Clock};
use super::record::Kind;

/// One record as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordInfo {
    /// What it is about.
    pub kind: Kind,
    /// Whom or what it is about; empty for the programme itself.
    pub subject: String,
    /// Its number, from 1; the newest counts.
    pub version: u64,
    /// When it was written (RFC 3339, UTC).
    pub recorded_at: String,
    /// Its last day once a newer one has replaced it.
    pub kept_until: String,
    /// Index of its ledger entry.
    pub entry: u64,
    /// The record.
    #[schema(value_type = Object)]
    pub document: serde_json::Value,
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GapInfo {
    /// Stable code.
    pub code: String,
    /// What it is.
    pub title: String,
    /// What to do.
    pub advice: String,
}

/// `GET /v1/programmes/{programme}/governance`: what stands, and what production lacks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GovernanceView {
    /// Whether it is in production; before that it is a sandbox for invented data.
    pub production: bool,
    /// What keeps it out of production, or would refuse the caller's next upload.
    pub gaps: Vec<GapInfo>,
    /// The newest version of each record that the caller may see.
    pub records: Vec<RecordInfo>,
}

/// `POST /v1/programmes/{programme}/governance/flags`: the operator holds an instruction for unlawful.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagInstruction {
    /// The controller that gave it.
    #[schema(value_type = String)]
    pub party: tiers_protocol::ids::PartyId,
    /// Its number.
    pub version: u64,
    /// Why it infringes the law, 1 to 500 characters.
    pub reason: String,
}

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// In the active base.
    Active,
    /// In the intermediate archive.
    Archive,
}

/// Something whose term ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DueInfo {
    /// What it is, in the word of the retention policy.
    pub object: String,
    /// Its id.
    pub id: String,
    /// Its programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// Where it is now.
    pub phase: Phase,
    /// The day on which it goes to the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves_on: Option<String>,
    /// The day on which it is deleted for good.
    pub deleted_on: String,
}

impl DueInfo {
    /// The next day on which something becomes of it.
    #[must_use]
    pub fn next_day(&self) -> &str {
        self.moves_on.as_deref().unwrap_or(&self.deleted_on)
    }
}

/// `POST /v1/retention/purge`: what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Purged {
    /// Deposits erased.
    pub erased: usize,
    /// Records that went to the archive.
    pub archived: usize,
    /// Records that were deleted from the archive.
    pub deleted: usize,
}

/// Something in the intermediate archive.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArchivedInfo {
    /// What it is, in the word of the retention policy.
    pub object: String,
    /// Its id.
    pub id: String,
    /// Its programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// When it left the active base.
    pub archived_on: String,
    /// Its last day.
    pub kept_until: String,
    /// All that is kept of it.
    #[schema(value_type = Object)]
    pub document: serde_json::Value,
}

/// An alert of unusual use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertInfo {
    /// Its id.
    pub alert: String,
    /// What is unusual: a stable code.
    pub sign: String,
    /// The account; absent where nobody showed a valid key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When it was found (RFC 3339, UTC).
    pub found_at: String,
    /// How often in the hour before.
    pub times: u32,
    /// When it was closed; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// By which account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// `POST /v1/alerts/{alert}`: what an alert was.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseAlert {
    /// In 1 to 500 characters.
    pub finding: String,
}

/// A breach and its clocks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BreachInfo {
    /// Its id.
    pub breach: String,
    /// Number of this version.
    pub version: u64,
    /// When this version was saved (RFC 3339, UTC).
    pub recorded_at: String,
    /// The clock to the controllers, as processor.
    pub controllers: Clock,
    /// The clock to the authority, as controller.
    pub authority: Clock,
    /// Fields of art. 33(3) that are not known yet.
    pub missing: Vec<String>,
    /// The file.
    pub document: Breach,
}
