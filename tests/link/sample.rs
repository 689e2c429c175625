//! The brand's leads against the sales of each dealer of the sample network, of which `truth.csv` says who is who.

use std::collections::BTreeMap;
use std::fs;

use tiers_contact::Kind;

use super::measure::{Agreeing, Measure, Rows, hold};
use super::{Home, samples};

/// Prepares the leads and the fourteen files of sales; their names without ending.
fn prepared(home: &Home) -> Vec<String> {
    let leads = samples().join("brand_leads.csv");
    home.prepare_file("leads", leads.to_str().unwrap(), "leads");
    let mut names = Vec::new();
    for entry in fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if stem.starts_with("dealer_") {
            home.prepare_file("sales", path.to_str().unwrap(), &stem);
            names.push(stem);
        }
    }
    names.sort();
    assert_eq!(names.len(), 14);
    names
}

/// The true pairs of each file: row of the lead, row of the sale.
fn truth() -> BTreeMap<String, Rows> {
    let leads = fs::read_to_string(samples().join("brand_leads.csv")).unwrap();
    let leads: BTreeMap<&str, u64> =
        leads.lines().skip(1).map(|line| line.split(',').next().unwrap()).zip(1..).collect();
    let text = fs::read_to_string(samples().join("truth.csv")).unwrap();
    let mut truth: BTreeMap<String, Rows> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let pair = (leads[fields[2]], fields[1].parse().unwrap());
        truth.entry(fields[0].to_owned()).or_default().insert(pair);
    }
    truth
}

#[test]
fn the_pairs_of_the_sample_network_are_found_and_true() {
    let (home, exact) = (Home::new(), Home::exact());
    let (names, truth) = (prepared(&home), truth());
    prepared(&exact);
    let mut measure = Measure::default();
    for name in &names {
        let agreeing = Agreeing::read(&home, "leads", name);
        let (_, pairs) = home.link("leads", name);
        assert!(
            super::measure::rows(&pairs) == agreeing.naive(),
            "{name}: not what the previews say"
        );
        let (answer, exact) = exact.link("leads", name);
        let by_kind = answer["by_kind"].as_object().unwrap();
        let keys = ["email", "mobile", "name_birth", "name_post"];
        assert!(by_kind.keys().all(|kind| keys.contains(&kind.as_str())), "{name}: {by_kind:?}");
        let none = Rows::new();
        measure.add(&agreeing, &pairs, &exact, truth.get(name).unwrap_or(&none));
    }
    assert_eq!(measure.truth, 1_576, "every true pair is looked for");
    assert!(measure.together.precision() >= 0.99, "{:?}", measure.together);
    assert!(measure.together.recall(measure.truth) >= 0.97, "{:?}", measure.together);
    assert!(measure.exact.true_pairs < measure.together.true_pairs);
    hold("pairs of the sample network", &measure.table(&Kind::ALL));
}
