//! Records oppositions: of persons, along one chain or everywhere, and entries of lists. They are under
//! the rights key, in a table that no erasure and no upload reaches, and kept for three years at least.

use tiers_contact::labels;
use tiers_protocol::consent::proof::salted_leaf;
use tiers_protocol::consent::wire::{NewOppositions, RecordedOppositions};
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::tlog::{EntryType, LeafType, Salted};

use super::super::{Certifier, Refusal, ServiceError, act};
use super::company;
use super::proof::{leaf_salt, root_of};
use crate::consent::Opposition;
use crate::crypto::chain::VaultToken;
use crate::limits;
use crate::store::consent::PLACES;
use crate::store::credential::Caller;
use crate::store::opposition::OppositionBatch;
use crate::store::{StoreError, Tx};
use crate::time::Moment;

impl Certifier {
    /// Records oppositions that a company was told of, or entries of a list.
    ///
    /// # Errors
    /// [`Refusal::BadOppositions`], [`Refusal::NotOwnChain`], [`Refusal::BadRightsTokens`].
    pub fn record_oppositions(
        &self,
        caller: &Caller,
        new: &NewOppositions,
    ) -> Result<RecordedOppositions, ServiceError> {
        let until = self.opposed_until(new)?;
        let now = self.now();
        let mut rows = Vec::new();
        let mut leaves = Vec::with_capacity(new.persons.len());
        for (place, person) in (0_u64..).zip(&new.persons) {
            let tokens = self.person(&person.tokens)?;
            if !(limits::CONSENT_FROM..=now.seconds()).contains(&person.at) {
                return Err(Refusal::BadOppositions.into());
            }
            let mut leaf = person.at.to_be_bytes().to_vec();
            leaf.extend(tokens.iter().flat_map(VaultToken::as_bytes));
            leaves.push(leaf);
            rows.extend(tokens.into_iter().map(|token| (token, place, person.at)));
        }
        rows.sort_unstable_by_key(|(token, place, _)| (*token, *place));
        let salt: [u8; 32] = self.bytes();
        let root = root(&salt, &leaves);
        let digest = self.digest_of(new, &leaves);
        let (until, entry, repeated) = self.db.write("record oppositions", |tx| {
            let (party, siren) = company(tx, caller)?;
            if new.along.is_some_and(|along| along != siren) {
                return Err(ServiceError::from(Refusal::NotOwnChain));
            }
            if let Some(old) = tx.opposition_batch_by_digest(&digest)? {
                let wrong = StoreError::Corrupt { column: "opposition_batch.entry" };
                return Ok((old.until, old.entry.ok_or(wrong)?, true));
            }
            let number = tx.next_opposition_batch()?;
            let detail = serde_json::json!({
                "along": new.along, "channel": new.channel, "source": new.source,
                "oppositions": new.persons.len(), "root": root,
            });
            let id = self.new_act().to_string();
            let recorded = act::by(caller.actor, EntryType::OppositionRecorded, &id)
                .record(tx, self, &detail)?;
            let batch = OppositionBatch {
                number,
                party: Some(party.id),
                prefix: self.prefix(labels::OPPOSITION_PREFIX, number),
                digest,
                along: new.along,
                channel: new.channel,
                from_list: new.source.is_some(),
                source: new.source.as_ref().map_or_else(String::new, |source| {
                    format!("{}: {}", source.list.trim(), source.certificate.trim())
                }),
                until,
                recorded_at: now,
                entry: Some(recorded.index),
                leaf: None,
                salt,
            };
            for (_, place, _) in &mut rows {
                *place += number * PLACES;
            }
            tx.insert_oppositions(&batch, &rows)?;
            if new.source.is_none() {
                // What a person says to one of them holds for the others; a list says it to all already.
                let tokens: Vec<VaultToken> = rows.iter().map(|(token, ..)| *token).collect();
                self.tell_objected(tx, (new.along, new.channel), &tokens, caller.party)?;
            }
            Ok((until, recorded.index, false))
        })?;
        self.publish()?;
        let oppositions = new.persons.len() as u64;
        Ok(RecordedOppositions { oppositions, until: until.to_string(), entry, repeated })
    }

    /// The same, sealed to the certifier.
    ///
    /// # Errors
    /// As [`Self::record_oppositions`]; [`Refusal::Malformed`].
    pub fn record_sealed_oppositions(
        &self,
        caller: &Caller,
        sealed: &[u8],
    ) -> Result<RecordedOppositions, ServiceError> {
        let new: NewOppositions = self.open_sealed(caller, sealed)?;
        self.record_oppositions(caller, &new)
    }

    /// Records that a person objects everywhere, whoever hands it in.
    pub(in crate::service) fn object_everywhere(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        person: &[VaultToken],
        at: Moment,
    ) -> Result<(), ServiceError> {
        let mut leaf = at.seconds().to_be_bytes().to_vec();
        leaf.extend(person.iter().flat_map(|token| *token.as_bytes()));
        let salt: [u8; 32] = self.bytes();
        let whole = [b"person".as_slice(), &leaf].concat();
        let digest = self.keyring.rights.digest(labels::RIGHTS_BATCH, sha256(&whole).as_bytes());
        if tx.opposition_batch_by_digest(&digest)?.is_some() {
            return Ok(());
        }
        let number = tx.next_opposition_batch()?;
        let root = root(&salt, &[leaf]);
        let detail = serde_json::json!({
            "along": null, "oppositions": 1, "party": caller.party, "root": root,
        });
        let leaf = self.at_tick(tx, LeafType::Objection, &detail)?;
        let now = self.now();
        let batch = OppositionBatch {
            number,
            party: caller.party,
            prefix: self.prefix(labels::OPPOSITION_PREFIX, number),
            digest,
            along: None,
            channel: None,
            from_list: false,
            source: String::new(),
            until: kept_for(now, limits::OPPOSITION_YEARS_MIN)?,
            recorded_at: now,
            entry: None,
            leaf: Some(leaf),
            salt,
        };
        let row = |token: &VaultToken| (*token, number * PLACES, at.seconds());
        let mut rows: Vec<_> = person.iter().map(row).collect();
        rows.sort_unstable_by_key(|(token, ..)| *token);
        Ok(tx.insert_oppositions(&batch, &rows)?)
    }

    fn opposed_until(&self, new: &NewOppositions) -> Result<Moment, Refusal> {
        let years = new.years.unwrap_or(limits::OPPOSITION_YEARS_MIN);
        let named = |text: &str| (1..=limits::NAME_CHARS).contains(&text.trim().chars().count());
        let source = new.source.as_ref();
        if new.persons.is_empty()
            || new.persons.len() > limits::CONSENT_EVENTS
            || !limits::OPPOSITION_YEARS.contains(&years)
            || !source.is_none_or(|source| named(&source.list) && named(&source.certificate))
        {
            return Err(Refusal::BadOppositions);
        }
        kept_for(self.now(), years)
    }

    fn digest_of(&self, new: &NewOppositions, leaves: &[Vec<u8>]) -> [u8; 16] {
        let head = serde_json::json!([new.along, new.channel, new.source, new.years]).to_string();
        let whole = [head.into_bytes(), leaves.concat()].concat();
        self.keyring.rights.digest(labels::RIGHTS_BATCH, sha256(&whole).as_bytes())
    }
}

/// The root over salted leaves.
fn root(salt: &[u8; 32], leaves: &[Vec<u8>]) -> Bytes<32> {
    let (salt, leaves) = (Salted::with(salt), leaves.iter().zip(0_u64..));
    root_of(leaves.map(|(leaf, place)| salted_leaf(&Salted::with(&leaf_salt(&salt, place)), leaf)))
}

/// A year of 366 days: no leap day makes it shorter than three years.
fn kept_for(now: Moment, years: u32) -> Result<Moment, Refusal> {
    let days = i64::from(years) * 366;
    let days = days.max(Opposition::KEPT_DAYS_MIN);
    Moment::from_seconds(now.seconds() + days * 86_400).ok_or(Refusal::BadOppositions)
}
