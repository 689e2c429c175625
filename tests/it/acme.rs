//! A certificate from a real ACME authority (`pebble`) for the real binary: had, served, renewed, kept over a restart,
//! and what happens when the authority refuses or is gone.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::pebble::{Looker, Pebble, authority, everywhere, free_port, signed};
use crate::harness::process::Process;
use crate::harness::server::ORIGIN;

/// How long certificates last: long enough for a look and a restart on a busy machine before one is renewed, at two
/// thirds.
const SECONDS: u32 = 60;

/// A certifier that asks an authority.
struct Asking {
    folder: tempfile::TempDir,
    port: u16,
    metrics: u16,
}

impl Asking {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let asking = Self { folder, port: free_port(), metrics: free_port() };
        Process::init(&asking.path("data"), ORIGIN);
        asking
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts it, for certificates of this authority.
    fn serve(&self, directory: &str, ca: &Path, more: &str) -> Process {
        let text = format!(
            "dir = \"data\"\nlisten = \"{listen}\"\nmetrics = \"127.0.0.1:{metrics}\"\n[tls]\n{more}\n\
             [tls.acme]\ndomains = [\"localhost\"]\nterms_agreed = true\n\
             contacts = [\"mailto:operator@certifier.example\"]\n\
             directory = \"{directory}\"\ndirectory_ca = \"{ca}\"\n",
            listen = everywhere(self.port),
            metrics = self.metrics,
            ca = ca.display(),
        );
        fs::write(self.path("tiers.toml"), text).unwrap();
        Process::configured(&self.path("tiers.toml"))
    }

    fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// What `tiers doctor` finds about this: how it is, and in which words.
    fn finding(&self, about: &str) -> (String, String) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["doctor", "--json", "--config"])
            .arg(self.path("tiers.toml"))
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = said["findings"].as_array().unwrap().iter().find(|one| one["about"] == about);
        let text = |name: &str| found.unwrap()[name].as_str().unwrap().to_owned();
        (text("health"), text("says"))
    }

    /// The figure of the certificate.
    fn seconds_left(&self) -> i64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.metrics)).unwrap();
        let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let name = "tiers_certificate_seconds_left{from=\"acme\"} ";
        let line = answer.lines().find_map(|line| line.strip_prefix(name));
        line.expect("the figure").trim().parse().unwrap()
    }
}

/// Looks again until there is something, for so many seconds.
fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_certificate_is_had_renewed_and_kept_and_the_authority_may_be_gone() {
    let asking = Asking::new();
    let clients = authority();
    fs::write(asking.path("clients.pem"), clients.pem()).unwrap();
    let mut pebble = Pebble::start(&asking.path("pebble"), asking.port, SECONDS);
    let (directory, ca) = (pebble.directory(), pebble.ca());
    // The authority shows no certificate; everybody else has to.
    let start = || asking.serve(&directory, &ca, "client_ca = \"clients.pem\"");
    let looker = |root: &str| Looker::new(root).with(signed(&clients, "client"));
    let known = looker(&pebble.root());
    let shown = |looker: &Looker| looker.get(&asking.address(), "/v1/trust").ok();

    let mut process = start();
    let (answer, first) = within(30, "the first certificate", || shown(&known));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("strict-transport-security: max-age"), "{answer}");
    assert!(shown(&Looker::new(&pebble.root())).is_none(), "clients are asked for certificates");
    let left = asking.seconds_left();
    assert!((1..=i64::from(SECONDS)).contains(&left), "{left}");
    assert_eq!(asking.finding("acme").0, "good");
    let folder = asking.path("data.acme");
    assert_eq!(mode(&folder), 0o700);
    let listed = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files = within(10, "account and certificate alone", || {
        Some(listed().collect::<Vec<_>>()).filter(|files| files.len() == 2)
    });
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");

    // Nothing is asked for at the next start.
    let orders = |pebble: &Pebble| pebble.log().matches("POST /order-plz").count();
    assert_eq!(orders(&pebble), 1, "{}", pebble.log());
    process.kill();
    let mut process = start();
    assert_eq!(shown(&known).expect("the kept certificate").1, first);
    assert_eq!(orders(&pebble), 1, "{}", pebble.log());

    // In time, and while it serves.
    let renewed =
        within(120, "the renewal", || shown(&known).filter(|(_, shown)| *shown != first)).1;
    assert!(orders(&pebble) == 2 && asking.seconds_left() > 0, "{}", pebble.log());

    // The authority is gone: the last certificate is served, and the attempts are told.
    pebble.stop();
    process.kill();
    let _process = start();
    assert_eq!(shown(&known).expect("the kept certificate").1, renewed);
    let (health, says) = within(120, "the failed renewal", || {
        Some(asking.finding("acme")).filter(|(health, _)| health != "good")
    });
    assert!(says.contains("[acme.unreachable]"), "{health}: {says}");
    assert!(says.contains("onnection refused"), "it tells the cause: {says}");
    // It comes back, and knows nobody: a new account, a new root, a new certificate.
    pebble.again();
    let new = looker(&pebble.root());
    within(120, "a certificate of the new root", || shown(&new));
    within(10, "all is well", || Some(()).filter(|()| asking.finding("acme").0 == "good"));
}

#[test]
fn a_refusal_and_an_authority_out_of_reach_are_told() {
    let asking = Asking::new();
    let (nobody, other) = (free_port(), free_port());
    let pebble = Pebble::start(&asking.path("pebble"), nobody, 3_600);
    let looker = Looker::new(&pebble.root());
    let told = |code: &str| {
        let code = format!("[{code}]");
        within(60, &code, || Some(asking.finding("acme")).filter(|(_, says)| says.contains(&code)))
    };

    // Nobody has ever answered: it serves nothing yet, and says so.
    let mut process = asking.serve(&format!("https://localhost:{other}/dir"), &pebble.ca(), "");
    assert_eq!(told("acme.unreachable").0, "bad");
    assert_eq!(asking.finding("tls").0, "bad");
    assert_eq!(asking.seconds_left(), 0);
    assert!(looker.get(&asking.address(), "/v1/trust").is_err());
    process.kill();

    // The proof is looked for where nobody is.
    let mut process = asking.serve(&pebble.directory(), &pebble.ca(), "");
    let (health, says) = told("acme.refused");
    assert_eq!(health, "bad");
    assert!(says.contains("unauthorized: Failed to connect"), "{says}");
    assert!(looker.get(&asking.address(), "/v1/trust").is_err());
    // A restart does not ask again at once: authorities shut out who does.
    let asked = pebble.log().matches("POST /order-plz").count();
    process.kill();
    let _process = asking.serve(&pebble.directory(), &pebble.ca(), "");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(pebble.log().matches("POST /order-plz").count(), asked);
}
