//! What watches a certifier asks for figures that there are: every name and every value of a label in
//! `packaging/alerts.yml` and `packaging/grafana/tiers.json` stands at `/metrics` of the real binary over TLS.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::tls::Secured;

const ALERTS: &str = include_str!("../../packaging/alerts.yml");
const DASHBOARD: &str = include_str!("../../packaging/grafana/tiers.json");

/// What no certifier says at its start, and why.
const LATER: [(&str, &str); 3] = [
    ("up", "Prometheus says it itself, of whatever it asks"),
    ("tiers_witness_age_seconds", "each witness has one, and this certifier has no witness"),
    (
        "operation",
        "an operation is counted when it is called; that it exists is looked up in the API's description",
    ),
];

/// The expressions of the alerts: a rule has one, on a line of its own.
fn expressions_of_alerts() -> Vec<String> {
    let lines = ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let found: Vec<String> = lines.map(str::to_owned).collect();
    assert_eq!(found.len(), ALERTS.matches("- alert: ").count(), "an alert without an expression");
    found
}

/// Those of the dashboard.
fn expressions_of_dashboard() -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|inner| walk(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| walk(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&serde_json::from_str(DASHBOARD).unwrap(), &mut found);
    assert!(!found.is_empty());
    found
}

/// Figures that an expression names: words that begin as ours do, and `up`.
fn names(expression: &str) -> BTreeSet<String> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    // Values of labels are no figures.
    let outside: String = expression.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split(word).filter(|word| word.starts_with("tiers_") || *word == "up");
    words.map(str::to_owned).collect()
}

/// Labels with the values that an expression asks for: `a="b"` is one, `a=~"b|c"` two.
fn labels(expression: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = expression.split('"').collect();
    let asked = parts.chunks_exact(2).flat_map(|pair| {
        let before = pair[0].trim_end_matches(['=', '~', '!']);
        let name = before.rsplit([' ', '{', ',']).next().unwrap_or_default();
        let several = pair[0].ends_with("=~");
        let values = pair[1].split(move |c| several && c == '|');
        values.map(move |value| (name.to_owned(), value.to_owned()))
    });
    asked.collect()
}

fn is_later(name: &str) -> bool {
    LATER.iter().any(|(later, _)| *later == name)
}

/// Whether a figure with this label is told; a dot in a pattern stands for one character.
fn told(figures: &str, name: &str, label: &str, value: &str) -> bool {
    let prefix = format!("{name}{{");
    let begins = format!("{label}=\"");
    let fits = |found: &str| {
        found.len() == value.len()
            && value.bytes().zip(found.bytes()).all(|(wanted, is)| wanted == b'.' || wanted == is)
    };
    figures.lines().filter_map(|line| line.strip_prefix(&prefix)).any(|line| {
        let at = line.split(&begins).nth(1).and_then(|rest| rest.split('"').next());
        at.is_some_and(fits)
    })
}

#[test]
fn what_reads_an_expression_finds_names_and_labels() {
    let asked = r#"sum by (le) (rate(tiers_x_total{of=~"a|b",status="up"}[5m])) > 2e9"#;
    assert_eq!(names(asked), BTreeSet::from(["tiers_x_total".to_owned()]));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(labels(asked), [pair("of", "a"), pair("of", "b"), pair("status", "up")]);
    assert!(told("tiers_x{of=\"a\"} 1", "tiers_x", "of", "a"));
    assert!(told("tiers_x{s=\"503\"} 1", "tiers_x", "s", "5.."));
    assert!(!told("tiers_x{of=\"a\"} 1", "tiers_x", "of", "b"));
    assert!(!told("tiers_xy{of=\"a\"} 1", "tiers_x", "of", "a"));
}

#[test]
fn every_figure_that_alerts_and_dashboard_name_is_told() {
    let secured = Secured::new("");
    // Requests are counted when there was one.
    let described = secured.description();
    let figures = secured.figures();
    let mut missing = BTreeSet::new();
    for expression in expressions_of_alerts().into_iter().chain(expressions_of_dashboard()) {
        let names = names(&expression);
        assert!(!names.is_empty(), "no figure of ours in {expression}");
        let here: Vec<&String> = names.iter().filter(|name| !is_later(name)).collect();
        for name in &here {
            let stands = |line: &str| {
                line.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['{', ' ']))
            };
            if !figures.lines().any(stands) {
                missing.insert(name.to_string());
            }
        }
        for (label, value) in labels(&expression) {
            if label == "operation" {
                let (method, path) = value.split_once(' ').expect("a method and a path");
                assert!(described["paths"][path][method.to_lowercase()].is_object(), "{value}");
            } else if label != "status"
                && here.iter().any(|name| !told(&figures, name, &label, &value))
            {
                missing.insert(format!("{label}={value}"));
            }
        }
    }
    assert!(missing.is_empty(), "not at /metrics: {missing:?}");
}

/// What the page for whoever runs a certifier explains is there as well.
#[test]
fn every_state_that_the_page_explains_is_told() {
    let page = include_str!("../../docs/operations.md");
    let figures = Secured::new("").figures();
    let rows = page
        .lines()
        .skip_while(|line| *line != "## Watch")
        .take_while(|line| *line != "## When something breaks");
    let mut seen = 0;
    for row in rows.filter(|line| line.starts_with("| `")) {
        let first = row.split('|').nth(1).unwrap();
        for name in first.split('`').skip(1).step_by(2).filter(|name| !name.contains("tiers_")) {
            assert!(told(&figures, "tiers_state", "of", name), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 10, "the table was not found");
}
