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
pub mod text;

/// What came of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// Readable as it stood (case, blanks and accents apart).
    Good(T),
    /// Readable after a repair: an eaten zero, an exponent, a choice among several values.
    Repaired(T),
    /// Empty, or a placeholder such as `nc`.
    Missing,
    /// There is a value, but no such identifier.
    Refused,
}

impl<T> Reading<T> {
    /// The value, repaired or not.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Good(value) | Self::Repaired(value) => Some(value),
            Self::Missing | Self::Refused => None,
        }
    }

    /// `Good` or, when something was mended, `Repaired`.
    pub(crate) const fn of(value: T, repaired: bool) -> Self {
        if repaired { Self::Repaired(value) } else { Self::Good(value) }
    }
}
