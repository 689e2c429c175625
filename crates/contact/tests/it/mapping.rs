//! What a party can say of its columns by hand, and what it is told when they were not understood.

use tiers_contact::{
    DateOrders, Field, FileKind, Kind, PrepareOptions, Prepared, normalise::date::Order,
    read_and_normalise,
};

use crate::support::options;

fn read(text: &str, map: &[(&str, Field)]) -> Result<Prepared, String> {
    let map = map.iter().map(|(heading, field)| ((*heading).to_owned(), *field)).collect();
    let options = PrepareOptions { map, max_reject_permille: 1000, ..options(FileKind::Sales) };
    read_and_normalise("a", text.as_bytes(), &options).map_err(|error| error.to_string())
}

fn refusal(text: &str, map: &[(&str, Field)]) -> String {
    read(text, map).err().expect("a refusal")
}

const EXPORT: &str = "Nom;Prénom;E-mail;DT VTE;PX;Couleur\n\
    Lefèvre;Zoé;zoe@free.fr;08/06/2024;11 507,40;bleu\n\
    Moreau;Luc;luc@free.fr;25/06/2024;9 000;rouge\n";

#[test]
fn an_unrecognised_file_says_what_it_found_what_is_missing_and_what_to_try() {
    let told = refusal(EXPORT, &[]);
    for words in [
        "columns are missing: sale_date, amount;",
        "recognised: first_name, last_name, email;",
        "column 4 \"DT VTE\", column 5 \"PX\", column 6 \"Couleur\"",
        "try --map \"DT VTE=sale_date\" --map \"PX=amount\"",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let prepared = read(EXPORT, &[("DT VTE", Field::SaleDate), ("PX", Field::Amount)]);
    assert_eq!(prepared.expect("what was to be tried").rows.len(), 2);
}

#[test]
fn what_no_column_looks_like_is_told_in_words_to_complete() {
    let told = refusal("Nom;Prénom;E-mail;Couleur\nLefèvre;Zoé;zoe@free.fr;bleu\n", &[]);
    assert!(told.contains("--map \"HEADING=sale_date\" (or \"#NUMBER=sale_date\")"), "{told}");
}

#[test]
fn columns_of_identifiers_are_proposed_by_their_values() {
    let told = refusal("Qui;Date de vente;Montant\nzoe@free.fr;08/06/2024;10\n", &[]);
    // Two recognised headings could be a contact's words: the column is named by its number.
    assert!(told.contains("not recognised: column 1;"), "{told}");
    assert!(told.ends_with("try --map \"#1=email\""), "{told}");
    let prepared =
        read("Qui;Date de vente;Montant\nzoe@free.fr;08/06/2024;10\n", &[("#1", Field::Email)]);
    assert!(prepared.expect("read").rows[0].digest(Kind::Email).is_some());
}

/// Three recognised headings prove the row; what still looks like a value of a person is not told.
#[test]
fn a_heading_that_could_be_a_contact_is_told_by_its_number() {
    for value in ["zebulon@free.fr", "0745840475", "a=b", &"zebulon ".repeat(10)] {
        let told = refusal(&format!("Nom;Prénom;Mobile;{value}\nA;B;C;D\n"), &[]);
        assert!(told.contains("not recognised: column 4;") && !told.contains("zebulon"), "{told}");
        assert!(!told.contains("0745840475"));
    }
}

#[test]
fn columns_can_be_mapped_by_number_where_no_heading_is_known() {
    let text = "A;B;C\nzoe@free.fr;08/06/2024;10\n";
    let all = [("#1", Field::Email), ("#2", Field::SaleDate), ("#3", Field::Amount)];
    assert_eq!(read(text, &all).expect("read").rows.len(), 1);
    // A contact in the first row is no row of headings, whatever the party says.
    let bare = "zebulon@free.fr;08/06/2024;10\nzebulon@free.fr;08/06/2024;10\n";
    assert!(refusal(bare, &all).contains("no heading row"));
    assert!(refusal(text, &[("#4", Field::Email)]).contains("no heading row"));
    let beyond = [("#1", Field::Email), ("#4", Field::Amount)];
    assert!(refusal("E-mail;B;C\nzoe@free.fr;x;10\n", &beyond).contains("mappings [2]"));
}

#[test]
fn an_order_of_dates_can_be_imposed() {
    let text = "E-mail;Date de vente;Montant\na@b.fr;04/05/2024;1\n";
    let day = |event| {
        let orders = DateOrders { event, ..DateOrders::default() };
        let options = PrepareOptions { orders, ..options(FileKind::Sales) };
        let prepared = read_and_normalise("a", text.as_bytes(), &options);
        let prepared = prepared.unwrap_or_else(|error| panic!("{error}"));
        (prepared.rows[0].date.expect("a day").to_string(), prepared.orders)
    };
    let (shown, orders) = day(None);
    assert_eq!(
        (shown.as_str(), orders.event, orders.birth),
        ("2024-05-04", Some(Order::DayFirst), None)
    );
    let (imposed, orders) = day(Some(Order::MonthFirst));
    assert_eq!((imposed.as_str(), orders.event), ("2024-04-05", Some(Order::MonthFirst)));
}
