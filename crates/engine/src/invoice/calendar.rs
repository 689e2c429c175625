//! From which day invoices between companies of France are electronic and go through an approved platform
//! (loi de finances 2024 art. 91, as kept by that of 2026): received by everybody and issued by large and
//! middle-sized companies from 1 September 2026, issued by all others from 1 September 2027.

use jiff::civil::{Date, date};

/// The day from which a company issues them.
#[must_use]
pub const fn electronic_from(large_or_middle: bool) -> Date {
    if large_or_middle { date(2026, 9, 1) } else { date(2027, 9, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inv_09_large_companies_begin_a_year_before_the_others() {
        assert_eq!(electronic_from(true).to_string(), "2026-09-01");
        assert_eq!(electronic_from(false).to_string(), "2027-09-01");
    }
}
