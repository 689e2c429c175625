//! The impact assessment (GDPR art. 35): its four parts, its state, and the nine criteria of the
//! European guidelines (WP 248) by which two are enough to need one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Gap;
use super::identifiability::{Identifiability, RequestMode};
use super::record::{Document, text};

/// The nine criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Evaluation or scoring.
    Scoring,
    /// Automated decisions with legal or similar effect.
    AutomatedDecision,
    /// Systematic monitoring.
    Monitoring,
    /// Sensitive or highly personal data.
    Sensitive,
    /// Large scale.
    LargeScale,
    /// Matching or combining of data sets.
    Combining,
    /// Vulnerable persons.
    Vulnerable,
    /// New technology, or a new use of one.
    Innovative,
    /// Persons are kept from a right, a service or a contract.
    Exclusion,
}

/// What is true of every programme here, whatever else is.
pub const ALWAYS: [Criterion; 2] = [Criterion::LargeScale, Criterion::Combining];

/// Whether an assessment is needed: two criteria are enough.
#[must_use]
pub fn is_required(met: &BTreeSet<Criterion>) -> bool {
    met.len() >= 2
}

/// The criteria that a programme meets: those of this product and those that are declared.
#[must_use]
pub fn criteria(declared: &BTreeSet<Criterion>) -> BTreeSet<Criterion> {
    declared.iter().copied().chain(ALWAYS).collect()
}

/// What remains when the measures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Little.
    Low,
    /// Acceptable with the measures.
    Limited,
    /// High: the authority is consulted before (art. 36).
    High,
}

/// An assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dpia {
    /// Art. 35(7)(a): the operations and their purposes.
    pub description: String,
    /// Art. 35(7)(b): necessity and proportionality.
    pub necessity: String,
    /// Art. 35(7)(c): risks for the persons.
    pub risks: String,
    /// Art. 35(7)(d): the measures.
    pub measures: String,
    /// Criteria met besides those of every programme.
    #[serde(default)]
    pub criteria: BTreeSet<Criterion>,
    /// Opinion of the data protection officer (art. 35(2)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpo_opinion: Option<String>,
    /// What remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual_risk: Option<Risk>,
    /// The authority's answer, where the residual risk is high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation: Option<Document>,
    /// Day of its validation; a draft has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub validated: Option<Date>,
    /// Day of its next review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub review: Option<Date>,
}

impl Dpia {
    /// A draft may lack anything but its four headings' texts; what is said to be validated may not.
    pub(super) fn check(&self, today: Date) -> Result<(), Gap> {
        let Some(validated) = self.validated else { return Ok(()) };
        let parts = [&self.description, &self.necessity, &self.risks, &self.measures];
        parts.into_iter().try_for_each(|part| text(part)).map_err(|_| Gap::DpiaIncomplete)?;
        let opinion = self.dpo_opinion.as_deref().ok_or(Gap::DpiaIncomplete)?;
        text(opinion).map_err(|_| Gap::DpiaIncomplete)?;
        let risk = self.residual_risk.ok_or(Gap::DpiaIncomplete)?;
        if risk == Risk::High && self.consultation.is_none() {
            return Err(Gap::Consultation);
        }
        let review = self.review.ok_or(Gap::DpiaIncomplete)?;
        if validated > today || review <= validated { Err(Gap::Date) } else { Ok(()) }
    }

    /// Whether production may rest on it today.
    ///
    /// # Errors
    /// [`Gap::Dpia`] for a draft, [`Gap::DpiaReview`] after the day of its review.
    pub fn holds(&self, today: Date) -> Result<(), Gap> {
        if self.validated.is_none() {
            return Err(Gap::Dpia);
        }
        self.check(today)?;
        if self.review.is_some_and(|review| review < today) {
            return Err(Gap::DpiaReview);
        }
        Ok(())
    }

    /// The assessment as a page: the four parts of art. 35(7), who could identify the persons, and what was
    /// decided, in plain text.
    #[must_use]
    pub fn export(&self, who: Option<&Identifiability>) -> String {
        let part = |letter, title, text: &str| format!("({letter}) {title}\n\n{text}\n\n");
        let met: Vec<_> = criteria(&self.criteria).into_iter().map(|c| format!("{c:?}")).collect();
        let mut page = String::from("Data protection impact assessment (GDPR art. 35)\n\n");
        page.push_str(&part('a', "Operations and purposes", &self.description));
        page.push_str(&part('b', "Necessity and proportionality", &self.necessity));
        page.push_str(&part('c', "Risks for the persons", &self.risks));
        page.push_str(&part('d', "Measures", &self.measures));
        page.push_str(&who.map_or_else(|| NOT_ASSESSED.to_owned(), identification));
        let opinion = self.dpo_opinion.as_deref().unwrap_or("not given yet");
        let day = |date: Option<Date>| date.map_or_else(|| "none".to_owned(), |d| d.to_string());
        page.push_str(&format!(
            "Criteria met      {}\nOfficer's opinion {opinion}\nResidual risk     {}\n\
             Validated         {}\nNext review       {}\n",
            met.join(", "),
            self.residual_risk.map_or_else(|| "not assessed".to_owned(), |r| format!("{r:?}")),
            day(self.validated),
            day(self.review),
        ));
        page
    }
}

const NOT_ASSESSED: &str = "Who could identify the persons: not assessed yet\n\n";

fn identification(who: &Identifiability) -> String {
    let mut page = String::from("Who could identify the persons\n\n");
    for finding in &who.findings {
        let answer = if finding.can_identify { "yes" } else { "no" };
        page.push_str(&format!("{:?} {answer}: {}\n", finding.actor, finding.means));
    }
    if who.request_mode() == RequestMode::Direct {
        page.push_str(
            "\nThe certifier holds the key or can obtain it: it can identify the persons, art. 11 excuses it \
             from nothing, and it answers their requests itself.\n",
        );
    }
    page.push('\n');
    page
}
