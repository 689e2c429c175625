//! `tiers init` and `tiers serve`: the certifier's own side. What a certifier does is `service`,
//! how it is reached is `api`; this module makes its directory and runs it on a loopback address.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use clap::Args;
use serde_json::json;
use tiers_protocol::tlog::WitnessPolicy;
use tokio::signal::unix::SignalKind;

use super::acme_client::HttpAuthority;
use super::config::{Config, WebhooksConfig};
use super::context::Context;
use super::error::CliError;
use super::files::{self, Reserved};
use super::heaps;
use super::output::{self, Outcome};
use super::party::write_credentials;
use super::programme_text::fingerprint_lines;
use super::unlock::{SealArgs, UnlockArgs, keyring_error};
use super::webhook_client::HttpWebhooks;
use super::witness_client::HttpWitnesses;
use crate::api::{Acme, Listeners, Shared, Tls, TlsError};
use crate::crypto::keyring::{Keyring, SealedBy};
use crate::crypto::random::OsRandom;
use crate::journal::Term;
use crate::limits::Reports;
use crate::limits::{Rates, Timing};
use crate::service::webhook::{CallWebhook, Network, Reach, Webhooks};
use crate::service::{Certifier, Dependencies, ServiceError, Witnesses};
use crate::web::{Portal, PortalError, pages};

/// Said where nobody chose it.
const UNSEALED: &str = "warning: the keyring is not sealed; whoever reads its file has every key. \
                        `tiers keyring seal` seals it.";

/// Said at the first start with an authority.
const UNCERTIFIED: &str = "no certificate yet: it is asked for now, and nobody is answered before it comes; \
                           the log and `tiers doctor` say why it does not.";

/// Words of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tiers init certifier --origin certifier.example --operator-credentials operator.json\n  \
    tiers keyring key --out unlock.key && tiers init certifier --seal-key unlock.key\n\n\
    The keyring is made beside the directory, never inside it: a copy of the directory alone tells\n\
    nothing. Keep the two apart in backups as well. At a terminal a passphrase is asked for; without\n\
    one, and without a --seal option, the keyring is not sealed, and `tiers keyring seal` mends that."
)]
pub struct InitArgs {
    /// Directory to make.
    dir: PathBuf,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// Name of the certifier, as its ledger and its certificates carry it for good.
    #[arg(long, default_value = "tiers.localhost", value_name = "NAME")]
    origin: String,
    /// Where to write the operator's credentials; DIR.operator.json if not given.
    #[arg(long, value_name = "FILE")]
    operator_credentials: Option<PathBuf>,
    #[command(flatten)]
    seal: SealArgs,
}

/// Words of `serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Options come before the words of the configuration file; `tiers doctor --config FILE` prints\n\
    what is in force. Without a certificate in the file it speaks plain HTTP on a loopback address only.\n\
    The first line on standard output is `listening on https://ADDRESS`.\n\n\
    A witness policy has a line for each witness, with its public key and address, and a quorum:\n  \
    witness a a.example+1234abcd+BA... https://a.example\n  group two-of-three 2 a b c\n  \
    quorum two-of-three\n\nExamples:\n  tiers serve --config /etc/tiers/tiers.toml\n  \
    tiers serve --dir certifier --witnesses witnesses.txt"
)]
pub struct ServeArgs {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the certifier; `certifier` if not given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    /// Address to listen on, 127.0.0.1:8443 if not given; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Loopback address for figures in the form of Prometheus, at /metrics; none if not given.
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Months that the journal is kept, 6 to 12; 12 if not given.
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u8).range(6..=12))]
    journal_months: Option<u8>,
    /// A new report takes a whole number of so many milliseconds, whatever it was made of; 2,000 if not given, 0
    /// for as long as it takes.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(..=i64::from(Reports::LONGEST_BEAT_MS)))]
    report_beat_ms: Option<u32>,
    /// Who witnesses the ledger and how many of them are enough (C2SP tlog-policy); kept for later
    /// starts.
    #[arg(long, value_name = "FILE")]
    witnesses: Option<PathBuf>,
    /// Address under which browsers reach the pages; http://localhost:PORT if not given.
    #[arg(long, value_name = "URL")]
    public: Option<String>,
    /// Address to listen on for pages that see contacts, keys or opened records, on an origin of their own;
    /// they are served with the others if not given.
    #[arg(long, value_name = "ADDRESS")]
    contacts: Option<SocketAddr>,
    /// Address under which browsers reach those pages, the public host on another port; the host of --public with
    /// the port of --contacts if not given.
    #[arg(long, value_name = "URL")]
    contacts_public: Option<String>,
    /// Directory of the browser's program (target/web); `tiers-web` beside this program if not given.
    #[arg(long, value_name = "DIR")]
    browser: Option<PathBuf>,
    /// Let invitations in without a passkey: for demonstrations, on this machine only.
    #[arg(long)]
    sign_in_links: bool,
    /// Network that webhooks may lead to though it is not of the public internet, such as 10.20.0.0/16; may be
    /// repeated.
    #[arg(long, value_name = "NETWORK")]
    webhook_allow: Vec<Network>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

impl ServeArgs {
    /// The configuration, with these words before it.
    fn config(&self) -> Result<Config, CliError> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(dir) = &self.dir {
            config.dir.clone_from(dir);
        }
        config.keyring = self.keyring.clone().or(config.keyring);
        config.listen = self.listen.unwrap_or(config.listen);
        config.contacts.listen = self.contacts.or(config.contacts.listen);
        config.contacts.public = self.contacts_public.clone().or(config.contacts.public);
        config.metrics = self.metrics.or(config.metrics);
        config.journal.months = self.journal_months.unwrap_or(config.journal.months);
        config.reports.beat_ms = self.report_beat_ms.unwrap_or(config.reports.beat_ms);
        config.witnesses = self.witnesses.clone().or(config.witnesses);
        config.webhooks.allow.extend(&self.webhook_allow);
        Ok(config)
    }
}

/// `DIR` with something appended to its name.
pub(super) fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    dir.with_file_name(name)
}

/// An error of the certifier in the words of the command line.
pub(super) fn service_error(error: &ServiceError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}

/// Makes a certifier.
///
/// # Errors
/// [`CliError`].
pub fn init(args: &InitArgs, context: &Context) -> Result<Outcome, CliError> {
    if !files::is_free(&args.dir) {
        return Err(CliError::Exists(args.dir.clone()));
    }
    let folder = args.keyring.clone().unwrap_or_else(|| beside(&args.dir, ".keyring"));
    let operator =
        args.operator_credentials.clone().unwrap_or_else(|| beside(&args.dir, ".operator.json"));
    let unlock = args.seal.chosen(context)?;
    let reserved = Reserved::make(&operator)?;
    let random = &mut OsRandom::default();
    let keyring = match &unlock {
        None => Keyring::create(&folder, &args.dir, &args.origin, random),
        Some(unlock) => Keyring::create_sealed(&folder, &args.dir, &args.origin, unlock, random),
    };
    let keyring = keyring.map_err(keyring_error)?;
    let sealed_by = keyring.is_sealed_by();
    if sealed_by == SealedBy::Nothing && !args.seal.named() {
        output::aside(UNSEALED);
    }
    let certifier = Certifier::create(&args.dir, keyring, Dependencies::default())
        .map_err(|error| service_error(&error))?;
    let credentials = certifier.enrol_operator().map_err(|error| service_error(&error))?;
    write_credentials(reserved, &credentials)?;
    let trust = certifier.trust();
    let text = format!(
        "Certifier      {dir}\n\
         Keyring        {keyring}: secret, sealed by {sealed}; never keep it in one place with the directory\n\
         Operator       {operator}: credentials to enrol companies and officers with\n\
         Public keys    publish these fingerprints where companies can find them\n{prints}\
         Next           `tiers serve --dir {dir}`",
        dir = args.dir.display(),
        keyring = folder.display(),
        sealed = sealed_by.as_str(),
        operator = operator.display(),
        prints = fingerprint_lines(&trust),
    );
    let json = json!({
        "dir": args.dir, "keyring": folder, "sealed_by": sealed_by.as_str(),
        "operator_credentials": operator,
        "origin": trust.origin, "fingerprints": trust.fingerprints(),
    });
    Ok(Outcome::new(text, json))
}

/// Runs a certifier until it is interrupted.
///
/// # Errors
/// [`CliError`].
pub fn serve(args: &ServeArgs, context: &Context) -> Result<Outcome, CliError> {
    heaps::keep_few();
    let config = args.config()?;
    if config.metrics.is_some_and(|address| !address.ip().is_loopback()) {
        return Err(CliError::Usage("figures are served on a loopback address only"));
    }
    if config.contacts.public.is_some() && config.contacts.listen.is_none() {
        return Err(CliError::Usage(
            "an address for pages that see contacts needs one to listen on: --contacts, or `listen` in [contacts]",
        ));
    }
    let open = [Some(config.listen), config.contacts.listen];
    if !config.tls.is_spoken() && open.iter().flatten().any(|address| !address.ip().is_loopback()) {
        return Err(CliError::Usage(
            "listen on a loopback address, such as 127.0.0.1:8443, or name a certificate in [tls], or an \
             authority in [tls.acme], of the configuration file",
        ));
    }
    // What the opening finds broken or altered is told on the log as well.
    log_to_stderr();
    let tls = tls(&config)?;
    let keyring = args.unlock.or(&config.unlock).open(&config.keyring(), context)?;
    if keyring.is_sealed_by() == SealedBy::Nothing {
        output::aside(UNSEALED);
    }
    let journal_term = Term::months(config.journal.months)
        .map_err(|_| CliError::Usage("a journal is kept for 6 to 12 months"))?;
    let witnesses = witnesses(config.witnesses.as_deref())?;
    let (quotas, reports) = (config.quotas, config.reports);
    let webhooks = webhooks(&config.webhooks, args.public.as_deref())?;
    let with = Dependencies {
        journal_term,
        witnesses,
        quotas,
        reports,
        webhooks,
        ..Dependencies::default()
    };
    let certifier =
        Certifier::open(&config.dir, keyring, with).map_err(|error| service_error(&error))?;
    output::aside(&witnessed_by(certifier.witness_policy()));
    let (listener, mut url) = listen(config.listen)?;
    if tls.is_some() {
        url = url.replacen("http:", "https:", 1);
    }
    let certifier = Arc::new(certifier);
    let contacts = config.contacts.listen.map(|address| listen(address).map(|(l, _)| l));
    let contacts = contacts.transpose()?;
    let portal = portal(args, &config, &listener)?;
    let portal = match &contacts {
        None => portal,
        Some(listener) => apart(portal, config.contacts.public.as_deref(), listener)?,
    };
    certifier.note_served(portal.served()).map_err(|error| service_error(&error))?;
    let pages = pages(portal, &certifier).router();
    let metrics = config.metrics.map(listen).transpose()?;
    let (metrics, figures) = metrics.map_or((None, None), |(l, url)| (Some(l), Some(url)));
    let hello = if context.json {
        json!({ "listening": url, "metrics": figures }).to_string()
    } else {
        format!("listening on {url}")
    };
    output::line(&hello);
    if let Some(url) = figures.filter(|_| !context.json) {
        output::line(&format!("figures at {url}/metrics"));
    }
    run(certifier, (listener, [contacts, metrics]), pages, (tls, config.rates))
        .map_err(|cause| stopped(&cause))?;
    Ok(Outcome::silent())
}

/// The pages, at the public address or at that of this machine.
fn portal(args: &ServeArgs, config: &Config, listener: &TcpListener) -> Result<Portal, CliError> {
    let port = listener.local_addr().map_err(|cause| stopped(&cause))?.port();
    let origin = args.public.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let scheme = if config.tls.is_spoken() { "https" } else { "http" };
    // The first name that a certificate is asked for is the one that browsers reach.
    let host = config.tls.acme.domains.first().map_or("localhost", String::as_str);
    let origin = origin.unwrap_or_else(|| match (scheme, port) {
        ("https", 443) => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{host}:{port}"),
    });
    let beside = std::env::current_exe().ok().map(|program| program.with_file_name("tiers-web"));
    let browser = args.browser.clone().or(beside);
    Portal::new(&origin, browser.as_deref(), args.sign_in_links)
        .map_err(|error| portal_error(&error))
}

/// The portal with pages that see contacts at `public`, or at its own host with the port of their listener.
fn apart(portal: Portal, public: Option<&str>, listener: &TcpListener) -> Result<Portal, CliError> {
    let port = listener.local_addr().map_err(|cause| stopped(&cause))?.port();
    let public = public.map(|url| url.trim_end_matches('/').to_owned());
    let origin = public.unwrap_or_else(|| portal.at_port(port));
    portal.with_contacts(&origin).map_err(|error| portal_error(&error))
}

fn portal_error(error: &PortalError) -> CliError {
    CliError::Usage(match error {
        PortalError::Address => {
            "--public takes https://host, or http://localhost:port on this machine"
        }
        PortalError::Contacts => {
            "--contacts-public takes the host of --public on another port, under the same scheme"
        }
        PortalError::Links => "--sign-in-links is for this machine only: leave --public out",
    })
}

/// Takes an address, and says which one it became.
pub(super) fn listen(address: SocketAddr) -> Result<(TcpListener, String), CliError> {
    let listener = TcpListener::bind(address).map_err(|cause| stopped(&cause))?;
    let address = listener.local_addr().map_err(|cause| stopped(&cause))?;
    Ok((listener, format!("http://{address}")))
}

/// The certificate of the configuration; without one, plain HTTP.
fn tls(config: &Config) -> Result<Option<Tls>, CliError> {
    let Some(settings) = config.acme() else {
        return config.tls.files().map(Tls::load).transpose().map_err(|error| tls_error(&error));
    };
    let ask = HttpAuthority::new(config.tls.acme.directory_ca.as_deref())?;
    let acme = Acme::new(settings, Arc::new(ask))
        .map_err(|error| CliError::Certifier { code: error.code(), message: error.to_string() })?;
    let tls =
        Tls::ordered(acme, config.tls.client_ca.clone()).map_err(|error| tls_error(&error))?;
    if tls.validity().is_none() {
        output::aside(UNCERTIFIED);
    }
    Ok(Some(tls))
}

/// An error of TLS in the words of the command line.
pub(super) fn tls_error(error: &TlsError) -> CliError {
    CliError::Certifier { code: error.code(), message: error.to_string() }
}

/// The witnesses of a policy file, or those that were in force; asked over HTTP.
pub(super) fn witnesses(file: Option<&Path>) -> Result<Witnesses, CliError> {
    let policy = match file {
        None => None,
        Some(path) => {
            let text = files::read_document(path)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let policy = WitnessPolicy::parse(&text);
            Some(policy.map_err(|_| CliError::NotA { path: path.into(), what: "witness policy" })?)
        }
    };
    Ok(Witnesses { policy, ask: Box::new(HttpWitnesses) })
}

/// Who calls the webhooks of companies, and how far.
fn webhooks(config: &WebhooksConfig, public: Option<&str>) -> Result<Webhooks, CliError> {
    let reach = Reach::with(config.allow.clone());
    let call = match config.send {
        false => None,
        true => Some(Box::new(HttpWebhooks::new(reach.clone())?) as Box<dyn CallWebhook>),
    };
    Ok(Webhooks { call, reach, public: public.map(str::to_owned) })
}

/// Two of three is what a certifier in production should have; less is said plainly.
fn witnessed_by(policy: &WitnessPolicy) -> String {
    let (fewest, all) = (policy.fewest(), policy.witnesses().len());
    if fewest >= 2 && all > fewest {
        return format!("witnesses: {fewest} of {all} have to cosign the ledger");
    }
    if fewest == 0 {
        return "warning: nobody witnesses the ledger; whoever has its key and this machine could \
                show different ledgers to different people. In production have three witnesses, \
                two of whom have to cosign."
            .to_owned();
    }
    format!(
        "warning: {fewest} of {all} witnesses have to cosign the ledger; in production two of three \
         should, in different hands."
    )
}

/// What happens while it serves, on standard error, for whoever runs it: `TIERS_LOG` chooses how much,
/// `TIERS_LOG_FORMAT=json` an object a line. It is not the journal.
pub(super) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TIERS_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber in one process is refused; the first then goes on serving both.
    let _ = if std::env::var("TIERS_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().try_init()
    } else {
        log.try_init()
    };
}

pub(super) fn stopped(cause: &io::Error) -> CliError {
    CliError::Certifier { code: "certifier.listen", message: cause.to_string() }
}

#[tokio::main]
async fn run(
    certifier: Arc<Certifier>,
    (api, beside): (TcpListener, [Option<TcpListener>; 2]),
    pages: Router<Shared>,
    (tls, rates): (Option<Tls>, Rates),
) -> io::Result<()> {
    let made = |listener: TcpListener| {
        listener.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(listener)
    };
    let [contacts, metrics] = beside.map(|listener| listener.map(made).transpose());
    let (contacts, metrics) = (contacts?, metrics?);
    let listeners =
        Listeners { api: made(api)?, contacts, metrics, pages, tls, rates: Some(rates) };
    // Who waits for this signal gets an error from the write that would go too far, and is not killed.
    let _too_long = tokio::signal::unix::signal(SignalKind::from_raw(FILE_TOO_LONG))?;
    crate::api::serve(certifier, listeners, interrupted(), Timing::default()).await;
    Ok(())
}

/// `SIGXFSZ` on Linux: a file would outgrow the limit that the system sets (`ulimit -f`).
const FILE_TOO_LONG: i32 = 25;

/// Ends when the process is asked to.
pub(super) async fn interrupted() {
    use tokio::signal::unix::signal;
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
