//! The privacy account of one (principal group, sale month): what may still be learnt.
//!
//! Only whole nano-rho, only downwards, and never reopened: there is no method that gives anything
//! back. Who owns an account, and that debit and answer are one transaction, is the service's
//! affair. Why costs add up: `docs/privacy.md`, "Composition".

use thiserror::Error;
use tiers_protocol::policy::CapNrho;

/// A debit that was refused. The numbers are public facts of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The release costs more than what is left for the month.
    #[error("the release costs {cost_nrho} nano-rho and {left_nrho} are left for this month")]
    Spent {
        /// What the release would cost.
        cost_nrho: u64,
        /// What is left.
        left_nrho: u64,
    },
    /// More is recorded as spent than the cap allows: the account was not kept by this code.
    #[error("the account is overdrawn")]
    Overdrawn,
    /// A release that costs nothing is no release.
    #[error("a release must cost something")]
    Free,
}

impl AccountError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spent { .. } => "account.spent",
            Self::Overdrawn => "account.overdrawn",
            Self::Free => "account.free",
        }
    }
}

/// What is spent, and the cap that it never exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    cap_nrho: u64,
    spent_nrho: u64,
}

impl Account {
    /// An account of which nothing is spent.
    #[must_use]
    pub const fn open(cap: CapNrho) -> Self {
        Self { cap_nrho: cap.value(), spent_nrho: 0 }
    }

    /// An account as it stands in the store.
    ///
    /// # Errors
    /// [`AccountError::Overdrawn`] if more is spent than the cap.
    pub const fn restore(cap: CapNrho, spent_nrho: u64) -> Result<Self, AccountError> {
        if spent_nrho > cap.value() {
            return Err(AccountError::Overdrawn);
        }
        Ok(Self { cap_nrho: cap.value(), spent_nrho })
    }

    /// The account after a release of this cost.
    ///
    /// # Errors
    /// [`AccountError::Spent`] if not enough is left, [`AccountError::Free`] for a cost of zero.
    pub const fn debit(self, cost_nrho: u64) -> Result<Self, AccountError> {
        let left_nrho = self.left_nrho();
        if cost_nrho == 0 {
            return Err(AccountError::Free);
        }
        if cost_nrho > left_nrho {
            return Err(AccountError::Spent { cost_nrho, left_nrho });
        }
        Ok(Self { cap_nrho: self.cap_nrho, spent_nrho: self.spent_nrho + cost_nrho })
    }

    /// The most that will ever be spent, in nano-rho.
    #[must_use]
    pub const fn cap_nrho(self) -> u64 {
        self.cap_nrho
    }

    /// What is spent, in nano-rho.
    #[must_use]
    pub const fn spent_nrho(self) -> u64 {
        self.spent_nrho
    }

    /// What is left, in nano-rho.
    #[must_use]
    pub const fn left_nrho(self) -> u64 {
        self.cap_nrho - self.spent_nrho
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cap(nrho: u64) -> CapNrho {
        CapNrho::new(nrho).expect("the test stays in the range of caps")
    }

    proptest! {
        #[test]
        fn spending_never_passes_the_cap_and_never_shrinks(
            limit in 1u64..=1_000_000_000,
            costs in prop::collection::vec(prop_oneof![0u64..400_000_000, Just(u64::MAX)], 0..40),
        ) {
            let mut account = Account::open(cap(limit));
            let mut model: u128 = 0;
            for cost in costs {
                let fits = cost > 0 && model + u128::from(cost) <= u128::from(limit);
                match account.debit(cost) {
                    Ok(after) => {
                        prop_assert!(fits);
                        model += u128::from(cost);
                        account = after;
                    }
                    Err(refusal) => {
                        prop_assert!(!fits);
                        prop_assert_eq!(refusal.code() == "account.free", cost == 0);
                    }
                }
                prop_assert_eq!(u128::from(account.spent_nrho()), model);
                prop_assert_eq!(account.left_nrho() + account.spent_nrho(), limit);
                prop_assert_eq!(Account::restore(cap(limit), account.spent_nrho()), Ok(account));
            }
        }
    }

    #[test]
    fn sta_09_three_standard_reports_and_no_fourth() {
        let mut account = Account::open(cap(300_000_000));
        for _ in 0..3 {
            account = account.debit(82_500_000).expect("three fit");
        }
        let refusal = AccountError::Spent { cost_nrho: 82_500_000, left_nrho: 52_500_000 };
        assert_eq!(account.debit(82_500_000), Err(refusal));
        assert_eq!(Account::restore(cap(5), 6), Err(AccountError::Overdrawn));
    }
}
