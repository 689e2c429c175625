//! From the upload to what the recipient opens: who passes, who stays, what is proven, what is told.

use serde_json::json;
use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_protocol::consent::{Channel, Evidence, Recording, State};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::DecisionProof;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, ExchangeInfo, InformState};
use tiers_protocol::tlog::EntryType;

use super::{Deal, address, tokens};
use crate::consent::{DEALER, RIVAL, event, form, number, person, ticked};
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::roles::siren;
use crate::harness::server::walk;

/// Twelve hundred who agreed, and four who must stay.
const PLAIN: usize = 1_200;

/// Evidence of a call.
fn called(now: i64) -> Evidence {
    let digest = Bytes::new([9; 32]);
    let (segment_at, started_at) = (now - 3_600, now - 3_600);
    let recording =
        Recording { reference: "R-1".to_owned(), segment_at, started_at, announced: true };
    Evidence::Call {
        number: Some(digest),
        agent: Some("A-7".to_owned()),
        script: Some(digest),
        answer: Some("oui".to_owned()),
        confirmation: None,
        recording: Some(recording),
    }
}

/// Evidence of a visit.
fn visited() -> Evidence {
    Evidence::Visit {
        representative: Some("V-3".to_owned()),
        employer: Some(number(DEALER)),
        place: Some("Brest".to_owned()),
        signature: Some(Bytes::new([9; 32])),
        receipt: Some("C-1".to_owned()),
    }
}

#[test]
fn exc_02_exc_10_exactly_those_who_agree_at_hand_over_are_opened() {
    let deal = Deal::new();
    let market = &deal.market;
    // Consents by form, by phone and on a visit.
    let web = market.web_form();
    deal.consented_on(web, 0..600, &ticked());
    deal.consented_on(market.publish(&form("recorded_call")).form, 600..800, &called(deal.now()));
    deal.consented_on(market.publish(&form("tablet_signature")).form, 800..PLAIN, &visited());
    deal.consented_on(web, PLAIN..PLAIN + 3, &ticked());
    let mut lacking = form("web_form");
    lacking["recipients"][0]["id"] = json!(siren(RIVAL));
    lacking["recipients"][0]["name"] = json!("Société 2");
    lacking["notice"]["text"] = json!(
        "Société 1 transmet votre adresse à Société 2. Vous pouvez retirer votre consentement."
    );
    let lacking = market.publish(&lacking).form;
    deal.consented_on(lacking, PLAIN + 3..PLAIN + 4, &ticked());
    // One whose consent is over.
    let expired = person(&address(PLAIN + 4));
    let long_ago = deal.now() - 4 * 366 * 86_400;
    market.record(web, vec![event(&expired, long_ago, State::Given)]);
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..PLAIN + 5);
    assert_eq!(deal.send(&parcel).state, BatchState::Received);
    // Between review and hand-over one takes it back, and one objects to somebody else, everywhere.
    assert_eq!(deal.reviewed(&parcel.id()).state, BatchState::Reviewed);
    let taken_back = person(&address(PLAIN));
    market.record(web, vec![event(&taken_back, deal.now(), State::Withdrawn)]);
    let objects = json!({"persons": [{"tokens": person(&address(PLAIN + 1)), "at": deal.now()}]});
    market.rival.client.post("/v1/oppositions", &objects).ok();
    let info: BatchInfo = deal.hand_over(&parcel.id()).json();
    assert_eq!((info.state, info.lots), (BatchState::HandedOver, Some(1)));
    let opened = deal.open(&agreement, &parcel.id());
    let expected: Vec<String> = (0..PLAIN).chain([PLAIN + 2]).map(address).collect();
    let found: Vec<&String> = opened.iter().map(|(_, _, address)| address).collect();
    assert!(found.iter().copied().eq(&expected), "{} passed", found.len());
    assert!(opened.iter().all(|(_, carried, _)| carried.record.is_some()));
    // The ledger proves each decision.
    let trust = market.server.trust();
    let proof = |position: usize| -> DecisionProof {
        let path = format!("/v1/batches/{}/decisions/{position}", parcel.id());
        market.officer.client.get(&path).json()
    };
    for (position, answer) in [
        (0, "allowed"),
        (PLAIN, "withdrawn"),
        (PLAIN + 1, "opposed"),
        (PLAIN + 2, "allowed"),
        (PLAIN + 3, "no_consent"),
        (PLAIN + 4, "expired"),
    ] {
        let proof = proof(position);
        let decision = proof.verify(&trust).unwrap();
        assert_eq!((decision.answer.as_str(), decision.position), (answer, position as u64));
        // Not a word of it can be changed.
        let mut changed = proof.clone();
        changed.decision.answer = "refused".to_owned();
        assert!(changed.verify(&trust).is_err());
        let mut moved = proof.clone();
        moved.decision.position ^= 1;
        assert!(moved.verify(&trust).is_err());
    }
    // The recipient proves what passed, and learns nothing of who stayed; the sender learns neither.
    let path = |position| format!("/v1/batches/{}/decisions/{position}", parcel.id());
    let own: DecisionProof = market.brand.client.get(&path(0)).json();
    assert_eq!(own.verify(&trust).unwrap().record, opened[0].1.record);
    assert_eq!(market.brand.client.get(&path(PLAIN)).outcome().0, 404);
    assert_eq!(market.dealer.client.get(&path(0)).outcome().0, 403);
    assert_eq!(market.rival.client.get(&path(0)).outcome().0, 404);
    market.server.publish();
    let (_, entries) = verified(&HttpLedger(&market.server.anonymous()), &trust);
    let handed = entries.iter().filter(|e| e.entry_type() == EntryType::BatchHandedOver).count();
    assert_eq!(handed, 1);
}

#[test]
fn a_batch_of_too_few_or_of_another_agreement_is_refused() {
    let deal = Deal::new();
    let agreement = deal.approved();
    let dealer = &deal.market.dealer;
    let open =
        |parcel: &super::Parcel| dealer.client.post("/v1/batches", &parcel.statement).outcome();
    let few = deal.sealed(&agreement, 0..999);
    assert_eq!(open(&few), (422, "batch.too_few".to_owned()));
    let good = deal.sealed(&agreement, 0..1_200);
    let head = || good.statement.statement.head.clone();
    let changes: [&dyn Fn(&mut tiers_protocol::exchange::BatchHead); 5] = [
        &|h| h.channel = Channel::Post,
        &|h| h.sealed_to = deal.market.rival.secret.sealing().public(),
        &|h| h.evidence_to = deal.market.rival.secret.sealing().public(),
        &|h| h.recipient = deal.market.rival.id,
        &|h| h.size_class = tiers_protocol::exchange::SizeClass::B1024,
    ];
    for change in changes {
        let mut head = head();
        head.batch = tiers_protocol::ids::BatchId::random(&mut tiers_protocol::entropy::System);
        change(&mut head);
        let parcel = deal.sealed_as(head, 0..1_200);
        assert_eq!(open(&parcel), (422, "batch.head".to_owned()));
    }
    let mut forged = good.statement.clone();
    forged.statement.root = tiers_protocol::encoding::Bytes::new([0; 32]);
    let outcome = dealer.client.post("/v1/batches", &forged).outcome();
    assert_eq!(outcome, (422, "batch.signature".to_owned()));
    // The brand gives no records by this agreement, and the rival has no part in it.
    assert_eq!(deal.market.brand.client.post("/v1/batches", &good.statement).outcome().0, 422);
    assert_eq!(deal.market.rival.client.post("/v1/batches", &good.statement).outcome().0, 404);
}

#[test]
fn a_body_that_the_sender_did_not_sign_is_refused_and_a_broken_upload_goes_on() {
    let deal = Deal::new();
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..1_200);
    let client = &deal.market.dealer.client;
    client.post("/v1/batches", &parcel.statement).ok();
    let path = format!("/v1/batches/{}/body", parcel.id());
    let half = parcel.body.len() / 2;
    client.send("PUT", &path, &[("upload-offset", "0")], &parcel.body[..half]).ok();
    assert_eq!(deal.upload(&parcel, half - 1).outcome(), (409, "deposit.wrong_offset".to_owned()));
    let info: BatchInfo = deal.upload(&parcel, half).json();
    assert_eq!((info.state, info.offset), (BatchState::Received, info.total));
    assert_eq!(deal.upload(&parcel, 0).outcome(), (409, "batch.state".to_owned()));
    // Another batch, one byte of which is another; and one whose rows were swapped before sealing.
    for spoil in 0..2 {
        let mut parcel = deal.sealed(&agreement, 0..1_200);
        if spoil == 0 {
            let last = parcel.body.len() - 100;
            parcel.body[last] ^= 1;
        } else {
            let other = deal.sealed_as(parcel.statement.statement.head.clone(), 1_200..2_400);
            parcel.body = other.body;
        }
        client.post("/v1/batches", &parcel.statement).ok();
        assert_eq!(deal.upload(&parcel, 0).outcome(), (422, "batch.altered".to_owned()));
        let info: BatchInfo = client.get(&format!("/v1/batches/{}", parcel.id())).json();
        assert_eq!(info.state, BatchState::Refused);
        assert_eq!(deal.hand_over(&parcel.id()).outcome(), (409, "batch.state".to_owned()));
    }
}

#[test]
fn where_fewer_than_a_thousand_agree_nobody_passes() {
    let deal = Deal::new();
    deal.consented(0..999);
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..1_200);
    deal.send(&parcel);
    let info: BatchInfo = deal.hand_over(&parcel.id()).json();
    assert_eq!((info.state, info.lots), (BatchState::Withheld, Some(0)));
    let path = format!("/v1/batches/{}/records", parcel.id());
    assert_eq!(deal.market.brand.client.get(&path).outcome(), (409, "batch.state".to_owned()));
    assert!(files(&deal).iter().all(|path| !path.ends_with(".sealed")));
}

fn files(deal: &Deal) -> Vec<String> {
    let mut found = Vec::new();
    walk(&deal.market.server.layout().exchanges(), &mut found);
    found.into_iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn exc_12_the_month_to_inform_is_tracked_to_the_day() {
    let deal = Deal::new();
    let (_, batch) = deal.handed(1_200);
    let client = &deal.market.brand.client;
    let state = || -> BatchInfo { client.get(&format!("/v1/batches/{batch}")).json() };
    let by = state().inform.unwrap().by;
    assert_eq!(by, "2025-10-01", "handed over on 1 September 2025");
    let after = |days: i64| {
        deal.market.server.clock().advance_days(days);
        state().inform.unwrap().state
    };
    assert_eq!(after(0), InformState::Calm);
    assert_eq!(after(22), InformState::Calm);
    assert_eq!(after(1), InformState::Soon, "seven days before");
    assert_eq!(after(6), InformState::Soon);
    assert_eq!(after(1), InformState::Late, "on the day itself");
    let informed: BatchInfo =
        client.post(&format!("/v1/batches/{batch}/informed"), &json!({})).json();
    assert_eq!(informed.inform.unwrap().state, InformState::Done);
    let path = format!("/v1/batches/{batch}/informed");
    assert_eq!(deal.market.dealer.client.post(&path, &json!({})).outcome().0, 403);
}

#[test]
fn a_batch_is_fetched_by_its_recipient_and_forgotten() {
    let deal = Deal::new();
    let (agreement, batch) = deal.handed(1_200);
    let records = format!("/v1/batches/{batch}/records");
    assert_eq!(deal.market.dealer.client.get(&records).outcome().0, 403);
    assert_eq!(deal.market.rival.client.get(&records).outcome().0, 404);
    let first = deal.market.brand.client.get(&records).ok().bytes.clone();
    let second = deal.market.brand.client.get(&records).ok().bytes.clone();
    assert!(first == second, "the same bytes each time");
    assert!(files(&deal).iter().any(|path| path.ends_with(".sealed")));
    let fetched = format!("/v1/batches/{batch}/fetched");
    let info: BatchInfo = deal.market.brand.client.post(&fetched, &json!({})).json();
    assert_eq!(info.state, BatchState::Fetched);
    assert!(files(&deal).iter().all(|path| !path.ends_with(".sealed")));
    assert_eq!(deal.market.brand.client.get(&records).outcome(), (409, "batch.state".to_owned()));
    // The proofs are still there.
    let path = format!("/v1/batches/{batch}/decisions/7");
    let proof: DecisionProof = deal.market.brand.client.get(&path).json();
    assert_eq!(proof.verify(&deal.market.server.trust()).unwrap().answer, "allowed");
    assert_eq!(super::opened(&agreement, &deal.market.brand.secret, &first).len(), 1_200);
}

#[test]
fn a_stop_at_each_point_of_a_hand_over_passes_everything_or_nothing() {
    for (point, committed) in
        [(FaultPoint::HandOverDecided, false), (FaultPoint::HandOverCommitted, true)]
    {
        let deal = Deal::new();
        deal.consented(0..1_200);
        let agreement = deal.approved();
        let parcel = deal.sealed(&agreement, 0..1_200);
        deal.send(&parcel);
        deal.reviewed(&parcel.id());
        let with = Dependencies { faults: Faults::at(point), ..Dependencies::default() };
        let deal = deal.reopen(with);
        let stopped = deal.hand_over(&parcel.id()).outcome();
        assert_eq!(stopped, (500, "certifier.planned_fault".to_owned()));
        let again = deal.reopen(Dependencies::default());
        let info: BatchInfo =
            again.market.dealer.client.get(&format!("/v1/batches/{}", parcel.id())).json();
        let expected = if committed { BatchState::HandedOver } else { BatchState::Reviewed };
        assert_eq!(info.state, expected);
        let info: BatchInfo = again.hand_over(&parcel.id()).json();
        assert_eq!((info.state, info.lots), (BatchState::HandedOver, Some(1)));
        assert_eq!(again.open(&agreement, &parcel.id()).len(), 1_200);
    }
}

#[test]
fn exc_19_no_contact_lies_at_the_certifier_and_nothing_of_it_can_be_told_from_the_body() {
    let deal = Deal::new();
    let (_, batch) = deal.handed(1_200);
    deal.market.server.publish();
    let mut found = Vec::new();
    walk(deal.market.server.folder(), &mut found);
    let mut needles = crate::search::Needles::new();
    for number in [0, 1, 500, 999] {
        needles.text("address", &address(number));
        let tokens = tokens(number);
        needles.bytes("token", tokens.email.as_ref().unwrap().as_ref());
        needles.bytes("digest of tokens", tokens.digest().as_bytes());
        needles.text("proof", &super::shown(number).reference);
    }
    let mut seen = Vec::new();
    for path in &found {
        needles.find(&std::fs::read(path).unwrap(), &mut seen);
    }
    assert!(found.len() > 5 && seen.is_empty(), "{seen:?}");
    // The search finds what is there: the package has the digests, and only there.
    let package = deal.market.brand.client.get(&format!("/v1/batches/{batch}/records"));
    needles.find(&package.ok().bytes, &mut seen);
    assert_eq!(seen, ["digest of tokens"]);
    let info: Vec<ExchangeInfo> = deal.market.dealer.client.get("/v1/exchanges").json();
    assert_eq!(info[0].batches[0].lots, Some(1));
}
