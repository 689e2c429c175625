//! Options and small files that several subjects share.

use std::{fs, path::PathBuf};

use tiers_contact::{FileKind, Kind, PrepareError, PrepareOptions, Prepared, read_and_normalise};

/// The kinds of the standard policy.
pub const KINDS: [Kind; 4] = [Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost];

/// Folder of the sample network.
pub fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/network")
}

/// The standard policy with the campaigns of the sample network.
pub fn options(kind: FileKind) -> PrepareOptions {
    let campaigns =
        fs::read_to_string(samples().join("campaigns.csv")).expect("the list of campaigns");
    let campaigns = campaigns.lines().skip(1).filter_map(|line| line.split(',').next());
    PrepareOptions {
        campaigns: campaigns.map(str::to_owned).collect(),
        clamp_cents: 4_000_000,
        max_reject_permille: 50,
        ..PrepareOptions::new(kind, KINDS.to_vec())
    }
}

/// Reads a sales file of the standard policy.
pub fn sales(bytes: &[u8]) -> Result<Prepared, PrepareError> {
    read_and_normalise("sales.csv", bytes, &options(FileKind::Sales))
}

/// Reads a sales file whose rejects do not matter to the file.
pub fn lenient(text: &str) -> Prepared {
    let options = PrepareOptions { max_reject_permille: 1000, ..options(FileKind::Sales) };
    match read_and_normalise("sales.csv", text.as_bytes(), &options) {
        Ok(prepared) => prepared,
        Err(error) => panic!("{error}"),
    }
}
