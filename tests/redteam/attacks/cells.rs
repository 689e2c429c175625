//! What hidden cells are given away by what stands around them: a rank test and a linear program over all
//! published cells and totals, as the auditors of statistical tables play it (τ-ARGUS), and the best estimate
//! of a cell by who knows all that are hidden beside it.

use std::collections::BTreeMap;

use serde_json::Value;
use tiers::disclosure::{
    EveryPartnerAgreed, ExactTables, OpenDpNoise, PublicAxes, PublicCampaign, TableTerms, Terms,
    recompute, release, write_report,
};
use tiers::statistics::ExactTable;
use tiers_protocol::certificate::{NamedPolicy, NamedProgramme};
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::{ProgrammeId, ReleaseId};
use tiers_protocol::policy::{Margin, Policy, SectionId, TemplateId};
use tiers_protocol::report::{Cell, Figure, Figures, HiddenReason, Report, ReportHead};

use super::sums::Sums;
use crate::bench::catalogue::attack;
use crate::bench::exact::K;
use crate::bench::{Dice, count, standard};

const CAMPAIGNS: usize = 4;

/// Everything that divides conversions, and what revenue stands beside.
const SECTIONS: [SectionId; 7] = [
    SectionId::CONVERSIONS,
    SectionId::new(TemplateId::Conversion, Margin::CampaignModel),
    SectionId::new(TemplateId::Revenue, Margin::Campaign),
    SectionId::new(TemplateId::Delay, Margin::Campaign),
    SectionId::new(TemplateId::Delay, Margin::All),
    SectionId::new(TemplateId::Network, Margin::All),
    SectionId::new(TemplateId::Segments, Margin::All),
];

fn axes() -> PublicAxes {
    let names = |prefix: &str, number: usize| (0..number).map(|i| format!("{prefix}{i}")).collect();
    let campaign =
        |i| PublicCampaign { name: format!("C{i}"), leads: 5_000, cost_cents: 1_000_000 };
    PublicAxes {
        campaigns: (0..CAMPAIGNS).map(campaign).collect(),
        models: names("M", 4),
        network: names("N", 8),
        ..PublicAxes::default()
    }
}

fn terms(policy: &Policy, sections: &[SectionId]) -> Terms {
    Terms::of_sections(policy, sections, &axes()).unwrap()
}

/// Counts and centred sums of one table.
#[derive(Clone)]
struct Cells {
    counts: Vec<i64>,
    sums: Option<Vec<i64>>,
}

/// Units fall into cells, each into one of every table, a few cells of each group hardly ever.
fn units(dice: &mut Dice, terms: &Terms) -> Vec<Cells> {
    let empty = |of: &TableTerms| Cells {
        counts: vec![0; of.rows()],
        sums: of.sums().map(|_| vec![0; of.rows()]),
    };
    let mut tables: Vec<Cells> = terms.tables().iter().map(empty).collect();
    let clamp = 2 * terms.centre_cents();
    for campaign in 0..CAMPAIGNS {
        for _ in 0..40 + dice.below(400) {
            let revenue =
                i64::try_from(dice.below(clamp)).unwrap() - i64::try_from(clamp / 2).unwrap();
            for (of, table) in terms.tables().iter().zip(&mut tables) {
                let cells = match of.section().margin {
                    Margin::All => of.rows(),
                    _ => of.rows() / CAMPAIGNS,
                };
                let mut below = || usize::try_from(dice.below(cells as u64)).unwrap();
                let within = below().min(below());
                let cell = match of.section().margin {
                    Margin::All => within,
                    _ => campaign * cells + within,
                };
                table.counts[cell] += 1;
                if let Some(sums) = &mut table.sums {
                    sums[cell] += revenue;
                }
            }
        }
    }
    tables
}

fn exact(terms: &Terms, tables: &[Cells]) -> ExactTables {
    let table = |(of, cells): (&TableTerms, &Cells)| {
        ExactTable::new(of.section(), cells.counts.clone(), cells.sums.clone())
    };
    ExactTables::new(terms.tables().iter().zip(tables).map(table).collect())
}

/// What the principal gets: the report as its reader has it.
fn report(terms: &Terms, tables: &[Cells]) -> Report {
    let head = ReportHead {
        release: ReleaseId::from_bytes([1; 16]),
        programme: NamedProgramme { id: ProgrammeId::from_bytes([2; 16]), name: "P".to_owned() },
        policy: NamedPolicy { name: "standard".to_owned(), sha256: sha256(b"policy") },
        period: "2025-06".to_owned().try_into().unwrap(),
        snapshot: 1,
    };
    let noisy = release(exact(terms, tables), terms, &mut OpenDpNoise).unwrap();
    write_report(head, &noisy, &axes(), terms).unwrap()
}

/// The published values as sums: the total first, then the campaigns, then all other cells. `value` is what
/// of a row is looked at, where it is published.
fn published(report: &Report, value: impl Fn(&Figures) -> Option<i64>) -> Sums {
    let (first, others) = report.sections.split_first().unwrap();
    let mut sums = Sums::default();
    let total = sums.cell(value(&first.total));
    let campaigns: Vec<usize> =
        first.rows.iter().map(|row| sums.cell(value(&row.figures))).collect();
    sums.add(total, campaigns.clone());
    for section in others {
        let rows: Vec<usize> =
            section.rows.iter().map(|row| sums.cell(value(&row.figures))).collect();
        if section.margin == Margin::All {
            sums.add(total, rows);
        } else {
            let groups = rows.chunks(rows.len() / campaigns.len());
            groups.zip(&campaigns).for_each(|(group, whole)| sums.add(*whole, group.to_vec()));
        }
    }
    sums
}

/// The same of exact tables, each cell shown from 11 persons on, as the trade does it.
fn suppressed(tables: &[Cells], terms: &Terms) -> Sums {
    let shown = |count: i64| (count >= K).then_some(count);
    let mut sums = Sums::default();
    let total = sums.cell(shown(tables[0].counts.iter().sum()));
    let cells = |sums: &mut Sums, table: &Cells| -> Vec<usize> {
        table.counts.iter().map(|count| sums.cell(shown(*count))).collect()
    };
    let campaigns = cells(&mut sums, &tables[0]);
    sums.add(total, campaigns.clone());
    for (of, table) in terms.tables().iter().zip(tables).skip(1) {
        let rows = cells(&mut sums, table);
        if of.section().margin == Margin::All {
            sums.add(total, rows);
        } else {
            let groups = rows.chunks(rows.len() / campaigns.len());
            groups.zip(&campaigns).for_each(|(group, whole)| sums.add(*whole, group.to_vec()));
        }
    }
    sums
}

/// Hidden cells that the published ones determine: by rank, noisy counts and revenue alike, or because the
/// linear program over what is shown, none of it below zero, leaves them one value. A rest of zero is left
/// out: noise below zero is shown as zero, and tells of nobody.
fn given_away(report: &Report) -> usize {
    let counts = published(report, |row| Some(row.noisy?.count));
    let shown = published(report, |row| {
        let noisy = row.noisy?;
        Some(noisy.count.max(0) - i64::try_from(noisy.taken).unwrap())
    });
    let with_revenue = Report {
        sections: report.sections.iter().filter(|one| one.noise.len() > 1).cloned().collect(),
        ..report.clone()
    };
    let revenue = published(&with_revenue, |row| row.noisy?.centred_cents);
    let narrow = shown.ranges().filter(|(low, high)| low == high && *high > 0).count();
    counts.determined() + revenue.determined() + narrow
}

#[test]
fn t8_no_hidden_cell_follows_from_the_published_ones() {
    let terms = terms(&standard(), &SECTIONS);
    let trials = count(4_000, 300);
    let mut dice = Dice(8);
    let mut found = 0;
    for _ in 0..trials {
        let sums = suppressed(&units(&mut dice, &terms), &terms);
        let narrow = sums.ranges().filter(|(low, high)| low == high).count();
        // Both ways find them: the program finds whatever the rank does.
        assert!(narrow >= sums.determined());
        found += usize::from(sums.determined() > 0);
    }
    let control = found as f64 / trials as f64;
    attack("T8").judge(control, trials, |seed| {
        let mut dice = Dice(80 + seed);
        let mut hidden = 0;
        let cases = (0..trials).map(|_| {
            let report = report(&terms, &units(&mut dice, &terms));
            hidden += published(&report, |row| Some(row.noisy?.count)).hidden();
            given_away(&report)
        });
        let cases: usize = cases.sum();
        assert!(hidden > trials, "there is something to find");
        cases as f64
    });
}

/// Squared errors of estimates of hidden cells, table by table.
type Errors = BTreeMap<SectionId, (f64, u32)>;

/// Who knows every hidden cell of a group but one takes them and the shown ones from the shown sum. No other
/// published number tells of that cell, so this is the best estimate without bias.
fn estimated(report: &Report, tables: &[Cells], errors: &mut Errors) {
    let first = &report.sections[0];
    let count = |figures: &Figures| figures.noisy.map(|noisy| noisy.count);
    let total = count(&first.total);
    for (place, (section, cells)) in report.sections.iter().zip(tables).enumerate() {
        let wholes: Vec<Option<i64>> = if place == 0 || section.margin == Margin::All {
            vec![total]
        } else {
            first.rows.iter().map(|row| count(&row.figures)).collect()
        };
        let size = section.rows.len() / wholes.len();
        for (group, whole) in wholes.into_iter().enumerate() {
            let Some(whole) = whole else { continue };
            let rows = &section.rows[group * size..][..size];
            let exact = &cells.counts[group * size..][..size];
            let hidden: Vec<usize> =
                (0..size).filter(|i| rows[*i].figures.noisy.is_none()).collect();
            let shown: i64 = rows.iter().filter_map(|row| count(&row.figures)).sum();
            // The same for each hidden cell: what it is off is what the sum of all of them is.
            let off = whole - shown - hidden.iter().map(|i| exact[*i]).sum::<i64>();
            let (squares, number) = errors.entry(section.id()).or_default();
            *squares += hidden.len() as f64 * (off * off) as f64;
            *number += u32::try_from(hidden.len()).unwrap();
        }
    }
}

#[test]
fn t8_the_best_estimate_of_a_hidden_cell_is_off_by_its_scale() {
    let terms = terms(&standard(), &SECTIONS);
    // What all tables together tell of one unit: the inverse of the least variance that they pay for.
    let paid: f64 = terms.tables().iter().map(|table| table.counts().sigma().powi(-2)).sum();
    let trials = count(4_000, 300);
    // Of exact tables the same estimate is the cell itself: off by nothing, always.
    let mut dice = Dice(9);
    let right = |_| {
        let tables = units(&mut dice, &terms);
        let all: i64 = tables[0].counts.iter().sum();
        let (shown, hidden): (Vec<i64>, Vec<i64>) =
            tables[5].counts.iter().partition(|count| **count >= K);
        hidden.first().is_none_or(|cell| {
            all - shown.iter().sum::<i64>() - hidden[1..].iter().sum::<i64>() == *cell
        })
    };
    let control = (0..trials).map(right).filter(|right| *right).count() as f64 / trials as f64;
    attack("T8s").judge(control, trials, |seed| {
        let (mut dice, mut errors) = (Dice(90 + seed), Errors::new());
        for _ in 0..trials {
            let tables = units(&mut dice, &terms);
            estimated(&report(&terms, &tables), &tables, &mut errors);
        }
        let enough = errors.values().filter(|(_, number)| *number > 50);
        let scales: Vec<f64> =
            enough.map(|(squares, number)| (squares / f64::from(*number) * paid).sqrt()).collect();
        assert!(scales.len() >= 4, "tables with hidden cells: {}", scales.len());
        scales.into_iter().fold(f64::INFINITY, f64::min)
    });
}

/// Every number of a document, by where it stands.
fn numbers(at: &str, value: &Value, all: &mut BTreeMap<String, Vec<i64>>) {
    match value {
        Value::Number(number) => {
            all.entry(at.to_owned()).or_default().push(number.as_i64().unwrap());
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| numbers(&format!("{at}/{i}"), item, all));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| numbers(&format!("{at}/{name}"), field, all));
        }
        _ => {}
    }
}

/// Numbers that are the same in every release of one world, and another in every release of the next.
fn without_noise(mut worlds: [impl FnMut() -> Report; 2]) -> usize {
    const RELEASES: usize = 40;
    let seen = worlds.each_mut().map(|release| {
        let mut all = BTreeMap::new();
        for _ in 0..RELEASES {
            numbers("", &serde_json::to_value(release()).unwrap(), &mut all);
        }
        let fixed =
            |values: &Vec<i64>| values.len() == RELEASES && values.iter().all(|v| *v == values[0]);
        all.retain(|_, values| fixed(values));
        all
    });
    let [zero, one] = &seen;
    zero.iter()
        .filter(|(at, values)| one.get(*at).is_some_and(|other| other[0] != values[0]))
        .count()
}

#[test]
fn t8_no_published_number_follows_from_data_without_noise() {
    let text = include_str!("../../../policies/disclosure/exact-totals.toml");
    let policy = Policy::from_toml(text).unwrap();
    let terms = terms(&policy, &SECTIONS);
    let agreed = EveryPartnerAgreed::of(&policy, 5, &[true; 5]).unwrap();
    let mut dice = Dice(10);
    let zero = units(&mut dice, &terms);
    // Three more buyers in a cell of each group, whom everybody agrees about.
    let one: Vec<Cells> = zero
        .iter()
        .zip(terms.tables())
        .map(|(cells, of)| {
            let mut cells = cells.clone();
            let size = match of.section().margin {
                Margin::All => of.rows(),
                _ => of.rows() / CAMPAIGNS,
            };
            let more = if of.section().margin == Margin::All { 3 * CAMPAIGNS as i64 } else { 3 };
            cells.counts.iter_mut().step_by(size).for_each(|count| *count += more);
            cells
        })
        .collect();
    let noisy = [&zero, &one].map(|tables| || report(&terms, tables));
    let told = [&zero, &one].map(|tables| {
        || {
            let unprotected = Some(exact(&terms, tables).unprotected(agreed, &terms));
            Report { unprotected, ..report(&terms, tables) }
        }
    });
    let control = if without_noise(told) > 0 { 1.0 } else { 0.0 };
    attack("T8n").judge(control, 1, |_| without_noise(noisy) as f64);
}

/// The same report as the trade writes it: a row is shown if its exact count is eleven or more.
fn hidden_by_exact(report: &Report, tables: &[Cells]) -> Report {
    let mut report = report.clone();
    for (section, table) in report.sections.iter_mut().zip(tables) {
        for (row, exact) in section.rows.iter_mut().zip(&table.counts) {
            let units = &mut row.figures.units;
            match (*exact >= K, units.figure().is_some()) {
                (true, false) => {
                    *units = Cell::Shown(Figure { value: *exact, low: *exact, high: *exact });
                }
                (false, true) => *units = Cell::hidden(HiddenReason::BelowThreshold),
                _ => {}
            }
        }
    }
    report
}

#[test]
fn sta_01_t18_every_flag_follows_from_what_is_published() {
    // One section: where revenue stands beside it, its table is that of its counts.
    let terms = terms(&standard(), &[SectionId::CONVERSIONS]);
    let worlds = count(10_000, 600);
    let mut dice = Dice(18);
    let (mut betrayed, mut altered, mut differ) = (0_usize, 0_usize, 0_usize);
    for _ in 0..worlds {
        let mut tables = units(&mut dice, &terms);
        // Around the threshold, where noise and truth part.
        tables[0].counts.iter_mut().for_each(|count| *count %= 30);
        let written = report(&terms, &tables);
        differ += usize::from(recompute(&written).is_err());
        let exact = hidden_by_exact(&written, &tables);
        if exact != written {
            altered += 1;
            betrayed += usize::from(recompute(&exact).is_err());
        }
    }
    assert!(10 * altered > worlds, "{altered} of {worlds} would have other flags");
    let control = betrayed as f64 / altered as f64;
    attack("T18").judge(control, worlds, |_| differ as f64);
}
