//! A programme on its way to the certifier, and what came back: the same document with the certifier's keys in it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use tiers_contact::canary_tokens;

use super::{Programme, ProgrammeError};
use crate::encoding::Bytes;
use crate::programme_key::ProgrammeKey;
use crate::trust::Trust;
use crate::wire::{CanaryToken, RegisterProgramme};

/// The last day of an epoch that begins today: twelve months, and not a day more.
#[must_use]
pub fn epoch_end(today: Date) -> Date {
    today.saturating_add(12.months()).saturating_sub(1.day())
}

impl RegisterProgramme {
    /// What a principal sends: the programme with its key's id, and the tokens of the public canaries under the key.
    #[must_use]
    pub fn with_key(mut programme: Programme, key: &ProgrammeKey) -> Self {
        programme.key_id = Some(key.id());
        programme.certifier = None;
        let kinds: Vec<_> = programme.policy.kinds().collect();
        let token = |(canary, kind, token): (usize, _, tiers_contact::Token)| CanaryToken {
            canary: u32::try_from(canary).expect("there are four canaries"),
            kind,
            token: Bytes::new(*token.as_bytes()),
        };
        let tokens = canary_tokens(&key.tokeniser(&programme.id), &kinds);
        Self { canaries: tokens.into_iter().map(token).collect(), programme }
    }

    /// The certifier's keys in the programme that came back, provided it is the one that was sent.
    ///
    /// # Errors
    /// [`ProgrammeError::Other`], [`ProgrammeError::Unregistered`].
    pub fn pinned<'a>(&self, answer: &'a Programme) -> Result<&'a Trust, ProgrammeError> {
        let mut bare = answer.clone();
        bare.certifier = None;
        if bare.to_json() != self.programme.to_json() {
            return Err(ProgrammeError::Other);
        }
        Ok(answer.registered()?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;
    use crate::policy::Policy;
    use crate::programme::Campaign;

    #[test]
    fn an_epoch_is_at_most_twelve_months() {
        let day = |y, m, d| jiff::civil::date(y, m, d);
        assert_eq!(epoch_end(day(2026, 3, 1)), day(2027, 2, 28));
        assert_eq!(epoch_end(day(2024, 2, 29)), day(2025, 2, 27));
    }

    #[test]
    fn a_programme_that_was_changed_on_the_way_is_found() {
        let policy = include_str!("../../../../policies/disclosure/standard.toml");
        let policy = Policy::from_toml(policy).expect("standard");
        let campaigns = vec![Campaign { name: "SMS".to_owned(), cost_cents: 1 }];
        let ends = jiff::civil::date(2027, 1, 1);
        let programme =
            Programme::new("A".into(), "B".into(), campaigns, policy, ends, &mut System);
        let key = ProgrammeKey::generate(&mut System);
        let sent = RegisterProgramme::with_key(programme, &key);
        assert_eq!(sent.programme.key_id, Some(key.id()));
        assert!(!sent.canaries.is_empty());
        let mut got = sent.programme.clone();
        assert_eq!(sent.pinned(&got), Err(ProgrammeError::Unregistered));
        got.campaigns[0].cost_cents += 1;
        assert_eq!(sent.pinned(&got), Err(ProgrammeError::Other));
    }
}
