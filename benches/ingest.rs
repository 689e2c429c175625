//! How many rows a second go from a sealed deposit directory of a local client to durable segments and a
//! receipt, by the real binary on both sides; what memory the certifier takes; and how it stands a crowd.
//!
//! `cargo bench --bench ingest -- [--rows N] [--runs N] [--kinds card|four] [--leads] [--json FILE]`
//! `cargo bench --bench ingest -- --crowd DEPOSITS [--rows ROWS] [--clients N]`
//!
//! A row has a random token for each kind, a day and a value: what a token is made of is the party's own
//! work (`benches/prepare.rs`). A run is timed from the start of `tiers deposit` until it has verified the
//! receipt; the client reads, hashes and sends the body on the same processors. The figures that were
//! measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/it/harness/mod.rs"]
mod harness;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::Digest as _;
use tiers_contact::FileKind;
use tiers_protocol::encoding::{Bytes, encode};
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::manifest::{SealedDescription, SignedManifest};
use tiers_protocol::policy::Policy;
use tiers_protocol::programme::{Campaign, Programme};
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::{CHUNK, Sealer};
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{Credentials, DepositState, DepositStatus, Role};

use harness::Dice;
use harness::client::{Answer, Client};
use harness::deposits::Draft;
use harness::roles::{Company, Operator, Principal, company};
use harness::server::Server;

struct Arguments {
    rows: u64,
    runs: usize,
    kinds: String,
    leads: bool,
    crowd: usize,
    clients: usize,
    json: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self {
            rows: 1_000_000,
            runs: 3,
            kinds: "card".to_owned(),
            leads: false,
            crowd: 0,
            clients: 64,
            json: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match word.as_str() {
                "--rows" => read.rows = value().parse().unwrap(),
                "--runs" => read.runs = value().parse().unwrap(),
                "--kinds" => read.kinds = value(),
                "--leads" => read.leads = true,
                "--crowd" => read.crowd = value().parse().unwrap(),
                "--clients" => read.clients = value().parse().unwrap(),
                "--json" => read.json = Some(value().into()),
                // What cargo itself passes on.
                "--bench" => {}
                _ => panic!("unknown argument {word}"),
            }
        }
        read
    }
}

/// The standard policy with these kinds alone.
fn policy(kinds: &str) -> Policy {
    let keys = match kinds {
        "card" => "[\"card\"]",
        "four" => "[\"card\", \"email\", \"mobile\", \"name_birth\"]",
        other => panic!("--kinds {other}: card or four"),
    };
    let standard = include_str!("../policies/disclosure/standard.toml");
    let (start, rest) = standard.split_once("keys = [").unwrap();
    let (_, end) = rest.split_once("bridges = [").unwrap();
    let (_, end) = end.split_once(']').unwrap();
    Policy::from_toml(&format!("{start}keys = {keys}\nbridges = []{end}")).unwrap()
}

/// A certifier in a process of its own, a programme, and somebody who deposits.
struct Place {
    folder: tempfile::TempDir,
    server: Server,
    operator: Operator,
    principal: Principal,
    principal_credentials: Credentials,
    programme: Programme,
    key: ProgrammeKey,
    trust: Trust,
}

impl Place {
    fn new(kinds: &str) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let server = Server::process();
        let operator = Operator::first(&server);
        let (principal, principal_credentials) = enrol(&server, &operator, Role::Principal, 0);
        let principal = Principal(principal);
        let key = ProgrammeKey::generate(&mut System);
        let programme = Programme::new(
            "Bench".to_owned(),
            "measure how fast deposits are taken".to_owned(),
            vec![Campaign { name: "C1".to_owned(), cost_cents: 100 }],
            policy(kinds),
            server.today() + jiff::Span::new().days(300),
            &mut System,
        );
        let programme = principal.register(programme, &key).json();
        let trust = server.trust();
        Self { folder, server, operator, principal, principal_credentials, programme, key, trust }
    }

    fn partner(&self, number: u32) -> (Company, Credentials) {
        let (partner, credentials) = enrol(&self.server, &self.operator, Role::Partner, number);
        self.principal.add(&self.programme.id, &self.key, &partner);
        (partner, credentials)
    }

    /// Writes the sealed body of so many rows; its signed manifest.
    fn seal(&self, path: &Path, rows: u64, leads: bool, party: &Company) -> SignedManifest {
        let kind = if leads { FileKind::Leads } else { FileKind::Sales };
        let csv = if leads {
            "email,card,campaign,lead_date\na@example.org,4970101234567890,C1,2025-01-02\n"
        } else {
            "email,card,sale_date,amount\na@example.org,4970101234567890,2025-01-02,10.00\n"
        };
        // Heading, canaries and one row; the others follow.
        let start = Draft::of(&self.programme, &self.key, kind, csv.as_bytes());
        let (mut manifest, mut text) = (start.manifest, start.plain);
        manifest.nonce = Bytes::new(System.array());
        manifest.party = Some(party.secret.public().fingerprint());
        let to = &self.trust.sealing;
        let (sealer, header) = Sealer::new(to, &manifest.seal_info(), &mut System).unwrap();
        let mut out = Out::new(path, sealer, &header);
        let columns = manifest.columns.len() - 2;
        let mut dice = Dice(u64::from_be_bytes(System.array()));
        for _ in 1..rows {
            row(&mut text, columns, leads, &mut dice);
            if text.len() >= 16 * CHUNK {
                out.put(&mut text, false);
            }
        }
        out.put(&mut text, true);
        manifest.rows += rows - 1;
        manifest.body.plain_bytes = out.plain;
        manifest.body.sealed = Some(SealedDescription {
            bytes: out.bytes,
            sha256: Bytes::new(out.hasher.finalize().into()),
            recipient: to.id(),
        });
        out.file.flush().unwrap();
        manifest.sign(&party.secret)
    }
}

fn enrol(server: &Server, operator: &Operator, role: Role, number: u32) -> (Company, Credentials) {
    let secret = tiers_protocol::party::PartySecret::generate(&mut System);
    let new = company(role, number, None, &secret);
    let issued: Credentials = operator.0.post("/v1/parties", &new).json();
    let client = Client::new(server.url(), Some(issued.api_key.clone()));
    (Company { client, secret, id: issued.party.unwrap(), actor: issued.actor }, issued)
}

fn row(text: &mut Vec<u8>, columns: usize, leads: bool, dice: &mut Dice) {
    for _ in 0..columns {
        let mut token = [0; 32];
        token.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = dice.roll().to_be_bytes());
        text.extend_from_slice(encode(&token).as_bytes());
        text.push(b',');
    }
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    if leads {
        writeln!(text, "2025-{month:02}-{day:02},C1").unwrap();
    } else {
        writeln!(text, "2025-{month:02}-{day:02},{}", 100 + dice.below(2_000_000)).unwrap();
    }
}

/// A sealed body on its way to a file.
struct Out {
    file: BufWriter<File>,
    sealer: Sealer,
    hasher: sha2::Sha256,
    bytes: u64,
    plain: u64,
}

impl Out {
    fn new(path: &Path, sealer: Sealer, header: &[u8]) -> Self {
        let file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
        let mut new = Self { file, sealer, hasher: sha2::Sha256::new(), bytes: 0, plain: 0 };
        new.write(header);
        new
    }

    fn write(&mut self, sealed: &[u8]) {
        self.hasher.update(sealed);
        self.file.write_all(sealed).unwrap();
        self.bytes += sealed.len() as u64;
    }

    /// Seals whole chunks, at the end what is left too.
    fn put(&mut self, text: &mut Vec<u8>, last: bool) {
        let whole = text.len() / CHUNK * CHUNK;
        for chunk in text[..whole].chunks(CHUNK) {
            let sealed = self.sealer.chunk(chunk, false).unwrap();
            self.write(&sealed);
        }
        self.plain += whole as u64;
        text.drain(..whole);
        if last {
            let sealed = self.sealer.chunk(text, true).unwrap();
            self.write(&sealed);
            self.plain += text.len() as u64;
        }
    }
}

/// High-water mark and processor time of the certifier, where Linux tells.
fn used(process: u32) -> (u64, f64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (peak, (ticks() + ticks()) / 100.0)
}

/// One deposit after the other by the command line.
fn one_by_one(arguments: &Arguments) -> serde_json::Value {
    let place = Place::new(&arguments.kinds);
    let (partner, partner_credentials) = place.partner(1);
    let (party, credentials) = if arguments.leads {
        (&place.principal.0, &place.principal_credentials)
    } else {
        (&partner, &partner_credentials)
    };
    let file = place.folder.path().join("credentials.json");
    fs::write(&file, serde_json::to_vec(credentials).unwrap()).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let process = place.server.child().id();
    let (mut walls, mut processor, mut bytes) = (Vec::new(), Vec::new(), 0);
    for run in 0..arguments.runs.max(1) {
        let dir = place.folder.path().join(format!("deposit-{run}"));
        fs::create_dir(&dir).unwrap();
        let manifest = place.seal(&dir.join("body.sealed"), arguments.rows, arguments.leads, party);
        fs::write(dir.join("manifest.json"), manifest.to_vec()).unwrap();
        fs::write(dir.join("trust.json"), serde_json::to_vec(&place.trust).unwrap()).unwrap();
        bytes = fs::metadata(dir.join("body.sealed")).unwrap().len();
        // What was just written is not this measurement's to flush.
        File::open(dir.join("body.sealed")).unwrap().sync_all().unwrap();
        let before = used(process).1;
        let begun = Instant::now();
        let done = Command::new(env!("CARGO_BIN_EXE_tiers"))
            .arg("deposit")
            .arg(&dir)
            .args(["--json", "--to", place.server.url(), "--credentials"])
            .arg(&file)
            .output()
            .unwrap();
        walls.push(begun.elapsed());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        processor.push(used(process).1 - before);
        fs::remove_dir_all(&dir).unwrap();
    }
    walls.sort_unstable();
    let rate = |wall: Duration| arguments.rows as f64 / wall.as_secs_f64();
    let (median, best) = (rate(walls[walls.len() / 2]), rate(walls[0]));
    let core = processor.into_iter().reduce(f64::min).unwrap();
    let peak = used(process).0;
    println!(
        "{} rows, kinds {}, {} bytes sealed: median of {} {median:.0} rows/s, best {best:.0}",
        arguments.rows,
        arguments.kinds,
        bytes,
        walls.len(),
    );
    println!("certifier: {core:.2} s of processor, peak memory {} MiB", peak >> 10);
    json!({
        "rows": arguments.rows, "kinds": arguments.kinds, "leads": arguments.leads,
        "sealed_bytes": bytes, "runs": walls.len(), "median_rows_s": median, "best_rows_s": best,
        "certifier_processor_s": core, "certifier_peak_kib": peak,
    })
}

/// One deposit of a crowd, from its manifest to its receipt; how often it was told to come again.
fn send(company: &Company, manifest: &SignedManifest, body: &[u8]) -> u32 {
    let id = manifest.deposit_id();
    let busy = |answer: &Answer| answer.status == 503;
    let mut again = 0;
    company.client.send("POST", "/v1/deposits", &[], &manifest.to_vec()).ok();
    loop {
        let answer = company.upload(&id, 0, body, true);
        if !busy(&answer) {
            let status: DepositStatus = answer.json();
            assert_eq!(status.state, DepositState::Accepted);
            company.receipt(&id).ok();
            return again;
        }
        again += 1;
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Many deposits by many clients at once, each a party of its own.
fn crowd(arguments: &Arguments) -> serde_json::Value {
    let place = Place::new(&arguments.kinds);
    let numbers = 1..=u32::try_from(arguments.clients).unwrap();
    let companies: Vec<Company> = numbers.map(|number| place.partner(number).0).collect();
    let of = |n: usize| &companies[n % companies.len()];
    let path = |n: usize| place.folder.path().join(format!("{n}.sealed"));
    let sealed: Vec<SignedManifest> =
        (0..arguments.crowd).map(|n| place.seal(&path(n), arguments.rows, false, of(n))).collect();
    let process = place.server.child().id();
    let (latencies, again) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let before = used(process).1;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..arguments.clients {
            let (sealed, latencies, again) = (&sealed, &latencies, &again);
            scope.spawn(move || {
                for n in (client..sealed.len()).step_by(arguments.clients) {
                    let body = fs::read(path(n)).unwrap();
                    let begun = Instant::now();
                    let told = send(of(n), &sealed[n], &body);
                    latencies.lock().unwrap().push(begun.elapsed());
                    again.fetch_add(told as usize, Ordering::SeqCst);
                }
            });
        }
    });
    let wall = begun.elapsed();
    let mut latencies = latencies.into_inner().unwrap();
    latencies.sort_unstable();
    // The least time within which so many of a hundred were done.
    let at = |of_hundred: usize| {
        let place = (latencies.len() * of_hundred).div_ceil(100);
        latencies[place.clamp(1, latencies.len()) - 1].as_secs_f64()
    };
    let rows = arguments.rows * arguments.crowd as u64;
    let (peak, processor) = used(process);
    let (rate, again) = (rows as f64 / wall.as_secs_f64(), again.into_inner());
    println!(
        "{} deposits of {} rows by {} clients: {:.1} s, {rate:.0} rows/s",
        arguments.crowd,
        arguments.rows,
        arguments.clients,
        wall.as_secs_f64(),
    );
    println!(
        "a deposit: median {:.2} s, 99 of 100 within {:.2} s; told to come again {again} times; refused 0",
        at(50),
        at(99),
    );
    println!("certifier: {:.2} s of processor, peak memory {} MiB", processor - before, peak >> 10);
    json!({
        "deposits": arguments.crowd, "rows": arguments.rows, "clients": arguments.clients,
        "kinds": arguments.kinds, "seconds": wall.as_secs_f64(), "rows_s": rate,
        "median_s": at(50), "p99_s": at(99), "come_again": again,
        "certifier_processor_s": processor - before, "certifier_peak_kib": peak,
    })
}

fn main() {
    let arguments = Arguments::read();
    let report = if arguments.crowd > 0 { crowd(&arguments) } else { one_by_one(&arguments) };
    match &arguments.json {
        Some(path) => fs::write(path, format!("{report:#}\n")).unwrap(),
        None => println!("{report}"),
    }
}
