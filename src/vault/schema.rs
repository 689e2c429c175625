//! The Parquet shape of a segment: columns, properties, encryption. Not the files nor the seal.
//!
//! Specified in `docs/formats/segment-v1.md`, "Columns". Modular encryption:
//! <https://github.com/apache/parquet-format/blob/master/Encryption.md>.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::{
    basic::{Compression, Encoding},
    encryption::{decrypt::FileDecryptionProperties, encrypt::FileEncryptionProperties},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
    },
};
use tiers_contact::{Kind, labels};

use super::Value;
use crate::crypto::{chain::VAULT_TOKEN_LEN, segment_key::SegmentKey};

/// Value of the footer's `format` key.
pub(super) const FORMAT: &str = "tiers-segment/1";

/// Rows of one row group: about 40 MB, so that a reader's memory does not grow with the file.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// What the last column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Sales,
    Leads,
}

impl Side {
    pub const fn of(value: Value) -> Self {
        match value {
            Value::Sale { .. } => Self::Sales,
            Value::Lead { .. } => Self::Leads,
        }
    }

    /// Columns of a segment, in order; none is nullable.
    pub fn schema(self) -> SchemaRef {
        let width = i32::try_from(VAULT_TOKEN_LEN).expect("16 fits");
        let value = match self {
            Self::Sales => ("amount_cents", DataType::Int64),
            Self::Leads => ("campaign", DataType::Int32),
        };
        let columns = [
            ("token", DataType::FixedSizeBinary(width)),
            ("row", DataType::Int32),
            ("first", DataType::Boolean),
            ("date", DataType::Date32),
            value,
        ];
        Arc::new(Schema::new(columns.map(|(name, kind)| Field::new(name, kind, false)).to_vec()))
    }
}

/// The footer's key-value metadata.
pub(super) fn footer(deposit: &str, kind: Kind, rows: u32) -> Vec<KeyValue> {
    let rows = rows.to_string();
    [("format", FORMAT), ("deposit", deposit), ("kind", kind.as_str()), ("rows", &rows)]
        .map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()))
        .to_vec()
}

/// How a segment is written.
pub(super) fn writer_properties(
    deposit: &str,
    kind: Kind,
    rows: u32,
    key: &SegmentKey,
) -> Result<WriterProperties, ParquetError> {
    let encryption = FileEncryptionProperties::builder(key.body().to_vec())
        .with_aad_prefix(aad_prefix(deposit, kind))
        .with_aad_prefix_storage(false)
        .build()?;
    Ok(WriterProperties::builder()
        .set_created_by("tiers".to_owned())
        .set_key_value_metadata(Some(footer(deposit, kind, rows)))
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::PLAIN)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .with_file_encryption_properties(encryption)
        .build())
}

/// How a segment is decrypted.
pub(super) fn decryption(
    deposit: &str,
    kind: Kind,
    key: &SegmentKey,
) -> Result<Arc<FileDecryptionProperties>, ParquetError> {
    FileDecryptionProperties::builder(key.body().to_vec())
        .with_aad_prefix(aad_prefix(deposit, kind))
        .build()
}

/// Binds every module to its deposit and kind; it is not stored, the reader must know it.
fn aad_prefix(deposit: &str, kind: Kind) -> Vec<u8> {
    [labels::SEGMENT_AAD_PREFIX, deposit, "/", kind.as_str()].concat().into_bytes()
}
