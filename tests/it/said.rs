//! What persons said after a backup is there again when the machine is lost: choices count, a no holds, what was
//! erased stays erased; where something is missing, nobody goes on unseen (`docs/formats/backup.md`).

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use tiers::crypto::keyring::Keyring;
use tiers::service::backup::{Restored, opened_said};
use tiers::service::faults::{FaultPoint, Faults};
use tiers::service::{Dependencies, Layout};
use tiers_protocol::consent::State;
use tiers_protocol::consent::proof::ConsentProof;
use tiers_protocol::consent::wire::{ConsentHistory, NoticeInfo, RecordedConsents, SubmissionInfo};
use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::ids::RecordId;
use tiers_protocol::request::{RequestAnswer, RequestInfo};
use tiers_protocol::wire::PersonToken;

use crate::backups::Elsewhere;
use crate::consent::{BRAND, Market, collections, event, person, why};
use crate::exchange::{Deal, address};
use crate::harness::server::{TestClock, walk};

fn asks(market: &Market, kind: &str, of: &[PersonToken]) -> RequestAnswer {
    let at = market.now();
    let new = json!({
        "kind": kind, "received_at": at, "rights": of, "programmes": [], "told_at": at,
    });
    market.dealer.client.post("/v1/requests", &new).json()
}

fn withdraws(market: &Market, recorded: &RecordedConsents, place: usize) -> u16 {
    let path = format!("/w/{}", recorded.links[place]);
    market.server.anonymous().send("POST", &path, &[], b"").outcome().0
}

fn record_of(link: &str) -> RecordId {
    let bytes = decode(link).unwrap();
    RecordId::from_bytes(bytes[..16].try_into().unwrap())
}

fn events(market: &Market, of: &[PersonToken]) -> usize {
    let query = json!({"tokens": of, "reason": "control"});
    let history: ConsentHistory = market.officer.client.post("/v1/consents/history", &query).json();
    history.events.len()
}

fn next_day(market: &Market) {
    market.server.clock().advance_days(1);
    market.server.certifier().upkeep().unwrap();
}

/// The machine is lost, and made again of the newest backup and what lies beside.
fn lost(deal: Deal, meanwhile: impl FnOnce(&Path, &TestClock)) -> Deal {
    deal.follow(|server| server.reopen_after(meanwhile, Dependencies::default()))
}

fn restored(elsewhere: &Elsewhere, folder: &Path, clock: &TestClock) -> Restored {
    elsewhere.restore_from_mirror(folder, clock, false).unwrap()
}

/// The tokens at rest, and the salts, of the events of a batch.
fn at_rest(market: &Market) -> (Vec<[u8; 16]>, Vec<[u8; 32]>) {
    let database = rusqlite::Connection::open(market.server.data().join("tiers.sqlite")).unwrap();
    let mut tokens = database.prepare("SELECT token FROM consent_event").unwrap();
    let tokens = tokens.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut salts = database.prepare("SELECT salt FROM tick_opening").unwrap();
    let salts = salts.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (tokens, salts)
}

fn beside(market: &Market) -> String {
    let keyring = Keyring::open(&market.server.folder().join("data.keyring")).unwrap();
    String::from_utf8(opened_said(&market.server.layout(), &keyring).unwrap().to_vec()).unwrap()
}

#[test]
fn sec_10_con_11_what_persons_said_since_the_backup_counts_after_a_restore() {
    let (deal, elsewhere) = (Deal::new(), Elsewhere::new());
    let agreement = deal.approved();
    // 1,199 always fill a lot, and two persons say no.
    deal.consented(0..1_202);
    let market = &deal.market;
    let named = |name: &str| person(&format!("{name}@example.com"));
    let given = |name: &str| event(&named(name), market.now() - 60, State::Given);
    let form = market.web_form();
    let before = market.record(form, ["ada", "bea", "eva"].map(given).into());
    let parcel = deal.sealed(&agreement, 0..1_202);
    deal.send(&parcel);
    let (tokens, _) = at_rest(market);
    elsewhere.back_up_of(&market.server, 30).unwrap();
    market.server.clock().advance_seconds(60);

    // A consent, a withdrawal, an objection, an erasure; then a tick, and more of the same day.
    let after = market.record(form, ["new", "late"].map(given).into());
    assert_eq!(withdraws(market, &before, 0), 200);
    asks(market, "objection", &named("bea"));
    asks(market, "objection", &person(&address(5)));
    assert!(!asks(market, "erasure", &named("eva")).done.is_empty());
    next_day(market);
    assert_eq!(withdraws(market, &after, 1), 200);
    let back = event(&person(&address(7)), market.now(), State::Withdrawn);
    market.record(form, vec![back]);
    let told = |deal: &Deal| -> Vec<Value> {
        let told: Vec<NoticeInfo> = deal.market.brand.client.get("/v1/notices").json();
        told.iter().map(|notice| serde_json::to_value(notice).unwrap()).collect()
    };
    let requests = |deal: &Deal| -> Vec<Value> {
        let all: Vec<RequestInfo> = deal.market.dealer.client.get("/v1/requests").json();
        all.iter().map(|one| serde_json::to_value(one).unwrap()).collect()
    };
    let (notices, asked) = (told(&deal), requests(&deal));
    assert!(notices.len() >= 4 && asked.len() == 3);
    elsewhere.keep_ledger_of(&market.server);

    let deal = lost(deal, |folder, clock| {
        let done = restored(&elsewhere, folder, clock);
        assert!(done.said >= 7 && done.to > done.from, "{done:?}");
    });
    let market = &deal.market;
    let asked_of = |name: &str| market.ask(&named(name), BRAND, None);
    assert_eq!(why(&asked_of("new")), "");
    assert_eq!(why(&asked_of("ada")), "withdrawn");
    assert_eq!(why(&asked_of("late")), "withdrawn");
    assert!(!asked_of("bea").allowed && !asked_of("eva").allowed);
    assert_eq!((events(market, &named("eva")), events(market, &named("ada"))), (0, 2));
    assert_eq!((told(&deal), requests(&deal)), (notices, asked), "nobody is told less");
    // Nothing is found by the erased token, in no file.
    let (now, _) = at_rest(market);
    let gone: Vec<_> = tokens.iter().filter(|token| !now.contains(token)).collect();
    assert_eq!(gone.len(), 1);
    let mut files = Vec::new();
    walk(&market.server.data(), &mut files);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(16).any(|part| part == gone[0]), "{}", file.display());
    }
    // What entered after the backup is proven as ever: by its own entry, and through its tick.
    let trust = market.server.trust();
    let path = format!("/v1/consents/{}/proof", record_of(&after.links[0]));
    ConsentProof::verify(&market.dealer.client.get(&path).ok().bytes, &trust).unwrap();
    // A batch that waited is decided about as if nothing had happened.
    deal.hand_over(&parcel.id()).ok();
    let passed: Vec<u64> =
        deal.open(&agreement, &parcel.id()).into_iter().map(|(at, ..)| at).collect();
    assert_eq!(passed.len(), 1_200);
    assert!(!passed.contains(&5) && !passed.contains(&7));
    // And again, of the same backup: what was said after the restore is there as well.
    assert_eq!(withdraws(market, &after, 0), 200);
    elsewhere.keep_ledger_of(&market.server);
    let deal = lost(deal, |folder, clock| drop(restored(&elsewhere, folder, clock)));
    let asked_of = |name: &str| deal.market.ask(&named(name), BRAND, None);
    assert_eq!((why(&asked_of("new")), why(&asked_of("ada"))), ("withdrawn", "withdrawn"));
}

#[test]
fn sec_10_where_what_was_said_is_lost_nobody_goes_on_unseen() {
    let (deal, elsewhere) = (Deal::new(), Elsewhere::new());
    let ada = person("ada@example.com");
    let market = &deal.market;
    let form = market.web_form();
    elsewhere.back_up_of(&market.server, 30).unwrap();
    market.record(form, vec![event(&ada, market.now() - 60, State::Given)]);
    elsewhere.keep_ledger_of(&market.server);
    let deal = lost(deal, |folder, clock| {
        let said = Layout::new(&folder.join("data")).said();
        let aside = folder.join("aside");
        fs::rename(&said, &aside).unwrap();
        let refused = elsewhere.restore_from_mirror(folder, clock, false);
        assert_eq!(refused.err(), Some("restore.said_lost"));
        // A refused attempt leaves nothing that the next one would take for what was said.
        fs::remove_dir_all(&said).unwrap_or_default();
        fs::rename(&aside, &said).unwrap();
        assert_eq!(restored(&elsewhere, folder, clock).erasures, 0);
        fs::rename(&said, &aside).unwrap();
        let gone_on = elsewhere.restore_from_mirror(folder, clock, true).unwrap();
        assert_eq!(gone_on.said, 0);
    });
    assert!(!deal.market.ask(&ada, BRAND, None).allowed, "what is not known permits nothing");
    // The person is asked again, and what was given up is in the ledger.
    deal.market.record(form, vec![event(&ada, deal.market.now(), State::Given)]);
    assert!(deal.market.ask(&ada, BRAND, None).allowed);
}

#[test]
fn sec_10_a_kill_between_the_two_writes_loses_nothing_and_adds_nothing() {
    let (deal, elsewhere) = (Deal::new(), Elsewhere::new());
    let (ada, bea) = (person("ada@example.com"), person("bea@example.com"));
    let market = &deal.market;
    let given = |of: &[PersonToken]| event(of, market.now() - 60, State::Given);
    let form = market.web_form();
    let both = market.record(form, vec![given(&ada), given(&bea)]);
    elsewhere.back_up_of(&market.server, 30).unwrap();
    // Kept, and not committed: nobody was told that it counts.
    let stop = Dependencies { faults: Faults::at(FaultPoint::SaidKept), ..Dependencies::default() };
    let deal = deal.reopen(stop);
    let kept = beside(&deal.market).matches("consent_batch").count();
    assert_eq!(withdraws(&deal.market, &both, 0), 500);
    assert!(beside(&deal.market).matches("consent_batch").count() > kept);
    let deal = deal.reopen(Dependencies::default());
    assert_eq!(beside(&deal.market).matches("consent_batch").count(), kept, "it is undone");
    assert_eq!(why(&deal.market.ask(&ada, BRAND, None)), "");
    // Another person takes its number; then a write is cut off in the middle.
    assert_eq!(withdraws(&deal.market, &both, 1), 200);
    elsewhere.keep_ledger_of(&deal.market.server);
    let deal = lost(deal, |folder, _| {
        let said = Layout::new(&folder.join("data")).said();
        let mut files: Vec<_> = fs::read_dir(said).unwrap().map(|e| e.unwrap().path()).collect();
        files.retain(|file| file.file_name().unwrap() != "backups");
        files.sort();
        let mut newest = OpenOptions::new().append(true).open(files.last().unwrap()).unwrap();
        newest.write_all(&[0, 0, 1, 0, 0, 0, 0]).unwrap();
    });
    let deal = lost(deal, |folder, clock| drop(restored(&elsewhere, folder, clock)));
    assert_eq!(why(&deal.market.ask(&ada, BRAND, None)), "");
    assert_eq!(why(&deal.market.ask(&bea, BRAND, None)), "withdrawn");
    assert_eq!(events(&deal.market, &ada), 1, "what was not committed did not happen");
}

/// Every file of the newest backup, opened.
fn unpacked(elsewhere: &Elsewhere, market: &Market) -> Vec<u8> {
    let keyring = Keyring::open(&market.server.folder().join("data.keyring")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(&folder.path().join("looked-at"));
    elsewhere.unpack_into(&keyring, &layout);
    let mut files = Vec::new();
    walk(folder.path(), &mut files);
    let mut all = Vec::new();
    for file in files {
        fs::File::open(file).unwrap().read_to_end(&mut all).unwrap();
    }
    all
}

/// A6: an erased person is absent from the next backup, and from what is kept beside the database.
#[test]
fn log_13_a6_an_erased_person_is_in_no_later_backup_nor_beside_one() {
    let (deal, elsewhere) = (Deal::new(), Elsewhere::new());
    let (ada, market) = (person("ada@example.com"), &deal.market);
    let form = market.web_form();
    elsewhere.back_up_of(&market.server, 30).unwrap();
    market.server.clock().advance_seconds(1);
    let at = market.now() - 60;
    let recorded = market.record(form, vec![event(&ada, at, State::Given)]);
    assert_eq!(withdraws(market, &recorded, 0), 200);
    next_day(market);
    let (tokens, salts) = at_rest(market);
    assert_eq!((tokens.len(), salts.len()), (2, 1));
    let holds = |all: &[u8], needle: &[u8]| all.windows(needle.len()).any(|part| part == needle);
    elsewhere.back_up_of(&market.server, 30).unwrap();
    // The control: until then token and salt are found in both.
    let all = unpacked(&elsewhere, market);
    assert!(holds(&all, &tokens[0]) && holds(&all, &salts[0]));
    let kept = beside(market);
    assert!(kept.contains(&encode(&tokens[0])) && kept.contains(&encode(&salts[0])));

    assert!(!asks(market, "erasure", &ada).done.is_empty());
    next_day(market);
    market.server.certifier().upkeep().unwrap();
    elsewhere.back_up_of(&market.server, 30).unwrap();
    let all = unpacked(&elsewhere, market);
    assert!(!holds(&all, &tokens[0]) && !holds(&all, &salts[0]));
    let kept = beside(market);
    assert!(!kept.contains(&encode(&tokens[0])) && !kept.contains(&encode(&salts[0])));
    // Whoever restores the one before erases again.
    elsewhere.keep_ledger_of(&market.server);
    elsewhere.forget_newest();
    let deal = lost(deal, |folder, clock| drop(restored(&elsewhere, folder, clock)));
    let (now, openings) = at_rest(&deal.market);
    assert!(now.is_empty() && !openings.contains(&salts[0]));
    crate::harness::figure(
        "A6",
        "after an erasure neither token nor salt is in the next backup, opened whole",
    );
}

#[test]
fn what_was_sent_from_a_public_form_since_the_backup_waits_again_and_what_was_fetched_does_not() {
    let (deal, elsewhere) = (Deal::new(), Elsewhere::new());
    let market = &deal.market;
    let form = market.web_form();
    let old = collections::open(market, &[form], 10);
    let had = collections::sealed(market, &old);
    collections::send(market, &old.collection, &had).ok();
    elsewhere.back_up_of(&market.server, 30).unwrap();
    market.server.clock().advance_seconds(60);

    // One is fetched, one comes, the page is closed; another one is opened, and somebody answers there.
    collections::forget(market, &old.collection, &[had.0]);
    let came = collections::sealed(market, &old);
    collections::send(market, &old.collection, &came).ok();
    let path = format!("/v1/collections/{}/closing", old.collection);
    market.dealer.client.post(&path, &json!({})).ok();
    let new = collections::open(market, &[form], 10);
    let answer = collections::sealed(market, &new);
    collections::send(market, &new.collection, &answer).ok();
    elsewhere.keep_ledger_of(&market.server);

    let deal = lost(deal, |folder, clock| drop(restored(&elsewhere, folder, clock)));
    let market = &deal.market;
    let ids = |page| -> Vec<_> {
        collections::waiting(market, page).iter().map(|one| one.submission).collect()
    };
    assert_eq!(ids(&old.collection), [came.0]);
    assert_eq!(ids(&new.collection), [answer.0]);
    let late = collections::sealed(market, &old);
    assert_eq!(collections::send(market, &old.collection, &late).status, 409, "it stays closed");
    // What was fetched is known again, and does not wait a second time.
    let again: SubmissionInfo = collections::send(market, &old.collection, &had).json();
    assert!(again.repeated && ids(&old.collection) == [came.0]);
}
