//! Schemas of the values that documents write as text, for the OpenAPI description of the API. The
//! other schemas are derived where their types stand. Only with the feature `openapi`; nothing here
//! takes part in reading or writing a document.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::consent::Siren;
use crate::encoding::Bytes;
use crate::ids::{
    AccountId, ActId, ActorId, CollectionId, DeliveryId, DepositId, FormId, LiftId, NoticeId,
    OppositionId, OwnCountId, PartyId, ProgrammeId, RecordId, ReleaseId, RequestId, SubmissionId,
    WebhookId,
};
use crate::party::Fingerprint;
use crate::report::Period;
use crate::seal::SealingPublic;
use crate::sign::{Signature, SigningPublic};
use crate::webhook::HookKey;
use crate::wire::ApiKey;

fn text(description: &str, pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(description))
        .pattern(Some(pattern))
        .into()
}

/// Text of one pattern.
macro_rules! texts {
    ($($type:ty, $name:literal, $description:expr, $pattern:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                text(&$description, &$pattern)
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

/// Characters of base64url that `bytes` bytes take.
const fn base64url(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// `length` bytes and nothing else: bits of the last character that stand for no byte are zero.
fn bytes(length: usize) -> String {
    format!("^{}$", exactly(length))
}

fn id(prefix: &str) -> String {
    format!("^{prefix}_{}$", exactly(16))
}

fn exactly(length: usize) -> String {
    let (all, last) = match length % 3 {
        0 => return format!("[A-Za-z0-9_-]{{{}}}", base64url(length)),
        1 => (base64url(length) - 1, "[AQgw]"),
        _ => (base64url(length) - 1, "[AEIMQUYcgkosw048]"),
    };
    format!("[A-Za-z0-9_-]{{{all}}}{last}")
}

texts! {
    PartyId, "PartyId", "Identifier of a company.", id(Self::PREFIX);
    ProgrammeId, "ProgrammeId", "Identifier of a programme.", id(Self::PREFIX);
    DepositId, "DepositId", "Identifier of a deposit.", id(Self::PREFIX);
    ReleaseId, "ReleaseId", "Identifier of a release.", id(Self::PREFIX);
    AccountId, "AccountId", "Identifier of a privacy account.", id(Self::PREFIX);
    ActorId, "ActorId", "Pseudonym of an actor.", id(Self::PREFIX);
    ActId, "ActId", "Identifier of an act.", id(Self::PREFIX);
    FormId, "FormId", "Identifier of a form of consent.", id(Self::PREFIX);
    CollectionId, "CollectionId", "Identifier of a public page of forms.", id(Self::PREFIX);
    SubmissionId, "SubmissionId", "Identifier of what one person sent.", id(Self::PREFIX);
    LiftId, "LiftId", "Identifier of a lift.", id(Self::PREFIX);
    OwnCountId, "OwnCountId", "Identifier of a partner's own count.", id(Self::PREFIX);
    RecordId, "RecordId", "Identifier of a consent record.", id(Self::PREFIX);
    OppositionId, "OppositionId", "Identifier of an opposition.", id(Self::PREFIX);
    RequestId, "RequestId", "Identifier of a request of a person.", id(Self::PREFIX);
    NoticeId, "NoticeId", "Identifier of a notice.", id(Self::PREFIX);
    WebhookId, "WebhookId", "Identifier of a webhook.", id(Self::PREFIX);
    DeliveryId, "DeliveryId", "Identifier of a message to a webhook.", id(Self::PREFIX);
    HookKey, "HookKey", "Ed25519 public key of a webhook.", "^whpk_[A-Za-z0-9+/]{43}=$";
    Siren, "Siren", "Number of a French company.", "^[0-9]{9}$";
    Signature, "Signature", "Ed25519 signature, base64url.", bytes(64);
    SigningPublic, "SigningPublic", "Ed25519 public key, base64url.", bytes(32);
    SealingPublic, "SealingPublic", "X25519 public key, base64url.", bytes(32);
    Fingerprint, "Fingerprint", "Eight groups of four hex digits.", "^[0-9a-f]{4}(-[0-9a-f]{4}){7}$";
    Period, "Period", "A month.", "^[0-9]{4}-(0[1-9]|1[0-2])$";
    crate::ids::ExchangeId, "ExchangeId", "Identifier of an exchange.", id(Self::PREFIX);
    crate::ids::BatchId, "BatchId", "Identifier of a batch of an exchange.", id(Self::PREFIX);
    ApiKey, "ApiKey", "The secret of a caller; shown once.", "^[A-Za-z0-9_-]+$";
}

impl<const N: usize> PartialSchema for Bytes<N> {
    fn schema() -> RefOr<Schema> {
        text(&format!("{N} bytes, base64url without padding."), &bytes(N))
    }
}

impl<const N: usize> ToSchema for Bytes<N> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Bytes{N}"))
    }
}

pub(crate) fn names<'a>(description: &str, all: impl Iterator<Item = &'a str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(description))
        .enum_values(Some(all.map(str::to_owned)))
        .into()
}

/// How documents name a kind of identifier.
pub struct KindName;

impl PartialSchema for KindName {
    fn schema() -> RefOr<Schema> {
        names("Kind of identifier.", tiers_contact::Kind::ALL.iter().map(|kind| kind.as_str()))
    }
}

impl ToSchema for KindName {}

/// How documents write an area.
#[derive(ToSchema)]
#[schema(as = Area)]
pub struct AreaShape {
    /// What it is called.
    #[allow(dead_code, reason = "only its shape is used")]
    name: String,
    /// Codes of its départements.
    #[allow(dead_code, reason = "only its shape is used")]
    departments: Vec<String>,
}

/// How documents name a kind of file.
pub struct FileKindName;

impl PartialSchema for FileKindName {
    fn schema() -> RefOr<Schema> {
        let all = tiers_contact::FileKind::ALL;
        names("What a deposit holds.", all.iter().map(|kind| kind.as_str()))
    }
}

impl ToSchema for FileKindName {}
