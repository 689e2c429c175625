//! The form by which a choice is collected: the very text that persons are shown, who decides, who
//! receives, by which act, and the review that it passed. A form is written once; another text or another
//! recipient is another form, so that nothing that was agreed to can grow. Not a record: that is one
//! person's choice on it. Specified by `docs/formats/consent.md`, "Form".

use serde::{Deserialize, Serialize};

use super::evidence::FileDigest;
use super::record::{
    ConsentRecord, Country, EventEntity, EventType, Gdpr, Language, NoticeShown, Pii, RecordEvent,
    RecordFault, RecordFormat, RecordParty,
};
use super::{Channel, Method, Purpose, State};
use crate::encoding::{Bytes, sha256};
use crate::ids::{FormId, RecordId, SubjectId};

/// The version of the schema of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormFormat {
    /// Version 1.
    #[serde(rename = "tiers-consent-form/1")]
    V1,
}

/// The text itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Where it stands.
    pub url: String,
    /// Its version, from 1.
    pub version: u32,
    /// The text, as the person reads it.
    pub text: String,
}

impl NoticeText {
    /// Digest of the text.
    #[must_use]
    pub fn sha256(&self) -> Bytes<32> {
        sha256(self.text.as_bytes())
    }
}

/// An audit of the form by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormAudit {
    /// Who did it.
    pub by: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Its report.
    pub report: FileDigest,
}

/// What was looked at before the form was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormReview {
    /// Who looked.
    pub reviewer: String,
    /// When the screenshot was taken, in seconds since 1970.
    pub captured_at: i64,
    /// The screenshot, or a scan of the sheet or script.
    pub screenshot: Option<FileDigest>,
    /// The code of the form, or the script of the call.
    pub code: Option<FileDigest>,
    /// No box is ticked beforehand.
    pub nothing_ticked: bool,
    /// To refuse is as visible as to accept: size, colour, position.
    pub refusal_as_visible: bool,
    /// The choice stands in a block of its own, apart from other terms.
    pub block_of_its_own: bool,
    /// The words are plain.
    pub plain_words: bool,
    /// No sale and no service hangs on it.
    pub nothing_hangs_on_it: bool,
    /// Audits by others.
    pub audits: Vec<FormAudit>,
}

impl FormReview {
    /// The five answers of the checklist.
    #[must_use]
    pub const fn answers(&self) -> [bool; 5] {
        [
            self.nothing_ticked,
            self.refusal_as_visible,
            self.block_of_its_own,
            self.plain_words,
            self.nothing_hangs_on_it,
        ]
    }
}

/// A form for one choice: one purpose, one channel, the recipients named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    /// Version of the schema.
    pub format: FormFormat,
    /// The form that it takes the place of.
    pub replaces: Option<FormId>,
    /// What the person is told.
    pub notice: NoticeText,
    /// In which language.
    pub language: Language,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// What of the person is used.
    pub pii: Vec<Pii>,
    /// Who decides; the first is the one whose chain it is.
    pub controllers: Vec<RecordParty>,
    /// Where it is stored.
    pub storage: Vec<Country>,
    /// For how many months.
    pub retention_months: u32,
    /// For how many months a choice holds.
    pub validity_months: u32,
    /// Under whose law.
    pub jurisdiction: Country,
    /// Who receives, as the person is shown them.
    pub recipients: Vec<RecordParty>,
    /// How to take it back.
    pub withdrawal: String,
    /// What the GDPR asks for beside.
    pub gdpr: Gdpr,
    /// The review.
    pub review: FormReview,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)+) => {
        /// Why a form cannot be used.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum FormFault { $($(#[$doc])* #[error($text)] $name,)+ }

        impl FormFault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

faults! {
    /// A text or a list is empty or too long.
    Extent = "form.extent", "a text or a list of the form is empty or too long";
    /// Something hangs on it.
    Conditional = "form.conditional", "a consent that a sale or a service hangs on is none";
    /// Handed on to nobody in particular.
    NobodyNamed = "form.nobody_named", "handing on needs recipients that are named";
    /// A right that the person is not told of.
    Rights = "form.rights", "the person is told of every right, withdrawal and complaint among them";
    /// A validity that cannot be.
    Validity = "form.validity", "a choice holds for 1 to 36 months";
    /// The text does not say that it can be taken back.
    Withdrawal = "form.withdrawal_sentence", "the text does not say that consent can be withdrawn";
    /// The text names another circle than the form.
    Names = "form.names", "the text does not name every controller and recipient";
    /// A telephone number is asked for without the sentence of the law.
    Phone = "form.phone_sentence", "the text asks for a telephone number and does not say that commercial calls need consent";
    /// No screenshot or no digest of the code.
    Evidence = "form.evidence", "a form needs its screenshot and the digest of its code";
    /// An answer of the checklist is no.
    Checklist = "form.checklist", "the review does not answer yes to each of its five questions";
}

impl From<RecordFault> for FormFault {
    fn from(fault: RecordFault) -> Self {
        match fault {
            RecordFault::Conditional => Self::Conditional,
            RecordFault::NobodyNamed => Self::NobodyNamed,
            RecordFault::Rights => Self::Rights,
            RecordFault::Validity => Self::Validity,
            RecordFault::Extent | RecordFault::Entity | RecordFault::Order => Self::Extent,
        }
    }
}

/// The longest text of a notice, in characters.
const NOTICE_CHARS: usize = 20_000;

impl ConsentForm {
    /// Checks the form, and its text as a linter can: what has to be said is said. How well, a person
    /// judges. `calls_need_consent`: whether the law asks for the sentence on commercial calls that day.
    ///
    /// # Errors
    /// The first [`FormFault`].
    pub fn check(&self, calls_need_consent: bool) -> Result<(), FormFault> {
        let nobody = (RecordId::from_bytes([0; 16]), SubjectId::from_bytes([0; 16]));
        let event = RecordEvent {
            at: 0,
            validity_months: self.validity_months,
            entity: EventEntity::Person(nobody.1),
            kind: EventType::Expressed,
            evidence: None,
            state: State::Requested,
        };
        self.record(nobody, vec![event]).check()?;
        if !(1..=NOTICE_CHARS).contains(&self.notice.text.trim().chars().count())
            || self.review.reviewer.trim().is_empty()
            || self.notice.version == 0
        {
            return Err(FormFault::Extent);
        }
        if self.review.screenshot.is_none() || self.review.code.is_none() {
            return Err(FormFault::Evidence);
        }
        if self.review.answers().contains(&false) {
            return Err(FormFault::Checklist);
        }
        self.lint(calls_need_consent)
    }

    /// What the text must say.
    fn lint(&self, calls_need_consent: bool) -> Result<(), FormFault> {
        let text = self.notice.text.to_lowercase();
        let says = |words: &[&str]| words.iter().all(|word| text.contains(word));
        let mut named = self.controllers.iter().chain(&self.recipients);
        if !named.all(|party| text.contains(&party.name.trim().to_lowercase())) {
            return Err(FormFault::Names);
        }
        if !says(&["retir", "consentement"]) && !says(&["withdraw", "consent"]) {
            return Err(FormFault::Withdrawal);
        }
        let calls = says(&["démarchage téléphonique", "consentement"])
            || says(&["commercial calls", "consent"]);
        if calls_need_consent && self.pii.contains(&Pii::Phone) && !calls {
            return Err(FormFault::Phone);
        }
        Ok(())
    }

    /// By which act it is collected.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.gdpr.method
    }

    /// The whole record of one person's choice on this form.
    #[must_use]
    pub fn record(
        &self,
        (record, principal): (RecordId, SubjectId),
        events: Vec<RecordEvent>,
    ) -> ConsentRecord {
        let NoticeText { url, version, .. } = &self.notice;
        ConsentRecord {
            format: RecordFormat::V1,
            record,
            principal,
            notice: NoticeShown {
                url: url.clone(),
                version: *version,
                sha256: self.notice.sha256(),
            },
            language: self.language,
            purpose: self.purpose,
            channel: self.channel,
            pii: self.pii.clone(),
            controllers: self.controllers.clone(),
            storage: self.storage.clone(),
            retention_months: self.retention_months,
            jurisdiction: self.jurisdiction,
            recipients: self.recipients.clone(),
            withdrawal: self.withdrawal.clone(),
            gdpr: self.gdpr.clone(),
            events,
        }
    }
}
