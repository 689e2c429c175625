//! Values, invoices and what an officer sees of exchanges that lack them.

use serde_json::json;
use tiers_protocol::exchange::view::{ExchangeInfo, ExchangeState, InvoiceInfo, Uninvoiced};
use tiers_protocol::ids::ExchangeId;

use super::{Deal, address};
use crate::harness::client::{Answer, Client};

fn state(client: &Client, id: &ExchangeId, cents: Option<u64>) -> Answer {
    client.post(&format!("/v1/exchanges/{id}/value"), &json!({ "value_cents": cents }))
}

fn uninvoiced(deal: &Deal) -> Vec<Uninvoiced> {
    deal.market.officer.client.get("/v1/uninvoiced").json()
}

#[test]
fn inv_01_inv_03_inv_07_an_exchange_closes_with_both_values_and_two_invoices() {
    let deal = Deal::new();
    let (dealer, brand) = (&deal.market.dealer.client, &deal.market.brand.client);
    let waiting = deal.approved();
    // Nothing has passed: there is nothing to value, and nothing is missing.
    assert_eq!(state(brand, &waiting.exchange, Some(120_000)).outcome().1, "exchange.state");
    assert!(uninvoiced(&deal).is_empty());
    let (agreement, _) = deal.handed(1_200);
    let id = agreement.exchange;
    // It shows at once, with what it may cost.
    let missing = uninvoiced(&deal);
    assert_eq!(missing.len(), 1);
    assert_eq!((missing[0].natural_person_eur, missing[0].company_eur), (75_000, 375_000));
    assert_eq!(state(dealer, &id, None).outcome().1, "exchange.no_value");
    assert_eq!(state(dealer, &id, Some(0)).outcome().1, "exchange.no_value");
    assert_eq!(state(dealer, &id, Some(99_999)).outcome().1, "exchange.value_differs");
    let info: ExchangeInfo = state(dealer, &id, Some(100_000)).json();
    assert_eq!(info.state, ExchangeState::Approved);
    assert_eq!(state(dealer, &id, Some(100_000)).outcome().1, "exchange.said");
    assert_eq!(uninvoiced(&deal).len(), 1);
    let path = format!("/v1/exchanges/{id}/invoices");
    let none: Vec<InvoiceInfo> = dealer.get(&path).json();
    assert!(none.is_empty());
    let info: ExchangeInfo = state(brand, &id, Some(120_000)).json();
    assert_eq!(info.state, ExchangeState::Closed);
    assert!(uninvoiced(&deal).is_empty());
    let both: Vec<InvoiceInfo> = dealer.get(&path).json();
    assert_eq!(both.len(), 2);
    assert!(both.iter().all(|invoice| invoice.exchange == id));
    let sellers: Vec<_> = both.iter().map(|invoice| invoice.seller).collect();
    assert!(sellers.contains(&deal.market.dealer.id) && sellers.contains(&deal.market.brand.id));
    // To others they are not there.
    assert_eq!(deal.market.rival.client.get(&path).outcome().0, 404);
}

#[test]
fn inv_02_inv_04_inv_05_inv_14_what_both_owe_is_set_off_and_the_balance_is_money() {
    let deal = Deal::new();
    let (agreement, _) = deal.handed(1_200);
    let id = agreement.exchange;
    state(&deal.market.dealer.client, &id, Some(100_000)).ok();
    state(&deal.market.brand.client, &id, Some(120_000)).ok();
    let client = &deal.market.brand.client;
    let path = format!("/v1/exchanges/{id}/invoices");
    let found: Vec<InvoiceInfo> = client.get(&path).json();
    let of = |seller| found.iter().find(|invoice| invoice.seller == seller).unwrap();
    let (dealer, brand) = (of(deal.market.dealer.id), of(deal.market.brand.id));
    // 1,000 and 1,200 euros with tax of 20 %: 1,200 are set off, 240 are left to pay.
    let sums = |i: &InvoiceInfo| (i.net_cents, i.gross_cents, i.set_off_cents, i.payable_cents);
    assert_eq!(sums(dealer), (100_000, 120_000, 120_000, 0));
    assert_eq!(sums(brand), (120_000, 144_000, 120_000, 24_000));
    for invoice in &found {
        assert_eq!(invoice.issued, "2025-09-01", "on the day of completion");
        for syntax in ["ubl", "cii"] {
            let text =
                client.get(&format!("{path}/{}/{syntax}", invoice.seller)).ok().bytes.clone();
            let text = String::from_utf8(text).unwrap();
            assert!(text.contains("Règlement par compensation"), "{syntax}");
            assert!(text.contains(&id.to_string()) && text.contains(&invoice.number));
            assert!(text.contains("mandat MDT-2025-1"));
            // Both sides read the same bytes.
            let other = format!("{path}/{}/{syntax}", invoice.seller);
            assert_eq!(deal.market.dealer.client.get(&other).ok().bytes, text.as_bytes());
        }
    }
    let wrong = format!("{path}/{}/pdf", deal.market.dealer.id);
    assert_eq!(client.get(&wrong).outcome().0, 404);
    // Large companies issue electronically from 1 September 2026, small ones a year later.
    assert_eq!((brand.electronic_from.as_str(), brand.through_platform), ("2026-09-01", false));
    assert_eq!(dealer.electronic_from, "2027-09-01");
}

#[test]
fn inv_16_numbers_follow_one_another_in_each_series_and_nothing_goes() {
    let deal = Deal::new();
    for n in 1..=3 {
        let agreement = if n == 1 {
            deal.handed(1_200).0
        } else {
            let agreement = deal.approved();
            let parcel = deal.sealed(&agreement, 0..1_200);
            deal.send(&parcel);
            deal.hand_over(&parcel.id()).ok();
            agreement
        };
        let id = agreement.exchange;
        state(&deal.market.dealer.client, &id, Some(100_000)).ok();
        state(&deal.market.brand.client, &id, Some(120_000)).ok();
        let path = format!("/v1/exchanges/{id}/invoices");
        let found: Vec<InvoiceInfo> = deal.market.brand.client.get(&path).json();
        let numbers: Vec<_> = found.iter().map(|invoice| invoice.number.clone()).collect();
        let expected = format!("EXC-{n:06}");
        assert_eq!(numbers, [expected.clone(), expected], "each in a series of its own");
    }
    let data = deal.market.server.layout().database();
    let raw = rusqlite::Connection::open(data).unwrap();
    for statement in [
        "DELETE FROM invoice WHERE number = 2",
        "UPDATE invoice SET name = 'EXC-000009' WHERE number = 2",
        "INSERT INTO invoice SELECT party_id, series, 9, name, exchange_id, facts, ubl, cii FROM invoice \
         WHERE number = 1",
    ] {
        assert!(raw.execute(statement, []).is_err(), "{statement}");
    }
}

#[test]
fn inv_18_no_invoice_holds_anything_of_a_person() {
    let deal = Deal::new();
    let (agreement, _) = deal.handed(1_200);
    let id = agreement.exchange;
    state(&deal.market.dealer.client, &id, Some(100_000)).ok();
    state(&deal.market.brand.client, &id, Some(120_000)).ok();
    for seller in [deal.market.dealer.id, deal.market.brand.id] {
        for syntax in ["ubl", "cii"] {
            let path = format!("/v1/exchanges/{id}/invoices/{seller}/{syntax}");
            let text = deal.market.brand.client.get(&path).ok().bytes.clone();
            let text = String::from_utf8(text).unwrap();
            assert!((0..1_200).all(|n| !text.contains(&address(n))));
            assert!(!text.contains("exemple-planted") && !text.contains(super::FIRST_NAME));
        }
    }
}
