//! What a policy says about matching. Values are valid because the policy's types are.

use tiers_contact::Kind;
use tiers_protocol::policy::{Policy, Touch, WindowDays};

/// The rules of one matching.
#[derive(Clone, Debug)]
pub struct MatchRules {
    /// The kinds that may find a lead, in the order in which they are tried: keys, then bridges.
    pub kinds: Vec<Kind>,
    /// How many days after a lead a sale may still be attributed to it, the last day included.
    pub window_days: WindowDays,
    /// Which of several leads gets the sale.
    pub touch: Touch,
}

impl MatchRules {
    /// The rules that `policy` sets.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self {
            kinds: policy.kinds().collect(),
            window_days: policy.window_days(),
            touch: policy.touch(),
        }
    }

    /// The window as a number of days; a policy allows at most 730.
    pub(super) fn window(&self) -> u16 {
        u16::try_from(self.window_days.value()).expect("a policy's window fits two years")
    }
}
