//! `tiers ledger proof`: takes a receipt, a certificate or another proof apart into files that public tools can check,
//! as `docs/checking-a-proof.md` shows. It verifies the document first, and decides nothing else.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::json;
use tiers_protocol::attested::{Attested, AttestedError, Evidence, Recorded};
use tiers_protocol::canonical;
use tiers_protocol::certificate::Certificate;
use tiers_protocol::consent::proof::{ConsentProof, Step};
use tiers_protocol::deletion::Deletion;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::HandOver;
use tiers_protocol::own_count::OwnCount;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::{Checkpoint, LedgerProof};
use tiers_protocol::trust::Trust;

use super::certificate::{Pinned, dir_of};
use super::context::Context;
use super::error::CliError;
use super::files::{self, Staged};
use super::output::Outcome;

/// Words of `ledger proof`.
#[derive(Debug, Args)]
pub struct ProofArgs {
    /// A receipt, a certificate, the proof of an event of consent, a hand-over or a certificate of deletion.
    file: PathBuf,
    /// Directory to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The certifier's public keys; otherwise trust.json beside FILE.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// The document in canonical form, where the ledger speaks of it, and the steps that lead to it.
type Parts = (Vec<u8>, Evidence, Vec<Lead>);

/// A step from content to the root that the next document names: the content, how many leaves, the step.
type Lead = (Vec<u8>, u64, Step);

fn parts<T: Recorded>(bytes: &[u8], trust: &Trust) -> Result<Parts, AttestedError> {
    let read = Attested::<T>::verify(bytes, trust)?;
    Ok((canonical::to_vec(&read.document), read.evidence, Vec::new()))
}

/// The parts of the proof of an event of consent: two steps, or three through a tick.
fn consent_parts(bytes: &[u8], trust: &Trust) -> Result<Parts, AttestedError> {
    let proof = ConsentProof::verify(bytes, trust)?.0.proof;
    let batch = canonical::to_vec(&proof.batch);
    let mut leads = vec![(canonical::to_vec(&proof.event), proof.batch.events, proof.step)];
    let document = match proof.through {
        None => batch,
        Some(through) => {
            leads.push((batch, through.tick.acts, through.step));
            canonical::to_vec(&through.tick)
        }
    };
    Ok((document, proof.ledger, leads))
}

/// A lead as lines: place and number of leaves, then the hashes in base64.
fn lines((_, size, step): &Lead) -> String {
    let hash = |hash: &Bytes<32>| format!("{}\n", STANDARD.encode(hash.as_bytes()));
    let path: String = step.path.iter().map(hash).collect();
    format!("{} {size}\n{path}", step.place)
}

/// The checkpoint that a document which somebody holds carries, once the document is verified.
pub(super) fn held_checkpoint(path: &Path, trust: &Trust) -> Result<Checkpoint, CliError> {
    let (_, evidence, _) = read(&files::read_document(path)?, trust)?;
    let verifier = trust.ledger_verifier().ok_or(AttestedError::Trust)?;
    let proof = LedgerProof::parse(evidence.proof.as_bytes()).map_err(|_| AttestedError::Proof)?;
    let checkpoint = proof.verify(evidence.entry.as_bytes(), &verifier);
    Ok(checkpoint.map_err(|_| AttestedError::Proof)?)
}

/// What it is, it says itself; none can be read as another.
fn read(bytes: &[u8], trust: &Trust) -> Result<Parts, AttestedError> {
    let known = [
        parts::<Receipt>,
        parts::<Certificate>,
        parts::<HandOver>,
        parts::<Deletion>,
        parts::<OwnCount>,
    ];
    let mut read = consent_parts(bytes, trust);
    for parts in known {
        if let Err(AttestedError::Encoding(_)) = read {
            read = parts(bytes, trust);
        }
    }
    read
}

/// Runs the command.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &ProofArgs, context: &Context) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let bytes = files::read_document(&args.file)?;
    let pinned = Pinned::find(args.trust.as_deref(), &[dir_of(&args.file)], &args.file)?;
    let (document, evidence, leads) = read(&bytes, &pinned.trust)?;
    let hex = |salt: &Bytes<32>| -> String {
        salt.as_bytes().iter().map(|b| format!("{b:02x}")).collect()
    };
    let salt = hex(&evidence.salt);
    let staged = Staged::begin(&args.out)?;
    for (number, lead) in leads.iter().enumerate() {
        let name = |what: &str| format!("step-{}.{what}", number + 1);
        staged.file(&name("json"), &lead.0)?;
        staged.file(&name("salt.hex"), hex(&lead.2.salt).as_bytes())?;
        staged.file(&name("path"), lines(lead).as_bytes())?;
    }
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
