//! The same for pages: every page of the table that their router is built from.

use std::collections::BTreeMap;

use tiers::service::authority::{Authority, Rules};
use tiers::web::Portal;
use tiers_protocol::wire::Role;

use super::network::{Stage, missing};
use super::{Cells, Operation, ROLES, SIDED, holes, is_public, may};
use crate::exchange::Deal;
use crate::harness::server::Server;
use crate::portal::{Shown, Visitor};

/// The pages as they are routed.
fn routed(stage: &Stage) -> Vec<Operation> {
    let portal = Portal::new("http://localhost:1", None, true).unwrap();
    let table = tiers::web::pages(portal, stage.server().certifier());
    let operation = |one: &tiers::api::Operation| Operation {
        method: one.method.to_owned(),
        path: one.path.to_owned(),
        query: Vec::new(),
        json: false,
    };
    let mut found: Vec<_> = table.operations().iter().map(operation).collect();
    found.sort_by_key(|one| (one.rank(), one.clone()));
    found
}

/// The address with its files named; what is left in braces are objects.
fn address(operation: &Operation) -> String {
    let file = match &*operation.path {
        "/portal/own/{file}" => "{own_count}.json",
        "/portal/register/{file}" => "register.json",
        "/portal/releases/{release}/{file}" => "report.csv",
        "/portal/exchanges/{exchange}/invoices/{seller}/{file}" => "ubl.xml",
        other => {
            assert!(!other.contains("{file}"), "which file of {other}?");
            ""
        }
    };
    operation.path.replace("{file}", file)
}

/// Fields that let a form be read as far as its object.
fn fields(operation: &Operation) -> &'static str {
    match &*operation.path {
        "/portal/people/{person}/again" => "name=Anne",
        "/portal/deposits/{deposit}/delete" => "reason=x",
        "/portal/programmes/{programme}/declaration" => "size=300&region=",
        "/portal/programmes/{programme}/own" => "month=2025-04",
        "/portal/programmes/{programme}/partners" => "party=pty_AAAAAAAAAAAAAAAAAAAAAA&size=300",
        "/portal/programmes/{programme}/reports" => "month=2025-06",
        "/portal/programmes/{programme}/approval" => {
            "digest=CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk"
        }
        "/portal/requests/{request}" => "step=identity&reasons=x",
        "/portal/exchanges/{exchange}/value" => "euros=1",
        // These need no field.
        "/portal/people/{person}/revoke"
        | "/portal/notices/{notice}/acknowledge"
        | "/portal/batches/{batch}/hand-over"
        | "/portal/batches/{batch}/informed" => "",
        path => {
            let open = holes(path).is_empty() || operation.method == "GET";
            assert!(open, "no fields are known for {path}");
            ""
        }
    }
}

fn fill(text: &str, ids: &BTreeMap<String, String>) -> String {
    ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
}

fn ask(visitor: &Visitor, operation: &Operation, path: &str) -> Shown {
    if operation.method == "GET" {
        visitor.get(path)
    } else {
        visitor.send(path, fields(operation))
    }
}

/// What a page says, but for the ids in it.
fn said(shown: &Shown, ids: &BTreeMap<String, String>) -> (u16, String) {
    let plain = ids.values().fold(shown.text.clone(), |text, id| text.replace(id, "ID"));
    (shown.status, plain)
}

fn check(stage: &Stage, authority: &Authority, operations: &[Operation]) -> (Cells, Vec<String>) {
    let mut cells = Cells::default();
    let mut tried = Vec::new();
    let nobody = Visitor::new(stage.server());
    let entered = |role: &Role| Visitor::entered(stage.server(), stage.client(*role), "Anne");
    let visitors: Vec<_> = ROLES.iter().map(entered).collect();
    let outside = |role: &Role| {
        let client = stage.outsider(*role)?;
        Some(Visitor::entered(stage.server(), client, "Anne"))
    };
    let outsiders: Vec<_> = ROLES.iter().map(outside).collect();
    let closed = operations.iter().filter(|one| !is_public(authority, &one.name()));
    let here = |one: &&Operation| stage.knows(&holes(&address(one)));
    for operation in closed.filter(here) {
        let (name, path) = (operation.name(), address(operation));
        let objects = holes(&path);
        tried.push(name.clone());
        let none: BTreeMap<_, _> = objects.iter().map(|one| (one.clone(), missing(one))).collect();
        let theirs: BTreeMap<_, _> =
            objects.iter().map(|one| (one.clone(), stage.anyones(one))).collect();
        for path in [fill(&path, &none), fill(&path, &theirs)] {
            if operation.method == "GET" {
                let shown = nobody.get(&path);
                let right = (shown.status, &*shown.location) == (303, "/sign-in");
                cells.hold(right, || format!("{name} as nobody: {}", shown.status));
            } else {
                let status = nobody.post(&path, "csrf=x").status;
                cells.hold(status == 401, || format!("{name} as nobody: {status}"));
            }
            cells.refused += 1;
        }
        for ((role, visitor), outsider) in ROLES.iter().zip(&visitors).zip(&outsiders) {
            if !may(authority, *role, &name) {
                for path in [fill(&path, &none), fill(&path, &theirs)] {
                    let shown = ask(visitor, operation, &path);
                    cells.refused += 1;
                    cells.hold(shown.status == 403, || {
                        format!("{name} as {role:?}: {}", shown.status)
                    });
                }
                continue;
            }
            if objects.is_empty() {
                continue;
            }
            let nothing = ask(visitor, operation, &fill(&path, &none));
            cells.missing += 1;
            cells.hold(nothing.status == 404, || {
                format!("{name} as {role:?}, not there: {}", nothing.status)
            });
            // Officers have no outsiders; people are of one side for them too.
            let (asking, ids) = match (outsider, stage.others(*role, &objects)) {
                (Some(outsider), Some((_, ids))) => (outsider, ids),
                (None, Some((_, ids))) => (visitor, ids),
                (_, None) => continue,
            };
            let other = said(&ask(asking, operation, &fill(&path, &ids)), &ids);
            let nothing = said(&ask(asking, operation, &fill(&path, &none)), &none);
            cells.other += 1;
            cells.hold(other.0 == 404 && other == nothing, || {
                format!("{name} as {role:?}, another's {} and none {}", other.0, nothing.0)
            });
        }
    }
    for operation in operations.iter().filter(|one| tried.contains(&one.name())) {
        let (name, path) = (operation.name(), address(operation));
        // Whoever signs out has no session for what comes after.
        if operation.path == "/sign-out" {
            continue;
        }
        for (role, visitor) in ROLES.iter().zip(&visitors) {
            if !may(authority, *role, &name) {
                continue;
            }
            cells.own += 1;
            let ids = match stage.own(*role, &holes(&path)) {
                Ok((_, ids)) => ids,
                Err(lacking) => {
                    cells.hold(false, || format!("{name} as {role:?}: no {lacking} of its own"));
                    continue;
                }
            };
            let shown = ask(visitor, operation, &fill(&path, &ids));
            let api = name.replace("/portal/", "/v1/");
            let sided = SIDED.contains(&(&*api, *role));
            let right = (shown.status == 403) == sided && ![401, 404, 500].contains(&shown.status);
            cells.hold(right, || format!("{name} as {role:?}, its own: {}", shown.status));
        }
    }
    (cells, tried)
}

#[test]
fn gov_10_every_page_is_for_its_roles_and_for_objects_of_ones_own() {
    let authority = Authority::of(&Rules::default()).unwrap();
    let stages =
        [Stage::programmes_on(Server::start_with_pages()), Stage::choices_of(Deal::with_pages())];
    let operations = routed(&stages[0]);
    let (mut all, mut tried) = (Cells::default(), Vec::new());
    for stage in &stages {
        let (cells, here) = check(stage, &authority, &operations);
        all.add(cells);
        tried.extend(here);
    }
    let closed = operations.iter().map(Operation::name).filter(|one| !is_public(&authority, one));
    let left: Vec<_> = closed.filter(|name| !tried.contains(name)).collect();
    assert!(left.is_empty(), "no object is known for {left:?}");
    all.told(&format!("{} pages", operations.len()));
    let Cells { refused, other, missing, own, .. } = all;
    assert!(operations.len() >= 60 && refused > 300 && other > 40 && missing > 40 && own > 140);
}

/// Every page that is routed has a name in the policies, and no page is named that is not routed.
#[test]
fn the_policies_name_the_pages_that_there_are() {
    let authority = Authority::of(&Rules::default()).unwrap();
    let server = Server::start();
    let portal = Portal::new("http://localhost:1", None, true).unwrap();
    let pages = tiers::web::pages(portal, server.certifier());
    let api = tiers::api::operations(server.certifier());
    let routed: std::collections::BTreeSet<_> = pages
        .operations()
        .iter()
        .chain(&api)
        .map(|one| format!("{} {}", one.method, one.path))
        .collect();
    assert_eq!(routed.len(), pages.operations().len() + api.len(), "no operation twice");
    let named: std::collections::BTreeSet<_> = authority.operations().map(str::to_owned).collect();
    let unnamed: Vec<_> = routed.difference(&named).collect();
    assert!(unnamed.is_empty(), "without a name in authorization.cedarschema: {unnamed:?}");
    let unrouted: Vec<_> = named.difference(&routed).collect();
    assert!(unrouted.is_empty(), "named and not routed: {unrouted:?}");
}
