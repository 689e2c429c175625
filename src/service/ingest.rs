//! Reads a sealed body: checks its digest, opens it chunk by chunk in memory, re-keys every token
//! and finds the canaries. What comes out holds no token as it was sent.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ring::digest;
use tiers_contact::{Kind, Token};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::manifest::Manifest;
use tiers_protocol::policy::ClampCents;
use tiers_protocol::programme::Programme;
use tiers_protocol::seal::{HEADER, Opener};
use zeroize::Zeroizing;

use super::error::file_error;
use super::open_deposit::expected_columns;
use super::{Refusal, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::crypto::keyring::Keyring;
use crate::limits;
use crate::store::programme::Canary;
use crate::vault::{Day, Value, VaultRow};

/// Digits of an unkeyed SHA-256 in hex: what a CRM exports, and what is refused here.
const HEX_DIGEST: usize = 64;

/// Reads the body in `spool` as `manifest` describes it.
///
/// # Errors
/// [`Refusal`]s of the group `deposit`.
pub(super) fn read_body(
    spool: &Path,
    manifest: &Manifest,
    programme: &Programme,
    keyring: &Keyring,
    canaries: &[Canary],
) -> Result<Vec<VaultRow>, ServiceError> {
    check_digest(spool, manifest)?;
    let mut file = File::open(spool).map_err(file_error("the spool"))?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).map_err(|_| Refusal::BodyUnreadable)?;
    let mut opener = Opener::new(&keyring.sealing, &manifest.seal_info(), &header)
        .map_err(|_| Refusal::BodyUnreadable)?;
    let mut lines = Lines::new(manifest, programme, keyring, canaries);
    loop {
        let sealed = next_chunk(&mut file)?;
        let last = sealed.len() < Opener::SEALED_CHUNK;
        let plain = opener.chunk(&sealed, last).map_err(|_| Refusal::BodyUnreadable)?;
        lines.take(&plain)?;
        if last {
            return lines.end(manifest.rows);
        }
    }
}

/// One sealed chunk, or the shorter rest.
fn next_chunk(file: &mut File) -> Result<Vec<u8>, ServiceError> {
    let mut sealed = Vec::with_capacity(Opener::SEALED_CHUNK);
    file.take(Opener::SEALED_CHUNK as u64)
        .read_to_end(&mut sealed)
        .map_err(file_error("the spool"))?;
    Ok(sealed)
}

fn check_digest(spool: &Path, manifest: &Manifest) -> Result<(), ServiceError> {
    let expected = manifest.body.sealed.as_ref().ok_or(Refusal::Unsealed)?.sha256;
    let mut file = File::open(spool).map_err(file_error("the spool"))?;
    let mut context = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(file_error("the spool"))?;
        if read == 0 {
            break;
        }
        context.update(buffer.get(..read).unwrap_or_default());
    }
    let found: [u8; 32] = context.finish().as_ref().try_into().expect("SHA-256 yields 32 bytes");
    if Bytes::new(found) == expected { Ok(()) } else { Err(Refusal::BodyAltered.into()) }
}

/// Cuts the plain text into lines and reads them.
struct Lines<'a> {
    keyring: &'a Keyring,
    canaries: &'a [Canary],
    kinds: Vec<Kind>,
    campaigns: Vec<&'a str>,
    leads: bool,
    header: Vec<u8>,
    seen_header: bool,
    rest: Zeroizing<Vec<u8>>,
    rows: Vec<VaultRow>,
    found: Vec<u32>,
    read: u64,
}

impl<'a> Lines<'a> {
    fn new(
        manifest: &Manifest,
        programme: &'a Programme,
        keyring: &'a Keyring,
        canaries: &'a [Canary],
    ) -> Self {
        Self {
            keyring,
            canaries,
            kinds: programme.policy.kinds().collect(),
            campaigns: programme.campaigns.iter().map(|c| c.name.as_str()).collect(),
            leads: manifest.kind == tiers_contact::FileKind::Leads,
            header: expected_columns(manifest.kind, &programme.policy).join(",").into_bytes(),
            seen_header: false,
            rest: Zeroizing::new(Vec::new()),
            rows: Vec::new(),
            found: Vec::new(),
            read: 0,
        }
    }

    fn take(&mut self, plain: &[u8]) -> Result<(), Refusal> {
        let mut text = core::mem::replace(&mut self.rest, Zeroizing::new(Vec::new()));
        text.extend_from_slice(plain);
        let mut lines = text.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            if line.len() > limits::LINE_BYTES {
                return Err(Refusal::BadLine);
            }
            if lines.peek().is_none() {
                self.rest.extend_from_slice(line);
            } else {
                self.line(line)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if !self.seen_header {
            self.seen_header = true;
            return if line == self.header { Ok(()) } else { Err(Refusal::UnknownColumn) };
        }
        self.read += 1;
        if self.read > limits::DEPOSIT_ROWS {
            return Err(Refusal::BodyTooLarge);
        }
        let text = core::str::from_utf8(line).map_err(|_| Refusal::BadLine)?;
        let row = self.row(text)?;
        match self.canary(&row)? {
            Some(position) => self.found.push(position),
            None => self.rows.push(row),
        }
        Ok(())
    }

    fn row(&self, line: &str) -> Result<VaultRow, Refusal> {
        let mut fields = line.split(',');
        let (mut tokens, mut near) = ([None; Kind::SINGLE.len()], Vec::new());
        for kind in &self.kinds {
            let field = fields.next().ok_or(Refusal::BadLine)?;
            match tokens.get_mut(kind.index()) {
                Some(single) => *single = self.token(field)?,
                None => self.near(*kind, field, &mut near)?,
            }
        }
        let (Some(date), Some(value), None) = (fields.next(), fields.next(), fields.next()) else {
            return Err(Refusal::BadLine);
        };
        let value = if self.leads { self.campaign(value)? } else { amount(value)? };
        Ok(VaultRow { tokens, near, date: day(date)?, value })
    }

    /// Exactly as many tokens as the kind has, no two alike: fewer or more would tell what a row lacks.
    fn near(
        &self,
        kind: Kind,
        field: &str,
        near: &mut Vec<(Kind, VaultToken)>,
    ) -> Result<(), Refusal> {
        let start = near.len();
        for text in field.split(' ') {
            near.push((kind, self.token(text)?.ok_or(Refusal::BadLine)?));
        }
        let tokens = &near[start..];
        let distinct: BTreeSet<&VaultToken> = tokens.iter().map(|(_, token)| token).collect();
        let complete = distinct.len() == tokens.len() && tokens.len() == kind.tokens_per_row();
        if complete { Ok(()) } else { Err(Refusal::BadLine) }
    }

    fn token(&self, field: &str) -> Result<Option<VaultToken>, Refusal> {
        if field.is_empty() {
            return Ok(None);
        }
        if field.len() == HEX_DIGEST && field.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Refusal::BareHash);
        }
        let token = Token::from_base64url(field).ok_or(Refusal::BadLine)?;
        Ok(Some(self.keyring.vault().rekey(&token)))
    }

    fn campaign(&self, field: &str) -> Result<Value, Refusal> {
        let index = self.campaigns.iter().position(|name| *name == field);
        let campaign = index.and_then(|i| u16::try_from(i).ok()).ok_or(Refusal::BadLine)?;
        Ok(Value::Lead { campaign })
    }

    /// Which canary a row is, if any. A row that is a canary in one kind and not in all shows that
    /// tokens were not made as the programme's were.
    fn canary(&self, row: &VaultRow) -> Result<Option<u32>, Refusal> {
        let is = |canary: &Canary| row.tokens(canary.kind).any(|token| token == canary.token);
        let Some(first) = self.canaries.iter().find(|canary| is(canary)) else { return Ok(None) };
        let mut same = self.canaries.iter().filter(|canary| canary.position == first.position);
        if same.all(is) { Ok(Some(first.position)) } else { Err(Refusal::Canary) }
    }

    fn end(mut self, announced: u64) -> Result<Vec<VaultRow>, ServiceError> {
        if !self.rest.is_empty() {
            return Err(Refusal::BadLine.into());
        }
        if self.read != announced {
            return Err(Refusal::RowCount.into());
        }
        let mut expected: Vec<u32> = self.canaries.iter().map(|canary| canary.position).collect();
        expected.sort_unstable();
        expected.dedup();
        self.found.sort_unstable();
        if self.found != expected {
            return Err(Refusal::Canary.into());
        }
        Ok(self.rows)
    }
}

fn amount(field: &str) -> Result<Value, Refusal> {
    let canonical = field.bytes().all(|b| b.is_ascii_digit());
    let amount_cents: u64 = field.parse().map_err(|_| Refusal::BadLine)?;
    // The client clamps to less; beyond this a number is no amount.
    if !canonical || amount_cents > ClampCents::MAX {
        return Err(Refusal::BadLine);
    }
    Ok(Value::Sale { amount_cents })
}

fn day(field: &str) -> Result<Day, Refusal> {
    let date: jiff::civil::Date = field.parse().map_err(|_| Refusal::BadLine)?;
    if date.to_string() != field {
        return Err(Refusal::BadLine);
    }
    let since = date.since(jiff::civil::date(1970, 1, 1)).map_err(|_| Refusal::BadLine)?;
    Ok(Day::from_epoch_days(since.get_days()))
}
