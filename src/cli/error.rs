//! Why a command did not do what it was asked: what happened, what to do, a stable code.
//!
//! The list is closed. A variant holds paths, public names and causes of lower layers, never a
//! contact, a token or a key. Refusals of the certifier keep the certifier's own title, advice and
//! code; causes of the crates below keep theirs; the codes that begin with `cli.` are made here.

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tiers_contact::PrepareError;
use tiers_protocol::attested::AttestedError;
use tiers_protocol::canonical::CanonicalError;
use tiers_protocol::certificate::CertificateError;
use tiers_protocol::ids::PartyId;
use tiers_protocol::party::{Fingerprint, PartyKeyError};
use tiers_protocol::policy::PolicyError;
use tiers_protocol::programme::ProgrammeError;
use tiers_protocol::programme_key::ProgrammeKeyError;
use tiers_protocol::report::PeriodError;
use tiers_protocol::rights_key::RightsKeyError;
use tiers_protocol::seal::SealError;
use tiers_protocol::tlog::{LedgerFault, VerifierKeyError};
use tiers_protocol::webhook::HookFault;
use tiers_protocol::wire::Problem;

use super::exchange::ExchangeFault;
use crate::disclosure::GateError;

/// What a verification compared and found different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The fingerprint that was given and that of the key file.
    Fingerprint,
    /// The certifier's public keys and the pinned ones.
    Trust,
    /// The programme that came back and the one that was sent or asked for.
    Programme,
    /// The receipt and the manifest it should be of.
    Receipt,
    /// The sealed body and its digest in the manifest.
    Body,
    /// The release that came back and the one that was asked for.
    Release,
    /// Two deposits that are to be compared with each other.
    Deposits,
}

impl Compared {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Fingerprint => "the fingerprint is not that of these keys",
            Self::Trust => "the certifier's public keys are not the pinned ones",
            Self::Programme => "the certifier holds another programme than this one",
            Self::Receipt => "the receipt is not that of this deposit",
            Self::Body => "the sealed body is not the one that the manifest describes",
            Self::Release => "the certifier answered with another release than the one asked for",
            Self::Deposits => {
                "the two deposits were not made for this programme, with its key, by the same rules"
            }
        }
    }
}

/// Why a command failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CliError {
    /// Wrong usage that the argument parser cannot see; the text is fixed.
    #[error("{0}")]
    Usage(&'static str),
    /// A file that cannot be read.
    #[error("cannot read {}: {}", path.display(), io_words(*cause))]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::ErrorKind,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {}", path.display(), io_words(*cause))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::ErrorKind,
    },
    /// A file or directory that would have to be overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A file that is read twice and was another one the second time.
    #[error("{} was changed while it was read", .0.display())]
    Changed(PathBuf),
    /// A directory that this program did not make.
    #[error("{} is not a {what}", path.display())]
    NotOurs {
        /// Where.
        path: PathBuf,
        /// What it should have been.
        what: &'static str,
    },
    /// A secret that others on this machine may read.
    #[error("{} can be read by other users of this machine", .0.display())]
    Exposed(PathBuf),
    /// A file that is not what it should be.
    #[error("{} is not a {what}", path.display())]
    NotA {
        /// Which.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
    },
    /// Lines of a table that cannot be read.
    #[error("line {line} of {} is not of the form `{expected}`", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, 1 for the first.
        line: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// A configuration file.
    #[error("{}{}: {says}", path.display(), line_words(*line))]
    Config {
        /// Which file.
        path: PathBuf,
        /// Which line, 0 where it is none in particular.
        line: usize,
        /// What is wrong with it.
        says: String,
    },
    /// A party's key file.
    #[error(transparent)]
    PartyKey(#[from] PartyKeyError),
    /// A programme's key file.
    #[error(transparent)]
    ProgrammeKey(#[from] ProgrammeKeyError),
    /// A rights key.
    #[error(transparent)]
    RightsKey(#[from] RightsKeyError),
    /// A programme file.
    #[error(transparent)]
    Programme(#[from] ProgrammeError),
    /// The key's epoch is over.
    #[error("the epoch of the programme key ended on {0}")]
    EpochOver(jiff::civil::Date),
    /// A policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A party's source file.
    #[error("{}: {cause}", path.display())]
    Prepare {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: PrepareError,
    },
    /// Headings that a party named and its file does not have.
    #[error("{} has no column {}, which was mapped or declared by hand", path.display(), quoted(headings))]
    HeadingsGone {
        /// Which file.
        path: PathBuf,
        /// The headings, as the party wrote them.
        headings: Vec<String>,
    },
    /// Two source files would make one directory.
    #[error("two of the files would go to {}", .0.display())]
    SameStem(PathBuf),
    /// A deposit of more than one file, whose row numbers would not be unique.
    #[error("{} was made from several files", .0.display())]
    SeveralFiles(PathBuf),
    /// A comparison whose result nobody could use.
    #[error("the two deposits have more pairs in common than can be told apart")]
    TooManyPairs,
    /// An information notice that leaves something out.
    #[error("{} does not say {item}: {what} ({more} more are missing)", path.display())]
    Notice {
        /// Which file.
        path: PathBuf,
        /// Which item of the law.
        item: &'static str,
        /// What it is about.
        what: &'static str,
        /// How many others are missing.
        more: usize,
    },
    /// Something to seal or open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A document.
    #[error(transparent)]
    Document(#[from] CanonicalError),
    /// A document of the certifier that does not hold.
    #[error(transparent)]
    Attested(#[from] AttestedError),
    /// A certificate that does not hold.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Figures that do not follow from the noisy values beside them.
    #[error(transparent)]
    Figures(#[from] GateError),
    /// A month.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A ledger that does not hold.
    #[error("the ledger does not verify: {0}")]
    Ledger(#[from] LedgerFault),
    /// The ledger's key in a trust file.
    #[error("the trust file's ledger key cannot be read: {0}")]
    LedgerKey(#[from] VerifierKeyError),
    /// Things that should be the same are not.
    #[error("{}", .0.as_str())]
    Differs(Compared),
    /// No trust file where one was looked for.
    #[error("no trust.json was found for {}", .0.display())]
    NoTrust(PathBuf),
    /// A deposit that is not sealed yet.
    #[error("the body of this deposit is not sealed to a certifier")]
    Unsealed,
    /// A deposit that is not signed yet.
    #[error("the manifest of this deposit is not signed")]
    Unsigned,
    /// A partner whose fingerprint nobody confirmed.
    #[error("no confirmed fingerprint was given for partner {0}")]
    Unconfirmed(PartyId),
    /// A partner whose keys at the certifier are not those that were confirmed.
    #[error("the certifier shows keys {shown} for partner {party}, but {confirmed} was confirmed")]
    OtherKeys {
        /// The partner.
        party: PartyId,
        /// Fingerprint of what the certifier shows.
        shown: Fingerprint,
        /// Fingerprint that was confirmed.
        confirmed: Fingerprint,
    },
    /// A partner that does not belong to the programme.
    #[error("{0} is not a partner of this programme")]
    UnknownPartner(PartyId),
    /// Credentials that belong to nobody who could do this.
    #[error("these credentials are not those of a company")]
    NoParty,
    /// The address of a certifier.
    #[error("not an address this program may call: {0}")]
    Address(&'static str),
    /// The certifier cannot be reached.
    #[error("the certifier cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The certifier answered something that this program does not understand.
    #[error("the certifier's answer (HTTP {0}) is not one that this program understands")]
    Answer(u16),
    /// The certifier refused.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// The certifier refused the body of a deposit.
    #[error("the certifier refused the deposit ({})", code.as_deref().unwrap_or("no reason given"))]
    DepositRefused {
        /// The certifier's code.
        code: Option<String>,
    },
    /// A deposit that was accepted once, and is erased.
    #[error("the certifier accepted this deposit once and has erased it since")]
    DepositErased,
    /// A question that was answered with no.
    #[error("not approved")]
    Declined,
    /// The certifier's own side could not start or stopped.
    #[error("the certifier could not run: {message}")]
    Certifier {
        /// Stable code of the cause.
        code: &'static str,
        /// Words of the cause.
        message: String,
    },
    /// An actor of the demonstration failed.
    #[error("{actor}: `tiers {command}` failed:\n{said}")]
    Actor {
        /// Who.
        actor: String,
        /// What.
        command: String,
        /// What it said.
        said: String,
    },
    /// Somebody pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// An exchange that is not as it must be.
    #[error(transparent)]
    Exchange(#[from] ExchangeFault),
    /// A message to a webhook that is not to be believed.
    #[error(transparent)]
    Hook(#[from] HookFault),
    /// The demonstration did not show what it promises.
    #[error("the demonstration did not go as it must: {0}")]
    Story(&'static str),
}

impl CliError {
    /// A file that could not be read.
    pub fn read(path: &Path, cause: &io::Error) -> Self {
        Self::Read { path: path.to_owned(), cause: cause.kind() }
    }

    /// A file that could not be written.
    pub fn write(path: &Path, cause: &io::Error) -> Self {
        Self::Write { path: path.to_owned(), cause: cause.kind() }
    }

    /// A path that holds something that this program did not make.
    #[must_use]
    pub fn not_ours(path: &Path, what: &'static str) -> Self {
        Self::NotOurs { path: path.to_owned(), what }
    }

    /// A file that is not what it should be.
    #[must_use]
    pub fn not_a(path: &Path, what: &'static str) -> Self {
        Self::NotA { path: path.to_owned(), what }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "cli.usage",
            Self::Read { .. } => "cli.read",
            Self::Write { .. } => "cli.write",
            Self::Exists(_) => "cli.exists",
            Self::Changed(_) => "cli.changed",
            Self::NotOurs { .. } => "cli.not_ours",
            Self::Exposed(_) => "cli.exposed",
            Self::NotA { .. } => "cli.not_a",
            Self::Line { .. } => "cli.line",
            Self::Config { .. } => "config.invalid",
            Self::PartyKey(cause) => cause.code(),
            Self::ProgrammeKey(cause) => cause.code(),
            Self::RightsKey(cause) => cause.code(),
            Self::Programme(cause) => cause.code(),
            Self::EpochOver(_) => "programme.epoch_over",
            Self::Policy(cause) => cause.code(),
            Self::Prepare { cause, .. } => cause.code(),
            Self::HeadingsGone { .. } => "file.mapping_unknown",
            Self::SameStem(_) => "cli.same_stem",
            Self::Seal(cause) => cause.code(),
            Self::Document(cause) => cause.code(),
            Self::Attested(cause) => cause.code(),
            Self::Certificate(cause) => cause.code(),
            Self::Figures(cause) => cause.code(),
            Self::Period(cause) => cause.code(),
            Self::Ledger(cause) => cause.code(),
            Self::LedgerKey(cause) => cause.code(),
            Self::Differs(Compared::Fingerprint) => "cli.fingerprint",
            Self::Differs(Compared::Trust) => "cli.trust",
            Self::Differs(Compared::Programme) => "cli.other_programme",
            Self::Differs(Compared::Receipt) => "cli.receipt",
            Self::Differs(Compared::Body) => "cli.body",
            Self::Differs(Compared::Release) => "cli.other_release",
            Self::Differs(Compared::Deposits) => "link.other_programme",
            Self::SeveralFiles(_) => "link.several_files",
            Self::TooManyPairs => "link.too_many_pairs",
            Self::NoTrust(_) => "cli.no_trust",
            Self::Unsealed => "cli.unsealed",
            Self::Unsigned => "cli.unsigned",
            Self::Notice { .. } => "notice.missing_item",
            Self::Unconfirmed(_) => "cli.unconfirmed",
            Self::OtherKeys { .. } => "cli.other_keys",
            Self::UnknownPartner(_) => "cli.unknown_partner",
            Self::NoParty => "cli.no_party",
            Self::Address(_) => "cli.address",
            Self::Unreachable(_) => "cli.unreachable",
            Self::Answer(_) => "cli.answer",
            Self::Refused(problem) => &problem.code,
            Self::DepositRefused { code } => code.as_deref().unwrap_or("cli.deposit_refused"),
            Self::DepositErased => "cli.deposit_erased",
            Self::Declined => "cli.declined",
            Self::Certifier { code, .. } => code,
            Self::Actor { .. } => "demo.actor",
            Self::Interrupted => "cli.interrupted",
            Self::Exchange(fault) => fault.code(),
            Self::Hook(fault) => fault.code(),
            Self::Story(_) => "demo.story",
        }
    }

    /// What to do about it, when that is not said already.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        Some(match self {
            Self::Read { .. } => "Check the path and that you may read it.",
            Self::Write { .. } => {
                "Check that the place exists, has room and that you may write to it."
            }
            Self::Exists(_) => "Choose another place, or move it away first.",
            Self::Changed(_) => "Nothing was sent. Close whatever writes to it, and begin again.",
            Self::NotOurs { .. } => {
                "Choose another place: this program deletes nothing it did not make."
            }
            Self::Exposed(_) => {
                "Run `chmod 600` on it; if others may have read it, have it replaced."
            }
            Self::NotA { .. } => "Check that you named the right file.",
            Self::Line { .. } => "Correct that line and try again.",
            Self::Config { .. } => {
                "`tiers doctor` prints every word that may be set, with its default."
            }
            Self::PartyKey(_)
            | Self::ProgrammeKey(ProgrammeKeyError::Damaged)
            | Self::RightsKey(_) => {
                "Fetch an undamaged copy of the key file; keys cannot be repaired."
            }
            Self::ProgrammeKey(_) => {
                "Use the key of this programme and epoch: `tiers programme key unwrap` fetches it."
            }
            Self::EpochOver(_) => {
                "Ask the principal for the programme file and key of the new epoch."
            }
            Self::Prepare { .. } => {
                "`tiers preview FILE` shows how a file is read; --map \"HEADING=field\" maps a column by hand, \
                 and `tiers prepare --help` lists the fields."
            }
            Self::HeadingsGone { .. } => {
                "Look at the file's headings: one was renamed or left out. Map the new one with --map."
            }
            Self::SameStem(_) => "Prepare them one by one, each with an --out of its own.",
            Self::Document(_)
            | Self::Attested(_)
            | Self::Certificate(_)
            | Self::Figures(_)
            | Self::Ledger(_) => {
                "Do not rely on it. Fetch it again; if it still fails, ask the certifier, \
                 and keep what you have: it is evidence."
            }
            Self::LedgerKey(_) => "Fetch trust.json again and compare its fingerprints.",
            Self::Differs(Compared::Deposits) => {
                "Prepare both files again with the same programme file and key."
            }
            Self::SeveralFiles(_) => "Prepare each file into a directory of its own.",
            Self::TooManyPairs => {
                "Look for a value that many rows share on both sides, and leave it out."
            }
            Self::Differs(Compared::Body) => "Prepare the file again; the directory was changed.",
            Self::Differs(_) => {
                "Do not go on. Compare fingerprints with the other side by telephone first."
            }
            Self::NoTrust(_) => "Name the certifier's public keys with --trust FILE.",
            Self::Unsealed => {
                "Name a registered programme file with --programme FILE, or prepare again."
            }
            Self::Unsigned => "Name your party keys with --party-key DIR.",
            Self::Notice { .. } => "Say it; where an item does not apply, say that.",
            Self::Unconfirmed(_) | Self::OtherKeys { .. } => {
                "Have the partner read its fingerprint to you (`tiers party show DIR`) and give \
                 that with --fingerprint or --fingerprints."
            }
            Self::UnknownPartner(_) => {
                "`tiers programme partners FILE` lists those that belong to it."
            }
            Self::NoParty => "Use the credentials that the operator made for your company.",
            Self::Address(_) => "Use https://, or http:// to this machine itself (127.0.0.1).",
            Self::Unreachable(_) => {
                "Check the address and the network and try again; nothing is lost."
            }
            Self::Answer(_) => "Check the address and that both sides run versions that fit.",
            Self::DepositErased => "Prepare the file again if it is to be deposited after all.",
            Self::DepositRefused { .. } => "Correct the cause and prepare the file again.",
            Self::Refused(problem) => &problem.detail,
            Self::Period(_) => "Write months as 2024-05, ranges as 2024-03..2025-05.",
            Self::Exchange(fault) => fault.advice(),
            Self::Hook(_) => {
                "Do not act on it. Check the body byte for byte as it came, and the key with `tiers webhook list`."
            }
            Self::Usage(_)
            | Self::Programme(_)
            | Self::Policy(_)
            | Self::Seal(_)
            | Self::Declined
            | Self::Certifier { .. }
            | Self::Actor { .. }
            | Self::Interrupted
            | Self::Story(_) => return None,
        })
    }

    /// Whether the command was used wrongly, rather than refused.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_))
    }
}

/// Plain words for what went wrong with a file.
/// `"DT VTE", "PX"`
fn quoted(headings: &[String]) -> String {
    let quoted: Vec<String> = headings.iter().map(|heading| format!("\"{heading}\"")).collect();
    quoted.join(", ")
}

fn line_words(line: usize) -> String {
    if line == 0 { String::new() } else { format!(", line {line}") }
}

fn io_words(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        other => other.to_string(),
    }
}
