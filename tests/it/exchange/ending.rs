//! The end of exchanges and of their invoices: to the archive, each in its time, and from there for good; numbers
//! of invoices stay given.

use serde_json::json;
use tiers::governance::view::{ArchivedInfo, DueInfo};
use tiers::service::Dependencies;
use tiers::service::faults::{FaultPoint, Faults};
use tiers_protocol::dossier::SignedDossier;
use tiers_protocol::exchange::view::{ExchangeInfo, InvoiceInfo};
use tiers_protocol::ids::{BatchId, ExchangeId};
use tiers_protocol::wire::Act;

use super::Deal;
use crate::harness::ledger::{HttpLedger, verified};

fn close(deal: &Deal, id: &ExchangeId) {
    let path = format!("/v1/exchanges/{id}/value");
    deal.market.dealer.client.post(&path, &json!({ "value_cents": 100_000 })).ok();
    deal.market.brand.client.post(&path, &json!({ "value_cents": 120_000 })).ok();
}

fn invoices(deal: &Deal, id: &ExchangeId) -> Vec<String> {
    let path = format!("/v1/exchanges/{id}/invoices");
    let found: Vec<InvoiceInfo> = deal.market.dealer.client.get(&path).json();
    found.into_iter().map(|invoice| invoice.number).collect()
}

fn archive(deal: &Deal, object: &str) -> Vec<ArchivedInfo> {
    let all: Vec<ArchivedInfo> =
        deal.market.officer.client.get("/v1/archive?reason=litigation").json();
    all.into_iter().filter(|of| of.object == object).collect()
}

fn rows(deal: &Deal, table: &str) -> i64 {
    let raw = rusqlite::Connection::open(deal.market.server.layout().database()).unwrap();
    raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Goes to a day and does what is due on it.
fn on(deal: &Deal, day: &str) {
    let day: jiff::civil::Date = day.parse().unwrap();
    let days = deal.market.server.today().until(day).unwrap().get_days();
    deal.market.server.clock().advance_days(i64::from(days));
    deal.market.server.certifier().purge().unwrap();
}

fn decisions(folder: &std::path::Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(".decisions")).count()
}

fn due(deal: &Deal, object: &str) -> Vec<(Option<String>, String)> {
    let until = jiff::civil::date(2060, 1, 1);
    let due: Vec<DueInfo> = deal.market.server.certifier().retention_due(until).unwrap();
    let of = due.into_iter().filter(|of| of.object == object);
    of.map(|of| (of.moves_on, of.deleted_on)).collect()
}

/// Which acts about an exchange and its batch still say what they were.
fn told(deal: &Deal, exchange: &ExchangeId, batch: &BatchId) -> (usize, usize) {
    let about = [exchange.to_string(), batch.to_string()];
    let acts: Vec<Act> = deal.market.officer.acts();
    let of: Vec<&Act> = acts.iter().filter(|act| about.contains(&act.object)).collect();
    (of.len(), of.iter().filter(|act| act.detail.is_some()).count())
}

/// Whether a thing is certified to be deleted: the dossier of the act of that day says so, signed and proven in the
/// ledger, to anybody who has the certifier's public keys.
fn certified(deal: &Deal, object: &str, id: &str) -> bool {
    let (market, wanted) = (&deal.market, json!({ "object": object, "id": id }));
    let names = |detail: &serde_json::Value| {
        detail["deleted"].as_array().is_some_and(|all| all.contains(&wanted))
    };
    market.server.publish();
    let acts: Vec<Act> = market.officer.acts();
    let Some(act) = acts.iter().find(|act| act.detail.as_ref().is_some_and(names)) else {
        return false;
    };
    let asked = json!({ "reason": "certificate of deletion", "about": act.object });
    let bytes = market.officer.client.post("/v1/dossiers", &asked).ok().bytes.clone();
    let trust = market.server.trust();
    let held = SignedDossier::verify(&bytes, &trust).unwrap();
    let opened = held.dossier.acts[0].opened.as_ref().unwrap();
    let detail = serde_json::from_str(&opened.detail).unwrap();
    assert!(names(&detail) && detail["policy"].as_str().is_some_and(|name| !name.is_empty()));
    // Not another one can be put in its place.
    let text = String::from_utf8(bytes).unwrap();
    let changed = text.replace(id, &id.chars().rev().collect::<String>());
    assert!(changed != text && SignedDossier::verify(changed.as_bytes(), &trust).is_err());
    true
}

#[test]
fn ret_11_ret_12_exchanges_and_invoices_go_to_the_archive_and_end_on_their_days() {
    let deal = Deal::new();
    let (agreement, batch) = deal.handed(1_200);
    let id = agreement.exchange;
    deal.market.brand.client.post(&format!("/v1/batches/{batch}/fetched"), &json!({})).ok();
    close(&deal, &id);
    // Every day is known at once: invoices of 1 September 2025, an agreement until 20 March 2026.
    let day = |text: &str| text.to_owned();
    let known = (Some(day("2027-09-02")), day("2036-09-02"));
    assert_eq!(due(&deal, "invoices"), [known.clone(), known]);
    assert_eq!(due(&deal, "agreements"), [(Some(day("2028-03-21")), day("2031-03-21"))]);
    on(&deal, "2027-09-01");
    assert_eq!((invoices(&deal, &id).len(), archive(&deal, "invoices").len()), (2, 0));
    on(&deal, "2027-09-02");
    assert_eq!((invoices(&deal, &id).len(), rows(&deal, "invoice")), (0, 0));
    let kept = archive(&deal, "invoices");
    assert_eq!(kept.len(), 2);
    for invoice in &kept {
        assert_eq!(invoice.document["facts"]["number"], "EXC-000001");
        for syntax in ["ubl", "cii"] {
            let text = invoice.document[syntax].as_str().unwrap();
            assert!(text.contains("EXC-000001") && text.contains("Règlement par compensation"));
        }
    }
    // Numbers go on where they stood, although no invoice is left.
    let second = deal.approved();
    let parcel = deal.sealed(&second, 0..1_200);
    deal.send(&parcel);
    deal.hand_over(&parcel.id()).ok();
    close(&deal, &second.exchange);
    assert_eq!(invoices(&deal, &second.exchange), ["EXC-000002", "EXC-000002"]);
    let raw = rusqlite::Connection::open(deal.market.server.layout().database()).unwrap();
    for statement in [
        "DELETE FROM invoice",
        "DELETE FROM invoice_series",
        "UPDATE invoice_series SET last = 1",
        "UPDATE invoice_series SET archived = 3",
        "INSERT INTO invoice SELECT party_id, series, 1, name, exchange_id, facts, ubl, cii \
         FROM invoice LIMIT 1",
    ] {
        assert!(raw.execute(statement, []).is_err(), "{statement}");
    }
    // The exchange follows, with everything under it.
    let layout = deal.market.server.layout();
    assert_eq!(decisions(&layout.exchanges()), 2);
    on(&deal, "2028-03-21");
    let path = format!("/v1/exchanges/{id}");
    assert_eq!(deal.market.dealer.client.get(&path).outcome().0, 404);
    let of_tables = |tables: &[&str]| tables.iter().map(|of| rows(&deal, of)).collect::<Vec<_>>();
    let tables = ["exchange", "exchange_act", "exchange_batch", "exchange_value"];
    assert_eq!(of_tables(&tables), [1, 3, 1, 2], "those of the second one");
    assert_eq!((decisions(&layout.exchanges()), decisions(&layout.archive())), (1, 1));
    let kept = archive(&deal, "agreements");
    assert_eq!((kept.len(), kept[0].id.clone()), (1, id.to_string()));
    let document = &kept[0].document;
    assert_eq!(document["agreement"], serde_json::to_value(deal_signed(&kept[0])).unwrap());
    assert_eq!(document["acts"].as_array().unwrap().len(), 3);
    assert_eq!(document["batches"][0]["batch"], batch.to_string());
    assert_eq!(document["values"].as_array().unwrap().len(), 2);
    for other in [&deal.market.dealer.client, &deal.market.brand.client] {
        assert_eq!(other.get("/v1/archive?reason=litigation").outcome().0, 403);
    }
    let (acts, known) = told(&deal, &id, &batch);
    assert!(acts >= 8 && known == acts, "{acts} {known}");
    // A start keeps what the archive knows.
    let deal = deal.reopen(Dependencies::default());
    assert_eq!(decisions(&deal.market.server.layout().archive()), 1);
    on(&deal, "2031-03-21");
    assert!(archive(&deal, "agreements").iter().all(|of| of.id != id.to_string()));
    let layout = deal.market.server.layout();
    assert!(!std::fs::read_dir(layout.archive()).unwrap().any(|entry| {
        entry.unwrap().file_name().to_str().unwrap().starts_with(&id.to_string())
    }));
    assert_eq!(told(&deal, &id, &batch), (acts, 0));
    assert!(certified(&deal, "agreements", &id.to_string()));
    let gone: Vec<String> = archive(&deal, "invoices").into_iter().map(|of| of.id).collect();
    assert!(!certified(&deal, "invoices", &gone[0]), "it is still there");
    on(&deal, "2036-09-02");
    assert!(certified(&deal, "invoices", &gone[0]));
    let left: Vec<_> = archive(&deal, "invoices");
    assert!(left.len() == 2 && left.iter().all(|of| of.document["number"] == 2));
    on(&deal, "2040-01-01");
    assert!(archive(&deal, "invoices").is_empty() && archive(&deal, "agreements").is_empty());
    assert_eq!((rows(&deal, "exchange"), rows(&deal, "invoice_series")), (0, 2));
    deal.market.server.publish();
    verified(&HttpLedger(&deal.market.server.anonymous()), &deal.market.server.trust());
}

/// The agreement of an archived exchange still verifies under the keys that it names.
fn deal_signed(kept: &ArchivedInfo) -> tiers_protocol::exchange::SignedAgreement {
    let signed: tiers_protocol::exchange::SignedAgreement =
        serde_json::from_value(kept.document["agreement"].clone()).unwrap();
    assert!(signed.is_signed());
    signed
}

#[test]
fn ret_11_an_exchange_that_came_to_nothing_or_was_ended_has_its_days_too() {
    use tiers_protocol::exchange::Saying;

    let deal = Deal::new();
    deal.propose(&deal.draft()).ok();
    let agreement = deal.approved();
    deal.consented(0..1_200);
    let parcel = deal.sealed(&agreement, 0..1_200);
    deal.send(&parcel);
    deal.hand_over(&parcel.id()).ok();
    let dealer = &deal.market.dealer;
    deal.market.server.clock().advance_days(9);
    deal.say(&agreement, (dealer, &dealer.secret), (Saying::End, "Fin de l'accord")).ok();
    let day = |text: &str| text.to_owned();
    let mut due_of = due(&deal, "agreements");
    due_of.sort();
    let ended = (Some(day("2027-09-11")), day("2030-09-11"));
    assert_eq!(due_of, [ended, (Some(day("2028-03-21")), day("2031-03-21"))]);
    // Thirty days to fetch what was handed over, from the day on which it ended.
    assert_eq!(due(&deal, "exchange_bodies"), [(None, day("2025-10-11"))]);
    on(&deal, "2028-03-21");
    assert_eq!((rows(&deal, "exchange"), archive(&deal, "agreements").len()), (0, 2));
    let info = deal.market.dealer.client.get("/v1/exchanges");
    assert!(info.json::<Vec<ExchangeInfo>>().is_empty());
}

#[test]
fn ret_07_a_kill_while_an_exchange_is_archived_loses_nothing_of_it() {
    let with = Dependencies { faults: Faults::at(FaultPoint::Archived), ..Dependencies::default() };
    let deal = Deal::new();
    let (agreement, _) = deal.handed(1_200);
    close(&deal, &agreement.exchange);
    deal.market.server.clock().advance_days(365 * 2 + 2);
    let deal = deal.reopen(with);
    assert!(deal.market.server.certifier().purge().is_err());
    assert_eq!((rows(&deal, "invoice"), archive(&deal, "invoices").len()), (2, 2));
    let deal = deal.reopen(Dependencies::default());
    on(&deal, "2028-03-21");
    assert_eq!((rows(&deal, "invoice"), archive(&deal, "invoices").len()), (0, 2));
    assert_eq!((rows(&deal, "exchange"), archive(&deal, "agreements").len()), (0, 1));
}
