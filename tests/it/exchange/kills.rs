//! SIGKILL at random moments of a hand-over: each record passes once or not at all, whatever was fetched
//! before and after gives the same bytes, and the ledger verifies.

use std::time::Duration;

use serde_json::json;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};

use super::{Deal, address};
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::{Dice, full};

const PERSONS: usize = 3_000;

#[test]
fn a_kill_at_any_moment_of_a_hand_over_passes_each_record_once_or_not_at_all() {
    let kills = if full() { 100 } else { 4 };
    let mut deal = Deal::process();
    // Every third person has agreed to nothing.
    deal.consented(0..PERSONS * 2 / 3);
    let agreement = deal.approved();
    let expected: Vec<String> = (0..PERSONS * 2 / 3).map(address).collect();
    let mut dice = Dice(std::process::id().into());
    let (mut before, mut after) = (0, 0);
    for _ in 0..kills {
        let parcel = deal.sealed(&agreement, 0..PERSONS);
        assert_eq!(deal.send(&parcel).state, BatchState::Received);
        assert_eq!(deal.reviewed(&parcel.id()).state, BatchState::Reviewed);
        let path = format!("/v1/batches/{}/hand-over", parcel.id());
        std::thread::scope(|scope| {
            let market = &deal.market;
            let asked = scope.spawn(|| {
                let headers = [("content-type", "application/json")];
                market.dealer.client.try_send("POST", &path, &headers, b"{}").is_ok()
            });
            std::thread::sleep(Duration::from_micros(dice.below(120_000)));
            market.server.child().signal("KILL");
            let _ = asked.join().unwrap();
        });
        deal.market.server.kill();
        deal = deal.restart();
        let status = |deal: &Deal| -> BatchInfo {
            deal.market.dealer.client.get(&format!("/v1/batches/{}", parcel.id())).json()
        };
        match status(&deal).state {
            BatchState::Reviewed => before += 1,
            BatchState::HandedOver => after += 1,
            other => panic!("{}", other.as_str()),
        }
        let records = format!("/v1/batches/{}/records", parcel.id());
        let early = deal.market.brand.client.get(&records);
        // Asked again, it is done once.
        deal.hand_over(&parcel.id()).ok();
        let late = deal.market.brand.client.get(&records).ok().bytes.clone();
        assert!(early.status != 200 || early.bytes == late, "what passed has changed");
        let opened = super::opened(&agreement, &deal.market.brand.secret, &late);
        assert!(opened.iter().map(|(_, _, address)| address).eq(&expected));
        deal.market
            .brand
            .client
            .post(&format!("/v1/batches/{}/fetched", parcel.id()), &json!({}))
            .ok();
        verified(&HttpLedger(&deal.market.server.anonymous()), &deal.market.server.trust());
    }
    assert_eq!(before + after, kills);
}
