//! From when until when a certificate is valid, read by a walk through the first elements of its DER
//! (RFC 5280, section 4.1). Not a parser of certificates: whether one is to be believed, rustls decides.

use super::certificates;

/// From when until when a certificate is valid, in seconds of Unix time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its first second.
    pub from: i64,
    /// Its last second.
    pub until: i64,
}

/// The validity of the first certificate of a PEM file; `None` for what cannot be read.
#[must_use]
pub fn validity(pem: &[u8]) -> Option<Validity> {
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
    let (_, end) = element(validity, 0x17).or_else(|| element(validity, 0x18))?;
    Some(Validity { from: time(validity)?, until: time(end)? })
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

    #[test]
    fn begin_and_end_of_a_certificate_are_read() {
        for (year, seconds) in [(2031, 1_924_992_000), (2093, 3_881_606_400)] {
            let mut wanted = rcgen::CertificateParams::new(vec!["a".into()]).expect("made");
            wanted.not_before = rcgen::date_time_ymd(2024, 2, 29);
            wanted.not_after = rcgen::date_time_ymd(year, 1, 1);
            let key = rcgen::KeyPair::generate().expect("made");
            let pem = wanted.self_signed(&key).expect("signed").pem();
            let read = Validity { from: 1_709_164_800, until: seconds };
            assert_eq!(validity(pem.as_bytes()), Some(read), "{year}");
        }
        assert_eq!(validity(b""), None);
        // Cut anywhere, it is no certificate, and nothing panics.
        let der = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(element(&der, 0x30), None);
    }
}
