//! What is told to a party's webhook, how it is signed and how its receiver checks it, after Standard Webhooks
//! (<https://www.standardwebhooks.com>), with asymmetric signatures (`v1a`). A message points to a notice and
//! says nothing of it: no key, token, contact or count has a place in it. Not how it is sent, nor kept. Specified by
//! `docs/formats/webhook-v1.md`.

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{DeliveryId, NoticeId, PartyId, WebhookId};
use crate::sign::{SigningPublic, SigningSecret};

mod wire;

pub use wire::{
    DeliveryInfo, DeliveryState, HookKeyInfo, NewWebhook, ResendDeliveries, UnknownState,
    WebhookInfo, WebhookState,
};

/// Header with the id of the message.
pub const ID_HEADER: &str = "webhook-id";
/// Header with the moment of this attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Header with the signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Seconds that the clocks of both sides may differ by.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The kind of a message that tries a webhook.
pub const TEST: &str = "webhook.test";

/// What a party may be told of.
pub const KINDS: [&str; 11] = [
    "batch.blocked",
    "consent.ended",
    "form.recipients_added",
    "notice.unanswered",
    "person.erased",
    "person.lifted",
    "person.objected",
    "person.restricted",
    "request.passed_on",
    "webhook.disabled",
    "webhook.removed",
];

const KEY_PREFIX: &str = "whpk_";
const VERSION: &str = "v1a";

/// The public key of a webhook, written as Standard Webhooks writes it: `whpk_` and base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookKey(SigningPublic);

impl HookKey {
    /// Of what signs.
    #[must_use]
    pub fn of(secret: &SigningSecret) -> Self {
        Self(secret.public())
    }
}

impl fmt::Display for HookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KEY_PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

/// A text that is no public key of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the public key of a webhook: whpk_ and 44 characters of base64")]
pub struct HookKeyError;

impl FromStr for HookKey {
    type Err = HookKeyError;

    fn from_str(text: &str) -> Result<Self, HookKeyError> {
        let text = text.strip_prefix(KEY_PREFIX).ok_or(HookKeyError)?;
        let bytes = STANDARD.decode(text).map_err(|_| HookKeyError)?;
        let bytes = bytes.try_into().map_err(|_| HookKeyError)?;
        SigningPublic::from_bytes(bytes).map(Self).ok_or(HookKeyError)
    }
}

impl Serialize for HookKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HookKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The body of a message. What happened is read at the certifier, with a key; here stands only that it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookMessage {
    /// The kind of notice.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the notice was written (RFC 3339, UTC).
    pub timestamp: String,
    /// What it is about.
    pub data: HookData,
}

/// Ids, and where to read on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookData {
    /// The message: the same at every attempt, and the same as in the header.
    pub id: DeliveryId,
    /// The webhook that it is for.
    pub webhook: WebhookId,
    /// The party that it is for.
    pub party: PartyId,
    /// The notice; none in a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeId>,
    /// The form, batch, request, notice or webhook that the notice is about; never a person or a record of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Where the notice is read, with the credentials of the party.
    pub link: String,
}

/// What is signed: id, moment and body, with a full stop between.
fn signed_content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

/// The value of the header of signatures: one for each key.
#[must_use]
pub fn sign(keys: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let content = signed_content(id, &timestamp.to_string(), body);
    let signature =
        |key: &SigningSecret| format!("{VERSION},{}", STANDARD.encode(key.sign_bytes(&content)));
    keys.iter().map(signature).collect::<Vec<_>>().join(" ")
}

/// The three headers of a message, as they came.
#[derive(Debug, Clone, Copy)]
pub struct HookHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// Why a message is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookFault {
    /// The moment is no number of seconds.
    #[error("webhook-timestamp is no number of seconds")]
    Timestamp,
    /// Sent long ago, or sent again by somebody else.
    #[error("the message is older than five minutes: it may have been sent again by somebody else")]
    Old,
    /// From the future.
    #[error("the message is more than five minutes ahead: compare the clocks")]
    Ahead,
    /// No signature of this key.
    #[error("no signature is of this key: the message is not from the certifier, or was changed")]
    Signature,
    /// Signed, and not of the format.
    #[error("the body is no message of this format")]
    Body,
    /// The body is of another message than the header.
    #[error("webhook-id is not the id in the body")]
    Id,
}

impl HookFault {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Timestamp => "webhook.verify.timestamp",
            Self::Old => "webhook.verify.old",
            Self::Ahead => "webhook.verify.ahead",
            Self::Signature => "webhook.verify.signature",
            Self::Body => "webhook.verify.body",
            Self::Id => "webhook.verify.id",
        }
    }
}

/// Checks a message as its receiver does; `body` byte for byte as it came, before anybody parses it.
///
/// # Errors
/// [`HookFault`].
pub fn verify(
    key: &HookKey,
    headers: &HookHeaders<'_>,
    body: &[u8],
    now: i64,
) -> Result<HookMessage, HookFault> {
    let at: i64 = headers.timestamp.parse().map_err(|_| HookFault::Timestamp)?;
    if at < now.saturating_sub(TOLERANCE_SECONDS) {
        return Err(HookFault::Old);
    }
    if at > now.saturating_add(TOLERANCE_SECONDS) {
        return Err(HookFault::Ahead);
    }
    let content = signed_content(headers.id, headers.timestamp, body);
    let of_key = |text: &str| {
        let signature = text.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix(','));
        let bytes = signature.and_then(|text| STANDARD.decode(text).ok());
        let bytes: Option<[u8; 64]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes| key.0.verifies_bytes(&content, &bytes))
    };
    if !headers.signature.split(' ').any(of_key) {
        return Err(HookFault::Signature);
    }
    let message: HookMessage = serde_json::from_slice(body).map_err(|_| HookFault::Body)?;
    if message.data.id.to_string() == headers.id { Ok(message) } else { Err(HookFault::Id) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    const AT: i64 = 1_756_728_000;

    fn secret(of: u8) -> SigningSecret {
        SigningSecret::from_seed(&Zeroizing::new([of; 32]))
    }

    fn body() -> Vec<u8> {
        let data = HookData {
            id: DeliveryId::from_bytes([1; 16]),
            webhook: WebhookId::from_bytes([2; 16]),
            party: PartyId::from_bytes([3; 16]),
            notice: Some(NoticeId::from_bytes([4; 16])),
            object: None,
            link: "https://certifier.example/v1/notices".to_owned(),
        };
        let (kind, timestamp) = ("consent.ended".to_owned(), "2025-09-01T12:00:00Z".to_owned());
        serde_json::to_vec(&HookMessage { kind, timestamp, data }).expect("a document")
    }

    #[test]
    fn what_was_signed_verifies_and_nothing_else_does() {
        let (id, body) = (DeliveryId::from_bytes([1; 16]).to_string(), body());
        let header = sign(&[secret(1), secret(2)], &id, AT, &body);
        assert_eq!(header.split(' ').count(), 2);
        let at = AT.to_string();
        let check = |key: u8, id: &str, timestamp: &str, body: &[u8], now: i64| {
            let headers = HookHeaders { id, timestamp, signature: &header };
            verify(&HookKey::of(&secret(key)), &headers, body, now).map(|message| message.kind)
        };
        for (key, now) in [(1, AT), (2, AT + 300), (1, AT - 300)] {
            assert_eq!(check(key, &id, &at, &body, now), Ok("consent.ended".to_owned()));
        }
        assert_eq!(check(3, &id, &at, &body, AT), Err(HookFault::Signature));
        assert_eq!(check(1, "dlv_other", &at, &body, AT), Err(HookFault::Signature));
        assert_eq!(check(1, &id, &(AT + 1).to_string(), &body, AT), Err(HookFault::Signature));
        assert_eq!(check(1, &id, "soon", &body, AT), Err(HookFault::Timestamp));
        assert_eq!(check(1, &id, &at, &body, AT + 301), Err(HookFault::Old));
        assert_eq!(check(1, &id, &at, &body, AT - 301), Err(HookFault::Ahead));
        let mut changed = body.clone();
        changed[10] ^= 1;
        assert_eq!(check(1, &id, &at, &changed, AT), Err(HookFault::Signature));
        // Signed, and of another message or format.
        for (id, body, fault) in
            [("dlv_x", &body[..], HookFault::Id), ("a", b"{}", HookFault::Body)]
        {
            let signature = &sign(&[secret(1)], id, AT, body);
            let headers = HookHeaders { id, timestamp: &at, signature };
            assert_eq!(verify(&HookKey::of(&secret(1)), &headers, body, AT), Err(fault));
        }
    }

    #[test]
    fn a_key_reads_back_and_a_weak_one_is_none() {
        let key = HookKey::of(&secret(7));
        assert_eq!(key.to_string().parse(), Ok(key));
        let zero = format!("whpk_{}", STANDARD.encode([0; 32]));
        let secret = key.to_string().replace("whpk_", "whsk_");
        for text in ["", "whpk_", &zero, &secret, &key.to_string()[..20]] {
            assert_eq!(text.parse::<HookKey>(), Err(HookKeyError), "{text}");
        }
    }

    #[test]
    fn kinds_stand_in_order_and_the_test_is_none_of_them() {
        assert!(KINDS.is_sorted() && !KINDS.contains(&TEST));
    }
}
