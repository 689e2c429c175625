//! Which of the leads with one token gets a sale.

use tiers_protocol::policy::Touch;

use super::{MatchRules, rows::Fact};
use crate::vault::Day;

/// The leads with one token of one kind.
#[derive(Default)]
pub(super) struct Candidates {
    /// Sorted by day, then by campaign.
    leads: Vec<(Day, u16)>,
    /// Whether there is any lead.
    met: bool,
}

impl Candidates {
    /// Replaces the candidates by these leads; without rules any of them will do.
    pub fn open(&mut self, leads: &[Fact], rules: Option<&MatchRules>) {
        self.met = !leads.is_empty();
        self.leads.clear();
        if rules.is_some() && !leads.is_empty() {
            self.leads.extend(leads.iter().map(|fact| (fact.day, fact.campaign())));
            self.leads.sort_unstable();
        }
    }

    /// Whether any lead has the token, whenever it was made.
    pub const fn met(&self) -> bool {
        self.met
    }

    /// Day and campaign of the lead that gets a sale of the day `sale`: of those from `window` days
    /// before it to the day itself, the latest or the earliest; of one day, the smallest campaign.
    /// Without rules, the day of the sale and campaign 0 if there is any lead.
    pub fn pick(&self, sale: Day, rules: Option<&MatchRules>) -> Option<(Day, u16)> {
        let Some(rules) = rules else { return self.met.then_some((sale, 0)) };
        if self.leads.is_empty() {
            return None;
        }
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
