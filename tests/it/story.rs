//! The whole line, through HTTP: enrol, register, approve, deposit, ask, verify; and what the budget,
//! the store and the ledger then say.

use tiers::disclosure;
use tiers_protocol::attested::Attested;
use tiers_protocol::canonical;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::entropy::System;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::report::Report;
use tiers_protocol::tlog::{Entry, EntryType};
use tiers_protocol::wire::ReleaseInfo;

use crate::harness::people::{Lead, Person, leads_csv, sales_csv};
use crate::harness::roles::report_request;
use crate::harness::world::{CAMPAIGNS, LEADS, MONTH, World, programme};
use crate::harness::{Dice, deposits::Draft};

/// Both templates of the standard policy together.
const COST_NRHO: u64 = 82_500_000;

fn verified(world: &World, release: &ReleaseInfo) -> (Certificate, Report) {
    let (report, certificate) = world.principal.documents(&release.release);
    let trust = world.server.trust();
    let read = certificate::verify(&certificate, &report, &trust).expect("the certificate holds");
    let report: Report = canonical::from_slice(&report).expect("the report is canonical");
    disclosure::recompute(&report).expect("every figure follows from the noisy values");
    (read.document, report)
}

fn count(entries: &[Entry], kind: EntryType) -> usize {
    entries.iter().filter(|entry| entry.entry_type() == kind).count()
}

#[test]
fn a_file_in_and_a_certified_figure_out() {
    let world = World::stocked();
    for partner in &world.partners {
        assert_eq!(partner.unwrap_key(&world.programme.id).id(), world.key.id());
    }
    let release = world.principal.release(&world.programme.id, MONTH);
    assert!(!release.from_store);
    assert_eq!(release.cost_nrho, COST_NRHO);
    let (certificate, report) = verified(&world, &release);

    assert_eq!(certificate.release, release.release);
    assert_eq!(certificate.principal.id, world.principal.id);
    assert_eq!(certificate.approval.by, world.officer.actor);
    assert_eq!(certificate.policy.sha256, world.programme.policy_digest());
    assert_eq!(certificate.deposits.len(), 4);
    assert_eq!(report.head.release, release.release);
    let section = report.campaigns().expect("conversions by campaign");
    let leads: Vec<Option<u64>> = section.rows.iter().map(|row| row.figures.leads).collect();
    assert_eq!(leads, [Some(u64::from(LEADS)), Some(u64::from(LEADS / 2))]);
    let shown = |row: &tiers_protocol::report::Row| row.figures.noisy.is_some();
    // 40 people each, and as many who did not buy: five scales of noise above every threshold.
    assert!(section.rows.iter().all(shown));
    // And six scales around what the files say, which everything in between had to leave intact.
    let far = |row: &tiers_protocol::report::Row| {
        row.figures.noisy.is_none_or(|noisy| noisy.count.abs_diff(40) > 30)
    };
    assert!(!section.rows.iter().any(far));
    assert!(section.total.noisy.is_some_and(|noisy| noisy.count.abs_diff(80) <= 45));

    let (summary, entries) = world.ledger();
    for (kind, expected) in [
        (EntryType::CertifierStarted, 1),
        (EntryType::PartyEnrolled, 4),
        (EntryType::KeyIssued, 6),
        (EntryType::ProgrammeRegistered, 1),
        (EntryType::ProgrammePartnerAdded, 3),
        (EntryType::KeyWrapped, 3),
        (EntryType::DepositReceived, 4),
        (EntryType::MatchRun, 1),
        (EntryType::LedgerDebit, 1),
        (EntryType::ReleasePublished, 1),
        (EntryType::PolicyChanged, 1),
    ] {
        assert_eq!(count(&entries, kind), expected, "{}", kind.as_str());
    }
    assert_eq!(summary.steps_back, 0);
}

#[test]
fn a_deposit_gets_a_receipt_that_anybody_can_verify() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    let partner = &world.partners[0];
    assert_eq!(partner.receipt(&sealed.id()).outcome(), (404, "object.not_found".to_owned()));
    partner.deposit(&sealed).ok();
    let receipt = partner.receipt(&sealed.id());
    let read = Attested::<Receipt>::verify(&receipt.ok().bytes, &world.server.trust()).unwrap();
    assert_eq!(read.document.deposit, sealed.id());
    assert_eq!(read.document.party, partner.id);
    assert_eq!(read.document.rows, World::small_sales(0).len() as u64);
    assert_eq!(read.document.manifest_sha256, sha256(&sealed.manifest.to_vec()));
    assert_eq!(partner.receipt(&sealed.id()).bytes, receipt.bytes, "the same bytes for ever");
    let other = crate::harness::server::Server::start().trust();
    assert!(Attested::<Receipt>::verify(&receipt.bytes, &other).is_err(), "other keys");
}

#[test]
fn the_same_question_is_answered_from_the_store_at_no_cost() {
    let world = World::stocked();
    let first = world.principal.release(&world.programme.id, MONTH);
    let documents = world.principal.documents(&first.release);
    for _ in 0..5 {
        let again = world.principal.release(&world.programme.id, MONTH);
        assert!(again.from_store);
        assert_eq!(again.release, first.release);
        assert_eq!(world.principal.documents(&again.release), documents);
    }
    let [account] = &world.accounts()[..] else { panic!("one account") };
    assert_eq!((account.spent_nrho, account.month.as_str()), (COST_NRHO, MONTH));
    let (_, entries) = world.ledger();
    assert_eq!(count(&entries, EntryType::LedgerDebit), 1);
}

#[test]
fn sta_09_a_spent_budget_refuses_and_the_ledger_agrees_with_the_accounts() {
    let world = World::stocked();
    let ask = || world.principal.request(&world.programme.id, MONTH);
    let mut answers = vec![ask().json::<ReleaseInfo>()];
    // Each arrival is a new snapshot, and thereby a new question.
    for extra in 0..2 {
        let sale = [crate::harness::people::Sale {
            person: Person(5_000 + extra),
            day: "2025-06-20",
            euros: 9_000,
        }];
        world.partners[0].deposit(&world.sales(0, &sale)).ok();
        answers.push(ask().json());
    }
    world.partners[1].deposit(&world.sales(1, &World::small_sales(1)[..5])).ok();
    let refused = ask();
    assert_eq!(refused.outcome(), (429, "report.budget_spent".to_owned()));
    refused.problem();
    assert!(answers.iter().all(|answer| !answer.from_store));

    // Another month has an account of its own; a stored answer stays available.
    let other = world.principal.release(&world.programme.id, "2025-05");
    let (certificate, _) = verified(&world, &other);
    assert_eq!(certificate.account.spent_nrho, COST_NRHO);
    let mut old = report_request(&world.programme.id, MONTH);
    old.snapshot = Some(answers[0].snapshot);
    let stored: ReleaseInfo = world.principal.client.post("/v1/reports", &old).json();
    assert_eq!((stored.release, stored.from_store), (answers[0].release, true));

    let (summary, entries) = world.ledger();
    let accounts = world.accounts();
    assert_eq!(accounts.len(), 2);
    for account in &accounts {
        let id = tiers_protocol::tlog::OpaqueId::new(&account.account.to_string()).unwrap();
        assert_eq!(summary.spent_nrho.get(&id), Some(&account.spent_nrho));
        assert_eq!(account.spent_nrho + account.left_nrho, account.cap_nrho);
    }
    let spent: u64 = accounts.iter().map(|account| account.spent_nrho).sum();
    assert_eq!(spent, 4 * COST_NRHO);
    assert_eq!(summary.spent_nrho.values().sum::<u64>(), spent);
    assert_eq!(count(&entries, EntryType::LedgerDebit), 4);
    assert_eq!(count(&entries, EntryType::ReleasePublished), 4);
    assert_eq!(count(&entries, EntryType::ReleaseRefused), 1);
}

/// The leads root that a question of the world's leads has.
fn root(world: &World) -> Bytes<32> {
    let release = world.principal.release(&world.programme.id, MONTH);
    verified(world, &release).0.question.leads_root
}

#[test]
fn leads_are_a_set_of_rows_tokens_and_attributes() {
    let mut leads = World::small_leads();
    let world = World::new();
    let deposit = |leads: &[Lead]| world.principal.deposit(&world.leads(leads)).ok().status;
    deposit(&leads);
    world.stock_sales(0);
    let first = root(&world);
    // The same rows in another order, some of them twice: the same set.
    Dice(7).shuffle(&mut leads);
    leads.extend_from_within(..40);
    deposit(&leads);
    assert_eq!(root(&world), first);
    // One attribute of one row: another set.
    let changed = Lead { day: "2025-04-11", ..leads[3] };
    deposit(&[changed]);
    assert_ne!(root(&world), first);
}

#[test]
fn a_changed_campaign_changes_the_root() {
    let world = World::new();
    world.stock();
    let first = root(&world);
    let lead = Lead { campaign: CAMPAIGNS[1], ..World::small_leads()[0] };
    world.principal.deposit(&world.leads(&[lead])).ok();
    assert_ne!(root(&world), first);
}

#[test]
fn pse_07_tokens_of_one_programme_match_nothing_in_another() {
    let world = World::new();
    let key = ProgrammeKey::generate(&mut System);
    let other: tiers_protocol::programme::Programme =
        world.principal.register(programme("Autre", "at_once"), &key).json();
    let csv = leads_csv(&World::small_leads());
    let here = Draft::of(&world.programme, &world.key, tiers_contact::FileKind::Leads, &csv);
    let there = Draft::of(&other, &key, tiers_contact::FileKind::Leads, &csv);
    let tokens = |draft: &Draft| -> std::collections::BTreeSet<Vec<u8>> {
        let fields = draft.plain.split(|b| matches!(b, b',' | b'\n'));
        fields.filter(|field| field.len() == 43).map(<[u8]>::to_vec).collect()
    };
    let (here, there) = (tokens(&here), tokens(&there));
    assert_eq!(here.len(), there.len());
    assert!(here.len() > 600, "four kinds for each person");
    assert!(here.is_disjoint(&there));
}

#[test]
fn sta_12_no_release_without_an_officers_approval() {
    let mut world = World::unapproved("at_once");
    (1..=3).for_each(|number| world.add_partner(number));
    world.stock();
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.outcome(), (403, "report.not_approved".to_owned()));
    assert!(world.accounts().is_empty(), "a refusal costs nothing");
    // Nobody but an officer can approve.
    let digest =
        tiers_protocol::wire::ApprovePolicy { policy_sha256: world.programme.policy_digest() };
    let path = format!("/v1/programmes/{}/approval", world.programme.id);
    assert_eq!(world.principal.client.post(&path, &digest).status, 403);
    world.officer.approve(&world.programme).ok();
    let release = world.principal.release(&world.programme.id, MONTH);
    let (certificate, _) = verified(&world, &release);
    assert_eq!(certificate.approval.by, world.officer.actor);
    assert_ne!(certificate.approval.by, world.principal.actor);
    // The digest of what was delivered stands in the certificate, which the ledger commits to.
    let (report, _) = world.principal.documents(&release.release);
    assert_eq!(certificate.report_sha256, sha256(&report));
}

#[test]
fn sta_15_outlets_of_one_group_count_once() {
    use crate::harness::roles::{Partner, company};
    use tiers_protocol::party::PartySecret;
    use tiers_protocol::wire::Role;
    let mut world = World::unapproved("at_once");
    world.officer.approve(&world.programme).ok();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    // Three outlets of one owner, then one of the brand's own group (number 0 heads it), and two
    // more owners: each deposits, and only owners other than the brand are counted.
    let heads = [(11, 11), (12, 11), (13, 11), (14, 0), (15, 15), (16, 16)];
    for (place, (number, head)) in heads.into_iter().enumerate() {
        let secret = PartySecret::generate(&mut System);
        let new = company(Role::Partner, number, Some(head), &secret);
        let outlet = world.operator.enrol_as(&world.server, &new, secret);
        world.principal.add(&world.programme.id, &world.key, &outlet);
        world.partners.push(Partner(outlet));
        let sales = World::small_sales(u32::try_from(place % 3).unwrap());
        world.partners[place].deposit(&world.sales(place, &sales)).ok();
        let answer = world.principal.request(&world.programme.id, MONTH);
        if place < 5 {
            assert_eq!(answer.outcome(), (422, "report.too_few_partners".to_owned()), "{place}");
        } else {
            assert_eq!(answer.status, 201, "three owners");
        }
    }
}

#[test]
fn the_public_ledger_does_not_tell_who_acts() {
    let world = World::stocked();
    let sealed = world.sales(0, &World::small_sales(1));
    world.partners[0].deposit(&sealed).ok();
    let acts = world.officer.acts();
    let (_, entries) = world.ledger();
    // For the officer one dealer is one name; in public each entry has a name of its own.
    let received = EntryType::DepositReceived.as_str();
    let dealer = world.partners[0].actor.to_string();
    let of_dealer = acts.iter().filter(|a| a.act == received && a.actor == dealer).count();
    assert_eq!(of_dealer, 2);
    let public: std::collections::BTreeSet<_> =
        entries.iter().map(|entry| entry.actor().as_str().to_owned()).collect();
    assert_eq!(public.len(), entries.len(), "no name twice");
    assert!(acts.iter().all(|act| !public.contains(&act.actor)), "and none that officers see");
}

#[test]
fn an_officer_who_reads_a_programme_leaves_a_trace() {
    let world = World::new();
    let path = format!("/v1/programmes/{}", world.programme.id);
    let readings = || {
        let acts = world.officer.acts();
        let id = world.programme.id.to_string();
        acts.iter().filter(|a| a.act == EntryType::OfficerViewed.as_str() && a.object == id).count()
    };
    let before = readings();
    world.officer.client.get(&path).ok();
    assert_eq!(readings(), before + 1);
    world.principal.client.get(&path).ok();
    assert_eq!(readings(), before + 1, "the principal's own reading is none");
}

#[test]
fn pse_10_sta_11_nobody_receives_a_token_or_a_row() {
    let world = World::stocked();
    let release = world.principal.release(&world.programme.id, MONTH);
    let sales = world.draft_sales();
    let tokens: Vec<String> = String::from_utf8(sales.plain)
        .unwrap()
        .split([',', '\n'])
        .filter(|field| field.len() == 43)
        .map(str::to_owned)
        .collect();
    assert!(tokens.len() > 100);
    let id = &world.programme.id;
    let as_principal = [
        format!("/v1/programmes/{id}"),
        format!("/v1/programmes/{id}/partners"),
        "/v1/deposits".to_owned(),
        format!("/v1/releases?programme={id}"),
        format!("/v1/releases/{}/report", release.release),
        format!("/v1/releases/{}/certificate", release.release),
        format!("/v1/accounts?programme={id}"),
    ];
    let mut seen = String::new();
    for path in &as_principal {
        seen.push_str(core::str::from_utf8(&world.principal.client.get(path).ok().bytes).unwrap());
    }
    for act in world.officer.acts() {
        seen.push_str(&serde_json::to_string(&act).unwrap());
    }
    for token in &tokens {
        assert!(!seen.contains(token.as_str()));
    }
    // Nor how many rows a partner sent: that is between it and the certifier.
    let deposits: serde_json::Value = world.principal.client.get("/v1/deposits").json();
    assert_eq!(deposits.as_array().map(Vec::len), Some(1), "its own leads only");
}

#[test]
fn a_daily_tick_hides_when_something_arrived() {
    let world = World::with_tick("daily");
    world.stock();
    // Today's arrivals take effect tomorrow.
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.outcome(), (422, "report.too_few_leads".to_owned()));
    world.server.clock().advance_days(1);
    let first = world.principal.release(&world.programme.id, MONTH);
    world.partners[0].deposit(&world.sales(0, &World::small_sales(0)[..9])).ok();
    let again = world.principal.release(&world.programme.id, MONTH);
    assert_eq!((again.release, again.from_store), (first.release, true));
    world.server.clock().advance_days(1);
    let next = world.principal.release(&world.programme.id, MONTH);
    assert_ne!(next.release, first.release);
    assert_eq!(next.snapshot, first.snapshot + 1);
}

#[test]
fn an_officers_reading_is_itself_an_act() {
    let world = World::new();
    let acts = world.officer.acts();
    let last = acts.last().unwrap();
    assert_eq!(
        (last.act.as_str(), last.actor.clone()),
        (EntryType::OfficerViewed.as_str(), world.officer.actor.to_string(),)
    );
    assert_eq!(last.detail.as_ref().unwrap()["reason"], "control");
    let (_, entries) = world.ledger();
    assert_eq!(count(&entries, EntryType::OfficerViewed), 1);
    assert_eq!(entries.len(), acts.len());
    for (entry, act) in entries.iter().zip(&acts) {
        assert_eq!(entry.entry_type().as_str(), act.act);
        assert_eq!(entry.object().as_str(), act.object);
    }
}

#[test]
fn a_question_asked_by_many_at_once_is_paid_once() {
    let world = World::stocked();
    let ask = || world.principal.release(&world.programme.id, MONTH);
    let answers: Vec<ReleaseInfo> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.release == answers[0].release));
    assert_eq!(answers.iter().filter(|answer| !answer.from_store).count(), 1);
    assert_eq!(world.accounts()[0].spent_nrho, COST_NRHO);
    let (_, entries) = world.ledger();
    assert_eq!(count(&entries, EntryType::LedgerDebit), 1);
}

#[test]
fn principals_of_one_group_share_an_account() {
    use crate::harness::roles::{Principal, company};
    use tiers_protocol::party::PartySecret;
    use tiers_protocol::wire::Role;
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    // A sister company under the same head (number 0 heads the group of the brand).
    let secret = PartySecret::generate(&mut System);
    let new = company(Role::Principal, 31, Some(0), &secret);
    let sister = world.operator.enrol_as(&world.server, &new, secret);
    let sister = Principal(sister);
    let key = ProgrammeKey::generate(&mut System);
    let own: tiers_protocol::programme::Programme =
        sister.register(programme("Soeur", "at_once"), &key).json();
    world.officer.approve(&own).ok();
    for partner in &world.partners {
        sister.add(&own.id, &key, partner);
    }
    let certifier = world.server.trust().sealing;
    let csv = leads_csv(&World::small_leads());
    let draft = Draft::of(&own, &key, tiers_contact::FileKind::Leads, &csv);
    sister.deposit(&draft.seal(&certifier, &sister.secret)).ok();
    for (dealer, partner) in (0..).zip(&world.partners) {
        let csv = sales_csv(&World::small_sales(dealer));
        let draft = Draft::of(&own, &key, tiers_contact::FileKind::Sales, &csv);
        partner.deposit(&draft.seal(&certifier, &partner.secret)).ok();
    }
    let release = sister.release(&own.id, MONTH);
    let (report, certificate) = sister.documents(&release.release);
    let read = certificate::verify(&certificate, &report, &world.server.trust()).unwrap();
    assert_eq!(read.document.account.spent_nrho, 2 * COST_NRHO);
    assert_eq!(world.accounts()[0].spent_nrho, 2 * COST_NRHO);
}
