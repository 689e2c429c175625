//! Every table of the schema ends under a rule of the retention policy, or the documentation says why not: a new
//! table without either fails here.

use std::collections::{BTreeMap, BTreeSet};

use tiers::governance::retention::{Object, RetentionPolicy};

use crate::harness::vault::database;
use crate::harness::world::World;

/// Words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The table of `docs/governance.md`: what it says of each table of the database.
fn documented() -> BTreeMap<String, String> {
    let text = include_str!("../../docs/governance.md");
    let (_, rows) = text.split_once("| table | rule, or reason |").unwrap();
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut found = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        for table in quoted(cells[0]) {
            let twice = found.insert(table.to_owned(), cells[1].trim().to_owned());
            assert_eq!(twice, None, "{table} stands there twice");
        }
    }
    found
}

#[test]
fn ret_11_every_table_ends_under_a_rule_or_says_why_not() {
    let world = World::new();
    let database = database(&world);
    let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = database.prepare(query).unwrap();
    let tables: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let said = documented();
    let named: BTreeSet<String> = said.keys().cloned().collect();
    assert_eq!(tables, named, "tables of the database and tables of docs/governance.md");
    // A rule that is named exists; where none is, there is a reason.
    let policy = RetentionPolicy::france();
    let mut used = BTreeSet::new();
    for (table, text) in &said {
        if text.starts_with("none: ") || text.starts_with("that of the object") {
            assert!(text.len() > 20, "{table}");
            continue;
        }
        let rules = quoted(text);
        assert!(!rules.is_empty(), "{table}");
        for rule in rules {
            let object = Object::ALL.into_iter().find(|object| object.as_str() == rule);
            used.insert(object.unwrap_or_else(|| panic!("{table}: no rule {rule}")));
        }
    }
    // Every rule is of something: what is not in the database is in files, or with the parties.
    let elsewhere =
        [Object::ExchangeBodies, Object::Prospects, Object::Customers, Object::IdentityDocuments];
    for object in Object::ALL {
        assert!(used.contains(&object) != elsewhere.contains(&object), "{}", object.as_str());
        let dates = policy.rule(object).dates(jiff::civil::date(2025, 9, 1));
        assert!(dates.kept_until >= dates.active_until && dates.kept_until.year() < 2040);
    }
}
