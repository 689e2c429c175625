//! What a row carries beside its identifiers: the day, the amount, the campaign, the model, the area.
//!
//! Identifiers are `rows`. A row whose attribute cannot be read is left out with a code. Specified in
//! `docs/formats/reading-files.md`, "Rows".

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Fault, View};
use crate::{
    account::{Outcome, State},
    field::{Field, FileKind},
    hashed::{Look, look},
    margin::Lookup,
    normalise::{
        Reading, Repair, Repairs, amount,
        date::{self, Order, Purpose},
        number,
        placeholder::is_placeholder,
        text::{clean, folded},
    },
    prepare::PrepareOptions,
    read::Cell,
};

impl View<'_> {
    pub(super) fn date(&self, outcomes: &mut [Outcome]) -> Result<Option<Date>, Fault> {
        let Some(field) = self.columns.event else { return Ok(None) };
        let cell = self.cell(field);
        let (found, outcome) = match day(cell, self.columns.event_order, Purpose::Event) {
            Some((found, repairs)) => (Ok(Some(found)), Outcome::of(&Reading::of((), repairs))),
            None if is_placeholder(&clean(&cell.text())) => {
                (Err((Some(field), "row.no_date")), Outcome::MISSING)
            }
            None => (Err((Some(field), "row.bad_date")), Outcome::REFUSED),
        };
        self.note(field, outcome, outcomes);
        found
    }

    /// Notes how the one cell of a field ended.
    fn note(&self, field: Field, outcome: Outcome, outcomes: &mut [Outcome]) {
        if let Some(column) = self.columns.places[field as usize].first() {
            outcomes[*column] = outcome;
        }
    }

    pub(super) fn amount(
        &self,
        options: &PrepareOptions,
        outcomes: &mut [Outcome],
    ) -> Result<Option<u64>, Fault> {
        if options.kind != FileKind::Sales {
            return Ok(None);
        }
        let cell = self.cell(Field::Amount);
        let cents = match cell {
            Cell::Number(euros) => amount::from_number(euros),
            Cell::Text(text) => amount::parse(text),
            Cell::Empty | Cell::Day(_) => None,
        };
        let mut outcome = Outcome::REFUSED;
        let found = match cents {
            // A credit note takes back a sale of another row: neither is told here from the other.
            Some(..0) => Err("row.credit_note"),
            Some(0) => Err("row.amount_zero"),
            Some(cents) => {
                let cents = cents.unsigned_abs();
                let mut repairs = Repairs::NONE;
                repairs.add_if(cents > options.clamp_cents, Repair::AmountClamped);
                outcome = Outcome::of(&Reading::of((), repairs));
                Ok(Some(cents.min(options.clamp_cents)))
            }
            None if is_placeholder(&clean(&cell.text())) => {
                outcome = Outcome::MISSING;
                Err("row.no_amount")
            }
            None => Err("row.bad_amount"),
        };
        self.note(Field::Amount, outcome, outcomes);
        found.map_err(|code| (Some(Field::Amount), code))
    }

    pub(super) fn campaign(
        &self,
        options: &PrepareOptions,
        campaigns: &BTreeMap<String, usize>,
        outcomes: &mut [Outcome],
    ) -> Result<Option<usize>, Fault> {
        if options.kind != FileKind::Leads {
            return Ok(None);
        }
        let name = folded(&self.cell(Field::Campaign).text());
        let (found, state) = match campaigns.get(&name) {
            Some(place) => (Ok(Some(*place)), State::Good),
            None if name.is_empty() => (Err("row.no_campaign"), State::Missing),
            None => (Err("row.unknown_campaign"), State::Refused),
        };
        self.note(Field::Campaign, Outcome::plain(state), outcomes);
        found.map_err(|code| (Some(Field::Campaign), code))
    }

    /// Model and area of a sale, as far as the programme asks for them. What is not on its lists is other.
    pub(super) fn margins(
        &self,
        lists: &Lookup,
        outcomes: &mut [Outcome],
    ) -> (Option<usize>, Option<usize>) {
        let mut model = None;
        if lists.has_models() {
            for column in &self.columns.places[Field::Model as usize] {
                let text = self.row.cell(*column).text();
                let missing = is_placeholder(&clean(&text));
                let state = if missing { State::Missing } else { State::Good };
                outcomes[*column] = Outcome::plain(state);
                model = model.or_else(|| lists.model(&text));
            }
        }
        let area = if lists.has_areas() {
            self.plain(Field::Postcode, outcomes, number::postcode)
                .value()
                .and_then(|postcode| lists.area(&postcode))
        } else {
            None
        };
        (model, area)
    }
}

/// The day of a cell, with what mended it. Hexadecimal is no date, whatever digits are in it.
pub(super) fn day(cell: Cell<'_>, order: Order, purpose: Purpose) -> Option<(Date, Repairs)> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => {
            matches!(look(text), Look::Plain).then(|| date::read(text, order, purpose)).flatten()
        }
        Cell::Number(serial) => match date::from_serial(serial, purpose) {
            Some(found) => Some((found, Repair::DateSerial.alone())),
            None => date::read(&cell.text(), order, purpose),
        },
        Cell::Day(found) => date::possible(found, purpose).map(|found| (found, Repairs::NONE)),
    }
}
