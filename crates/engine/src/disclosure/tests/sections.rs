//! Reports of many sections: they agree, hide what would give each other away, hold what their
//! intervals say, and can be worked out again.

use tiers_protocol::{
    canonical,
    policy::{Margin, Policy, SectionId, TemplateId},
    report::{Figures, Report, Row},
};

use crate::{
    disclosure::{
        ExactTables, NoisyTables, OpenDpNoise, PublicAxes, TableTerms, Terms,
        figures::agreed_counts,
        recompute, release,
        tests::{Seeded, axes, figures::head, full},
        write_report,
    },
    statistics::ExactTable,
};

const CAMPAIGNS: usize = 3;

/// A policy of every section that counts conversions, at the standard prices.
fn policy() -> Policy {
    let standard = include_str!("../../../../../policies/disclosure/standard.toml");
    let (head, _) = standard.split_once("[[templates]]").unwrap();
    let mut text = head.to_owned();
    for (template, margin, cost) in [
        ("conversion/1", "campaign", 45_000_000),
        ("conversion/1", "campaign_model", 30_000_000),
        ("conversion/1", "campaign_department", 30_000_000),
        ("revenue/1", "campaign", 37_500_000),
        ("revenue/1", "campaign_model", 22_500_000),
        ("delay/1", "campaign", 15_000_000),
        ("network/1", "all", 30_000_000),
        ("overlap/1", "all", 15_000_000),
        ("segments/1", "all", 22_500_000),
        ("lift/1", "all", 30_000_000),
        ("partners/1", "all", 15_000_000),
    ] {
        text += &format!(
            "[[templates]]\ntemplate = \"{template}\"\nmargin = \"{margin}\"\ncost_nrho = {cost}\n"
        );
    }
    Policy::from_toml(&text).unwrap()
}

/// The largest policy and its axes.
pub fn everything() -> (Policy, PublicAxes) {
    (policy(), public())
}

fn public() -> PublicAxes {
    let names = |prefix: &str, number: usize| (0..number).map(|i| format!("{prefix}{i}")).collect();
    PublicAxes {
        models: names("M", 4),
        departments: names("D", 3),
        network: names("N", 5),
        pairs: names("P", 3),
        arms: Some([900, 900]),
        ..axes(CAMPAIGNS)
    }
}

/// The counts of a table, and its sums.
type Counted = (Vec<i64>, Option<Vec<i64>>);

/// Units fall into the cells of every section, as they do: each into one.
fn exact(random: &mut Seeded, terms: &Terms, most: u64) -> Vec<Counted> {
    let mut tables: Vec<Counted> = terms
        .tables()
        .iter()
        .map(|of| (vec![0; of.rows()], of.sums().map(|_| vec![0; of.rows()])))
        .collect();
    let centre = i64::try_from(terms.centre_cents()).unwrap();
    for campaign in 0..CAMPAIGNS {
        for _ in 0..random.below(most) {
            let revenue = i64::try_from(random.below(terms.clamp_cents())).unwrap() - centre;
            for (of, (counts, sums)) in terms.tables().iter().zip(&mut tables) {
                let rows = of.rows();
                let below = |random: &mut Seeded, n: usize| {
                    usize::try_from(random.below(n as u64)).unwrap()
                };
                let cell = if of.section().margin == Margin::All {
                    below(random, rows)
                } else {
                    let cells = rows / CAMPAIGNS;
                    // Most of a campaign in its first cell, some cells empty.
                    campaign * cells + below(random, cells).min(below(random, cells))
                };
                counts[cell] += 1;
                if let Some(sums) = sums {
                    sums[cell] += revenue;
                }
            }
        }
    }
    tables
}

fn drawn(tables: &[Counted], terms: &Terms) -> NoisyTables {
    let with = |(of, (counts, sums)): (&TableTerms, &Counted)| {
        ExactTable::new(of.section(), counts.clone(), sums.clone())
    };
    let exact = ExactTables::new(terms.tables().iter().zip(tables).map(with).collect());
    release(exact, terms, &mut OpenDpNoise).unwrap()
}

fn report(random: &mut Seeded, most: u64) -> Report {
    let terms = Terms::of(&policy(), &public()).unwrap();
    let noisy = drawn(&exact(random, &terms, most), &terms);
    write_report(head(), &noisy, &public(), &terms).unwrap()
}

#[test]
fn every_section_of_a_policy_has_its_terms_and_its_price() {
    let terms = Terms::of(&policy(), &public()).unwrap();
    assert_eq!(terms.cost_nrho(), policy().report_cost_nrho());
    let rows: Vec<usize> =
        terms.tables().iter().map(super::super::terms::TableTerms::rows).collect();
    assert_eq!(rows, [3, 12, 9, 21, 5, 1, 27, 2, 3]);
    // Agreement makes campaigns, cells and the total more precise than their own noise.
    let alone = crate::disclosure::tests::terms(CAMPAIGNS);
    let (ours, plain) = (terms.conversions(), alone.conversions());
    assert!(ours.row_law().sigma_count < plain.row_law().sigma_count);
    assert!(ours.total_law().sigma_count < 0.8 * plain.total_law().sigma_count);
    for table in terms.tables() {
        assert!(table.row_law().sigma_count <= table.counts().sigma() + 0.02);
    }
}

#[test]
fn some_sections_of_a_policy_can_be_asked_alone() {
    let of = |asked: &[SectionId]| Terms::of_sections(&policy(), asked, &public());
    let id = SectionId::new;
    let two = of(&[SectionId::CONVERSIONS, id(TemplateId::Network, Margin::All)]).unwrap();
    assert_eq!(two.cost_nrho(), 75_000_000);
    let refused = |asked: &[SectionId]| of(asked).unwrap_err().code();
    assert_eq!(refused(&[id(TemplateId::Network, Margin::All)]), "gate.sections");
    let bare = [SectionId::CONVERSIONS, id(TemplateId::Revenue, Margin::CampaignModel)];
    assert_eq!(refused(&bare), "gate.sections");
    let absent = [SectionId::CONVERSIONS, id(TemplateId::Delay, Margin::All)];
    assert_eq!(refused(&absent), "gate.sections");
}

/// Each of the shipped policies prices what it allows so that noise can be made for it, alone beside
/// conversions and all that its cap pays together.
#[test]
fn every_shipped_policy_can_answer_what_it_allows() {
    for text in [
        include_str!("../../../../../policies/disclosure/standard.toml"),
        include_str!("../../../../../policies/disclosure/strict.toml"),
        include_str!("../../../../../policies/disclosure/retail.toml"),
    ] {
        let policy = Policy::from_toml(text).unwrap();
        let cap = policy.cap_nrho().value();
        let mut together = vec![SectionId::CONVERSIONS];
        for section in policy.allowed().iter().map(|priced| priced.section()) {
            let counts = SectionId::new(TemplateId::Conversion, section.margin);
            let mut asked = vec![SectionId::CONVERSIONS, section];
            asked.extend((section.template == TemplateId::Revenue).then_some(counts));
            asked.sort_unstable();
            asked.dedup();
            let terms = Terms::of_sections(&policy, &asked, &public()).unwrap();
            assert!(terms.cost_nrho() <= cap, "{} {}", policy.name(), section.name());
            let mut more = [&together[..], &asked].concat();
            more.sort_unstable();
            more.dedup();
            let terms = Terms::of_sections(&policy, &more, &public()).unwrap();
            if terms.cost_nrho() <= cap {
                together = more;
            }
        }
        assert!(together.len() >= 4, "{}: {}", policy.name(), together.len());
        assert!(policy.on_request().len() > 9 && policy.templates().len() == 2);
    }
}

/// The cells of a section that belong to one campaign, or all of them.
fn groups(report: &Report, id: SectionId) -> Vec<&[Row]> {
    let rows = &report.section(id).unwrap().rows;
    if id.margin == Margin::All {
        vec![rows]
    } else {
        rows.chunks(rows.len() / CAMPAIGNS).collect()
    }
}

#[test]
fn sta_06_margins_agree_and_no_hidden_cell_can_be_subtracted() {
    let mut random = Seeded(7);
    let (mut pairs, mut less) = (0, 0);
    for round in 0..60 {
        let report = report(&mut random, [30, 120, 500, 2_000][round % 4]);
        recompute(&report).unwrap();
        let first = report.campaigns().unwrap();
        let wholes: Vec<&Figures> = first.rows.iter().map(|row| &row.figures).collect();
        for section in report.sections.iter().filter(|one| one.template.counts_conversions()) {
            assert_eq!(section.total.noisy.map(|n| n.count), first.total.noisy.map(|n| n.count));
            let of_campaign = section.margin != Margin::All;
            for (place, group) in groups(&report, section.id()).into_iter().enumerate() {
                let whole = if of_campaign { wholes[place] } else { &first.total };
                let hidden = group.iter().filter(|row| row.figures.noisy.is_none()).count();
                let shown: i64 = group
                    .iter()
                    .filter_map(|row| row.figures.units.figure())
                    .map(|f| f.value)
                    .sum();
                match whole.units.figure() {
                    // One cell is the campaign itself.
                    Some(whole) if group.len() > 1 => {
                        assert_ne!(hidden, 1, "{:?}", section.id());
                        assert!(shown <= whole.value, "parts of a whole are more than it");
                        assert!(hidden > 0 || shown == whole.value);
                        pairs += u64::from(hidden == 2);
                    }
                    Some(_) => {}
                    None => assert_eq!(hidden, group.len()),
                }
                less +=
                    group.iter().filter(|r| r.figures.noisy.is_some_and(|n| n.taken > 0)).count();
            }
        }
    }
    assert!(pairs > 5 && less > 20, "{pairs} {less}: the worlds of this test are too easy");
}

#[test]
fn no_number_of_a_large_report_can_be_changed_unseen() {
    let report = report(&mut Seeded(3), 500);
    let value = serde_json::to_value(&report).unwrap();
    let mut seen = 0;
    for path in super::figures::numbers(&value, String::new()) {
        if path.starts_with("/head") || path == "/parameters/cohort_min" {
            continue;
        }
        let mut altered = value.clone();
        let number = altered.pointer_mut(&path).unwrap();
        // A price that is off by one gives the same noise to the thousandth; the certificate holds it.
        let more = if path.ends_with("/cost_nrho") { 100_000 } else { 1 };
        *number = (number.as_i64().unwrap() + more).into();
        let Ok(altered) = serde_json::from_value::<Report>(altered) else { continue };
        assert!(recompute(&altered).is_err(), "{path}");
        seen += 1;
    }
    assert!(seen > 200, "{seen}");
    let bytes = canonical::to_vec(&report);
    assert_eq!(canonical::from_slice::<Report>(&bytes).unwrap(), report);
}

/// How often one cell was inside its interval, and inside one that is narrower by a unit.
#[derive(Clone, Copy, Default)]
struct Held {
    inside: u64,
    narrower: u64,
}

impl Held {
    fn add(&mut self, noisy: i64, exact: i64, width: u64) {
        self.inside += u64::from(noisy.abs_diff(exact) <= width);
        self.narrower += u64::from(noisy.abs_diff(exact) < width);
    }
}

/// How many deviations of the binomial law a number of successes is off.
fn deviations(held: u64, of: u64, level: f64) -> f64 {
    (held as f64 - of as f64 * level) / (of as f64 * level * (1.0 - level)).sqrt()
}

/// Over many releases, every cell and total of every section before anything is clipped or hidden.
/// The releases of one cell are independent, so each cell has its own band; that of all of them
/// together is 99.99 %. Levels of agreed numbers are right to some 0.05 %, which full counts see.
#[test]
fn agreed_intervals_hold_the_exact_value_as_often_as_they_say() {
    let releases = if full() { 20_000 } else { 400 };
    let terms = Terms::of(&policy(), &public()).unwrap();
    let mut random = Seeded(11);
    let empty = |of: &TableTerms| vec![Held::default(); of.rows() + 1];
    let mut held: Vec<Vec<Held>> = terms.tables().iter().map(empty).collect();
    for _ in 0..releases {
        let tables = exact(&mut random, &terms, 300);
        let agreed = agreed_counts(&drawn(&tables, &terms), &terms);
        for (place, of) in terms.tables().iter().enumerate() {
            let (ours, truth) = (&agreed[place], &tables[place].0);
            let width = of.row_law().units().width();
            for (cell, (a, b)) in ours.iter().zip(truth).enumerate() {
                held[place][cell].add(*a, *b, width);
            }
            let width = of.total_law().units().width();
            held[place][of.rows()].add(ours.iter().sum(), truth.iter().sum(), width);
        }
    }
    let mut narrower = 0.0_f64;
    for (of, cells) in terms.tables().iter().zip(held) {
        for (cell, held) in cells.into_iter().enumerate() {
            let law = if cell == of.rows() { of.total_law() } else { of.row_law() };
            let off = deviations(held.inside, releases, law.units().level());
            assert!(off.abs() <= 5.2, "{:?} {cell}: {off}", of.section());
            narrower += deviations(held.narrower, releases, law.units().level());
        }
    }
    // The same cells refuse intervals that are narrower by a unit.
    assert!(narrower < -60.0, "{narrower}");
}
