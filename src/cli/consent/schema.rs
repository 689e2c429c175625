//! `tiers consent schema`: the published JSON schemas of a record, as files.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tiers_protocol::consent::schema::{EU_GDPR, ISO_27560};

use super::{CliError, Outcome, files};

/// Words of `consent schema`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers consent schema --out schemas\n\n\
    Every mandatory field of ISO/IEC TS 27560:2023, and with it what the GDPR asks for beside. The record\n\
    is what stands under `record` in a receipt.")]
pub struct SchemaArgs {
    /// Directory to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &SchemaArgs) -> Result<Outcome, CliError> {
    files::make_dir(&args.out)?;
    let schemas = [
        ("consent-record.schema.json", ISO_27560),
        ("consent-record-eu-gdpr.schema.json", EU_GDPR),
    ];
    let mut written = Vec::new();
    for (name, text) in schemas {
        let path = args.out.join(name);
        files::replace(&path, text.as_bytes())?;
        written.push(path);
    }
    let lines: Vec<_> =
        written.iter().map(|at| format!("Written        {}", at.display())).collect();
    Ok(Outcome::new(lines.join("\n"), json!({ "written": written })))
}
