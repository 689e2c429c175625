//! Calls webhooks over HTTPS: addresses that may not be called are left out when the name is looked up, and the
//! connection goes to what was looked up then, so that a name cannot lead elsewhere a moment later. No redirect is
//! followed, no proxy asked, no cookie kept, and of the answer nothing is read but its status. What is sent and what
//! an answer means is the certifier's.

use std::io;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{StatusCode, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::client::authorities;
use super::error::CliError;
use crate::service::webhook::{CallWebhook, HookAnswer, HookCall, HookFailure, Reach};

/// A receiver that takes longer is called again later: it should answer first and work then.
const TIME: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(5);

/// The head of an answer; of the body nothing is read.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Calls webhooks over HTTPS.
pub struct HttpWebhooks {
    agent: Agent,
}

impl HttpWebhooks {
    /// Within this reach; certificates are those of the public authorities, or of those that `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// [`CliError`] of reading that file.
    pub fn new(reach: Reach) -> Result<Self, CliError> {
        Ok(Self::with(reach, authorities()?, TIME))
    }

    /// Within this reach and time, trusting these authorities; the public ones, if none is given.
    #[must_use]
    pub fn with(reach: Reach, roots: Option<Vec<Certificate<'static>>>, time: Duration) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .max_idle_connections(0)
            .max_response_header_size(HEAD_BYTES_MAX)
            .user_agent(concat!("tiers-webhook/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(time));
        if let Some(roots) = roots {
            let tls = TlsConfig::builder().root_certs(RootCerts::from(roots));
            config = config.tls_config(tls.build());
        }
        let guard = Guard { reach, names: DefaultResolver::default() };
        Self { agent: Agent::with_parts(config.build(), DefaultConnector::default(), guard) }
    }
}

impl CallWebhook for HttpWebhooks {
    fn call(&self, call: &HookCall<'_>) -> HookAnswer {
        let mut request = self.agent.post(call.url).content_type("application/json");
        for (name, value) in call.headers {
            request = request.header(*name, value);
        }
        match request.send(call.body) {
            Ok(answer) => {
                let after = answer.headers().get(header::RETRY_AFTER);
                let retry_after = after.and_then(|value| value.to_str().ok()?.parse().ok());
                HookAnswer::Status { status: answer.status().as_u16(), retry_after }
            }
            Err(Error::TooManyRedirects | Error::RedirectFailed) => {
                HookAnswer::Status { status: StatusCode::FOUND.as_u16(), retry_after: None }
            }
            Err(error) => HookAnswer::Failed(failure(&error)),
        }
    }
}

fn failure(error: &Error) -> HookFailure {
    match error {
        Error::HostNotFound => HookFailure::Name,
        Error::Timeout(_) => HookFailure::Timeout,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => HookFailure::Tls,
        Error::Io(io) => match io.kind() {
            // So the resolver below says it.
            io::ErrorKind::PermissionDenied => HookFailure::Address,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => HookFailure::Timeout,
            // So the TLS library wraps what it says of a certificate.
            io::ErrorKind::InvalidData => HookFailure::Tls,
            _ => HookFailure::Connection,
        },
        Error::ConnectionFailed | Error::BodyStalled => HookFailure::Connection,
        _ => HookFailure::Answer,
    }
}

/// Looks names up and leaves out what may not be called.
#[derive(Debug)]
struct Guard {
    reach: Reach,
    names: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let clear = uri.scheme_str() != Some("https");
        let found = self.names.resolve(uri, config, timeout).map_err(|error| match error {
            // The system's resolver says it so that a name is not known.
            Error::Io(_) => Error::HostNotFound,
            other => other,
        })?;
        let mut permitted = self.empty();
        for address in found.iter().filter(|one| self.reach.permits(one.ip(), clear)) {
            permitted.push(*address);
        }
        if permitted.is_empty() {
            return Err(Error::Io(io::ErrorKind::PermissionDenied.into()));
        }
        Ok(permitted)
    }
}
