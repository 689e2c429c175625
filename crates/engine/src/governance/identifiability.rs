//! Who could identify the persons behind the tokens of a programme: the answer for each of the four who come
//! near them. Tokens are personal data for whoever has means that are reasonably likely to be used (GDPR
//! recital 26; Court of Justice, C-413/23 P), so that the same file may be anonymous for one and not for the
//! other; what the parties cannot tell from outside has to be assessed, dated and signed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Gap;
use super::record::{Document, text};

/// Who comes near the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A partner, about its own persons and those of others.
    Partner,
    /// The certifier.
    Certifier,
    /// The principal.
    Brand,
    /// Whoever runs the machines.
    Host,
}

impl Actor {
    const ALL: [Self; 4] = [Self::Partner, Self::Certifier, Self::Brand, Self::Host];
}

/// What was found for one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// For whom.
    pub actor: Actor,
    /// Whether it could identify a person by means that are reasonably likely to be used.
    pub can_identify: bool,
    /// Which means it has or lacks, in law and in fact.
    pub means: String,
}

/// Who holds the key of the programme, or can obtain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyHolder {
    /// The parties alone. This program never sends the key to a certifier.
    Parties,
    /// The certifier as well: by contract, by its group, or because somebody gave it a copy.
    Certifier,
}

/// Whom persons turn to with a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequestMode {
    /// The companies, who can find them; the certifier cannot (GDPR art. 11(2)).
    #[default]
    ThroughParties,
    /// The certifier too: it can find them, and art. 11 excuses it from nothing.
    Direct,
}

/// The assessment of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifiability {
    /// One finding for each of the four.
    pub findings: Vec<Finding>,
    /// Who holds the key.
    pub key_holder: KeyHolder,
    /// The signed text: its day, and the function that signed it.
    pub document: Document,
    /// Day of its next review: means grow.
    #[schema(value_type = String, format = Date)]
    pub review: Date,
}

impl Identifiability {
    pub(super) fn check(&self, today: Date) -> Result<(), Gap> {
        self.document.check()?;
        self.findings.iter().try_for_each(|finding| text(&finding.means))?;
        for actor in Actor::ALL {
            if self.findings.iter().filter(|finding| finding.actor == actor).count() != 1 {
                return Err(Gap::Identifiability);
            }
        }
        if self.is_direct() && !self.can_identify(Actor::Certifier) {
            return Err(Gap::KeyHolder);
        }
        let signed = self.document.date;
        if signed > today || self.review <= signed { Err(Gap::Date) } else { Ok(()) }
    }

    fn can_identify(&self, actor: Actor) -> bool {
        self.findings.iter().any(|finding| finding.actor == actor && finding.can_identify)
    }

    const fn is_direct(&self) -> bool {
        matches!(self.key_holder, KeyHolder::Certifier)
    }

    /// Whom persons turn to: the certifier too as soon as it holds the key.
    #[must_use]
    pub const fn request_mode(&self) -> RequestMode {
        if self.is_direct() { RequestMode::Direct } else { RequestMode::ThroughParties }
    }

    /// Whether a programme may go live on it today.
    ///
    /// # Errors
    /// [`Gap::IdentifiabilityReview`] after the day of its review.
    pub fn holds(&self, today: Date) -> Result<(), Gap> {
        self.check(today)?;
        if self.review < today { Err(Gap::IdentifiabilityReview) } else { Ok(()) }
    }
}
