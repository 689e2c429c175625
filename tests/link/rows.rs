//! Which rows are compared and how they are named: rejects, canaries, a deposit with itself, values that stand
//! for nobody, bodies without names, and what is said.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Home, Pair};

const HEADINGS: &str = "first_name,last_name,birth_date,email,phone,address,postcode,city\n";

const JEAN: &str =
    "Jean,Lefèvre,1980-01-02,jean.lefevre@free.fr,0612131415,12 rue Victor Hugo,33100,Bordeaux\n";
const ANNE: &str =
    "Anne,Moreau,1975-06-07,anne@moreau.fr,0698979695,3 quai de Paludate,33800,Bordeaux\n";
const NOBODY: &str = "Rose,,,,,,,\n";

fn file(rows: &[&str]) -> String {
    format!("{HEADINGS}{}", rows.concat())
}

/// Enough others that a row or two without a contact is no reason to refuse the file.
fn others(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let letter = |n: usize| char::from(b"bdfgklmprt"[n % 10]);
        let (day, month) = (1 + n % 28, 1 + n / 28);
        let name = format!("{}a{}ier", letter(n), letter(n / 10));
        let mail = format!("{name}.{n}@laposte.net");
        writeln!(
            text,
            "Rose,{name},1991-{month:02}-{day:02},{mail},,{n} rue Basse,29{:03},Brest",
            n % 1_000
        )
        .unwrap();
        text
    })
}

#[test]
fn row_numbers_are_those_of_the_file() {
    let home = Home::new();
    let rest = others(30);
    let a = home.prepare("customers", "a", &file(&[NOBODY, JEAN, &rest, NOBODY, ANNE]));
    assert_eq!((&a["rows"], &a["rejects"]), (&32.into(), &2.into()));
    home.prepare("customers", "b", &file(&[ANNE, NOBODY, NOBODY, JEAN, &others(80)[rest.len()..]]));
    let (answer, pairs) = home.link("a", "b");
    let email = "email".to_owned();
    assert_eq!(pairs, [(2, 4, email.clone()), (34, 1, email)]);
    assert_eq!((&answer["rows_a"], &answer["rows_b"]), (&32.into(), &52.into()));
    assert_eq!((&answer["apart"], &answer["crowded"]), (&0.into(), &0.into()));
}

/// Canaries are in both bodies with the same tokens, and pair with nobody.
#[test]
fn a_deposit_pairs_every_row_of_it_with_itself_and_canaries_with_nothing() {
    let home = Home::new();
    let rows = others(100);
    home.prepare("customers", "a", &file(&[&rows]));
    let (_, pairs) = home.link("a", "a");
    let same: Vec<Pair> = (1..=100).map(|row| (row, row, "email".to_owned())).collect();
    assert_eq!(pairs, same);
    // The same file again is another body with its lines elsewhere.
    home.prepare("customers", "again", &file(&[&rows]));
    assert_eq!(home.link("a", "again").1, same);
}

#[test]
fn what_the_evidence_is_against_is_no_pair_and_told() {
    let home = Home::new();
    // Two people who share a mailbox; the same mailbox where only one says who he is.
    let wife = "Anne,Lefèvre,1982-07-09,jean.lefevre@free.fr,,12 rue Victor Hugo,33100,Bordeaux\n";
    let address = ",,,jean.lefevre@free.fr,,,,\n";
    home.prepare("customers", "a", &file(&[JEAN]));
    home.prepare("customers", "b", &file(&[wife, address]));
    let (answer, pairs) = home.link("a", "b");
    assert_eq!(pairs, [(1, 2, "email".to_owned())]);
    assert_eq!(answer["apart"], 1);
}

#[test]
fn errors_are_forgiven_unless_the_policy_says_otherwise() {
    let typed = "Jaen,Lefebvre,1980-01-02,,,12 rue Vitcor Hugo,33100,Bordeaux\n";
    for (home, expected) in [(Home::new(), 1), (Home::exact(), 0)] {
        home.prepare("customers", "a", &file(&[JEAN]));
        home.prepare("customers", "b", &file(&[typed, ANNE]));
        let (answer, pairs) = home.link("a", "b");
        assert_eq!(pairs.len(), expected, "{answer}");
        let near = home.read("a/preview.csv").contains("token_near_");
        assert_eq!(near, expected == 1, "no column of a kind that is switched off");
    }
}

#[test]
fn a_value_that_a_crowd_shares_is_passed_over_and_told() {
    let home = Home::new();
    // The dealer's own address in every row of both files: 101 x 101 pairs.
    let rows = |birth: &str| {
        (0..101).fold(String::new(), |mut text, n| {
            writeln!(text, ",,,accueil@garage-du-port.fr,06{birth}{n:06},,,").unwrap();
            text
        })
    };
    home.prepare("customers", "a", &file(&[&rows("21")]));
    home.prepare("customers", "b", &file(&[&rows("48")]));
    let (answer, pairs) = home.link("a", "b");
    assert_eq!(answer["crowded"], 1);
    assert_eq!(pairs, []);
    let told = home.run(&["link", "a", "b", "--programme", "p.json", "--out", "other.csv"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("1 value is shared by so many rows that it names nobody"), "{told}");
    assert!(!told.contains('@'));
}

#[test]
fn files_without_names_are_compared_by_what_they_have() {
    let home = Home::new();
    home.prepare("customers", "a", "email,phone\njean.lefevre@free.fr,\n,0698979695\n");
    home.prepare("customers", "b", &file(&[ANNE, JEAN]));
    let (_, pairs) = home.link("a", "b");
    assert_eq!(pairs, [(1, 2, "email".to_owned()), (2, 1, "mobile".to_owned())]);
    // Nothing in common at all.
    home.prepare("customers", "c", "first_name,last_name,birth_date\nLuc,Petit,1950-05-05\n");
    let (answer, pairs) = home.link("a", "c");
    assert_eq!((pairs.len(), &answer["pairs"]), (0, &0.into()));
}

#[test]
fn nothing_personal_is_written_or_said() {
    let home = Home::new();
    let rest = others(40);
    home.prepare("customers", "a", &file(&[JEAN, ANNE, &rest]));
    home.prepare("customers", "b", &file(&[ANNE, &rest, JEAN]));
    let words = ["link", "a", "b", "--programme", "p.json", "--out", "pairs.csv"];
    let output = home.run(&words);
    assert!(output.status.success());
    let again = home.run(&[&words[..], &["--force", "--json"]].concat());
    let written = [output.stdout, output.stderr, again.stdout, again.stderr].concat();
    let written = String::from_utf8(written).unwrap() + &home.read("pairs.csv");
    let tokens: BTreeSet<String> = home
        .read("a/preview.csv")
        .lines()
        .skip(1)
        .flat_map(|line| line.split([',', ' ']).map(str::to_owned).collect::<Vec<_>>())
        .filter(|field| field.len() > 20)
        .collect();
    assert!(tokens.len() > 1_000);
    assert!(tokens.iter().all(|token| !written.contains(token.as_str())), "a token is shown");
    for value in ["lefevre", "Lefèvre", "Moreau", "@", "1980", "33100", "Victor", "0612131415"] {
        assert!(!written.contains(value), "{value}: {written}");
    }
}
