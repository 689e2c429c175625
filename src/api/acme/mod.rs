//! A certificate from an authority that speaks ACME (RFC 8555): had with the first start, renewed in time, and kept
//! in a folder of its own beside the data. That a name is ours is proven on the port that is served anyway
//! (tls-alpn-01). Not how TLS is spoken (`tls`) and not the way to the network ([`AskAuthority`]).
//! `docs/decisions/0090-certificates-by-acme.md` says why it is here.

mod error;
mod failure;
mod order;
mod transport;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

pub use error::AcmeError;
pub use failure::Failure;
pub use transport::AskAuthority;

use super::auth::Shared;
use super::tls::{Tls, Validity, validity};
use crate::durable::{self, Access};
use transport::Transport;

/// The longest sleep: the clock may be set, and the machine may have slept as well.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// After something that passes, and twice as long each time, up to an hour.
const AGAIN: Duration = Duration::from_secs(10);
const AGAIN_MAX: Duration = Duration::from_secs(3_600);

/// After a refusal, and twice as long each time, up to half a day: authorities shut out who asks more often. A
/// restart asks again, but not before this time is over.
const REFUSED: Duration = Duration::from_secs(900);
const REFUSED_MAX: Duration = Duration::from_secs(43_200);

/// Bytes that have to fit before anything is asked for: more than an account, a key and a chain.
const PROBE: usize = 32 << 10;

/// Whose certificates, for which names, and where they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmeSettings {
    /// Address of the authority's directory.
    pub directory: String,
    /// The names of this server, lower case.
    pub domains: Vec<String>,
    /// Where the authority can write to, such as `mailto:`.
    pub contacts: Vec<String>,
    /// Folder of account and certificates.
    pub folder: PathBuf,
}

impl AcmeSettings {
    /// Key and chain in one file, so that there are never those of two certificates.
    #[must_use]
    pub fn certificate_file(&self) -> PathBuf {
        self.file("certificate", "pem")
    }

    /// The account and its key.
    pub(super) fn account_file(&self) -> PathBuf {
        self.file("account", "json")
    }

    fn failure_file(&self) -> PathBuf {
        self.file("failure", "json")
    }

    /// Why the last attempt came to nothing; `None` after one that did not.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        Failure::read(&self.failure_file())
    }

    /// Each authority has files of its own: one that was tried first leaves nothing to the next.
    fn file(&self, name: &str, suffix: &str) -> PathBuf {
        let mut file = format!("{name}-");
        for byte in &Sha256::digest(self.directory.as_bytes())[..6] {
            // A text takes what it is given.
            let _ = write!(file, "{byte:02x}");
        }
        self.folder.join(format!("{file}.{suffix}"))
    }
}

/// Keeps a certificate.
pub struct Acme {
    settings: AcmeSettings,
    ask: Arc<dyn AskAuthority>,
    /// What was issued and is not on the disk yet: an authority gives few for the same names.
    issued: Mutex<Option<Zeroizing<String>>>,
}

impl Acme {
    /// With this way to the authority.
    ///
    /// # Errors
    /// [`AcmeError::Folder`].
    pub fn new(settings: AcmeSettings, ask: Arc<dyn AskAuthority>) -> Result<Self, AcmeError> {
        durable::create_dir(&settings.folder, Access::Private)?;
        Ok(Self { settings, ask, issued: Mutex::new(None) })
    }

    /// Of whom, for whom, where.
    #[must_use]
    pub const fn settings(&self) -> &AcmeSettings {
        &self.settings
    }

    fn issued(&self) -> MutexGuard<'_, Option<Zeroizing<String>>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn order(&self, tls: &Tls, now: i64) -> Result<(), AcmeError> {
        if self.issued().is_none() {
            self.has_room()?;
            let transport = || Transport(Arc::clone(&self.ask));
            let pem = order::order(&self.settings, &transport, tls.proofs()).await?;
            tls.could_serve(pem.as_bytes(), &self.settings.domains)?;
            if validity(pem.as_bytes()).is_none_or(|validity| renewed_at(validity) <= now) {
                return Err(AcmeError::Term);
            }
            *self.issued() = Some(pem);
        }
        let mut issued = self.issued();
        if let Some(pem) = issued.as_ref() {
            durable::write(&self.settings.certificate_file(), pem.as_bytes(), Access::Private)?;
        }
        *issued = None;
        drop(issued);
        tls.renew()?;
        Ok(())
    }

    /// Whether what an authority gives could be kept: nothing is asked for otherwise.
    fn has_room(&self) -> Result<(), AcmeError> {
        let probe = self.settings.file("probe", "tmp");
        durable::write(&probe, &[0; PROBE], Access::Private)?;
        durable::remove(&probe)?;
        Ok(())
    }
}

/// One attempt, in a task of its own: a panic of the library, which some answers of an authority can bring about, ends
/// the attempt and not the renewal.
async fn attempt(tls: &Arc<Tls>, now: i64) -> Result<(), AcmeError> {
    let mut tasks = JoinSet::new();
    let of = Arc::clone(tls);
    tasks.spawn(async move {
        match of.acme() {
            Some(acme) => acme.order(&of, now).await,
            None => Ok(()),
        }
    });
    let ended = tasks.join_next().await;
    ended.and_then(Result::ok).unwrap_or_else(|| {
        tls.proofs().forget();
        Err(AcmeError::answer(&"the attempt ended in a fault of the program"))
    })
}

/// When a certificate is renewed, in seconds of Unix time: when two thirds of its term are over.
#[must_use]
pub const fn renewed_at(validity: Validity) -> i64 {
    validity.until.saturating_sub(validity.until.saturating_sub(validity.from) / 3)
}

/// Keeps the certificate of an edge for as long as it serves.
pub(super) async fn keep(certifier: Shared, tls: Arc<Tls>) {
    let Some(acme) = tls.acme() else { return };
    let settings = &acme.settings;
    let mut failure = settings.failure();
    if let Some(failure) = &mut failure {
        failure.restarted();
    }
    loop {
        let now = certifier.now().seconds();
        let due = match tls.validity() {
            Some(validity) if tls.is_for(&settings.domains) => renewed_at(validity),
            _ => now,
        };
        let due = due.max(failure.as_ref().map_or(due, |failure| failure.until(now)));
        if due > now {
            let wait = Duration::from_secs(due.abs_diff(now));
            tokio::time::sleep(wait.min(LOOK_EVERY)).await;
            continue;
        }
        match attempt(&tls, now).await {
            Ok(()) => {
                failure = None;
                let _ = durable::remove(&settings.failure_file());
                tracing::info!(names = ?settings.domains, "a new certificate is in force");
            }
            Err(error) => {
                let now = certifier.now().seconds();
                let new = Failure::new(&error, failure.as_ref(), now);
                tracing::error!(
                    code = error.code(), error = %error, again_in_seconds = new.until(now) - now,
                    "no new certificate"
                );
                // The log has said it; the file is for `tiers doctor` and for the next start.
                let _ = new.write(&settings.failure_file());
                failure = Some(new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_when_two_thirds_are_over() {
        let days = |from: i64, until: i64| Validity { from: from * 86_400, until: until * 86_400 };
        assert_eq!(renewed_at(days(0, 90)), 60 * 86_400);
        assert_eq!(renewed_at(days(100, 106)), 104 * 86_400);
        let strange = Validity { from: i64::MIN, until: i64::MAX };
        assert_eq!(renewed_at(strange), i64::MAX - i64::MAX / 3, "nothing overflows");
    }

    #[test]
    fn authorities_have_files_of_their_own() {
        let settings = |directory: &str| AcmeSettings {
            directory: directory.to_owned(),
            domains: Vec::new(),
            contacts: Vec::new(),
            folder: "acme".into(),
        };
        let (one, other) = (settings("https://a/dir"), settings("https://a/staging"));
        assert_ne!(one.certificate_file(), other.certificate_file());
        assert_ne!(one.account_file(), other.account_file());
        assert_eq!(one.certificate_file(), settings("https://a/dir").certificate_file());
    }
}
