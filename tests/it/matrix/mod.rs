//! Who may do what: every operation of the API and every page, as nobody and in every role, on an object of one's
//! own, on one of another party and on one that is not there. The operations come from the description that is served
//! and from the tables that the routers are built from; who is let in, from the policies. An address with a
//! parameter, or an operation with a body, that nothing is known of here fails the test.

mod bodies;
mod network;
mod pages;

use std::collections::BTreeMap;

use serde_json::Value;
use tiers::service::Dependencies;
use tiers::service::authority::{Authority, Rules, Who};
use tiers::store::credential::Caller;
use tiers_protocol::entropy::System;
use tiers_protocol::ids::ActorId;
use tiers_protocol::wire::Role;

use crate::harness::client::{Answer, Client};
use crate::harness::server::Server;
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

/// Operations that are for one side of an exchange or a batch: to the other they are forbidden, and it knows of it.
const SIDED: [(&str, Role); 11] = [
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
    ("GET /v1/exchanges/{exchange}/send", Role::Principal),
];

/// Operations that find nothing about an object of one's own either, and why.
const LACKING: [(&str, &str); 2] = [
    ("POST /v1/programmes/{programme}/governance/flags", "no instruction was given yet"),
    ("GET /arrangements/{programme}", "none was recorded yet"),
];

/// Operations that say of what is not there that there is nothing to do, to those who look after all objects.
const NOTHING_TO_DO: [&str; 1] = ["POST /v1/erasures"];

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

/// What was tried, and what came out otherwise than the policies say.
#[derive(Default)]
pub struct Cells {
    refused: usize,
    other: usize,
    missing: usize,
    own: usize,
    wrong: Vec<String>,
}

impl Cells {
    fn hold(&mut self, right: bool, told: impl FnOnce() -> String) {
        if !right {
            self.wrong.push(told());
        }
    }

    fn add(&mut self, other: Self) {
        self.refused += other.refused;
        self.other += other.other;
        self.missing += other.missing;
        self.own += other.own;
        self.wrong.extend(other.wrong);
    }

    #[track_caller]
    #[allow(clippy::print_stdout)]
    fn told(&self, of: &str) {
        let Self { refused, other, missing, own, wrong } = self;
        println!(
            "{of}: {refused} refused at the door, {missing} not there, {other} of others, {own} own"
        );
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Everything but one's own objects: nothing of it changes anything.
fn outside(stage: &Stage, authority: &Authority, operation: &Operation, cells: &mut Cells) {
    let name = operation.name();
    if is_public(authority, &name) {
        return;
    }
    for role in ROLES {
        let draft = Draft::of(operation, role);
        let objects = draft.objects();
        let missing: BTreeMap<_, _> =
            objects.iter().map(|name| (name.clone(), network::missing(name))).collect();
        let theirs: BTreeMap<_, _> =
            objects.iter().map(|name| (name.clone(), stage.anyones(name))).collect();
        let (there, not_there) = (draft.fill(&theirs), draft.fill(&missing));
        let mut refused = |client: &Client, who: &str, expected: (u16, &str)| {
            for request in [&there, &not_there] {
                let (status, code) = ask(client, operation, request).outcome();
                cells.refused += 1;
                cells.hold((status, &*code) == expected, || {
                    format!("{name} as {who}: {status} {code}")
                });
            }
        };
        if role == Role::Partner {
            refused(&stage.nobody(), "nobody", (401, "auth.unauthenticated"));
        }
        let client = stage.client(role);
        if !may(authority, role, &name) {
            refused(client, role.as_str(), (403, "auth.forbidden"));
            continue;
        }
        if objects.is_empty() {
            continue;
        }
        let nothing = said(&ask(client, operation, &not_there));
        cells.missing += 1;
        let right = nothing.0 == 404 || NOTHING_TO_DO.contains(&&*name);
        cells.hold(right, || format!("{name} as {role:?}, not there: {nothing:?}"));
        if let Some((outsider, ids)) = stage.others(role, &objects) {
            let other = said(&ask(&outsider, operation, &draft.fill(&ids)));
            let nothing = said(&ask(&outsider, operation, &not_there));
            cells.other += 1;
            cells.hold(other == nothing, || {
                format!("{name} as {role:?}, another's {other:?}, none at all {nothing:?}")
            });
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
        cells.own += 1;
        let (client, ids) = match stage.own(role, &draft.objects()) {
            Ok(own) => own,
            Err(lacking) => {
                cells.hold(false, || {
                    format!("{name} as {role:?}: no {lacking} of its own is known")
                });
                continue;
            }
        };
        let (status, code) = ask(&client, operation, &draft.fill(&ids)).outcome();
        let told = || format!("{name} as {role:?}, its own: {status} {code}");
        if SIDED.contains(&(&*name, role)) {
            cells.hold((status, &*code) == (403, "auth.forbidden"), told);
            continue;
        }
        let lacking = LACKING.iter().any(|(lacking, _)| *lacking == name);
        let there = lacking || (status != 404 && code != "object.not_found");
        cells.hold(there && status < 500 && !code.starts_with("auth."), told);
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
    cells.told(&format!("{} operations, {placed} about objects", operations.len()));
    let Cells { refused, other, missing, own, .. } = cells;
    assert!(operations.len() > 120 && refused > 800 && other > 110 && missing > 130 && own > 350);
}

/// The control: with a policy that forgets whose a deposit is, the same walk finds it.
#[test]
fn the_matrix_finds_a_planted_hole() {
    let asked = "permit (principal is Account, action == Action::\"deposit\", resource is Deposit)";
    let whole = format!("{asked}\nwhen {{ resource.owner == principal.side }};");
    let policies = Rules::default().policies;
    assert!(policies.contains(&whole));
    let policies: &str = Box::leak(policies.replace(&whole, &format!("{asked};")).into_boxed_str());
    let rules = Rules { policies, ..Rules::default() };
    let with = Dependencies { rules, ..Dependencies::default() };
    let stage = Stage::programmes_on(Server::start_as(with));
    let authority = Authority::of(&Rules::default()).unwrap();
    let mut cells = Cells::default();
    for operation in described(&stage.nobody()) {
        if operation.path == "/v1/deposits/{deposit}" {
            outside(&stage, &authority, &operation, &mut cells);
        }
    }
    let found = |role: &str| {
        cells.wrong.iter().any(|told| told.contains(&format!("as {role}, another's (200")))
    };
    assert!(found("Partner") && found("Principal"), "{:?}", cells.wrong);
}
