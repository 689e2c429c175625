//! `tiers ledger proof`: takes a receipt or a certificate apart into files that public tools can check,
//! as `docs/checking-a-proof.md` shows. It verifies the document first, and decides nothing else.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tiers_protocol::attested::{Attested, AttestedError, Evidence, Recorded};
use tiers_protocol::canonical;
use tiers_protocol::certificate::Certificate;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::trust::Trust;

use super::certificate::{Pinned, dir_of};
use super::context::Context;
use super::error::CliError;
use super::files::{self, Staged};
use super::output::Outcome;

/// Words of `ledger proof`.
#[derive(Debug, Args)]
pub struct ProofArgs {
    /// receipt.json or certificate.json.
    file: PathBuf,
    /// Directory to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The certifier's public keys; otherwise trust.json beside FILE.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// The document in canonical form, and where the ledger speaks of it.
type Parts = (Vec<u8>, Evidence);

fn parts<T: Recorded>(bytes: &[u8], trust: &Trust) -> Result<Parts, AttestedError> {
    let read = Attested::<T>::verify(bytes, trust)?;
    Ok((canonical::to_vec(&read.document), read.evidence))
}

/// Runs the command.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &ProofArgs, context: &Context) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let bytes = files::read_document(&args.file)?;
    let pinned = Pinned::find(args.trust.as_deref(), &[dir_of(&args.file)], &args.file)?;
    // What it is, it says itself; neither can be read as the other.
    let (document, evidence) = match parts::<Receipt>(&bytes, &pinned.trust) {
        Err(AttestedError::Encoding(_)) => parts::<Certificate>(&bytes, &pinned.trust)?,
        read => read?,
    };
    let salt: String = evidence.salt.as_bytes().iter().map(|b| format!("{b:02x}")).collect();
    let staged = Staged::begin(&args.out)?;
    staged.file("document.json", &document)?;
    staged.file("entry.json", evidence.entry.as_bytes())?;
    staged.file("salt.hex", salt.as_bytes())?;
    staged.file("entry.tlog-proof", evidence.proof.as_bytes())?;
    staged.file("ledger.vkey", format!("{}\n", pinned.trust.ledger).as_bytes())?;
    staged.commit()?;
    let out = args.out.display();
    let text = format!(
        "Written        {out}: document, entry, salt, proof and key, each in a file\n\
         Next           docs/checking-a-proof.md checks them without this program\n{keys}",
        keys = pinned.lines(context.style),
    );
    Ok(Outcome::new(text, json!({ "dir": args.out, "pinned": pinned.pinned })))
}
