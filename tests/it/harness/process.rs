//! The real binary, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A `tiers serve` that listens.
pub struct Process {
    child: Child,
    url: String,
}

/// On a free port. What waits for a beat is tested where the beat is.
const SERVE: [&str; 6] = ["serve", "--listen", "127.0.0.1:0", "--report-beat-ms", "0", "--dir"];

fn tiers() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tiers"))
}

impl Process {
    /// `tiers init`.
    pub fn init(data: &Path, origin: &str) {
        let made = tiers().arg("init").arg(data).args(["--origin", origin]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// `tiers serve` on a free port; returns once it listens.
    pub fn serve(data: &Path) -> Self {
        Self::listen(tiers().args(SERVE).arg(data))
    }

    /// `tiers serve` under a configuration file.
    pub fn configured(config: &Path) -> Self {
        Self::listen(tiers().args(["serve", "--config"]).arg(config))
    }

    /// `tiers serve` with further words.
    pub fn serve_with(data: &Path, words: &[&str]) -> Self {
        let mut command = tiers();
        Self::listen(command.args(SERVE).arg(data).args(words))
    }

    /// `tiers serve` where each flush of a file takes so much longer: `strace` holds it up, as a grandchild, so that
    /// signals reach the certifier itself.
    pub fn on_slow_disk(data: &Path, milliseconds: u32) -> Self {
        let mut command = Command::new("strace");
        let calls = "fsync,fdatasync";
        command.args(["-D", "-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null", "-e"]);
        command.arg(format!("trace={calls}")).arg("-e");
        command.arg(format!("inject={calls}:delay_enter={milliseconds}000"));
        Self::listen(command.arg(env!("CARGO_BIN_EXE_tiers")).args(SERVE).arg(data))
    }

    /// `tiers witness serve` on a free port.
    pub fn witness(dir: &Path) -> Self {
        Self::listen(
            tiers().args(["witness", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir),
        )
    }

    /// Both, on a file system of its own that lives in memory and ends with the process; `None` where
    /// the system does not let this user make one.
    pub fn on_small_disk(data: &Path, origin: &str, size: &str) -> Option<Self> {
        std::fs::create_dir_all(data).unwrap();
        let script = "mount -t tmpfs -o size=$3 tmpfs \"$2\" || exit 1\n\
                      [ -z \"$4\" ] && exit 0\n\
                      \"$1\" init \"$2\" --origin \"$4\" > /dev/null || exit 1\n\
                      exec \"$1\" serve --listen 127.0.0.1:0 --dir \"$2\"";
        let run = |origin: &str| {
            let mut command = Command::new("unshare");
            command.args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_tiers")]);
            command.arg(data).args([size, origin]).stderr(Stdio::null());
            command
        };
        run("").status().is_ok_and(|done| done.success()).then(|| Self::listen(&mut run(origin)))
    }

    fn listen(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the first line").to_owned();
        Self { child, url }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, while other threads still talk to the process.
    pub fn signal(&self, name: &str) {
        // The shell's own `kill`: not every machine has a program of that name.
        let command = format!("kill -s {name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &command]).status();
        assert!(sent.unwrap().success());
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
