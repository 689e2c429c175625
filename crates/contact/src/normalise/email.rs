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
    let cell = clean(cell);
    if cell.is_empty() {
        return Reading::Missing;
    }
    if let Some(address) = plain(&cell) {
        return if is_invented(&address) { Reading::Missing } else { Reading::Good(address) };
    }
    if is_placeholder(&cell) {
        return Reading::Missing;
    }
    unwrapped(&cell)
}

/// A cell with something around or beside the address: quotes, `mailto:`, a display name, a second
/// address.
fn unwrapped(cell: &str) -> Reading<String> {
    let mut invented = false;
    let mut repairs = Repairs::NONE;
    let mut found = None;
    for piece in cell.split([' ', ';', ',', '/', '|', '<', '>', '"', '(', ')', '[', ']']) {
        let part = piece.trim_matches(['\'', '’', '.', ':', '`']);
        let (part, scheme) = match part.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => (&part[7..], true),
            _ => (part, false),
        };
        let (text, query) = part.split_once('?').map_or((part, false), |(text, _)| (text, true));
        if found.is_some() {
            repairs.add_if(text.contains('@'), Repair::EmailSeveral);
            repairs.add_if(!text.is_empty() && !text.contains('@'), Repair::EmailWords);
            continue;
        }
        match plain(text) {
            Some(address) if is_invented(&address) => invented = true,
            Some(address) => {
                repairs.add_if(scheme || query, Repair::EmailMailto);
                found = Some(address);
            }
            // "pasdemail@"
            None => {
                invented |=
                    part.strip_suffix('@').is_some_and(|local| is_placeholder_email(local, ""));
                repairs.add_if(!text.is_empty(), Repair::EmailWords);
            }
        }
    }
    if let Some(address) = found {
        repairs.add_if(invented, Repair::EmailSeveral);
        repairs.add_if(repairs.is_empty(), Repair::EmailWrapped);
        return Reading::Repaired(address, repairs);
    }
    if invented { Reading::Missing } else { Reading::Refused }
}

fn is_invented(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, domain)| is_placeholder_email(local, domain))
}

/// `text` as an address, lower case; `None` when it is none.
fn plain(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    if local.is_empty() || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return None;
    }
    let mut address = String::with_capacity(text.len() + 8);
    push_local(local, &mut address)?;
    address.push('@');
    push_domain(domain, &mut address)?;
    Some(address)
}

fn push_local(local: &str, out: &mut String) -> Option<()> {
    let allowed = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => true,
        c if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        c => c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c),
    };
    if !local.chars().all(allowed) {
        return None;
    }
    if local.is_ascii() {
        out.extend(local.chars().map(|c| c.to_ascii_lowercase()));
    } else if is_nfc_quick(local.chars()) == IsNormalized::Yes {
        out.extend(local.chars().flat_map(char::to_lowercase).nfc());
    } else {
        out.extend(local.nfc().flat_map(char::to_lowercase).nfc());
    }
    (out.len() <= LOCAL_MAX).then_some(())
}

fn push_domain(domain: &str, out: &mut String) -> Option<()> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let start = out.len();
    if domain.is_ascii() {
        out.extend(domain.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        out.push_str(&idna::domain_to_ascii_strict(domain).ok()?);
    }
    let ascii = &out[start..];
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        bytes.len() <= LABEL_MAX
            && edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    let (_, top) = ascii.rsplit_once('.')?;
    let is_top =
        top.len() >= 2 && (top.starts_with("xn--") || top.bytes().all(|b| b.is_ascii_alphabetic()));
    (ascii.len() <= DOMAIN_MAX && is_top && ascii.split('.').all(is_label)).then_some(())
}
