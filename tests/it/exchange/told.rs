//! What a sender is told of who was held back (attack T32): nothing but lots. Two worlds differ in a hundred of its
//! persons, who objected elsewhere in one of them; what it sees in both is the same, to the byte where nothing is
//! random. What stands at the edge of a lot is played by the red team.

use serde_json::{Value, json};
use tiers::service::exchange::WITHHELD;
use tiers_protocol::entropy::System;
use tiers_protocol::exchange::view::{BatchInfo, BatchState, InvoiceInfo};
use tiers_protocol::ids::BatchId;

use super::{Deal, address};
use crate::consent::person;
use crate::harness::client::Client;
use crate::harness::ledger::{HttpLedger, verified};

const SENT: usize = 1_500;
const OBJECT: usize = 100;
const LEAST: usize = 1_000;

/// Identifiers, digests and signatures are random, and as long as ever.
fn masked(text: &str) -> String {
    let mixed =
        |word: &str| word.chars().any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    let random =
        |word: &str| word.len() >= 20 && (mixed(word) || word.chars().any(|c| c.is_ascii_digit()));
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let (mut out, mut word) = (String::new(), String::new());
    for c in text.chars().chain(['\n']) {
        if kept(c) {
            word.push(c);
            continue;
        }
        out += if random(&word) { "*" } else { &word };
        word.clear();
        out.push(c);
    }
    out
}

/// Status, length and words of an answer.
fn heard(client: &Client, path: &str) -> (u16, usize, String) {
    let answer = client.get(path);
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    // Lists are in the order of random names.
    let masked = masked(&text);
    let brackets = ['{', '}', '[', ']', ',', '\n'];
    let mut items: Vec<&str> = masked.split('{').map(|item| item.trim_matches(brackets)).collect();
    items.sort_unstable();
    (answer.status, text.len(), items.join("{"))
}

/// Everything that the sender can look at, and what the public ledger shows; and how many records passed.
fn world(of_batch: bool) -> (Vec<(u16, usize, String)>, usize) {
    let deal = Deal::new();
    deal.consented(0..SENT);
    // As many objections to a third company in both worlds, of persons of the batch in one.
    let first = if of_batch { 0 } else { 50_000 };
    let objects: Vec<Value> = (first..first + OBJECT)
        .map(|n| json!({"tokens": person(&address(n)), "at": deal.now()}))
        .collect();
    let objects = json!({"persons": objects});
    deal.market.rival.client.post("/v1/oppositions", &objects).ok();
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..SENT);
    deal.send(&parcel);
    let info: BatchInfo = deal.hand_over(&parcel.id()).json();
    assert_eq!((info.state, info.lots), (BatchState::HandedOver, Some(1)));
    let passed = deal.open(&agreement, &parcel.id()).len();
    let (batch, exchange) = (parcel.id(), agreement.exchange);
    let (dealer, brand) = (&deal.market.dealer.client, &deal.market.brand.client);
    for (client, cents) in [(dealer, 100_000), (brand, 120_000)] {
        let path = format!("/v1/exchanges/{exchange}/value");
        client.post(&path, &json!({ "value_cents": cents })).ok();
    }
    let mut seen = Vec::new();
    for path in [
        format!("/v1/batches/{batch}"),
        format!("/v1/batches/{batch}/records"),
        format!("/v1/batches/{batch}/sample"),
        "/v1/exchanges".to_owned(),
        format!("/v1/exchanges/{exchange}"),
        format!("/v1/exchanges/{exchange}/invoices"),
    ] {
        seen.push(heard(dealer, &path));
    }
    for position in [0, OBJECT - 1, OBJECT, SENT - 1] {
        seen.push(heard(dealer, &format!("/v1/batches/{batch}/decisions/{position}")));
    }
    let invoices: Vec<InvoiceInfo> =
        dealer.get(&format!("/v1/exchanges/{exchange}/invoices")).json();
    assert_eq!(invoices.len(), 2);
    for seller in [deal.market.dealer.id, deal.market.brand.id] {
        for syntax in ["ubl", "cii"] {
            seen.push(heard(
                dealer,
                &format!("/v1/exchanges/{exchange}/invoices/{seller}/{syntax}"),
            ));
        }
    }
    deal.market.server.publish();
    let trust = deal.market.server.trust();
    let (_, entries) = verified(&HttpLedger(&deal.market.server.anonymous()), &trust);
    for entry in entries {
        let bytes = entry.encode();
        seen.push((0, bytes.len(), entry.entry_type().as_str().to_owned()));
    }
    (seen, passed)
}

#[test]
fn t32_what_a_sender_sees_does_not_tell_how_many_were_held_back() {
    let (zero, all) = world(false);
    let (one, fewer) = world(true);
    // The control: the exact number, which the recipient counts, tells the worlds apart.
    assert_eq!((all, fewer), (SENT, SENT - OBJECT));
    assert!(zero.len() > 30, "enough was seen");
    assert_eq!(zero.len(), one.len(), "as many messages");
    for (zero, one) in zero.iter().zip(&one) {
        assert_eq!(zero, one);
    }
}

/// Batches that cost nothing could be tried until the edge of a lot lies where the sender wants it.
#[test]
fn t32_after_three_batches_of_which_nothing_passed_an_exchange_takes_no_more_of_the_sender() {
    let deal = Deal::new();
    let (agreement, _) = deal.handed(1_200);
    let fresh = || {
        let strangers = 10_000..10_000 + LEAST;
        let mut head = deal.sealed(&agreement, strangers.clone()).statement.statement.head;
        head.batch = BatchId::random(&mut System);
        deal.sealed_as(head, strangers)
    };
    // Nobody of them has agreed to anything. One more waits, as it may.
    let waiting = fresh();
    assert_eq!(deal.send(&waiting).state, BatchState::Received);
    for _ in 0..WITHHELD {
        let parcel = fresh();
        assert_eq!(deal.send(&parcel).state, BatchState::Received);
        let info: BatchInfo = deal.hand_over(&parcel.id()).json();
        assert_eq!((info.state, info.lots), (BatchState::Withheld, Some(0)));
    }
    let refused = (409, "exchange.withheld".to_owned());
    assert_eq!(deal.hand_over(&waiting.id()).outcome(), refused);
    let next = fresh();
    let opened = deal.market.dealer.client.post("/v1/batches", &next.statement);
    assert_eq!(opened.outcome(), refused);
    // It can be closed and paid for though one waits.
    let path = format!("/v1/exchanges/{}/value", agreement.exchange);
    deal.market.dealer.client.post(&path, &json!({"value_cents": 100_000})).ok();
}
