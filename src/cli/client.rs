//! The one way from a command to a certifier: a small blocking HTTP client. Plain HTTP goes to this
//! machine only; everything else needs TLS. Problem documents (RFC 9457) become typed errors with
//! the certifier's code. Nothing here knows what a command does.

use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tiers_protocol::tlog::{SourceError, TileSource};
use tiers_protocol::wire::{ApiKey, Credentials, Problem};
use ureq::http::{HeaderValue, Method, Request, Response, Uri, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, SendBody};
use zeroize::Zeroizing;

use super::error::CliError;
use super::files;

/// A file that is longer than this is none that a certifier serves.
const ANSWER_BYTES_MAX: u64 = 32 << 20;
const CONNECT: Duration = Duration::from_secs(10);
/// A certifier closes connections that are idle for ten seconds; none is used again that late.
const IDLE: Duration = Duration::from_secs(5);
/// A new release may wait for its turn, and a large body for its last disk write.
const ANSWER: Duration = Duration::from_secs(300);

/// A body that makes no progress for so long is on a dead connection.
const STALL: Duration = Duration::from_secs(60);

/// Puts a question to a time stamp authority. Its answer is signed: plain HTTP will do, as most of them speak
/// nothing else.
///
/// # Errors
/// [`CliError::Certifier`] without an answer.
pub fn ask_authority(url: &str, question: &[u8]) -> Result<Vec<u8>, CliError> {
    let failed = || CliError::Certifier {
        code: "stamp.answer",
        message: "the authority gave no answer".to_owned(),
    };
    let agent = Agent::config_builder()
        .max_redirects(0)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(STALL))
        .build()
        .new_agent();
    let asked = agent.post(url).header(header::CONTENT_TYPE, "application/timestamp-query");
    let mut answer = asked.send(question).map_err(|_| failed())?;
    answer.body_mut().with_config().limit(1 << 20).read_to_vec().map_err(|_| failed())
}

/// Talks to one certifier as one caller.
pub struct Client {
    agent: Agent,
    base: String,
    key: Option<ApiKey>,
}

/// The authorities that `SSL_CERT_FILE` names, which many programs take in place of the public ones: a
/// certifier inside one company may have a certificate of its own authority.
pub(super) fn authorities() -> Result<Option<Vec<Certificate<'static>>>, CliError> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE") else { return Ok(None) };
    authorities_of(Path::new(&path), "file of certificates (SSL_CERT_FILE)").map(Some)
}

/// The certificates of a file.
pub(super) fn authorities_of(
    path: &Path,
    what: &'static str,
) -> Result<Vec<Certificate<'static>>, CliError> {
    let pem = files::read_document(path)?;
    let found: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() { Err(CliError::not_a(path, what)) } else { Ok(found) }
}

/// What went over the wire.
type Answer = Response<Body>;

impl Client {
    /// A caller with credentials.
    ///
    /// # Errors
    /// [`CliError::Address`], and those of reading the credentials.
    pub fn with_credentials(url: &str, path: &Path) -> Result<(Self, Credentials), CliError> {
        let credentials = files::read_credentials(path)?;
        let mut client = Self::public(url)?;
        client.key = Some(credentials.api_key.clone());
        Ok((client, credentials))
    }

    /// A caller without credentials.
    ///
    /// # Errors
    /// [`CliError::Address`].
    pub fn public(url: &str) -> Result<Self, CliError> {
        let local = is_local(url)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("tiers/", env!("CARGO_PKG_VERSION")))
            .max_idle_age(IDLE)
            .timeout_connect(Some(CONNECT))
            .timeout_per_write(Some(STALL))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(ANSWER));
        if local {
            config = config.proxy(None);
        } else {
            config = config.https_only(true);
        }
        if let Some(roots) = authorities()? {
            let tls = TlsConfig::builder().root_certs(RootCerts::from(roots));
            config = config.tls_config(tls.build());
        }
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { agent: config.build().new_agent(), base, key: None })
    }

    /// `GET` of a JSON document.
    ///
    /// # Errors
    /// [`CliError::Unreachable`], [`CliError::Refused`], [`CliError::Answer`].
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        understood(self.call(Method::GET, path, &[], SendBody::none())?)
    }

    /// `GET` of bytes that must not be reformatted.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, CliError> {
        let mut answer = self.call(Method::GET, path, &[], SendBody::none())?;
        body_bytes(&mut answer)
    }

    /// `GET` of a long body, piece by piece; how many bytes came.
    ///
    /// # Errors
    /// As [`Client::json`], and [`CliError::Unreachable`] for one that breaks off; what cannot be written
    /// is the writer's matter.
    pub fn stream(
        &self,
        path: &str,
        take: &mut dyn FnMut(&[u8]) -> Result<(), CliError>,
    ) -> Result<u64, CliError> {
        let mut answer = self.call(Method::GET, path, &[], SendBody::none())?;
        let mut reader = answer.body_mut().as_reader();
        let (mut buffer, mut length) = (vec![0; 1 << 16], 0);
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => return Ok(length),
                Ok(read) => read,
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(CliError::Unreachable("the connection was lost")),
            };
            take(&buffer[..read])?;
            length += read as u64;
        }
    }

    /// Sends a JSON document, expects one.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, CliError> {
        understood(self.send_json(Method::POST, path, body)?)
    }

    /// Sends a JSON document, expects nothing.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn tell<B: Serialize>(&self, method: Method, path: &str, body: &B) -> Result<(), CliError> {
        self.send_json(method, path, body).map(drop)
    }

    /// Sends bytes as they are, expects a JSON document.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn post_bytes<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> Result<T, CliError> {
        let headers = [("content-type", "application/json".to_owned())];
        let mut reader = bytes;
        let length = bytes.len() as u64;
        understood(self.send(Method::POST, path, &headers, &mut reader, length)?)
    }

    /// Sends a sealed document, expects a JSON document.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn post_octets<T: DeserializeOwned>(
        &self,
        path: &str,
        bytes: &[u8],
    ) -> Result<T, CliError> {
        let headers = [("content-type", "application/octet-stream".to_owned())];
        let mut reader = bytes;
        let length = bytes.len() as u64;
        understood(self.send(Method::POST, path, &headers, &mut reader, length)?)
    }

    /// Streams `length` bytes with headers of the caller's choice, expects a JSON document.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub fn put_stream<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(&str, String)],
        reader: &mut dyn Read,
        length: u64,
    ) -> Result<T, CliError> {
        understood(self.send(Method::PUT, path, headers, reader, length)?)
    }

    fn send_json<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<Answer, CliError> {
        let bytes = serde_json::to_vec(body).expect("requests are plain documents");
        let headers = [("content-type", "application/json".to_owned())];
        let length = bytes.len() as u64;
        self.send(method, path, &headers, &mut bytes.as_slice(), length)
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        reader: &mut dyn Read,
        length: u64,
    ) -> Result<Answer, CliError> {
        let mut all = vec![("content-length", length.to_string())];
        all.extend_from_slice(headers);
        self.call(method, path, &all, SendBody::from_reader(reader))
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: SendBody<'_>,
    ) -> Result<Answer, CliError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, bearer(key)?);
        }
        let request = request
            .body(body)
            .map_err(|_| CliError::Address("it holds characters that no address has"))?;
        let mut answer = self.agent.run(request).map_err(|cause| unreachable(&cause))?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(&mut answer)) }
    }
}

/// The header that holds the key, marked so that no log of headers shows it.
fn bearer(key: &ApiKey) -> Result<HeaderValue, CliError> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| CliError::Usage("the credentials file holds no API key"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The files of a ledger over HTTP.
impl TileSource for Client {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.bytes(&format!("/ledger/{path}")).map_err(|error| match error {
            CliError::Refused(problem) if problem.status == 404 => SourceError::NotFound,
            CliError::Answer(404) => SourceError::NotFound,
            _ => SourceError::Unavailable,
        })
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        Ok(None)
    }
}

/// Whether an address is this machine; refuses plain HTTP to anywhere else.
pub(super) fn is_local(url: &str) -> Result<bool, CliError> {
    let uri: Uri = url.parse().map_err(|_| CliError::Address("it cannot be read"))?;
    let host = uri.host().ok_or(CliError::Address("it names no host"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let local = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(local),
        Some("http") if local => Ok(true),
        Some("http") => Err(CliError::Address("plain http:// leaves this machine")),
        _ => Err(CliError::Address("it begins neither with https:// nor with http://")),
    }
}

const NOT_ACCEPTED: &str =
    "its TLS certificate is not accepted (SSL_CERT_FILE names the authorities of a company's own)";

fn unreachable(cause: &ureq::Error) -> CliError {
    CliError::Unreachable(match cause {
        ureq::Error::HostNotFound => "its name is not known",
        ureq::Error::ConnectionFailed => "it does not accept connections",
        ureq::Error::Timeout(_) => "it did not answer in time",
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
            "it does not accept connections"
        }
        // So the TLS library wraps what it says of a certificate.
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData => NOT_ACCEPTED,
        ureq::Error::Io(_) | ureq::Error::BodyStalled => "the connection was lost",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => NOT_ACCEPTED,
        _ => "the exchange failed",
    })
}

fn body_bytes(answer: &mut Answer) -> Result<Vec<u8>, CliError> {
    let reader = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    reader.read_to_vec().map_err(|cause| unreachable(&cause))
}

fn understood<T: DeserializeOwned>(mut answer: Answer) -> Result<T, CliError> {
    let status = answer.status().as_u16();
    let bytes = body_bytes(&mut answer)?;
    serde_json::from_slice(&bytes).map_err(|_| CliError::Answer(status))
}

fn refusal(answer: &mut Answer) -> CliError {
    let status = answer.status().as_u16();
    let problem =
        body_bytes(answer).ok().and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    problem.map_or(CliError::Answer(status), |problem| CliError::Refused(Box::new(problem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for local in
            ["http://127.0.0.1:80", "http://localhost", "http://[::1]:1/", "http://127.8.8.8"]
        {
            assert!(is_local(local).expect("allowed"), "{local}");
        }
        assert!(!is_local("https://certifier.example").expect("allowed"));
        for refused in [
            "http://certifier.example",
            "http://127.0.0.1.certifier.example",
            "http://localhost.certifier.example",
            "http://192.168.0.1",
            "http://[::2]/",
            "http://127.0.0.1@certifier.example/",
            "ftp://localhost",
            "127.0.0.1:80",
            "",
        ] {
            assert!(matches!(is_local(refused), Err(CliError::Address(_))), "{refused}");
        }
    }
}
