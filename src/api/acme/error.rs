//! Why there is no new certificate: in the end a refusal, which asking again soon would not change, or
//! something that passes.

use std::io;

use instant_acme::{Error, Problem};

use crate::api::TlsError;
use crate::durable::DurableError;

/// Characters of what an authority says that are told on: its reasons are a sentence or two.
const SAYS_CHARS: usize = 300;

/// Why an order came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcmeError {
    /// The authority does not answer.
    #[error("the authority of certificates cannot be reached: {0}")]
    Unreachable(String),
    /// It says no, and why.
    #[error("the authority refuses: {0}")]
    Refused(String),
    /// It does not offer the proof that is given here.
    #[error("the authority does not offer the challenge tls-alpn-01")]
    NoChallenge,
    /// It takes longer than anybody waits.
    #[error("the authority has not ended the order in time")]
    Slow,
    /// Its answer is not one of RFC 8555.
    #[error("the authority answers what is not understood: {0}")]
    Answer(String),
    /// No key or certificate could be made for these names.
    #[error("no key or request of a certificate could be made")]
    Key,
    /// What it gave cannot serve.
    #[error("the certificate that came cannot serve: {0}")]
    Unusable(#[from] TlsError),
    /// It would have to be renewed at once.
    #[error(
        "the certificate that came is over, or nearly, by the clock of this machine: set the clock, or ask the authority"
    )]
    Term,
    /// The folder of the account cannot be read or written.
    #[error("the folder of account and certificates cannot be used")]
    Folder(#[from] DurableError),
    /// The file of the account is none.
    #[error(
        "the file of the account cannot be read; if it is lost, remove it, and a new account is made"
    )]
    Account,
}

impl AcmeError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "acme.unreachable",
            Self::Refused(_) => "acme.refused",
            Self::NoChallenge => "acme.no_challenge",
            Self::Slow => "acme.slow",
            Self::Answer(_) => "acme.answer",
            Self::Key => "acme.key",
            Self::Unusable(_) => "acme.unusable",
            Self::Term => "acme.term",
            Self::Folder(_) => "acme.folder",
            Self::Account => "acme.account",
        }
    }

    /// Whether it is over when the way to the authority is free again. Authorities count the other failures and
    /// shut out who makes too many (five an hour for a name at the best known one).
    pub(super) const fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Answer(_) | Self::Folder(_))
    }

    /// What an authority says, in one line.
    pub(super) fn refused(problem: &Problem) -> Self {
        let kind = problem.r#type.as_deref().unwrap_or_default();
        let kind = kind.rsplit(':').next().unwrap_or_default();
        let parts = problem.subproblems.iter().filter_map(|one| one.detail.as_deref());
        let details: Vec<&str> = problem.detail.as_deref().into_iter().chain(parts).collect();
        Self::Refused(line(&format!("{kind}: {}", details.join("; "))))
    }

    /// What is wrong with an answer, in one line.
    pub(super) fn answer(why: &impl std::fmt::Display) -> Self {
        Self::Answer(line(&why.to_string()))
    }
}

/// Words from outside, short enough and without what would break a line of the log.
fn line(words: &str) -> String {
    let printable = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(SAYS_CHARS).collect()
}

impl From<Error> for AcmeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(problem) => Self::refused(&problem),
            Error::Timeout(_) => Self::Slow,
            Error::Crypto => Self::Key,
            Error::KeyRejected => Self::Account,
            Error::Other(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::Unreachable(line(&cause.to_string())),
                Err(cause) => Self::answer(&cause),
            },
            other => Self::answer(&other),
        }
    }
}
