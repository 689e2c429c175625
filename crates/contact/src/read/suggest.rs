//! What to try when columns are missing: which headings were found, and the mapping by hand that fits.
//!
//! A heading is told only where the row that holds it is one of headings beyond doubt, because a file without
//! headings has a person in its first row. Columns are proposed by what their values look like; nothing is read by
//! a proposal. Specified in `docs/formats/reading-files.md`, "Headings".

use super::{Cell, Table, headings::Layout};
use crate::{
    error::{Suggestion, Unread},
    field::Field,
    hashed::{Look, look},
    normalise::{
        amount,
        date::{self, Order, Purpose},
        email, phone,
        text::folded,
    },
    prepare::PrepareOptions,
};

/// Recognised headings from which on a row is one of headings beyond doubt: no contact has three cells that
/// are, letter for letter, names of columns.
const SURE: usize = 3;

/// Rows that are looked at for a proposal.
const SAMPLE: usize = 200;

/// The columns that were not recognised, with their headings where those may be told.
pub(crate) fn unread(layout: &Layout) -> Vec<Unread> {
    let is_sure = layout.found().len() >= SURE;
    let heading = |column: usize| {
        let heading = layout.headings[column].split_whitespace().collect::<Vec<_>>().join(" ");
        (is_sure && is_harmless(&heading)).then_some(heading)
    };
    let unknown = layout.unknown().into_iter();
    unknown.map(|column| Unread { column, heading: heading(column - 1) }).collect()
}

/// Whether a text can be no contact: short, without `@`, with few digits.
fn is_harmless(heading: &str) -> bool {
    heading.chars().count() <= 40
        && !heading.contains(['@', '"', '='])
        && heading.chars().filter(char::is_ascii_digit).count() < 4
}

/// Mappings to try: for each field that is wanted, the unrecognised column whose values look like it most.
pub(crate) fn suggestions(
    table: &Table,
    layout: &Layout,
    wanted: &[Field],
    options: &PrepareOptions,
) -> Vec<Suggestion> {
    let mut open = unread(layout);
    let mut found = Vec::new();
    for field in wanted {
        let share = |column: &Unread| share(table, layout, column.column - 1, *field, options);
        let best = open.iter().enumerate().map(|(place, column)| (share(column), place));
        // Of equals the first.
        let best = best.max_by_key(|(share, place)| (*share, usize::MAX - place));
        if let Some((_, place)) = best.filter(|(share, _)| *share > 50) {
            let column = open.remove(place);
            found.push(Suggestion { column, field: *field });
        }
    }
    found
}

/// How many in a hundred filled cells of a column look like `field`.
fn share(
    table: &Table,
    layout: &Layout,
    column: usize,
    field: Field,
    options: &PrepareOptions,
) -> usize {
    let rows = (layout.row + 1..table.len()).take(SAMPLE);
    let cells = rows.map(|row| table.cell(row, column)).filter(|cell| !cell.is_blank());
    let (mut filled, mut alike) = (0_usize, 0_usize);
    for cell in cells {
        filled += 1;
        alike += usize::from(is_alike(cell, field, options));
    }
    (100 * alike).checked_div(filled).unwrap_or(0)
}

fn is_alike(cell: Cell<'_>, field: Field, options: &PrepareOptions) -> bool {
    let text = cell.text();
    let hash = matches!(look(&text), Look::Sha256(_));
    let day = |purpose| match cell {
        Cell::Day(found) => date::possible(found, purpose),
        // Digits alone may be a serial day, a postcode, a number of anything.
        Cell::Text(text) if !text.trim().bytes().all(|byte| byte.is_ascii_digit()) && !hash => {
            date::parse(text, Order::DayFirst, purpose)
        }
        _ => None,
    };
    match field {
        Field::SaleDate | Field::LeadDate => day(Purpose::Event).is_some(),
        Field::BirthDate => day(Purpose::Birth).is_some_and(|birth| birth.year() < 2012),
        Field::Amount => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let is_number = match cell {
                Cell::Number(_) => true,
                Cell::Text(text) => !text.starts_with(['0', '+']),
                Cell::Empty | Cell::Day(_) => false,
            };
            is_number && digits < 9 && amount::parse(&text).is_some_and(|cents| cents > 0)
        }
        Field::Email => hash || email::normalise(&text).value().is_some(),
        Field::Phone => {
            let found = phone::normalise(&text);
            found.mobile.is_some() || found.landline.is_some()
        }
        Field::Campaign => {
            let name = folded(&text);
            options.campaigns.iter().any(|campaign| folded(campaign) == name)
        }
        _ => false,
    }
}
