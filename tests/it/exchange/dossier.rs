//! The dossier of one exchange: its acts with their proofs, the signed agreement and what was said of it, for its
//! parties and for officers.

use serde_json::json;
use tiers::crypto::keyring::Keyring;
use tiers_contact::labels;
use tiers_protocol::dossier::{DocumentKind, DossierError, SignedDossier};
use tiers_protocol::exchange::SignedAgreement;
use tiers_protocol::tlog::{Entry, EntryType};
use tiers_protocol::{canonical, wire::Act};

use super::Deal;
use crate::harness::client::{Answer, Client};
use crate::harness::ledger::{HttpLedger, verified};

fn ask(client: &Client, about: &impl ToString, query: &str) -> Answer {
    let search = json!({ "reason": "control 7", "about": about.to_string() });
    client.post(&format!("/v1/dossiers{query}"), &search)
}

fn kinds(of: &SignedDossier) -> Vec<EntryType> {
    let entries = of.dossier.acts.iter().map(|act| Entry::decode(act.entry.as_bytes()).unwrap());
    entries.map(|entry| entry.entry_type()).collect()
}

#[test]
fn log_18_the_dossier_of_an_exchange_carries_its_documents_and_is_for_its_parties_only() {
    let deal = Deal::new();
    let (agreement, batch) = deal.handed(1_200);
    let trust = deal.market.server.trust();
    let of = |client: &Client| {
        SignedDossier::verify(&ask(client, &agreement.exchange, "").ok().bytes, &trust).unwrap()
    };
    let market = &deal.market;
    let held = of(&market.officer.client);
    use EntryType as E;
    let story = [
        E::ExchangeProposed,
        E::ExchangeAct,
        E::ExchangeAct,
        E::ExchangeAct,
        E::BatchReceived,
        E::BatchSampled,
        E::BatchReviewed,
        E::BatchHandedOver,
    ];
    assert_eq!(kinds(&held), story);
    assert!(held.dossier.acts.iter().all(|act| act.opened.is_some()));
    assert_eq!(held.dossier.documents.len(), 4);
    assert_eq!(held.dossier.documents[0].kind, DocumentKind::Agreement);
    let text = held.dossier.documents[0].text.as_bytes();
    let signed: SignedAgreement = canonical::from_slice(text).unwrap();
    assert_eq!(signed.agreement, agreement);
    // Both parties have the same, the third one nothing, whatever it names.
    for client in [&market.dealer.client, &market.brand.client] {
        let own = of(client);
        assert_eq!((kinds(&own), &own.dossier.documents), (story.into(), &held.dossier.documents));
    }
    let rival = &market.rival.client;
    assert_eq!(ask(rival, &agreement.exchange, "").outcome().0, 404);
    assert_eq!(ask(rival, &batch, "").outcome().0, 404);
    let search = json!({ "reason": "control", "party": market.dealer.id });
    let found: Vec<Act> = rival.post("/v1/searches", &search).json();
    assert!(found.iter().all(|act| act.object != agreement.exchange.to_string()));
    // A batch has a dossier of its own, without the agreement.
    let of_batch = ask(&market.dealer.client, &batch, "").ok().bytes.clone();
    let passage = [E::BatchReceived, E::BatchSampled, E::BatchReviewed, E::BatchHandedOver];
    let of_batch = SignedDossier::verify(&of_batch, &trust).unwrap();
    assert_eq!(kinds(&of_batch), passage);
    assert!(of_batch.dossier.documents.is_empty());
    let paper = ask(&market.officer.client, &agreement.exchange, "?format=pdf").ok().bytes.clone();
    assert!(paper.starts_with(b"%PDF-"));
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join("exchange.pdf"), &paper).unwrap();
    }
}

#[test]
fn a_document_of_a_dossier_that_no_act_commits_to_is_found_even_if_the_certifier_signs_it() {
    let deal = Deal::new();
    let agreement = deal.approved();
    let trust = deal.market.server.trust();
    let bytes = ask(&deal.market.officer.client, &agreement.exchange, "").ok().bytes.clone();
    let held = SignedDossier::verify(&bytes, &trust).unwrap();
    let keyring = Keyring::open(&deal.market.server.folder().join("data.keyring")).unwrap();
    let verify = |change: &dyn Fn(&mut SignedDossier)| {
        let mut changed = held.clone();
        change(&mut changed);
        changed.signature = keyring.signing.sign(labels::SIGN_DOSSIER, &changed.dossier);
        SignedDossier::verify(&changed.to_vec(), &trust).err()
    };
    assert_eq!(verify(&|_| ()), None);
    // Another agreement, signed by the same dealer.
    let other = deal.signed(&deal.draft());
    let other = String::from_utf8(canonical::to_vec(&other)).unwrap();
    let swap = |dossier: &mut SignedDossier| dossier.dossier.documents[0].text.clone_from(&other);
    assert_eq!(verify(&swap), Some(DossierError::Document(0)));
    // Words that nobody said, no agreement before them, a document that is none.
    assert_eq!(
        verify(&|d| d.dossier.documents[1].text = d.dossier.documents[0].text.clone()),
        Some(DossierError::Document(1))
    );
    assert_eq!(verify(&|d| drop(d.dossier.documents.remove(0))), Some(DossierError::Document(0)));
    assert_eq!(verify(&|d| d.dossier.documents[2].text.push(' ')), Some(DossierError::Document(2)));
    // An act that proves a document is taken away.
    assert_eq!(verify(&|d| drop(d.dossier.acts.remove(0))), Some(DossierError::Document(0)));
    assert_eq!(verify(&|d| drop(d.dossier.acts.pop())), Some(DossierError::Document(3)));
}

#[test]
fn dga_05_every_step_of_every_exchange_is_in_the_ledger() {
    let deal = Deal::new();
    let (agreement, batch) = deal.handed(1_200);
    let brand = &deal.market.brand.client;
    deal.open(&agreement, &batch);
    brand.post(&format!("/v1/batches/{batch}/fetched"), &json!({})).ok();
    brand.post(&format!("/v1/batches/{batch}/informed"), &json!({})).ok();
    // One that is proposed and goes no further is intermediation as well.
    deal.propose(&deal.draft()).ok();
    let (_, entries) =
        verified(&HttpLedger(&deal.market.server.anonymous()), &deal.market.server.trust());
    let about = |object: &str| -> Vec<EntryType> {
        let of = entries.iter().filter(|entry| entry.object().as_str() == object);
        of.map(Entry::entry_type).collect()
    };
    use EntryType as E;
    let story = [E::ExchangeProposed, E::ExchangeAct, E::ExchangeAct, E::ExchangeAct];
    assert_eq!(about(&agreement.exchange.to_string()), story);
    let passage = [
        E::BatchReceived,
        E::BatchSampled,
        E::BatchReviewed,
        E::BatchHandedOver,
        E::BatchFetched,
        E::PersonsInformed,
    ];
    assert_eq!(about(&batch.to_string()), passage);
    let proposed = entries.iter().filter(|e| e.entry_type() == E::ExchangeProposed).count();
    assert_eq!(proposed, 2);
}
