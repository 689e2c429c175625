//! What is public before anything is counted: campaigns, and the names of all other rows.
//!
//! The principal's own statements, the policy's lists and declared facts of dealers; nothing here
//! is ever taken from data. From these follow the keys of every section.

use tiers_protocol::{
    policy::{Margin, SectionId, TemplateId},
    report::{DealerPool, RowKey},
};

use super::GateError;

/// What the principal itself stated about a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCampaign {
    /// Its name.
    pub name: String,
    /// The number of its leads in the principal's own file.
    pub leads: u64,
    /// What was spent on it, in cents.
    pub cost_cents: u64,
}

/// The public names along which sections have rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicAxes {
    /// The campaigns of the programme.
    pub campaigns: Vec<PublicCampaign>,
    /// Model families of the programme, the last one for all others.
    pub models: Vec<String>,
    /// Groups of départements of the policy, the last one for all others.
    pub departments: Vec<String>,
    /// Dealers that may be named, and pools.
    pub network: Vec<String>,
    /// Who stands in each pool of `network`.
    pub pools: Vec<DealerPool>,
    /// Pairs of partners, in their fixed public order.
    pub pairs: Vec<String>,
    /// Leads of the treated group and of its control, where a lift was set up.
    pub arms: Option<[u64; 2]>,
}

/// The public denominators of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Leads, where the row is of a known number of them.
    pub leads: Option<u64>,
    /// What was spent, in cents, where it was spent on the row.
    pub cost_cents: Option<u64>,
}

impl PublicAxes {
    /// Axes of campaigns alone.
    #[must_use]
    pub fn of_campaigns(campaigns: Vec<PublicCampaign>) -> Self {
        Self { campaigns, ..Self::default() }
    }

    /// The bins of a section beside its campaigns; none where it has campaigns alone.
    fn cells(&self, section: SectionId) -> Option<Vec<String>> {
        match (section.template, section.margin) {
            (TemplateId::Conversion | TemplateId::Revenue, margin) => match margin {
                Margin::CampaignModel => Some(self.models.clone()),
                Margin::CampaignDepartment => Some(self.departments.clone()),
                Margin::Campaign | Margin::All => None,
            },
            (TemplateId::Network, _) => Some(self.network.clone()),
            (TemplateId::Partners, _) => Some(self.pairs.clone()),
            (template, _) => {
                template.fixed_cells().map(|cells| cells.iter().map(|&c| c.to_owned()).collect())
            }
        }
    }

    /// The keys of a section: campaign by campaign, and the bins within each.
    #[must_use]
    pub fn keys(&self, section: SectionId) -> Vec<RowKey> {
        let cells: Vec<Option<String>> = self
            .cells(section)
            .map_or_else(|| vec![None], |all| all.into_iter().map(Some).collect());
        let campaigns: Vec<Option<String>> = if section.margin == Margin::All {
            vec![None]
        } else {
            self.campaigns.iter().map(|campaign| Some(campaign.name.clone())).collect()
        };
        let with = |campaign: &Option<String>| {
            let key =
                |cell: &Option<String>| RowKey { campaign: campaign.clone(), cell: cell.clone() };
            cells.iter().map(key).collect::<Vec<_>>()
        };
        campaigns.iter().flat_map(with).collect()
    }

    /// Who stands in the pools of a section.
    pub(super) fn pools(&self, section: SectionId) -> Vec<DealerPool> {
        if section.template == TemplateId::Network { self.pools.clone() } else { Vec::new() }
    }

    /// What is stated of each row of a section.
    pub(super) fn stated(&self, section: SectionId) -> Vec<Stated> {
        match section.template {
            TemplateId::Conversion if section.margin == Margin::Campaign => {
                let of = |c: &PublicCampaign| Stated {
                    leads: Some(c.leads),
                    cost_cents: Some(c.cost_cents),
                };
                self.campaigns.iter().map(of).collect()
            }
            TemplateId::Overlap => vec![Stated { leads: Some(self.leads()), cost_cents: None }],
            TemplateId::Lift => {
                let arms = self.arms.unwrap_or_default();
                arms.map(|leads| Stated { leads: Some(leads), cost_cents: None }).to_vec()
            }
            _ => vec![Stated::default(); self.keys(section).len()],
        }
    }

    /// The leads of all campaigns.
    fn leads(&self) -> u64 {
        self.campaigns.iter().fold(0, |sum, campaign| sum.saturating_add(campaign.leads))
    }

    /// Leads and costs of the whole programme.
    pub(super) fn whole(&self) -> Result<PublicCampaign, GateError> {
        let none = PublicCampaign { name: String::new(), leads: 0, cost_cents: 0 };
        self.campaigns.iter().try_fold(none, |all, one| {
            let leads = all.leads.checked_add(one.leads).ok_or(GateError::Overflow)?;
            let cost_cents =
                all.cost_cents.checked_add(one.cost_cents).ok_or(GateError::Overflow)?;
            Ok(PublicCampaign { name: all.name, leads, cost_cents })
        })
    }
}

impl Stated {
    /// What is stated of all rows together: sums of what every row states.
    pub(super) fn sum(rows: impl Iterator<Item = Self>) -> Self {
        let add = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        rows.reduce(|all, row| Self {
            leads: add(all.leads, row.leads),
            cost_cents: add(all.cost_cents, row.cost_cents),
        })
        .unwrap_or_default()
    }
}
