//! One entry of the ledger: what was done, when, by whom and to what, by random ids and a salted
//! commitment only.
//!
//! An entry never holds a contact, a token or a count; the detail stays in an erasable table of the
//! certifier, and only its commitment stands here. Specified by `docs/formats/ledger-entry.md`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::act::{ActTime, EntryType, OpaqueId};

/// The longest entry, in bytes: an entry bundle gives each entry a 16-bit length
/// (<https://c2sp.org/tlog-tiles>).
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The largest amount of a debit, in nano-rho: every JSON reader carries integers up to 2^53 - 1
/// exactly (RFC 8785, section 3.2.2.3).
pub const NRHO_MAX: u64 = (1 << 53) - 1;

/// The version that this build writes and the only one it reads.
const VERSION: u32 = 1;

/// What a `ledger.debit` says in clear, so that accounts can be rebuilt from the ledger alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    account: OpaqueId,
    cost_nrho: u64,
    spent_nrho: u64,
}

impl Debit {
    /// A debit of `cost_nrho`, after which the account has spent `spent_nrho` in all (nano-rho).
    ///
    /// # Errors
    /// [`EntryError::Debit`] when the cost is zero, the spend is below the cost, or above
    /// [`NRHO_MAX`].
    pub fn new(account: OpaqueId, cost_nrho: u64, spent_nrho: u64) -> Result<Self, EntryError> {
        if cost_nrho == 0 || spent_nrho < cost_nrho || spent_nrho > NRHO_MAX {
            return Err(EntryError::Debit);
        }
        Ok(Self { account, cost_nrho, spent_nrho })
    }

    /// The account: one principal group and one month of sales, by a random id.
    #[must_use]
    pub const fn account(&self) -> &OpaqueId {
        &self.account
    }

    /// The cost of this release, in nano-rho.
    #[must_use]
    pub const fn cost_nrho(&self) -> u64 {
        self.cost_nrho
    }

    /// All that the account has spent, this cost included, in nano-rho.
    #[must_use]
    pub const fn spent_nrho(&self) -> u64 {
        self.spent_nrho
    }
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    entry_type: EntryType,
    at: ActTime,
    actor: OpaqueId,
    object: OpaqueId,
    commitment: [u8; 32],
    debit: Option<Debit>,
}

impl Entry {
    /// An act other than a debit. `commitment` comes from [`commit`].
    ///
    /// # Errors
    /// [`EntryError::Debit`] for the type `ledger.debit`, which needs [`Entry::debit`].
    pub fn act(
        entry_type: EntryType,
        at: ActTime,
        actor: OpaqueId,
        object: OpaqueId,
        commitment: [u8; 32],
    ) -> Result<Self, EntryError> {
        if entry_type == EntryType::LedgerDebit {
            return Err(EntryError::Debit);
        }
        Ok(Self { entry_type, at, actor, object, commitment, debit: None })
    }

    /// A debit of an account.
    #[must_use]
    pub const fn debit(
        at: ActTime,
        actor: OpaqueId,
        object: OpaqueId,
        commitment: [u8; 32],
        debit: Debit,
    ) -> Self {
        let entry_type = EntryType::LedgerDebit;
        Self { entry_type, at, actor, object, commitment, debit: Some(debit) }
    }

    /// The act.
    #[must_use]
    pub const fn entry_type(&self) -> EntryType {
        self.entry_type
    }

    /// When it happened.
    #[must_use]
    pub const fn at(&self) -> ActTime {
        self.at
    }

    /// Who did it, by a random pseudonym.
    #[must_use]
    pub const fn actor(&self) -> &OpaqueId {
        &self.actor
    }

    /// What it was done to, by a random id.
    #[must_use]
    pub const fn object(&self) -> &OpaqueId {
        &self.object
    }

    /// The commitment to the detail.
    #[must_use]
    pub const fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    /// The debit in clear, for a `ledger.debit`.
    #[must_use]
    pub const fn debited(&self) -> Option<&Debit> {
        self.debit.as_ref()
    }

    /// The canonical bytes (RFC 8785), which the tree hashes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let debit = self.debit.as_ref();
        let wire = Wire {
            v: VERSION,
            entry_type: self.entry_type.as_str().to_owned(),
            ts: self.at.to_string(),
            actor: self.actor.as_str().to_owned(),
            object: self.object.as_str().to_owned(),
            c: URL_SAFE_NO_PAD.encode(self.commitment),
            account: debit.map(|d| d.account.as_str().to_owned()),
            cost_nrho: debit.map(|d| d.cost_nrho),
            spent_nrho: debit.map(|d| d.spent_nrho),
        };
        serde_jcs::to_vec(&wire).expect("a flat record of ASCII text and small integers encodes")
    }

    /// Reads an entry and refuses every byte string that [`Entry::encode`] would not have written.
    ///
    /// # Errors
    /// An [`EntryError`] that names the first thing found wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong);
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(|_| EntryError::Malformed)?;
        let entry = Self::from_wire(&wire)?;
        if entry.encode() != bytes {
            return Err(EntryError::NotCanonical);
        }
        Ok(entry)
    }

    fn from_wire(wire: &Wire) -> Result<Self, EntryError> {
        if wire.v != VERSION {
            return Err(EntryError::UnknownVersion);
        }
        let at = wire.ts.parse()?;
        let actor = OpaqueId::new(&wire.actor)?;
        let object = OpaqueId::new(&wire.object)?;
        let commitment = URL_SAFE_NO_PAD.decode(&wire.c).map_err(|_| EntryError::Commitment)?;
        let commitment = commitment.try_into().map_err(|_| EntryError::Commitment)?;
        match (wire.entry_type.parse()?, &wire.account, wire.cost_nrho, wire.spent_nrho) {
            (EntryType::LedgerDebit, Some(account), Some(cost), Some(spent)) => {
                let debit = Debit::new(OpaqueId::new(account)?, cost, spent)?;
                Ok(Self::debit(at, actor, object, commitment, debit))
            }
            (entry_type, None, None, None) => Self::act(entry_type, at, actor, object, commitment),
            _ => Err(EntryError::Debit),
        }
    }
}

/// The salted commitment to the detail of an act: HMAC-SHA-256 keyed with a salt that is fresh for
/// each entry, over the detail in canonical JSON (RFC 8785).
///
/// Erasing the salt and the detail leaves a commitment that nobody can link to anything.
#[must_use]
pub fn commit(salt: &[u8; 32], detail_jcs: &[u8]) -> [u8; 32] {
    Salted::with(salt).commit(detail_jcs)
}

/// A salt under which several things are committed to, each as [`commit`] does.
#[derive(Clone)]
pub struct Salted(Hmac<Sha256>);

impl Salted {
    /// Takes the salt: what it costs is paid once.
    #[must_use]
    pub fn with(salt: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(salt).expect("HMAC takes a key of any length"))
    }

    /// The commitment to one of them.
    #[must_use]
    pub fn commit(&self, content: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(content);
        mac.finalize().into_bytes().into()
    }
}

/// Why bytes are not an entry, or an entry cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than [`ENTRY_BYTES_MAX`].
    #[error("the entry is longer than 65535 bytes")]
    TooLong,
    /// Not a JSON object with exactly the fields of an entry.
    #[error("the entry is not a JSON object with the fields of an entry")]
    Malformed,
    /// The same content in other bytes than the canonical ones.
    #[error("the entry is not in canonical form")]
    NotCanonical,
    /// A version that this build does not know.
    #[error("the version of the entry is unknown")]
    UnknownVersion,
    /// An act that is not in [`EntryType::ALL`].
    #[error("the type of the entry is unknown")]
    UnknownType,
    /// Not a time in UTC with whole seconds.
    #[error("the time of the entry is not in UTC with whole seconds")]
    Time,
    /// An id outside the alphabet of [`OpaqueId`].
    #[error("an id of the entry is malformed")]
    Id,
    /// The commitment is not 32 bytes in base64url.
    #[error("the commitment of the entry is malformed")]
    Commitment,
    /// Amounts where none belong, missing amounts, or amounts that cannot be true.
    #[error("the amounts of the entry do not fit its type")]
    Debit,
}

impl EntryError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "ledger.entry.too_long",
            Self::Malformed => "ledger.entry.malformed",
            Self::NotCanonical => "ledger.entry.not_canonical",
            Self::UnknownVersion => "ledger.entry.unknown_version",
            Self::UnknownType => "ledger.entry.unknown_type",
            Self::Time => "ledger.entry.time",
            Self::Id => "ledger.entry.id",
            Self::Commitment => "ledger.entry.commitment",
            Self::Debit => "ledger.entry.debit",
        }
    }
}

/// The entry as it stands in JSON; RFC 8785 puts the names in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u32,
    #[serde(rename = "type")]
    entry_type: String,
    ts: String,
    actor: String,
    object: String,
    c: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost_nrho: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent_nrho: Option<u64>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn sample(entry_type: EntryType) -> Entry {
        let (actor, object) = (OpaqueId::new("a-1").unwrap(), OpaqueId::new("o_2").unwrap());
        let at = "2026-03-01T08:30:00Z".parse().unwrap();
        let c = commit(&[7; 32], b"{}");
        if entry_type == EntryType::LedgerDebit {
            let account = OpaqueId::new("acc-2026-02").unwrap();
            let debit = Debit::new(account, 82_500_000, 165_000_000).unwrap();
            return Entry::debit(at, actor, object, c, debit);
        }
        Entry::act(entry_type, at, actor, object, c).unwrap()
    }

    #[test]
    fn the_bytes_are_those_of_the_format_page() {
        let bytes = String::from_utf8(sample(EntryType::LedgerDebit).encode()).unwrap();
        let c = URL_SAFE_NO_PAD.encode(commit(&[7; 32], b"{}"));
        let expected = format!(
            "{{\"account\":\"acc-2026-02\",\"actor\":\"a-1\",\"c\":\"{c}\",\
             \"cost_nrho\":82500000,\"object\":\"o_2\",\"spent_nrho\":165000000,\
             \"ts\":\"2026-03-01T08:30:00Z\",\"type\":\"ledger.debit\",\"v\":1}}"
        );
        assert_eq!(bytes, expected);
    }

    #[test]
    fn commit_is_hmac_sha_256() {
        // RFC 4231, test case 2, with its key padded with zeros as HMAC itself pads it.
        let mut salt = [0_u8; 32];
        salt[..4].copy_from_slice(b"Jefe");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let got = commit(&salt, b"what do ya want for nothing?");
        let hex: String = got.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, expected);
    }

    #[test]
    fn every_type_round_trips_and_has_its_own_word() {
        let words: std::collections::BTreeSet<_> =
            EntryType::ALL.iter().map(|t| t.as_str()).collect();
        assert_eq!(words.len(), EntryType::ALL.len());
        for &entry_type in EntryType::ALL {
            let entry = sample(entry_type);
            assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let text = String::from_utf8(sample(EntryType::MatchRun).encode()).unwrap();
        let debit = String::from_utf8(sample(EntryType::LedgerDebit).encode()).unwrap();
        let cases = [
            (format!(" {text}"), EntryError::NotCanonical),
            (format!("{text}\n"), EntryError::NotCanonical),
            (text.replace("\"v\":1", "\"v\":2"), EntryError::UnknownVersion),
            (text.replace("\"v\":1", "\"v\":1.0"), EntryError::Malformed),
            (text.replace("\"v\":1", "\"v\":1,\"v\":1"), EntryError::Malformed),
            (text.replace("\"v\":1", "\"v\":1,\"w\":1"), EntryError::Malformed),
            (text.replace("\"v\":1", "\"v\":1,\"account\":null"), EntryError::NotCanonical),
            (text.replace("\"v\":1", "\"v\":1,\"cost_nrho\":4"), EntryError::Debit),
            (text.replace("match.run", "match.ran"), EntryError::UnknownType),
            (text.replace("match.run", "ledger.debit"), EntryError::Debit),
            (text.replace("a-1", "a@1"), EntryError::Id),
            (text.replace("a-1", ""), EntryError::Id),
            (text.replace("a-1", "\\u0061-1"), EntryError::NotCanonical),
            (text.replace("08:30:00Z", "08:30:00.5Z"), EntryError::Time),
            (text.replace("08:30:00Z", "08:30:00+00:00"), EntryError::Time),
            (text.replace("08:30:00Z", "08:30:60Z"), EntryError::Time),
            (text.replace("2026-03-01T", "2026-03-01 "), EntryError::Time),
            (text.replace("2026-03-01T", "2026-02-30T"), EntryError::Time),
            (debit.replace("165000000", "1"), EntryError::Debit),
            (debit.replace(":82500000", ":0"), EntryError::Debit),
            (debit.replace("165000000", "9007199254740992"), EntryError::Debit),
            (debit.replace("165000000", "-1"), EntryError::Malformed),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Entry::decode(bytes.as_bytes()), Err(expected), "{bytes}");
        }
        let long = vec![b' '; ENTRY_BYTES_MAX + 1];
        assert_eq!(Entry::decode(&long), Err(EntryError::TooLong));
    }

    proptest! {
        #[test]
        fn any_entry_round_trips(
            kind in 0..EntryType::ALL.len(),
            second in -62_135_596_800_i64..253_402_207_200,
            actor in "[A-Za-z0-9_-]{1,64}",
            salt: [u8; 32],
            cost in 1..=NRHO_MAX,
            before in 0..=NRHO_MAX,
        ) {
            let at = ActTime::new(Timestamp::from_second(second).unwrap()).unwrap();
            let id = OpaqueId::new(&actor).unwrap();
            let c = commit(&salt, b"x");
            let entry = match EntryType::ALL[kind] {
                EntryType::LedgerDebit => {
                    let spent = (before + cost).clamp(cost, NRHO_MAX);
                    Entry::debit(at, id.clone(), id.clone(), c, Debit::new(id, cost, spent).unwrap())
                }
                other => Entry::act(other, at, id.clone(), id, c).unwrap(),
            };
            prop_assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
        }

        #[test]
        fn what_decodes_encodes_to_the_same_bytes(at in 0_usize..200, with: u8) {
            let mut bytes = sample(EntryType::LedgerDebit).encode();
            let at = at % bytes.len();
            bytes[at] = with;
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode(), bytes);
            }
        }
    }
}
