//! The document and the router say the same: every route stands in both, with the same roles.
//!
//! With `TIERS_PAGES=DIR` the document is also written there, for validators and viewers.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::ActorId;
use tiers_protocol::party::PartySecret;
use tiers_protocol::wire::{NewParty, Problem, Role};

use super::document::{document, refusals};
use super::routes::all;
use crate::api::{Operation, operations, router};
use crate::crypto::keyring::Keyring;
use crate::service::authority::{Authority, Rules, Who};
use crate::service::{Certifier, Dependencies, Refusal};
use crate::store::credential::Caller;

/// Method and address of every operation that the router has.
fn routed() -> BTreeSet<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let operations = operations(&Arc::new(certifier(folder.path())));
    let spelt = |one: &Operation| (one.method.to_lowercase(), one.path.replace("{*", "{"));
    operations.iter().map(spelt).collect()
}

fn described(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, methods): (&String, &Value)| {
        let names = methods.as_object().unwrap().keys();
        names.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

#[test]
fn the_document_has_the_routes_of_the_router_and_no_other() {
    assert_eq!(described(&document()), routed());
    assert_eq!(all().count(), routed().len(), "no route stands in the table twice");
}

#[test]
fn the_document_is_one_of_openapi_3_1_and_every_reference_holds() {
    let document = document();
    let text = document.to_string();
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        std::fs::write(Path::new(&folder).join("openapi.json"), &text).unwrap();
    }
    let read: utoipa::openapi::OpenApi = serde_json::from_str(&text).unwrap();
    assert_eq!(read.paths.paths.len(), document["paths"].as_object().unwrap().len());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for part in text.split("\"$ref\":\"").skip(1) {
        let name = part.split('"').next().unwrap();
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    let ids: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), all().count(), "every operation has an id of its own");
}

/// A closed object and a tag that it does not have: nothing would be both.
#[test]
fn nothing_is_asked_to_be_a_closed_object_and_more() {
    fn check(value: &Value, schemas: &Value) {
        for part in value.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = part.get("$ref").and_then(Value::as_str) else { continue };
            let schema = &schemas[name.rsplit('/').next().unwrap()];
            assert_ne!(schema["additionalProperties"], Value::Bool(false), "{name}");
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| check(value, schemas)),
            Value::Object(fields) => fields.values().for_each(|value| check(value, schemas)),
            _ => {}
        }
    }
    let document = document();
    let schemas = &document["components"]["schemas"];
    check(schemas, schemas);
    let identity = &schemas["Record"]["oneOf"][0];
    assert_eq!(identity["properties"]["record"]["enum"], serde_json::json!(["identity"]));
    assert_eq!(identity["additionalProperties"], Value::Bool(false));
}

#[test]
fn every_parameter_of_an_address_is_described() {
    for route in all() {
        let in_path: Vec<_> = route.path.split('{').skip(1).collect();
        let named = |name: &&str| route.parameters.iter().any(|p| name.starts_with(p.name));
        assert!(in_path.iter().all(named), "{}", route.path);
    }
}

#[test]
fn one_name_is_one_schema() {
    let mut schemas = Vec::new();
    for route in all() {
        for body in route.answers.iter().map(|(_, body)| body).chain([&route.takes]) {
            use super::routes::Body::{Canonical, Json};
            if let Json(schema) | Canonical(schema) = body {
                schema(&mut schemas);
            }
        }
    }
    let mut by_name = BTreeMap::new();
    for (name, schema) in schemas {
        let schema = serde_json::to_value(schema).unwrap();
        let first = by_name.entry(name.clone()).or_insert_with(|| schema.clone());
        assert_eq!(*first, schema, "{name}");
    }
}

/// Answers to addresses and methods that no route has, and of the pages, which are not of the API.
const OUTSIDE: [Refusal; 4] =
    [Refusal::NoRoute, Refusal::WrongMethod, Refusal::Invitation, Refusal::Passkey];

#[test]
fn every_refusal_stands_in_the_document() {
    let told: Vec<_> = all().flat_map(refusals).chain(OUTSIDE).collect();
    for refusal in Refusal::ALL {
        assert!(told.contains(refusal), "{}", refusal.code());
    }
}

/// Codes of a group, as a page quotes them.
fn quoted(page: &str, group: &str) -> BTreeSet<String> {
    let group = format!("`{group}.");
    page.split(&group).skip(1).filter_map(|rest| rest.split('`').next()).map(Into::into).collect()
}

#[test]
fn the_format_pages_name_every_refusal_of_a_deposit_and_no_other() {
    let pages = [
        include_str!("../../../docs/formats/manifest.md"),
        include_str!("../../../docs/formats/body.md"),
    ];
    let told: BTreeSet<_> = pages.iter().flat_map(|page| quoted(page, "deposit")).collect();
    let codes = Refusal::ALL.iter().filter_map(|refusal| refusal.code().strip_prefix("deposit."));
    assert_eq!(told, codes.map(str::to_owned).collect());
}

/// What is described, what the policies say, and what they have a name for are the same operations and roles.
#[test]
fn the_roles_of_the_document_are_those_of_the_policies() {
    let authority = Authority::of(&Rules::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut named: BTreeSet<_> = authority.operations().map(str::to_owned).collect();
    for Operation { method, path } in operations(&Arc::new(certifier(folder.path()))) {
        let name = format!("{method} {path}");
        assert!(named.remove(&name), "{name} has no name in the schema, or two routes");
        let plain = path.replace("{*", "{");
        let route = all().find(|one| one.method.as_str() == method && one.path == plain).unwrap();
        let anybody = authority.door(&Who::Visitor, &name).is_ok();
        assert_eq!(anybody, route.roles.is_empty(), "{name} as nobody");
        for role in Role::ALL {
            let caller = Caller { actor: ActorId::random(&mut System), role, party: None };
            let who = Who::Account { caller, change_due: false };
            let described = route.roles.is_empty() || route.roles.contains(&role);
            assert_eq!(authority.door(&who, &name).is_ok(), described, "{name} as {role:?}");
        }
    }
    // What is left are pages; their own test has them all.
    let page = |name: &String| name.split_once(' ').unwrap().1.starts_with("/v1/");
    assert!(!named.iter().any(page), "operations without a route: {named:?}");
}

struct Running {
    address: String,
    keys: Vec<(Role, String)>,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certifier = Arc::new(certifier(folder.path()));
        let keys = keys(&certifier);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router(certifier)).await });
        Self { address, keys, _runtime: runtime, _folder: folder }
    }

    /// Status and code (empty for what is no problem) of a request with an empty body.
    fn ask(&self, method: &str, path: &str, key: Option<&str>) -> (u16, String) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{}", self.address, path));
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = agent.run(request.body(()).unwrap()).unwrap();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let problem = serde_json::from_str::<Problem>(&text);
        (response.status().as_u16(), problem.map(|problem| problem.code).unwrap_or_default())
    }
}

fn certifier(folder: &Path) -> Certifier {
    let (data, keyring) = (folder.join("data"), folder.join("keyring"));
    let keyring = Keyring::create(&keyring, &data, "tiers.example/ledger", &mut System).unwrap();
    Certifier::create(&data, keyring, Dependencies::default()).unwrap()
}

fn keys(certifier: &Certifier) -> Vec<(Role, String)> {
    let operator = certifier.enrol_operator().unwrap();
    let caller = certifier.authenticate(operator.api_key.expose()).unwrap().0;
    let company = |role, siren: &str| NewParty {
        role,
        name: "Company".to_owned(),
        siren: siren.to_owned(),
        group_siren: None,
        keys: PartySecret::generate(&mut System).public(),
    };
    let issued = [
        certifier.enrol_party(&caller, &company(Role::Partner, "732829320")).unwrap(),
        certifier.enrol_party(&caller, &company(Role::Principal, "552100554")).unwrap(),
        certifier.enrol_officer(&caller).unwrap(),
        operator,
    ];
    issued.iter().map(|one| (one.role, one.api_key.expose().to_owned())).collect()
}

fn filled(path: &str) -> String {
    path.replace("{programme}", "prg_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{party}", "pty_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{alert}", "evt_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{deposit}", "dep_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{release}", "rel_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{form}", "frm_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{record}", "rec_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{notice}", "ntc_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{word}", &"A".repeat(43))
        .replace("{request}", "req_AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{rest}", "0/000")
}

/// Requirement of the design: roles are checked on every route.
#[test]
fn a_running_certifier_asks_for_the_roles_that_are_described() {
    let running = Running::start();
    for route in all() {
        let (method, path) = (route.method.as_str(), filled(route.path));
        let (status, code) = running.ask(method, &path, None);
        let missing = ["request.no_route", "request.wrong_method"].contains(&code.as_str());
        assert!(!missing, "{method} {path}: {status} {code}");
        let closed = (status, code.as_str()) == (401, "auth.unauthenticated");
        assert_eq!(closed, !route.roles.is_empty(), "{method} {path}: {status} {code}");
        for (role, key) in &running.keys {
            let (status, code) = running.ask(method, &path, Some(key));
            let allowed = code != "auth.forbidden" && status != 401;
            let described = route.roles.is_empty() || route.roles.contains(role);
            assert_eq!(allowed, described, "{method} {path} as {role:?}: {status} {code}");
            let told: Vec<_> = refusals(route).iter().map(|refusal| refusal.code()).collect();
            let known = code.is_empty() || told.contains(&code.as_str());
            assert!(known, "{method} {path} as {role:?} answers {code}, which is not described");
        }
    }
    assert_eq!(running.ask("GET", "/v2", None), (404, "request.no_route".to_owned()));
    assert_eq!(running.ask("PUT", "/v1/trust", None), (405, "request.wrong_method".to_owned()));
}
