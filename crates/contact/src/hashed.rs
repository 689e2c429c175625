//! Columns that a party's software exports as hashes already (Google Customer Match).
//!
//! A cell of 64 hexadecimal digits is `d` itself. Whether it was made from the right normal form cannot
//! be seen; the column is declared as hashed. Specified in `docs/formats/normalisation-v1.md`,
//! "Columns that are hashed already".

use std::{fmt, str::FromStr};

use crate::{
    error::PrepareError,
    field::UnknownName,
    prepare::Digest,
    read::{Cell, Table, headings::Layout},
    sha256,
};

/// Which normal form a column of hashes was made from. It decides for telephones only: both write e-mail
/// addresses alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashOrigin {
    /// Google Customer Match: E.164 with `+`, as this program hashes.
    CustomerMatch,
    /// Meta: country code and number without `+`. Refused: such digests meet nobody's.
    Meta,
}

impl HashOrigin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::CustomerMatch, Self::Meta];

    /// The name that a declaration takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerMatch => "customer-match",
            Self::Meta => "meta",
        }
    }
}

impl fmt::Display for HashOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HashOrigin {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|item| item.as_str() == name).ok_or(UnknownName)
    }
}

/// Headings of Meta's own files and interface, as `read::headings` compares headings.
const META_HEADINGS: &[&str] =
    &["em", "ph", "fn", "ln", "dob", "doby", "db", "ct", "st", "zp", "gen", "ge", "madid", "fbuid"];

/// Whether headings are in Meta's manner: its own word for the telephone, or several of its short words.
pub(crate) fn is_meta(keys: &[String]) -> bool {
    keys.iter().any(|key| key == "ph")
        || keys.iter().filter(|key| META_HEADINGS.contains(&key.as_str())).count() >= 2
}

/// What a cell looks like to somebody who looks for hashes.
pub(crate) enum Look {
    /// SHA-256 in hexadecimal.
    Sha256([u8; 32]),
    /// Another hash in hexadecimal (MD5, SHA-1, SHA-384, SHA-512).
    Other,
    /// No hash.
    Plain,
}

#[inline]
pub(crate) fn look(cell: &str) -> Look {
    // Most cells are shorter than any hash.
    if cell.len() < 32 { Look::Plain } else { look_closely(cell) }
}

fn look_closely(cell: &str) -> Look {
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

/// Rows of a column that are looked at to see whether it holds hashes.
const HASH_SAMPLE: usize = 1000;

/// What the first rows of a column say of hashes in it.
pub(crate) struct Hashes {
    filled: usize,
    sha256: usize,
    other: usize,
    other_form: bool,
}

impl Hashes {
    pub(crate) fn of(table: &Table, layout: &Layout, column: usize, known: &Placeholders) -> Self {
        let mut found = Self { filled: 0, sha256: 0, other: 0, other_form: false };
        for row in (layout.row + 1..table.len()).take(HASH_SAMPLE) {
            let Cell::Text(text) = table.cell(row, column) else { continue };
            found.filled += usize::from(!text.trim().is_empty());
            match look(text) {
                Look::Sha256(bytes) => {
                    found.sha256 += 1;
                    found.other_form |= known.is_other_form(&bytes);
                }
                Look::Other => found.other += 1,
                Look::Plain => {}
            }
        }
        found
    }

    /// Whether the column `number` is one of hashes; an error when they are of no use here.
    pub(crate) fn judge(
        &self,
        number: usize,
        declared: Option<HashOrigin>,
        is_phone: bool,
        meta_headings: bool,
    ) -> Result<bool, PrepareError> {
        if self.other > 0 && self.other * 2 > self.filled {
            return Err(PrepareError::HashUnknown { column: number });
        }
        if declared.is_some() && self.sha256 == 0 && self.filled > 0 {
            return Err(PrepareError::HashAbsent { column: number });
        }
        let is_meta = declared == Some(HashOrigin::Meta) || (declared.is_none() && meta_headings);
        if is_phone && self.sha256 > 0 && (is_meta || self.other_form) {
            return Err(PrepareError::HashPhoneForm { column: number });
        }
        Ok(self.sha256 > 0)
    }
}

/// Digests of what stands for no value: a party's software hashes placeholders like anything else.
pub(crate) struct Placeholders {
    hashed: Vec<[u8; 32]>,
    /// The same telephones in forms that are not this program's: without `+`, national, with `00`.
    other_forms: Vec<[u8; 32]>,
}

impl Placeholders {
    pub(crate) fn new() -> Self {
        let digest = |text: &str| sha256::digest(text.as_bytes());
        let digits = || HASHED_PLACEHOLDERS.iter().filter_map(|text| text.strip_prefix('+'));
        let national =
            || digits().filter_map(|text| text.strip_prefix("33")).filter(|n| n.len() == 9);
        Self {
            hashed: HASHED_PLACEHOLDERS.iter().map(|text| digest(text)).collect(),
            other_forms: digits()
                .map(&digest)
                .chain(digits().map(|text| digest(&["00", text].concat())))
                .chain(national().map(|text| digest(&["0", text].concat())))
                .collect(),
        }
    }

    /// Whether the digest is that of a well-known telephone in another form than E.164 with `+`: proof of
    /// what the column was made from.
    pub(crate) fn is_other_form(&self, bytes: &[u8; 32]) -> bool {
        self.other_forms.contains(bytes)
    }

    /// The digest, unless it is that of a placeholder.
    pub(crate) fn accept(&self, bytes: [u8; 32]) -> Option<Digest> {
        (!self.hashed.contains(&bytes)).then(|| Digest::from_bytes(bytes))
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
