//! Lists of objections and who is none of the persons of a file: what is left out before anything is sealed,
//! and what the sender states of it.

use std::fs;

use jiff::civil::Date;
use serde_json::{Value, json};
use tiers_protocol::consent::Channel;
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::statement::Scrubbed;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::exchange::{BatchStatement, DecisionProof};
use tiers_protocol::ids::BatchId;
use tiers_protocol::rights_key::RightsKey;

use super::commands::{Desk, lines};
use super::{Deal, address};
use crate::consent::person;

/// The dealer's machine, under an agreement.
fn desk(deal: &Deal, draft: &Value) -> (Desk, String) {
    let desk = Desk::of(deal);
    desk.secret("rights.key", &RightsKey::generate(&mut System).to_file());
    desk.keys("dealer", &deal.market.dealer.secret);
    desk.credentials("dealer.json", &deal.market.dealer, "partner");
    let agreement = deal.approved_as(draft);
    (desk, agreement.exchange.to_string())
}

fn left_out(desk: &Desk, folder: &str) -> Vec<String> {
    lines(&desk.path(&format!("{folder}/left-out.csv")))
}

#[test]
fn exc_08_a_generic_address_makes_no_record_of_a_person() {
    let deal = Deal::new();
    let mut draft = deal.draft();
    (draft["audience"], draft["offer_of_profession"]) = (json!("professional"), json!(true));
    let (desk, exchange) = desk(&deal, &draft);
    let mut file = "Email;Prénom;Date de collecte;Preuve\n".to_owned();
    for n in 0..1_000 {
        file.push_str(&format!("{};Ada;01/08/2025;SCAN-{n}\n", address(n)));
    }
    for generic in ["contact", "Info", "service.client", "sav"] {
        file.push_str(&format!("{generic}@garage.example;;01/08/2025;SCAN\n"));
    }
    fs::write(desk.path("customers.csv"), file).unwrap();
    let sent = desk.at(
        &format!(
            "send customers.csv --exchange {exchange} --channel email --rights-key rights.key \
             --party-key dealer --out batch --preview"
        ),
        "dealer",
    );
    assert_eq!(sent["records"], json!(1_000));
    let expected: Vec<String> =
        (1_001..1_005).map(|row| format!("{row},generic_address")).collect();
    assert_eq!(left_out(&desk, "batch")[1..], expected);
}

#[test]
fn exc_24_whoever_is_on_a_postal_list_is_left_out_and_the_list_is_named_with_its_date() {
    let deal = Deal::new();
    let mut draft = deal.draft();
    draft["channels"] = json!({"post": "legitimate_interest"});
    draft["proposer"]["gives"]["fields"] = json!(["last_name", "street", "postcode", "town"]);
    let (desk, exchange) = desk(&deal, &draft);
    let mut file = "Email;Nom;Adresse;Code postal;Ville;Date de collecte;Preuve\n".to_owned();
    for n in 0..1_010 {
        let street = format!("{n} rue du Port");
        file.push_str(&format!("{};Nom{n};{street};29200;Brest;01/08/2025;S-{n}\n", address(n)));
    }
    fs::write(desk.path("customers.csv"), file).unwrap();
    let list = "Nom;Adresse;Code postal\nNOM3;3, Rue du Port;29200\nNom4;5 rue du Port;29200\n";
    fs::write(desk.path("robinson.csv"), list).unwrap();
    let send = |more: &str| {
        format!(
            "send customers.csv --exchange {exchange} --channel post --rights-key rights.key \
             --party-key dealer --out batch --preview {more}"
        )
    };
    let named = "--suppress robinson.csv --list Robinson --certificate T2-2025 \
                 --list-date 2025-07-01";
    assert_eq!(desk.at(&send(named), "dealer")["records"], json!(1_009));
    assert_eq!(left_out(&desk, "batch")[1..], ["4,postal_opposition"]);
    let statement = fs::read(desk.path("batch/statement.json")).unwrap();
    let statement: BatchStatement = serde_json::from_slice(&statement).unwrap();
    let stated = statement.statement.head.scrubbed.unwrap();
    assert_eq!((stated.list.as_str(), stated.on), ("Robinson", jiff::civil::date(2025, 7, 1)));
}

#[test]
fn exc_22_a_batch_for_calls_needs_a_certificate_of_the_list_of_30_days_at_most() {
    let deal = Deal::new();
    let mut draft = deal.draft();
    draft["channels"] = json!({"phone": "legitimate_interest"});
    draft["proposer"]["gives"]["fields"] = json!(["mobile", "first_name"]);
    let agreement = deal.approved_as(&draft);
    let at = deal.now() - 86_400;
    let facts: Vec<Value> = (0..1_200)
        .map(|n| json!({"tokens": person(&address(n)), "informed_at": at, "last_contact": at}))
        .collect();
    for part in facts.chunks(200) {
        let told = json!({"facts": part});
        deal.market.dealer.client.post("/v1/consents/facts", &told).ok();
    }
    let today = deal.market.server.today();
    let parcel = |on: Option<Date>| {
        let mut head = deal.sealed(&agreement, 0..1_200).statement.statement.head;
        head.batch = BatchId::random(&mut System);
        head.channel = Channel::Phone;
        let scrubbed = |on| Scrubbed { list: "Bloctel".into(), certificate: "2025-77".into(), on };
        head.scrubbed = on.map(scrubbed);
        deal.sealed_as(head, 0..1_200)
    };
    let days = |n: i64| today.checked_sub(jiff::Span::new().days(n)).unwrap();
    for (on, state, answer) in [
        (None, BatchState::Withheld, "not_scrubbed"),
        (Some(days(31)), BatchState::Withheld, "not_scrubbed"),
        (Some(days(30)), BatchState::HandedOver, "allowed"),
    ] {
        let parcel = parcel(on);
        assert_eq!(deal.send(&parcel).state, BatchState::Received);
        let info: BatchInfo = deal.hand_over(&parcel.id()).json();
        assert_eq!(info.state, state, "{on:?}");
        let path = format!("/v1/batches/{}/decisions/7", parcel.id());
        let proof: DecisionProof = deal.market.officer.client.get(&path).json();
        assert_eq!(proof.decision.answer, answer, "{on:?}");
    }
    // A certificate of tomorrow is none.
    let tomorrow = parcel(today.tomorrow().ok());
    let refused = deal.market.dealer.client.post("/v1/batches", &tomorrow.statement).outcome();
    assert_eq!(refused, (422, "batch.head".to_owned()));
}
