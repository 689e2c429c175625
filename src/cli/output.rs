//! What people and scripts read: an [`Outcome`] has one text for people and one JSON object for
//! scripts, and `--json` chooses. Nothing here knows what a command does.

use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Write as _};

use super::error::CliError;

/// What a command has to say at its end.
#[derive(Debug)]
pub struct Outcome {
    /// For people; may have several lines.
    pub text: String,
    /// For scripts: one object.
    pub json: Value,
    /// Whether what was looked at is not as it should be: then the exit code is 1.
    pub amiss: bool,
}

impl Outcome {
    /// Both forms.
    #[must_use]
    pub const fn new(text: String, json: Value) -> Self {
        Self { text, json, amiss: false }
    }

    /// Nothing is left to say: the command spoke while it ran.
    #[must_use]
    pub const fn silent() -> Self {
        Self { text: String::new(), json: Value::Null, amiss: false }
    }
}

/// Colours and weights, or none of them when the reader is a file or asks for none (`NO_COLOR`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    on: bool,
}

impl Style {
    /// No colours.
    pub const PLAIN: Self = Self { on: false };

    /// Colours if standard output is a terminal that wants them.
    #[must_use]
    pub fn detect() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: io::stdout().is_terminal() && !unwanted }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A title.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// An aside.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Something that holds.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Something to look at.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// Something that does not hold.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// A bar of a plot.
    #[must_use]
    pub fn bar(self, text: &str) -> String {
        self.wrap("36", text)
    }
}

/// Writes the outcome to standard output. A reader that went away is no error.
pub fn say(outcome: &Outcome, as_json: bool) {
    if as_json {
        if !outcome.json.is_null() {
            line(&outcome.json.to_string());
        }
    } else if !outcome.text.is_empty() {
        line(outcome.text.trim_end());
    }
}

/// Writes one line to standard output.
pub fn line(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Writes one line to standard error.
pub fn aside(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what happened, what to do and the code; scripts get the same as one object.
pub fn complain(error: &CliError, as_json: bool) {
    let coloured = io::stderr().is_terminal();
    let style = if coloured { Style::detect() } else { Style::PLAIN };
    let mut text = format!("{} {error} [{}]", style.bad("error:"), error.code());
    if let Some(advice) = error.advice() {
        text.push_str("\n  ");
        text.push_str(advice);
    }
    aside(&text);
    if as_json {
        let error = json!({
            "code": error.code(), "message": error.to_string(), "advice": error.advice(),
        });
        line(&json!({ "error": error }).to_string());
    }
}
