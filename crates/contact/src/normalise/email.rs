//! E-mail addresses.
//!
//! Keeps what the providers keep: dots and `+tags` stay, because only the provider knows whether they
//! matter. Nothing here guesses at typing errors. For an ordinary address the digest equals that of the Google Customer
//! Match rules. Specified in `docs/formats/normalisation-v1.md`, "E-mail".

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{
    Reading, Repair, Repairs,
    placeholder::{is_placeholder, is_placeholder_email},
    text::clean,
};

/// Longest local part and domain (RFC 5321 section 4.5.3.1).
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Normal form of the (first usable) address of a cell.
#[must_use]
pub fn normalise(cell: &str) -> Reading<String> {
    let mut address = String::new();
    push(cell, &mut address).map(|()| address)
}

/// Writes what [`normalise`] gives into `out`, which says nothing where there is no address.
pub(crate) fn push(cell: &str, out: &mut String) -> Reading<()> {
    let cell = clean(cell);
    if cell.is_empty() {
        return Reading::Missing;
    }
    if let Some(at) = plain(&cell, out) {
        return if is_invented(out, at) { Reading::Missing } else { Reading::Good(()) };
    }
    if is_placeholder(&cell) {
        return Reading::Missing;
    }
    unwrapped(&cell, out)
}

/// A cell with something around or beside the address: quotes, `mailto:`, a display name, a second
/// address.
fn unwrapped(cell: &str, out: &mut String) -> Reading<()> {
    let mut invented = false;
    let mut repairs = Repairs::NONE;
    let mut found = false;
    for piece in cell.split([' ', ';', ',', '/', '|', '<', '>', '"', '(', ')', '[', ']']) {
        let part = piece.trim_matches(['\'', '’', '.', ':', '`']);
        let (part, scheme) = match part.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => (&part[7..], true),
            _ => (part, false),
        };
        let (text, query) = part.split_once('?').map_or((part, false), |(text, _)| (text, true));
        if found {
            repairs.add_if(text.contains('@'), Repair::EmailSeveral);
            repairs.add_if(!text.is_empty() && !text.contains('@'), Repair::EmailWords);
            continue;
        }
        match plain(text, out) {
            Some(at) if is_invented(out, at) => invented = true,
            Some(_) => {
                repairs.add_if(scheme || query, Repair::EmailMailto);
                found = true;
            }
            // "pasdemail@"
            None => {
                invented |=
                    part.strip_suffix('@').is_some_and(|local| is_placeholder_email(local, ""));
                repairs.add_if(!text.is_empty(), Repair::EmailWords);
            }
        }
    }
    if found {
        repairs.add_if(invented, Repair::EmailSeveral);
        repairs.add_if(repairs.is_empty(), Repair::EmailWrapped);
        return Reading::Repaired((), repairs);
    }
    if invented { Reading::Missing } else { Reading::Refused }
}

/// Whether an address with its `@` at this place stands for none.
fn is_invented(address: &str, at: usize) -> bool {
    is_placeholder_email(&address[..at], &address[at + 1..])
}

/// Writes `text` as an address, lower case, into `out`, and tells the place of its `@`; `None` when it is none.
fn plain(text: &str, out: &mut String) -> Option<usize> {
    out.clear();
    let at = text.bytes().position(|byte| byte == b'@')?;
    let (local, domain) = (&text[..at], &text[at + 1..]);
    // Neither is empty; a dot stands between two others.
    let (mut before, mut fault) = (Sign::Dot, local.is_empty());
    let mut all_listed = true;
    for byte in local.bytes() {
        let sign = SIGNS[usize::from(byte)];
        fault |= sign == Sign::Dot && before == Sign::Dot;
        all_listed &= sign != Sign::Other;
        before = sign;
    }
    if fault || before == Sign::Dot {
        return None;
    }
    if all_listed {
        out.push_str(local);
        out.make_ascii_lowercase();
        if out.len() > LOCAL_MAX {
            return None;
        }
    } else {
        push_local(local, out)?;
    }
    let at = out.len();
    out.push('@');
    push_domain(domain, out).map(|()| at)
}

/// What a byte is in a local part.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    /// ASCII that may stand there, the dot apart.
    Listed,
    Dot,
    Other,
}

static SIGNS: [Sign; 256] = {
    let (mut signs, mut byte) = ([Sign::Other; 256], 0);
    while byte < 128 {
        if IN_LOCAL >> byte & 1 == 1 {
            signs[byte] = if byte == b'.' as usize { Sign::Dot } else { Sign::Listed };
        }
        byte += 1;
    }
    signs
};

/// Writes a local part that is more than listed signs of ASCII, if it is one.
fn push_local(local: &str, out: &mut String) -> Option<()> {
    if local.is_ascii() {
        return None;
    }
    let allowed = |byte: u8| IN_LOCAL >> byte & 1 == 1;
    let allowed = |c: char| match u8::try_from(c).ok().filter(u8::is_ascii) {
        Some(byte) => allowed(byte),
        None => c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c),
    };
    if !local.chars().all(allowed) {
        return None;
    }
    if is_nfc_quick(local.chars()) == IsNormalized::Yes {
        out.extend(local.chars().flat_map(char::to_lowercase).nfc());
    } else {
        out.extend(local.nfc().flat_map(char::to_lowercase).nfc());
    }
    (out.len() <= LOCAL_MAX).then_some(())
}

/// The ASCII signs of a local part (RFC 5322 section 3.2.3, "atext", and the dot), one bit each.
const IN_LOCAL: u128 = {
    let signs = b".!#$%&'*+-/=?^_`{|}~";
    let (mut bits, mut byte) = (0, 0_u8);
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            bits |= 1 << byte;
        }
        byte += 1;
    }
    let mut place = 0;
    while place < signs.len() {
        bits |= 1 << signs[place];
        place += 1;
    }
    bits
};

fn push_domain(domain: &str, out: &mut String) -> Option<()> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let start = out.len();
    if domain.is_ascii() {
        out.push_str(domain);
        out[start..].make_ascii_lowercase();
    } else {
        out.push_str(&idna::domain_to_ascii_strict(domain).ok()?);
    }
    is_domain(&out.as_bytes()[start..]).then_some(())
}

/// Whether a text is two labels or more: letters, digits, and hyphens inside; the last one of letters, or
/// an internationalised one.
fn is_domain(text: &[u8]) -> bool {
    let (mut label, mut labels, mut before, mut is_word) = (0, 1_usize, b'-', true);
    for (place, &byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' => is_word = false,
            b'-' if place > label => is_word = false,
            b'.' if before != b'-' && before != b'.' && place - label <= LABEL_MAX => {
                (label, labels, is_word) = (place + 1, labels + 1, true);
            }
            _ => return false,
        }
        before = byte;
    }
    let top = &text[label..];
    text.len() <= DOMAIN_MAX
        && labels >= 2
        && (2..=LABEL_MAX).contains(&top.len())
        && before != b'-'
        && (is_word || top.starts_with(b"xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Labels and the last of them, one rule after the other.
    fn domain_by_rules(text: &str) -> bool {
        let is_label = |label: &str| {
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            label.len() <= 63
                && edge(label.chars().next())
                && edge(label.chars().next_back())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let Some((_, top)) = text.rsplit_once('.') else { return false };
        let is_top = top.starts_with("xn--") || top.chars().all(|c| c.is_ascii_alphabetic());
        text.len() <= 253 && top.len() >= 2 && is_top && text.split('.').all(is_label)
    }

    proptest! {
        #[test]
        fn domains_are_those_of_the_rules(text in prop_oneof![
            "[a-z0-9.-]{0,12}",
            "([a-z0-9]{1,3}-?[a-z0-9]?[.]){0,3}(fr|com|xn--[a-z0-9]{0,3}|[a-z0-9-]{0,3})",
            "([a-z]{1,70}[.]){1,5}fr",
            "[ -~é]{0,12}",
        ]) {
            prop_assert_eq!(is_domain(text.as_bytes()), domain_by_rules(&text));
        }
    }

    #[test]
    fn signs_of_a_local_part_are_those_of_rfc_5322() {
        for byte in 0..128_u8 {
            let c = char::from(byte);
            let expected = c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
            assert_eq!(IN_LOCAL >> byte & 1 == 1, expected, "{byte}");
        }
    }
}
