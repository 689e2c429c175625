//! Sealed records that nobody fetches end with their term.

use serde_json::json;
use tiers::service::Dependencies;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::ids::BatchId;

use super::Deal;

fn sealed(deal: &Deal) -> usize {
    let entries = std::fs::read_dir(deal.market.server.layout().exchanges()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".sealed")).count()
}

fn state(deal: &Deal, batch: &BatchId) -> BatchState {
    let info: BatchInfo = deal.market.dealer.client.get(&format!("/v1/batches/{batch}")).json();
    info.state
}

#[test]
fn ret_11_sealed_records_that_nobody_fetches_go_after_the_end_of_their_agreement() {
    let deal = Deal::new();
    let (agreement, handed) = deal.handed(1_200);
    let received = deal.sealed(&agreement, 0..1_200);
    deal.send(&received);
    let open = deal.sealed(&agreement, 0..1_200);
    deal.market.dealer.client.post("/v1/batches", &open.statement).ok();
    // The day is known from the beginning: the agreement lasts 200 days, and thirty to fetch.
    let day = (deal.market.server.today() + jiff::Span::new().days(231)).to_string();
    let due = deal.market.server.certifier().retention_due(jiff::civil::date(2030, 1, 1)).unwrap();
    let of: Vec<_> = due.iter().filter(|of| of.object == "exchange_bodies").collect();
    assert_eq!(of.len(), 3);
    assert!(of.iter().all(|of| of.deleted_on == day));
    let clock = deal.market.server.clock().clone();
    let upkeep = |deal: &Deal| deal.market.server.certifier().upkeep().unwrap();
    clock.advance_days(230);
    upkeep(&deal);
    assert_eq!((sealed(&deal), state(&deal, &handed)), (2, BatchState::HandedOver));
    assert_eq!(deal.open(&agreement, &handed).len(), 1_200, "to the last day it is fetched");
    clock.advance_days(1);
    upkeep(&deal);
    assert_eq!(sealed(&deal), 0);
    let after = |deal: &Deal| [handed, received.id(), open.id()].map(|batch| state(deal, &batch));
    let ended = [BatchState::Withheld, BatchState::Refused, BatchState::Refused];
    assert_eq!(after(&deal), ended);
    let path = format!("/v1/batches/{handed}/records");
    assert_eq!(deal.market.brand.client.get(&path).outcome(), (409, "batch.state".to_owned()));
    assert_eq!(deal.hand_over(&received.id()).outcome().0, 409);
    // What was decided stays and can be proven; what was handed over keeps its value.
    let proof = format!("/v1/batches/{handed}/decisions/3");
    deal.market.officer.client.get(&proof).ok();
    let value = json!({ "value_cents": 100_000 });
    let path = format!("/v1/exchanges/{}/value", agreement.exchange);
    deal.market.dealer.client.post(&path, &value).ok();
    let deal = deal.reopen(Dependencies::default());
    assert_eq!((sealed(&deal), after(&deal)), (0, ended));
}
