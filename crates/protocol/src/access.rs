//! Accesses: the keys with which machines and operators call a certifier, as they are listed, replaced and
//! revoked. They do not expire: they are changed when they may be known to somebody else. Not the people in
//! browsers, who have passkeys.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{ActorId, PartyId};
use crate::wire::Role;

/// Why a key is changed or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChangeBecause {
    /// Somebody may have it who should not.
    Compromised,
    /// Somebody who knew it has left.
    Left,
    /// Its company wants it so.
    Wanted,
}

/// A word that names no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reason to change a key: compromised, left or wanted")]
pub struct UnknownReason;

impl ChangeBecause {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Compromised, Self::Left, Self::Wanted];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::Left => "left",
            Self::Wanted => "wanted",
        }
    }
}

impl fmt::Display for ChangeBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChangeBecause {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(UnknownReason)
    }
}

/// Takes a key, for a change or its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeAccess {
    /// Why.
    pub because: ChangeBecause,
}

/// `GET /v1/accesses`: an access, without its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessInfo {
    /// The account.
    pub account: ActorId,
    /// What it may do.
    pub role: Role,
    /// For which company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Since when its key has to be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_since: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_because: Option<ChangeBecause>,
}
