//! Exact tables and how far one unit can move them.

use tiers_protocol::policy::SectionId;

use super::bounds::conversion_sensitivity;

/// How far the table of one month moves, at most, when the rows of one unit in one month are
/// replaced by none or by any others (adjacency by substitution): the square of the Euclidean
/// distance, in squared units of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    squared_l2: u128,
}

impl Sensitivity {
    /// A bound of the squared Euclidean distance.
    pub(super) const fn from_squared_l2(squared_l2: u128) -> Self {
        Self { squared_l2 }
    }

    /// The bound: persons squared for counts, cents squared for revenue.
    #[must_use]
    pub const fn squared_l2(self) -> u128 {
        self.squared_l2
    }
}

/// The exact cells of one section and one month: a histogram in which a unit is in at most one cell,
/// and beside it, where revenue is asked, the centred sums in the same cells. Nobody may see them:
/// no `Debug`, no `Clone`, no serialisation; they are consumed where noise is added.
pub struct ExactTable {
    section: SectionId,
    counts: Vec<i64>,
    centred_cents: Option<Vec<i64>>,
}

impl ExactTable {
    /// Takes the number of units in each cell, in the order of the section's public keys, and the
    /// sums over them of clamped revenue minus half the clamp, in cents.
    #[must_use]
    pub const fn new(
        section: SectionId,
        counts: Vec<i64>,
        centred_cents: Option<Vec<i64>>,
    ) -> Self {
        Self { section, counts, centred_cents }
    }

    /// The section that the table is of.
    #[must_use]
    pub const fn section(&self) -> SectionId {
        self.section
    }

    /// How far one unit can move the counts; a public fact, and the same for every section.
    #[must_use]
    pub const fn sensitivity(&self) -> Sensitivity {
        conversion_sensitivity()
    }

    /// The sum of the counts and that of the centred sums: for totals that every partner agreed to have
    /// told, and nothing else.
    pub(crate) fn totals(&self) -> (i128, Option<i128>) {
        let sum = |cells: &[i64]| cells.iter().map(|cell| i128::from(*cell)).sum();
        (sum(&self.counts), self.centred_cents.as_deref().map(sum))
    }

    /// The exact counts and sums: the one door, for the gate's mechanism and for tests that
    /// measure it.
    #[must_use]
    pub fn into_exact(self) -> (Vec<i64>, Option<Vec<i64>>) {
        (self.counts, self.centred_cents)
    }
}
