//! Who may have totals without noise, which nothing protects: under a policy of its own, with every
//! partner's declared agreement, once for each month (`docs/decisions/0080-exact-totals.md`).
//!
//! All of it is public before anything is counted: the policy, what partners declared in the ledger, and
//! which months were told.

use jiff::Span;
use jiff::civil::Date;

use super::request_report::Asked;
use super::{Certifier, Refusal, ServiceError};
use crate::disclosure::EveryPartnerAgreed;
use crate::store::Tx;

/// How far back a month may lie; well below the term of releases (`policies/retention`, three years).
const MONTHS_TOLD: i32 = 24;

impl Certifier {
    /// The agreement of all partners, where the question asks for exact totals; `None` where it does not.
    ///
    /// # Errors
    /// [`Refusal::ExactNotGiven`], [`Refusal::ExactNotAgreed`], [`Refusal::ExactPast`], [`Refusal::ExactTold`].
    pub(super) fn agreed_totals(
        &self,
        tx: &Tx<'_>,
        asked: &Asked,
    ) -> Result<Option<EveryPartnerAgreed>, ServiceError> {
        if !asked.asks_exact() {
            return Ok(None);
        }
        let programme = asked.programme();
        if !programme.policy.exact_totals() {
            return Err(Refusal::ExactNotGiven.into());
        }
        let owners = self.partner_groups(tx, asked)?;
        let mut declared = Vec::new();
        for member in tx.members(&programme.id)? {
            let said = tx.declaration(&programme.id, &member.party)?;
            declared.push(said.is_some_and(|said| said.exact));
        }
        let agreed = EveryPartnerAgreed::of(&programme.policy, owners, &declared);
        let agreed = agreed.ok_or(Refusal::ExactNotAgreed)?;
        if asked.period() < oldest(asked.day()).as_str() {
            return Err(Refusal::ExactPast.into());
        }
        if told(tx, asked)? {
            return Err(Refusal::ExactTold.into());
        }
        Ok(Some(agreed))
    }
}

/// The oldest month that may be told: releases are kept for three years, and which months were told is known for as
/// long.
fn oldest(today: Date) -> String {
    today.saturating_sub(Span::new().months(MONTHS_TOLD)).strftime("%Y-%m").to_string()
}

/// Whether exact totals of the month were told to this programme. Two of them, before and after somebody's
/// row came, would tell of that row with certainty and to anybody, not only to who plants people.
fn told(tx: &Tx<'_>, asked: &Asked) -> Result<bool, ServiceError> {
    for release in tx.releases(&asked.programme().id)? {
        if release.period != asked.period() {
            continue;
        }
        let parts = tx.certificate_parts(&release.id)?.ok_or(Refusal::NotFound)?;
        if parts.certificate.question.exact {
            return Ok(true);
        }
    }
    Ok(false)
}
