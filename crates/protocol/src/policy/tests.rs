//! Tests of [`super`]: the policies of the repository are read, and wrong ones are refused by name.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use super::*;

const STANDARD: &str = include_str!("../../../../policies/disclosure/standard.toml");

#[test]
fn every_policy_of_the_repository_is_read_and_survives_json() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/disclosure");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let policy = Policy::from_toml(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), policy.name());
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
        read += 1;
    }
    assert!(read >= 3, "policies are missing from the folder");
}

#[test]
fn no_policy_lets_more_be_learnt_of_a_person_in_a_year_than_the_standard_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/disclosure");
    let of = |name: &str| {
        let text = fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let policy = Policy::from_toml(&text).unwrap();
        (policy.sale_months_per_year().value() * policy.cap_nrho().value(), policy)
    };
    let (standard, _) = of("standard");
    assert_eq!(standard, 600_000_000);
    let (year, retail) = of("retail");
    assert_eq!(year, standard);
    assert!(retail.sale_months_per_year().value() == 12 && retail.tick() == Tick::Daily);
    let (year, strict) = of("strict");
    assert!(year < standard && strict.bridges().is_empty());
    assert!(strict.cohort_min().value() > 11 && strict.min_partners().value() > 3);
}

#[test]
fn areas_are_groups_of_departments_that_exist() {
    let with = |areas: &str| Policy::from_toml(&format!("{STANDARD}\n{areas}"));
    let good = "[[areas]]\nname = \"Nord\"\ndepartments = [\"59\", \"62\"]\n";
    let policy = with(good).unwrap();
    assert_eq!(policy.areas()[0].departments, ["59", "62"]);
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    // A policy without areas is written without them: its digest is what it was.
    let bare = Policy::from_toml(STANDARD).unwrap();
    assert!(bare.areas().is_empty() && !serde_json::to_string(&bare).unwrap().contains("areas"));
    for wrong in [good.replace("62", "96"), good.replace("62", "59"), good.to_owned() + good] {
        let refusal = with(&wrong).unwrap_err();
        assert_eq!(refusal.code(), "policy.areas", "{refusal}");
    }
}

#[test]
fn the_standard_policy_says_what_the_documents_say() {
    let policy = Policy::from_toml(STANDARD).unwrap();
    assert_eq!(policy.keys(), [Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost]);
    assert_eq!(policy.bridges(), Kind::NEAR);
    assert_eq!(policy.kinds().collect::<Vec<_>>(), [policy.keys(), &Kind::NEAR].concat());
    let exact = STANDARD.replace(&STANDARD[bridges()], "bridges = []");
    assert!(Policy::from_toml(&exact).unwrap().bridges().is_empty());
    assert_eq!(policy.report_cost_nrho(), 82_500_000);
    assert_eq!(policy.cap_nrho().value(), 300_000_000);
    for priced in policy.allowed() {
        let section = priced.section();
        assert_eq!(Some(priced.cost_nrho().value()), section.standard_cost_nrho());
        assert_eq!(policy.cost_of(section), Some(priced.cost_nrho()));
    }
    let absent = SectionId::new(TemplateId::Delay, Margin::CampaignModel);
    assert_eq!(policy.cost_of(absent), None);
    assert_eq!((policy.touch(), policy.tick()), (Touch::Last, Tick::Daily));
    for id in TemplateId::ALL {
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", id.name()));
    }
}

/// Where the list of bridges stands.
fn bridges() -> std::ops::Range<usize> {
    let start = STANDARD.find("bridges = [").unwrap();
    start..start + STANDARD[start..].find(']').unwrap() + 1
}

/// The standard policy with one piece of its text replaced.
fn altered(from: &str, to: &str) -> Result<Policy, PolicyError> {
    assert!(STANDARD.contains(from), "the table is stale: {from}");
    Policy::from_toml(&STANDARD.replacen(from, to, 1))
}

#[test]
fn sta_14_the_person_threshold_goes_upwards_only() {
    let with = |floor: u64| altered("cohort_min = 11", &format!("cohort_min = {floor}"));
    assert_eq!(with(10).unwrap_err().code(), "policy.out_of_range");
    assert_eq!(with(11).unwrap().cohort_min().value(), 11);
    assert_eq!(with(50).unwrap().cohort_min().value(), 50);
}

#[test]
fn sta_10_a_policy_shows_from_fifty_persons_on() {
    let text = include_str!("../../../../policies/disclosure/market-50.toml");
    let (fifty, standard) =
        (Policy::from_toml(text).unwrap(), Policy::from_toml(STANDARD).unwrap());
    assert_eq!(fifty.cohort_min().value(), 50);
    // And is the standard policy in all that protects.
    assert_eq!(fifty.allowed(), standard.allowed());
    assert_eq!(fifty.cap_nrho(), standard.cap_nrho());
    assert_eq!(fifty.sale_months_per_year(), standard.sale_months_per_year());
}

#[test]
fn sta_04_a_profile_for_wealth_data_shows_fifty_persons_and_no_small_place() {
    let read = |text| Policy::from_toml(text).unwrap();
    let wealth = read(include_str!("../../../../policies/disclosure/wealth.toml"));
    assert_eq!(wealth.cohort_min().value(), 50);
    assert!(wealth.areas().is_empty());
    // Nothing finer than a departement can be written in any policy.
    let commune = altered(
        "tick = \"daily\"",
        "tick = \"daily\"\nareas = [{ name = \"Mende\", departments = [\"48095\"] }]",
    );
    assert!(commune.is_err());
    // And is the strict policy in all else.
    let strict = read(include_str!("../../../../policies/disclosure/strict.toml"));
    let mut same = serde_json::to_value(&wealth).unwrap();
    same["cohort_min"] = strict.cohort_min().value().into();
    same["name"] = "strict".into();
    assert_eq!(same, serde_json::to_value(&strict).unwrap());
}

#[test]
fn exact_totals_are_off_but_in_the_policy_of_that_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/disclosure");
    for entry in fs::read_dir(folder).unwrap() {
        let policy =
            Policy::from_toml(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        assert_eq!(policy.exact_totals(), policy.name() == "exact-totals");
        // A policy without them is written without the word: its digest is what it was.
        let json = serde_json::to_value(&policy).unwrap();
        assert_eq!(json.get("exact_totals").is_some(), policy.exact_totals());
    }
    // And is the standard policy in all else.
    let text = include_str!("../../../../policies/disclosure/exact-totals.toml");
    let mut exact = serde_json::to_value(Policy::from_toml(text).unwrap()).unwrap();
    exact.as_object_mut().unwrap().remove("exact_totals");
    exact["name"] = "standard".into();
    assert_eq!(exact, serde_json::to_value(Policy::from_toml(STANDARD).unwrap()).unwrap());
}

#[test]
fn wrong_values_are_refused_and_named() {
    let table = [
        ("version = 1", "version = 0", "policy.out_of_range", "`version`"),
        ("window_days = 180", "window_days = 0", "policy.out_of_range", "between 1 and 730"),
        ("window_days = 180", "window_days = 731", "policy.out_of_range", "`window_days`"),
        ("year = 2", "year = 13", "policy.out_of_range", "`sale_months_per_year`"),
        ("clamp_cents = 4_000_000", "clamp_cents = 9_998", "policy.out_of_range", "`clamp_cents`"),
        ("clamp_cents = 4_000_000", "clamp_cents = 4_000_001", "policy.odd_clamp", "even"),
        ("cap_nrho = 300_000_000", "cap_nrho = 82_499_999", "policy.cost_above_cap", "cap_nrho"),
        ("cap_nrho = 300_000_000", "cap_nrho = 1_000_000_001", "policy.out_of_range", "`cap_nrho`"),
        ("permille = 200", "permille = 1_001", "policy.out_of_range", "`max_reject_permille`"),
        ("retention_days = 365", "retention_days = 366", "policy.out_of_range", "`retention_days`"),
        ("min_leads = 500", "min_leads = 99", "policy.out_of_range", "`min_leads`"),
        ("min_partners = 3", "min_partners = 2", "policy.out_of_range", "`min_partners`"),
        ("45_000_000", "250_000_001", "policy.out_of_range", "`cost_nrho`"),
        ("45_000_000", "999_999", "policy.out_of_range", "`cost_nrho`"),
        ("touch = \"last\"", "touch = \"best\"", "policy.syntax", "`first` or `last`"),
        ("tick = \"daily\"", "tick = \"hourly\"", "policy.syntax", "`daily` or `at_once`"),
        ("normalisation = \"1\"", "normalisation = \"2\"", "policy.syntax", "unknown variant `2`"),
        ("window_days = 180", "window_days = 1.5", "policy.syntax", "floating point"),
        ("window_days = 180", "window_days = -1", "policy.syntax", "-1"),
        ("window_days = 180", "window_day = 180", "policy.syntax", "unknown field `window_day`"),
        ("window_days = 180", "", "policy.syntax", "missing field `window_days`"),
        ("name = \"standard\"", "name = \"Standard\"", "policy.name", "`name`"),
        ("name = \"standard\"", "name = \"\"", "policy.name", "`name`"),
        ("\"near_landline\"", "\"email\"", "policy.wrong_list", "`kinds.bridges`"),
        ("\"near_name_birth\"", "\"near_name_town\"", "policy.kind_order", "`kinds.bridges`"),
        ("\"email\", \"mobile\"", "\"landline\"", "policy.wrong_list", "`kinds.keys`"),
        ("\"email\", \"mobile\"", "\"mobile\", \"email\"", "policy.kind_order", "`kinds.keys`"),
        ("\"email\", \"mobile\"", "\"email\", \"email\"", "policy.kind_order", "`kinds.keys`"),
        ("\"email\", \"mobile\"", "\"e_mail\"", "policy.syntax", "unknown variant `e_mail`"),
        ("revenue/1", "conversion/1", "policy.templates", "templates"),
        ("37_500_000", "45_000_000", "policy.revenue_not_below_conversion", "revenue/1"),
        ("revenue/1", "revenue/2", "policy.syntax", "unknown variant `revenue/2`"),
        ("revenue/1\"", "revenue/1\"\nmargin = \"all\"", "policy.margin", "revenue/1"),
        ("revenue/1\"", "revenue/1\"\nmargin = \"campaign_model\"", "policy.templates", "same"),
        ("conversion/1", "delay/1", "policy.templates", "conversion/1"),
        ("revenue/1\"", "delay/1\"\nmargin = \"dealer\"", "policy.syntax", "unknown variant"),
    ];
    for (from, to, code, words) in table {
        let refusal = altered(from, to).unwrap_err();
        assert_eq!(refusal.code(), code, "{to}: {refusal}");
        assert!(refusal.to_string().contains(words), "{to}: {refusal}");
    }
    let keyless = STANDARD.replace("[\"email\", \"mobile\", \"name_birth\", \"name_post\"]", "[]");
    assert_eq!(Policy::from_toml(&keyless).unwrap_err().code(), "policy.no_key");
    let bare = STANDARD
        .split("[[templates]]")
        .next()
        .unwrap()
        .replace("[kinds]", "templates = []\n[kinds]");
    assert_eq!(Policy::from_toml(&bare).unwrap_err().code(), "policy.templates");
}

#[test]
fn json_goes_through_the_same_door() {
    let policy = Policy::from_toml(STANDARD).unwrap();
    let good = serde_json::to_string(&policy).unwrap();
    let low = good.replace("\"cohort_min\":11", "\"cohort_min\":10");
    assert_ne!(good, low);
    let refusal = serde_json::from_str::<Policy>(&low).unwrap_err();
    assert!(refusal.to_string().contains("`cohort_min` must lie between 11 and"));
}
