//! Who may do what: every address and method against every role, and against nobody; and objects of
//! others, which are as if they were not there.

use std::collections::BTreeSet;

use serde_json::Value;
use tiers_protocol::ids::{DepositId, PartyId, ProgrammeId, ReleaseId};

use crate::harness::client::Client;
use crate::harness::roles::{Partner, Principal};
use crate::harness::world::{MONTH, World};
use tiers_protocol::wire::Role;

/// Who is let through to the handler, in the order nobody, partner, principal, officer, operator.
type Allowed = [bool; 5];

const ANYBODY: Allowed = [true, true, true, true, true];
const OPERATOR: Allowed = [false, false, false, false, true];
const OFFICER: Allowed = [false, false, false, true, false];
const PRINCIPAL: Allowed = [false, false, true, false, false];
const PARTNER: Allowed = [false, true, false, false, false];
const COMPANY: Allowed = [false, true, true, false, false];
const READER: Allowed = [false, true, true, true, false];
const CONTRIBUTOR: Allowed = [false, true, true, false, true];
const PRINCIPAL_OR_OFFICER: Allowed = [false, false, true, true, false];
const KEEPER: Allowed = [false, false, false, true, true];
const PROVER: Allowed = [false, true, true, true, false];
const ANYONE: Allowed = [false, true, true, true, true];

/// The whole table. Braces are filled with the ids of real objects.
const ROUTES: &[(&str, &str, Allowed)] = &[
    ("GET", "/healthz", ANYBODY),
    ("GET", "/readyz", ANYBODY),
    ("GET", "/openapi.json", ANYBODY),
    ("GET", "/v1/trust", ANYBODY),
    ("GET", "/ledger/checkpoint", ANYBODY),
    ("GET", "/ledger/witnessed", ANYBODY),
    ("GET", "/ledger/tile/0/000.p/1", ANYBODY),
    ("POST", "/v1/parties", OPERATOR),
    ("GET", "/v1/parties", OPERATOR),
    ("POST", "/v1/officers", OPERATOR),
    ("POST", "/v1/invitations", ANYONE),
    ("GET", "/v1/people", ANYONE),
    ("POST", "/v1/people/{person}/revocation", ANYONE),
    ("GET", "/v1/accesses", ANYONE),
    ("POST", "/v1/accesses/{account}/replacement", ANYONE),
    ("POST", "/v1/accesses/{account}/revocation", ANYONE),
    ("POST", "/v1/accesses/{account}/flag", ANYONE),
    ("POST", "/v1/erasures", OPERATOR),
    ("POST", "/v1/programmes", PRINCIPAL),
    ("GET", "/v1/programmes/{programme}", READER),
    ("POST", "/v1/programmes/{programme}/partners", PRINCIPAL),
    ("GET", "/v1/programmes/{programme}/partners", PRINCIPAL),
    ("PUT", "/v1/programmes/{programme}/keys/{party}", PRINCIPAL),
    ("GET", "/v1/programmes/{programme}/key", PARTNER),
    ("PUT", "/v1/programmes/{programme}/declaration", PARTNER),
    ("GET", "/v1/programmes/{programme}/declaration", PARTNER),
    ("POST", "/v1/programmes/{programme}/approval", OFFICER),
    ("POST", "/v1/programmes/{programme}/lifts", PRINCIPAL),
    ("GET", "/v1/programmes/{programme}/lifts", PRINCIPAL_OR_OFFICER),
    ("POST", "/v1/lifts/{lift}/freezing", PRINCIPAL),
    ("POST", "/v1/lifts/{lift}/beacon", OFFICER),
    ("GET", "/v1/lifts/{lift}/arms/{deposit}", PRINCIPAL),
    ("POST", "/v1/own-counts/plan", PARTNER),
    ("POST", "/v1/own-counts", PARTNER),
    ("GET", "/v1/own-counts?programme={programme}", PARTNER),
    ("GET", "/v1/own-counts/{own_count}", PARTNER),
    ("POST", "/v1/deposits", COMPANY),
    ("GET", "/v1/deposits", COMPANY),
    ("GET", "/v1/deposits/{deposit}", COMPANY),
    ("PUT", "/v1/deposits/{deposit}/body", COMPANY),
    ("GET", "/v1/deposits/{deposit}/receipt", COMPANY),
    ("POST", "/v1/reports", PRINCIPAL),
    ("POST", "/v1/reports/plan", PRINCIPAL),
    ("GET", "/v1/trend?programme={programme}", PRINCIPAL),
    ("GET", "/v1/releases/{release}/summary", PRINCIPAL),
    ("GET", "/v1/releases?programme={programme}", PRINCIPAL),
    ("GET", "/v1/releases/{release}/report", PRINCIPAL),
    ("GET", "/v1/releases/{release}/certificate", PRINCIPAL),
    ("GET", "/v1/accounts?programme={programme}", PRINCIPAL),
    ("GET", "/v1/acts?reason=control", OFFICER),
    ("POST", "/v1/identity", CONTRIBUTOR),
    ("POST", "/v1/programmes/{programme}/governance", CONTRIBUTOR),
    ("GET", "/v1/programmes/{programme}/governance", ANYONE),
    ("POST", "/v1/programmes/{programme}/governance/flags", KEEPER),
    ("POST", "/v1/programmes/{programme}/production", PRINCIPAL),
    ("GET", "/arrangements/{programme}", ANYBODY),
    ("GET", "/v1/register", ANYONE),
    ("POST", "/v1/breaches", KEEPER),
    ("GET", "/v1/breaches", KEEPER),
    ("POST", "/v1/breaches/{breach}", KEEPER),
    ("POST", "/v1/forms", COMPANY),
    ("GET", "/v1/forms", COMPANY),
    ("GET", "/v1/forms/{form}", READER),
    ("POST", "/v1/collections", COMPANY),
    ("GET", "/v1/collections", COMPANY),
    ("GET", "/v1/collections/{collection}", ANYBODY),
    ("POST", "/v1/collections/{collection}/closing", COMPANY),
    ("GET", "/v1/collections/{collection}/submissions", COMPANY),
    ("PUT", "/v1/collections/{collection}/submissions/{submission}", ANYBODY),
    ("POST", "/v1/collections/{collection}/fetched", COMPANY),
    ("POST", "/v1/consents", COMPANY),
    ("POST", "/v1/consents/facts", COMPANY),
    ("POST", "/v1/consents/history", READER),
    ("POST", "/v1/consents/decision", READER),
    ("GET", "/v1/consents/{record}", READER),
    ("GET", "/v1/consents/{record}/proof", READER),
    ("POST", "/v1/oppositions", COMPANY),
    ("POST", "/v1/suppliers", OFFICER),
    ("GET", "/v1/notices", READER),
    ("POST", "/v1/notices/{notice}", COMPANY),
    ("GET", "/v1/webhooks", COMPANY),
    ("POST", "/v1/webhooks", COMPANY),
    ("POST", "/v1/webhooks/{webhook}/test", COMPANY),
    ("POST", "/v1/webhooks/{webhook}/rotation", COMPANY),
    ("POST", "/v1/webhooks/{webhook}/removal", COMPANY),
    ("GET", "/v1/webhooks/{webhook}/deliveries", COMPANY),
    ("POST", "/v1/webhooks/{webhook}/resend", COMPANY),
    ("POST", "/v1/requests", READER),
    ("GET", "/v1/requests", READER),
    ("POST", "/v1/requests/{request}", READER),
    ("GET", "/w/{word}", ANYBODY),
    ("POST", "/w/{word}", ANYBODY),
    ("POST", "/v1/exchanges", COMPANY),
    ("GET", "/v1/exchanges", COMPANY),
    ("GET", "/v1/exchanges/{exchange}", COMPANY),
    ("POST", "/v1/exchanges/{exchange}/acts", COMPANY),
    ("POST", "/v1/exchanges/{exchange}/value", COMPANY),
    ("GET", "/v1/exchanges/{exchange}/invoices", COMPANY),
    ("GET", "/v1/exchanges/{exchange}/invoices/{seller}/{syntax}", COMPANY),
    ("GET", "/v1/exchanges/{exchange}/invoices/{seller}/{syntax}/flow", COMPANY),
    ("POST", "/v1/exchanges/{exchange}/invoices/{seller}/filed", COMPANY),
    ("GET", "/v1/unfiled", ANYONE),
    ("POST", "/v1/batches", COMPANY),
    ("GET", "/v1/batches/{batch}", COMPANY),
    ("PUT", "/v1/batches/{batch}/body", COMPANY),
    ("POST", "/v1/batches/{batch}/sample", COMPANY),
    ("GET", "/v1/batches/{batch}/sample", COMPANY),
    ("POST", "/v1/batches/{batch}/review", COMPANY),
    ("GET", "/v1/batches/{batch}/review", COMPANY),
    ("POST", "/v1/batches/{batch}/hand-over", COMPANY),
    ("GET", "/v1/batches/{batch}/records", COMPANY),
    ("POST", "/v1/batches/{batch}/fetched", COMPANY),
    ("POST", "/v1/batches/{batch}/informed", COMPANY),
    ("GET", "/v1/batches/{batch}/decisions/{position}", PROVER),
    ("GET", "/v1/uninvoiced", KEEPER),
    ("GET", "/v1/alerts", KEEPER),
    ("POST", "/v1/alerts/{alert}", KEEPER),
    ("GET", "/v1/retention", KEEPER),
    ("POST", "/v1/retention/purge", OPERATOR),
    ("GET", "/v1/archive?reason=control", OFFICER),
    ("POST", "/v1/deletions", ANYONE),
    ("POST", "/v1/searches", READER),
    ("POST", "/v1/dossiers", READER),
];

/// The ids of real objects.
struct Objects {
    programme: ProgrammeId,
    party: PartyId,
    deposit: DepositId,
    release: ReleaseId,
}

impl Objects {
    fn path(&self, pattern: &str) -> String {
        pattern
            .replace("{programme}", &self.programme.to_string())
            .replace("{party}", &self.party.to_string())
            .replace("{deposit}", &self.deposit.to_string())
            .replace("{release}", &self.release.to_string())
            .replace("{breach}", "evt_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{alert}", "evt_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{form}", "frm_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{lift}", "lif_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{own_count}", "own_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{collection}", "col_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{submission}", "sbm_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{record}", "rec_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{notice}", "ntc_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{webhook}", "whk_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{word}", &"A".repeat(43))
            .replace("{request}", "req_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{account}", "act_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{person}", "act_AAAAAAAAAAAAAAAAAAAAAA")
    }
}

/// A network with a deposit of the first partner and a release.
fn world() -> (World, Objects) {
    let world = World::new();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    world.stock_sales(1);
    let release = world.principal.release(&world.programme.id, MONTH).release;
    let (programme, party) = (world.programme.id, world.partners[0].id);
    (world, Objects { programme, party, deposit: sealed.id(), release })
}

#[test]
fn every_route_lets_its_roles_through_and_nobody_else() {
    let (world, objects) = world();
    let callers: [(&str, Client); 5] = [
        ("nobody", world.server.anonymous()),
        ("partner", world.partners[0].client.clone()),
        ("principal", world.principal.client.clone()),
        ("officer", world.officer.client.clone()),
        ("operator", world.operator.0.clone()),
    ];
    let mut cells = 0;
    for &(method, pattern, allowed) in ROUTES {
        for ((who, client), allowed) in callers.iter().zip(allowed) {
            // An empty request: whoever is let through is told that it cannot be read, or answered.
            let answer = client.send(method, &objects.path(pattern), &[], b"");
            let (status, code) = answer.outcome();
            let name = format!("{method} {pattern} as {who}: {status} {code}");
            match (allowed, *who) {
                (true, _) => assert!(!code.starts_with("auth.") && status < 500, "{name}"),
                (false, "nobody") => {
                    assert_eq!((status, &*code), (401, "auth.unauthenticated"), "{name}");
                }
                (false, _) => assert_eq!((status, &*code), (403, "auth.forbidden"), "{name}"),
            }
            if status >= 400 {
                answer.problem();
            }
            cells += 1;
        }
    }
    assert_eq!(cells, ROUTES.len() * callers.len());
}

#[test]
fn the_served_description_says_the_same() {
    let (world, _) = world();
    let document: Value = world.server.anonymous().get("/openapi.json").json();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let roles = operation["x-roles"].as_array().unwrap();
            let has = |role: &str| roles.is_empty() || roles.iter().any(|r| r == role);
            let allowed = [
                roles.is_empty(),
                has("partner"),
                has("principal"),
                has("officer"),
                has("operator"),
            ];
            // Tiles have one address here for every path below it.
            let path = if path.starts_with("/ledger/tile") { "/ledger/tile" } else { path };
            described.insert((method.to_uppercase(), path.to_owned(), allowed));
        }
    }
    let table = ROUTES.iter().map(|(method, pattern, allowed)| {
        let path = pattern.split('?').next().unwrap();
        let path = if path.starts_with("/ledger/tile") { "/ledger/tile" } else { path };
        ((*method).to_owned(), path.to_owned(), *allowed)
    });
    assert_eq!(described, table.collect());
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

#[test]
fn a_wrong_method_is_refused_on_every_route() {
    let (world, objects) = world();
    for &(_, pattern, _) in ROUTES {
        let answer = world.operator.0.send("DELETE", &objects.path(pattern), &[], b"");
        assert_eq!(answer.outcome(), (405, "request.wrong_method".to_owned()), "{pattern}");
    }
}

#[test]
fn objects_of_others_are_not_there() {
    let (world, objects) = world();
    let stranger = Principal(world.operator.enrol(&world.server, Role::Principal, 90));
    let outsider = Partner(world.operator.enrol(&world.server, Role::Partner, 91));
    let colleague = &world.partners[1];
    let not_there = |client: &Client, method: &str, pattern: &str, body: &[u8]| {
        let answer = client.send(method, &objects.path(pattern), &[], body);
        let expected = (404, "object.not_found".to_owned());
        assert_eq!(answer.outcome(), expected, "{method} {pattern}");
    };
    for client in [&stranger.client, &outsider.client] {
        not_there(client, "GET", "/v1/programmes/{programme}", b"");
    }
    // A partner of the same programme sees nothing of its colleague's deposits, nor does the
    // principal; and nobody sees the principal's.
    for client in [&colleague.client, &outsider.client, &world.principal.client, &stranger.client] {
        not_there(client, "GET", "/v1/deposits/{deposit}", b"");
        not_there(client, "GET", "/v1/deposits/{deposit}/receipt", b"");
        not_there(client, "PUT", "/v1/deposits/{deposit}/body", b"x");
    }
    for pattern in [
        "/v1/programmes/{programme}/partners",
        "/v1/releases?programme={programme}",
        "/v1/trend?programme={programme}",
        "/v1/releases/{release}/summary",
        "/v1/releases/{release}/report",
        "/v1/releases/{release}/certificate",
        "/v1/accounts?programme={programme}",
    ] {
        not_there(&stranger.client, "GET", pattern, b"");
    }
    let question = objects.path(r#"{"programme":"{programme}","period":"2025-06"}"#);
    not_there(&stranger.client, "POST", "/v1/reports", question.as_bytes());
    not_there(&stranger.client, "POST", "/v1/reports/plan", question.as_bytes());
    let add = objects.path(r#"{"party":"{party}","declared_size":1}"#);
    not_there(&stranger.client, "POST", "/v1/programmes/{programme}/partners", add.as_bytes());
    let wrapped = format!(r#"{{"wrapped":"{}"}}"#, tiers_protocol::encoding::encode(&[1; 80]));
    let keys = "/v1/programmes/{programme}/keys/{party}";
    not_there(&stranger.client, "PUT", keys, wrapped.as_bytes());
    let declared = br#"{"declared_size":1,"region":"","named":true,"exact":false}"#;
    not_there(&outsider.client, "PUT", "/v1/programmes/{programme}/declaration", declared);
    not_there(&outsider.client, "GET", "/v1/programmes/{programme}/declaration", b"");
    // The list of deposits is each one's own.
    let list = |client: &Client| -> Vec<tiers_protocol::wire::DepositInfo> {
        client.get("/v1/deposits").json()
    };
    let own = list(&world.partners[0].client);
    assert_eq!(own.iter().map(|d| d.deposit).collect::<Vec<_>>(), [objects.deposit]);
    assert!(list(&colleague.client).iter().all(|d| d.deposit != objects.deposit));
    assert!(list(&outsider.client).is_empty());
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
