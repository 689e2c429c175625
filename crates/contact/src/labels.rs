//! Every domain-separation label of the product, in one place so that no two uses can collide.
//!
//! Labels are byte strings that enter a key derivation, a MAC, a signature or an AEAD beside the
//! data. They are public. This file is not a place for keys. A label that has been used once is never changed:
//! a new meaning gets a new label. Specified beside each format in `docs/formats/`.

/// Prefix of the HKDF `info` from which the key of one identifier kind is derived:
/// `"tiers/v1/" + domain + "/" + kind` (`docs/formats/normalisation-v1.md`, "Token").
pub const TOKEN_PREFIX: &str = "tiers/v1/";
