//! TLS and limits of rate on the real binary under a configuration file: versions, renewal without a
//! restart, certificates of clients, and what is refused.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedIssuer, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use crate::harness::client::Client;
use crate::harness::pebble::{VERSIONS, authority, free_port, signed};
use crate::harness::process::Process;
use crate::harness::server::ORIGIN;

/// A certifier over TLS, and who signs its certificates.
pub struct Secured {
    folder: tempfile::TempDir,
    authority: CertifiedIssuer<'static, KeyPair>,
    process: Option<Process>,
    metrics: u16,
}

impl Secured {
    /// One whose configuration has more lines behind `[tls]`; returns once it listens.
    pub fn new(more: &str) -> Self {
        let authority = authority();
        let folder = tempfile::tempdir().unwrap();
        let mut secured = Self { folder, authority, process: None, metrics: free_port() };
        secured.certify();
        fs::write(secured.path("ca.pem"), secured.authority.pem()).unwrap();
        let text = format!(
            "dir = \"data\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:{}\"\n\
             [tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n{more}",
            secured.metrics
        );
        fs::write(secured.path("tiers.toml"), text).unwrap();
        Process::init(&secured.path("data"), ORIGIN);
        secured.process = Some(Process::configured(&secured.path("tiers.toml")));
        secured
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate of the server.
    fn certify(&self) {
        let (certificate, key) = signed(&self.authority, "localhost");
        private(&self.path("key.pem"), &key);
        fs::write(self.path("cert.pem"), &certificate).unwrap();
    }

    fn address(&self) -> &str {
        self.process.as_ref().unwrap().url().strip_prefix("https://").expect("it speaks TLS")
    }

    /// All figures, as Prometheus reads them.
    pub fn figures(&self) -> String {
        let told = Client::new(&format!("http://127.0.0.1:{}", self.metrics), None).get("/metrics");
        String::from_utf8(told.ok().bytes.clone()).unwrap()
    }

    /// A figure, if it is told.
    fn figure(&self, name: &str) -> Option<i64> {
        let text = self.figures();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap())
    }

    /// The description of the API, over TLS as anybody reads it.
    pub fn description(&self) -> serde_json::Value {
        let answer = self.ask(VERSIONS, None, "/openapi.json", "").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Connects and asks; the whole answer.
    fn call(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        client: Option<(String, String)>,
        headers: &str,
    ) -> std::io::Result<String> {
        let path = if headers.contains("uthorization") { "/v1/parties" } else { "/v1/trust" };
        self.ask(versions, client, path, headers)
    }

    fn ask(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        client: Option<(String, String)>,
        path: &str,
        headers: &str,
    ) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.pem().as_bytes()).unwrap())
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let config = match client {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut stream = StreamOwned::new(connection, stream);
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        if answer.is_empty() {
            read?;
        }
        Ok(answer)
    }
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn sec_06_tls_1_2_and_1_3_with_hsts_and_nothing_in_clear() {
    let secured = Secured::new("");
    for versions in [&[&TLS12][..], &[&TLS13], &[&TLS13, &TLS12]] {
        let answer = secured.call(versions, None, "").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let lower = answer.to_lowercase();
        assert!(lower.contains("strict-transport-security: max-age=63072000\r\n"), "{answer}");
    }
    let left = secured.figure("tiers_certificate_seconds_left{from=\"files\"}").unwrap();
    // As rcgen makes them: until 4096.
    assert!(left > 1_000 * 365 * 86_400, "{left}");
    // The program itself, which trusts the authority that it is told of and no other.
    let listed = |roots: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["party", "list", "--credentials", "data.operator.json", "--from"])
            .arg(secured.process.as_ref().unwrap().url().replace("127.0.0.1", "localhost"))
            .env("SSL_CERT_FILE", secured.path(roots))
            .current_dir(secured.folder.path())
            .status()
            .unwrap()
            .success()
    };
    let other = Secured::new("");
    fs::write(secured.path("other.pem"), other.authority.pem()).unwrap();
    assert!(listed("ca.pem") && !listed("other.pem"));
    // Words in clear are not answered.
    let mut plain = TcpStream::connect(secured.address()).unwrap();
    plain.write_all(b"GET /v1/trust HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "it was answered in clear");
    // A hello of TLS 1.1 (RFC 4346) is refused with an alert, `protocol_version` (70).
    let mut old = TcpStream::connect(secured.address()).unwrap();
    let mut hello = vec![0x16, 3, 1, 0, 55, 1, 0, 0, 51, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x13, 1, 0]);
    // Signature algorithms, so that the version alone is wrong.
    hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    old.write_all(&hello).unwrap();
    let mut alert = Vec::new();
    let _ = old.read_to_end(&mut alert);
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
    assert_eq!(alert.get(5..7), Some(&[2, 70][..]), "{alert:?}");
}

#[test]
fn certificates_of_clients_are_asked_for_where_an_authority_is_named() {
    let secured = Secured::new("client_ca = \"ca.pem\"\n");
    let known = signed(&secured.authority, "client");
    let answer = secured.call(&[&TLS13], Some(known), "").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let other = Secured::new("");
    let unknown = signed(&other.authority, "client");
    for client in [None, Some(unknown)] {
        for versions in [&[&TLS12][..], &[&TLS13]] {
            assert!(secured.call(versions, client.clone(), "").is_err());
        }
    }
}

#[test]
fn wrong_keys_are_slowed_down_and_right_callers_are_not() {
    let limits = "[rates]\nfailures_burst = 3\nfailures_per_minute = 1\n\
                  address_burst = 60\naddress_per_minute = 60\n";
    let secured = Secured::new(limits);
    let status = |headers: &str| {
        let answer = secured.call(&[&TLS13], None, headers).unwrap();
        let retry = answer.to_lowercase().contains("retry-after");
        (answer.split(' ').nth(1).unwrap().to_owned(), retry)
    };
    let wrong = "authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n";
    for _ in 0..3 {
        assert_eq!(status(wrong), ("401".to_owned(), false));
    }
    assert_eq!(secured.figure("tiers_refused_total{limit=\"failures\"}"), None);
    assert_eq!(status(wrong), ("429".to_owned(), true));
    assert_eq!(secured.figure("tiers_refused_total{limit=\"failures\"}"), Some(1));
    // The public addresses stay open to the same address until that is too much as well.
    assert_eq!(status("").0, "200");
    let begun = Instant::now();
    let refused = (0..200).any(|_| status("").0 == "429");
    assert!(refused || begun.elapsed() > Duration::from_secs(100));
    assert_eq!(secured.figure("tiers_refused_total{limit=\"address\"}"), refused.then_some(1));
    assert_eq!(secured.figure("tiers_refused_total{limit=\"account\"}"), None);
}

#[test]
fn what_could_not_be_served_safely_is_refused_at_the_start() {
    let secured = Secured::new("");
    let refused = |text: &str| {
        let path = secured.path("other.toml");
        fs::write(&path, text).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tiers"))
            .args(["serve", "--json", "--config"])
            .arg(&path)
            .output()
            .unwrap();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), said["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused("listen = \"0.0.0.0:0\"\n"), (2, "cli.usage".to_owned()));
    assert_eq!(refused("metrics = \"0.0.0.0:0\"\n"), (2, "cli.usage".to_owned()));
    assert_eq!(refused("listen_on = \"x\"\n"), (1, "config.invalid".to_owned()));
    let tls = "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    fs::set_permissions(secured.path("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(refused(tls), (1, "tls.key_exposed".to_owned()));
}
