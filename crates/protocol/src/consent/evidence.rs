//! The evidence that each method asks for, and whether it is complete. Evidence is named by digests and by
//! ids of the party's own files; contacts and recordings themselves stay with whoever collected them.
//!
//! Incomplete evidence is no error: the event it belongs to is in quarantine until it is complete.
//! Specified by `docs/formats/consent.md`, "Evidence".

use serde::{Deserialize, Serialize};

use super::{Method, Siren};
use crate::encoding::Bytes;
use crate::ids::{CollectionId, SubmissionId};

/// SHA-256 of a file that the party keeps.
pub type FileDigest = Bytes<32>;

/// What shows that somebody agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// A form on a screen: of a site, or of a terminal in a shop.
    Form {
        /// Version of the form.
        version: String,
        /// Screenshot of that version.
        screenshot: Option<FileDigest>,
        /// Digest that names the terminal; the address itself stays with the collector.
        terminal: Option<FileDigest>,
        /// What the person left the box at.
        ticked: bool,
        /// When the link that was sent to the address was followed, in seconds since 1970.
        confirmed_at: Option<i64>,
        /// What the person sent from a public page of the certifier, if that is how it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        submission: Option<FormSubmission>,
    },
    /// A call.
    Call {
        /// Keyed token of the number that was called.
        number: Option<Bytes<32>>,
        /// Number of the agent at its employer.
        agent: Option<String>,
        /// The version of the script.
        script: Option<FileDigest>,
        /// The answer, word for word.
        answer: Option<String>,
        /// Id of the confirmation in writing that was sent.
        confirmation: Option<String>,
        /// The recording.
        recording: Option<Recording>,
    },
    /// A visit of a representative.
    Visit {
        /// Number of the representative at its employer.
        representative: Option<String>,
        /// Who employs it.
        employer: Option<Siren>,
        /// Town or shop.
        place: Option<String>,
        /// The signature, or the signed form.
        signature: Option<FileDigest>,
        /// Id of the copy that the person got.
        receipt: Option<String>,
    },
    /// A signature on paper.
    Paper {
        /// Version of the form.
        version: String,
        /// Scan of the signed sheet.
        scan: Option<FileDigest>,
    },
}

/// Where a choice on a public page came from (`docs/formats/submission-v1.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSubmission {
    /// The page.
    pub collection: CollectionId,
    /// Digest of everything that the page said.
    pub page: Bytes<32>,
    /// What was sent, by the id that the browser drew.
    pub id: SubmissionId,
}

/// The recorded part of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Id of the recording at the collector.
    pub reference: String,
    /// When the part that matters began, in seconds since 1970.
    pub segment_at: i64,
    /// When the recording began.
    pub started_at: i64,
    /// Whether the person was told before.
    pub announced: bool,
}

/// What evidence lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Lack {
    /// Evidence of another kind than the method's.
    #[error("the evidence is not that of the method")]
    Kind,
    /// No version of the form.
    #[error("the version of the form is missing")]
    Version,
    /// No screenshot.
    #[error("the screenshot of the form is missing")]
    Screenshot,
    /// No terminal.
    #[error("the terminal is missing")]
    Terminal,
    /// The box is empty.
    #[error("the box was not ticked by the person")]
    Box,
    /// The link was never followed.
    #[error("the address was not confirmed")]
    Confirmation,
    /// A call without number, agent, script or answer.
    #[error("number, agent, script or answer of the call is missing")]
    Call,
    /// A call that neither a recording nor a writing shows.
    #[error("neither a recording nor a confirmation in writing shows the call")]
    Unheard,
    /// A recording that began too early or was not announced.
    #[error("the recording began before the part that matters, or was not announced")]
    Recording,
    /// A visit without representative, employer or place.
    #[error("representative, employer or place of the visit is missing")]
    Visit,
    /// No signature.
    #[error("the signature is missing")]
    Signature,
    /// The person got no copy.
    #[error("the receipt handed to the person is missing")]
    Receipt,
}

impl Lack {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kind => "evidence.kind",
            Self::Version => "evidence.version",
            Self::Screenshot => "evidence.screenshot",
            Self::Terminal => "evidence.terminal",
            Self::Box => "evidence.box",
            Self::Confirmation => "evidence.confirmation",
            Self::Call => "evidence.call",
            Self::Unheard => "evidence.unheard",
            Self::Recording => "evidence.recording",
            Self::Visit => "evidence.visit",
            Self::Signature => "evidence.signature",
            Self::Receipt => "evidence.receipt",
        }
    }
}

impl Evidence {
    /// Whether this shows an agreement by `method`.
    ///
    /// # Errors
    /// The first [`Lack`].
    pub fn shows(&self, method: Method) -> Result<(), Lack> {
        match (self, method) {
            (Self::Form { .. }, Method::WebForm | Method::DoubleOptIn | Method::StoreTerminal) => {
                self.form(method == Method::DoubleOptIn)
            }
            (Self::Call { .. }, Method::RecordedCall | Method::WrittenConfirmation) => {
                self.call(method)
            }
            (Self::Visit { .. }, Method::TabletSignature | Method::SignedPaper) => self.visit(),
            (Self::Paper { version, scan }, Method::SignedPaper) => {
                need(says(version), Lack::Version)?;
                need(scan.is_some(), Lack::Signature)
            }
            _ => Err(Lack::Kind),
        }
    }

    /// Whether a recording has to go because a writing shows the same.
    #[must_use]
    pub fn recording_is_superfluous(&self) -> bool {
        let Self::Call { confirmation, recording, .. } = self else { return false };
        recording.is_some() && has(confirmation)
    }

    fn form(&self, double: bool) -> Result<(), Lack> {
        let Self::Form { version, screenshot, terminal, ticked, confirmed_at, .. } = self else {
            return Err(Lack::Kind);
        };
        need(says(version), Lack::Version)?;
        need(screenshot.is_some(), Lack::Screenshot)?;
        need(terminal.is_some(), Lack::Terminal)?;
        need(*ticked, Lack::Box)?;
        need(!double || confirmed_at.is_some(), Lack::Confirmation)
    }

    fn call(&self, method: Method) -> Result<(), Lack> {
        let Self::Call { number, agent, script, answer, confirmation, recording } = self else {
            return Err(Lack::Kind);
        };
        let whole = number.is_some() && has(agent) && script.is_some() && has(answer);
        need(whole, Lack::Call)?;
        let heard = match method {
            Method::RecordedCall => recording.is_some(),
            _ => has(confirmation),
        };
        need(heard, Lack::Unheard)?;
        let fair = |one: &Recording| {
            one.announced && one.started_at >= one.segment_at && says(&one.reference)
        };
        need(recording.as_ref().is_none_or(fair), Lack::Recording)
    }

    fn visit(&self) -> Result<(), Lack> {
        let Self::Visit { representative, employer, place, signature, receipt } = self else {
            return Err(Lack::Kind);
        };
        need(has(representative) && employer.is_some() && has(place), Lack::Visit)?;
        need(signature.is_some(), Lack::Signature)?;
        need(has(receipt), Lack::Receipt)
    }
}

fn need(there: bool, lack: Lack) -> Result<(), Lack> {
    if there { Ok(()) } else { Err(lack) }
}

fn says(text: &str) -> bool {
    !text.trim().is_empty()
}

fn has(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(says)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn digest() -> String {
        FileDigest::new([7; 32]).to_string()
    }

    fn whole(method: Method) -> Value {
        match method {
            Method::WebForm | Method::DoubleOptIn | Method::StoreTerminal => json!({
                "kind": "form", "version": "2026-03", "screenshot": digest(),
                "terminal": digest(), "ticked": true, "confirmed_at": 1_772_000_000,
            }),
            Method::RecordedCall | Method::WrittenConfirmation => json!({
                "kind": "call", "number": digest(), "agent": "A-12", "script": digest(),
                "answer": "oui, d'accord", "confirmation": "sms-77",
                "recording": {"reference": "r-9", "segment_at": 100, "started_at": 100,
                              "announced": true},
            }),
            Method::TabletSignature => json!({
                "kind": "visit", "representative": "R-4", "employer": "732829320",
                "place": "Lyon", "signature": digest(), "receipt": "c-18",
            }),
            Method::SignedPaper => json!({"kind": "paper", "version": "2026-03", "scan": digest()}),
        }
    }

    fn shown(evidence: &Value, method: Method) -> Result<(), &'static str> {
        let evidence: Evidence = serde_json::from_value(evidence.clone()).unwrap();
        assert_eq!(
            serde_json::from_value::<Evidence>(serde_json::to_value(&evidence).unwrap()).unwrap(),
            evidence
        );
        evidence.shows(method).map_err(Lack::code)
    }

    /// The same without one thing.
    fn without(method: Method, field: &str) -> Result<(), &'static str> {
        let mut evidence = whole(method);
        let empty = if field == "version" { json!(" ") } else { Value::Null };
        let found = evidence.as_object_mut().unwrap().insert(field.to_owned(), empty);
        assert!(found.is_some(), "{field}");
        shown(&evidence, method)
    }

    #[test]
    fn a_call_is_shown_by_a_recording_or_a_writing() {
        for method in [Method::RecordedCall, Method::WrittenConfirmation] {
            assert_eq!(shown(&whole(method), method), Ok(()));
            for field in ["number", "agent", "script", "answer"] {
                assert_eq!(without(method, field), Err("evidence.call"), "{method} {field}");
            }
            let mut neither = whole(method);
            neither["recording"] = Value::Null;
            neither["confirmation"] = Value::Null;
            assert_eq!(shown(&neither, method), Err("evidence.unheard"));
        }
        assert_eq!(without(Method::RecordedCall, "recording"), Err("evidence.unheard"));
        assert_eq!(without(Method::RecordedCall, "confirmation"), Ok(()));
        assert_eq!(without(Method::WrittenConfirmation, "confirmation"), Err("evidence.unheard"));
        assert_eq!(without(Method::WrittenConfirmation, "recording"), Ok(()));
    }

    #[test]
    fn con_20_a_recording_is_neither_early_nor_kept_beside_a_writing() {
        let mut early = whole(Method::RecordedCall);
        early["recording"]["started_at"] = json!(99);
        assert_eq!(shown(&early, Method::RecordedCall), Err("evidence.recording"));
        let mut secret = whole(Method::RecordedCall);
        secret["recording"]["announced"] = json!(false);
        assert_eq!(shown(&secret, Method::RecordedCall), Err("evidence.recording"));
        let both: Evidence = serde_json::from_value(whole(Method::RecordedCall)).unwrap();
        assert!(both.recording_is_superfluous());
        let mut alone = whole(Method::RecordedCall);
        alone["confirmation"] = Value::Null;
        let alone: Evidence = serde_json::from_value(alone).unwrap();
        assert!(!alone.recording_is_superfluous());
    }

    #[test]
    fn a_visit_needs_signature_and_receipt() {
        let method = Method::TabletSignature;
        assert_eq!(shown(&whole(method), method), Ok(()));
        for (field, code) in [
            ("representative", "evidence.visit"),
            ("employer", "evidence.visit"),
            ("place", "evidence.visit"),
            ("signature", "evidence.signature"),
            ("receipt", "evidence.receipt"),
        ] {
            assert_eq!(without(method, field), Err(code), "{field}");
        }
    }

    #[test]
    fn forms_and_paper_need_what_shows_them() {
        for method in [Method::WebForm, Method::DoubleOptIn, Method::StoreTerminal] {
            assert_eq!(shown(&whole(method), method), Ok(()));
            assert_eq!(without(method, "version"), Err("evidence.version"));
            assert_eq!(without(method, "screenshot"), Err("evidence.screenshot"));
            assert_eq!(without(method, "terminal"), Err("evidence.terminal"));
            let mut empty = whole(method);
            empty["ticked"] = json!(false);
            assert_eq!(shown(&empty, method), Err("evidence.box"));
        }
        assert_eq!(without(Method::DoubleOptIn, "confirmed_at"), Err("evidence.confirmation"));
        assert_eq!(without(Method::WebForm, "confirmed_at"), Ok(()));
        assert_eq!(shown(&whole(Method::SignedPaper), Method::SignedPaper), Ok(()));
        assert_eq!(without(Method::SignedPaper, "scan"), Err("evidence.signature"));
        assert_eq!(without(Method::SignedPaper, "version"), Err("evidence.version"));
    }

    #[test]
    fn evidence_of_one_method_shows_no_other() {
        for &method in Method::ALL {
            for &other in Method::ALL {
                let same = whole(method)["kind"] == whole(other)["kind"]
                    || (method == Method::TabletSignature && other == Method::SignedPaper);
                assert_eq!(shown(&whole(method), other).is_ok(), same, "{method} for {other}");
            }
        }
    }

    #[test]
    fn unknown_fields_are_refused() {
        let mut more = whole(Method::SignedPaper);
        more["email"] = json!("a@b.example");
        assert!(serde_json::from_value::<Evidence>(more).is_err());
    }
}
