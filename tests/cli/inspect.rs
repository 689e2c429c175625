//! `tiers inspect` on the frozen segments of `tests/formats` and on a deposit directory.

use super::*;

/// A copy of the frozen vault and its keyring, with the modes that a checkout does not keep.
fn frozen() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/segment-v1");
    for folder in ["keyring", "vault/frozen-sales", "vault/frozen-leads"] {
        let to = home.path().join(folder);
        fs::create_dir_all(&to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o700)).unwrap();
        for file in fs::read_dir(from.join(folder)).unwrap() {
            let file = file.unwrap();
            let copy = to.join(file.file_name());
            fs::copy(file.path(), &copy).unwrap();
            fs::set_permissions(copy, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    home
}

fn expected(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/segment-v1");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

const SALES: [&str; 4] = ["inspect", "vault/frozen-sales", "--keyring", "keyring"];

#[test]
fn inspect_shows_structure_and_never_a_token() {
    let home = frozen();
    let shown = done(home.path(), &SALES);
    let rows = expected("frozen-sales");
    assert_eq!(shown["deposit"], "frozen-sales");
    assert_eq!(shown["format"], "tiers-segment/1");
    assert_eq!((&shown["side"], &shown["disk_key"]), (&"sales".into(), &1.into()));
    assert_eq!(shown["rows"], rows["rows"]);
    let segments = shown["segments"].as_array().unwrap();
    assert_eq!(segments.len(), rows["segments"].as_object().unwrap().len());
    for segment in segments {
        let kind = segment["kind"].as_str().unwrap();
        let tokens = rows["segments"][kind].as_array().unwrap().len();
        assert_eq!(segment["tokens"], tokens, "{kind}");
        let file = home.path().join(format!("vault/frozen-sales/{kind}.parquet"));
        assert_eq!(segment["bytes"], fs::metadata(file).unwrap().len());
        assert_eq!((&segment["row_groups"], &segment["pages"]), (&1.into(), &1.into()));
    }
    let text = stdout(&tiers(home.path(), &SALES)) + &shown.to_string();
    assert!(text.contains("near_name_birth"));
    for segment in rows["segments"].as_object().unwrap().values() {
        for row in segment.as_array().unwrap() {
            // Half a token would be a find; control: it has not only zeros.
            let token = row["token"].as_str().unwrap();
            assert!(token.len() == 32 && !text.contains(&token[..16]));
        }
    }
}

#[test]
fn what_was_altered_or_is_not_ours_is_refused() {
    let home = frozen();
    let keyring = home.path().join("keyring/keyring.json");
    let good = fs::read_to_string(&keyring).unwrap();
    // Another master.
    let [from, to] = ["BwcHBwcH", "BwcHBwcI"];
    let place = good.find(from).unwrap();
    let other = [&good[..place], to, &good[place + to.len()..]].concat();
    fs::write(&keyring, other).unwrap();
    assert_eq!(refused(home.path(), &SALES), "vault.altered");
    fs::write(&keyring, good).unwrap();
    let leads = ["inspect", "vault/nobody", "--keyring", "keyring"];
    assert_eq!(refused(home.path(), &leads), "vault.not_there");
    fs::rename(home.path().join("vault/frozen-leads"), home.path().join("vault/other")).unwrap();
    let leads = ["inspect", "vault/other", "--keyring", "keyring"];
    assert_eq!(refused(home.path(), &leads), "vault.altered");
    // Without a keyring nothing is opened: wrong usage.
    let output = tiers(home.path(), &["inspect", "vault/frozen-sales"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_decrypted_copy_is_private_and_comes_with_a_warning() {
    let home = frozen();
    let words = [&SALES[..], &["--decrypt-to", "clear"]].concat();
    let output = tiers(home.path(), &words);
    assert!(output.status.success());
    assert!(stdout(&output).contains("delete them after the audit"));
    let clear = home.path().join("clear");
    assert_eq!(fs::metadata(&clear).unwrap().permissions().mode() & 0o777, 0o700);
    let mut files = 0;
    for file in fs::read_dir(&clear).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read(file.path()).unwrap().starts_with(b"PAR1"));
        files += 1;
    }
    assert_eq!(files, expected("frozen-sales")["segments"].as_object().unwrap().len());
    // Once: nothing is overwritten.
    assert_eq!(refused(home.path(), &words), "cli.exists");
}

#[test]
fn a_partys_deposit_is_inspected_without_a_keyring() {
    let home = home();
    let sales = samples().join("dealer_01.csv");
    let prepared = prepare(&["--kind", "sales", "--out", "deposit", sales.to_str().unwrap()]);
    let made = done(home.path(), &prepared);
    let shown = done(home.path(), &["inspect", "deposit"]);
    assert_eq!(shown["rows"], made["deposits"][0]["lines"]);
    assert_eq!((&shown["kind"], &shown["signed"]), (&"sales".into(), &false.into()));
    let needless = tiers(home.path(), &["inspect", "deposit", "--keyring", "deposit"]);
    assert_eq!(needless.status.code(), Some(2));
}
