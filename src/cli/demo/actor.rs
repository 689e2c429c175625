//! Actors of the demonstration. Each is a home directory and nothing else: whatever an actor does,
//! it does by running this same program as a process of its own, with the public command line.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tiers_protocol::encoding::encode;
use tiers_protocol::entropy::{Entropy as _, System};

use super::super::error::CliError;
use super::super::files;

/// A directory that is removed when the demonstration ends, however it ends.
pub struct Stage {
    root: PathBuf,
    program: PathBuf,
    commands: Commands,
}

/// What every actor ran, in order, as it would be typed.
type Commands = Arc<Mutex<Vec<String>>>;

impl Stage {
    /// Makes the directory under the system's temporary one.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn build() -> Result<Self, CliError> {
        let name = format!("tiers-demo-{}", encode(&System.array::<6>()));
        let root = std::env::temp_dir().join(name);
        files::make_dir(&root)?;
        let program = std::env::current_exe()
            .map_err(|cause| CliError::read(Path::new("this program"), &cause))?;
        Ok(Self { root, program, commands: Commands::default() })
    }

    /// Where the homes are.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// An actor with a new home.
    ///
    /// # Errors
    /// [`CliError::Write`].
    pub fn actor(&self, id: &str, name: &str) -> Result<Actor, CliError> {
        let home = self.root.join(id);
        files::make_dir(&home)?;
        Ok(Actor {
            id: id.to_owned(),
            name: name.to_owned(),
            home,
            program: self.program.clone(),
            commands: Arc::clone(&self.commands),
        })
    }

    /// Every command so far, one a line, with the actor in front.
    #[must_use]
    pub fn commands(&self) -> String {
        let lines = self.commands.lock().map(|lines| lines.join("\n")).unwrap_or_default();
        format!("{lines}\n")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Somebody with a home directory.
pub struct Actor {
    id: String,
    name: String,
    home: PathBuf,
    program: PathBuf,
    commands: Commands,
}

/// What a process said that ended with a refusal.
#[derive(Debug)]
pub struct Refused {
    /// The stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

impl Actor {
    /// A file in the actor's home.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    fn command(&self, words: &[OsString]) -> Command {
        if let Ok(mut commands) = self.commands.lock() {
            commands.push(format!("{:<10} tiers {}", self.id, typed(words)));
        }
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.home).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    fn output(&self, words: &[OsString]) -> Result<std::process::Output, CliError> {
        self.command(words)
            .arg("--json")
            .output()
            .map_err(|cause| CliError::read(&self.program, &cause))
    }

    /// Runs a command; the answer is the object it prints, or its refusal.
    ///
    /// # Errors
    /// [`CliError::Actor`] if it ends in any other way.
    pub fn attempt(&self, words: &[OsString]) -> Result<Result<Value, Refused>, CliError> {
        let output = self.output(words)?;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let part = |name: &str| answer["error"][name].as_str().map(str::to_owned);
        match (output.status.code(), part("code"), part("message")) {
            (Some(0), None, _) if answer.is_object() => Ok(Ok(answer)),
            (Some(1), Some(code), Some(message)) => {
                let advice = part("advice").unwrap_or_default();
                Ok(Err(Refused { code, message, advice }))
            }
            _ => Err(self.failed(words, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Runs a command that must succeed.
    ///
    /// # Errors
    /// [`CliError::Actor`] with who, what and what was said.
    pub fn run(&self, words: &[OsString]) -> Result<Value, CliError> {
        self.attempt(words)?.map_err(|refused| {
            self.failed(
                words,
                &format!("{} {} [{}]", refused.message, refused.advice, refused.code),
            )
        })
    }

    /// Runs a command that must be refused.
    ///
    /// # Errors
    /// [`CliError::Actor`] if it is not.
    pub fn run_refused(&self, words: &[OsString]) -> Result<Refused, CliError> {
        match self.attempt(words)? {
            Ok(_) => Err(self.failed(words, "it succeeded, and should have been refused")),
            Err(refused) => Ok(refused),
        }
    }

    /// Starts a server; the first line that it prints holds its address.
    ///
    /// # Errors
    /// [`CliError::Actor`] if it does not start.
    pub fn serve(&self, words: &[OsString]) -> Result<Server, CliError> {
        let log = self.path("certifier.log");
        let errors = fs::File::create(&log).map_err(|cause| CliError::write(&log, &cause))?;
        let mut command = self.command(words);
        let child = command.stdout(Stdio::piped()).stderr(errors).spawn();
        let child = child.map_err(|cause| CliError::read(&self.program, &cause))?;
        let mut server = Server { child, url: String::new() };
        let mut line = String::new();
        if let Some(stdout) = server.child.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        match line.trim().strip_prefix("listening on ") {
            Some(url) => {
                url.clone_into(&mut server.url);
                Ok(server)
            }
            None => Err(self.failed(words, &fs::read_to_string(&log).unwrap_or_default())),
        }
    }

    fn failed(&self, words: &[OsString], said: &str) -> CliError {
        CliError::Actor {
            actor: self.name.clone(),
            command: typed(words),
            said: said.trim_end().to_owned(),
        }
    }
}

/// Words as they would be typed in a shell.
fn typed(words: &[OsString]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=".contains(c);
    let words = words.iter().map(|word| {
        let word = word.to_string_lossy();
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A running certifier; stopped when dropped.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The words of a command, from texts and paths.
#[must_use]
pub fn words_of<const N: usize>(words: [&dyn AsRef<OsStr>; N]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// The words of a command: `command!["serve", "--dir", path]`.
macro_rules! command {
    ($($word:expr),* $(,)?) => {
        &$crate::cli::demo::actor::words_of([$(&$word),*])
    };
}
pub(super) use command;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_so_that_a_shell_reads_them_back() {
        let words = ["a", "b c", "", "it's", "$HOME"].map(OsString::from);
        assert_eq!(typed(&words), r"a 'b c' '' 'it'\''s' '$HOME'");
    }
}
