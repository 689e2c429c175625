//! What a certifier serves to browsers, by digest: anybody can compare it with a build of the source, and find in the
//! ledger since when it is served. The texts of pages are not in it: under the Content-Security-Policy of this program
//! they run scripts of their own origin only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use crate::canonical;
use crate::encoding::{Bytes, sha256};
use crate::ids::PagesId;

/// Where the certifier tells it.
pub const SERVED_PATH: &str = "/browser/served.json";

/// The files by their address, with the SHA-256 of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServedFiles(BTreeMap<String, Bytes<32>>);

/// The document at [`SERVED_PATH`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The name of all of them together, which stands in the ledger.
    pub pages: PagesId,
    /// Each of them.
    pub files: ServedFiles,
}

impl ServedFiles {
    /// Adds a file.
    pub fn add(&mut self, path: String, bytes: &[u8]) {
        self.0.insert(path, sha256(bytes));
    }

    /// The addresses, with the digests, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bytes<32>)> {
        self.0.iter().map(|(path, digest)| (path.as_str(), digest))
    }

    /// The digest of one of them.
    #[must_use]
    pub fn digest(&self, path: &str) -> Option<&Bytes<32>> {
        self.0.get(path)
    }

    /// The first 16 bytes of SHA-256 over label, zero byte and the canonical document of addresses and digests.
    #[must_use]
    pub fn id(&self) -> PagesId {
        let mut input = labels::PAGES_ID.as_bytes().to_vec();
        input.push(0);
        input.extend_from_slice(&canonical::to_vec(self));
        let mut id = [0; 16];
        id.copy_from_slice(&sha256(&input).as_bytes()[..16]);
        PagesId::from_bytes(id)
    }

    /// The document about them.
    #[must_use]
    pub fn told(self) -> Served {
        Served { pages: self.id(), files: self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[(&str, &str)]) -> ServedFiles {
        let mut files = ServedFiles::default();
        for (path, text) in names {
            files.add((*path).to_owned(), text.as_bytes());
        }
        files
    }

    #[test]
    fn a_changed_name_or_byte_is_another_id_and_the_order_is_none() {
        let one = files(&[("/static/a.js", "a"), ("/static/b.js", "b")]);
        assert_eq!(one.id(), files(&[("/static/b.js", "b"), ("/static/a.js", "a")]).id());
        for other in [
            files(&[("/static/a.js", "a"), ("/static/b.js", "c")]),
            files(&[("/static/a.js", "a"), ("/static/c.js", "b")]),
            files(&[("/static/a.js", "a")]),
        ] {
            assert_ne!(one.id(), other.id());
        }
        let told = one.clone().told();
        let text = serde_json::to_string(&told).expect("JSON");
        let back: Served = serde_json::from_str(&text).expect("the same");
        assert_eq!((back.files.id(), back.pages), (one.id(), told.pages));
    }
}
