//! The command line over the real binary and the machine's clock: what a dealer types from the key to the
//! letter; and kills, after which every event is there once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tiers::time::{Clock as _, SystemClock};
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::{ConsentHistory, FormInfo, NewConsents};
use tiers_protocol::entropy::System;
use tiers_protocol::party::PartySecret;
use tiers_protocol::wire::{Credentials, PersonToken, Role};

use super::{BRAND, DEALER, event, form, person};
use crate::harness::client::Client;
use crate::harness::ledger::{HttpLedger, verified};
use crate::harness::roles::{Operator, company, siren};
use crate::harness::server::Server;
use crate::harness::{Dice, full};

/// A desk: a folder with credentials, and a certifier in a process of its own.
pub struct Desk {
    /// The certifier.
    pub server: Server,
    folder: tempfile::TempDir,
    /// The dealer's calls.
    pub dealer: Client,
}

impl Desk {
    /// Two companies, with credentials and keys.
    pub fn open() -> Self {
        let (server, folder) = (Server::process(), tempfile::tempdir().unwrap());
        let operator = Operator::first(&server);
        let mut dealer = None;
        for (role, number, name) in
            [(Role::Partner, DEALER, "dealer"), (Role::Principal, BRAND, "brand")]
        {
            let secret = PartySecret::generate(&mut System);
            let answer = operator.0.post("/v1/parties", &company(role, number, None, &secret));
            secretly(&folder.path().join(format!("{name}.json")), &answer.ok().bytes);
            fs::create_dir(folder.path().join(name)).unwrap();
            let key = folder.path().join(name).join("party.key");
            secretly(&key, secret.to_file().as_bytes());
            let issued: Credentials = answer.json();
            if dealer.is_none() {
                dealer = Some(Client::new(server.url(), Some(issued.api_key)));
            }
        }
        Self { server, folder, dealer: dealer.unwrap() }
    }

    /// A file of the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file for its owner only.
    pub fn write(&self, name: &str, text: &str) {
        secretly(&self.path(name), text.as_bytes());
    }

    /// Runs a command as the dealer; the answer is its exit code and its JSON.
    pub fn run(&self, words: &str) -> (i32, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiers"));
        command.current_dir(self.folder.path()).arg("--json").args(words.split(' '));
        let done = command.output().unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        let whole = format!("{out}{}", String::from_utf8_lossy(&done.stderr));
        for secret in ["ada@example.com", "0612345678", "+33612345678"] {
            assert!(!whole.contains(secret), "{words} says whom it is about");
        }
        (done.status.code().unwrap(), serde_json::from_str(&out).unwrap_or(Value::Null))
    }

    /// The same, at the certifier.
    pub fn remote(&self, words: &str) -> (i32, Value) {
        self.run(&format!("{words} --to {} --credentials dealer.json", self.server.url()))
    }
}

fn secretly(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_dealer_works_from_the_key_to_the_letter() {
    let desk = Desk::open();
    desk.write("form.json", &form("web_form").to_string());
    desk.write("ada.txt", "ada@example.com\n06 12 34 56 78\n");
    assert_eq!(desk.run("consent key new --out rights.key").0, 0);
    assert_eq!(desk.run("consent form template --out empty.json").0, 0);
    let (code, published) = desk.remote("consent form publish form.json");
    assert_eq!(code, 0, "{published}");
    let form = published["form"].as_str().unwrap().to_owned();
    // Three rows: one proven, one whose box was never ticked, one that names nobody.
    let digest = "ab".repeat(32);
    desk.write("shared.json", &json!({"kind": "form", "version": "1"}).to_string());
    desk.write(
        "salon.csv",
        &format!(
            "E-mail;T\u{e9}l\u{e9}phone;date;screenshot;terminal;ticked;purpose\n\
             ada@example.com;06 12 34 56 78;01/03/2026;{digest};{digest};oui;transmission\n\
             eve@example.com;;2026-03-01;{digest};{digest};non;transmission\n\
             nc;;2026-03-01;{digest};{digest};oui;transmission\n\
             bob@example.com;;2026-03-01;{digest};{digest};oui;matching\n"
        ),
    );
    let import = format!(
        "consent import salon.csv --form {form} --key rights.key --evidence shared.json --links"
    );
    let (code, imported) = desk.remote(&format!("{import} links.csv"));
    assert_eq!(code, 0, "{imported}");
    let counts = [&imported["events"], &imported["quarantined"], &imported["rejects"]];
    assert_eq!(counts, [&json!(2), &json!(1), &json!(2)]);
    assert_eq!(imported["codes"], json!({"evidence.box": 1}));
    // Begun again from the start, nothing is recorded twice.
    assert_eq!(desk.remote(&format!("{import} again.csv")).0, 0);
    let links = fs::read_to_string(desk.path("links.csv")).unwrap();
    assert_eq!(links, fs::read_to_string(desk.path("again.csv")).unwrap());
    let decide = format!(
        "consent decide --key rights.key --contact ada.txt --sender {} --recipient {} \
         --purpose transmission --channel email",
        siren(DEALER),
        siren(BRAND)
    );
    let decision = |desk: &Desk| desk.remote(&decide).1["decision"].clone();
    assert_eq!(decision(&desk)["allowed"], true);
    let record = decision(&desk)["record"].as_str().unwrap().to_owned();
    assert_eq!(desk.remote(&format!("consent receipt {record} --out receipt.json")).0, 0);
    assert_eq!(desk.remote(&format!("consent export {record} --out kantara.json")).0, 0);
    let (code, answer) = desk.remote(
        "subject access --contact ada.txt --key rights.key --out answer.json --letter letter.txt",
    );
    assert_eq!((code, &answer["finding"]), (0, &json!("held")), "{answer}");
    let letter = fs::read_to_string(desk.path("letter.txt")).unwrap();
    assert!(letter.contains("CNIL") && letter.contains(&siren(BRAND)));
    // The person follows the link of the first row.
    let link = links.lines().nth(1).unwrap().strip_prefix("1,").unwrap();
    let path = link.strip_prefix(desk.server.url()).unwrap();
    desk.server.anonymous().send("POST", path, &[], b"").ok();
    assert_eq!(decision(&desk)["why"], "withdrawn");
    let (_, shown) = desk.remote("consent show --key rights.key --contact ada.txt --reason letter");
    assert_eq!(shown["history"]["events"].as_array().unwrap().len(), 2);
    assert_eq!(desk.remote("subject object --contact ada.txt --key rights.key --out no.json").0, 0);
    assert_eq!(decision(&desk)["why"], "opposed");
    let (code, told) = desk.remote("consent notices");
    assert_eq!(code, 0);
    assert!(!told["notices"].as_array().unwrap().is_empty());
    // A key of a programme is none of these.
    assert_eq!(desk.run("programme key new --out programme.key").0, 0);
    let (code, refused) = desk.remote(&decide.replace("rights.key", "programme.key"));
    assert_eq!((code, &refused["error"]["code"]), (1, &json!("rights_key.damaged")));
}

/// A file of as many rows, `of` in the address; the row `wrong` says what has yet to come.
fn long_file(rows: usize, of: &str, wrong: Option<usize>) -> String {
    let (mut file, digest) =
        (String::from("email;date;screenshot;terminal;ticked\n"), "ab".repeat(32));
    for row in 1..=rows {
        let day = if wrong == Some(row) { "2199-01-01" } else { "2026-03-01" };
        file.push_str(&format!("{of}{row}@example.com;{day};{digest};{digest};oui\n"));
    }
    file
}

#[test]
fn a_long_file_is_imported_in_batches_side_by_side_and_its_links_stand_in_its_order() {
    let desk = Desk::open();
    let form: FormInfo = desk.dealer.post("/v1/forms", &form("web_form")).json();
    assert_eq!(desk.run("consent key new --out rights.key").0, 0);
    let shared = json!({"kind": "form", "version": "1"});
    desk.write("shared.json", &shared.to_string());
    let batch = tiers::limits::CONSENT_EVENTS;
    let rows = 3 * batch + 5;
    let import = format!("--form {} --key rights.key --evidence shared.json --links", form.form);
    desk.write("long.csv", &long_file(rows, "p", None));
    let (code, imported) = desk.remote(&format!("consent import long.csv {import} links.csv"));
    assert_eq!(code, 0, "{imported}");
    let counts = [&imported["events"], &imported["batches"], &imported["quarantined"]];
    assert_eq!(counts, [&json!(rows), &json!(4), &json!(0)]);
    let links = fs::read_to_string(desk.path("links.csv")).unwrap();
    let links: Vec<(usize, &str)> = links
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(row, link)| (row.parse().unwrap(), link))
        .collect();
    assert!(links.iter().map(|(row, _)| *row).eq(1..=rows));
    // The link of a row takes back what that row says, and nothing of its neighbours.
    let row = 2 * batch + 1;
    let path = links[row - 1].1.strip_prefix(desk.server.url()).unwrap();
    desk.server.anonymous().send("POST", path, &[], b"").ok();
    for (of, withdrawn) in [(row - 1, false), (row, true), (row + 1, false)] {
        desk.write("one.txt", &format!("p{of}@example.com\n"));
        let (_, decided) = desk.remote(&format!(
            "consent decide --key rights.key --contact one.txt --sender {} --recipient {} \
             --purpose transmission --channel email",
            siren(DEALER),
            siren(BRAND)
        ));
        assert_eq!(decided["decision"]["allowed"], !withdrawn, "{of}: {decided}");
    }
    // A batch that is refused ends the import, however much is left of the file, and writes no links.
    desk.write("wrong.csv", &long_file(6 * batch, "q", Some(batch + 10)));
    let (code, refused) = desk.remote(&format!("consent import wrong.csv {import} none.csv"));
    assert_eq!((code, &refused["error"]["code"]), (1, &json!("consent.events")), "{refused}");
    assert!(!desk.path("none.csv").exists());
}

/// Sends batches until the certifier is gone; what it acknowledged is what comes back.
fn send_until_killed(client: &Client, batches: &[NewConsents]) -> usize {
    let mut acknowledged = 0;
    for batch in batches {
        let body = serde_json::to_vec(batch).unwrap();
        let json = [("content-type", "application/json")];
        match client.try_send("POST", "/v1/consents", &json, &body) {
            Ok(answer) if answer.status == 201 => acknowledged += 1,
            _ => break,
        }
    }
    acknowledged
}

#[test]
fn killed_at_any_moment_every_event_is_there_once() {
    let mut desk = Desk::open();
    let form: FormInfo = desk.dealer.post("/v1/forms", &form("web_form")).json();
    let now = SystemClock.now().seconds();
    let mut dice = Dice(7);
    let rounds = if full() { 30 } else { 3 };
    for round in 0..rounds {
        let people: Vec<_> =
            (0..12).map(|n| person(&format!("k{round}x{n}@example.com"))).collect();
        let batches: Vec<NewConsents> = people
            .chunks(2)
            .map(|two| NewConsents {
                form: form.form,
                events: two.iter().map(|of| event(of, now, State::Given)).collect(),
            })
            .collect();
        let acknowledged = std::thread::scope(|scope| {
            let sending = scope.spawn(|| send_until_killed(&desk.dealer, &batches));
            std::thread::sleep(Duration::from_millis(dice.below(120)));
            desk.server.child().signal("KILL");
            sending.join().unwrap()
        });
        desk.server = desk.server.restart();
        desk.dealer = desk.dealer.at(desk.server.url());
        let events = |of: &Vec<PersonToken>| -> usize {
            let query = json!({"tokens": of, "reason": "control"});
            let seen: ConsentHistory = desk.dealer.post("/v1/consents/history", &query).json();
            seen.events.len()
        };
        for of in people.iter().take(2 * acknowledged) {
            assert_eq!(events(of), 1, "what was acknowledged is there");
        }
        // The whole file again, from its start.
        assert_eq!(send_until_killed(&desk.dealer, &batches), batches.len());
        for of in &people {
            assert_eq!(events(of), 1, "round {round}");
        }
    }
    let trust = desk.server.trust();
    let source = desk.server.anonymous();
    let (_, entries) = verified(&HttpLedger(&source), &trust);
    assert!(entries.len() > 6 * rounds);
}
