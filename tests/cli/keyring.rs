//! `tiers keyring`: every way in which a keyring is unlocked, and that nothing of it is ever printed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use super::{done, json, refused, tiers};

const WORDS: &str = "sept mots pris vraiment par hasard dans une liste";

fn secret(dir: &Path, name: &str, text: &str) {
    fs::write(dir.join(name), text).unwrap();
    fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600)).unwrap();
}

fn show(dir: &Path, with: &[&str]) -> serde_json::Value {
    let words = [&["keyring", "show", "--dir", "c"], with].concat();
    done(dir, &words)
}

fn code(output: &Output) -> String {
    json(output)["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_passphrase_in_a_file_opens_what_it_sealed() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    secret(dir, "words", &format!("{WORDS}\n"));
    secret(dir, "wrong", "sept autres mots pris par hasard dans une autre liste\n");
    secret(dir, "short", "court\n");
    let short = ["init", "c", "--seal-passphrase-file", "short"];
    assert_eq!(refused(dir, &short), "keyring.weak_passphrase");
    fs::remove_file(dir.join("c.operator.json")).ok();
    let made = done(dir, &["init", "c", "--seal-passphrase-file", "words"]);
    assert_eq!(made["sealed_by"], "passphrase");
    let shown = show(dir, &["--passphrase-file", "words"]);
    assert_eq!((&shown["sealed_by"], &shown["links"]), (&made["sealed_by"], &1.into()));
    assert_eq!(shown["fingerprints"], made["fingerprints"]);
    let wrong = ["keyring", "show", "--dir", "c", "--passphrase-file", "wrong"];
    assert_eq!(refused(dir, &wrong), "keyring.wrong_key");
    // Nobody can be asked, neither here nor at the start of the certifier.
    for words in
        [&["keyring", "show", "--dir", "c", "--json"][..], &["serve", "--dir", "c", "--json"]]
    {
        let output = tiers(dir, words);
        assert_eq!((output.status.code(), &*code(&output)), (Some(2), "cli.usage"));
    }
    let wrong = ["serve", "--dir", "c", "--passphrase-file", "wrong"];
    assert_eq!(refused(dir, &wrong), "keyring.wrong_key");
    fs::set_permissions(dir.join("words"), fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = ["keyring", "show", "--dir", "c", "--passphrase-file", "words"];
    assert_eq!(refused(dir, &exposed), "cli.exposed");
}

#[test]
fn a_key_comes_from_a_file_a_command_or_the_service_manager() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    done(dir, &["keyring", "key", "--out", "unlock"]);
    let key = fs::read_to_string(dir.join("unlock")).unwrap();
    let mode = fs::metadata(dir.join("unlock")).unwrap().permissions().mode();
    assert_eq!((key.trim().len(), mode & 0o777), (43, 0o600));
    assert_eq!(refused(dir, &["keyring", "key", "--out", "unlock"]), "cli.exists");
    done(dir, &["init", "c", "--seal-command", "cat unlock"]);
    for with in [["--unlock-key", "unlock"], ["--unlock-command", "cat unlock"]] {
        assert_eq!(show(dir, &with)["sealed_by"], "key");
    }
    let with = |words: &[&str]| refused(dir, &[&["keyring", "show", "--dir", "c"], words].concat());
    assert_eq!(with(&[]), "keyring.locked");
    assert_eq!(with(&["--unlock-command", "cat unlock; false"]), "keyring.unlock_command");
    assert_eq!(with(&["--unlock-command", "echo AAAA"]), "keyring.not_a_key");
    done(dir, &["keyring", "key", "--out", "other"]);
    assert_eq!(with(&["--unlock-key", "other"]), "keyring.wrong_key");
    // As systemd hands it over: readable by the service, whatever the mode says.
    let credentials = dir.join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("tiers-keyring"), &key).unwrap();
    let by_credential = || {
        Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["keyring", "show", "--dir", "c", "--json"])
            .env("CREDENTIALS_DIRECTORY", &credentials)
            .current_dir(dir)
            .output()
            .unwrap()
    };
    assert_eq!(json(&by_credential())["sealed_by"], "key");
    // A credential may hold the passphrase as well.
    secret(dir, "words", WORDS);
    let seal = ["--unlock-key", "unlock", "--seal-passphrase-file", "words"];
    done(dir, &[&["keyring", "seal", "--dir", "c"], &seal[..]].concat());
    assert_eq!(code(&by_credential()), "keyring.wrong_key");
    fs::write(credentials.join("tiers-keyring"), WORDS).unwrap();
    assert_eq!(json(&by_credential())["sealed_by"], "passphrase");
    // One that is not there is none; one that cannot be looked at is told as that.
    fs::remove_dir_all(&credentials).unwrap();
    assert_eq!(code(&by_credential()), "cli.usage");
    fs::write(&credentials, "no folder").unwrap();
    assert_eq!(code(&by_credential()), "cli.read");
}

#[test]
fn without_a_terminal_an_unsealed_keyring_is_said_to_be_one() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    let loud = tiers(dir, &["init", "c", "--json"]);
    assert!(loud.status.success() && json(&loud)["sealed_by"] == "nothing");
    assert!(String::from_utf8_lossy(&loud.stderr).contains("not sealed"));
    let quiet = tiers(dir, &["init", "d", "--unsealed", "--json"]);
    assert!(quiet.status.success() && quiet.stderr.is_empty());
    // A passphrase that nobody asked for is a mistake that must be seen.
    secret(dir, "words", WORDS);
    let given = ["keyring", "show", "--dir", "c", "--passphrase-file", "words"];
    assert_eq!(refused(dir, &given), "keyring.wrong_key");
    let unsaid = tiers(dir, &["keyring", "seal", "--dir", "c", "--json"]);
    assert_eq!(unsaid.status.code(), Some(2));
    done(dir, &["keyring", "seal", "--dir", "c", "--seal-passphrase-file", "words"]);
    assert_eq!(show(dir, &["--passphrase-file", "words"])["sealed_by"], "passphrase");
}

#[test]
fn keys_rotate_and_no_output_ever_holds_one() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    done(dir, &["init", "c", "--unsealed"]);
    for (what, number) in [("--disk", 2), ("--chain", 2), ("--disk", 3)] {
        let made = done(dir, &["keyring", "rotate", what, "--now", "--dir", "c"]);
        assert_eq!((made["number"].as_u64(), &made["done"]), (Some(number), &true.into()));
    }
    let waiting = done(dir, &["keyring", "rotate", "--chain", "--dir", "c"]);
    assert_eq!((waiting["number"].as_u64(), &waiting["done"]), (Some(3), &false.into()));
    let shown = tiers(dir, &["keyring", "show", "--dir", "c", "--json"]);
    assert_eq!(json(&shown)["links"], 3);
    assert_eq!(json(&shown)["disk_keys"], serde_json::json!([3]), "old masters are dropped");
    for neither in
        [&["keyring", "rotate", "--dir", "c"][..], &["keyring", "rotate", "--chain", "--disk"]]
    {
        assert_eq!(tiers(dir, neither).status.code(), Some(2));
    }
    let file = fs::read_to_string(dir.join("c.keyring/keyring.json")).unwrap();
    let text = tiers(dir, &["keyring", "show", "--dir", "c"]);
    let said = [&shown.stdout[..], &shown.stderr, &text.stdout, &text.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let mut secrets = 0;
    for part in file.split('"').filter(|part| part.len() == 43) {
        assert!(!said.contains(part));
        secrets += 1;
    }
    assert!(secrets >= 10, "only {secrets} secrets were looked for");
}
