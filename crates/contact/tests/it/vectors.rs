//! The published vectors of the normalisation, version 1: one rule each, the same files for every build.
//!
//! Good and bad cases stand in `tests/vectors/v1/*.json` at the root of the repository; a file that is added there without a reader
//! here fails the count.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde::Deserialize;
use tiers_contact::{
    Kind, Tokeniser, canaries, canary_tokens,
    near::{Person, Street},
    normalise::{
        Reading, address, amount,
        date::{self, Order, Purpose},
        email, name, number, phone, skeleton, town,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    #[allow(dead_code)]
    about: String,
    cases: Vec<T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    r#in: String,
    reading: String,
    out: Option<String>,
    why: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1")
}

fn cases<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let text = fs::read_to_string(folder().join(name)).expect("a vector file");
    let file: File<T> = serde_json::from_str(&text).expect("vectors in their form");
    file.cases
}

fn shown(reading: Reading<String>) -> (&'static str, Option<String>) {
    match reading {
        Reading::Good(text) => ("good", Some(text)),
        Reading::Repaired(text, _) => ("repaired", Some(text)),
        Reading::Missing => ("missing", None),
        Reading::Refused => ("refused", None),
    }
}

/// All differences at once: a changed rule shows everything that it changes.
fn report(name: &str, differences: &[String]) {
    assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
}

fn check_plain(file: &str, normalise: impl Fn(&str) -> Reading<String>, again: bool) {
    let mut differences = Vec::new();
    for case in cases::<Plain>(file) {
        let (reading, out) = shown(normalise(&case.r#in));
        if (reading, &out) != (case.reading.as_str(), &case.out) {
            differences.push(format!("{}: {:?}: {reading} {out:?}", case.why, case.r#in));
        }
        if let Some(out) = out.filter(|_| again) {
            let twice = normalise(&out).value();
            if twice.as_ref() != Some(&out) {
                differences.push(format!("{}: a second time: {out:?} {twice:?}", case.why));
            }
        }
    }
    report(file, &differences);
}

#[test]
fn pse_08_email_vectors() {
    check_plain("email.json", email::normalise, true);
}

#[test]
fn pse_08_street_vectors() {
    check_plain("street.json", address::normalise, true);
}

#[test]
fn pse_08_number_vectors() {
    check_plain("postcode.json", number::postcode, true);
    check_plain("siret.json", number::siret, true);
    check_plain("card.json", number::card, true);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneCase {
    r#in: String,
    mobile: Option<String>,
    landline: Option<String>,
    state: String,
    why: String,
}

#[test]
fn pse_08_phone_vectors() {
    let mut differences = Vec::new();
    for case in cases::<PhoneCase>("phone.json") {
        let found = phone::normalise(&case.r#in);
        let state = match &found {
            found if found.is_missing() => "missing",
            found if found.refused => "refused",
            found if !found.repairs.is_empty() => "repaired",
            _ => "good",
        };
        if (&found.mobile, &found.landline, state)
            != (&case.mobile, &case.landline, case.state.as_str())
        {
            differences.push(format!("{}: {:?}: {state} {found:?}", case.why, case.r#in));
        }
        for e164 in found.mobile.iter().chain(&found.landline) {
            let twice = phone::normalise(e164);
            if twice.mobile.or(twice.landline).as_ref() != Some(e164) {
                differences.push(format!("{}: a second time: {e164}", case.why));
            }
        }
    }
    report("phone.json", &differences);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameCase {
    first: Option<String>,
    last: Option<String>,
    full: Option<String>,
    reading: String,
    out: Option<String>,
    why: String,
}

#[test]
fn pse_08_name_vectors() {
    let mut differences = Vec::new();
    for case in cases::<NameCase>("name.json") {
        let found = match (&case.full, &case.first, &case.last) {
            (Some(full), None, None) => name::normalise_full(full),
            (None, Some(first), Some(last)) => name::normalise(first, last),
            _ => panic!("{}: full, or first and last", case.why),
        };
        let (reading, out) = shown(found);
        if (reading, &out) != (case.reading.as_str(), &case.out) {
            differences.push(format!("{}: {reading} {out:?}", case.why));
        }
        if let Some((one, other)) = out.as_deref().and_then(|out| out.split_once('|'))
            && name::normalise(one, other).value() != out
        {
            differences.push(format!("{}: a second time", case.why));
        }
    }
    report("name.json", &differences);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DateCase {
    r#in: String,
    order: String,
    purpose: String,
    out: Option<String>,
    why: String,
}

#[test]
fn pse_08_date_vectors() {
    let mut differences = Vec::new();
    for case in cases::<DateCase>("date.json") {
        let order = match case.order.as_str() {
            "day" => Order::DayFirst,
            "month" => Order::MonthFirst,
            other => panic!("order {other}"),
        };
        let purpose = match case.purpose.as_str() {
            "birth" => Purpose::Birth,
            "event" => Purpose::Event,
            other => panic!("purpose {other}"),
        };
        let out = date::parse(&case.r#in, order, purpose).map(|date| date.to_string());
        if out != case.out {
            differences.push(format!("{}: {:?}: {out:?}", case.why, case.r#in));
        }
    }
    report("date.json", &differences);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountCase {
    r#in: String,
    out: Option<i64>,
    why: String,
}

#[test]
fn amount_vectors() {
    let mut differences = Vec::new();
    for case in cases::<AmountCase>("amount.json") {
        let out = amount::parse(&case.r#in);
        if out != case.out {
            differences.push(format!("{}: {:?}: {out:?}", case.why, case.r#in));
        }
    }
    report("amount.json", &differences);
}

#[test]
fn there_are_five_hundred_cases_and_no_two_are_alike() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).expect("the folder of vectors") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let cases: Vec<serde_json::Value> = cases(&name);
        let mut seen = BTreeSet::new();
        for case in &cases {
            let mut case = case.clone();
            let why = case.as_object_mut().expect("an object").remove("why");
            // A canary's case gives its reason by its place.
            assert!(name == "canaries.json" || why.is_some_and(|why| why.is_string()), "{name}");
            assert!(seen.insert(case.to_string()), "{name}: twice {case}");
        }
        count += cases.len();
    }
    assert!(count >= 500, "{count}");
}

#[test]
fn every_vector_file_has_a_reader() {
    let names: BTreeSet<String> = fs::read_dir(folder())
        .expect("the folder of vectors")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let read = [
        "amount.json",
        "canaries.json",
        "card.json",
        "date.json",
        "email.json",
        "name.json",
        "near.json",
        "phone.json",
        "postcode.json",
        "siret.json",
        "skeleton.json",
        "street.json",
        "town.json",
    ];
    assert_eq!(names, read.into_iter().map(str::to_owned).collect());
}

#[test]
fn town_vectors() {
    check_plain("town.json", town::normalise, false);
}

#[test]
fn skeleton_vectors() {
    check_plain("skeleton.json", |word| Reading::Good(skeleton::skeleton(word)), true);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NearCase {
    kind: Kind,
    #[serde(default)]
    names: Vec<String>,
    birth: Option<jiff::civil::Date>,
    postcode: Option<String>,
    town: Option<String>,
    street: Option<String>,
    landline: Option<String>,
    texts: Vec<String>,
    why: String,
}

#[test]
fn near_vectors() {
    let mut differences = Vec::new();
    for case in cases::<NearCase>("near.json") {
        let person = Person {
            names: case.names,
            birth: case.birth,
            postcode: case.postcode,
            town: case.town,
            street: case.street.as_deref().map(Street::of),
            landline: case.landline,
        };
        let mut texts = person.texts(case.kind);
        texts.sort();
        texts.dedup();
        if texts != case.texts {
            differences.push(format!("{}: {}: {texts:?}", case.why, case.kind));
        }
    }
    report("near.json", &differences);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CanaryCase {
    canary: usize,
    kind: Kind,
    text: String,
    token: String,
}

/// The canaries' normal forms, and their tokens under the key of 32 bytes 0x2a in the domain `vectors`:
/// a build that differs in any of them would be refused by every certifier.
#[test]
fn pse_08_canary_vectors() {
    let tokeniser = Tokeniser::new(&[0x2a; 32], "vectors");
    let mut differences = Vec::new();
    let cases = cases::<CanaryCase>("canaries.json");
    let tokens = canary_tokens(&tokeniser, &Kind::ALL);
    assert_eq!(cases.len(), tokens.len());
    for (case, (canary, kind, token)) in cases.iter().zip(tokens) {
        let text = canaries()[canary].normalised(kind);
        let same = (case.canary, case.kind, &case.text) == (canary, kind, &text);
        // Canaries are public: their tokens may be shown.
        if !same || case.token != token.to_base64url() {
            let token = token.to_base64url();
            differences.push(format!(
                "{{\"canary\":{canary},\"kind\":\"{kind}\",\"text\":\"{text}\",\"token\":\"{token}\"}},"
            ));
        }
    }
    report("canaries.json", &differences);
}
