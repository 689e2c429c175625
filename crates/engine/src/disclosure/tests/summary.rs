//! What a report says in short holds the truth as often as it says, and is the plain answer where
//! nothing is hidden and no noise is drawn.

#![allow(clippy::unwrap_used)]

use tiers_protocol::{policy::SectionId, report::DealerPool};

use super::*;
use crate::{
    disclosure::{
        ExactTables, Mechanism, Noise, PublicAxes,
        tests::{Seeded, axes, figures::head, full, standard},
        write_report,
    },
    statistics::ExactTable,
};

const CAMPAIGNS: usize = 2;
const DELAYS: SectionId = SectionId::new(TemplateId::Delay, Margin::All);
const DELAYS_BY_CAMPAIGN: SectionId = SectionId::new(TemplateId::Delay, Margin::Campaign);
const SEGMENTS: SectionId = SectionId::new(TemplateId::Segments, Margin::All);
const NETWORK: SectionId = SectionId::new(TemplateId::Network, Margin::All);
const ASKED: [SectionId; 5] =
    [SectionId::CONVERSIONS, DELAYS_BY_CAMPAIGN, DELAYS, NETWORK, SEGMENTS];

/// One unit: campaign, bin, dealer, segment.
type Unit = (usize, usize, usize, usize);

/// No noise at all.
struct Silence;

impl Noise for Silence {
    fn add(&mut self, exact: Vec<i64>, _: &Mechanism) -> Result<Vec<i64>, GateError> {
        Ok(exact)
    }
}

fn public() -> PublicAxes {
    let mut axes = axes(CAMPAIGNS);
    axes.campaigns.iter_mut().for_each(|campaign| campaign.leads = 1_000_000);
    axes.network = ["Nord", "Sud", "pool 1", "Est"].map(str::to_owned).into();
    let dealers = ["A", "B", "C", "D"].map(str::to_owned).into();
    axes.pools = vec![DealerPool { cell: "pool 1".to_owned(), dealers }];
    axes
}

fn made(units: &[Unit], noise: &mut impl Noise) -> Report {
    let axes = public();
    let terms = Terms::of_sections(&standard(), &ASKED, &axes).unwrap();
    let table = |of: &TableTerms| {
        let mut counts = vec![0; of.rows()];
        for (campaign, bin, dealer, segment) in units {
            counts[match of.section() {
                SectionId::CONVERSIONS => *campaign,
                DELAYS_BY_CAMPAIGN => campaign * DELAY_BINS.len() + bin,
                DELAYS => *bin,
                NETWORK => *dealer,
                _ => *segment,
            }] += 1;
        }
        ExactTable::new(of.section(), counts, None)
    };
    let exact = ExactTables::new(terms.tables().iter().map(table).collect());
    let noisy = crate::disclosure::release(exact, &terms, noise).unwrap();
    write_report(head(), &noisy, &axes, &terms).unwrap()
}

/// Units of which small bins, small segments and, now and then, a small campaign are hidden.
fn units(random: &mut Seeded) -> Vec<Unit> {
    let number = 60 + random.below(600);
    let mut below = |n: usize| usize::try_from(random.below(n as u64)).unwrap();
    let unit = |_| {
        let skewed = |a: usize, b: usize| a.min(b);
        let campaign = skewed(below(CAMPAIGNS), below(CAMPAIGNS));
        let (bin, segment) = (skewed(below(7), below(7)), skewed(below(27), below(27)));
        (campaign, bin, below(4), segment)
    };
    (0..number).map(unit).collect()
}

/// The bin of the quantile by its definition: the first at which so many of all units are reached.
fn plainly(units: &[Unit], campaign: Option<usize>, percent: u64) -> usize {
    let mut bins: Vec<usize> = units
        .iter()
        .filter(|unit| campaign.is_none_or(|campaign| unit.0 == campaign))
        .map(|unit| unit.1)
        .collect();
    bins.sort_unstable();
    let needed = (bins.len() as u64 * percent).div_ceil(100);
    bins[usize::try_from(needed.max(1)).unwrap() - 1]
}

fn inside(unit: &Unit, quadrant: &Quadrant) -> bool {
    // Written again from the names of the cells: r, f and a with their classes.
    let name = TemplateId::Segments.fixed_cells().unwrap()[unit.3];
    let (frequent, large) = (!name.contains("f1"), name.ends_with("a3"));
    frequent == quadrant.high_fidelity && large == quadrant.high_value
}

#[test]
fn without_noise_and_hidden_rows_the_short_answer_is_the_plain_one() {
    let mut units: Vec<Unit> = Vec::new();
    for segment in 0..27 {
        for bin in 0..7 {
            for dealer in 0..4 {
                let many = 40 + 7 * bin + 3 * segment + 5 * dealer;
                units.extend((0..many).map(|n| (n % CAMPAIGNS, bin, dealer, segment)));
            }
        }
    }
    let report = made(&units, &mut Silence);
    let short = summary(&report).unwrap();
    assert_eq!(short.delays.len(), CAMPAIGNS + 1);
    for delay in &short.delays {
        let campaign = delay.campaign.as_ref().map(|name| usize::from(name == "C1"));
        for quantile in &delay.quartiles {
            let bin = DELAY_BINS[plainly(&units, campaign, quantile.percent)];
            assert_eq!((quantile.from_days, quantile.to_days), bin, "{quantile:?}");
            assert!(quantile.low_days <= bin.0 && bin.1 <= quantile.high_days);
        }
    }
    assert_eq!(short.quadrants.len(), 4);
    for quadrant in &short.quadrants {
        let exact = units.iter().filter(|unit| inside(unit, quadrant)).count();
        assert_eq!(quadrant.units.value, i64::try_from(exact).unwrap());
        assert!(quadrant.units.low < quadrant.units.value);
    }
    // The pool of four dealers sells most together and least by dealer.
    let network = short.network.unwrap();
    let quarters: Vec<u64> = network.places.iter().map(|place| place.quarter).collect();
    assert_eq!(quarters, [2, 3, 1, 4]);
    assert_eq!(network.places[2].dealers, 4);
    let all = |figure: &Figure| figure.low <= figure.value && figure.value <= figure.high;
    assert!(network.quartiles_hundredths.iter().all(all));
}

#[test]
fn sta_06_what_is_hidden_widens_what_is_said_in_short_and_is_never_told() {
    let mut random = Seeded(23);
    for _ in 0..60 {
        let report = made(&units(&mut random), &mut random);
        // The short answer is a function of what is printed: the hidden values are not even there.
        let text = tiers_protocol::canonical::to_vec(&report);
        let read: Report = tiers_protocol::canonical::from_slice(&text).unwrap();
        assert_eq!(summary(&read), summary(&report));
        let short = summary(&report).unwrap();
        let hidden = |id: SectionId| {
            let rows = &report.section(id).unwrap().rows;
            rows.iter().filter(|row| row.figures.noisy.is_none()).count()
        };
        if hidden(SEGMENTS) == 27 {
            let all = report.campaigns().unwrap().total.noisy.map(|noisy| noisy.count);
            for quadrant in &short.quadrants {
                assert!(quadrant.units.low == 0 && Some(quadrant.units.high) >= all);
            }
        }
    }
}

#[test]
fn a_sum_that_noise_put_far_from_its_cells_is_told_all_the_same() {
    let mut random = Seeded(29);
    for off in [-2_000, -200, -20, 20, 200, 2_000] {
        for _ in 0..20 {
            let mut report = made(&units(&mut random), &mut random);
            for section in &mut report.sections {
                for noisy in section.total.noisy.iter_mut() {
                    noisy.count += off;
                }
            }
            for quadrant in summary(&report).unwrap().quadrants {
                let Figure { low, value, high } = quadrant.units;
                assert!(low <= value && value <= high, "{off}: {low} {value} {high}");
            }
        }
    }
}

#[test]
fn what_is_said_in_short_holds_the_truth_as_often_as_it_says() {
    let releases = if full() { 20_000 } else { 500 };
    let mut random = Seeded(5);
    let (mut quantiles, mut quadrants, mut places) = ([0_u64; 2], [0_u64; 2], [0_u64; 2]);
    let mut narrow = 0_u64;
    for _ in 0..releases {
        let units = units(&mut random);
        let short = summary(&made(&units, &mut random)).unwrap();
        for delay in &short.delays {
            let campaign = delay.campaign.as_ref().map(|name| usize::from(name == "C1"));
            for quantile in &delay.quartiles {
                let (from, to) = DELAY_BINS[plainly(&units, campaign, quantile.percent)];
                quantiles[0] += 1;
                quantiles[1] += u64::from(quantile.low_days <= from && to <= quantile.high_days);
                narrow += u64::from(quantile.high_days - quantile.low_days < 730);
            }
        }
        for quadrant in &short.quadrants {
            let exact = units.iter().filter(|unit| inside(unit, quadrant)).count();
            let exact = i64::try_from(exact).unwrap();
            quadrants[0] += 1;
            quadrants[1] += u64::from(quadrant.units.low <= exact && exact <= quadrant.units.high);
        }
        let by_dealer = |cell: usize| {
            let each = if cell == 2 { 4 } else { 1 };
            100 * units.iter().filter(|unit| unit.2 == cell).count() / each
        };
        for place in short.network.iter().flat_map(|network| &network.places) {
            let axes = public();
            let cell = axes.network.iter().position(|name| *name == place.cell).unwrap();
            let below = (0..4).filter(|other| by_dealer(*other) < by_dealer(cell)).count();
            let alike = (0..4).filter(|other| by_dealer(*other) == by_dealer(cell)).count();
            let (least, most) = (below as u64 + 1, (below + alike) as u64);
            places[0] += 1;
            places[1] += u64::from(place.low <= most && least <= place.high);
        }
    }
    for (name, [all, held]) in
        [("quantiles", quantiles), ("quadrants", quadrants), ("places", places)]
    {
        let share = held as f64 / all as f64;
        assert!(all > releases && share >= 0.94, "{name}: {held} of {all}");
    }
    // Not by saying nothing.
    assert!(narrow * 2 > quantiles[0], "{narrow} of {}", quantiles[0]);
}
