//! `tiers certificate`: checks a release offline, with public keys only, and makes a page of it
//! that a person can read and print.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tiers_protocol::attested::Attested;
use tiers_protocol::canonical;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::report::Report;
use tiers_protocol::tlog::LedgerProof;
use tiers_protocol::trust::Trust;

use super::context::Context;
use super::error::CliError;
use super::files;
use super::output::{Outcome, Style};
use super::programme_text::fingerprint_lines;
use super::words;
use crate::disclosure::recompute;

/// The `certificate` commands.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Check a certificate and the report.json beside it, offline.
    #[command(
        after_help = "Example:\n  tiers certificate verify certificate.json --trust trust.json\n\n\
        Without --trust the trust.json beside the certificate is used. Compare the fingerprints\n\
        that are printed with those that the certifier publishes: a forger would bring keys of his own."
    )]
    Verify(VerifyArgs),
    /// Write a page that people can read and print.
    Page(PageArgs),
}

/// Words of `certificate verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The certificate; its report.json must stand beside it.
    file: PathBuf,
    /// The certifier's public keys, had by another channel.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

impl Language {
    /// As pages know it.
    #[must_use]
    pub const fn of_page(self) -> crate::web::Language {
        match self {
            Self::Fr => crate::web::Language::French,
            Self::En => crate::web::Language::English,
        }
    }
}

/// Words of `certificate page`.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// The certificate; its report.json must stand beside it.
    file: PathBuf,
    /// Language of the page.
    #[arg(long, default_value = "fr")]
    lang: Language,
    /// The certifier's public keys, had by another channel.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs a `certificate` command.
///
/// # Errors
/// [`CliError`].
pub fn run(command: &CertificateCommand, context: &Context) -> Result<Outcome, CliError> {
    match command {
        CertificateCommand::Verify(args) => verify(args, context),
        CertificateCommand::Page(args) => page(args),
    }
}

/// A certifier's keys and where they came from.
pub struct Pinned {
    /// The keys.
    pub trust: Trust,
    /// Whether they came by the caller's own channel.
    pub pinned: bool,
}

impl Pinned {
    /// The named trust file, or else the first `trust.json` in the given directories.
    ///
    /// # Errors
    /// [`CliError::NoTrust`], and those of reading.
    pub fn find(named: Option<&Path>, dirs: &[PathBuf], of: &Path) -> Result<Self, CliError> {
        if let Some(path) = named {
            return Ok(Self { trust: files::read_trust(path)?, pinned: true });
        }
        let mut places = dirs.iter().map(|dir| dir.join("trust.json"));
        let path = places.find(|path| path.is_file());
        let path = path.ok_or_else(|| CliError::NoTrust(of.to_owned()))?;
        Ok(Self { trust: files::read_trust(&path)?, pinned: false })
    }

    /// The fingerprints, with a warning when nobody vouches for them.
    #[must_use]
    pub fn lines(&self, style: Style) -> String {
        let mut text = format!("Keys of        {}\n", self.trust.origin);
        text.push_str(&fingerprint_lines(&self.trust));
        if !self.pinned {
            text.push_str(&style.warn("Unpinned"));
            text.push_str(
                "       trust.json lay beside what it vouches for: compare these fingerprints\n\
                 \x20              with those that the certifier publishes, or name yours with --trust.\n",
            );
        }
        text
    }
}

/// The directory of a file.
#[must_use]
pub fn dir_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A certificate that holds, with the bytes of its report.
struct Held {
    attested: Attested<Certificate>,
    report: Report,
    pinned: Pinned,
}

fn hold(file: &Path, trust: Option<&Path>) -> Result<Held, CliError> {
    let dir = dir_of(file);
    let pinned = Pinned::find(trust, std::slice::from_ref(&dir), file)?;
    let bytes = files::read_document(file)?;
    let report = files::read_document(&dir.join("report.json"))?;
    let attested = certificate::verify(&bytes, &report, &pinned.trust)?;
    let report = canonical::from_slice(&report)?;
    recompute(&report)?;
    Ok(Held { attested, report, pinned })
}

fn verify(args: &VerifyArgs, context: &Context) -> Result<Outcome, CliError> {
    let held = hold(&args.file, args.trust.as_deref())?;
    let document = &held.attested.document;
    let proof = LedgerProof::parse(held.attested.evidence.proof.as_bytes()).ok();
    let index = proof.map(|proof| proof.index());
    let account = &document.account;
    let text = format!(
        "{verified}       the signature, the digest of report.json, every figure in it, and the\n\
         \x20              proof that entry {entry} of the ledger commits to this certificate\n\
         Release        {release}, made {at}\n\
         Programme      {programme}\n\
         For            {principal} (SIREN {siren})\n\
         Question       {templates} for {period}, snapshot {snapshot}\n\
         Policy         {policy}, digest {digest}\n\
         Approved       by {officer} on {approved}\n\
         Budget         cost {cost}, spent {spent}, left {left} of {cap} nano-rho\n\
         Deposits       {deposits}\n{exact}{keys}",
        verified = context.style.good("Verified"),
        entry = index.map_or_else(String::new, |index| index.to_string()),
        release = document.release,
        at = document.released_at,
        programme = document.programme.name,
        principal = document.principal.name,
        siren = document.principal.siren,
        templates = document.question.templates.join(", "),
        period = document.question.period,
        snapshot = document.question.snapshot,
        policy = document.policy.name,
        digest = document.policy.sha256,
        officer = document.approval.by,
        approved = document.approval.at,
        cost = words::mega(account.cost_nrho),
        spent = words::mega(account.spent_nrho),
        left = words::mega(account.left_nrho),
        cap = words::mega(account.cap_nrho),
        deposits = words::grouped(document.deposits.len() as u64),
        exact = exact_line(document, context.style),
        keys = held.pinned.lines(context.style),
    );
    let json = json!({
        "verified": true, "pinned": held.pinned.pinned, "release": document.release,
        "ledger_index": index, "fingerprints": held.pinned.trust.fingerprints(),
        "unprotected": document.question.exact,
    });
    Ok(Outcome::new(text, json))
}

/// What is said of a release with totals that have no noise.
fn exact_line(document: &Certificate, style: Style) -> String {
    if !document.question.exact {
        return String::new();
    }
    format!(
        "{}    the report has exact totals beside its figures: no noise protects anybody in them,\n\
         \x20              and what the budget bounds does not bound them\n",
        style.bad("Unprotected"),
    )
}

fn page(args: &PageArgs) -> Result<Outcome, CliError> {
    files::must_not_exist(&args.out)?;
    let held = hold(&args.file, args.trust.as_deref())?;
    let language = args.lang.of_page();
    let page =
        crate::web::certificate_page(&held.attested, &held.report, &held.pinned.trust, language);
    files::replace(&args.out, page.as_bytes())?;
    let text =
        format!("Written        {}\n{}", args.out.display(), held.pinned.lines(Style::PLAIN),);
    let json = json!({ "page": args.out, "pinned": held.pinned.pinned });
    Ok(Outcome::new(text, json))
}
