//! HKDF-SHA-256 (RFC 5869) with 32 bytes out, the one derivation of the certifier's keys. Not a
//! key type: callers wrap what comes out. The `info` texts stand in `labels.rs`.

use ring::hkdf;
use zeroize::Zeroizing;

/// 32 bytes of `info` under `key`; the parts of `info` follow each other.
pub(super) fn expand(key: &[u8; 32], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(key)
        .expand(info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *out))
        .expect("32 bytes are one block of HKDF-SHA-256");
    out
}
