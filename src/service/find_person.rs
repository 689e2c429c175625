//! Where a person's rows are, by tokens that a party made of the person's contacts on its own machine:
//! the deposits that hold one of them, and the releases that were counted from those deposits. For the
//! right of access (GDPR art. 15) and for nothing else: the search needs a reason, is an act itself, an
//! account has so many a day, and a party finds its own deposits only. The tokens are not kept.

use tiers_protocol::dossier::PersonSearch;
use tiers_protocol::ids::DepositId;

use super::{Certifier, Refusal, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::limits;
use crate::store::credential::Caller;
use crate::store::generation::Standing;
use crate::vault::{Batch, Batches as _, Columns, Segments as _, TokenRange};
use tiers_contact::Kind;

impl Certifier {
    /// The ids of what holds the person's rows or was counted from them, as far as the caller may know.
    ///
    /// # Errors
    /// [`Refusal::BadSearch`] for tokens that are none of the programme's, or too many.
    pub(super) fn about_person(
        &self,
        caller: &Caller,
        person: &PersonSearch,
    ) -> Result<Vec<String>, ServiceError> {
        if person.tokens.len() > limits::SEARCH_TOKENS {
            return Err(Refusal::BadSearch.into());
        }
        // No segment is replaced while it is read.
        let _alone = self.rewriting();
        let (tokens, standing) = self.db.read("search person", |tx| {
            let tokens = self.persons(tx, &person.programme, &person.tokens);
            let tokens = tokens.map_err(|error| match error {
                ServiceError::Refused(_) => Refusal::BadSearch.into(),
                other => other,
            })?;
            let mut standing = tx.standing()?;
            standing.retain(|of| of.programme == person.programme);
            if let Some(party) = caller.party {
                let own: Vec<DepositId> =
                    tx.deposits_of(&party)?.into_iter().map(|deposit| deposit.id).collect();
                standing.retain(|of| own.contains(&of.id));
            }
            Ok::<_, ServiceError>((tokens, standing))
        })?;
        let mut found = Vec::new();
        for of in &standing {
            if self.holds_any(of, &tokens)? {
                found.push(of.id);
            }
        }
        self.db.read("search person", |tx| {
            let releases = tx.releases_from(&found)?;
            Ok(found.iter().map(ToString::to_string).chain(releases).collect())
        })
    }

    fn holds_any(
        &self,
        of: &Standing,
        tokens: &[(Kind, VaultToken)],
    ) -> Result<bool, ServiceError> {
        let stored = self.open_generation(&of.id, of.valid)?;
        let mut batch = Batch::new();
        for (kind, token) in tokens {
            let mut reader = stored.segment(*kind, TokenRange::of(token), Columns::TOKENS)?;
            while reader.next(&mut batch)? {
                if batch.tokens.iter().any(|held| held.as_bytes() == token.as_bytes()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
