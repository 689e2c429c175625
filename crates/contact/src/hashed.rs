//! Columns that a party's software exports as hashes already (Google Customer Match).
//!
//! A cell of 64 hexadecimal digits is `d` itself. Whether it was made from the right normal form cannot
//! be seen; the column is declared as hashed. Specified in `docs/formats/normalisation-v1.md`,
//! "Columns that are hashed already".

use crate::{prepare::Digest, sha256};

/// What a cell looks like to somebody who looks for hashes.
pub(crate) enum Look {
    /// SHA-256 in hexadecimal.
    Sha256([u8; 32]),
    /// Another hash in hexadecimal (MD5, SHA-1, SHA-384, SHA-512).
    Other,
    /// No hash.
    Plain,
}

pub(crate) fn look(cell: &str) -> Look {
    // Most cells are shorter than any hash.
    if cell.len() < 32 {
        return Look::Plain;
    }
    let cell = cell.trim();
    if !matches!(cell.len(), 32 | 40 | 64 | 96 | 128)
        || !cell.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return Look::Plain;
    }
    let mut bytes = [0_u8; 32];
    if cell.len() != 64 {
        return Look::Other;
    }
    for (place, pair) in cell.as_bytes().chunks_exact(2).enumerate() {
        bytes[place] = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    Look::Sha256(bytes)
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// Digests of what stands for no value: a party's software hashes placeholders like anything else.
pub(crate) struct Placeholders(Vec<[u8; 32]>);

impl Placeholders {
    pub(crate) fn new() -> Self {
        Self(HASHED_PLACEHOLDERS.iter().map(|text| sha256::digest(text.as_bytes())).collect())
    }

    /// The digest, unless it is that of a placeholder.
    pub(crate) fn accept(&self, bytes: [u8; 32]) -> Option<Digest> {
        (!self.0.contains(&bytes)).then(|| Digest::from_bytes(bytes))
    }
}

const HASHED_PLACEHOLDERS: &[&str] = &[
    "",
    "0",
    "nc",
    "n/c",
    "na",
    "n/a",
    "nr",
    "nan",
    "null",
    "none",
    "nil",
    "undefined",
    "unknown",
    "aucun",
    "inconnu",
    "neant",
    "x",
    "xx",
    "xxx",
    "-",
    "@",
    "a@a.fr",
    "a@a.com",
    "x@x.fr",
    "x@x.com",
    "nc@nc.fr",
    "nc@nc.com",
    "test@test.fr",
    "test@test.com",
    "+33",
    "+330",
    "+33000000000",
    "+330000000000",
    "+33100000000",
    "+33600000000",
    "+33606060606",
    "+33611111111",
    "+33612345678",
    "+33666666666",
    "+33123456789",
    "+33102030405",
    "+33999999999",
];
