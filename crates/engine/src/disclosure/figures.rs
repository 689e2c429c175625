//! From noisy tables to the figures of a report: post-processing, and nothing else.
//!
//! Every line here is a deterministic function of noisy values, public facts and terms, which is
//! why it costs nothing, why hiding gives nothing away, and why [`recompute`] can do it again from
//! the report alone. How numbers are printed is the edges' affair.

use tiers_protocol::{
    policy::{Margin, SectionId},
    report::{
        Cell, Figure, Figures, HiddenReason, NoisyCell, Report, ReportFormat, ReportHead, Row,
        RowKey, Section,
    },
};

use super::{
    GateError, Law, NoisyTables, PublicAxes, TableTerms, Terms,
    consistency::taken,
    exact::tellable,
    gate::NoisyTable,
    interval::{ratio_interval, whole},
    public::Stated,
    secondary,
};

/// The report that follows from noisy tables under these terms.
///
/// # Errors
/// [`GateError::Rows`] if tables, keys and terms differ in length; no value makes it fail.
pub fn write_report(
    head: ReportHead,
    noisy: &NoisyTables,
    axes: &PublicAxes,
    terms: &Terms,
) -> Result<Report, GateError> {
    let keyed = keyed(noisy, axes, terms)?;
    let agreed = Agreed::of(noisy, terms);
    let mut sections: Vec<Section> = keyed
        .into_iter()
        .zip(terms.tables().iter().zip(&agreed.cells))
        .map(|((keys, stated), (of, cells))| {
            let rows = keys.into_iter().zip(stated).zip(cells);
            let row = |((key, stated), &cell)| Row {
                key,
                figures: figures(cell, stated, of.row_law(), terms),
            };
            Section {
                pools: axes.pools(of.section()),
                ..section(rows.map(row).collect(), sum(cells), of, terms)
            }
        })
        .collect();
    secondary::hide(&mut sections, terms);
    let parameters = terms.parameters();
    let format = ReportFormat::V1;
    let report = Report { format, head, parameters, sections, unprotected: None, padding: None };
    Ok(report.padded())
}

/// The keys of a section's rows, and what is stated of each.
type Keyed = (Vec<RowKey>, Vec<Stated>);

/// Keys and statements of all rows, once every length is what the terms say.
fn keyed(noisy: &NoisyTables, axes: &PublicAxes, terms: &Terms) -> Result<Vec<Keyed>, GateError> {
    if noisy.tables.len() != terms.tables().len() {
        return Err(GateError::Rows);
    }
    let keyed = |(table, of): (&NoisyTable, &TableTerms)| {
        let (keys, stated) = (axes.keys(of.section()), axes.stated(of.section()));
        let sums = table.centred_cents.as_ref();
        let lengths = [table.counts.len(), keys.len(), stated.len()];
        let fits = sums.is_none_or(|sums| sums.len() == of.rows());
        if lengths != [of.rows(); 3] || !fits || sums.is_some() != of.sums().is_some() {
            return Err(GateError::Rows);
        }
        Ok((keys, stated))
    };
    noisy.tables.iter().zip(terms.tables()).map(keyed).collect()
}

/// The cells of all sections, once they agree and none is below zero.
struct Agreed {
    cells: Vec<Vec<NoisyCell>>,
}

impl Agreed {
    fn of(noisy: &NoisyTables, terms: &Terms) -> Self {
        let mut counts: Vec<Vec<i64>> = noisy.tables.iter().map(|t| t.counts.clone()).collect();
        let sums = |table: &NoisyTable| table.centred_cents.clone().unwrap_or_default();
        let mut sums: Vec<Vec<i64>> = noisy.tables.iter().map(sums).collect();
        terms.agreement().agree(&mut counts);
        if let Some(tree) = terms.revenue_agreement() {
            tree.agree(&mut sums);
        }
        let taken = Self::taken(&counts, terms);
        let cell = |table: usize, place: usize| NoisyCell {
            count: exact(counts[table][place]),
            taken: taken[table][place],
            centred_cents: terms.tables()[table].sums().map(|_| exact(sums[table][place])),
        };
        let cells =
            |table: usize| (0..counts[table].len()).map(|place| cell(table, place)).collect();
        Self { cells: (0..counts.len()).map(cells).collect() }
    }

    /// What is taken from every cell: first from campaigns, then from what each is divided into.
    fn taken(counts: &[Vec<i64>], terms: &Terms) -> Vec<Vec<u64>> {
        let whole = |cells: &[i64]| {
            let all: i64 = cells.iter().fold(0, |sum, cell| sum.saturating_add(*cell));
            all.max(0)
        };
        let campaigns = taken(&counts[0], whole(&counts[0]));
        let left =
            |(count, taken): (&i64, &u64)| count.max(&0).saturating_sub_unsigned(*taken).max(0);
        let left: Vec<i64> = counts[0].iter().zip(&campaigns).map(left).collect();
        let of_table = |(cells, of): (&Vec<i64>, &TableTerms)| {
            let id = of.section();
            if id == SectionId::CONVERSIONS {
                return campaigns.clone();
            }
            if !id.template.counts_conversions() || id.margin == Margin::All {
                return taken(cells, whole(cells));
            }
            let groups = cells.chunks(cells.len() / left.len());
            groups.zip(&left).flat_map(|(group, &wanted)| taken(group, wanted)).collect()
        };
        counts.iter().zip(terms.tables()).map(of_table).collect()
    }
}

/// The counts of all sections once they agree, in tests.
#[cfg(test)]
pub(super) fn agreed_counts(noisy: &NoisyTables, terms: &Terms) -> Vec<Vec<i64>> {
    let cells = Agreed::of(noisy, terms).cells;
    cells.iter().map(|table| table.iter().map(|cell| cell.count).collect()).collect()
}

fn section(rows: Vec<Row>, all: NoisyCell, of: &TableTerms, terms: &Terms) -> Section {
    let total = total(all, &rows, of, terms);
    Section {
        template: of.section().template,
        margin: of.section().margin,
        noise: of.noise(),
        threshold: of.row_law().threshold(),
        total_threshold: of.total_law().threshold(),
        rows,
        total,
        pools: Vec::new(),
    }
}

/// Works every figure of a report out again from the noisy values and parameters that it prints.
///
/// # Errors
/// [`GateError::Mismatch`] if anything differs; [`GateError::Campaigns`], [`GateError::Rows`] and
/// [`GateError::Sections`] for a report that no gate can have made.
pub fn recompute(report: &Report) -> Result<(), GateError> {
    let terms = Terms::printed(report)?;
    let mut sections = report.sections.iter().zip(terms.tables());
    sections.try_for_each(|(section, of)| recompute_section(section, of, &terms))?;
    let mut hidden = report.sections.clone();
    secondary::hide(&mut hidden, &terms);
    let told = report.unprotected.is_none_or(|totals| tellable(&totals, report));
    let told = told && report.is_padded_or_bare();
    if told && hidden == report.sections && adds_up(&report.sections, &terms) {
        Ok(())
    } else {
        Err(GateError::Mismatch)
    }
}

/// Whether what can be seen of the margins adds up, noisy counts and shown units alike.
fn adds_up(sections: &[Section], terms: &Terms) -> bool {
    let Some(first) = sections.first().filter(|_| terms.agreement().binds()) else { return true };
    let parts = |rows: &[Row], whole: &Figures| {
        let shown: Option<Vec<NoisyCell>> = rows.iter().map(|row| row.figures.noisy).collect();
        let (Some(shown), Some(whole)) = (shown, whole.noisy) else { return true };
        let all = sum(&shown);
        // Beyond 53 bits nothing is made to agree.
        let huge = all.count.abs() >= EXACT_MAX;
        huge || (all.count == whole.count && all.taken == whole.taken)
    };
    let agree = |section: &Section| {
        if section.margin == Margin::All {
            return parts(&section.rows, &first.total);
        }
        let cells = section.rows.len() / first.rows.len();
        let mut groups = section.rows.chunks(cells).zip(&first.rows);
        groups.all(|(group, whole)| parts(group, &whole.figures))
    };
    sections.iter().filter(|section| section.template.counts_conversions()).all(agree)
}

fn recompute_section(section: &Section, of: &TableTerms, terms: &Terms) -> Result<(), GateError> {
    for row in &section.rows {
        let stated = Stated::in_row(&row.figures);
        let again = match row.figures.noisy {
            // Nothing is taken from a row but what it has.
            Some(cell) if cell.count < EXACT_MAX && exact_taken(cell.taken) > cell.count.max(0) => {
                return Err(GateError::Mismatch);
            }
            Some(cell) => figures(cell, stated, of.row_law(), terms),
            None => hidden(stated, of, hiding(&row.figures)?),
        };
        same(&again, &row.figures)?;
    }
    let shown: Vec<NoisyCell> = section.rows.iter().filter_map(|r| r.figures.noisy).collect();
    let cell =
        if shown.len() == section.rows.len() { Some(sum(&shown)) } else { section.total.noisy };
    let again = match cell {
        Some(cell) => total(cell, &section.rows, of, terms),
        None => hidden(Stated::of_all(&section.rows), of, hiding(&section.total)?),
    };
    same(&again, &section.total)
}

/// Why a row is hidden, as it says itself: its noisy count is unknown here, so either may be true.
fn hiding(figures: &Figures) -> Result<HiddenReason, GateError> {
    match figures.units {
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

impl Stated {
    const fn in_row(figures: &Figures) -> Self {
        Self { leads: figures.leads, cost_cents: figures.cost_cents }
    }

    fn of_all(rows: &[Row]) -> Self {
        Self::sum(rows.iter().map(|row| Self::in_row(&row.figures)))
    }
}

fn sum(cells: &[NoisyCell]) -> NoisyCell {
    let add = |a: NoisyCell, b: &NoisyCell| NoisyCell {
        count: a.count.saturating_add(b.count),
        taken: a.taken.saturating_add(b.taken),
        centred_cents: a.centred_cents.zip(b.centred_cents).map(|(a, b)| a.saturating_add(b)),
    };
    let first = cells.first().and_then(|cell| cell.centred_cents).map(|_| 0);
    let cell = cells.iter().fold(NoisyCell { count: 0, taken: 0, centred_cents: first }, add);
    NoisyCell { count: exact(cell.count), centred_cents: cell.centred_cents.map(exact), ..cell }
}

fn hidden_rows(rows: &[Row]) -> usize {
    rows.iter().filter(|row| row.figures.noisy.is_none()).count()
}

/// The total covers hidden rows too. With exactly one of them it would give that one away, so it is
/// hidden as well (requirement STA-06, on noisy values).
fn total(cell: NoisyCell, rows: &[Row], of: &TableTerms, terms: &Terms) -> Figures {
    // What is taken from rows is what was added to those below zero: nothing of the total.
    let cell = NoisyCell { taken: 0, ..cell };
    let stated = Stated::of_all(rows);
    let figures = figures(cell, stated, of.total_law(), terms);
    let binds = of.section().template.counts_conversions() && terms.agreement().binds();
    if figures.noisy.is_some() && hidden_rows(rows) == 1 && !binds {
        return hidden(stated, of, HiddenReason::Complement);
    }
    figures
}

fn hidden(stated: Stated, of: &TableTerms, reason: HiddenReason) -> Figures {
    nothing(stated, of.sums().is_some(), reason)
}

/// All cells that a row of this kind has, hidden.
fn nothing(stated: Stated, revenue: bool, reason: HiddenReason) -> Figures {
    let cell = Cell::hidden(reason);
    let (leads, costs) = (stated.leads.is_some(), stated.cost_cents.is_some());
    Figures {
        leads: stated.leads,
        cost_cents: stated.cost_cents,
        noisy: None,
        units: cell,
        rate_per_myriad: leads.then_some(cell),
        revenue_cents: revenue.then_some(cell),
        revenue_per_lead_cents: (revenue && leads).then_some(cell),
        revenue_per_euro_milli: (revenue && costs).then_some(cell),
        basket_cents: revenue.then_some(cell),
    }
}

/// The figures of one row, shown if and only if its noisy count reaches the threshold of its law and
/// leaves at least the policy's minimum of the leads over (requirement STA-05, on noisy values).
///
/// It cannot fail: an error that depended on a value after the noise was drawn would be an answer
/// for which nobody paid.
fn figures(cell: NoisyCell, stated: Stated, law: &Law, terms: &Terms) -> Figures {
    let revenue = law.revenue();
    if cell.count < 0 || cell.count.unsigned_abs() < law.threshold() {
        return nothing(stated, revenue.is_some(), HiddenReason::BelowThreshold);
    }
    let count = i128::from(cell.count);
    if stated.leads.is_some_and(|leads| i128::from(leads) - count < terms.cohort_min().into()) {
        return nothing(stated, revenue.is_some(), HiddenReason::Complement);
    }
    let units = Estimate::around(count, law.units().width()).less(cell.taken);
    let sum = cell.centred_cents.unwrap_or_default();
    let revenue = revenue.map(|half| {
        Estimate::around(i128::from(sum) + i128::from(terms.centre_cents()) * count, half.width())
    });
    let by_leads = |estimate: Estimate, factor| Some(estimate.scaled(factor, stated.leads?));
    Figures {
        leads: stated.leads,
        cost_cents: stated.cost_cents,
        noisy: Some(cell),
        units: units.scaled(1, 1),
        rate_per_myriad: by_leads(units, 10_000),
        revenue_cents: revenue.map(|revenue| revenue.scaled(1, 1)),
        revenue_per_lead_cents: revenue.and_then(|revenue| by_leads(revenue, 1)),
        revenue_per_euro_milli: revenue
            .and_then(|revenue| Some(revenue.scaled(1_000, stated.cost_cents?))),
        basket_cents: law.sigma_sum.map(|sigma| basket((cell.count, sum), sigma, law, terms)),
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

    /// The same with a smaller value, which the interval goes on to hold.
    fn less(self, taken: u64) -> Self {
        let value = (self.value - i128::from(taken)).max(0);
        Self { value, low: self.low.min(value), ..self }
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

/// Revenue by unit: the centre plus a quotient of two independent noisy values. It lies between zero
/// and the clamp, whatever the noise says.
fn basket((count, centred): (i64, i64), sigma_sum: f64, law: &Law, terms: &Terms) -> Cell {
    let sum = (centred as f64, sigma_sum);
    let Some((low, high)) = ratio_interval(sum, (count as f64, law.sigma_count)) else {
        return Cell::hidden(HiddenReason::Unbounded);
    };
    let (centred, count) = (i128::from(centred), i128::from(count));
    let centre = i128::from(terms.centre_cents());
    let estimate = Estimate {
        value: centre + (2 * centred + count).div_euclid(2 * count),
        low: centre + i128::from(whole(libm::floor(low))),
        high: centre + i128::from(whole(libm::ceil(high))),
    };
    estimate.shown(i128::from(terms.clamp_cents()))
}

/// What was taken from a cell, beside its count.
fn exact_taken(taken: u64) -> i64 {
    i64::try_from(taken).unwrap_or(i64::MAX)
}

/// The greatest integer that every reader of JSON keeps exactly.
pub(super) const EXACT_MAX: i64 = (1 << 53) - 1;

/// A noisy value as a report can hold it: far beyond any real one it stays at the bound.
pub(super) fn exact(noisy: i64) -> i64 {
    noisy.clamp(-EXACT_MAX, EXACT_MAX)
}
