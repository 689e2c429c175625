//! What JavaScript sees of a programme that is founded in a page (`founding.rs`).

use tiers_protocol::entropy::System;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::edge::{file, thrown};
use crate::founding;

/// A programme and its key, before and while it is registered.
#[wasm_bindgen]
pub struct Founding(founding::Founding);

#[wasm_bindgen]
impl Founding {
    /// Makes the programme that is asked for (JSON) and its key.
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn draft(asked: &[u8]) -> Result<Self, JsValue> {
        founding::Founding::draft(asked, &mut System).map(Self).map_err(thrown)
    }

    /// The same programme under the same key, as it is asked for now (JSON).
    ///
    /// # Errors
    /// A refusal as JSON text; the programme is then as it was.
    pub fn change(&mut self, asked: &[u8]) -> Result<(), JsValue> {
        self.0.change(asked, &mut System).map_err(thrown)
    }

    /// What is going to be registered, as JSON.
    #[must_use]
    pub fn programme(&self) -> String {
        self.0.programme()
    }

    /// What the API takes, as JSON.
    #[must_use]
    pub fn request(&self) -> String {
        self.0.request()
    }

    /// The text of the key's file. Secret; the page's copy is the page's to wipe.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        file(self.0.key())
    }

    /// What the certifier answered, once it is what was sent: `id`, `file`, `fingerprints`, as JSON.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn registered(&self, answer: &[u8]) -> Result<String, JsValue> {
        self.0.registered(answer).map(|told| told.to_string()).map_err(thrown)
    }
}

/// Campaigns of a list, as JSON rows.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn read_campaigns(list: &[u8]) -> Result<String, JsValue> {
    founding::campaigns(list).map(|rows| rows.to_string()).map_err(thrown)
}
