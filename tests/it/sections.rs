//! Every section of the catalogue, asked by a principal over HTTP: what is counted where, what a question
//! is, what it costs, and what plans, trends and summaries say about it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use tiers::disclosure::{self, Summary, Trend};
use tiers_contact::FileKind;
use tiers_protocol::canonical;
use tiers_protocol::certificate;
use tiers_protocol::policy::{Margin, SectionId, TemplateId};
use tiers_protocol::programme::Programme;
use tiers_protocol::report::{Report, Section};
use tiers_protocol::wire::{Declaration, PlanRequest, ReleaseInfo, ReportRequest};

use crate::harness::client::Answer;
use crate::harness::people::{Lead, Person};
use crate::harness::roles::report_request;
use crate::harness::world::{CAMPAIGNS, MONTH, World, programme};
use crate::harness::{Dice, full};

/// All of them leads; every second one buys, at each of the dealers in turn.
const PEOPLE: u32 = 1_200;

/// As many owners.
const DEALERS: u32 = 6;

/// What the files say of a person who buys: dealer, day of the month, model, postcode.
const fn bought(person: u32) -> Option<Bought> {
    if !person.is_multiple_of(2) {
        return None;
    }
    let dealer = person / 2 % DEALERS;
    let day = 1 + person / 2 % 20;
    let model = ["Clio", "Megane", "Zoe"][(person / 2 % 3) as usize];
    let postcode = if person.is_multiple_of(4) { "59000" } else { "75001" };
    Some((dealer, day, model, postcode))
}

fn sales_csv(dealer: u32, month: &str) -> Vec<u8> {
    let mut text = "email,sale_date,amount,modele,postcode\n".to_owned();
    for person in 0..PEOPLE {
        if let Some((of, day, model, postcode)) = bought(person).filter(|b| b.0 == dealer) {
            let (email, euros) = (Person(person).email(), 12_000 + 1_000 * of);
            writeln!(text, "{email},{month}-{day:02},{euros},{model},{postcode}").unwrap();
        }
    }
    // Customers whom the next dealer has, too, and whom no campaign knows.
    for person in 10_000 + 100 * dealer..10_000 + 100 * dealer + 60 {
        writeln!(text, "{},{month}-05,9000,Clio,59000", Person(person).email()).unwrap();
    }
    let before = 10_000 + 100 * ((dealer + DEALERS - 1) % DEALERS);
    for person in before..before + 30 {
        writeln!(text, "{},{month}-06,9000,Clio,59000", Person(person).email()).unwrap();
    }
    text.into_bytes()
}

/// A network of six dealers of six owners: the first two stand by their names, the second and the third
/// agree to be compared with each other.
struct Market {
    world: World,
}

impl Market {
    fn new() -> Self {
        Self::with(|_| ())
    }

    /// With models and areas.
    fn of_lists() -> Self {
        Self::with(|asked| {
            asked["models"] = json!(["Clio", "Megane"]);
            asked["policy"]["areas"] = json!([{ "name": "Nord", "departments": ["59", "62"] }]);
            asked["policy"]["cap_nrho"] = json!(1_000_000_000);
        })
    }

    fn with(edit: impl FnOnce(&mut Value)) -> Self {
        let mut world = World::new();
        let mut asked = serde_json::to_value(programme("Marché", "at_once")).unwrap();
        edit(&mut asked);
        let asked: Programme = serde_json::from_value(asked).unwrap();
        let registered: Programme = world.principal.register(asked, &world.key).json();
        world.programme = registered;
        world.officer.approve(&world.programme).ok();
        for partner in &world.partners {
            world.principal.add(&world.programme.id, &world.key, partner);
        }
        for number in 4..=DEALERS {
            world.add_partner(number);
        }
        let ids: Vec<_> = world.partners.iter().map(|partner| partner.id).collect();
        let compared = |place: usize| match place {
            1 => vec![ids[2]],
            2 => vec![ids[1]],
            // One side alone is no agreement.
            3 => vec![ids[4]],
            _ => Vec::new(),
        };
        for (place, partner) in world.partners.iter().enumerate() {
            let declared = Declaration {
                named: place < 2,
                compared_with: compared(place),
                ..Declaration::silent(300)
            };
            let path = format!("/v1/programmes/{}/declaration", world.programme.id);
            partner.client.put(&path, &declared).ok();
        }
        let market = Self { world };
        let first =
            |person| Lead { person: Person(person), day: "2025-05-20", campaign: campaign(person) };
        let leads: Vec<Lead> = (0..PEOPLE).map(first).collect();
        market.world.principal.deposit(&market.world.leads(&leads)).ok();
        market.stock(MONTH);
        market
    }

    fn stock(&self, month: &str) {
        for (dealer, partner) in (0..).zip(&self.world.partners) {
            let csv = sales_csv(dealer, month);
            partner.deposit(&self.world.sealed(FileKind::Sales, &csv, partner)).ok();
        }
    }

    fn ask(&self, month: &str, templates: &[&str]) -> Answer {
        let templates = templates.iter().map(|name| (*name).to_owned()).collect();
        let request = ReportRequest {
            templates: Some(templates),
            ..report_request(&self.world.programme.id, month)
        };
        self.world.principal.client.post("/v1/reports", &request)
    }

    fn report(&self, release: &ReleaseInfo) -> Report {
        let (bytes, certificate) = self.world.principal.documents(&release.release);
        certificate::verify(&certificate, &bytes, &self.world.server.trust()).unwrap();
        let report: Report = canonical::from_slice(&bytes).unwrap();
        disclosure::recompute(&report).unwrap();
        report
    }

    fn spent(&self) -> u64 {
        self.world.accounts().iter().map(|account| account.spent_nrho).sum()
    }
}

/// In which campaign a person is a lead.
const fn campaign(person: u32) -> &'static str {
    CAMPAIGNS[(person / 24 % 2) as usize]
}

/// What a person bought.
type Bought = (u32, u32, &'static str, &'static str);

/// The exact count of a row, from the files.
fn exact(section: &Section, of: &str, cell: &str) -> u64 {
    let buyers = (0..PEOPLE).filter(|person| of.is_empty() || campaign(*person) == of);
    let buyers = buyers.filter_map(bought);
    let count = |test: &dyn Fn(&Bought) -> bool| buyers.filter(test).count() as u64;
    match section.template {
        TemplateId::Conversion | TemplateId::Revenue => match section.margin {
            Margin::CampaignModel if cell == "*" => count(&|b| b.2 == "Zoe"),
            Margin::CampaignModel => count(&|b| b.2 == cell),
            Margin::CampaignDepartment if cell == "*" => count(&|b| b.3 == "75001"),
            Margin::CampaignDepartment => count(&|b| b.3 == "59000"),
            Margin::Campaign | Margin::All => count(&|_| true),
        },
        // Leads are of 20 May.
        TemplateId::Delay => {
            let (from, to) = cell.split_once('-').unwrap();
            let bin = from.parse::<u32>().unwrap()..=to.parse().unwrap();
            count(&|b| bin.contains(&(b.1 + 11)))
        }
        TemplateId::Network => {
            let pool = section.pools.iter().find(|pool| pool.cell == cell);
            let dealers = pool.map_or(1, |pool| pool.dealers.len() as u64);
            dealers * u64::from(PEOPLE / 2 / DEALERS)
        }
        TemplateId::Overlap => count(&|_| true),
        // One sale of 12,000 to 17,000 EUR: below half of the clamp, above a quarter.
        TemplateId::Segments => {
            let recency = |b: &(u32, u32, &str, &str)| match 30 - b.1 {
                14.. => 1,
                7..=13 => 2,
                _ => 3,
            };
            if cell.ends_with("f1a2") {
                count(&|b| cell.starts_with(&format!("r{}", recency(b))))
            } else {
                0
            }
        }
        TemplateId::Partners => 30,
        TemplateId::Lift => unreachable!("without a draw there are no arms: lift.rs"),
    }
}

/// Every row that is shown lies within six scales of what the files say, and what is large is shown.
fn holds(report: &Report) {
    for section in &report.sections {
        let sigma = section.noise[0].sigma_milli.div_ceil(1_000);
        let rows = section.rows.iter();
        for row in rows {
            let cell = row.key.cell.clone().unwrap_or_default();
            let exact = exact(section, row.campaign(), &cell);
            let told = row.figures.units.figure().map(|figure| figure.value.unsigned_abs());
            let name = format!("{} {} {cell}", section.id().name(), row.campaign());
            match told {
                Some(told) => {
                    assert!(told.abs_diff(exact) <= 6 * sigma + 1, "{name}: {told}, {exact}");
                }
                None => assert!(exact <= section.threshold + 6 * sigma, "{name}: {exact} hidden"),
            }
        }
    }
}

#[test]
fn every_section_that_the_policy_allows_counts_what_the_files_say() {
    let market = Market::of_lists();
    let mut allowed = market.world.programme.policy.allowed();
    // Arms need a draw: lift.rs.
    allowed.retain(|priced| priced.section().template != TemplateId::Lift);
    let names: Vec<String> = allowed.iter().map(|priced| priced.section().name()).collect();
    assert_eq!(names.len(), 13);
    let release: ReleaseInfo =
        market.ask(MONTH, &names.iter().map(String::as_str).collect::<Vec<_>>()).json();
    let report = market.report(&release);
    let mut told: Vec<SectionId> = report.priced().map(|(section, _)| section).collect();
    told.sort_unstable();
    assert_eq!(told, allowed.iter().map(|priced| priced.section()).collect::<Vec<_>>());
    assert_eq!(release.cost_nrho, allowed.iter().map(|one| one.cost_nrho().value()).sum::<u64>());
    holds(&report);
    market.world.ledger();
}

#[test]
fn sta_02_sta_03_dealers_stand_by_name_if_they_agreed_and_else_in_pools_of_three_owners() {
    let market = Market::new();
    let release: ReleaseInfo = market.ask(MONTH, &["conversion/1", "network/1@all"]).json();
    let report = market.report(&release);
    let network = report.section(SectionId::new(TemplateId::Network, Margin::All)).unwrap();
    let cells: Vec<&str> = network.rows.iter().filter_map(|row| row.key.cell.as_deref()).collect();
    assert_eq!(cells.len(), 3);
    assert_eq!(cells[2], "pool 1");
    assert_eq!(network.pools.len(), 1);
    assert_eq!(network.pools[0].dealers.len(), 4);
    assert!(network.pools[0].dealers.iter().all(|dealer| !cells.contains(&dealer.as_str())));
    holds(&report);

    // One of the four declares so much that it could be read off the sum: 85.0 % is told, more is not.
    let declare = |size: u32| {
        let path = format!("/v1/programmes/{}/declaration", market.world.programme.id);
        market.world.partners[5].client.put(&path, &Declaration::silent(size)).ok();
    };
    declare(5_101);
    let refused = market.ask("2025-05", &["conversion/1", "network/1@all"]);
    assert_eq!(refused.outcome(), (422, "report.no_cells".to_owned()));
    declare(5_100);
    market.ask("2025-05", &["conversion/1", "network/1@all"]).json::<ReleaseInfo>();
}

#[test]
fn what_is_not_there_is_refused_by_public_facts_and_costs_nothing() {
    let market = Market::new();
    for (templates, code) in [
        (&["conversion/1", "buyers/1"][..], "report.unknown_template"),
        (&["delay/1@all"], "report.incomplete_templates"),
        (&["conversion/1", "revenue/1@campaign_model"], "report.incomplete_templates"),
        (&["conversion/1", "conversion/1@campaign_model"], "report.no_cells"),
        (&["conversion/1", "conversion/1@campaign_department"], "report.no_cells"),
        (&[], "report.incomplete_templates"),
    ] {
        assert_eq!(market.ask(MONTH, templates).outcome(), (422, code.to_owned()), "{templates:?}");
    }
    assert_eq!(market.spent(), 0);
}

/// Games of requests: the same set of templates in any order and repeated is one answer and one debit,
/// another set is another question, and accounts, ledger and answers agree after every game.
#[test]
fn sta_09_t03_t04_t27_requests_in_any_order_cost_each_question_once() {
    let games = if full() { 20 } else { 2 };
    for game in 0..games {
        let market = Market::new();
        let mut dice = Dice(77 + game);
        let others =
            ["delay/1@all", "overlap/1@all", "segments/1@all", "delay/1", "partners/1@all"];
        let mut answered: Vec<(BTreeSet<&str>, ReleaseInfo, Vec<u8>)> = Vec::new();
        for _ in 0..14 {
            let mut templates = vec!["conversion/1"];
            for other in others {
                if dice.below(4) == 0 {
                    templates.push(other);
                }
            }
            if dice.below(3) == 0 {
                templates.push(templates[0]);
            }
            dice.shuffle(&mut templates);
            let set: BTreeSet<&str> = templates.iter().copied().collect();
            let answer = market.ask(MONTH, &templates);
            if answer.outcome().1 == "report.budget_spent" {
                assert!(answered.iter().all(|(known, ..)| *known != set), "it was paid for");
                continue;
            }
            let release: ReleaseInfo = answer.json();
            let (bytes, _) = market.world.principal.documents(&release.release);
            match answered.iter().find(|(known, ..)| *known == set) {
                Some((_, first, stored)) => {
                    assert_eq!((release.release, release.from_store), (first.release, true));
                    assert_eq!(*stored, bytes);
                }
                None => {
                    assert!(!release.from_store);
                    answered.push((set, release, bytes));
                }
            }
        }
        let paid: u64 = answered.iter().map(|(_, release, _)| release.cost_nrho).sum();
        assert_eq!(market.spent(), paid);
        let (summary, _) = market.world.ledger();
        assert_eq!(summary.spent_nrho.values().sum::<u64>(), paid);
        assert!(paid <= 300_000_000 && answered.len() >= 3);
    }
}

#[test]
fn an_earlier_snapshot_answers_the_question_that_was_asked_of_it() {
    let market = Market::new();
    let plain: ReleaseInfo = market.ask(MONTH, &["conversion/1"]).json();
    let delays: ReleaseInfo = market.ask(MONTH, &["conversion/1", "delay/1@all"]).json();
    market.stock("2025-04");
    let of = |templates: Option<&[&str]>| {
        let templates =
            templates.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let request = ReportRequest {
            templates,
            snapshot: Some(plain.snapshot),
            ..report_request(&market.world.programme.id, MONTH)
        };
        market.world.principal.client.post("/v1/reports", &request)
    };
    let release = |answer: Answer| answer.json::<ReleaseInfo>().release;
    assert_eq!(release(of(Some(&["conversion/1"]))), plain.release);
    assert_eq!(release(of(Some(&["delay/1@all", "conversion/1"]))), delays.release);
    assert_eq!(release(of(None)), delays.release, "the newest");
    let never = of(Some(&["conversion/1", "overlap/1@all"]));
    assert_eq!(never.outcome().1, "report.snapshot_past");
}

#[test]
fn a_plan_tells_what_will_probably_be_hidden_and_debits_nothing() {
    let market = Market::of_lists();
    let plan_of = |guesses: &[(&str, u64)], templates: &[&str], from_releases| -> Answer {
        let request = PlanRequest {
            programme: market.world.programme.id,
            period: MONTH.to_owned(),
            templates: Some(templates.iter().map(|name| (*name).to_owned()).collect()),
            guesses: guesses.iter().map(|(name, units)| ((*name).to_owned(), *units)).collect(),
            from_releases,
        };
        market.world.principal.client.post("/v1/reports/plan", &request)
    };
    let plan = |guesses: &[(&str, u64)], templates: &[&str]| plan_of(guesses, templates, false);
    let templates = ["conversion/1", "conversion/1@campaign_model", "network/1@all"];
    let bare: Value = plan(&[], &templates).json();
    assert_eq!(bare["expected"], Value::Null);
    let guessed: Value = plan(&[(CAMPAIGNS[0], 600), (CAMPAIGNS[1], 3)], &templates).json();
    assert_eq!(guessed["expected"], json!([600, 3]));
    assert_eq!(guessed["cost_nrho"], json!(105_000_000));
    let models = &guessed["sections"][1];
    assert_eq!(models["section"], "conversion/1@campaign_model");
    assert_eq!(models["expected_units"], json!([200, 200, 200, 1, 1, 1]));
    assert_eq!(models["keys"][2], json!({ "campaign": CAMPAIGNS[0], "cell": "*" }));
    let hidden = models["hidden_permille"].as_array().unwrap();
    assert!(hidden[0] == 0 && hidden[3].as_u64().unwrap() > 990);
    let changes: Vec<&Value> =
        guessed["alternatives"].as_array().unwrap().iter().map(|one| &one["change"]).collect();
    assert!(changes.contains(&&json!({ "kind": "without", "section": "network/1@all" })));
    assert!(changes.contains(&&json!({ "kind": "with", "section": "revenue/1@campaign_model" })));
    let unknown = plan(&[("nobody", 1)], &templates);
    assert_eq!(unknown.outcome(), (422, "report.bad_guess".to_owned()));
    assert_eq!(market.spent(), 0);

    // Without guesses, earlier releases say what may be expected.
    let release: ReleaseInfo = market.ask(MONTH, &templates).json();
    let shown = market.report(&release).campaigns().unwrap().rows[0].figures.units;
    assert_eq!(plan(&[], &templates).json::<Value>()["expected"], Value::Null);
    let after: Value = plan_of(&[], &templates, true).json();
    assert_eq!(after["expected"][0], json!(shown.figure().unwrap().value));
}

#[test]
fn a_trend_puts_months_beside_the_year_before_at_no_cost() {
    let market = Market::with(|asked| asked["policy"]["sale_months_per_year"] = json!(12));
    for month in ["2024-06", "2025-04", "2025-05"] {
        market.stock(month);
    }
    for month in ["2024-06", "2025-04", "2025-05", MONTH] {
        market.ask(month, &["conversion/1", "overlap/1@all"]).json::<ReleaseInfo>();
    }
    let spent = market.spent();
    let of = |query: &str| {
        let id = market.world.programme.id;
        market.world.principal.client.get(&format!("/v1/trend?programme={id}{query}"))
    };
    let trend: Trend = of("&section=overlap/1@all").json();
    let total = trend.rows.last().unwrap();
    assert!(total.key.is_none());
    let months: Vec<&str> = total.months.iter().map(|month| month.period.as_str()).collect();
    assert_eq!(months, ["2024-06", "2025-04", "2025-05", MONTH]);
    let june = &total.months[3];
    let (now, before) = (june.units.unwrap(), june.year_before.unwrap());
    assert_eq!(june.change.unwrap().value, now.value - before.value);
    assert!(june.average.is_some() && total.months[1].average.is_none());
    let of_campaigns: Trend = of("").json();
    assert_eq!(of_campaigns.section, "conversion/1");
    assert_eq!(of("&section=buyers/1").outcome().1, "report.unknown_template");
    assert_eq!(market.spent(), spent);
}

#[test]
fn what_a_report_says_in_short_is_told_by_the_certifier_as_by_the_reader() {
    let market = Market::new();
    let templates = ["conversion/1", "delay/1@all", "network/1@all", "segments/1@all"];
    let release: ReleaseInfo = market.ask(MONTH, &templates).json();
    let path = format!("/v1/releases/{}/summary", release.release);
    let told: Summary = market.world.principal.client.get(&path).json();
    assert_eq!(told, disclosure::summary(&market.report(&release)).unwrap());
    // All sales are 12 to 31 days after the lead: half of them within 30 days.
    let median = told.delays[0].quartiles[1];
    assert!(median.low_days <= 15 && median.high_days >= 30, "{median:?}");
    assert_eq!(told.quadrants.len(), 4);
    assert!(!told.network.unwrap().places.is_empty());
}
