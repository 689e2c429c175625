//! `tiers completions` and `tiers man`: the words of the command line for shells and for manual pages, made
//! from the very table that is parsed.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use super::args::Cli;
use super::error::CliError;
use super::files;
use super::output::Outcome;

/// Words of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers completions bash > /etc/bash_completion.d/tiers\n  \
    tiers completions zsh > \"${fpath[1]}/_tiers\"")]
pub struct CompletionsArgs {
    /// For which shell.
    shell: Shell,
}

/// Words of `man`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers man /usr/local/share/man/man1")]
pub struct ManArgs {
    /// Where to write the pages, one a command.
    dir: PathBuf,
}

/// Prints the completions of a shell.
pub fn completions(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tiers", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let json = json!({ "shell": args.shell.to_string(), "script": script });
    Outcome::new(script, json)
}

/// Writes the manual pages.
///
/// # Errors
/// [`CliError::Write`].
pub fn man(args: &ManArgs) -> Result<Outcome, CliError> {
    files::make_dir(&args.dir)?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    write(&command, "tiers", &args.dir, &mut pages)?;
    let text = format!("Written        {} pages in {}", pages.len(), args.dir.display());
    Ok(Outcome::new(text, json!({ "dir": args.dir, "pages": pages })))
}

fn write(
    command: &Command,
    name: &str,
    dir: &Path,
    pages: &mut Vec<String>,
) -> Result<(), CliError> {
    let page = format!("{name}.1");
    let path = dir.join(&page);
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).map_err(|cause| CliError::write(&path, &cause))?;
    std::fs::write(&path, text).map_err(|cause| CliError::write(&path, &cause))?;
    pages.push(page);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write(below, &format!("{name}-{}", below.get_name()), dir, pages)?;
    }
    Ok(())
}
