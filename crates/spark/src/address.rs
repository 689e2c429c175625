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
    ///
    /// The client parses the text once more, as Python's library does: what the two could read differently is refused.
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        let rest = text.strip_prefix("sc://").ok_or(ClusterError::BadAddress)?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#%\\@".contains(&byte)) {
            return Err(ClusterError::BadAddress);
        }
        let (authority, settings) = rest.split_once('/').unwrap_or((rest, ""));
        let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, "")) => (host, None),
            Some((host, port)) => {
                (host, Some(port.strip_prefix(':').ok_or(ClusterError::BadAddress)?))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(PORT), str::parse).map_err(|_| ClusterError::BadAddress)?;
        let sealed = sealed(settings)?;
        let here = matches!(host, "localhost" | "127.0.0.1" | "::1");
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
        if host.is_empty() || !plain || !(here || sealed) {
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

/// Whether the settings of an address ask for TLS: nothing, or `;NAME=VALUE` with the two names that are known, each
/// once and with a value.
fn sealed(settings: &str) -> Result<bool, ClusterError> {
    let (mut tls, mut token) = (None, None);
    let listed = match settings {
        "" => None,
        some => Some(some.strip_prefix(';').ok_or(ClusterError::BadAddress)?),
    };
    for setting in listed.into_iter().flat_map(|listed| listed.split(';')) {
        let (name, value) = setting.split_once('=').ok_or(ClusterError::BadAddress)?;
        let known = match name {
            "use_ssl" if matches!(value, "true" | "false") => &mut tls,
            "token" => &mut token,
            _ => return Err(ClusterError::BadAddress),
        };
        if value.is_empty() || value.contains(['=', '/']) || known.replace(value).is_some() {
            return Err(ClusterError::BadAddress);
        }
    }
    Ok(tls == Some("true"))
}

#[cfg(test)]
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
            "sc://[::1]x:7",
            "sc://[::1]7",
            "sc://a@localhost",
            "sc://localhost?/;use_ssl=true",
            "sc://spark.example#/;use_ssl=true",
            "sc://spark.example/;use_ssl=true;use_ssl=false",
            "sc://spark.example/;use_ssl=false;use_ssl=true",
            "sc://spark.example/;use_ssl=true;token=a;token=b",
            "sc://spark.example/?;use_ssl=true",
            "sc://spark.example/#;use_ssl=true",
            "sc://spark.example/;token=a#;use_ssl=true",
            "sc://spark.example/;use_ssl=true;user_id=a",
            "sc://spark.example/use_ssl=true",
            "sc://spark.example/a;use_ssl=true",
            "sc://spark.example/;use_ssl=true;",
            "sc://spark.example/;use_ssl=true;token=",
            "sc://spark.example/;use_ssl=true;token=a=b",
            "sc://spark.example/;use_ssl=true;token=a/;use_ssl",
            "sc://spark.example/;use_ssl=true;token=%61",
            "sc://spark.example/;use_ssl=%74rue",
            "sc://spark.example/;use_ssl=True",
        ] {
            assert_eq!(Address::parse(text).err(), Some(ClusterError::BadAddress), "{text}");
        }
    }
}
