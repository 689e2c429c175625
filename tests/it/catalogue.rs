//! The numbers of `docs/statistics.md`, "What a figure is worth": every row of its tables is worked out
//! here again, from the terms of the standard prices.

use tiers::disclosure::{PublicAxes, PublicCampaign, TableTerms, Terms};
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};

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

/// As many campaigns and dealers as the sample network has.
fn axes() -> PublicAxes {
    let campaign = |place: u64| {
        let name = format!("campaign {place}");
        PublicCampaign { name, leads: 1_000, cost_cents: 1 }
    };
    PublicAxes {
        campaigns: (1..=6).map(campaign).collect(),
        network: (1..=14).map(|dealer| format!("dealer {dealer}")).collect(),
        pairs: vec!["dealers 1 and 2".to_owned()],
        ..PublicAxes::default()
    }
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
    let line = |table: &TableTerms| {
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
    let terms = Terms::of(&policy(), &axes()).unwrap();
    let document = include_str!("../../docs/statistics.md");
    let lines = [of_terms(&terms), of_campaign(&terms)].map(|lines| lines.join("\n"));
    let stands = |lines: &String| document.contains(lines.as_str());
    assert!(lines.iter().all(stands), "docs/statistics.md should hold:\n{}", lines.join("\n\n"));
}
