//! Deposits as a party's own machine makes them: file, normalisation, tokens, manifest, seal.

use tiers_contact::{FileKind, Prepared, read_and_normalise};
pub use tiers_protocol::deposit::options;
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::ids::DepositId;
use tiers_protocol::manifest::{self, Manifest, SealedDescription, SignedManifest};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::{SealingPublic, seal_body};

/// A deposit before it is sealed and signed: tests may spoil any part of it.
#[derive(Clone)]
pub struct Draft {
    /// What will be signed.
    pub manifest: Manifest,
    /// The rows in clear.
    pub plain: Vec<u8>,
}

impl Draft {
    /// Prepares a file.
    pub fn of(programme: &Programme, key: &ProgrammeKey, kind: FileKind, csv: &[u8]) -> Self {
        let prepared = read_and_normalise("file.csv", csv, &options(programme, kind)).unwrap();
        Self::prepared(programme, key, &prepared)
    }

    /// From a file that was read already.
    pub fn prepared(programme: &Programme, key: &ProgrammeKey, prepared: &Prepared) -> Self {
        let body = prepared.body(&key.tokeniser(&programme.id));
        let draft = manifest::Draft {
            nonce: Bytes::new(System.array()),
            kind: prepared.kind,
            columns: body.columns,
            rows: body.line_to_row.len() as u64,
            rejects: prepared.rejects.len() as u64,
            retain_until: programme.epoch_ends,
            tool: "tiers test".to_owned(),
            plain_bytes: body.csv.len() as u64,
        };
        Self { manifest: Manifest::new(programme, key.id(), draft), plain: body.csv }
    }

    /// Seals to the certifier and signs as the party.
    pub fn seal(mut self, to: &SealingPublic, secret: &PartySecret) -> Sealed {
        let bytes = self.sealed_bytes(to, secret);
        self.sign(to, bytes, secret)
    }

    /// The body, sealed as the party's.
    pub fn sealed_bytes(&mut self, to: &SealingPublic, secret: &PartySecret) -> Vec<u8> {
        self.manifest.party = Some(secret.public().fingerprint());
        seal_body(to, &self.manifest.seal_info(), &self.plain, &mut System).unwrap()
    }

    /// Describes and signs sealed bytes, whatever they are.
    pub fn sign(mut self, to: &SealingPublic, bytes: Vec<u8>, secret: &PartySecret) -> Sealed {
        self.manifest.body.plain_bytes = self.plain.len() as u64;
        self.manifest.body.sealed = Some(SealedDescription {
            bytes: bytes.len() as u64,
            sha256: sha256(&bytes),
            recipient: to.id(),
        });
        Sealed { manifest: self.manifest.sign(secret), bytes }
    }
}

/// What is uploaded.
pub struct Sealed {
    /// `manifest.json`.
    pub manifest: SignedManifest,
    /// `body.sealed`.
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// The id that the deposit has at the certifier.
    pub fn id(&self) -> DepositId {
        self.manifest.deposit_id()
    }
}
