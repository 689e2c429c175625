//! A collection: the public page on which persons choose on published forms of one party. Its document holds
//! every word that the page shows and the key to which contacts are sealed, so that one digest names all of it.
//! Specified by `docs/formats/submission-v1.md`, "Collection".

use serde::{Deserialize, Serialize};
use tiers_contact::labels;

use super::form::{ConsentForm, NoticeText};
use super::record::{Country, Language, Pii, RecordParty};
use super::{Channel, Method, Purpose};
use crate::canonical;
use crate::encoding::{Bytes, sha256_of};
use crate::ids::{FormId, PartyId};
use crate::seal::SealingPublic;

/// Forms that one page may hold: what a person reads before choosing.
pub const FORMS_MAX: usize = 6;

/// The version of the schema of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CollectionFormat {
    /// Version 1.
    #[serde(rename = "tiers-consent-collection/1")]
    V1,
}

/// One box of the page: what a form says to the person. What its reviewers wrote is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The form.
    pub form: FormId,
    /// What the person is told.
    pub notice: NoticeText,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// What of the person is used.
    pub pii: Vec<Pii>,
    /// Who decides.
    pub controllers: Vec<RecordParty>,
    /// Who receives.
    pub recipients: Vec<RecordParty>,
    /// Where it is stored.
    pub storage: Vec<Country>,
    /// For how many months it is kept.
    pub retention_months: u32,
    /// For how many months the choice holds.
    pub validity_months: u32,
    /// How to take it back.
    pub withdrawal: String,
    /// The authority to complain to.
    pub authority: String,
}

impl Choice {
    /// What a form says to the person.
    #[must_use]
    pub fn of(id: FormId, form: &ConsentForm) -> Self {
        Self {
            form: id,
            notice: form.notice.clone(),
            purpose: form.purpose,
            channel: form.channel,
            pii: form.pii.clone(),
            controllers: form.controllers.clone(),
            recipients: form.recipients.clone(),
            storage: form.storage.clone(),
            retention_months: form.retention_months,
            validity_months: form.validity_months,
            withdrawal: form.withdrawal.clone(),
            authority: form.gdpr.authority.clone(),
        }
    }

    /// The contact without which nobody is reached by this channel; `None` where a page cannot ask for it.
    #[must_use]
    pub const fn reached_by(&self) -> Option<Pii> {
        reached_by(self.channel)
    }
}

const fn reached_by(channel: Channel) -> Option<Pii> {
    match channel {
        Channel::Email => Some(Pii::Email),
        Channel::Sms | Channel::Phone | Channel::AutomatedCall => Some(Pii::Phone),
        Channel::Fax | Channel::Post => None,
    }
}

/// Why forms cannot stand on one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CollectionFault {
    /// None, too many, or one twice.
    #[error("a page holds 1 to 6 forms, each once")]
    Count,
    /// Not made for a page, or for another page than the others.
    #[error(
        "the forms of a page have one controller, one language and one method, web_form or double_opt_in"
    )]
    Mixed,
    /// A channel whose contact a page does not ask for, or that the form does not name.
    #[error(
        "a page asks for an e-mail address and a telephone number, as far as its forms name them"
    )]
    Channel,
}

/// The whole page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// Version of the schema.
    pub format: CollectionFormat,
    /// Whose page it is.
    pub party: PartyId,
    /// The key to which contacts are sealed: the party's.
    pub sealing: SealingPublic,
    /// In which language its texts are.
    pub language: Language,
    /// By which act persons choose on it.
    pub method: Method,
    /// Its boxes, in their order.
    pub choices: Vec<Choice>,
}

impl Collection {
    /// The page of a party with these forms.
    ///
    /// # Errors
    /// [`CollectionFault`].
    pub fn of(
        (party, sealing): (PartyId, SealingPublic),
        forms: &[(FormId, ConsentForm)],
    ) -> Result<Self, CollectionFault> {
        let (_, first) = forms.first().ok_or(CollectionFault::Count)?;
        let mut ids: Vec<FormId> = forms.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != forms.len() || forms.len() > FORMS_MAX {
            return Err(CollectionFault::Count);
        }
        let whose = |form: &ConsentForm| form.controllers.first().map(|one| one.id);
        let alike = |form: &ConsentForm| {
            form.language == first.language
                && form.method() == first.method()
                && whose(form) == whose(first)
        };
        let on_screen = matches!(first.method(), Method::WebForm | Method::DoubleOptIn);
        if !on_screen || !forms.iter().all(|(_, form)| alike(form)) {
            return Err(CollectionFault::Mixed);
        }
        let asked = |form: &ConsentForm| {
            let named = !form.pii.contains(&Pii::PostalAddress);
            named && reached_by(form.channel).is_some_and(|contact| form.pii.contains(&contact))
        };
        if !forms.iter().all(|(_, form)| asked(form)) {
            return Err(CollectionFault::Channel);
        }
        Ok(Self {
            format: CollectionFormat::V1,
            party,
            sealing,
            language: first.language,
            method: first.method(),
            choices: forms.iter().map(|(id, form)| Choice::of(*id, form)).collect(),
        })
    }

    /// The one name of all that the page says.
    #[must_use]
    pub fn digest(&self) -> Bytes<32> {
        sha256_of(&[labels::COLLECTION.as_bytes(), b"\0", &canonical::to_vec(self)])
    }

    /// Whether the page asks for this contact.
    #[must_use]
    pub fn asks(&self, pii: Pii) -> bool {
        self.choices.iter().any(|choice| choice.pii.contains(&pii))
    }

    /// The box of a form.
    #[must_use]
    pub fn choice(&self, form: &FormId) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.form == *form)
    }
}
