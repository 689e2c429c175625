//! An act about a person in a dossier: it entered the ledger with a tick, so it is proven in two steps, from
//! the act to the tick and from there to the entry of the tick. Specified by `docs/formats/dossier.md`.

use serde::{Deserialize, Serialize};

use super::pseudonym;
use crate::attested::Evidence;
use crate::consent::proof::TickStep;
use crate::tlog::{Entry, LeafType, commit};
use crate::trust::Trust;

/// One act that entered with a tick, with everything that checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TickedAct {
    /// What an entry of its own would be, in canonical form; the leaf commits to it.
    pub entry: String,
    /// Who acted: the account behind the entry's pseudonym.
    pub actor: String,
    /// The detail, in canonical form.
    pub detail: String,
    /// From the act to its tick; the salt of the step opens all of it.
    pub through: TickStep,
    /// The entry of the tick, its salt and its proof.
    pub ledger: Evidence,
}

impl TickedAct {
    /// The act, if everything in it holds.
    #[must_use]
    pub fn verified(&self, trust: &Trust) -> Option<Entry> {
        let entry = Entry::decode(self.entry.as_bytes()).ok()?;
        let salt = self.through.step.salt.as_bytes();
        let holds = LeafType::ACTS.contains(&entry.entry_type())
            && commit(salt, self.detail.as_bytes()) == *entry.commitment()
            && pseudonym(salt, &self.actor) == entry.actor().as_str();
        let ticked = self.through.verify(self.entry.as_bytes(), &self.ledger, trust);
        (holds && ticked.is_ok()).then_some(entry)
    }
}

/// The place of the first act that is not proven, or stands a second time.
pub(super) fn first_unproven(acts: &[TickedAct], trust: &Trust) -> Option<usize> {
    let again =
        |place: usize| acts.iter().take(place).any(|before| before.entry == acts[place].entry);
    (0..acts.len()).find(|place| acts[*place].verified(trust).is_none() || again(*place))
}
