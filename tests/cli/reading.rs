//! How files are read, as seen from outside: `preview`, mappings by hand and saved, hashes declared, and the
//! account that `prepare` gives of each column.

use super::*;

fn sample(name: &str) -> String {
    samples().join(name).to_str().unwrap().to_owned()
}

/// The account of a heading in an answer.
fn account<'a>(answer: &'a Value, heading: &str) -> &'a Value {
    let columns = answer["columns"].as_array().unwrap();
    &columns.iter().find(|column| column["heading"] == heading).unwrap()["account"]
}

fn sum(account: &Value) -> u64 {
    ["good", "repaired", "missing", "refused"].iter().map(|n| account[n].as_u64().unwrap()).sum()
}

/// From file to preview in one command, with nothing else in the directory.
#[test]
fn every_sample_is_previewed_in_one_command() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path();
    for entry in fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("dealer_") && name != "brand_leads.csv" {
            continue;
        }
        let answer = done(dir, &["preview", path.to_str().unwrap()]);
        let expected = if name.starts_with("dealer") { "sales" } else { "leads" };
        assert_eq!(answer["kind"], expected, "{name}");
        assert_eq!(answer["would_be_refused"], false, "{name}");
        let rows = answer["rows"].as_u64().unwrap() + answer["rejects"].as_u64().unwrap();
        assert_eq!(answer["first_rows"].as_array().unwrap().len() as u64, rows.min(8), "{name}");
        let totals = answer["reject_codes"].get("row.total").map_or(0, |n| n.as_u64().unwrap());
        let used = answer["columns"].as_array().unwrap().iter().filter(|c| !c["account"].is_null());
        let mut columns = 0;
        for column in used {
            assert_eq!(sum(&column["account"]), rows - totals, "{name}: {column}");
            columns += 1;
        }
        assert!(columns >= 4, "{name}");
        for kind in answer["identifiers"].as_array().unwrap() {
            assert_eq!(sum(kind), rows - totals, "{name}: {kind}");
        }
        let told = tiers(dir, &["preview", path.to_str().unwrap()]);
        let text = stdout(&told);
        assert!(text.contains("Nothing was written and nothing was sent"), "{name}");
        assert!(!text.contains('@'), "{name}: an e-mail address was printed");
    }
    assert_eq!(fs::read_dir(dir).unwrap().count(), 0, "and nothing was made");
}

#[test]
fn preview_and_prepare_give_one_account() {
    let home = home();
    let dir = home.path();
    let file = sample("dealer_02.xlsx");
    let preview = done(dir, &["preview", &file, "--programme", "p.json"]);
    let prepared = done(dir, &prepare(&["--kind", "sales", "--out", "o", &file]));
    for name in ["columns", "identifiers", "rows", "rejects", "reject_codes", "duplicates", "sheet"]
    {
        assert_eq!(preview[name], prepared["deposits"][0][name], "{name}");
    }
    assert_eq!(account(&preview, "TEL_PORT")["repairs"]["phone.eaten_zero"], 31);
}

const EXPORT: &str = "Nom;Prénom;E-mail;DT VTE;PX\n\
    Lefèvre;Zoé;zoe@free.fr;08/06/2024;11507,40\nMoreau;Luc;luc@free.fr;09/06/2024;12\n";

#[test]
fn an_unrecognised_file_is_told_the_words_to_try_and_they_can_be_kept() {
    let home = home();
    let dir = home.path();
    fs::write(dir.join("june.csv"), EXPORT).unwrap();
    let words = prepare(&["--kind", "sales", "--out", "o", "june.csv"]);
    let output = tiers(dir, &words);
    let told = String::from_utf8(output.stderr).unwrap();
    let tries = "try --map \"DT VTE=sale_date\" --map \"PX=amount\"";
    assert!(told.contains(tries), "{told}");
    let by_hand = ["--map", "DT VTE=sale_date", "--map", "#5=amount", "--save-mapping", "map.json"];
    let first = done(dir, &[&words[..], &by_hand[..]].concat());
    assert_eq!(first["deposits"][0]["rows"], 2);
    let saved = fs::read_to_string(dir.join("map.json")).unwrap();
    assert!(saved.contains("\"DT VTE\"") && !saved.contains("Lefèvre") && !saved.contains('@'));

    // The next export of the same software, in another order.
    let swapped = "PX;DT VTE;E-mail;Couleur\n7;08/06/2024;zoe@free.fr;bleu\n";
    fs::write(
        dir.join("july.csv"),
        format!("Prénom;Nom;{swapped}").replace("\n7", "\nZoé;Lefèvre;7"),
    )
    .unwrap();
    let mapped =
        |out, file| prepare(&["--kind", "sales", "--mapping", "map.json", "--out", out, file]);
    let second = done(dir, &mapped("o2", "july.csv"));
    assert_eq!(second["deposits"][0]["rows"], 1);
    let preview = done(dir, &["preview", "july.csv", "--mapping", "map.json"]);
    assert_eq!((&preview["kind"], &preview["rows"]), (&"sales".into(), &1.into()));

    // A heading of it is gone: which one is told, and nothing is left behind.
    fs::write(dir.join("gone.csv"), EXPORT.replace("PX", "Prix de vente TTC")).unwrap();
    assert_eq!(refused(dir, &mapped("o3", "gone.csv")), "file.mapping_unknown");
    let told = String::from_utf8(tiers(dir, &mapped("o3", "gone.csv")).stderr).unwrap();
    assert!(told.contains("has no column \"PX\""), "{told}");
    assert!(!dir.join("o3").exists());
}

#[test]
fn mapping_files_are_checked_before_any_work() {
    let home = home();
    let dir = home.path();
    fs::write(dir.join("june.csv"), EXPORT).unwrap();
    fs::write(
        dir.join("bad.json"),
        "{\"format\":\"tiers-mapping/2\",\"kind\":\"sales\",\"columns\":[]}",
    )
    .unwrap();
    fs::write(
        dir.join("good.json"),
        "{\"format\":\"tiers-mapping/1\",\"kind\":\"leads\",\"columns\":[]}",
    )
    .unwrap();
    let with = |flag, file| prepare(&["--kind", "sales", "--out", "o", "june.csv", flag, file]);
    assert_eq!(refused(dir, &with("--mapping", "bad.json")), "cli.not_a");
    assert_eq!(refused(dir, &with("--mapping", "none.json")), "cli.read");
    assert_eq!(refused(dir, &with("--save-mapping", "good.json")), "cli.exists");
    assert_eq!(tiers(dir, &with("--mapping", "good.json")).status.code(), Some(2));
    let two = [&with("--save-mapping", "new.json")[..], &["good.json"]].concat();
    assert_eq!(tiers(dir, &two).status.code(), Some(2));
    assert!(!dir.join("o").exists() && !dir.join("new.json").exists());
}

#[test]
fn hashes_of_another_origin_are_declared_and_refused() {
    let home = home();
    let dir = home.path();
    let file = sample("dealer_13.csv");
    let words = prepare(&["--kind", "sales", "--out", "o", &file]);
    let declared = |origin| [&words[..], &["--hashed", origin]].concat();
    assert_eq!(refused(dir, &declared("Phone=meta")), "file.hash_phone_form");
    assert_eq!(refused(dir, &declared("amount")), "file.hash_field");
    assert_eq!(refused(dir, &declared("Nulle part")), "file.mapping_unknown");
    let clear = sample("dealer_11.csv");
    let absent = done(dir, &["preview", &clear])["columns"]
        .as_array()
        .unwrap()
        .iter()
        .find(|column| column["field"] == "email")
        .unwrap()["heading"]
        .as_str()
        .unwrap()
        .to_owned();
    let words = prepare(&["--kind", "sales", "--out", "o", &clear, "--hashed", &absent]);
    assert_eq!(refused(dir, &words), "file.hash_absent");
    done(dir, &declared("Phone"));
}

#[test]
fn a_file_above_the_share_of_rejects_is_refused_with_reasons_and_counts() {
    let home = home();
    let dir = home.path();
    let mut text = "E-mail;Date de vente;Montant\n".to_owned();
    for row in ["a@b.fr;08/06/2024;1", ";08/06/2024;1", ";08/06/2024;1", "a@b.fr;;1"] {
        text.push_str(&format!("{row}\n"));
    }
    fs::write(dir.join("bad.csv"), text).unwrap();
    let words = prepare(&["--kind", "sales", "--out", "o", "bad.csv"]);
    assert_eq!(refused(dir, &words), "file.too_many_rejects");
    let told = String::from_utf8(tiers(dir, &words).stderr).unwrap();
    assert!(
        told.contains("3 of 4 rows") && told.contains("row.no_identifier (2), row.no_date (1)")
    );
    assert!(!dir.join("o").exists());
    let preview = done(dir, &["preview", "bad.csv"]);
    assert_eq!((&preview["would_be_refused"], &preview["rejects"]), (&true.into(), &3.into()));
    assert!(
        stdout(&tiers(dir, &["preview", "bad.csv"])).contains("`prepare` would refuse this file")
    );
}
