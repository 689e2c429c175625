//! How long each kind of object is kept: the versioned policy, and the days that follow from it.
//! It deletes nothing; `service/erase.rs` does. Specified by `docs/governance.md`.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// Tokens of a programme, in its deposits.
    ProgrammeTokens,
    /// The same, counted from the end of the programme's epoch.
    AfterEpoch,
    /// Tokens under a rights key.
    RightsTokens,
    /// Entries of an opposition list.
    Oppositions,
    /// Proofs of consent.
    ConsentProofs,
    /// Lines of the technical journal.
    Journal,
    /// Receipts of deposits.
    Receipts,
    /// Releases and their certificates.
    Releases,
    /// Privacy accounts.
    Accounts,
    /// Records of governance.
    Governance,
    /// Versions of registers.
    Registers,
    /// Files of breaches.
    Breaches,
    /// Requests of persons.
    PersonRequests,
    /// What a party was told and acknowledged.
    Notices,
    /// Copies of identity documents.
    IdentityDocuments,
    /// A party's prospects.
    Prospects,
    /// A party's customers.
    Customers,
    /// What persons sent from public forms, sealed, until it is fetched.
    Submissions,
    /// Sealed records of exchanges.
    ExchangeBodies,
    /// Exchanges: the agreement, what was said about it, hand-overs and what was decided, values.
    Agreements,
    /// Invoices, for accounting.
    Invoices,
    /// Invoices, for the tax administration.
    InvoicesTax,
}

impl Object {
    /// Every object; a policy has a rule for each.
    pub const ALL: [Self; 22] = [
        Self::ProgrammeTokens,
        Self::AfterEpoch,
        Self::RightsTokens,
        Self::Oppositions,
        Self::ConsentProofs,
        Self::Journal,
        Self::Receipts,
        Self::Releases,
        Self::Accounts,
        Self::Governance,
        Self::Registers,
        Self::Breaches,
        Self::PersonRequests,
        Self::Notices,
        Self::IdentityDocuments,
        Self::Prospects,
        Self::Customers,
        Self::Submissions,
        Self::ExchangeBodies,
        Self::Agreements,
        Self::Invoices,
        Self::InvoicesTax,
    ];

    /// Its word in a policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProgrammeTokens => "programme_tokens",
            Self::AfterEpoch => "after_epoch",
            Self::RightsTokens => "rights_tokens",
            Self::Oppositions => "oppositions",
            Self::ConsentProofs => "consent_proofs",
            Self::Journal => "journal",
            Self::Receipts => "receipts",
            Self::Releases => "releases",
            Self::Accounts => "accounts",
            Self::Governance => "governance",
            Self::Registers => "registers",
            Self::Breaches => "breaches",
            Self::PersonRequests => "person_requests",
            Self::Notices => "notices",
            Self::IdentityDocuments => "identity_documents",
            Self::Prospects => "prospects",
            Self::Customers => "customers",
            Self::Submissions => "submissions",
            Self::ExchangeBodies => "exchange_bodies",
            Self::Agreements => "agreements",
            Self::Invoices => "invoices",
            Self::InvoicesTax => "invoices_tax",
        }
    }
}

/// Why a policy cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// Not a policy, or one with an unknown or missing rule.
    #[error("not a retention policy (tiers-retention/1), or one with an unknown or missing rule")]
    Shape,
    /// A term that the law, or the product, does not allow.
    #[error("a term is longer or shorter than may be")]
    Term,
}

impl RetentionError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "retention.shape",
            Self::Term => "retention.term",
        }
    }
}

/// The rule of one object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// From when it is counted, in words.
    pub starts: String,
    #[serde(with = "iso")]
    active: Span,
    #[serde(with = "iso")]
    archive: Span,
    /// The law, or the reason of a choice.
    pub why: String,
}

/// The two days that follow from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// Last day in the active base.
    pub active_until: Date,
    /// Last day anywhere: the day after, it is deleted.
    pub kept_until: Date,
}

impl Rule {
    /// The first day whose things are still kept on this one: what started before it has gone.
    #[must_use]
    pub fn first_kept(&self, today: Date) -> Date {
        let mut day = today;
        while let Ok(before) = day.yesterday() {
            if self.dates(before).kept_until < today {
                break;
            }
            day = before;
        }
        day
    }

    /// From the day on which it starts.
    #[must_use]
    pub fn dates(&self, start: Date) -> Dates {
        let active_until = start.saturating_add(self.active);
        Dates { active_until, kept_until: active_until.saturating_add(self.archive) }
    }

    /// Its terms as they are written: active, archive.
    #[must_use]
    pub fn terms(&self) -> [String; 2] {
        [self.active.to_string(), self.archive.to_string()]
    }
}

/// A policy.
#[derive(Debug, Clone)]
pub struct RetentionPolicy {
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    rules: BTreeMap<Object, Rule>,
}

#[derive(Deserialize)]
struct File {
    format: String,
    name: String,
    version: u32,
    #[serde(flatten)]
    rules: BTreeMap<Object, Rule>,
}

const FORMAT: &str = "tiers-retention/1";
const FRANCE: &str = include_str!("../../../../policies/retention/france.toml");

impl RetentionPolicy {
    /// The policy for France.
    #[must_use]
    pub fn france() -> Self {
        Self::from_toml(FRANCE).expect("a test reads it")
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`RetentionError`].
    pub fn from_toml(text: &str) -> Result<Self, RetentionError> {
        let file: File = toml::from_str(text).map_err(|_| RetentionError::Shape)?;
        let complete = Object::ALL.iter().all(|object| file.rules.contains_key(object));
        if file.format != FORMAT || file.version == 0 || !complete {
            return Err(RetentionError::Shape);
        }
        let policy = Self { name: file.name, version: file.version, rules: file.rules };
        policy.check()?;
        Ok(policy)
    }

    /// The rule of an object.
    #[must_use]
    pub fn rule(&self, object: Object) -> &Rule {
        self.rules.get(&object).expect("every object has a rule")
    }

    /// The last day of a deposit: the earliest of what its party said, the longest term of tokens, and
    /// the term after the epoch. Known at its creation.
    #[must_use]
    pub fn deposit(&self, said: Date, accepted: Date, epoch_ends: Date) -> Date {
        let longest = self.rule(Object::ProgrammeTokens).dates(accepted).kept_until;
        let after = self.rule(Object::AfterEpoch).dates(epoch_ends).kept_until;
        said.min(longest).min(after)
    }

    /// The day from which an invoice of this day counts: the closing of its financial year. Of a year of twelve
    /// months that is a year later at the latest, and no earlier day is sure to be it.
    #[must_use]
    pub fn invoice_starts(issued: Date) -> Date {
        issued.saturating_add(Span::new().years(1))
    }

    /// Bounds that no policy may leave, over a leap year as over another.
    fn check(&self) -> Result<(), RetentionError> {
        let start = jiff::civil::date(2024, 1, 1);
        let kept = |object| self.rule(object).dates(start).kept_until;
        let active = |object| self.rule(object).dates(start).active_until;
        let years = |n: i32| start.saturating_add(Span::new().years(n));
        let months = |n: i32| start.saturating_add(Span::new().months(n));
        let within = [
            kept(Object::ProgrammeTokens) <= months(12),
            kept(Object::Oppositions) >= years(3),
            (months(6)..=months(12)).contains(&kept(Object::Journal)),
            kept(Object::Invoices) >= years(10),
            // An invoice is read through its exchange, and both leave the active base in that order.
            active(Object::Agreements) >= Self::invoice_starts(active(Object::Invoices)),
            kept(Object::Agreements) >= years(5),
            // Counted for as long as an opposition, and longer.
            kept(Object::ConsentProofs) >= kept(Object::Oppositions),
            kept(Object::InvoicesTax) >= years(6),
            kept(Object::IdentityDocuments) == start,
            kept(Object::Prospects) <= years(3),
            kept(Object::ExchangeBodies) <= months(12),
            kept(Object::Submissions) <= months(3),
            self.rules
                .values()
                .all(|rule| !rule.active.is_negative() && !rule.archive.is_negative()),
        ];
        if within.into_iter().all(|holds| holds) { Ok(()) } else { Err(RetentionError::Term) }
    }
}

/// Durations as ISO 8601 has them.
mod iso {
    use jiff::Span;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(span)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Span, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
