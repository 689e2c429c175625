//! Invoices and approved platforms: what a platform is told, what the seller says it has, what is still owed.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tiers_protocol::exchange::filing::{DutyState, FilingKind, FlowInfo, Unfiled};
use tiers_protocol::exchange::view::InvoiceInfo;
use tiers_protocol::ids::ExchangeId;

use super::{Deal, address};
use crate::harness::client::Client;

/// An exchange that closes in October 2026 or later, when large companies issue electronic invoices.
fn closed(deal: &Deal) -> ExchangeId {
    let (agreement, _) = deal.handed(1_200);
    let id = agreement.exchange;
    let clock = deal.market.server.clock();
    while today(deal) < jiff::civil::date(2026, 10, 1) {
        clock.advance_days(30);
    }
    let path = format!("/v1/exchanges/{id}/value");
    deal.market.dealer.client.post(&path, &json!({ "value_cents": 100_000 })).ok();
    deal.market.brand.client.post(&path, &json!({ "value_cents": 120_000 })).ok();
    id
}

fn today(deal: &Deal) -> jiff::civil::Date {
    use tiers::time::Clock as _;
    deal.market.server.clock().now().date()
}

fn invoices(client: &Client, id: &ExchangeId) -> Vec<InvoiceInfo> {
    client.get(&format!("/v1/exchanges/{id}/invoices")).json()
}

fn unfiled(client: &Client) -> Vec<Unfiled> {
    client.get("/v1/unfiled").json()
}

#[test]
fn inv_10_an_invoice_is_handed_over_with_its_metadata_and_nothing_sends_one() {
    let deal = Deal::new();
    let id = closed(&deal);
    for (syntax, name) in [("ubl", "UBL"), ("cii", "CII")] {
        let path = format!("/v1/exchanges/{id}/invoices/{}/{syntax}", deal.market.brand.id);
        let file = deal.market.brand.client.get(&path).ok().bytes.clone();
        let flow: FlowInfo = deal.market.brand.client.get(&format!("{path}/flow")).json();
        let digest: String = Sha256::digest(&file).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!((flow.flow_syntax.as_str(), flow.sha256), (name, digest));
        assert_eq!(flow.processing_rule, "B2B");
        assert_eq!(flow.tracking_id, format!("{id}.EXC-000001"));
        assert!(flow.name.ends_with(&format!(".{syntax}.xml")));
        assert!((0..1_200).all(|n| !flow.name.contains(&address(n))));
        assert_eq!(deal.market.rival.client.get(&format!("{path}/flow")).outcome().0, 404);
    }
    // No route hands an invoice to anybody: documents go to their two parties by GET, and what is posted
    // is a statement of five short words.
    let document: Value = deal.market.officer.client.get("/openapi.json").json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let of_invoices = path.contains("invoice") || path.contains("unfiled");
        for (method, route) in methods.as_object().unwrap().iter().filter(|_| of_invoices) {
            let filed = path.ends_with("/filed");
            assert!(method == "get" || filed, "{method} {path}");
            if filed {
                let body = &route["requestBody"]["content"]["application/json"]["schema"];
                assert_eq!(body["$ref"], "#/components/schemas/StateFiling");
            }
        }
    }
}

#[test]
fn inv_15_an_invoice_that_no_platform_has_is_flagged_with_thirty_days() {
    let deal = Deal::new();
    let id = closed(&deal);
    let (brand, dealer) = (&deal.market.brand, &deal.market.dealer);
    // The brand is large: its invoice is in scope since September 2026, the dealer's a year later.
    let all = invoices(&brand.client, &id);
    let of = |seller| all.iter().find(|one| one.seller == seller).unwrap();
    assert!(!of(dealer.id).through_platform && of(dealer.id).duties.is_empty());
    let own = of(brand.id);
    assert!(own.through_platform);
    let owed: Vec<_> = own.duties.iter().map(|d| (d.what, d.state, d.penalty_eur)).collect();
    let due = DutyState::Due;
    assert_eq!(owed, [(FilingKind::Invoice, due, 50), (FilingKind::Payment, due, 500)]);
    assert!(own.duties.iter().all(|d| d.days_left == 30 && d.penalty_year_eur == 15_000));
    // In the list of the seller and of the certifier's people, not in the other side's.
    assert_eq!(unfiled(&brand.client).len(), 2);
    assert_eq!(unfiled(&deal.market.officer.client).len(), 2);
    assert!(unfiled(&dealer.client).is_empty());
    deal.market.server.clock().advance_days(10);
    assert_eq!(unfiled(&brand.client)[0].duty.days_left, 20);
    // The invoice goes to the platform; its report stays owed, and is overdue after the thirty days.
    let path = format!("/v1/exchanges/{id}/invoices/{}/filed", brand.id);
    let filed = |what: &str, on: &str, platform: &str| {
        let stated = json!({
            "what": what, "platform": platform, "reference": "77", "filed_on": on,
        });
        brand.client.post(&path, &stated)
    };
    let day = today(&deal).to_string();
    assert_eq!(filed("invoice", "2026-01-01", "PA").outcome().1, "exchange.filing");
    assert_eq!(filed("invoice", "2099-01-01", "PA").outcome().1, "exchange.filing");
    assert_eq!(filed("invoice", &day, "  ").outcome().1, "exchange.filing");
    let info: InvoiceInfo = filed("invoice", &day, "PA Exemple").json();
    assert_eq!(info.duties[0].state, DutyState::Filed);
    assert_eq!(info.duties[0].platform.as_deref(), Some("PA Exemple"));
    assert_eq!(filed("invoice", &day, "PA Exemple").outcome().1, "exchange.said");
    deal.market.server.clock().advance_days(20);
    let left = unfiled(&brand.client);
    assert_eq!((left.len(), left[0].duty.state, left[0].duty.days_left), (1, due, 0));
    deal.market.server.clock().advance_days(1);
    let left = unfiled(&brand.client);
    assert_eq!(left[0].duty.what, FilingKind::Payment);
    assert_eq!(left[0].duty.state, DutyState::Overdue);
    // Nobody files for another, and nothing is owed for an invoice on paper.
    let other = format!("/v1/exchanges/{id}/invoices/{}/filed", dealer.id);
    let stated = json!({"what": "invoice", "platform": "x", "reference": "x", "filed_on": day});
    assert_eq!(brand.client.post(&other, &stated).outcome().0, 404);
    assert_eq!(dealer.client.post(&other, &stated).outcome().1, "exchange.state");
}

#[test]
fn inv_17_an_agreement_without_the_basis_of_its_values_is_none() {
    let deal = Deal::new();
    let agreement = serde_json::to_value(deal.approved()).unwrap();
    let read = |value: &Value| {
        serde_json::from_value::<tiers_protocol::exchange::Agreement>(value.clone()).is_ok()
    };
    assert!(read(&agreement));
    for side in ["proposer", "other"] {
        let mut without = agreement.clone();
        let invoicing = without[side]["invoicing"].as_object_mut().unwrap();
        assert!(invoicing.remove("valuation").is_some());
        assert!(!read(&without), "{side}");
        for (basis, known) in [
            ("market_sales", true),
            ("third_party_offer", true),
            ("book_value", true),
            ("", false),
            ("by_agreement", false),
        ] {
            let mut other = agreement.clone();
            other[side]["invoicing"]["valuation"] = json!(basis);
            assert_eq!(read(&other), known, "{side} {basis}");
        }
    }
}
