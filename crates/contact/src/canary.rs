//! Fixed, invented contacts that stand inside every body.
//!
//! The certifier knows the tokens that they must have under the right key and this normalisation, and
//! refuses a body in which they differ. They are raw contacts, so that a drifting normaliser shows
//! too. They are public and say nothing of anybody; the certifier drops them after the comparison.
//! Specified in `docs/formats/normalisation-v1.md`, "Canaries".

use crate::{
    field::FileKind,
    kind::Kind,
    prepare::{Digest, NormalisedRow},
    token::{Token, Tokeniser},
};

/// An invented contact as a party's software might write it.
pub struct Canary {
    #[allow(dead_code)]
    pub(crate) email: &'static str,
}

impl Canary {
    /// The normalised text of this canary for one kind.
    #[must_use]
    pub fn normalised(&self, kind: Kind) -> String {
        format!("{}/{kind}", self.email)
    }
}

/// The canaries of this version of the normalisation.
#[must_use]
pub fn canaries() -> &'static [Canary; 4] {
    &CANARIES
}

/// Tokens of the canaries: `(place of the canary, kind, token)` for each canary and kind asked for.
#[must_use]
pub fn canary_tokens(tokeniser: &Tokeniser, kinds: &[Kind]) -> Vec<(usize, Kind, Token)> {
    let mut tokens = Vec::with_capacity(CANARIES.len() * kinds.len());
    for (place, canary) in CANARIES.iter().enumerate() {
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
            tokens.push((place, kind, tokeniser.token(kind, &canary.normalised(kind))));
        }
    }
    tokens
}

/// The canaries as rows of a body of this kind; their source row is 0.
pub(crate) fn rows(kind: FileKind) -> Vec<NormalisedRow> {
    let dated = !kind.attributes().is_empty();
    let row = |canary: &Canary| NormalisedRow {
        source_row: 0,
        digests: Kind::ALL.map(|kind| Some(Digest::of(&canary.normalised(kind)))),
        date: dated.then_some(jiff::civil::date(2000, 1, 1)),
        amount_cents: (kind == FileKind::Sales).then_some(0),
        campaign: (kind == FileKind::Leads).then_some(0),
    };
    CANARIES.iter().map(row).collect()
}

static CANARIES: [Canary; 4] = [
    Canary { email: "canary.1@tiers.example" },
    Canary { email: "canary.2@tiers.example" },
    Canary { email: "canary.3@tiers.example" },
    Canary { email: "canary.4@tiers.example" },
];
