//! The way to an authority of certificates: HTTPS only, no redirect, and an answer of a bounded length. What is asked
//! and what an answer means is the edge's (`api::acme`).

use std::io;
use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};

use super::client::{authorities, authorities_of};
use super::error::CliError;
use crate::api::AskAuthority;

const CONNECT: Duration = Duration::from_secs(10);
const TIME: Duration = Duration::from_secs(60);

/// A chain of certificates is a few thousand bytes.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Asks over HTTPS.
pub(super) struct HttpAuthority {
    agent: Agent,
}

impl HttpAuthority {
    /// Believing who `roots` names, or `SSL_CERT_FILE`, or the public authorities.
    ///
    /// # Errors
    /// [`CliError`] of reading those files.
    pub(super) fn new(roots: Option<&Path>) -> Result<Self, CliError> {
        let roots = match roots {
            Some(path) => Some(authorities_of(path, "file of certificates (directory_ca)")?),
            None => authorities()?,
        };
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(true)
            .max_redirects(0)
            .user_agent(concat!("tiers/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(TIME));
        if let Some(roots) = roots {
            let tls = TlsConfig::builder().root_certs(RootCerts::from(roots));
            config = config.tls_config(tls.build());
        }
        Ok(Self { agent: config.build().new_agent() })
    }
}

impl AskAuthority for HttpAuthority {
    fn ask(&self, question: Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> {
        let (parts, body) = question.into_parts();
        let answer = if body.is_empty() {
            self.agent.run(Request::from_parts(parts, ()))
        } else {
            self.agent.run(Request::from_parts(parts, body))
        };
        let (parts, mut body) = answer.map_err(ureq::Error::into_io)?.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        Ok(Response::from_parts(parts, bytes.map_err(ureq::Error::into_io)?))
    }
}
