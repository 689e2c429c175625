//! What the account says, and what the best attacker could learn: `docs/privacy.md` in one bar and
//! one small table.

use tiers_protocol::certificate::AccountStatement;

use super::Language;
use super::text::fill;

/// The account as a bar of 1,000 parts.
pub(super) struct AccountView {
    /// Width of the releases before.
    pub(super) before_width: u64,
    /// Width of this release.
    pub(super) cost_width: u64,
    /// The same in words.
    pub(super) desc: String,
    /// What earlier releases cost: share and amount.
    pub(super) before: (String, String),
    /// What this release cost.
    pub(super) cost: (String, String),
    /// What is left.
    pub(super) left: (String, String),
    /// Cap and rule.
    pub(super) rule: String,
}

/// A row of the table of bounds: how many identifiers, and three accuracies.
pub(super) struct BoundView {
    pub(super) keys: &'static str,
    pub(super) this: String,
    pub(super) spent: String,
    pub(super) cap: String,
}

/// The account of the release.
pub(super) fn account(statement: &AccountStatement, language: Language) -> AccountView {
    let text = language.text();
    let cap = statement.cap_nrho;
    let before = statement.spent_nrho.saturating_sub(statement.cost_nrho);
    let told = |nrho: u64| {
        let amount = fill(text.account_amount, &[("amount", &language.integer(nrho))]);
        (language.share(nrho, cap), amount)
    };
    let (before_told, cost, left) =
        (told(before), told(statement.cost_nrho), told(statement.left_nrho));
    let values = [("before", &*before_told.0), ("cost", &*cost.0), ("left", &*left.0)];
    AccountView {
        before_width: width(before, cap),
        cost_width: width(statement.spent_nrho, cap).saturating_sub(width(before, cap)),
        desc: fill(text.account_desc, &values),
        rule: fill(text.account_rule, &[("cap", &language.integer(cap))]),
        before: before_told,
        cost,
        left,
    }
}

fn width(part: u64, whole: u64) -> u64 {
    let width = (u128::from(part) * 1000).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(width).unwrap_or(1000).min(1000)
}

/// The greatest accuracies, for persons known under one, two and three keys.
pub(super) fn bounds(statement: &AccountStatement, language: Language) -> Vec<BoundView> {
    let text = language.text();
    [(1, text.bound_one), (2, text.bound_two), (3, text.bound_three)]
        .map(|(units, keys)| {
            let told = |nrho| {
                let permille = accuracy_permille(nrho, units);
                language.share(permille, 1000)
            };
            BoundView {
                keys,
                this: told(statement.cost_nrho),
                spent: told(statement.spent_nrho),
                cap: told(statement.cap_nrho),
            }
        })
        .into()
}

/// `Phi(sqrt(rho / 2))` in thousandths, rounded up; a person who is `units` units counts for
/// `units^2` times the cost (Bun and Steinke 2016, group privacy).
fn accuracy_permille(nrho: u64, units: u32) -> u64 {
    let rho = nrho as f64 * 1e-9 * f64::from(units * units);
    let permille = 500.0 * libm::erfc(-libm::sqrt(rho) / 2.0);
    (500_u32..1000).find(|bound| f64::from(*bound) >= permille).map_or(1000, u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/privacy.md`, rounded up to one decimal.
    #[test]
    fn accuracies_are_those_of_the_privacy_page() {
        for (nrho, expected) in [
            (82_500_000, [581, 658, 729]),
            (300_000_000, [651, 781, 878]),
            (600_000_000, [709, 864, 950]),
            (0, [500, 500, 500]),
        ] {
            assert_eq!([1, 2, 3].map(|units| accuracy_permille(nrho, units)), expected, "{nrho}");
        }
    }

    #[test]
    fn the_bar_never_runs_over_its_end() {
        let mut statement = AccountStatement {
            id: tiers_protocol::ids::AccountId::from_bytes([0; 16]),
            cap_nrho: 300,
            cost_nrho: 100,
            spent_nrho: 250,
            left_nrho: 50,
        };
        let view = account(&statement, Language::English);
        assert_eq!((view.before_width, view.cost_width), (500, 333));
        assert_eq!(view.left.0, "16.7%");
        (statement.cap_nrho, statement.spent_nrho) = (0, u64::MAX);
        let view = account(&statement, Language::English);
        assert!(view.before_width + view.cost_width <= 1000);
    }
}
