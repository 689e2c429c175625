//! `tiers witness`: an independent witness of certifiers' ledgers, for whoever gains nothing from a
//! forged one. What a witness decides is `witness`, how it is reached is `api`.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use tiers_protocol::entropy::Entropy as _;
use zeroize::Zeroizing;

use super::certifier::{interrupted, log_to_stderr, stopped};
use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::{self, Outcome};
use super::words;
use crate::api::Witnessing;
use crate::crypto::random::OsRandom;
use crate::limits::Timing;
use crate::time::SystemClock;
use crate::witness::{Witness, WitnessError};

/// The `witness` commands.
#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Make a witness: a directory with a key and a memory of its own.
    #[command(
        after_help = "Example:\n  tiers witness init witness --name witness.federation.example"
    )]
    Init(InitArgs),
    /// Tell a witness of a certifier's ledger.
    #[command(after_help = "Example:\n  tiers witness add --dir witness --trust trust.json")]
    Add(AddArgs),
    /// Run a witness on this machine.
    #[command(
        after_help = "Plain HTTP, on this machine only: put a TLS proxy in front of it to be reached \
        from elsewhere.\nThe first line on standard output is `listening on http://127.0.0.1:PORT`.\n\n\
        Example:\n  tiers witness serve --dir witness --listen 127.0.0.1:8444"
    )]
    Serve(ServeArgs),
    /// Show a witness's public key and what it has seen.
    #[command(after_help = "Example:\n  tiers witness show --dir witness")]
    Show(ShowArgs),
}

/// Words of `witness init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Directory to make.
    dir: PathBuf,
    /// Name of the witness, as its cosignatures carry it for good: a host name of its owner.
    #[arg(long, value_name = "NAME")]
    name: String,
}

/// Words of `witness add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    #[command(flatten)]
    which: ShowArgs,
    /// The certifier's public keys; compare their fingerprints with those that it publishes.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
}

/// Words of `witness serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    which: ShowArgs,
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8444", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Which witness.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Directory of the witness.
    #[arg(long, default_value = "witness", value_name = "DIR")]
    dir: PathBuf,
}

/// Runs a `witness` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &WitnessCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        WitnessCommand::Init(args) => init(args),
        WitnessCommand::Add(args) => add(args),
        WitnessCommand::Serve(args) => serve(args, context),
        WitnessCommand::Show(args) => show(args),
    }
}

fn witness_error(error: &WitnessError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}

fn init(args: &InitArgs) -> Result<Outcome, CliError> {
    if !files::is_free(&args.dir) {
        return Err(CliError::Exists(args.dir.clone()));
    }
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(OsRandom::default().array());
    let key = Witness::create(&args.dir, &args.name, &seed).map_err(|e| witness_error(&e))?;
    let dir = args.dir.display();
    let text = format!(
        "Witness        {dir}: a secret key in {dir}/key, and what it has seen\n\
         Public key     {key}\n\
         \x20              for the policy of each certifier whose ledger it watches\n\
         Next           `tiers witness add --dir {dir} --trust trust.json`, then\n\
         \x20              `tiers witness serve --dir {dir}`",
        key = key.vkey(),
    );
    Ok(Outcome::new(text, json!({ "dir": args.dir, "key": key.vkey() })))
}

fn add(args: &AddArgs) -> Result<Outcome, CliError> {
    let trust = files::read_trust(&args.trust)?;
    let mut witness = Witness::open(&args.which.dir).map_err(|e| witness_error(&e))?;
    witness.add_log(&trust.ledger).map_err(|e| witness_error(&e))?;
    let text = format!("Watches        {} from now on; start it again if it runs", trust.origin);
    Ok(Outcome::new(text, json!({ "origin": trust.origin })))
}

fn show(args: &ShowArgs) -> Result<Outcome, CliError> {
    let witness = Witness::open(&args.dir).map_err(|e| witness_error(&e))?;
    let logs = witness.logs().map_err(|e| witness_error(&e))?;
    let mut text = format!("Public key     {}\n", witness.key().vkey());
    for (origin, size) in &logs {
        text.push_str(&format!(
            "Watches        {origin}: {} seen\n",
            words::count(*size, "entry", "entries")
        ));
    }
    let logs: Vec<_> = logs.iter().map(|(o, s)| json!({ "origin": o, "size": s })).collect();
    Ok(Outcome::new(text, json!({ "key": witness.key().vkey(), "logs": logs })))
}

fn serve(args: &ServeArgs, context: &Context) -> Result<Outcome, CliError> {
    if !args.listen.ip().is_loopback() {
        return Err(CliError::Usage(
            "listen on a loopback address, such as 127.0.0.1:8444, behind a proxy that adds TLS",
        ));
    }
    let witness = Witness::open(&args.which.dir).map_err(|e| witness_error(&e))?;
    let listener = TcpListener::bind(args.listen).map_err(|cause| stopped(&cause))?;
    let url = format!("http://{}", listener.local_addr().map_err(|cause| stopped(&cause))?);
    let hello = if context.json {
        json!({ "listening": url }).to_string()
    } else {
        format!("listening on {url}")
    };
    log_to_stderr();
    output::line(&hello);
    let served = Arc::new(Witnessing { witness, clock: Box::new(SystemClock) });
    listen(served, listener).map_err(|cause| stopped(&cause))?;
    Ok(Outcome::silent())
}

#[tokio::main]
async fn listen(served: Arc<Witnessing>, listener: TcpListener) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    crate::api::serve_witness(served, listener, interrupted(), Timing::default()).await;
    Ok(())
}
