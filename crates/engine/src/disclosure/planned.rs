//! What a report would probably tell, section by section, and what other questions would tell.
//!
//! From public facts and the asker's own guesses: it could be run by anybody, and costs nothing.

use serde::Serialize;
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};
use tiers_protocol::report::RowKey;

use super::{GateError, MAX_ROWS, PublicAxes, PublicFacts, TableTerms, Terms, interval::whole};

/// One section of a planned report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SectionPlan {
    /// The template and its margin.
    pub section: String,
    /// What it costs, revenue beside it included, in nano-rho.
    pub cost_nrho: u64,
    /// How many rows it has.
    pub rows: u64,
    /// The least noisy count at which a row is shown.
    pub least_count_shown: u64,
    /// Half the width of the interval of a row, in units.
    pub half_width: u64,
    /// Half the width of the interval of a row's revenue, in cents.
    pub revenue_half_width_cents: Option<u64>,
    /// The rows.
    pub keys: Vec<RowKey>,
    /// How many units each row would count, if the guesses are right and units are spread evenly over
    /// the cells of a campaign; none without a guess. The interval is the half width around it.
    pub expected_units: Option<Vec<u64>>,
    /// In how many of 1,000 releases each row would be hidden then; none without a guess.
    pub hidden_permille: Option<Vec<u64>>,
}

/// What else could be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// The report as it was planned, to compare with.
    Same,
    /// The report without a section (and without the revenue beside it).
    Without {
        /// The section that is left out.
        section: String,
    },
    /// The report with one section more.
    With {
        /// The section that is added.
        section: String,
    },
    /// Dealers in half as many pools.
    PooledNetwork,
}

/// Another question, its price and what it would tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alternative {
    /// What is different.
    pub change: Change,
    /// What it costs, in nano-rho of each month.
    pub cost_nrho: u64,
    /// Half the width of the interval of a campaign's conversions, in units.
    pub campaign_half_width: u64,
    /// Of the total's.
    pub total_half_width: u64,
    /// The share of counted units that would stand in hidden rows, in thousandths, if the guesses are
    /// right.
    pub hidden_permille: Option<u64>,
}

/// Every section of these terms.
pub(super) fn sections(terms: &Terms, facts: &PublicFacts<'_>) -> Vec<SectionPlan> {
    let plan = |of: &TableTerms| {
        let sums = of.sums().map_or(0, |sums| sums.cost().value());
        let rows = facts.guesses.map(|guesses| hidden(of, terms, facts.axes, guesses));
        SectionPlan {
            section: of.section().name(),
            cost_nrho: of.counts().cost().value() + sums,
            rows: of.rows() as u64,
            least_count_shown: of.row_law().threshold(),
            half_width: of.row_law().units().width(),
            revenue_half_width_cents: of.row_law().revenue().map(super::HalfWidth::width),
            keys: facts.axes.keys(of.section()),
            expected_units: rows.as_ref().map(|rows| {
                rows.iter().map(|row| whole(row.units.round()).unsigned_abs()).collect()
            }),
            hidden_permille: rows
                .map(|rows| rows.iter().map(|row| permille(row.probability)).collect()),
        }
    };
    terms.tables().iter().map(plan).collect()
}

/// Other questions under the same policy.
pub(super) fn alternatives(
    policy: &Policy,
    terms: &Terms,
    facts: &PublicFacts<'_>,
) -> Result<Vec<Alternative>, GateError> {
    let asked = facts.asked(policy);
    let mut all = vec![alternative(Change::Same, terms, facts.axes, facts.guesses)];
    for id in asked.iter().filter(|id| **id != SectionId::CONVERSIONS) {
        let goes = |other: &SectionId| {
            let beside = id.template == TemplateId::Conversion
                && other.template == TemplateId::Revenue
                && other.margin == id.margin;
            other == id || beside
        };
        let rest: Vec<SectionId> = asked.iter().filter(|other| !goes(other)).copied().collect();
        let terms = Terms::of_sections(policy, &rest, facts.axes)?;
        let change = Change::Without { section: id.name() };
        all.push(alternative(change, &terms, facts.axes, facts.guesses));
    }
    all.extend(additions(policy, facts, &asked)?);
    if facts.axes.network.len() > 1 && asked.iter().any(|id| id.template == TemplateId::Network) {
        let pooled = PublicAxes {
            network: facts.axes.network.iter().step_by(2).cloned().collect(),
            ..facts.axes.clone()
        };
        let terms = Terms::of_sections(policy, &asked, &pooled)?;
        all.push(alternative(Change::PooledNetwork, &terms, &pooled, facts.guesses));
    }
    Ok(all)
}

/// The report with each section more that the policy allows and that has rows.
fn additions(
    policy: &Policy,
    facts: &PublicFacts<'_>,
    asked: &[SectionId],
) -> Result<Vec<Alternative>, GateError> {
    let mut all = Vec::new();
    for id in policy.allowed().iter().map(|priced| priced.section()) {
        let counts = SectionId::new(TemplateId::Conversion, id.margin);
        let beside = id.template != TemplateId::Revenue || asked.contains(&counts);
        let rows = (1..=MAX_ROWS).contains(&facts.axes.keys(id).len());
        let arms = id.template != TemplateId::Lift || facts.axes.arms.is_some();
        if asked.contains(&id) || !beside || !rows || !arms {
            continue;
        }
        let mut more = [asked, &[id]].concat();
        more.sort_unstable();
        let terms = Terms::of_sections(policy, &more, facts.axes)?;
        let change = Change::With { section: id.name() };
        all.push(alternative(change, &terms, facts.axes, facts.guesses));
    }
    Ok(all)
}

fn alternative(
    change: Change,
    terms: &Terms,
    axes: &PublicAxes,
    guesses: Option<&[u64]>,
) -> Alternative {
    let first = terms.conversions();
    let share = |guesses: &[u64]| {
        let of = |of: &TableTerms| hidden(of, terms, axes, guesses);
        let all: Vec<Hidden> = terms.tables().iter().flat_map(of).collect();
        let units: f64 = all.iter().map(|row| row.units).sum();
        let lost: f64 = all.iter().map(|row| row.units * row.probability).sum();
        if units > 0.0 { permille(lost / units) } else { 1_000 }
    };
    Alternative {
        change,
        cost_nrho: terms.cost_nrho(),
        campaign_half_width: first.row_law().units().width(),
        total_half_width: first.total_law().units().width(),
        hidden_permille: guesses.map(share),
    }
}

/// How many units a row would have, and the probability that it would be hidden.
struct Hidden {
    units: f64,
    probability: f64,
}

/// What becomes of each row by its own noisy count, if so many conversions are true.
fn hidden(of: &TableTerms, terms: &Terms, axes: &PublicAxes, guesses: &[u64]) -> Vec<Hidden> {
    let campaigns = axes.campaigns.len().max(1);
    let guess = |campaign: usize| guesses.get(campaign).copied().unwrap_or(0) as f64;
    let all: f64 = (0..campaigns).map(guess).sum();
    let stated = axes.stated(of.section());
    let law = of.row_law();
    let below =
        |limit: f64, mean: f64| 0.5 * libm::erfc((mean - limit) / (law.sigma_count * SQRT_2));
    (0..of.rows())
        .map(|row| {
            let mean = if of.section().margin == Margin::All {
                all / of.rows() as f64
            } else {
                let cells = (of.rows() / campaigns).max(1);
                guess(row / cells) / cells as f64
            };
            let few = below(law.threshold() as f64 - 0.5, mean);
            let left = stated.get(row).and_then(|stated| stated.leads).map_or(0.0, |leads| {
                let most = leads as f64 - terms.cohort_min() as f64 + 0.5;
                1.0 - below(most, mean)
            });
            Hidden { units: mean, probability: (few + left).min(1.0) }
        })
        .collect()
}

const SQRT_2: f64 = std::f64::consts::SQRT_2;

fn permille(share: f64) -> u64 {
    whole((share * 1_000.0).round()).unsigned_abs()
}
