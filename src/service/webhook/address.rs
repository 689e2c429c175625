//! Where a webhook may lead: never into the certifier's own network, unless its operator says so. The text is checked
//! when a webhook is added; the addresses that its name leads to are checked each time before one of them is called,
//! because a name may lead elsewhere by then.

use core::fmt;
use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits;
use crate::service::Refusal;

/// Addresses with the same first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as 10.20.0.0/16 or fd00::/8")]
pub struct NetworkError;

/// An address as a number, its family's width, IPv4 inside IPv6 as IPv4.
fn number(address: IpAddr) -> (u128, u32) {
    match address.to_canonical() {
        IpAddr::V4(four) => (u128::from(four.to_bits()), 32),
        IpAddr::V6(six) => (six.to_bits(), 128),
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let ((own, width), (other, of)) = (number(self.first), number(address));
        let shift = width - u32::from(self.bits);
        // Shifting by the whole width would be no shift at all.
        width == of && own.checked_shr(shift) == other.checked_shr(shift)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = text.split_once('/').ok_or(NetworkError)?;
        let first: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let bits: u8 = bits.parse().map_err(|_| NetworkError)?;
        let (value, width) = number(first);
        // What stands behind the bits of the network would be a mistake that widens it.
        let rest = width.checked_sub(u32::from(bits)).ok_or(NetworkError)?;
        let whole = rest == 128 || value.trailing_zeros() >= rest || value == 0;
        if whole { Ok(Self { first, bits }) } else { Err(NetworkError) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which addresses may be called: public ones, and those of the networks that the operator names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    allowed: Vec<Network>,
}

impl Reach {
    /// Public addresses and these networks.
    #[must_use]
    pub const fn with(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    /// Whether an address may be called; in clear only on this machine, where nobody listens on the way.
    #[must_use]
    pub fn permits(&self, address: IpAddr, clear: bool) -> bool {
        let address = address.to_canonical();
        if clear && !address.is_loopback() {
            return false;
        }
        is_public(address) || self.allowed.iter().any(|network| network.holds(address))
    }

    /// Whether the text of an address may be that of a webhook.
    ///
    /// # Errors
    /// [`Refusal::BadWebhookUrl`], [`Refusal::WebhookAddress`].
    pub fn check(&self, url: &str) -> Result<(), Refusal> {
        let (clear, host) = host_of(url).ok_or(Refusal::BadWebhookUrl)?;
        let known = match host {
            Host::Address(address) => Some(address),
            Host::Name("localhost") => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            Host::Name(_) => None,
        };
        match known {
            Some(address) if self.permits(address, false) && clear && !address.is_loopback() => {
                Err(Refusal::BadWebhookUrl)
            }
            Some(address) if self.permits(address, clear) => Ok(()),
            Some(_) => Err(Refusal::WebhookAddress),
            None if clear => Err(Refusal::BadWebhookUrl),
            None => Ok(()),
        }
    }
}

enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

/// Whether an address is in clear, and its host; nothing where it is not one that this program calls: no user, no
/// fragment, no port of another service.
fn host_of(url: &str) -> Option<(bool, Host<'_>)> {
    if url.len() > limits::WEBHOOK_URL_CHARS || !url.bytes().all(is_plain) {
        return None;
    }
    let (clear, rest) = match url.strip_prefix("https://") {
        Some(rest) => (false, rest),
        None => (true, url.strip_prefix("http://")?),
    };
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(six) => {
            let (six, port) = six.split_once(']')?;
            let address: Ipv6Addr = six.parse().ok()?;
            (Host::Address(IpAddr::V6(address)), port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            (named(&authority[..end])?, &authority[end..])
        }
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => 443,
        None => return None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (port == 443 || port >= 1_024_u16).then_some((clear, host))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
}

/// A name, or an IPv4 address in its usual form: in another form it would be a name that is an address.
fn named(host: &str) -> Option<Host<'_>> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(letters) && !label.starts_with('-')
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return None;
    }
    let last = host.rsplit('.').next()?;
    if last.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return host.parse().ok().map(|four: Ipv4Addr| Host::Address(IpAddr::V4(four)));
    }
    Some(Host::Name(host))
}

/// Whether an address is one of the public internet (IANA special-purpose registries, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => is_public_four(four),
        IpAddr::V6(six) => {
            let words = six.segments();
            match words[..2] {
                // What a translator (RFC 6052) makes of IPv4.
                [0x64, 0xff9b] if words[2..6] == [0; 4] => {
                    let [.., high, low] = words;
                    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                    is_public_four(Ipv4Addr::new(a, b, c, d))
                }
                [0x2001, second] => second >= 0x200 && second != 0xdb8,
                [0x2002, _] => false,
                [0x3fff, second] => second >= 0x1000,
                [first, _] => first >> 13 == 1,
                _ => false,
            }
        }
    }
}

fn is_public_four(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(allowed: &[&str]) -> Reach {
        Reach::with(allowed.iter().map(|text| text.parse().expect(text)).collect())
    }

    #[test]
    fn only_public_addresses_are_called_unless_the_operator_names_others() {
        let private = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.7",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ];
        let open = reach(&["0.0.0.0/0", "::/0"]);
        for text in private {
            let address = text.parse().expect(text);
            assert!(!Reach::default().permits(address, false), "{text}");
            assert!(open.permits(address, false), "{text}");
        }
        let public = ["9.9.9.9", "172.32.0.1", "192.167.0.1", "2001:4860::1", "2a01:e0a::1"];
        for text in public.into_iter().chain(["::ffff:9.9.9.9", "64:ff9b::909:909"]) {
            let address = text.parse().expect(text);
            assert!(Reach::default().permits(address, false), "{text}");
            assert!(!open.permits(address, true), "{text} in clear");
        }
        let mine = reach(&["10.20.0.0/16", "fd00::/8", "192.168.7.9/32"]);
        for (text, permitted) in [
            ("10.20.255.1", true),
            ("10.21.0.1", false),
            ("192.168.7.9", true),
            ("192.168.7.8", false),
            ("::ffff:10.20.0.1", true),
            ("fd12::1", true),
            ("fc00::1", false),
            ("169.254.169.254", false),
        ] {
            assert_eq!(mine.permits(text.parse().expect(text), false), permitted, "{text}");
        }
    }

    #[test]
    fn a_network_is_written_one_way() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fd00::/8", "127.0.0.1/32", "::1/128"] {
            assert_eq!(text.parse::<Network>().expect(text).to_string(), text);
        }
        for text in ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "fd00::1/8", "::/129", "a/8", ""] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_address_is_refused_before_anybody_looks_it_up() {
        let own = reach(&["127.0.0.0/8"]);
        for url in [
            "https://hooks.example",
            "https://hooks.example/a?b=c&d=%20",
            "https://hooks.example:8443/x",
            "https://9.9.9.9/",
            "https://[2a01:e0a::1]:4433/",
            "https://xn--hks-xna.example/",
        ] {
            assert_eq!(Reach::default().check(url), Ok(()), "{url}");
        }
        for url in ["http://127.0.0.1:9000/", "http://localhost:9000/x", "https://127.8.8.8/"] {
            assert_eq!(Reach::default().check(url), Err(Refusal::WebhookAddress), "{url}");
            assert_eq!(own.check(url), Ok(()), "{url}");
        }
        for url in ["https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"] {
            assert_eq!(own.check(url), Err(Refusal::WebhookAddress), "{url}");
        }
        let long = format!("https://hooks.example/{}", "a".repeat(500));
        for url in [
            "",
            "hooks.example",
            "ftp://hooks.example",
            "HTTPS://hooks.example",
            "http://hooks.example",
            "http://9.9.9.9/",
            "https://",
            "https:///x",
            "https://user@hooks.example",
            "https://user:secret@hooks.example",
            "https://hooks.example#part",
            "https://hooks.example:22/",
            "https://hooks.example:0/",
            "https://hooks.example:70000/",
            "https://hooks.example:+443/",
            "https://hooks .example",
            "https://hooks.example\\@10.0.0.1",
            "https://hook%73.example",
            "https://höks.example",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0177.0.0.1/",
            "https://[::1",
            "https://[::1]x/",
            "https://a..b/",
            &long,
        ] {
            assert_eq!(own.check(url), Err(Refusal::BadWebhookUrl), "{url}");
        }
    }
}
