//! `tiers link` from outside, through the real binary: which pairs it finds, how many of them are true, what it
//! refuses. The rules of each kind of identifier have their vectors in `crates/contact`; the figures stand in
//! `docs/matching-quality.md`, which these tests write and hold.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

#[path = "link/errors.rs"]
mod errors;
#[path = "link/febrl.rs"]
mod febrl;
#[path = "link/measure.rs"]
mod measure;
#[path = "link/people.rs"]
mod people;
#[path = "link/refusals.rs"]
mod refusals;
#[path = "link/rows.rs"]
mod rows;
#[path = "link/sample.rs"]
mod sample;
#[path = "link/typing.rs"]
mod typing;
#[path = "link/words.rs"]
mod words;

/// One pair of `pairs.csv`: the rows of both files, and the kind that makes it.
type Pair = (u64, u64, String);

/// A directory with an unregistered programme and its key.
struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    /// Under the standard policy.
    fn new() -> Self {
        Self::under(&standard())
    }

    /// Under the standard policy without its bridges.
    fn exact() -> Self {
        let standard = standard();
        let (head, rest) = standard.split_once("bridges = [").unwrap();
        let (_, tail) = rest.split_once(']').unwrap();
        Self::under(&format!("{head}bridges = []{tail}"))
    }

    fn under(policy: &str) -> Self {
        let home = Self { dir: tempfile::tempdir().expect("a directory") };
        home.write("policy.toml", policy);
        let campaigns = samples().join("campaigns.csv");
        let campaigns = campaigns.to_str().unwrap();
        let programme = ["programme", "new", "--sample", "--policy", "policy.toml"];
        home.done(&[&programme[..], &["--campaigns", campaigns, "--out", "p.json"]].concat());
        home.done(&["programme", "key", "new", "--out", "p.key"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(words)
            .current_dir(self.dir.path())
            .output()
            .expect("the binary runs")
    }

    /// Runs a command that must succeed and returns its JSON.
    fn done(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {told}");
        serde_json::from_slice(&output.stdout).expect("one JSON object")
    }

    /// Runs a command that must be refused and returns the refusal's code; nothing is written.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(!output.stderr.is_empty(), "people are told as well");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        answer["error"]["code"].as_str().expect("a code").to_owned()
    }

    /// Makes a deposit directory of a file's text.
    fn prepare(&self, kind: &str, name: &str, text: &str) -> Value {
        let file = format!("{name}.csv");
        self.write(&file, text);
        self.prepare_file(kind, &file, name)
    }

    fn prepare_file(&self, kind: &str, file: &str, out: &str) -> Value {
        let words = ["prepare", "--programme", "p.json", "--key", "p.key", "--kind", kind];
        let answer = self.done(&[&words[..], &["--out", out, file]].concat());
        answer["deposits"][0].clone()
    }

    /// Compares two deposits.
    fn link(&self, a: &str, b: &str) -> (Value, Vec<Pair>) {
        let words = ["link", a, b, "--programme", "p.json", "--out", "pairs.csv", "--force"];
        let answer = self.done(&words);
        let text = self.read("pairs.csv");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("row_a,row_b,kind"));
        let pair = |line: &str| {
            let fields: Vec<&str> = line.split(',').collect();
            let [a, b, kind] = fields.as_slice() else { panic!("{line}") };
            (a.parse().unwrap(), b.parse().unwrap(), (*kind).to_owned())
        };
        let pairs: Vec<Pair> = lines.map(pair).collect();
        assert_eq!(answer["pairs"], pairs.len());
        assert!(pairs.is_sorted());
        let of = |kind: &str| pairs.iter().filter(|pair| pair.2 == kind).count();
        let by_kind = answer["by_kind"].as_object().unwrap();
        assert!(by_kind.iter().all(|(kind, count)| *count == of(kind)), "{by_kind:?}");
        let counted: u64 = by_kind.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(counted, pairs.len() as u64);
        (answer, pairs)
    }
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/network")
}

fn standard() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/disclosure/standard.toml");
    fs::read_to_string(path).unwrap()
}

/// Whether the long form runs.
fn full() -> bool {
    std::env::var_os("TIERS_FULL").is_some()
}
