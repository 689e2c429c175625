//! `tiers officer search`, `dossier` and `check`: acts by object, party, type and days; a dossier of an object
//! with its proofs; and the check of one without the certifier.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tiers_protocol::dossier::{NewSearch, PersonSearch, SignedDossier};
use tiers_protocol::tlog::Entry;
use tiers_protocol::wire::Act;

use super::acts;
use super::args::Remote;
use super::certificate::{Pinned, dir_of};
use super::client::Client;
use super::context::Context;
use super::erase;
use super::error::CliError;
use super::files;
use super::output::Outcome;
use super::register::Labels;
use super::words;
use crate::governance::dossier::pdf;

/// Which acts, and why.
#[derive(Debug, Args)]
pub struct Which {
    /// Why you look; it goes into the record of this look.
    #[arg(long)]
    reason: String,
    /// A party: what it did and what concerns it.
    #[arg(long, value_name = "ID")]
    party: Option<String>,
    /// A type of act, such as release.published.
    #[arg(long = "type", value_name = "TYPE")]
    act: Option<String>,
    /// First day, such as 2026-03-01 (UTC).
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Last day (UTC).
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
    /// Acts about persons (requests, looks at a person, notices), which enter the ledger once a day, in place
    /// of those with an entry of their own.
    #[arg(long)]
    about_persons: bool,
    /// Index of the first act; of acts about persons the number of the first leaf.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// How many acts, 500 at most.
    #[arg(long, default_value_t = 500)]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

/// Words of `officer search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// An object: a programme, deposit, release, exchange, party or act; what belongs to it is found as well.
    #[arg(long, value_name = "ID")]
    about: Option<String>,
    /// A person: the file of tokens that `tiers erase tokens` made of the person's contacts.
    #[arg(long, value_name = "FILE", conflicts_with = "about")]
    person: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Words of `officer dossier`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tiers officer dossier REL --out rel.json --pdf rel.pdf --reason \"control 7\" \\\n    \
    --to https://certifier.example --credentials officer.json\n  \
    tiers officer dossier --person tokens.json --out person.json --reason \"request 2026-17\" \\\n    \
    --to https://certifier.example --credentials officer.json"
)]
pub struct DossierArgs {
    /// The object: a programme, deposit, release, exchange, party or act.
    #[arg(value_name = "ID", required_unless_present = "person")]
    about: Option<String>,
    /// A person instead: the file of tokens that `tiers erase tokens` made of the person's contacts.
    #[arg(long, value_name = "FILE", conflicts_with = "about")]
    person: Option<PathBuf>,
    /// Where to write the dossier.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write it as pages as well, with the dossier attached to them.
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// The language of the pages.
    #[arg(long, value_enum, default_value = "fr")]
    language: Labels,
    #[command(flatten)]
    which: Which,
}

/// Words of `officer check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The dossier.
    file: PathBuf,
    /// The certifier's public keys; otherwise the trust.json beside it.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

impl Which {
    fn search(&self, about: Option<&str>, person: Option<&Path>) -> Result<NewSearch, CliError> {
        let person = person.map(erase::read_tokens).transpose()?;
        Ok(NewSearch {
            person: person.map(|(programme, tokens)| PersonSearch { programme, tokens }),
            reason: self.reason.clone(),
            about: about.map(ToOwned::to_owned),
            party: self.party.clone(),
            act: self.act.clone(),
            since: self.since.clone(),
            until: self.until.clone(),
            about_persons: self.about_persons,
            from: self.first,
            limit: Some(self.limit),
        })
    }

    fn client(&self) -> Result<Client, CliError> {
        Ok(Client::with_credentials(&self.remote.to, &self.remote.credentials)?.0)
    }
}

/// Searches.
pub(super) fn search(args: &SearchArgs, context: &Context) -> Result<Outcome, CliError> {
    let search = args.which.search(args.about.as_deref(), args.person.as_deref())?;
    let found: Vec<Act> = args.which.client()?.post("/v1/searches", &search)?;
    Ok(acts::listed(&found, context))
}

/// Fetches a dossier, checks that it reads, writes it.
pub(super) fn dossier(args: &DossierArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    args.pdf.as_deref().map_or(Ok(()), files::must_not_exist)?;
    let search = args.which.search(args.about.as_deref(), args.person.as_deref())?;
    let dossier: SignedDossier = args.which.client()?.post("/v1/dossiers", &search)?;
    files::replace(&args.out, &dossier.to_vec())?;
    if let Some(pages) = &args.pdf {
        files::replace(pages, &pdf(&dossier, args.language.into()))?;
    }
    let acts = dossier.dossier.acts.len() + dossier.dossier.about_persons.len();
    let text = format!(
        "Written        {out}: {acts} acts about {about}\nCheck it       tiers officer check {out} --trust trust.json",
        out = args.out.display(),
        about = dossier.dossier.about,
    );
    Ok(Outcome::new(text, json!({ "dossier": args.out, "pdf": args.pdf, "acts": acts })))
}

/// Checks a dossier without the certifier.
pub(super) fn check(args: &CheckArgs, context: &Context) -> Result<Outcome, CliError> {
    let dir = dir_of(&args.file);
    let pinned = Pinned::find(args.trust.as_deref(), std::slice::from_ref(&dir), &args.file)?;
    let bytes = files::read_document(&args.file)?;
    let held = SignedDossier::verify(&bytes, &pinned.trust)
        .map_err(|error| CliError::Certifier { code: error.code(), message: error.to_string() })?;
    let dossier = &held.dossier;
    let own = dossier.acts.iter().map(|act| &act.entry);
    let all = own.chain(dossier.about_persons.iter().map(|act| &act.entry));
    let kinds = all.filter_map(|entry| Entry::decode(entry.as_bytes()).ok());
    let acts = dossier.acts.len() + dossier.about_persons.len();
    let lines: Vec<String> =
        kinds.map(|e| format!("  {}  {:<24} {}\n", e.at(), e.entry_type(), e.object())).collect();
    let text = format!(
        "{verified}       the signature, and of {acts} acts that the ledger holds them and commits to what is shown\n\
         About          {about}\n\
         Made           {at} for {by}: {reason}\n{lines}{keys}",
        verified = context.style.good("Verified"),
        acts = words::grouped(acts as u64),
        about = dossier.about,
        at = dossier.made_at,
        by = dossier.made_for,
        reason = dossier.reason,
        lines = lines.concat(),
        keys = pinned.lines(context.style),
    );
    let json = json!({
        "verified": true, "pinned": pinned.pinned, "about": dossier.about,
        "acts": acts, "fingerprints": pinned.trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}
