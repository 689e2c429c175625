//! What a policy says about matching. Values are valid because the policy's types are.

use tiers_contact::Kind;
use tiers_protocol::policy::{Policy, Touch, WindowDays};

/// The rules of one attribution.
#[derive(Clone, Debug)]
pub struct MatchRules {
    kinds: Vec<Kind>,
    window_days: WindowDays,
    touch: Touch,
}

impl MatchRules {
    /// Rules by which `kinds` may find a lead, tried in the fixed order whatever order they come in:
    /// a unit is the first key of that order, so that no other order is sound.
    #[must_use]
    pub fn new(
        kinds: impl IntoIterator<Item = Kind>,
        window_days: WindowDays,
        touch: Touch,
    ) -> Self {
        let kinds = kinds.into_iter();
        Self { kinds: in_order(kinds), window_days, touch }
    }

    /// The rules that `policy` sets.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::new(policy.kinds(), policy.window_days(), policy.touch())
    }

    /// The kinds that may find a lead, in the order in which they are tried: keys, then bridges.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// How many days after a lead a sale may still be attributed to it, the last day included.
    #[must_use]
    pub const fn window_days(&self) -> WindowDays {
        self.window_days
    }

    /// Which of several leads gets the sale.
    #[must_use]
    pub const fn touch(&self) -> Touch {
        self.touch
    }

    /// The window as a number of days; a policy allows at most 730.
    pub(crate) fn window(&self) -> u16 {
        u16::try_from(self.window_days.value()).expect("a policy's window fits two years")
    }
}

/// Each kind once, in the fixed order.
pub(super) fn in_order(kinds: impl IntoIterator<Item = Kind>) -> Vec<Kind> {
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
