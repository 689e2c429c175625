//! Examines a certifier without changing anything, whether it runs or not: permissions, keyring, clock,
//! disk, policies of authorization, database, ledger, witnesses, policies, terms and journal; and says of each what to do. Not the
//! configuration and not TLS, which are the edges'.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde::Serialize;
use tiers_protocol::tlog::{
    CHECKPOINT_PATH, Checkpoint, Entry, LedgerVerifier, WITNESSED_PATH, WitnessPolicy, visit_ledger,
};

use super::authority::{Authority, Rules};
use super::repair::OwnLine;
use super::{Layout, ServiceError};
use crate::crypto::keyring::{Keyring, SealedBy};
use crate::durable;
use crate::journal;
use crate::ledger::{DirSource, Outbox as _};
use crate::store::webhook_delivery::HookCounts;
use crate::store::witness::NotedWitness;
use crate::store::{Db, StoreError};
use crate::time::Moment;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// It could not be looked at.
    Unknown,
    /// It works, and should be otherwise.
    Warning,
    /// It has to be seen to.
    Bad,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was examined; stable.
    pub about: &'static str,
    /// How it is.
    pub health: Health,
    /// In words.
    pub says: String,
    /// What to do.
    pub advice: Option<&'static str>,
}

impl Finding {
    /// It is as it should be.
    #[must_use]
    pub fn good(about: &'static str, says: impl Into<String>) -> Self {
        Self { about, health: Health::Good, says: says.into(), advice: None }
    }

    /// It is not.
    #[must_use]
    pub fn amiss(
        about: &'static str,
        health: Health,
        says: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self { about, health, says: says.into(), advice: Some(advice) }
    }
}

/// What is examined.
pub struct Patient<'a> {
    /// The data directory.
    pub layout: &'a Layout,
    /// Folder of the keyring.
    pub keyring_folder: &'a Path,
    /// The keyring, if it could be opened.
    pub keyring: Option<&'a Keyring>,
    /// The time on this machine.
    pub now: Moment,
}

/// Entries that may wait for a checkpoint.
const LAG: u64 = 1_000;
/// Seconds that two clocks may differ by.
const CLOCK_SLACK: i64 = 300;
/// A witness cosigns every hour at least.
const SILENT_HOURS: i64 = 3;
/// A message that waits for so long has failed six times, or nobody sends.
const WAITING_HOURS: i64 = 24;
/// Open files: 512 connections, as many again for database, spools and segments.
const OPEN_FILES: u64 = 2_048;

/// Examines everything.
#[must_use]
pub fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let mut found = permissions(patient);
    found.push(keyring(patient));
    found.push(authority());
    found.push(disk(&patient.layout.spool()));
    found.push(open_files());
    let db = match Db::beside(&patient.layout.database()) {
        Ok(db) => db,
        Err(error) => {
            found.push(broken_database(&error));
            return found;
        }
    };
    found.extend(database(&db));
    let looked = looked_up(patient, &db);
    found.extend(looked.unwrap_or_else(|error| vec![broken_database(&error)]));
    found.extend(journal_health(patient, &db));
    found
}

fn broken_database(error: &StoreError) -> Finding {
    let advice = match error {
        StoreError::Newer { .. } => "Run the newer version of `tiers` that wrote it.",
        _ => {
            "Stop the certifier, keep a copy of the directory, and restore the newest backup \
             (`tiers restore`)."
        }
    };
    Finding::amiss("database", Health::Bad, format!("{error} [{}]", error.code()), advice)
}

fn permissions(patient: &Patient<'_>) -> Vec<Finding> {
    let layout = patient.layout;
    let mut open = Vec::new();
    for path in [layout.root(), &layout.journal(), patient.keyring_folder] {
        match fs::metadata(path) {
            Err(_) => open.push(format!("{} cannot be read", path.display())),
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                open.push(format!("{} is open to others", path.display()));
            }
            Ok(_) => {}
        }
    }
    if open.is_empty() {
        return vec![Finding::good(
            "permissions",
            "directory, journal and keyring are the owner's",
        )];
    }
    let advice =
        "Run `chmod 700` on it as its owner; run `tiers doctor` as the user of the service.";
    open.into_iter().map(|says| Finding::amiss("permissions", Health::Bad, says, advice)).collect()
}

fn keyring(patient: &Patient<'_>) -> Finding {
    let Some(keyring) = patient.keyring else {
        let advice = "Give what opens it ([unlock] in the configuration, or --unlock-key).";
        return Finding::amiss(
            "keyring",
            Health::Unknown,
            "it is sealed and was not opened",
            advice,
        );
    };
    if keyring.lies_inside(patient.layout.root()) {
        let advice = "Move it elsewhere: a copy of the data must not take the keys along.";
        return Finding::amiss("keyring", Health::Bad, "it lies inside the data directory", advice);
    }
    if keyring.is_sealed_by() == SealedBy::Nothing {
        let advice = "`tiers keyring seal` seals it under a passphrase or a key.";
        return Finding::amiss(
            "keyring",
            Health::Warning,
            "whoever reads its file has every key",
            advice,
        );
    }
    Finding::good("keyring", format!("opened; sealed by {}", keyring.is_sealed_by().as_str()))
}

/// The policies of authorization that this build carries: without them it does not start.
fn authority() -> Finding {
    match Authority::of(&Rules::default()) {
        Ok(read) => {
            let (policies, digest) = (read.policies(), read.digest());
            Finding::good("authorization", format!("{policies} policies hold, SHA-256 {digest}"))
        }
        Err(error) => Finding::amiss(
            "authorization",
            Health::Bad,
            format!("{error} [{}]", error.code()),
            "Use a build whose policies pass `cargo test authority`.",
        ),
    }
}

fn disk(folder: &Path) -> Finding {
    let Ok(room) = durable::room(folder) else {
        let advice = "Check that the disk is mounted and the directory is the right one.";
        return Finding::amiss("disk", Health::Bad, "the data directory cannot be reached", advice);
    };
    let mib = room.free >> 20;
    let says = format!("{mib} MiB of {} MiB are free", room.whole >> 20);
    let room_advice = "Make room: deposits are refused when the disk is full, and nothing is lost.";
    if room.read_only {
        let advice = "See what the system's log says about the disk, and mount it for writing.";
        return Finding::amiss("disk", Health::Bad, "it may not be written", advice);
    }
    if mib < 256 || room.files.is_some_and(|files| files < 1_000) {
        return Finding::amiss("disk", Health::Bad, says, room_advice);
    }
    if room.free < room.whole / 10 {
        return Finding::amiss("disk", Health::Warning, says, room_advice);
    }
    Finding::good("disk", says)
}

fn open_files() -> Finding {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    match limit {
        Some(limit) if limit < OPEN_FILES => Finding::amiss(
            "open_files",
            Health::Warning,
            format!("a process may open {limit} files"),
            "Raise it to 4096 (LimitNOFILE in the unit); each connection and upload needs one.",
        ),
        _ => Finding::good("open_files", "enough for every connection and upload"),
    }
}

fn database(db: &Db) -> Vec<Finding> {
    let mut found = Vec::new();
    match db.version() {
        Ok(version) if version.found < version.known => found.push(Finding::amiss(
            "schema",
            Health::Warning,
            format!("version {}, this program brings it to {}", version.found, version.known),
            "Make a backup (`tiers backup`) before the next start: there is no way back.",
        )),
        Ok(version) => found.push(Finding::good("schema", format!("version {}", version.found))),
        Err(error) => found.push(broken_database(&error)),
    }
    let advice = "Stop the certifier, keep a copy of the directory, and restore the newest backup.";
    found.push(match db.complaints() {
        Ok(0) => Finding::good("database", "every page, index and reference is sound"),
        Ok(count) => {
            Finding::amiss("database", Health::Bad, format!("{count} complaints of SQLite"), advice)
        }
        Err(error) => broken_database(&error),
    });
    found
}

/// What the database says about the rest.
fn looked_up(patient: &Patient<'_>, db: &Db) -> Result<Vec<Finding>, StoreError> {
    let today = patient.now.date().to_string();
    let (bound, policy, entries, last, counts, programmes) = db.read("examine", |tx| {
        let entries = tx.next_entry()?;
        let last = entries.checked_sub(1).map(|last| tx.entry(last)).transpose()?.flatten();
        let programmes = tx.unreadable_programmes()?;
        let counts = tx.counts(&today, &today)?;
        Ok::<_, StoreError>((
            tx.bound_keyring()?,
            tx.witness_policy()?,
            entries,
            last,
            counts,
            programmes,
        ))
    })?;
    let mut found = Vec::new();
    if let Some(keyring) = patient.keyring
        && bound.as_deref() != Some(keyring.id())
    {
        let advice = "Use the keyring that was made with this directory, in its newest copy.";
        let says = "it belongs to another data directory";
        found.push(Finding::amiss("keyring", Health::Bad, says, advice));
    }
    found.push(clock(patient.now, last.as_deref()));
    let policy = policy.and_then(|text| WitnessPolicy::parse(&text).ok()).unwrap_or_default();
    found.push(ledger(patient, db, entries));
    let (noted, hooks) = db.read("examine witnesses", |tx| {
        Ok::<_, StoreError>((tx.noted_witnesses()?, tx.hook_counts()?))
    })?;
    found.push(witnesses(patient, &policy, &noted));
    found.push(webhooks(patient.now, &hooks));
    found.push(match programmes {
        (all, 0) => Finding::good("policies", format!("those of {all} programmes can be read")),
        (_, broken) => Finding::amiss(
            "policies",
            Health::Bad,
            format!("{broken} programmes cannot be read"),
            "Restore the newest backup; nothing is released from such a programme.",
        ),
    });
    found.push(match counts.deposits_past_term {
        0 => Finding::good("terms", "no deposit is past its term"),
        late => Finding::amiss(
            "terms",
            Health::Warning,
            format!("{late} deposits are past their term"),
            "A running certifier erases them within a minute; see its log if they stay.",
        ),
    });
    Ok(found)
}

fn clock(now: Moment, last: Option<&[u8]>) -> Finding {
    let last = last.and_then(|bytes| Entry::decode(bytes).ok());
    let advice = "Set the clock (chrony or systemd-timesyncd): terms, ticks and proofs go by it.";
    match last.map(|entry| entry.at().timestamp().as_second()) {
        Some(last) if last > now.seconds().saturating_add(CLOCK_SLACK) => {
            Finding::amiss("clock", Health::Bad, "it is behind the last act of the ledger", advice)
        }
        _ => Finding::good("clock", "not behind the last act of the ledger"),
    }
}

fn ledger(patient: &Patient<'_>, db: &Db, entries: u64) -> Finding {
    let advice = "Do not serve from it: compare with a mirror (`tiers ledger verify`), then \
                  `tiers ledger repair` or `tiers restore`.";
    let bad = |says: String| Finding::amiss("ledger", Health::Bad, says, advice);
    let Some(keyring) = patient.keyring else {
        let advice = "Open the keyring, or check with `tiers ledger verify`.";
        return Finding::amiss("ledger", Health::Unknown, "its key is in the keyring", advice);
    };
    let signer = keyring.ledger_signer();
    let published = match tail(patient.layout, signer.verifier()) {
        Ok(published) => published,
        Err(says) => return bad(says),
    };
    let head = db.head().ok().flatten();
    let head = head.and_then(|head| signer.verifier().verify_checkpoint(&head).ok());
    let signed = head.map_or(0, |head| head.size());
    if signed < published.size() || entries < published.size() {
        return bad(format!(
            "{} entries are published and the database has {entries}",
            published.size()
        ));
    }
    let waiting = entries.saturating_sub(published.size());
    if waiting > LAG {
        let advice = "Start the certifier; if it runs, see its log for why it does not publish.";
        let says = format!("{waiting} entries wait to be published");
        return Finding::amiss("ledger", Health::Warning, says, advice);
    }
    Finding::good("ledger", format!("{} entries verify, {waiting} wait", published.size()))
}

/// Verifies the whole published ledger.
fn tail(layout: &Layout, verifier: &LedgerVerifier) -> Result<Checkpoint, String> {
    let signed = fs::read(layout.ledger().join(CHECKPOINT_PATH))
        .map_err(|_| "no checkpoint is published".to_owned())?;
    let signed = verifier.signed_by_log(&signed);
    let signed = signed.ok_or_else(|| "the checkpoint is not signed by this keyring".to_owned())?;
    let files = DirSource::new(&layout.ledger());
    let own = OwnLine::new(&files, &signed);
    let summary = visit_ledger(&own, verifier, &mut |_, _| {});
    summary.map(|summary| summary.checkpoint).map_err(|fault| format!("{fault} [{}]", fault.code()))
}

fn witnesses(patient: &Patient<'_>, policy: &WitnessPolicy, noted: &[NotedWitness]) -> Finding {
    let layout = patient.layout;
    let (fewest, all) = (policy.fewest(), policy.witnesses().len());
    if fewest == 0 {
        let advice = "Have two of three witnesses in different hands (`tiers serve --witnesses`).";
        return Finding::amiss("witnesses", Health::Warning, "nobody witnesses the ledger", advice);
    }
    let size = |path: &str| -> u64 {
        let text = fs::read_to_string(layout.ledger().join(path)).unwrap_or_default();
        text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
    };
    let behind = size(CHECKPOINT_PATH).saturating_sub(size(WITNESSED_PATH));
    if behind > 0 {
        let advice = "Reach the witnesses again: releases wait for them, acts go on.";
        let says = format!("{behind} published entries are not cosigned");
        return Finding::amiss("witnesses", Health::Warning, says, advice);
    }
    let hours = |one: &NotedWitness| (patient.now.seconds() - one.last().seconds()) / 3_600;
    let silent = noted.iter().filter(|one| hours(one) >= SILENT_HOURS);
    let silent: Vec<String> =
        silent.map(|one| format!("{} for {} hours", one.name, hours(one))).collect();
    if !silent.is_empty() {
        let advice = "Reach it again, or name another (`--witnesses`): the next that fails may stop releases. \
                      Where the certifier was stopped for so long, start it.";
        let says = format!("no cosignature of {}", silent.join(", of "));
        return Finding::amiss("witnesses", Health::Warning, says, advice);
    }
    Finding::good("witnesses", format!("{fewest} of {all} cosigned all that is published"))
}

fn webhooks(now: Moment, hooks: &HookCounts) -> Finding {
    let hours = hooks.oldest.map_or(0, |oldest| (now.seconds() - oldest.seconds()) / 3_600);
    if hooks.disabled > 0 {
        let says = format!("{} webhooks took nothing for three days", hooks.disabled);
        let advice = "Their parties were told; `tiers webhook test` takes one up again. If several \
                      fell silent together, see whether this machine reaches the internet.";
        return Finding::amiss("webhooks", Health::Warning, says, advice);
    }
    if hours >= WAITING_HOURS {
        let says = format!("{} messages wait, the oldest for {hours} hours", hooks.pending);
        let advice = "See that [webhooks] send is on and that this machine reaches the internet.";
        return Finding::amiss("webhooks", Health::Warning, says, advice);
    }
    Finding::good("webhooks", format!("{} messages wait", hooks.pending))
}

fn journal_health(patient: &Patient<'_>, db: &Db) -> Option<Finding> {
    let marks =
        db.read("examine journal", |tx| tx.journal_marks().map_err(ServiceError::from)).ok()?;
    let advice = "Keep a copy of it as evidence, and find out who wrote in it.";
    Some(match journal::check(&patient.layout.journal(), &marks) {
        Err(error) => Finding::amiss("journal", Health::Bad, error.to_string(), advice),
        Ok(checked) => match checked.altered.first() {
            Some(first) => Finding::amiss("journal", Health::Bad, first.to_string(), advice),
            None => Finding::good("journal", "no line that was written is changed or missing"),
        },
    })
}
