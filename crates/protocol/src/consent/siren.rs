//! SIREN: the number of a French company (INSEE), nine digits of which the last is a Luhn check. It is
//! how recipients are named, so that a label such as "our partners" names nobody.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of a company.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren(u32);

/// Not a SIREN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SIREN has nine digits, the last of which is a Luhn check digit")]
pub struct SirenError;

impl FromStr for Siren {
    type Err = SirenError;

    fn from_str(text: &str) -> Result<Self, SirenError> {
        if text.len() != 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SirenError);
        }
        let digits =
            text.bytes().rev().map(|b| u32::from(b - b'0')).zip([1, 2].into_iter().cycle());
        let sum: u32 = digits.map(|(digit, weight)| digit * weight).map(|n| n / 10 + n % 10).sum();
        if !sum.is_multiple_of(10) {
            return Err(SirenError);
        }
        text.parse().map(Self).map_err(|_| SirenError)
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

impl fmt::Debug for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Siren {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Siren {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides_and_the_text_comes_back() {
        // INSEE's own example, its neighbours, and leading zeros.
        for good in ["732829320", "005520135", "000000000"] {
            assert_eq!(good.parse::<Siren>().map(|siren| siren.to_string()), Ok(good.to_owned()));
        }
        for bad in
            ["732829321", "723829320", "73282932", "7328293200", "73282932O", "+73282932", ""]
        {
            assert_eq!(bad.parse::<Siren>(), Err(SirenError), "{bad}");
        }
    }
}
