//! How long a batch takes at the certifier: received, a sample drawn, handed over with a decision about every
//! record, fetched. The short form shows that the path works; with `TIERS_FULL=1` a million records are timed
//! against the ten seconds that a hand-over may take.

use std::io::Write as _;
use std::time::{Duration, Instant};

use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NewConsents;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};

use super::{Deal, address};
use crate::consent::{event, person};
use crate::harness::full;

/// Events of one request.
const EVENTS: usize = 20_000;

/// What a hand-over of a million records may take.
const BOUND: Duration = Duration::from_secs(10);

#[test]
fn a_million_records_are_handed_over_in_ten_seconds() {
    let count = if full() { 1_000_000 } else { 2_000 };
    let deal = Deal::new();
    let (market, form) = (&deal.market, deal.market.web_form());
    let (caller, certifier) =
        (market.dealer.client.caller(&market.server), market.server.certifier());
    let at = deal.now() - 3_600;
    for from in (0..count).step_by(EVENTS) {
        let persons = from..(from + EVENTS).min(count);
        let events = persons.map(|n| event(&person(&address(n)), at, State::Given)).collect();
        let said = certifier.record_consents(&caller, &NewConsents { form, events }).unwrap();
        assert!(said.quarantined.is_empty());
    }
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..count);
    let begun = Instant::now();
    assert_eq!(deal.send(&parcel).state, BatchState::Received);
    let sent = begun.elapsed();
    let begun = Instant::now();
    deal.reviewed(&parcel.id());
    let reviewed = begun.elapsed();
    let begun = Instant::now();
    let info: BatchInfo = deal.hand_over_now(&parcel.id()).json();
    let handed = begun.elapsed();
    assert_eq!(info.state, BatchState::HandedOver);
    let begun = Instant::now();
    let path = format!("/v1/batches/{}/records", parcel.id());
    let length = market.brand.client.get(&path).ok().bytes.len();
    let fetched = begun.elapsed();
    assert!(length > count * 512);
    let _ = writeln!(
        std::io::stderr(),
        "{count} records: sent in {sent:.1?}, reviewed in {reviewed:.1?}, handed over in {handed:.1?}, \
         fetched in {fetched:.1?}"
    );
    assert!(!full() || handed < BOUND, "{handed:?}");
}
