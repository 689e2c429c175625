//! Why the browser's side refuses: the refusals of the two crates under one roof, each with the code
//! that the command line gives for the same thing. Never a value of a file, never a part of a key.

use jiff::civil::Date;
use serde_json::json;
use tiers_contact::PrepareError;
use tiers_protocol::consent::SubmissionFault;
use tiers_protocol::dossier::DossierError;
use tiers_protocol::exchange::AgreementFault;
use tiers_protocol::exchange::opening::OpeningError;
use tiers_protocol::exchange::sending::SendingFault;
use tiers_protocol::keystore::KeystoreError;
use tiers_protocol::party::PartyKeyError;
use tiers_protocol::programme::ProgrammeError;
use tiers_protocol::programme_key::ProgrammeKeyError;
use tiers_protocol::rights_key::RightsKeyError;
use tiers_protocol::seal::SealError;
use tiers_protocol::tlog::LedgerFault;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The programme file.
    #[error(transparent)]
    Programme(#[from] ProgrammeError),
    /// What was spent on a campaign is no amount; which of them, from 1.
    #[error("campaign {0} has no amount in euros with at most two decimals")]
    Cost(u32),
    /// A list of campaigns; the line, from 1.
    #[error("line {0} of the list is no campaign with its cost in euros")]
    Campaigns(usize),
    /// The programme key.
    #[error(transparent)]
    ProgrammeKey(#[from] ProgrammeKeyError),
    /// The party's keys.
    #[error(transparent)]
    PartyKey(#[from] PartyKeyError),
    /// The rights key.
    #[error(transparent)]
    RightsKey(#[from] RightsKeyError),
    /// A contact with nothing that becomes a token.
    #[error("the contact holds no e-mail address and no telephone number")]
    Contact,
    /// The keys of a certifier.
    #[error("this is no trust file of a certifier")]
    Trust,
    /// A certificate.
    #[error("the certificate does not hold under these keys")]
    Certificate,
    /// A report.
    #[error("the report is not the one that was certified")]
    Report,
    /// A dossier.
    #[error(transparent)]
    Dossier(#[from] DossierError),
    /// The public ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// The ledger has no checkpoint of the witnesses that its keys name.
    #[error("no checkpoint that the certifier's witnesses cosigned is there")]
    Unwitnessed,
    /// A word about an exchange, or its package.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// A file that becomes a batch.
    #[error(transparent)]
    Sending(#[from] SendingFault),
    /// The public keys of a party.
    #[error("this is no file of public keys (party.pub)")]
    PublicKey,
    /// An agreement that cannot be read: something is missing or not of its kind.
    #[error("the agreement cannot be read: something is missing or not as it should be")]
    Agreement,
    /// An agreement that cannot be one.
    #[error(transparent)]
    Terms(#[from] AgreementFault),
    /// What was typed on a public form.
    #[error(transparent)]
    Submission(#[from] SubmissionFault),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys that a browser keeps.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// A partner's keys are not those whose fingerprint was confirmed.
    #[error("the partner's keys have another fingerprint: ask it again, and ask the certifier")]
    OtherKeys,
    /// The programme's key has had its day.
    #[error("the key epoch of this programme ended on {0}: ask the principal for the next one")]
    EpochOver(Date),
    /// What the page asked for is not in the form that this build reads.
    #[error("the page asked for something that this build does not know")]
    Asked,
    /// A step before its time, or after the end.
    #[error("the page called a step out of its turn")]
    Turn,
}

impl Fault {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Prepare(cause) => cause.code(),
            Self::Programme(cause) => cause.code(),
            Self::Cost(_) => "browser.cost",
            Self::Campaigns(_) => "browser.campaigns",
            Self::ProgrammeKey(cause) => cause.code(),
            Self::PartyKey(cause) => cause.code(),
            Self::RightsKey(cause) => cause.code(),
            Self::Contact => "browser.contact",
            Self::Trust => "browser.trust",
            Self::Certificate => "browser.certificate",
            Self::Report => "browser.report",
            Self::Dossier(cause) => cause.code(),
            Self::Ledger(cause) => cause.code(),
            Self::Unwitnessed => "browser.unwitnessed",
            Self::Opening(cause) => cause.code(),
            Self::Sending(cause) => cause.code(),
            Self::PublicKey => "browser.public_key",
            Self::Agreement => "browser.agreement",
            Self::Terms(cause) => cause.code(),
            Self::Submission(cause) => cause.code(),
            Self::Seal(cause) => cause.code(),
            Self::Keystore(cause) => cause.code(),
            Self::OtherKeys => "browser.other_keys",
            Self::EpochOver(_) => "programme.epoch_over",
            Self::Asked => "browser.asked",
            Self::Turn => "browser.turn",
        }
    }

    /// What crosses to the page: `{"code": ..., "message": ...}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({ "code": self.code(), "message": self.to_string() }).to_string()
    }
}
