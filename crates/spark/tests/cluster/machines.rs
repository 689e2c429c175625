//! A standalone cluster on loopback: every process is Spark's own, started from its package.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_spark::Cluster;

/// How long a process may take to be there: a loaded machine starts five of them.
const PATIENCE: Duration = Duration::from_secs(240);

/// The processes of a cluster; they end with it.
pub struct Machines {
    folder: TempDir,
    processes: Vec<Child>,
    workers: Vec<u32>,
    connect: u16,
    /// Port of the driver's own pages.
    pages: u16,
    /// What the processes know of each other.
    secret: String,
}

fn hexadecimal(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn variable(name: &str) -> PathBuf {
    let found = std::env::var_os(name).map(PathBuf::from).filter(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} does not say where it is: run tests/spark"))
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not happen");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The body of a page on loopback, if there is one.
fn page(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}

impl Machines {
    /// Starts a master, two workers of one core each, and a Spark Connect server on them.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["conf", "exports", "local"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let (master, master_pages) = (free_port(), free_port());
        let (connect, pages) = (free_port(), free_port());
        let mut machines = Self {
            folder,
            processes: Vec::new(),
            workers: Vec::new(),
            connect,
            pages,
            secret: hexadecimal(System.array::<16>()),
        };
        machines.configure(&format!("spark://127.0.0.1:{master}"));
        let class = "org.apache.spark.deploy.master.Master";
        let at = [("--port", master), ("--webui-port", master_pages)];
        let at = at.iter().flat_map(|(name, port)| [(*name).to_owned(), port.to_string()]);
        let host = ["--host", "127.0.0.1"].map(str::to_owned);
        machines.run("master", "spark-class", [class.to_owned()].into_iter().chain(host).chain(at));
        until("a master", || page(master_pages, "/json/").is_some());
        for number in 1..=2 {
            let process = machines.worker(number, master);
            machines.workers.push(process);
        }
        let alive = || page(master_pages, "/json/").map(|text| text.matches("\"ALIVE\"").count());
        // The master is one of those who are alive.
        until("two workers", || alive() == Some(3));
        let server = [
            "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer",
            "spark-internal",
        ];
        machines.run("connect", "spark-submit", server.into_iter().map(str::to_owned));
        until("a server", || TcpStream::connect(("127.0.0.1", connect)).is_ok());
        machines
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `docs/scale.md` tells an operator to set, as far as one machine needs it.
    fn configure(&self, master: &str) {
        let jar = variable("TIERS_SPARK_JAR");
        let local = self.path("local");
        let lines = [
            format!("spark.master {master}"),
            format!("spark.jars {}", jar.display()),
            format!("spark.local.dir {}", local.display()),
            format!("spark.connect.grpc.binding.port {}", self.connect),
            format!("spark.ui.port {}", self.pages),
            "spark.connect.grpc.binding.address 127.0.0.1".to_owned(),
            "spark.driver.host 127.0.0.1".to_owned(),
            "spark.driver.memory 1g".to_owned(),
            "spark.executor.memory 1g".to_owned(),
            "spark.executor.cores 1".to_owned(),
            "spark.cores.max 2".to_owned(),
            "spark.sql.shuffle.partitions 8".to_owned(),
            "spark.authenticate true".to_owned(),
            format!("spark.authenticate.secret {}", self.secret),
            format!("spark.connect.authenticate.token {}", self.token()),
            "spark.network.crypto.enabled true".to_owned(),
            "spark.io.encryption.enabled true".to_owned(),
            "spark.eventLog.enabled false".to_owned(),
            String::new(),
        ];
        let path = self.path("conf").join("spark-defaults.conf");
        fs::write(&path, lines.join("\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn worker(&mut self, number: u32, master: u16) -> u32 {
        let name = format!("worker-{number}");
        let work = self.path(&name).display().to_string();
        let arguments = [
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0",
            "--cores",
            "1",
            "--memory",
            "1g",
            "--work-dir",
            &work,
            &format!("spark://127.0.0.1:{master}"),
        ];
        self.run(&name, "spark-class", arguments.map(str::to_owned).into_iter())
    }

    fn run(&mut self, name: &str, program: &str, arguments: impl Iterator<Item = String>) -> u32 {
        let home = variable("TIERS_SPARK_HOME");
        let log = File::create(self.path(&format!("{name}.log"))).unwrap();
        let child = Command::new(home.join("bin").join(program))
            .args(arguments)
            .env("SPARK_HOME", &home)
            .env("SPARK_CONF_DIR", self.path("conf"))
            .env("SPARK_LOCAL_IP", "127.0.0.1")
            .env("SPARK_DAEMON_MEMORY", "512m")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let process = child.id();
        self.processes.push(child);
        process
    }

    /// What callers of the server have to show.
    fn token(&self) -> String {
        format!("shown-{}", self.secret)
    }

    /// The cluster as a certifier has it.
    pub fn cluster(&self) -> Cluster {
        self.cluster_with(&self.token())
    }

    /// The cluster as somebody has it who shows this token.
    pub fn cluster_with(&self, token: &str) -> Cluster {
        let store = format!("file://{}", self.exports().display());
        Cluster::new(&format!("sc://127.0.0.1:{}/;token={token}", self.connect), &store).unwrap()
    }

    /// The folder of exports.
    pub fn exports(&self) -> PathBuf {
        self.path("exports")
    }

    /// How many exports lie there.
    pub fn exports_left(&self) -> usize {
        let entries = fs::read_dir(self.exports()).unwrap().filter_map(Result::ok);
        let ours = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("export-");
        entries.filter(|entry| ours(&entry.file_name())).count()
    }

    /// What the server and the workers wrote, for whoever looks for what must not be there.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        gather(self.folder.path(), &mut text);
        text
    }

    fn of_application(&self, path: &str) -> Option<serde_json::Value> {
        let read =
            |path: &str| serde_json::from_str::<serde_json::Value>(&page(self.pages, path)?).ok();
        let applications = read("/api/v1/applications")?;
        let id = applications.get(0)?.get("id")?.as_str()?.to_owned();
        read(&format!("/api/v1/applications/{id}/{path}"))
    }

    /// Stages of a state that the driver knows.
    pub fn stages(&self, state: &str) -> usize {
        let found = self.of_application(&format!("stages?status={state}"));
        found.and_then(|found| Some(found.as_array()?.len())).unwrap_or(0)
    }

    /// Everything that the driver's pages tell of its settings and queries, for programs and for people.
    pub fn told(&self) -> String {
        let parts = ["environment", "sql?details=true&length=1000", "stages", "jobs"];
        let parts = parts.iter().filter_map(|part| self.of_application(part));
        let mut told: String = parts.map(|part| part.to_string()).collect();
        let pages = ["/environment/".to_owned(), "/connect/".to_owned(), "/SQL/".to_owned()];
        let queries = (0..8).map(|id| format!("/SQL/execution/?id={id}"));
        let pages = pages.into_iter().chain(queries);
        told.extend(pages.filter_map(|path| page(self.pages, &path)));
        told
    }

    /// Executors that the driver has lost.
    pub fn lost_executors(&self) -> usize {
        let found = self.of_application("allexecutors");
        let lost =
            |one: &serde_json::Value| one.get("isActive") == Some(&serde_json::Value::Bool(false));
        let count = |found: serde_json::Value| {
            Some(found.as_array()?.iter().filter(|one| lost(one)).count())
        };
        found.and_then(count).unwrap_or(0)
    }

    /// Kills one worker and its executor at once, without a word.
    pub fn kill_a_worker(&self) {
        let worker = self.workers[0];
        let executors = children(worker);
        assert!(!executors.is_empty(), "the worker had an executor");
        for process in executors.into_iter().chain([worker]) {
            let killed = Command::new("kill").args(["-9", &process.to_string()]).status().unwrap();
            assert!(killed.success());
        }
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        let executors: Vec<u32> =
            self.processes.iter().flat_map(|child| children(child.id())).collect();
        for child in self.processes.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        for process in executors {
            let _ = Command::new("kill")
                .args(["-9", &process.to_string()])
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// Processes that another one started.
fn children(of: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |process: &u32| {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let (_, rest) = text.rsplit_once(')')?;
        rest.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    numbers.filter(|process| parent(process) == Some(of)).collect()
}

/// The text of every log below a folder.
fn gather(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        let log = path.extension().is_some_and(|e| e == "log") || path.ends_with("stderr");
        if path.is_dir() {
            gather(&path, text);
        } else if log {
            text.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()));
        }
    }
}
