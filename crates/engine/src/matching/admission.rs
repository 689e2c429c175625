//! In which months of a year a unit counts: what was decided once is remembered.
//!
//! A unit is *admitted* into a month by the first release of that month that sees rows of it, if
//! fewer months of the year than the policy allows have admitted it before. Nothing is ever taken
//! back, so that rows which arrive later, or leave, cannot make room: the bound of
//! `docs/privacy.md` rests on it. Where admissions are kept is the caller's matter; the service keeps
//! them in the transaction of the release.

use tiers_contact::Kind;
use tiers_protocol::policy::SaleMonthsPerYear;

use super::MatchError;
use crate::{crypto::chain::VaultToken, vault::Month};

/// Who decides, and remembers, whether a unit counts in the month that is being matched.
pub trait Admission {
    /// Why it cannot be decided.
    type Error: From<MatchError>;

    /// Whether the unit whose first key is `unit` of `kind` counts. It is called once for each unit
    /// with sales in the month, attributed or not: by kind, the last first, then by token.
    ///
    /// # Errors
    /// Those of the place where admissions are kept; the matching then yields nothing.
    fn admit(&mut self, kind: Kind, unit: VaultToken) -> Result<bool, Self::Error>;
}

/// The months of one calendar year into which one unit was admitted: bit `n` is month `n + 1`. It
/// only ever grows. No `Debug`: which months somebody bought in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AdmittedMonths(u16);

impl AdmittedMonths {
    /// Of a unit that no release has seen.
    pub const NONE: Self = Self(0);

    /// The set of these bits; `None` if there are more than twelve.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        if bits < 1 << 12 { Some(Self(bits)) } else { None }
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set once `month` has seen the unit: the same if it is in already, one more if there are
    /// fewer than `limit`; `None` if the unit stays out. `month` is of the year of the set.
    #[must_use]
    pub fn admit(self, month: Month, limit: SaleMonthsPerYear) -> Option<Self> {
        let grown = Self(self.0 | 1 << (month.month() - 1));
        let room = u64::from(self.0.count_ones()) < limit.value();
        (grown == self || room).then_some(grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_grows_up_to_the_limit_and_never_changes_again() {
        let month = |number| Month::new(2024, number).expect("a month");
        for limit in 1..=12_u8 {
            let allowed = SaleMonthsPerYear::new(limit.into()).expect("allowed");
            let mut set = AdmittedMonths::NONE;
            // From December backwards: the order of asking decides, not that of the calendar.
            for number in (1..=12).rev() {
                match set.admit(month(number), allowed) {
                    Some(grown) => set = grown,
                    None => assert!(number <= 12 - limit),
                }
                assert!(set.admit(month(12), allowed) == Some(set), "once in, always in");
            }
            assert_eq!(set.bits(), 0xfff & (0xfff << (12 - limit)));
            assert!(AdmittedMonths::from_bits(set.bits()) == Some(set));
        }
        assert!(AdmittedMonths::from_bits(1 << 12).is_none());
    }
}
