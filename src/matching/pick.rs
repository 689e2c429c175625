//! Which of the leads with one token gets a sale.

use tiers_protocol::policy::Touch;

use super::MatchRules;
use crate::vault::Day;

/// The leads with one token of one kind.
#[derive(Default)]
pub(super) struct Candidates {
    /// Sorted by day, then by campaign.
    leads: Vec<(Day, u16)>,
}

impl Candidates {
    /// Replaces the candidates.
    pub fn replace(&mut self, leads: impl Iterator<Item = (Day, u16)>) {
        self.leads.clear();
        self.leads.extend(leads);
        if self.leads.len() > 1 {
            self.leads.sort_unstable();
        }
    }

    /// Day and campaign of the lead that gets a sale of the day `sale`: of those from `window` days
    /// before it to the day itself, the latest or the earliest; of one day, the smallest campaign.
    pub fn pick(&self, sale: Day, rules: &MatchRules) -> Option<(Day, u16)> {
        let from = self.leads.partition_point(|(day, _)| *day < sale.minus(rules.window()));
        let to = self.leads.partition_point(|(day, _)| *day <= sale);
        let within = self.leads.get(from..to)?;
        let day = match rules.touch() {
            Touch::First => within.first()?.0,
            Touch::Last => within.last()?.0,
        };
        let place = within.partition_point(|(other, _)| *other < day);
        within.get(place).copied()
    }
}
