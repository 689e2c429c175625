//! The accounts of columns, held against a naive recount that knows nothing of the reader: each value of a
//! generated file is drawn together with what must become of it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tiers_contact::{
    ColumnAccount, Field, FileKind, Kind, PrepareOptions, Prepared, read_and_normalise,
};

use crate::support::{lenient, options};

/// A value, how it must end, and the rules that mend it.
type Drawn = (&'static str, &'static str, &'static [&'static str]);

const EMAILS: &[Drawn] = &[
    ("zoe@free.fr", "good", &[]),
    (" ZOE@Free.FR ", "good", &[]),
    ("mailto:zoe@free.fr", "repaired", &["email.mailto"]),
    ("<zoe@free.fr>", "repaired", &["email.wrapped"]),
    ("Zoé L <zoe@free.fr>", "repaired", &["email.words"]),
    ("zoe@free.fr, bea@free.fr", "repaired", &["email.several"]),
    ("nc@nc.fr, mailto:bea@free.fr", "repaired", &["email.mailto", "email.several"]),
    ("", "missing", &[]),
    ("nc", "missing", &[]),
    ("pasdemail@free.fr", "missing", &[]),
    ("zoe(at)free", "refused", &[]),
];

const PHONES: &[Drawn] = &[
    ("07 45 84 04 75", "good", &[]),
    ("+33 (0)7 45 84 04 75", "good", &[]),
    ("745840475", "repaired", &["phone.eaten_zero"]),
    ("33745840475", "repaired", &["phone.eaten_plus"]),
    ("+330745840475", "repaired", &["phone.trunk_zero"]),
    ("745840475.0", "repaired", &["phone.eaten_zero", "phone.float"]),
    ("7,45840475E+08", "repaired", &["phone.eaten_zero", "phone.exponent"]),
    ("0692 12 34 57", "repaired", &["phone.overseas"]),
    ("port. 0745840475", "repaired", &["phone.words"]),
    ("0745840475 / 0340351737", "repaired", &["phone.several"]),
    ("", "missing", &[]),
    ("0600000000", "missing", &[]),
    ("0892 70 12 39", "refused", &[]),
    ("12", "refused", &[]),
];

const NAMES: &[Drawn] = &[
    ("Lefèvre", "good", &[]),
    ("MME LEFEVRE", "repaired", &["name.title"]),
    ("Lefèvre née Martin", "repaired", &["name.in_use"]),
    ("M. LefÃ¨vre", "repaired", &["name.title", "text.double_encoding"]),
    ("", "missing", &[]),
    ("inconnu", "missing", &[]),
    ("J.", "refused", &[]),
    ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "refused", &[]),
];

const BIRTHS: &[Drawn] = &[
    ("21/04/1938", "good", &[]),
    ("21/04/38", "repaired", &["date.two_digit_year"]),
    ("13991", "repaired", &["date.serial"]),
    ("01/01/1900", "missing", &[]),
    ("nc", "missing", &[]),
    ("31/02/1980", "refused", &[]),
    ("hier", "refused", &[]),
];

const STREETS: &[Drawn] = &[
    ("12 rue Hugo", "good", &[]),
    ("12-14 rue Hugo", "repaired", &["street.range"]),
    ("nc", "missing", &[]),
    ("12", "refused", &[]),
];

const POSTCODES: &[Drawn] = &[
    ("31000", "good", &[]),
    ("1000", "repaired", &["postcode.eaten_zero"]),
    ("31000 TOULOUSE", "repaired", &["postcode.words"]),
    ("1000.0", "repaired", &["postcode.eaten_zero", "postcode.float"]),
    ("00000", "missing", &[]),
    ("W1A 1AA", "refused", &[]),
];

const CARDS: &[Drawn] = &[
    ("2500012345", "good", &[]),
    ("2500012345.0", "repaired", &["card.float"]),
    ("nc", "missing", &[]),
    ("ab", "refused", &[]),
    ("d41d8cd98f00b204e9800998ecf8427e", "refused", &[]),
];

const SIRETS: &[Drawn] = &[
    ("73282932000074", "good", &[]),
    ("73282932000074.0", "repaired", &["siret.float"]),
    ("", "missing", &[]),
    ("73282932000075", "refused", &[]),
];

const DAYS: &[Drawn] = &[
    ("25/06/2024", "good", &[]),
    ("25/06/24", "repaired", &["date.two_digit_year"]),
    ("06/25/2024", "repaired", &["date.against_column"]),
    ("", "missing", &[]),
    ("bientôt", "refused", &[]),
];

const AMOUNTS: &[Drawn] = &[
    ("11 507,40 €", "good", &[]),
    ("99 999", "repaired", &["amount.clamped"]),
    ("", "missing", &[]),
    ("dix", "refused", &[]),
    ("-10", "refused", &[]),
    ("0", "refused", &[]),
];

/// Columns of the generated file: heading, values.
const COLUMNS: [(&str, &[Drawn]); 12] = [
    ("E-mail", EMAILS),
    ("E-mail 2", EMAILS),
    ("Tél.", PHONES),
    ("Prénom", NAMES),
    ("Nom", NAMES),
    ("Date de naissance", BIRTHS),
    ("Adresse", STREETS),
    ("Code postal", POSTCODES),
    ("Carte", CARDS),
    ("SIRET", SIRETS),
    ("Date de vente", DAYS),
    ("Montant", AMOUNTS),
];

fn all_kinds() -> PrepareOptions {
    let kinds = Kind::ALL.to_vec();
    PrepareOptions { kinds, max_reject_permille: 1000, ..options(FileKind::Sales) }
}

fn prepared(file: &str, options: &PrepareOptions) -> Option<Prepared> {
    read_and_normalise("a", file.as_bytes(), options).ok()
}

fn shown(account: &ColumnAccount) -> (BTreeMap<&'static str, u64>, BTreeMap<&'static str, u64>) {
    let counts = account.counts;
    let states = [
        ("good", counts.good),
        ("repaired", counts.repaired),
        ("missing", counts.missing),
        ("refused", counts.refused),
    ];
    let rules = account.repairs().into_iter().map(|(rule, count)| (rule.code(), count));
    (states.into_iter().filter(|(_, count)| *count > 0).collect(), rules.collect())
}

/// What the file is made of: the value drawn for each column, or one of the rows that are special.
#[derive(Clone, Debug)]
enum Line {
    Values(Vec<usize>),
    TooMany,
    Total,
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        20 => prop::collection::vec(any::<prop::sample::Index>(), COLUMNS.len()).prop_map(|drawn| {
            let places = drawn.iter().zip(COLUMNS);
            Line::Values(places.map(|(index, (_, values))| index.index(values.len())).collect())
        }),
        1 => Just(Line::TooMany),
        1 => Just(Line::Total),
    ]
}

fn config() -> ProptestConfig {
    let cases = if std::env::var_os("TIERS_FULL").is_some() { 20_000 } else { 500 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_column_adds_up_and_agrees_with_a_recount(lines in prop::collection::vec(line(), 1..24)) {
        let headings: Vec<&str> = COLUMNS.iter().map(|(heading, _)| *heading).collect();
        // A day that is only possible day first settles the column.
        let mut file = format!("{}\nz@free.fr;;;;;25/12/1980;;;;;25/06/2024;10\n", headings.join(";"));
        let mut expected = vec![(BTreeMap::new(), BTreeMap::new()); COLUMNS.len()];
        let (mut rows, mut totals) = (1_u64, 0_u64);
        let mut first = vec!["missing"; COLUMNS.len()];
        for place in [0, 5, 10, 11] {
            first[place] = "good";
        }
        for (state, (states, _)) in first.iter().zip(&mut expected) {
            *states.entry(*state).or_insert(0_u64) += 1;
        }
        for line in &lines {
            match line {
                Line::Values(places) => {
                    rows += 1;
                    let drawn = places.iter().zip(COLUMNS).map(|(place, (_, values))| values[*place]);
                    let drawn: Vec<Drawn> = drawn.collect();
                    for ((_, state, rules), (states, repairs)) in drawn.iter().zip(&mut expected) {
                        *states.entry(*state).or_insert(0) += 1;
                        for rule in *rules {
                            *repairs.entry(*rule).or_insert(0_u64) += 1;
                        }
                    }
                    let cells: Vec<String> =
                        drawn.iter().map(|(value, ..)| format!("\"{value}\"")).collect();
                    file += &cells.join(";");
                    if drawn.iter().all(|(value, ..)| value.is_empty()) {
                        file += ";";
                    }
                }
                Line::TooMany => {
                    rows += 1;
                    expected.iter_mut().for_each(|(states, _)| *states.entry("refused").or_insert(0) += 1);
                    file += &format!("b@free.fr{};x", ";x".repeat(COLUMNS.len()));
                }
                Line::Total => {
                    totals += 1;
                    file += "Total;;;;;;;;;;;100";
                }
            }
            file += "\n";
        }
        let prepared = prepared(&file, &all_kinds()).expect("one good row at least");
        for (column, expected) in prepared.columns.iter().zip(&expected) {
            let account = column.account.as_ref().expect("every column is used");
            prop_assert_eq!(&shown(account), expected, "{}", column.heading);
            prop_assert_eq!(account.counts.total(), rows, "{}", column.heading);
        }
        for (kind, counts) in &prepared.counts {
            prop_assert_eq!(counts.total(), rows, "{}", kind);
        }
        let summed = prepared.rejects.iter().filter(|reject| reject.code == "row.total").count();
        prop_assert_eq!(summed as u64, totals);
        prop_assert_eq!((prepared.rows.len() + prepared.rejects.len()) as u64, rows + totals);
    }
}

#[test]
fn columns_that_the_programme_does_not_need_have_no_account() {
    let text = "Civilité;E-mail;Carte;Ville;Couleur;Date de vente;Montant\nM.;a@b.fr;2500012345;Y;bleu;08/06/2024;1\n";
    let columns = lenient(text).columns;
    let used = columns.iter().filter(|column| column.account.is_some());
    let fields: Vec<_> = used.map(|column| column.field).collect();
    assert_eq!(fields, [Some(Field::Email), Some(Field::SaleDate), Some(Field::Amount)]);
}

#[test]
fn a_refused_file_names_the_three_commonest_reasons_and_their_rows() {
    let text = "E-mail;Date de vente;Montant\n\
        a@b.fr;08/06/2024;1\n;08/06/2024;1\n;08/06/2024;1\n;08/06/2024;1\n;08/06/2024;1\n\
        a@b.fr;;1\na@b.fr;;1\na@b.fr;;1\na@b.fr;08/06/2024;\na@b.fr;08/06/2024;\na@b.fr;08/06/2024;0\n";
    let error = read_and_normalise("a", text.as_bytes(), &options(FileKind::Sales)).err();
    let text = error.expect("a refusal").to_string();
    assert!(text.contains("10 of 11 rows"), "{text}");
    let reasons = "row.no_identifier (4), row.no_date (3), row.no_amount (2)";
    assert!(text.ends_with(reasons), "{text}");
}

#[test]
fn a_street_number_of_a_column_of_its_own_joins_its_street() {
    let head = "Nom;Prénom;Code postal;Date de vente;Montant";
    let row = "Lefèvre;Zoé;31000;08/06/2024;1";
    let one = |names: &str, values: &str| {
        let prepared = lenient(&format!("{head};E-mail;{names}\n{row};z@free.fr;{values}\n"));
        prepared.rows[0].digest(Kind::NamePost).map(|digest| *digest.as_bytes())
    };
    let expected = one("Adresse", "12 bis rue Victor Hugo");
    assert!(expected.is_some());
    assert_eq!(one("num voie;voie", "12bis;rue Victor-Hugo"), expected);
    assert_eq!(one("street_number;address_1", "12 B;r. Victor Hugo"), expected);
    assert_eq!(one("Numéro;Adresse", "12 bis;rue Victor Hugo"), expected);
    // The street has its number already: that of the other column is another one.
    assert_eq!(one("Numéro;Adresse", "7;12 bis rue Victor Hugo"), expected);
    // A number that stands elsewhere is any number.
    assert_ne!(one("Numéro;Ville;Adresse", "12 bis;Toulouse;rue Victor Hugo"), expected);
    assert_eq!(one("Adresse;Adresse 2", ";12 bis rue Victor Hugo"), expected);
    assert_eq!(one("Adresse 1;Adresse 2", "nc;12 bis rue Victor Hugo"), expected);
    assert_eq!(one("Adresse 1;Adresse 2", "12 bis rue Victor Hugo;3 rue Zola"), expected);
}

#[test]
fn headings_of_customer_software_and_public_benchmarks_are_recognised() {
    let text = "rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,date_of_birth,sale_date,amount\n\
        1,zoé,lefèvre,12,rue victor hugo,,toulouse,31000,19380421,2024-06-08,1\n";
    let prepared = lenient(text);
    for kind in [Kind::NameBirth, Kind::NamePost] {
        assert!(prepared.rows[0].digest(kind).is_some(), "{kind}");
    }
    assert_eq!(prepared.columns.iter().filter(|column| column.field.is_none()).count(), 1);
}
