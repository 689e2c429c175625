//! What the law asks of the party's own machine, on the real binary: keys are checked before a file is read,
//! nothing runs without one, and nothing that is written or printed holds a contact.

use super::*;

/// A key that is no good is found before the party's file is opened: the file does not even exist.
#[test]
fn keys_are_checked_before_the_file_is_read() {
    let home = home();
    let dir = home.path();
    let id = done(dir, &["programme", "key", "show", "p.key"])["key_id"].clone();
    let mut programme: Value =
        serde_json::from_slice(&fs::read(dir.join("p.json")).unwrap()).unwrap();
    programme["key_id"] = id;
    fs::write(dir.join("p.json"), programme.to_string()).unwrap();
    let key = fs::read_to_string(dir.join("p.key")).unwrap();
    let write = |name: &str, text: &[u8]| {
        fs::write(dir.join(name), text).unwrap();
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    };
    let words = |key: &'static str, file: &'static str| {
        ["prepare", "--programme", "p.json", "--kind", "sales", "--out", "o", "--key", key, file]
    };
    // Another programme's key and that of another epoch are other keys.
    done(dir, &["programme", "key", "new", "--out", "other.key"]);
    assert_eq!(refused(dir, &words("other.key", "none.csv")), "programme_key.other");
    let line = key.trim_end();
    let wrong_sum = format!("{}x", &line[..line.len() - 1]);
    let cut = &line[..line.len() / 2];
    for damaged in ["", "\n", cut, &line[..line.len() - 1], &wrong_sum, &line.to_lowercase()] {
        write("bad.key", damaged.as_bytes());
        assert_eq!(refused(dir, &words("bad.key", "none.csv")), "programme_key.damaged");
    }
    let utf16: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("bad.key", &utf16);
    assert_eq!(refused(dir, &words("bad.key", "none.csv")), "programme_key.damaged");
    // A party's key is none of a programme.
    let party = fs::read(dir.join("keys/party.key")).unwrap();
    write("bad.key", &party);
    assert_eq!(refused(dir, &words("bad.key", "none.csv")), "programme_key.damaged");
    // White space and the mark of an editor are no damage.
    write("good.key", format!("\u{feff}  {line}\r\n\r\n").as_bytes());
    assert_eq!(refused(dir, &words("good.key", "none.csv")), "cli.read");
    fs::copy(samples().join("dealer_14.csv"), dir.join("sales.csv")).unwrap();
    done(dir, &words("good.key", "sales.csv"));
}

#[test]
fn pse_02_nothing_is_tokenised_without_a_key() {
    let home = home();
    let dir = home.path();
    let sales = samples().join("dealer_14.csv");
    let sales = sales.to_str().unwrap();
    let without = ["prepare", "--programme", "p.json", "--kind", "sales", "--out", "o", sales];
    assert_eq!(tiers(dir, &without).status.code(), Some(2), "a key is asked for");
    let empty = [&without[..], &["--key", "empty.key"]].concat();
    fs::write(dir.join("empty.key"), "").unwrap();
    fs::set_permissions(dir.join("empty.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(refused(dir, &empty), "programme_key.damaged");
    // A look without a key shows what would be read, and neither tokens nor hashes.
    let shown = stdout(&tiers(dir, &["preview", sales, "--json"]));
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(shown.split(|c| !is_sign(c)).all(|word| word.len() < 40), "{shown}");
    assert!(!dir.join("o").exists());
}

#[test]
fn pse_09_nothing_that_is_written_or_printed_holds_a_raw_identifier() {
    let home = home();
    let dir = home.path();
    // Line ends of an old Mac.
    let source = fs::read_to_string(samples().join("dealer_11.csv")).unwrap().replace('\r', "\n");
    let sales = samples().join("dealer_11.csv");
    let words = prepare(&["--kind", "sales", "--out", "o", sales.to_str().unwrap()]);
    let output = tiers(dir, &[&words[..], &["--party-key", "keys"]].concat());
    assert!(output.status.success());
    let mut written = vec![output.stdout, output.stderr];
    written.push(tiers(dir, &["preview", sales.to_str().unwrap()]).stdout);
    for file in fs::read_dir(dir.join("o")).unwrap() {
        written.push(fs::read(file.unwrap().path()).unwrap());
    }
    let mut lines = source.lines();
    let headings: Vec<&str> = lines.next().unwrap().split(',').collect();
    let personal = ["MAIL", "TEL_PORT", "ADR1", "NOM_CLIENT", "PRENOM_CLIENT", "DT_NAISS"];
    assert!(personal.iter().all(|name| headings.contains(name)));
    let mut seeded = 0;
    for line in lines {
        for (heading, value) in headings.iter().zip(line.split(',')) {
            let value = value.trim_matches('"').trim();
            if !personal.contains(heading) || value.len() < 6 {
                continue;
            }
            seeded += 1;
            for text in &written {
                let found = text.windows(value.len()).any(|part| part == value.as_bytes());
                assert!(!found, "a value of {heading} left");
            }
        }
    }
    assert!(seeded > 100, "{seeded}");
}

#[test]
fn pse_12_the_client_calls_nothing_anonymous() {
    let home = home();
    let dir = home.path();
    let sales = samples().join("dealer_14.csv");
    let sales = sales.to_str().unwrap();
    let run = prepare(&["--kind", "sales", "--out", "o", sales]);
    let told = [
        tiers(dir, &["--help"]),
        tiers(dir, &["prepare", "--help"]),
        tiers(dir, &["preview", "--help"]),
        tiers(dir, &["deposit", "--help"]),
        tiers(dir, &["preview", sales]),
        tiers(dir, &run),
    ];
    for output in told {
        assert!(output.status.success());
        assert!(!stdout(&output).to_lowercase().contains("anonym"));
    }
    let manifest = fs::read_to_string(dir.join("o/manifest.json")).unwrap();
    assert!(!manifest.to_lowercase().contains("anonym"));
}

#[test]
fn pse_16_a_key_whose_epoch_is_over_makes_no_token() {
    let home = home();
    let dir = home.path();
    let mut programme: Value =
        serde_json::from_slice(&fs::read(dir.join("p.json")).unwrap()).unwrap();
    programme["epoch_ends"] = "2020-12-31".into();
    fs::write(dir.join("p.json"), programme.to_string()).unwrap();
    let sales = samples().join("dealer_14.csv");
    let words = prepare(&["--kind", "sales", "--out", "o", sales.to_str().unwrap()]);
    assert_eq!(refused(dir, &words), "programme.epoch_over");
    assert!(!dir.join("o").exists());
}
