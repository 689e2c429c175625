//! What `tiers link` does not compare: deposits that were not made alike, directories that are none or were
//! changed. A refusal writes nothing.

use std::fs;

use serde_json::Value;

use super::Home;

const FILE: &str = "email,phone\njean.lefevre@free.fr,\n,0698979695\nanne@moreau.fr,0612131415\n";

const LINK: [&str; 7] = ["link", "a", "b", "--programme", "p.json", "--out", "pairs.csv"];

/// Two deposits, `a` and `b`.
fn two() -> Home {
    let home = Home::new();
    home.prepare("customers", "a", FILE);
    home.prepare("customers", "b", FILE);
    home
}

/// The code of the refusal, which leaves no pairs.
fn refused(home: &Home) -> String {
    let code = home.refused(&LINK);
    assert!(!home.path("pairs.csv").exists());
    code
}

/// Changes the manifest of `b`.
fn change(home: &Home, change: impl Fn(&mut Value)) {
    let text = home.read("b/manifest.json");
    let mut value: Value = serde_json::from_str(&text).unwrap();
    change(if value["manifest"].is_object() { &mut value["manifest"] } else { &mut value });
    home.write("b/manifest.json", &value.to_string());
}

#[test]
fn deposits_that_were_not_made_alike_are_not_compared() {
    // Another programme, with the same key.
    let home = two();
    let campaigns = super::samples().join("campaigns.csv");
    let new = ["programme", "new", "--sample", "--campaigns", campaigns.to_str().unwrap()];
    home.done(&[&new[..], &["--out", "q.json"]].concat());
    let words = ["prepare", "--kind", "customers", "--force", "--out", "b", "b.csv"];
    home.done(&[&words[..], &["--programme", "q.json", "--key", "p.key"]].concat());
    assert_eq!(refused(&home), "link.other_programme");
    home.done(&["link", "b", "b", "--programme", "q.json", "--out", "q.csv"]);

    // Another key: the tokens of the same person differ.
    let home = two();
    home.done(&["programme", "key", "new", "--out", "other.key"]);
    home.done(&[&words[..], &["--programme", "p.json", "--key", "other.key"]].concat());
    assert_eq!(refused(&home), "link.other_programme");

    // A key that the registered programme does not name, though both deposits have it.
    let home = two();
    let other = home.done(&["programme", "key", "new", "--out", "other.key"])["key_id"].clone();
    let mut programme: Value = serde_json::from_str(&home.read("p.json")).unwrap();
    programme["key_id"] = other;
    home.write("p.json", &programme.to_string());
    assert_eq!(refused(&home), "link.other_programme");

    // Another epoch, other rules of normalisation.
    let home = two();
    change(&home, |manifest| manifest["epoch"] = 2.into());
    assert_eq!(refused(&home), "link.other_programme");
    let home = two();
    change(&home, |manifest| manifest["normalisation"] = "2".into());
    assert_eq!(refused(&home), "link.other_programme");
}

#[test]
fn a_file_that_exists_is_kept() {
    let home = two();
    home.write("pairs.csv", "mine");
    assert_eq!(home.refused(&LINK), "cli.exists");
    assert_eq!(home.read("pairs.csv"), "mine");
    home.done(&[&LINK[..], &["--force"]].concat());
    assert_eq!(home.read("pairs.csv").lines().count(), 4);
}

#[test]
fn a_directory_that_is_no_deposit_is_told() {
    let home = two();
    fs::remove_dir_all(home.path("b")).unwrap();
    assert_eq!(refused(&home), "cli.read");
    fs::create_dir(home.path("b")).unwrap();
    assert_eq!(refused(&home), "cli.read");
    for missing in ["manifest.json", "preview.csv", "rows.csv"] {
        let home = two();
        fs::remove_file(home.path("b").join(missing)).unwrap();
        assert_eq!(refused(&home), "cli.read", "{missing}");
    }
    let home = two();
    home.write("b/manifest.json", "{}");
    assert_eq!(refused(&home), "document.shape");
    // A column that the manifest does not list.
    let home = two();
    change(&home, |manifest| {
        manifest["columns"].as_array_mut().unwrap().pop();
    });
    assert_eq!(refused(&home), "cli.not_a");
}

#[test]
fn a_preview_that_was_changed_is_not_compared() {
    let changes: [fn(&str) -> String; 6] = [
        |text| text.replacen("token_email", "token_mail", 1),
        |text| text.lines().skip(1).fold(String::new(), |all, line| all + line + "\n"),
        |text| text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n",
        |text| text.to_owned() + text.lines().last().unwrap() + "\n",
        |text| text.replacen(text.lines().nth(1).unwrap().split(',').next_back().unwrap(), "x", 1),
        |_| String::new(),
    ];
    for (place, change) in changes.iter().enumerate() {
        let home = two();
        let text = home.read("b/preview.csv");
        let changed = change(&text);
        assert_ne!(changed, text, "{place}");
        home.write("b/preview.csv", &changed);
        assert_eq!(refused(&home), "cli.not_a", "{place}");
    }
}

/// What is done to a file's text.
type Change<'a> = &'a dyn Fn(&str) -> String;

#[test]
fn a_list_of_rows_that_was_changed_is_not_compared() {
    let last = |text: &str| text.trim_end().rsplit_once('\n').unwrap().1.to_owned();
    let (line, lost) = ("cli.line", "cli.not_a");
    let changes: [(&str, Change); 6] = [
        (lost, &|text| text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n"),
        (line, &|text| text.to_owned() + &last(text) + "\n"),
        (line, &|text| text.to_owned() + "99,b.csv,4\n"),
        (line, &|text| text.to_owned() + "0,b.csv,4\n"),
        (line, &|text| text.to_owned() + "x,b.csv,y\n"),
        (lost, &|_| "line,file,row\n".to_owned()),
    ];
    for (place, (code, change)) in changes.iter().enumerate() {
        let home = two();
        let text = home.read("b/rows.csv");
        home.write("b/rows.csv", &change(&text));
        assert_eq!(refused(&home), *code, "{place}");
    }
}

#[test]
fn a_deposit_of_several_files_is_not_compared() {
    let home = two();
    let rows = home.read("b/rows.csv");
    let (head, last) = rows.trim_end().rsplit_once('\n').unwrap();
    home.write("b/rows.csv", &format!("{head}\n{}\n", last.replace("b.csv", "c.csv")));
    assert_eq!(refused(&home), "link.several_files");
}
