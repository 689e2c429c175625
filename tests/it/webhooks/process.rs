//! The real program: killed between a call and its record, and its own words, from adding a webhook to checking what
//! came.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tiers::time::{Clock as _, SystemClock};
use tiers_protocol::consent::State;
use tiers_protocol::webhook::DeliveryInfo;

use super::receiver::{Receiver, Reply};
use super::{added, deliveries, is_signed};
use crate::consent::{Market, event, person};
use crate::harness::client::Client;
use crate::harness::server::Server;

const OWN: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn tell_brand(market: &Market) {
    let (form, ada, now) = (market.web_form(), person("ada@example.com"), SystemClock.now());
    market.record(form, vec![event(&ada, now.seconds() - 60, State::Given)]);
    market.record(form, vec![event(&ada, now.seconds() - 1, State::Withdrawn)]);
}

#[test]
fn a_kill_between_call_and_record_sends_again_under_the_same_id_and_then_never() {
    let mut market = Market::over(Server::process_with(&OWN));
    let id = market.server.child().id();
    let kill = move || {
        let killed = Command::new("sh").args(["-c", &format!("kill -s KILL {id}")]).status();
        assert!(killed.unwrap().success());
    };
    let receiver = Receiver::new([Reply::After(Box::new(kill))]);
    let hook = added(&market.brand.client, &receiver);
    tell_brand(&market);
    until("the first call", || receiver.got().len() == 1);
    let mut brand = market.brand.client.clone();
    for _ in 0..2 {
        market.server = market.server.restart_with(&OWN);
        brand = brand.at(market.server.url());
        until("it is recorded", || deliveries(&brand, &hook)[0].state.as_str() == "delivered");
    }
    // The second restart, and a few looks at what is due, sent nothing more.
    thread::sleep(Duration::from_secs(3));
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(got[0].body, got[1].body);
    let key = hook.keys[0].key.to_string();
    assert!(got.iter().all(|one| is_signed(one, &key)), "the key outlives the process");
}

fn credentials(folder: &Path, client: &Client, market: &Market) {
    let text = json!({
        "format": "tiers-credentials/1", "actor": client.caller(&market.server).actor,
        "role": "principal", "party": market.brand.id, "api_key": client.key(),
    });
    let path = folder.join("brand.json");
    std::fs::write(&path, text.to_string()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// `tiers webhook` with these words; exit code and what it said.
fn words(folder: &Path, words: &[&str]) -> (i32, Value) {
    let done = Command::new(env!("CARGO_BIN_EXE_tiers"))
        .args(["--json", "webhook"])
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
    (done.status.code().unwrap(), said)
}

#[test]
fn the_command_line_adds_tries_rotates_sends_again_checks_and_removes() {
    let market = super::market();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    credentials(dir, &market.brand.client, &market);
    let running = market.server.certifier().begin_delivering();
    let receiver = Receiver::new([Reply::Status(500)]);
    let remote = ["--to", market.server.url(), "--credentials", "brand.json"];
    let run = |these: &[&str]| words(dir, &[these, &remote].concat());
    assert_eq!(run(&["add", "https://hooks.example", "--kinds", "gossip"]).0, 2);
    let (code, refused) = run(&["add", "https://10.0.0.1/"]);
    assert_eq!((code, &refused["error"]["code"]), (1, &json!("webhook.address")));
    let (code, made) = run(&["add", &receiver.url(), "--kinds", "consent.ended,person.objected"]);
    assert_eq!(code, 0, "{made}");
    let hook = made["webhook"]["webhook"].as_str().unwrap().to_owned();
    assert_eq!(made["webhook"]["kinds"], json!(["consent.ended", "person.objected"]));
    let (code, tried) = run(&["test", &hook]);
    assert_eq!((code, &tried["delivery"]["last_status"]), (1, &json!(500)));
    let (code, tried) = run(&["test", &hook]);
    assert_eq!((code, &tried["delivery"]["state"]), (0, &json!("delivered")), "{tried}");
    let (code, rotated) = run(&["rotate", &hook]);
    assert_eq!((code, rotated["webhook"]["keys"].as_array().unwrap().len()), (0, 2));
    super::tell_brand(&market, "ada@example.com");
    until("the notice", || receiver.got().len() == 3);
    let (_, all) = run(&["deliveries", &hook]);
    let newest: DeliveryInfo = serde_json::from_value(all["deliveries"][0].clone()).unwrap();
    let message = newest.delivery.to_string();
    assert_eq!(run(&["resend", &hook, &message]).0, 0);
    until("the notice again", || receiver.got().len() == 4);
    assert_eq!(run(&["resend", &hook]).0, 2, "which one?");
    assert_eq!(run(&["resend", &hook, "--failed"]).1["resent"], json!([]));
    assert_eq!(run(&["list"]).1["webhooks"][0]["webhook"], json!(hook));
    assert_eq!(run(&["remove", &hook]).0, 0);
    assert_eq!(run(&["list"]).1["webhooks"], json!([]));
    running.stop();
    // What came is checked on the receiver's machine. The test's clock is not that machine's: it is an old message.
    let got = receiver.got().pop().unwrap();
    std::fs::write(dir.join("body.json"), &got.body).unwrap();
    let key = rotated["webhook"]["keys"][1]["key"].as_str().unwrap();
    let check = |key: &str, at: &str, signature: &str| {
        let id = got.header("webhook-id");
        let of = ["--id", id, "--timestamp", at, "--signature", signature, "--key", key];
        let (code, said) = words(dir, &[&["verify", "body.json"], &of[..]].concat());
        (code, said["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let signature = got.header("webhook-signature");
    let old = check(key, got.header("webhook-timestamp"), signature);
    assert_eq!(old, (1, "webhook.verify.old".to_owned()));
    let now = SystemClock.now().seconds().to_string();
    assert_eq!(check(key, &now, signature), (1, "webhook.verify.signature".to_owned()));
    assert_eq!(check("whpk_AAAA", &now, signature).0, 2);
    // Signed now, it holds: with the secret of the test in place of the certifier's.
    let seed = zeroize::Zeroizing::new([5; 32]);
    let secret = tiers_protocol::sign::SigningSecret::from_seed(&seed);
    let at = SystemClock.now().seconds();
    let signed = tiers_protocol::webhook::sign(&[secret], got.header("webhook-id"), at, &got.body);
    let key = tiers_protocol::sign::SigningSecret::from_seed(&seed);
    let key = tiers_protocol::webhook::HookKey::of(&key).to_string();
    assert_eq!(check(&key, &at.to_string(), &signed), (0, String::new()));
}
