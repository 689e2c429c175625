//! The rules for single values, version 1: from what somebody typed to the one text that is hashed.
//!
//! Pure functions of one cell; which column a cell stands in, and what becomes of its row, is decided
//! in `prepare`. Specified in `docs/formats/normalisation-v1.md`; a change of any result here is a new
//! version of that page.

pub mod address;
pub mod amount;
pub mod date;
pub mod email;
mod listed;
pub mod name;
pub mod number;
pub mod phone;
pub mod placeholder;
pub mod repair;
pub mod skeleton;
pub mod text;
pub mod town;

pub use repair::{Repair, Repairs};

/// What came of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// Readable as it stood (case, blanks and accents apart).
    Good(T),
    /// Readable after repairs: an eaten zero, an exponent, a choice among several values.
    Repaired(T, Repairs),
    /// Empty, or a placeholder such as `nc`.
    Missing,
    /// There is a value, but no such identifier.
    Refused,
}

impl Reading<String> {
    /// The same reading, its text borrowed.
    pub(crate) fn as_deref(&self) -> Reading<&str> {
        match self {
            Self::Good(text) => Reading::Good(text),
            Self::Repaired(text, repairs) => Reading::Repaired(text, *repairs),
            Self::Missing => Reading::Missing,
            Self::Refused => Reading::Refused,
        }
    }
}

impl<T> Reading<T> {
    /// The value, repaired or not.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Good(value) | Self::Repaired(value, _) => Some(value),
            Self::Missing | Self::Refused => None,
        }
    }

    /// The rules that mended the value; none where there is no value.
    #[must_use]
    pub const fn repairs(&self) -> Repairs {
        match self {
            Self::Repaired(_, repairs) => *repairs,
            Self::Good(_) | Self::Missing | Self::Refused => Repairs::NONE,
        }
    }

    /// `Good` or, when something was mended, `Repaired`.
    pub(crate) const fn of(value: T, repairs: Repairs) -> Self {
        if repairs.is_empty() { Self::Good(value) } else { Self::Repaired(value, repairs) }
    }

    /// The same value, mended by `repairs`.
    pub(crate) fn with(self, repairs: Repairs) -> Self {
        match self {
            Self::Good(value) | Self::Repaired(value, _) => Self::of(value, repairs),
            other => other,
        }
    }

    /// The same reading of what `change` makes of the value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Good(value) => Reading::Good(change(value)),
            Self::Repaired(value, repairs) => Reading::Repaired(change(value), repairs),
            Self::Missing => Reading::Missing,
            Self::Refused => Reading::Refused,
        }
    }
}
