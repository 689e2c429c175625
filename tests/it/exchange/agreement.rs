//! What an agreement must say, and whose word is needed before anything passes.

use serde_json::{Value, json};
use tiers_protocol::exchange::view::{ExchangeInfo, ExchangeState, ExchangeView};
use tiers_protocol::exchange::{AgreementFault, Saying, SignedAgreement};
use tiers_protocol::ids::ExchangeId;

use super::Deal;

/// What a change of the good draft is refused with.
fn refused(deal: &Deal, change: impl Fn(&mut Value)) -> (u16, String) {
    let mut draft = deal.draft();
    change(&mut draft);
    // A draft that is no agreement any more cannot be signed: its document goes as it is.
    let answer = match serde_json::from_value(draft.clone()) {
        Ok(agreement) => {
            let secret = deal.market.dealer.secret.signing();
            deal.market
                .dealer
                .client
                .post("/v1/exchanges", &SignedAgreement::sign(agreement, &secret))
        }
        Err(_) => {
            let mut signed = serde_json::to_value(deal.signed(&deal.draft())).unwrap();
            signed["agreement"] = draft;
            deal.market.dealer.client.post("/v1/exchanges", &signed)
        }
    };
    answer.outcome()
}

fn invalid(code: &str) -> (u16, String) {
    (422, code.to_owned())
}

#[test]
fn exc_01_an_agreement_that_lacks_anything_is_refused() {
    let deal = Deal::new();
    let draft = deal.draft();
    let mut asked = 0;
    for name in draft.as_object().unwrap().keys() {
        let outcome = refused(&deal, |draft| drop(draft.as_object_mut().unwrap().remove(name)));
        assert_eq!(outcome, (400, "request.malformed".to_owned()), "{name}");
        asked += 1;
    }
    for side in ["proposer", "other"] {
        for name in draft[side].as_object().unwrap().keys() {
            let outcome =
                refused(&deal, |draft| drop(draft[side].as_object_mut().unwrap().remove(name)));
            assert_eq!(outcome, (400, "request.malformed".to_owned()), "{side} {name}");
            asked += 1;
        }
        // What is there and says nothing is as good as missing.
        for name in ["name", "rights_contact", "requester", "notice_url"] {
            let outcome = refused(&deal, |draft| draft[side][name] = json!(" "));
            assert_eq!(outcome, invalid("agreement.text"), "{side} {name}");
        }
        for (part, name) in [("address", "street"), ("dpo", "name"), ("invoicing", "mandate")] {
            let outcome = refused(&deal, |draft| draft[side][part][name] = json!(""));
            assert_eq!(outcome, invalid("agreement.text"), "{side} {part}");
        }
        let price = ["lot_cents", "price_cents"][usize::from(side == "other")];
        let outcome = refused(&deal, |draft| draft[side]["gives"][price] = json!(0));
        assert_eq!(outcome, invalid("agreement.price"), "{side}");
    }
    assert!(asked > 40);
    for name in ["purpose", "offer", "security"] {
        assert_eq!(refused(&deal, |d| d[name] = json!("")), invalid("agreement.text"), "{name}");
    }
    assert_eq!(refused(&deal, |d| d["channels"] = json!({})), invalid("agreement.channels"));
    let twice = json!(["email", "email"]);
    let fields = refused(&deal, |d| d["proposer"]["gives"]["fields"] = twice.clone());
    assert_eq!(fields, invalid("agreement.fields"));
    let service = draft["other"]["gives"].clone();
    let nothing = refused(&deal, |d| d["proposer"]["gives"] = service.clone());
    assert_eq!(nothing, invalid("agreement.no_records"));
    let backwards = refused(&deal, |d| d["ends"] = json!("2025-01-01"));
    assert_eq!(backwards, invalid("agreement.duration"));
    let past = refused(&deal, |d| {
        d["begins"] = json!("2020-01-01");
        d["ends"] = json!("2020-06-01");
    });
    assert_eq!(past, invalid("exchange.term"));
    assert!(deal.propose(&draft).status == 201, "the draft itself is good");
    let mut changed = draft.clone();
    changed["purpose"] = json!("Autre chose");
    assert_eq!(deal.propose(&changed).outcome(), (409, "exchange.exists".to_owned()));
}

#[test]
fn exc_03_exc_04_exc_06_a_basis_that_carries_no_transfer_is_refused() {
    let deal = Deal::new();
    let basis = |word: &'static str| {
        refused(&deal, move |draft| draft["channels"] = json!({ "email": word }))
    };
    assert_eq!(basis("existing_customer"), invalid("agreement.not_transferable"));
    assert_eq!(basis("contract_in_progress"), invalid("agreement.not_transferable"));
    assert_eq!(basis("legitimate_interest"), invalid("agreement.basis"));
}

#[test]
fn exc_14_exc_15_the_first_message_names_source_advertiser_and_the_way_out() {
    let deal = Deal::new();
    for mark in ["{source}", "{advertiser}", "{opt_out}"] {
        let outcome = refused(&deal, |draft| {
            let less = draft["message"].as_str().unwrap().replace(mark, "");
            draft["message"] = json!(less);
        });
        assert_eq!(outcome, invalid("agreement.message"), "{mark}");
    }
}

#[test]
fn exc_26_a_special_category_is_refused_by_its_name() {
    let deal = Deal::new();
    for name in ["health", "religion", "opinion_politique", "appartenance_syndicale"] {
        let outcome =
            refused(&deal, |draft| draft["proposer"]["gives"]["fields"] = json!(["email", name]));
        assert_eq!(outcome, invalid("agreement.special_category"), "{name}");
    }
    let other =
        refused(&deal, |draft| draft["proposer"]["gives"]["fields"] = json!(["email", "shoe"]));
    assert_eq!(other, (400, "request.malformed".to_owned()));
    let segment = refused(&deal, |draft| {
        draft["offer"] = json!("Offre pour personnes en situation de handicap");
    });
    assert_eq!(segment, invalid("agreement.special_category"));
}

#[test]
fn keys_and_numbers_are_those_that_are_enrolled() {
    let deal = Deal::new();
    let rival = serde_json::to_value(deal.market.rival.secret.public()).unwrap();
    let swapped = refused(&deal, |draft| draft["other"]["keys"] = rival.clone());
    assert_eq!(swapped, invalid("exchange.keys"));
    let number = super::siren(super::RIVAL);
    let renamed = refused(&deal, |draft| draft["other"]["siren"] = json!(number));
    assert_eq!(renamed, invalid("exchange.keys"));
    // Signed by somebody else's key, or for another proposer.
    let draft = deal.draft();
    let agreement = deal.signed(&draft).agreement;
    let forged = SignedAgreement::sign(agreement, &deal.market.brand.secret.signing());
    let outcome = deal.market.dealer.client.post("/v1/exchanges", &forged).outcome();
    assert_eq!(outcome, invalid("exchange.signature"));
    let foreign = deal.market.brand.client.post("/v1/exchanges", &deal.signed(&draft)).outcome();
    assert_eq!(foreign, invalid("agreement.parties"));
}

#[test]
fn exc_25_nothing_is_sent_before_a_signatory_of_each_party_has_approved() {
    let deal = Deal::new();
    let draft = deal.draft();
    let (dealer, brand) = (&deal.market.dealer, &deal.market.brand);
    deal.propose(&draft).ok();
    deal.propose(&draft).ok();
    let agreement = deal.signed(&draft).agreement;
    let say =
        |who, key, says, words: &str| deal.say(&agreement, (who, key), (says, words)).outcome();
    let state = invalid_state();
    // Nobody accepts its own proposal, and nobody approves before the other party accepted.
    assert_eq!(say(dealer, &dealer.secret, Saying::Accept, ""), state);
    assert_eq!(say(brand, &deal.signatories[1], Saying::Approve, ""), state);
    assert_eq!(say(brand, &deal.officers[1], Saying::Advise, "favorable").0, 201);
    assert_eq!(say(brand, &brand.secret, Saying::Accept, "").0, 201);
    assert_eq!(say(brand, &brand.secret, Saying::Accept, ""), state);
    // Whoever asked, advises or signs for the company approves nothing.
    let wrong = (422, "exchange.signature".to_owned());
    assert_eq!(say(brand, &brand.secret, Saying::Approve, ""), wrong);
    assert_eq!(say(brand, &deal.officers[1], Saying::Approve, ""), wrong);
    assert_eq!(say(brand, &deal.signatories[0], Saying::Approve, ""), wrong);
    let parcel = deal.sealed(&agreement, 0..1_200);
    let early = || dealer.client.post("/v1/batches", &parcel.statement).outcome();
    assert_eq!(early(), state);
    assert_eq!(say(dealer, &deal.signatories[0], Saying::Approve, "").0, 201);
    assert_eq!(
        say(dealer, &deal.signatories[0], Saying::Approve, ""),
        (409, "exchange.said".to_owned())
    );
    assert_eq!(early(), state);
    assert_eq!(say(brand, &deal.signatories[1], Saying::Approve, "").0, 201);
    assert_eq!(early().0, 201);
    // What was said stays said, under its signature, for both to check.
    let path = format!("/v1/exchanges/{}", agreement.exchange);
    let view: ExchangeView = brand.client.get(&path).json();
    assert_eq!(view.info.state, ExchangeState::Approved);
    assert!(view.agreement.is_signed() && view.acts.iter().all(|act| act.holds(&agreement)));
    assert_eq!(view.acts.len(), 4);
    let listed: Vec<ExchangeInfo> = dealer.client.get("/v1/exchanges").json();
    assert_eq!(listed.len(), 1);
    // To others, it is not there.
    assert_eq!(deal.market.rival.client.get(&path).outcome().0, 404);
    let listed: Vec<ExchangeInfo> = deal.market.rival.client.get("/v1/exchanges").json();
    assert!(listed.is_empty());
    // Once it is ended nothing is sent.
    assert_eq!(say(brand, &brand.secret, Saying::End, "no need any more").0, 201);
    assert_eq!(deal.hand_over(&parcel.id()).outcome(), (409, "batch.state".to_owned()));
    let other = deal.sealed(&agreement, 0..1_200);
    assert_eq!(dealer.client.post("/v1/batches", &other.statement).outcome(), state);
}

fn invalid_state() -> (u16, String) {
    (409, "exchange.state".to_owned())
}

#[test]
fn the_signatory_is_a_third_person_with_a_key_of_its_own() {
    let deal = Deal::new();
    let signatory = invalid("agreement.signatory");
    let asks = refused(&deal, |d| d["other"]["signatory"]["name"] = json!("mme DEMANDE 3"));
    assert_eq!(asks, signatory);
    let advises = refused(&deal, |d| d["other"]["signatory"]["name"] = json!("DPO 3"));
    assert_eq!(advises, signatory);
    let party = refused(&deal, |d| {
        d["other"]["signatory"]["key"] = d["other"]["keys"]["signing"].clone();
    });
    assert_eq!(party, signatory);
    let officer = refused(&deal, |d| {
        d["other"]["signatory"]["key"] = d["other"]["dpo"]["key"].clone();
    });
    assert_eq!(officer, signatory);
}

#[test]
fn an_act_about_another_agreement_says_nothing_of_this_one() {
    let deal = Deal::new();
    let (one, two) = (deal.approved(), deal.approved());
    let brand = &deal.market.brand;
    let said = tiers_protocol::exchange::SignedAct::sign(
        &one,
        brand.id,
        (Saying::End, "over".to_owned()),
        &brand.secret.signing(),
    );
    let path = |id: &ExchangeId| format!("/v1/exchanges/{id}/acts");
    let outcome = brand.client.post(&path(&two.exchange), &said).outcome();
    assert_eq!(outcome, invalid("exchange.signature"));
    let mut changed = said.clone();
    changed.act.exchange = two.exchange;
    let outcome = brand.client.post(&path(&two.exchange), &changed).outcome();
    assert_eq!(outcome, invalid("exchange.signature"));
    assert_eq!(AgreementFault::ALL.len(), 12);
}
