//! Proofs checked in the page: a certificate with its report, a dossier with the proof of each act. The checks
//! are those of the command line; whose keys to go by, the page says.

use serde_json::{Value, json};
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::{self, Certificate};
use tiers_protocol::dossier::SignedDossier;
use tiers_protocol::trust::Trust;

use crate::fault::Fault;

fn trusted(trust: &[u8]) -> Result<Trust, Fault> {
    serde_json::from_slice(trust).map_err(|_| Fault::Trust)
}

/// What a certificate says, once its signature and its proof hold; with a report, that it is the one that
/// was certified.
///
/// # Errors
/// [`Fault::Certificate`], [`Fault::Report`], [`Fault::Trust`].
pub fn certificate(document: &[u8], report: Option<&[u8]>, trust: &[u8]) -> Result<Value, Fault> {
    let trust = trusted(trust)?;
    let read =
        Attested::<Certificate>::verify(document, &trust).map_err(|_| Fault::Certificate)?.document;
    if let Some(report) = report {
        certificate::verify(document, report, &trust).map_err(|_| Fault::Report)?;
    }
    Ok(json!({
        "release": read.release, "programme": read.programme.name, "principal": read.principal.name,
        "period": read.question.period, "released_at": read.released_at,
        "report": report.is_some(), "unprotected": read.question.exact,
    }))
}

/// How many acts a dossier proves, once its signature and the proof of every act hold.
///
/// # Errors
/// [`Fault::Dossier`], [`Fault::Trust`].
pub fn dossier(document: &[u8], trust: &[u8]) -> Result<Value, Fault> {
    let trust = trusted(trust)?;
    let read = SignedDossier::verify(document, &trust)?.dossier;
    Ok(json!({ "acts": read.acts.len(), "origin": read.origin, "about": read.about }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_proof_is_refused_with_the_reason() {
        assert_eq!(certificate(b"{}", None, b"{}"), Err(Fault::Trust));
        assert_eq!(dossier(b"{}", b"nothing"), Err(Fault::Trust));
    }
}
