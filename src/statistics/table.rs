//! Exact tables and how far one unit can move them.

use tiers_protocol::policy::TemplateId;

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

/// The exact cells of one template and one month, by campaign. Nobody may see them: no `Debug`, no
/// `Clone`, no serialisation; they are consumed where noise is added.
pub struct ExactTable {
    template: TemplateId,
    sensitivity: Sensitivity,
    cells: Vec<i64>,
}

impl ExactTable {
    pub(super) const fn new(
        template: TemplateId,
        sensitivity: Sensitivity,
        cells: Vec<i64>,
    ) -> Self {
        Self { template, sensitivity, cells }
    }

    /// The template that the table is of.
    #[must_use]
    pub const fn template(&self) -> TemplateId {
        self.template
    }

    /// How far one unit can move the table; a public fact.
    #[must_use]
    pub const fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }

    /// The exact cells, by campaign: the one door, for the gate's mechanism and for tests that
    /// measure it.
    #[must_use]
    pub fn into_exact(self) -> Vec<i64> {
        self.cells
    }
}
