//! What goes over the wire: the body that a sender uploads, and the package that a recipient fetches.
//!
//! The body is sealed to the certifier (`docs/formats/body.md`) because it holds rights tokens, which
//! must not touch its disk; what it holds of a person beside them is sealed to the recipient. The package
//! holds no token. Specified in `docs/formats/exchange-batch.md`.

use std::io::{self, Read};

use tiers_contact::labels;
use zeroize::Zeroizing;

use super::batch::TAG;
use super::evidence::SEALED_EVIDENCE;
use super::statement::digest_of_tokens;
use super::{BatchHead, BatchStatement, Leaf};
use crate::canonical;
use crate::encoding::Bytes;
use crate::ids::RecordId;

const TOKEN: usize = 32;
/// First bytes of a package.
const MAGIC: &[u8] = b"tiers-exchange-package/1\n";
/// A statement is much shorter.
const STATEMENT_MAX: u32 = 1 << 16;

/// HPKE `info` of the sealed body of a batch.
#[must_use]
pub fn upload_info(head: &BatchHead) -> Vec<u8> {
    let mut info = labels::EXCHANGE_UPLOAD.as_bytes().to_vec();
    info.push(b'\n');
    info.extend(canonical::to_vec(head));
    info
}

/// Bytes of one sealed record.
#[must_use]
pub const fn sealed_bytes(head: &BatchHead) -> usize {
    head.size_class.bytes() + TAG
}

/// Plain bytes of one record of an upload: tokens, sealed record, sealed evidence.
#[must_use]
pub const fn upload_row(head: &BatchHead) -> usize {
    2 * TOKEN + sealed_bytes(head) + SEALED_EVIDENCE
}

/// Plain bytes of a whole upload.
#[must_use]
pub const fn upload_bytes(head: &BatchHead) -> u64 {
    head.records * upload_row(head) as u64
}

/// The rights tokens of one person: e-mail and telephone, either of which may be missing.
#[derive(Default)]
pub struct Tokens {
    /// Of the e-mail address.
    pub email: Option<Zeroizing<[u8; TOKEN]>>,
    /// Of the telephone.
    pub phone: Option<Zeroizing<[u8; TOKEN]>>,
}

impl Tokens {
    /// What the sender signs instead of them.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        let bytes = |token: &Option<Zeroizing<[u8; TOKEN]>>| {
            token.as_ref().map_or_else(|| Zeroizing::new([0; TOKEN]), Clone::clone)
        };
        digest_of_tokens(&bytes(&self.email), &bytes(&self.phone))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none()
    }

    /// Appends them as an upload holds them.
    pub fn write(&self, row: &mut Vec<u8>) {
        for token in [&self.email, &self.phone] {
            match token {
                Some(token) => row.extend_from_slice(token.as_ref()),
                None => row.extend_from_slice(&[0; TOKEN]),
            }
        }
    }

    /// Reads a row of an upload: the tokens, and the sealed record and evidence behind them.
    #[must_use]
    pub fn read(row: &[u8]) -> Option<(Self, &[u8])> {
        let (email, rest) = row.split_first_chunk::<TOKEN>()?;
        let (phone, sealed) = rest.split_first_chunk::<TOKEN>()?;
        let token = |bytes: &[u8; TOKEN]| (*bytes != [0; TOKEN]).then(|| Zeroizing::new(*bytes));
        Some((Self { email: token(email), phone: token(phone) }, sealed))
    }
}

/// Why a record may pass: the place of the rule, and the consent record where consent carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Place of the rule in the policy.
    pub rule: u16,
    /// The consent record.
    pub record: Option<RecordId>,
}

impl Carried {
    /// One byte that says whether there is a record, the rule, the record.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(if self.record.is_some() { 2 } else { 1 });
        out.extend_from_slice(&self.rule.to_be_bytes());
        if let Some(record) = self.record {
            out.extend_from_slice(record.as_bytes());
        }
    }

    /// Reads what stands behind the byte that says which.
    pub(super) fn read(kind: u8, reader: &mut impl Read) -> io::Result<Self> {
        let rule = u16::from_be_bytes(bytes(reader)?);
        let record = match kind {
            1 => None,
            2 => Some(RecordId::from_bytes(bytes(reader)?)),
            _ => return Err(wrong()),
        };
        Ok(Self { rule, record })
    }
}

/// So many bytes.
pub(super) fn bytes<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// One position of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record that passes.
    Delivered {
        /// Why.
        carried: Carried,
        /// Digest of its rights tokens.
        tokens: Bytes<32>,
        /// The sealed record.
        sealed: Vec<u8>,
        /// Its evidence, sealed to the recipient's officer.
        evidence: Vec<u8>,
    },
    /// One that stays.
    HeldBack(Leaf),
}

impl Item {
    /// The leaf of this position in the tree that the sender signed.
    #[must_use]
    pub fn leaf(&self, position: u64) -> Leaf {
        match self {
            Self::Delivered { tokens, sealed, evidence, .. } => {
                Leaf::of(position, tokens, (sealed, evidence))
            }
            Self::HeldBack(leaf) => *leaf,
        }
    }

    /// Appends it to a package.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Delivered { carried, tokens, sealed, evidence } => {
                carried.write(out);
                out.extend_from_slice(tokens.as_bytes());
                out.extend_from_slice(sealed);
                out.extend_from_slice(evidence);
            }
            Self::HeldBack(leaf) => {
                out.push(0);
                out.extend_from_slice(leaf.digest().as_bytes());
            }
        }
    }
}

/// Writes what stands before the records of a package.
pub fn package_head(statement: &BatchStatement) -> Vec<u8> {
    let text = canonical::to_vec(statement);
    let length = u32::try_from(text.len()).unwrap_or(STATEMENT_MAX);
    [MAGIC, &length.to_be_bytes(), &text].concat()
}

/// Reads a package record by record.
pub struct Package<R> {
    reader: R,
    statement: BatchStatement,
    sealed: usize,
    left: u64,
}

pub(super) fn wrong() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

impl<R: Read> Package<R> {
    /// Reads what stands before the records.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for what is no package; those of the reader.
    pub fn begin(mut reader: R) -> io::Result<Self> {
        let mut magic = [0; MAGIC.len()];
        reader.read_exact(&mut magic)?;
        let mut length = [0; 4];
        reader.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if magic != MAGIC || length > STATEMENT_MAX {
            return Err(wrong());
        }
        let mut text = vec![0; usize::try_from(length).map_err(|_| wrong())?];
        reader.read_exact(&mut text)?;
        let statement: BatchStatement = canonical::from_slice(&text).map_err(|_| wrong())?;
        let head = &statement.statement.head;
        let (sealed, left) = (sealed_bytes(head), head.records);
        Ok(Self { reader, statement, sealed, left })
    }

    /// What the sender signed; to be verified by the caller.
    #[must_use]
    pub const fn statement(&self) -> &BatchStatement {
        &self.statement
    }

    /// The next position; `None` behind the last, where nothing may follow.
    ///
    /// # Errors
    /// As [`Package::begin`].
    pub fn next_item(&mut self) -> io::Result<Option<Item>> {
        if self.left == 0 {
            let more = self.reader.read(&mut [0])?;
            return if more == 0 { Ok(None) } else { Err(wrong()) };
        }
        self.left -= 1;
        let mut kind = [0];
        self.reader.read_exact(&mut kind)?;
        if kind == [0] {
            return Ok(Some(Item::HeldBack(Leaf::received(Bytes::new(bytes(&mut self.reader)?)))));
        }
        let carried = Carried::read(kind[0], &mut self.reader)?;
        let tokens = Bytes::new(bytes(&mut self.reader)?);
        let mut sealed = vec![0; self.sealed];
        self.reader.read_exact(&mut sealed)?;
        let mut evidence = vec![0; SEALED_EVIDENCE];
        self.reader.read_exact(&mut evidence)?;
        Ok(Some(Item::Delivered { carried, tokens, sealed, evidence }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::consent::Channel;
    use crate::exchange::SizeClass;
    use crate::exchange::statement::BatchFormat;
    use crate::ids::{BatchId, ExchangeId, PartyId};
    use crate::seal::SealingSecret;
    use crate::sign::SigningSecret;

    fn statement(records: u64) -> BatchStatement {
        let head = BatchHead {
            format: BatchFormat::V1,
            exchange: ExchangeId::from_bytes([1; 16]),
            batch: BatchId::from_bytes([2; 16]),
            sender: PartyId::from_bytes([3; 16]),
            recipient: PartyId::from_bytes([4; 16]),
            sealed_to: SealingSecret::from_seed(&Zeroizing::new([5; 32])).public(),
            evidence_to: SealingSecret::from_seed(&Zeroizing::new([9; 32])).public(),
            channel: Channel::Email,
            size_class: SizeClass::B512,
            records,
            scrubbed: None,
        };
        let secret = SigningSecret::from_seed(&Zeroizing::new([6; 32]));
        let encs = [Bytes::new([7; 32]), Bytes::new([6; 32])];
        BatchStatement::sign(head, encs, Bytes::new([8; 32]), &secret)
    }

    fn package(items: &[Item]) -> Vec<u8> {
        let mut bytes = package_head(&statement(items.len() as u64));
        items.iter().for_each(|item| item.write(&mut bytes));
        bytes
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<Item>> {
        let mut package = Package::begin(bytes)?;
        let mut items = Vec::new();
        while let Some(item) = package.next_item()? {
            items.push(item);
        }
        Ok(items)
    }

    fn item() -> impl Strategy<Value = Item> {
        let held =
            any::<[u8; 32]>().prop_map(|leaf| Item::HeldBack(Leaf::received(Bytes::new(leaf))));
        let record = proptest::option::of(any::<[u8; 16]>());
        let passed = (any::<u16>(), record, any::<[u8; 32]>(), any::<u8>());
        let passed = passed.prop_map(|(rule, record, tokens, fill)| Item::Delivered {
            carried: Carried { rule, record: record.map(RecordId::from_bytes) },
            tokens: Bytes::new(tokens),
            sealed: vec![fill; SizeClass::B512.bytes() + TAG],
            evidence: vec![!fill; SEALED_EVIDENCE],
        });
        prop_oneof![held, passed]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_package_reads_back_whole_and_is_none_when_cut_or_longer(
            items in proptest::collection::vec(item(), 1..6),
            cut: u16,
        ) {
            let bytes = package(&items);
            prop_assert_eq!(&read(&bytes).unwrap(), &items);
            let cut = usize::from(cut) % bytes.len();
            prop_assert!(read(&bytes[..cut]).is_err());
            let longer = [bytes.as_slice(), &[0]].concat();
            prop_assert!(read(&longer).is_err());
        }

        #[test]
        fn tokens_read_back_and_a_short_row_holds_none(
            email in proptest::option::of(any::<[u8; 32]>()),
            phone in proptest::option::of(any::<[u8; 32]>()),
        ) {
            let some = |token: Option<[u8; 32]>| token.filter(|t| *t != [0; 32]).map(Zeroizing::new);
            let tokens = Tokens { email: some(email), phone: some(phone) };
            let mut row = Vec::new();
            tokens.write(&mut row);
            row.extend_from_slice(b"sealed");
            let (back, sealed) = Tokens::read(&row).unwrap();
            prop_assert_eq!(sealed, b"sealed".as_slice());
            prop_assert_eq!(back.digest(), tokens.digest());
            prop_assert_eq!(back.is_empty(), tokens.is_empty());
            prop_assert!(Tokens::read(&row[..63]).is_none());
        }
    }

    #[test]
    fn a_row_of_an_upload_is_as_long_as_its_head_says() {
        let statement = statement(3);
        let head = &statement.statement.head;
        assert_eq!(upload_row(head), 64 + 512 + 16 + 400);
        assert_eq!(upload_bytes(head), 3 * 992);
        assert!(upload_info(head).starts_with(b"tiers/v1/exchange/upload\n"));
    }
}
