//! Columns that are hashed already: whose form is taken, whose is refused, and that hexadecimal in any other place
//! never becomes a token, a date or an amount.

use sha2::{Digest as _, Sha256};
use tiers_contact::{
    Field, FileKind, HashOrigin, Kind, PrepareOptions, Prepared, read_and_normalise,
};

use crate::support::options;

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(text: &str, hashed: &[(&str, HashOrigin)]) -> Result<Prepared, &'static str> {
    let hashed = hashed.iter().map(|(heading, origin)| ((*heading).to_owned(), *origin)).collect();
    let kinds = Kind::ALL.to_vec();
    let lenient = options(FileKind::Sales);
    let options = PrepareOptions { kinds, hashed, max_reject_permille: 1000, ..lenient };
    read_and_normalise("a", text.as_bytes(), &options).map_err(|error| error.code())
}

fn sale(headings: &str, cells: &str) -> String {
    format!("{headings},sale_date,amount\n{cells},2024-06-08,1\n")
}

#[test]
fn customer_match_columns_are_recognised_and_may_be_declared() {
    let cells = format!("{},{}", hash("zoe@free.fr"), hash("+33745840475"));
    let text = sale("Email,Phone", &cells);
    let clear = sale("Email,Phone", "Zoe@free.fr,07 45 84 04 75");
    let digests = |text: &str, declared: &[(&str, HashOrigin)]| {
        let prepared = read(text, declared).expect("read");
        let row = &prepared.rows[0];
        [Kind::Email, Kind::Mobile].map(|kind| *row.digest(kind).expect("a digest").as_bytes())
    };
    assert_eq!(digests(&text, &[]), digests(&clear, &[]));
    let declared = [("Phone", HashOrigin::CustomerMatch), ("#1", HashOrigin::CustomerMatch)];
    assert_eq!(digests(&text, &declared), digests(&clear, &[]));
}

/// Meta hashes telephones without the sign of E.164: recognised by its headings, by well-known numbers in its
/// form, or declared.
#[test]
fn the_telephones_of_meta_are_refused() {
    let phone = hash("33745840475");
    let refused = |text: &str, declared: &[(&str, HashOrigin)]| {
        assert_eq!(read(text, declared).err(), Some("file.hash_phone_form"), "{text}");
    };
    refused(&sale("em,ph", &format!("{},{phone}", hash("zoe@free.fr"))), &[]);
    refused(&sale("email,phone,fn,ln,dob", &format!("{0},{phone},{0},{0},{0}", hash("a"))), &[]);
    refused(&sale("Email,Phone", &format!("a@b.fr,{phone}")), &[("Phone", HashOrigin::Meta)]);
    for known in ["33612345678", "0612345678", "0033612345678"] {
        refused(&sale("Email,Phone", &format!("a@b.fr,{}", hash(known))), &[]);
    }
    // The headings alone do not refuse telephones in clear, nor do they outweigh a declaration.
    assert!(read(&sale("em,ph", "a@b.fr,0745840475"), &[]).is_ok());
    let declared = [("ph", HashOrigin::CustomerMatch)];
    let good = format!("{},{}", hash("zoe@free.fr"), hash("+33745840475"));
    assert!(read(&sale("em,ph", &good), &declared).is_ok());
    // A well-known number in the wrong form does.
    let proof = format!("{},{}", hash("zoe@free.fr"), hash("33612345678"));
    let found = read(&sale("em,ph", &proof), &declared).err();
    assert_eq!(found, Some("file.hash_phone_form"));
    // Both hash e-mail alike: that column is of use.
    let emails = sale("em,fn,ln", &format!("{},,", hash("zoe@free.fr")));
    assert!(read(&emails, &[("em", HashOrigin::Meta)]).is_ok());
}

/// Every field but e-mail and telephone, with hashes whose digits would read as a postcode, a day, an amount, a card.
#[test]
fn hexadecimal_in_the_wrong_place_never_becomes_a_token() {
    let headings = "Email,Nom,Prénom,Nom complet,Date de naissance,Adresse,num voie,Adresse 2,Code postal,Carte,SIRET";
    let hashes = [
        hash("zoe"),
        format!("31000{}", &hash("zoe")[..59]),
        format!("12a05b1980c{}", &hash("x")[..53]),
        "1".repeat(64),
        "a".repeat(64),
        "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
        "2500012345000000000000000000abcd".to_owned(),
        "12345678901234567890123456789012".to_owned(),
        "da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned(),
        hash("a") + &hash("b"),
        hash("zoe").to_uppercase(),
    ];
    for hash in &hashes {
        let cells = ["zebulon@free.fr"].into_iter().chain([hash.as_str(); 10]);
        let text = sale(headings, &cells.collect::<Vec<_>>().join(","));
        let prepared = read(&text, &[]).unwrap_or_else(|code| panic!("{code}: {hash}"));
        for kind in Kind::ALL {
            let found = prepared.rows[0].digest(kind).is_some();
            assert_eq!(found, kind == Kind::Email, "{kind}: {hash}");
        }
        for column in prepared.columns {
            let expected = match column.field {
                Some(Field::Email | Field::SaleDate | Field::Amount) => 0,
                _ => 1,
            };
            if let Some(account) = column.account {
                assert_eq!(account.counts.refused, expected, "{}: {hash}", column.heading);
            }
        }
        for place in ["sale_date", "amount"] {
            let [day, amount] =
                if place == "amount" { ["2024-06-08", hash] } else { [hash.as_str(), "1"] };
            let text =
                format!("Email,sale_date,amount\na@b.fr,2024-06-08,1\na@b.fr,{day},{amount}\n");
            assert_eq!(read(&text, &[]).expect("read").rejects.len(), 1, "{place}: {hash}");
        }
    }
}
