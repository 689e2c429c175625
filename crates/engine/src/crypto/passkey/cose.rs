//! Public keys of authenticators: the three algorithms that devices have, each in the one spelling that
//! CTAP2 prescribes (canonical CBOR), and their signatures. Any other spelling is refused.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

/// What is offered, the best first: Ed25519, ES256, RS256 (some computers with an older TPM).
pub(super) const ALGORITHMS: [i32; 3] = [-8, -7, -257];

/// First byte of a key as it is kept.
const ES256: u8 = 1;
const EDDSA: u8 = 2;
const RS256: u8 = 3;

/// CBOR up to x of a key on P-256, and between x and y.
const ES256_X: &[u8] = &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
const ES256_Y: &[u8] = &[0x22, 0x58, 32];
/// CBOR up to the key of Ed25519.
const EDDSA_X: &[u8] = &[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32];
/// CBOR up to the length of the modulus, and after it: the exponent 65,537.
const RS256_N: &[u8] = &[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59];
const RS256_E: &[u8] = &[0x21, 0x43, 1, 0, 1];
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Reads a key from the beginning of `data`; gives it as it is kept, and what follows.
pub(super) fn read(data: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if let Some(rest) = data.strip_prefix(ES256_X) {
        let (x, rest) = rest.split_at_checked(32)?;
        let (y, rest) = rest.strip_prefix(ES256_Y)?.split_at_checked(32)?;
        // A point that is not compressed begins with 4.
        return Some(([&[ES256, 4][..], x, y].concat(), rest));
    }
    if let Some(rest) = data.strip_prefix(EDDSA_X) {
        let (key, rest) = rest.split_at_checked(32)?;
        return Some(([&[EDDSA][..], key].concat(), rest));
    }
    let rest = data.strip_prefix(RS256_N)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (modulus, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let rest = rest.strip_prefix(RS256_E)?;
    (256..=1_024).contains(&modulus.len()).then(|| ([&[RS256][..], modulus].concat(), rest))
}

/// Whether a kept key made a signature.
pub(super) fn verifies(kept: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Some((algorithm, key)) = kept.split_first() else { return false };
    let verified = match *algorithm {
        ES256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(message, signature),
        EDDSA => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        RS256 => RsaPublicKeyComponents { n: key, e: EXPONENT.as_slice() }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            message,
            signature,
        ),
        _ => return false,
    };
    verified.is_ok()
}
