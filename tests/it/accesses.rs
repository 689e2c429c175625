//! Accesses with a key: nothing makes anybody change one because time went by; a compromise and the leaving of
//! a colleague do, at once (SEC-03).

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use tiers_protocol::access::AccessInfo;
use tiers_protocol::ids::ActorId;
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{Credentials, Invitation, PersonInfo};

use crate::harness::client::{Answer, Client};
use crate::harness::world::World;

fn accesses(client: &Client) -> Vec<AccessInfo> {
    client.get("/v1/accesses").json()
}

fn change(client: &Client, account: &ActorId, what: &str, because: &str) -> Answer {
    client.post(&format!("/v1/accesses/{account}/{what}"), &json!({ "because": because }))
}

fn replaced(world: &World, by: &Client, account: &ActorId, because: &str) -> (Client, ActorId) {
    let issued: Credentials = change(by, account, "replacement", because).json();
    (Client::new(world.server.url(), Some(issued.api_key)), issued.actor)
}

fn account(world: &World, client: &Client) -> ActorId {
    client.caller(&world.server).actor
}

const DUE: (u16, &str) = (403, "access.change_due");

#[track_caller]
fn is_due(answer: &Answer) {
    assert_eq!(answer.outcome(), (DUE.0, DUE.1.to_owned()));
}

#[test]
fn sec_03_no_key_expires_however_long_it_is_used() {
    let world = World::new();
    world.server.clock().advance_days(20 * 366);
    for client in [&world.operator.0, &world.officer.client, &world.partners[0].client] {
        let own = account(&world, client);
        let mine = accesses(client);
        let mine = mine.iter().find(|one| one.account == own).unwrap();
        assert!(mine.ended_at.is_none() && mine.change_since.is_none());
    }
    let text = world.operator.0.get("/v1/accesses").bytes;
    assert!(!String::from_utf8(text).unwrap().contains("tiers_key_"), "no key is ever listed");
}

#[test]
fn sec_03_a_replaced_key_ends_at_once_and_everybody_changes_those_of_their_side_only() {
    let world = World::new();
    let (one, two) = (&world.partners[0].client, &world.partners[1].client);
    let (mine, theirs) = (account(&world, one), account(&world, two));
    assert_eq!(accesses(one).len(), 1);
    assert!(accesses(&world.operator.0).len() > 5);
    for what in ["replacement", "revocation", "flag"] {
        assert_eq!(change(one, &theirs, what, "wanted").outcome().0, 404, "{what}");
        assert_eq!(change(one, &mine, what, "bored").outcome().0, 400, "{what}");
    }
    let (new, account_of_new) = replaced(&world, one, &mine, "wanted");
    assert_eq!(one.get("/v1/deposits").outcome(), (401, "auth.unauthenticated".to_owned()));
    new.get("/v1/deposits").ok();
    assert_eq!(new.caller(&world.server).party, Some(world.partners[0].id));
    // The operator ends and replaces any, but not its own last one.
    change(&world.operator.0, &account_of_new, "revocation", "left").ok();
    assert_eq!(new.get("/v1/deposits").outcome().0, 401);
    let operator = account(&world, &world.operator.0);
    let last = change(&world.operator.0, &operator, "revocation", "wanted").outcome();
    assert_eq!(last, (409, "access.last".to_owned()));
    let gone = change(&world.operator.0, &account_of_new, "replacement", "left").outcome();
    assert_eq!(gone.0, 404, "what has ended is not taken up again");
    // All of it is in the ledger and in the journal.
    let (_, entries) = world.ledger();
    let ended = entries.iter().filter(|entry| entry.entry_type() == EntryType::KeyRevoked);
    let objects: Vec<&str> = ended.map(|entry| entry.object().as_str()).collect();
    assert_eq!(objects, [mine.to_string(), account_of_new.to_string()]);
    let folder = world.server.layout().journal();
    let names = tiers::journal::list(&folder).unwrap();
    let read = |name: &dyn ToString| std::fs::read_to_string(folder.join(name.to_string()));
    let text: String = names.iter().map(|name| read(name).unwrap()).collect();
    for what in ["replacement", "revocation"] {
        assert!(text.contains(&format!("POST /v1/accesses/{{account}}/{what}")), "{what}");
    }
}

#[test]
fn sec_03_a_compromise_forces_the_change_and_the_key_itself_does_not_make_it() {
    let world = World::new();
    let one = &world.partners[0].client;
    let mine = account(&world, one);
    change(&world.operator.0, &mine, "flag", "compromised").ok();
    is_due(&one.get("/v1/deposits"));
    is_due(&one.get("/v1/accesses"));
    // Whoever has it could be anybody.
    is_due(&change(one, &mine, "replacement", "wanted"));
    // A milder reason does not lift the graver one.
    change(&world.operator.0, &mine, "flag", "left").ok();
    is_due(&change(one, &mine, "replacement", "wanted"));
    let (new, _) = replaced(&world, &world.operator.0, &mine, "compromised");
    new.get("/v1/deposits").ok();
    assert_eq!(one.get("/v1/deposits").outcome().0, 401);
    // It survives a restart.
    let two = account(&world, &world.partners[1].client);
    change(&world.operator.0, &two, "flag", "compromised").ok();
    let world = world.reopen(tiers::service::Dependencies::default());
    is_due(&world.partners[1].client.get("/v1/deposits"));
}

#[test]
fn sec_03_when_a_colleague_leaves_who_knew_the_key_it_opens_nothing_but_its_replacement() {
    let world = World::new();
    let one = &world.partners[0].client;
    let mine = account(&world, one);
    let invite = |name: &str| -> ActorId {
        let invited: Invitation = one.post("/v1/invitations", &json!({ "name": name })).json();
        invited.actor
    };
    let (anne, bernard) = (invite("Anne"), invite("Bernard"));
    // Somebody who never knew it leaves: machines go on.
    let leave = |who: &ActorId, knew: bool| {
        one.send("POST", &format!("/v1/people/{who}/revocation?knew_keys={knew}"), &[], b"").ok();
    };
    leave(&anne, false);
    one.get("/v1/deposits").ok();
    leave(&bernard, true);
    is_due(&one.get("/v1/deposits"));
    is_due(&one.get("/v1/people"));
    is_due(&change(one, &mine, "flag", "wanted"));
    let all = accesses(&world.operator.0);
    let due: Vec<ActorId> =
        all.iter().filter(|one| one.change_since.is_some()).map(|one| one.account).collect();
    assert_eq!(due, [mine], "nobody else has to");
    let (new, _) = replaced(&world, one, &mine, "left");
    let people: Vec<PersonInfo> = new.get("/v1/people").json();
    assert!(people.iter().all(|person| person.revoked));
    // A key that is due replaces no other one.
    let operator = account(&world, &world.operator.0);
    change(&world.operator.0, &operator, "flag", "left").ok();
    let other = account(&world, &world.partners[1].client);
    is_due(&change(&world.operator.0, &other, "replacement", "wanted"));
    let (operator, _) = replaced(&world, &world.operator.0, &operator, "left");
    operator.get("/v1/parties").ok();
}

#[test]
fn sec_03_the_command_line_lists_flags_and_replaces() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let operator = &world.operator.0;
    let credentials = json!({
        "format": "tiers-credentials/1", "actor": account(&world, operator), "role": "operator",
        "party": null, "api_key": operator.key(),
    });
    std::fs::write(at("operator.json"), credentials.to_string()).unwrap();
    std::fs::set_permissions(at("operator.json"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let run = |words: &[&str]| {
        let remote = ["--to", world.server.url(), "--credentials", "operator.json", "--json"];
        let done = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["access"])
            .args(words)
            .args(remote)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&done.stdout).unwrap();
        (done.status.code().unwrap(), said)
    };
    let dealer = account(&world, &world.partners[0].client).to_string();
    let (code, listed) = run(&["list"]);
    assert_eq!(code, 0);
    let all = listed["accesses"].as_array().unwrap();
    assert!(all.iter().any(|one| one["account"] == *dealer));
    assert_eq!(run(&["flag", &dealer, "--because", "compromised"]).0, 0);
    assert_eq!(run(&["list"]).0, 1, "somebody has to act");
    let (code, done) = run(&["replace", &dealer, "--because", "compromised", "--out", "new.json"]);
    assert_eq!((code, &done["replaced"]), (0, &json!(dealer)));
    let made = std::fs::read(at("new.json")).unwrap();
    let made: Credentials = serde_json::from_slice(&made).unwrap();
    Client::new(world.server.url(), Some(made.api_key)).get("/v1/deposits").ok();
    assert_eq!(run(&["list"]).0, 0);
    let (code, refused) = run(&["revoke", &dealer, "--because", "left"]);
    assert_eq!((code, &refused["error"]["code"]), (1, &json!("object.not_found")));
    assert_eq!(run(&["revoke", &made.actor.to_string(), "--because", "left"]).0, 0);
}
