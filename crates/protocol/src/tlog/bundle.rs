//! Entry bundles: up to 256 entries in one file, each behind its length as a 16-bit big-endian
//! integer.
//!
//! A bundle knows nothing of what its entries say. Specified by <https://c2sp.org/tlog-tiles>,
//! section "Log Entries".

use super::entry::ENTRY_BYTES_MAX;
use super::path::TILE_WIDTH;

/// Puts entries into a bundle.
///
/// # Errors
/// [`BundleError`] for more than 256 entries or an entry longer than [`ENTRY_BYTES_MAX`].
pub fn encode_bundle<T: AsRef<[u8]>>(entries: &[T]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::TooMany);
    }
    let mut bundle = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLong)?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Takes a bundle of exactly `width` entries apart.
///
/// # Errors
/// [`BundleError::Truncated`] when bytes are missing, [`BundleError::TooMany`] when bytes are left.
pub fn decode_bundle(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bundle;
    for _ in 0..width {
        let (length, after) = rest.split_first_chunk().ok_or(BundleError::Truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(BundleError::Truncated)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BundleError::TooMany) }
}

/// How many bytes of `bundle` its first `width` entries take; `None` when it holds fewer.
pub(super) fn prefix_bytes(entries: &[&[u8]], width: u16) -> Option<usize> {
    let entries = entries.get(..usize::from(width))?;
    Some(entries.iter().map(|e| 2 + e.len()).sum())
}

/// Why bytes are not a bundle, or entries cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bundle ends inside an entry or before its last one.
    #[error("the entry bundle is cut short")]
    Truncated,
    /// More entries, or more bytes, than the bundle may hold.
    #[error("the entry bundle holds more than its name says")]
    TooMany,
    /// An entry does not fit its 16-bit length.
    #[error("an entry is longer than {ENTRY_BYTES_MAX} bytes")]
    TooLong,
}

impl BundleError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Truncated => "ledger.bundle.truncated",
            Self::TooMany => "ledger.bundle.too_many",
            Self::TooLong => "ledger.bundle.too_long",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_big_endian_and_bounded() {
        let long = vec![5_u8; 258];
        let bundle = encode_bundle(&[long.as_slice(), b"", b"a"]).unwrap();
        assert_eq!(bundle[..2], [1, 2]);
        assert_eq!(bundle[260..], [0, 0, 0, 1, b'a']);
        assert_eq!(encode_bundle(&[vec![0; 65_536]]), Err(BundleError::TooLong));
        assert_eq!(encode_bundle(&vec![b""; 257]), Err(BundleError::TooMany));
        assert!(encode_bundle(&vec![b""; 256]).is_ok());
    }

    proptest! {
        #[test]
        fn bundles_round_trip_at_their_width_only(
            entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20),
        ) {
            let bundle = encode_bundle(&entries).unwrap();
            let width = u16::try_from(entries.len()).unwrap();
            let decoded = decode_bundle(&bundle, width).unwrap();
            prop_assert_eq!(&decoded, &entries);
            prop_assert_eq!(prefix_bytes(&decoded, width), Some(bundle.len()));
            prop_assert_eq!(prefix_bytes(&decoded, width + 1), None);
            prop_assert_eq!(decode_bundle(&bundle, width - 1), Err(BundleError::TooMany));
            prop_assert_eq!(decode_bundle(&bundle, width + 1), Err(BundleError::Truncated));
            let cut = decode_bundle(&bundle[..bundle.len() - 1], width);
            prop_assert_eq!(cut, Err(BundleError::Truncated));
        }
    }
}
