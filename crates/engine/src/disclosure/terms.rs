//! The terms of a report: everything about its noise that follows from the policy and the public
//! keys of its sections, and nothing that follows from data.
//!
//! The same terms are worked out from a policy before a release and from the numbers printed in a
//! report afterwards. The formulas stand in `docs/statistics.md`, the proof of the joint cost in
//! `docs/privacy.md`.

use tiers_protocol::{
    policy::{ClampCents, CohortMin, CostNrho, Margin, Policy, SectionId, TemplateId},
    programme::MAX_CAMPAIGNS,
    report::{Parameters, Report, Section, TemplateNoise},
};

use super::{
    GateError, HalfWidth, Mechanism, PublicAxes,
    consistency::{Member, Tree},
    interval::{ROUNDING, of_agreed, of_count, of_revenue, root_up, whole},
};
use crate::statistics::bounds::{
    centre_cents, conversion_sensitivity, revenue_beside_conversion, revenue_sensitivity,
};

/// The most rows that one section may have.
pub const MAX_ROWS: usize = 4_096;

/// How noise acts on one row of a section, or on its total.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    pub(super) sigma_count: f64,
    pub(super) sigma_sum: Option<f64>,
    threshold: u64,
    units: HalfWidth,
    revenue: Option<HalfWidth>,
}

impl Law {
    /// The least noisy count at which the row is shown: the policy's minimum, or three scales.
    #[must_use]
    pub const fn threshold(&self) -> u64 {
        self.threshold
    }

    /// How far the noise of the count reaches, in units.
    #[must_use]
    pub const fn units(&self) -> HalfWidth {
        self.units
    }

    /// How far the noise of revenue reaches, in cents, where the section has revenue.
    #[must_use]
    pub const fn revenue(&self) -> Option<HalfWidth> {
        self.revenue
    }
}

/// The terms of one section.
#[derive(Clone, Debug, PartialEq)]
pub struct TableTerms {
    section: SectionId,
    rows: usize,
    counts: Mechanism,
    sums: Option<Mechanism>,
    row: Law,
    total: Law,
}

impl TableTerms {
    /// Which section it is.
    #[must_use]
    pub const fn section(&self) -> SectionId {
        self.section
    }

    /// The number of its rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The mechanism of its counts, in units.
    #[must_use]
    pub const fn counts(&self) -> &Mechanism {
        &self.counts
    }

    /// The mechanism of its centred revenue, in cents, where it has any.
    #[must_use]
    pub const fn sums(&self) -> Option<&Mechanism> {
        self.sums.as_ref()
    }

    /// How noise acts on a row.
    #[must_use]
    pub const fn row_law(&self) -> &Law {
        &self.row
    }

    /// How noise acts on the total.
    #[must_use]
    pub const fn total_law(&self) -> &Law {
        &self.total
    }

    /// The noise as a report prints it.
    #[must_use]
    pub fn noise(&self) -> Vec<TemplateNoise> {
        let noise = |template, mechanism: &Mechanism, one: HalfWidth, all: HalfWidth| {
            let (numerator, denominator) = mechanism.sigma_squared();
            TemplateNoise {
                template,
                cost_nrho: mechanism.cost().value(),
                sigma_milli: narrow(root_up(numerator * 1_000_000, denominator)),
                half_width: one.width(),
                level_ppm: one.level_ppm(),
                total_half_width: all.width(),
                total_level_ppm: all.level_ppm(),
            }
        };
        let (one, all) = (&self.row, &self.total);
        let mut printed = vec![noise(self.section.template, &self.counts, one.units, all.units)];
        if let (Some(sums), Some(one), Some(all)) = (&self.sums, one.revenue, all.revenue) {
            printed.push(noise(TemplateId::Revenue, sums, one, all));
        }
        printed
    }
}

/// What a section costs: the count, and revenue beside it.
type Prices = (CostNrho, Option<CostNrho>);

/// The terms of one report.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    cohort_min: CohortMin,
    clamp: ClampCents,
    tables: Vec<TableTerms>,
    counts: Tree,
    sums: Option<Tree>,
}

impl Terms {
    /// The terms of a report with all templates of this policy.
    ///
    /// # Errors
    /// As [`Terms::of_sections`].
    pub fn of(policy: &Policy, axes: &PublicAxes) -> Result<Self, GateError> {
        let all: Vec<SectionId> = policy.templates().iter().map(|one| one.section()).collect();
        Self::of_sections(policy, &all, axes)
    }

    /// The terms of a report with some of the templates of this policy.
    ///
    /// # Errors
    /// [`GateError::Sections`] for a section that the policy does not have, or revenue without the
    /// counts beside it; [`GateError::Campaigns`] and [`GateError::Rows`] for sections of no rows
    /// or too many; [`GateError::Calibration`] or [`GateError::Unconfirmed`] if the privacy map does
    /// not confirm the costs.
    pub fn of_sections(
        policy: &Policy,
        asked: &[SectionId],
        axes: &PublicAxes,
    ) -> Result<Self, GateError> {
        if !(1..=MAX_CAMPAIGNS).contains(&axes.campaigns.len()) {
            return Err(GateError::Campaigns);
        }
        let price = |id: &SectionId| policy.cost_of(*id).ok_or(GateError::Sections);
        let mut tables = Vec::new();
        for id in asked {
            if id.template == TemplateId::Revenue {
                let beside = SectionId::new(TemplateId::Conversion, id.margin);
                if asked.contains(&beside) { continue } else { return Err(GateError::Sections) }
            }
            let beside = SectionId::new(TemplateId::Revenue, id.margin);
            let revenue = (id.template == TemplateId::Conversion && asked.contains(&beside))
                .then(|| price(&beside))
                .transpose()?;
            tables.push((*id, axes.keys(*id).len(), (price(id)?, revenue)));
        }
        Self::build(&tables, policy.clamp_cents(), policy.cohort_min())
    }

    /// The terms that a report prints.
    ///
    /// # Errors
    /// [`GateError::Mismatch`] if its numbers do not follow from each other.
    pub(super) fn printed(report: &Report) -> Result<Self, GateError> {
        let parameters = &report.parameters;
        let tables: Option<Vec<_>> = report.sections.iter().map(prices).collect();
        let (Some(tables), Ok(clamp), Ok(cohort_min)) = (
            tables,
            ClampCents::new(parameters.clamp_cents),
            CohortMin::new(parameters.cohort_min),
        ) else {
            return Err(GateError::Mismatch);
        };
        if !parameters.clamp_cents.is_multiple_of(2) {
            return Err(GateError::Mismatch);
        }
        let terms = Self::build(&tables, clamp, cohort_min)?;
        let same = |(printed, made): (&Section, &TableTerms)| {
            printed.noise == made.noise()
                && printed.threshold == made.row.threshold
                && printed.total_threshold == made.total.threshold
        };
        let all = report.sections.iter().zip(&terms.tables).all(same);
        if all && terms.parameters() == *parameters { Ok(terms) } else { Err(GateError::Mismatch) }
    }

    fn build(
        tables: &[(SectionId, usize, Prices)],
        clamp: ClampCents,
        cohort_min: CohortMin,
    ) -> Result<Self, GateError> {
        let ordered = tables.is_sorted_by(|a, b| a.0 < b.0);
        if !ordered || tables.first().map(|first| first.0) != Some(SectionId::CONVERSIONS) {
            return Err(GateError::Sections);
        }
        let noises = tables
            .iter()
            .map(|(section, rows, prices)| noises(*section, *rows, *prices, clamp))
            .collect::<Result<Vec<_>, GateError>>()?;
        let (counts, sums) = trees(tables)?;
        let laws = Laws { clamp, cohort_min, counts: &counts, sums: sums.as_ref() };
        let mut made = Vec::with_capacity(tables.len());
        for ((section, rows, _), noises) in tables.iter().zip(noises) {
            let (row, total) = laws.of(made.len(), *rows, &noises);
            let (counts, sums) = noises;
            made.push(TableTerms { section: *section, rows: *rows, counts, sums, row, total });
        }
        Ok(Self { cohort_min, clamp, tables: made, counts, sums })
    }

    /// What the counts of sections agree on.
    pub(super) const fn agreement(&self) -> &Tree {
        &self.counts
    }

    /// What their revenues agree on, where there are any.
    pub(super) const fn revenue_agreement(&self) -> Option<&Tree> {
        self.sums.as_ref()
    }

    /// The sections, conversions by campaign first.
    #[must_use]
    pub fn tables(&self) -> &[TableTerms] {
        &self.tables
    }

    /// Conversions by campaign.
    #[must_use]
    pub fn conversions(&self) -> &TableTerms {
        &self.tables[0]
    }

    /// The least count that the policy lets anyone see.
    #[must_use]
    pub const fn cohort_min(&self) -> u64 {
        self.cohort_min.value()
    }

    /// What the report costs, in nano-rho.
    #[must_use]
    pub fn cost_nrho(&self) -> u64 {
        let cost = |mechanism: &Mechanism| mechanism.cost().value();
        self.tables.iter().map(|one| cost(&one.counts) + one.sums.as_ref().map_or(0, cost)).sum()
    }

    /// Half the clamp: the public value around which revenue is summed, in cents.
    #[must_use]
    pub const fn centre_cents(&self) -> u64 {
        centre_cents(self.clamp)
    }

    /// The greatest revenue of a unit and month, in cents.
    #[must_use]
    pub const fn clamp_cents(&self) -> u64 {
        self.clamp.value()
    }

    /// The numbers that a report prints for all of its sections.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        Parameters {
            clamp_cents: self.clamp.value(),
            cohort_min: self.cohort_min.value(),
            nominal_ppm: 950_000,
        }
    }
}

/// What a printed section was paid for; none if it cannot have been.
fn prices(section: &Section) -> Option<(SectionId, usize, Prices)> {
    let id = section.id();
    let cost = |noise: &TemplateNoise| CostNrho::new(noise.cost_nrho).ok();
    if id.template == TemplateId::Revenue || !id.exists() {
        return None;
    }
    let prices = match &section.noise[..] {
        [count] if count.template == id.template => (cost(count)?, None),
        [count, revenue]
            if count.template == TemplateId::Conversion
                && id.template == TemplateId::Conversion
                && revenue.template == TemplateId::Revenue =>
        {
            (cost(count)?, Some(cost(revenue)?))
        }
        _ => return None,
    };
    Some((id, section.rows.len(), prices))
}

/// The confirmed noise of one section.
fn noises(
    section: SectionId,
    rows: usize,
    (count_cost, revenue_cost): Prices,
    clamp: ClampCents,
) -> Result<(Mechanism, Option<Mechanism>), GateError> {
    if section == SectionId::CONVERSIONS && !(1..=MAX_CAMPAIGNS).contains(&rows) {
        return Err(GateError::Campaigns);
    }
    if !(1..=MAX_ROWS).contains(&rows) {
        return Err(GateError::Rows);
    }
    let counts = Mechanism::calibrate(conversion_sensitivity().squared_l2(), count_cost)?;
    let sums = revenue_cost
        .map(|cost| Mechanism::calibrate(revenue_beside_conversion(clamp).squared_l2(), cost))
        .transpose()?;
    confirm_joint_cost(&counts, sums.as_ref(), clamp)?;
    Ok((counts, sums))
}

/// The trees of the counts and of the sums: which sections measure the same totals.
fn trees(tables: &[(SectionId, usize, Prices)]) -> Result<(Tree, Option<Tree>), GateError> {
    let campaigns = tables.first().map_or(1, |first| first.1);
    let (mut lower, mut higher, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for ((section, rows, (count, revenue)), place) in tables.iter().zip(0..) {
        if !section.template.counts_conversions() {
            continue;
        }
        if section.margin == Margin::All {
            higher.push(Member { place, cells: *rows, cost: count.value() });
            continue;
        }
        if !rows.is_multiple_of(campaigns) {
            return Err(GateError::Rows);
        }
        let member =
            |cost: &CostNrho| Member { place, cells: rows / campaigns, cost: cost.value() };
        lower.push(member(count));
        sums.extend(revenue.as_ref().map(member));
    }
    let of_sums = (!sums.is_empty()).then(|| Tree::new(campaigns, &sums, &[])).transpose()?;
    Ok((Tree::new(campaigns, &lower, &higher)?, of_sums))
}

/// Checks by OpenDP's own map that no substitution of one unit costs more than both prices together.
///
/// A unit that moves to another cell changes two counts and two sums. One that stays changes no
/// count, and its sum by the whole clamp: twice the price of revenue, which is why revenue must cost
/// less than the count. One that appears or vanishes changes half of the first case. A substitution
/// may be any of these in each section at once, so the prices of all sections add up.
fn confirm_joint_cost(
    counts: &Mechanism,
    sums: Option<&Mechanism>,
    clamp: ClampCents,
) -> Result<(), GateError> {
    let moves = counts.rho_at(conversion_sensitivity().squared_l2())?;
    let confirmed = match sums {
        None => moves <= counts.rho(),
        Some(sums) => {
            let paid = counts.rho() + sums.rho();
            let moves = moves + sums.rho_at(revenue_beside_conversion(clamp).squared_l2())?;
            let stays = sums.rho_at(revenue_sensitivity(clamp).squared_l2())?;
            moves <= paid && stays <= paid
        }
    };
    if confirmed { Ok(()) } else { Err(GateError::Unconfirmed) }
}

/// What laws follow from.
struct Laws<'a> {
    clamp: ClampCents,
    cohort_min: CohortMin,
    counts: &'a Tree,
    sums: Option<&'a Tree>,
}

/// A scale, and whether weighted least squares made what it is the scale of.
type Scale = (f64, bool);

impl Laws<'_> {
    /// How noise acts on a row of this section, and on its total.
    fn of(
        &self,
        place: usize,
        rows: usize,
        (counts, sums): &(Mechanism, Option<Mechanism>),
    ) -> (Law, Law) {
        let (row, total) = scales(self.counts, place, rows, counts.sigma(), 1e9);
        let half = centre_cents(self.clamp) as f64;
        let sums = sums.as_ref().map(|sums| match self.sums {
            Some(tree) => scales(tree, place, rows, sums.sigma(), 1e9 * half * half),
            None => plain(rows, sums.sigma()),
        });
        // Three scales of plain noise are worked out in whole numbers.
        let (numerator, denominator) = counts.sigma_squared();
        let exact = |rows: usize| narrow(root_up(9 * numerator * rows as u128, denominator));
        (
            self.law(row, sums.map(|sums| sums.0.0), exact(1)),
            self.law(total, sums.map(|sums| sums.1.0), exact(rows)),
        )
    }

    fn law(&self, (sigma, agreed): Scale, sigma_sum: Option<f64>, three_scales: u64) -> Law {
        let centre = centre_cents(self.clamp);
        let (units, sigma_count, three_scales) = if agreed {
            let rounded = libm::sqrt(sigma * sigma + ROUNDING);
            let three_scales = whole(libm::ceil(3.0 * sigma)).unsigned_abs();
            (of_agreed(sigma), rounded, three_scales)
        } else {
            (of_count(sigma), sigma, three_scales)
        };
        Law {
            sigma_count,
            sigma_sum,
            threshold: three_scales.max(self.cohort_min.value()),
            units,
            revenue: sigma_sum.map(|sum| of_revenue(sum, centre, sigma_count)),
        }
    }
}

fn plain(rows: usize, sigma: f64) -> (Scale, Scale) {
    ((sigma, false), (sigma * libm::sqrt(rows as f64), false))
}

/// The scales of a row and of the total, `unit` being the variance of noise of cost 1.
fn scales(tree: &Tree, place: usize, rows: usize, sigma: f64, unit: f64) -> (Scale, Scale) {
    match tree.spread(place) {
        Some(spread) if tree.binds() => {
            ((libm::sqrt(spread.cell * unit), true), (libm::sqrt(spread.total * unit), true))
        }
        _ => plain(rows, sigma),
    }
}

fn narrow(value: u128) -> u64 {
    u64::try_from(value).expect("scales of allowed costs and clamps stay below 2^54")
}
