//! Records, receipts and the export, over one whole record and everything that can be missing of it.

use serde_json::{Value, json};

use super::{ConsentReceipt, ConsentRecord, KantaraReceipt, ReceiptFault, State};
use crate::encoding::Bytes;
use crate::ids::{ConsentReceiptId, RecordId, SubjectId};

fn party(id: &str, role: &str) -> Value {
    json!({
        "id": id, "name": format!("{role} SA"), "address": "1 rue de la Paix, 75002 Paris",
        "contact": "dpo@company.example", "type": "organisation", "role": role,
    })
}

fn whole() -> Value {
    let digest = Bytes::new([7; 32]).to_string();
    json!({
        "format": "tiers-consent/1",
        "record": RecordId::from_bytes([1; 16]),
        "principal": SubjectId::from_bytes([2; 16]),
        "notice": {"url": "https://dealer.example/notice", "version": 3, "sha256": digest},
        "language": "fr", "purpose": "transmission", "channel": "email", "pii": ["email"],
        "controllers": [party("732829320", "controller")],
        "storage": ["FR"], "retention_months": 36, "jurisdiction": "FR",
        "recipients": [party("005520135", "recipient")],
        "withdrawal": "https://dealer.example/stop",
        "gdpr": {
            "lawful_basis": "gdpr-6-1-a", "method": "web_form", "collector": "732829320",
            "third_countries": {"transfer": "none"},
            "rights": ["access", "rectification", "erasure", "restriction", "portability",
                       "withdrawal", "complaint"],
            "authority": "CNIL", "conditional": false,
        },
        "events": [{
            "at": 1_772_000_000, "validity_months": 36, "entity": SubjectId::from_bytes([2; 16]), "type": "expressed",
            "state": "given",
            "evidence": {"kind": "form", "version": "2026-03", "screenshot": digest,
                         "terminal": digest, "ticked": true, "confirmed_at": null},
        }],
    })
}

fn read(record: &Value) -> Option<ConsentRecord> {
    serde_json::from_value(record.clone()).ok()
}

fn code(record: &Value) -> Option<&'static str> {
    read(record).unwrap().check().err().map(super::RecordFault::code)
}

/// Every place of a document where a field can be taken out; an absent answer may be left unsaid.
fn places(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if !inner.is_null() {
                    found.push((at.to_owned(), name.clone()));
                }
                places(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                places(inner, &format!("{at}/{place}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_record_without_any_of_its_fields_is_refused() {
    assert_eq!(read(&whole()).unwrap().check(), Ok(()));
    let mut found = Vec::new();
    places(&whole(), "", &mut found);
    assert!(found.len() > 45);
    for (at, name) in found {
        let mut record = whole();
        let gone = record.pointer_mut(&at).and_then(Value::as_object_mut).unwrap().remove(&name);
        assert!(gone.is_some());
        // What evidence lacks is the matter of the quarantine; everything else makes no record.
        let lacks = |record: &ConsentRecord| {
            let event = &record.events[0];
            event.evidence.as_ref().is_none_or(|one| one.shows(record.gdpr.method).is_err())
        };
        assert!(read(&record).is_none_or(|record| lacks(&record)), "{at}/{name}");
        let mut record = whole();
        let fields = record.pointer_mut(&at).and_then(Value::as_object_mut).unwrap();
        fields.insert("more".to_owned(), json!(1));
        assert!(read(&record).is_none(), "{at} takes what it does not know");
    }
}

#[test]
fn con_23_consent_that_a_sale_hung_on_is_none() {
    let mut record = whole();
    record["gdpr"]["conditional"] = json!(true);
    assert_eq!(code(&record), Some("record.conditional"));
}

#[test]
fn what_is_there_and_cannot_be_is_a_fault() {
    let change = |pointer: &str, value: Value| {
        let mut record = whole();
        *record.pointer_mut(pointer).unwrap() = value;
        code(&record)
    };
    for (pointer, value, expected) in [
        ("/recipients", json!([]), "record.nobody_named"),
        ("/gdpr/rights", json!(["access"]), "record.rights"),
        ("/events/0/validity_months", json!(0), "record.validity"),
        ("/events/0/validity_months", json!(37), "record.validity"),
        ("/events", json!([]), "record.extent"),
        ("/pii", json!([]), "record.extent"),
        ("/controllers", json!([]), "record.extent"),
        ("/storage", json!([]), "record.extent"),
        ("/retention_months", json!(0), "record.extent"),
        ("/withdrawal", json!("  "), "record.extent"),
        ("/notice/url", json!("x".repeat(501)), "record.extent"),
        ("/recipients/0/name", json!(""), "record.extent"),
        (
            "/gdpr/third_countries",
            json!({"transfer": "to", "countries": [], "safeguard": "clauses"}),
            "record.extent",
        ),
    ] {
        assert_eq!(change(pointer, value), Some(expected), "{pointer}");
    }
    // An act of somebody else, and a company's act that is said to be the person's.
    let other = json!(SubjectId::from_bytes([3; 16]));
    for (entity, kind) in [
        (other, "expressed"),
        (json!("732829320"), "expressed"),
        (whole()["principal"].clone(), "declared"),
    ] {
        let mut record = whole();
        record["events"][0]["entity"] = entity;
        record["events"][0]["type"] = json!(kind);
        assert_eq!(code(&record), Some("record.entity"));
    }
    let mut turned = whole();
    let mut second = turned["events"][0].clone();
    second["at"] = json!(1);
    turned["events"].as_array_mut().unwrap().push(second);
    assert_eq!(code(&turned), Some("record.order"));
    for (pointer, value) in [
        ("/language", json!("FR")),
        ("/jurisdiction", json!("fr")),
        ("/storage", json!(["FRA"])),
        ("/recipients/0/id", json!("005520136")),
        ("/gdpr/lawful_basis", json!("gdpr-6-1-f")),
        ("/gdpr/method", json!("silence")),
    ] {
        let mut record = whole();
        *record.pointer_mut(pointer).unwrap() = value;
        assert!(read(&record).is_none(), "{pointer}");
    }
}

#[test]
fn con_26_no_record_has_a_string_of_the_advertising_framework() {
    let mut found = Vec::new();
    places(&whole(), "", &mut found);
    assert!(found.iter().all(|(_, name)| !name.contains("tc") && !name.contains("tcf")));
    let mut record = whole();
    record["tc_string"] = json!("COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA");
    assert!(read(&record).is_none());
}

#[test]
fn a_receipt_holds_the_whole_record_and_nothing_else() {
    let record = read(&whole()).unwrap();
    let receipt = ConsentReceipt::new(ConsentReceiptId::from_bytes([5; 16]), record.clone());
    assert_eq!(receipt.verify(), Ok(()));
    assert_eq!(receipt.record_sha256, record.digest());
    let text = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<ConsentReceipt>(&text).unwrap(), receipt);
    let mut other = receipt.clone();
    other.record.language = "en".parse().unwrap();
    assert_eq!(other.verify(), Err(ReceiptFault::Record));
    let mut other = receipt;
    other.dpv["dpv:hasConsentStatus"] = json!("dpv:ConsentWithdrawn");
    assert_eq!(other.verify(), Err(ReceiptFault::Terms));
}

#[test]
fn every_state_has_a_word_of_its_own_in_the_vocabulary() {
    let word = |state: &State| {
        let mut record = read(&whole()).unwrap();
        record.events[0].state = *state;
        let receipt = ConsentReceipt::new(ConsentReceiptId::from_bytes([5; 16]), record);
        receipt.dpv["dpv:hasConsentStatus"].as_str().unwrap().to_owned()
    };
    let words: std::collections::BTreeSet<_> = State::ALL.iter().map(word).collect();
    assert_eq!(words.len(), State::ALL.len());
    assert_eq!(word(&State::Given), "dpv:ConsentGiven");
}

#[test]
fn con_25_the_export_keeps_all_its_fields() {
    let receipt =
        KantaraReceipt::of(ConsentReceiptId::from_bytes([5; 16]), &read(&whole()).unwrap());
    let document = serde_json::to_value(&receipt).unwrap();
    // Whether a map keeps the order in which it was written is a feature that any crate of a build may switch on.
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        names
    };
    let mut expected = vec![
        "version",
        "jurisdiction",
        "consentTimestamp",
        "collectionMethod",
        "consentReceiptID",
        "publicKey",
        "language",
        "piiPrincipalId",
        "piiControllers",
        "policyUrl",
        "services",
        "sensitive",
        "spiCat",
    ];
    expected.sort_unstable();
    assert_eq!(names(&document), expected);
    let mut expected = vec![
        "purpose",
        "purposeCategory",
        "consentType",
        "piiCategory",
        "primaryPurpose",
        "termination",
        "thirdPartyDisclosure",
        "thirdPartyName",
    ];
    expected.sort_unstable();
    assert_eq!(names(&document["services"][0]["purposes"][0]), expected);
    assert_eq!(document["version"], "KI-CR-v1.1.0");
    assert_eq!(document["services"][0]["purposes"][0]["thirdPartyDisclosure"], true);
    let back: KantaraReceipt = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(back, receipt);
    assert_eq!(serde_json::to_value(&back).unwrap(), document);
}
