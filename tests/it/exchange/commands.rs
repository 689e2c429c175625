//! The whole exchange as people type it: every step by the command line, on files as dealers have them.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tiers_contact::Kind;
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::NewEvent;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::System;
use tiers_protocol::party::PartySecret;
use tiers_protocol::rights_key::RightsKey;
use tiers_protocol::wire::PersonToken;

use super::{Deal, address};
use crate::consent::event;
use crate::harness::roles::Company;

/// A folder from which commands are run.
pub(super) struct Desk {
    folder: TempDir,
    url: String,
}

impl Desk {
    /// An empty one, before the certifier of a market.
    pub(super) fn of(deal: &Deal) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: deal.market.server.url().to_owned() }
    }

    /// Where the certifier is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn secret(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file =
            OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    pub(super) fn keys(&self, name: &str, secret: &PartySecret) {
        self.secret(&format!("{name}/party.key"), &secret.to_file());
        let public = serde_json::to_vec(&secret.public()).unwrap();
        fs::write(self.path(name).join("party.pub"), public).unwrap();
    }

    pub(super) fn credentials(&self, name: &str, company: &Company, role: &str) {
        let text = json!({
            "format": "tiers-credentials/1", "actor": company.actor, "role": role,
            "party": company.id, "api_key": company.client.key(),
        });
        self.secret(name, &text.to_string());
    }

    /// Runs `tiers exchange` with `--json`; exit code and what it said.
    fn run(&self, words: &str) -> (i32, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tiers"));
        command.args(["--json", "exchange"]).args(words.split_whitespace());
        let done = command.current_dir(self.folder.path()).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let said = text.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let said: Value = said.unwrap_or_else(|| panic!("{words}: {text}"));
        let code = done.status.code().unwrap();
        (code, if code == 0 { said } else { said["error"].clone() })
    }

    /// Runs it at the certifier, as somebody.
    pub(super) fn at(&self, words: &str, who: &str) -> Value {
        let (code, json) = self.called(words, who);
        assert_eq!(code, 0, "{words}: {json}");
        json
    }

    pub(super) fn called(&self, words: &str, who: &str) -> (i32, Value) {
        self.run(&format!("{words} --to {} --credentials {who}.json", self.url))
    }
}

pub(super) fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(ToOwned::to_owned).collect()
}

/// So many persons agree, under a rights key.
fn agree(deal: &Deal, key: &RightsKey, persons: usize) {
    let (form, at) = (deal.market.web_form(), deal.now() - 3_600);
    let tokeniser = key.tokeniser();
    let given = |n: usize| {
        let token = Bytes::new(*tokeniser.token(Kind::Email, &address(n)).as_bytes());
        let tokens = vec![PersonToken { kind: Kind::Email, token }];
        NewEvent { tokens: tokens.clone(), ..event(&tokens, at, State::Given) }
    };
    let events: Vec<NewEvent> = (0..persons).map(given).collect();
    for part in events.chunks(200) {
        deal.market.record(form, part.to_vec());
    }
}

fn customers(persons: usize, column: &str) -> String {
    let mut text = format!("Email;Prénom;Nom;Ville;Date de collecte;{column};Preuve\n");
    for n in 0..persons {
        text.push_str(&format!("{};Ada;SECRETNAME{n};Brest;01/08/2025;{n};SCAN-{n}\n", address(n)));
    }
    text
}

/// The officer of the brand draws a sample, looks at it, and gives the verdict.
fn review(desk: &Desk, batch: &str) {
    let with = |key: &str, more: &str| {
        format!("review {batch} --officer-key {key} --party-pub brand/party.pub {more}")
    };
    let other = desk.called(&with("brand", "--out other.csv"), "brand");
    assert_eq!((other.0, &other.1["code"]), (1, &json!("exchange.other_key")));
    let drawn = desk.at(&with("brand-officer", "--out sample.csv"), "brand");
    assert_eq!(drawn["drawn"], json!(30));
    let rows = lines(&desk.path("sample.csv"));
    assert_eq!(rows.len(), 31);
    for row in &rows[1..] {
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells[6], format!("SCAN-{}", cells[0]));
        assert!(cells[1].starts_with("rec_") && cells[7].is_empty());
    }
    let give = with("brand-officer", "--verdicts sample.csv");
    let unfilled = desk.called(&give, "brand");
    assert_eq!((unfilled.0, &unfilled.1["code"]), (1, &json!("review.verdict")));
    let filled: Vec<String> = rows.iter().map(|row| format!("{row}proven")).collect();
    fs::write(desk.path("sample.csv"), filled.join("\n")).unwrap();
    let given = desk.at(&give, "brand");
    assert_eq!(given["batch"]["state"], json!("reviewed"));
    assert_eq!((&given["proven"], &given["unproven"]), (&json!(30), &json!(0)));
}

#[test]
fn exc_11_exc_19_what_is_typed_passes_the_agreed_fields_and_no_other() {
    let deal = Deal::new();
    let desk = Desk::of(&deal);
    let (dealer, brand) = (&deal.market.dealer, &deal.market.brand);
    let key = RightsKey::generate(&mut System);
    desk.secret("rights.key", &key.to_file());
    desk.keys("dealer", &dealer.secret);
    desk.keys("brand", &brand.secret);
    desk.keys("dealer-signs", &deal.signatories[0]);
    desk.keys("brand-signs", &deal.signatories[1]);
    desk.keys("brand-officer", &deal.officers[1]);
    desk.credentials("dealer.json", dealer, "partner");
    desk.credentials("brand.json", brand, "principal");
    fs::write(desk.path("trust.json"), serde_json::to_vec(&deal.market.server.trust()).unwrap())
        .unwrap();
    let (code, _) =
        desk.run("template --own dealer/party.pub --other brand/party.pub --out template.json");
    assert_eq!(code, 0);
    let (code, refused) = desk.called("propose template.json --party-key dealer", "dealer");
    assert_eq!((code, &refused["code"]), (1, &json!("cli.not_a")), "it is to be filled in first");
    let draft = deal.draft();
    fs::write(desk.path("agreement.json"), draft.to_string()).unwrap();
    let exchange = draft["exchange"].as_str().unwrap().to_owned();
    desk.at("propose agreement.json --party-key dealer", "dealer");
    let print = dealer.secret.public().fingerprint();
    let wrong = brand.secret.public().fingerprint();
    let accept = |print| format!("accept {exchange} --party-key brand --fingerprint {print}");
    assert_eq!(desk.called(&accept(wrong), "brand").1["code"], json!("cli.fingerprint"));
    desk.at(&accept(print), "brand");
    desk.at(&format!("approve {exchange} --key dealer-signs"), "dealer");
    let party_key = desk.called(&format!("approve {exchange} --key brand"), "brand");
    assert_eq!(party_key.1["code"], json!("exchange.other_key"));
    desk.at(&format!("approve {exchange} --key brand-signs"), "brand");
    agree(&deal, &key, 1_205);
    let send = |file: &str, out: &str, more: &str| {
        format!(
            "send {file} --exchange {exchange} --channel email --rights-key rights.key \
             --party-key dealer --out {out} {more}"
        )
    };
    fs::write(desk.path("religion.csv"), customers(1_210, "Religion")).unwrap();
    let refused = desk.called(&send("religion.csv", "none", ""), "dealer");
    assert_eq!((refused.0, &refused.1["code"]), (1, &json!("exchange.special_category")));
    fs::write(desk.path("few.csv"), customers(999, "Points")).unwrap();
    let refused = desk.called(&send("few.csv", "none", ""), "dealer");
    assert_eq!((refused.0, &refused.1["code"]), (1, &json!("batch.too_few")));
    assert!(!desk.path("none").exists());
    let mut file = customers(1_210, "Points");
    file.push_str(";Ada;SECRETNAME;Brest;01/08/2025;1;SCAN\n");
    file.push_str(&format!("{};Ada;TWICE;Brest;01/08/2025;1;SCAN\n", address(3)));
    file.push_str(&format!("{};Ada;UNSHOWN;Brest;01/08/2025;1;\n", address(2_000)));
    fs::write(desk.path("customers.csv"), file).unwrap();
    let preview = desk.at(&send("customers.csv", "batch", "--preview"), "dealer");
    assert_eq!((&preview["records"], &preview["sent"]), (&json!(1_210), &json!(false)));
    let shown = lines(&desk.path("batch/preview.csv"));
    assert_eq!(shown[0], "row,email,first_name,collected,evidence");
    assert_eq!(shown[1], format!("1,{},Ada,2025-08-01,SCAN-0", address(0)));
    assert!(shown.iter().all(|line| !line.contains("SECRETNAME")));
    let left_out = lines(&desk.path("batch/left-out.csv"));
    assert_eq!(left_out, ["row,code", "1211,no_contact", "1212,duplicate", "1213,no_evidence"]);
    let sent = desk.at(&send("customers.csv", "batch", ""), "dealer");
    assert_eq!(sent["batch"]["state"], json!("received"));
    let batch = sent["batch"]["batch"].as_str().unwrap();
    let early = desk.called(&format!("hand-over {batch}"), "dealer");
    assert_eq!((early.0, &early.1["code"]), (1, &json!("batch.unreviewed")));
    review(&desk, batch);
    let handed = desk.at(&format!("hand-over {batch}"), "dealer");
    assert_eq!(handed["batch"]["lots"], json!(1));
    // Ten of them the brand has already.
    fs::write(desk.path("known.csv"), customers(10, "Points")).unwrap();
    let open = format!("open {batch} --party-key brand --out contacts.csv --known known.csv");
    let thief = desk.called(&open.replace("brand", "dealer"), "brand");
    assert_eq!(thief.1["code"], json!("exchange.other_key"));
    let opened = desk.at(&open, "brand");
    let counts = ["written", "dropped", "held_back"].map(|name| opened[name].as_u64().unwrap());
    assert_eq!(counts, [1_195, 10, 5]);
    let rows = lines(&desk.path("contacts.csv"));
    let heading = "position,email,first_name,source,collected,basis,consent_record,notice_url,\
                   rights_contact,evidence";
    assert_eq!(rows[0], heading);
    assert_eq!(rows.len(), 1_196);
    let fields: Vec<&str> = rows[1].split(',').collect();
    assert_eq!(fields[..6], ["10", &address(10), "Ada", "Société 1", "2025-08-01", "consent"]);
    assert!(fields[6].starts_with("rec_"));
    assert_eq!(fields[7..9], ["https://company.example/donnees", "droits@company.example"]);
    // The proof of any record came with it, for the officer alone.
    let shown = |key: &str| format!("evidence {batch} 10 --in contacts.csv --officer-key {key}");
    let proof = desk.at(&shown("brand-officer"), "brand");
    assert_eq!(proof["evidence"]["reference"], json!("SCAN-10"));
    let refused = desk.called(&shown("brand"), "brand");
    assert_eq!((refused.0, &refused.1["code"]), (1, &json!("batch.other_recipient")));
    let proof = format!("proof {batch} 10 --trust trust.json --out proof.json");
    assert_eq!(desk.at(&proof, "brand")["decision"]["record"], json!(fields[6]));
    desk.at(&format!("informed {batch}"), "brand");
    desk.at(&format!("close {exchange} --value-cents 100000"), "dealer");
    desk.at(&format!("close {exchange} --value-cents 120000"), "brand");
    desk.at(&format!("invoices {exchange} --out invoices"), "dealer");
    assert_eq!(fs::read_dir(desk.path("invoices")).unwrap().count(), 8);
    let shown = desk.at(&format!("show {exchange}"), "brand");
    assert_eq!(shown["exchange"]["info"]["state"], json!("closed"));
    assert_eq!(desk.at("list", "dealer")["exchanges"].as_array().unwrap().len(), 1);
}
