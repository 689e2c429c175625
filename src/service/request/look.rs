//! Looks a person up: in consents by rights tokens, in deposits by the tokens of programmes. A company
//! finds its own deposits only: which other file a person stands in is not its business.

use std::collections::BTreeSet;

use tiers_contact::Token;
use tiers_protocol::consent::wire::ConsentHistory;
use tiers_protocol::ids::{DepositId, ProgrammeId};
use tiers_protocol::request::{Disclosure, HeldDeposit, NewRequest, ProgrammeTokens};

use super::super::{Certifier, Refusal, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::generation::Standing;
use crate::vault::{Batch, Batches as _, Columns, Segments as _, TokenRange};

/// What was found.
pub(super) struct Found {
    pub(super) consents: ConsentHistory,
    pub(super) deposits: Vec<HeldDeposit>,
    pub(super) disclosures: Vec<Disclosure>,
}

impl Certifier {
    pub(super) fn look(
        &self,
        caller: &Caller,
        new: &NewRequest,
        person: &[VaultToken],
    ) -> Result<Found, ServiceError> {
        // No generation goes while it is read.
        let _alone = self.rewriting();
        let (consents, standing) = self.db.read("look up person", |tx| {
            Ok::<_, ServiceError>((self.history_of(tx, caller, person)?, tx.standing()?))
        })?;
        let mut meant = BTreeSet::new();
        for asked in &new.programmes {
            for of in standing.iter().filter(|of| of.programme == asked.programme) {
                if self.holds(caller, of, asked)? {
                    meant.insert((of.id, of.programme));
                }
            }
        }
        let (deposits, disclosures) =
            self.db.read("describe deposits", |tx| describe(tx, &meant))?;
        Ok(Found { consents, deposits, disclosures })
    }

    /// Whether a deposit that the caller may know of holds one of the tokens.
    fn holds(
        &self,
        caller: &Caller,
        of: &Standing,
        asked: &ProgrammeTokens,
    ) -> Result<bool, ServiceError> {
        let (chain, own) = self.db.read("read chain", |tx| {
            let deposit = tx.deposit(&of.id)?.ok_or(Refusal::NotFound)?;
            let own = caller.party.is_none_or(|party| party == deposit.party);
            let tokens: Vec<_> = if own {
                let chain = self.chain(tx)?;
                let rekey = |one: &tiers_protocol::wire::PersonToken| {
                    (one.kind, chain.rekey(&Token::from_bytes(*one.token.as_bytes())))
                };
                asked.tokens.iter().map(rekey).collect()
            } else {
                Vec::new()
            };
            Ok::<_, ServiceError>((tokens, own))
        })?;
        if !own {
            return Ok(false);
        }
        let stored = self.open_generation(&of.id, of.valid)?;
        let mut batch = Batch::new();
        for (kind, token) in &chain {
            let (first, _) = token.as_bytes().split_first_chunk::<8>().expect("16 bytes");
            let first = u64::from_be_bytes(*first);
            let range = TokenRange { from: first, to: first };
            let mut reader = stored.segment(*kind, range, Columns::TOKENS)?;
            while reader.next(&mut batch)? {
                if batch.tokens.contains(token) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Source, purpose and dates of deposits, and who received what was made of them.
fn describe(
    tx: &Tx<'_>,
    meant: &BTreeSet<(DepositId, ProgrammeId)>,
) -> Result<(Vec<HeldDeposit>, Vec<Disclosure>), ServiceError> {
    let (mut deposits, mut disclosures) = (Vec::new(), Vec::new());
    for (id, _) in meant {
        let deposit = tx.deposit(id)?.ok_or(Refusal::NotFound)?;
        let source = tx.party(&deposit.party)?.ok_or(Refusal::NotFound)?;
        let manifest = &deposit.manifest.manifest;
        deposits.push(HeldDeposit {
            deposit: *id,
            programme: deposit.programme,
            source: source.name,
            siren: source.siren,
            kind: deposit.kind,
            purpose: manifest.purpose.clone(),
            legal_basis: serde_json::to_value(manifest.legal_basis)
                .ok()
                .and_then(|word| word.as_str().map(str::to_owned))
                .unwrap_or_default(),
            received_at: deposit.opened_at.to_string(),
            kept_until: deposit.kept_until.to_string(),
        });
    }
    let programmes: BTreeSet<ProgrammeId> = meant.iter().map(|(_, of)| *of).collect();
    for programme in programmes {
        let found = tx.programme(&programme)?.ok_or(Refusal::NotFound)?;
        let principal = tx.party(&found.principal)?.ok_or(Refusal::NotFound)?;
        for release in tx.releases(&programme)? {
            disclosures.push(Disclosure {
                recipient: principal.name.clone(),
                siren: principal.siren.clone(),
                at: release.released_at.to_string(),
                what: "statistics".to_owned(),
            });
        }
    }
    Ok((deposits, disclosures))
}
