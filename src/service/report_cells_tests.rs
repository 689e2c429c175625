//! Names and places are one truth: whatever the facts, every section has as many names as cells, and
//! every partner one cell of the network.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tiers_contact::Area;
use tiers_protocol::entropy::System;
use tiers_protocol::party::PartySecret;
use tiers_protocol::policy::{Margin, Policy};
use tiers_protocol::programme::Campaign;
use tiers_protocol::wire::Role;

use super::*;
use crate::disclosure::POOL_MIN;

/// A dealer: group, region, size, agrees to its name, agrees to be compared with everybody.
type Facts = (u8, u8, u32, bool, bool);

fn dealers_of(facts: &[Facts]) -> Vec<Dealer> {
    let keys = PartySecret::generate(&mut System).public();
    let id = |place: usize| PartyId::from_bytes([u8::try_from(place).unwrap() + 1; 16]);
    let all: Vec<PartyId> = (0..facts.len()).map(id).collect();
    let dealer = |(place, (group, region, size, named, compared)): (usize, &Facts)| Dealer {
        party: Party {
            id: id(place),
            role: Role::Partner,
            siren: format!("{place:09}"),
            name: ["Auto Nord", "pool 1", "Auto Sud"][place % 3].to_owned(),
            group: group.to_string(),
            keys: keys.clone(),
        },
        declared: Declaration {
            declared_size: *size,
            region: region.to_string(),
            named: *named,
            exact: false,
            compared_with: if *compared { all.clone() } else { Vec::new() },
        },
    };
    facts.iter().enumerate().map(dealer).collect()
}

fn programme(models: usize, areas: usize, campaigns: usize) -> Programme {
    let standard = include_str!("../../policies/disclosure/standard.toml");
    let codes = ["59", "62", "75", "13"];
    let area = |place: usize| {
        let code = codes[place];
        format!("\n[[areas]]\nname = \"area {place}\"\ndepartments = [\"{code}\"]\n")
    };
    let text: String = (0..areas).map(area).collect();
    let policy = Policy::from_toml(&format!("{standard}{text}")).unwrap();
    assert_eq!(policy.areas().iter().map(|area: &Area| area.name.len()).sum::<usize>(), 6 * areas);
    let campaign = |place: usize| Campaign { name: format!("C{place}"), cost_cents: 1 };
    let mut programme = Programme::new(
        "Essai".to_owned(),
        "measure".to_owned(),
        (0..campaigns).map(campaign).collect(),
        policy,
        jiff::civil::date(2026, 1, 1),
        &mut System,
    );
    programme.models = (0..models).map(|place| format!("model {place}")).collect();
    programme
}

fn cells_of(programme: &Programme, dealers: &[Dealer]) -> Cells {
    let sales: Vec<(DepositId, PartyId)> =
        dealers.iter().map(|dealer| (DepositId::random(&mut System), dealer.party.id)).collect();
    let leads = vec![700; programme.campaigns.len()];
    Cells::of(programme, "2025-06".parse().unwrap(), &leads, &sales, dealers).unwrap()
}

fn facts() -> impl Strategy<Value = Vec<Facts>> {
    let one = (0..6_u8, 0..3_u8, 0..2_000_u32, any::<bool>(), any::<bool>());
    prop::collection::vec(one, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn sta_02_every_section_has_as_many_names_as_cells_and_every_pool_three_groups(
        facts in facts(), models in 0..4_usize, areas in 0..4_usize, campaigns in 1..4_usize,
    ) {
        let programme = programme(models, areas, campaigns);
        let dealers = dealers_of(&facts);
        let cells = cells_of(&programme, &dealers);
        let margins =
            [Margin::Campaign, Margin::CampaignModel, Margin::CampaignDepartment, Margin::All];
        for template in TemplateId::ALL {
            for section in margins.map(|margin| SectionId::new(template, margin)) {
                let keys = cells.axes.keys(section);
                match cells.layout.cells(section) {
                    Ok(count) => prop_assert_eq!(keys.len(), count, "{}", section.name()),
                    Err(_) => prop_assert!(
                        !section.exists() || keys.is_empty() || template == TemplateId::Lift
                    ),
                }
                let mut names = keys.clone();
                names.sort_unstable();
                names.dedup();
                prop_assert_eq!(names.len(), keys.len(), "two rows of one name");
            }
        }
        // Who did not agree stands in a pool of at least three groups, and nobody stands twice.
        let group = |name: &String| {
            let names = names(&dealers);
            let place = names.iter().position(|other| other == name).unwrap();
            dealers[place].party.group.clone()
        };
        let mut pooled: Vec<&String> = Vec::new();
        for pool in &cells.axes.pools {
            let mut groups: Vec<String> = pool.dealers.iter().map(group).collect();
            groups.sort_unstable();
            groups.dedup();
            prop_assert!(groups.len() >= POOL_MIN);
            pooled.extend(&pool.dealers);
        }
        let by_name = cells.axes.network.len() - cells.axes.pools.len();
        if !cells.axes.network.is_empty() {
            prop_assert_eq!(by_name, facts.iter().filter(|fact| fact.3).count());
            prop_assert_eq!(by_name + pooled.len(), facts.len());
        }
        // Pairs agreed on both sides and are of two groups.
        let both = |(place, a): (usize, &Facts)| {
            let others = facts.iter().skip(place + 1);
            others.filter(|b| a.4 && b.4 && a.0 != b.0).count()
        };
        let pairs: usize = facts.iter().enumerate().map(both).sum();
        prop_assert_eq!(cells.axes.pairs.len(), pairs);
    }
}

#[test]
fn a_policy_without_names_pools_everybody() {
    let facts: Vec<Facts> = (0..4).map(|group| (group, 0, 100, true, false)).collect();
    let dealers = dealers_of(&facts);
    let named = names(&dealers);
    assert_eq!(Network::of(&dealers, &named, true).pools, []);
    let pooled = Network::of(&dealers, &named, false);
    assert_eq!(pooled.names, ["pool 1"]);
    assert_eq!(pooled.pools[0].dealers.len(), 4);
    // A dealer whose name reads like a pool, or like another dealer, carries its company number.
    assert!(named[1].ends_with("(000000001)") && named[0].ends_with("(000000000)"));
}

#[test]
fn a_question_is_the_same_in_any_order_and_a_report_is_never_half() {
    let programme = programme(2, 0, 1);
    let facts: Vec<Facts> = (0..4).map(|group| (group, 0, 100, false, false)).collect();
    let cells = cells_of(&programme, &dealers_of(&facts));
    let asked = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        cells.sections(&programme, Some(&names))
    };
    let once = asked(&["conversion/1", "delay/1@all", "network/1@all"]).unwrap();
    let again = asked(&["network/1@all", "conversion/1", "delay/1@all", "conversion/1"]).unwrap();
    assert_eq!(once, again);
    assert_eq!(once[0], SectionId::CONVERSIONS);
    let code = |names: &[&str]| asked(names).unwrap_err().code();
    assert_eq!(code(&["buyers/1"]), "report.unknown_template");
    assert_eq!(code(&["conversion/1", "lift/1@all"]), "report.no_cells");
    let armed = cells_of(&programme, &dealers_of(&facts)).with_arms([3, 4]);
    let names = ["conversion/1", "lift/1@all"].map(str::to_owned);
    assert_eq!(armed.sections(&programme, Some(&names)).map(|found| found.len()), Ok(2));
    assert_eq!(code(&[]), "report.incomplete_templates");
    assert_eq!(code(&["delay/1"]), "report.incomplete_templates");
    let bare = ["conversion/1", "revenue/1@campaign_model"];
    assert_eq!(code(&bare), "report.incomplete_templates");
    assert_eq!(code(&["conversion/1", "conversion/1@campaign_department"]), "report.no_cells");
    assert_eq!(code(&["conversion/1", "partners/1@all"]), "report.no_cells");
    let standing = cells.sections(&programme, None).unwrap();
    assert_eq!(
        standing.iter().map(|one| one.name()).collect::<Vec<_>>(),
        ["conversion/1", "revenue/1"]
    );
}
