//! Requests of persons (GDPR art. 15 to 22) as the API takes and answers them. The party makes the tokens
//! on its own machine; the certifier never learns who asks. Specified by `docs/formats/consent.md`,
//! "Requests".

use serde::{Deserialize, Serialize};

use crate::consent::wire::ConsentHistory;
use crate::ids::{DepositId, PartyId, ProgrammeId, RequestId};
use crate::wire::PersonToken;

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RequestKind {
    /// What is held (art. 15).
    Access,
    /// That it is corrected (art. 16): the company corrects its own file and hands it in again.
    Rectification,
    /// That it goes (art. 17).
    Erasure,
    /// That it stops (art. 21).
    Objection,
    /// That it is kept and not used (art. 18).
    Restriction,
    /// That the restriction ends; the person was told before (art. 18(3)).
    Lift,
    /// What the person gave, to take along (art. 20).
    Portability,
}

impl RequestKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Access,
        Self::Rectification,
        Self::Erasure,
        Self::Objection,
        Self::Restriction,
        Self::Lift,
        Self::Portability,
    ];

    /// Stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Objection => "objection",
            Self::Restriction => "restriction",
            Self::Lift => "lift",
            Self::Portability => "portability",
        }
    }
}

/// The tokens of a person in one programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProgrammeTokens {
    /// The programme.
    pub programme: ProgrammeId,
    /// Tokens under its key, of any of its epochs that still live.
    pub tokens: Vec<PersonToken>,
}

/// `POST /v1/requests`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRequest {
    /// What for.
    pub kind: RequestKind,
    /// When the person asked, in seconds since 1970; whoever passes it on hands this moment with it.
    pub received_at: i64,
    /// The person under the rights key; empty when nobody can tell who asks.
    pub rights: Vec<PersonToken>,
    /// The person in programmes.
    pub programmes: Vec<ProgrammeTokens>,
    /// For a lift: when the person was told, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<i64>,
}

/// A controller: who answers the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestController {
    /// The party.
    pub party: PartyId,
    /// Its name.
    pub name: String,
    /// Its SIREN.
    pub siren: String,
}

/// A request as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestInfo {
    /// Its id.
    pub request: RequestId,
    /// What for.
    pub kind: RequestKind,
    /// Who handed it in; nobody for an officer.
    pub party: Option<PartyId>,
    /// When the person asked (RFC 3339, UTC).
    pub received_at: String,
    /// The last day on which the answer is in time.
    pub due_on: String,
    /// Whether two months more were told.
    pub extended: bool,
    /// `open`, `soon` in its last week, `late`; `answered` or `refused` once the person was told,
    /// `passed_on` once the controllers have it.
    pub state: String,
    /// The controller that answers; nobody before the certifier has passed it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<RequestController>,
    /// The request at the certifier that this one was passed on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_from: Option<RequestId>,
    /// When it was passed on (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<String>,
    /// The last day on which the certifier passes it on; of its open requests only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_on_by: Option<String>,
    /// Whether that day is over.
    #[serde(default)]
    pub pass_on_late: bool,
    /// Why there is reasonable doubt about who asks; nothing more may be asked of a person without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// Index of the ledger entry of the tick with which its last step entered; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// A deposit in which a person was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldDeposit {
    /// The deposit.
    pub deposit: DepositId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Who handed it in: the source (art. 15(1)(g)).
    pub source: String,
    /// The source's SIREN.
    pub siren: String,
    /// What it holds.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: tiers_contact::FileKind,
    /// For what.
    pub purpose: String,
    /// On which basis.
    pub legal_basis: String,
    /// When it came.
    pub received_at: String,
    /// Its last day.
    pub kept_until: String,
}

/// Something that was made of what is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disclosure {
    /// Name of the recipient.
    pub recipient: String,
    /// Its SIREN.
    pub siren: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// What: `statistics` say nothing of one person.
    pub what: String,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestAnswer {
    /// The request.
    pub request: RequestInfo,
    /// `held`, `nothing_held` (the person is told that too), or `cannot_identify` (art. 11: the person
    /// may give an e-mail address or a telephone number, of which the party makes tokens).
    pub finding: String,
    /// Consents and oppositions.
    pub consents: ConsentHistory,
    /// Deposits.
    pub deposits: Vec<HeldDeposit>,
    /// Who received what, and when.
    pub disclosures: Vec<Disclosure>,
    /// What was done: acts that were ordered or recorded.
    pub done: Vec<String>,
    /// For an officer: the companies from which what was found comes, to whom the request is passed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<RequestController>,
}

/// `POST /v1/requests/{request}`: what is done about it next.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RequestStep {
    /// The person was answered.
    Answered {},
    /// Two months more; the person is told why within the first month.
    Extend {
        /// Why.
        reasons: String,
    },
    /// A refusal, with reasons; complaint and court are told in the letter.
    Refuse {
        /// Why.
        reasons: String,
    },
    /// More is asked of the person, because there is reasonable doubt about who asks (art. 12(6)).
    Identity {
        /// Which doubt, in words; the person reads it.
        doubt: String,
    },
    /// The certifier works for controllers, and passes the request on to them (art. 28(3)(e)).
    PassOn {
        /// Who they are.
        controllers: Vec<PartyId>,
    },
    /// A fee, only for a request that is manifestly unfounded or excessive.
    Fee {
        /// How much, in cents.
        cents: u32,
        /// Why it is unfounded or excessive.
        justification: String,
    },
}
