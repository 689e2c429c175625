//! Unusual use of a certifier: synthetic anomalies become alerts, which somebody has to close.

use std::process::Command;

use serde_json::{Value, json};
use tiers::journal::unusual;
use tiers::service::Dependencies;
use tiers_protocol::dossier::NewSearch;
use tiers_protocol::tlog::EntryType;

use crate::harness::client::Client;
use crate::harness::world::{MONTH, World};

fn alerts(client: &Client) -> Vec<Value> {
    client.get("/v1/alerts").json()
}

fn open(world: &World) -> Vec<(String, Option<String>)> {
    let open = alerts(&world.operator.0).into_iter().filter(|alert| alert["finding"].is_null());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    open.map(|alert| (text(&alert["sign"]).unwrap(), text(&alert["account"]))).collect()
}

fn search(client: &Client) {
    let new = NewSearch { reason: "control".to_owned(), limit: Some(1), ..NewSearch::default() };
    client.post("/v1/searches", &new).ok();
}

/// A world on a Monday at two o'clock in Paris.
fn at_work() -> World {
    use tiers::time::Clock as _;
    let world = World::new();
    assert_eq!(tiers::consent::legal_hour(world.server.clock().now()), 14);
    world
}

#[test]
fn log_09_a_mass_export_is_an_alert_with_a_ticket_that_another_person_closes() {
    let world = at_work();
    let officer = &world.officer;
    for _ in 1..unusual::READINGS {
        search(&officer.client);
    }
    assert_eq!(open(&world), []);
    search(&officer.client);
    let actor = Some(officer.actor.to_string());
    assert_eq!(open(&world), [("unusual.reading".to_owned(), actor)]);
    for _ in 0..10 {
        search(&officer.client);
    }
    let all = alerts(&officer.client);
    assert_eq!(all.len(), 1, "one a day");
    assert_eq!(all[0]["times"], unusual::READINGS);
    // It is an act, a line of the journal, and a figure.
    let (_, entries) = world.ledger();
    let found = entries.iter().filter(|e| e.entry_type() == EntryType::UnusualFound).count();
    assert_eq!(found, 1);
    let figure = || world.server.certifier().figures().unwrap().alerts_open();
    assert_eq!(figure(), 1);
    let folder = world.server.layout().journal();
    let text: String = tiers::journal::list(&folder)
        .unwrap()
        .iter()
        .map(|name| std::fs::read_to_string(folder.join(name.to_string())).unwrap())
        .collect();
    assert_eq!(text.matches("\"operation\":\"unusual.found\"").count(), 1);
    // Closed with what it was, not by whom it is about, and once.
    let path = format!("/v1/alerts/{}", all[0]["alert"].as_str().unwrap());
    let close = |client: &Client, finding: &str| {
        client.post(&path, &json!({ "finding": finding })).outcome()
    };
    assert_eq!(close(&officer.client, "mine"), (403, "alert.own".to_owned()));
    assert_eq!(close(&world.operator.0, " "), (422, "acts.reason".to_owned()));
    assert_eq!(close(&world.principal.client, "x").0, 403);
    assert_eq!(close(&world.operator.0, "export for control 7").0, 200);
    assert_eq!(close(&world.operator.0, "again"), (409, "alert.closed".to_owned()));
    assert_eq!(open(&world), []);
    assert_eq!(figure(), 0);
    // It is told once a day, also by a certifier that was started again.
    let world = world.reopen(Dependencies::default());
    for _ in 0..unusual::READINGS {
        search(&world.officer.client);
    }
    assert_eq!(alerts(&world.operator.0).len(), 1);
    // It goes with the journal, and its entries commit to what nobody knows any more.
    world.server.clock().advance_days(364);
    world.server.certifier().keep_journal().unwrap();
    assert_eq!(alerts(&world.operator.0).len(), 1);
    world.server.clock().advance_days(3);
    world.server.certifier().keep_journal().unwrap();
    assert_eq!(alerts(&world.operator.0).len(), 0);
}

#[test]
fn log_09_what_was_counted_before_a_restart_counts_after_it() {
    let mut world = at_work();
    let officer = Some(world.officer.actor.to_string());
    let half = unusual::READINGS / 2;
    for _ in 0..half {
        search(&world.officer.client);
    }
    for _ in 0..unusual::REFUSALS - 1 {
        assert_eq!(world.partners[0].client.get("/v1/acts?reason=x").status, 403);
    }
    let strangers = unusual::WRONG_KEYS - 1;
    for _ in 0..strangers {
        assert_eq!(world.server.anonymous().get("/v1/deposits").status, 401);
    }
    world = world.reopen(Dependencies::default());
    assert_eq!(open(&world), [], "counting again finds nothing new");
    for _ in half..unusual::READINGS - 1 {
        search(&world.officer.client);
    }
    assert_eq!(open(&world), []);
    search(&world.officer.client);
    assert_eq!(world.partners[0].client.get("/v1/acts?reason=x").status, 403);
    assert_eq!(world.server.anonymous().get("/v1/deposits").status, 401);
    let dealer = Some(world.partners[0].actor.to_string());
    let refusals = "unusual.refusals".to_owned();
    let mut found = open(&world);
    found.sort();
    let expected =
        [("unusual.reading".to_owned(), officer), (refusals.clone(), None), (refusals, dealer)];
    assert_eq!(found, expected);
    // Told once, whatever is counted again; and after an hour nothing is left to count.
    let world = world.reopen(Dependencies::default());
    assert_eq!(open(&world).len(), 3);
    world.server.clock().advance_seconds(3_601);
    let world = world.reopen(Dependencies::default());
    search(&world.officer.client);
    assert_eq!(open(&world).len(), 3);
}

#[test]
fn log_09_repeated_failures_spent_budgets_and_work_by_night_are_alerts() {
    let world = at_work();
    let one = &world.partners[0];
    for _ in 0..unusual::REFUSALS {
        assert_eq!(one.client.get("/v1/acts?reason=x").status, 403);
    }
    assert_eq!(open(&world), [("unusual.refusals".to_owned(), Some(one.actor.to_string()))]);
    let stranger = world.server.anonymous();
    for _ in 0..unusual::WRONG_KEYS {
        assert_eq!(stranger.get("/v1/deposits").status, 401);
    }
    assert!(open(&world).contains(&("unusual.refusals".to_owned(), None)));
    // A month whose budget is spent, asked for again and again.
    world.stock();
    for n in 0..8_u32 {
        // Other sales make the same month another question.
        let sale = |k| crate::harness::people::Sale {
            person: crate::harness::people::Person(k),
            day: "2025-06-20",
            euros: 9_000,
        };
        let sales: Vec<_> = (7_000 + 40 * n..7_030 + 40 * n).map(sale).collect();
        world.partners[0].deposit(&world.sales(0, &sales)).ok();
        let asked = world.principal.request(&world.programme.id, MONTH);
        assert!(matches!(asked.status, 200 | 201 | 429), "{:?}", asked.outcome());
    }
    let budget = ("unusual.budget".to_owned(), Some(world.principal.actor.to_string()));
    assert!(open(&world).contains(&budget), "{:?}", open(&world));
    // Nothing was unusual about the hours; at night the same look at acts is.
    assert!(!open(&world).iter().any(|(sign, _)| sign == "unusual.hours"));
    world.officer.client.get("/v1/acts?reason=control").ok();
    assert!(!open(&world).iter().any(|(sign, _)| sign == "unusual.hours"));
    world.server.clock().advance_seconds(13 * 3_600);
    world.officer.client.get("/v1/acts?reason=control").ok();
    let night = ("unusual.hours".to_owned(), Some(world.officer.actor.to_string()));
    assert!(open(&world).contains(&night));
}

#[test]
fn the_command_lists_alerts_fails_while_one_is_open_and_closes_it() {
    let world = at_work();
    for _ in 0..unusual::REFUSALS {
        world.partners[0].client.get("/v1/acts?reason=x");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("operator.json");
    let keys = json!({
        "format": "tiers-credentials/1", "actor": world.officer.actor, "role": "officer",
        "api_key": world.officer.client.key(),
    });
    std::fs::write(&file, keys.to_string()).unwrap();
    let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, owner).unwrap();
    let run = |words: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .arg("--json")
            .args(words)
            .args(["--to", world.server.url(), "--credentials", file.to_str().unwrap()])
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
        (done.status.code().unwrap(), said)
    };
    let (code, said) = run(&["officer", "alerts"]);
    assert_eq!((code, &said["open"]), (1, &json!(1)), "{said}");
    let alert = said["alerts"][0]["alert"].as_str().unwrap().to_owned();
    let (code, said) = run(&["officer", "close-alert", &alert, "--finding", "an old script"]);
    assert_eq!((code, &said["alert"]["finding"]), (0, &json!("an old script")));
    assert_eq!(run(&["officer", "alerts"]).0, 0);
    assert_eq!(run(&["officer", "close-alert", &alert, "--finding", "again"]).0, 1);
}
