//! The Parquet shape of a segment: columns, properties, encryption. Not the files nor the seal.
//!
//! Specified in `docs/formats/segment-v1.md`, "Columns". Modular encryption:
//! <https://github.com/apache/parquet-format/blob/master/Encryption.md>.

use std::sync::Arc;

use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical},
    encryption::{decrypt::FileDecryptionProperties, encrypt::FileEncryptionProperties},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
    },
    schema::types::{ColumnPath, Type, TypePtr},
};
use tiers_contact::{Kind, labels};

use super::Value;
use crate::crypto::{chain::VAULT_TOKEN_LEN, segment_key::SegmentKey};

/// Name and version of the format: value of the footer's `format` key.
pub const FORMAT: &str = "tiers-segment/1";

/// Rows of one row group: the writer holds up to three, 9 MB each.
pub(super) const ROW_GROUP_ROWS: usize = 1 << 18;

/// Rows of one page of every column, the last of a row group apart. A reader of a range decrypts whole pages, and one of many
/// deposits holds a page of each: few rows make narrow ranges cheap and keep what waits in a processor's own cache.
/// The modules around them are a hundredth of the file. Segments that were written with other pages are read as well.
pub(super) const PAGE_ROWS: usize = 1 << 10;

/// Columns of a segment.
pub(super) const COLUMNS: usize = 5;

/// What a deposit holds: sales, leads, or known persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A partner's sales.
    Sales,
    /// A principal's leads.
    Leads,
    /// Persons that a party knows.
    Customers,
}

impl Side {
    /// The side of a row with this value.
    #[must_use]
    pub const fn of(value: Value) -> Self {
        match value {
            Value::Sale { .. } => Self::Sales,
            Value::Lead { .. } => Self::Leads,
            Value::Known => Self::Customers,
        }
    }

    /// Columns of a segment, in order; none is nullable.
    pub(super) fn schema(self) -> TypePtr {
        let value = match self {
            Self::Sales => ("sale", Physical::INT64),
            Self::Leads => ("campaign", Physical::INT32),
            Self::Customers => ("known", Physical::INT32),
        };
        let token = ("token", Physical::FIXED_LEN_BYTE_ARRAY);
        let columns = [token, ("row", Physical::INT32), ("first", Physical::BOOLEAN), DATE, value];
        let column = |(name, physical): (&str, Physical)| {
            let length = i32::try_from(VAULT_TOKEN_LEN).expect("16 fits");
            let length = if physical == Physical::FIXED_LEN_BYTE_ARRAY { length } else { -1 };
            let logical = (name == DATE.0).then_some(LogicalType::Date);
            let column = Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::REQUIRED)
                .with_length(length)
                .with_logical_type(logical)
                .build();
            Arc::new(column.expect("a type of the specification"))
        };
        let group = Type::group_type_builder("segment").with_fields(columns.map(column).to_vec());
        Arc::new(group.build().expect("five named columns"))
    }
}

/// The column of days.
const DATE: (&str, Physical) = ("date", Physical::INT32);

/// The footer's key-value metadata.
pub(super) fn footer(deposit: &str, kind: Kind, rows: u32) -> Vec<KeyValue> {
    let rows = rows.to_string();
    [("format", FORMAT), ("deposit", deposit), ("kind", kind.as_str()), ("rows", &rows)]
        .map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned()))
        .to_vec()
}

/// How a segment is written; without a key, how an export of it is.
pub(super) fn writer_properties(
    deposit: &str,
    kind: Kind,
    rows: u32,
    key: Option<&SegmentKey>,
) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by("tiers".to_owned())
        .set_key_value_metadata(Some(footer(deposit, kind, rows)))
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::PLAIN)
        // Ranges are found by the tokens of pages; days may help others. The rest says nothing.
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(ColumnPath::from("token"), EnabledStatistics::Page)
        .set_column_statistics_enabled(ColumnPath::from(DATE.0), EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        // Pages of all columns end at the same rows: the limit in bytes is never reached.
        .set_write_batch_size(PAGE_ROWS)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_ROWS * VAULT_TOKEN_LEN * 2);
    if let Some(key) = key {
        let encryption = FileEncryptionProperties::builder(key.body().to_vec())
            .with_aad_prefix(aad_prefix(deposit, kind))
            .with_aad_prefix_storage(false)
            .build()?;
        properties = properties.with_file_encryption_properties(encryption);
    }
    Ok(properties.build())
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
pub(super) fn aad_prefix(deposit: &str, kind: Kind) -> Vec<u8> {
    [labels::SEGMENT_AAD_PREFIX, deposit, "/", kind.as_str()].concat().into_bytes()
}
