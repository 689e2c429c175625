//! The tables of one month: a cell for each public key of each section, to which units are added one by
//! one.
//!
//! Every section is a sum over units of a bounded function of that unit's month and the leads: 1 in one of
//! its cells at most, and beside it, where revenue is asked, the clamped revenue around its centre. How far
//! one unit can move them, see [`super::bounds`]; which cell it is in, see [`Layout`].

use tiers_protocol::policy::{SectionId, TemplateId};

use super::{ExactTable, Layout, StatisticsError, bounds::centre_cents};
use crate::matching::{Attributed, UnitMonth};

/// The tables of one month while units are added to them. It has no `Debug`.
pub struct MonthlyTables {
    layout: Layout,
    tables: Vec<Cells>,
}

/// One table.
struct Cells {
    section: SectionId,
    counts: Vec<i64>,
    centred_cents: Option<Vec<i64>>,
}

impl MonthlyTables {
    /// The tables of these sections before any unit, in their order; `revenue/1` goes beside the
    /// conversions of its margin, which stand before it.
    ///
    /// # Errors
    /// [`StatisticsError::NoSuchSection`].
    pub fn new(sections: &[SectionId], layout: Layout) -> Result<Self, StatisticsError> {
        let mut tables: Vec<Cells> = Vec::new();
        for section in sections {
            let cells = layout.cells(*section)?;
            if section.template == TemplateId::Revenue {
                let counted = SectionId::new(TemplateId::Conversion, section.margin);
                let beside = tables.iter_mut().find(|table| table.section == counted);
                let beside = beside.ok_or(StatisticsError::NoSuchSection)?;
                beside.centred_cents = Some(vec![0; cells]);
            } else {
                let (section, counts) = (*section, vec![0; cells]);
                tables.push(Cells { section, counts, centred_cents: None });
            }
        }
        Ok(Self { layout, tables })
    }

    /// Adds what one unit contributes; a unit of another month contributes nothing.
    ///
    /// # Errors
    /// [`StatisticsError`]; the tables are then worth nothing.
    pub fn add(&mut self, unit: UnitMonth) -> Result<(), StatisticsError> {
        if unit.month() != self.layout.month() {
            return Ok(());
        }
        let centred = unit.conversion().map_or(Ok(0), |by| centred(by, &self.layout))?;
        for table in &mut self.tables {
            let Some(cell) = self.layout.cell(table.section, &unit)? else { continue };
            add(&mut table.counts, cell, 1)?;
            if let Some(cents) = &mut table.centred_cents {
                add(cents, cell, centred)?;
            }
        }
        Ok(())
    }

    /// The tables, for the gate.
    #[must_use]
    pub fn finish(self) -> Vec<ExactTable> {
        let of = |table: Cells| ExactTable::new(table.section, table.counts, table.centred_cents);
        self.tables.into_iter().map(of).collect()
    }
}

fn add(cells: &mut [i64], cell: usize, contribution: i64) -> Result<(), StatisticsError> {
    let cell = cells.get_mut(cell).ok_or(StatisticsError::NoSuchSection)?;
    *cell = cell.checked_add(contribution).ok_or(StatisticsError::Overflow)?;
    Ok(())
}

/// Revenue cut to the clamp, minus the centre.
fn centred(by: Attributed, layout: &Layout) -> Result<i64, StatisticsError> {
    let clamped = by.revenue_cents().min(layout.clamp().value());
    let signed = |cents: u64| i64::try_from(cents).map_err(|_| StatisticsError::Overflow);
    Ok(signed(clamped)? - signed(centre_cents(layout.clamp()))?)
}
