//! `tiers doctor`: what is in force, what is amiss and what to do. The certifier's own findings are
//! `service::doctor`'s; here stand those of the edge: the configuration, TLS, backups.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::config::{Config, Word};
use super::context::Context;
use super::error::CliError;
use super::output::{Outcome, Style};
use super::unlock::UnlockArgs;
use crate::api::{AcmeSettings, Failure, Tls, TlsFiles, Validity, renewed_at, validity};
use crate::crypto::keyring::{Keyring, SealedBy};
use crate::service::Layout;
use crate::service::backup::{BackupError, Repository};
use crate::service::doctor::{Finding, Health, Patient, examine};
use crate::time::{Clock as _, Moment, SystemClock};

/// Words of `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is changed, and the certifier may be running. The exit code is 1 when something has to be\n\
    seen to. A sealed keyring is opened if the configuration or an option says how; otherwise what needs\n\
    it is left out.\n\nExamples:\n  tiers doctor --config /etc/tiers/tiers.toml\n  tiers doctor --dir certifier --json"
)]
pub struct DoctorArgs {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the certifier; that of the configuration if not given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Directory of the keyring; DIR.keyring if not given.
    #[arg(long, value_name = "DIR")]
    keyring: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArgs,
}

/// Days before the end of a certificate when it should have been renewed.
const RENEWED_DAYS: i64 = 20;

/// Examines a certifier.
///
/// # Errors
/// [`CliError`] when the configuration cannot be read; what is amiss is told, and is no error.
pub fn run(args: &DoctorArgs, context: &Context) -> Result<Outcome, CliError> {
    let mut config = Config::load(args.config.as_deref())?;
    if let Some(dir) = &args.dir {
        config.dir.clone_from(dir);
    }
    config.keyring = args.keyring.clone().or(config.keyring);
    let (layout, folder, now) = (Layout::new(&config.dir), config.keyring(), SystemClock.now());
    let mut findings = Vec::new();
    let keyring = opened(args, &config, context, &mut findings);
    findings.extend(examine(&Patient {
        layout: &layout,
        keyring_folder: &folder,
        keyring: keyring.as_ref(),
        now,
    }));
    match config.acme() {
        None => findings.push(tls(config.tls.files(), now)),
        Some(settings) => findings.extend(acme(&settings, config.tls.client_ca.clone(), now)),
    }
    findings.push(backups(config.backup.to.as_deref(), now));
    let worst = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Good);
    let words = config.words();
    let json = json!({ "health": worst, "findings": findings, "configuration": words });
    let text = text(&words, &findings, worst, context.style);
    Ok(Outcome { amiss: worst == Health::Bad, ..Outcome::new(text, json) })
}

/// The keyring, if it can be had without asking anybody.
fn opened(
    args: &DoctorArgs,
    config: &Config,
    context: &Context,
    findings: &mut Vec<Finding>,
) -> Option<Keyring> {
    let quiet = Context { interactive: false, ..*context };
    let folder = config.keyring();
    match args.unlock.or(&config.unlock).open(&folder, &quiet) {
        Ok(keyring) => Some(keyring),
        Err(error) => {
            let sealed = Keyring::sealed_by(&folder).is_ok_and(|by| by != SealedBy::Nothing);
            if !sealed {
                let advice =
                    "Check [unlock] and the place of the keyring; restore its newest copy.";
                let says = format!("{error} [{}]", error.code());
                findings.push(Finding::amiss("keyring", Health::Bad, says, advice));
            }
            None
        }
    }
}

fn tls(files: Option<TlsFiles>, now: Moment) -> Finding {
    let Some(files) = files else {
        return Finding::good("tls", "plain HTTP on loopback, for a proxy of this machine");
    };
    if let Err(error) = Tls::load(files.clone()) {
        let says = format!("{error} [{}]", error.code());
        let advice =
            "Name the full chain and its key, both PEM; the key readable by the service only.";
        return Finding::amiss("tls", Health::Bad, says, advice);
    }
    let end = fs::read(&files.certificate).ok().and_then(|pem| validity(&pem));
    let Some(Validity { until: end, .. }) = end else {
        let advice = "See to its end by other means.";
        return Finding::amiss(
            "tls",
            Health::Warning,
            "the end of the certificate is not read",
            advice,
        );
    };
    let days = (end - now.seconds()) / 86_400;
    let advice =
        "Renew it: put the new files in the place of the old; they are taken up within a minute.";
    if end <= now.seconds() {
        return Finding::amiss("tls", Health::Bad, "the certificate has ended", advice);
    }
    let says = format!("the certificate is valid for {days} days");
    if days < RENEWED_DAYS {
        return Finding::amiss("tls", Health::Warning, says, advice);
    }
    Finding::good("tls", says)
}

/// The certificate of an authority, and why the last attempt to have one came to nothing.
fn acme(settings: &AcmeSettings, client_ca: Option<PathBuf>, now: Moment) -> Vec<Finding> {
    let (file, now) = (settings.certificate_file(), now.seconds());
    let held = match file.try_exists() {
        Ok(false) => {
            let advice = "Start the service; if it runs, see the line acme and its log.";
            Finding::amiss("tls", Health::Bad, "the authority has given no certificate yet", advice)
        }
        _ => held(TlsFiles { certificate: file.clone(), key: file, client_ca }, now),
    };
    let asked = match settings.failure() {
        None => Finding::good("acme", format!("certificates of {}", settings.directory)),
        Some(failure) => failed(&failure, held.health),
    };
    vec![held, asked]
}

fn held(files: TlsFiles, now: i64) -> Finding {
    let advice = "See the line acme, and the log of the service: it should have been renewed.";
    let pem = fs::read(&files.certificate);
    let valid = pem.ok().and_then(|pem| validity(&pem));
    if let Err(error) = Tls::load(files) {
        let says = format!("{error} [{}]", error.code());
        return Finding::amiss("tls", Health::Bad, says, advice);
    }
    let Some(valid) = valid else {
        let says = "the end of the certificate is not read";
        return Finding::amiss("tls", Health::Warning, says, advice);
    };
    if valid.until <= now {
        return Finding::amiss("tls", Health::Bad, "the certificate has ended", advice);
    }
    let says = format!("the certificate is valid for {} days", (valid.until - now) / 86_400);
    // A quarter of the time that is left for renewing has passed.
    if now > renewed_at(valid) + (valid.until - renewed_at(valid)) / 4 {
        return Finding::amiss("tls", Health::Warning, says, advice);
    }
    Finding::good("tls", says)
}

fn failed(failure: &Failure, certificate: Health) -> Finding {
    let at = Moment::from_seconds(failure.at).map_or_else(String::new, |at| at.to_string());
    let says = format!("no new certificate at {at}: {} [{}]", failure.says, failure.code);
    let advice = match failure.code.as_str() {
        "acme.unreachable" => {
            "See that this machine reaches the directory of [tls.acme]; it is asked again by itself."
        }
        "acme.refused" => {
            "See that the names lead to this machine and port 443 to the certifier; then restart it, or wait."
        }
        _ => "The log of the service says more; it is asked again by itself.",
    };
    let health = if certificate == Health::Bad { Health::Bad } else { Health::Warning };
    Finding::amiss("acme", health, says, advice)
}

/// Hours after which the backup of the day is missing.
const BACKUP_HOURS: i64 = 26;

fn backups(folder: Option<&Path>, now: Moment) -> Finding {
    let Some(folder) = folder else {
        let advice = "Name a folder on another disk in [backup], and run `tiers backup` every day.";
        return Finding::amiss("backup", Health::Warning, "no folder of backups is named", advice);
    };
    let newest = Repository::open(folder, false).and_then(|found| found.snapshots());
    let newest = newest.map(|mut names| names.pop());
    let advice = "Run `tiers backup`, and see why tiers-backup.timer did not.";
    match newest {
        Err(BackupError::InUse) => Finding::good("backup", "one is being made"),
        Err(error) => {
            let says = format!("{error} [{}]", error.code());
            Finding::amiss("backup", Health::Bad, says, advice)
        }
        Ok(None) => Finding::amiss("backup", Health::Bad, "there is none yet", advice),
        Ok(Some(name)) => {
            let hours = (now.seconds() - name.made_at()) / 3_600;
            let says = format!("the newest, {name}, is {hours} hours old");
            if hours > BACKUP_HOURS {
                Finding::amiss("backup", Health::Bad, says, advice)
            } else {
                Finding::good("backup", says)
            }
        }
    }
}

fn text(words: &[Word], findings: &[Finding], worst: Health, style: Style) -> String {
    let mut text = format!("{}\n", style.bold("Configuration in force"));
    let width = words.iter().map(|word| word.name.len()).max().unwrap_or(0);
    for Word { name, value, default } in words {
        let note = if value == default {
            style.dim("default")
        } else {
            style.dim(&format!("default: {default}"))
        };
        text.push_str(&format!("  {name:width$}  {value}  {note}\n"));
    }
    text.push_str(&format!("\n{}\n", style.bold("Findings")));
    for finding in findings {
        let mark = mark(finding.health, style);
        text.push_str(&format!("  {mark} {:12} {}\n", finding.about, finding.says));
        if let Some(advice) = finding.advice {
            text.push_str(&format!("       {:12} {}\n", "", style.dim(advice)));
        }
    }
    let end = match worst {
        Health::Good => style.good("All is well."),
        Health::Unknown => style.warn("What could be looked at is well."),
        Health::Warning => style.warn("It works; the warnings above should be seen to."),
        Health::Bad => style.bad("Something has to be seen to."),
    };
    text.push_str(&format!("\n{end}\n"));
    text
}

fn mark(health: Health, style: Style) -> String {
    match health {
        Health::Good => style.good("good"),
        Health::Unknown => style.warn("????"),
        Health::Warning => style.warn("warn"),
        Health::Bad => style.bad("BAD "),
    }
}
