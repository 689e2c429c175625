//! What else is hidden so that nothing hidden can be worked out by subtraction (requirement STA-06,
//! on noisy values).
//!
//! Tables that agree give each other away: the campaigns of the total, the cells of a campaign. Where
//! exactly one part of a shown sum is hidden, the smallest shown part is hidden too; where a sum is
//! hidden, its parts are. It looks at printed noisy values only, so it can be done again from a
//! report, and changes nothing there.

use tiers_protocol::{
    policy::Margin,
    report::{Cell, Figures, HiddenReason, Row, Section},
};

use super::Terms;

/// Hides what is left to hide in the sections of a report under these terms.
pub(super) fn hide(sections: &mut [Section], terms: &Terms) {
    if !terms.agreement().binds() {
        return;
    }
    let Some((first, others)) = sections.split_first_mut() else { return };
    if first.total.noisy.is_some() {
        pair(&mut first.rows);
    }
    for section in others.iter_mut().filter(|one| one.template.counts_conversions()) {
        if first.total.noisy.is_none() {
            section.total = blank(&section.total, reason(&first.total));
        }
        if section.margin == Margin::All {
            parts(&mut section.rows, &first.total);
        } else {
            let cells = section.rows.len() / first.rows.len().max(1);
            let groups = section.rows.chunks_mut(cells.max(1));
            groups.zip(&first.rows).for_each(|(group, whole)| parts(group, &whole.figures));
        }
    }
}

/// The parts of one sum.
fn parts(rows: &mut [Row], whole: &Figures) {
    if whole.noisy.is_some() {
        return pair(rows);
    }
    for row in rows.iter_mut().filter(|row| row.figures.noisy.is_some()) {
        row.figures = blank(&row.figures, HiddenReason::Complement);
    }
}

/// Hides the smallest shown row, the first of equals, if exactly one is hidden.
fn pair(rows: &mut [Row]) {
    if rows.iter().filter(|row| row.figures.noisy.is_none()).count() != 1 {
        return;
    }
    let shown = rows.iter_mut().filter_map(|row| Some((row.figures.noisy?.count, row)));
    if let Some((_, row)) = shown.min_by_key(|(count, _)| *count) {
        row.figures = blank(&row.figures, HiddenReason::Complement);
    }
}

/// Why the figures of a row are hidden.
const fn reason(figures: &Figures) -> HiddenReason {
    match figures.units {
        Cell::Hidden(cell) => cell.hidden,
        Cell::Shown(_) => HiddenReason::Complement,
    }
}

/// The same figures, hidden.
fn blank(figures: &Figures, reason: HiddenReason) -> Figures {
    let cell = Cell::hidden(reason);
    let same = |given: Option<Cell>| given.map(|_| cell);
    Figures {
        leads: figures.leads,
        cost_cents: figures.cost_cents,
        noisy: None,
        units: cell,
        rate_per_myriad: same(figures.rate_per_myriad),
        revenue_cents: same(figures.revenue_cents),
        revenue_per_lead_cents: same(figures.revenue_per_lead_cents),
        revenue_per_euro_milli: same(figures.revenue_per_euro_milli),
        basket_cents: same(figures.basket_cents),
    }
}
