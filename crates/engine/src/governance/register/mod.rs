//! The register of processing activities (GDPR art. 30): one for each legal entity, its entries as
//! controller and as processor apart, built from what is recorded and never typed in. Exports: JSON,
//! a workbook in the layout of CNIL's simplified template, PDF, and a map of who gives what to whom.
//!
//! Pure: facts come in, documents go out. There is no exemption for small companies (art. 30(5)): the
//! processing is not occasional. Specified by `docs/governance.md`.

mod map;
mod ods;
mod pdf;
mod sheet;
mod words;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::activity::{DataCategory, Transfer};
use super::record::Identity;

pub use map::map;
pub use ods::ods;
pub use pdf::pdf;

/// The language of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

/// A purpose and its one basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatedPurpose {
    /// In words.
    pub title: String,
    /// Article and letter of the basis, `6(1)(f)`.
    pub basis: String,
}

/// A processing for which the entity answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControllerEntry {
    /// Reference of the processing.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Day of its first description.
    pub created: String,
    /// Day of its last change.
    pub updated: String,
    /// Art. 30(1)(a): who answers for it together with the entity.
    pub joint: Vec<Identity>,
    /// Art. 30(1)(b).
    pub purposes: Vec<StatedPurpose>,
    /// Art. 30(1)(c): categories of persons.
    pub persons: Vec<String>,
    /// Art. 30(1)(c) and (f): categories of data with their terms.
    pub data: Vec<DataCategory>,
    /// Art. 30(1)(d).
    pub recipients: Vec<String>,
    /// Art. 30(1)(e).
    pub transfers: Vec<Transfer>,
    /// Art. 30(1)(g).
    pub security: Vec<String>,
    /// Whether the certifier can identify the persons: it holds the key, or can obtain it.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub certifier_identifies: bool,
}

/// A processing on behalf of one controller: one entry for each controller served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProcessorEntry {
    /// Reference of the processing.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Art. 30(2)(a): the controller.
    pub controller: Identity,
    /// Art. 30(2)(b).
    pub categories: Vec<String>,
    /// Sub-processors.
    pub subprocessors: Vec<String>,
    /// Art. 30(2)(c).
    pub transfers: Vec<Transfer>,
    /// Art. 30(2)(d).
    pub security: Vec<String>,
    /// Whether the certifier can identify the persons: it holds the key, or can obtain it.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub certifier_identifies: bool,
}

/// Version of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum RegisterFormat {
    /// The first.
    #[serde(rename = "tiers-register/1")]
    V1,
}

/// The register of one legal entity. It holds no date of its own: the same facts are the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Register {
    /// Which format.
    pub format: RegisterFormat,
    /// Whose.
    pub entity: Identity,
    /// The retention policy in force: its name and version.
    pub retention: String,
    /// Art. 30(1).
    pub as_controller: Vec<ControllerEntry>,
    /// Art. 30(2).
    pub as_processor: Vec<ProcessorEntry>,
}

/// A register as it is exported: which version, from when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issued {
    /// Its number, from 1: a new one when the content changes.
    pub version: u64,
    /// When this version was issued (RFC 3339, UTC).
    pub issued_at: String,
    /// SHA-256 of the register in canonical JSON.
    pub sha256: String,
    /// The register.
    pub register: Register,
}

/// Something that art. 30 wants and that is not there: which entry, which letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// Reference of the entry; empty for the entity itself.
    pub reference: String,
    /// Paragraph and letter.
    pub item: String,
}

impl Register {
    /// What may not be missing: letters (a) to (e) of art. 30(1), (a) and (b) of art. 30(2).
    #[must_use]
    pub fn errors(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut note = |reference: &str, item: &str, lacks: bool| {
            if lacks {
                missing.push(Missing { reference: reference.into(), item: item.into() });
            }
        };
        let unnamed = |identity: &Identity| {
            [&identity.name, &identity.address, &identity.contact].iter().any(|t| is_empty(t))
        };
        note("", "30(1)(a)", unnamed(&self.entity));
        for entry in &self.as_controller {
            let reference = &entry.reference;
            note(reference, "30(1)(a)", entry.joint.iter().any(unnamed));
            note(reference, "30(1)(b)", entry.purposes.is_empty());
            note(reference, "30(1)(c)", entry.persons.is_empty() || entry.data.is_empty());
            note(reference, "30(1)(d)", entry.recipients.is_empty());
            note(reference, "30(1)(e)", unsafe_transfer(&entry.transfers));
        }
        for entry in &self.as_processor {
            note(&entry.reference, "30(2)(a)", unnamed(&entry.controller));
            note(&entry.reference, "30(2)(b)", entry.categories.is_empty());
            note(&entry.reference, "30(2)(c)", unsafe_transfer(&entry.transfers));
        }
        missing
    }

    /// What is wanted where it is possible: letters (f) and (g) of art. 30(1), (d) of art. 30(2).
    #[must_use]
    pub fn warnings(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut note = |reference: &str, item: &str, lacks: bool| {
            if lacks {
                missing.push(Missing { reference: reference.into(), item: item.into() });
            }
        };
        for entry in &self.as_controller {
            let timeless = entry.data.iter().any(|category| category.deleted.is_none());
            note(&entry.reference, "30(1)(f)", timeless);
            note(&entry.reference, "30(1)(g)", entry.security.is_empty());
        }
        for entry in &self.as_processor {
            note(&entry.reference, "30(2)(d)", entry.security.is_empty());
        }
        missing
    }
}

fn is_empty(text: &str) -> bool {
    text.trim().is_empty()
}

fn unsafe_transfer(transfers: &[Transfer]) -> bool {
    transfers.iter().any(|transfer| is_empty(&transfer.country) || is_empty(&transfer.safeguards))
}
