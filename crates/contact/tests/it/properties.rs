//! Properties that hold for any input: nothing panics, a second pass changes nothing, rows are all
//! accounted for.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tiers_contact::{
    FileKind, PrepareOptions,
    normalise::{address, amount, date, email, name, number, phone, text},
    read_and_normalise,
};

use crate::support::{options, samples};

fn config() -> ProptestConfig {
    let cases = if std::env::var_os("TIERS_FULL").is_some() { 100_000 } else { 2_000 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// Texts near to what the rules look at: letters, digits, the signs that separate, and anything.
fn near() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,30}",
        "[0-9+(). /,-]{0,24}",
        "[a-zA-Zéèçœæ'’. -]{0,24}",
        "[a-z.+-]{0,8}@[a-zé.-]{0,12}",
        "[0-9]{1,4} ?(bis|ter|b|t|q|a)? ?(rue|r|av\\.?|bd|pl) (de la|du|d') ?[a-zé]{1,10}( (appt|bat) [0-9])?",
    ]
}

fn check<T: AsRef<str>>(
    value: Option<T>,
    again: impl Fn(&str) -> Option<T>,
) -> Result<(), TestCaseError> {
    if let Some(first) = value {
        let second = again(first.as_ref());
        prop_assert_eq!(second.as_ref().map(AsRef::as_ref), Some(first.as_ref()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn normalising_twice_changes_nothing(value in near()) {
        check(email::normalise(&value).value(), |text| email::normalise(text).value())?;
        check(address::normalise(&value).value(), |text| address::normalise(text).value())?;
        check(number::postcode(&value).value(), |text| number::postcode(text).value())?;
        check(number::card(&value).value(), |text| number::card(text).value())?;
        check(number::siret(&value).value(), |text| number::siret(text).value())?;
        check(phone::normalise(&value).mobile, |text| phone::normalise(text).mobile)?;
        check(phone::normalise(&value).landline, |text| phone::normalise(text).landline)?;
        check(Some(text::folded(&value)), |text| Some(text::folded(text)))?;
        check(Some(text::clean(&value).into_owned()), |text| Some(text::clean(text).into_owned()))?;
    }

    #[test]
    fn names_are_the_same_in_either_order(first in near(), last in near()) {
        let one = name::normalise(&first, &last);
        prop_assert_eq!(&one, &name::normalise(&last, &first));
        if let Some((a, b)) = one.clone().value().as_deref().and_then(|names| names.split_once('|')) {
            prop_assert_eq!(name::normalise(b, a).value(), one.value());
        }
        let _ = name::normalise_full(&first);
    }

    #[test]
    fn dates_and_amounts_that_are_read_are_possible(value in near()) {
        for order in [date::Order::DayFirst, date::Order::MonthFirst] {
            if let Some(day) = date::parse(&value, order, date::Purpose::Event) {
                prop_assert!((1990..=2100).contains(&day.year()));
                prop_assert_eq!(date::parse(&day.to_string(), order, date::Purpose::Event), Some(day));
            }
        }
        if let Some(cents) = amount::parse(&value) {
            let sign = if cents < 0 { "-" } else { "" };
            let written = format!("{sign}{},{:02} €", cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(amount::parse(&written), Some(cents));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for start in [&b""[..], b"E-mail;Date de vente;Montant\n", b"PK\x03\x04", b"\xff\xfe"] {
            let file = [start, &bytes].concat();
            let _ = read_and_normalise("a", &file, &options(FileKind::Sales));
        }
    }

    #[test]
    fn every_row_is_accounted_for_once(rows in prop::collection::vec((near(), near(), near()), 1..12)) {
        let quote = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
        let mut file = "E-mail;Date de vente;Montant\n".to_owned();
        for (a, b, c) in &rows {
            file += &[quote(a), quote(b), quote(c)].join(";");
            file += "\n";
        }
        let lenient = PrepareOptions { max_reject_permille: 1000, ..options(FileKind::Sales) };
        if let Ok(prepared) = read_and_normalise("a", file.as_bytes(), &lenient) {
            let good: BTreeSet<u64> = prepared.rows.iter().map(|row| row.source_row).collect();
            let bad: BTreeSet<u64> = prepared.rejects.iter().map(|reject| reject.row).collect();
            prop_assert!(good.is_disjoint(&bad));
            prop_assert_eq!(good.len() + bad.len(), prepared.rows.len() + prepared.rejects.len());
            let blank = |text: &String| text.chars().all(char::is_whitespace);
            let filled = rows.iter().filter(|(a, b, c)| !(blank(a) && blank(b) && blank(c))).count();
            prop_assert_eq!(good.len() + bad.len(), filled);
        }
    }
}

/// Workbooks cut or with a byte turned: read or refused, never a panic.
#[test]
fn damaged_workbooks_are_read_or_refused() {
    let step = if std::env::var_os("TIERS_FULL").is_some() { 7 } else { 499 };
    for name in ["dealer_12.xlsx", "dealer_06.xls", "dealer_09.ods"] {
        let whole = std::fs::read(samples().join(name)).expect("a sample");
        for place in (0..whole.len()).step_by(step) {
            let _ = read_and_normalise(name, &whole[..place], &options(FileKind::Sales));
            let mut turned = whole.clone();
            turned[place] ^= 0x55;
            let _ = read_and_normalise(name, &turned, &options(FileKind::Sales));
        }
    }
}

/// Old workbooks have no checksum: a turned byte goes straight to the tables of sectors and the places of
/// cells. Read or refused, in the memory that the limits leave.
#[test]
fn damaged_hostile_workbooks_are_read_or_refused() {
    let step = if std::env::var_os("TIERS_FULL").is_some() { 1 } else { 13 };
    for name in ["xls-plain", "xls-circle", "xls-cells-in-corners", "ods-gap", "xlsx-macros"] {
        let path = crate::hostile::folder().join(name).with_extension("case");
        let whole = crate::hostile::Case::read(&path).file();
        // The sectors of the stream are mostly empty: what counts is at the start.
        for place in (0..whole.len().min(2600)).step_by(step) {
            for turn in [0x01, 0x80, 0xff] {
                let mut turned = whole.clone();
                turned[place] ^= turn;
                let _ = read_and_normalise(name, &turned, &options(FileKind::Sales));
            }
        }
    }
}

/// The same for the parts of new workbooks, before they are packed: what stands in a repeat, a reference or
/// a count becomes something else.
#[test]
fn damaged_parts_of_workbooks_are_read_or_refused() {
    let step = if std::env::var_os("TIERS_FULL").is_some() { 1 } else { 11 };
    for name in ["ods-plain-with-empty-tail", "ods-gap", "xlsx-plain", "xlsx-strings-claim"] {
        let path = crate::hostile::folder().join(name).with_extension("case");
        let mut case = crate::hostile::Case::read(&path);
        let whole = case.body.clone();
        for place in (0..whole.len()).step_by(step) {
            for byte in [b'9', b'"', b' '] {
                // The lines `== path` of the recipe stay.
                if matches!(whole[place], b'\n' | b'=') {
                    continue;
                }
                case.body.clone_from(&whole);
                case.body[place] = byte;
                let _ = read_and_normalise(name, &case.file(), &options(FileKind::Sales));
            }
        }
    }
}
