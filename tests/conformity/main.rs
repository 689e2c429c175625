//! The table of conformity, `docs/conformity.md`: what the texts ask (`requirements.toml`) beside the tests
//! whose names carry its id. It claims nothing that no test shows: a test is counted by its name and its
//! attribute, and `cargo test` as a whole says whether it passes. Not a legal opinion.
//!
//! `TIERS_WRITE=1 cargo test --test conformity` writes the document anew.

#![allow(clippy::unwrap_used)]

mod scan;
mod table;

use std::fs;
use std::path::Path;

use scan::Tests;
use table::Requirements;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_document_tells_what_the_tests_prove() {
    let document = Requirements::read().document(&Tests::of_the_repository());
    let path = root().join("docs/conformity.md");
    if std::env::var("TIERS_WRITE").is_ok_and(|value| value == "1") {
        fs::write(&path, &document).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == document,
        "docs/conformity.md is stale: TIERS_WRITE=1 cargo test --release --workspace --test conformity"
    );
}

#[test]
fn every_test_that_names_an_id_names_one_that_exists() {
    let requirements = Requirements::read();
    assert_eq!(requirements.len(), 203);
    for (id, tests) in Tests::of_the_repository().iter() {
        assert!(requirements.has(id), "{id} of {tests:?} is no requirement");
    }
}

#[test]
fn only_tests_that_run_are_counted() {
    let text = [
        "#[test]\nfn gov_01_a() {}\n",
        "fn gov_02_b() {}\n",
        "#[test]\n#[ignore]\nfn gov_03_c() {}\n",
        "#[tokio::test]\nasync fn gov_04_gov_05_d() {}\n",
        "// #[test]\n// fn gov_06_e() {}\n",
        "#[test]\nfn govern_07() {}\n#[test]\nfn gov_8_f() {}\n",
        "    #[test]\n    fn con_01_x(seed in 0_u64..) {}\n",
        "#[test]\nlet _ = 1;\nfn con_02_y() {}\n",
    ]
    .concat();
    let mut tests = Tests::default();
    tests.add(&text);
    let found: Vec<_> = tests.iter().map(|(id, names)| (id.to_owned(), names.len())).collect();
    let expected = ["CON-01", "GOV-01", "GOV-04", "GOV-05"].map(|id| (id.to_owned(), 1));
    assert_eq!(found, expected);
}
