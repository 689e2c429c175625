//! What a command may know of its surroundings: the day, whether a person is at a terminal, how to
//! ask. Passed in, so that commands stay functions of their arguments.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::error::CliError;
use super::output::Style;
use crate::time::{Clock as _, SystemClock};

/// Surroundings of a command.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Today, in UTC.
    pub today: Date,
    /// Colours of the text for people.
    pub style: Style,
    /// Whether a person can be asked.
    pub interactive: bool,
    /// Whether standard output is a terminal.
    pub terminal: bool,
    /// Whether scripts read standard output.
    pub json: bool,
}

impl Context {
    /// Those of this process.
    #[must_use]
    pub fn of_process(json: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            today: SystemClock.now().date(),
            style: Style::detect(),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            terminal,
            json,
        }
    }

    /// Asks a question on standard error and reads one line.
    ///
    /// # Errors
    /// [`CliError::Usage`] with `otherwise` when nobody can be asked.
    pub fn ask(&self, question: &str, otherwise: &'static str) -> Result<String, CliError> {
        if !self.interactive {
            return Err(CliError::Usage(otherwise));
        }
        let mut prompt = io::stderr().lock();
        let _ = write!(prompt, "{question} ");
        let _ = prompt.flush();
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(|_| CliError::Usage(otherwise))?;
        Ok(answer.trim().to_owned())
    }

    /// Asks for a secret: what is typed is not shown.
    ///
    /// # Errors
    /// [`CliError::Usage`] with `otherwise` when nobody can be asked.
    pub fn ask_secret(
        &self,
        question: &str,
        otherwise: &'static str,
    ) -> Result<Zeroizing<String>, CliError> {
        if !self.interactive {
            return Err(CliError::Usage(otherwise));
        }
        rpassword::prompt_password(format!("{question} "))
            .map(Zeroizing::new)
            .map_err(|_| CliError::Usage(otherwise))
    }

    /// A progress bar of `total` bytes on standard error; invisible without a terminal. `verb` says what is
    /// done with them.
    #[must_use]
    pub fn bytes_bar(&self, verb: &'static str, total: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "  {prefix} {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left",
        );
        bar.with_style(style.expect("the template above is valid")).with_prefix(verb)
    }

    /// A progress bar of `total` named steps on standard error; invisible without a terminal.
    #[must_use]
    pub fn steps_bar(&self, total: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("  {bar:32} {pos} of {len}  {msg}  {eta}");
        bar.with_style(style.expect("the template above is valid"))
    }
}
