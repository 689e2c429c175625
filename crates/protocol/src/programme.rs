//! The programme file: one collaboration of a principal and its partners, under one policy and one
//! token key. The principal writes it, the certifier registers it, every partner works from it.

mod campaigns;
mod registration;

pub use campaigns::{CAMPAIGNS_EXPECTED, cents, read_campaigns};
pub use registration::epoch_end;

use crate::canonical;
use crate::encoding::{Bytes, sha256};
use crate::entropy::Entropy;
use crate::ids::ProgrammeId;
use crate::policy::Policy;
use crate::programme_key::KeyId;
use crate::trust::Trust;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::{MarginError, Margins};

/// A programme as agreed; it never holds a key, so it may be mailed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Programme {
    format: ProgrammeFormat,
    /// Random id; also the domain of the programme's tokens.
    pub id: ProgrammeId,
    /// What people call it.
    pub name: String,
    /// What the data are used for, one purpose (GDPR art. 5(1)(b)).
    pub purpose: String,
    /// The one legal basis of that purpose (GDPR art. 6(1)).
    pub legal_basis: LegalBasis,
    /// Number of the key's epoch, from 1.
    pub epoch: u32,
    /// Last day of the epoch, at most twelve months after its first.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub epoch_ends: Date,
    /// The public list of campaigns, in the order of the report.
    pub campaigns: Vec<Campaign>,
    /// The public list of families of models that sales are told apart by; everything else is *other*.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// What may be asked and what it costs.
    pub policy: Policy,
    /// Which key tokens are made with; set when the programme is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// The certifier's public keys, pinned when the programme is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certifier: Option<Trust>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum ProgrammeFormat {
    #[serde(rename = "tiers-programme/1")]
    V1,
}

/// A legal basis of GDPR art. 6(1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LegalBasis {
    /// (a)
    Consent,
    /// (b)
    Contract,
    /// (c)
    LegalObligation,
    /// (d)
    VitalInterests,
    /// (e)
    PublicTask,
    /// (f)
    LegitimateInterests,
}

/// A campaign and what was spent on it: public facts of the principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Campaign {
    /// Its name as it stands in the leads file.
    pub name: String,
    /// Money spent, in cents.
    pub cost_cents: u64,
}

/// Why a programme file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgrammeError {
    /// Not a programme file.
    #[error("not a programme file (tiers-programme/1), or one with an unknown or missing field")]
    Shape,
    /// No campaign, too many, or two of one name.
    #[error("a programme needs 1 to {MAX_CAMPAIGNS} campaigns, each with a name of its own")]
    Campaigns,
    /// A cost beyond what any campaign has.
    #[error("a campaign costs at most {MAX_COST_CENTS} cents")]
    Cost,
    /// Models that cannot be told apart, or too many.
    #[error("models: {0}")]
    Models(MarginError),
    /// A name or purpose that is empty or too long.
    #[error("name and purpose need 1 to 200 characters")]
    Text,
    /// The programme has not been registered at a certifier yet.
    #[error("the programme is not registered yet: run `tiers programme register` first")]
    Unregistered,
    /// The certifier answered with another programme than was sent.
    #[error("what came back is another programme than was sent")]
    Other,
}

impl ProgrammeError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "programme.shape",
            Self::Campaigns => "programme.campaigns",
            Self::Cost => "programme.cost",
            Self::Models(_) => "programme.models",
            Self::Text => "programme.text",
            Self::Unregistered => "programme.unregistered",
            Self::Other => "programme.other",
        }
    }
}

/// Campaigns in one table: more would cost precision for nothing a reader could use.
pub const MAX_CAMPAIGNS: usize = 64;
const MAX_TEXT: usize = 200;
/// A hundred billion euros: the sum over all campaigns stays an exact number in JSON.
pub const MAX_COST_CENTS: u64 = 10_000_000_000_000;

impl Programme {
    /// A new programme, not registered yet.
    pub fn new(
        name: String,
        purpose: String,
        campaigns: Vec<Campaign>,
        policy: Policy,
        epoch_ends: Date,
        entropy: &mut impl Entropy,
    ) -> Self {
        Self {
            format: ProgrammeFormat::V1,
            id: ProgrammeId::random(entropy),
            name,
            purpose,
            legal_basis: LegalBasis::LegitimateInterests,
            epoch: 1,
            epoch_ends,
            campaigns,
            models: Vec::new(),
            policy,
            key_id: None,
            certifier: None,
        }
    }

    /// Reads a programme file and checks it.
    ///
    /// # Errors
    /// [`ProgrammeError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProgrammeError> {
        let read: Self = serde_json::from_slice(bytes).map_err(|_| ProgrammeError::Shape)?;
        read.validate()?;
        Ok(read)
    }

    /// Checks what types alone cannot hold.
    ///
    /// # Errors
    /// [`ProgrammeError`].
    pub fn validate(&self) -> Result<(), ProgrammeError> {
        let mut names: Vec<&str> = self.campaigns.iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let clean = |t: &str| !t.is_empty() && !t.contains([',', '"', '\n', '\r']);
        if names.len() != self.campaigns.len()
            || !(1..=MAX_CAMPAIGNS).contains(&names.len())
            || !names.iter().all(|name| clean(name) && name.chars().count() <= MAX_TEXT)
        {
            return Err(ProgrammeError::Campaigns);
        }
        if self.campaigns.iter().any(|campaign| campaign.cost_cents > MAX_COST_CENTS) {
            return Err(ProgrammeError::Cost);
        }
        self.margins().validate().map_err(ProgrammeError::Models)?;
        let fits = |text: &str| (1..=MAX_TEXT).contains(&text.trim().chars().count());
        if fits(&self.name) && fits(&self.purpose) { Ok(()) } else { Err(ProgrammeError::Text) }
    }

    /// What its sales tell of model and area.
    #[must_use]
    pub fn margins(&self) -> Margins {
        Margins { models: self.models.clone(), areas: self.policy.areas().to_vec() }
    }

    /// The file, laid out for people.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a plain document");
        text.push('\n');
        text
    }

    /// Digest of the policy in canonical form: what certificates name.
    #[must_use]
    pub fn policy_digest(&self) -> Bytes<32> {
        sha256(&canonical::to_vec(&self.policy))
    }

    /// The key id and the certifier of a registered programme.
    ///
    /// # Errors
    /// [`ProgrammeError::Unregistered`].
    pub fn registered(&self) -> Result<(&KeyId, &Trust), ProgrammeError> {
        self.key_id.as_ref().zip(self.certifier.as_ref()).ok_or(ProgrammeError::Unregistered)
    }
}
