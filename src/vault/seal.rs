//! The seal of a deposit: which segments it has, and a MAC over every byte of each.
//!
//! Parquet's modular encryption authenticates the modules but not the length prefixes, magic numbers
//! and padding around them, nor that a file is there at all; and its reader was not written for
//! hostile lengths. So nothing is parsed before the seal has been checked. The seal is not the
//! receipt of a deposit: it is keyed and means nothing outside.
//! Specified in `docs/formats/segment-v1.md`, "Seal".

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
};

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
    pub bytes: u64,
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

    /// The entry of `kind`, if the deposit has rows of it.
    pub fn segment(&self, kind: Kind) -> Option<&SealedSegment> {
        self.segments.iter().find(|segment| segment.kind == kind)
    }

    fn list(&self) -> String {
        let mut text = format!("{HEADER}\ndeposit {}\nrows {}\n", self.deposit, self.rows);
        for segment in &self.segments {
            let SealedSegment { kind, rows, bytes, tag } = segment;
            writeln!(text, "{kind} {rows} {bytes} {}", hex(tag)).expect("a String takes all text");
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
            tag: unhex(words.next()?)?,
        });
    }
    Some(Seal { deposit, rows, segments })
}

/// A writer that computes the tag of the bytes that pass through it.
pub(super) struct SealingWriter<W> {
    inner: W,
    context: hmac::Context,
    bytes: u64,
}

impl<W: Write> SealingWriter<W> {
    pub fn new(inner: W, key: &SegmentKey, kind: Kind) -> Self {
        Self { inner, context: file_context(key, kind), bytes: 0 }
    }

    /// The writer, the number of bytes and their tag.
    pub fn finish(self) -> (W, u64, [u8; TAG_LEN]) {
        (self.inner, self.bytes, tag_bytes(&self.context.sign()))
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.context.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Reads a segment file to its end and compares it with its entry in the seal.
pub(super) fn check_file(
    mut file: impl Read,
    sealed: &SealedSegment,
    key: &SegmentKey,
) -> Result<(), VaultError> {
    let mut context = file_context(key, sealed.kind);
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0_u64;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                context.update(&buffer[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(super::files::read_error(error)),
        }
    }
    let same = tag_bytes(&context.sign()).ct_eq(&sealed.tag);
    if bytes == sealed.bytes && bool::from(same) { Ok(()) } else { Err(VaultError::Altered) }
}

fn file_context(key: &SegmentKey, kind: Kind) -> hmac::Context {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key.seal()));
    for part in [labels::SEGMENT_SEAL_FILE, kind.as_str(), "\n"] {
        context.update(part.as_bytes());
    }
    context
}

fn list_tag(key: &SegmentKey, list: &[u8]) -> [u8; TAG_LEN] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key.seal()));
    for part in [labels::SEGMENT_SEAL_LIST.as_bytes(), b"\n", list] {
        context.update(part);
    }
    tag_bytes(&context.sign())
}

fn tag_bytes(tag: &hmac::Tag) -> [u8; TAG_LEN] {
    tag.as_ref().try_into().expect("a SHA-256 tag has 32 bytes")
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
