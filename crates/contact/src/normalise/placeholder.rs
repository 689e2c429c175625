//! The public, static list of what people type when they have nothing to type.
//!
//! Static on purpose: a list made from frequencies would depend on other people's rows. Specified in
//! `docs/formats/normalisation-v1.md`, "Placeholders".

use super::{
    listed::Listed,
    text::{clean, folded},
};

/// Longer than any entry with a sign between any two of its letters.
const CELL_MAX: usize = 40;

/// [`is_placeholder`] of a word that was folded already.
pub(super) fn is_folded_placeholder(word: &str) -> bool {
    if word.is_ascii() {
        word.len() <= CELL_MAX && is_listed(word.as_bytes())
    } else {
        is_placeholder(word)
    }
}

/// [`is_placeholder`] of a cell before it is cleaned.
pub(super) fn is_blank(cell: &str) -> bool {
    // Nothing is cleaned away before a letter or digit that comes first; nearly all cells end here.
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() && !may_start(*byte);
    !cell.as_bytes().first().is_some_and(stays) && is_placeholder(&clean(cell))
}

/// Whether a placeholder may begin with this letter or digit of ASCII.
const fn may_start(byte: u8) -> bool {
    STARTS >> (byte.to_ascii_lowercase() - b'0') & 1 != 0
}

/// Whether a whole cell says "no value", whatever its column.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    if value.len() > CELL_MAX {
        return false;
    }
    // Most cells are no placeholder: they are told by their first letter or digit. One of ASCII that
    // stands before anything else is kept by every rule of folding.
    let first = value.bytes().find(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    if first.filter(u8::is_ascii).is_some_and(|first| !may_start(first)) {
        return false;
    }
    if !value.is_ascii() {
        let mut key = folded(value);
        key.retain(|c| c != ' ');
        return is_listed(key.as_bytes());
    }
    let mut key = [0_u8; CELL_MAX];
    let mut len = 0;
    for byte in value.bytes().filter(u8::is_ascii_alphanumeric) {
        key[len] = byte.to_ascii_lowercase();
        len += 1;
    }
    is_listed(&key[..len])
}

fn is_listed(key: &[u8]) -> bool {
    key.iter().all(|byte| *byte == b'x') || LISTED_WORDS.has(key)
}

/// Whether an address is one of those that stand for none: a local part of the list at any domain, or
/// the same short thing on both sides (`a@a.fr`). Takes the normalised parts.
#[must_use]
pub fn is_placeholder_email(local: &str, domain: &str) -> bool {
    let is_sign = |byte: u8| (byte == b'.') | (byte == b'-') | (byte == b'_');
    // Most are told by their first letter and their length, which many bytes together tell.
    let signs = local.bytes().fold(0_usize, |sum, byte| sum.wrapping_add(is_sign(byte).into()));
    let len = local.len() - signs;
    let first = local.bytes().find(|byte| !is_sign(*byte));
    let told = |first: u8| !matches!(first, b'x' | b'X') && !LISTED_LOCALS.may_have(first, len);
    if len > SHORT && first.is_some_and(told) {
        return LISTED_DOMAINS.has(domain.as_bytes());
    }
    is_placeholder_of_signs(local, domain)
}

/// Letters that may stand on both sides.
const SHORT: usize = 4;

/// [`is_placeholder_email`], sign by sign.
fn is_placeholder_of_signs(local: &str, domain: &str) -> bool {
    // The longest local part of the list is shorter; what is longer is one only where all of it is `x`.
    let mut buffer = [0_u8; 16];
    let (mut len, mut run) = (0, true);
    for byte in local.bytes().filter(|byte| !matches!(byte, b'.' | b'-' | b'_')).take(64) {
        run &= byte.eq_ignore_ascii_case(&b'x');
        if let Some(place) = buffer.get_mut(len) {
            *place = byte.to_ascii_lowercase();
        } else if !run {
            break;
        }
        len += 1;
    }
    let is_listed = || buffer.get(..len).is_some_and(|plain| LISTED_LOCALS.has(plain));
    if len > 0 && (run || is_listed()) {
        return true;
    }
    let is_both =
        || buffer.get(..len) == Some(domain.split('.').next().unwrap_or_default().as_bytes());
    LISTED_DOMAINS.has(domain.as_bytes()) || (len <= SHORT && is_both())
}

/// Whether the nine digits after the trunk zero are a number that people invent: one digit repeated,
/// a counting run, or the same pair five times over.
#[must_use]
pub fn is_placeholder_phone(national: &[u8]) -> bool {
    let Some((first, rest)) = national.split_first() else { return true };
    let same = rest.windows(2).all(|pair| pair[0] == pair[1]);
    let up = national.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let down = national.windows(2).all(|pair| pair[0] == pair[1] + 1);
    // 06 06 06 06 06: the pair of the prefix all along.
    let pairs = rest.chunks(2).all(|pair| pair == [b'0', *first]);
    // 06 12 34 56 78 and 01 02 03 04 05.
    let counted = rest == b"12345678" || national == b"102030405" || national == b"601020304";
    same || up || down || pairs || counted
}

/// The first letters and digits of the words, and of runs of x, as bits counted from `0`.
const STARTS: u128 = {
    let mut bits = 1 << (b'x' - b'0');
    let mut place = 0;
    while place < WORDS.len() {
        bits |= 1 << (WORDS[place].as_bytes()[0] - b'0');
        place += 1;
    }
    bits
};

static LISTED_WORDS: Listed<{ WORDS.len() }> = Listed::new(WORDS);
static LISTED_LOCALS: Listed<{ EMAIL_LOCALS.len() }> = Listed::new(EMAIL_LOCALS);
static LISTED_DOMAINS: Listed<{ EMAIL_DOMAINS.len() }> = Listed::new(EMAIL_DOMAINS);

/// Sorted.
const WORDS: &[&str] = &[
    "0",
    "adefinir",
    "anonyme",
    "arenseigner",
    "aucun",
    "aucune",
    "div0",
    "false",
    "inconnu",
    "inconnue",
    "na",
    "nan",
    "nc",
    "nd",
    "neant",
    "neantneant",
    "nil",
    "noemail",
    "nom",
    "nomail",
    "noncommunique",
    "nonconnu",
    "nondisponible",
    "none",
    "nonfourni",
    "nonrenseigne",
    "nonrenseignee",
    "nr",
    "nsp",
    "nul",
    "null",
    "pasdemail",
    "pasdetel",
    "pasdetelephone",
    "pasemail",
    "prenom",
    "ras",
    "ref",
    "refus",
    "refuse",
    "sans",
    "sansemail",
    "sansmail",
    "sansobjet",
    "test",
    "true",
    "undefined",
    "unknown",
    "valeur",
    "value",
    "vide",
];

/// Sorted. Compared without dots, hyphens and underscores.
const EMAIL_LOCALS: &[&str] = &[
    "adresseinconnue",
    "anonyme",
    "aucun",
    "aucunmail",
    "inconnu",
    "mailinconnu",
    "na",
    "nc",
    "neant",
    "noemail",
    "nomail",
    "non",
    "none",
    "nonrenseigne",
    "noreply",
    "nospam",
    "null",
    "pasdadresse",
    "pasdadressemail",
    "pasdemail",
    "pasemail",
    "refus",
    "refuse",
    "sans",
    "sansadresse",
    "sansemail",
    "sansmail",
    "test",
    "vide",
];

/// Sorted. Domains that receive no mail of anybody.
const EMAIL_DOMAINS: &[&str] = &[
    "aucun.com",
    "aucun.fr",
    "inconnu.com",
    "inconnu.fr",
    "neant.com",
    "neant.fr",
    "noemail.com",
    "nomail.com",
    "nomail.fr",
    "pasdemail.com",
    "pasdemail.fr",
    "sansmail.com",
    "sansmail.fr",
];

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy as _;

    use super::*;

    #[test]
    fn cells_that_say_nothing() {
        for cell in
            ["", " ", "-", "??", "NC", "n.c.", "N/A", "#N/A", "Néant", "xxx", "Non renseigné", "0"]
        {
            assert!(is_placeholder(cell), "{cell}");
        }
        for cell in ["Nicole", "Noel", "Nader", "Xavier", "10", "Ni"] {
            assert!(!is_placeholder(cell), "{cell}");
        }
    }

    proptest::proptest! {
        #[test]
        fn addresses_are_told_as_sign_by_sign(
            local in proptest::prop_oneof![
                "[xX._-]{0,70}", "[a-zA-Z0-9._é-]{0,20}",
                proptest::sample::select(EMAIL_LOCALS.to_vec())
                    .prop_map(|local| format!(".{}-{}", &local[..1].to_uppercase(), &local[1..])),
            ],
            domain in proptest::sample::select(vec!["a.fr", "xx.fr", "nomail.fr", "x", "nc.fr"]),
        ) {
            let expected = is_placeholder_of_signs(&local, domain);
            proptest::prop_assert_eq!(is_placeholder_email(&local, domain), expected);
        }
    }

    #[test]
    fn invented_numbers() {
        let invented = [
            "600000000",
            "611111111",
            "606060606",
            "102030405",
            "612345678",
            "123456789",
            "000000000",
            "987654321",
            "712345678",
        ];
        for digits in invented {
            assert!(is_placeholder_phone(digits.as_bytes()), "{digits}");
        }
        for digits in ["612345679", "601010102", "745840475"] {
            assert!(!is_placeholder_phone(digits.as_bytes()), "{digits}");
        }
    }
}
