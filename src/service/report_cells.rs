//! The public facts of one report: which rows each section has, what they are called, and in which of
//! them a unit is counted.
//!
//! Names ([`PublicAxes`]) and places ([`Layout`], [`Partners`]) are made here from one set of facts, so
//! that they cannot differ: lists of programme and policy, and what partners with sales in the snapshot
//! declared. Nothing here follows from data. Rules: `docs/decisions/0022-dealers.md` and
//! `docs/decisions/0041-asking-for-sections.md`.

use std::collections::BTreeMap;

use tiers_protocol::ids::{DepositId, PartyId};
use tiers_protocol::policy::{SectionId, TemplateId};
use tiers_protocol::programme::Programme;
use tiers_protocol::report::DealerPool;
use tiers_protocol::wire::Declaration;

use super::{Refusal, ServiceError};
use crate::disclosure::{DealerCell, Declared, MAX_ROWS, PublicAxes, PublicCampaign, cells};
use crate::matching::Partners;
use crate::statistics::{CampaignCount, Layout};
use crate::store::Tx;
use crate::store::party::Party;
use crate::vault::Month;

/// The cell of models, areas and the like that holds what is on no list.
const OTHERS: &str = "*";

/// A partner with sales in the snapshot.
struct Dealer {
    party: Party,
    declared: Declaration,
}

/// What is public about the rows of a report.
pub(super) struct Cells {
    /// The names of rows.
    pub(super) axes: PublicAxes,
    /// The places of units.
    pub(super) layout: Layout,
    /// Whose the deposits of sales are, in the order in which they are matched.
    pub(super) partners: Partners,
}

impl Cells {
    /// The rows of a month of a programme; `sales` are the snapshot's deposits with who made them,
    /// `leads` the number of leads of each campaign.
    pub(super) fn gather(
        tx: &Tx<'_>,
        programme: &Programme,
        month: Month,
        leads: &[u64],
        sales: &[(DepositId, PartyId)],
    ) -> Result<Self, ServiceError> {
        Ok(Self::of(programme, month, leads, sales, &dealers(tx, programme, sales)?)?)
    }

    fn of(
        programme: &Programme,
        month: Month,
        leads: &[u64],
        sales: &[(DepositId, PartyId)],
        dealers: &[Dealer],
    ) -> Result<Self, Refusal> {
        let place: BTreeMap<PartyId, u16> =
            dealers.iter().map(|dealer| dealer.party.id).zip(0..).collect();
        let of_deposit = sales.iter().map(|(_, party)| place.get(party).copied().unwrap_or(0));
        let names = names(dealers);
        let network = Network::of(dealers, &names, programme.policy.dealer_names());
        let pairs = pairs(dealers);
        let policy = &programme.policy;
        let axes = PublicAxes {
            campaigns: campaigns(programme, leads),
            models: listed(programme.models.iter()),
            departments: listed(policy.areas().iter().map(|area| &area.name)),
            network: network.names,
            pools: network.pools,
            pairs: pairs.iter().map(|(a, b)| pair_name(&names, *a, *b)).collect(),
            arms: None,
        };
        let count = |length: usize| u8::try_from(length).map_err(|_| Refusal::BadProgramme);
        let campaigns = u16::try_from(axes.campaigns.len()).map_err(|_| Refusal::BadProgramme)?;
        let layout = Layout::new(month, CampaignCount::new(campaigns), policy.clamp_cents())
            .with_network(network.cell_of)
            .with_pairs(u16::try_from(pairs.len()).map_err(|_| Refusal::NoCells)?)
            .with_lists(count(programme.models.len())?, count(policy.areas().len())?);
        let partners = Partners::new(of_deposit.collect()).with_pairs(&pairs);
        Ok(Self { axes, layout, partners })
    }

    /// The same where leads are in the arms of a lift, with so many persons.
    pub(super) fn with_arms(self, persons: [u64; 2]) -> Self {
        let axes = PublicAxes { arms: Some(persons), ..self.axes };
        Self { axes, layout: self.layout.with_arms(), ..self }
    }

    /// Whether a section has rows here, and not too many.
    fn has(&self, section: SectionId) -> bool {
        self.layout.cells(section).is_ok_and(|cells| cells <= MAX_ROWS)
    }

    /// The sections that a request means, in their order; without names, those that the policy tells by
    /// itself and that have rows.
    ///
    /// # Errors
    /// [`Refusal::UnknownTemplate`], [`Refusal::IncompleteTemplates`], [`Refusal::NoCells`].
    pub(super) fn sections(
        &self,
        programme: &Programme,
        asked: Option<&[String]>,
    ) -> Result<Vec<SectionId>, Refusal> {
        let policy = &programme.policy;
        let Some(asked) = asked else {
            let standing = policy.templates().iter().map(|priced| priced.section());
            let mut sections: Vec<SectionId> = standing.filter(|one| self.has(*one)).collect();
            sections.retain(|one| *one != SectionId::CONVERSIONS);
            sections.insert(0, SectionId::CONVERSIONS);
            return Ok(sections);
        };
        let allowed = policy.allowed();
        let known = |name: &String| {
            let found = allowed.iter().find(|priced| priced.section().name() == *name);
            found.map(|priced| priced.section()).ok_or(Refusal::UnknownTemplate)
        };
        let mut sections = asked.iter().map(known).collect::<Result<Vec<_>, Refusal>>()?;
        sections.sort_unstable();
        sections.dedup();
        let beside = |one: &SectionId| {
            let counts = SectionId::new(TemplateId::Conversion, one.margin);
            one.template != TemplateId::Revenue || sections.contains(&counts)
        };
        if !sections.contains(&SectionId::CONVERSIONS) || !sections.iter().all(beside) {
            return Err(Refusal::IncompleteTemplates);
        }
        if sections.iter().all(|one| self.has(*one)) { Ok(sections) } else { Err(Refusal::NoCells) }
    }
}

/// Partners with sales in the snapshot, in the public order of the programme.
fn dealers(
    tx: &Tx<'_>,
    programme: &Programme,
    sales: &[(DepositId, PartyId)],
) -> Result<Vec<Dealer>, ServiceError> {
    let mut dealers = Vec::new();
    for member in tx.members(&programme.id)? {
        if !sales.iter().any(|(_, party)| *party == member.party) {
            continue;
        }
        let party = tx.party(&member.party)?.ok_or(Refusal::NotFound)?;
        let declared = tx.declaration(&programme.id, &member.party)?;
        let declared = declared.unwrap_or_else(|| Declaration::silent(member.declared_size));
        dealers.push(Dealer { party, declared });
    }
    Ok(dealers)
}

/// What each dealer is called: its name, with its company number where another has the same or where it
/// reads like a pool.
fn names(dealers: &[Dealer]) -> Vec<String> {
    let alike = |name: &str| dealers.iter().filter(|other| other.party.name == name).count() > 1;
    let name = |dealer: &Dealer| {
        let Party { name, siren, .. } = &dealer.party;
        if alike(name) || name.starts_with("pool ") {
            format!("{name} ({siren})")
        } else {
            name.clone()
        }
    };
    dealers.iter().map(name).collect()
}

/// The cells of `network/1`; none if the dealers cannot be told apart safely.
#[derive(Default)]
struct Network {
    names: Vec<String>,
    pools: Vec<DealerPool>,
    cell_of: Vec<u16>,
}

impl Network {
    fn of(dealers: &[Dealer], names: &[String], by_name: bool) -> Self {
        let declared = dealers.iter().map(|dealer| Declared {
            group: &dealer.party.group,
            region: &dealer.declared.region,
            size: dealer.declared.declared_size,
            named: by_name && dealer.declared.named,
        });
        let declared: Vec<Declared<'_>> = declared.collect();
        let Some(cells) = cells(&declared) else { return Self::default() };
        let mut network = Self { cell_of: vec![0; dealers.len()], ..Self::default() };
        for (cell, place) in cells.into_iter().zip(0_u16..) {
            let members = match cell {
                DealerCell::Named(dealer) => {
                    network.names.extend(names.get(dealer).cloned());
                    vec![dealer]
                }
                DealerCell::Pool(members) => {
                    let cell = format!("pool {}", network.pools.len() + 1);
                    let dealers = members.iter().filter_map(|at| names.get(*at).cloned());
                    network
                        .pools
                        .push(DealerPool { cell: cell.clone(), dealers: dealers.collect() });
                    network.names.push(cell);
                    members
                }
            };
            for dealer in members {
                if let Some(of) = network.cell_of.get_mut(dealer) {
                    *of = place;
                }
            }
        }
        network
    }
}

/// Pairs of dealers of different groups who both agreed to be compared with each other, in the public
/// order; none if there are more than a section has rows.
fn pairs(dealers: &[Dealer]) -> Vec<(u16, u16)> {
    let agrees =
        |one: &Dealer, other: &Dealer| one.declared.compared_with.contains(&other.party.id);
    let mut pairs = Vec::new();
    for (a, one) in (0_u16..).zip(dealers) {
        for (b, other) in (0_u16..).zip(dealers).skip(usize::from(a) + 1) {
            if one.party.group != other.party.group && agrees(one, other) && agrees(other, one) {
                pairs.push((a, b));
            }
        }
    }
    if pairs.len() > MAX_ROWS { Vec::new() } else { pairs }
}

fn pair_name(names: &[String], a: u16, b: u16) -> String {
    let name = |place: u16| names.get(usize::from(place)).map_or("", String::as_str);
    format!("{} + {}", name(a), name(b))
}

/// Names, leads and costs: the principal's own statements.
fn campaigns(programme: &Programme, leads: &[u64]) -> Vec<PublicCampaign> {
    let stated = programme.campaigns.iter().zip(leads).map(|(campaign, leads)| PublicCampaign {
        name: campaign.name.clone(),
        leads: *leads,
        cost_cents: campaign.cost_cents,
    });
    stated.collect()
}

/// A list with a cell for everything that is not on it; no cells without a list.
fn listed<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut cells: Vec<String> = names.cloned().collect();
    if !cells.is_empty() {
        cells.push(OTHERS.to_owned());
    }
    cells
}

#[cfg(test)]
#[path = "report_cells_tests.rs"]
mod tests;
