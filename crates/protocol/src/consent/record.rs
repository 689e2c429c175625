//! The consent record: the fields that ISO/IEC TS 27560:2023 makes mandatory, those that it leaves open and
//! the GDPR asks for, and the events of one choice. Not the history that decisions are taken on, and no
//! receipt. Specified by `docs/formats/consent.md`, "Record".
//!
//! Every field is there or the record cannot be read; what is there and cannot be is a [`RecordFault`].

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Channel, Evidence, Method, Purpose, Siren, State, UnknownWord};
use crate::canonical;
use crate::encoding::{Bytes, sha256};
use crate::ids::{RecordId, SubjectId};

/// The version of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordFormat {
    /// Version 1.
    #[serde(rename = "tiers-consent/1")]
    V1,
}

macro_rules! letters {
    ($($(#[$doc:meta])* $name:ident, $list:literal, $case:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 2]);

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let letters: Option<[u8; 2]> = text.as_bytes().try_into().ok();
                let letters = letters.filter(|two| two.iter().all(u8::$case));
                letters.map(Self).ok_or(UnknownWord { list: $list })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

letters! {
    /// A country, by its two letters (ISO 3166-1).
    Country, "country", is_ascii_uppercase;
    /// A language, by its two letters (ISO 639-1).
    Language, "language", is_ascii_lowercase;
}

/// What of a person is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pii {
    /// Name.
    Name,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Postal address.
    PostalAddress,
}

/// The very text that the person was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeShown {
    /// Where it stood.
    pub url: String,
    /// Its version.
    pub version: u32,
    /// Digest of its text, of which a copy is stored.
    pub sha256: Bytes<32>,
}

/// A company is an organisation or a public body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyType {
    /// An organisation.
    Organisation,
    /// A public body.
    PublicBody,
}

/// What a company is in this processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Decides why and how.
    Controller,
    /// Decides with others.
    JointController,
    /// Works for a controller.
    Processor,
    /// Receives.
    Recipient,
}

/// A company of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordParty {
    /// Its number.
    pub id: Siren,
    /// Its name.
    pub name: String,
    /// Its seat.
    pub address: String,
    /// Where to write to.
    pub contact: String,
    /// What it is in law.
    #[serde(rename = "type")]
    pub kind: PartyType,
    /// What it is here.
    pub role: PartyRole,
}

/// The basis in law; a consent record has one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LawfulBasis {
    /// Consent.
    #[serde(rename = "gdpr-6-1-a")]
    Consent,
}

/// Rights that the person was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// GDPR art. 15.
    Access,
    /// GDPR art. 16.
    Rectification,
    /// GDPR art. 17.
    Erasure,
    /// GDPR art. 18.
    Restriction,
    /// GDPR art. 20.
    Portability,
    /// GDPR art. 7(3).
    Withdrawal,
    /// GDPR art. 77.
    Complaint,
}

impl Right {
    /// The rights under consent, and the complaint.
    pub const ALL: [Self; 7] = [
        Self::Access,
        Self::Rectification,
        Self::Erasure,
        Self::Restriction,
        Self::Portability,
        Self::Withdrawal,
        Self::Complaint,
    ];
}

/// Whether data leave the European Economic Area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "transfer", rename_all = "snake_case", deny_unknown_fields)]
pub enum ThirdCountries {
    /// They do not.
    None {},
    /// They do.
    To {
        /// Where to.
        countries: Vec<Country>,
        /// On which safeguard.
        safeguard: String,
    },
}

/// What the GDPR asks for beside the standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gdpr {
    /// The basis.
    pub lawful_basis: LawfulBasis,
    /// How it was collected.
    pub method: Method,
    /// Who collected it.
    pub collector: Siren,
    /// Transfers.
    pub third_countries: ThirdCountries,
    /// Rights that the person was told of: all of them.
    pub rights: Vec<Right>,
    /// The supervisory authority.
    pub authority: String,
    /// Whether a sale or a service hung on it; then it is no consent.
    pub conditional: bool,
}

/// Whose act an event is: the entity id of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventEntity {
    /// The person, by the pseudonym of the record.
    Person(SubjectId),
    /// A company, by its number.
    Company(Siren),
}

/// How an event came about: the event type of the standard. Consent that is only implied has no word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// The person did something.
    Expressed,
    /// A company wrote down what became of the choice.
    Declared,
}

impl EventEntity {
    /// Of which type its acts are.
    #[must_use]
    pub const fn acts(self) -> EventType {
        match self {
            Self::Person(_) => EventType::Expressed,
            Self::Company(_) => EventType::Declared,
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordEvent {
    /// When, in seconds since 1970.
    pub at: i64,
    /// For how many months it holds.
    pub validity_months: u32,
    /// Whose act it is: the person's, or a company's.
    pub entity: EventEntity,
    /// Of which type: it follows from whose act it is.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The act; a clear positive one has evidence.
    pub evidence: Option<Evidence>,
    /// Where it leaves the choice.
    pub state: State,
}

/// One choice of one person: one purpose, one channel, the recipients named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// Version of the schema.
    pub format: RecordFormat,
    /// Its id.
    pub record: RecordId,
    /// The person, by a pseudonym of this record.
    pub principal: SubjectId,
    /// What the person was told.
    pub notice: NoticeShown,
    /// In which language.
    pub language: Language,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// What of the person is used.
    pub pii: Vec<Pii>,
    /// Who decides.
    pub controllers: Vec<RecordParty>,
    /// Where it is stored.
    pub storage: Vec<Country>,
    /// For how many months.
    pub retention_months: u32,
    /// Under whose law.
    pub jurisdiction: Country,
    /// Who receives, as the person was shown them.
    pub recipients: Vec<RecordParty>,
    /// How to take it back.
    pub withdrawal: String,
    /// What the GDPR asks for beside.
    pub gdpr: Gdpr,
    /// What happened, oldest first.
    pub events: Vec<RecordEvent>,
}

/// What a record cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// A text or a list is empty, or longer than anything needs.
    #[error("a text or a list of the record is empty or too long")]
    Extent,
    /// Consent that something hung on.
    #[error("a consent that a sale or a service hung on is none")]
    Conditional,
    /// Handed on to nobody in particular.
    #[error("handing on needs recipients that are named")]
    NobodyNamed,
    /// The person was not told of every right.
    #[error("the person was not told of every right")]
    Rights,
    /// A validity outside 1 to 36 months.
    #[error("an event holds for 1 to 36 months")]
    Validity,
    /// An act of a person who is not the record's, or of another type than its entity's.
    #[error("an event is an act of the record's person or of a company, and of that type")]
    Entity,
    /// Events out of order.
    #[error("the events of a record stand in the order of time")]
    Order,
}

impl RecordFault {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Extent => "record.extent",
            Self::Conditional => "record.conditional",
            Self::NobodyNamed => "record.nobody_named",
            Self::Rights => "record.rights",
            Self::Validity => "record.validity",
            Self::Entity => "record.entity",
            Self::Order => "record.order",
        }
    }
}

/// The longest text and list.
const TEXT_CHARS: usize = 500;
const LIST: usize = 1_000;

impl ConsentRecord {
    /// Checks what the shape alone does not hold.
    ///
    /// # Errors
    /// The first [`RecordFault`].
    pub fn check(&self) -> Result<(), RecordFault> {
        if self.gdpr.conditional {
            return Err(RecordFault::Conditional);
        }
        if self.purpose == Purpose::Transmission && self.recipients.is_empty() {
            return Err(RecordFault::NobodyNamed);
        }
        if !Right::ALL.iter().all(|right| self.gdpr.rights.contains(right)) {
            return Err(RecordFault::Rights);
        }
        let months = |event: &RecordEvent| (1..=36).contains(&event.validity_months);
        if !self.events.iter().all(months) {
            return Err(RecordFault::Validity);
        }
        let own = |event: &RecordEvent| match event.entity {
            EventEntity::Person(person) => person == self.principal,
            EventEntity::Company(_) => true,
        };
        if !self.events.iter().all(|event| own(event) && event.entity.acts() == event.kind) {
            return Err(RecordFault::Entity);
        }
        if !self.events.is_sorted_by_key(|event| event.at) {
            return Err(RecordFault::Order);
        }
        if self.texts().all(|text| (1..=TEXT_CHARS).contains(&text.trim().chars().count()))
            && self.lists().iter().all(|length| (1..=LIST).contains(length))
            && self.recipients.len() <= LIST
            && self.retention_months > 0
        {
            Ok(())
        } else {
            Err(RecordFault::Extent)
        }
    }

    /// Digest of the canonical record.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        sha256(&canonical::to_vec(self))
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let parties = self.controllers.iter().chain(&self.recipients);
        let of_parties = parties.flat_map(|one| [&one.name, &one.address, &one.contact]);
        let own = [&self.notice.url, &self.withdrawal, &self.gdpr.authority];
        let safeguard = match &self.gdpr.third_countries {
            ThirdCountries::To { safeguard, .. } => Some(safeguard),
            ThirdCountries::None {} => None,
        };
        own.into_iter().chain(of_parties).chain(safeguard).map(String::as_str)
    }

    fn lists(&self) -> [usize; 5] {
        let abroad = match &self.gdpr.third_countries {
            ThirdCountries::To { countries, .. } => countries.len(),
            ThirdCountries::None {} => 1,
        };
        let Self { pii, controllers, storage, events, .. } = self;
        [pii.len(), controllers.len(), storage.len(), events.len(), abroad]
    }
}
