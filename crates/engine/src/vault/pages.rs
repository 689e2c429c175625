//! Decrypts single pages of a segment and turns them into columns, without the Parquet library's
//! reader, which copies each value several times.
//!
//! A page is two modules of Parquet's modular encryption, its header and its values; both are
//! authenticated under additional data that say which page of which file they are. The values are
//! PLAIN and of fixed width, so that their length says that they are whole. Where pages lie:
//! `index.rs`. Specified in `docs/formats/segment-v1.md`, "Encoding".

use std::fs::File;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{
    Batch, Columns, Day, Side, TokenRange, Values, VaultError,
    index::{Index, Page, read_at},
    segments::head,
};
use crate::crypto::{
    chain::{VAULT_TOKEN_LEN, VaultToken},
    segment_key::SegmentKey,
};

/// Module types of the additional data.
const DATA_PAGE: u8 = 2;
const DATA_PAGE_HEADER: u8 = 4;

/// Columns in the order of the schema.
const TOKEN: usize = 0;
const ROW: usize = 1;
const FIRST: usize = 2;
const DATE: usize = 3;
const VALUE: usize = 4;

/// Opens modules under the body key of one deposit.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub fn new(key: &SegmentKey) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &*key.body()).expect("an AES-256 key has 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Decrypts a module, `length (4, little endian) || nonce || ciphertext || tag`, that `bytes` begin
    /// with; its content and what comes behind it.
    fn open<'b>(&self, bytes: &'b mut [u8], aad: &[u8]) -> Option<(&'b [u8], &'b mut [u8])> {
        let (length, rest) = bytes.split_first_chunk_mut::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (module, behind) = rest.split_at_mut_checked(length)?;
        let (nonce, sealed) = module.split_first_chunk_mut::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.0.open_in_place(nonce, Aad::from(aad), sealed).ok()?;
        Some((plain, behind))
    }
}

/// Reads pages of one segment.
pub(super) struct PageReader<'a> {
    cipher: &'a Cipher,
    index: &'a Index,
    /// Bytes of one page, and room: the batch's own while one is filled, so that readers who share a batch
    /// share what is warm in the cache.
    bytes: Vec<u8>,
    /// Additional data; used again.
    aad: Vec<u8>,
}

impl<'a> PageReader<'a> {
    pub const fn new(cipher: &'a Cipher, index: &'a Index) -> Self {
        Self { cipher, index, bytes: Vec::new(), aad: Vec::new() }
    }

    /// Appends the rows of `page` that lie in `range` to the columns that are asked for.
    pub fn read(
        &mut self,
        file: &File,
        page: &Page,
        range: TokenRange,
        columns: Columns,
        batch: &mut Batch,
    ) -> Result<(), VaultError> {
        std::mem::swap(&mut self.bytes, &mut batch.bytes);
        let read = self.fill(file, page, range, columns, batch);
        std::mem::swap(&mut self.bytes, &mut batch.bytes);
        read
    }

    fn fill(
        &mut self,
        file: &File,
        page: &Page,
        range: TokenRange,
        columns: Columns,
        batch: &mut Batch,
    ) -> Result<(), VaultError> {
        // The values tell the side even where nobody asked for them.
        match self.index.side {
            Side::Sales => _ = batch.amounts(),
            Side::Leads => _ = batch.campaigns(),
            Side::Customers => batch.values = Values::Known,
        }
        let start = batch.tokens.len();
        let tokens = self.column::<VAULT_TOKEN_LEN>(file, page, TOKEN)?;
        batch.tokens.extend(tokens.iter().map(|bytes| VaultToken::from_bytes(*bytes)));
        let (mut from, mut to) = (0, page.rows);
        if page.from < range.from || page.to > range.to {
            let read = &batch.tokens[start..];
            from = read.partition_point(|token| head(token) < range.from);
            to = read.partition_point(|token| head(token) <= range.to).max(from);
            batch.tokens.truncate(start + to);
            batch.tokens.drain(start..start + from);
        }
        if from == to {
            return Ok(());
        }
        if columns.rows {
            // Written from numbers of 31 bits.
            let rows = &self.column::<4>(file, page, ROW)?[from..to];
            batch.rows.extend(rows.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        }
        if columns.firsts {
            let firsts = self.values(file, page, FIRST, page.rows.div_ceil(8))?;
            let start = batch.firsts.len();
            for eight in firsts {
                let bits: [bool; 8] = std::array::from_fn(|bit| eight >> bit & 1 == 1);
                batch.firsts.extend_from_slice(&bits);
            }
            batch.firsts.truncate(start + to);
            batch.firsts.drain(start..start + from);
        }
        if columns.days {
            let days = &self.column::<4>(file, page, DATE)?[from..to];
            batch
                .days
                .extend(days.iter().map(|day| Day::from_epoch_days(i32::from_le_bytes(*day))));
        }
        if columns.values {
            self.last_column(file, page, from..to, batch)?;
        }
        Ok(())
    }

    fn last_column(
        &mut self,
        file: &File,
        page: &Page,
        part: std::ops::Range<usize>,
        batch: &mut Batch,
    ) -> Result<(), VaultError> {
        match self.index.side {
            Side::Sales => {
                let amounts = &self.column::<8>(file, page, VALUE)?[part];
                batch.amounts().extend(amounts.iter().map(|bytes| u64::from_le_bytes(*bytes)));
            }
            Side::Leads => {
                let campaigns = &self.column::<4>(file, page, VALUE)?[part];
                // Written from numbers of 16 bits.
                let narrow =
                    campaigns.iter().map(|[low, high, ..]| u16::from_le_bytes([*low, *high]));
                batch.campaigns().extend(narrow);
            }
            // The column says nothing.
            Side::Customers => batch.values = Values::Known,
        }
        Ok(())
    }

    /// The values of a column of fixed width.
    fn column<const WIDTH: usize>(
        &mut self,
        file: &File,
        page: &Page,
        column: usize,
    ) -> Result<&[[u8; WIDTH]], VaultError> {
        Ok(self.values(file, page, column, page.rows * WIDTH)?.as_chunks().0)
    }

    /// The decrypted values of a column, `length` bytes.
    fn values(
        &mut self,
        file: &File,
        page: &Page,
        column: usize,
        length: usize,
    ) -> Result<&[u8], VaultError> {
        let (offset, page_bytes) = page.places[column];
        // The place stands in the sealed tail; a page is no longer than what is written at a time.
        if self.bytes.len() < page_bytes {
            self.bytes.resize(page_bytes, 0);
        }
        let bytes = &mut self.bytes[..page_bytes];
        read_at(file, bytes, offset)?;
        self.aad.clear();
        self.aad.extend_from_slice(&self.index.aad);
        self.aad.push(DATA_PAGE_HEADER);
        let type_at = self.aad.len() - 1;
        let column = u16::try_from(column).map_err(|_| VaultError::Altered)?;
        for ordinal in [page.ordinals[0], column, page.ordinals[1]] {
            self.aad.extend_from_slice(&ordinal.to_le_bytes());
        }
        let header = self.cipher.open(bytes, &self.aad).ok_or(VaultError::Altered)?;
        self.aad[type_at] = DATA_PAGE;
        let (values, behind) = self.cipher.open(header.1, &self.aad).ok_or(VaultError::Altered)?;
        if values.len() == length && behind.is_empty() {
            Ok(values)
        } else {
            Err(VaultError::Altered)
        }
    }
}
