//! What JavaScript sees of exchanges beyond a word and an opening: proposals, batches on their way, reviews. The
//! rules of `edge` hold here too.

use tiers_protocol::entropy::System;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::batch::{Batch, Files};
use crate::edge::thrown;
use crate::exchange::About;
use crate::fault::Fault;
use crate::proposal;
use crate::review::Sampled;

/// The agreement to start from, between two parties (`party.pub` of each), as JSON.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn begin_agreement(own: &[u8], other: &[u8]) -> Result<String, JsValue> {
    proposal::begin(own, other, &mut System).map(|value| value.to_string()).map_err(thrown)
}

/// The fingerprint of public keys (`party.pub`).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn key_fingerprint(keys: &[u8]) -> Result<String, JsValue> {
    proposal::fingerprint(keys).map_err(thrown)
}

/// Checks an agreement (JSON): its digest and the fingerprints of both sides, as JSON.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn check_agreement(document: &[u8]) -> Result<String, JsValue> {
    proposal::check(document).map(|value| value.to_string()).map_err(thrown)
}

/// Signs an agreement (JSON) as its proposer, with the text of `party.key`; what the API takes (JSON).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn sign_agreement(document: &[u8], key: Vec<u8>) -> Result<String, JsValue> {
    proposal::sign(document, key).map_err(thrown)
}

/// What was drawn of a batch and what its sender shows, opened with the officer's key, as JSON.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn show_sample(
    view: &[u8],
    party: &str,
    company: &[u8],
    batch: &str,
    sample: &[u8],
    key: Vec<u8>,
) -> Result<String, JsValue> {
    let sampled = Sampled { about: About { view, party }, company, batch, sample };
    sampled.show(key).map(|value| value.to_string()).map_err(thrown)
}

/// The verdict on a sample, signed with the officer's key, as the API takes it (JSON); `said` is
/// `{"unproven": [...], "words": ...}`.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn sign_verdict(
    view: &[u8],
    party: &str,
    company: &[u8],
    batch: &str,
    sample: &[u8],
    key: Vec<u8>,
    said: &str,
) -> Result<String, JsValue> {
    let sampled = Sampled { about: About { view, party }, company, batch, sample };
    let said: Said = serde_json::from_str(said).map_err(|_| thrown(Fault::Asked))?;
    sampled.verdict(key, said.unproven, &said.words).map_err(thrown)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    unproven: Vec<u64>,
    words: String,
}

/// A file on its way to become a batch of an exchange.
#[wasm_bindgen]
pub struct SendingBatch(Batch);

#[wasm_bindgen]
impl SendingBatch {
    /// Checks the keys and this party's word on the agreement, then opens the file; `wanted` is JSON.
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn open(
        view: &[u8],
        party: &str,
        file: Vec<u8>,
        suppress: Option<Vec<u8>>,
        rights_key: Vec<u8>,
        party_key: Vec<u8>,
        wanted: &str,
    ) -> Result<Self, JsValue> {
        let wanted = serde_json::from_str(wanted).map_err(|_| thrown(Fault::Asked))?;
        let files = Files { file, suppress, rights_key, party_key };
        Batch::open(&About { view, party }, files, wanted).map(Self).map_err(thrown)
    }

    /// Says what becomes of at most `rows` more rows; true when all are sorted.
    pub fn sort(&mut self, rows: usize) -> bool {
        self.0.sort(rows)
    }

    /// What was understood, as JSON.
    #[must_use]
    pub fn understood(&self) -> String {
        self.0.understood()
    }

    /// Begins to seal to the certifier of a trust file; gives the first bytes of the body.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn begin(&mut self, trust: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.0.begin(trust, &mut System).map_err(thrown)
    }

    /// Seals at most `rows` more rows and gives what they fill.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn seal(&mut self, rows: usize) -> Result<Vec<u8>, JsValue> {
        self.0.seal(rows).map_err(thrown)
    }

    /// Rows of the present stage that are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.0.progress().0
    }

    /// Rows of the present stage.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.progress().1
    }

    /// The signed statement, once everything is sealed.
    #[must_use]
    pub fn statement(&self) -> Option<Vec<u8>> {
        self.0.statement()
    }

    /// What the recipient could open, as CSV. Secret.
    #[must_use]
    pub fn preview(&self) -> Vec<u8> {
        self.0.preview()
    }

    /// The rows that are left out and why, as CSV.
    #[must_use]
    pub fn left_out(&self) -> String {
        self.0.left_out()
    }
}
