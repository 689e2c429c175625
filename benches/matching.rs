//! How long matching takes, from files on disk to the answer, beside DuckDB, Polars and DataFusion on the
//! same rows: one table.
//!
//! `cargo bench --profile release --bench matching -- [--sizes M,M...] [--full] [--runs N] [--peers LIST|none]
//! [--three] [--threads N] [--at-least RATIO] [--json FILE]`. Sizes are millions of cards (1, 4 and 17 unless
//! told, with `--full` 68 too, there without peers); tickets are 27 for 17 cards. Each answer is made by a
//! process of its own, on two threads, from files that the system holds in memory already; `tiers` reads its
//! encrypted segments, the peers plain Parquet with the same tokens. Answers must be equal. `--three` adds
//! rows with three kinds of identifier, which only `tiers` answers. `--at-least` makes the program fail when
//! the best peer is not beaten so many times over. The peers are installed once (`benches/peers/matching.sh`).
//! The figures that were measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]
#![allow(clippy::cast_possible_truncation, reason = "sizes given as decimals")]
#![allow(clippy::cast_sign_loss, reason = "sizes given as decimals")]

#[path = "matching/answers.rs"]
mod answers;
#[path = "matching/files.rs"]
mod files;
#[path = "invented/tickets.rs"]
mod tickets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use answers::Question;
use tickets::Scale;

const PEERS: [&str; 3] = ["polars", "duckdb", "datafusion"];

const OURS: &str = "tiers";

/// Above this many cards peers want more memory than a small machine has.
const PEER_CARDS: u64 = 17_000_000;

struct Arguments {
    sizes: Vec<f64>,
    runs: usize,
    threads: usize,
    peers: Vec<String>,
    three: bool,
    at_least: Option<f64>,
    json: Option<PathBuf>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Self {
        let mut read = Self {
            sizes: vec![1.0, 4.0, 17.0],
            runs: 3,
            threads: 2,
            peers: PEERS.map(str::to_owned).to_vec(),
            three: false,
            at_least: None,
            json: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match word.as_str() {
                "--sizes" => read.sizes = value().split(',').map(|m| m.parse().unwrap()).collect(),
                "--full" => read.sizes.push(68.0),
                "--runs" => read.runs = value().parse().unwrap(),
                "--threads" => read.threads = value().parse().unwrap(),
                "--peers" => {
                    let list = value();
                    let named = list.split(',').filter(|peer| *peer != "none");
                    read.peers = named.map(str::to_owned).collect();
                }
                "--three" => read.three = true,
                "--at-least" => read.at_least = Some(value().parse().unwrap()),
                "--json" => read.json = Some(value().into()),
                // What cargo itself passes on.
                "--bench" => {}
                _ => panic!("unknown argument {word}"),
            }
        }
        read
    }
}

/// What one process answered.
struct Answer {
    seconds: f64,
    peak_kib: u64,
    digest: String,
    version: String,
}

impl Answer {
    fn of(command: &mut Command) -> Self {
        let output = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "no answer from {command:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        Self {
            seconds: report["seconds"].as_f64().unwrap(),
            peak_kib: report["peak_kib"].as_u64().unwrap(),
            digest: report["answer"].as_str().unwrap().to_owned(),
            version: report["version"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// The part of the program that runs in a process of its own.
fn child(words: &[String]) {
    let [what, folder, rest] = words else { panic!("three words for a child") };
    let folder = Path::new(folder);
    if what == "write" {
        let mut numbers = rest.split(',').map(|number| number.parse::<u64>().unwrap());
        let scale = Scale::of_cards(numbers.next().unwrap(), numbers.next() == Some(3));
        files::write_deposits(folder, scale);
        if !scale.three {
            files::write_plain(folder, scale);
        }
        return;
    }
    let question = Question::ALL.into_iter().find(|question| question.name() == what).unwrap();
    let (seconds, mut lines) = answers::answer(question, folder, rest.parse().unwrap());
    lines.sort_unstable();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let report = json!({
        "seconds": seconds, "peak_kib": peak_kib(), "answer": hex, "lines": lines.len(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    println!("{report}");
}

fn peak_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn own(what: &str, folder: &Path, rest: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--child", what]).arg(folder).arg(rest);
    command
}

/// One engine on one question.
struct Measured {
    engine: String,
    question: &'static str,
    cards: u64,
    three: bool,
    seconds: Vec<f64>,
    peak_kib: u64,
    version: String,
}

impl Measured {
    fn best(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

/// All engines on the data of one size.
fn measure(arguments: &Arguments, cards: u64, three: bool, table: &mut Vec<Measured>) {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = place.path();
    let kinds = if three { 3 } else { 1 };
    assert!(own("write", folder, &format!("{cards},{kinds}")).status().unwrap().success());
    files::warm(folder);
    let asked: &[Question] =
        if three { &Question::ALL } else { &[Question::Sales, Question::Overlap] };
    for question in asked {
        let name = question.name();
        let threads = arguments.threads.to_string();
        let mut digest = None;
        let mut add = |engine: &str, answers: Vec<Answer>| {
            for answer in &answers {
                let first = digest.get_or_insert_with(|| answer.digest.clone());
                assert_eq!(*first, answer.digest, "{engine} answers {name} otherwise");
            }
            let measured = Measured {
                engine: engine.to_owned(),
                question: name,
                cards,
                three,
                seconds: answers.iter().map(|answer| answer.seconds).collect(),
                peak_kib: answers.iter().map(|answer| answer.peak_kib).max().unwrap(),
                version: answers[0].version.clone(),
            };
            println!("{}", line(&measured));
            table.push(measured);
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/matching.sh");
        let ask = |engine: &str| {
            if engine == OURS {
                return Answer::of(&mut own(name, folder, &threads));
            }
            let mut command = Command::new("bash");
            command.arg(&script).args([engine, name]).arg(folder).arg(&threads);
            Answer::of(&mut command)
        };
        let peers = if three || cards > PEER_CARDS { &[][..] } else { &arguments.peers };
        let engines: Vec<&str> =
            std::iter::once(OURS).chain(peers.iter().map(String::as_str)).collect();
        let mut answers: Vec<Vec<Answer>> = engines.iter().map(|_| Vec::new()).collect();
        // In turns: a minute in which the machine is busy falls on all alike.
        for _ in 0..arguments.runs.max(1) {
            let turn = engines.iter().zip(&mut answers);
            turn.for_each(|(engine, answers)| answers.push(ask(engine)));
        }
        engines.into_iter().zip(answers).for_each(|(engine, answers)| add(engine, answers));
    }
}

fn line(of: &Measured) -> String {
    format!(
        "{:6.2} M  {:7}  {:12} {:11} {:9.3} s {:9.3} s {:7} MiB",
        of.cards as f64 / 1e6,
        if of.three { "3 kinds" } else { "1 kind" },
        of.question,
        of.engine,
        of.median(),
        of.best(),
        of.peak_kib >> 10,
    )
}

/// The best run of `tiers` against the best run of any peer, by size and question: other work on the
/// machine can only add to a run.
fn ratios(table: &[Measured]) -> BTreeMap<(u64, &'static str), f64> {
    let mut best: BTreeMap<(u64, &'static str), (f64, f64)> = BTreeMap::new();
    for of in table.iter().filter(|of| !of.three) {
        let (ours, theirs) =
            best.entry((of.cards, of.question)).or_insert((f64::INFINITY, f64::INFINITY));
        if of.engine == OURS {
            *ours = of.best();
        } else {
            *theirs = theirs.min(of.best());
        }
    }
    best.retain(|_, (_, theirs)| theirs.is_finite());
    best.into_iter().map(|(key, (ours, theirs))| (key, theirs / ours)).collect()
}

/// What `tiers` holds stays below half a gigabyte, and with one kind does not grow with the rows.
fn check_memory(table: &[Measured]) {
    let ours = || table.iter().filter(|of| of.engine == OURS);
    assert!(ours().all(|of| of.peak_kib < 512 << 10), "more than 512 MiB");
    let one_kind = || ours().filter(|of| !of.three).map(|of| of.peak_kib);
    let (least, most) = (one_kind().min().unwrap_or(0), one_kind().max().unwrap_or(0));
    assert!(most < least + (64 << 10), "memory grows with the rows: {least} to {most} KiB");
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "--child").is_some() {
        child(&words.collect::<Vec<_>>());
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::read(words);
    println!(
        "{} threads each; cards, data, question, engine, median, best, peak memory",
        arguments.threads
    );
    let mut table = Vec::new();
    for size in &arguments.sizes {
        let cards = (size * 1e6) as u64;
        measure(&arguments, cards, false, &mut table);
        if arguments.three {
            measure(&arguments, cards, true, &mut table);
        }
    }
    check_memory(&table);
    let mut beaten = true;
    for ((cards, question), ratio) in ratios(&table) {
        println!("{:6.2} M  {question:12} {ratio:7.1} times the best peer", cards as f64 / 1e6);
        beaten &= arguments.at_least.is_none_or(|least| ratio >= least);
    }
    let versions: BTreeMap<_, _> = table.iter().map(|of| (&of.engine, &of.version)).collect();
    versions.iter().for_each(|(engine, version)| println!("{engine} {version}"));
    if let Some(path) = &arguments.json {
        let report: Vec<Value> = table
            .iter()
            .map(|of| {
                json!({
                    "cards": of.cards, "three_kinds": of.three, "question": of.question,
                    "engine": of.engine, "version": of.version, "seconds": of.seconds,
                    "peak_kib": of.peak_kib,
                })
            })
            .collect();
        std::fs::write(path, format!("{:#}\n", json!(report))).unwrap();
    }
    if beaten {
        return ExitCode::SUCCESS;
    }
    println!("the ratio is below {}", arguments.at_least.unwrap_or_default());
    ExitCode::FAILURE
}
