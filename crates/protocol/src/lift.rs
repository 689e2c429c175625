//! Lifts: experiments in which chance says which leads are treated, as the API takes and tells them.
//!
//! The certifier binds itself to a seed, the principal's leads are frozen, and a round of a public beacon that was
//! named before anybody could know it decides together with the seed. Specified in `docs/statistics.md`,
//! "Lift".

use serde::{Deserialize, Serialize};

use crate::encoding::{Bytes, sha256};
use crate::ids::{DepositId, LiftId, ProgrammeId};

/// A public beacon whose rounds come at known times (<https://docs.drand.love>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BeaconSource {
    /// The unchained network of the League of Entropy, every three seconds: chain
    /// `52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971`.
    DrandQuicknet,
    /// Its older, chained network, every thirty seconds: chain
    /// `8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce`.
    DrandDefault,
}

impl BeaconSource {
    /// Every source.
    pub const ALL: [Self; 2] = [Self::DrandQuicknet, Self::DrandDefault];

    /// Its name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DrandQuicknet => "drand-quicknet",
            Self::DrandDefault => "drand-default",
        }
    }

    /// The source with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    /// The moment of the first round, in seconds since 1970, and the seconds from one to the next.
    const fn times(self) -> (i64, i64) {
        match self {
            Self::DrandQuicknet => (1_692_803_367, 3),
            Self::DrandDefault => (1_595_431_050, 30),
        }
    }

    /// Bytes of a signature.
    const fn signature_bytes(self) -> usize {
        match self {
            Self::DrandQuicknet => 48,
            Self::DrandDefault => 96,
        }
    }

    /// The moment of a round, in seconds since 1970; rounds are counted from 1.
    #[must_use]
    pub fn time_of(self, round: u64) -> Option<i64> {
        let (first, period) = self.times();
        let before = i64::try_from(round.checked_sub(1)?).ok()?;
        before.checked_mul(period)?.checked_add(first)
    }

    /// The first round at a moment, in seconds since 1970, or after it.
    #[must_use]
    pub fn round_from(self, seconds: i64) -> u64 {
        let (first, period) = self.times();
        let since = u64::try_from(seconds.saturating_sub(first)).unwrap_or(0);
        since.div_ceil(period.unsigned_abs()).saturating_add(1)
    }
}

/// `POST /v1/programmes/{programme}/lifts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLift {
    /// How many of a thousand persons are treated: 1 to 999.
    pub treated_permille: u16,
}

/// `POST /v1/lifts/{lift}/freezing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeLeads {
    /// The beacon that decides; the certifier names the round.
    pub source: BeaconSource,
}

/// `POST /v1/lifts/{lift}/beacon`: a round as drand tells it (`/public/{round}`), with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BeaconRound {
    /// Where it comes from.
    pub source: BeaconSource,
    /// Its number.
    pub round: u64,
    /// SHA-256 of the signature, in hexadecimal.
    pub randomness: String,
    /// The beacon's signature, in hexadecimal.
    pub signature: String,
}

impl BeaconRound {
    /// The randomness, if the round is well formed: a signature of the source's length, and its digest. Whether
    /// the beacon has signed it, everybody can look up who has the network.
    #[must_use]
    pub fn value(&self) -> Option<Bytes<32>> {
        let signature = hex(&self.signature)?;
        let value = sha256(&signature);
        let told = hex(&self.randomness)?;
        let whole = signature.len() == self.source.signature_bytes();
        (whole && told == value.as_bytes()).then_some(value)
    }
}

/// Lower-case or upper-case hexadecimal.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// How far a lift is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LiftState {
    /// The certifier has bound itself to a seed.
    Committed,
    /// The leads are frozen, and the round of the beacon is named.
    Frozen,
    /// The draw is done: everybody has an arm.
    Drawn,
}

/// The leads of a lift, once they are frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrozenLeads {
    /// Root of the set of rows, as a question names it.
    pub leads_root: Bytes<32>,
    /// Rows of the set.
    pub rows: u64,
    /// The deposits.
    pub deposits: Vec<DepositId>,
    /// The beacon that decides.
    pub source: BeaconSource,
    /// The round that decides: it did not exist yet.
    pub round: u64,
    /// When that round comes (RFC 3339, UTC).
    pub round_at: String,
    /// When the leads were frozen (RFC 3339, UTC).
    pub at: String,
}

/// The draw of a lift, once it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiftDrawn {
    /// The randomness of the round.
    pub randomness: Bytes<32>,
    /// The certifier's seed, opened: its commitment was told before the leads were frozen.
    pub seed: Bytes<32>,
    /// Persons who are treated.
    pub treated: u64,
    /// Persons of the control group.
    pub control: u64,
    /// When (RFC 3339, UTC).
    pub at: String,
}

/// A lift as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiftInfo {
    /// Its id.
    pub lift: LiftId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Which one of the programme it is, from 1: who draws again and again is seen to.
    pub number: u64,
    /// How far it is.
    pub state: LiftState,
    /// How many of a thousand persons are treated.
    pub treated_permille: u16,
    /// `SHA-256(label + seed)`.
    pub seed_commitment: Bytes<32>,
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// Its leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<FrozenLeads>,
    /// Its draw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<LiftDrawn>,
}

/// What a question about a lift names of it, and a certificate with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedLift {
    /// The lift.
    pub lift: LiftId,
    /// Which one of the programme it is, from 1.
    pub number: u64,
    /// How many of a thousand persons are treated.
    pub treated_permille: u16,
    /// What the certifier was bound to before the leads were frozen.
    pub seed_commitment: Bytes<32>,
    /// Root of the set of leads that was frozen; another root in the question tells that rows were erased since.
    pub frozen_root: Bytes<32>,
    /// The beacon.
    pub source: BeaconSource,
    /// Its round.
    pub round: u64,
    /// The randomness of that round.
    pub randomness: Bytes<32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_come_at_known_times() {
        for source in BeaconSource::ALL {
            let (first, period) = source.times();
            assert_eq!((source.time_of(1), source.time_of(0)), (Some(first), None));
            assert_eq!(source.time_of(u64::MAX), None);
            assert_eq!(source.round_from(0), 1);
            for seconds in [first, first + 1, first + period, first + 100 * period + 1] {
                let round = source.round_from(seconds);
                let at = source.time_of(round).expect("a moment");
                assert!((seconds..seconds + period).contains(&at));
            }
            assert_eq!(BeaconSource::named(source.as_str()), Some(source));
            let text = serde_json::to_string(&source).expect("a word");
            assert_eq!(text, format!("\"{}\"", source.as_str()));
        }
        assert_eq!(BeaconSource::named("dice"), None);
    }

    #[test]
    fn a_round_is_a_signature_and_its_digest() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        for (source, length) in
            [(BeaconSource::DrandQuicknet, 48), (BeaconSource::DrandDefault, 96)]
        {
            let signature = vec![0xa5; length];
            let value = sha256(&signature);
            let good = BeaconRound {
                source,
                round: 7,
                randomness: hex(value.as_bytes()),
                signature: hex(&signature),
            };
            assert_eq!(good.value(), Some(value));
            let upper = BeaconRound { randomness: good.randomness.to_uppercase(), ..good.clone() };
            assert_eq!(upper.value(), Some(value));
            for wrong in [
                BeaconRound { randomness: hex(&[0; 32]), ..good.clone() },
                BeaconRound { randomness: String::new(), ..good.clone() },
                BeaconRound { signature: hex(&signature[1..]), ..good.clone() },
                BeaconRound { signature: format!("{}0", good.signature), ..good.clone() },
                BeaconRound { signature: good.signature.replace('a', "g"), ..good.clone() },
                // Another length, digest and all.
                BeaconRound {
                    signature: hex(&[1; 32]),
                    randomness: hex(sha256(&[1; 32]).as_bytes()),
                    ..good.clone()
                },
            ] {
                assert_eq!(wrong.value(), None);
            }
        }
    }
}
