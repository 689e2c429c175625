//! The public ledger as everybody but its writer sees it: entries, checkpoints, proofs, and the
//! check of a whole ledger.
//!
//! Nothing here touches a disk, a network or a clock, and nothing here writes a ledger: files come
//! through [`TileSource`], so that the same code runs in the command line, in an officer's browser
//! and in a test. The writing side is the `ledger` module of the certifier.
//!
//! Formats: `docs/formats/ledger-entry.md`, `docs/formats/ledger-tiles.md`, and the C2SP
//! specifications [tlog-tiles](https://c2sp.org/tlog-tiles),
//! [tlog-checkpoint](https://c2sp.org/tlog-checkpoint),
//! [signed-note](https://c2sp.org/signed-note), [tlog-proof](https://c2sp.org/tlog-proof),
//! [tlog-cosignature](https://c2sp.org/tlog-cosignature), [tlog-witness](https://c2sp.org/tlog-witness)
//! and [tlog-policy](https://c2sp.org/tlog-policy).
//!
//! Every format is exact: for a given content there is one byte string, and any other is refused.

mod act;
mod bundle;
mod checkpoint;
mod cosignature;
mod entry;
mod fault;
mod leaf;
mod partial;
mod path;
mod proof;
mod signer;
mod tree;
mod verify;
mod witness;
mod witnesses;

#[cfg(test)]
mod model;
#[cfg(test)]
mod mutations;

pub use act::{ActTime, EntryType, OpaqueId};
pub use bundle::{BundleError, decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, LedgerVerifier, VerifierKeyError};
pub use cosignature::{Cosigned, WitnessKey, WitnessSigner};
pub use entry::{Debit, ENTRY_BYTES_MAX, Entry, EntryError, NRHO_MAX, Salted, commit};
pub use fault::{FileName, LedgerFault, SourceError};
pub use leaf::LeafType;
pub use partial::{PartialTree, partial_tiles};
pub use path::{
    CHECKPOINT_PATH, TILE_WIDTH, TileKind, TilePath, TilePathError, WITNESSED_PATH, required_tiles,
};
pub use proof::{LedgerProof, PROOF_HASHES_MAX, ProofError};
pub use signer::{LedgerSigner, OriginError};
pub use verify::{
    FILE_BYTES_MAX, LedgerSummary, TileSource, Witnessed, verify_consistent, verify_history,
    verify_ledger, visit_ledger,
};
pub use witness::{ADD_CHECKPOINT_BYTES_MAX, Accepted, AddCheckpoint, WitnessRefusal, judge};
pub use witnesses::{WITNESSES_MAX, Witness, WitnessPolicy, WitnessPolicyError};
