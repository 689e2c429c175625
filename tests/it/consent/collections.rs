//! Public forms over HTTP: who opens and closes a page, what anybody may send to it and what not, that the
//! certifier keeps nothing that it could read, and that what was fetched or not fetched in time is gone.

use std::fs;

use serde_json::{Value, json};
use tiers_protocol::consent::wire::{
    CollectionInfo, FetchedSubmissions, FormInfo, NoticeInfo, OwnCollection, SubmissionInfo,
    WaitingSubmission,
};
use tiers_protocol::consent::{SEALED_BYTES, Submission, SubmissionFault, SubmissionFormat};
use tiers_protocol::encoding::decode;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::{CollectionId, FormId, SubmissionId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::Role;

use super::{BRAND, DEALER, Market, form};
use crate::harness::client::Answer;
use crate::harness::roles::{Operator, siren};
use crate::harness::server::{Server, walk};
use crate::portal::Visitor;

const ADDRESS: &str = "planted.person@example.com";
const NAME: &str = "Zénobie Plantée";

/// Opens a page of the dealer.
pub fn open(market: &Market, forms: &[FormId], quota: u32) -> CollectionInfo {
    let new = json!({ "forms": forms, "quota": quota });
    market.dealer.client.post("/v1/collections", &new).json()
}

/// What a person types and ticks.
fn typed(market: &Market, page: &CollectionInfo) -> Submission {
    Submission {
        format: SubmissionFormat::V1,
        at: market.now(),
        email: Some(ADDRESS.to_owned()),
        phone: None,
        name: None,
        choices: vec![page.document.choices[0].form],
    }
}

/// Seals that.
pub fn sealed(market: &Market, page: &CollectionInfo) -> (SubmissionId, Vec<u8>) {
    let about = (&page.collection, &page.document);
    typed(market, page).seal(about, &mut System).unwrap()
}

/// Sends as anybody.
pub fn send(market: &Market, page: &CollectionId, (id, bytes): &(SubmissionId, Vec<u8>)) -> Answer {
    let path = format!("/v1/collections/{page}/submissions/{id}");
    let octets = [("content-type", "application/octet-stream")];
    market.server.anonymous().send("PUT", &path, &octets, bytes)
}

/// What waits at a page.
pub fn waiting(market: &Market, page: &CollectionId) -> Vec<WaitingSubmission> {
    market.dealer.client.get(&format!("/v1/collections/{page}/submissions")).json()
}

/// The dealer has these.
pub fn forget(market: &Market, page: &CollectionId, ids: &[SubmissionId]) {
    let fetched = FetchedSubmissions { submissions: ids.to_vec() };
    market.dealer.client.post(&format!("/v1/collections/{page}/fetched"), &fetched).ok();
}

fn opened(
    market: &Market,
    page: &CollectionInfo,
    one: &WaitingSubmission,
) -> Result<Submission, SubmissionFault> {
    let sealed = decode(&one.sealed).unwrap();
    let about = (&page.collection, &page.document);
    let secret = market.dealer.secret.sealing();
    Submission::open(&secret, about, (&one.submission, &sealed), one.received_at)
}

/// Whether any file of the certifier holds these bytes.
fn found_on_disk(market: &Market, what: &[u8]) -> bool {
    let mut files = Vec::new();
    walk(&market.server.data(), &mut files);
    let holds = |bytes: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    files.iter().any(|path| fs::read(path).is_ok_and(|bytes| holds(&bytes)))
}

#[test]
fn con_06_choices_of_a_public_form_are_apart_and_only_its_company_reads_what_is_sent() {
    let market = Market::open();
    let mut phone = form("web_form");
    phone["channel"] = json!("phone");
    phone["pii"] = json!(["email", "phone", "name"]);
    let forms = [market.web_form(), market.publish(&phone).form];
    let page = open(&market, &forms, 10);
    // One box a form, one channel a box; what reviewers wrote is not shown.
    let shown = market.server.anonymous().get(&format!("/v1/collections/{}", page.collection));
    let text = String::from_utf8(shown.ok().bytes.clone()).unwrap();
    assert!(!text.contains("Martin") && text.contains("Société 3"));
    let shown: CollectionInfo = shown.json();
    assert_eq!((shown.document.digest(), shown.digest), (page.digest, page.digest));
    assert_eq!(shown.document.sealing, market.dealer.secret.sealing().public());
    let channels: Vec<_> = shown.document.choices.iter().map(|c| c.channel.as_str()).collect();
    assert_eq!(channels, ["email", "phone"]);
    // One box is ticked: the other is no choice.
    let mut typed = typed(&market, &page);
    typed.name = Some(NAME.to_owned());
    let about = (&page.collection, &page.document);
    let one = typed.seal(about, &mut System).unwrap();
    assert_eq!(one.1.len(), SEALED_BYTES);
    let taken: SubmissionInfo = send(&market, &page.collection, &one).json();
    assert!(!taken.repeated);
    let all = waiting(&market, &page.collection);
    let read = opened(&market, &page, &all[0]).unwrap();
    assert_eq!((read.choices.as_slice(), read.email.as_deref()), (&forms[..1], Some(ADDRESS)));
    assert_eq!(read.name.as_deref(), Some(NAME));
    // Nobody else reads it, and the certifier's disk has the ciphertext and neither contact nor name.
    for other in [&market.rival, &market.brand] {
        let path = format!("/v1/collections/{}/submissions", page.collection);
        assert_eq!(other.client.get(&path).outcome().0, 404);
    }
    assert!(found_on_disk(&market, &one.1[..64]), "the search finds what is there");
    assert!(found_on_disk(&market, one.0.to_string().as_bytes()));
    for secret in [ADDRESS, "planted.person", NAME] {
        assert!(!found_on_disk(&market, secret.as_bytes()), "{secret}");
    }
    // Once the dealer has it, the certifier has it no more.
    forget(&market, &page.collection, &[one.0]);
    assert!(waiting(&market, &page.collection).is_empty());
    assert!(!found_on_disk(&market, &one.1[..64]));
    let said: Vec<OwnCollection> = market.dealer.client.get("/v1/collections").json();
    assert_eq!((said.len(), said[0].waiting), (1, 0));
}

#[test]
fn hostile_submissions_are_refused_or_do_no_harm() {
    let market = Market::open();
    let page = open(&market, &[market.web_form()], 3);
    let other = open(&market, &[market.web_form()], 3);
    let one = sealed(&market, &page);
    // Too long, too short, empty, to a page or under an id that there is not.
    for length in [0, 1, SEALED_BYTES - 1] {
        let answer = send(&market, &page.collection, &(one.0, vec![7; length]));
        assert_eq!(answer.problem().code, "submission.size", "{length}");
    }
    let long = send(&market, &page.collection, &(one.0, vec![7; SEALED_BYTES + 1]));
    assert_eq!(long.outcome(), (413, "request.too_large".to_owned()));
    let nowhere = CollectionId::from_bytes([1; 16]);
    assert_eq!(send(&market, &nowhere, &one).outcome().0, 404);
    let path = format!("/v1/collections/{}/submissions/nonsense", page.collection);
    assert_eq!(market.server.anonymous().send("PUT", &path, &[], &one.1).outcome().0, 404);
    assert!(waiting(&market, &page.collection).is_empty());
    // The same again is taken once; other bytes under its id are not.
    assert_eq!(send(&market, &page.collection, &one).status, 201);
    let again = send(&market, &page.collection, &one);
    assert!(again.status == 200 && again.json::<SubmissionInfo>().repeated);
    let garbage = vec![7; SEALED_BYTES];
    let under_its_id = send(&market, &page.collection, &(one.0, garbage.clone()));
    assert_eq!(under_its_id.problem().code, "submission.other");
    // Garbage, and what was sealed for another page, are kept and do not open.
    send(&market, &page.collection, &(SubmissionId::from_bytes([2; 16]), garbage)).ok();
    let strayed = sealed(&market, &other);
    send(&market, &page.collection, &strayed).ok();
    let all = waiting(&market, &page.collection);
    let read: Vec<_> = all.iter().map(|one| opened(&market, &page, one).map(|_| ())).collect();
    assert_eq!(read, [Ok(()), Err(SubmissionFault::Sealed), Err(SubmissionFault::Sealed)]);
    // As many wait as may.
    let full = send(&market, &page.collection, &sealed(&market, &page));
    assert_eq!(full.problem().code, "collection.full");
    // A replay of what was fetched is known, and does not come back.
    let ids: Vec<_> = all.iter().map(|one| one.submission).collect();
    forget(&market, &page.collection, &ids);
    assert!(send(&market, &page.collection, &one).json::<SubmissionInfo>().repeated);
    assert!(waiting(&market, &page.collection).is_empty());
    // What is no submission of the page is not sealed at all.
    let about = (&page.collection, &page.document);
    let faults = |change: &dyn Fn(&mut Submission)| {
        let mut typed = typed(&market, &page);
        change(&mut typed);
        typed.seal(about, &mut System).map(|_| ()).unwrap_err().code()
    };
    assert_eq!(faults(&|of| of.choices.clear()), "submission.choices");
    assert_eq!(faults(&|of| of.choices.push(of.choices[0])), "submission.choices");
    assert_eq!(faults(&|of| of.email = None), "submission.email");
    assert_eq!(faults(&|of| of.email = Some("nobody".to_owned())), "submission.email");
    assert_eq!(faults(&|of| of.phone = Some("0612345678".to_owned())), "submission.phone");
    assert_eq!(faults(&|of| of.name = Some(NAME.to_owned())), "submission.name");
    // One sent by a program that checks nothing is found when it is opened: an instant far away.
    let mut early = typed(&market, &page);
    early.at -= 3 * 86_400;
    let early = early.seal(about, &mut System).unwrap();
    send(&market, &page.collection, &early).ok();
    let all = waiting(&market, &page.collection);
    assert_eq!(opened(&market, &page, &all[0]).err(), Some(SubmissionFault::Instant));
}

#[test]
fn a_page_takes_so_many_in_a_minute() {
    let market = Market::open();
    let page = open(&market, &[market.web_form()], 10_000);
    let send_one = || send(&market, &page.collection, &sealed(&market, &page));
    for _ in 0..120 {
        assert_eq!(send_one().status, 201);
    }
    assert_eq!(send_one().outcome(), (503, "collection.full".to_owned()));
    market.server.clock().advance_seconds(61);
    assert_eq!(send_one().status, 201);
}

#[test]
fn a_closed_page_says_so_and_another_takes_its_place() {
    let market = Market::open();
    let first = market.web_form();
    let page = open(&market, &[first], 10);
    let taken = sealed(&market, &page);
    send(&market, &page.collection, &taken).ok();
    let old = sealed(&market, &page);
    let mut edited = form("web_form");
    edited["notice"]["version"] = json!(2);
    let second = market.publish(&edited).form;
    let new = json!({ "forms": [second], "quota": 10, "replaces": page.collection });
    let next: CollectionInfo = market.dealer.client.post("/v1/collections", &new).json();
    assert_ne!(next.digest, page.digest);
    // The old version takes nothing more; what it took before is known and can be fetched.
    let late = send(&market, &page.collection, &old);
    assert_eq!(late.outcome(), (409, "collection.closed".to_owned()));
    assert!(send(&market, &page.collection, &taken).json::<SubmissionInfo>().repeated);
    assert_eq!(waiting(&market, &page.collection).len(), 1);
    let closed: CollectionInfo =
        market.server.anonymous().get(&format!("/v1/collections/{}", page.collection)).json();
    assert!(closed.closed_at.is_some());
    assert_eq!(closed.successor, Some(next.collection));
    // Its words do not open at the new one either.
    send(&market, &next.collection, &old).ok();
    let all = waiting(&market, &next.collection);
    assert_eq!(opened(&market, &next, &all[0]).err(), Some(SubmissionFault::Sealed));
    // It closes once, and is not replaced twice; a stranger closes nothing.
    let path = format!("/v1/collections/{}/closing", next.collection);
    assert_eq!(market.rival.client.post(&path, &json!({})).outcome().0, 404);
    let once: CollectionInfo = market.dealer.client.post(&path, &json!({})).json();
    let twice: CollectionInfo = market.dealer.client.post(&path, &json!({})).json();
    assert_eq!(once.closed_at, twice.closed_at);
    let again = market.dealer.client.post("/v1/collections", &new).problem().code;
    assert_eq!(again, "collection.closed");
    let acts = market.officer.acts();
    let count = |kind: EntryType| acts.iter().filter(|act| act.act == kind.as_str()).count();
    assert_eq!((count(EntryType::CollectionOpened), count(EntryType::CollectionClosed)), (2, 2));
}

#[test]
fn forms_that_cannot_stand_on_one_page_are_refused() {
    let market = Market::open();
    let refused = |forms: &[FormId], quota: u32| {
        let new = json!({ "forms": forms, "quota": quota });
        market.dealer.client.post("/v1/collections", &new).problem().code
    };
    let publish = |change: &dyn Fn(&mut Value)| {
        let mut form = form("web_form");
        change(&mut form);
        market.publish(&form).form
    };
    let plain = market.web_form();
    let paper = market.publish(&form("signed_paper")).form;
    let double = market.publish(&form("double_opt_in")).form;
    let letters = publish(&|form| {
        form["channel"] = json!("post");
        form["pii"] = json!(["postal_address"]);
    });
    let unnamed = publish(&|form| form["channel"] = json!("phone"));
    let english = publish(&|form| form["language"] = json!("en"));
    for forms in [
        &[][..],
        &[plain, plain],
        &[plain; 7],
        &[paper],
        &[plain, double],
        &[letters],
        &[unnamed],
        &[plain, english],
    ] {
        assert_eq!(refused(forms, 10), "collection.forms");
    }
    for quota in [0, 10_001] {
        assert_eq!(refused(&[plain], quota), "collection.quota");
    }
    // Somebody else's form is not there.
    let new = json!({ "forms": [plain], "quota": 10 });
    assert_eq!(market.rival.client.post("/v1/collections", &new).outcome().0, 404);
}

#[test]
fn ret_11_what_is_not_fetched_in_thirty_days_goes_and_its_company_is_told() {
    let market = Market::open();
    let page = open(&market, &[market.web_form()], 10);
    let one = sealed(&market, &page);
    send(&market, &page.collection, &one).ok();
    market.server.clock().advance_days(30);
    market.server.certifier().purge().unwrap();
    assert_eq!(waiting(&market, &page.collection).len(), 1, "the last day is a day");
    market.server.clock().advance_days(1);
    market.server.certifier().purge().unwrap();
    assert!(waiting(&market, &page.collection).is_empty());
    assert!(!found_on_disk(&market, &one.1[..64]));
    let told: Vec<NoticeInfo> = market.dealer.client.get("/v1/notices").json();
    assert_eq!(told.iter().filter(|notice| notice.kind == "collection.expired").count(), 1);
    let acts = market.officer.acts();
    let last = acts.iter().rfind(|act| act.act == EntryType::RetentionExecuted.as_str()).unwrap();
    let id = page.collection.to_string();
    let expected = json!([{ "object": "submissions", "id": id }]);
    assert_eq!(last.detail.as_ref().unwrap()["deleted"], expected);
    // The id is remembered while the page could take it again, and no longer.
    assert!(send(&market, &page.collection, &one).json::<SubmissionInfo>().repeated);
    market.dealer.client.post(&format!("/v1/collections/{id}/closing"), &json!({})).ok();
    assert!(found_on_disk(&market, one.0.to_string().as_bytes()));
    market.server.clock().advance_days(32);
    market.server.certifier().purge().unwrap();
    assert!(!found_on_disk(&market, one.0.to_string().as_bytes()));
    assert_eq!(send(&market, &page.collection, &one).problem().code, "collection.closed");
}

#[test]
fn the_page_names_who_receives_ticks_nothing_and_takes_nothing_without_its_program() {
    let server = Server::start_with_pages();
    let dealer = Operator::first(&server).enrol(&server, Role::Partner, DEALER);
    let mut asked = form("web_form");
    let text = "Société 1 transmet votre adresse à Société 3. <b>Vous pouvez retirer votre consentement.</b>";
    asked["notice"]["text"] = json!(text);
    let published: FormInfo = dealer.client.post("/v1/forms", &asked).json();
    let new = json!({ "forms": [published.form], "quota": 10 });
    let page: CollectionInfo = dealer.client.post("/v1/collections", &new).json();
    let path = format!("/consent/f/{}", page.collection);
    let visitor = Visitor::new(&server);
    let french = visitor.get(&path);
    assert_eq!(french.status, 200);
    for policy in
        ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "form-action 'self'"]
    {
        assert!(french.policy.contains(policy), "{}", french.policy);
    }
    for said in ["Société 3", &siren(BRAND), "Qui reçoit", "https://dealer.example/stop", "CNIL"]
    {
        assert!(french.text.contains(said), "{said}");
    }
    // What a company writes is text, whatever it looks like; nothing is ticked, nothing runs in the page.
    assert!(!french.text.contains("<b>Vous") && french.text.contains("Vous pouvez retirer"));
    assert!(!french.text.contains("checked") && !french.text.contains("<script>"));
    // This certifier has no browser's program: the page says how else to agree, and has no field to fill in.
    assert!(french.text.contains("ne peut rien envoyer ici"));
    assert!(french.text.contains("dpo@company.example") && !french.text.contains("type=\"email\""));
    let english = visitor.get(&format!("{path}?lang=en"));
    assert!(english.text.contains("Who receives") && english.text.contains("in the language of"));
    dealer.client.post(&format!("/v1/collections/{}/closing", page.collection), &json!({})).ok();
    let closed = visitor.get(&path);
    assert!(closed.status == 200 && closed.text.contains("Ce formulaire est fermé"));
    assert!(!closed.text.contains("ne peut rien envoyer ici"));
    assert_eq!(visitor.get("/consent/f/col_AAAAAAAAAAAAAAAAAAAAAA").status, 404);
    assert_eq!(visitor.get("/consent/f/x").status, 404);
}
