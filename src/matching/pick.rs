//! Which of the leads with one token gets a sale.

use tiers_protocol::policy::Touch;

use super::{MatchRules, block::Block};
use crate::vault::Day;

/// The leads with one token of one kind.
#[derive(Default)]
pub(super) struct Candidates {
    /// Sorted by day, then by campaign.
    leads: Vec<(Day, u16)>,
    /// Whether any lead will do, and there is one.
    any: bool,
}

impl Candidates {
    /// Replaces the candidates by the leads of these numbers; without rules any of them will do.
    pub fn open(&mut self, leads: &Block<'_>, found: &[u64], rules: Option<&MatchRules>) {
        self.any = rules.is_none() && !found.is_empty();
        self.leads.clear();
        if rules.is_some() && !found.is_empty() {
            let rows = found.iter().map(|key| leads.row(*key));
            self.leads.extend(rows.map(|row| (leads.rows.day(row), leads.rows.campaign(row))));
            self.leads.sort_unstable();
        }
    }

    /// Day and campaign of the lead that gets a sale of the day `sale`: of those from `window` days
    /// before it to the day itself, the latest or the earliest; of one day, the smallest campaign.
    /// Without rules, the day of the sale and campaign 0 if there is any lead.
    pub fn pick(&self, sale: Day, rules: Option<&MatchRules>) -> Option<(Day, u16)> {
        let Some(rules) = rules else { return self.any.then_some((sale, 0)) };
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
