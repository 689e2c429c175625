//! The gate itself: exact tables go in and are gone, noisy tables come out.
//!
//! It neither asks whether the account allows it (the service debits first, in the same
//! transaction) nor decides what is shown (`figures`). There is no other way from an exact value to
//! anything that leaves.

use serde::{Deserialize, Serialize};

use super::{GateError, Noise, Terms, figures};

/// The exact tables of one month, one value for each campaign.
///
/// The type can be made and released, nothing else: it has no accessor, prints nothing, is not
/// copied and not serialised.
pub struct ExactTables {
    counts: Vec<i64>,
    centred_cents: Vec<i64>,
}

impl ExactTables {
    /// Takes the numbers of conversions, and the sums over them of clamped revenue minus half the
    /// clamp, in cents; in the order of the campaigns.
    #[must_use]
    pub const fn new(counts: Vec<i64>, centred_cents: Vec<i64>) -> Self {
        Self { counts, centred_cents }
    }

    /// Whether the tables keep the bounds that the noise was made for. They always do: the bound of
    /// one unit is held where units are summed. This is the last look before the noise.
    fn keep(&self, terms: &Terms) -> Result<(), GateError> {
        let rows = terms.campaigns();
        if self.counts.len() != rows || self.centred_cents.len() != rows {
            return Err(GateError::Rows);
        }
        let centre = i128::from(terms.centre_cents());
        let bounded = |(&count, &sum): (&i64, &i64)| {
            count >= 0 && i128::from(sum).abs() <= centre * i128::from(count)
        };
        let all = self.counts.iter().zip(&self.centred_cents).all(bounded);
        if all { Ok(()) } else { Err(GateError::Bounds) }
    }
}

/// The noisy tables: all that is ever known outside the gate, and what the store keeps.
///
/// They are private to the certifier, because the values of hidden rows stand in them; `Debug`
/// therefore prints none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisyTables {
    pub(super) counts: Vec<i64>,
    pub(super) centred_cents: Vec<i64>,
}

impl std::fmt::Debug for NoisyTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoisyTables").field("rows", &self.counts.len()).finish_non_exhaustive()
    }
}

/// Adds the noise of the terms. The cost must have been debited before: from here on it is spent,
/// whatever happens to the answer.
///
/// # Errors
/// [`GateError::Rows`] and [`GateError::Bounds`] for tables that do not fit the terms,
/// [`GateError::Unconfirmed`] and [`GateError::Noise`] from the source of noise.
pub fn release(
    exact: ExactTables,
    terms: &Terms,
    noise: &mut impl Noise,
) -> Result<NoisyTables, GateError> {
    exact.keep(terms)?;
    let counts = noise.add(exact.counts, terms.conversion_mechanism())?;
    let centred_cents = noise.add(exact.centred_cents, terms.revenue_mechanism())?;
    // What a report can hold exactly; clamping noisy values is post-processing.
    let bounded = |values: Vec<i64>| values.into_iter().map(figures::exact).collect();
    Ok(NoisyTables { counts: bounded(counts), centred_cents: bounded(centred_cents) })
}
