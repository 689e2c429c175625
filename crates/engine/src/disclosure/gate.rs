//! The gate itself: exact tables go in and are gone, noisy tables come out.
//!
//! It neither asks whether the account allows it (the service debits first, in the same
//! transaction) nor decides what is shown (`figures`). There is no other way from an exact value to
//! anything that leaves, but the one door of `exact`.

use serde::{Deserialize, Serialize};
use tiers_protocol::policy::SectionId;

use super::{GateError, Noise, TableTerms, Terms, figures};
use crate::statistics::ExactTable;

/// The exact tables of one month, in the order of the sections of a report.
///
/// The type can be made and released, nothing else (and told in total, see `exact`): it has no accessor, prints nothing, is not
/// copied and not serialised.
pub struct ExactTables {
    pub(super) tables: Vec<ExactTable>,
}

impl ExactTables {
    /// Takes the tables of the sections that were asked.
    #[must_use]
    pub const fn new(tables: Vec<ExactTable>) -> Self {
        Self { tables }
    }

    /// Conversions by campaign alone, with the sums over them of clamped revenue minus half the
    /// clamp, in cents.
    #[must_use]
    pub fn by_campaign(counts: Vec<i64>, centred_cents: Vec<i64>) -> Self {
        Self::new(vec![ExactTable::new(SectionId::CONVERSIONS, counts, Some(centred_cents))])
    }
}

/// The cells of one table, opened.
struct Cells {
    counts: Vec<i64>,
    centred_cents: Option<Vec<i64>>,
}

/// Opens a table that keeps the bounds that the noise was made for. It always does: the bound of one
/// unit is held where units are summed. This is the last look before the noise.
fn open(table: ExactTable, terms: &TableTerms, centre: u64) -> Result<Cells, GateError> {
    if table.section() != terms.section() {
        return Err(GateError::Sections);
    }
    let (counts, centred_cents) = table.into_exact();
    if counts.len() != terms.rows() {
        return Err(GateError::Rows);
    }
    let kept = match (&centred_cents, terms.sums()) {
        (None, None) => counts.iter().all(|&count| count >= 0),
        (Some(sums), Some(_)) => {
            if sums.len() != counts.len() {
                return Err(GateError::Rows);
            }
            let bounded = |(&count, &sum): (&i64, &i64)| {
                count >= 0 && i128::from(sum).abs() <= i128::from(centre) * i128::from(count)
            };
            counts.iter().zip(sums).all(bounded)
        }
        _ => return Err(GateError::Sections),
    };
    if kept { Ok(Cells { counts, centred_cents }) } else { Err(GateError::Bounds) }
}

/// One noisy table.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoisyTable {
    pub(super) counts: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) centred_cents: Option<Vec<i64>>,
}

/// The noisy tables: all that is ever known outside the gate, and what the store keeps.
///
/// They are private to the certifier, because the values of hidden rows stand in them; `Debug`
/// therefore prints none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisyTables {
    pub(super) tables: Vec<NoisyTable>,
}

impl std::fmt::Debug for NoisyTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows: Vec<usize> = self.tables.iter().map(|table| table.counts.len()).collect();
        f.debug_struct("NoisyTables").field("rows", &rows).finish_non_exhaustive()
    }
}

/// Adds the noise of the terms. The cost must have been debited before: from here on it is spent,
/// whatever happens to the answer.
///
/// # Errors
/// [`GateError::Sections`], [`GateError::Rows`] and [`GateError::Bounds`] for tables that do not fit
/// the terms, before any noise is drawn; [`GateError::Unconfirmed`] and [`GateError::Noise`] from
/// the source of noise.
pub fn release(
    exact: ExactTables,
    terms: &Terms,
    noise: &mut impl Noise,
) -> Result<NoisyTables, GateError> {
    if exact.tables.len() != terms.tables().len() {
        return Err(GateError::Sections);
    }
    let opened = exact
        .tables
        .into_iter()
        .zip(terms.tables())
        .map(|(table, terms_of)| open(table, terms_of, terms.centre_cents()))
        .collect::<Result<Vec<_>, GateError>>()?;
    // What a report can hold exactly; clamping noisy values is post-processing.
    let bounded =
        |values: Vec<i64>| -> Vec<i64> { values.into_iter().map(figures::exact).collect() };
    let mut tables = Vec::with_capacity(opened.len());
    for (cells, terms) in opened.into_iter().zip(terms.tables()) {
        let counts = bounded(noise.add(cells.counts, terms.counts())?);
        let centred_cents = match (cells.centred_cents, terms.sums()) {
            (Some(sums), Some(mechanism)) => Some(bounded(noise.add(sums, mechanism)?)),
            _ => None,
        };
        tables.push(NoisyTable { counts, centred_cents });
    }
    Ok(NoisyTables { tables })
}
