//! What JavaScript sees of the ledger. The rules of `edge` hold here too.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::edge::thrown;
use crate::fault::Fault;
use crate::timeline::{Files, ShownAct, Signed};

/// Acts of a page that are being checked against the ledger.
#[wasm_bindgen]
pub struct LedgerCheck {
    trust: Vec<u8>,
    checkpoint: Vec<u8>,
    witnessed: Vec<u8>,
    held: Vec<u8>,
    acts: Vec<ShownAct>,
    files: Files,
}

#[wasm_bindgen]
impl LedgerCheck {
    /// Takes what is signed (empty where there is none) and the acts, a JSON list of `index`, `entry` and
    /// `opened`.
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn new(
        trust: Vec<u8>,
        checkpoint: Vec<u8>,
        witnessed: Vec<u8>,
        held: Vec<u8>,
        acts: &str,
    ) -> Result<Self, JsValue> {
        let acts = serde_json::from_str(acts).map_err(|_| thrown(Fault::Asked))?;
        Ok(Self { trust, checkpoint, witnessed, held, acts, files: Files::default() })
    }

    fn signed(&self) -> Signed<'_> {
        Signed {
            trust: &self.trust,
            checkpoint: &self.checkpoint,
            witnessed: &self.witnessed,
            held: &self.held,
        }
    }

    /// The files that it takes, as a JSON list of names.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn needs(&self) -> Result<String, JsValue> {
        let entries: Vec<u64> = self.acts.iter().map(|act| act.index).collect();
        self.signed().files(&entries).map(|names| names.to_string()).map_err(thrown)
    }

    /// Takes one of them.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.files.add(name, bytes);
    }

    /// What was found, as JSON.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn check(&self) -> Result<String, JsValue> {
        self.signed().check(&self.acts, &self.files).map(|said| said.to_string()).map_err(thrown)
    }
}
