//! Ticks: what concerns one person (what it does itself, its requests, looks at it) counts at once and
//! enters the ledger with the next tick, once a day and all together, so that the public ledger does not show
//! when anything was (`docs/decisions/0046-ticks.md`, `docs/decisions/0056-acts-about-persons.md`).

use std::collections::BTreeMap;

use tiers_protocol::canonical;
use tiers_protocol::consent::proof::{RecordedTick, Step, TickStep};
use tiers_protocol::dossier::TickedAct;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::exchange::tree::{Leaf, RootOf, path_of};
use tiers_protocol::tlog::{Entry, EntryType, LeafType};
use tiers_protocol::wire::Act;

use super::{Certifier, Refusal, ServiceError, act};
use crate::store::tick::{Opening, TickLeaf};
use crate::store::{StoreError, Tx};

fn wrong() -> StoreError {
    StoreError::Corrupt { column: "tick_leaf" }
}

impl Certifier {
    /// Keeps what a person did for the next tick; the number of its leaf.
    pub(super) fn at_tick(
        &self,
        tx: &Tx<'_>,
        kind: LeafType,
        document: &impl serde::Serialize,
    ) -> Result<u64, ServiceError> {
        let document = canonical::to_vec(document);
        let opening = Opening { kind, document, salt: self.bytes(), act: None };
        Ok(tx.insert_tick_leaf(self.now().day_number(), &opening)?)
    }

    /// Closes the tick when a day is over: one entry for what concerned persons, also where there was nothing,
    /// so that its presence says nothing.
    ///
    /// # Errors
    /// [`ServiceError`]; then nothing is closed, and the next call tries again.
    pub fn close_tick(&self) -> Result<(), ServiceError> {
        let today = self.now().day_number();
        let is_due = |tx: &Tx<'_>| {
            Ok::<_, ServiceError>(tx.has_ticks()? && tx.last_tick()?.is_none_or(|on| on < today))
        };
        if !self.db.read("look for a tick", is_due)? {
            return Ok(());
        }
        self.db.write("close tick", |tx| {
            if !is_due(tx)? {
                return Ok(());
            }
            let waiting = tx.waiting_leaves(today)?;
            let mut root = RootOf::new();
            waiting.iter().for_each(|one| root.push(one.leaf));
            let tick = self.new_act();
            let document = RecordedTick { acts: waiting.len() as u64, root: root.root(), tick };
            let id = tick.to_string();
            let recorded = act::by_certifier(self, EntryType::PersonsRecorded, &id)
                .record(tx, self, &document)?;
            Ok::<_, ServiceError>(tx.close_tick(today, recorded.index, &waiting)?)
        })?;
        self.publish()
    }

    /// Proves acts that entered with ticks; those whose tick is to come are left out.
    pub(super) fn ticked(&self, leaves: Vec<TickLeaf>) -> Result<Vec<TickedAct>, ServiceError> {
        let mut ticks = Ticks::default();
        let steps = self.db.read("read ticks", |tx| {
            let entered = leaves.into_iter().filter(|leaf| leaf.closed.is_some());
            let steps = entered.map(|leaf| Ok((ticks.through(tx, leaf.number)?, leaf)));
            steps.collect::<Result<Vec<_>, ServiceError>>()
        })?;
        let mut ledger = BTreeMap::new();
        let mut acts = Vec::with_capacity(steps.len());
        for ((entry, through), leaf) in steps {
            let Opening { document, act, .. } = leaf.opening.ok_or_else(wrong)?;
            let act = act.ok_or_else(wrong)?;
            if let std::collections::btree_map::Entry::Vacant(place) = ledger.entry(entry) {
                place.insert(self.evidence(entry)?);
            }
            let text = |bytes| String::from_utf8(bytes).expect("entries and details are text");
            acts.push(TickedAct {
                entry: text(document),
                actor: act.actor,
                detail: text(act.detail),
                through,
                ledger: ledger[&entry].clone(),
            });
        }
        Ok(acts)
    }
}

/// An act that enters with a tick, as an officer reads it.
pub(super) fn shown(leaf: TickLeaf) -> Result<Act, ServiceError> {
    let Opening { document, act, .. } = leaf.opening.ok_or_else(wrong)?;
    let (act, entry) = (act.ok_or_else(wrong)?, Entry::decode(&document).map_err(|_| wrong())?);
    Ok(Act {
        index: leaf.closed.map(|(entry, _)| entry),
        leaf: Some(leaf.number),
        act: entry.entry_type().as_str().to_owned(),
        ts: entry.at().to_string(),
        actor: act.actor,
        object: act.object,
        detail: serde_json::from_slice(&act.detail).ok(),
    })
}

/// The trees of ticks, each read once.
#[derive(Default)]
pub(super) struct Ticks(BTreeMap<u64, (Vec<Leaf>, RecordedTick)>);

impl Ticks {
    /// From a leaf to its tick, and the entry of the tick.
    pub(super) fn through(
        &mut self,
        tx: &Tx<'_>,
        number: u64,
    ) -> Result<(u64, TickStep), ServiceError> {
        let leaf = tx.tick_leaf(number)?.ok_or_else(wrong)?;
        let salt = leaf.opening.ok_or(Refusal::LeafErased)?.salt;
        let (entry, place) = leaf.closed.ok_or(Refusal::TickAwaited)?;
        if let std::collections::btree_map::Entry::Vacant(free) = self.0.entry(entry) {
            let all = tx.leaves_of(entry)?.into_iter().map(|one| one.leaf).collect();
            let act = tx.acts(entry, 1)?.pop().ok_or_else(wrong)?;
            let detail = act.detail.ok_or(Refusal::NotFound)?;
            free.insert((all, canonical::from_slice(&detail).map_err(|_| wrong())?));
        }
        let (leaves, tick) = &self.0[&entry];
        let path = path_of(leaves, place).ok_or_else(wrong)?;
        let step = Step { path, place, salt: Bytes::new(salt) };
        Ok((entry, TickStep { step, tick: tick.clone() }))
    }
}
