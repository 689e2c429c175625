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

/// HKDF `info` of the key that seals the list and the footers of a deposit's segments.
pub const SEGMENT_SEAL: &str = "tiers/v1/vault/segment-seal";

/// Prefix of the additional authenticated data of a segment's Parquet modules:
/// prefix + deposit id + `/` + kind.
pub const SEGMENT_AAD_PREFIX: &str = "tiers/v1/vault/segment-aad/";

/// Prefix of the MAC over the end of one segment file: prefix + kind + line feed + tail.
pub const SEGMENT_SEAL_FILE: &str = "tiers/v1/vault/seal-file/";

/// Prefix of the MAC over the list of a deposit's segments: prefix + line feed + list.
pub const SEGMENT_SEAL_LIST: &str = "tiers/v1/vault/seal-list";

/// Prefix of the HKDF `info` from which the key of one kind's tokens in one export to a cluster is derived:
/// prefix + kind (`docs/scale.md`, "What leaves").
pub const EXPORT_TOKEN_PREFIX: &str = "tiers/v1/export/token/";

/// HKDF `info` of the key that encrypts the Parquet modules of one export.
pub const EXPORT_BODY: &str = "tiers/v1/export/body";

/// Prefix of the additional authenticated data of an export's Parquet modules: prefix + id of the export + `/` + name.
pub const EXPORT_AAD_PREFIX: &str = "tiers/v1/export/aad/";

/// Fingerprint of a party's public keys (`docs/formats/keys.md`).
pub const PARTY_FINGERPRINT: &str = "tiers/v1/fingerprint/party";
/// Public name of a programme key (`docs/formats/keys.md`).
pub const PROGRAMME_KEY_ID: &str = "tiers/v1/key-id/programme";
/// Public name of a sealing key (`docs/formats/body.md`).
pub const SEALING_KEY_ID: &str = "tiers/v1/key-id/sealing";
/// Checksum in key files; finds damage, protects nothing (`docs/formats/keys.md`).
pub const KEY_FILE_CHECKSUM: &str = "tiers/v1/checksum/key-file";
/// HPKE info of a programme key wrapped to a partner (`docs/formats/keys.md`).
pub const WRAP_PROGRAMME_KEY: &str = "tiers/v1/wrap/programme-key";
/// HPKE info of a deposit's body (`docs/formats/body.md`).
pub const SEAL_BODY: &str = "tiers/v1/seal/body";
/// A party's signature on a manifest (`docs/formats/manifest.md`).
pub const SIGN_MANIFEST: &str = "tiers/v1/sign/manifest";
/// Id of a deposit from its manifest (`docs/formats/manifest.md`).
pub const DEPOSIT_ID: &str = "tiers/v1/id/deposit";
/// The certifier's signature on a receipt (`docs/formats/receipt.md`).
pub const SIGN_RECEIPT: &str = "tiers/v1/sign/receipt";
/// The certifier's signature on a certificate (`docs/formats/certificate.md`).
pub const SIGN_CERTIFICATE: &str = "tiers/v1/sign/certificate";
/// The certifier's signature on the manifest of a backup (`docs/formats/backup.md`).
pub const SIGN_BACKUP: &str = "tiers/v1/sign/backup";
/// Key of the orders to erase that are kept for backups (`docs/formats/backup.md`).
pub const ERASURE_ORDER: &str = "tiers/v1/key/erasure-order";
/// Key of what persons said since the oldest backup (`docs/formats/backup.md`).
pub const SAID: &str = "tiers/v1/key/said";
/// Key of the digests that stand for rows that went, in the same place.
pub const SAID_ROW: &str = "tiers/v1/key/said-row";
/// Stored form of an API key (`docs/architecture.md`, "Who may do what").
pub const API_KEY_HASH: &str = "tiers/v1/hash/api-key";
/// Stored form of the secret of an invitation (`docs/portals.md`).
pub const INVITATION_HASH: &str = "tiers/v1/hash/invitation";
/// Stored form of the secret of a session (`docs/portals.md`).
pub const SESSION_HASH: &str = "tiers/v1/hash/session";
/// What forms of a session carry, from its secret (`docs/portals.md`).
pub const SESSION_CSRF: &str = "tiers/v1/digest/session-csrf";
/// Keyed digest of a row of leads, from which the root of a question is made
/// (`docs/formats/certificate.md`).
pub const LEADS_ROW: &str = "tiers/v1/digest/leads-row";

/// First bytes of what a token that pads a near kind is made from
/// (`docs/formats/normalisation-v1.md`, "Near kinds").
pub const NEAR_PADDING: &str = "tiers/v1/near/padding";

/// The certifier's signature on a dossier (`docs/formats/dossier.md`).
pub const SIGN_DOSSIER: &str = "tiers/v1/sign/dossier";
/// The certifier's signature on a certificate of deletion (`docs/formats/deletion.md`).
pub const SIGN_DELETION: &str = "tiers/v1/sign/deletion";
/// The certifier's signature on a line of its journal (`docs/journal.md`).
pub const SIGN_JOURNAL: &str = "tiers/v1/sign/journal";

/// Pseudonym of an actor in one ledger entry (`docs/formats/ledger-entry.md`).
pub const ACT_ACTOR: &str = "tiers/v1/pseudonym/actor";

/// HKDF `info` of the key under which a keyring is sealed (`docs/formats/keys.md`).
pub const KEYRING_WRAP: &str = "tiers/v1/keyring/wrap";
/// HKDF `info` of the value by which the data directory recognises a key of its keyring.
pub const KEYRING_CHECK: &str = "tiers/v1/keyring/check";
/// Prefix of the HKDF `info` of one deposit's segments in the vault of rights tokens.
pub const RIGHTS_SEGMENT_KEY_PREFIX: &str = "tiers/v1/rights/segment/";

/// Seed of the key that signs what is told to a webhook: under the key of this label, id of the webhook, zero byte,
/// number of its key (`docs/formats/webhook-v1.md`).
pub const WEBHOOK_KEY: &str = "tiers/v1/key/webhook";

/// HPKE `info` of a batch of records of an exchange: label, line feed, canonical head
/// (`docs/formats/exchange-batch.md`).
pub const EXCHANGE_BATCH: &str = "tiers/v1/exchange/batch";
/// HPKE exporter context of the key that seals the records of a batch.
pub const EXCHANGE_RECORD_KEY: &str = "tiers/v1/exchange/record-key";
/// HPKE exporter context of the nonce from which those of the records are made.
pub const EXCHANGE_RECORD_NONCE: &str = "tiers/v1/exchange/record-nonce";
/// HPKE `info` of the evidence of a batch: label, line feed, canonical head.
pub const EXCHANGE_EVIDENCE: &str = "tiers/v1/exchange/evidence";
/// HPKE exporter context of the key that seals the evidence of a batch.
pub const EXCHANGE_EVIDENCE_KEY: &str = "tiers/v1/exchange/evidence-key";
/// HPKE exporter context of the nonce from which those of the evidence are made.
pub const EXCHANGE_EVIDENCE_NONCE: &str = "tiers/v1/exchange/evidence-nonce";
/// Rank of a position in the draw of a sample: label, zero byte, seed, position.
pub const EXCHANGE_DRAW: &str = "tiers/v1/exchange/draw";
/// The signature of a recipient's officer on the review of a sample.
pub const SIGN_EXCHANGE_REVIEW: &str = "tiers/v1/sign/exchange-review";
/// Digest of the rights tokens of one record of an exchange.
pub const EXCHANGE_TOKENS: &str = "tiers/v1/exchange/tokens";
/// HPKE `info` of the body that a sender uploads: label, line feed, canonical head.
pub const EXCHANGE_UPLOAD: &str = "tiers/v1/exchange/upload";
/// Salt of the leaf of one decision: label, zero byte, secret of the batch, position.
pub const EXCHANGE_SALT: &str = "tiers/v1/exchange/salt";
/// A proposer's signature on an agreement (`docs/formats/exchange-agreement.md`).
pub const SIGN_EXCHANGE_AGREEMENT: &str = "tiers/v1/sign/exchange-agreement";
/// A signature on an act about an agreement.
pub const SIGN_EXCHANGE_ACT: &str = "tiers/v1/sign/exchange-act";
/// The certifier's signature on a hand-over.
pub const SIGN_EXCHANGE_HAND_OVER: &str = "tiers/v1/sign/exchange-hand-over";
/// A sender's signature on the statement of a batch.
pub const SIGN_EXCHANGE_BATCH: &str = "tiers/v1/sign/exchange-batch";
/// Id of a privacy account from group and month, under the key of the digests of leads rows
/// (`docs/formats/ledger-entry.md`, "Debits").
pub const ACCOUNT_ID: &str = "tiers/v1/id/account";
/// How many records of a batch its lots leave out (`docs/formats/exchange-batch.md`, "Lots").
pub const EXCHANGE_LOTS: &str = "tiers/v1/exchange/lots";
/// Key under the keyring from which the seeds of lifts are made (`docs/formats/keys.md`).
pub const LIFT_SEED: &str = "tiers/v1/lift/seed";
/// Commitment to the certifier's seed of a lift: label + seed (`docs/statistics.md`, "Lift").
pub const LIFT_COMMITMENT: &str = "tiers/v1/lift/commitment";
/// What the seed of a lift is applied to: label + beacon.
pub const LIFT_DRAW: &str = "tiers/v1/lift/draw";
/// The certifier's signature on a partner's own count (`docs/formats/own-count.md`).
pub const SIGN_OWN_COUNT: &str = "tiers/v1/sign/own-count";
/// Id of what a certifier serves to browsers (`docs/browser.md`, "Which pages").
pub const PAGES_ID: &str = "tiers/v1/id/pages";
/// HKDF `info` of the key under which a browser keeps a company's keys (`docs/formats/keystore-v1.md`).
pub const KEYSTORE: &str = "tiers/v1/keystore/seal";

/// Prefix of the domain of tokens under a rights key: prefix + id of the domain (`docs/formats/keys.md`).
pub const RIGHTS_DOMAIN_PREFIX: &str = "rights/";
/// Public name of a rights key.
pub const RIGHTS_KEY_ID: &str = "tiers/v1/key-id/rights";
/// HPKE info of a rights key wrapped to a partner.
pub const WRAP_RIGHTS_KEY: &str = "tiers/v1/wrap/rights-key";
/// HPKE info of a batch of events or oppositions sealed to the certifier (`docs/formats/consent.md`).
pub const SEAL_RIGHTS_BATCH: &str = "tiers/v1/seal/rights-batch";
/// How the ids of a batch of events begin, from its number, under the rights keys.
pub const CONSENT_PREFIX: &str = "tiers/v1/consent/prefix";
/// How the ids of a batch of oppositions begin.
pub const OPPOSITION_PREFIX: &str = "tiers/v1/opposition/prefix";
/// Digest of the public document of a collection (`docs/formats/submission-v1.md`).
pub const COLLECTION: &str = "tiers/v1/consent/collection";
/// HPKE info of what a person sends from a collection's page, sealed to its party.
pub const SEAL_SUBMISSION: &str = "tiers/v1/seal/submission";
/// Digest that stands for the browser which drew the id of a submission.
pub const SUBMISSION_TERMINAL: &str = "tiers/v1/consent/submission-terminal";
/// Keyed digest of what was sent, by which the same events are recorded once.
pub const RIGHTS_BATCH: &str = "tiers/v1/rights/batch";
/// The secret half of a withdrawal link.
pub const WITHDRAWAL_LINK: &str = "tiers/v1/consent/withdrawal";
/// Pseudonym of the person in a consent record, from the first record of the choice.
pub const CONSENT_SUBJECT: &str = "tiers/v1/consent/subject";
/// Commitment to the person in the leaf of an event (`docs/formats/consent.md`, "Proof").
pub const CONSENT_PERSON: &str = "tiers/v1/consent/person";
/// The certifier's signature on the proof of an event of consent.
pub const SIGN_CONSENT_PROOF: &str = "tiers/v1/sign/consent-proof";
/// Pseudonym of a number that was called.
pub const CONSENT_NUMBER: &str = "tiers/v1/consent/number";
/// Under which name the archive finds a person, from a rights token at rest.
pub const ARCHIVED_PERSON: &str = "tiers/v1/archive/person";
/// Id of the receipt for a consent record.
pub const CONSENT_RECEIPT: &str = "tiers/v1/consent/receipt";
