//! The questions of the benchmark, answered through the product's own engine.

use std::path::Path;
use std::time::Instant;

use tiers::crypto::chain::VaultToken;
use tiers::matching::{Effort, Finding, MatchError, MatchRules, Matching, UnitSale, UnitVisitor};
use tiers::vault::{Day, Segments};
use tiers_contact::Kind;
use tiers_protocol::policy::{Touch, WindowDays};

use crate::files::open_deposits;
use crate::tickets::{CAMPAIGNS, DEALERS, THREE};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Persons, rows and revenue by dealer and month, of tickets of persons on the list.
    Sales,
    /// Distinct persons of the tickets who are on the list.
    Overlap,
    /// Converted persons and their revenue by campaign and month, by the rules of attribution: the last
    /// lead before the sale, of 180 days.
    Attribution,
}

impl Question {
    pub const ALL: [Self; 3] = [Self::Sales, Self::Overlap, Self::Attribution];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Overlap => "overlap",
            Self::Attribution => "attribution",
        }
    }
}

/// Seconds from the files to the answer, and the answer as lines of text.
pub fn answer(question: Question, folder: &Path, threads: usize) -> (f64, Vec<String>) {
    let begun = Instant::now();
    let (sales, leads) = open_deposits(folder, threads);
    let lines = ask(question, &sales, &leads, Effort::threads(threads));
    (begun.elapsed().as_secs_f64(), lines)
}

fn ask<S: Segments, L: Segments>(
    question: Question,
    sales: &[S],
    leads: &[L],
    effort: Effort,
) -> Vec<String> {
    let any = || Finding::Any(THREE.to_vec());
    let matching = |finding| Matching { sales, leads, finding, month: None };
    match question {
        Question::Sales => by_dealer(&matching(any()), effort),
        Question::Overlap => persons(&matching(any()), effort),
        Question::Attribution => {
            let rules = MatchRules::new(THREE, WindowDays::new(180).unwrap(), Touch::Last);
            by_campaign(&matching(Finding::Attributed(rules)), effort)
        }
    }
}

fn by_dealer<S: Segments, L: Segments>(of: &Matching<'_, S, L>, effort: Effort) -> Vec<String> {
    let calendar = Calendar::new();
    let mut sum = ByMonth::new(&calendar, DEALERS);
    let open = || ByDealer(ByMonth::new(&calendar, DEALERS));
    let closed = of.units(effort, open, |part| -> Result<(), MatchError> {
        sum.add(&part.0);
        Ok(())
    });
    closed.unwrap();
    sum.lines()
}

fn by_campaign<S: Segments, L: Segments>(of: &Matching<'_, S, L>, effort: Effort) -> Vec<String> {
    let calendar = Calendar::new();
    let mut sum = ByMonth::new(&calendar, CAMPAIGNS);
    let open = || ByCampaign(ByMonth::new(&calendar, CAMPAIGNS));
    let closed = of.units(effort, open, |part| -> Result<(), MatchError> {
        sum.add(&part.0);
        Ok(())
    });
    closed.unwrap();
    sum.lines()
}

fn persons<S: Segments, L: Segments>(of: &Matching<'_, S, L>, effort: Effort) -> Vec<String> {
    let mut persons = 0;
    let closed = of.units(
        effort,
        || Persons(0),
        |part| -> Result<(), MatchError> {
            persons += part.0;
            Ok(())
        },
    );
    closed.unwrap();
    vec![persons.to_string()]
}

/// Counts units that have found a lead.
struct Persons(u64);

impl UnitVisitor for Persons {
    const DAYS: bool = false;
    const AMOUNTS: bool = false;
    const FOUND_ONLY: bool = true;

    fn unit(&mut self, _: Kind, _: VaultToken, sales: &mut [UnitSale]) {
        self.0 += u64::from(sales.iter().any(|sale| sale.campaign().is_some()));
    }
}

/// The month of each day of some years, as a place among their months: reckoned once.
struct Calendar {
    months: Vec<u16>,
    names: Vec<i32>,
}

impl Calendar {
    /// 2020-01-01 and ten years.
    const FROM: i32 = 18_262;
    const DAYS: i32 = 3_653;

    fn new() -> Self {
        let (mut months, mut names) = (Vec::new(), Vec::new());
        for day in Self::FROM..Self::FROM + Self::DAYS {
            let month = Day::from_epoch_days(day).month();
            let name = month.year() * 12 + month.month() - 1;
            if names.last() != Some(&name) {
                names.push(name);
            }
            months.push(u16::try_from(names.len() - 1).unwrap());
        }
        Self { months, names }
    }

    fn of(&self, day: Day) -> usize {
        self.months[usize::try_from(day.epoch_days() - Self::FROM).unwrap()].into()
    }
}

/// Persons, rows and cents by something and month.
struct ByMonth<'a> {
    calendar: &'a Calendar,
    cells: Vec<[u64; 3]>,
}

impl<'a> ByMonth<'a> {
    fn new(calendar: &'a Calendar, of: u64) -> Self {
        let cells = usize::try_from(of).unwrap() * calendar.names.len();
        Self { calendar, cells: vec![[0; 3]; cells] }
    }

    fn cell(&mut self, of: u32, month: usize) -> &mut [u64; 3] {
        &mut self.cells[of as usize * self.calendar.names.len() + month]
    }

    fn add(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            cell.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }

    fn lines(&self) -> Vec<String> {
        let months = self.calendar.names.len();
        let full = self.cells.iter().enumerate().filter(|(_, cell)| cell[1] > 0);
        full.map(|(place, [persons, rows, cents])| {
            let (of, month) = (place / months, self.calendar.names[place % months]);
            format!("{of} {month} {persons} {rows} {cents}")
        })
        .collect()
    }
}

struct ByDealer<'a>(ByMonth<'a>);

impl UnitVisitor for ByDealer<'_> {
    const DAYS: bool = true;
    const AMOUNTS: bool = true;
    const FOUND_ONLY: bool = true;

    fn unit(&mut self, _: Kind, _: VaultToken, sales: &mut [UnitSale]) {
        if let [sale] = sales {
            if sale.campaign().is_some() {
                let [persons, rows, cents] =
                    self.0.cell(sale.deposit(), self.0.calendar.of(sale.day()));
                (*persons, *rows, *cents) = (*persons + 1, *rows + 1, *cents + sale.amount_cents());
            }
            return;
        }
        sales.sort_unstable_by_key(|sale| (sale.deposit(), sale.day()));
        let mut last = None;
        for sale in sales.iter().filter(|sale| sale.campaign().is_some()) {
            let place = (sale.deposit(), self.0.calendar.of(sale.day()));
            let [persons, rows, cents] = self.0.cell(place.0, place.1);
            *persons += u64::from(last.replace(place) != Some(place));
            *rows += 1;
            *cents += sale.amount_cents();
        }
    }
}

/// One conversion a unit and month: that of its earliest attributed sale.
struct ByCampaign<'a>(ByMonth<'a>);

impl UnitVisitor for ByCampaign<'_> {
    const DAYS: bool = true;
    const AMOUNTS: bool = true;
    const FOUND_ONLY: bool = true;

    fn unit(&mut self, _: Kind, _: VaultToken, sales: &mut [UnitSale]) {
        sales.sort_unstable();
        let mut conversion = None;
        for sale in sales.iter() {
            let Some(campaign) = sale.campaign() else { continue };
            let month = self.0.calendar.of(sale.day());
            let new = conversion.is_none_or(|(of, _)| of != month);
            let (_, campaign) = *if new {
                conversion.insert((month, campaign))
            } else {
                conversion.get_or_insert((month, campaign))
            };
            let [persons, rows, cents] = self.0.cell(campaign.into(), month);
            *persons += u64::from(new);
            *rows += 1;
            *cents += sale.amount_cents();
        }
    }
}
