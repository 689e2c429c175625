//! The words of consent as both sides of the wire write them: companies, channels, purposes, states
//! and methods, the evidence that each method asks
//! for, and the record that all of it stands in. What follows from them is the certifier's matter (`crates/engine/src/consent`).
//!
//! The lists are closed: what stands in none of them, such as a box ticked beforehand or silence,
//! cannot be written down as consent at all. Specified by `docs/formats/consent.md`.

mod collection;
mod evidence;
mod form;
mod kantara;
pub mod proof;
mod receipt;
mod record;
pub mod schema;
mod siren;
mod submission;
pub mod wire;
mod words;

#[cfg(test)]
mod tests;

pub use collection::{Choice, Collection, CollectionFault, CollectionFormat, FORMS_MAX};
pub use evidence::{Evidence, FileDigest, FormSubmission, Lack, Recording};
pub use form::{ConsentForm, FormAudit, FormFault, FormFormat, FormReview, NoticeText};
pub use kantara::{KantaraController, KantaraPurpose, KantaraReceipt, KantaraService};
pub use receipt::{ConsentReceipt, ReceiptFault};
pub use record::{
    ConsentRecord, Country, EventEntity, EventType, Gdpr, Language, LawfulBasis, NoticeShown,
    PartyRole, PartyType, Pii, RecordEvent, RecordFault, RecordFormat, RecordParty, Right,
    ThirdCountries,
};
pub use siren::{Siren, SirenError};
pub use submission::{
    PLAIN_BYTES, SEALED_BYTES, Submission, SubmissionFault, SubmissionFormat, submission_evidence,
};
pub use words::{Audience, Channel, Method, Purpose, Sector, State, UnknownWord};
