//! Every domain-separation label of the product, in one place so that no two uses can collide.
//!
//! Labels are byte strings that enter a key derivation, a MAC, a signature or an AEAD beside the
//! data. They are public. This file is not a place for keys. A label that has been used once is never changed:
//! a new meaning gets a new label. Specified beside each format in `docs/formats/`.

/// Prefix of the HKDF `info` from which the key of one identifier kind is derived:
/// `"tiers/v1/" + domain + "/" + kind` (`docs/formats/normalisation-v1.md`, "Token").
pub const TOKEN_PREFIX: &str = "tiers/v1/";

/// Prefix of the HKDF `info` from which the key of one deposit's segments is derived out of the
/// vault's master key: prefix + deposit id (`docs/formats/segment-v1.md`, "Keys").
pub const SEGMENT_KEY_PREFIX: &str = "tiers/v1/vault/segment/";

/// HKDF `info` of the key that encrypts the Parquet modules of a deposit's segments.
pub const SEGMENT_BODY: &str = "tiers/v1/vault/segment-body";

/// HKDF `info` of the key that seals the whole bytes of a deposit's segment files.
pub const SEGMENT_SEAL: &str = "tiers/v1/vault/segment-seal";

/// Prefix of the additional authenticated data of a segment's Parquet modules:
/// prefix + deposit id + `/` + kind.
pub const SEGMENT_AAD_PREFIX: &str = "tiers/v1/vault/segment-aad/";

/// Prefix of the MAC over the bytes of one segment file: prefix + kind + line feed + file.
pub const SEGMENT_SEAL_FILE: &str = "tiers/v1/vault/seal-file/";

/// Prefix of the MAC over the list of a deposit's segments: prefix + line feed + list.
pub const SEGMENT_SEAL_LIST: &str = "tiers/v1/vault/seal-list";
