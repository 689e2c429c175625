//! A submission: what one person typed and ticked on a collection's page, sealed in the browser to the party
//! whose page it is. All of them have one length; the certifier keeps them until they are fetched and can
//! read none. Specified by `docs/formats/submission-v1.md`.

use serde::{Deserialize, Serialize};
use tiers_contact::labels;
use tiers_contact::normalise::{email, phone};
use zeroize::{Zeroize as _, Zeroizing};

use super::collection::{Choice, Collection};
use super::evidence::{Evidence, FormSubmission};
use super::form::ConsentForm;
use super::record::Pii;
use crate::encoding::sha256_of;
use crate::entropy::Entropy;
use crate::ids::{CollectionId, FormId, SubmissionId};
use crate::seal::{SealingSecret, open_secret, seal_secret};

/// Plain bytes of every submission, the room behind its text filled up.
pub const PLAIN_BYTES: usize = 2_048;
/// Sealed bytes of every submission: encapsulated key, plain bytes, tag.
pub const SEALED_BYTES: usize = 32 + PLAIN_BYTES + 16;
/// The longest address (RFC 5321), number and name that are taken.
const EMAIL_CHARS: usize = 254;
const PHONE_CHARS: usize = 40;
const NAME_CHARS: usize = 100;

/// Seconds by which a browser's clock may be behind or before the certifier's.
const CLOCK_SECONDS: i64 = 86_400;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)+) => {
        /// Why a submission is not one. Never what stands in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
        #[non_exhaustive]
        pub enum SubmissionFault { $($(#[$doc])* #[error($text)] $name,)+ }

        impl SubmissionFault {
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
    /// Sealed to another key or for another page, changed, or never sealed at all.
    Sealed = "submission.sealed", "it does not open: sealed for another page or key, or not sealed at all";
    /// It opens, and holds no submission.
    Format = "submission.format", "what was sealed is no submission of a version that this program reads";
    /// Nothing chosen, or something that the page does not offer.
    Choices = "submission.choices", "no box of this page is ticked";
    /// No usable e-mail address where one is needed, or one that was not asked for.
    Email = "submission.email", "the e-mail address is missing or cannot be read";
    /// No usable telephone number where one is needed, or one that was not asked for.
    Phone = "submission.phone", "the telephone number is missing or cannot be read";
    /// A name that is too long or was not asked for.
    Name = "submission.name", "the name is too long, or was not asked for";
    /// An instant far from that at which it arrived.
    Instant = "submission.instant", "the browser's clock is more than a day from the certifier's";
}

/// The version of the schema of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubmissionFormat {
    /// Version 1.
    #[serde(rename = "tiers-submission/1")]
    V1,
}

/// What one person typed and ticked. Personal: wiped when dropped, never printed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Version of the schema.
    pub format: SubmissionFormat,
    /// When, by the browser's clock, in seconds since 1970.
    pub at: i64,
    /// The address, as it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The number, as it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The name, as it was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The forms whose boxes were ticked.
    pub choices: Vec<FormId>,
}

impl Drop for Submission {
    fn drop(&mut self) {
        self.email.zeroize();
        self.phone.zeroize();
        self.name.zeroize();
    }
}

/// What binds a submission to its page: nothing of it opens elsewhere, or after the page's words changed.
fn info(collection: &CollectionId, page: &Collection, id: &SubmissionId) -> Vec<u8> {
    let digest = page.digest();
    format!("{}\0{collection}\0{digest}\0{id}", labels::SEAL_SUBMISSION).into_bytes()
}

impl Submission {
    /// Whether the page could have sent this: boxes of its own, contacts that it asks for and that can be read.
    ///
    /// # Errors
    /// The first [`SubmissionFault`].
    pub fn check(&self, page: &Collection) -> Result<(), SubmissionFault> {
        let mut seen = self.choices.clone();
        seen.sort_unstable();
        seen.dedup();
        let chosen: Option<Vec<&Choice>> = self.choices.iter().map(|id| page.choice(id)).collect();
        let chosen = chosen.ok_or(SubmissionFault::Choices)?;
        if chosen.is_empty() || seen.len() != chosen.len() {
            return Err(SubmissionFault::Choices);
        }
        let needs = |pii| chosen.iter().any(|choice| choice.reached_by() == Some(pii));
        let address = |text: &str| email::normalise(text).value().is_some();
        let number = |text: &str| {
            let phones = phone::normalise(text);
            phones.mobile.is_some() || phones.landline.is_some()
        };
        let fits = |field: &Option<String>, pii: Pii, most: usize, reads: &dyn Fn(&str) -> bool| {
            let Some(text) = field else { return !needs(pii) };
            let printed = !text.chars().any(char::is_control) && text.chars().count() <= most;
            page.asks(pii) && printed && reads(text)
        };
        if !fits(&self.email, Pii::Email, EMAIL_CHARS, &address) {
            return Err(SubmissionFault::Email);
        }
        if !fits(&self.phone, Pii::Phone, PHONE_CHARS, &number) {
            return Err(SubmissionFault::Phone);
        }
        if !fits(&self.name, Pii::Name, NAME_CHARS, &|text| !text.trim().is_empty()) {
            return Err(SubmissionFault::Name);
        }
        Ok(())
    }

    /// Seals it to the party of the page, under an id of its own.
    ///
    /// # Errors
    /// [`SubmissionFault`] of [`Self::check`]; [`SubmissionFault::Sealed`] for a key that none can be sealed to.
    pub fn seal(
        &self,
        (collection, page): (&CollectionId, &Collection),
        entropy: &mut impl Entropy,
    ) -> Result<(SubmissionId, Vec<u8>), SubmissionFault> {
        self.check(page)?;
        let id = SubmissionId::random(entropy);
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        serde_json::to_writer(&mut *plain, self).map_err(|_| SubmissionFault::Format)?;
        if plain.len() > PLAIN_BYTES {
            return Err(SubmissionFault::Format);
        }
        // Room behind a JSON text is no part of it.
        plain.resize(PLAIN_BYTES, b' ');
        let sealed = seal_secret(&page.sealing, &info(collection, page, &id), &plain, entropy);
        Ok((id, sealed.map_err(|_| SubmissionFault::Sealed)?))
    }

    /// Opens and checks what the certifier kept, as the party whose page it is; `received_at`: when it arrived.
    ///
    /// # Errors
    /// [`SubmissionFault`].
    pub fn open(
        secret: &SealingSecret,
        (collection, page): (&CollectionId, &Collection),
        (id, sealed): (&SubmissionId, &[u8]),
        received_at: i64,
    ) -> Result<Self, SubmissionFault> {
        if sealed.len() != SEALED_BYTES {
            return Err(SubmissionFault::Sealed);
        }
        let plain = open_secret(secret, &info(collection, page, id), sealed);
        let plain = plain.map_err(|_| SubmissionFault::Sealed)?;
        let opened: Self = serde_json::from_slice(&plain).map_err(|_| SubmissionFault::Format)?;
        opened.check(page)?;
        if opened.at.abs_diff(received_at) > CLOCK_SECONDS.unsigned_abs() {
            return Err(SubmissionFault::Instant);
        }
        Ok(opened)
    }

    /// When the person chose: by the browser's clock, and not after it arrived.
    #[must_use]
    pub fn chosen_at(&self, received_at: i64) -> i64 {
        self.at.min(received_at)
    }

    /// The contacts that a choice uses, as they were typed: address, number; empty where it uses none.
    #[must_use]
    pub fn contacts(&self, choice: &Choice) -> (&str, &str) {
        let address = self.email.as_deref().filter(|_| choice.pii.contains(&Pii::Email));
        let number = self.phone.as_deref().filter(|_| choice.pii.contains(&Pii::Phone));
        (address.unwrap_or_default(), number.unwrap_or_default())
    }
}

/// What shows a choice on a page: the version and screenshot of its form, the browser by what it drew, the page
/// by its digest; whether and when the address was confirmed, the party says.
#[must_use]
pub fn submission_evidence(
    form: &ConsentForm,
    from: FormSubmission,
    confirmed_at: Option<i64>,
) -> Evidence {
    let terminal = sha256_of(&[labels::SUBMISSION_TERMINAL.as_bytes(), b"\0", from.id.as_bytes()]);
    Evidence::Form {
        version: form.notice.version.to_string(),
        screenshot: form.review.screenshot,
        terminal: Some(terminal),
        ticked: true,
        confirmed_at,
        submission: Some(from),
    }
}
