//! What deposits tell beside contacts: persons that a party knows, and the models and areas of sales. From
//! a party's file over HTTP to the vault.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;
use tiers::vault::{
    Batch, Batches as _, Columns, Segments as _, Side, StoredDeposit, TokenRange, Value,
};
use tiers_contact::{FileKind, Kind};
use tiers_protocol::ids::DepositId;
use tiers_protocol::programme::Programme;
use tiers_protocol::wire::DepositState;

use crate::harness::deposits::Draft;
use crate::harness::people::Person;
use crate::harness::vault::keyring;
use crate::harness::world::{MONTH, World, programme};

fn customers_csv(people: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut text = "email,phone\n".to_owned();
    for person in people.map(Person) {
        writeln!(text, "{},{}", person.email(), person.mobile()).unwrap();
    }
    text.into_bytes()
}

fn stored(world: &World, id: &DepositId) -> StoredDeposit {
    let name = id.to_string();
    let key = keyring(world).segment_key(&name);
    StoredDeposit::open(&world.server.layout().vault(), &name, key).unwrap()
}

/// Values of the e-mail segment.
fn values(stored: &StoredDeposit) -> Vec<Value> {
    let mut reader = stored.segment(Kind::Email, TokenRange::ALL, Columns::ALL).unwrap();
    let (mut batch, mut all) = (Batch::new(), Vec::new());
    while reader.next(&mut batch).unwrap() {
        all.extend((0..batch.len()).map(|place| batch.row(place).unwrap().value));
    }
    all
}

fn emails(stored: &StoredDeposit) -> BTreeSet<[u8; 16]> {
    let mut reader = stored.segment(Kind::Email, TokenRange::ALL, Columns::ALL).unwrap();
    let (mut batch, mut all) = (Batch::new(), BTreeSet::new());
    while reader.next(&mut batch).unwrap() {
        all.extend(batch.tokens.iter().map(|token| *token.as_bytes()));
    }
    all
}

#[test]
fn known_persons_are_deposited_by_both_sides_and_meet() {
    let world = World::new();
    let brand = world.sealed(FileKind::Customers, &customers_csv(0..60), &world.principal);
    world.principal.deposit(&brand).ok();
    let dealer = world.sealed(FileKind::Customers, &customers_csv(40..90), &world.partners[0]);
    world.partners[0].deposit(&dealer).ok();
    let (brand, dealer) = (stored(&world, &brand.id()), stored(&world, &dealer.id()));
    for (stored, rows) in [(&brand, 60), (&dealer, 50)] {
        assert_eq!(stored.side(), Some(Side::Customers));
        let values = values(stored);
        assert_eq!(values.len(), rows);
        assert!(values.iter().all(|value| *value == Value::Known));
    }
    assert_eq!(emails(&brand).intersection(&emails(&dealer)).count(), 20);
    world.ledger();
}

#[test]
fn known_persons_are_no_sales() {
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    for partner in &world.partners {
        let sealed = world.sealed(FileKind::Customers, &customers_csv(0..80), partner);
        partner.deposit(&sealed).ok();
    }
    let refused = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(refused.outcome(), (422, "report.too_few_partners".to_owned()));
}

/// A programme that asks for models and areas, with the first partner in it.
fn asking(world: &World) -> Programme {
    let mut asked = serde_json::to_value(programme("Modeles", "at_once")).unwrap();
    asked["models"] = json!(["Clio", "Mégane"]);
    asked["policy"]["areas"] = json!([
        { "name": "Nord", "departments": ["59", "62"] },
        { "name": "Corse", "departments": ["2A", "2B"] },
    ]);
    let asked: Programme = serde_json::from_value(asked).unwrap();
    let registered: Programme = world.principal.register(asked, &world.key).json();
    world.principal.add(&registered.id, &world.key, &world.partners[0]);
    registered
}

const SALES: &str = "email,sale_date,amount,modèle,code postal\n\
    a@orange.fr,2025-06-01,10,Renault Clio V,59000\n\
    b@orange.fr,2025-06-02,20,MEGANE,20090\n\
    c@orange.fr,2025-06-03,30,Zoe,75001\n";

#[test]
fn models_and_areas_reach_the_vault_as_places_in_public_lists() {
    let world = World::new();
    let programme = asking(&world);
    let draft = Draft::of(&programme, &world.key, FileKind::Sales, SALES.as_bytes());
    let text = String::from_utf8(draft.plain.clone()).unwrap();
    assert!(text.lines().next().unwrap().ends_with(",sale_date,amount_cents,model,area"));
    assert!(!text.contains("59000") && !text.contains("Zoe"));
    let partner = &world.partners[0];
    let sealed = draft.seal(&programme.registered().unwrap().1.sealing, &partner.secret);
    partner.deposit(&sealed).ok();
    assert_eq!(partner.status(&sealed.id()).state, DepositState::Accepted);
    let told = |value| match value {
        Value::Sale { amount_cents, traits } => (amount_cents, traits.model(), traits.area()),
        _ => panic!("sales"),
    };
    let mut found: Vec<_> = values(&stored(&world, &sealed.id())).into_iter().map(told).collect();
    found.sort_unstable();
    assert_eq!(found, [(1_000, Some(0), Some(0)), (2_000, Some(1), Some(1)), (3_000, None, None)]);
}

#[test]
fn a_body_without_the_columns_of_the_programme_is_refused() {
    let world = World::new();
    let programme = asking(&world);
    let partner = &world.partners[0];
    let mut silent = programme.clone();
    silent.models.clear();
    let draft = Draft::of(&silent, &world.key, FileKind::Sales, SALES.as_bytes());
    let sealed = draft.seal(&programme.registered().unwrap().1.sealing, &partner.secret);
    let refused = partner.deposit(&sealed);
    assert_eq!(refused.outcome(), (422, "deposit.unknown_column".to_owned()));
}
