//! Reading typed values out of text columns.

use core::str::FromStr;

use super::StoreError;

/// Parses a text that this program wrote.
pub(super) fn parse<T: FromStr>(text: &str, column: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { column })
}

/// Reads a JSON document that this program wrote.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt { column })
}

/// A count or index, which SQLite keeps as a signed 64-bit integer.
pub(super) fn unsigned(value: i64, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Corrupt { column })
}

/// The other way; every number stored is far below 2^63.
pub(super) fn signed(value: u64, column: &'static str) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Corrupt { column })
}
