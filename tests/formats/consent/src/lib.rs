//! The published schemas of a consent record, held by a validator that is not ours against a record that the
//! certifier gave out (`tests/formats/consent-v1/record.json`, which `tests/it/consent/schema.rs` holds against
//! the certifier). Run by `tests/run`: `cargo test --manifest-path tests/formats/consent/Cargo.toml`.

#![cfg(test)]

use serde_json::{Value, json};
use tiers_protocol::consent::{ConsentRecord, schema};

fn validator(of: &str) -> jsonschema::Validator {
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let base = "urn:tiers:schema:consent-record:1";
    let registry = jsonschema::Registry::new().add(base, read(schema::ISO_27560)).unwrap();
    let registry = registry.prepare().unwrap();
    jsonschema::options().with_registry(&registry).build(&read(of)).unwrap()
}

fn given_out() -> Value {
    serde_json::from_str(include_str!("../../consent-v1/record.json")).unwrap()
}

fn without(record: &Value, at: &str, field: &str) -> Value {
    let mut record = record.clone();
    let found = record.pointer_mut(at).and_then(Value::as_object_mut).unwrap().remove(field);
    assert!(found.is_some(), "{at}/{field} was there");
    record
}

#[test]
fn con_02_a_record_without_any_mandatory_field_of_27560_fails_its_schema() {
    let schema = validator(schema::ISO_27560);
    let record = given_out();
    assert_eq!(record["events"].as_array().unwrap().len(), 2);
    schema.validate(&record).unwrap();
    let of_record = [
        "format",
        "record",
        "principal",
        "notice",
        "language",
        "purpose",
        "pii",
        "controllers",
        "storage",
        "retention_months",
        "jurisdiction",
        "recipients",
        "withdrawal",
        "events",
    ];
    let of_party = ["id", "address", "name", "contact", "type"];
    let of_event = ["at", "validity_months", "entity", "type", "state"];
    for (at, fields) in [
        ("", &of_record[..]),
        ("/controllers/0", &of_party[..]),
        ("/recipients/0", &of_party[..]),
        ("/events/0", &of_event[..]),
        ("/events/1", &of_event[..]),
    ] {
        for field in fields {
            assert!(!schema.is_valid(&without(&record, at, field)), "{at}/{field}");
        }
    }
    // What the standard leaves open is not asked for by the schema of the standard.
    assert!(schema.is_valid(&without(&record, "", "gdpr")));
    assert!(schema.is_valid(&without(&record, "/controllers/0", "role")));
}

#[test]
fn con_03_a_record_without_what_the_gdpr_adds_fails_its_schema() {
    let schema = validator(schema::EU_GDPR);
    let record = given_out();
    schema.validate(&record).unwrap();
    let of_gdpr =
        ["lawful_basis", "method", "collector", "third_countries", "rights", "authority"];
    for (at, fields) in [
        ("", &["gdpr"][..]),
        ("/gdpr", &of_gdpr[..]),
        ("/controllers/0", &["role"][..]),
        ("/recipients/0", &["role"][..]),
    ] {
        for field in fields {
            assert!(!schema.is_valid(&without(&record, at, field)), "{at}/{field}");
        }
    }
    for (at, value) in [
        ("/gdpr/rights", json!(["access", "complaint"])),
        ("/gdpr/lawful_basis", json!("gdpr-6-1-f")),
        ("/gdpr/conditional", json!(true)),
        ("/gdpr/third_countries", json!({"transfer": "to", "countries": []})),
        ("/recipients", json!([])),
    ] {
        let mut other = record.clone();
        *other.pointer_mut(at).unwrap() = value;
        assert!(!schema.is_valid(&other), "{at}");
    }
    // The schema of the standard is part of it.
    assert!(!schema.is_valid(&without(&record, "", "withdrawal")));
}

#[test]
fn what_the_schema_refuses_the_program_refuses_and_the_other_way_round() {
    let schema = validator(schema::EU_GDPR);
    let whole = given_out();
    let mut places = Vec::new();
    fields(&whole, "", &mut places);
    assert!(places.len() > 50);
    for (at, field) in places {
        let record = without(&whole, &at, &field);
        let read = serde_json::from_value::<ConsentRecord>(record.clone()).ok();
        let taken = read.is_some_and(|record| record.check().is_ok());
        assert_eq!(schema.is_valid(&record), taken, "{at}/{field}");
        let mut record = whole.clone();
        let object = record.pointer_mut(&at).and_then(Value::as_object_mut).unwrap();
        object.insert("tc_string".to_owned(), json!("x"));
        assert!(!schema.is_valid(&record), "{at} takes what it does not know");
    }
}

fn fields(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                found.push((at.to_owned(), name.clone()));
                fields(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                fields(inner, &format!("{at}/{place}"), found);
            }
        }
        _ => {}
    }
}
