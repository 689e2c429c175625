//! The numbers of a policy: each carries its unit in its name and its range in its constructor.
//!
//! Nothing here knows how the numbers depend on each other; [`super::Policy`] does. The ranges are
//! those of `policies/README.md`.

use super::PolicyError;

/// Declares a whole number that carries its unit in its name and its range in its constructor.
macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($field:literal, $min:literal ..= $max:literal)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The least value allowed.
            pub const MIN: u64 = $min;
            /// The greatest value allowed.
            pub const MAX: u64 = $max;

            /// Takes a value that lies in the range.
            ///
            /// # Errors
            /// [`PolicyError::OutOfRange`], naming the field and its range.
            pub const fn new(value: u64) -> Result<Self, PolicyError> {
                if value < Self::MIN || value > Self::MAX {
                    return Err(PolicyError::OutOfRange {
                        field: $field,
                        min: Self::MIN,
                        max: Self::MAX,
                    });
                }
                Ok(Self(value))
            }

            /// The plain number, in the unit of the name.
            #[must_use]
            pub const fn value(self) -> u64 {
                self.0
            }
        }
    };
}

quantity! {
    /// The number of this version of a policy; it rises with every change.
    PolicyVersion("version", 1..=1_000_000)
}
quantity! {
    /// How many days after a lead a sale may still be attributed to it, the last day included.
    WindowDays("window_days", 1..=730)
}
quantity! {
    /// In how many sale months of one calendar year a unit may be counted.
    SaleMonthsPerYear("sale_months_per_year", 1..=12)
}
quantity! {
    /// The greatest revenue of one unit and month, in cents; a public fact of the sector, never
    /// taken from data. It is even, because revenue is summed around its half, and at least 100 EUR,
    /// so that the noise of revenue may be treated as continuous.
    ClampCents("clamp_cents", 10_000..=1_000_000_000)
}
quantity! {
    /// The least noisy count that is shown. It goes upwards only (requirement STA-14).
    CohortMin("cohort_min", 11..=1_000_000)
}
quantity! {
    /// What may be learnt about one unit and month from all releases together, in nano-rho.
    CapNrho("cap_nrho", 1..=1_000_000_000)
}
quantity! {
    /// What one template costs, in nano-rho. Above 250 million the noise would be too narrow for
    /// the closed forms on which the intervals rest; below one million it would drown anything.
    CostNrho("cost_nrho", 1_000_000..=250_000_000)
}
quantity! {
    /// The share of rejected rows, in thousandths, above which a file is refused whole.
    MaxRejectPermille("max_reject_permille", 0..=1_000)
}
quantity! {
    /// For how many days a deposit is kept.
    RetentionDays("retention_days", 1..=365)
}
quantity! {
    /// The least number of rows of a leads file.
    MinLeads("min_leads", 100..=100_000_000)
}
quantity! {
    /// The least number of partners, in different groups, that a report rests on.
    MinPartners("min_partners", 3..=10_000)
}
