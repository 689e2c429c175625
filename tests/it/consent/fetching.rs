//! The company's side of public forms, over the real binary: what was sent is opened, recorded and forgotten;
//! what was not confirmed waits; and kills, after which every choice is there once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tiers::time::{Clock as _, SystemClock};
use tiers_protocol::consent::wire::{CollectionInfo, ConsentHistory};
use tiers_protocol::consent::{Submission, SubmissionFormat};
use tiers_protocol::entropy::System;
use tiers_protocol::ids::SubmissionId;
use tiers_protocol::rights_key::{RightsKey, person_tokens};

use super::commands::Desk;
use super::{BRAND, DEALER, form};
use crate::harness::roles::siren;
use crate::harness::{Dice, full};

/// A desk with a page of one form.
fn desk(method: &str) -> (Desk, CollectionInfo) {
    let desk = Desk::open();
    desk.write("form.json", &form(method).to_string());
    assert_eq!(desk.run("consent key new --out rights.key").0, 0);
    let (_, published) = desk.remote("consent form publish form.json");
    let form = published["form"].as_str().unwrap().to_owned();
    let (code, opened) = desk.remote(&format!("consent form open {form} --quota 500"));
    assert_eq!(code, 0, "{opened}");
    assert!(opened["address"].as_str().unwrap().contains("/consent/f/col_"));
    let id = opened["collection"].as_str().unwrap();
    let page = desk.server.anonymous().get(&format!("/v1/collections/{id}")).json();
    (desk, page)
}

/// Somebody types an address on the page.
fn submit(desk: &Desk, page: &CollectionInfo, address: &str) -> SubmissionId {
    let typed = Submission {
        format: SubmissionFormat::V1,
        at: SystemClock.now().seconds(),
        email: Some(address.to_owned()),
        phone: None,
        name: None,
        choices: vec![page.document.choices[0].form],
    };
    let (id, sealed) = typed.seal((&page.collection, &page.document), &mut System).unwrap();
    let path = format!("/v1/collections/{}/submissions/{id}", page.collection);
    let octets = [("content-type", "application/octet-stream")];
    desk.server.anonymous().send("PUT", &path, &octets, &sealed).ok();
    id
}

fn fetch(page: &CollectionInfo, more: &str) -> String {
    let page = page.collection;
    format!("consent form fetch {page} --party-key dealer --key rights.key --dir answers{more}")
}

/// What is known of an address.
fn history(desk: &Desk, address: &str) -> ConsentHistory {
    let key = RightsKey::from_file(&fs::read_to_string(desk.path("rights.key")).unwrap()).unwrap();
    let tokens = person_tokens(&key.tokeniser(), address, "");
    desk.dealer.post("/v1/consents/history", &json!({ "tokens": tokens, "reason": "test" })).json()
}

#[test]
fn what_was_sent_is_previewed_recorded_once_and_forgotten() {
    let (desk, page) = desk("web_form");
    let id = submit(&desk, &page, "Ada@Example.com");
    let garbage = SubmissionId::from_bytes([9; 16]);
    let path = format!("/v1/collections/{}/submissions/{garbage}", page.collection);
    let bytes = [1; tiers_protocol::consent::SEALED_BYTES];
    desk.server.anonymous().send("PUT", &path, &[], &bytes).ok();
    // A look changes nothing.
    for _ in 0..2 {
        let (code, seen) = desk.remote(&fetch(&page, ""));
        assert_eq!(code, 0, "{seen}");
        assert_eq!((&seen["opened"], &seen["events"]), (&json!(1), &json!(0)));
        assert_eq!(seen["rejects"], json!({ "submission.sealed": 1 }));
    }
    assert!(history(&desk, "ada@example.com").events.is_empty());
    let contacts = desk.path("answers/preview/contacts.csv");
    assert_eq!(fs::metadata(&contacts).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&contacts).unwrap();
    assert!(text.contains(&format!("{id},")) && text.contains(",ada@example.com,"), "{text}");
    let rejects = fs::read_to_string(desk.path("answers/preview/rejects.csv")).unwrap();
    assert!(rejects.contains(&format!("{garbage},submission.sealed,AQEB")), "{rejects}");
    // Recorded, with evidence of which page it was; then forgotten.
    let (code, sent) = desk.remote(&fetch(&page, " --send"));
    assert_eq!(code, 0, "{sent}");
    assert_eq!((&sent["events"], &sent["quarantined"]), (&json!(1), &json!({})));
    let events = history(&desk, "ada@example.com").events;
    assert!(events.len() == 1 && events[0].proven);
    let whole = desk.dealer.get(&format!("/v1/consents/{}", events[0].record));
    let whole: Value = whole.json();
    let shown = &whole["receipt"]["record"]["events"][0]["evidence"]["submission"];
    let expected = json!({ "collection": page.collection, "page": page.digest, "id": id });
    assert_eq!(shown, &expected, "{whole}");
    let (_, again) = desk.remote(&fetch(&page, " --send"));
    assert_eq!((&again["opened"], &again["events"]), (&json!(0), &json!(0)));
    let (_, listed) = desk.remote("consent form list");
    assert_eq!(listed["collections"][0]["waiting"], 0);
    // The link that the party hands on takes it back.
    let folder = fs::read_dir(desk.path("answers/sent")).unwrap().next().unwrap().unwrap().path();
    let links = fs::read_to_string(folder.join("links.csv")).unwrap();
    let link = links.lines().nth(1).unwrap().rsplit(',').next().unwrap();
    let path = link.strip_prefix(desk.server.url()).unwrap();
    desk.server.anonymous().send("POST", path, &[], b"").ok();
    desk.write("ada.txt", "ada@example.com\n");
    let decide = format!(
        "consent decide --key rights.key --contact ada.txt --sender {} --recipient {} \
         --purpose transmission --channel email",
        siren(DEALER),
        siren(BRAND)
    );
    assert_eq!(desk.remote(&decide).1["decision"]["why"], "withdrawn");
    // A closed page and another's key are said plainly.
    let (code, closed) = desk.remote(&format!("consent form close {}", page.collection));
    assert!(code == 0 && closed["closed_at"].is_string(), "{closed}");
    assert_eq!(desk.run("party key new --out other").0, 0);
    let foreign = fetch(&page, "").replace("--party-key dealer", "--party-key other");
    assert_eq!(desk.remote(&foreign).1["error"]["code"], "collection.key");
}

#[test]
fn what_was_not_confirmed_waits_and_permits_nothing() {
    let (desk, page) = desk("double_opt_in");
    let ada = submit(&desk, &page, "ada@example.com");
    submit(&desk, &page, "eve@example.com");
    let (_, seen) = desk.remote(&fetch(&page, ""));
    assert_eq!((&seen["opened"], &seen["unconfirmed"]), (&json!(2), &json!(2)));
    let (_, held) = desk.remote(&fetch(&page, " --send"));
    assert_eq!((&held["events"], &held["unconfirmed"]), (&json!(0), &json!(2)));
    let at = jiff::Timestamp::from_second(SystemClock.now().seconds()).unwrap();
    desk.write("confirmed.csv", &format!("submission,confirmed_at\n{ada},{at}\n"));
    let (code, sent) = desk.remote(&fetch(&page, " --confirmed confirmed.csv --send"));
    assert_eq!(code, 0, "{sent}");
    assert_eq!((&sent["events"], &sent["unconfirmed"]), (&json!(1), &json!(1)));
    assert_eq!(sent["quarantined"], json!({}));
    assert!(history(&desk, "ada@example.com").events[0].proven);
    assert!(history(&desk, "eve@example.com").events.is_empty());
    let (_, listed) = desk.remote("consent form list");
    assert_eq!(listed["collections"][0]["waiting"], 1);
    desk.write("confirmed.csv", "submission,confirmed_at\nsomebody,yesterday\n");
    let (_, refused) = desk.remote(&fetch(&page, " --confirmed confirmed.csv"));
    assert_eq!(refused["error"]["code"], "cli.not_a");
}

#[test]
fn killed_at_any_moment_every_choice_is_recorded_once() {
    let (desk, page) = desk("web_form");
    let mut dice = Dice(11);
    let rounds = if full() { 40 } else { 6 };
    let mut people = Vec::new();
    for round in 0..rounds {
        for n in 0..3 {
            people.push(format!("k{round}x{n}@example.com"));
            submit(&desk, &page, people.last().unwrap());
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .current_dir(desk.path(""))
            .args(fetch(&page, " --send").split(' '))
            .args(["--to", desk.server.url(), "--credentials", "dealer.json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(dice.below(150)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (code, last) = desk.remote(&fetch(&page, " --send"));
    assert_eq!(code, 0, "{last}");
    for address in &people {
        assert_eq!(history(&desk, address).events.len(), 1, "{address}");
    }
    // Every contact is in the party's files, once.
    let mut kept = String::new();
    for folder in fs::read_dir(desk.path("answers/sent")).unwrap() {
        kept += &fs::read_to_string(folder.unwrap().path().join("contacts.csv")).unwrap();
    }
    for address in &people {
        assert_eq!(kept.matches(&format!(",{address},")).count(), 1, "{address}");
    }
}
