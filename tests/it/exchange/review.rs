//! The recipient's officer looks at the proofs of a sample before anything passes: what is drawn, who sees it,
//! what a verdict does, and what the certifier keeps.

use serde_json::json;
use tiers::service::Dependencies;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NoticeInfo;
use tiers_protocol::exchange::review::sample_size;
use tiers_protocol::exchange::view::{BatchInfo, BatchReview, BatchState};
use tiers_protocol::exchange::{Draw, EvidenceOpener, Sample, SignedReview};
use tiers_protocol::tlog::EntryType;

use super::{Deal, address, shown};
use crate::consent::{event, person};
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::server::walk;

/// A batch that waits for its review: so many agreed, so many are sent.
fn waiting(deal: &Deal, agreed: usize, sent: usize) -> super::Parcel {
    deal.consented(0..agreed);
    let parcel = deal.sealed(&deal.approved(), 0..sent);
    assert_eq!(deal.send(&parcel).state, BatchState::Received);
    parcel
}

#[test]
fn exc_20_one_unprovable_record_of_the_sample_blocks_the_batch() {
    let deal = Deal::new();
    let parcel = waiting(&deal, 3_500, 3_600);
    let refused = |code: &str| {
        assert_eq!(deal.hand_over_now(&parcel.id()).outcome(), (409, code.to_owned()));
    };
    refused("batch.unreviewed");
    let sample = deal.sample(&parcel.id());
    refused("batch.unreviewed");
    assert_eq!(sample.items.len(), 36, "one in a hundred of 3,600");
    // Each is the proof that the sender sealed, and nobody is drawn who would not pass.
    let body = &sample.statement.statement;
    let opener =
        EvidenceOpener::new(&deal.officers[1].sealing(), &body.head, &body.evidence_enc).unwrap();
    for item in &sample.items {
        let at = usize::try_from(item.position).unwrap();
        assert_eq!(opener.open(item.position, &item.evidence).unwrap(), shown(at));
        assert!(at < 3_500);
    }
    // Whoever knows the seed and who was eligible draws the same.
    let mut draw = Draw::new(*sample.drawn.seed.as_bytes(), 36);
    let any = tiers_protocol::exchange::Carried { rule: 0, record: None };
    (0..3_500).for_each(|position| draw.offer(position, any));
    let again: Vec<u64> = draw.drawn().iter().map(|one| one.position).collect();
    assert_eq!(again, sample.items.iter().map(|item| item.position).collect::<Vec<_>>());
    // Drawn once: asked again, it is the same.
    assert_eq!(deal.sample(&parcel.id()), sample);
    let hook = json!({ "url": "https://hooks.example/dealer", "kinds": ["batch.blocked"] });
    deal.market.dealer.client.post("/v1/webhooks", &hook).ok();
    let missing = sample.items[7].position;
    let info: BatchInfo = deal.verdict(&sample, &[missing]).json();
    assert_eq!(info.state, BatchState::Blocked);
    refused("batch.blocked");
    // The sender is told, and not which records were drawn.
    let notices: Vec<NoticeInfo> = deal.market.dealer.client.get("/v1/notices").json();
    assert_eq!(notices[0].kind, "batch.blocked");
    let hooked = crate::webhooks::written(&deal.market.server);
    assert_eq!(hooked.len(), 1);
    assert_eq!(hooked[0]["data"]["object"], json!(parcel.id()), "the batch, and no record of it");
    let told = deal.market.dealer.client.get(&format!("/v1/batches/{}", parcel.id()));
    let told: BatchInfo = told.json();
    assert_eq!(told.review.unwrap().words.as_deref(), Some("Un enregistrement manque."));
    // Nor does the dossier of the batch, which both parties may have, tell it.
    let about = json!({ "reason": "control", "about": parcel.id().to_string() });
    let dossier = deal.market.dealer.client.post("/v1/dossiers", &about).ok().bytes.clone();
    let dossier = String::from_utf8(dossier).unwrap();
    assert!(dossier.contains(&sample.drawn.digest().to_string()));
    // With the seed it could try which records would pass, until the digest is that one.
    assert!(!dossier.contains(&sample.drawn.seed.to_string()));
    assert!(!dossier.contains("position") && !dossier.contains("unproven"));
    // The body is gone, and no proof was ever kept.
    let mut found = Vec::new();
    walk(&deal.market.server.layout().exchanges(), &mut found);
    assert_eq!(found.len(), 0);
    let deal = deal.reopen(Dependencies::default());
    assert_eq!(deal.hand_over_now(&parcel.id()).outcome(), (409, "batch.blocked".to_owned()));
}

#[test]
fn exc_20_the_smallest_sample_is_thirty_and_a_proven_one_lets_the_batch_pass() {
    let deal = Deal::new();
    let parcel = waiting(&deal, 1_200, 1_200);
    assert_eq!(sample_size(1_200), 30);
    let sample = deal.sample(&parcel.id());
    assert_eq!(sample.items.len(), 30);
    let info: BatchInfo = deal.verdict(&sample, &[]).json();
    assert_eq!(info.state, BatchState::Reviewed);
    // Given again, it is the same verdict; another one comes too late.
    let info: BatchInfo = deal.verdict(&sample, &[]).json();
    assert_eq!(info.state, BatchState::Reviewed);
    let late = deal.verdict(&sample, &[sample.items[0].position]).outcome();
    assert_eq!(late, (409, "batch.state".to_owned()));
    let info: BatchInfo = deal.hand_over_now(&parcel.id()).json();
    assert_eq!(info.state, BatchState::HandedOver);
    // What was drawn and what the officer signed can be read by the recipient for ever.
    let path = format!("/v1/batches/{}/review", parcel.id());
    let kept: BatchReview = deal.market.brand.client.get(&path).json();
    assert_eq!(kept.drawn.unwrap(), sample.drawn);
    assert!(kept.review.unwrap().is_signed(&deal.officers[1].public().signing));
    deal.market.server.publish();
    let (_, entries) =
        verified(&HttpLedger(&deal.market.server.anonymous()), &deal.market.server.trust());
    let kinds: Vec<EntryType> = entries
        .iter()
        .filter(|entry| entry.object().as_str() == parcel.id().to_string())
        .map(tiers_protocol::tlog::Entry::entry_type)
        .collect();
    use EntryType as E;
    assert_eq!(kinds, [E::BatchReceived, E::BatchSampled, E::BatchReviewed, E::BatchHandedOver]);
}

#[test]
fn the_sample_is_for_the_recipient_alone_and_the_verdict_its_officer_s() {
    let deal = Deal::new();
    let parcel = waiting(&deal, 1_200, 1_200);
    let market = &deal.market;
    let sample = format!("/v1/batches/{}/sample", parcel.id());
    assert_eq!(market.brand.client.get(&sample).outcome(), (409, "batch.state".to_owned()));
    for (client, status) in [(&market.dealer.client, 403), (&market.rival.client, 404)] {
        assert_eq!(client.post(&sample, &json!({})).outcome().0, status);
        assert_eq!(client.get(&sample).outcome().0, status);
        let review = format!("/v1/batches/{}/review", parcel.id());
        assert_eq!(client.get(&review).outcome().0, status);
    }
    let drawn = deal.sample(&parcel.id());
    let good = SignedReview::sign(
        tiers_protocol::exchange::Review {
            exchange: drawn.drawn.exchange,
            batch: drawn.drawn.batch,
            sample: drawn.drawn.digest(),
            proven: 30,
            unproven: Vec::new(),
            words: String::new(),
        },
        &deal.officers[1].signing(),
    );
    let post = |client: &crate::harness::client::Client, signed: &SignedReview| {
        client.post(&format!("/v1/batches/{}/review", parcel.id()), signed).outcome()
    };
    // The sender's officer, the recipient's signatory, the recipient's party key: none of them.
    for key in [&deal.officers[0], &deal.signatories[1], &market.brand.secret] {
        let other = SignedReview::sign(good.review.clone(), &key.signing());
        assert_eq!(post(&market.brand.client, &other), (422, "exchange.signature".to_owned()));
    }
    assert_eq!(post(&market.dealer.client, &good).0, 403);
    let signed = |change: &dyn Fn(&mut tiers_protocol::exchange::Review)| {
        let mut review = good.review.clone();
        change(&mut review);
        SignedReview::sign(review, &deal.officers[1].signing())
    };
    for wrong in [
        signed(&|review| review.proven = 29),
        signed(&|review| review.unproven = vec![1_000_000]),
        signed(&|review| review.sample = tiers_protocol::encoding::Bytes::new([0; 32])),
        // A record that is unproven, and not a word about it.
        signed(&|review| {
            review.proven = 29;
            review.unproven = vec![drawn.items[0].position];
        }),
    ] {
        assert_eq!(post(&market.brand.client, &wrong), (422, "batch.review".to_owned()));
    }
    assert_eq!(post(&market.brand.client, &good).0, 200);
}

#[test]
fn whoever_agrees_after_the_draw_passes_in_the_next_batch() {
    let deal = Deal::new();
    let parcel = waiting(&deal, 1_200, 1_500);
    let sample = deal.sample(&parcel.id());
    assert!(sample.items.iter().all(|item| item.position < 1_200));
    deal.verdict(&sample, &[]).ok();
    // Three hundred agree behind the officer's back; two hundred of those who were eligible take it back.
    deal.consented(1_200..1_500);
    let form = deal.market.web_form();
    let taken_back = |n| event(&person(&address(n)), deal.now(), State::Withdrawn);
    deal.market.record(form, (3..204).map(taken_back).collect());
    let info: BatchInfo = deal.hand_over_now(&parcel.id()).json();
    assert_eq!(info.state, BatchState::Withheld, "999 are left");
    let proof = |position: usize| -> tiers_protocol::exchange::DecisionProof {
        let path = format!("/v1/batches/{}/decisions/{position}", parcel.id());
        deal.market.officer.client.get(&path).json()
    };
    assert_eq!(proof(1_200).decision.answer, "not_reviewed");
    assert_eq!(proof(0).decision.answer, "allowed");
}

#[test]
fn where_fewer_than_a_thousand_would_pass_nobody_is_drawn() {
    let deal = Deal::new();
    let parcel = waiting(&deal, 999, 1_200);
    let sample: Sample = deal.sample(&parcel.id());
    assert_eq!(sample.items.len(), 0, "how many would pass is not told");
    deal.verdict(&sample, &[]).ok();
    let info: BatchInfo = deal.hand_over_now(&parcel.id()).json();
    assert_eq!((info.state, info.lots), (BatchState::Withheld, Some(0)));
}
