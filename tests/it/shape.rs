//! The shape of the code: who may import whom, which crate knows what, how long a file may be. The
//! table here is that of `docs/architecture.md`; imports go downward only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the certifier, the lowest first; each may import those before it.
const ORDER: [&str; 22] = [
    "time",
    "limits",
    "parallel",
    "markup",
    "durable",
    "crypto",
    "vault",
    "matching",
    "statistics",
    "disclosure",
    "invoice",
    "paper",
    "governance",
    "consent",
    "ledger",
    "journal",
    "witness",
    "store",
    "service",
    "api",
    "web",
    "cli",
];

/// What only some folders may know, tests apart.
const ONLY: [(&str, &[&str]); 14] = [
    ("age", &["service"]),
    ("cedar_policy", &["service"]),
    ("tokio_rustls", &["api"]),
    ("instant_acme", &["api"]),
    ("rcgen", &["api"]),
    ("rusqlite", &["store"]),
    ("axum", &["api", "web", "cli"]),
    ("prometheus_client", &["api"]),
    ("ureq", &["cli"]),
    ("opendp", &["disclosure"]),
    ("parquet", &["vault"]),
    ("quick_xml", &["invoice"]),
    ("pdf_writer", &["paper"]),
    ("clap", &["cli"]),
];

/// What `disclosure`, the gate, and `consent`, the decisions, never touch: they are pure.
const IMPURE: [&str; 5] = ["std::fs", "std::net", "std::time", "std::env", " ring::"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    crate::harness::server::walk(&root().join(folder), &mut files);
    files.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    files.sort();
    assert!(!files.is_empty(), "{folder} has no source");
    files
}

/// Source text without comments, so that documentation may point upwards.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_start() {
        comment if comment.starts_with("//") => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in a text: `crate::a::b` and `crate::{a, b::c}` alike.
fn names_after(text: &str, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_names(group)),
            None => names.extend(leading_name(rest)),
        }
    }
    names
}

fn leading_name(text: &str) -> Option<String> {
    let name: String =
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The first name of each part of a group, whatever is nested in it.
fn group_names(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(leading_name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

/// Imports of a folder's file that go upwards.
fn upward(folder: &str, text: &str) -> Vec<String> {
    let place = |name: &str| ORDER.iter().position(|module| *module == name);
    let own = place(folder).unwrap_or_else(|| panic!("{folder} is not in the table"));
    let text = code(text);
    let mut found: Vec<String> = names_after(&text, "crate::").into_iter().collect();
    found.extend(names_after(&text, "tiers::"));
    found.extend(names_after(&text, "tiers_engine::"));
    found.retain(|name| place(name).is_some_and(|other| other > own));
    found
}

/// The sources of every crate.
const CRATES: [&str; 6] = [
    "src",
    "crates/contact/src",
    "crates/engine/src",
    "crates/protocol/src",
    "crates/spark/src",
    "crates/wasm/src",
];

/// The sources of the certifier: the engine's crate, then the one with database, API, pages and commands.
const CERTIFIER: [&str; 2] = ["crates/engine/src", "src"];

/// The folder of a source file: `src/store/db.rs` and `src/store.rs` are both of `store`.
fn folder_of(path: &Path) -> String {
    let inside = CERTIFIER.iter().find_map(|src| path.strip_prefix(root().join(src)).ok()).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_go_downward_only() {
    let mut seen = BTreeSet::new();
    for path in CERTIFIER.into_iter().flat_map(sources) {
        let folder = folder_of(&path);
        if folder == "lib" || folder == "main" {
            continue;
        }
        let found = upward(&folder, &fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{} imports {found:?}", path.display());
        seen.insert(folder);
    }
    assert_eq!(seen, ORDER.into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
    let libs = CERTIFIER.map(|src| fs::read_to_string(root().join(src).join("lib.rs")).unwrap());
    let listed: BTreeSet<_> = libs
        .iter()
        .flat_map(|lib| lib.lines())
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(listed, BTreeSet::from(ORDER), "the table and the two lib.rs have the same folders");
}

#[test]
fn the_checker_finds_a_planted_import() {
    assert_eq!(upward("vault", "use crate::service::Certifier;"), ["service"]);
    assert_eq!(upward("vault", "use crate::{crypto::chain, store::{Db, Tx}};"), ["store"]);
    assert_eq!(upward("vault", "use crate::{\n    time,\n    api,\n};"), ["api"]);
    assert_eq!(upward("vault", "fn f() { tiers::cli::main() }"), ["cli"]);
    assert!(upward("vault", "use crate::{crypto::chain, time::Clock};").is_empty());
    assert!(upward("vault", "// crate::service is above\n/// [`crate::api`]").is_empty());
    assert!(upward("vault", "pub(in crate::vault) fn f() {} use supercrate::api;").is_empty());
}

#[test]
fn each_library_is_known_where_it_belongs() {
    for path in CERTIFIER.into_iter().flat_map(sources) {
        let folder = folder_of(&path);
        let text = code(&fs::read_to_string(&path).unwrap());
        let test = path.iter().any(|part| part == "tests") || path.ends_with("tests.rs");
        for (library, folders) in ONLY {
            let uses = !names_after(&text, &format!("{library}::")).is_empty();
            let known = test || folders.contains(&folder.as_str());
            assert!(!uses || known, "{library}: {}", path.display());
        }
        if matches!(folder.as_str(), "disclosure" | "consent") && !test {
            for word in IMPURE {
                assert!(!text.contains(word), "{word}: {}", path.display());
            }
        }
    }
}

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let mut names = BTreeSet::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let found = table.get(section).and_then(toml::Value::as_table);
        names.extend(found.into_iter().flat_map(|t| t.keys().cloned()));
    }
    names
}

#[test]
fn the_crates_of_the_parties_know_nothing_of_the_certifier() {
    let native_only =
        ["tiers", "tiers-engine", "ring", "tokio", "axum", "rusqlite", "opendp", "ureq", "parquet"];
    let contact = dependencies("crates/contact/Cargo.toml");
    let protocol = dependencies("crates/protocol/Cargo.toml");
    assert!(protocol.contains("tiers-contact"), "the reader of manifests reads");
    assert!(!contact.contains("tiers-protocol"));
    for name in native_only {
        assert!(!contact.contains(name) && !protocol.contains(name), "{name}");
    }
    for path in sources("crates/contact/src") {
        let text = code(&fs::read_to_string(&path).unwrap());
        let upward = !names_after(&text, "tiers_protocol::").is_empty()
            || !names_after(&text, "tiers::").is_empty();
        assert!(!upward, "{}", path.display());
    }
    for path in sources("crates/protocol/src") {
        let text = code(&fs::read_to_string(&path).unwrap());
        assert!(names_after(&text, "tiers::").is_empty(), "{}", path.display());
    }
}

/// The engine has no database, no wire and no command line, and does not know the crate above it.
#[test]
fn the_engine_stands_without_database_wire_and_commands() {
    let engine = dependencies("crates/engine/Cargo.toml");
    assert!(
        engine.contains("parquet") && engine.contains("opendp"),
        "the reader of manifests reads"
    );
    for name in ["tiers", "rusqlite", "tokio", "axum", "hyper", "ureq", "clap", "indicatif"] {
        assert!(!engine.contains(name), "{name}");
    }
}

/// What asks a cluster has the engine and no gate, database or certifier of its own, and nothing that everybody builds
/// knows it.
#[test]
fn who_asks_a_cluster_opens_no_table_and_is_asked_by_nobody() {
    let spark = dependencies("crates/spark/Cargo.toml");
    assert!(spark.contains("apache-spark-connect"), "the reader of manifests reads");
    for name in ["tiers", "rusqlite", "axum", "opendp", "parquet", "ring"] {
        assert!(!spark.contains(name), "{name}");
    }
    for path in sources("crates/spark/src") {
        let text = code(&fs::read_to_string(&path).unwrap());
        let exact = ["into_exact", "disclosure", "fn main"];
        assert!(exact.iter().all(|word| !text.contains(word)), "{}", path.display());
    }
    for manifest in ["Cargo.toml", "crates/engine/Cargo.toml"] {
        let known = dependencies(manifest);
        assert!(!known.contains("apache-spark-connect") && !known.contains("object_store"));
    }
}

/// What a browser loads is the two crates and the bridge to JavaScript, and its scripts reach no network
/// but for loading the build itself.
#[test]
fn the_browser_has_the_two_crates_and_nothing_else() {
    let known = [
        "jiff",
        "proptest",
        "serde",
        "serde_json",
        "thiserror",
        "tiers-contact",
        "tiers-protocol",
        "wasm-bindgen",
        "zeroize",
    ];
    assert_eq!(dependencies("crates/wasm/Cargo.toml"), known.map(str::to_owned).into());
    for path in sources("crates/wasm/src") {
        let text = code(&fs::read_to_string(&path).unwrap());
        assert!(names_after(&text, "tiers::").is_empty(), "{}", path.display());
    }
    let reach = ["fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "import("];
    let keep = ["localStorage", "sessionStorage", "indexedDB", "caches.", "console."];
    for (name, loads) in [("worker.js", 0), ("tiers.js", 1)] {
        let script = fs::read_to_string(root().join("crates/wasm/js").join(name)).unwrap();
        let found: usize = reach.iter().map(|word| script.matches(word).count()).sum();
        assert_eq!(found, loads, "{name} reaches out");
        assert!(keep.iter().all(|word| !script.contains(word)), "{name} keeps something");
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_readable() {
    let folders = CRATES.into_iter().chain(["tests"]);
    for path in folders.flat_map(sources) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what it is", path.display());
        let lines = text.lines().count();
        assert!(lines <= 800, "{} has {lines} lines", path.display());
    }
}

#[test]
fn labels_stand_in_one_file() {
    // A domain-separation label is a text that begins like this one.
    let begin = ["\"tiers", "/v1/"].concat();
    for path in CRATES.into_iter().flat_map(sources) {
        if path.ends_with("contact/src/labels.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(!code(production).contains(&begin), "{}", path.display());
    }
}

#[test]
fn events_of_consent_come_by_the_one_statement_that_tells_of_them() {
    let mut found = Vec::new();
    for path in CRATES.iter().flat_map(|folder| sources(folder)) {
        let text = code(&fs::read_to_string(&path).unwrap()).to_lowercase();
        // The tests of a file make databases of their own.
        let (text, _) = text.split_once("#[cfg(test)]\nmod tests").unwrap_or((&text, ""));
        let insertions = text.matches("into consent_event").count();
        found.extend(std::iter::repeat_n(path, insertions));
    }
    // No trigger sees them (`src/store/said.rs`): another statement would be lost with a restore.
    assert_eq!(found, [root().join("src/store/consent.rs")]);
}
