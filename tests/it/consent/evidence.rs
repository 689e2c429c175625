//! Evidence: an agreement without it waits in quarantine, a collector that cannot prove is suspended at
//! once, and the receipt shows the whole record.

use serde_json::json;
use tiers_protocol::consent::wire::{ConsentDocuments, NewEvent};
use tiers_protocol::consent::{Evidence, Method, State};
use tiers_protocol::encoding::{Bytes, decode};
use tiers_protocol::ids::RecordId;

use super::{BRAND, DEALER, Market, event, form, number, person, ticked, why};

/// The record of a withdrawal link.
pub fn record_of(link: &str) -> RecordId {
    let bytes = decode(link).unwrap();
    RecordId::from_bytes(bytes[..16].try_into().unwrap())
}

#[test]
fn con_15_agreements_without_evidence_are_in_quarantine_and_none_is_usable() {
    let market = Market::open();
    let (form, now) = (market.web_form(), market.now());
    let people: Vec<_> = (0..20).map(|n| person(&format!("p{n}@example.com"))).collect();
    let bare = |of: &Vec<_>| NewEvent { evidence: None, ..event(of, now, State::Given) };
    let recorded = market.record(form, people.iter().map(bare).collect());
    assert_eq!(recorded.links.len(), 20);
    assert_eq!(recorded.quarantined.len(), 20);
    assert!(recorded.quarantined.iter().all(|one| one.code == "evidence.none"));
    for of in &people {
        assert_eq!(why(&market.ask(of, BRAND, None)), "unproven");
    }
    // With its evidence the same choice counts.
    market.record(form, vec![event(&people[0], now, State::Given)]);
    assert_eq!(why(&market.ask(&people[0], BRAND, None)), "");
}

#[test]
fn con_19_a_call_that_neither_recording_nor_writing_shows_permits_nothing() {
    let market = Market::open();
    let form = market.publish(&form("written_confirmation")).form;
    let digest = Some(Bytes::new([4; 32]));
    let call = |confirmation: Option<&str>| Evidence::Call {
        number: digest,
        agent: Some("A-12".to_owned()),
        script: digest,
        answer: Some("oui".to_owned()),
        confirmation: confirmation.map(str::to_owned),
        recording: None,
    };
    let (ada, now) = (person("ada@example.com"), market.now());
    let spoke = |evidence| NewEvent { evidence: Some(evidence), ..event(&ada, now, State::Given) };
    let recorded = market.record(form, vec![spoke(call(None))]);
    assert_eq!(recorded.quarantined[0].code, "evidence.unheard");
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "unproven");
    let recorded = market.record(form, vec![spoke(call(Some("sms-77")))]);
    assert!(recorded.quarantined.is_empty());
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    // The token of the number that was called does not rest as it came.
    let path = format!("/v1/consents/{}", record_of(&recorded.links[0]));
    let documents: ConsentDocuments = market.dealer.client.get(&path).json();
    let kept = documents.receipt.record.events[0].evidence.clone();
    assert!(matches!(kept, Some(Evidence::Call { number, .. }) if number != digest));
}

#[test]
fn con_21_a_visit_without_signature_or_receipt_permits_nothing() {
    let market = Market::open();
    let form = market.publish(&form("tablet_signature")).form;
    let visit = |signed: bool, receipt: Option<&str>| Evidence::Visit {
        representative: Some("R-4".to_owned()),
        employer: Some(number(DEALER)),
        place: Some("Lyon".to_owned()),
        signature: signed.then(|| Bytes::new([5; 32])),
        receipt: receipt.map(str::to_owned),
    };
    let cases = [
        (visit(false, Some("c-1")), "unproven"),
        (visit(true, None), "unproven"),
        (visit(true, Some("c-1")), ""),
    ];
    for (place, (evidence, expected)) in cases.into_iter().enumerate() {
        let of = person(&format!("v{place}@example.com"));
        let signed =
            NewEvent { evidence: Some(evidence), ..event(&of, market.now(), State::Given) };
        market.record(form, vec![signed]);
        assert_eq!(why(&market.ask(&of, BRAND, None)), expected, "{place}");
    }
}

#[test]
fn con_17_a_collector_that_cannot_prove_is_suspended_at_once() {
    let market = Market::open();
    let (ada, now) = (person("ada@example.com"), market.now());
    market.record(market.web_form(), vec![event(&ada, now, State::Given)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    let change = |suspended| {
        let reason = "a sample of 40 records: 3 screenshots do not open";
        let state = json!({"siren": number(DEALER), "suspended": suspended, "reason": reason});
        market.officer.client.post("/v1/suppliers", &state).ok();
    };
    change(true);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "suspended");
    change(false);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    let acts = market.officer.acts();
    let changes = acts.iter().filter(|act| act.act == "supplier.changed").count();
    assert_eq!(changes, 2);
}

#[test]
fn con_24_con_25_the_receipt_holds_the_whole_record_and_exports() {
    let market = Market::open();
    let (ada, now) = (person("ada@example.com"), market.now());
    let form = market.publish(&form("web_form"));
    let given = market.record(form.form, vec![event(&ada, now - 60, State::Given)]);
    let renewed = market.record(form.form, vec![event(&ada, now, State::Reconfirmed)]);
    let read = |link: &str| -> ConsentDocuments {
        market.brand.client.get(&format!("/v1/consents/{}", record_of(link))).json()
    };
    let (first, second) = (read(&given.links[0]), read(&renewed.links[0]));
    for one in [&first, &second] {
        assert_eq!(one.receipt.verify(), Ok(()));
        assert_eq!(one.receipt.record.check(), Ok(()));
        assert_eq!(one.receipt.record.notice.sha256, form.notice_sha256);
        assert_eq!(one.receipt.record.gdpr.method, Method::WebForm);
        assert_eq!(one.kantara.version, "KI-CR-v1.1.0");
    }
    // One choice, one pseudonym; the older receipt stays what it was.
    assert_eq!(first.receipt.record.principal, second.receipt.record.principal);
    assert_eq!(first.receipt.record.events.len(), 1);
    assert_eq!(second.receipt.record.events.len(), 2);
    assert_eq!(first.receipt.record.events[0].evidence, Some(ticked()));
    let path = format!("/v1/consents/{}", record_of(&given.links[0]));
    assert_eq!(market.rival.client.get(&path).outcome().0, 404);
}
