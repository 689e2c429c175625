//! The file with a witness's secret key: `PRIVATE+KEY+<name>+<key id>+<base64 of 0x04 and the seed>`,
//! the form that <https://pkg.go.dev/golang.org/x/mod/sumdb/note> gives to signing keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tiers_protocol::tlog::WitnessSigner;
use zeroize::Zeroizing;

const PREFIX: &str = "PRIVATE+KEY+";

/// The text of the file.
///
/// # Panics
/// For a name that [`WitnessSigner::from_seed`] refuses.
#[must_use]
pub fn write_key(name: &str, seed: &[u8; 32]) -> Zeroizing<String> {
    let signer = WitnessSigner::from_seed(name, seed).expect("the caller checked the name");
    let vkey = signer.public().vkey();
    let id = vkey.split('+').nth(1).unwrap_or_default().to_owned();
    let typed = Zeroizing::new([&[4], seed.as_slice()].concat());
    let encoded = Zeroizing::new(STANDARD.encode(&*typed));
    Zeroizing::new(format!("{PREFIX}{name}+{id}+{}\n", encoded.as_str()))
}

/// Reads the file; `None` for anything that [`write_key`] does not write.
#[must_use]
pub fn read_key(text: &str) -> Option<WitnessSigner> {
    let parts: Vec<&str> = text.strip_prefix(PREFIX)?.trim_end().splitn(3, '+').collect();
    let [name, _, encoded] = parts.as_slice() else { return None };
    let typed = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let seed: &[u8; 32] = typed.strip_prefix(&[4])?.try_into().ok()?;
    let signer = WitnessSigner::from_seed(name, seed).ok()?;
    (write_key(name, seed).as_str() == text).then_some(signer)
}
