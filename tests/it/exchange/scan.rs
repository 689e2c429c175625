//! A certifier's memory, its disk and all that went over the wire are searched for the contacts, the names, the
//! proofs and the digests of everybody whose record passed or was held back; a decoy shows that each search
//! would have found them.

use serde_json::json;
use tiers_protocol::consent::State;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::ids::BatchId;

use super::{Deal, FIRST_NAME, address, shown, tokens};
use crate::consent::{event, person};
use crate::harness::places::{Traffic, disk, memory, recording_proxy};
use crate::harness::server::Server;
use crate::search::Needles;

/// So many agree; so many more do not, and their records are sent all the same.
const AGREED: usize = 1_203;
const SENT: usize = AGREED + 40;

const DECOY: &str = "a-decoy-that-is-sent-in-clear@exemple.fr";

struct Secrets {
    /// Nowhere on the certifier's side, nor on the wire.
    everywhere: Needles,
    /// Not on its disk: consents are told by them, so that it sees them for a moment.
    tokens: Needles,
}

fn secrets() -> Secrets {
    let (mut everywhere, mut tokens_of) = (Needles::new(), Needles::new());
    everywhere.text("name", FIRST_NAME);
    for number in [0, 1, 2, 499, 998, AGREED - 1, AGREED, SENT - 1] {
        everywhere.text("address", &address(number));
        everywhere.text("proof", &shown(number).reference);
        let sent = tokens(number);
        tokens_of.bytes("token", sent.email.as_ref().unwrap().as_ref());
    }
    Secrets { everywhere, tokens: tokens_of }
}

/// An exchange from the first consent to the opened records: one takes its consent back between review and
/// hand-over, one objects to another company, and some have agreed to nothing.
fn play(deal: &Deal) -> BatchId {
    deal.consented(0..AGREED);
    let agreement = deal.approved();
    let parcel = deal.sealed(&agreement, 0..SENT);
    // A body that is broken off must leave as little as a whole one.
    deal.market.dealer.client.post("/v1/batches", &parcel.statement).ok();
    let half = parcel.body.len() / 2;
    let path = format!("/v1/batches/{}/body", parcel.id());
    let begun = [("upload-offset", "0")];
    deal.market.dealer.client.send("PUT", &path, &begun, &parcel.body[..half]).ok();
    let info: BatchInfo = deal.upload(&parcel, half).json();
    assert_eq!(info.state, BatchState::Received);
    deal.reviewed(&parcel.id());
    let back = vec![event(&person(&address(1)), deal.now(), State::Withdrawn)];
    deal.market.record(deal.market.web_form(), back);
    let objects = json!({"persons": [{"tokens": person(&address(2)), "at": deal.now()}]});
    deal.market.rival.client.post("/v1/oppositions", &objects).ok();
    let info: BatchInfo = deal.hand_over(&parcel.id()).json();
    assert_eq!(info.state, BatchState::HandedOver);
    let opened = deal.open(&agreement, &parcel.id());
    assert_eq!(opened.len(), AGREED - 2);
    // The decoy: an officer's reason goes over the wire and stays in memory and on disk.
    deal.market.officer.client.get(&format!("/v1/acts?reason={DECOY}")).ok();
    parcel.id()
}

#[test]
fn exc_19_neither_memory_nor_disk_nor_traffic_has_a_contact_of_an_exchange() {
    let traffic = Traffic::default();
    let mut server = Server::process();
    let address = server.url().trim_start_matches("http://").to_owned();
    server.reach_through(recording_proxy(address, &traffic));
    let deal = Deal::process_of(server);
    let batch = play(&deal);
    let Secrets { everywhere, tokens } = secrets();
    let mut decoy = Needles::new();
    decoy.text("decoy", DECOY);

    let places = ["memory", "disk", "keyring", "traffic"];
    let mut found: [[Vec<&'static str>; 3]; 4] = Default::default();
    let mut look = |place: usize, bytes: &[u8]| {
        for (needles, found) in [&everywhere, &tokens, &decoy].into_iter().zip(&mut found[place]) {
            needles.find(bytes, found);
        }
    };
    let server = &deal.market.server;
    // Nothing moves while it is looked at.
    server.child().signal("STOP");
    let read = memory(server.child().id(), |region| look(0, region));
    assert!(read > 1 << 20, "the memory of the server was not read");
    disk(&server.folder().join("data"), |file| look(1, file));
    disk(&server.folder().join("data.keyring"), |file| look(2, file));
    traffic.lock().unwrap().iter().for_each(|connection| look(3, connection));
    server.child().signal("CONT");

    for (place, [secrets, _, _]) in places.iter().zip(&found) {
        assert!(secrets.is_empty(), "{place}: {secrets:?}");
    }
    for place in [1, 2] {
        assert!(found[place][1].is_empty(), "{}: tokens as they were sent", places[place]);
    }
    for place in [0, 1, 3] {
        assert_eq!(found[place][2], ["decoy"], "{}: the search finds nothing", places[place]);
    }
    // What was sealed was there: the recipient still reads it, name and all, in what it fetches.
    let package = deal.market.brand.client.get(&format!("/v1/batches/{batch}/records"));
    let mut sealed = Vec::new();
    everywhere.find(&package.ok().bytes, &mut sealed);
    assert!(package.bytes.len() > SENT * 512);
    assert!(sealed.is_empty(), "a package has {sealed:?} in clear");
}
