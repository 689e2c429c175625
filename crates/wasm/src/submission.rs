//! What a person types on a public form, sealed in the page to the company whose form it is. The contact ends
//! here: what leaves is what only that company can open.

use serde::Deserialize;
use tiers_protocol::consent::wire::CollectionInfo;
use tiers_protocol::consent::{Submission, SubmissionFormat};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::ids::FormId;
use zeroize::Zeroizing;

use crate::fault::Fault;

/// What the page read from its fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    at: i64,
    email: Option<String>,
    phone: Option<String>,
    name: Option<String>,
    choices: Vec<FormId>,
}

/// A sealed submission, ready to be sent.
pub struct Sealed {
    /// The id that was drawn for it.
    pub id: String,
    /// What is sent.
    pub bytes: Vec<u8>,
}

/// Seals what was typed (JSON) for a page as the certifier shows it (JSON).
///
/// # Errors
/// [`Fault::Asked`], [`Fault::Submission`].
pub fn seal(page: &[u8], typed: Vec<u8>, entropy: &mut impl Entropy) -> Result<Sealed, Fault> {
    let typed = Zeroizing::new(typed);
    let page: CollectionInfo = serde_json::from_slice(page).map_err(|_| Fault::Asked)?;
    if page.document.digest() != page.digest {
        return Err(Fault::Asked);
    }
    let Typed { at, email, phone, name, choices } =
        serde_json::from_slice(&typed).map_err(|_| Fault::Asked)?;
    let filled = |field: Option<String>| field.filter(|text| !text.trim().is_empty());
    let submission = Submission {
        format: SubmissionFormat::V1,
        at,
        email: filled(email),
        phone: filled(phone),
        name: filled(name),
        choices,
    };
    let (id, bytes) = submission.seal((&page.collection, &page.document), entropy)?;
    Ok(Sealed { id: id.to_string(), bytes })
}

#[cfg(test)]
mod tests {
    use tiers_protocol::consent::SubmissionFault;
    use tiers_protocol::entropy::System;

    use super::*;

    const PAGE: &[u8] = include_bytes!("../../../tests/vectors/submission-v1/page.json");

    #[test]
    fn what_is_typed_is_sealed_for_the_page_and_nothing_of_it_is_left() {
        let page: CollectionInfo = serde_json::from_slice(PAGE).expect("a page");
        let form = page.document.choices[0].form;
        let typed = |email: &str| {
            format!(
                r#"{{"at":1756000000,"email":"{email}","phone":" ","name":"","choices":["{form}"]}}"#
            )
        };
        let sealed = seal(PAGE, typed("ada@example.com").into_bytes(), &mut System);
        let Ok(sealed) = sealed else { panic!("it is sealed") };
        assert_eq!(sealed.bytes.len(), tiers_protocol::consent::SEALED_BYTES);
        assert!(!sealed.bytes.windows(3).any(|three| three == b"ada"));
        let refused = |page: &[u8], text: String| seal(page, text.into_bytes(), &mut System).err();
        let fault = refused(PAGE, typed("nobody"));
        assert_eq!(fault, Some(Fault::Submission(SubmissionFault::Email)));
        assert_eq!(refused(PAGE, "{}".to_owned()), Some(Fault::Asked));
        // Words that are not those of the digest are not agreed to.
        let other = String::from_utf8_lossy(PAGE).replace("vous écrira", "vous appellera");
        assert_ne!(other.as_bytes(), PAGE);
        assert_eq!(refused(other.as_bytes(), typed("ada@example.com")), Some(Fault::Asked));
    }
}
