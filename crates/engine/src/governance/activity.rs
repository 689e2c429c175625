//! A processing activity: who is what, for which purposes, each with exactly one legal basis (GDPR
//! art. 5(1)(b), 6, 26, 28, 30). Matching is a purpose of its own: sending messages is another.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tiers_protocol::exchange::special;
use tiers_protocol::ids::PartyId;
use tiers_protocol::programme::LegalBasis;
use utoipa::ToSchema;

use super::Gap;
use super::record::{Document, text};

/// What a party is for one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataRole {
    /// Decides alone why and how.
    Controller,
    /// Decides together with others.
    JointController,
    /// Works on a controller's instructions.
    Processor,
    /// Is given data, and decides nothing of this activity.
    Recipient,
}

impl DataRole {
    /// Whether it answers for the processing.
    #[must_use]
    pub const fn is_controller(self) -> bool {
        matches!(self, Self::Controller | Self::JointController)
    }
}

/// A party and its one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyRole {
    /// The party.
    #[schema(value_type = String)]
    pub party: PartyId,
    /// What it is.
    pub role: DataRole,
}

/// What data may be used for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PurposeKind {
    /// Comparing files of several controllers by tokens.
    Matching,
    /// Figures that single nobody out.
    Statistics,
    /// Sending commercial messages.
    Messages,
    /// Passing records to another company.
    Exchange,
    /// Serving rights of persons: opposition, access.
    Rights,
}

/// One purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Of which kind.
    pub kind: PurposeKind,
    /// In words, as persons are told.
    pub title: String,
    /// Its legal bases; exactly one is accepted.
    pub bases: Vec<LegalBasis>,
    /// The interest that is pursued, where the basis is legitimate interests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// The balancing test of that interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balancing: Option<Document>,
}

/// The families of data that CNIL's template of a register has; the sensitive ones are not taken here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataFamily {
    /// Who somebody is and how to reach them: contacts, tokens of contacts, names.
    #[default]
    Identity,
    /// Habits, family.
    PersonalLife,
    /// Purchases, income.
    Economic,
    /// Addresses of machines, logs.
    Connection,
    /// Where somebody is.
    Location,
    /// The number of the social security.
    SocialSecurityNumber,
}

impl DataFamily {
    /// In the order of the template.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::PersonalLife,
        Self::Economic,
        Self::Connection,
        Self::Location,
        Self::SocialSecurityNumber,
    ];

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A category of data and how long it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataCategory {
    /// What the data are.
    pub title: String,
    /// When they are deleted, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
    /// To which family of the template it belongs.
    #[serde(default, skip_serializing_if = "DataFamily::is_default")]
    pub family: DataFamily,
}

/// A transfer to a country outside the Union.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// To whom.
    pub recipient: String,
    /// To which country.
    pub country: String,
    /// Under which safeguards.
    pub safeguards: String,
}

/// A processing activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Its purposes.
    pub purposes: Vec<Purpose>,
    /// Every party with its role.
    pub parties: Vec<PartyRole>,
    /// What the certifier is.
    pub certifier: DataRole,
    /// Categories of persons.
    pub persons: Vec<String>,
    /// Categories of data.
    pub data: Vec<DataCategory>,
    /// Categories of recipients.
    pub recipients: Vec<String>,
    /// Transfers outside the Union; none is the rule.
    #[serde(default)]
    pub transfers: Vec<Transfer>,
    /// Security measures in general words.
    #[serde(default)]
    pub security: Vec<String>,
    /// Whether the safeguards of art. 89 are in place: pseudonyms, noise, no single person shown.
    pub safeguards_89: bool,
}

impl Activity {
    /// Whether it is complete in itself.
    ///
    /// # Errors
    /// [`Gap`]: the first.
    pub fn check(&self) -> Result<(), Gap> {
        if self.purposes.is_empty() {
            return Err(Gap::Basis);
        }
        for purpose in &self.purposes {
            purpose.check()?;
        }
        let mut seen = BTreeSet::new();
        if self.parties.is_empty() || !self.parties.iter().all(|party| seen.insert(party.party)) {
            return Err(Gap::PartyRole);
        }
        if self.data.iter().any(|category| special::names_one(&category.title)) {
            return Err(Gap::Special);
        }
        let titles = self.data.iter().map(|category| &category.title);
        for title in titles.chain(&self.persons).chain(&self.recipients).chain(&self.security) {
            text(title)?;
        }
        for transfer in &self.transfers {
            [&transfer.recipient, &transfer.country, &transfer.safeguards]
                .into_iter()
                .try_for_each(|part| text(part))?;
        }
        Ok(())
    }

    /// The role of a party.
    #[must_use]
    pub fn role(&self, party: &PartyId) -> Option<DataRole> {
        self.parties.iter().find(|p| p.party == *party).map(|p| p.role)
    }

    /// The purpose of a kind.
    #[must_use]
    pub fn purpose(&self, kind: PurposeKind) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.kind == kind)
    }

    /// Whether data under this activity may be used for a purpose. Nothing follows from another: who
    /// is told of messages is not told of matching.
    ///
    /// # Errors
    /// [`Gap::MatchingPurpose`], [`Gap::OtherPurpose`], [`Gap::Safeguards`].
    pub fn permits(&self, kind: PurposeKind) -> Result<&Purpose, Gap> {
        let found = self.purpose(kind).ok_or(match kind {
            PurposeKind::Matching => Gap::MatchingPurpose,
            _ => Gap::OtherPurpose,
        })?;
        if kind == PurposeKind::Statistics && !self.safeguards_89 {
            return Err(Gap::Safeguards);
        }
        Ok(found)
    }
}

impl Purpose {
    fn check(&self) -> Result<(), Gap> {
        text(&self.title)?;
        let [basis] = self.bases[..] else { return Err(Gap::Basis) };
        if basis == LegalBasis::LegitimateInterests {
            let interest = self.interest.as_deref().ok_or(Gap::Balancing)?;
            text(interest).map_err(|_| Gap::Balancing)?;
            self.balancing.as_ref().ok_or(Gap::Balancing)?.check()?;
        }
        Ok(())
    }
}
