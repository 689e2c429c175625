//! Money in whole cents and rates of value-added tax, with the rounding of EN 16931-1 (half away from
//! zero, once for each group of lines of one rate).

use std::fmt;

/// An amount in cents of a euro; never a floating-point number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(i64);

impl Cents {
    /// So many cents.
    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The cents.
    #[must_use]
    pub const fn value(self) -> i64 {
        self.0
    }

    /// The sum, or `None` beyond the range of the integer.
    #[must_use]
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` beyond the range of the integer.
    #[must_use]
    pub const fn minus(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// So many times the amount, or `None` beyond the range of the integer.
    #[must_use]
    pub fn times(self, quantity: u64) -> Option<Self> {
        i64::try_from(quantity).ok().and_then(|n| self.0.checked_mul(n)).map(Self)
    }
}

/// As documents write it: `1200.00`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// A rate of value-added tax in France (Code général des impôts, art. 278 to 281 nonies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatRate {
    /// 20 %, the normal rate: services of this kind.
    Normal,
    /// 10 %.
    Intermediate,
    /// 5.5 %.
    Reduced,
}

impl VatRate {
    /// In tenths of a percent.
    #[must_use]
    pub const fn permille(self) -> i64 {
        match self {
            Self::Normal => 200,
            Self::Intermediate => 100,
            Self::Reduced => 55,
        }
    }

    /// The tax on an amount, rounded half away from zero to a cent (BR-CO-17).
    #[must_use]
    pub fn tax(self, base: Cents) -> Option<Cents> {
        let product = base.0.checked_mul(self.permille())?;
        let half = if product < 0 { -500 } else { 500 };
        product.checked_add(half).map(|sum| Cents(sum / 1000))
    }
}

/// As documents write it: `20.0`, in percent.
impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.permille() / 10, self.permille() % 10)
    }
}
