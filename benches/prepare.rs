//! How many contacts a second go from a CSV file to a sealed and signed deposit directory, by the real
//! binary on all its threads; beside it what the bare hashes cost, and clkhash on the same rows.
//!
//! `cargo bench --bench prepare -- [--rows N] [--runs N] [--bridges] [--peer] [--at-least RATIO] [--json FILE]`.
//! One million rows and three runs unless told; four key kinds, with `--bridges` the near kinds of the standard policy too; with `--peer` clkhash runs too (it is installed from PyPI
//! once), and `--at-least` makes the program fail when it is not beaten so many times over. What each rule
//! costs by itself is `cargo run --release -p tiers-contact --example rate -- stages`. The figures that were
//! measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

#[path = "invented/contacts.rs"]
mod contacts;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tiers_contact::{Digest, Kind, Tokeniser};
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::party::PartySecret;
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::SealingSecret;
use tiers_protocol::sign::SigningSecret;
use tiers_protocol::trust::Trust;
use zeroize::Zeroizing;

/// Rows on which the bare hashes are measured.
const HASH_ROWS: u64 = 200_000;

struct Arguments {
    rows: u64,
    runs: usize,
    bridges: bool,
    peer: bool,
    at_least: Option<f64>,
    json: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self {
            rows: 1_000_000,
            runs: 3,
            bridges: false,
            peer: false,
            at_least: None,
            json: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match word.as_str() {
                "--rows" => read.rows = value().parse().unwrap(),
                "--runs" => read.runs = value().parse().unwrap(),
                "--at-least" => read.at_least = Some(value().parse().unwrap()),
                "--json" => read.json = Some(value().into()),
                "--bridges" => read.bridges = true,
                "--peer" => read.peer = true,
                // What cargo itself passes on.
                "--bench" => {}
                _ => panic!("unknown argument {word}"),
            }
        }
        read
    }
}

/// The standard policy, with its bridges or without.
fn policy(bridges: bool) -> Policy {
    let standard = include_str!("../policies/disclosure/standard.toml");
    let (start, rest) = standard.split_once("bridges = [").unwrap();
    let (_, end) = rest.split_once(']').unwrap();
    let text = if bridges { standard.to_owned() } else { format!("{start}bridges = []{end}") };
    Policy::from_toml(&text).unwrap()
}

/// A programme that names a certifier, a key and a party, as files.
struct Place(tempfile::TempDir);

impl Place {
    fn new(bridges: bool) -> Self {
        let place = Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let mut programme = Programme::new(
            "Bench".to_owned(),
            "measure how fast files are prepared".to_owned(),
            vec![Campaign { name: "C1".to_owned(), cost_cents: 100 }],
            policy(bridges),
            jiff::civil::date(2090, 1, 1),
            &mut System,
        );
        let key = ProgrammeKey::generate(&mut System);
        let signing = SigningSecret::from_seed(&Zeroizing::new(System.array()));
        let sealing = SealingSecret::from_seed(&Zeroizing::new(System.array()));
        programme.key_id = Some(key.id());
        programme.certifier = Some(Trust::new(
            "bench.example".to_owned(),
            "bench.example+00000000+AAAA".to_owned(),
            signing.public(),
            sealing.public(),
        ));
        place.write("programme.json", &programme.to_json());
        place.write("programme.key", &key.to_file());
        fs::create_dir(place.path("party")).unwrap();
        place.write("party/party.key", &PartySecret::generate(&mut System).to_file());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        // Keys that others may read are refused.
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// The binary at work; the deposit directory is removed again.
    fn prepare(&self, file: &Path) -> Run {
        let out = self.path("deposit");
        let used = children_used();
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["prepare", "--kind", "sales", "--json", "--programme"])
            .arg(self.path("programme.json"))
            .arg("--key")
            .arg(self.path("programme.key"))
            .arg("--party-key")
            .arg(self.path("party"))
            .arg("--out")
            .arg(&out)
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(peak_kib(child.id()).unwrap_or(0));
            std::thread::sleep(Duration::from_millis(5));
        }
        let wall = begun.elapsed();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "prepare refused the file");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let deposit = &report["deposits"][0];
        assert_eq!(deposit["sealed"], json!(true), "the whole way goes to a sealed body");
        let bytes = fs::metadata(out.join("body.sealed")).unwrap().len();
        fs::remove_dir_all(&out).unwrap();
        let processor = children_used().zip(used).map(|(after, before)| after - before);
        Run { wall, processor, peak, rows: deposit["rows"].as_u64().unwrap(), bytes }
    }
}

/// One run of the binary.
struct Run {
    wall: Duration,
    processor: Option<f64>,
    /// Highest resident memory, in KiB, where Linux tells.
    peak: u64,
    rows: u64,
    bytes: u64,
}

/// Seconds of processor of the children that ended, where Linux tells.
fn children_used() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(13);
    let ticks = |text: &str| text.parse::<f64>().ok();
    Some((ticks(fields.next()?)? + ticks(fields.next()?)?) / 100.0)
}

fn peak_kib(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Rows a second of one core if a row were nothing but four texts to hash and four tokens to make.
fn hashes_alone() -> f64 {
    const KINDS: [Kind; 4] = [Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost];
    let tokeniser = Tokeniser::new(&[7; 32], "bench");
    let round = || {
        let begun = Instant::now();
        for row in 0..HASH_ROWS {
            for kind in KINDS {
                let digest = Digest::of(black_box("jean.dupont@example.org"));
                black_box(tokeniser.token_of_digest(kind, digest.as_bytes()));
            }
            black_box(row);
        }
        begun.elapsed()
    };
    let least = (0..5).map(|_| round()).min().unwrap();
    HASH_ROWS as f64 / least.as_secs_f64()
}

/// Rows a second of clkhash, and its version.
fn clkhash(file: &Path) -> (f64, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/clkhash.sh");
    let output = Command::new("bash").arg(script).arg(file).stderr(Stdio::inherit()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "clkhash could not be installed or run");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rate = report["rows"].as_f64().unwrap() / report["seconds"].as_f64().unwrap();
    (rate, report["version"].clone())
}

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let place = Place::new(arguments.bridges);
    let file = place.path("contacts.csv");
    fs::write(&file, contacts::contacts(arguments.rows)).unwrap();
    let runs: Vec<Run> = (0..arguments.runs.max(1)).map(|_| place.prepare(&file)).collect();
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    walls.sort_unstable();
    let median = walls[walls.len() / 2];
    let rate = |wall: Duration| arguments.rows as f64 / wall.as_secs_f64();
    let processor = runs.iter().filter_map(|run| run.processor).reduce(f64::min);
    let of_a_core = processor.map(|seconds| arguments.rows as f64 / seconds);
    let bare = hashes_alone();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{} rows, {} of them good, {cores} cores", arguments.rows, runs[0].rows);
    println!("prepare, median of {:2}   {:8.0} rows/s", runs.len(), rate(median));
    println!("prepare, best           {:8.0} rows/s", rate(walls[0]));
    if let Some(rate) = of_a_core {
        println!("a second of one core    {rate:8.0} rows");
        println!("  share of bare hashes  {:8.0} %", 100.0 * rate / bare);
    }
    println!("bare hashes, one core   {bare:8.0} rows/s");
    println!("peak memory             {:8} MiB", runs.iter().map(|r| r.peak).max().unwrap() >> 10);
    let mut report = json!({
        "rows": arguments.rows, "cores": cores, "runs": runs.len(),
        "median_rows_s": rate(median), "best_rows_s": rate(walls[0]),
        "rows_per_core_second": of_a_core, "bare_hashes_rows_s_core": bare,
        "peak_kib": runs.iter().map(|run| run.peak).max(), "sealed_bytes": runs[0].bytes,
    });
    let mut beaten = true;
    if arguments.peer {
        let (peer, version) = clkhash(&file);
        let ratio = rate(median) / peer;
        println!("clkhash {}          {peer:8.0} rows/s", version.as_str().unwrap_or("?"));
        println!("prepare over clkhash    {ratio:8.1} times");
        report["peer"] = json!({ "name": "clkhash", "version": version, "rows_s": peer });
        report["ratio"] = json!(ratio);
        beaten = arguments.at_least.is_none_or(|least| ratio >= least);
    }
    match &arguments.json {
        Some(path) => fs::write(path, format!("{report:#}\n")).unwrap(),
        None => println!("{report}"),
    }
    if beaten {
        return ExitCode::SUCCESS;
    }
    println!("the ratio is below {}", arguments.at_least.unwrap_or_default());
    ExitCode::FAILURE
}
