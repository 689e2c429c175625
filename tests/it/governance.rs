//! Governance through HTTP: what production asks, who may write which record, what the ledger keeps,
//! and files of breaches.

use serde_json::{Value, json};
use tiers::time::Clock as _;
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::ids::PartyId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{DepositInfo, Role};

use crate::harness::client::{Answer, Client};
use crate::harness::roles::Partner;
use crate::harness::world::{MONTH, World};

pub fn document() -> Value {
    json!({ "sha256": Bytes::<32>::new([7; 32]), "date": "2020-01-02", "author": "direction" })
}

fn purpose(kind: &str) -> Value {
    json!({
        "kind": kind, "title": "mesurer les campagnes", "bases": ["legitimate_interests"],
        "interest": "savoir quelles campagnes mènent à des ventes", "balancing": document(),
    })
}

pub fn activity(world: &World) -> Value {
    let companies = world.partners.iter().map(|p| p.id).chain([world.principal.id]);
    let role = |party: PartyId| json!({ "party": party, "role": "joint_controller" });
    json!({
        "record": "activity",
        "purposes": [purpose("matching"), purpose("statistics")],
        "parties": companies.map(role).collect::<Vec<_>>(),
        "certifier": "processor",
        "persons": ["clients"],
        "data": [{ "title": "empreintes" }],
        "recipients": ["tiers certificateur"],
        "safeguards_89": true,
    })
}

fn contract(controller: &PartyId, clauses: &str) -> Value {
    json!({
        "record": "contract", "controller": controller, "document": document(),
        "subject": "rapprochement", "duration": "un an", "nature": "comparaison d'empreintes",
        "purpose": "statistiques", "data": "empreintes", "persons": "clients",
        "clauses": clauses.chars().map(String::from).collect::<Vec<_>>(),
    })
}

fn arrangement(world: &World) -> Value {
    let companies = world.partners.iter().map(|p| p.id).chain([world.principal.id]);
    let point = |party: PartyId| json!({ "party": party, "name": format!("Société <{party}>"), "contact": "dpo@example.org" });
    json!({
        "record": "arrangement", "document": document(),
        "essence": "Chacun informe ses clients & répond aux demandes.",
        "controllers": companies.map(point).collect::<Vec<_>>(),
    })
}

fn assessment() -> Value {
    json!({
        "record": "dpia", "description": "a", "necessity": "b", "risks": "c", "measures": "d",
        "dpo_opinion": "favorable", "residual_risk": "limited",
        "validated": "2020-01-02", "review": "2099-01-01",
    })
}

/// Who could identify the persons; with the key, the certifier too.
pub fn identifiability(certifier_has_key: bool) -> Value {
    let finding =
        |actor: &str, can: bool| json!({ "actor": actor, "can_identify": can, "means": "a" });
    json!({
        "record": "identifiability",
        "findings": [
            finding("partner", true), finding("certifier", certifier_has_key),
            finding("brand", true), finding("host", false),
        ],
        "key_holder": if certifier_has_key { "certifier" } else { "parties" },
        "document": document(), "review": "2099-01-01",
    })
}

fn notice(names_certifier: bool, names_matching: bool) -> Value {
    json!({
        "record": "notice", "url": "https://garage.example/donnees",
        "sha256": sha256(b"notice"), "date": "2020-01-02",
        "names_certifier": names_certifier, "names_matching": names_matching,
    })
}

fn instruction() -> Value {
    json!({ "record": "instruction", "text": "comparer et compter", "given_by": "direction" })
}

pub fn write(world: &World, client: &Client, record: &Value) -> Answer {
    client.post(&format!("/v1/programmes/{}/governance", world.programme.id), record)
}

pub fn view(world: &World, client: &Client) -> Value {
    client.get(&format!("/v1/programmes/{}/governance", world.programme.id)).json()
}

pub fn produce(world: &World) -> Answer {
    let path = format!("/v1/programmes/{}/production", world.programme.id);
    world.principal.client.post(&path, &json!({}))
}

/// Everything that production asks before uploads.
pub fn governed(world: &World) {
    let principal = &world.principal.client;
    for record in [activity(world), arrangement(world), assessment(), identifiability(false)] {
        write(world, principal, &record).ok();
    }
    for party in world.partners.iter().map(|p| p.id).chain([world.principal.id]) {
        write(world, &world.operator.0, &contract(&party, "abcdefgh")).ok();
    }
}

/// What each company says before it uploads.
fn informed(world: &World) {
    let companies = world.partners.iter().map(|p| &p.client).chain([&world.principal.client]);
    for client in companies {
        write(world, client, &notice(true, true)).ok();
        write(world, client, &instruction()).ok();
    }
}

pub fn code(answer: &Answer) -> String {
    answer.outcome().1
}

#[test]
fn gov_01_an_activity_needs_one_role_for_each_party() {
    let world = World::new();
    let principal = &world.principal.client;
    let mut lacking = activity(&world);
    lacking["parties"].as_array_mut().unwrap().pop();
    assert_eq!(code(&write(&world, principal, &lacking)), "governance.party_role");
    let mut double = activity(&world);
    let first = double["parties"][0].clone();
    double["parties"].as_array_mut().unwrap().push(first);
    assert_eq!(code(&write(&world, principal, &double)), "governance.party_role");
    let mut foreign = activity(&world);
    let stranger = PartyId::from_bytes([9; 16]);
    let roles = foreign["parties"].as_array_mut().unwrap();
    roles.push(json!({ "party": stranger, "role": "recipient" }));
    assert_eq!(code(&write(&world, principal, &foreign)), "governance.party_role");
    write(&world, principal, &activity(&world)).ok();
}

#[test]
fn gov_13_production_needs_a_validated_assessment_and_everything_else() {
    let world = World::new();
    let gaps = |world: &World| -> Vec<String> {
        let view = view(world, &world.principal.client);
        let gaps = view["gaps"].as_array().unwrap();
        gaps.iter().map(|gap| gap["code"].as_str().unwrap().to_owned()).collect()
    };
    let first = ["governance.activity", "governance.dpia", "governance.identifiability"];
    assert_eq!(gaps(&world), first);
    assert_eq!(code(&produce(&world)), "governance.activity");
    governed(&world);
    assert_eq!(gaps(&world), Vec::<String>::new());
    let mut draft = assessment();
    draft["validated"] = Value::Null;
    write(&world, &world.principal.client, &draft).ok();
    assert_eq!(code(&produce(&world)), "governance.dpia");
    let mut hollow = assessment();
    hollow["risks"] = json!("");
    let refused = write(&world, &world.principal.client, &hollow);
    assert_eq!(code(&refused), "governance.dpia_incomplete");
    write(&world, &world.principal.client, &assessment()).ok();
    // Data of the sandbox do not enter production.
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    assert_eq!(code(&produce(&world)), "governance.sandbox_data");
    let order = json!({ "of": "deposit", "deposit": sealed.id(), "reason": "bac à sable" });
    world.operator.0.post("/v1/erasures", &order).ok();
    produce(&world).ok();
    assert_eq!(view(&world, &world.principal.client)["production"], true);
    let (_, entries) = world.ledger();
    let count = |kind| entries.iter().filter(|entry| entry.entry_type() == kind).count();
    assert_eq!(count(EntryType::ProductionOpened), 1);
    assert_eq!(count(EntryType::GovernanceRecorded), 10);
}

/// In production, with contracts, before anybody was informed.
fn producing() -> World {
    let world = World::new();
    governed(&world);
    produce(&world).ok();
    world
}

fn upload(world: &World, dealer: usize) -> Answer {
    let number = u32::try_from(dealer).unwrap();
    world.partners[dealer].deposit(&world.sales(dealer, &World::small_sales(number)))
}

#[test]
fn gov_11_no_upload_before_a_notice_names_the_certifier_and_matching() {
    let world = producing();
    let client = &world.partners[0].client;
    write(&world, client, &instruction()).ok();
    assert_eq!(code(&upload(&world, 0)), "governance.notice");
    write(&world, client, &notice(false, true)).ok();
    assert_eq!(code(&upload(&world, 0)), "governance.notice_recipient");
    write(&world, client, &notice(true, false)).ok();
    assert_eq!(code(&upload(&world, 0)), "governance.notice_matching");
    write(&world, client, &notice(true, true)).ok();
    upload(&world, 0).ok();
    // The notice of one is not that of another.
    write(&world, &world.partners[1].client, &instruction()).ok();
    assert_eq!(code(&upload(&world, 1)), "governance.notice");
}

#[test]
fn gov_04_an_upload_is_refused_with_the_letter_of_the_missing_clause() {
    let world = producing();
    informed(&world);
    let party = world.partners[0].id;
    for letter in 'a'..='h' {
        let clauses: String = ('a'..='h').filter(|c| *c != letter).collect();
        write(&world, &world.operator.0, &contract(&party, &clauses)).ok();
        assert_eq!(code(&upload(&world, 0)), format!("contract.clause_{letter}"));
    }
    write(&world, &world.operator.0, &contract(&party, "abcdefgh")).ok();
    upload(&world, 0).ok();
    let stranger = contract(&PartyId::from_bytes([9; 16]), "abcdefgh");
    assert_eq!(code(&write(&world, &world.operator.0, &stranger)), "governance.party_role");
    let mut hollow = contract(&party, "abcdefgh");
    hollow["subject"] = json!("");
    assert_eq!(code(&write(&world, &world.operator.0, &hollow)), "governance.text");
}

#[test]
fn gov_05_nothing_runs_without_an_instruction_or_on_one_that_was_flagged() {
    let world = producing();
    let client = &world.partners[0].client;
    write(&world, client, &notice(true, true)).ok();
    assert_eq!(code(&upload(&world, 0)), "governance.instruction");
    informed(&world);
    world.stock();
    let path = format!("/v1/programmes/{}/governance/flags", world.programme.id);
    let flag = |version: u64, reason: &str| json!({ "party": world.partners[0].id, "version": version, "reason": reason });
    let send = |body: &Value| world.operator.0.post(&path, body);
    assert_eq!(code(&send(&flag(1, " "))), "governance.text");
    assert_eq!(code(&send(&flag(2, "profilage"))), "object.not_found");
    send(&flag(1, "profilage")).ok();
    // No upload and no figure rests on it; its controller reads why, nobody else's people do.
    assert_eq!(code(&upload(&world, 0)), "governance.instruction_unlawful");
    let asked = world.principal.request(&world.programme.id, MONTH);
    assert_eq!(code(&asked), "governance.instruction_unlawful");
    let flags = |client: &Client| -> Vec<Value> {
        let view = view(&world, client);
        let records = view["records"].as_array().unwrap().iter();
        records.filter(|record| record["kind"] == "flag").cloned().collect()
    };
    let [told] = &flags(client)[..] else { panic!("one flag") };
    assert_eq!(told["document"]["reason"], "profilage");
    assert!(flags(&world.partners[1].client).is_empty());
    // A new instruction stands on its own.
    write(&world, client, &instruction()).ok();
    world.principal.release(&world.programme.id, MONTH);
    let (_, entries) = world.ledger();
    let flagged = entries.iter().filter(|e| e.entry_type() == EntryType::InstructionFlagged);
    assert_eq!(flagged.count(), 1);
}

#[test]
fn gov_09_a_purpose_that_was_not_recorded_runs_no_job() {
    let world = producing();
    informed(&world);
    world.stock();
    let mut matching = activity(&world);
    matching["purposes"] = json!([purpose("matching")]);
    write(&world, &world.principal.client, &matching).ok();
    let ask = || world.principal.request(&world.programme.id, MONTH);
    assert_eq!(code(&ask()), "governance.other_purpose");
    let mut bare = activity(&world);
    bare["safeguards_89"] = json!(false);
    write(&world, &world.principal.client, &bare).ok();
    assert_eq!(code(&ask()), "governance.safeguards");
    let mut messages = activity(&world);
    messages["purposes"] = json!([purpose("messages"), purpose("statistics")]);
    write(&world, &world.principal.client, &messages).ok();
    assert_eq!(code(&ask()), "governance.matching_purpose");
    write(&world, &world.principal.client, &activity(&world)).ok();
    ask().ok();
}

#[test]
fn gov_08_the_essence_of_the_arrangement_is_a_public_page() {
    let world = World::new();
    let path = format!("/arrangements/{}", world.programme.id);
    let page = || world.server.anonymous().get(&path);
    assert_eq!(code(&page()), "object.not_found");
    for record in [activity(&world), arrangement(&world), assessment()] {
        write(&world, &world.principal.client, &record).ok();
    }
    assert_eq!(code(&produce(&world)), "governance.contract");
    governed(&world);
    let mut lacking = arrangement(&world);
    lacking["controllers"].as_array_mut().unwrap().remove(0);
    write(&world, &world.principal.client, &lacking).ok();
    assert_eq!(code(&produce(&world)), "governance.arrangement");
    write(&world, &world.principal.client, &arrangement(&world)).ok();
    let answer = page();
    let html = String::from_utf8(answer.ok().bytes.clone()).unwrap();
    for party in world.partners.iter().map(|p| p.id).chain([world.principal.id]) {
        assert!(html.contains(&format!("Société &lt;{party}&gt;")), "every one, and no markup");
    }
    assert_eq!(html.matches("dpo@example.org").count(), 4);
    assert!(html.contains("ses clients &amp; répond"));
}

#[test]
fn gov_10_whoever_was_granted_nothing_sees_nothing() {
    let world = World::stocked();
    let new = Partner(world.operator.enrol(&world.server, Role::Partner, 70));
    let deposits: Vec<DepositInfo> = new.client.get("/v1/deposits").json();
    assert!(deposits.is_empty());
    for path in ["", "/governance"] {
        let path = format!("/v1/programmes/{}{path}", world.programme.id);
        assert_eq!(code(&new.client.get(&path)), "object.not_found");
    }
    let record = write(&world, &new.client, &instruction());
    assert_eq!(code(&record), "object.not_found");
    // Who takes part sees its own records and those of all, and of another's contract nothing.
    governed(&world);
    let seen = view(&world, &world.partners[0].client);
    let contracts: Vec<_> =
        seen["records"].as_array().unwrap().iter().filter(|r| r["kind"] == "contract").collect();
    assert_eq!(contracts.len(), 1);
    assert_eq!(contracts[0]["subject"], world.partners[0].id.to_string());
}

#[test]
fn records_are_written_by_whom_they_bind() {
    let world = World::new();
    let (principal, partner) = (&world.principal.client, &world.partners[0].client);
    let operator = &world.operator.0;
    let of_operator = contract(&world.partners[0].id, "abcdefgh");
    for (client, record) in [
        (partner, activity(&world)),
        (partner, assessment()),
        (partner, arrangement(&world)),
        (principal, of_operator.clone()),
        (partner, of_operator),
        (operator, activity(&world)),
        (operator, instruction()),
        (operator, notice(true, true)),
    ] {
        let answer = write(&world, client, &record);
        assert_eq!(answer.outcome(), (403, "auth.forbidden".to_owned()), "{record}");
    }
    let identity = json!({
        "record": "identity", "name": "Autre", "siren": "732829320", "address": "Paris",
        "contact": "contact@example.org",
    });
    assert_eq!(code(&partner.post("/v1/identity", &identity)), "governance.identity");
    operator.post("/v1/identity", &identity).ok();
    assert_eq!(code(&operator.post("/v1/identity", &instruction())), "request.malformed");
}

#[test]
fn bre_04_the_register_of_breaches_keeps_every_version_of_every_file() {
    let world = World::new();
    let operator = &world.operator.0;
    let aware = world.server.clock().now().to_string();
    let file = |more: Value| {
        let mut file = json!({
            "aware": aware, "controllers": [world.partners[0].id], "nature": "copie",
        });
        file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        file
    };
    let opened: Value = operator.post("/v1/breaches", &file(json!({}))).json();
    assert_eq!(opened["controllers"]["state"], "running");
    assert_eq!(opened["controllers"]["hours_left"], 24);
    assert_eq!(opened["authority"]["state"], "not_owed");
    let path = format!("/v1/breaches/{}", opened["breach"].as_str().unwrap());
    world.server.clock().advance_days(2);
    let now = world.server.clock().now().to_string();
    let list: Vec<Value> = world.officer.client.get("/v1/breaches").json();
    assert_eq!(list[0]["controllers"]["state"], "overdue");
    let told = file(json!({ "controllers_told": now }));
    assert_eq!(code(&operator.post(&path, &told)), "breach.late");
    let told = file(json!({ "controllers_told": now, "late_because": "constat tardif" }));
    operator.post(&path, &told).ok();
    let mut closed = told;
    closed["closed"] = json!(now);
    assert_eq!(code(&operator.post(&path, &closed)), "breach.unfinished");
    for field in ["facts", "effects", "remedies"] {
        closed[field] = json!("dit");
    }
    assert_eq!(code(&operator.post(&path, &closed)), "breach.undecided");
    closed["decision"] =
        json!({ "high_risk": false, "key_compromised": false, "rationale": "clé sauve" });
    operator.post(&path, &closed).ok();
    assert_eq!(code(&operator.post(&path, &closed)), "breach.closed");
    let nothing = "/v1/breaches/evt_AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(code(&operator.post(nothing, &file(json!({})))), "object.not_found");
    let list: Vec<Value> = operator.get("/v1/breaches").json();
    assert_eq!(list.iter().map(|b| b["version"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let (_, entries) = world.ledger();
    let kept = entries.iter().filter(|e| e.entry_type() == EntryType::BreachRecorded);
    assert_eq!(kept.count(), 3);
}

/// Who each entity is; the SIREN must be the enrolled one.
pub fn identified(world: &World) {
    let identity = |name: &str, siren: &str| {
        json!({
            "record": "identity", "name": name, "siren": siren, "address": "Paris",
            "contact": "contact@example.org", "dpo": "dpo@example.org",
        })
    };
    world.operator.0.post("/v1/identity", &identity("Tiers", "732829320")).ok();
    let siren = crate::harness::roles::siren;
    let principal = &world.principal.client;
    principal.post("/v1/identity", &identity("Marque", &siren(0))).ok();
    for (number, partner) in (1..).zip(&world.partners) {
        let own = identity(&format!("Garage {number}"), &siren(number));
        partner.client.post("/v1/identity", &own).ok();
    }
}

#[test]
fn reg_02_the_certifier_has_one_entry_for_each_controller_it_serves() {
    let world = World::new();
    let operator = &world.operator.0;
    assert_eq!(code(&operator.get("/v1/register")), "register.incomplete");
    identified(&world);
    governed(&world);
    let issued: Value = operator.get("/v1/register").json();
    let served = issued["register"]["as_processor"].as_array().unwrap();
    let names: Vec<&str> =
        served.iter().map(|entry| entry["controller"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Garage 1", "Garage 2", "Garage 3", "Marque"]);
    assert_eq!(issued["register"]["as_controller"].as_array().unwrap().len(), 2);
}

#[test]
fn reg_09_the_register_of_one_entity_holds_its_own_entries_only() {
    let world = World::new();
    identified(&world);
    // The second dealer is a recipient of this programme, and controller of nothing.
    let mut roles = activity(&world);
    roles["parties"][1]["role"] = json!("recipient");
    write(&world, &world.principal.client, &roles).ok();
    let entries = |client: &Client| -> (String, usize, usize) {
        let issued: Value = client.get("/v1/register").json();
        let register = &issued["register"];
        let count = |name: &str| register[name].as_array().unwrap().len();
        let name = register["entity"]["name"].as_str().unwrap().to_owned();
        (name, count("as_controller"), count("as_processor"))
    };
    assert_eq!(entries(&world.partners[0].client), ("Garage 1".to_owned(), 1, 0));
    assert_eq!(entries(&world.partners[1].client), ("Garage 2".to_owned(), 0, 0));
    assert_eq!(entries(&world.principal.client), ("Marque".to_owned(), 1, 0));
}

#[test]
fn reg_03_one_request_exports_each_form_dated_and_digested() {
    let world = World::new();
    identified(&world);
    governed(&world);
    let get = |query: &str| world.officer.client.get(&format!("/v1/register?{query}"));
    let issued: Value = get("format=json").json();
    let register = serde_json::to_vec(&issued["register"]).unwrap();
    let canonical =
        tiers_protocol::canonical::to_vec(&serde_json::from_slice::<Value>(&register).unwrap());
    assert_eq!(issued["sha256"], sha256(&canonical).to_string());
    assert!(issued["issued_at"].as_str().unwrap().ends_with('Z'));
    for (query, begin) in [
        ("format=ods", &b"PK"[..]),
        ("format=pdf", b"%PDF-"),
        ("format=svg", b"<svg"),
        ("format=pdf&language=en", b"%PDF-"),
    ] {
        assert!(get(query).ok().bytes.starts_with(begin), "{query}");
    }
    assert_eq!(code(&get("format=doc")), "request.malformed");
    assert_eq!(code(&get("version=2")), "object.not_found");
}

#[test]
fn reg_08_a_change_is_a_new_version_and_the_old_one_stays() {
    let world = World::new();
    identified(&world);
    governed(&world);
    let client = &world.principal.client;
    let register = |query: &str| -> Value { client.get(&format!("/v1/register{query}")).json() };
    let first = register("");
    assert_eq!(register(""), first, "nothing has changed");
    let mut changed = activity(&world);
    changed["data"] = json!([{ "title": "empreintes", "deleted": "six mois" }]);
    write(&world, client, &changed).ok();
    let second = register("");
    assert_eq!((first["version"].as_u64(), second["version"].as_u64()), (Some(1), Some(2)));
    assert_eq!(second["register"]["as_controller"][0]["data"][0]["deleted"], "six mois");
    assert_eq!(register("?version=1"), first, "history keeps both");
    let (_, entries) = world.ledger();
    let versions = entries.iter().filter(|e| e.entry_type() == EntryType::RegisterIssued);
    assert_eq!(versions.count(), 2);
}

/// Names of fields and parts of addresses by which a person could be judged.
const VERDICTS: [&str; 5] = ["score", "label", "rating", "profile", "grade"];

#[test]
fn gov_15_no_answer_judges_a_person() {
    let world = World::new();
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    fn names(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    if key == "properties" {
                        found.extend(value.as_object().unwrap().keys().cloned());
                    }
                    names(value, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    names(&document, &mut found);
    found.extend(document["paths"].as_object().unwrap().keys().cloned());
    assert!(found.len() > 200, "the walk finds the fields");
    for name in &found {
        let words: Vec<&str> = name.split(['_', '/', '{', '}', '-']).collect();
        assert!(!VERDICTS.iter().any(|verdict| words.contains(verdict)), "{name}");
    }
}
