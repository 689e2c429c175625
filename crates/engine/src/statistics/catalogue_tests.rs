//! Is each section the sum that `docs/statistics.md` says it is? The tables that the engine's units make,
//! against a plain recomputation, by name, from the units of the executable specification.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use tiers_protocol::policy::{Margin, SectionId, TemplateId};

use super::{
    CampaignCount, Layout, MonthlyTables, StatisticsError,
    desks::{SECTIONS, clamp, layout},
};
use crate::{
    matching::{
        Arm, UnitMonth,
        naive::Admitted,
        worlds::{CAMPAIGNS, Dice, PARTNERS, World, cases, collected_armed, effort, naive_armed},
    },
    vault::{Day, Month},
};

/// Every section that has cells in a world, conversions and revenue first.
fn sections() -> Vec<SectionId> {
    let all = [TemplateId::Delay, TemplateId::Segments];
    let all = all.map(|template| SectionId::new(template, Margin::All));
    SECTIONS.into_iter().chain(all).collect()
}

/// Name of the bin of a unit in a template; `None` if it is in none.
fn bin(section: SectionId, unit: &UnitMonth) -> Option<String> {
    let by = unit.conversion();
    let name =
        |place: Option<u8>| place.map_or_else(|| "other".to_owned(), |place| place.to_string());
    match section.template {
        TemplateId::Conversion | TemplateId::Revenue => by.map(|by| match section.margin {
            Margin::CampaignModel => name(by.traits().model()),
            Margin::CampaignDepartment => name(by.traits().area()),
            _ => String::new(),
        }),
        TemplateId::Delay => by.map(|by| {
            let bin = match by.delay_days() {
                0..=7 => "0-7",
                8..=14 => "8-14",
                15..=30 => "15-30",
                31..=60 => "31-60",
                61..=90 => "61-90",
                91..=180 => "91-180",
                _ => "181-730",
            };
            bin.to_owned()
        }),
        TemplateId::Network => by.map(|by| format!("dealer {}", by.partner())),
        TemplateId::Overlap => unit.known().then(|| "known".to_owned()),
        TemplateId::Partners => unit.pair().map(|pair| format!("pair {pair}")),
        TemplateId::Segments => by.map(|_| segment(unit)),
        TemplateId::Lift => by.and_then(|by| {
            by.arm().map(|arm| if arm == Arm::Treated { "treated" } else { "control" }.to_owned())
        }),
    }
}

fn segment(unit: &UnitMonth) -> String {
    let (bought, (_, end)) = (unit.bought(), unit.month().days());
    let days = end.epoch_days() - bought.last().epoch_days();
    let recency = if days < 7 {
        3
    } else if days < 14 {
        2
    } else {
        1
    };
    let frequency = match bought.sales() {
        0 | 1 => 1,
        2 | 3 => 2,
        _ => 3,
    };
    // The clamp is 40,000 EUR.
    let amount = match bought.cents() {
        0..1_000_000 => 1,
        1_000_000..2_000_000 => 2,
        _ => 3,
    };
    format!("r{recency}f{frequency}a{amount}")
}

/// Names of the cells of a section, in order: campaign, bin.
fn names(section: SectionId) -> Vec<(u16, String)> {
    let bins: Vec<String> = match section.template {
        TemplateId::Conversion | TemplateId::Revenue if section.margin == Margin::Campaign => {
            vec![String::new()]
        }
        TemplateId::Conversion | TemplateId::Revenue => {
            ["0", "1", "other"].map(String::from).into()
        }
        TemplateId::Network => (0..PARTNERS).map(|place| format!("dealer {place}")).collect(),
        TemplateId::Partners => (0..PARTNERS).map(|place| format!("pair {place}")).collect(),
        fixed => fixed.fixed_cells().unwrap().iter().map(|&name| name.to_owned()).collect(),
    };
    let campaigns = if section.margin == Margin::All { 1 } else { CAMPAIGNS };
    (0..campaigns)
        .flat_map(|campaign| bins.iter().map(move |bin| (campaign, bin.clone())))
        .collect()
}

/// A section's counts, and its centred sums, cell by cell.
fn plainly(section: SectionId, units: &[UnitMonth]) -> (Vec<i64>, Vec<i64>) {
    let mut cells: BTreeMap<(u16, String), (i64, i64)> = BTreeMap::new();
    for unit in units {
        let Some(bin) = bin(section, unit) else { continue };
        let campaign = unit.conversion().map_or(0, |by| by.campaign());
        let campaign = if section.margin == Margin::All { 0 } else { campaign };
        let revenue = unit.conversion().map_or(0, |by| by.revenue_cents().min(4_000_000));
        let cell = cells.entry((campaign, bin)).or_default();
        cell.0 += 1;
        cell.1 += i64::try_from(revenue).unwrap() - 2_000_000;
    }
    names(section).iter().map(|name| cells.remove(name).unwrap_or_default()).unzip()
}

#[test]
fn each_section_is_the_sum_that_it_says() {
    let mut filled: BTreeMap<SectionId, usize> = BTreeMap::new();
    for seed in 0..cases(4_000) {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        let (leads, partners) = (world.all_leads(), world.partners());
        let (mut ours, mut theirs) = (Admitted::new(world.limit), Admitted::new(world.limit));
        for month in world.months() {
            let how = (&world.rules, &partners, month);
            let (effort, admitted) = (effort(&mut dice), &mut ours.at(month));
            let units = collected_armed(&world.sales, &world.leads, how, effort, admitted).unwrap();
            let mut tables = MonthlyTables::new(&sections(), layout(month)).unwrap();
            units.into_iter().try_for_each(|unit| tables.add(unit)).unwrap();
            let (rule, admitted) = ((&world.rules, &partners, month), &mut theirs.at(month));
            let units = naive_armed(&world.sales, &leads, rule, admitted).unwrap();
            let counted = sections().into_iter().filter(|id| id.template != TemplateId::Revenue);
            for (table, section) in tables.finish().into_iter().zip(counted) {
                assert!(table.section() == section);
                let (counts, cents) = table.into_exact();
                let (expected, sums) = plainly(section, &units);
                assert!(counts == expected, "world {seed}, {}", section.name());
                let is_conversion = section == SectionId::CONVERSIONS;
                assert!(cents == is_conversion.then_some(sums), "world {seed}");
                let total: i64 = counts.iter().sum();
                let converted = units.iter().filter(|unit| unit.conversion().is_some()).count();
                if section.template.counts_conversions() {
                    assert_eq!(total, i64::try_from(converted).unwrap(), "world {seed}");
                }
                let cells = counts.iter().filter(|count| **count > 0).count();
                *filled.entry(section).or_default() += cells;
            }
        }
    }
    assert_eq!(filled.len(), sections().len() - 1);
    assert!(filled.values().all(|cells| *cells > 50), "{:?}", filled.values());
}

#[test]
fn a_section_without_public_cells_is_refused() {
    let month: Month = Day::from_epoch_days(20_000).month();
    let bare = || Layout::new(month, CampaignCount::new(2), clamp());
    let refused = |sections: &[SectionId], layout: Layout| {
        MonthlyTables::new(sections, layout).err() == Some(StatisticsError::NoSuchSection)
    };
    for section in SECTIONS {
        let needs =
            matches!(
                section.template,
                TemplateId::Network | TemplateId::Partners | TemplateId::Lift
            ) || matches!(section.margin, Margin::CampaignModel | Margin::CampaignDepartment);
        let alone = section.template == TemplateId::Revenue;
        assert_eq!(refused(&[section], bare()), needs || alone, "{}", section.name());
        assert_eq!(refused(&[section], layout(month)), alone, "{}", section.name());
    }
    let revenue = SectionId::new(TemplateId::Revenue, Margin::Campaign);
    assert!(!refused(&[SectionId::CONVERSIONS, revenue], bare()));
    // Not in the catalogue at all.
    assert!(refused(&[SectionId::new(TemplateId::Delay, Margin::CampaignModel)], bare()));
    assert!(refused(&[SectionId::new(TemplateId::Conversion, Margin::All)], bare()));
}
