//! `tiers inspect`: what a deposit is made of, at the certifier (the folder of its segments) or at a
//! party (what `prepare` left). Structure only: counts, lengths, names of formats and keys. With
//! `--decrypt-to` an auditor gets a copy of the segments that other programs can read, after a
//! warning; that copy is the one thing here that holds tokens.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tiers_protocol::manifest::SignedManifest;

use super::context::Context;
use super::deposit_dir::MANIFEST;
use super::error::CliError;
use super::files;
use super::output::{Outcome, Style};
use super::table::{Align, Table};
use super::unlock::UnlockArgs;
use super::words;
use crate::crypto::keyring::Keyring;
use crate::vault::{self, Side, StoredDeposit, VaultError};

/// Words of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tiers inspect certifier/vault/DEPOSIT --keyring certifier.keyring\n  \
    tiers inspect deposit-sales\n\n\
    It shows structure and never a token. --decrypt-to writes every token of the deposit in clear\n\
    Parquet files that DuckDB or PyArrow can open: delete them after the audit.")]
pub struct InspectArgs {
    /// Folder of a deposit's segments, or a deposit directory that `prepare` made.
    path: PathBuf,
    /// Directory of the keyring that opens the segments.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// Write the segments without encryption into this new directory, for an auditor.
    #[arg(long, value_name = "DIR")]
    decrypt_to: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Shows what a deposit is made of.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &InspectArgs, context: &Context) -> Result<Outcome, CliError> {
    if args.path.join(MANIFEST).is_file() {
        if args.keyring.is_some() || args.decrypt_to.is_some() {
            return Err(CliError::Usage(
                "this is a party's deposit directory: it needs no keyring, and preview.csv is its content",
            ));
        }
        return prepared(&args.path);
    }
    let Some(folder) = &args.keyring else {
        return Err(CliError::Usage("name the keyring that opens the segments with --keyring DIR"));
    };
    let keyring = args.unlock.open(folder, context)?;
    let stored = Stored::open(&args.path, &keyring)?;
    let written = match &args.decrypt_to {
        None => Vec::new(),
        Some(into) if !files::is_free(into) => return Err(CliError::Exists(into.clone())),
        Some(into) => stored.deposit.export(into).map_err(vault_error)?,
    };
    Ok(stored.outcome(&written))
}

/// A deposit directory of a party.
fn prepared(dir: &Path) -> Result<Outcome, CliError> {
    let signed = SignedManifest::from_slice(&files::read_document(&dir.join(MANIFEST))?)?;
    let manifest = &signed.manifest;
    let columns: Vec<&str> = manifest.columns.iter().map(|column| column.name.as_str()).collect();
    let encoding = serde_json::to_value(manifest.body.encoding).unwrap_or(Value::Null);
    let sealed = manifest.body.sealed.as_ref();
    let text = format!(
        "Deposit        {dir}, of {kind}\n\
         Programme      {programme}, epoch {epoch}, key {key}\n\
         Rows           {rows} with the canaries; {rejects} were left out\n\
         Columns        {columns}\n\
         Body           {encoding}, {plain} bytes, {sealed}\n\
         Signed         {signed}",
        dir = dir.display(),
        kind = manifest.kind.as_str(),
        programme = manifest.programme,
        epoch = manifest.epoch,
        key = manifest.key_id,
        rows = words::grouped(manifest.rows),
        rejects = words::grouped(manifest.rejects),
        columns = columns.join(", "),
        encoding = encoding.as_str().unwrap_or_default(),
        plain = words::grouped(manifest.body.plain_bytes),
        sealed = sealed.map_or_else(
            || "not sealed yet".to_owned(),
            |sealed| format!("sealed to {}", sealed.recipient),
        ),
        signed = if signed.signed.is_some() { "yes" } else { "not yet" },
    );
    let json = json!({
        "kind": manifest.kind, "programme": manifest.programme, "epoch": manifest.epoch,
        "key_id": manifest.key_id, "rows": manifest.rows, "rejects": manifest.rejects,
        "columns": columns, "encoding": encoding, "plain_bytes": manifest.body.plain_bytes,
        "sealed_bytes": sealed.map(|sealed| sealed.bytes),
        "sealed_to": sealed.map(|sealed| sealed.recipient), "signed": signed.signed.is_some(),
    });
    Ok(Outcome::new(text, json))
}

/// A deposit of a certifier.
struct Stored {
    name: String,
    disk_key: u32,
    deposit: StoredDeposit,
}

impl Stored {
    /// Opens the segments with the newest master of the keyring that opens them.
    fn open(path: &Path, keyring: &Keyring) -> Result<Self, CliError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let (Some(name), Some(dir)) = (name, path.parent()) else {
            return Err(CliError::not_a(path, "folder of segments"));
        };
        let mut refused = VaultError::Altered;
        for disk_key in keyring.disk_keys().into_iter().rev() {
            let Some(key) = keyring.segment_key_under(disk_key, name) else { continue };
            match StoredDeposit::open(dir, name, key) {
                Ok(deposit) => return Ok(Self { name: name.to_owned(), disk_key, deposit }),
                Err(error) => refused = error,
            }
        }
        Err(vault_error(refused))
    }

    fn outcome(&self, written: &[PathBuf]) -> Outcome {
        let style = Style::detect();
        let side = self.deposit.side().map(|side| match side {
            Side::Sales => "sales",
            Side::Leads => "leads",
            Side::Customers => "customers",
        });
        let headings = ["tokens", "row groups", "pages", "bytes"].map(|name| (name, Align::Right));
        let mut table = Table::new(&[&[("kind", Align::Left)], &headings[..]].concat());
        let mut segments = Vec::new();
        for shape in self.deposit.shapes() {
            let numbers = [shape.rows.into(), shape.row_groups as u64, shape.pages as u64];
            let numbers = numbers.into_iter().chain([shape.bytes]).map(words::grouped);
            table.row([shape.kind.as_str().to_owned()].into_iter().chain(numbers).collect());
            segments.push(json!({
                "kind": shape.kind, "tokens": shape.rows, "row_groups": shape.row_groups,
                "pages": shape.pages, "bytes": shape.bytes,
            }));
        }
        let mut text = format!(
            "Deposit        {name}, of {side}\n\
             Format         {format}, seal and footers checked\n\
             Key            segments' master {key} of the keyring\n\
             Rows           {rows}\n\n{table}",
            name = self.name,
            side = side.unwrap_or("rows without any identifier"),
            format = vault::FORMAT,
            key = self.disk_key,
            rows = words::grouped(self.deposit.row_count().into()),
            table = table.lines(style).join("\n"),
        );
        if !written.is_empty() {
            text.push_str(&style.warn(&format!(
                "\n\n{count} without encryption: every token of the deposit. They are personal data. \
                 Keep them off shared disks and backups, and delete them after the audit.",
                count = words::count(written.len() as u64, "file was written", "files were written"),
            )));
        }
        let json = json!({
            "deposit": self.name, "side": side, "format": vault::FORMAT, "disk_key": self.disk_key,
            "rows": self.deposit.row_count(), "segments": segments, "decrypted": written,
        });
        Outcome::new(text, json)
    }
}

fn vault_error(error: VaultError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}
