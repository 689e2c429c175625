//! Shapes of files: encodings, separators, headings, title and total rows, columns that only a whole
//! column decides.

use tiers_contact::{Field, FileKind, Kind, NormalisedRow, PrepareOptions, read_and_normalise};

use crate::support::{lenient, options, sales};

const HEAD: &str = "Nom;Prénom;E-mail;Téléphone;Date de vente;Montant TTC";
const ROW: &str = "Lefèvre;Zoé;zoe@free.fr;0745840475;08/06/2024;11 507,40 €";

fn digests(row: &NormalisedRow) -> Vec<Option<[u8; 32]>> {
    Kind::ALL.iter().map(|kind| row.digest(*kind).map(|digest| *digest.as_bytes())).collect()
}

#[test]
fn one_content_in_every_encoding_is_one_row() {
    let text = format!("{HEAD}\r\n{ROW}\r\n{}\r\n", ROW.replace("zoe@", "chloé@"));
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let mac: Vec<u8> = (text.chars())
        .map(|c| match c {
            'é' => 0x8e,
            'è' => 0x8f,
            '€' => 0xdb,
            c => u8::try_from(u32::from(c)).expect("ASCII"),
        })
        .collect();
    let windows = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let files = [
        (text.clone().into_bytes(), "UTF-8"),
        (marked, "UTF-8"),
        (utf16(false, true), "UTF-16LE"),
        (utf16(true, true), "UTF-16BE"),
        (utf16(false, false), "UTF-16LE"),
        (utf16(true, false), "UTF-16BE"),
        (windows, "windows-1252"),
        (mac, "macintosh"),
    ];
    let expected = sales(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    for (place, (bytes, encoding)) in files.into_iter().enumerate() {
        let prepared = sales(&bytes).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(prepared.encoding, encoding, "{place}");
        for (row, other) in prepared.rows.iter().zip(&expected.rows) {
            assert!(digests(row) == digests(other), "{place}");
            assert_eq!(row.amount_cents, Some(1_150_740), "{place}");
        }
        assert_eq!(prepared.rows.len(), 2);
    }
}

#[test]
fn separators_and_line_ends_do_not_matter() {
    let expected =
        sales(format!("{HEAD}\n{ROW}").as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    for separator in [';', '\t', '|'] {
        for end in ["\n", "\r\n", "\r", "\r\n\r\n"] {
            let text = format!("{HEAD}{end}{ROW}{end}").replace(';', &separator.to_string());
            let prepared = sales(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(prepared.separator, Some(separator));
            assert!(digests(&prepared.rows[0]) == digests(&expected.rows[0]));
        }
    }
}

#[test]
fn a_separator_can_be_imposed() {
    let text = format!("{HEAD}\n{ROW}").replace(';', "^");
    let imposed = PrepareOptions { separator: Some('^'), ..options(FileKind::Sales) };
    assert!(read_and_normalise("a", text.as_bytes(), &imposed).is_ok());
    assert!(sales(text.as_bytes()).is_err());
}

#[test]
fn titles_before_and_totals_after_are_no_rows() {
    let text = format!(
        "Export des ventes;;;;;\nNom du garage : Martin;;;;;\n\n{HEAD}\n{ROW}\n{ROW}\n;;;;;\nTotal;;;;;23 014,80 €\n"
    );
    let prepared = sales(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(prepared.rows.iter().map(|row| row.source_row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(prepared.rejects.len(), 1);
    assert_eq!((prepared.rejects[0].row, prepared.rejects[0].code), (4, "row.total"));
    assert_eq!(prepared.duplicates, 1);
}

#[test]
fn headings_of_every_habit_are_recognised() {
    let files = [
        "CIV,NOM_CLIENT,PRENOM_CLIENT,DT_NAISS,MAIL,TEL_PORT,ADR1,CP,COMMUNE,DT_CDE,GAMME,MT_TTC",
        "title,last_name,first_name,birth_date,email,phone,address,postcode,city,sale_date,model,amount",
        "Civilité,Nom,Prénom,Date de naissance,E-mail,Téléphone,Adresse,Code postal,Ville,Date de vente,Modèle,Montant TTC",
        "gender,ln,fn,dob,email,phone,Street Address,zip,ct,Order Date,,value",
        "Titre,Last Name,First Name,Birthday,Email,Phone,Address 1,Zip,City,Date,Model,Amount",
    ];
    for heading in files {
        let text = format!(
            "{heading}\nM.,Dupont,Jean,21/04/1938,j@free.fr,0745840475,1 rue X,31000,Y,08/06/2024,Z,12\n"
        );
        let prepared = sales(text.as_bytes()).unwrap_or_else(|error| panic!("{heading}: {error}"));
        for kind in [Kind::Email, Kind::Mobile, Kind::NameBirth] {
            assert!(prepared.rows[0].digest(kind).is_some(), "{heading}: {kind}");
        }
        // The one without a heading says nothing.
        let unread = prepared.columns.iter().filter(|column| column.field.is_none()).count();
        assert_eq!(unread, usize::from(heading.contains(",,")), "{heading}");
    }
}

#[test]
fn the_better_of_two_dates_is_taken_and_a_mapping_beats_both() {
    let text = "E-mail;Date facture;Date de vente;Montant\nj@free.fr;01/07/2024;08/06/2024;12\n";
    let day = |text: &str, map: &[(String, Field)]| {
        let options = PrepareOptions { map: map.to_vec(), ..options(FileKind::Sales) };
        let prepared = read_and_normalise("a", text.as_bytes(), &options);
        prepared.unwrap_or_else(|error| panic!("{error}")).rows[0].date.expect("a date").to_string()
    };
    assert_eq!(day(text, &[]), "2024-06-08");
    assert_eq!(day(text, &[("Date facture".to_owned(), Field::SaleDate)]), "2024-07-01");
}

#[test]
fn a_column_decides_the_order_of_its_dates() {
    let day_first =
        lenient("E-mail;Date de vente;Montant\na@b.fr;04/05/2024;1\na@b.fr;25/05/2024;1\n");
    assert_eq!(day_first.rows[0].date.expect("a date").to_string(), "2024-05-04");
    let month_first =
        lenient("E-mail;Date de vente;Montant\na@b.fr;04/05/2024;1\na@b.fr;05/25/2024;1\n");
    assert_eq!(month_first.rows[0].date.expect("a date").to_string(), "2024-04-05");
    let mixed = lenient(
        "E-mail;Date de vente;Montant\na@b.fr;04/05/2024;1\na@b.fr;05/25/2024;1\na@b.fr;25/05/2024;1\n",
    );
    assert_eq!(mixed.rows[0].date.expect("a date").to_string(), "2024-05-04");
}

#[test]
fn two_people_of_one_household_stay_two() {
    let text = "Nom;Prénom;Date de naissance;Téléphone;Adresse;Code postal;Date de vente;Montant\n\
        Martin;Jeanne;01/02/1980;0340351737;3 rue Hugo;31000;08/06/2024;1\n\
        Martin;Jean;01/02/1980;0340351737;3 rue Hugo;31000;08/06/2024;1\n\
        Martin;J.;01/02/1980;0340351737;3 rue Hugo;31000;08/06/2024;1\n";
    let prepared = lenient(text);
    let (one, other) = (digests(&prepared.rows[0]), digests(&prepared.rows[1]));
    assert!(one.iter().zip(&other).all(|(one, other)| one.is_none() || one != other));
    assert!(one.iter().any(Option::is_some) && other.iter().any(Option::is_some));
    // An initial names nobody: without another key the row is left out.
    assert_eq!((prepared.rejects[0].row, prepared.rejects[0].code), (3, "row.no_identifier"));
}

#[test]
fn several_telephone_columns_give_both_kinds() {
    let both =
        PrepareOptions { kinds: vec![Kind::Landline, Kind::Mobile], ..options(FileKind::Sales) };
    let text = "Tél. domicile;Tél. portable;Date de vente;Montant\n03 40 35 17 37;07 45 84 04 75;08/06/2024;1\n";
    let prepared = read_and_normalise("a", text.as_bytes(), &both);
    let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
    assert!(prepared.rows[0].digest(Kind::Mobile).is_some());
    assert!(prepared.rows[0].digest(Kind::Landline).is_some());
    assert_eq!(prepared.kinds, [Kind::Mobile, Kind::Landline]);
}

#[test]
fn hashed_values_are_taken_as_digests_and_hashed_placeholders_are_missing() {
    use sha2::Digest as _;
    let hash = |text: &str| {
        let digest = sha2::Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<String>()
    };
    let text = format!(
        "Email,Phone,sale_date,amount\n{},{},2024-06-08,1\n{},{},2024-06-08,1\n",
        hash("zoe@free.fr"),
        hash("+33745840475"),
        hash(""),
        hash("+33661234568"),
    );
    let prepared = lenient(&text);
    let clear = lenient("Email,Phone,sale_date,amount\nZoe@free.fr,0745840475,2024-06-08,1\n");
    assert!(digests(&prepared.rows[0]) == digests(&clear.rows[0]));
    assert!(prepared.rows[1].digest(Kind::Email).is_none());
    assert!(prepared.rows[1].digest(Kind::Mobile).is_some());
}

#[test]
fn rows_at_fault_are_named_by_code_and_never_by_value() {
    let rows = [
        ("a@b.fr;;10", "row.no_date", Some(Field::SaleDate)),
        ("a@b.fr;hier;10", "row.bad_date", Some(Field::SaleDate)),
        ("a@b.fr;08/06/2024;", "row.no_amount", Some(Field::Amount)),
        ("a@b.fr;08/06/2024;dix", "row.bad_amount", Some(Field::Amount)),
        ("a@b.fr;08/06/2024;-10", "row.credit_note", Some(Field::Amount)),
        ("a@b.fr;08/06/2024;0,00", "row.amount_zero", Some(Field::Amount)),
        (";08/06/2024;10", "row.no_identifier", None),
        ("a@b.fr;08/06/2024;10;20", "row.too_many_cells", None),
    ];
    let mut text = "E-mail;Date de vente;Montant\nz@b.fr;08/06/2024;40001\n".to_owned();
    rows.iter().for_each(|(row, ..)| text.extend([row, "\n"]));
    let prepared = lenient(&text);
    assert_eq!(prepared.rows.len(), 1);
    assert_eq!(prepared.rows[0].amount_cents, Some(4_000_000), "clamped");
    for (place, (row, code, field)) in rows.into_iter().enumerate() {
        let reject = &prepared.rejects[place];
        assert_eq!((reject.code, reject.field), (code, field), "{row}");
        assert_eq!(reject.row, u64::try_from(place).expect("small") + 2);
    }
}

#[test]
fn campaigns_are_of_the_public_list() {
    let lenient = PrepareOptions { max_reject_permille: 1000, ..options(FileKind::Leads) };
    let text = "email,campaign,lead_date\na@b.fr, c24-été ,2024-05-01\na@b.fr,C99,2024-05-01\na@b.fr,,2024-05-01\n";
    let prepared = read_and_normalise("a", text.as_bytes(), &lenient);
    let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
    let place = prepared.rows[0].campaign.expect("a campaign");
    assert_eq!(prepared.campaigns[place], "C24-ETE");
    let codes: Vec<_> = prepared.rejects.iter().map(|reject| reject.code).collect();
    assert_eq!(codes, ["row.unknown_campaign", "row.no_campaign"]);
}

#[test]
fn a_stray_cell_in_the_last_row_costs_no_memory_and_no_row() {
    let file = include_bytes!("../files/far-row.xlsx");
    let lenient = PrepareOptions { max_reject_permille: 1000, ..options(FileKind::Sales) };
    let prepared = read_and_normalise("a.xlsx", file, &lenient);
    let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(prepared.rows.len(), 1);
    assert_eq!((prepared.rejects[0].row, prepared.rejects[0].code), (1_048_575, "row.total"));
}
