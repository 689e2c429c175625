//! Consent: what a person chose, event by event, and the decision whether a contact may pass.
//!
//! Pure: no files, no clock, no network, no token. Whose history it is, is the store's matter; here a
//! [`Subject`] is what is known about one token, a [`Question`] what somebody wants to do, and
//! [`decide`] answers with the record that carries it or the rule that denies. The rules are data
//! (`policies/consent/`). Specified by `docs/formats/consent.md`; the choices behind it are decision 29.

mod deadline;
mod decide;
mod history;
pub mod letter;
pub mod page;
mod paris;
mod rules;

#[cfg(test)]
mod tests;

pub use deadline::{
    ExtensionError, Term, Urgency, is_public_holiday, pass_on_by, working_day_from,
};
pub use decide::{Claim, Decision, Denial, Ground, Question, Why, decide};
pub use history::{
    Event, HistoryError, Known, Opposition, Origin, Proof, Reach, Recipients, Scope, Subject,
};
pub use paris::{legal_day, legal_hour, months_after};
pub use rules::{Regime, Rule, RuleIndex, Rules, RulesError};
