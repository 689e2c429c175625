//! The rules as data: which regime the law has for a purpose, channel, audience, sector and day, and the
//! article that says so. The first rule that fits decides. Files: `policies/consent/`, described in
//! `policies/consent/README.md`. This file decides nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector};

/// What the law asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Consent beforehand.
    OptIn,
    /// Information beforehand, and no objection.
    OptOut,
    /// Nothing permits it, consent included.
    Forbidden,
}

/// Which rule of a set; its place, so that a decision stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleIndex(u16);

impl RuleIndex {
    /// The place in the set, from 0.
    #[must_use]
    pub const fn place(self) -> u16 {
        self.0
    }
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    id: String,
    article: String,
    source: String,
    regime: Regime,
    purposes: Vec<Purpose>,
    channels: Vec<Channel>,
    audiences: Vec<Audience>,
    sectors: Vec<Sector>,
    from: Option<Date>,
    until: Option<Date>,
    scrub_days: Option<u32>,
    active_months: Option<u32>,
    #[serde(default)]
    offer_of_profession: bool,
    #[serde(default)]
    except: Vec<Exception>,
}

/// What the law excepts, for the company's own use and never for handing on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exception {
    /// Similar products of the same company, to a customer whose address it took itself.
    SimilarProducts,
    /// A contract in progress with the same company, and related offers.
    ContractInProgress,
}

/// Where a rule is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) purpose: Purpose,
    pub(super) channel: Channel,
    pub(super) audience: Audience,
    pub(super) sector: Sector,
    pub(super) day: Date,
}

impl Rule {
    /// Its name, stable.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The article that it comes from.
    #[must_use]
    pub fn article(&self) -> &str {
        &self.article
    }

    /// Where the article can be read.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it asks for.
    #[must_use]
    pub const fn regime(&self) -> Regime {
        self.regime
    }

    /// Within how many days the file was compared with the list of telephone objections.
    pub(super) const fn scrub_days(&self) -> Option<u32> {
        self.scrub_days
    }

    /// For how many months after the last sign of the person a contact is active.
    pub(super) const fn active_months(&self) -> Option<u32> {
        self.active_months
    }

    /// Whether the offer must be one of the person's profession.
    pub(super) const fn offer_of_profession(&self) -> bool {
        self.offer_of_profession
    }

    /// Whether the law excepts this.
    pub(super) fn excepts(&self, exception: Exception) -> bool {
        self.except.contains(&exception)
    }

    fn fits(&self, case: &Case) -> bool {
        self.channels.contains(&case.channel)
            && self.purposes.contains(&case.purpose)
            && self.audiences.contains(&case.audience)
            && self.sectors.contains(&case.sector)
            && self.from.is_none_or(|from| from <= case.day)
            && self.until.is_none_or(|until| case.day <= until)
    }
}

/// A set of rules that was refused, and why. Rules hold nothing personal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RulesError {
    /// Not TOML of the expected shape.
    #[error("the rules cannot be read: {0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// Written for another version of this program.
    #[error("the rules have a format that this program does not know")]
    Format,
    /// None, or too many.
    #[error("a set has 1 to 1,000 rules")]
    Count,
    /// Two rules of one name, or a rule without name, article or source.
    #[error("rule {number} needs a name of its own, an article and a source")]
    Unnamed {
        /// The place of the rule, from 1.
        number: usize,
    },
    /// A rule that can never fit, or whose conditions do not belong to its regime.
    #[error("rule {number} fits nothing or contradicts itself")]
    Idle {
        /// The place of the rule, from 1.
        number: usize,
    },
    /// A case without a rule.
    #[error("there is no rule for {purpose} by {channel} to a {audience} ({sector}) on {day}")]
    Gap {
        /// What for.
        purpose: Purpose,
        /// By which means.
        channel: Channel,
        /// To whom.
        audience: Audience,
        /// Of which sector.
        sector: Sector,
        /// On which day.
        day: Date,
    },
}

impl RulesError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "rules.syntax",
            Self::Format => "rules.format",
            Self::Count => "rules.count",
            Self::Unnamed { .. } => "rules.unnamed",
            Self::Idle { .. } => "rules.idle",
            Self::Gap { .. } => "rules.gap",
        }
    }
}

/// A set of rules that has an answer for every case.
#[derive(Debug)]
pub struct Rules {
    name: String,
    version: u32,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    name: String,
    version: u32,
    rule: Vec<Rule>,
}

impl Rules {
    /// The file of the rules of France.
    pub const FRANCE: &str = include_str!("../../../../policies/consent/france.toml");

    /// Reads a set.
    ///
    /// # Errors
    /// [`RulesError`].
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let document: Document = toml::from_str(text).map_err(Box::new)?;
        if document.format != FORMAT {
            return Err(RulesError::Format);
        }
        let Document { name, version, rule: rules, .. } = document;
        let set = Self { name, version, rules };
        set.check()?;
        Ok(set)
    }

    /// The rules of France, as this version of the program knows them.
    ///
    /// # Panics
    /// Never: a test reads the file.
    #[must_use]
    pub fn france() -> Self {
        Self::from_toml(Self::FRANCE).expect("a test reads the file")
    }

    /// Name and version, for documents.
    #[must_use]
    pub fn name(&self) -> (&str, u32) {
        (&self.name, self.version)
    }

    /// All rules, in the order in which they are tried.
    #[must_use]
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a decision.
    #[must_use]
    pub fn rule(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(usize::from(index.0))
    }

    pub(super) fn find(&self, case: &Case) -> Option<(RuleIndex, &Rule)> {
        let (place, rule) = self.rules.iter().enumerate().find(|(_, rule)| rule.fits(case))?;
        Some((RuleIndex(u16::try_from(place).ok()?), rule))
    }

    fn check(&self) -> Result<(), RulesError> {
        if self.rules.is_empty() || self.rules.len() > 1_000 {
            return Err(RulesError::Count);
        }
        let mut names = BTreeSet::new();
        for (number, rule) in (1..).zip(&self.rules) {
            let said = [&rule.id, &rule.article, &rule.source];
            if said.iter().any(|text| text.trim().is_empty()) || !names.insert(&rule.id) {
                return Err(RulesError::Unnamed { number });
            }
            let empty = rule.channels.is_empty()
                || rule.purposes.is_empty()
                || rule.audiences.is_empty()
                || rule.sectors.is_empty();
            let never =
                matches!((rule.from, rule.until), (Some(from), Some(until)) if from > until);
            let asks = rule.scrub_days.is_some()
                || rule.active_months.is_some()
                || rule.offer_of_profession;
            if empty || never || (asks && rule.regime != Regime::OptOut) {
                return Err(RulesError::Idle { number });
            }
        }
        self.cases().find(|case| self.find(case).is_none()).map_or(Ok(()), |case| {
            let Case { purpose, channel, audience, sector, day } = case;
            Err(RulesError::Gap { purpose, channel, audience, sector, day })
        })
    }

    /// Every case on every day on which a rule begins or has ended.
    fn cases(&self) -> impl Iterator<Item = Case> {
        let mut days = BTreeSet::from([Date::MIN, Date::MAX]);
        for rule in &self.rules {
            days.extend(rule.from);
            days.extend(rule.from.and_then(|day| day.yesterday().ok()));
            days.extend(rule.until);
            days.extend(rule.until.and_then(|day| day.tomorrow().ok()));
        }
        let mut cases = Vec::new();
        for &purpose in Purpose::ALL {
            for &channel in Channel::ALL {
                for &audience in Audience::ALL {
                    for &sector in Sector::ALL {
                        let case = |&day| Case { purpose, channel, audience, sector, day };
                        cases.extend(days.iter().map(case));
                    }
                }
            }
        }
        cases.into_iter()
    }
}

const FORMAT: &str = "tiers-consent-rules/1";
