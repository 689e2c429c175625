//! The seal of a deposit: which segments it has, how long each is, and a MAC over each one's tail:
//! the indexes and the footer.
//!
//! The tail says where every page lies, and each page is authenticated by its own encryption, bound to
//! its place; so a page is checked when it is read, and a reader of a range need not read the rest.
//! Parquet's reader was not written for hostile lengths: no tail is parsed before the seal has been
//! checked. The seal is not the receipt of a deposit: it is keyed and means nothing outside.
//! Specified in `docs/formats/segment-v1.md`, "Seal".

use std::fmt::Write as _;

use ring::hmac;
use subtle::ConstantTimeEq;
use tiers_contact::{Kind, labels};

use super::VaultError;
use crate::crypto::segment_key::SegmentKey;

/// First line of a seal.
const HEADER: &str = "tiers-segment-seal/1";

/// Length in bytes of a tag.
const TAG_LEN: usize = 32;

/// One segment in the list.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealedSegment {
    pub kind: Kind,
    pub rows: u32,
    /// Length of the file.
    pub bytes: u64,
    /// Bytes behind the last page.
    pub tail_bytes: u64,
    /// Of the tail.
    pub tag: [u8; TAG_LEN],
}

/// The list of a deposit's segments, in the order of [`Kind::ALL`].
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Seal {
    pub deposit: String,
    pub rows: u32,
    pub segments: Vec<SealedSegment>,
}

impl Seal {
    /// The bytes of the seal file.
    pub fn encode(&self, key: &SegmentKey) -> Vec<u8> {
        let mut text = self.list();
        let tag = hex(&list_tag(key, text.as_bytes()));
        text.push_str("seal ");
        text.push_str(&tag);
        text.push('\n');
        text.into_bytes()
    }

    /// Reads a seal file: exactly what [`Seal::encode`] writes for this key, and nothing else.
    pub fn decode(bytes: &[u8], deposit: &str, key: &SegmentKey) -> Result<Self, VaultError> {
        let text = std::str::from_utf8(bytes).map_err(|_| VaultError::Altered)?;
        let seal = parse(text).ok_or(VaultError::Altered)?;
        let same = bool::from(seal.encode(key).ct_eq(bytes));
        if same && seal.deposit == deposit { Ok(seal) } else { Err(VaultError::Altered) }
    }

    fn list(&self) -> String {
        let mut text = format!("{HEADER}\ndeposit {}\nrows {}\n", self.deposit, self.rows);
        for segment in &self.segments {
            let SealedSegment { kind, rows, bytes, tail_bytes, tag } = segment;
            writeln!(text, "{kind} {rows} {bytes} {tail_bytes} {}", hex(tag))
                .expect("a String takes all text");
        }
        text
    }
}

/// Reads what the lines say; that they say it in the one right way is checked by encoding again.
fn parse(text: &str) -> Option<Seal> {
    let mut lines = text.lines();
    lines.next()?;
    let deposit = lines.next()?.strip_prefix("deposit ")?.to_owned();
    let rows = lines.next()?.strip_prefix("rows ")?.parse().ok()?;
    let mut segments = Vec::new();
    for line in lines.take_while(|line| !line.starts_with("seal ")) {
        let mut words = line.split(' ');
        segments.push(SealedSegment {
            kind: words.next()?.parse().ok()?,
            rows: words.next()?.parse().ok()?,
            bytes: words.next()?.parse().ok()?,
            tail_bytes: words.next()?.parse().ok()?,
            tag: unhex(words.next()?)?,
        });
    }
    Some(Seal { deposit, rows, segments })
}

/// The tag of a segment's tail.
pub(super) fn tail_tag(key: &SegmentKey, kind: Kind, tail: &[u8]) -> [u8; TAG_LEN] {
    mac(key, &[labels::SEGMENT_SEAL_FILE.as_bytes(), kind.as_str().as_bytes(), b"\n", tail])
}

/// Compares a segment's tail with its entry in the seal.
pub(super) fn check_tail(
    tail: &[u8],
    sealed: &SealedSegment,
    key: &SegmentKey,
) -> Result<(), VaultError> {
    let same = tail_tag(key, sealed.kind, tail).ct_eq(&sealed.tag);
    if bool::from(same) { Ok(()) } else { Err(VaultError::Altered) }
}

fn list_tag(key: &SegmentKey, list: &[u8]) -> [u8; TAG_LEN] {
    mac(key, &[labels::SEGMENT_SEAL_LIST.as_bytes(), b"\n", list])
}

fn mac(key: &SegmentKey, parts: &[&[u8]]) -> [u8; TAG_LEN] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key.seal()));
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().try_into().expect("a SHA-256 tag has 32 bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; TAG_LEN]> {
    let mut bytes = [0; TAG_LEN];
    if text.len() != 2 * TAG_LEN || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}
