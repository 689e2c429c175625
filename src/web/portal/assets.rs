//! Styles and scripts, embedded; and the browser's program, which `tests/wasm` builds, from its folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Path as InPath;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use tiers_protocol::pages::{SERVED_PATH, Served, ServedFiles};

use super::Portal;
use crate::api::ApiError;
use crate::service::Refusal;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const EMBEDDED: [(&str, &str, &[u8]); 22] = [
    ("pico.css", CSS, include_bytes!("../static/pico.css")),
    ("portal.css", CSS, include_bytes!("../static/portal.css")),
    ("figure.css", CSS, include_bytes!("../../../templates/figure.css")),
    ("passkey.js", SCRIPT, include_bytes!("../static/passkey.js")),
    ("verify.js", SCRIPT, include_bytes!("../static/verify.js")),
    ("drop.js", SCRIPT, include_bytes!("../static/drop.js")),
    ("keys.js", SCRIPT, include_bytes!("../static/keys.js")),
    ("keep.js", SCRIPT, include_bytes!("../static/keep.js")),
    ("wrap.js", SCRIPT, include_bytes!("../static/wrap.js")),
    ("found.js", SCRIPT, include_bytes!("../static/found.js")),
    ("enrol.js", SCRIPT, include_bytes!("../static/enrol.js")),
    ("first.js", SCRIPT, include_bytes!("../static/first.js")),
    ("consent.js", SCRIPT, include_bytes!("../static/consent.js")),
    ("form.js", SCRIPT, include_bytes!("../static/form.js")),
    ("exchange.js", SCRIPT, include_bytes!("../static/exchange.js")),
    ("upload.js", SCRIPT, include_bytes!("../static/upload.js")),
    ("propose.js", SCRIPT, include_bytes!("../static/propose.js")),
    ("batch.js", SCRIPT, include_bytes!("../static/batch.js")),
    ("pictures.js", SCRIPT, include_bytes!("../static/pictures.js")),
    ("timeline.js", SCRIPT, include_bytes!("../static/timeline.js")),
    ("dossier.js", SCRIPT, include_bytes!("../static/dossier.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../static/icon.svg")),
];

/// What a worker of these scripts may load: its own files, and nothing from anywhere else.
const WORKER_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");

/// Files of the browser's program.
const NAMES: [(&str, &str); 4] = [
    ("tiers.js", SCRIPT),
    ("worker.js", SCRIPT),
    ("tiers_wasm.js", SCRIPT),
    ("tiers_wasm_bg.wasm", "application/wasm"),
];

/// The browser's program, if it is there whole.
#[derive(Default)]
pub(super) struct Browser(BTreeMap<&'static str, (&'static str, Vec<u8>)>);

impl Browser {
    /// Reads it; a folder that lacks one of the files has nothing.
    pub(super) fn read(folder: &Path) -> Self {
        let file = |(name, kind): (&'static str, &'static str)| {
            let bytes = std::fs::read(folder.join(name)).ok()?;
            Some((name, (kind, bytes)))
        };
        let found: BTreeMap<_, _> = NAMES.into_iter().filter_map(file).collect();
        if found.len() == NAMES.len() { Self(found) } else { Self::default() }
    }

    /// What is served to browsers with it.
    pub(super) fn served(&self) -> Served {
        let mut files = ServedFiles::default();
        for (name, _, bytes) in EMBEDDED {
            files.add(format!("/static/{name}"), bytes);
        }
        for (name, (_, bytes)) in &self.0 {
            files.add(format!("/browser/{name}"), bytes);
        }
        files.told()
    }

    pub(super) fn is_there(&self) -> bool {
        !self.0.is_empty()
    }
}

fn answer(kind: &'static str, bytes: Vec<u8>) -> Response {
    let fresh = HeaderValue::from_static("no-cache");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, fresh),
        (header::CONTENT_SECURITY_POLICY, WORKER_POLICY),
    ];
    (headers, bytes).into_response()
}

/// An answer that a browser shows, or saves where its link says so.
pub(super) fn file(kind: &'static str, bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// An answer that a browser saves under a name.
pub(super) fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = file(kind, bytes);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

pub(super) async fn embedded(InPath(name): InPath<String>) -> Result<Response, ApiError> {
    let found = EMBEDDED.into_iter().find(|(known, _, _)| *known == name);
    let (_, kind, bytes) = found.ok_or(Refusal::NoRoute)?;
    Ok(answer(kind, bytes.to_vec()))
}

pub(super) async fn browser(
    Extension(portal): Extension<Arc<Portal>>,
    InPath(name): InPath<String>,
) -> Result<Response, ApiError> {
    if format!("/browser/{name}") == SERVED_PATH {
        let text = serde_json::to_vec_pretty(&portal.served).expect("a plain document");
        return Ok(answer("application/json", text));
    }
    let (kind, bytes) = portal.browser.0.get(name.as_str()).ok_or(Refusal::NoRoute)?;
    Ok(answer(kind, bytes.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Less than 300 KB of script, whoever writes the next one; nothing that would need a looser policy.
    #[test]
    fn scripts_are_small_and_styles_load_nothing_from_elsewhere() {
        let size: usize =
            EMBEDDED.iter().filter(|(_, kind, _)| *kind == SCRIPT).map(|(_, _, b)| b.len()).sum();
        assert!(size < 300_000, "{size}");
        for (name, _, bytes) in EMBEDDED {
            let text = std::str::from_utf8(bytes).expect("text");
            let text = text.replace("https://picocss.com", "").replace("http://www.w3.org", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name}");
            for word in ["eval(", "innerHTML", "document.write", "localStorage", "@import"] {
                assert!(!text.contains(word), "{name}: {word}");
            }
        }
    }

    #[test]
    fn a_folder_without_the_whole_program_has_none() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(!Browser::read(dir.path()).is_there());
        for (name, _) in NAMES {
            assert!(!Browser::read(dir.path()).is_there());
            std::fs::write(dir.path().join(name), b"x").expect("writes");
        }
        assert!(Browser::read(dir.path()).is_there());
    }
}
