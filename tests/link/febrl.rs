//! The public benchmark FEBRL 4 (5,000 invented Australians, each once more with typing errors), whose files
//! are not ours to keep: `TIERS_FEBRL` names the directory that holds `dataset4a.csv` and `dataset4b.csv`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::Home;
use super::measure::{Count, Rows, rows};

/// The file as a customer file says it, and the number of the person of each row.
fn customers(path: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let headings: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    let mut file = String::from("first_name,last_name,birth_date,address,postcode,city\n");
    let mut persons = Vec::new();
    for line in lines {
        let row: BTreeMap<&str, &str> =
            headings.iter().copied().zip(line.split(',').map(str::trim)).collect();
        let field = |name: &str| row[name];
        let address = format!("{} {}", field("street_number"), field("address_1"));
        let names = [field("given_name"), field("surname"), field("date_of_birth")].join(",");
        let place = [address.trim(), field("postcode"), field("suburb")].join(",");
        writeln!(file, "{names},{place}").unwrap();
        persons.push(field("rec_id").split('-').nth(1).unwrap().to_owned());
    }
    (file, persons)
}

#[test]
#[ignore = "needs the files of FEBRL 4 in TIERS_FEBRL"]
fn the_public_benchmark_is_met() {
    let dir = std::env::var("TIERS_FEBRL").expect("TIERS_FEBRL");
    let (a, ours) = customers(&Path::new(&dir).join("dataset4a.csv"));
    let (b, theirs) = customers(&Path::new(&dir).join("dataset4b.csv"));
    let place: BTreeMap<&str, u64> = theirs.iter().map(String::as_str).zip(1..).collect();
    let truth: Rows =
        ours.iter().zip(1..).map(|(person, row)| (row, place[person.as_str()])).collect();
    assert_eq!(truth.len(), 5_000);
    let measured = [Home::new(), Home::exact()].map(|home| {
        home.prepare("customers", "a", &a);
        home.prepare("customers", "b", &b);
        let mut count = Count::default();
        count.add(&rows(&home.link("a", "b").1), &truth);
        count
    });
    let [together, exact] = measured;
    assert!(together.precision() >= 0.999, "{together:?}");
    assert!(together.recall(5_000) >= 0.95, "{together:?}");
    // What docs/matching-quality.md says.
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/matching-quality.md");
    let document = fs::read_to_string(document).unwrap();
    for (name, count) in [("all", together), ("exact kinds", exact)] {
        let (precision, recall) = (count.precision(), count.recall(5_000));
        let Count { pairs, true_pairs } = count;
        let line = format!("| {name} | {pairs} | {true_pairs} | {precision:.4} | {recall:.4} |");
        assert!(document.contains(&line), "{line}");
    }
}
