//! TLS of the server: versions 1.2 and 1.3 with the suites of rustls, certificate and key from files
//! that are read again when they change, and, where an authority for clients is named, nobody without a
//! certificate of it. Not how requests are answered, and not the client's side.
//! `docs/operations.md` says where certificates come from.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use zeroize::Zeroizing;

/// Where the certificate lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain of certificates, the server's own first (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
    /// Who signs the certificates of those who may call (PEM); everybody may without one.
    pub client_ca: Option<PathBuf>,
}

/// Why the files cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key can be read by everybody on the machine.
    #[error("{} can be read by every user of this machine", .0.display())]
    Exposed(PathBuf),
    /// A file without a certificate.
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// A file without a key.
    #[error("{} holds no private key", .0.display())]
    NoKey(PathBuf),
    /// The key is another one's, or of a kind that is not spoken.
    #[error("the certificate and the key do not belong together")]
    Mismatch,
    /// The authority of clients cannot be used.
    #[error("the authority of the clients' certificates cannot be used")]
    ClientCa,
}

impl TlsError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "tls.read",
            Self::Exposed(_) => "tls.key_exposed",
            Self::NoCertificate(_) => "tls.no_certificate",
            Self::NoKey(_) => "tls.no_key",
            Self::Mismatch => "tls.mismatch",
            Self::ClientCa => "tls.client_ca",
        }
    }
}

/// What the files held when they were last read.
#[derive(PartialEq, Eq)]
struct Held {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    client_ca: Option<Vec<u8>>,
}

/// The certificate in force.
pub struct Tls {
    files: TlsFiles,
    current: RwLock<(Held, Arc<ServerConfig>)>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let held = Held::read(&files)?;
        let config = held.config(&files)?;
        Ok(Self { files, current: RwLock::new((held, Arc::new(config))) })
    }

    /// Reads the files again; whether they had changed. Connections that stand keep what they began with.
    ///
    /// # Errors
    /// [`TlsError`]; then what was in force stays so.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let held = Held::read(&self.files)?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).0 == held {
            return Ok(false);
        }
        let config = Arc::new(held.config(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (held, config);
        Ok(true)
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.1))
    }
}

impl Held {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let exposed = fs::metadata(&files.key)
            .map_err(|source| TlsError::Read { path: files.key.clone(), source })?
            .permissions()
            .mode()
            & 0o007;
        if exposed != 0 {
            return Err(TlsError::Exposed(files.key.clone()));
        }
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: Zeroizing::new(read(&files.key)?),
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
        })
    }

    fn config(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let chain = certificates(&self.certificate);
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(files.certificate.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.map_err(|_| TlsError::NoKey(files.key.clone()))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|_| TlsError::Mismatch)?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let mut roots = RootCertStore::empty();
                let (taken, _) =
                    roots.add_parsable_certificates(certificates(pem).unwrap_or_default());
                if taken == 0 {
                    return Err(TlsError::ClientCa);
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().map_err(|_| TlsError::ClientCa)?)
            }
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|_| TlsError::Mismatch)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, TlsError> {
    let path = path.as_ref();
    fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

/// The certificates of a PEM file, if it holds any and nothing that cannot be read.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty())
}

/// Until when the first certificate of a PEM file is valid, in seconds of Unix time.
#[must_use]
pub fn valid_until(pem: &[u8]) -> Option<i64> {
    let first = certificates(pem)?.into_iter().next()?;
    let (certificate, _) = element(&first, 0x30)?;
    let (mut rest, _) = element(certificate, 0x30)?;
    // RFC 5280, section 4.1: version, serial number, signature, issuer, validity.
    if let Some((_, after)) = element(rest, 0xa0) {
        rest = after;
    }
    for tag in [0x02, 0x30, 0x30] {
        rest = element(rest, tag)?.1;
    }
    let (validity, _) = element(rest, 0x30)?;
    let begin = element(validity, 0x17).or_else(|| element(validity, 0x18))?;
    time(begin.1)
}

/// The content of the DER element at the front, if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(short), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let one = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add(usize::from(*byte));
            (bytes.iter().try_fold(0, one)?, rest)
        }
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

/// A time of a certificate: `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from then on.
fn time(der: &[u8]) -> Option<i64> {
    let (text, century) = match element(der, 0x17) {
        Some((text, _)) => (text, true),
        None => (element(der, 0x18)?.0, false),
    };
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = match century {
        true if text.get(..2)? < "50" => format!("20{text}"),
        true => format!("19{text}"),
        false => text.to_owned(),
    };
    let date = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", &text).ok()?;
    let at = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(at.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(folder: &Path) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("made");
        let files = TlsFiles {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
            client_ca: None,
        };
        fs::write(&files.certificate, made.cert.pem()).expect("written");
        fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).expect("private");
        files
    }

    #[test]
    fn files_that_cannot_serve_say_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = made(folder.path());
        let code = |files: &TlsFiles| Tls::load(files.clone()).err().map(|error| error.code());
        assert_eq!(code(&files), None);
        let swapped = TlsFiles { certificate: files.key.clone(), ..files.clone() };
        assert_eq!(code(&swapped), Some("tls.no_certificate"));
        let other = tempfile::tempdir().expect("a folder");
        let mixed = TlsFiles { key: made(other.path()).key, ..files.clone() };
        assert_eq!(code(&mixed), Some("tls.mismatch"));
        let clients = TlsFiles { client_ca: Some(files.key.clone()), ..files.clone() };
        assert_eq!(code(&clients), Some("tls.client_ca"));
        let gone = TlsFiles { key: folder.path().join("absent"), ..files.clone() };
        assert_eq!(code(&gone), Some("tls.read"));
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o604)).expect("exposed");
        assert_eq!(code(&files), Some("tls.key_exposed"));
    }

    #[test]
    fn a_broken_renewal_leaves_what_was_in_force() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = made(folder.path());
        let tls = Tls::load(files.clone()).expect("loads");
        assert!(!tls.renew().expect("reads"));
        let before = Arc::as_ptr(&tls.current.read().expect("free").1);
        fs::write(&files.certificate, "half a fi").expect("written");
        assert_eq!(tls.renew().err().map(|error| error.code()), Some("tls.no_certificate"));
        assert_eq!(Arc::as_ptr(&tls.current.read().expect("free").1), before);
        made(folder.path());
        assert!(tls.renew().expect("reads"));
        assert_ne!(Arc::as_ptr(&tls.current.read().expect("free").1), before);
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (year, seconds) in [(2031, 1_924_992_000), (2093, 3_881_606_400)] {
            let mut wanted = rcgen::CertificateParams::new(vec!["a".into()]).expect("made");
            wanted.not_after = rcgen::date_time_ymd(year, 1, 1);
            let key = rcgen::KeyPair::generate().expect("made");
            let pem = wanted.self_signed(&key).expect("signed").pem();
            assert_eq!(valid_until(pem.as_bytes()), Some(seconds), "{year}");
        }
        assert_eq!(valid_until(b""), None);
        // Cut anywhere, it is no certificate, and nothing panics.
        let der = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(element(&der, 0x30), None);
    }
}
