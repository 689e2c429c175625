//! The contract between a controller and the certifier as its processor, clause by clause (GDPR
//! art. 28(3)), and the certifier's sub-processors (art. 28(2) and (4)).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_protocol::ids::PartyId;
use utoipa::ToSchema;

use super::activity::Transfer;
use super::record::{Document, text};
use super::{Gap, eea};

/// What art. 28(3) wants stipulated, by its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clause {
    /// Documented instructions only.
    A,
    /// Confidentiality of those who work on the data.
    B,
    /// Security of art. 32.
    C,
    /// Conditions for sub-processors.
    D,
    /// Help with the rights of persons.
    E,
    /// Help with security, breaches, assessments.
    F,
    /// Deletion or return at the end.
    G,
    /// Information and audits.
    H,
}

impl Clause {
    /// All eight.
    pub const ALL: [Self; 8] =
        [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F, Self::G, Self::H];
}

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The controller.
    #[schema(value_type = String)]
    pub controller: PartyId,
    /// The signed text.
    pub document: Document,
    /// Subject matter.
    pub subject: String,
    /// Duration.
    pub duration: String,
    /// Nature of the processing.
    pub nature: String,
    /// Purpose of the processing.
    pub purpose: String,
    /// Types of personal data.
    pub data: String,
    /// Categories of persons.
    pub persons: String,
    /// The clauses that it has.
    pub clauses: BTreeSet<Clause>,
}

impl Contract {
    pub(super) fn check(&self, today: Date) -> Result<(), Gap> {
        self.document.check()?;
        let parts =
            [&self.subject, &self.duration, &self.nature, &self.purpose, &self.data, &self.persons];
        parts.into_iter().try_for_each(|part| text(part))?;
        if self.document.date > today { Err(Gap::Date) } else { Ok(()) }
    }

    /// The first clause that is missing.
    #[must_use]
    pub fn missing(&self) -> Option<Clause> {
        Clause::ALL.into_iter().find(|clause| !self.clauses.contains(clause))
    }
}

/// How a controller has allowed a sub-processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum Authorisation {
    /// For this one.
    Specific {
        /// The controller's writing.
        document: Document,
    },
    /// In general, with notice of each change, so that the controller may object.
    General {
        /// The controller's writing.
        document: Document,
        /// When the notice was sent.
        #[schema(value_type = Option<String>, format = Date)]
        notified: Option<Date>,
    },
}

/// Somebody who works for the certifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subprocessor {
    /// The company.
    pub name: String,
    /// Its SIREN, or its number elsewhere.
    pub number: String,
    /// Its country.
    pub country: String,
    /// The safeguards of the transfer, for a country outside the European Economic Area (art. 44 to 49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safeguards: Option<String>,
    /// What it does.
    pub task: String,
    /// Under which authorisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation: Option<Authorisation>,
    /// First day of its work.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
}

impl Subprocessor {
    /// The transfer to it, where its country lies outside the Area.
    #[must_use]
    pub fn transfer(&self) -> Option<Transfer> {
        if eea::holds(&self.country) {
            return None;
        }
        Some(Transfer {
            recipient: self.name.clone(),
            country: self.country.clone(),
            safeguards: self.safeguards.clone().unwrap_or_default(),
        })
    }

    pub(super) fn check(&self) -> Result<(), Gap> {
        [&self.name, &self.number, &self.country, &self.task]
            .into_iter()
            .try_for_each(|part| text(part))?;
        match &self.safeguards {
            Some(safeguards) => text(safeguards).map_err(|_| Gap::Transfer)?,
            None if !eea::holds(&self.country) => return Err(Gap::Transfer),
            None => {}
        }
        match self.authorisation.as_ref().ok_or(Gap::Authorisation)? {
            Authorisation::Specific { document } => {
                document.check()?;
                if document.date > self.from { Err(Gap::Authorisation) } else { Ok(()) }
            }
            Authorisation::General { document, notified } => {
                document.check()?;
                let in_time = notified.is_some_and(|sent| sent < self.from);
                if in_time { Ok(()) } else { Err(Gap::NoticeOfChange) }
            }
        }
    }
}
