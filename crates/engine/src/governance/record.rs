//! The records themselves: each a document that is written once and replaced by a newer version,
//! never changed. The same types are read by the API and by the command line.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_protocol::encoding::Bytes;
use utoipa::ToSchema;

use super::Gap;
use super::activity::{Activity, DataRole};
use super::contract::{Contract, Subprocessor};
use super::dpia::Dpia;
use super::identifiability::Identifiability;
use super::notice::Notice;

/// Characters of one text of a record: a paragraph, not a book.
const TEXT_CHARS: usize = 4_000;

/// A document that is kept elsewhere: its digest binds the record to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// SHA-256 of the file.
    pub sha256: Bytes<32>,
    /// Day on which it was signed or adopted.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Who wrote or signed it: a function or a company, rather than a person's name.
    pub author: String,
}

impl Document {
    pub(super) fn check(&self) -> Result<(), Gap> {
        text(&self.author)
    }
}

/// Who a legal entity is and how it is reached (art. 30(1)(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its registered name.
    pub name: String,
    /// Its SIREN.
    pub siren: String,
    /// Its address.
    pub address: String,
    /// Where it is reached: a functional address.
    pub contact: String,
    /// Its data protection officer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpo: Option<String>,
    /// Its representative in the Union, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representative: Option<String>,
}

/// What a controller has the certifier do (art. 28(3)(a), 29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// The instruction in words.
    pub text: String,
    /// The function that gives it.
    pub given_by: String,
}

/// A joint controller and where persons reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPoint {
    /// The party.
    #[schema(value_type = String)]
    pub party: tiers_protocol::ids::PartyId,
    /// Its name.
    pub name: String,
    /// Where persons reach it: an address of a function.
    pub contact: String,
}

/// The arrangement of joint controllers (art. 26); its essence is a public page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrangement {
    /// The signed text.
    pub document: Document,
    /// Its essence, as persons may read it.
    pub essence: String,
    /// Every joint controller; persons may turn to any of them.
    pub controllers: Vec<ContactPoint>,
}

/// A record of governance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// Who the caller's legal entity is.
    Identity(Identity),
    /// The processing: purposes, bases, roles, recipients.
    Activity(Activity),
    /// The contract of a controller with the certifier.
    Contract(Contract),
    /// An instruction of the calling controller.
    Instruction(Instruction),
    /// A sub-processor of the certifier.
    Subprocessor(Subprocessor),
    /// The arrangement of joint controllers.
    Arrangement(Arrangement),
    /// The caller's information notice.
    Notice(Notice),
    /// The impact assessment.
    Dpia(Dpia),
    /// Who could identify the persons.
    Identifiability(Identifiability),
}

/// What a record is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`Record::Identity`].
    Identity,
    /// [`Record::Activity`].
    Activity,
    /// [`Record::Contract`].
    Contract,
    /// [`Record::Instruction`].
    Instruction,
    /// [`Record::Subprocessor`].
    Subprocessor,
    /// [`Record::Arrangement`].
    Arrangement,
    /// [`Record::Notice`].
    Notice,
    /// [`Record::Dpia`].
    Dpia,
    /// [`Record::Identifiability`].
    Identifiability,
    /// An instruction that was flagged as unlawful.
    Flag,
    /// That a programme entered production.
    Production,
    /// The file of a breach.
    Breach,
    /// A version of a register.
    Register,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Identity,
        Self::Activity,
        Self::Contract,
        Self::Instruction,
        Self::Subprocessor,
        Self::Arrangement,
        Self::Notice,
        Self::Dpia,
        Self::Identifiability,
        Self::Flag,
        Self::Production,
        Self::Breach,
        Self::Register,
    ];

    /// Its word in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Activity => "activity",
            Self::Contract => "contract",
            Self::Instruction => "instruction",
            Self::Subprocessor => "subprocessor",
            Self::Arrangement => "arrangement",
            Self::Notice => "notice",
            Self::Dpia => "dpia",
            Self::Identifiability => "identifiability",
            Self::Flag => "flag",
            Self::Production => "production",
            Self::Breach => "breach",
            Self::Register => "register",
        }
    }
}

impl core::str::FromStr for Kind {
    type Err = Gap;

    fn from_str(text: &str) -> Result<Self, Gap> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Gap::Text)
    }
}

impl Record {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Identity(_) => Kind::Identity,
            Self::Activity(_) => Kind::Activity,
            Self::Contract(_) => Kind::Contract,
            Self::Instruction(_) => Kind::Instruction,
            Self::Subprocessor(_) => Kind::Subprocessor,
            Self::Arrangement(_) => Kind::Arrangement,
            Self::Notice(_) => Kind::Notice,
            Self::Dpia(_) => Kind::Dpia,
            Self::Identifiability(_) => Kind::Identifiability,
        }
    }

    /// Whether it is complete in itself; what it must agree with is the gate's matter.
    ///
    /// # Errors
    /// [`Gap`]: the first.
    pub fn check(&self, today: Date) -> Result<(), Gap> {
        match self {
            Self::Identity(identity) => [&identity.name, &identity.address, &identity.contact]
                .map(|t| text(t))
                .into_iter()
                .collect(),
            Self::Activity(activity) => activity.check(),
            Self::Contract(contract) => contract.check(today),
            Self::Instruction(instruction) => {
                text(&instruction.text).and_then(|()| text(&instruction.given_by))
            }
            Self::Subprocessor(subprocessor) => subprocessor.check(),
            Self::Arrangement(arrangement) => arrangement.check(),
            Self::Notice(notice) => notice.check(today),
            Self::Dpia(dpia) => dpia.check(today),
            Self::Identifiability(assessment) => assessment.check(today),
        }
    }
}

impl Arrangement {
    fn check(&self) -> Result<(), Gap> {
        self.document.check()?;
        text(&self.essence)?;
        if self.controllers.len() < 2 {
            return Err(Gap::Arrangement);
        }
        for controller in &self.controllers {
            text(&controller.name).and_then(|()| text(&controller.contact))?;
        }
        Ok(())
    }

    /// Whether every joint controller of an activity is named.
    #[must_use]
    pub fn names_all_of(&self, activity: &Activity) -> bool {
        let joint = activity.parties.iter().filter(|p| p.role == DataRole::JointController);
        joint.map(|p| p.party).all(|party| self.controllers.iter().any(|c| c.party == party))
    }
}

/// A text that says something and is not a book.
pub(super) fn text(text: &str) -> Result<(), Gap> {
    let length = text.trim().chars().count();
    if (1..=TEXT_CHARS).contains(&length) { Ok(()) } else { Err(Gap::Text) }
}
