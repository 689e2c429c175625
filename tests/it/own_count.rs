//! Partners' own counts: told to the partner alone, once for each month of leads, with noise, paid from the leads'
//! account, and attested.

use tiers::crypto::keyring::Keyring;
use tiers::disclosure::OwnCountTerms;
use tiers::service::faults::{FaultPoint, Faults};
use tiers::service::{Certifier, Dependencies};
use tiers_protocol::attested::Attested;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountPlan};
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::Programme;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::AccountSide;

use crate::harness::client::Answer;
use crate::harness::people::{Lead, Person, Sale};
use crate::harness::roles::Partner;
use crate::harness::world::{CAMPAIGNS, World, policy, programme};
use crate::witnesses::{copy, watched};

/// The month in which everybody of the small file became a lead.
const APRIL: &str = "2025-04";

/// What one of ten shares of the account costs.
const SHARE: u64 = 30_000_000;

fn question(programme: &ProgrammeId, month: &str) -> AskOwnCount {
    AskOwnCount { programme: *programme, month: month.to_owned() }
}

fn ask(world: &World, partner: &Partner, month: &str) -> Answer {
    partner.client.post("/v1/own-counts", &question(&world.programme.id, month))
}

fn plan(world: &World, partner: &Partner, month: &str) -> Answer {
    partner.client.post("/v1/own-counts/plan", &question(&world.programme.id, month))
}

#[track_caller]
fn read(world: &World, answer: &Answer) -> OwnCount {
    let bytes = &answer.ok().bytes;
    Attested::<OwnCount>::verify(bytes, &world.server.trust()).expect("it verifies").document
}

fn refused(answer: &Answer) -> (u16, String) {
    answer.outcome()
}

/// The accounts of leads: month and what was spent.
fn spent(world: &World) -> Vec<(String, u64)> {
    let accounts = world.accounts().into_iter();
    let of_leads = accounts.filter(|account| account.side == AccountSide::Leads);
    of_leads.map(|account| (account.month, account.spent_nrho)).collect()
}

#[test]
fn sta_09_a_partner_is_told_of_itself_once_from_the_account_of_the_leads() {
    let world = World::stocked();
    let [first, second, _] = &world.partners[..] else { panic!("three dealers") };
    let before: OwnCountPlan = plan(&world, first, APRIL).json();
    assert_eq!((before.cost_nrho, before.left_nrho), (SHARE, 10 * SHARE));
    assert_eq!((before.half_width, before.shown_from, before.told), (8, 11, None));
    // 180 days after the last of April.
    assert_eq!(before.sales_until.to_string(), "2025-10-27");
    assert!(spent(&world).is_empty(), "a plan costs nothing");

    let answer = ask(&world, first, APRIL);
    let told = read(&world, &answer);
    // Of 160 leads every third is this dealer's, and half of those bought.
    let truth = (0..160).filter(|n| n % 3 == 0 && n % 8 < 4).count() as u64;
    assert!(told.persons.expect("shown").abs_diff(truth) <= 25, "six scales");
    assert_eq!((told.half_width, told.window_days, told.early), (8, 180, true));
    assert_eq!(told.sigma_squared, ("1000000000".to_owned(), (2 * SHARE).to_string()));
    assert_eq!(told.partner.id, first.id);
    assert_eq!((told.account.cost_nrho, told.account.left_nrho), (SHARE, 9 * SHARE));
    assert_eq!(spent(&world), [(APRIL.to_owned(), SHARE)]);

    // The same bytes for ever, whatever is deposited since, and nothing is paid again.
    let more = (0..60).map(|n| Sale { person: Person(n), day: "2025-06-13", euros: 20_000 });
    first.deposit(&world.sales(0, &more.collect::<Vec<_>>())).ok();
    assert_eq!(ask(&world, first, APRIL).ok().bytes, answer.bytes);
    let path = format!("/v1/own-counts/{}", told.own_count);
    assert_eq!(first.client.get(&path).ok().bytes, answer.bytes);
    let after: OwnCountPlan = plan(&world, first, APRIL).json();
    assert_eq!((after.told, after.left_nrho), (Some(told.own_count), 9 * SHARE));
    // It is nobody else's, and no report's.
    assert_eq!(refused(&second.client.get(&path)), (404, "object.not_found".to_owned()));
    let list = format!("/v1/own-counts?programme={}", world.programme.id);
    assert_eq!(second.client.get(&list).json::<Vec<OwnCount>>(), []);
    assert_eq!(first.client.get(&list).json::<Vec<OwnCount>>(), std::slice::from_ref(&told));
    // Another month and another partner pay for themselves.
    read(&world, &ask(&world, first, "2025-05"));
    read(&world, &ask(&world, second, APRIL));
    assert_eq!(spent(&world), [(APRIL.to_owned(), 2 * SHARE), ("2025-05".to_owned(), SHARE)]);

    // Officers of the certifier find the acts by the programme; the principal sees what its account paid, and no more.
    let about = |client: &crate::harness::client::Client| -> Vec<String> {
        let new = serde_json::json!({ "reason": "who asked", "about": world.programme.id });
        let acts: Vec<serde_json::Value> = client.post("/v1/searches", &new).json();
        let text = acts.iter().map(ToString::to_string);
        text.filter(|act| act.contains("own_")).collect()
    };
    assert!(about(&world.officer.client).iter().any(|act| act.contains("own_count.released")));
    let paid = about(&world.principal.client);
    assert!(paid.iter().all(|act| !act.contains("persons") && !act.contains("own_count.released")));
    assert_eq!(paid.iter().filter(|act| act.contains("ledger.debit")).count(), 3);

    let (summary, entries) = world.ledger();
    assert_eq!(summary.counts[&EntryType::OwnCountReleased], 3);
    assert_eq!(summary.spent_nrho.values().sum::<u64>(), 3 * SHARE);
    // What was told stands nowhere in what everybody reads.
    let told = entries.iter().filter(|e| e.entry_type() == EntryType::OwnCountReleased);
    let shown: Vec<String> = told.map(|e| String::from_utf8(e.encode()).unwrap()).collect();
    for hidden in [&world.programme.id.to_string(), &first.id.to_string(), APRIL, "persons"] {
        assert!(shown.iter().all(|entry| !entry.contains(hidden)), "{hidden}");
    }
    let world = world.reopen(Dependencies::default());
    assert_eq!(ask(&world, &world.partners[0], APRIL).ok().bytes, answer.bytes);
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_by_public_facts_and_costs_nothing() {
    let world = World::new();
    let dealer = &world.partners[0];
    let code = |answer: &Answer| refused(answer).1;
    for month in ["2025-13", "", "april", "2999-01", "2025-04-01", "2022-08", "0000-01"] {
        assert_eq!(refused(&ask(&world, dealer, month)), (422, "own_count.month".to_owned()));
        assert_eq!(code(&plan(&world, dealer, month)), "own_count.month");
    }
    // The month of today is not over.
    let today = world.server.today().to_string();
    assert_eq!(code(&ask(&world, dealer, &today[..7])), "own_count.month");
    // Public facts, and the partner's own.
    world.stock_sales(1);
    assert_eq!(refused(&ask(&world, dealer, APRIL)), (409, "own_count.no_leads".to_owned()));
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    assert_eq!(refused(&ask(&world, dealer, APRIL)), (409, "own_count.no_sales".to_owned()));
    assert!(spent(&world).is_empty());
    let (summary, _) = world.ledger();
    assert!(summary.counts[&EntryType::ReleaseRefused] >= 7, "each refusal is recorded");
    assert!(!summary.counts.contains_key(&EntryType::LedgerDebit));

    // Another company's programme, and a policy that tells partners nothing.
    let mut silent = programme("Muet", "at_once");
    silent.policy = with_account("");
    let silent: Programme = world.principal.register(silent, &world.key).json();
    let of_silent = question(&silent.id, APRIL);
    assert_eq!(code(&dealer.client.post("/v1/own-counts", &of_silent)), "object.not_found");
    world.principal.add(&silent.id, &world.key, dealer);
    let answer = dealer.client.post("/v1/own-counts", &of_silent);
    assert_eq!(refused(&answer), (403, "own_count.off".to_owned()));
    let listed = dealer.client.get(&format!("/v1/own-counts?programme={}", silent.id));
    assert_eq!(listed.json::<Vec<OwnCount>>(), []);
}

/// The standard policy at once, with another account of the leads, or none.
fn with_account(line: &str) -> Policy {
    let text = include_str!("../../policies/disclosure/standard.toml")
        .replace("tick = \"daily\"", "tick = \"at_once\"")
        .replace("own_count_cap_nrho = 300_000_000\n", line);
    Policy::from_toml(&text).unwrap()
}

/// A programme of the same principal, under another account of the leads, with these partners.
fn sister(world: &World, name: &str, account: &str, partners: &[Partner]) -> Programme {
    let mut sister = programme(name, "at_once");
    sister.policy = with_account(account);
    let sister: Programme = world.principal.register(sister, &world.key).json();
    world.officer.approve(&sister).ok();
    for partner in partners {
        world.principal.add(&sister.id, &world.key, partner);
    }
    sister
}

/// The cap holds where shares are as small as they get, partners join between, and two ask at once.
#[test]
fn all_partners_together_spend_no_more_than_the_cap() {
    let mut world = World::new();
    (4..=8).for_each(|number| world.add_partner(number));
    world.programme = sister(&world, "Petit", "own_count_cap_nrho = 10_000_000\n", &world.partners);
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    (9..=12).for_each(|number| world.add_partner(number));
    for dealer in 0..world.partners.len() {
        let sales = world.sales(dealer, &World::small_sales(0));
        world.partners[dealer].deposit(&sales).ok();
    }
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = world
            .partners
            .iter()
            .flat_map(|partner| [partner, partner])
            .map(|partner| scope.spawn(|| ask(&world, partner, APRIL)))
            .collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let mut told = 0;
    for twice in answers.chunks(2) {
        if twice[0].status == 200 {
            assert_eq!(twice[0].bytes, twice[1].bytes, "one answer for each partner");
            told += 1;
        } else {
            let spent = (429, "own_count.spent".to_owned());
            assert_eq!((refused(&twice[0]), refused(&twice[1])), (spent.clone(), spent));
        }
    }
    // Twelve partners, a share of a thousandth of a rho at least.
    assert_eq!(told, 10);
    assert_eq!(spent(&world), [(APRIL.to_owned(), 10_000_000)]);
}

/// One account for the programmes of a group: what one spends the other has not, and the lesser cap holds.
#[test]
fn programmes_of_one_principal_share_the_account_of_a_month() {
    let mut world = World::stocked();
    let dealer = &world.partners[0];
    assert_eq!(read(&world, &ask(&world, dealer, APRIL)).account.cost_nrho, SHARE);
    let own = world.programme.clone();
    let small = sister(&world, "Petit", "own_count_cap_nrho = 50_000_000\n", &world.partners);
    world.programme = small;
    world.stock();
    let plan_of: OwnCountPlan = plan(&world, &world.partners[0], APRIL).json();
    assert_eq!((plan_of.cost_nrho, plan_of.left_nrho), (5_000_000, 20_000_000));
    let told = read(&world, &ask(&world, &world.partners[0], APRIL));
    assert_eq!((told.account.cap_nrho, told.account.spent_nrho), (50_000_000, 35_000_000));
    // The first programme goes on under the lesser cap.
    world.programme = own;
    let told = read(&world, &ask(&world, &world.partners[1], APRIL));
    assert_eq!((told.account.cost_nrho, told.account.left_nrho), (5_000_000, 10_000_000));
}

#[test]
fn a_small_figure_is_hidden_and_paid_like_any_other() {
    let world = World::new();
    let lead = |n| Lead { person: Person(n), day: "2025-04-10", campaign: CAMPAIGNS[0] };
    world.principal.deposit(&world.leads(&(0..160).map(lead).collect::<Vec<_>>())).ok();
    let strangers =
        (5_000..5_040).map(|n| Sale { person: Person(n), day: "2025-06-12", euros: 9_000 });
    world.partners[0].deposit(&world.sales(0, &strangers.collect::<Vec<_>>())).ok();
    let told = read(&world, &ask(&world, &world.partners[0], APRIL));
    // Nobody bought: eleven and more are noise of 2.7 scales, once in 290 runs.
    assert!(told.persons.is_none_or(|persons| (told.shown_from..25).contains(&persons)));
    assert_eq!(spent(&world), [(APRIL.to_owned(), SHARE)]);
    // As long as one in which many bought.
    let many = World::stocked();
    let shown = read(&many, &ask(&many, &many.partners[0], APRIL));
    let length = |own: &OwnCount| {
        let same = OwnCount { partner: told.partner.clone(), snapshot: 1, ..own.clone() };
        serde_json::to_string(&same).unwrap().len()
    };
    assert_eq!(length(&told), length(&shown));
}

/// Every line of the documentation, worked out again.
#[test]
fn the_table_of_what_an_own_count_is_worth_is_true() {
    let page = include_str!("../../docs/statistics.md");
    let (_, table) = page.split_once("| partners of the programme |").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let cap = policy("at_once").own_count_cap_nrho().unwrap();
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let partners: String = cells[0].chars().take_while(char::is_ascii_digit).collect();
        let terms = OwnCountTerms::of(cap, partners.parse().unwrap()).unwrap();
        let said: u64 = cells[1].replace(',', "").parse().unwrap();
        let found = (said, cells[2].to_owned(), cells[3].to_owned());
        let scale = format!("{:.3}", terms.sigma());
        assert_eq!(found, (terms.cost_nrho(), scale, terms.half_width().to_string()), "{row}");
    }
    assert_eq!(rows.len(), 5);
}

/// Stopped before it is recorded, nothing was paid and it may be asked; stopped after, it was told.
#[test]
fn a_crash_leaves_an_own_count_told_and_paid_or_neither() {
    for (point, told) in [(FaultPoint::ReleaseDrawn, false), (FaultPoint::ReleaseCommitted, true)] {
        let with = Dependencies { faults: Faults::at(point), ..Dependencies::default() };
        let world = World::stocked().reopen(with);
        assert_eq!(ask(&world, &world.partners[0], APRIL).status, 500);
        let world = world.reopen(Dependencies::default());
        assert_eq!(spent(&world).len(), usize::from(told));
        let plan: OwnCountPlan = plan(&world, &world.partners[0], APRIL).json();
        assert_eq!(plan.told.is_some(), told);
        read(&world, &ask(&world, &world.partners[0], APRIL));
        assert_eq!(spent(&world), [(APRIL.to_owned(), SHARE)]);
    }
}

/// After a restored backup nobody knows what was told: the account of the month stays closed, and only that.
#[test]
fn t33_an_own_count_that_a_backup_forgot_is_not_told_anew() {
    let (world, fleet, _folder) = watched(World::stocked());
    let kept = tempfile::tempdir().unwrap();
    let (backup, mirror) = (kept.path().join("backup"), kept.path().join("mirror"));
    let before = ask(&world, &world.partners[0], "2025-03").ok().bytes.clone();
    copy(&world.server.data(), &backup);
    ask(&world, &world.partners[0], APRIL).ok();
    fleet.settled(&world.server);
    copy(&world.server.data().join("ledger"), &mirror);
    let world = world.reopen_after(
        |folder, _| {
            std::fs::remove_dir_all(folder.join("data")).unwrap();
            copy(&backup, &folder.join("data"));
            let keyring = Keyring::open(&folder.join("data.keyring")).unwrap();
            let source = tiers::ledger::DirSource::new(&mirror);
            Certifier::repair(&folder.join("data"), keyring, &source, fleet.dependencies())
                .unwrap();
        },
        fleet.dependencies(),
    );
    assert_eq!(spent(&world), [("2025-03".to_owned(), SHARE), (APRIL.to_owned(), SHARE)]);
    assert_eq!(ask(&world, &world.partners[0], "2025-03").ok().bytes, before);
    let closed = (429, "own_count.restored".to_owned());
    for partner in &world.partners[..2] {
        assert_eq!(refused(&ask(&world, partner, APRIL)), closed);
    }
    read(&world, &ask(&world, &world.partners[1], "2025-05"));
}
