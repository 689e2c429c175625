//! Who may do what, beside the matrix of every operation (`matrix/`): that the policies decide, what lists show, wrong
//! methods and wrong keys, and that no answer has a place for tokens.

use std::collections::BTreeSet;

use serde_json::Value;
use tiers::crypto::keyring::Keyring;
use tiers::service::authority::Rules;
use tiers::service::{Certifier, Dependencies};
use tiers_protocol::entropy::System;
use tiers_protocol::ids::DepositId;

use crate::harness::client::Client;
use crate::harness::roles::Partner;
use crate::harness::world::World;
use tiers_protocol::wire::Role;

/// The ids of real objects.
struct Objects {
    deposit: DepositId,
}

/// A network with a deposit of the first partner.
fn world() -> (World, Objects) {
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    (world, Objects { deposit: sealed.id() })
}

#[test]
fn sta_11_no_answer_has_a_place_for_rows_or_tokens() {
    let (world, _) = world();
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            let mut names = BTreeSet::new();
            collect_fields(&operation["responses"], &document, &mut names);
            for name in &names {
                assert!(!name.contains("token"), "{}: {name}", operation["operationId"]);
            }
        }
    }
    // The same walk finds the tokens of the one request that has some: canaries.
    let mut names = BTreeSet::new();
    collect_fields(&document["paths"]["/v1/programmes"]["post"], &document, &mut names);
    assert!(names.contains("token"));
}

/// Names of all fields that a schema can hold, through every reference.
fn collect_fields(value: &Value, document: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| collect_fields(item, document, names));
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "$ref" {
                    let target = value.as_str().unwrap().trim_start_matches('#');
                    if names.insert(target.to_owned()) {
                        collect_fields(document.pointer(target).unwrap(), document, names);
                    }
                } else {
                    if key == "properties" {
                        names.extend(value.as_object().unwrap().keys().cloned());
                    }
                    collect_fields(value, document, names);
                }
            }
        }
        _ => {}
    }
}

/// Whatever is in the braces of an address: its methods are known before.
fn any(path: &str) -> String {
    let parts = path.split('{').enumerate().map(|(n, part)| match part.split_once('}') {
        Some((_, rest)) if n > 0 => format!("x{rest}"),
        _ => part.to_owned(),
    });
    parts.collect()
}

#[test]
fn a_wrong_method_is_refused_on_every_route() {
    let (world, _) = world();
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert!(paths.len() > 80);
    for path in paths {
        for client in [&world.operator.0, &world.server.anonymous()] {
            let answer = client.send("DELETE", &any(path), &[], b"");
            assert_eq!(answer.outcome(), (405, "request.wrong_method".to_owned()), "{path}");
        }
    }
}

#[test]
fn lists_of_deposits_are_each_ones_own() {
    let (world, objects) = world();
    let outsider = Partner(world.operator.enrol(&world.server, Role::Partner, 91));
    let list = |client: &Client| -> Vec<tiers_protocol::wire::DepositInfo> {
        client.get("/v1/deposits").json()
    };
    let own = list(&world.partners[0].client);
    assert_eq!(own.iter().map(|d| d.deposit).collect::<Vec<_>>(), [objects.deposit]);
    assert!(list(&world.partners[1].client).iter().all(|d| d.deposit != objects.deposit));
    assert!(list(&outsider.client).is_empty());
    // A partner of the same programme sees nothing of its colleague's deposits, nor does the principal.
    for client in [&world.partners[1].client, &outsider.client, &world.principal.client] {
        for (method, what) in [("GET", ""), ("GET", "/receipt"), ("PUT", "/body")] {
            let path = format!("/v1/deposits/{}{what}", objects.deposit);
            let outcome = client.send(method, &path, &[], b"x").outcome();
            assert_eq!(outcome, (404, "object.not_found".to_owned()), "{method} {path}");
        }
    }
}

/// Who may do what is read from the policies: with others the same certifier decides otherwise, and with wrong ones
/// it does not start.
#[test]
fn the_policies_decide_and_wrong_ones_refuse_the_start() {
    let only_public =
        "permit (principal, action in Action::\"see what is public\", resource is Certifier);";
    let rules = Rules { policies: only_public, ..Rules::default() };
    let world = World::new().reopen(Dependencies { rules, ..Dependencies::default() });
    for client in [&world.partners[0].client, &world.principal.client, &world.operator.0] {
        let outcome = client.get("/v1/accesses").outcome();
        assert_eq!(outcome, (403, "auth.forbidden".to_owned()));
        client.get("/v1/trust").ok();
    }
    // The door lets partners through, and no policy speaks of deposits of their own.
    let doors = "permit (principal, action, resource is Certifier);";
    let rules = Rules { policies: doors, ..Rules::default() };
    let (stocked, objects) = self::world();
    let deposit = format!("/v1/deposits/{}", objects.deposit);
    stocked.partners[0].client.get(&deposit).ok();
    let stocked = stocked.reopen(Dependencies { rules, ..Dependencies::default() });
    let outcome = stocked.partners[0].client.get(&deposit).outcome();
    assert_eq!(outcome, (404, "object.not_found".to_owned()));
    // What is no policy.
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    let keyring = Keyring::create(&keys, &data, "tiers.example/ledger", &mut System).unwrap();
    let rules = Rules {
        policies: "permit (principal is Account, action, resource is Certifier) \
                   when { principal.rôle == Role::\"operator\" };",
        ..Rules::default()
    };
    let with = Dependencies { rules, ..Dependencies::default() };
    let refused = Certifier::create(&data, keyring, with).err().expect("it does not start");
    assert!(["authority.policies", "authority.unfit"].contains(&refused.code()), "{refused}");
    assert!(!data.join("tiers.sqlite").exists(), "nothing was made");
}

#[test]
fn a_key_that_is_not_ours_opens_nothing() {
    let (world, _) = world();
    for text in ["", "Bearer", "Bearer x", "Basic dGllcnM6dGllcnM=", "bearer tiers_key_AAAA"] {
        let headers = [("authorization", text)];
        let answer = world.server.anonymous().send("GET", "/v1/deposits", &headers, b"");
        assert_eq!(answer.outcome(), (401, "auth.unauthenticated".to_owned()), "{text}");
    }
}
