//! Webhooks over the API: how they are added and listed, and what became of each message.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::HookKey;
use crate::ids::{DeliveryId, NoticeId, WebhookId};

/// A word that names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a webhook or of a message")]
pub struct UnknownState;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $state:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$of])* $state,)+ }

        impl $name {
            /// Its word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$state => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownState;

            fn from_str(text: &str) -> Result<Self, UnknownState> {
                [$(Self::$state,)+].into_iter().find(|one| one.as_str() == text).ok_or(UnknownState)
            }
        }
    };
}

states! {
    /// How a webhook is.
    WebhookState {
        /// Notices are told there.
        Active = "active",
        /// It took nothing for three days: nothing is told there until a test is answered.
        Disabled = "disabled",
    }
}

states! {
    /// How a message is.
    DeliveryState {
        /// It waits for its next attempt.
        Pending = "pending",
        /// It was accepted (2xx), and is not sent again.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

/// `POST /v1/webhooks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWebhook {
    /// Where to: an https address.
    pub url: String,
    /// Of which kinds of notice; of all, when empty.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// A key that signs for a webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HookKeyInfo {
    /// The public half.
    pub key: HookKey,
    /// Until when it signs beside its successor (RFC 3339, UTC); nothing for the one in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// `GET /v1/webhooks`: a webhook of the calling party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookInfo {
    /// Its id.
    pub webhook: WebhookId,
    /// Where to.
    pub url: String,
    /// Of which kinds of notice; of all, when empty.
    pub kinds: Vec<String>,
    /// How it is.
    pub state: WebhookState,
    /// What its messages are signed with, the key in force first.
    pub keys: Vec<HookKeyInfo>,
    /// When it was added (RFC 3339, UTC).
    pub created_at: String,
    /// Since when nothing was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// When it was suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
}

/// `GET /v1/webhooks/{webhook}/deliveries`: what became of a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryInfo {
    /// Its id: `webhook-id` at every attempt.
    pub delivery: DeliveryId,
    /// The kind of notice.
    pub kind: String,
    /// The notice; none in a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeId>,
    /// How it is.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was written (RFC 3339, UTC).
    pub created_at: String,
    /// When it is sent next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// When it was sent last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<String>,
    /// What was answered then (HTTP status).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<u16>,
    /// Why it was not accepted: a stable word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_fault: Option<String>,
}

/// `POST /v1/webhooks/{webhook}/resend`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResendDeliveries {
    /// Which message; every one that was given up, the oldest first, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
}
