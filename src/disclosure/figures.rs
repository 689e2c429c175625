//! From noisy tables to the figures of a report: post-processing, and nothing else.
//!
//! Every line here is a deterministic function of noisy values, public facts and terms, which is
//! why it costs nothing, why hiding gives nothing away, and why [`recompute`] can do it again from
//! the report alone. How numbers are printed is the edges' affair.

use tiers_protocol::report::{
    CampaignRow, Cell, Figure, Figures, HiddenReason, NoisyPair, Report, ReportFormat, ReportHead,
};

use super::{
    GateError, Law, NoisyTables, Terms,
    interval::{ratio_interval, whole},
};

/// What the principal itself stated about a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCampaign {
    /// Its name.
    pub name: String,
    /// The number of its leads in the principal's own file.
    pub leads: u64,
    /// What was spent on it, in cents.
    pub cost_cents: u64,
}

/// The report that follows from noisy tables; `campaigns` in the order of the tables.
///
/// # Errors
/// [`GateError::Rows`] if tables, campaigns and terms differ in length; no value makes it fail.
pub fn write_report(
    head: ReportHead,
    noisy: &NoisyTables,
    campaigns: &[PublicCampaign],
    terms: &Terms,
) -> Result<Report, GateError> {
    let (campaigns, total) = rows(noisy, campaigns, terms)?;
    let parameters = terms.parameters();
    Ok(Report { format: ReportFormat::V1, head, parameters, campaigns, total })
}

/// The rows of the report and its total.
///
/// # Errors
/// As [`write_report`].
pub fn rows(
    noisy: &NoisyTables,
    campaigns: &[PublicCampaign],
    terms: &Terms,
) -> Result<(Vec<CampaignRow>, Figures), GateError> {
    let expected = terms.campaigns();
    if [noisy.counts.len(), noisy.centred_cents.len(), campaigns.len()] != [expected; 3] {
        return Err(GateError::Rows);
    }
    let pairs: Vec<NoisyPair> = noisy
        .counts
        .iter()
        .zip(&noisy.centred_cents)
        .map(|(&count, &centred_cents)| NoisyPair { count, centred_cents })
        .collect();
    let rows = campaigns
        .iter()
        .zip(&pairs)
        .map(|(campaign, &pair)| {
            let stated = Stated { leads: campaign.leads, cost_cents: campaign.cost_cents };
            let figures = figures(pair, stated, terms.campaign_law(), terms);
            Ok(CampaignRow { campaign: campaign.name.clone(), figures })
        })
        .collect::<Result<Vec<_>, GateError>>()?;
    let total = total(sum(&pairs), &rows, terms);
    Ok((rows, total))
}

/// Works every figure of a report out again from the noisy values and parameters that it prints.
///
/// # Errors
/// [`GateError::Mismatch`] if anything differs; [`GateError::Campaigns`] for a report of no or too
/// many campaigns.
pub fn recompute(report: &Report) -> Result<(), GateError> {
    let terms = Terms::printed(&report.parameters, report.campaigns.len())?;
    for row in &report.campaigns {
        let stated = Stated::in_row(&row.figures);
        let again = match row.figures.noisy {
            Some(pair) => figures(pair, stated, terms.campaign_law(), &terms),
            None => hidden(stated, hiding(&row.figures)?),
        };
        same(&again, &row.figures)?;
    }
    let shown: Vec<NoisyPair> = report.campaigns.iter().filter_map(|r| r.figures.noisy).collect();
    let pair =
        if shown.len() == report.campaigns.len() { Some(sum(&shown)) } else { report.total.noisy };
    let again = match pair {
        Some(pair) => total(pair, &report.campaigns, &terms),
        None => hidden(Stated::of_all(&report.campaigns), hiding(&report.total)?),
    };
    same(&again, &report.total)
}

/// Why a row is hidden, as it says itself: its noisy count is unknown here, so either may be true.
fn hiding(figures: &Figures) -> Result<HiddenReason, GateError> {
    match figures.conversions {
        Cell::Hidden(cell)
            if matches!(cell.hidden, HiddenReason::BelowThreshold | HiddenReason::Complement) =>
        {
            Ok(cell.hidden)
        }
        _ => Err(GateError::Mismatch),
    }
}

fn same(again: &Figures, printed: &Figures) -> Result<(), GateError> {
    if again == printed { Ok(()) } else { Err(GateError::Mismatch) }
}

/// The public denominators of a row.
#[derive(Clone, Copy)]
struct Stated {
    leads: u64,
    cost_cents: u64,
}

impl Stated {
    const fn in_row(figures: &Figures) -> Self {
        Self { leads: figures.leads, cost_cents: figures.cost_cents }
    }

    fn of_all(rows: &[CampaignRow]) -> Self {
        let zero = Self { leads: 0, cost_cents: 0 };
        rows.iter().fold(zero, |all, row| Self {
            leads: all.leads.saturating_add(row.figures.leads),
            cost_cents: all.cost_cents.saturating_add(row.figures.cost_cents),
        })
    }
}

fn sum(pairs: &[NoisyPair]) -> NoisyPair {
    let zero = NoisyPair { count: 0, centred_cents: 0 };
    let pair = pairs.iter().fold(zero, |all, pair| NoisyPair {
        count: all.count.saturating_add(pair.count),
        centred_cents: all.centred_cents.saturating_add(pair.centred_cents),
    });
    NoisyPair { count: exact(pair.count), centred_cents: exact(pair.centred_cents) }
}

fn hidden_rows(rows: &[CampaignRow]) -> usize {
    rows.iter().filter(|row| row.figures.noisy.is_none()).count()
}

/// The total covers hidden rows too. With exactly one of them it would give that one away, so it is
/// hidden as well (requirement STA-06, on noisy values).
fn total(pair: NoisyPair, rows: &[CampaignRow], terms: &Terms) -> Figures {
    let stated = Stated::of_all(rows);
    let figures = figures(pair, stated, terms.total_law(), terms);
    if figures.noisy.is_some() && hidden_rows(rows) == 1 {
        return hidden(stated, HiddenReason::Complement);
    }
    figures
}

fn hidden(stated: Stated, reason: HiddenReason) -> Figures {
    let cell = Cell::hidden(reason);
    Figures {
        leads: stated.leads,
        cost_cents: stated.cost_cents,
        noisy: None,
        conversions: cell,
        rate_per_myriad: cell,
        revenue_cents: cell,
        revenue_per_lead_cents: cell,
        revenue_per_euro_milli: cell,
        basket_cents: cell,
    }
}

/// The figures of one row, shown if and only if its noisy count reaches the threshold of its law and
/// leaves at least the policy's minimum of the leads over (requirement STA-05, on noisy values).
///
/// It cannot fail: an error that depended on a value after the noise was drawn would be an answer
/// for which nobody paid.
fn figures(pair: NoisyPair, stated: Stated, law: &Law, terms: &Terms) -> Figures {
    if pair.count < 0 || pair.count.unsigned_abs() < law.threshold() {
        return hidden(stated, HiddenReason::BelowThreshold);
    }
    let count = i128::from(pair.count);
    if i128::from(stated.leads) - count < i128::from(terms.cohort_min()) {
        return hidden(stated, HiddenReason::Complement);
    }
    let conversions = Estimate::around(count, law.conversions().width());
    let revenue = i128::from(pair.centred_cents) + i128::from(terms.centre_cents()) * count;
    let revenue = Estimate::around(revenue, law.revenue().width());
    Figures {
        leads: stated.leads,
        cost_cents: stated.cost_cents,
        noisy: Some(pair),
        conversions: conversions.scaled(1, 1),
        rate_per_myriad: conversions.scaled(10_000, stated.leads),
        revenue_cents: revenue.scaled(1, 1),
        revenue_per_lead_cents: revenue.scaled(1, stated.leads),
        revenue_per_euro_milli: revenue.scaled(1_000, stated.cost_cents),
        basket_cents: basket(pair, law, terms),
    }
}

/// A value with its interval, before anything is clipped.
#[derive(Clone, Copy)]
pub(super) struct Estimate {
    value: i128,
    low: i128,
    high: i128,
}

impl Estimate {
    pub(super) fn around(value: i128, half_width: u64) -> Self {
        let half_width = i128::from(half_width);
        Self { value, low: value - half_width, high: value + half_width }
    }

    /// The same times a factor over a public number, rounded: the bounds outwards.
    fn scaled(self, factor: i128, divisor: u64) -> Cell {
        if divisor == 0 {
            return Cell::hidden(HiddenReason::NoDenominator);
        }
        let divisor = i128::from(divisor);
        let nearest = (2 * self.value * factor + divisor).div_euclid(2 * divisor);
        let low = (self.low * factor).div_euclid(divisor);
        let high = -(-self.high * factor).div_euclid(divisor);
        Self { value: nearest, low, high }.shown(i128::from(EXACT_MAX))
    }

    /// The cell, clipped at zero from below and at a public bound from above.
    fn shown(self, most: i128) -> Cell {
        let most = most.min(i128::from(EXACT_MAX));
        let clip = |value: i128| {
            i64::try_from(value.clamp(0, most)).expect("the bound is a number of 53 bits")
        };
        Cell::Shown(Figure { value: clip(self.value), low: clip(self.low), high: clip(self.high) })
    }
}

/// Revenue by conversion: the centre plus a quotient of two independent noisy values. It lies
/// between zero and the clamp, whatever the noise says.
fn basket(pair: NoisyPair, law: &Law, terms: &Terms) -> Cell {
    let sum = (pair.centred_cents as f64, law.sigma_sum);
    let Some((low, high)) = ratio_interval(sum, (pair.count as f64, law.sigma_count)) else {
        return Cell::hidden(HiddenReason::Unbounded);
    };
    let (centred, count) = (i128::from(pair.centred_cents), i128::from(pair.count));
    let centre = i128::from(terms.centre_cents());
    let estimate = Estimate {
        value: centre + (2 * centred + count).div_euclid(2 * count),
        low: centre + i128::from(whole(libm::floor(low))),
        high: centre + i128::from(whole(libm::ceil(high))),
    };
    estimate.shown(i128::from(terms.clamp_cents()))
}

/// The greatest integer that every reader of JSON keeps exactly.
const EXACT_MAX: i64 = (1 << 53) - 1;

/// A noisy value as a report can hold it: far beyond any real one it stays at the bound.
pub(super) fn exact(noisy: i64) -> i64 {
    noisy.clamp(-EXACT_MAX, EXACT_MAX)
}
