//! The register through HTTP, beside what `governance.rs` holds of it: the journal in it, transfers, and that
//! nobody is exempt.

use serde_json::{Value, json};
use tiers::service::Dependencies;

use crate::governance::{activity, code, document, governed, identified, write};
use crate::harness::world::World;

#[test]
fn log_11_the_register_of_the_certifier_has_the_journal_with_the_term_in_force() {
    let with = |months: u8| Dependencies {
        journal_term: tiers::journal::Term::months(months).unwrap(),
        ..Dependencies::default()
    };
    let world = World::new();
    identified(&world);
    let entry = |world: &World| -> (u64, Value) {
        let issued: Value = world.officer.client.get("/v1/register").json();
        let entries = issued["register"]["as_controller"].as_array().unwrap();
        let found: Vec<_> = entries.iter().filter(|of| of["reference"] == "journal").collect();
        assert_eq!(found.len(), 1);
        (issued["version"].as_u64().unwrap(), found[0].clone())
    };
    let (version, journal) = entry(&world);
    assert_eq!((version, &journal["data"][0]["deleted"]), (1, &json!("12 mois glissants")));
    assert_eq!(journal["purposes"][0]["basis"], "6(1)(f)");
    // Whoever keeps it for less says so in the next version.
    let world = world.reopen(with(6));
    let (version, journal) = entry(&world);
    assert_eq!((version, &journal["data"][0]["deleted"]), (2, &json!("6 mois glissants")));
    let paper = world.officer.client.get("/v1/register?format=pdf").ok().bytes.clone();
    assert!(paper.windows(14).any(|window| window == b"Journalisation"));
    // And in no register of a company: there is one certifier, and it is not theirs.
    let own: Value = world.principal.client.get("/v1/register").json();
    assert!(!own.to_string().contains("journal"));
}

#[test]
fn reg_04_no_company_is_exempt_and_nothing_can_say_so() {
    let world = World::new();
    identified(&world);
    governed(&world);
    // Neither the record of an entity nor that of a processing takes a word for it.
    let siren = crate::harness::roles::siren;
    for word in ["exempt", "employees", "occasional"] {
        let identity = json!({
            "record": "identity", "name": "Marque", "siren": siren(0), "address": "Paris",
            "contact": "contact@example.org", word: true,
        });
        let refused = world.principal.client.post("/v1/identity", &identity);
        assert_eq!(code(&refused), "request.malformed", "{word}");
        let mut record = activity(&world);
        record[word] = json!(true);
        let refused = write(&world, &world.principal.client, &record);
        assert_eq!(code(&refused), "request.malformed", "{word}");
        let query = format!("/v1/register?{word}=true");
        assert_eq!(code(&world.principal.client.get(&query)), "request.malformed", "{word}");
    }
    // Nor does any address, field or parameter, whatever it is called; breaches have an exemption of their own
    // (art. 34(3)), which is another matter.
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    let said = document.to_string().to_lowercase().replace("exemption", "");
    for word in ["exempt", "fewer_than_250", "small_company", "is_occasional"] {
        assert!(!said.contains(word), "{word}");
    }
    // The smallest company that answers for a processing has its entry.
    let own: Value = world.partners[0].client.get("/v1/register").json();
    assert_eq!(own["register"]["as_controller"].as_array().unwrap().len(), 1);
}

#[test]
fn sec_15_the_register_names_every_transfer_with_its_safeguards() {
    let world = World::new();
    identified(&world);
    governed(&world);
    let mut special = activity(&world);
    special["data"] = json!([{ "title": "état de santé" }]);
    assert_eq!(code(&write(&world, &world.principal.client, &special)), "governance.special");
    let operator = &world.operator.0;
    let abroad = |safeguards: Value| {
        json!({
            "record": "subprocessor", "name": "Héberge AG", "number": "CHE-1", "country": "Suisse",
            "task": "sauvegarde chiffrée", "from": "2099-01-01", "safeguards": safeguards,
            "authorisation": {
                "form": "general", "document": document(), "notified": "2025-08-01",
            },
        })
    };
    let transfers = || -> Value {
        let issued: Value = operator.get("/v1/register").json();
        issued["register"]["as_processor"][0]["transfers"].clone()
    };
    assert_eq!(transfers(), json!([]), "nothing leaves the Area unless it is said");
    let refused = write(&world, operator, &abroad(Value::Null));
    assert_eq!(code(&refused), "governance.transfer");
    write(&world, operator, &abroad(json!("décision d’adéquation 2000/518/CE"))).ok();
    assert_eq!(
        transfers(),
        json!([{
            "recipient": "Héberge AG", "country": "Suisse",
            "safeguards": "décision d’adéquation 2000/518/CE",
        }])
    );
}
