//! A certifier behind a socket of its own, in a folder of its own, with a clock of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use tiers::api;
use tiers::crypto::keyring::Keyring;
use tiers::crypto::random::OsRandom;
use tiers::service::{Certifier, Dependencies, Layout};
use tiers::time::{Clock, Moment};
use tiers_protocol::trust::Trust;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::client::Client;

/// Name of the certifier's ledger in tests.
pub const ORIGIN: &str = "certifier.example/ledger";

/// 2025-09-01T12:00:00Z.
pub const START: i64 = 1_756_728_000;

/// A clock that moves when the test says so.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at [`START`].
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    /// Moves on.
    pub fn advance_days(&self, days: i64) {
        self.0.fetch_add(days * 86_400, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_seconds(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A running certifier.
pub struct Server {
    folder: Arc<TempDir>,
    clock: TestClock,
    certifier: Arc<Certifier>,
    runtime: Option<Runtime>,
    url: String,
}

impl Server {
    /// A new certifier.
    pub fn start() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let clock = TestClock::new();
        let (data, keys) = places(folder.path());
        let keyring = Keyring::create(&keys, &data, ORIGIN, &mut OsRandom::default()).unwrap();
        let with = Dependencies { clock: Box::new(clock.clone()), ..Dependencies::default() };
        let certifier = Certifier::create(&data, keyring, with).unwrap();
        Self::serve(folder, clock, certifier)
    }

    /// Stops as a kill would, without a last word, and opens the same folder again.
    pub fn reopen(self, with: Dependencies) -> Self {
        let (folder, clock) = self.kill();
        let (data, keys) = places(folder.path());
        let with = Dependencies { clock: Box::new(clock.clone()), ..with };
        let certifier = Certifier::open(&data, Keyring::open(&keys).unwrap(), with).unwrap();
        Self::serve(folder, clock, certifier)
    }

    fn kill(mut self) -> (Arc<TempDir>, TestClock) {
        self.runtime.take().unwrap().shutdown_timeout(std::time::Duration::from_secs(10));
        (Arc::clone(&self.folder), self.clock.clone())
    }

    // The routes alone: nothing is published but by the requests themselves, so that a test sees
    // the same thing every time.
    fn serve(folder: Arc<TempDir>, clock: TestClock, certifier: Certifier) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let certifier = Arc::new(certifier);
        let app = api::router(Arc::clone(&certifier));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { folder, clock, certifier, runtime: Some(runtime), url }
    }

    /// The certifier itself, for what has no address (its first credential, its folders).
    pub fn certifier(&self) -> &Certifier {
        &self.certifier
    }

    /// Its public keys.
    pub fn trust(&self) -> Trust {
        self.certifier.trust()
    }

    /// The clock.
    pub const fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A caller without a key.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// Where its files lie.
    pub fn layout(&self) -> Layout {
        Layout::new(&places(self.folder.path()).0)
    }

    /// Every file that holds something of a deposit: segments, leads sets, spools.
    pub fn deposit_files(&self) -> Vec<PathBuf> {
        let layout = self.layout();
        let mut files = Vec::new();
        for folder in [layout.vault(), layout.leads(), layout.spool()] {
            walk(&folder, &mut files);
        }
        files.sort();
        files
    }
}

/// The data directory and the keyring beside it.
fn places(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("data"), folder.join("data.keyring"))
}

/// Appends every file below a folder.
pub fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}
