//! `tiers consent key`: the long-lived key of a group. It is made once, wrapped to parties whose
//! fingerprints were confirmed, and never printed or sent bare.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tiers_protocol::encoding::{decode, encode};
use tiers_protocol::entropy::System;
use tiers_protocol::party::Fingerprint;
use tiers_protocol::programme_key::KeyId;
use tiers_protocol::rights_key::{RightsKey, RightsKeyError};
use tiers_protocol::seal::SealError;

use super::read_key;
use crate::cli::error::CliError;
use crate::cli::files::{self, Reserved};
use crate::cli::output::Outcome;

/// The `consent key` commands.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a rights key on this machine, once for the whole group of the principal.
    New(NewArgs),
    /// Print the public id of a rights key, never the key.
    Show(ShowArgs),
    /// Wrap the key to a party whose fingerprint you confirmed; the file may travel by any channel.
    Wrap(WrapArgs),
    /// Open a key that was wrapped to you.
    Unwrap(UnwrapArgs),
}

/// Words of `consent key new`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent key new --out rights.key")]
pub struct NewArgs {
    /// File to write (0600).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `consent key show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent key show rights.key")]
pub struct ShowArgs {
    /// The key file.
    file: PathBuf,
}

/// Words of `consent key wrap`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers consent key wrap rights.key --party-pub dealer/party.pub \
    --fingerprint 0123-... --out dealer.rights"
)]
pub struct WrapArgs {
    /// The key file.
    file: PathBuf,
    /// The party's public keys.
    #[arg(long, value_name = "FILE")]
    party_pub: PathBuf,
    /// The fingerprint that the party read to you.
    #[arg(long)]
    fingerprint: Fingerprint,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Words of `consent key unwrap`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent key unwrap dealer.rights --party-key dealer \
    --out rights.key")]
pub struct UnwrapArgs {
    /// The wrapped key.
    file: PathBuf,
    /// Directory with your party.key.
    #[arg(long, value_name = "DIR")]
    party_key: PathBuf,
    /// File to write (0600).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    format: String,
    key_id: KeyId,
    wrapped: String,
}

const FORMAT: &str = "tiers-wrapped-rights-key/1";

pub(super) fn run(command: &KeyCommand) -> Result<Outcome, CliError> {
    match command {
        KeyCommand::New(args) => {
            let key = RightsKey::generate(&mut System);
            files::write_secret(&args.out, &key.to_file())?;
            Ok(written(&key, &args.out, "Keep a copy in a safe; nobody can make it again."))
        }
        KeyCommand::Show(args) => {
            let key = read_key(&args.file)?;
            let text = format!("Key id         {}", key.id());
            Ok(Outcome::new(text, json!({ "key_id": key.id() })))
        }
        KeyCommand::Wrap(args) => wrap(args),
        KeyCommand::Unwrap(args) => unwrap(args),
    }
}

fn written(key: &RightsKey, out: &Path, advice: &str) -> Outcome {
    let text = format!(
        "Key id         {id}\nWritten        {out}: secret. {advice}",
        id = key.id(),
        out = out.display(),
    );
    Outcome::new(text, json!({ "key_id": key.id(), "file": out }))
}

fn wrap(args: &WrapArgs) -> Result<Outcome, CliError> {
    let key = read_key(&args.file)?;
    let party = files::read_party_public(&args.party_pub)?;
    if party.fingerprint() != args.fingerprint {
        return Err(CliError::Usage(
            "the party's keys have another fingerprint; do not wrap to them",
        ));
    }
    let sealed = key.wrap(&party.sealing, &args.fingerprint, &mut System)?;
    let document =
        Wrapped { format: FORMAT.to_owned(), key_id: key.id(), wrapped: encode(&sealed) };
    Reserved::make(&args.out)?.fill(&files::pretty(&document))?;
    let text = format!(
        "Key id         {}\nWritten        {}: opens with the keys of this party only",
        key.id(),
        args.out.display()
    );
    Ok(Outcome::new(text, json!({ "key_id": key.id(), "file": args.out })))
}

fn unwrap(args: &UnwrapArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let document: Wrapped = files::read_json(&args.file, "wrapped rights key")?;
    let secret = files::read_party_key(&args.party_key)?;
    let sealed = decode(&document.wrapped).filter(|_| document.format == FORMAT);
    let sealed = sealed.ok_or(RightsKeyError::Wrapped(SealError::Format))?;
    let key = RightsKey::unwrap(&sealed, &secret.sealing(), &secret.public().fingerprint())?;
    if key.id() != document.key_id {
        return Err(RightsKeyError::Damaged.into());
    }
    files::write_secret(&args.out, &key.to_file())?;
    Ok(written(&key, &args.out, "It never leaves this machine."))
}
