//! `tiers erase tokens`: what a party hands to the operator about persons who ask to be forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{done, home, prepare, refused};

const PERSONS: &str = "first_name,last_name,birth_date,email,phone,sale_date,amount\n\
    Inès,Domont,1980-02-03,ines.domont@orange.fr,0639814427,2025-06-01,1\n\
    Louis,Garnier,1971-12-30,louis.garnier@orange.fr,,2025-06-01,1\n";

#[test]
fn a_file_of_tokens_has_keys_of_the_persons_and_nothing_else() {
    let home = home();
    let dir = home.path();
    fs::write(dir.join("asked.csv"), PERSONS).unwrap();
    done(dir, &prepare(&["asked.csv", "--kind", "sales", "--out", "out", "--party-key", "keys"]));
    let folder = fs::read_dir(dir.join("out")).unwrap().next().unwrap().unwrap().path();
    let folder = if folder.is_dir() { folder } else { dir.join("out") };
    let folder = folder.to_str().unwrap();
    let words = ["erase", "tokens", folder, "--programme", "p.json", "--out", "tokens.json"];
    let made = done(dir, &words);
    // E-mail, mobile and name with birth date of the first; e-mail and name of the second.
    assert_eq!(made["count"], 5);
    let path = dir.join("tokens.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let tokens = file["tokens"].as_array().unwrap();
    let kinds: BTreeSet<&str> =
        tokens.iter().map(|token| token["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["email", "mobile", "name_birth"]));
    let preview = fs::read_to_string(std::path::Path::new(folder).join("preview.csv")).unwrap();
    assert!(tokens.iter().all(|token| preview.contains(token["token"].as_str().unwrap())));
    assert_eq!(refused(dir, &words), "cli.exists");
    // The operator's order needs a certifier; a file of something else is not sent anywhere.
    fs::write(dir.join("operator.json"), "{}").unwrap();
    fs::set_permissions(dir.join("operator.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let order = ["--reason", "r", "--to", "http://127.0.0.1:9", "--credentials", "operator.json"];
    assert_eq!(refused(dir, &[&["erase", "persons", "p.json"], &order[..]].concat()), "cli.not_a");
}
