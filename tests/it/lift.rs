//! Lifts over HTTP: a seed that is bound first, leads that are frozen, a round of a beacon that nobody knew, arms that
//! stay; and nobody who could have chosen them.

use sha2::{Digest as _, Sha256};
use tiers::disclosure::{self, Summary};
use tiers_contact::{FileKind, read_and_normalise};
use tiers_protocol::canonical;
use tiers_protocol::certificate;
use tiers_protocol::encoding::sha256;
use tiers_protocol::ids::DepositId;
use tiers_protocol::lift::{
    BeaconRound, BeaconSource, FreezeLeads, FrozenLeads, LiftInfo, LiftState, NewLift,
};
use tiers_protocol::policy::{Margin, SectionId, TemplateId};
use tiers_protocol::report::Report;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{ReleaseInfo, ReportRequest};

use crate::harness::client::Answer;
use crate::harness::deposits::options;
use crate::harness::people::{Lead, Person, Sale, leads_csv};
use crate::harness::roles::report_request;
use crate::harness::vault::{keyring, random};
use crate::harness::world::{CAMPAIGNS, World};

const PEOPLE: u32 = 1_200;

/// The month in which the test clock begins.
const MONTH: &str = "2025-09";

const ARMS: SectionId = SectionId::new(TemplateId::Lift, Margin::All);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A round as drand tells it.
fn round_of(frozen: &FrozenLeads, fill: u8) -> BeaconRound {
    let signature = [fill; 48];
    BeaconRound {
        source: frozen.source,
        round: frozen.round,
        randomness: hex(sha256(&signature).as_bytes()),
        signature: hex(&signature),
    }
}

/// Leads of one day.
fn people_on(day: &'static str, people: std::ops::Range<u32>) -> Vec<Lead> {
    people.map(|n| Lead { person: Person(n), day, campaign: CAMPAIGNS[0] }).collect()
}

/// A network with leads, and lifts.
struct Lab(World);

impl Lab {
    fn new() -> (Self, DepositId) {
        let lab = Self(World::new());
        let id = lab.lead(0..PEOPLE);
        (lab, id)
    }

    fn lead(&self, people: std::ops::Range<u32>) -> DepositId {
        self.lead_on("2025-08-20", people)
    }

    fn lead_on(&self, day: &'static str, people: std::ops::Range<u32>) -> DepositId {
        let sealed = self.0.leads(&people_on(day, people));
        self.0.principal.deposit(&sealed).ok();
        sealed.id()
    }

    fn commit(&self, treated_permille: u16) -> Answer {
        let path = format!("/v1/programmes/{}/lifts", self.0.programme.id);
        self.0.principal.client.post(&path, &NewLift { treated_permille })
    }

    fn freeze(&self, lift: &LiftInfo) -> Answer {
        let request = FreezeLeads { source: BeaconSource::DrandQuicknet };
        self.0.principal.client.post(&format!("/v1/lifts/{}/freezing", lift.lift), &request)
    }

    fn draw(&self, lift: &LiftInfo, beacon: &BeaconRound) -> Answer {
        self.0.officer.client.post(&format!("/v1/lifts/{}/beacon", lift.lift), beacon)
    }

    /// From the seed to the draw.
    fn drawn(&self, treated_permille: u16) -> LiftInfo {
        let lift: LiftInfo = self.commit(treated_permille).json();
        let lift: LiftInfo = self.freeze(&lift).json();
        self.0.server.clock().advance_seconds(700);
        self.draw(&lift, &round_of(lift.frozen.as_ref().unwrap(), 0x5a)).json()
    }

    fn arms(&self, lift: &LiftInfo, deposit: &DepositId) -> Answer {
        self.0.principal.client.get(&format!("/v1/lifts/{}/arms/{deposit}", lift.lift))
    }

    /// Who is treated, in the order of the file of the first deposit. Lines of a body stand in an order of their own,
    /// which `rows.csv` tells; canaries are of nobody.
    fn treated(&self, lift: &LiftInfo, deposit: &DepositId) -> Vec<bool> {
        let text = String::from_utf8(self.arms(lift, deposit).ok().bytes.clone()).unwrap();
        let options = options(&self.0.programme, FileKind::Leads);
        let leads = leads_csv(&people_on("2025-08-20", 0..PEOPLE));
        let prepared = read_and_normalise("file.csv", &leads, &options).unwrap();
        let body = prepared.body(&self.0.key.tokeniser(&self.0.programme.id));
        assert_eq!(text.lines().count(), body.line_to_row.len());
        let mut treated = vec![None; PEOPLE as usize];
        for (word, row) in text.lines().zip(&body.line_to_row) {
            match (word, row) {
                ("none", None) => {}
                ("treated" | "control", Some(row)) => {
                    let place = usize::try_from(*row).unwrap() - 1;
                    assert!(treated[place].replace(word == "treated").is_none());
                }
                other => panic!("{other:?}"),
            }
        }
        treated.into_iter().map(Option::unwrap).collect()
    }

    /// Half of the treated buy, and a tenth of the control group.
    fn sell(&self, treated: &[bool]) -> [u64; 2] {
        let buys = |n: u32| n.is_multiple_of(if treated[n as usize] { 2 } else { 10 });
        for (dealer, partner) in (0..).zip(&self.0.partners) {
            let people = (0..PEOPLE).filter(|n| n % 3 == dealer && buys(*n)).map(Person);
            let sale = |person| Sale { person, day: "2025-09-12", euros: 15_000 };
            let sealed = self.0.sales(dealer as usize, &people.map(sale).collect::<Vec<_>>());
            partner.deposit(&sealed).ok();
        }
        let count = |arm| (0..PEOPLE).filter(|n| treated[*n as usize] == arm && buys(*n)).count();
        [count(true) as u64, count(false) as u64]
    }

    fn ask(&self, month: &str) -> Answer {
        let templates = Some(vec!["conversion/1".to_owned(), ARMS.name()]);
        let request = ReportRequest { templates, ..report_request(&self.0.programme.id, month) };
        self.0.principal.client.post("/v1/reports", &request)
    }

    /// The report of the month, within six scales of what was sold.
    #[track_caller]
    fn report(&self, sold: [u64; 2]) -> (ReleaseInfo, Report, certificate::Certificate) {
        let release: ReleaseInfo = self.ask(MONTH).json();
        let (bytes, document) = self.0.principal.documents(&release.release);
        let read = certificate::verify(&document, &bytes, &self.0.server.trust()).unwrap();
        let report: Report = canonical::from_slice(&bytes).unwrap();
        disclosure::recompute(&report).unwrap();
        let section = report.section(ARMS).unwrap();
        let sigma = section.noise[0].sigma_milli.div_ceil(1_000);
        for (row, sold) in section.rows.iter().zip(sold) {
            let told = row.figures.units.figure().unwrap().value.unsigned_abs();
            assert!(told.abs_diff(sold) <= 6 * sigma + 1, "{told}, {sold}");
        }
        (release, report, read.document)
    }
}

#[test]
fn a_lift_from_the_seed_to_the_figure() {
    let (lab, deposit) = Lab::new();
    let lift = lab.drawn(500);
    let (frozen, drawn) = (lift.frozen.clone().unwrap(), lift.drawn.clone().unwrap());
    assert_eq!((lift.state, lift.number, frozen.rows), (LiftState::Drawn, 1, PEOPLE.into()));
    // The seed that was opened is the one that the certifier was bound to.
    let commitment = Sha256::new_with_prefix("tiers/v1/lift/commitment")
        .chain_update(drawn.seed.as_bytes())
        .finalize();
    assert_eq!(lift.seed_commitment.as_bytes()[..], commitment[..]);
    let treated = lab.treated(&lift, &deposit);
    assert_eq!(treated.len(), PEOPLE as usize);
    let count = treated.iter().filter(|treated| **treated).count() as u64;
    assert_eq!((drawn.treated, drawn.control), (count, u64::from(PEOPLE) - count));
    assert!((500..700).contains(&count), "{count}");
    lab.0.server.clock().advance_days(20);
    let sold = lab.sell(&treated);
    let (release, report, certified) = lab.report(sold);
    assert_eq!(release.cost_nrho, 75_000_000);
    let named = certified.question.lift.unwrap();
    assert_eq!((named.lift, named.randomness), (lift.lift, drawn.randomness));
    assert_eq!(named.frozen_root, certified.question.leads_root);
    assert_eq!(named.seed_commitment, lift.seed_commitment);
    // The difference that the certifier tells follows from the noisy counts.
    let section = report.section(ARMS).unwrap();
    let leads: Vec<u64> = section.rows.iter().map(|row| row.figures.leads.unwrap()).collect();
    assert_eq!(leads, [drawn.treated, drawn.control]);
    let path = format!("/v1/releases/{}/summary", release.release);
    let told: Summary = lab.0.principal.client.get(&path).json();
    assert_eq!(told, disclosure::summary(&report).unwrap());
    let lifted = told.lift.unwrap();
    let rate = |arm: usize| {
        section.rows[arm].figures.noisy.unwrap().count as f64 / leads[arm] as f64 * 1e6
    };
    assert!((lifted.difference_ppm as f64 - (rate(0) - rate(1))).abs() <= 1.0);
    let truth = (sold[0] as f64 / leads[0] as f64 - sold[1] as f64 / leads[1] as f64) * 1e6;
    assert!(lifted.low_ppm as f64 - 60_000.0 < truth && truth < lifted.high_ppm as f64 + 60_000.0);
    assert!(lifted.low_ppm > 200_000 && lifted.p_value_ppm < 10, "{lifted:?}");
    // The same question is one answer.
    let again: ReleaseInfo = lab.ask(MONTH).json();
    assert!(again.from_store && again.release == release.release);
    let acts = lab.0.officer.acts();
    for kind in [EntryType::LiftCommitted, EntryType::LiftFrozen, EntryType::LiftDrawn] {
        assert_eq!(acts.iter().filter(|act| act.act == kind.as_str()).count(), 1);
    }
    lab.0.ledger();
}

#[test]
fn arms_stay_when_the_vault_gets_another_key_and_go_with_their_deposit() {
    let (lab, deposit) = Lab::new();
    let lift = lab.drawn(300);
    let treated = lab.treated(&lift, &deposit);
    lab.0.server.clock().advance_days(20);
    let sold = lab.sell(&treated);
    keyring(&lab.0).add_link(&mut random()).unwrap();
    let lab = Lab(lab.0.reopen(tiers::service::Dependencies::default()));
    let certifier = lab.0.server.certifier();
    (0..100).for_each(|_| certifier.upkeep().map(drop).unwrap());
    assert_eq!(certifier.rotation().unwrap().0, 2);
    assert_eq!(lab.treated(&lift, &deposit), treated);
    lab.report(sold);
    let order =
        tiers_protocol::wire::NewErasure::Deposit { deposit, reason: "instruction".to_owned() };
    lab.0.operator.0.post("/v1/erasures", &order).ok();
    assert_eq!(lab.arms(&lift, &deposit).outcome(), (404, "object.not_found".to_owned()));
    let database = crate::harness::vault::database(&lab.0);
    let left: i64 = database.query_row("SELECT count(*) FROM lift_arm", [], |r| r.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn each_step_is_taken_once_and_in_its_order() {
    let lab = Lab(World::new());
    let no = |answer: Answer, status: u16, code: &str| {
        assert_eq!(answer.outcome(), (status, code.to_owned()));
    };
    no(lab.commit(0), 422, "lift.share");
    no(lab.commit(1_000), 422, "lift.share");
    no(lab.ask(MONTH), 409, "report.no_lift");
    let lift: LiftInfo = lab.commit(500).json();
    assert_eq!(lift.state, LiftState::Committed);
    no(lab.freeze(&lift), 422, "report.too_few_leads");
    let deposit = lab.lead(0..PEOPLE);
    let wild = FrozenLeads {
        leads_root: sha256(b""),
        rows: 0,
        deposits: Vec::new(),
        source: BeaconSource::DrandQuicknet,
        round: 1,
        round_at: String::new(),
        at: String::new(),
    };
    no(lab.draw(&lift, &round_of(&wild, 1)), 409, "lift.not_frozen");
    let lift: LiftInfo = lab.freeze(&lift).json();
    let frozen = lift.frozen.clone().unwrap();
    no(lab.freeze(&lift), 409, "lift.frozen");
    no(lab.arms(&lift, &deposit), 409, "lift.not_drawn");
    no(lab.ask(MONTH), 409, "report.no_lift");
    // Nobody draws the same leads again until the arms please.
    let other: LiftInfo = lab.commit(500).json();
    assert_eq!(other.number, 2);
    assert_ne!(other.seed_commitment, lift.seed_commitment);
    no(lab.freeze(&other), 409, "lift.drawn_before");
    // The round was named beforehand, and has to come first.
    no(lab.draw(&lift, &round_of(&wild, 1)), 409, "lift.other_round");
    let elsewhere = BeaconRound { source: BeaconSource::DrandDefault, ..round_of(&frozen, 1) };
    no(lab.draw(&lift, &elsewhere), 409, "lift.other_round");
    no(lab.draw(&lift, &round_of(&frozen, 1)), 409, "lift.round_not_come");
    lab.0.server.clock().advance_seconds(610);
    let forged = BeaconRound { randomness: hex(&[7; 32]), ..round_of(&frozen, 1) };
    no(lab.draw(&lift, &forged), 422, "lift.beacon");
    let drawn: LiftInfo = lab.draw(&lift, &round_of(&frozen, 1)).json();
    no(lab.draw(&lift, &round_of(&frozen, 2)), 409, "lift.drawn");
    let path = format!("/v1/programmes/{}/lifts", lab.0.programme.id);
    for client in [&lab.0.principal.client, &lab.0.officer.client] {
        let all: Vec<LiftInfo> = client.get(&path).json();
        assert_eq!((&all[0], all[1].state), (&drawn, LiftState::Committed));
    }
    no(lab.0.partners[0].client.get(&path), 403, "auth.forbidden");
    // Sales from before the draw say nothing about it.
    no(lab.ask("2025-08"), 422, "report.lift_month");
}

/// The principal knows the arms once they are drawn. What it does to its leads then is another question, and no
/// answer about the lift.
#[test]
fn t36_leads_that_change_after_the_draw_have_no_arms() {
    let (lab, _) = Lab::new();
    lab.drawn(500);
    lab.0.server.clock().advance_days(20);
    lab.0.stock_sales(0);
    lab.ask(MONTH).ok();
    let spent = lab.0.accounts()[0].spent_nrho;
    // People once more and of today, so that their sales would go to the newer leads.
    lab.lead_on("2025-09-10", 0..400);
    assert_eq!(lab.ask(MONTH).outcome(), (409, "report.lift_leads_changed".to_owned()));
    assert_eq!(lab.0.accounts()[0].spent_nrho, spent);
    // Without arms the month can be asked as before; with a new draw over the leads of today, too.
    let lift = lab.drawn(500);
    assert_eq!(lift.number, 2);
    let release: ReleaseInfo = lab.ask(MONTH).json();
    assert!(!release.from_store);
}

#[test]
fn a_lift_of_which_a_deposit_was_erased_before_the_draw_is_none() {
    let (lab, deposit) = Lab::new();
    let lift: LiftInfo = lab.freeze(&lab.commit(500).json()).json();
    let order =
        tiers_protocol::wire::NewErasure::Deposit { deposit, reason: "instruction".to_owned() };
    lab.0.operator.0.post("/v1/erasures", &order).ok();
    lab.0.server.clock().advance_seconds(700);
    let answer = lab.draw(&lift, &round_of(lift.frozen.as_ref().unwrap(), 3));
    assert_eq!(answer.outcome(), (409, "report.lift_leads_changed".to_owned()));
}
