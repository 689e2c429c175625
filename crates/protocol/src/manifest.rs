//! The manifest of a deposit: what the sealed body holds, for what it may be used and until when,
//! signed by the party. The grammar stands in `docs/formats/manifest.md`.

use crate::canonical::{self, CanonicalError};
use crate::encoding::{Bytes, sha256};
use crate::ids::{DepositId, ProgrammeId};
use crate::party::{Fingerprint, PartyPublic, PartySecret};
use crate::programme::LegalBasis;
use crate::programme_key::KeyId;
use crate::sign::Signature;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tiers_contact::{FileKind, labels};

/// What a party says of a deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manifest {
    format: ManifestFormat,
    /// Random, so that the same file deposited twice is two deposits and one upload is one.
    pub nonce: Bytes<16>,
    /// The programme; also the domain of its tokens.
    pub programme: ProgrammeId,
    /// The epoch of the programme key.
    pub epoch: u32,
    /// Which programme key made the tokens.
    pub key_id: KeyId,
    /// Version of the normalisation that came before the tokens.
    pub normalisation: String,
    /// Leads, sales, ...
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: FileKind,
    /// Fingerprint of the party's keys; absent while the body is not sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<Fingerprint>,
    /// Columns of the body in their order.
    pub columns: Vec<Column>,
    /// Rows of the body, canaries included.
    pub rows: u64,
    /// Rows of the party's file that were left out, by the party's own client.
    pub rejects: u64,
    /// The sealed body.
    pub body: BodyDescription,
    /// The purpose, as the programme states it.
    pub purpose: String,
    /// The legal basis of that purpose.
    pub legal_basis: LegalBasis,
    /// Last day on which the certifier may hold the deposit.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub retain_until: Date,
    /// Program and version that made the deposit.
    pub tool: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
enum ManifestFormat {
    #[serde(rename = "tiers-deposit/1")]
    V1,
}

/// A column of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    /// `token_email`, `sale_date`, ...
    pub name: String,
    /// What a field of it holds.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ColumnType {
    /// 32 bytes in base64url, or empty.
    Token,
    /// Several such tokens, separated by spaces: as many as the near kind has, no two alike.
    Tokens,
    /// ISO day.
    Date,
    /// Whole cents.
    Cents,
    /// One of the programme's campaigns.
    Campaign,
    /// One of the programme's models, or empty for any other.
    Model,
    /// One of the policy's areas, or empty for any other.
    Area,
}

impl ColumnType {
    /// The type of a column that the body format knows.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "sale_date" | "lead_date" => Some(Self::Date),
            "amount_cents" => Some(Self::Cents),
            "campaign" => Some(Self::Campaign),
            "model" => Some(Self::Model),
            "area" => Some(Self::Area),
            token => {
                let kind = token.strip_prefix("token_")?;
                let kind = kind.parse::<tiers_contact::Kind>().ok()?;
                Some(if kind.is_near() { Self::Tokens } else { Self::Token })
            }
        }
    }
}

/// What the manifest says of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BodyDescription {
    /// How rows are written: `csv`, `csv+gzip` or `csv+zstd`.
    pub encoding: BodyEncoding,
    /// Bytes before sealing, packed if they are.
    pub plain_bytes: u64,
    /// Digest of the sealed bytes; absent while the body is not sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<SealedDescription>,
}

/// The sealed bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedDescription {
    /// Length.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: Bytes<32>,
    /// The certifier's key they are sealed to.
    pub recipient: Bytes<8>,
}

/// How the rows of a body are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BodyEncoding {
    /// `tiers-body/1`: lines of comma-separated fields without quotes.
    #[serde(rename = "csv")]
    Csv,
    /// The same, packed with gzip (RFC 1952).
    #[serde(rename = "csv+gzip")]
    CsvGzip,
    /// The same, packed with Zstandard (RFC 8878).
    #[serde(rename = "csv+zstd")]
    CsvZstd,
}

/// The manifest with its signature: `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedManifest {
    /// What is signed.
    pub manifest: Manifest,
    /// By whom; absent until the party signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<PartySignature>,
}

/// A party's signature on a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartySignature {
    /// Fingerprint of its keys.
    pub key: Fingerprint,
    /// Ed25519 over the manifest.
    pub signature: Signature,
}

/// Fields that only `prepare` knows.
pub struct Draft {
    /// As [`Manifest::nonce`].
    pub nonce: Bytes<16>,
    /// As [`Manifest::kind`].
    pub kind: FileKind,
    /// Column names of the body.
    pub columns: Vec<String>,
    /// As [`Manifest::rows`].
    pub rows: u64,
    /// As [`Manifest::rejects`].
    pub rejects: u64,
    /// As [`Manifest::retain_until`].
    pub retain_until: Date,
    /// As [`Manifest::tool`].
    pub tool: String,
    /// Bytes of the plain body.
    pub plain_bytes: u64,
}

impl Manifest {
    /// A manifest of a programme's deposit, not sealed yet. Columns of a name that the body format
    /// does not know are left out, so that the certifier refuses them by count.
    #[must_use]
    pub fn new(programme: &crate::programme::Programme, key_id: KeyId, draft: Draft) -> Self {
        let columns = draft.columns.into_iter();
        Self {
            format: ManifestFormat::V1,
            nonce: draft.nonce,
            programme: programme.id,
            epoch: programme.epoch,
            key_id,
            normalisation: tiers_contact::NORMALISATION.to_owned(),
            kind: draft.kind,
            party: None,
            columns: columns
                .filter_map(|name| ColumnType::of(&name).map(|kind| Column { name, kind }))
                .collect(),
            rows: draft.rows,
            rejects: draft.rejects,
            body: BodyDescription {
                encoding: BodyEncoding::Csv,
                plain_bytes: draft.plain_bytes,
                sealed: None,
            },
            purpose: programme.purpose.clone(),
            legal_basis: programme.legal_basis,
            retain_until: draft.retain_until,
            tool: draft.tool,
        }
    }

    /// What the sealed body is bound to: another programme's, party's, kind's or nonce's body never
    /// opens, so that nobody can deposit a body that he copied.
    #[must_use]
    pub fn seal_info(&self) -> Vec<u8> {
        let mut info = labels::SEAL_BODY.as_bytes().to_vec();
        info.push(0);
        let bound = (&self.programme, &self.key_id, &self.party, self.kind, &self.nonce);
        info.extend(canonical::to_vec(&bound));
        info
    }

    /// Signs as a party.
    #[must_use]
    pub fn sign(mut self, secret: &PartySecret) -> SignedManifest {
        let key = secret.public().fingerprint();
        self.party.get_or_insert(key);
        let signature = secret.signing().sign(labels::SIGN_MANIFEST, &self);
        SignedManifest { manifest: self, signed: Some(PartySignature { key, signature }) }
    }
}

impl SignedManifest {
    /// Reads `manifest.json`.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, CanonicalError> {
        canonical::from_slice(bytes)
    }

    /// The bytes of `manifest.json`.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        canonical::to_vec(self)
    }

    /// Whether the signature is the given party's.
    #[must_use]
    pub fn is_signed_by(&self, keys: &PartyPublic) -> bool {
        self.signed.as_ref().is_some_and(|signed| {
            signed.key == keys.fingerprint()
                && self.manifest.party == Some(signed.key)
                && keys.signing.verifies(labels::SIGN_MANIFEST, &self.manifest, &signed.signature)
        })
    }

    /// The deposit's id follows from the signed manifest: the same upload tried twice is one
    /// deposit, and another manifest is another deposit.
    #[must_use]
    pub fn deposit_id(&self) -> DepositId {
        let mut input = labels::DEPOSIT_ID.as_bytes().to_vec();
        input.push(0);
        input.extend(self.to_vec());
        let mut id = [0; 16];
        id.copy_from_slice(&sha256(&input).as_bytes()[..16]);
        DepositId::from_bytes(id)
    }
}
