//! Finds the tests whose names carry ids: `con_06_one_choice_per_channel`, and `log_01_log_02_lines` for two.
//! Reads sources, not binaries, so that the table does not depend on what happens to be built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Tests by the requirement that their names carry.
#[derive(Default)]
pub struct Tests(BTreeMap<String, BTreeSet<String>>);

impl Tests {
    /// Of every source file.
    pub fn of_the_repository() -> Self {
        let mut tests = Self::default();
        for folder in ["src", "crates", "tests"] {
            tests.walk(&super::root().join(folder));
        }
        tests
    }

    fn walk(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What shows that the scanner works is no proof of anything else.
            if path.ends_with("tests/conformity") {
                continue;
            }
            if path.is_dir() {
                self.walk(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.add(&fs::read_to_string(path).unwrap());
            }
        }
    }

    /// Counts the tests of one file: functions whose attributes say that they are run.
    pub fn add(&mut self, text: &str) {
        let (mut runs, mut ignored) = (false, false);
        for line in text.lines().map(str::trim) {
            if line.starts_with("//") || line.is_empty() {
                continue;
            }
            if line.starts_with("#[") {
                runs |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                ignored |= line.starts_with("#[ignore");
                continue;
            }
            let head = line.strip_prefix("async ").unwrap_or(line);
            if let Some(rest) = head.strip_prefix("fn ").filter(|_| runs && !ignored) {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                for id in ids(name) {
                    self.0.entry(id).or_default().insert(name.to_owned());
                }
            }
            (runs, ignored) = (false, false);
        }
    }

    /// The tests that prove a requirement.
    pub fn of(&self, id: &str) -> impl Iterator<Item = &str> {
        self.0.get(id).into_iter().flatten().map(String::as_str)
    }

    /// Every id with its tests.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(id, tests)| (id.as_str(), tests))
    }
}

/// The ids that a name begins with.
fn ids(name: &str) -> Vec<String> {
    let mut words = name.split('_');
    let mut found = Vec::new();
    while let (Some(group), Some(number)) = (words.next(), words.next()) {
        let is_group = group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_number = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_group || !is_number {
            break;
        }
        found.push(format!("{}-{number}", group.to_uppercase()));
    }
    found
}
