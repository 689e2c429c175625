//! What a security review asks of the whole: sound algorithms only, an inventory of every key, accounts that
//! see nothing they were not given, answers that hold neither rows nor tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tiers_contact::Kind;
use tiers_protocol::entropy::System;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::wire::{DepositInfo, Role};

use crate::harness::people::Person;
use crate::harness::server::walk;
use crate::harness::world::{World, programme};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn sec_07_no_weak_algorithm_is_linked_or_named() {
    let weak =
        ["md-5", "md5", "md4", "sha1", "sha-1", "sha1_smol", "des", "rc4", "rc2", "blowfish"];
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(names.contains("sha2"), "the list is that of this workspace");
    let linked: Vec<_> = weak.into_iter().filter(|name| names.contains(name)).collect();
    // A crate that other code brings would need a reason here.
    assert_eq!(linked, Vec::<&str>::new());
    let mut sources = Vec::new();
    for folder in ["src", "crates"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    }
    let words =
        ["SHA1_FOR_LEGACY", "Sha1", "Md5", "RSA_PKCS1_1024", "AES_128_ECB", "_LEGACY_USE_ONLY"];
    for path in sources {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let found: Vec<_> = words.iter().filter(|word| text.contains(**word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

/// Rows of the tables of a page whose heading row begins with `key`.
fn inventory(page: &str) -> Vec<Vec<String>> {
    let (mut rows, mut width) = (Vec::new(), None);
    for line in page.lines() {
        let Some(inside) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) else {
            width = None;
            continue;
        };
        let cells: Vec<String> = inside.split('|').map(|cell| cell.trim().to_owned()).collect();
        if cells[0] == "key" {
            let columns = ["held by", "made", "changed", "destroyed"];
            assert!(
                columns.iter().all(|column| cells.iter().any(|cell| cell == column)),
                "{cells:?}"
            );
            width = Some(cells.len());
        } else if let Some(width) = width.filter(|_| !cells[0].starts_with("---")) {
            assert_eq!(cells.len(), width, "{cells:?}");
            rows.push(cells);
        }
    }
    rows
}

#[test]
fn sec_08_the_inventory_tells_of_every_key_who_holds_it_and_how_it_comes_changes_and_goes() {
    let rows = inventory(&read("keys/README.md"));
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.is_empty() && cell != "-"), "{row:?}");
    }
    let names: String = rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>().join("\n");
    // Every secret of a keyring is in it, whatever is added to the file.
    let keyring: Value =
        serde_json::from_str(&read("tests/formats/segment-v1/keyring/keyring.json")).unwrap();
    let mut secrets = 0;
    for (name, value) in keyring.as_object().unwrap() {
        if ["format", "id", "origin"].contains(&name.as_str()) {
            continue;
        }
        let inner: Vec<String> = match value {
            Value::Object(parts) => parts.keys().map(|part| format!("`{name}.{part}[]`")).collect(),
            _ => vec![format!("`{name}`")],
        };
        for key in inner {
            assert!(names.contains(&key), "{key} is not in keys/README.md");
            secrets += 1;
        }
    }
    assert_eq!(secrets, 8);
    for party in ["party signing", "party sealing", "programme key", "API key"] {
        assert!(names.contains(party), "{party}");
    }
}

#[test]
fn sec_09_gov_10_a_new_account_is_a_person_of_its_own_and_sees_nothing() {
    let world = World::stocked();
    let (one, two) = (world.operator.officer(&world.server), world.operator.officer(&world.server));
    assert_ne!(one.actor, two.actor, "no two accounts are one");
    assert_ne!(one.client.key(), two.client.key());
    for (role, number) in [(Role::Partner, 8), (Role::Principal, 9)] {
        let new = world.operator.enrol(&world.server, role, number);
        let mine: Vec<DepositInfo> = new.client.get("/v1/deposits").json();
        assert_eq!(mine.len(), 0);
        let programme = world.programme.id;
        for path in [
            format!("/v1/programmes/{programme}"),
            format!("/v1/programmes/{programme}/partners"),
            format!("/v1/programmes/{programme}/key"),
            format!("/v1/releases?programme={programme}"),
            format!("/v1/accounts?programme={programme}"),
            "/v1/parties".to_owned(),
            "/v1/acts?reason=x".to_owned(),
        ] {
            let status = new.client.get(&path).status;
            assert!(matches!(status, 403 | 404), "{path} as a new {role:?}: {status}");
        }
    }
}

/// The names of all properties that an answer may have, however deep.
fn properties(
    schema: &Value,
    document: &Value,
    seen: &mut BTreeSet<String>,
    names: &mut BTreeSet<String>,
) {
    match schema {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                && seen.insert(reference.to_owned())
            {
                let target = document.pointer(reference.trim_start_matches('#')).unwrap();
                properties(target, document, seen, names);
            }
            if let Some(Value::Object(inner)) = object.get("properties") {
                names.extend(inner.keys().cloned());
            }
            object.values().for_each(|value| properties(value, document, seen, names));
        }
        Value::Array(values) => values.iter().for_each(|v| properties(v, document, seen, names)),
        _ => {}
    }
}

#[test]
fn sta_11_pse_10_gov_15_no_answer_has_rows_tokens_or_a_score_of_a_person() {
    let world = World::new();
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    let (mut answers, mut requests) = (BTreeSet::new(), BTreeSet::new());
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
            properties(&operation["responses"], &document, &mut seen, &mut names);
            let forbidden =
                ["token", "tokens", "contact", "email", "phone", "score", "label", "person"];
            // The contact details of the companies themselves (GDPR art. 30(1)(a)), and nobody else's.
            if path == "/v1/register" {
                assert!(names.remove("contact"), "the register names who is responsible");
            }
            let found: Vec<_> = forbidden.iter().filter(|word| names.contains(**word)).collect();
            assert!(found.is_empty(), "{method} {path} answers with {found:?}");
            answers.extend(names);
            properties(&operation["requestBody"], &document, &mut BTreeSet::new(), &mut requests);
        }
    }
    assert!(answers.contains("deposit") && answers.contains("campaigns"), "answers were looked at");
    assert!(requests.contains("tokens"), "and what an order to erase sends would have been found");
}

#[test]
fn pse_07_one_person_has_other_tokens_in_another_programme() {
    let (first, second) = (programme("A", "daily"), programme("B", "daily"));
    let keys = [ProgrammeKey::generate(&mut System), ProgrammeKey::generate(&mut System)];
    let digest = |n: u32| tiers_protocol::encoding::sha256(Person(n).email().as_bytes());
    let tokens = |key: &ProgrammeKey,
                  of: &tiers_protocol::programme::Programme|
     -> BTreeSet<String> {
        let tokeniser = key.tokeniser(&of.id);
        let token = |n| tokeniser.token_of_digest(Kind::Email, digest(n).as_bytes()).to_base64url();
        (0..200).map(token).collect()
    };
    let own = tokens(&keys[0], &first);
    assert_eq!(own, tokens(&keys[0], &first));
    // Another key, and the same key by mistake: the programme is in the derivation as well.
    for other in [tokens(&keys[1], &second), tokens(&keys[0], &second), tokens(&keys[1], &first)] {
        assert_eq!(own.intersection(&other).count(), 0);
    }
}
