//! The sample network against what is true of it: the engine finds exactly what the naive model
//! finds; released intervals hold these exact values as often as they say; and how far the exact
//! values are from the persons that were really there is measured for `docs/matching-quality.md`.
//!
//! Exact values stay in this process; the document holds relative differences only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tiers::disclosure::{
    Account, ExactTables, OpenDpNoise, PublicAxes, PublicCampaign, Terms, ratio_interval, release,
    write_report,
};
use tiers::matching::naive::{self, Admitted, AdmittedAt};
use tiers::matching::{Attribution, Effort, MatchRules, Partners, UnitMonth, attribute};
use tiers::statistics::{CampaignCount, MonthlyTables};
use tiers::vault::{self, Month, StoredDeposit};
use tiers_protocol::certificate::{NamedPolicy, NamedProgramme};
use tiers_protocol::ids::ReleaseId;
use tiers_protocol::report::ReportHead;

use crate::harness::full;
use crate::harness::network::{Network, Place, Truth, day};

/// The exact tables of one month.
#[derive(PartialEq, Eq)]
struct Exact {
    counts: Vec<i64>,
    centred_cents: Vec<i64>,
}

fn exact(units: &[UnitMonth], month: Month, network: &Network) -> Exact {
    let policy = &network.programme.policy;
    let count = CampaignCount::new(u16::try_from(network.programme.campaigns.len()).unwrap());
    let mut tables = MonthlyTables::new(month, count, policy.clamp_cents());
    units.iter().try_for_each(|unit| tables.add(*unit)).unwrap();
    let (counts, centred) = tables.finish().into_exact();
    Exact { counts, centred_cents: centred.unwrap() }
}

fn months(units: &[UnitMonth]) -> BTreeSet<Month> {
    let converted = units.iter().filter(|unit| unit.conversion().is_some());
    converted.map(UnitMonth::month).collect()
}

/// One release of every month of sales, in the order of the calendar.
fn month_by_month(
    network: &Network,
    mut of: impl FnMut(Month, &mut AdmittedAt<'_>) -> Vec<UnitMonth>,
) -> Vec<UnitMonth> {
    let sold: BTreeSet<Month> = network.all_sales().iter().map(|row| row.date.month()).collect();
    let mut admitted = Admitted::new(network.programme.policy.sale_months_per_year());
    sold.into_iter().flat_map(|month| of(month, &mut admitted.at(month))).collect()
}

fn by_the_naive_model(network: &Network) -> Vec<UnitMonth> {
    let rules = MatchRules::of(&network.programme.policy);
    let (deposits, partners) = (network.sales.iter(), partners(network));
    let sales: Vec<_> = deposits.map(|(_, rows)| rows.clone()).collect();
    month_by_month(network, |month, admission| {
        let how = (&rules, &partners);
        naive::attribute(&sales, &network.leads, how, month, admission).unwrap()
    })
}

/// A file of sales is a dealer's; each may be compared with the next.
fn partners(network: &Network) -> Partners {
    let count = u16::try_from(network.sales.len()).unwrap();
    let pairs: Vec<_> = (1..count).map(|dealer| (dealer - 1, dealer)).collect();
    Partners::new((0..count).collect()).with_pairs(&pairs)
}

/// Through sealed segments on disk, as the service does it.
fn by_the_engine(network: &Network) -> Vec<UnitMonth> {
    let folder = network.folder.path().join("vault");
    let write = |name: &str, rows: Vec<vault::VaultRow>| {
        let key = network.keyring.segment_key(name);
        vault::write_deposit(&folder, name, rows, &key, vault::Faults::none()).unwrap();
        StoredDeposit::open(&folder, name, network.keyring.segment_key(name)).unwrap()
    };
    let leads = write("leads", network.leads.clone());
    let sales: Vec<StoredDeposit> = network
        .sales
        .iter()
        .map(|(file, rows)| write(file.split('.').next().unwrap(), rows.clone()))
        .collect();
    let (leads, rules) = ([leads], MatchRules::of(&network.programme.policy));
    month_by_month(network, |month, admission| {
        let (partners, effort) = (partners(network), Effort::threads(2));
        let how = Attribution { rules: &rules, month, partners: &partners, effort };
        let mut units = Vec::new();
        attribute(&sales, &leads, &how, admission, |unit| {
            units.push(unit);
            Ok(())
        })
        .unwrap();
        units
    })
}

#[test]
fn the_engine_and_the_naive_model_agree_on_the_sample_network() {
    let network = Network::read();
    let (mut engine, mut model) = (by_the_engine(&network), by_the_naive_model(&network));
    let months = months(&model);
    assert!(months.len() >= 10, "the network sells in many months");
    for month in months {
        let same = exact(&engine, month, &network) == exact(&model, month, &network);
        assert!(same, "{}-{:02}", month.year(), month.month());
    }
    engine.sort_unstable();
    model.sort_unstable();
    assert!(engine == model, "units and months differ");
    assert!(model.iter().filter(|unit| unit.conversion().is_some()).count() > 200);
}

/// How often exact values were inside.
#[derive(Default)]
struct Tally {
    cells: u64,
    conversions: u64,
    too_narrow: u64,
    revenue: u64,
    totals: u64,
    total_conversions: u64,
    ratios: u64,
    held_ratios: u64,
    shown_ratios: u64,
    held_shown_ratios: u64,
}

/// Whether a count lies in the 99.99 % band of the binomial law.
fn in_band(held: u64, of: u64, level: f64) -> bool {
    let spread = (of as f64 * level * (1.0 - level)).sqrt();
    (held as f64 - of as f64 * level).abs() <= 3.891 * spread + 0.5
}

fn share(held: u64, of: u64) -> f64 {
    held as f64 / of as f64
}

/// The public statements of the brand.
fn stated(network: &Network) -> PublicAxes {
    let campaigns = network.programme.campaigns.iter().enumerate();
    let stated = campaigns
        .map(|(index, campaign)| {
            let of = |row: &&vault::VaultRow| {
                matches!(row.value, vault::Value::Lead { campaign } if usize::from(campaign) == index)
            };
            let leads = network.leads.iter().filter(of).count() as u64;
            PublicCampaign { name: campaign.name.clone(), leads, cost_cents: campaign.cost_cents }
        })
        .collect();
    PublicAxes::of_campaigns(stated)
}

fn head(network: &Network) -> ReportHead {
    let programme = &network.programme;
    ReportHead {
        release: ReleaseId::from_bytes([1; 16]),
        programme: NamedProgramme { id: programme.id, name: programme.name.clone() },
        policy: NamedPolicy {
            name: programme.policy.name().to_owned(),
            sha256: programme.policy_digest(),
        },
        period: "2025-03".to_owned().try_into().unwrap(),
        snapshot: 1,
    }
}

/// One release of a month on a fresh account: adds to the tally.
fn one_release(month: &Exact, terms: &Terms, network: &Network, tally: &mut Tally) {
    let policy = &network.programme.policy;
    let account = Account::open(policy.cap_nrho()).debit(terms.cost_nrho()).unwrap();
    assert_eq!(account.spent_nrho(), terms.cost_nrho());
    let tables = ExactTables::by_campaign(month.counts.clone(), month.centred_cents.clone());
    let noisy = release(tables, terms, &mut OpenDpNoise).unwrap();
    let report = write_report(head(network), &noisy, &stated(network), terms).unwrap();
    let shown = &report.campaigns().unwrap().rows;
    let noisy = serde_json::to_value(&noisy).unwrap();
    let values = |name: &str| -> Vec<i64> {
        serde_json::from_value(noisy["tables"][0][name].clone()).unwrap()
    };
    let (counts, sums) = (values("counts"), values("centred_cents"));
    let (law, centre) =
        (terms.conversions().row_law(), i64::try_from(terms.centre_cents()).unwrap());
    let inside = |noisy: i64, exact: i64, width: u64| u64::from(noisy.abs_diff(exact) <= width);
    for place in 0..counts.len() {
        let (count, sum) = (month.counts[place], month.centred_cents[place]);
        let width = law.units().width();
        tally.cells += 1;
        tally.conversions += inside(counts[place], count, width);
        tally.too_narrow += inside(counts[place], count, width - 1);
        let (noisy_revenue, revenue) = (sums[place] + centre * counts[place], sum + centre * count);
        tally.revenue += inside(noisy_revenue, revenue, law.revenue().unwrap().width());
        if count > 0 {
            let pair = (counts[place], sums[place]);
            let held = ratio_holds(pair, (sum, count), terms);
            let shown = u64::from(shown[place].figures.noisy.is_some());
            tally.ratios += 1;
            tally.held_ratios += u64::from(held);
            tally.shown_ratios += shown;
            tally.held_shown_ratios += shown * u64::from(held);
        }
    }
    let (noisy_total, total): (i64, i64) = (counts.iter().sum(), month.counts.iter().sum());
    tally.totals += 1;
    tally.total_conversions +=
        inside(noisy_total, total, terms.conversions().total_law().units().width());
}

/// Whether the interval of revenue by conversion holds the exact quotient; an interval without
/// bounds does.
fn ratio_holds((noisy, noisy_sum): (i64, i64), (sum, count): (i64, i64), terms: &Terms) -> bool {
    let scales: Vec<f64> =
        terms.conversions().noise().iter().map(|t| t.sigma_milli as f64 / 1_000.0).collect();
    let interval = ratio_interval((noisy_sum as f64, scales[1]), (noisy as f64, scales[0]));
    let truth = sum as f64 / count as f64;
    interval.is_none_or(|(low, high)| low <= truth && truth <= high)
}

#[test]
fn released_intervals_hold_the_exact_values_as_often_as_they_say() {
    let network = Network::read();
    let units = by_the_naive_model(&network);
    let months: Vec<Exact> =
        months(&units).into_iter().map(|month| exact(&units, month, &network)).collect();
    let terms = Terms::of(&network.programme.policy, &stated(&network)).unwrap();
    let releases = if full() { 40_000 } else { 4_000 };
    let mut tally = Tally::default();
    for n in 0..releases {
        one_release(&months[n % months.len()], &terms, &network, &mut tally);
    }
    let (one, all) = (terms.conversions().row_law(), terms.conversions().total_law());
    assert!(tally.totals >= 2_000 && tally.cells == 6 * tally.totals);
    assert!(in_band(tally.conversions, tally.cells, one.units().level()));
    assert!(in_band(tally.revenue, tally.cells, one.revenue().unwrap().level()));
    assert!(in_band(tally.total_conversions, tally.totals, all.units().level()));
    // The same test refuses intervals that are narrower by one.
    assert!(!in_band(tally.too_narrow, tally.cells, one.units().level()));
    assert!(tally.ratios > tally.cells / 3 && tally.shown_ratios > 1_000);
    let (held, shown) = (
        share(tally.held_ratios, tally.ratios),
        share(tally.held_shown_ratios, tally.shown_ratios),
    );
    assert!(held >= 0.94 && shown >= 0.94, "ratios: {held:.4}, shown ones {shown:.4}");
}

/// What the engine would count if it knew every person: conversions by month and campaign.
fn true_conversions(truth: &Truth, network: &Network) -> BTreeMap<(Month, u16), i64> {
    let rules = &network.programme.policy;
    let window = i64::try_from(rules.window_days().value()).unwrap();
    let limit = usize::try_from(rules.sale_months_per_year().value()).unwrap();
    // A person's sales: month, day, and the campaign of the last lead before it.
    let mut people: BTreeMap<String, Vec<(Month, i32, Option<u16>)>> = BTreeMap::new();
    let persons = persons(truth);
    for (place, leads) in &truth.pairs {
        let (first, days) = &leads[0];
        let sold = truth.leads[first].0 + jiff::Span::new().days(*days);
        let within = leads.iter().filter(|(_, days)| (0..=window).contains(days));
        let last = within.map(|(id, days)| (*days, truth.leads[id].1)).min();
        let sale = (day(sold).month(), day(sold).epoch_days(), last.map(|(_, campaign)| campaign));
        people.entry(persons[place].clone()).or_default().push(sale);
    }
    let mut conversions = BTreeMap::new();
    for sales in people.values_mut() {
        sales.sort_unstable();
        let months: BTreeSet<Month> = sales.iter().map(|sale| sale.0).collect();
        for month in &months {
            let earlier = |other: &&Month| other.year() == month.year() && *other < month;
            let of_month = sales.iter().filter(|sale| sale.0 == *month);
            let campaign = of_month.filter_map(|sale| sale.2).next();
            if let (true, Some(campaign)) =
                (months.iter().filter(earlier).count() < limit, campaign)
            {
                *conversions.entry((*month, campaign)).or_default() += 1;
            }
        }
    }
    conversions
}

/// Sales that share a lead are of one person, who is named by the smallest of the leads.
fn persons(truth: &Truth) -> BTreeMap<Place, String> {
    let mut names: BTreeMap<&str, &str> =
        truth.leads.keys().map(|id| (id.as_str(), id.as_str())).collect();
    loop {
        let mut changed = false;
        for leads in truth.pairs.values() {
            let smallest = leads.iter().map(|(id, _)| names[id.as_str()]).min().unwrap();
            for (id, _) in leads {
                changed |= names.insert(id, smallest) != Some(smallest);
            }
        }
        if !changed {
            break;
        }
    }
    let name = |leads: &Vec<(String, i64)>| names[leads[0].0.as_str()].to_owned();
    truth.pairs.iter().map(|(place, leads)| (place.clone(), name(leads))).collect()
}

/// A relative difference, in percent with its sign; a dash where there is nothing to be found.
fn percent(found: i64, true_count: i64) -> String {
    if true_count == 0 {
        return if found == 0 { "-".to_owned() } else { "none true".to_owned() };
    }
    format!("{:+.1} %", 100.0 * (found - true_count) as f64 / true_count as f64)
}

/// The table of the document.
fn table(network: &Network, units: &[UnitMonth], truth: &Truth) -> String {
    let true_counts = true_conversions(truth, network);
    let mut all: BTreeSet<Month> = months(units);
    all.extend(true_counts.keys().map(|(month, _)| *month));
    let names: Vec<&str> = network.programme.campaigns.iter().map(|c| c.name.as_str()).collect();
    let mut text = format!(
        "| month | {} | all |\n|---|{}---|\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    let mut sums = vec![(0, 0); names.len() + 1];
    let mut apart = 0;
    for month in all {
        let found = exact(units, month, network).counts;
        let mut row = vec![(0, 0); names.len() + 1];
        for (campaign, count) in (0..).zip(&found) {
            let true_count = true_counts.get(&(month, campaign)).copied().unwrap_or_default();
            apart += (count - true_count).abs();
            for cell in [usize::from(campaign), names.len()] {
                row[cell] = (row[cell].0 + count, row[cell].1 + true_count);
            }
        }
        for (sum, cell) in sums.iter_mut().zip(&row) {
            *sum = (sum.0 + cell.0, sum.1 + cell.1);
        }
        let name = format!("{:04}-{:02}", month.year(), month.month());
        line(&mut text, &name, &row);
    }
    line(&mut text, "all", &sums);
    let share = 100.0 * apart as f64 / sums[names.len()].1 as f64;
    writeln!(
        text,
        "\nCell by cell, found and true are {share:.1} % of all true conversions apart."
    )
    .unwrap();
    text
}

fn line(text: &mut String, name: &str, cells: &[(i64, i64)]) {
    let cells: Vec<String> =
        cells.iter().map(|(found, true_count)| percent(*found, *true_count)).collect();
    writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
}

#[test]
fn the_distance_to_the_truth_is_what_the_document_says() {
    let network = Network::read();
    let units = by_the_naive_model(&network);
    let truth = Truth::read(&network.programme);
    let table = table(&network, &units, &truth);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/matching-quality.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = document.split_once("<!-- table -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->\n").unwrap();
    let expected = format!("{head}<!-- table -->\n{table}<!-- end -->\n{tail}");
    if std::env::var("TIERS_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(document == expected, "run this test with TIERS_UPDATE=1 to write the table anew");
}
