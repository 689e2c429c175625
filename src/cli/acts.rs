//! `tiers acts`: a compliance officer reads what the ledger's entries commit to. The reading needs
//! a reason and is itself an act.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;
use tiers_protocol::wire::Act;

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::error::CliError;
use super::output::Outcome;
use super::table::{Align, Table};

/// Words of `acts`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers acts --reason \"quarterly audit\" \
    --to https://certifier.example --credentials officer.json")]
pub struct ActsArgs {
    /// Why you read; it goes into the record of this reading.
    #[arg(long)]
    reason: String,
    /// Index of the first act.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many acts.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

/// Reads acts.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &ActsArgs, context: &Context) -> Result<Outcome, CliError> {
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = format!(
        "/v1/acts?reason={}&from={}&limit={}",
        escaped(&args.reason),
        args.first,
        args.limit
    );
    let acts: Vec<Act> = client.json(&path)?;
    Ok(listed(&acts, context))
}

/// Acts as a table, and as they are for scripts.
pub fn listed(acts: &[Act], context: &Context) -> Outcome {
    let mut table = Table::new(&[
        ("#", Align::Right),
        ("when (UTC)", Align::Left),
        ("act", Align::Left),
        ("by", Align::Left),
        ("on", Align::Left),
    ]);
    for act in acts {
        let when = act.ts.trim_end_matches('Z').replace('T', " ");
        table.row(vec![
            act.index.map_or_else(|| "at the tick".to_owned(), |index| index.to_string()),
            when,
            act.act.clone(),
            act.actor.clone(),
            act.object.clone(),
        ]);
    }
    let text = table.lines(context.style).join("\n");
    Outcome::new(text, json!({ "acts": acts }))
}

/// Percent-encoding of a query value (RFC 3986, section 2.1).
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_reason_cannot_add_a_parameter() {
        assert_eq!(super::escaped("audit & limit=9 é"), "audit%20%26%20limit%3D9%20%C3%A9");
    }
}
