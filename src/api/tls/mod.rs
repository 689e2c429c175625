//! TLS of the server: versions 1.2 and 1.3 with the suites of rustls, certificate and key from files
//! that are read again when they change, and, where an authority for clients is named, nobody without a
//! certificate of it. Not how requests are answered, not the client's side, and not how a certificate is
//! had (`acme`). `docs/operations.md` says where certificates come from.

mod proofs;
mod validity;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::{Acceptor, ParsedCertificate, WebPkiClientVerifier};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

use super::acme::Acme;

pub(super) use proofs::Proofs;
pub use validity::{Validity, validity};

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
    /// The certificate is one for other names.
    #[error("the certificate is not one for the names that it was asked for")]
    Names,
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
            Self::Names => "tls.names",
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
    current: RwLock<Option<(Held, Arc<ServerConfig>)>>,
    proofs: Proofs,
    acme: Option<Acme>,
    /// Held while files are read and taken up: two who renew take turns.
    renewing: Mutex<()>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let held = Held::read(&files)?;
        let config = Arc::new(held.config(&files)?);
        let current = RwLock::new(Some((held, config)));
        let (proofs, renewing) = (Proofs::default(), Mutex::new(()));
        Ok(Self { files, current, proofs, acme: None, renewing })
    }

    /// Takes up what an authority gave the last time, if it did and if that can be used; the rest is done
    /// while serving. Until there is a certificate nobody is answered but the authority.
    ///
    /// # Errors
    /// [`TlsError`] of the authority of clients, and where the file cannot be read or is read by others.
    pub fn ordered(acme: Acme, client_ca: Option<PathBuf>) -> Result<Self, TlsError> {
        let file = acme.settings().certificate_file();
        let files = TlsFiles { certificate: file.clone(), key: file.clone(), client_ca };
        let there = file.try_exists().map_err(|source| TlsError::Read { path: file, source })?;
        let current = if there {
            let held = Held::read(&files)?;
            match held.config(&files) {
                Ok(config) => Some((held, Arc::new(config))),
                Err(error @ TlsError::ClientCa) => return Err(error),
                Err(error) => {
                    tracing::error!(code = error.code(), error = %error, "a new certificate is asked for");
                    None
                }
            }
        } else {
            files
                .client_ca
                .as_deref()
                .map_or(Ok(None), |path| clients(&read(path)?).map(|_| None))?
        };
        let (current, proofs) = (RwLock::new(current), Proofs::default());
        Ok(Self { files, current, proofs, acme: Some(acme), renewing: Mutex::new(()) })
    }

    /// Reads the files again; whether they had changed. Connections that stand keep what they began with.
    ///
    /// # Errors
    /// [`TlsError`]; then what was in force stays so.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let _turn = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.acme.is_some() && !self.files.certificate.exists() {
            return Ok(false);
        }
        let held = Held::read(&self.files)?;
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|(before, _)| *before == held) {
            return Ok(false);
        }
        drop(current);
        let config = Arc::new(held.config(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some((held, config));
        Ok(true)
    }

    /// From when until when the certificate in force is valid, if there is one and if that can be read.
    #[must_use]
    pub fn validity(&self) -> Option<Validity> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        validity(&current.as_ref()?.0.certificate)
    }

    /// Who keeps the certificate, if an authority gives it.
    pub(super) const fn acme(&self) -> Option<&Acme> {
        self.acme.as_ref()
    }

    fn config(&self) -> Option<Arc<ServerConfig>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|(_, config)| Arc::clone(config))
    }

    /// What an authority is shown.
    pub(super) const fn proofs(&self) -> &Proofs {
        &self.proofs
    }

    /// Whether the certificate in force is one for all of these names.
    pub(super) fn is_for(&self, names: &[String]) -> bool {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().is_some_and(|(held, _)| is_for(&held.certificate, names))
    }

    /// Whether a chain with its key, as one PEM, could serve these names.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(super) fn could_serve(&self, pem: &[u8], names: &[String]) -> Result<(), TlsError> {
        let key = Zeroizing::new(pem.to_vec());
        Held { certificate: pem.to_vec(), key, client_ca: None }.config(&self.files)?;
        if is_for(pem, names) { Ok(()) } else { Err(TlsError::Names) }
    }

    /// Shakes hands. `None` where the caller was the authority, which has seen what it wanted, and where
    /// there is no certificate yet.
    ///
    /// # Errors
    /// Who does not speak TLS, or shows no certificate that is asked for.
    pub(super) async fn shake<S>(&self, stream: S) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        if let Some(proof) = self.proofs.asked_for(&start.client_hello()) {
            start.into_stream(proof).await?.shutdown().await?;
            return Ok(None);
        }
        match self.config() {
            None => Ok(None),
            Some(config) => start.into_stream(config).await.map(Some),
        }
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
                let roots = Arc::new(clients(pem)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
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

/// Whether the first certificate of a PEM file is one for all of these names.
fn is_for(pem: &[u8], names: &[String]) -> bool {
    let Some(chain) = certificates(pem) else { return false };
    let Some(Ok(parsed)) = chain.first().map(ParsedCertificate::try_from) else { return false };
    names.iter().all(|name| {
        ServerName::try_from(name.as_str())
            .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    })
}

/// Those who sign the certificates of clients.
fn clients(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(certificates(pem).unwrap_or_default());
    if taken == 0 { Err(TlsError::ClientCa) } else { Ok(roots) }
}

/// The certificates of a PEM file, if it holds any and nothing that cannot be read.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty())
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
        let before = Arc::as_ptr(&tls.current.read().expect("free").as_ref().expect("loaded").1);
        fs::write(&files.certificate, "half a fi").expect("written");
        assert_eq!(tls.renew().err().map(|error| error.code()), Some("tls.no_certificate"));
        assert_eq!(
            Arc::as_ptr(&tls.current.read().expect("free").as_ref().expect("loaded").1),
            before
        );
        made(folder.path());
        assert!(tls.renew().expect("reads"));
        assert_ne!(
            Arc::as_ptr(&tls.current.read().expect("free").as_ref().expect("loaded").1),
            before
        );
    }
}
