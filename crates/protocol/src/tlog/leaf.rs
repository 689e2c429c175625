//! What the leaves of a tick are: acts that concern one person, which enter the ledger once a day and all
//! together. Not the leaf itself, which is a salted digest. Specified by `docs/formats/ledger-entry.md`, "Ticks".

use std::fmt;
use std::str::FromStr;

use super::act::EntryType;
use super::entry::EntryError;

/// What a leaf commits to. The list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeafType {
    /// A person took a choice back by the link: the batch of its one event.
    Withdrawal,
    /// A person objected everywhere.
    Objection,
    /// An act that an entry of its own would tell at once: the bytes of that entry.
    Act(EntryType),
}

impl LeafType {
    /// The acts that enter with ticks where they concern one person.
    pub const ACTS: [EntryType; 3] =
        [EntryType::RequestRecorded, EntryType::OfficerViewed, EntryType::NoticeRecorded];

    /// Every type of leaf.
    pub const ALL: [Self; 5] = [
        Self::Withdrawal,
        Self::Objection,
        Self::Act(Self::ACTS[0]),
        Self::Act(Self::ACTS[1]),
        Self::Act(Self::ACTS[2]),
    ];

    /// Its stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawal => "consent.withdrawn",
            Self::Objection => "person.objected",
            Self::Act(act) => act.as_str(),
        }
    }
}

impl fmt::Display for LeafType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LeafType {
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, EntryError> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(EntryError::UnknownType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_has_one_word_and_no_other_word_is_a_leaf() {
        for (place, one) in LeafType::ALL.into_iter().enumerate() {
            assert_eq!(one.as_str().parse(), Ok(one));
            assert!(LeafType::ALL[..place].iter().all(|before| before.as_str() != one.as_str()));
        }
        assert_eq!("deposit.received".parse::<LeafType>(), Err(EntryError::UnknownType));
    }
}
