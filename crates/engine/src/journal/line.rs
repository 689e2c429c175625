//! One line: its words, its chain, its signature. No word of a line comes from a request as it stands: an
//! operation is a route's pattern, an object an id of ours, a result a code of ours.

use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_protocol::canonical;
use tiers_protocol::encoding::{Bytes, decode, sha256};
use tiers_protocol::ids::ActorId;
use tiers_protocol::sign::{Signature, SigningPublic, SigningSecret};

use crate::time::Moment;

/// An id of this program, or nothing: a text of another form names nothing and is not written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object(String);

impl Object {
    /// No object.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// Takes an id: three small letters, an underscore, 128 bits in base64url.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_prefix = |p: &str| p.len() == 3 && p.bytes().all(|b| b.is_ascii_lowercase());
        let is_id = text.split_once('_').is_some_and(|(prefix, rest)| {
            is_prefix(prefix) && decode(rest).is_some_and(|bytes| bytes.len() == 16)
        });
        Self(if is_id { text.to_owned() } else { String::new() })
    }

    /// Whether it names nothing.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a line is about.
#[derive(Debug, Clone)]
pub struct Note<'a> {
    /// Who: the pseudonymous account; nobody for a request without a valid key, and for the certifier itself.
    pub actor: Option<ActorId>,
    /// What: a method and the pattern of a route, or the name of an act of the background.
    pub operation: &'a str,
    /// On what.
    pub object: Object,
    /// How it ended: a status or a code.
    pub result: &'a str,
    /// The request's correlation id; empty for acts of the background.
    pub request: &'a str,
}

/// What is signed.
#[derive(Serialize)]
struct Body<'a> {
    actor: &'a str,
    at: &'a str,
    machine: &'a str,
    n: u64,
    object: &'a str,
    operation: &'a str,
    prev: Bytes<32>,
    request: &'a str,
    result: &'a str,
}

/// A line as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    actor: String,
    at: String,
    machine: String,
    /// Its number in its file, from 0.
    pub(super) n: u64,
    object: String,
    operation: String,
    /// Digest of the line before it, over all files.
    pub(super) prev: Bytes<32>,
    request: String,
    result: String,
    sig: Signature,
}

/// Where a line stands.
pub(super) struct Place<'a> {
    pub(super) at: Moment,
    pub(super) machine: &'a str,
    pub(super) n: u64,
    pub(super) prev: Bytes<32>,
}

impl Line {
    /// Makes and signs a line.
    pub(super) fn sign(place: &Place<'_>, note: &Note<'_>, key: &SigningSecret) -> Self {
        let actor = note.actor.map(|actor| actor.to_string()).unwrap_or_default();
        let at = place.at.to_string();
        let body = Body {
            actor: &actor,
            at: &at,
            machine: place.machine,
            n: place.n,
            object: &note.object.0,
            operation: note.operation,
            prev: place.prev,
            request: note.request,
            result: note.result,
        };
        let sig = key.sign(labels::SIGN_JOURNAL, &body);
        Self {
            machine: place.machine.to_owned(),
            n: place.n,
            object: note.object.0.clone(),
            operation: note.operation.to_owned(),
            prev: place.prev,
            request: note.request.to_owned(),
            result: note.result.to_owned(),
            sig,
            actor,
            at,
        }
    }

    fn body(&self) -> Body<'_> {
        Body {
            actor: &self.actor,
            at: &self.at,
            machine: &self.machine,
            n: self.n,
            object: &self.object,
            operation: &self.operation,
            prev: self.prev,
            request: &self.request,
            result: &self.result,
        }
    }

    /// When, who, what and with which result.
    pub(super) fn said(self) -> (String, String, String, String) {
        (self.at, self.actor, self.operation, self.result)
    }

    /// The bytes of the line, without its end.
    pub(super) fn encode(&self) -> Vec<u8> {
        canonical::to_vec(self)
    }

    /// Reads a line; another spelling of it is none.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        canonical::from_slice(bytes).ok()
    }

    /// Whether the certifier signed it.
    pub(super) fn is_signed_by(&self, key: &SigningPublic) -> bool {
        key.verifies(labels::SIGN_JOURNAL, &self.body(), &self.sig)
    }
}

/// What the next line calls `prev`.
pub(super) fn digest(line: &[u8]) -> Bytes<32> {
    sha256(line)
}

/// What the first line of all calls `prev`.
pub(super) const FIRST: Bytes<32> = Bytes::new([0; 32]);
