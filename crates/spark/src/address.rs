//! Where a Spark Connect server is, and that nothing goes there in clear: the key of an export does.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::ClusterError;

/// The port of a server that does not say its own.
const PORT: u16 = 15_002;

/// How long a machine may take to take up a connection. The client by itself tries for minutes.
const PATIENCE: Duration = Duration::from_secs(10);

/// An address with what belongs to it, a token perhaps: opaque, and wiped when it goes.
pub(crate) struct Address {
    text: Zeroizing<String>,
    host: String,
    port: u16,
}

impl Address {
    /// `sc://HOST[:PORT][/;NAME=VALUE..]`, with `use_ssl=true` unless the host is this machine.
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        let rest = text.strip_prefix("sc://").ok_or(ClusterError::BadAddress)?;
        let (authority, settings) = rest.split_once('/').unwrap_or((rest, ""));
        let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(PORT), str::parse).map_err(|_| ClusterError::BadAddress)?;
        let here = matches!(host, "localhost" | "127.0.0.1" | "::1");
        let sealed = settings.split(';').any(|setting| setting == "use_ssl=true");
        if host.is_empty() || !(here || sealed) {
            return Err(ClusterError::BadAddress);
        }
        Ok(Self { text: Zeroizing::new(text.to_owned()), host: host.to_owned(), port })
    }

    /// As it was written, for the client.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether anything listens there.
    pub fn reach(&self) -> Result<(), ClusterError> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let mut found = found.map_err(|_| ClusterError::Unreachable)?;
        let taken = found.any(|at| TcpStream::connect_timeout(&at, PATIENCE).is_ok());
        if taken { Ok(()) } else { Err(ClusterError::Unreachable) }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_to_another_machine_in_clear() {
        for (text, host, port) in [
            ("sc://localhost", "localhost", 15_002),
            ("sc://127.0.0.1:7/;token=t", "127.0.0.1", 7),
            ("sc://[::1]:7", "::1", 7),
            ("sc://spark.example:443/;use_ssl=true;token=t", "spark.example", 443),
            ("sc://spark.example/;token=t;use_ssl=true", "spark.example", 15_002),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port));
            assert_eq!(address.as_str(), text);
        }
        for text in [
            "",
            "spark.example",
            "http://localhost",
            "sc://",
            "sc://:15002",
            "sc://spark.example",
            "sc://spark.example/;token=t",
            "sc://spark.example/;use_ssl=false",
            "sc://localhost:no",
            "sc://localhost:70000",
            "sc://localhost.example",
        ] {
            assert_eq!(Address::parse(text).err(), Some(ClusterError::BadAddress), "{text}");
        }
    }
}
