//! The tables of one month as a query of Spark SQL, and its answer as tables: what a cluster is asked where the rows
//! outgrow a machine (`docs/scale.md`).
//!
//! Cells follow from the same [`Layout`], bins and constants as [`super::MonthlyTables`], which is what the
//! embedded engine fills; tests hold the two against each other on a real cluster. A unit is in at most one cell of a section
//! and its revenue is clamped before anything is summed, so the bounds of [`super::bounds`] hold of the answer. It is
//! exact: it goes into the gate and nowhere else.

use std::fmt::Write as _;

use tiers_contact::Kind;
use tiers_protocol::policy::{DELAY_BINS, Margin, SectionId, TemplateId};

use super::{
    AMOUNT_SHARES, ExactTable, FREQUENCY_SALES, Layout, RECENCY_DAYS, StatisticsError,
    bounds::centre_cents, segments::CLASSES,
};
use crate::{
    matching::{MatchRules, Partners, sql},
    vault::Day,
};

/// One question to a cluster.
#[derive(Clone)]
pub struct Query {
    text: String,
    tables: Vec<Counted>,
    centre: i64,
    kinds: Vec<Kind>,
    days: Option<(Day, Day)>,
}

/// A section that counts units.
#[derive(Clone, Copy)]
struct Counted {
    section: SectionId,
    cells: usize,
    with_revenue: bool,
}

/// One row of the answer. Exact: no `Debug`, and nothing but [`Query::tables`] takes it.
#[derive(Clone, Copy)]
pub struct Sum {
    /// Place of the section among those that count.
    pub section: i64,
    /// The cell.
    pub cell: i64,
    /// Units in it.
    pub units: i64,
    /// Their clamped revenue around its centre, in cents; 0 where nobody asked for it.
    pub centred: i64,
}

impl Query {
    /// The question for these sections of a month, in their order; `revenue/1` goes beside the conversions of its
    /// margin, which stand before it.
    ///
    /// # Errors
    /// [`StatisticsError::NoSuchSection`].
    pub fn new(
        sections: &[SectionId],
        layout: &Layout,
        (rules, partners): (&MatchRules, &Partners),
    ) -> Result<Self, StatisticsError> {
        let tables = counted(sections, layout)?;
        let has = |template| tables.iter().any(|table| table.section.template == template);
        let clamp_cents = layout.clamp().value();
        let centre =
            i64::try_from(centre_cents(layout.clamp())).map_err(|_| StatisticsError::Overflow)?;
        let (armed, pairs) = (layout.arms, has(TemplateId::Partners));
        let mut text = sql::counted(&sql::Scope { rules, partners, clamp_cents, armed, pairs });
        text.push_str(SUMS_BEGIN);
        for (table, place) in tables.iter().zip(0_usize..) {
            let separator = if place == 0 { "" } else { ",\n" };
            let cell = layout.cell_sql(table.section)?;
            let centred =
                if table.with_revenue { format!("revenue - {centre}L") } else { "0L".to_owned() };
            write!(
                text,
                "{separator}    struct({place}L AS section, CAST({cell} AS BIGINT) AS cell, \
                 CAST({centred} AS BIGINT) AS centred)"
            )
            .expect("a String takes all text");
        }
        text.push_str(SUMS_END);
        // Overlap asks whether anybody knows a unit, whenever the lead was made; nothing else looks beyond the window.
        let (first, last) = layout.month().days();
        let days = (!has(TemplateId::Overlap)).then(|| (first.minus(rules.window()), last));
        Ok(Self { text, tables, centre, kinds: rules.kinds().to_vec(), days })
    }

    /// The text. It reads the tables of an export under their own names, and answers with the columns `section`, `cell`,
    /// `units` and `centred`; it has no word that a party wrote.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kinds of which it needs tokens of sales: those that may find a lead, and those that may be a unit.
    #[must_use]
    pub fn kinds_of_sales(&self) -> Vec<Kind> {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| kind.is_key() || self.kinds.contains(kind)).collect()
    }

    /// The kinds of which it needs tokens of leads.
    #[must_use]
    pub fn kinds_of_leads(&self) -> &[Kind] {
        &self.kinds
    }

    /// The days of the leads that it needs; `None` for all of them.
    #[must_use]
    pub const fn days_of_leads(&self) -> Option<(Day, Day)> {
        self.days
    }

    /// The tables, for the gate. What no units can have summed to is refused: a cell that is not there or told twice, a
    /// negative count, revenue beyond the clamp, sections of converted units that do not agree on how many there are.
    ///
    /// # Errors
    /// [`StatisticsError::ForeignAnswer`].
    pub fn tables(
        &self,
        sums: impl IntoIterator<Item = Sum>,
    ) -> Result<Vec<ExactTable>, StatisticsError> {
        let empty = |table: &Counted| (vec![None; table.cells], vec![0; table.cells]);
        let mut filled: Vec<(Vec<Option<i64>>, Vec<i64>)> = self.tables.iter().map(empty).collect();
        for sum in sums {
            self.put(&mut filled, sum).ok_or(StatisticsError::ForeignAnswer)?;
        }
        let mut converted = None;
        let mut tables = Vec::with_capacity(filled.len());
        for (table, (counts, cents)) in self.tables.iter().zip(filled) {
            let counts: Vec<i64> = counts.into_iter().map(Option::unwrap_or_default).collect();
            let total: i128 = counts.iter().map(|count| i128::from(*count)).sum();
            if counts_each_conversion(table.section.template)
                && converted.replace(total).is_some_and(|other| other != total)
            {
                return Err(StatisticsError::ForeignAnswer);
            }
            let cents = table.with_revenue.then_some(cents);
            tables.push(ExactTable::new(table.section, counts, cents));
        }
        Ok(tables)
    }

    /// Puts one sum where it belongs; `None` if it belongs nowhere.
    fn put(&self, filled: &mut [(Vec<Option<i64>>, Vec<i64>)], sum: Sum) -> Option<()> {
        let section = usize::try_from(sum.section).ok()?;
        let (table, (counts, cents)) = self.tables.get(section).zip(filled.get_mut(section))?;
        let cell = usize::try_from(sum.cell).ok()?;
        let (count, cents) = counts.get_mut(cell).zip(cents.get_mut(cell))?;
        let most = if table.with_revenue { sum.units.checked_mul(self.centre)? } else { 0 };
        let sound = sum.units > 0 && sum.centred.checked_abs()? <= most;
        if !sound || count.replace(sum.units).is_some() {
            return None;
        }
        *cents = sum.centred;
        Some(())
    }
}

/// Whether every unit that converted is in exactly one cell.
const fn counts_each_conversion(template: TemplateId) -> bool {
    match template {
        TemplateId::Conversion | TemplateId::Delay | TemplateId::Segments | TemplateId::Network => {
            true
        }
        TemplateId::Revenue | TemplateId::Overlap | TemplateId::Lift | TemplateId::Partners => {
            false
        }
    }
}

const SUMS_BEGIN: &str = "\
SELECT section, cell, count(*) AS units, sum(centred) AS centred
FROM (
  SELECT inline(array(
";

const SUMS_END: &str = "))
  FROM counted)
WHERE cell IS NOT NULL GROUP BY section, cell";

/// The sections that count, revenue beside its conversions.
fn counted(sections: &[SectionId], layout: &Layout) -> Result<Vec<Counted>, StatisticsError> {
    let mut tables: Vec<Counted> = Vec::new();
    for section in sections {
        let cells = layout.cells(*section)?;
        if section.template == TemplateId::Revenue {
            let beside = SectionId::new(TemplateId::Conversion, section.margin);
            let beside = tables.iter_mut().find(|table| table.section == beside);
            beside.ok_or(StatisticsError::NoSuchSection)?.with_revenue = true;
        } else {
            tables.push(Counted { section: *section, cells, with_revenue: false });
        }
    }
    Ok(tables)
}

impl Layout {
    /// The one cell of a section that counts a row of `counted` ([`sql::counted`]): `NULL` if none does, -1 for what no
    /// public list has, which [`Query::tables`] refuses.
    fn cell_sql(&self, section: SectionId) -> Result<String, StatisticsError> {
        let bin = match section.template {
            TemplateId::Overlap => return Ok("CASE WHEN known THEN 0 END".to_owned()),
            TemplateId::Partners => return Ok("pair".to_owned()),
            TemplateId::Lift if self.arms => {
                let arm = "CASE WHEN won IS NOT NULL AND arm IN (1, 2) THEN arm - 1 END";
                return Ok(arm.to_owned());
            }
            TemplateId::Conversion => self.place_sql(section.margin),
            TemplateId::Delay => delay_sql(),
            TemplateId::Segments => self.segment_sql(),
            TemplateId::Network => self.network_sql(),
            TemplateId::Lift | TemplateId::Revenue => return Err(StatisticsError::NoSuchSection),
        };
        let campaigns = self.campaigns.0;
        let cell = match section.margin {
            Margin::All => bin.clone(),
            Margin::Campaign | Margin::CampaignModel | Margin::CampaignDepartment => {
                format!("won.campaign * {} + {bin}", self.bins(section))
            }
        };
        Ok(format!(
            "CASE WHEN won IS NULL THEN NULL WHEN won.campaign >= {campaigns} OR {bin} < 0 THEN -1 \
             ELSE {cell} END"
        ))
    }

    /// The bin of a conversion among models or areas: numbers from 1, 0 for any other, which is the last.
    fn place_sql(&self, margin: Margin) -> String {
        let of = match margin {
            Margin::CampaignModel => "won.model",
            Margin::CampaignDepartment => "won.area",
            Margin::Campaign | Margin::All => return "0".to_owned(),
        };
        let list = self.list(margin);
        format!("(CASE WHEN {of} = 0 THEN {list} WHEN {of} <= {list} THEN {of} - 1 ELSE -1 END)")
    }

    fn segment_sql(&self) -> String {
        let (_, end) = self.month().days();
        let end = end.epoch_days();
        let class = |text: &str, least: [String; 2]| {
            let [low, high] = least.map(|least| format!("CAST({text} {least} AS INT)"));
            format!("({low} + {high})")
        };
        let recency = class(&format!("{end} - last"), RECENCY_DAYS.map(|days| format!("< {days}")));
        let frequency = class("sales", FREQUENCY_SALES.map(|sales| format!(">= {sales}")));
        let cents = AMOUNT_SHARES.map(|share| format!(">= {}L", self.clamp().value() / share));
        let amount = class("cents", cents);
        format!("(({recency} * {CLASSES} + {frequency}) * {CLASSES} + {amount})")
    }

    fn network_sql(&self) -> String {
        let cells: Vec<String> = self.network.cell_of.iter().map(ToString::to_string).collect();
        let (partners, cells) = (cells.len(), cells.join(", "));
        format!(
            "(CASE WHEN won.partner BETWEEN 0 AND {partners} - 1 \
             THEN element_at(array({cells}), won.partner + 1) ELSE -1 END)"
        )
    }
}

/// The bin of a delay; the last one is open.
fn delay_sql() -> String {
    let (bounds, last) = (&DELAY_BINS[..DELAY_BINS.len() - 1], DELAY_BINS.len() - 1);
    let bins = bounds.iter().zip(0_usize..);
    let bins: String =
        bins.map(|((_, to), bin)| format!("WHEN won.age <= {to} THEN {bin} ")).collect();
    format!("(CASE {bins}ELSE {last} END)")
}

#[cfg(test)]
#[path = "sql_tests.rs"]
mod tests;
