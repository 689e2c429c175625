//! A certifier behind a socket of its own, in a folder of its own: in this process under a clock that
//! the test owns, or as the real binary in a process of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use tempfile::TempDir;
use tiers::api::{self, Listeners};
use tiers::crypto::keyring::Keyring;
use tiers::crypto::random::OsRandom;
use tiers::limits::Timing;
use tiers::service::webhook::Webhooks;
use tiers::service::{Certifier, Dependencies, Layout, Witnessing};
use tiers::time::{Clock, Moment, SystemClock};
use tiers::web::Portal;
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::Credentials;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::client::Client;
use super::process::Process;

/// Name of the certifier's ledger in tests.
pub const ORIGIN: &str = "certifier.example/ledger";

/// 2025-09-01T12:00:00Z.
const START: i64 = 1_756_728_000;

/// A clock that moves when the test says so.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at [`START`].
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    /// Moves on a little.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
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
    url: String,
    kind: Kind,
    /// Where this process sees the data directory, if not where the certifier does.
    seen: Option<PathBuf>,
}

/// Ends a server that production's edge serves.
pub struct Stop {
    sender: tokio::sync::oneshot::Sender<()>,
    served: std::sync::mpsc::Receiver<()>,
}

impl Stop {
    /// Asks it to end, and waits at most so long until it has; whether it did.
    pub fn ends_within(self, limit: std::time::Duration) -> bool {
        self.sender.send(()).unwrap();
        self.served.recv_timeout(limit).is_ok()
    }
}

enum Kind {
    InProcess {
        clock: TestClock,
        certifier: Arc<Certifier>,
        witnessing: Witnessing,
        runtime: Runtime,
    },
    Process(Process),
}

impl Server {
    /// A new certifier in this process.
    pub fn start() -> Self {
        let (folder, clock, certifier) = created();
        Self::serve(folder, clock, certifier)
    }

    /// The same with dependencies of a test's own, but for the clock.
    pub fn start_as(with: Dependencies) -> Self {
        let (folder, clock, certifier) = created_with(with);
        Self::serve(folder, clock, certifier)
    }

    /// A new certifier in this process that reaches webhooks.
    pub fn start_with(webhooks: Webhooks) -> Self {
        let (folder, clock, certifier) =
            created_with(Dependencies { webhooks, ..Dependencies::default() });
        Self::serve(folder, clock, certifier)
    }

    /// A new certifier in this process behind the edge that production has, under the test's times.
    pub fn start_under(timing: Timing) -> (Self, Stop) {
        let (folder, clock, certifier) = created();
        let (sender, stop) = tokio::sync::oneshot::channel::<()>();
        let (ended, served) = std::sync::mpsc::channel();
        let server = Self::spawn(folder, clock, certifier, |certifier, listener| async move {
            let stop = async move { stop.await.unwrap_or_default() };
            api::serve(certifier, listener, stop, timing).await;
            ended.send(()).unwrap_or_default();
        });
        (server, Stop { sender, served })
    }

    /// A new certifier in this process with its pages beside the API, where links let in.
    pub fn start_with_pages() -> Self {
        Self::with_pages(None)
    }

    /// The same where the browser's program lies at hand: its names, which is all that pages ask for.
    pub fn start_with_program() -> Self {
        let program = tempfile::tempdir().unwrap();
        for name in ["tiers.js", "worker.js", "tiers_wasm.js", "tiers_wasm_bg.wasm"] {
            std::fs::write(program.path().join(name), "").unwrap();
        }
        Self::with_pages(Some(program))
    }

    fn with_pages(program: Option<TempDir>) -> Self {
        let (folder, clock, certifier) = created();
        let mut server = Self::spawn(folder, clock, certifier, |certifier, listener| async move {
            let port = listener.local_addr().unwrap().port();
            let origin = format!("http://localhost:{port}");
            let program = program.as_ref().map(TempDir::path);
            let portal = Portal::new(&origin, program, true).unwrap();
            let pages = tiers::web::pages(portal, &certifier).router();
            let listeners = Listeners { pages, ..Listeners::from(listener) };
            api::serve(certifier, listeners, std::future::pending(), Timing::default()).await;
        });
        server.url = server.url.replace("127.0.0.1", "localhost");
        server
    }

    /// A new certifier in a process of its own, made and served by the command line.
    pub fn process() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = places(folder.path()).0;
        Process::init(&data, ORIGIN);
        let process = Process::serve(&data);
        let (url, kind) = (process.url().to_owned(), Kind::Process(process));
        Self { folder, url, kind, seen: None }
    }

    /// The same with further words for `serve`.
    pub fn process_with(words: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = places(folder.path()).0;
        Process::init(&data, ORIGIN);
        let process = Process::serve_with(&data, words);
        let (url, kind) = (process.url().to_owned(), Kind::Process(process));
        Self { folder, url, kind, seen: None }
    }

    /// The same where each flush of a file takes so much longer.
    pub fn on_slow_disk(milliseconds: u32) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = places(folder.path()).0;
        Process::init(&data, ORIGIN);
        let process = Process::on_slow_disk(&data, milliseconds);
        let (url, kind) = (process.url().to_owned(), Kind::Process(process));
        Self { folder, url, kind, seen: None }
    }

    /// The same on a small file system of its own, or `None` where that cannot be made. It ends with
    /// the process.
    pub fn on_small_disk(size: &str) -> Option<Self> {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = places(folder.path()).0;
        let process = Process::on_small_disk(&data, ORIGIN, size)?;
        let seen_from_here = format!("/proc/{}/root{}", process.id(), data.display());
        let (url, seen) = (process.url().to_owned(), Some(seen_from_here.into()));
        Some(Self { folder, url, kind: Kind::Process(process), seen })
    }

    /// Stops as a kill would, without a last word, and opens the same folder again.
    pub fn reopen(self, with: Dependencies) -> Self {
        self.reopen_after(|_, _| (), with)
    }

    /// The same, with something done to the folder while nobody has it open.
    pub fn reopen_after(
        self,
        meanwhile: impl FnOnce(&Path, &TestClock),
        with: Dependencies,
    ) -> Self {
        let Kind::InProcess { clock, certifier, witnessing, runtime } = self.kind else {
            panic!("a process is restarted");
        };
        witnessing.stop();
        // A deposit that is being read holds the certifier; on a busy machine that takes its time.
        runtime.shutdown_timeout(std::time::Duration::from_secs(60));
        drop(certifier);
        let (data, keys) = places(self.folder.path());
        // A process that another test starts holds every open file, the lock among them, until it
        // has begun its program.
        for _ in 0..1_000 {
            let lock = std::fs::File::open(data.join("lock")).unwrap();
            if lock.try_lock().is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        meanwhile(self.folder.path(), &clock);
        let with = Dependencies { clock: Box::new(clock.clone()), ..with };
        let certifier = Certifier::open(&data, Keyring::open(&keys).unwrap(), with).unwrap();
        Self::serve(self.folder, clock, certifier)
    }

    /// Kills the process if it still runs, and starts another on the same folder.
    pub fn restart(self) -> Self {
        self.restart_with(&[])
    }

    /// The same with further words for `serve`.
    pub fn restart_with(mut self, words: &[&str]) -> Self {
        self.kill();
        let process = Process::serve_with(&places(self.folder.path()).0, words);
        let (url, kind) = (process.url().to_owned(), Kind::Process(process));
        Self { folder: self.folder, url, kind, seen: None }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        match &mut self.kind {
            Kind::Process(process) => process.kill(),
            Kind::InProcess { .. } => panic!("not a process"),
        }
    }

    // The routes alone: nothing is published but by the requests themselves, so that a test sees
    // the same thing every time.
    fn serve(folder: Arc<TempDir>, clock: TestClock, certifier: Certifier) -> Self {
        Self::spawn(folder, clock, certifier, |certifier, listener| async move {
            axum::serve(listener, api::router(certifier)).await.unwrap();
        })
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        folder: Arc<TempDir>,
        clock: TestClock,
        certifier: Certifier,
        serve: impl FnOnce(Arc<Certifier>, TcpListener) -> F,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let certifier = Arc::new(certifier);
        runtime.spawn(serve(Arc::clone(&certifier), listener));
        let witnessing = certifier.begin_witnessing();
        let kind = Kind::InProcess { clock, certifier, witnessing, runtime };
        Self { folder, url, kind, seen: None }
    }

    /// Ends a certifier of this process; its folder stays as long as what is returned.
    pub fn stopped(self) -> Arc<TempDir> {
        let Kind::InProcess { certifier, runtime, witnessing, .. } = self.kind else {
            panic!("a process is killed");
        };
        witnessing.stop();
        runtime.shutdown_timeout(std::time::Duration::from_secs(60));
        drop(certifier);
        self.folder
    }

    /// The certifier itself, where it runs in this process.
    pub fn certifier(&self) -> &Arc<Certifier> {
        match &self.kind {
            Kind::InProcess { certifier, .. } => certifier,
            Kind::Process(_) => panic!("the certifier is another process"),
        }
    }

    /// The process, where it is one.
    pub const fn child(&self) -> &Process {
        match &self.kind {
            Kind::Process(process) => process,
            Kind::InProcess { .. } => panic!("not a process"),
        }
    }

    /// Credentials of an operator.
    pub fn operator(&self) -> Credentials {
        match &self.kind {
            Kind::InProcess { certifier, .. } => certifier.enrol_operator().unwrap(),
            Kind::Process(_) => {
                let path = self.folder.path().join("data.operator.json");
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
            }
        }
    }

    /// Publishes what waits; a process does so by itself at the end of each act with a proof.
    pub fn publish(&self) {
        if let Kind::InProcess { certifier, .. } = &self.kind {
            certifier.publish().unwrap();
        }
    }

    /// Its public keys, as it serves them.
    pub fn trust(&self) -> Trust {
        self.anonymous().get("/v1/trust").json()
    }

    /// The day on its clock.
    pub fn today(&self) -> Date {
        match &self.kind {
            Kind::InProcess { clock, .. } => clock.now().date(),
            Kind::Process(_) => SystemClock.now().date(),
        }
    }

    /// The clock that the test owns.
    pub const fn clock(&self) -> &TestClock {
        match &self.kind {
            Kind::InProcess { clock, .. } => clock,
            Kind::Process(_) => panic!("a process has the machine's clock"),
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everybody who asks from now on goes through another address, such as a proxy's.
    pub fn reach_through(&mut self, url: String) {
        self.url = url;
    }

    /// A caller without a key.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// The folder that holds its data directory and its keyring.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where its files lie.
    pub fn layout(&self) -> Layout {
        Layout::new(&self.data())
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.seen.clone().unwrap_or_else(|| places(self.folder.path()).0)
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

/// A certifier that is not served yet.
fn created() -> (Arc<TempDir>, TestClock, Certifier) {
    created_with(Dependencies::default())
}

fn created_with(with: Dependencies) -> (Arc<TempDir>, TestClock, Certifier) {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let clock = TestClock::new();
    let (data, keys) = places(folder.path());
    let keyring = Keyring::create(&keys, &data, ORIGIN, &mut OsRandom::default()).unwrap();
    let with = Dependencies { clock: Box::new(clock.clone()), ..with };
    let certifier = Certifier::create(&data, keyring, with).unwrap();
    (folder, clock, certifier)
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
