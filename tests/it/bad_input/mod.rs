//! What bad input gets: for every refusal there is, a request that provokes it, the status and the
//! code that come back, what the ledger then says, and that nothing was stored.

mod deposits;
mod files;
mod requests;

use std::collections::BTreeSet;

use tiers::service::Refusal;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Act, DepositInfo, DepositState};

use crate::harness::client::Answer;
use crate::harness::world::World;

/// What a refusal leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// Nothing: nobody was known, or nothing was attempted that the ledger speaks of.
    Nothing,
    /// An entry `deposit.refused` with the code, and no file.
    Deposit,
    /// An entry `release.refused` with the code.
    Release,
    /// The same, after deposits that were accepted.
    ReleaseAfterWork,
    /// The request contradicts what is there, which stays as it was.
    Standing,
}

impl Trace {
    /// Whether files may have come, by what went before the refusal.
    const fn keeps(self) -> bool {
        matches!(self, Self::Standing | Self::ReleaseAfterWork)
    }
}

/// One way to be refused.
struct Case {
    /// What is refused, in words.
    name: &'static str,
    refusal: Refusal,
    status: u16,
    trace: Trace,
    provoke: fn(&World) -> Answer,
}

/// Refusals that no test can provoke at a reasonable cost, with the reason.
const UNREACHED: [(Refusal, &str); 25] = [
    (Refusal::LiftsMany, "needs a hundred lifts"),
    (Refusal::Unwitnessed, "needs witnesses: witnesses.rs"),
    (Refusal::AccountRestored, "needs a restored backup: restored.rs"),
    (Refusal::TooManyPartners, "needs ten thousand enrolled partners"),
    (Refusal::EpochOver, "moves the clock: a test of its own below"),
    (Refusal::BadSearch, "searches have tests of their own: officer.rs"),
    (Refusal::SearchesSpent, "needs two hundred searches: officer.rs"),
    (Refusal::ProgrammeClosed, "needs the end of a service: retention.rs"),
    (Refusal::NotErased, "the end of a service: retention.rs"),
    (Refusal::Waiting, "needs bodies that are long in the reading: tested where turns are given"),
    (Refusal::NoRoom, "needs a full disk: disk.rs"),
    (Refusal::Storage, "needs a disk that refuses: disk.rs"),
    (Refusal::NotReady, "needs a disk that is nearly full"),
    (Refusal::Quota, "needs the bytes of a day: counted where bodies are received"),
    (Refusal::ChangeDue, "changes of keys have tests of their own: accesses.rs"),
    (Refusal::LastAccess, "changes of keys have tests of their own: accesses.rs"),
    (Refusal::LeafErased, "needs an erasure after a tick: ticks.rs"),
    (Refusal::Invitation, "a page says it: portal.rs"),
    (Refusal::Passkey, "a page says it: portal.rs"),
    (Refusal::TooManyPeople, "needs as many people as a party may have"),
    (Refusal::TooOften, "needs a caller without end: the buckets are tested in api/rate.rs"),
    (Refusal::ExchangeNothingPassed, "needs a second batch that waits"),
    (Refusal::ExchangeWithheld, "needs three batches of which nothing passes: exchange/told.rs"),
    (Refusal::BatchTooMany, "needs ten million records"),
    (Refusal::ExchangeInvoice, "the agreement was checked for all that an invoice asks"),
];

fn cases() -> Vec<Case> {
    let mut cases = requests::cases();
    cases.extend(deposits::cases());
    cases
}

fn of_kind(acts: &[Act], kind: EntryType) -> Vec<&Act> {
    acts.iter().filter(|act| act.act == kind.as_str()).collect()
}

fn run(world: &World, case: &Case) {
    let (acts, files) = (world.officer.acts(), world.server.deposit_files());
    let answer = (case.provoke)(world);
    let expected = (case.status, case.refusal.code().to_owned());
    assert_eq!(answer.outcome(), expected, "{}", case.name);
    let problem = answer.problem();
    assert_eq!(problem.detail, case.refusal.advice());
    assert_eq!(problem.title, case.refusal.title());

    let after = world.officer.acts();
    let new = |kind| of_kind(&after, kind).len() - of_kind(&acts, kind).len();
    let (deposits, releases) = (new(EntryType::DepositRefused), new(EntryType::ReleaseRefused));
    let traced = match case.trace {
        Trace::Nothing | Trace::Standing => (0, 0),
        Trace::Deposit => (1, 0),
        Trace::Release | Trace::ReleaseAfterWork => (0, 1),
    };
    assert_eq!((deposits, releases), traced, "{}", case.name);
    for kind in [EntryType::DepositRefused, EntryType::ReleaseRefused] {
        if new(kind) > 0 {
            let last = *of_kind(&after, kind).last().unwrap();
            assert_eq!(last.detail.as_ref().unwrap()["code"], case.refusal.code());
        }
    }
    if !case.trace.keeps() {
        assert_eq!(world.server.deposit_files(), files, "{}: something was stored", case.name);
        for company in world.partners.iter().map(|p| &p.client).chain([&world.principal.client]) {
            let deposits: Vec<DepositInfo> = company.get("/v1/deposits").json();
            let open = deposits.iter().filter(|d| d.state == DepositState::Open).count();
            assert_eq!(open, 0, "{}: a deposit stays open", case.name);
        }
    }
}

/// What the law asks for before data may flow has a network and tests of its own: over HTTP, or where
/// the gaps of a record are told.
fn refusals_of_governance() -> Vec<&'static str> {
    let served = concat!(include_str!("../governance.rs"), include_str!("../register.rs"));
    let told = include_str!("../../../crates/engine/src/governance/tests.rs");
    let codes = Refusal::ALL.iter().map(|refusal| refusal.code());
    let codes = codes.filter(|code| {
        ["governance.", "contract.", "breach.", "register."].iter().any(|of| code.starts_with(of))
    });
    let codes: Vec<_> = codes.collect();
    for code in &codes {
        let name = code.trim_start_matches("governance.").split(['.', '_']);
        let name: String = name.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let provoked = served.contains(&format!("\"{code}\""))
            || code.starts_with("contract.clause_") && served.contains("contract.clause_{letter}")
            || told.contains(&format!("Gap::{name}"));
        assert!(provoked, "{code} is provoked nowhere");
    }
    codes
}

/// Consent, exchanges and portals have networks and tests of their own, over HTTP.
fn refusals_elsewhere() -> Vec<&'static str> {
    let tests = concat!(
        include_str!("../alerts.rs"),
        include_str!("../consent/collections.rs"),
        include_str!("../consent/forms.rs"),
        include_str!("../consent/history.rs"),
        include_str!("../consent/oppositions.rs"),
        include_str!("../consent/proofs.rs"),
        include_str!("../consent/requests.rs"),
        include_str!("../exchange/agreement.rs"),
        include_str!("../exchange/closing.rs"),
        include_str!("../exchange/lists.rs"),
        include_str!("../exchange/passage.rs"),
        include_str!("../exchange/platform.rs"),
        include_str!("../exchange/review.rs"),
        include_str!("../exchange/platform.rs"),
        include_str!("../exact.rs"),
        include_str!("../lift.rs"),
        include_str!("../own_count.rs"),
        include_str!("../portal.rs"),
        include_str!("../tls.rs"),
        include_str!("../webhooks/delivery.rs"),
        include_str!("../webhooks/mod.rs"),
    );
    let families = [
        "agreement.",
        "alert.",
        "batch.",
        "collection.",
        "consent.",
        "exchange.",
        "form.",
        "lift.",
        "opposition.",
        "own_count.",
        "portal.",
        "subject.",
        "webhook.",
        "submission.",
    ];
    let others = [
        "report.exact_not_agreed",
        "report.exact_not_given",
        "report.exact_past",
        "report.exact_told",
        "report.lift_leads_changed",
        "report.lift_month",
        "report.no_lift",
        "request.extension_late",
        "request.extension_reason",
        "request.extension_twice",
    ];
    let unreached = UNREACHED.iter().map(|(refusal, _)| refusal.code());
    let unreached: BTreeSet<&str> = unreached.collect();
    let mut codes: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    codes.retain(|code| {
        let here = others.contains(code) || families.iter().any(|of| code.starts_with(of));
        here && !unreached.contains(code)
    });
    for code in &codes {
        assert!(tests.contains(&format!("\"{code}\"")), "{code} is provoked nowhere");
    }
    codes
}

#[test]
fn every_refusal_is_provoked_and_leaves_what_it_should() {
    let cases = cases();
    // One network for all that change nothing; the others get one each.
    let shared = World::new();
    for case in &cases {
        if case.trace.keeps() {
            run(&World::new(), case);
        } else {
            run(&shared, case);
        }
    }
    shared.ledger();
    let mut reached: BTreeSet<&str> = cases.iter().map(|case| case.refusal.code()).collect();
    for (refusal, reason) in UNREACHED {
        assert!(!reason.is_empty() && reached.insert(refusal.code()), "{}", refusal.code());
    }
    reached.extend(refusals_of_governance());
    reached.extend(refusals_elsewhere());
    let all: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(reached, all);
}

#[test]
fn pse_16_an_epoch_that_is_over_takes_no_deposit() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    world.server.clock().advance_days(300);
    let last_day = world.partners[0].open(&sealed);
    assert_eq!(last_day.status, 201, "the last day is of the epoch");
    world.server.clock().advance_days(1);
    let other = world.sales(0, &World::small_sales(1));
    let refused = world.partners[0].open(&other);
    assert_eq!(refused.outcome(), (422, Refusal::EpochOver.code().to_owned()));
}

#[test]
fn a_refused_deposit_can_be_made_good() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    let partner = &world.partners[0];
    partner.open(&sealed).ok();
    let half = sealed.bytes.len() / 2;
    let cut = partner.upload(&sealed.id(), 0, &sealed.bytes[..half], true);
    assert_eq!(cut.outcome(), (422, "deposit.truncated".to_owned()));
    assert_eq!(partner.status(&sealed.id()).state, DepositState::Refused);
    partner.deposit(&sealed).ok();
    partner.receipt(&sealed.id()).ok();
}

#[test]
fn a_broken_transfer_goes_on_where_it_stopped() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    let partner = &world.partners[0];
    partner.open(&sealed).ok();
    let half = sealed.bytes.len() / 2;
    partner.upload(&sealed.id(), 0, &sealed.bytes[..half], false).ok();
    let status = partner.status(&sealed.id());
    assert_eq!((status.state, status.offset), (DepositState::Open, half as u64));
    // The manifest sent again finds the deposit where it stands.
    let again: tiers_protocol::wire::DepositStatus = partner.open(&sealed).json();
    assert_eq!(again.offset, half as u64);
    partner.upload(&sealed.id(), half, &sealed.bytes[half..], true).ok();
    partner.receipt(&sealed.id()).ok();
}

#[test]
fn a_connection_that_breaks_loses_only_what_had_not_arrived() {
    use std::io::Write as _;
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    let partner = &world.partners[0];
    partner.open(&sealed).ok();
    let id = sealed.id();
    let half = sealed.bytes.len() / 2;
    let address = world.server.url().trim_start_matches("http://");
    let mut wire = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "PUT /v1/deposits/{id}/body HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n",
        partner.client.key(),
        sealed.bytes.len(),
    );
    wire.write_all(head.as_bytes()).unwrap();
    wire.write_all(&sealed.bytes[..half]).unwrap();
    drop(wire);
    // The server may still be about to learn that the other end is gone.
    loop {
        let status = partner.status(&id);
        assert_eq!(status.state, DepositState::Open);
        let offset = usize::try_from(status.offset).unwrap();
        assert!(offset <= half);
        let rest = partner.upload(&id, offset, &sealed.bytes[offset..], true);
        match rest.code().as_str() {
            "deposit.upload_busy" | "deposit.wrong_offset" => std::thread::yield_now(),
            _ => {
                rest.ok();
                break;
            }
        }
    }
    partner.receipt(&id).ok();
}

#[test]
fn a_deposit_that_expires_half_way_is_forgotten() {
    let world = World::new();
    let partner = &world.partners[0];
    let mut draft = world.draft_sales();
    draft.manifest.retain_until = jiff::civil::date(2025, 10, 1);
    let sealed = draft.seal(&world.server.trust().sealing, &partner.secret);
    partner.open(&sealed).ok();
    partner.upload(&sealed.id(), 0, &sealed.bytes[..100], false).ok();
    assert_eq!(world.server.deposit_files().len(), 1);
    world.server.clock().advance_days(40);
    let late = partner.open(&sealed);
    assert_eq!(late.outcome(), (422, "deposit.expired".to_owned()));
    assert_eq!(partner.status(&sealed.id()).state, DepositState::Refused);
    assert!(world.server.deposit_files().is_empty());
}

#[test]
fn a_stranger_cannot_refuse_the_deposit_of_another() {
    let world = World::new();
    let sealed = world.sales(0, &World::small_sales(0));
    let partner = &world.partners[0];
    partner.open(&sealed).ok();
    let half = sealed.bytes.len() / 2;
    partner.upload(&sealed.id(), 0, &sealed.bytes[..half], false).ok();
    // A colleague sends the manifest that it got hold of.
    let foreign = world.partners[1].open(&sealed);
    assert_eq!(foreign.outcome(), (403, "deposit.foreign_manifest".to_owned()));
    let status = partner.status(&sealed.id());
    assert_eq!((status.state, status.offset), (DepositState::Open, half as u64));
    partner.upload(&sealed.id(), half, &sealed.bytes[half..], true).ok();
    partner.receipt(&sealed.id()).ok();
}

/// Requirements that one of the cases proves by itself.
macro_rules! proves {
    ($($test:ident: $name:literal;)*) => {$(
        #[test]
        fn $test() {
            let cases = cases();
            let mut named = cases.iter().filter(|case| case.name == $name);
            run(&World::new(), named.next().expect("a case of this name"));
            assert!(named.next().is_none(), "one case of this name");
        }
    )*};
}

proves! {
    pse_02_bare_hashes_are_refused: "bare hashes in place of tokens";
    pse_08_another_normalisation_is_refused: "another normalisation";
    pse_16_a_key_lives_twelve_months_at_most: "an epoch over a year";
    sec_14_an_altered_body_is_refused: "an altered body";
    sta_11_the_principal_cannot_ask_for_rows: "an unknown template";
}
