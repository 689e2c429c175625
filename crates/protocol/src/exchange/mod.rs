//! Records that pass from one party to another, sealed so that the certifier in between can neither
//! read, add, replace nor reorder them: the padded [`record`], the [`batch`] that seals records by
//! their position, the [`evidence`] that is sealed beside them, the [`tree`] over all of them, and the
//! [`statement`] that the sender signs. Before them
//! the [`agreement`] with its [`terms`] and the [`act`]s about it, after them what is [`transfer`]red and
//! the proof of each [`decision`]; in between the [`review`] of a sample by the recipient's officer. How a file
//! becomes a batch is [`sending`].
//!
//! Not here: whether a record may pass. Specified in `docs/formats/exchange-agreement.md` and
//! `docs/formats/exchange-batch.md`.

pub mod act;
pub mod agreement;
pub mod batch;
pub mod decision;
pub mod evidence;
pub mod filing;
pub mod opening;
pub mod paths;
mod position;
pub mod record;
pub mod review;
pub mod reviewing;
pub mod sending;
pub mod special;
pub mod statement;
pub mod terms;
pub mod transfer;
pub mod tree;
pub mod view;

#[cfg(test)]
mod review_tests;
#[cfg(test)]
mod tests;

pub use act::{ExchangeAct, Saying, SignedAct};
pub use agreement::{Agreement, Gives, Side, SignedAgreement};
pub use batch::{BatchError, BatchOpener, BatchSealer};
pub use decision::{DecisionProof, HandOver, RecordDecision};
pub use evidence::{EvidenceOpener, EvidenceSealer, RecordEvidence};
pub use paths::PathsOf;
pub use record::{Field, PlainRecord, RecordError, SizeClass};
pub use review::{Draw, Drawn, Review, Sample, SampleItem, SignedReview};
pub use statement::{BatchHead, BatchStatement, StatementError};
pub use terms::AgreementFault;
pub use transfer::{Carried, Item, Package, Tokens};
pub use tree::{Leaf, RootOf};
