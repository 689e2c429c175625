//! Exact totals: off under every policy but one, told only with every partner's own agreement and once, and
//! printed as what they are.

use tiers::disclosure;
use tiers::web::{Language, certificate_page};
use tiers_protocol::attested::Attested;
use tiers_protocol::canonical;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::policy::Policy;
use tiers_protocol::report::{ExactTotals, Report};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Declaration, ReleaseInfo, ReportRequest};

use crate::harness::client::Answer;
use crate::harness::people::{Lead, Person, Sale};
use crate::harness::roles::report_request;
use crate::harness::world::{CAMPAIGNS, MONTH, World, programme};

const PEOPLE: u32 = 600;

fn exact_policy() -> Policy {
    let text = include_str!("../../policies/disclosure/exact-totals.toml")
        .replace("tick = \"daily\"", "tick = \"at_once\"");
    Policy::from_toml(&text).unwrap()
}

/// So many dealers under a policy, and so many of every ten leads bought.
fn market(policy: Option<Policy>, dealers: u32, of_ten: u32) -> World {
    let mut world = World::new();
    if let Some(policy) = policy {
        let mut unregistered = programme("Totaux", "at_once");
        unregistered.policy = policy;
        world.programme = world.principal.register(unregistered, &world.key).json();
        world.officer.approve(&world.programme).ok();
        for partner in &world.partners {
            world.principal.add(&world.programme.id, &world.key, partner);
        }
    }
    for number in 4..=dealers {
        world.add_partner(number);
    }
    let lead = |n| Lead { person: Person(n), day: "2025-05-20", campaign: CAMPAIGNS[0] };
    world.principal.deposit(&world.leads(&(0..PEOPLE).map(lead).collect::<Vec<_>>())).ok();
    for dealer in 0..dealers {
        let people = (0..PEOPLE).filter(|n| n % dealers == dealer && n / dealers % 10 < of_ten);
        let sale = |n| Sale { person: Person(n), day: "2025-06-12", euros: 15_000 };
        let sales = world.sales(dealer as usize, &people.map(sale).collect::<Vec<_>>());
        world.partners[dealer as usize].deposit(&sales).ok();
    }
    world
}

fn declare(world: &World, dealer: usize, exact: bool) {
    let path = format!("/v1/programmes/{}/declaration", world.programme.id);
    let declared = Declaration { exact, ..Declaration::silent(300) };
    world.partners[dealer].client.put(&path, &declared).ok();
}

fn ask_at(world: &World, exact: bool, snapshot: Option<u64>) -> Answer {
    let asked = report_request(&world.programme.id, MONTH);
    world.principal.client.post("/v1/reports", &ReportRequest { exact, snapshot, ..asked })
}

fn ask(world: &World, exact: bool) -> Answer {
    ask_at(world, exact, None)
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.outcome(), (status, code.to_owned()));
}

fn documents(world: &World, release: &ReleaseInfo) -> (Report, Attested<Certificate>) {
    let (bytes, document) = world.principal.documents(&release.release);
    let read = certificate::verify(&document, &bytes, &world.server.trust()).unwrap();
    let report: Report = canonical::from_slice(&bytes).unwrap();
    disclosure::recompute(&report).unwrap();
    (report, read)
}

#[test]
fn exact_totals_need_the_policy_and_every_partner_and_are_told_once() {
    let world = market(Some(exact_policy()), 5, 5);
    (0..4).for_each(|dealer| declare(&world, dealer, true));
    refused(&ask(&world, true), 403, "report.exact_not_agreed");
    declare(&world, 4, true);
    let release: ReleaseInfo = ask(&world, true).json();
    let (report, document) = documents(&world, &release);
    let told =
        ExactTotals { partners: 5, conversions: Some(300), revenue_cents: Some(300 * 1_500_000) };
    assert_eq!(report.unprotected, Some(told));
    assert!(document.document.question.exact);
    let page = certificate_page(&document, &report, &world.server.trust(), Language::English);
    assert!(page.contains("Exact totals, unprotected") && page.contains("300 conversions"));
    // The rest of the report has its noise and was paid for.
    assert_eq!(release.cost_nrho, 82_500_000);
    assert!(report.campaigns().unwrap().noise[0].sigma_milli > 4_000);
    let again: ReleaseInfo = ask(&world, true).json();
    assert!(again.from_store && again.release == release.release);
    // Without them it is another question, of which neither document says anything exact.
    let plain: ReleaseInfo = ask(&world, false).json();
    assert!(!plain.from_store && plain.release != release.release);
    let (bytes, certificate) = world.principal.documents(&plain.release);
    for bytes in [bytes, certificate] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("\"unprotected\"") && !text.contains("\"exact\""));
    }
    // One more row of somebody: a second total would tell of it.
    let one = Sale { person: Person(9), day: "2025-06-13", euros: 9_000 };
    world.partners[4].deposit(&world.sales(4, &[one])).ok();
    refused(&ask(&world, true), 409, "report.exact_told");
    // What was told of months before that is forgotten in the end.
    let old = report_request(&world.programme.id, "2022-03");
    let old = ReportRequest { exact: true, ..old };
    refused(&world.principal.client.post("/v1/reports", &old), 403, "report.exact_past");
    // Each stored answer stays what it was.
    for (exact, stored) in [(true, &release), (false, &plain)] {
        let past: ReleaseInfo = ask_at(&world, exact, Some(release.snapshot)).json();
        assert!(past.from_store && past.release == stored.release);
    }
    // Whoever takes its agreement back is asked again.
    declare(&world, 0, false);
    refused(&ask(&world, true), 403, "report.exact_not_agreed");
    let (_, entries) = world.ledger();
    let declared = entries.iter().filter(|e| e.entry_type() == EntryType::PartnerDeclared);
    assert_eq!(declared.count(), 6, "each agreement is in the ledger");
}

#[test]
fn few_people_and_few_owners_are_not_told_exactly_and_other_policies_tell_nobody() {
    let world = market(Some(exact_policy()), 5, 1);
    (0..5).for_each(|dealer| declare(&world, dealer, true));
    let release: ReleaseInfo = ask(&world, true).json();
    let (report, document) = documents(&world, &release);
    let totals = report.unprotected.unwrap();
    assert_eq!((totals.conversions, totals.revenue_cents), (None, None), "60 people");
    let page = certificate_page(&document, &report, &world.server.trust(), Language::French);
    assert!(page.contains("non communiqué"));

    let world = market(Some(exact_policy()), 4, 5);
    (0..4).for_each(|dealer| declare(&world, dealer, true));
    refused(&ask(&world, true), 403, "report.exact_not_agreed");

    let world = market(None, 5, 5);
    (0..5).for_each(|dealer| declare(&world, dealer, true));
    refused(&ask(&world, true), 403, "report.exact_not_given");
    assert!(world.accounts().iter().all(|account| account.spent_nrho == 0));
}
