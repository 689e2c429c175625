//! `tiers programme declare`: a partner says what it is and what it agrees to. What reports make of it is
//! the certifier's.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tiers_protocol::ids::PartyId;
use tiers_protocol::wire::Declaration;
use ureq::http::Method;

use super::args::Remote;
use super::client::Client;
use super::error::CliError;
use super::files;
use super::output::Outcome;

/// Words of `programme declare`.
#[derive(Debug, Args)]
pub struct DeclareArgs {
    /// The programme file.
    file: PathBuf,
    /// Your sales a year; without it, what you declared is shown and nothing changes.
    #[arg(long, value_name = "SALES")]
    size: Option<u32>,
    /// Your region, one of the policy's areas.
    #[arg(long, value_name = "AREA", requires = "size")]
    region: Option<String>,
    /// Agree to stand by your name in reports, where the policy allows it. Say it again each time: a
    /// declaration without it takes the agreement back.
    #[arg(long, requires = "size")]
    named: bool,
    /// Agree to exact totals, without protection, where the policy gives them.
    #[arg(long, requires = "size")]
    exact: bool,
    /// A partner with whom you agree to be compared, its id; may be repeated. How many people both of
    /// you sold to is told, with noise, only if it names you, too.
    #[arg(long = "compare-with", value_name = "PARTY", requires = "size")]
    compare_with: Vec<PartyId>,
    #[command(flatten)]
    remote: Remote,
}

/// Declares, or shows what was declared.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &DeclareArgs) -> Result<Outcome, CliError> {
    let programme = files::read_programme(&args.file)?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let path = format!("/v1/programmes/{}/declaration", programme.id);
    if let Some(declared_size) = args.size {
        let region = args.region.clone().unwrap_or_default();
        let declared = Declaration {
            declared_size,
            region,
            named: args.named,
            exact: args.exact,
            compared_with: args.compare_with.clone(),
        };
        client.tell(Method::PUT, &path, &declared)?;
    }
    let declared: Declaration = client.json(&path)?;
    let compared: Vec<String> = declared.compared_with.iter().map(PartyId::to_string).collect();
    let compared = compared.join(", ");
    let agreed = |yes| if yes { "agreed" } else { "not agreed" };
    let text = format!(
        "Programme      {}\n\
         Sales a year   {}\n\
         Region         {}\n\
         By its name    {}\n\
         Exact totals   {}\n\
         Compared with  {}",
        programme.id,
        declared.declared_size,
        if declared.region.is_empty() { "none" } else { &declared.region },
        agreed(declared.named),
        agreed(declared.exact),
        if compared.is_empty() { "nobody" } else { &compared },
    );
    Ok(Outcome::new(text, json!({ "programme": programme.id, "declaration": declared })))
}
