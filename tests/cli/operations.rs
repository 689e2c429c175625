//! What an operator types: `doctor`, `backup`, `restore`, completions and manual pages, on the real binary.

use std::collections::BTreeSet;

use super::*;

/// A certifier that nobody serves.
fn certifier() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    done(dir.path(), &["init", "certifier", "--origin", "certifier.example", "--unsealed"]);
    dir
}

/// Findings by what they are about; the whole health and the exit code first.
fn examined(dir: &Path) -> (String, i32, Vec<(String, String)>) {
    let output = tiers(dir, &["doctor", "--dir", "certifier", "--json"]);
    let said = json(&output);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = said["findings"].as_array().unwrap().iter();
    let findings = findings.map(|found| (text(&found["about"]), text(&found["health"]))).collect();
    (text(&said["health"]), output.status.code().unwrap(), findings)
}

fn health(findings: &[(String, String)], about: &str) -> String {
    let found = findings.iter().filter(|(name, _)| name == about);
    found.map(|(_, health)| health.clone()).collect::<Vec<_>>().join(" ")
}

#[test]
fn doctor_looks_at_everything_and_says_what_has_to_be_seen_to() {
    let folder = certifier();
    let dir = folder.path();
    let (_, code, findings) = examined(dir);
    assert_eq!(code, 0, "{findings:?}");
    for about in [
        "permissions",
        "schema",
        "database",
        "clock",
        "ledger",
        "policies",
        "terms",
        "webhooks",
        "tls",
        "journal",
    ] {
        assert_eq!(health(&findings, about), "good", "{about}");
    }
    for about in ["keyring", "witnesses", "backup"] {
        assert_eq!(health(&findings, about), "warning", "{about}");
    }
    let words = tiers(dir, &["doctor", "--dir", "certifier"]);
    assert!(stdout(&words).contains("rates.account_per_minute"));

    let bad = |about: &str| {
        let (whole, code, findings) = examined(dir);
        assert_eq!((whole.as_str(), code), ("bad", 1), "{about}: {findings:?}");
        assert!(health(&findings, about).contains("bad"), "{about}: {findings:?}");
    };
    let data = dir.join("certifier");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    bad("permissions");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    let checkpoint = data.join("ledger/checkpoint");
    let signed = fs::read(&checkpoint).unwrap();
    let mut changed = signed.clone();
    *changed.last_mut().unwrap() ^= 1;
    for wrong in [&changed[..], b""] {
        fs::write(&checkpoint, wrong).unwrap();
        bad("ledger");
    }
    fs::write(&checkpoint, &signed).unwrap();
    assert_eq!(examined(dir).1, 0);
    let database = data.join("tiers.sqlite");
    let pages = fs::read(&database).unwrap();
    let mut broken = pages.clone();
    broken[4_096..].fill(0x5a);
    fs::write(&database, &broken).unwrap();
    bad("database");
    fs::write(&database, &pages).unwrap();
    assert_eq!(examined(dir).1, 0, "nothing was changed by looking");
    fs::rename(dir.join("certifier.keyring"), dir.join("elsewhere")).unwrap();
    bad("keyring");
}

#[test]
fn sec_10_a_backup_by_words_goes_there_and_back() {
    let folder = certifier();
    let dir = folder.path();
    let key = done(dir, &["backup", "key", "--out", "backup.key"]);
    let recipient = key["recipient"].as_str().unwrap();
    let mode = fs::metadata(dir.join("backup.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let make = ["backup", "backups", "--dir", "certifier", "--recipient"];
    let with = |key| [&make[..], &[key]].concat();
    assert_eq!(refused(dir, &with("age1nobody")), "backup.recipient");
    assert_eq!(tiers(dir, &make[..4]).status.code(), Some(2), "for nobody");
    let made = done(dir, &with(recipient));
    assert!(made["new_bytes"].as_u64().unwrap() > 0);
    let checked = done(dir, &["backup", "verify", "backups"]);
    assert_eq!(checked["opened"], false);
    let verify = ["backup", "verify", "backups", "--identity"];
    assert_eq!(done(dir, &[&verify[..], &["backup.key"]].concat())["opened"], true);
    done(dir, &["backup", "key", "--out", "other.key"]);
    assert_eq!(refused(dir, &[&verify[..], &["other.key"]].concat()), "backup.wrong_key");

    let restore = ["restore", "backups", "--dir", "certifier", "--identity", "backup.key"];
    let with_ledger = [&restore[..], &["--ledger", "burnt/ledger"]].concat();
    assert_eq!(refused(dir, &with_ledger), "cli.exists");
    fs::rename(dir.join("certifier"), dir.join("burnt")).unwrap();
    assert_eq!(refused(dir, &restore), "restore.no_ledger");
    assert!(!dir.join("certifier").exists(), "what was refused is not there to be served");
    let back = done(dir, &with_ledger);
    assert_eq!(back["from"], back["to"]);
    let (_, code, findings) = examined(dir);
    assert_eq!(code, 0, "{findings:?}");
    assert_eq!(health(&findings, "ledger"), "good");
}

#[test]
fn shells_and_manuals_have_the_words_that_are_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&tiers(dir, &["completions", shell]));
        assert!(script.contains("give-up-erasure"), "{shell}");
    }
    let written = done(dir, &["man", "man1"]);
    let pages: BTreeSet<&str> =
        written["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap()).collect();
    for page in ["tiers.1", "tiers-serve.1", "tiers-backup-verify.1", "tiers-keyring-rotate.1"] {
        assert!(pages.contains(page), "{page}");
        let text = fs::read_to_string(dir.join("man1").join(page)).unwrap();
        let name = page.trim_end_matches(".1").replace('-', "\\-");
        assert!(text.contains(".TH ") && text.contains(&name), "{text}");
    }
}
