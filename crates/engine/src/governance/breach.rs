//! The file of a breach (GDPR art. 33, 34): what is known, by phases; the clocks; what must stand in
//! it before it is closed. Every saving is a new version, so that what was known when can be shown.

use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use tiers_protocol::ids::PartyId;
use utoipa::ToSchema;

use super::Gap;
use super::record::{Document, text};

/// How soon a breach is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    format: String,
    /// Version of the policy.
    pub version: u32,
    /// To the authority, in hours.
    pub authority_hours: u32,
    /// To the controllers, in hours.
    pub controllers_hours: u32,
    approval: Option<Document>,
}

const FORMAT: &str = "tiers-breach/1";
const FRANCE: &str = include_str!("../../../../policies/breach/france.toml");
/// Hours of art. 33(1), and of this product's reading of art. 33(2).
const LAW: (u32, u32) = (72, 24);

impl Terms {
    /// The terms in France.
    #[must_use]
    pub fn france() -> Self {
        Self::from_toml(FRANCE).expect("a test reads it")
    }

    /// Reads terms; others than those of the law need a legal approval.
    ///
    /// # Errors
    /// [`Gap::Text`] for what is no such file, [`Gap::Authorisation`] without the approval.
    pub fn from_toml(text: &str) -> Result<Self, Gap> {
        let read: Self = toml::from_str(text).map_err(|_| Gap::Text)?;
        if read.format != FORMAT || read.authority_hours == 0 || read.controllers_hours == 0 {
            return Err(Gap::Text);
        }
        let approved = read.approval.as_ref().is_some_and(|document| document.check().is_ok());
        let lawful = (read.authority_hours, read.controllers_hours) == LAW;
        if lawful || approved { Ok(read) } else { Err(Gap::Authorisation) }
    }
}

/// Why persons need not be told one by one (art. 34(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// Keyed tokens whose key is not compromised: unintelligible to whoever has them.
    Unintelligible,
    /// Later measures make the high risk unlikely.
    Mitigated,
    /// It would be out of proportion; a public communication takes its place.
    Disproportionate,
}

/// What is decided about informing the persons (art. 34).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonsDecision {
    /// Whether the risk for them is likely to be high.
    pub high_risk: bool,
    /// Whether a key with which tokens were made is known to those who have the tokens.
    pub key_compromised: bool,
    /// Why they need not be told, where the risk is high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<Exemption>,
    /// When they were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub informed: Option<Timestamp>,
    /// The reasons.
    pub rationale: String,
}

/// What kind of breach it is, where that decides something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Incident {
    /// Tokens were turned back into contacts, or can be: a key leaked, a dictionary fitted.
    TokensReversed,
    /// Anything else.
    Other,
}

/// The file of a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Breach {
    /// The moment of awareness: the clocks run from it.
    #[schema(value_type = String, format = DateTime)]
    pub aware: Timestamp,
    /// What kind it is; tokens that were reversed start the clock to the authority, whoever tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
    /// The controllers whose data are concerned.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub controllers: Vec<PartyId>,
    /// Whether the certifier is itself the controller of some of it (accounts, journal).
    #[serde(default)]
    pub own_data: bool,
    /// Art. 33(3)(a): its nature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<String>,
    /// Art. 33(3)(a): categories of persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<String>,
    /// Art. 33(3)(a): about how many persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons_about: Option<u64>,
    /// Art. 33(3)(a): categories of records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// Art. 33(3)(a): about how many records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_about: Option<u64>,
    /// Art. 33(3)(b): where more can be learned: the data protection officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpo: Option<String>,
    /// Art. 33(3)(c): likely consequences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequences: Option<String>,
    /// Art. 33(3)(d): measures taken or proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measures: Option<String>,
    /// When the controllers were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub controllers_told: Option<Timestamp>,
    /// When the authority was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub authority_told: Option<Timestamp>,
    /// Why it was told after the term (art. 33(1)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_because: Option<String>,
    /// Why the authority is not told: no risk for persons is likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_notified_because: Option<String>,
    /// Art. 33(5): the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
    /// Art. 33(5): its effects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effects: Option<String>,
    /// Art. 33(5): the remedies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedies: Option<String>,
    /// The decision on informing persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<PersonsDecision>,
    /// When the file was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed: Option<Timestamp>,
}

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Nothing is owed.
    NotOwed,
    /// It runs.
    Running,
    /// Done within the term.
    InTime,
    /// Done after the term.
    Late,
    /// The term has passed and nothing was done.
    Overdue,
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clock {
    /// The end of the term. Hours run through nights, weekends and holidays (Regulation 1182/71,
    /// art. 3(4)).
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Where it stands.
    pub state: ClockState,
    /// Whole hours left, 0 when none.
    pub hours_left: u64,
}

fn clock(
    aware: Timestamp,
    hours: u32,
    told: Option<Timestamp>,
    owed: bool,
    now: Timestamp,
) -> Clock {
    let until = aware.checked_add(i64::from(hours).hours()).unwrap_or(Timestamp::MAX);
    let state = match told {
        _ if !owed => ClockState::NotOwed,
        Some(told) if told <= until => ClockState::InTime,
        Some(_) => ClockState::Late,
        None if now <= until => ClockState::Running,
        None => ClockState::Overdue,
    };
    let left = until.as_second().saturating_sub(now.as_second()).max(0) / 3_600;
    Clock { until, state, hours_left: u64::try_from(left).unwrap_or(0) }
}

/// The fields of art. 33(3) by name, in the order of the law.
const CONTENT: [&str; 8] = [
    "nature",
    "persons",
    "persons_about",
    "records",
    "records_about",
    "dpo",
    "consequences",
    "measures",
];

impl Breach {
    /// The clock of the certifier as processor: to the controllers.
    #[must_use]
    pub fn controllers_clock(&self, terms: &Terms, now: Timestamp) -> Clock {
        let owed = !self.controllers.is_empty();
        clock(self.aware, terms.controllers_hours, self.controllers_told, owed, now)
    }

    /// Whether tokens name persons again.
    fn reversed(&self) -> bool {
        self.incident == Some(Incident::TokensReversed)
    }

    /// The clock of the certifier as controller of its own data, and of whoever tells it that tokens were
    /// reversed: to the authority.
    #[must_use]
    pub fn authority_clock(&self, terms: &Terms, now: Timestamp) -> Clock {
        let owed = (self.own_data || self.reversed()) && self.not_notified_because.is_none();
        clock(self.aware, terms.authority_hours, self.authority_told, owed, now)
    }

    /// What a notification under art. 33(3) still lacks; it may be sent all the same, and completed
    /// in phases (art. 33(4)).
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let said = |field: &Option<String>| field.as_deref().is_some_and(|t| text(t).is_ok());
        let has = [
            said(&self.nature),
            said(&self.persons),
            self.persons_about.is_some(),
            said(&self.records),
            self.records_about.is_some(),
            said(&self.dpo),
            said(&self.consequences),
            said(&self.measures),
        ];
        CONTENT.into_iter().zip(has).filter(|(_, has)| !has).map(|(name, _)| name).collect()
    }

    /// Whether this version may be saved.
    ///
    /// # Errors
    /// [`Gap`]: the first.
    pub fn check(&self, terms: &Terms, now: Timestamp) -> Result<(), Gap> {
        let decided = self.decision.as_ref();
        let moments = [
            self.controllers_told,
            self.authority_told,
            decided.and_then(|decision| decision.informed),
            self.closed,
        ];
        let after = moments.into_iter().flatten().all(|at| at >= self.aware && at <= now);
        if self.aware > now || !after {
            return Err(Gap::BreachOrder);
        }
        let late = self.authority_clock(terms, now).state == ClockState::Late
            || self.controllers_clock(terms, now).state == ClockState::Late;
        let said = |field: &Option<String>| field.as_deref().is_some_and(|t| text(t).is_ok());
        if late && !said(&self.late_because) {
            return Err(Gap::BreachLate);
        }
        if let Some(decision) = decided {
            decision.check(self.reversed())?;
        }
        if self.closed.is_none() {
            return Ok(());
        }
        if !(said(&self.facts) && said(&self.effects) && said(&self.remedies)) {
            return Err(Gap::BreachUnfinished);
        }
        let owed =
            [self.authority_clock(terms, now).state, self.controllers_clock(terms, now).state];
        let open = |state: &ClockState| matches!(state, ClockState::Running | ClockState::Overdue);
        if decided.is_none_or(|decision| !decision.is_done()) || owed.iter().any(open) {
            return Err(Gap::BreachUndecided);
        }
        Ok(())
    }
}

impl PersonsDecision {
    fn check(&self, reversed: bool) -> Result<(), Gap> {
        text(&self.rationale).map_err(|_| Gap::BreachUndecided)?;
        // Tokens are unintelligible only to those who lack the key, and were not reversed without it.
        let claimed = self.exemption == Some(Exemption::Unintelligible);
        if claimed && (self.key_compromised || reversed) {
            Err(Gap::BreachUndecided)
        } else {
            Ok(())
        }
    }

    /// Whether nothing more is owed to the persons.
    const fn is_done(&self) -> bool {
        !self.high_risk || self.exemption.is_some() || self.informed.is_some()
    }
}
