//! What a party's officer may see, against a naive model: whatever is asked for on any of the routes that are made
//! for officers, a party is shown acts that concern it and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tiers_protocol::dossier::{NewSearch, SignedDossier};
use tiers_protocol::ids::{PartyId, ProgrammeId};
use tiers_protocol::tlog::Entry;
use tiers_protocol::wire::{Act, DepositInfo, ReleaseInfo, Role};

use crate::consent::person;
use crate::exchange::Deal;
use crate::harness::client::Client;
use crate::harness::deposits::Draft;
use crate::harness::roles::Company;
use crate::harness::server::Server;
use crate::harness::world::{MONTH, World, programme};
use crate::harness::{Dice, full};

/// A party, and the objects that are its own by what it was told when it made them.
struct Seat<'a> {
    company: &'a Company,
    own: BTreeSet<String>,
    takes_part: Vec<ProgrammeId>,
}

impl Seat<'_> {
    /// The model: the party did it, or it is about something of its own, or says what a programme is in which
    /// it takes part.
    fn may_see(&self, act: &Act) -> bool {
        self.concerns(&act.act, &act.object, &act.actor)
    }

    fn concerns(&self, kind: &str, object: &str, actor: &str) -> bool {
        let member = self.takes_part.iter().any(|id| id.to_string() == object);
        actor == self.company.actor.to_string()
            || self.own.contains(object)
            || member && ["programme.registered", "policy.changed"].contains(&kind)
    }
}

fn search(client: &Client, new: &NewSearch) -> Vec<Act> {
    client.post("/v1/searches", new).json()
}

/// Asks at random, as every party, for everything there is and for what is not.
fn asked(server: &Server, officer: &Client, seats: &[Seat<'_>], ids: &[String], dice: &mut Dice) {
    let days = ["2025-08-31", "2025-09-01", "2025-09-02"];
    let kinds = ["deposit.received", "exchange.act", "officer.viewed", "batch.handed_over"];
    let rounds = if full() { 120 } else { 25 };
    for _ in 0..rounds {
        let seat = &seats[usize::try_from(dice.below(seats.len() as u64)).unwrap()];
        let mut pick = |from: &[String]| -> Option<String> {
            let n = usize::try_from(dice.below(2 * from.len() as u64)).unwrap();
            from.get(n).cloned()
        };
        let texts = |of: &[&str]| of.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let new = NewSearch {
            reason: "control".to_owned(),
            about: pick(ids),
            party: pick(ids),
            act: pick(&texts(&kinds)),
            since: pick(&texts(&days)),
            until: pick(&texts(&days)),
            ..NewSearch::default()
        };
        let found = search(&seat.company.client, &new);
        for act in &found {
            assert!(seat.may_see(act), "{} {} to {}", act.act, act.object, seat.company.id);
        }
        // A dossier shows what the search shows, and that there was the search.
        if let Some(about) = &new.about {
            let answer = seat.company.client.post("/v1/dossiers", &new);
            assert!(found.is_empty() || answer.status == 200, "{about}");
            if answer.status == 200 {
                let held = SignedDossier::verify(&answer.bytes, &server.trust()).unwrap().dossier;
                assert!(held.acts.len() >= found.len());
                for act in &held.acts {
                    let entry = Entry::decode(act.entry.as_bytes()).unwrap();
                    let (kind, object) = (entry.entry_type().as_str(), entry.object().as_str());
                    let actor = &act.opened.as_ref().unwrap().actor;
                    assert!(seat.concerns(kind, object, actor), "{kind} {object}");
                }
                let own = held.documents.is_empty() || seat.own.contains(about);
                assert!(own, "documents of an exchange of others");
            }
        }
    }
    // And the other way round: what concerns a party it finds, all of it.
    for seat in seats {
        let all =
            search(officer, &NewSearch { reason: "control".to_owned(), ..NewSearch::default() });
        let own = NewSearch { reason: "control".to_owned(), ..NewSearch::default() };
        let index = |act: &Act| act.index.unwrap();
        let found: Vec<u64> = search(&seat.company.client, &own).iter().map(index).collect();
        let meant: Vec<u64> = all.iter().filter(|act| seat.may_see(act)).map(index).collect();
        let shown: Vec<u64> = found.into_iter().filter(|n| *n < all.len() as u64).collect();
        assert_eq!(shown, meant, "{}", seat.company.id);
    }
}

/// What no party's officer reaches, by address.
fn closed(client: &Client, breach: &str) {
    for path in [
        "/v1/acts?reason=control",
        "/v1/archive?reason=control",
        "/v1/retention",
        "/v1/breaches",
        "/v1/alerts",
        "/v1/uninvoiced",
        "/v1/parties",
    ] {
        assert_eq!(client.get(path).outcome(), (403, "auth.forbidden".to_owned()), "{path}");
    }
    for (path, body) in [
        (format!("/v1/breaches/{breach}"), json!({ "aware": "2025-09-01T00:00:00Z" })),
        ("/v1/retention/purge".to_owned(), json!({})),
        (format!("/v1/alerts/{breach}"), json!({ "finding": "x" })),
    ] {
        assert_eq!(client.post(&path, &body).outcome().0, 403, "{path}");
    }
}

#[test]
fn log_18_in_programmes_a_party_is_shown_what_concerns_it_whatever_it_asks_for() {
    let world = World::stocked();
    // A second programme of another brand, with one of the dealers.
    let brand = world.operator.enrol(&world.server, Role::Principal, 77);
    let brand = crate::harness::roles::Principal(brand);
    let key =
        tiers_protocol::programme_key::ProgrammeKey::generate(&mut tiers_protocol::entropy::System);
    let second: tiers_protocol::programme::Programme =
        brand.register(programme("Autre", "at_once"), &key).json();
    brand.add(&second.id, &key, &world.partners[0]);
    let csv = crate::harness::people::sales_csv(&World::small_sales(0));
    let draft = Draft::of(&second, &key, tiers_contact::FileKind::Sales, &csv);
    let sealing = second.registered().unwrap().1.sealing;
    world.partners[0].deposit(&draft.seal(&sealing, &world.partners[0].secret)).ok();
    world.principal.release(&world.programme.id, MONTH);
    let path = format!("/v1/releases?programme={}", world.programme.id);
    let releases: Vec<ReleaseInfo> = world.principal.client.get(&path).json();
    let own = |company: &Company, more: &[String]| -> BTreeSet<String> {
        let deposits: Vec<DepositInfo> = company.client.get("/v1/deposits").json();
        let deposits = deposits.iter().map(|deposit| deposit.deposit.to_string());
        deposits.chain(more.iter().cloned()).chain([company.id.to_string()]).collect()
    };
    let mut of_brand = vec![world.programme.id.to_string()];
    of_brand.extend(releases.iter().map(|release| release.release.to_string()));
    let mut seats = vec![
        Seat {
            company: &world.principal,
            own: own(&world.principal, &of_brand),
            takes_part: vec![world.programme.id],
        },
        Seat {
            company: &brand,
            own: own(&brand, &[second.id.to_string()]),
            takes_part: vec![second.id],
        },
    ];
    for (number, partner) in world.partners.iter().enumerate() {
        let mut takes_part = vec![world.programme.id];
        takes_part.extend((number == 0).then_some(second.id));
        seats.push(Seat { company: partner, own: own(partner, &[]), takes_part });
    }
    let ids: Vec<String> = seats.iter().flat_map(|seat| seat.own.iter().cloned()).collect();
    asked(&world.server, &world.officer.client, &seats, &ids, &mut Dice(11));
    let breach: Value = world
        .operator
        .0
        .post("/v1/breaches", &json!({ "aware": "2025-09-01T00:00:00Z", "nature": "copie" }))
        .json();
    for seat in &seats {
        closed(&seat.company.client, breach["breach"].as_str().unwrap());
    }
}

#[test]
fn log_18_in_exchanges_a_party_is_shown_what_concerns_it_whatever_it_asks_for() {
    let deal = Deal::new();
    let (agreement, batch) = deal.handed(1_200);
    let market = &deal.market;
    let request = json!({
        "kind": "access", "received_at": market.now(), "rights": person("x@example.com"),
        "programmes": [],
    });
    let mut of_rival = vec![market.rival.id.to_string()];
    for client in [&market.rival.client, &market.dealer.client] {
        let opened: Value = client.post("/v1/requests", &request).json();
        let id = opened["request"]["request"].as_str().unwrap().to_owned();
        of_rival.push(id);
    }
    let of_dealer = of_rival.pop().unwrap();
    let forms: Vec<Value> = market.dealer.client.get("/v1/forms").json();
    let forms: Vec<String> =
        forms.iter().map(|form| form["form"].as_str().unwrap().to_owned()).collect();
    let shared = [agreement.exchange.to_string(), batch.to_string()];
    let seat = |company, own: Vec<String>| Seat {
        company,
        own: own.into_iter().collect(),
        takes_part: Vec::new(),
    };
    let party = |of: PartyId| of.to_string();
    let dealer = [&shared[..], &forms, &[of_dealer, party(market.dealer.id)]].concat();
    let brand = [&shared[..], &[party(market.brand.id)]].concat();
    let seats =
        [seat(&market.dealer, dealer), seat(&market.rival, of_rival), seat(&market.brand, brand)];
    let ids: Vec<String> = seats.iter().flat_map(|seat| seat.own.iter().cloned()).collect();
    asked(&market.server, &market.officer.client, &seats, &ids, &mut Dice(12));
    for seat in &seats {
        closed(&seat.company.client, "evt_AAAAAAAAAAAAAAAAAAAAAA");
    }
}
