//! The certificate of a release: who asked what, under which policy, at which cost, over which
//! deposits, and which report it belongs to. `docs/formats/certificate.md` explains every field.

use crate::attested::{Attested, AttestedError, Recorded};
use crate::canonical;
use crate::encoding::{Bytes, sha256};
use crate::ids::{AccountId, ActorId, PartyId, ProgrammeId, ReleaseId};
use crate::lift::NamedLift;
use crate::report::Report;
use crate::tlog::EntryType;
use crate::trust::Trust;
use serde::{Deserialize, Serialize};
use tiers_contact::{FileKind, labels};

/// What the certifier certifies of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// Format of this document.
    pub format: CertificateFormat,
    /// The release.
    pub release: ReleaseId,
    /// The programme.
    pub programme: NamedProgramme,
    /// Who asked and received.
    pub principal: NamedParty,
    /// The policy that the gate applied.
    pub policy: NamedPolicy,
    /// The question that was answered.
    pub question: Question,
    /// Digest of the canonical question: the same question has the same answer for ever.
    pub question_sha256: Bytes<32>,
    /// What was paid, from which account.
    pub account: AccountStatement,
    /// The deposits that were read, each by the commitment that its ledger entry and receipt hold.
    pub deposits: Vec<CertifiedDeposit>,
    /// Who approved releases of this kind beforehand.
    pub approval: StandingApproval,
    /// SHA-256 of `report.json`.
    pub report_sha256: Bytes<32>,
    /// When the release was made (RFC 3339, UTC).
    pub released_at: String,
}

/// Version of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CertificateFormat {
    /// The first.
    #[serde(rename = "tiers-certificate/1")]
    V1,
}

/// A programme by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedProgramme {
    /// Its id.
    pub id: ProgrammeId,
    /// Its name.
    pub name: String,
}

/// A party by id, SIREN and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedParty {
    /// Its id.
    pub id: PartyId,
    /// Its company number.
    pub siren: String,
    /// Its name.
    pub name: String,
}

/// A policy by name and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedPolicy {
    /// Its name.
    pub name: String,
    /// SHA-256 of its canonical form.
    pub sha256: Bytes<32>,
}

/// The question: everything that decides the answer, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Question {
    /// Templates with their versions, in the policy's order.
    pub templates: Vec<String>,
    /// Month of the sales, `YYYY-MM`.
    pub period: String,
    /// Number of the snapshot.
    pub snapshot: u64,
    /// Merkle root of the set of leads rows, tokens and attributes, as the certifier keys them.
    pub leads_root: Bytes<32>,
    /// The lift whose arms were counted, where the question is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<NamedLift>,
    /// Whether totals without noise were asked for beside the report, which nothing protects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
}

/// State of the account after the release; costs in nano-rho of zCDP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountStatement {
    /// The account: one principal group and one month, of sales; of leads in a partner's own count.
    pub id: AccountId,
    /// The cap.
    pub cap_nrho: u64,
    /// What this release cost.
    pub cost_nrho: u64,
    /// What all releases together cost so far.
    pub spent_nrho: u64,
    /// What is left.
    pub left_nrho: u64,
}

/// A deposit that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertifiedDeposit {
    /// What it holds.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::FileKindName))]
    pub kind: FileKind,
    /// The salted commitment of its ledger entry.
    pub commitment: Bytes<32>,
}

/// An officer's approval of all releases of a programme under one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandingApproval {
    /// Who approved, as the ledger names him.
    pub by: ActorId,
    /// When (RFC 3339, UTC).
    pub at: String,
}

impl Recorded for Certificate {
    const LABEL: &'static str = labels::SIGN_CERTIFICATE;
    const ENTRY: EntryType = EntryType::ReleasePublished;

    fn object(&self) -> String {
        self.release.to_string()
    }
}

/// Why a certificate and its report do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The certificate itself.
    #[error(transparent)]
    Attested(#[from] AttestedError),
    /// The report is not the one that was certified.
    #[error("the report is not the one that this certificate belongs to")]
    Report,
    /// Figures of the certificate contradict each other.
    #[error("the certificate contradicts itself: its digests or accounts do not add up")]
    Inconsistent,
}

impl CertificateError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Attested(error) => error.code(),
            Self::Report => "certificate.report",
            Self::Inconsistent => "certificate.inconsistent",
        }
    }
}

/// Checks a certificate with the bytes of its report, offline.
///
/// # Errors
/// [`CertificateError`].
pub fn verify(
    certificate: &[u8],
    report: &[u8],
    trust: &Trust,
) -> Result<Attested<Certificate>, CertificateError> {
    let read = Attested::<Certificate>::verify(certificate, trust)?;
    if read.document.report_sha256 != sha256(report) {
        return Err(CertificateError::Report);
    }
    let report = canonical::from_slice(report).map_err(|_| CertificateError::Report)?;
    if read.document.is_consistent() && read.document.describes(&report) {
        Ok(read)
    } else {
        Err(CertificateError::Inconsistent)
    }
}

impl Certificate {
    /// Whether the sums and digests inside it agree.
    fn is_consistent(&self) -> bool {
        let account = &self.account;
        account.spent_nrho.checked_add(account.left_nrho) == Some(account.cap_nrho)
            && account.cost_nrho <= account.spent_nrho
            && self.question_sha256 == sha256(&canonical::to_vec(&self.question))
    }

    /// Whether a report is of the release, programme, policy, month, snapshot and price that the
    /// certificate names.
    fn describes(&self, report: &Report) -> bool {
        let mut priced: Vec<_> = report.priced().collect();
        priced.sort_unstable();
        let costs = priced.iter().try_fold(0_u64, |sum, (_, cost)| sum.checked_add(*cost));
        report.head.release == self.release
            && report.head.programme == self.programme
            && report.head.policy == self.policy
            && report.head.period.as_str() == self.question.period
            && report.head.snapshot == self.question.snapshot
            && report.unprotected.is_some() == self.question.exact
            && costs == Some(self.account.cost_nrho)
            && priced.iter().map(|(section, _)| section.name()).eq(self.question.templates.clone())
    }
}
