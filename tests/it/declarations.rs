//! What partners declare of themselves: their own word only, taken back at any time, and in the ledger.

use serde_json::json;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Declaration, ProgrammePartner};

use crate::harness::world::World;

fn path(world: &World) -> String {
    format!("/v1/programmes/{}/declaration", world.programme.id)
}

fn declared(world: &World, dealer: usize) -> Declaration {
    world.partners[dealer].client.get(&path(world)).json()
}

#[test]
fn a_dealer_agrees_to_be_named_and_takes_it_back() {
    let world = World::new();
    let silent = Declaration::silent(300);
    assert_eq!(declared(&world, 0), silent);
    let agreed = Declaration { named: true, declared_size: 420, ..silent.clone() };
    let acts = || {
        let all = world.officer.acts();
        all.into_iter().filter(|act| act.act == EntryType::PartnerDeclared.as_str()).count()
    };
    let send = |declared: &Declaration| {
        world.partners[0].client.put(&path(&world), declared).ok();
    };
    send(&agreed);
    assert_eq!(declared(&world, 0), agreed);
    assert_eq!(acts(), 1);
    // The same word again is no act.
    send(&agreed);
    assert_eq!(acts(), 1);
    send(&Declaration { named: false, ..agreed.clone() });
    assert_eq!(declared(&world, 0), Declaration { named: false, ..agreed });
    assert_eq!(acts(), 2);
    // Others have said nothing by it.
    assert_eq!(declared(&world, 1), silent);
}

#[test]
fn the_principal_sees_declarations_and_makes_none() {
    let world = World::new();
    let agreed = Declaration { named: true, exact: true, ..Declaration::silent(77) };
    world.partners[2].client.put(&path(&world), &agreed).ok();
    let partners = format!("/v1/programmes/{}/partners", world.programme.id);
    let seen: Vec<ProgrammePartner> = world.principal.client.get(&partners).json();
    let of = |dealer: usize| {
        let id = world.partners[dealer].id;
        seen.iter().find(|one| one.party == id).unwrap().declaration.clone()
    };
    assert_eq!(of(2), agreed);
    assert_eq!(of(0), Declaration::silent(300));
    let refused = world.principal.client.put(&path(&world), &agreed);
    assert_eq!(refused.outcome(), (403, "auth.forbidden".to_owned()));
}

#[test]
fn a_declaration_that_is_none_is_refused() {
    let world = World::new();
    let client = &world.partners[0].client;
    let elsewhere = Declaration { region: "Atlantide".to_owned(), ..Declaration::silent(1) };
    let answer = client.put(&path(&world), &elsewhere);
    assert_eq!(answer.outcome(), (422, "programme.declaration".to_owned()));
    for wrong in [
        json!({ "declared_size": -1, "region": "", "named": true, "exact": false }),
        json!({ "declared_size": 1, "region": "", "named": "yes", "exact": false }),
        json!({ "declared_size": 1, "region": "", "named": true }),
        json!({ "declared_size": 1, "region": "", "named": true, "exact": false, "more": 1 }),
    ] {
        assert!(client.put(&path(&world), &wrong).status >= 400, "{wrong}");
    }
    assert_eq!(declared(&world, 0), Declaration::silent(300));
}
