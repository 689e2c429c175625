//! Who may do what: every operation of the API and every page, as nobody and in every role, on an object of one's
//! own, on one of another party and on one that is not there. The operations come from the description that is served
//! and from the tables that the routers are built from; who is let in, from the policies. An address with a
//! parameter, or an operation with a body, that nothing is known of here fails the test.

mod bodies;
mod network;
mod pages;

use std::collections::BTreeMap;

use serde_json::Value;
use tiers::service::authority::{Authority, Rules, Who};
use tiers::store::credential::Caller;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::Role;

use crate::harness::client::{Answer, Client};
use bodies::{Body, body};
use network::Stage;

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub method: String,
    pub path: String,
    /// Query parameters that it cannot do without.
    pub query: Vec<String>,
    /// Whether it takes JSON.
    pub json: bool,
}

impl Operation {
    /// As the policies name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// What is done last, because it ends something that others ask for.
    pub fn rank(&self) -> u8 {
        let ends = [
            "removal",
            "closing",
            "delete",
            "revo",
            "replacement",
            "flag",
            "fetched",
            "purge",
            "erasures",
            "sign-out",
            "again",
        ];
        let last = ends.iter().any(|word| self.path.contains(word));
        if last { 2 } else { u8::from(self.method != "GET") }
    }
}

/// Names in braces.
pub fn holes(text: &str) -> Vec<String> {
    let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let names = parts.map(|(name, _)| name.trim_start_matches('*').to_owned());
    names
        .filter(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        })
        .collect()
}

/// What is no object: any value does.
const FREE: [(&str, &str); 3] = [("syntax", "ubl"), ("position", "0"), ("rest", "0/000.p/1")];

/// What is queried for beside an object.
const ASKED: [(&str, &str); 1] = [("reason", "control")];

/// Operations of a batch that are for one of its sides: to the other they are forbidden, and it knows of the batch.
const SIDED: [(&str, Role); 10] = [
    ("POST /v1/batches/{batch}/sample", Role::Partner),
    ("GET /v1/batches/{batch}/sample", Role::Partner),
    ("POST /v1/batches/{batch}/review", Role::Partner),
    ("GET /v1/batches/{batch}/review", Role::Partner),
    ("GET /v1/batches/{batch}/records", Role::Partner),
    ("POST /v1/batches/{batch}/fetched", Role::Partner),
    ("POST /v1/batches/{batch}/informed", Role::Partner),
    ("GET /v1/batches/{batch}/decisions/{position}", Role::Partner),
    ("PUT /v1/batches/{batch}/body", Role::Principal),
    ("POST /v1/batches/{batch}/hand-over", Role::Principal),
];

/// Operations that find nothing about an object of one's own either, and why.
const LACKING: [(&str, &str); 2] = [
    ("POST /v1/programmes/{programme}/governance/flags", "no instruction was given yet"),
    ("GET /arrangements/{programme}", "none was recorded yet"),
];

/// Addresses of words and files that open something by themselves, to anybody.
fn is_public(authority: &Authority, name: &str) -> bool {
    authority.door(&Who::Visitor, name).is_ok()
}

fn may(authority: &Authority, role: Role, name: &str) -> bool {
    let caller = Caller { actor: ActorId::random(&mut System), role, party: None };
    authority.door(&Who::Account { caller, change_due: false }, name).is_ok()
}

/// The operations of the description that is served.
fn described(client: &Client) -> Vec<Operation> {
    let document: Value = client.get("/openapi.json").json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let needed = parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true);
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.replace("{rest}", "{*rest}"),
                query: needed.map(|p| p["name"].as_str().unwrap().to_owned()).collect(),
                json: operation["requestBody"]["content"]["application/json"].is_object(),
            });
        }
    }
    found.sort_by_key(|one| (one.rank(), one.clone()));
    found
}

/// A request whose objects are not named yet.
struct Draft {
    path: String,
    body: Option<String>,
}

impl Draft {
    fn of(operation: &Operation, role: Role) -> Self {
        let name = operation.name();
        let query: Vec<_> = operation
            .query
            .iter()
            .map(|name| {
                let asked = ASKED.iter().find(|(known, _)| known == name);
                match asked {
                    Some((_, value)) => format!("{name}={value}"),
                    None => format!("{name}={{{name}}}"),
                }
            })
            .collect();
        let path = if query.is_empty() {
            operation.path.clone()
        } else {
            format!("{}?{}", operation.path, query.join("&"))
        };
        let body = match body(&name, role) {
            Body::Json(text) => Some(text),
            Body::Unread => None,
            Body::Unknown => {
                let objects = !holes(&path).is_empty();
                assert!(!operation.json || !objects, "no body is known for {name}");
                None
            }
        };
        Self { path, body }
    }

    /// Names of the objects that the request is about.
    fn objects(&self) -> Vec<String> {
        let mut names = holes(&self.path);
        // In JSON a brace opens an object; a name in braces stands in quotes.
        for part in self.body.as_deref().unwrap_or_default().split("\"{").skip(1) {
            names.extend(part.split_once("}\"").map(|(name, _)| name.to_owned()));
        }
        names.retain(|name| !FREE.iter().any(|(free, _)| free == name));
        names.sort();
        names.dedup();
        names
    }

    fn fill(&self, ids: &BTreeMap<String, String>) -> (String, Vec<u8>) {
        let mut path = self.path.replace("{*rest}", "{rest}");
        let mut body = self.body.clone().unwrap_or_default();
        let free = FREE.iter().map(|(name, value)| (*name, *value));
        for (name, id) in ids.iter().map(|(name, id)| (&**name, &**id)).chain(free) {
            path = path.replace(&format!("{{{name}}}"), id);
            body = body.replace(&format!("\"{{{name}}}\""), &format!("\"{id}\""));
        }
        assert!(holes(&path).is_empty(), "{path}");
        (path, body.into_bytes())
    }
}

fn ask(client: &Client, operation: &Operation, (path, body): &(String, Vec<u8>)) -> Answer {
    let json = [("content-type", "application/json")];
    let headers: &[_] = if body.is_empty() { &[] } else { &json };
    client.send(&operation.method, path, headers, body)
}

/// What a refusal says, but for what is different for every request.
fn said(answer: &Answer) -> (u16, String, String) {
    if answer.status < 400 {
        return (answer.status, String::new(), String::new());
    }
    let problem = answer.problem();
    (answer.status, problem.code, format!("{} {}", problem.title, problem.detail))
}

const ROLES: [Role; 4] = [Role::Partner, Role::Principal, Role::Officer, Role::Operator];

#[derive(Default)]
struct Cells {
    refused: usize,
    other: usize,
    missing: usize,
    own: usize,
}

/// Everything but one's own objects: nothing of it changes anything.
fn outside(stage: &Stage, authority: &Authority, operation: &Operation, cells: &mut Cells) {
    let name = operation.name();
    for role in ROLES {
        let draft = Draft::of(operation, role);
        let objects = draft.objects();
        let missing: BTreeMap<_, _> =
            objects.iter().map(|name| (name.clone(), network::missing(name))).collect();
        let whose = |name: &String| (name.clone(), stage.anyones(name));
        let theirs: BTreeMap<_, _> = objects.iter().map(whose).collect();
        let (there, not_there) = (draft.fill(&theirs), draft.fill(&missing));
        if is_public(authority, &name) {
            continue;
        }
        if role == Role::Partner {
            for request in [&there, &not_there] {
                let answer = ask(&stage.nobody(), operation, request);
                let expected = (401, "auth.unauthenticated".to_owned());
                assert_eq!(answer.outcome(), expected, "{name} as nobody");
                cells.refused += 1;
            }
        }
        let client = stage.client(role);
        if !may(authority, role, &name) {
            for request in [&there, &not_there] {
                let answer = ask(client, operation, request);
                let expected = (403, "auth.forbidden".to_owned());
                assert_eq!(answer.outcome(), expected, "{name} as {role:?}");
                cells.refused += 1;
            }
            continue;
        }
        if objects.is_empty() {
            continue;
        }
        let nothing = said(&ask(client, operation, &not_there));
        assert_eq!(nothing.0, 404, "{name} as {role:?}, not there: {nothing:?}");
        cells.missing += 1;
        if let Some((outsider, ids)) = stage.others(role, &objects) {
            let (there, not_there) = (draft.fill(&ids), draft.fill(&missing));
            let other = said(&ask(&outsider, operation, &there));
            let nothing = said(&ask(&outsider, operation, &not_there));
            assert_eq!(other, nothing, "{name} as {role:?}, another's and none at all");
            cells.other += 1;
        }
    }
}

/// One's own objects: whoever may is not told that there is nothing.
fn inside(stage: &Stage, authority: &Authority, operation: &Operation, cells: &mut Cells) {
    let name = operation.name();
    for role in ROLES {
        if !may(authority, role, &name) {
            continue;
        }
        let draft = Draft::of(operation, role);
        let (client, ids) = stage.own(role, &name, &draft.objects());
        let answer = ask(&client, operation, &draft.fill(&ids));
        let (status, code) = answer.outcome();
        cells.own += 1;
        let told = format!("{name} as {role:?}: {status} {code}");
        if SIDED.contains(&(&*name, role)) {
            assert_eq!((status, &*code), (403, "auth.forbidden"), "{told}");
            continue;
        }
        assert!(status < 500 && !code.starts_with("auth."), "{told}");
        if !LACKING.iter().any(|(lacking, _)| *lacking == name) {
            assert_ne!(code, "object.not_found", "{told}");
        }
        // Whoever may read a thing of its own reads it.
        assert!(
            !(operation.method == "GET" && status == 404)
                || !LACKING.iter().all(|(n, _)| *n != name),
            "{told}"
        );
    }
}

#[test]
fn gov_10_every_operation_is_for_its_roles_and_for_objects_of_ones_own() {
    let authority = Authority::of(&Rules::default()).unwrap();
    let stages = [Stage::programmes(), Stage::choices()];
    let operations = described(&stages[0].nobody());
    let mut cells = Cells::default();
    let mut placed = 0;
    for stage in &stages {
        let here = |one: &&Operation| stage.knows(&Draft::of(one, Role::Partner).objects());
        let here: Vec<_> = operations.iter().filter(here).collect();
        for operation in &here {
            outside(stage, &authority, operation, &mut cells);
        }
        for operation in &here {
            inside(stage, &authority, operation, &mut cells);
        }
        let objects = |one: &&&Operation| !Draft::of(one, Role::Partner).objects().is_empty();
        placed += here.iter().filter(objects).count();
    }
    let about = |one: &&Operation| !Draft::of(one, Role::Partner).objects().is_empty();
    let unplaced = operations.iter().filter(about).filter(|one| {
        let objects = Draft::of(one, Role::Partner).objects();
        !stages.iter().any(|stage| stage.knows(&objects))
    });
    let unplaced: Vec<_> = unplaced.map(Operation::name).collect();
    assert!(unplaced.is_empty(), "no object is known for {unplaced:?}");
    let Cells { refused, other, missing, own } = cells;
    println!(
        "{} operations, {placed} about objects: {refused} refused at the door, {missing} not there, {other} of others, {own} own",
        operations.len()
    );
    assert!(operations.len() > 120 && refused > 250 && other > 70 && missing > 90 && own > 150);
}
