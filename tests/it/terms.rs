//! Terms that end beside those of `retention.rs`: oppositions, requests of persons, details of acts; what an
//! order has erased, and certificates of deletion once the receipts lie in the archive.

use serde_json::{Value, json};
use tiers::governance::view::{ArchivedInfo, DueInfo, Purged};
use tiers::service::Dependencies;
use tiers_contact::Kind;
use tiers_protocol::attested::Attested;
use tiers_protocol::consent::wire::RecordedOppositions;
use tiers_protocol::deletion::{Deletion, NewDeletion};
use tiers_protocol::dossier::NewSearch;
use tiers_protocol::ids::PartyId;
use tiers_protocol::request::{RequestAnswer, RequestInfo};
use tiers_protocol::wire::{Act, NewErasure};

use crate::consent::person;
use crate::erasure::tokens;
use crate::faults::sound;
use crate::harness::client::Client;
use crate::harness::roles::siren;
use crate::harness::vault::{database, keyring, random};
use crate::harness::world::{MONTH, World};

fn purge(world: &World) -> Purged {
    world.operator.0.post("/v1/retention/purge", &json!({})).json()
}

fn archived(world: &World) -> Vec<ArchivedInfo> {
    world.officer.client.get("/v1/archive?reason=control").json()
}

fn count(world: &World, table: &str) -> i64 {
    let query = format!("SELECT count(*) FROM {table}");
    database(world).query_row(&query, [], |row| row.get(0)).unwrap()
}

fn now(world: &World) -> i64 {
    use tiers::time::Clock as _;
    world.server.clock().now().seconds()
}

/// A dealer hands in that a person objects everywhere.
fn oppose(world: &World, mail: &str, years: Option<u32>) -> RecordedOppositions {
    let new = json!({"persons": [{"tokens": person(mail), "at": now(world)}], "years": years});
    world.partners[0].client.post("/v1/oppositions", &new).json()
}

/// Why the dealer may not pass a person on to the brand.
fn why(world: &World, mail: &str) -> String {
    let query = json!({
        "tokens": person(mail), "sender": siren(1), "recipient": siren(0),
        "purpose": "transmission", "channel": "email", "sector": "general",
        "audience": "consumer", "at": null,
    });
    let decision: Value = world.partners[0].client.post("/v1/consents/decision", &query).json();
    decision["why"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn ret_04_oppositions_are_tokens_only_kept_to_their_last_day_and_no_longer() {
    let world = World::new();
    // What is kept: token, which batch, when; of a batch for which chain and channel, whence, until when.
    let columns = |table: &str| -> Vec<String> {
        let database = database(&world);
        let mut statement =
            database.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid").unwrap();
        statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(columns("opposition"), ["token", "number", "at"]);
    let of_batch = [
        "number",
        "party_id",
        "prefix",
        "digest",
        "along",
        "channel",
        "origin",
        "source",
        "until",
        "recorded_at",
        "entry",
        "leaf",
        "salt",
    ];
    let others = columns("opposition_batch").into_iter().filter(|c| !of_batch.contains(&&**c));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new());
    // Fewer than three years are refused, more are kept.
    let persons = json!([{"tokens": person("b@example.com"), "at": now(&world)}]);
    let short = json!({"persons": persons, "years": 2});
    let refused = world.partners[0].client.post("/v1/oppositions", &short).outcome();
    assert_eq!(refused.0, 422, "{refused:?}");
    oppose(&world, "ada@example.com", None);
    oppose(&world, "bob@example.com", Some(4));
    // An erasure of the person does not reach them.
    let erase = json!({
        "kind": "erasure", "received_at": now(&world), "rights": person("ada@example.com"),
        "programmes": [],
    });
    world.officer.client.post("/v1/requests", &erase).ok();
    let due: Vec<DueInfo> = world.officer.client.get("/v1/retention?until=2040-01-01").json();
    let days: Vec<_> =
        due.iter().filter(|of| of.object == "oppositions").map(|of| &of.deleted_on).collect();
    assert_eq!(days, ["2028-09-04", "2029-09-05"]);
    world.server.clock().advance_days(3 * 366);
    purge(&world);
    assert_eq!(
        (count(&world, "opposition"), why(&world, "ada@example.com")),
        (2, "opposed".into())
    );
    world.server.clock().advance_days(1);
    assert_eq!(purge(&world).deleted, 1);
    assert_eq!((count(&world, "opposition"), count(&world, "opposition_batch")), (1, 1));
    assert_eq!(why(&world, "bob@example.com"), "opposed");
    assert_ne!(why(&world, "ada@example.com"), "opposed");
    // The entry stays, and what it committed to is gone.
    let acts = world.officer.acts();
    let of: Vec<&Act> = acts.iter().filter(|act| act.act == "opposition.recorded").collect();
    assert_eq!(of.iter().map(|act| act.detail.is_some()).collect::<Vec<_>>(), [false, true]);
    sound(&world);
}

#[test]
fn ret_05_dsr_19_an_opposition_holds_whatever_keys_rotate() {
    let world = World::stocked();
    oppose(&world, "ada@example.com", None);
    assert_eq!(why(&world, "ada@example.com"), "opposed");
    keyring(&world).add_link(&mut random()).unwrap();
    let world = world.reopen(Dependencies::default());
    for _ in 0..100 {
        if world.server.certifier().upkeep().unwrap() == tiers::service::rotate::Step::Idle {
            break;
        }
    }
    assert_eq!(crate::harness::vault::links(&world), 2, "the chain of the programmes is longer");
    assert_eq!(why(&world, "ada@example.com"), "opposed");
    assert_ne!(why(&world, "bob@example.com"), "opposed");
}

/// A person asks; nothing is held.
fn request(client: &Client, at: i64) -> RequestAnswer {
    let new = json!({
        "kind": "access", "received_at": at, "rights": [], "programmes": [], "told_at": at,
    });
    client.post("/v1/requests", &new).json()
}

#[test]
fn ret_13_closed_requests_are_archived_after_a_year_and_gone_after_five() {
    let world = World::new();
    let dealer = &world.partners[0].client;
    // No copy of an identity document is taken, so that none is kept.
    let with_paper = json!({
        "kind": "access", "received_at": now(&world), "rights": [], "programmes": [],
        "identity_document": "passport.jpg",
    });
    assert_eq!(dealer.post("/v1/requests", &with_paper).outcome().1, "request.malformed");
    let (closed, open) = (request(dealer, now(&world)), request(dealer, now(&world)));
    let path = format!("/v1/requests/{}", closed.request.request);
    dealer.post(&path, &json!({"step": "answered"})).ok();
    let shown = || -> Vec<RequestInfo> { dealer.get("/v1/requests").json() };
    world.server.clock().advance_days(364);
    assert_eq!((purge(&world).archived, shown().len()), (0, 2));
    world.server.clock().advance_days(2);
    assert_eq!(purge(&world).archived, 1);
    let left = shown();
    assert_eq!((left.len(), left[0].request), (1, open.request.request), "the open one stays");
    let held = archived(&world);
    assert_eq!((held.len(), held[0].object.as_str()), (1, "person_requests"));
    assert_eq!(held[0].id, closed.request.request.to_string());
    let known = |of: &RequestAnswer| -> Vec<bool> {
        let new =
            NewSearch { reason: "control".to_owned(), about_persons: true, ..NewSearch::default() };
        let acts: Vec<Act> = world.officer.client.post("/v1/searches", &new).json();
        let object = of.request.request.to_string();
        let of = acts.iter().filter(|act| act.object == object);
        of.map(|act| act.detail.is_some()).collect()
    };
    assert_eq!((known(&closed), known(&open)), (vec![true, true], vec![true]));
    // Four years later, five together, it is gone, and its leaves commit to what nobody knows.
    world.server.clock().advance_days(4 * 365 - 1);
    assert_eq!(purge(&world).deleted, 0);
    world.server.clock().advance_days(3);
    assert_eq!(purge(&world).deleted, 1);
    assert!(archived(&world).is_empty());
    assert_eq!((known(&closed), known(&open)), (vec![], vec![true]));
    sound(&world);
}

#[test]
fn log_14_the_details_of_an_incident_go_after_their_years_and_those_of_a_release_after_theirs() {
    use tiers::governance::retention::{Object, RetentionPolicy};
    // Consent 5 years after its end, invoices 10, incidents 5 at least.
    let policy = RetentionPolicy::france();
    let start = jiff::civil::date(2025, 9, 1);
    let kept = |object| policy.rule(object).dates(start).kept_until;
    assert_eq!(kept(Object::ConsentProofs), jiff::civil::date(2030, 9, 1));
    assert_eq!(kept(Object::Invoices), jiff::civil::date(2035, 9, 1));
    assert_eq!(kept(Object::Breaches), jiff::civil::date(2031, 9, 1));
    let world = World::stocked();
    world.principal.release(&world.programme.id, MONTH);
    let at = world.server.clock();
    let said = |more: &Value| {
        use tiers::time::Clock as _;
        let mut file = json!({
            "aware": at.now().to_string(), "nature": "copie", "controllers": [],
            "facts": "dit", "effects": "dit", "remedies": "dit",
            "decision": {"high_risk": false, "key_compromised": false, "rationale": "clé sauve"},
        });
        file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        file
    };
    let opened: Value = world.operator.0.post("/v1/breaches", &said(&json!({}))).json();
    let path = format!("/v1/breaches/{}", opened["breach"].as_str().unwrap());
    let aware = opened["document"]["aware"].clone();
    let end = json!({"aware": aware, "closed": aware});
    world.operator.0.post(&path, &said(&end)).ok();
    let details = |kind: &str| -> Vec<bool> {
        let acts = world.officer.acts();
        let of = acts.iter().filter(|act| act.act == kind);
        of.map(|act| act.detail.is_some()).collect()
    };
    assert_eq!(details("breach.recorded"), [true, true]);
    world.server.clock().advance_days(367);
    purge(&world);
    assert_eq!(details("breach.recorded"), [true, true], "it is archived, not forgotten");
    world.server.clock().advance_days(5 * 366);
    purge(&world);
    assert_eq!(details("breach.recorded"), [false, false]);
    assert_eq!(details("release.published"), [true], "three years and five");
    world.server.clock().advance_days(2 * 366);
    purge(&world);
    world.server.clock().advance_days(1);
    purge(&world);
    assert_eq!(details("release.published"), [false]);
    // The ledger verifies, with everything in it.
    let (summary, entries) = world.ledger();
    assert_eq!(summary.checkpoint.size(), entries.len() as u64);
}

#[test]
fn what_was_erased_by_order_leaves_the_active_base_in_its_time() {
    let world = World::stocked();
    let programme = world.programme.id;
    let reason = || "asked for".to_owned();
    let order = |order: &NewErasure| {
        world.operator.0.post("/v1/erasures", order).ok();
    };
    let deposit = {
        let own: Vec<tiers_protocol::wire::DepositInfo> =
            world.partners[0].client.get("/v1/deposits").json();
        own[0].deposit
    };
    let persons = tokens(&world, &[4], &[Kind::Email]);
    order(&NewErasure::Persons { programme, tokens: persons, reason: reason() });
    order(&NewErasure::Deposit { deposit, reason: reason() });
    let party = world.partners[1].id;
    order(&NewErasure::Party { programme, party, reason: reason() });
    order(&NewErasure::Programme { programme, reason: reason() });
    world.server.clock().advance_days(400);
    assert_eq!(purge(&world).archived, 4);
    assert_eq!((count(&world, "deposit"), count(&world, "erasure")), (0, 0));
    let left: i64 = database(&world)
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0, "nothing refers to what is gone");
    let (summary, entries) = world.ledger();
    assert_eq!(summary.checkpoint.size(), entries.len() as u64);
}

#[test]
fn gov_07_a_deletion_is_certified_after_the_receipts_went_to_the_archive_too() {
    let world = World::stocked();
    let programme = world.programme.id;
    let certify = |party: Option<PartyId>| {
        let answer = world.operator.0.post("/v1/deletions", &NewDeletion { programme, party });
        (answer.status == 201).then(|| {
            let trust = world.server.trust();
            Attested::<Deletion>::verify(&answer.bytes, &trust).unwrap().document
        })
    };
    let reason = "end of the service".to_owned();
    world.operator.0.post("/v1/erasures", &NewErasure::Programme { programme, reason }).ok();
    let (all, own) = (certify(None).unwrap(), certify(Some(world.partners[2].id)).unwrap());
    assert_eq!((all.deposits.len(), own.deposits.len()), (4, 1));
    world.server.clock().advance_days(400);
    assert_eq!(purge(&world).archived, 4);
    let later = certify(None).unwrap();
    assert_eq!(later.deposits, all.deposits, "the same receipts, with the numbers of their keys");
    assert_eq!((later.rows, later.keyring), (all.rows, all.keyring));
    assert_eq!(certify(Some(world.partners[2].id)).unwrap().deposits, own.deposits);
    // Once the archive has forgotten them there is nothing to certify from.
    world.server.clock().advance_days(5 * 366);
    assert_eq!(purge(&world).deleted, 4);
    assert!(certify(None).is_none());
}
