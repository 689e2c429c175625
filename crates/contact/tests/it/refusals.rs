//! Hostile and broken files: each refusal of the crate, hit by a file that earns it.

use std::collections::BTreeSet;

use tiers_contact::{Field, FileKind, HashOrigin, Kind, PrepareOptions, read_and_normalise};

use crate::support::options;

struct Case {
    code: &'static str,
    bytes: Vec<u8>,
    change: fn(&mut PrepareOptions),
}

fn case(code: &'static str, bytes: impl AsRef<[u8]>) -> Case {
    Case { code, bytes: bytes.as_ref().to_vec(), change: |_| {} }
}

fn with(code: &'static str, bytes: impl AsRef<[u8]>, change: fn(&mut PrepareOptions)) -> Case {
    Case { change, ..case(code, bytes) }
}

/// The file of a hostile case.
fn case_file(name: &str) -> Vec<u8> {
    crate::hostile::Case::read(&crate::hostile::folder().join(name).with_extension("case")).file()
}

const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const GOOD: &str = "E-mail;Date de vente;Montant\na@b.fr;08/06/2024;10\n";

fn files() -> Vec<Case> {
    let wide = |count: usize| {
        let names: Vec<String> = (0..count).map(|place| format!("c{place}")).collect();
        format!("E-mail;Date de vente;Montant;{}\na@b.fr;08/06/2024;10\n", names.join(";"))
    };
    vec![
        case("file.empty", ""),
        case("file.empty", "\u{feff}\r\n\r\n  \n"),
        case("file.no_rows", "E-mail;Date de vente;Montant\n"),
        case("file.no_rows", "E-mail;Date de vente;Montant\n;;\n"),
        case("file.no_headings", "a@b.fr;08/06/2024;10\nc@d.fr;08/06/2024;10\n"),
        case("file.headings_missing", "E-mail;Date de vente\na@b.fr;08/06/2024\n"),
        case("file.no_identifier_column", "Ville;Date de vente;Montant\nX;08/06/2024;10\n"),
        case("file.heading_twice", "E-mail;E-mail;Date de vente;Montant\na@b.fr;;08/06/2024;10\n"),
        case(
            "file.heading_twice",
            "E-mail;Date de vente;Date commande;Montant\na@b.fr;;08/06/2024;10\n",
        ),
        with("file.mapping_unknown", GOOD, |options| {
            options.map = vec![("Nulle part".to_owned(), Field::Email)];
        }),
        case("file.too_many_columns", wide(200)),
        case("file.too_many_columns", wide(5000)),
        case("file.too_many_columns", include_bytes!("../files/far-cell.xlsx")),
        case("file.markup", "<html><body><table><tr><td>E-mail</td></tr></table></body></html>"),
        case("file.markup", "\u{feff}  <?xml version=\"1.0\"?><Workbook/>"),
        case("file.not_a_table", b"%PDF-1.7\n..."),
        case("file.not_a_table", b"\x7fELF\x02\x01\x01\0\0\0\0garbage\0\x01\x02".as_slice()),
        case("file.workbook", b"PK\x03\x04 but nothing of a workbook"),
        case("file.workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nor of this one".as_slice()),
        case("file.line_too_long", case_file("line-huge")),
        case("file.zip_bomb", case_file("xlsx-bomb-entries")),
        case("file.workbook_too_large", case_file("ods-rows-repeated")),
        case("file.password", include_bytes!("../files/password.xlsx")),
        with(
            "file.sheet_unknown",
            include_bytes!("../../../../samples/network/dealer_12.xlsx"),
            |options| {
                options.sheet = Some("Feuille 9".to_owned());
            },
        ),
        with("file.encoding", GOOD, |options| options.encoding = Some("utf-99".to_owned())),
        with("file.separator", GOOD, |options| options.separator = Some('"')),
        case(
            "file.quote_unclosed",
            "E-mail;Date de vente;Montant\n\"a@b.fr;08/06/2024;10\nc@d.fr;08/06/2024;10\n",
        ),
        case(
            "file.hash_unknown",
            "Email,sale_date,amount\nd41d8cd98f00b204e9800998ecf8427e,2024-06-08,1\n",
        ),
        case("file.hash_phone_form", format!("em,ph,sale_date,amount\n,{SHA},2024-06-08,1\n")),
        with("file.hash_absent", GOOD, |options| {
            options.hashed = vec![("E-mail".to_owned(), HashOrigin::CustomerMatch)];
        }),
        with("file.hash_field", GOOD, |options| {
            options.hashed = vec![("Montant".to_owned(), HashOrigin::CustomerMatch)];
        }),
        with("file.hash_heading", GOOD, |options| {
            options.hashed = vec![("Nulle part".to_owned(), HashOrigin::CustomerMatch)];
        }),
        case("file.only_rejects", "E-mail;Date de vente;Montant\n;08/06/2024;10\n;08/06/2024;10\n"),
        case("file.too_many_rejects", format!("{GOOD}nc;08/06/2024;10\n")),
        with("policy.no_key_kind", GOOD, |options| options.kinds = vec![Kind::Landline]),
        with("policy.no_campaign", "email,campaign,lead_date\na@b.fr,C,2024-05-01\n", |options| {
            (options.kind, options.campaigns) = (FileKind::Leads, Vec::new());
        }),
    ]
}

/// Every code of `PrepareError`; a variant without a file here fails the comparison.
const CODES: [&str; 28] = [
    "file.empty",
    "file.encoding",
    "file.hash_absent",
    "file.hash_field",
    "file.hash_heading",
    "file.hash_phone_form",
    "file.hash_unknown",
    "file.heading_twice",
    "file.headings_missing",
    "file.line_too_long",
    "file.mapping_unknown",
    "file.markup",
    "file.no_headings",
    "file.no_identifier_column",
    "file.no_rows",
    "file.not_a_table",
    "file.only_rejects",
    "file.password",
    "file.quote_unclosed",
    "file.separator",
    "file.sheet_unknown",
    "file.too_many_columns",
    "file.too_many_rejects",
    "file.workbook",
    "file.workbook_too_large",
    "file.zip_bomb",
    "policy.no_campaign",
    "policy.no_key_kind",
];

#[test]
fn each_refusal_is_hit_by_its_file() {
    let mut hit = BTreeSet::new();
    for (place, case) in files().into_iter().enumerate() {
        let mut options = options(FileKind::Sales);
        (case.change)(&mut options);
        match read_and_normalise("file.csv", &case.bytes, &options) {
            Ok(_) => panic!("{place}: {} was read", case.code),
            Err(error) => {
                assert_eq!(error.code(), case.code, "{place}: {error}");
                hit.insert(error.code());
            }
        }
    }
    assert_eq!(hit, CODES.into_iter().collect());
}

#[test]
fn refusals_name_no_value() {
    let secret = "zebulon.secret";
    let files = [
        format!("{secret};08/06/2024;10\n"),
        format!("E-mail;{secret};Montant\na@b.fr;08/06/2024;10\n"),
        format!("E-mail;Date de vente;Montant\n{secret};08/06/2024;10\n"),
        format!("{secret}@b.fr;{secret}\n{secret};{secret}\n"),
    ];
    for file in files {
        let error = read_and_normalise("a", file.as_bytes(), &options(FileKind::Sales)).err();
        let error = error.expect("a refusal");
        assert!(!format!("{error} {error:?}").contains(secret), "{}", error.code());
    }
}
