//! The command line from outside: the real binary, its exit codes, what it prints and what it
//! leaves. What commands decide is tested beside the code that decides it; here stands the contract
//! of `docs/command-line.md`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

#[path = "cli/client.rs"]
mod client;
#[path = "cli/erase.rs"]
mod erase;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/keyring.rs"]
mod keyring;
#[path = "cli/operations.rs"]
mod operations;
#[path = "cli/reading.rs"]
mod reading;

/// Runs the binary in a directory.
fn tiers(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tiers"))
        .args(words)
        .current_dir(dir)
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Runs a command that must succeed and returns its JSON.
fn done(dir: &Path, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let output = tiers(dir, &words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    json(&output)
}

/// Runs a command that must be refused with exit code 1 and returns the refusal's code.
fn refused(dir: &Path, words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let output = tiers(dir, &words);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {}", stdout(&output));
    assert!(!output.stderr.is_empty(), "people are told as well");
    json(&output)["error"]["code"].as_str().expect("a code").to_owned()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/network")
}

/// A directory with an unregistered programme, its key and a party's keys.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let campaigns = samples().join("campaigns.csv");
    let campaigns = campaigns.to_str().unwrap();
    let dir = home.path();
    done(dir, &["programme", "new", "--sample", "--campaigns", campaigns, "--out", "p.json"]);
    done(dir, &["programme", "key", "new", "--out", "p.key"]);
    done(dir, &["party", "key", "new", "--out", "keys"]);
    home
}

const PREPARE: [&str; 5] = ["prepare", "--programme", "p.json", "--key", "p.key"];

fn prepare<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    PREPARE.iter().copied().chain(rest.iter().copied()).collect()
}

#[test]
fn the_demonstration_tells_the_whole_story() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path();
    let output = tiers(dir, &["demo", "--once"]);
    let told = stdout(&output);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for needed in ["conversions", "hidden", "left", "budget", "the ledger holds", "Where to look"] {
        assert!(told.contains(needed), "`{needed}` is not told");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 100), "a line is too long");
    assert!(!told.contains('\u{1b}'), "no colours without a terminal");
    let out = dir.join("demo-out");
    for name in ["report.json", "certificate.json", "certificate.html", "trust.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert_eq!(fs::read_dir(out.join("deposits")).unwrap().count(), 15);

    // What it leaves can be checked by anybody, and only as it is.
    done(dir, &["certificate", "verify", "demo-out/certificate.json"]);
    let trust = ["--trust", "demo-out/trust.json"];
    let verified = done(dir, &["ledger", "verify", "demo-out/ledger", trust[0], trust[1]]);
    assert_eq!(verified["pinned"], true);
    let report = fs::read(out.join("report.json")).unwrap();
    fs::write(out.join("report.json"), [&report[..], b"\n"].concat()).unwrap();
    let forged = refused(dir, &["certificate", "verify", "demo-out/certificate.json"]);
    assert_eq!(forged, "certificate.report");

    // It replaces what it made and nothing else; scripts get one object.
    let again = done(dir, &["demo", "--once"]);
    assert!(again["cells_shown"].as_u64().unwrap() >= 10);
    fs::remove_file(out.join(".tiers-demo")).unwrap();
    assert_eq!(refused(dir, &["demo", "--once"]), "cli.not_ours");
}

#[test]
fn every_sample_is_prepared_and_no_contact_is_printed() {
    let home = home();
    let dir = home.path();
    let mut files: Vec<PathBuf> = fs::read_dir(samples())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("dealer_"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 14);
    let names: Vec<&str> = files.iter().map(|path| path.to_str().unwrap()).collect();
    let words = prepare(&["--kind", "sales", "--out", "all"]);
    let words: Vec<&str> = words.into_iter().chain(names).collect();
    let answer = done(dir, &words);
    assert_eq!(answer["deposits"].as_array().unwrap().len(), 14);
    let said = tiers(dir, &[&words[..], &["--force"]].concat());
    let told = [said.stdout, said.stderr].concat();
    let told = String::from_utf8(told).unwrap();
    assert!(!told.contains('@'), "an e-mail address was printed");

    for deposit in answer["deposits"].as_array().unwrap() {
        let at = dir.join(deposit["dir"].as_str().unwrap());
        let preview = fs::read_to_string(at.join("preview.csv")).unwrap();
        let lines = deposit["lines"].as_u64().unwrap();
        assert_eq!(preview.lines().count() as u64, lines + 1);
        assert!(!preview.contains('@'));
        let rows = fs::read_to_string(at.join("rows.csv")).unwrap();
        assert_eq!(rows.lines().count() as u64, deposit["rows"].as_u64().unwrap() + 1);
        let rejects = fs::read_to_string(at.join("rejects.csv")).unwrap();
        assert_eq!(rejects.lines().count() as u64, deposit["rejects"].as_u64().unwrap() + 1);
        for file in fs::read_dir(&at).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(!at.join("body.sealed").exists(), "nothing to seal to before registration");
    }
}

#[test]
fn preparing_refuses_with_a_code_and_leaves_nothing() {
    let home = home();
    let dir = home.path();
    let sales = samples().join("dealer_14.csv");
    let sales = sales.to_str().unwrap();
    fs::write(dir.join("empty.csv"), "").unwrap();
    fs::create_dir(dir.join("taken")).unwrap();
    fs::write(dir.join("taken/mine.txt"), "x").unwrap();
    fs::write(dir.join("bad.key"), fs::read(dir.join("p.key")).unwrap()).unwrap();

    let sales_to = |out| prepare(&["--kind", "sales", "--out", out, sales]);
    assert_eq!(
        refused(dir, &prepare(&["--kind", "sales", "--out", "o", "empty.csv"])),
        "file.empty"
    );
    assert_eq!(refused(dir, &prepare(&["--kind", "sales", "--out", "o", "none.csv"])), "cli.read");
    assert_eq!(refused(dir, &sales_to("taken")), "cli.exists");
    let forced: Vec<&str> = sales_to("taken").into_iter().chain(["--force"]).collect();
    assert_eq!(refused(dir, &forced), "cli.not_ours");
    let exposed = ["prepare", "--programme", "p.json", "--key", "bad.key"];
    let exposed = [&exposed[..], &["--kind", "sales", "--out", "o", sales]].concat();
    assert_eq!(refused(dir, &exposed), "cli.exposed");
    let leads = prepare(&["--kind", "leads", "--out", "o", sales]);
    assert_eq!(refused(dir, &leads), "file.headings_missing");
    let left: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "o"), "{left:?}");
    assert!(!left.iter().any(|name| name.to_str().unwrap().starts_with('.')), "{left:?}");

    done(dir, &sales_to("one"));
    assert_eq!(refused(dir, &sales_to("one")), "cli.exists");
    let again: Vec<&str> = sales_to("one").into_iter().chain(["--force"]).collect();
    done(dir, &again);
}

#[test]
fn a_key_of_another_programme_is_refused() {
    let home = home();
    let dir = home.path();
    done(dir, &["programme", "key", "new", "--out", "other.key"]);
    let id = done(dir, &["programme", "key", "show", "p.key"])["key_id"].clone();
    let mut programme: Value =
        serde_json::from_slice(&fs::read(dir.join("p.json")).unwrap()).unwrap();
    programme["key_id"] = id;
    fs::write(dir.join("p.json"), programme.to_string()).unwrap();
    let sales = samples().join("dealer_14.csv");
    let words = |key| {
        let words = ["prepare", "--programme", "p.json", "--kind", "sales", "--out", "o", "--key"];
        [&words[..], &[key, sales.to_str().unwrap()]].concat()
    };
    assert_eq!(refused(dir, &words("other.key")), "programme_key.other");
    done(dir, &words("p.key"));
}

#[test]
fn keys_and_credentials_are_never_printed() {
    let home = home();
    let dir = home.path();
    let secret = |path: &str| {
        let text = fs::read_to_string(dir.join(path)).unwrap();
        text.split_whitespace().nth(1).unwrap().to_owned()
    };
    let (programme, party) = (secret("p.key"), secret("keys/party.key"));
    for words in [
        &["programme", "key", "show", "p.key"][..],
        &["party", "show", "keys"],
        &["programme", "show", "p.json"],
    ] {
        for flag in [&[][..], &["--json"]] {
            let output = tiers(dir, &[words, flag].concat());
            let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!told.contains(&programme) && !told.contains(&party), "{words:?}");
        }
    }
}

#[test]
fn wrong_usage_exits_with_two() {
    let home = tempfile::tempdir().expect("a directory");
    for words in [
        &[][..],
        &["nonsense"],
        &["prepare"],
        &["prepare", "x", "--kind", "buyers"],
        &["party", "add", "--fingerprint", "1234"],
        &["report", "request", "--period", "2024-13"],
        &["serve", "--listen", "0.0.0.0:0"],
        &["programme", "new", "--out", "p.json"],
    ] {
        assert_eq!(tiers(home.path(), words).status.code(), Some(2), "{words:?}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "and nothing was made");
}

#[test]
fn every_command_explains_itself() {
    let home = tempfile::tempdir().expect("a directory");
    let mut waiting: Vec<Vec<String>> = vec![vec![]];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let output = tiers(home.path(), &words);
        assert!(output.status.success(), "{words:?}");
        let help = stdout(&output);
        assert!(help.lines().next().is_some_and(|line| !line.trim().is_empty()), "{words:?}");
        seen += 1;
        let Some((_, list)) = help.split_once("Commands:\n") else { continue };
        for line in list.lines().take_while(|line| line.starts_with("  ")) {
            let Some(name) = line.strip_prefix("  ").and_then(|l| l.split_whitespace().next())
            else {
                continue;
            };
            // Lines that continue a text begin with more blanks than a name.
            if name != "help" && !line.starts_with("   ") {
                waiting.push(command.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
    }
    assert!(seen > 30, "only {seen} commands were found");
}

#[test]
fn a_certifier_is_made_beside_its_keyring_and_only_once() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path();
    done(dir, &["init", "certifier"]);
    for (path, mode) in [("certifier.keyring", 0o700), ("certifier.operator.json", 0o600)] {
        let meta = fs::metadata(dir.join(path)).expect("made");
        assert_eq!(meta.permissions().mode() & 0o777, mode, "{path}");
    }
    assert_eq!(refused(dir, &["init", "certifier"]), "cli.exists");
    assert_eq!(refused(dir, &["init", "inner", "--keyring", "inner/keys"]), "keyring.inside_data");
    assert!(!dir.join("inner").exists());
    fs::set_permissions(dir.join("certifier.keyring"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(refused(dir, &["serve", "--dir", "certifier"]), "keyring.permissions");
}
