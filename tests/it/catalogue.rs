//! The numbers of `docs/statistics.md`, "What a figure is worth": every row of its tables is worked out
//! here again, from the terms of the standard prices and from the sample network.

use std::collections::BTreeMap;

use tiers::disclosure::{PublicAxes, PublicCampaign, Terms};
use tiers::matching::naive::{self, Admitted};
use tiers::matching::{MatchRules, Partners, UnitMonth};
use tiers::statistics::{CampaignCount, Layout, MonthlyTables};
use tiers::vault::Month;
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};

use crate::harness::network::Network;

const fn of(template: TemplateId, margin: Margin) -> SectionId {
    SectionId::new(template, margin)
}

/// Every section that needs no list of models or areas.
const SECTIONS: [SectionId; 9] = [
    SectionId::CONVERSIONS,
    of(TemplateId::Revenue, Margin::Campaign),
    of(TemplateId::Delay, Margin::Campaign),
    of(TemplateId::Delay, Margin::All),
    of(TemplateId::Network, Margin::All),
    of(TemplateId::Overlap, Margin::All),
    of(TemplateId::Segments, Margin::Campaign),
    of(TemplateId::Segments, Margin::All),
    of(TemplateId::Partners, Margin::All),
];

/// The standard policy, with every section at its standard price.
fn policy() -> Policy {
    let standard = include_str!("../../policies/disclosure/standard.toml");
    let (head, _) = standard.split_once("[[templates]]").unwrap();
    let sections = SECTIONS.map(|section| {
        let margin = if section.margin == Margin::All { "all" } else { "campaign" };
        let (name, cost) = (section.template.name(), section.standard_cost_nrho().unwrap());
        format!("[[templates]]\ntemplate = \"{name}\"\nmargin = \"{margin}\"\ncost_nrho = {cost}\n")
    });
    Policy::from_toml(&format!("{head}{}", sections.concat())).unwrap()
}

fn axes(network: &Network) -> PublicAxes {
    let campaign =
        |name: &str| PublicCampaign { name: name.to_owned(), leads: 1_000, cost_cents: 1 };
    let dealers = (1..=network.sales.len()).map(|dealer| format!("dealer {dealer}")).collect();
    PublicAxes {
        campaigns: network.programme.campaigns.iter().map(|one| campaign(&one.name)).collect(),
        network: dealers,
        pairs: vec!["dealers 1 and 2".to_owned()],
        ..PublicAxes::default()
    }
}

/// The units of every month, asked for in the order of the calendar.
fn months(network: &Network) -> BTreeMap<Month, Vec<UnitMonth>> {
    let rules = MatchRules::of(&network.programme.policy);
    let count = u16::try_from(network.sales.len()).unwrap();
    let partners = Partners::new((0..count).collect()).with_pairs(&[(0, 1)]);
    let sales: Vec<_> = network.sales.iter().map(|(_, rows)| rows.clone()).collect();
    let mut admitted = Admitted::new(network.programme.policy.sale_months_per_year());
    let mut months = BTreeMap::new();
    for month in network.all_sales().iter().map(|row| row.date.month()) {
        months.entry(month).or_insert_with(Vec::new);
    }
    for (month, units) in &mut months {
        let (how, at) = ((&rules, &partners), &mut admitted.at(*month));
        *units = naive::attribute(&sales, &network.leads, how, *month, at).unwrap();
    }
    months
}

/// Exact counts of every section in every month.
fn exact(network: &Network) -> BTreeMap<SectionId, Vec<i64>> {
    let mut cells: BTreeMap<SectionId, Vec<i64>> = BTreeMap::new();
    for (month, units) in months(network) {
        let campaigns = u16::try_from(network.programme.campaigns.len()).unwrap();
        let clamp = network.programme.policy.clamp_cents();
        let dealers = u16::try_from(network.sales.len()).unwrap();
        let layout = Layout::new(month, CampaignCount::new(campaigns), clamp);
        let layout = layout.with_network((0..dealers).collect()).with_pairs(1);
        let mut tables = MonthlyTables::new(&SECTIONS, layout).unwrap();
        units.into_iter().try_for_each(|unit| tables.add(unit)).unwrap();
        for table in tables.finish() {
            cells.entry(table.section()).or_default().extend(table.into_exact().0);
        }
    }
    cells
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Price, scale, interval and threshold of a row and of the total of each section.
fn of_terms(terms: &Terms) -> Vec<String> {
    let line = |table: &tiers::disclosure::TableTerms| {
        let noise = table.noise();
        let (row, total) = (table.row_law(), table.total_law());
        format!(
            "| `{}` | {} | {}.{:03} | {} | {:.6} | {} | {} |",
            table.section().name(),
            grouped(noise[0].cost_nrho),
            noise[0].sigma_milli / 1_000,
            noise[0].sigma_milli % 1_000,
            row.units().width(),
            row.units().level(),
            row.threshold(),
            total.units().width(),
        )
    };
    terms.tables().iter().map(line).collect()
}

/// Probability that noise leaves a count at or above a threshold.
fn shown(count: i64, threshold: u64, sigma: f64) -> f64 {
    let least = i64::try_from(threshold).unwrap() as f64 - 0.5;
    0.5 * libm::erfc((least - count as f64) / (sigma * std::f64::consts::SQRT_2))
}

/// The sample network: cells of all months, and how many of them an exact threshold of 50 would have
/// shown, beside those that the gate shows.
fn of_sample(terms: &Terms, network: &Network) -> Vec<String> {
    let cells = exact(network);
    let line = |table: &tiers::disclosure::TableTerms| {
        let (section, row) = (table.section(), table.row_law());
        let counts = &cells[&section];
        let sigma = table.counts().sigma();
        let expected: f64 = counts.iter().map(|n| shown(*n, row.threshold(), sigma)).sum();
        let exactly = counts.iter().filter(|count| **count >= 50).count();
        let mut sorted = counts.clone();
        sorted.sort_unstable();
        let (median, most) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
        format!(
            "| `{}` | {} | {median} | {most} | {} | {expected:.0} | {exactly} |",
            section.name(),
            counts.len(),
            row.units().width(),
        )
    };
    terms.tables().iter().map(line).collect()
}

/// A figure of a count: value, interval, share, and what an exact threshold of 50 shows.
fn figure(what: &str, count: u64, width: u64, threshold: u64) -> String {
    let value = if count >= threshold {
        format!(
            "{} to {}, {:.1} %",
            count - width,
            count + width,
            100.0 * width as f64 / count as f64
        )
    } else {
        "mostly hidden".to_owned()
    };
    let exactly = if count >= 50 { count.to_string() } else { "nothing".to_owned() };
    format!("| {what} | {count} | {value} | {exactly} |")
}

/// A national campaign of 500 conversions, one of six, and dealers.
fn of_campaign(terms: &Terms) -> Vec<String> {
    let law = |section: SectionId| {
        let found = terms.tables().iter().find(|table| table.section() == section);
        *found.unwrap().row_law()
    };
    let count = |what: &str, section: SectionId, count: u64| {
        let law = law(section);
        figure(what, count, law.units().width(), law.threshold())
    };
    let (delay, network) =
        (of(TemplateId::Delay, Margin::Campaign), of(TemplateId::Network, Margin::All));
    let segments = of(TemplateId::Segments, Margin::Campaign);
    let revenue = law(SectionId::CONVERSIONS).revenue().unwrap().width();
    // 500 conversions of 25,000 EUR; half widths are in cents.
    let share = revenue as f64 / 12_500_000.0;
    vec![
        count("conversions", SectionId::CONVERSIONS, 500),
        format!(
            "| revenue, 25,000 EUR each | 12,500,000 EUR | within {} EUR, {share:.1} % | 12,500,000 EUR |",
            grouped(revenue / 100)
        ),
        count("sold within 15 to 30 days", delay, 110),
        count("a segment of 60", segments, 60),
        count("a pool of ten dealers with 20 each", network, 200),
        count("a dealer with 40 sales", network, 40),
        count("a dealer with 25 sales", network, 25),
        count("a dealer with 10 sales", network, 10),
    ]
}

#[test]
fn the_tables_of_the_document_are_worked_out_here() {
    let network = Network::read();
    let terms = Terms::of(&policy(), &axes(&network)).unwrap();
    let document = include_str!("../../docs/statistics.md");
    let lines =
        [of_terms(&terms), of_sample(&terms, &network), of_campaign(&terms)].map(|l| l.join("\n"));
    let stands = |lines: &String| document.contains(lines.as_str());
    assert!(lines.iter().all(stands), "docs/statistics.md should hold:\n{}", lines.join("\n\n"));
}
