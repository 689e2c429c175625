//! SIREN: the number of a French company (INSEE), nine digits of which the last is a Luhn check.

/// Whether a text is a SIREN.
pub(super) fn is_siren(text: &str) -> bool {
    if text.len() != 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = text
        .bytes()
        .rev()
        .zip(0..)
        .map(|(digit, place)| {
            let digit = u32::from(digit - b'0') << (place % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::is_siren;

    #[test]
    fn the_check_digit_decides() {
        // INSEE's own example, and two of its neighbours.
        assert!(is_siren("732829320"));
        assert!(!is_siren("732829321"));
        assert!(!is_siren("723829320"));
        assert!(!is_siren("73282932"));
        assert!(!is_siren("73282932O"));
    }
}
