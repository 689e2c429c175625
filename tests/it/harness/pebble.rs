//! A real ACME authority, Debian's `pebble`, and a client that looks at the certificates of a server.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

/// Both versions that are spoken.
pub const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// A port that is free now, below those that the system gives to whoever calls out: another test may make hundreds of
/// connections before it is bound.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 5_000).unwrap();
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Where `localhost` leads, whichever protocol the machine prefers for it.
pub fn everywhere(port: u16) -> SocketAddr {
    let six = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    match TcpListener::bind(six) {
        Ok(_) => six,
        Err(_) => SocketAddr::from(([0, 0, 0, 0], port)),
    }
}

/// An authority for tests.
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut wanted = CertificateParams::new(Vec::new()).unwrap();
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(wanted, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `name` and its key, as PEM.
pub fn signed(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (wanted.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

/// `pebble`, which gives certificates to whoever answers on one port of this machine.
pub struct Pebble {
    child: Option<Child>,
    folder: PathBuf,
    ports: [u16; 2],
}

impl Pebble {
    /// Starts it: its proofs are looked for on `proven`, its certificates end after so many seconds.
    pub fn start(folder: &Path, proven: u16, seconds: u32) -> Self {
        fs::create_dir_all(folder).unwrap();
        let own = authority();
        let (certificate, key) = signed(&own, "localhost");
        for (name, text) in [("ca.pem", own.pem()), ("cert.pem", certificate), ("key.pem", key)] {
            fs::write(folder.join(name), text).unwrap();
        }
        let ports = [free_port(), free_port()];
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", ports[0]),
            "managementListenAddress": format!("127.0.0.1:{}", ports[1]),
            "certificate": folder.join("cert.pem"), "privateKey": folder.join("key.pem"),
            "httpPort": free_port(), "tlsPort": proven,
            "externalAccountBindingRequired": false, "certificateValidityPeriod": seconds,
        }});
        fs::write(folder.join("pebble.json"), config.to_string()).unwrap();
        let mut pebble = Self { child: None, folder: folder.to_owned(), ports };
        pebble.again();
        pebble
    }

    /// Starts it once more under the same addresses; it has forgotten everything.
    pub fn again(&mut self) {
        self.stop();
        let log = fs::File::create(self.folder.join("pebble.log")).unwrap();
        let child = Command::new("pebble")
            .arg("-config")
            .arg(self.folder.join("pebble.json"))
            // Validations wait up to fifteen seconds otherwise, and half of them are left out.
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_AUTHZREUSE", "0")
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log))
            .spawn();
        self.child = Some(child.expect("Debian's package `pebble`, which tests/run installs"));
        let begun = Instant::now();
        while self.ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Address of its directory.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.ports[0])
    }

    /// Who signs the certificate of that address.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The root of the certificates that it gives since it started.
    pub fn root(&self) -> String {
        let own = fs::read_to_string(self.ca()).unwrap();
        let address = format!("127.0.0.1:{}", self.ports[1]);
        let answer = Looker::new(&own).get(&address, "/roots/0").unwrap().0;
        answer[answer.find("-----BEGIN").expect("a certificate")..].to_owned()
    }

    /// What it has written.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("pebble.log")).unwrap()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A client of `localhost` that believes one authority.
pub struct Looker {
    roots: RootCertStore,
    client: Option<(String, String)>,
}

impl Looker {
    /// Which one.
    pub fn new(root: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
        Self { roots, client: None }
    }

    /// The same, with a certificate of its own.
    pub fn with(self, client: (String, String)) -> Self {
        Self { client: Some(client), ..self }
    }

    /// The whole answer, and the certificate that was shown.
    pub fn get(&self, address: &str, path: &str) -> io::Result<(String, Vec<u8>)> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(VERSIONS)
            .unwrap()
            .with_root_certificates(self.roots.clone());
        let config = match &self.client {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut stream = StreamOwned::new(connection, stream);
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        if answer.is_empty() {
            read?;
        }
        let shown = stream.conn.peer_certificates().and_then(|chain| chain.first());
        let shown = shown.ok_or(io::ErrorKind::NotConnected)?.to_vec();
        if answer.is_empty() {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok((answer, shown))
        }
    }
}
