//! How long a report takes on files of the largest networks: a new one, the same question again, another month,
//! and what of it is the leads' set, matching, admission and the rest.
//!
//! `cargo bench --profile release --bench report -- [--leads N] [--sales M] [--days D] [--runs N] [--kinds one|three]
//! [--beat MS] [--keep DIR] [--json FILE]`. A certifier is filled once, over HTTP, with one deposit of leads and those
//! of a hundred dealers; sales are spread over D days from the first of January (365 unless told: a report reads one
//! month of them). Each run is a process of its own that opens that certifier at the day after, asks twice for each
//! of two months and tells the high-water mark of its memory. Reports hold the standard sections of the standard
//! policy; they leave at once, and with `--beat` in whole beats. `--keep` fills a directory that stays, or goes on
//! with it. The figures that were measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]

#[path = "report/ask.rs"]
mod ask;
#[path = "report/fill.rs"]
mod fill;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/it/harness/mod.rs"]
mod harness;
#[allow(dead_code, reason = "other benchmarks use all of it")]
#[path = "invented/tickets.rs"]
mod tickets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use tickets::Scale;

struct Arguments {
    leads: u64,
    sales: u64,
    days: u64,
    runs: usize,
    three: bool,
    beat: u32,
    keep: Option<PathBuf>,
    json: Option<PathBuf>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Self {
        let mut read = Self {
            leads: 100_000,
            sales: 150_000,
            days: 365,
            runs: 3,
            three: false,
            beat: 0,
            keep: None,
            json: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match word.as_str() {
                "--leads" => read.leads = value().parse().unwrap(),
                "--sales" => read.sales = value().parse().unwrap(),
                "--days" => read.days = value().parse().unwrap(),
                "--runs" => read.runs = value().parse().unwrap(),
                "--kinds" => read.three = value() == "three",
                "--beat" => read.beat = value().parse().unwrap(),
                "--keep" => read.keep = Some(value().into()),
                "--json" => read.json = Some(value().into()),
                // What cargo itself passes on.
                "--bench" => {}
                _ => panic!("unknown argument {word}"),
            }
        }
        assert!((1..=6).contains(&read.runs), "each run asks for two months of one year");
        read
    }

    const fn scale(&self) -> Scale {
        Scale { cards: self.leads, tickets: self.sales, three: self.three }
    }
}

/// The part of the program that runs in a process of its own.
fn child(words: &[String]) {
    let [what, folder, rest] = words else { panic!("three words for a child") };
    let numbers: Vec<u64> = rest.split(',').map(|number| number.parse().unwrap()).collect();
    let folder = Path::new(folder);
    match (what.as_str(), numbers.as_slice()) {
        ("fill", [cards, tickets, days, three]) => {
            let scale = Scale { cards: *cards, tickets: *tickets, three: *three == 1 };
            fill::fill(folder, scale, *days);
        }
        ("ask", [run, beat]) => {
            let mut told = ask::ask(folder, *run, u32::try_from(*beat).unwrap());
            told["peak_kib"] = json!(peak_kib());
            println!("{told}");
        }
        ("parts", [run]) => println!("{}", ask::parts(folder, *run)),
        _ => panic!("an unknown part of the program"),
    }
}

fn peak_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn own(what: &str, folder: &Path, rest: &str) -> Value {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--child", what]).arg(folder).arg(rest);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{what} failed");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "--child").is_some() {
        child(&words.collect::<Vec<_>>());
        return;
    }
    let arguments = Arguments::read(words);
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = arguments.keep.as_deref().unwrap_or_else(|| place.path());
    if !folder.join(fill::ACCESS).exists() {
        let Scale { cards, tickets, three } = arguments.scale();
        let days = arguments.days;
        own("fill", folder, &format!("{cards},{tickets},{days},{}", u8::from(three)));
    }
    let mut told: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for run in 0..arguments.runs {
        let mut answers = own("ask", folder, &format!("{run},{}", arguments.beat));
        let parts = own("parts", folder, &run.to_string());
        answers.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        for (what, value) in answers.as_object().unwrap() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            told.entry(what.clone()).or_default().extend(values.iter().filter_map(Value::as_f64));
        }
    }
    let kinds = if arguments.three { "three kinds" } else { "one kind" };
    println!(
        "{} leads, {} sales in {} days, {kinds}",
        arguments.leads, arguments.sales, arguments.days
    );
    println!("median, least, most of {} runs (seconds, KiB, or a number)", arguments.runs);
    let mut report = serde_json::Map::new();
    for (what, values) in told.into_iter().filter(|(_, values)| !values.is_empty()) {
        let (least, most) =
            values.iter().fold((f64::MAX, 0.0_f64), |(a, b), v| (a.min(*v), b.max(*v)));
        println!("{what:34} {:14.3} {least:14.3} {most:14.3}", median(values.clone()));
        report.insert(what, json!(values));
    }
    if let Some(path) = &arguments.json {
        let report = json!({
            "leads": arguments.leads, "sales": arguments.sales, "days": arguments.days,
            "three_kinds": arguments.three, "beat_ms": arguments.beat, "measured": report,
        });
        std::fs::write(path, format!("{report:#}\n")).unwrap();
    }
}
