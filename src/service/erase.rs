//! Erases a deposit, or the rows of persons, for good: ordered by the operator, executed at the next
//! tick together with what is past its term, by one and the same function.
//!
//! Rows are found by tokens that a party made on its own machine; nobody here learns whose they are.
//! Segments are written anew without them, and one transaction makes the new ones valid, forgets the
//! tokens and records the act: the entry commits to the root of a tree of salted leaves, one for each
//! order. Killed before it, all is as if nothing had been done, and it is done at the next start.

use std::collections::{BTreeSet, HashMap, HashSet};

use tiers_contact::{FileKind, Kind, Token};
use tiers_protocol::canonical;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{ActId, DepositId, ProgrammeId};
use tiers_protocol::tlog::{EntryType, commit};
use tiers_protocol::wire::{DepositState, ErasureInfo, NewErasure, PersonToken};

use super::backup::Orders;
use super::backup::orders::Order;
use super::faults::FaultPoint;
use super::leads_set::root::Root;
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::crypto::chain::VaultToken;
use crate::limits;
use crate::store::credential::Caller;
use crate::store::erasure::{Erased, Erasure};
use crate::store::generation::{Generation, Standing};
use crate::store::{StoreError, Tx};
use crate::vault::{Batch, Batches as _, Columns, Segments as _, TokenRange};

/// What is to be erased now.
#[derive(Default)]
struct Due {
    /// Orders whose tick has come.
    orders: Vec<Erasure>,
    /// Deposits, ordered or past their term.
    deposits: BTreeSet<DepositId>,
    /// Tokens of persons by programme.
    persons: HashMap<ProgrammeId, HashMap<Kind, HashSet<[u8; 16]>>>,
    /// Programmes of which nothing is to be left.
    closed: BTreeSet<ProgrammeId>,
    /// The accepted deposits when this was asked.
    standing: Vec<Standing>,
}

impl Due {
    fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.deposits.is_empty()
    }
}

/// A deposit without the rows of persons, beside the valid one.
struct Thinned {
    of: Standing,
    next: Generation,
}

impl Certifier {
    /// Orders an erasure; at a programme whose ticks are at once it is executed now.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `erasure`.
    pub fn order_erasure(
        &self,
        caller: &Caller,
        request: &NewErasure,
    ) -> Result<ErasureInfo, ServiceError> {
        let (NewErasure::Deposit { reason, .. }
        | NewErasure::Persons { reason, .. }
        | NewErasure::Party { reason, .. }
        | NewErasure::Programme { reason, .. }) = request;
        let reason = reason.trim();
        if !(1..=limits::REASON_CHARS).contains(&reason.chars().count()) {
            return Err(Refusal::BadErasureReason.into());
        }
        let id = ActId::random(&mut self.random());
        let erasure = self.db.write("order erasure", |tx| {
            let (programme, of, tokens) = match request {
                NewErasure::Deposit { deposit, .. } => {
                    let found = tx.deposit(deposit)?;
                    let found = found.filter(|found| found.state == DepositState::Accepted);
                    let found = found.ok_or(Refusal::NothingToErase)?;
                    (found.programme, Erased::Deposit(*deposit), Vec::new())
                }
                NewErasure::Persons { programme, tokens, .. } => {
                    (*programme, Erased::Persons, self.persons(tx, programme, tokens)?)
                }
                NewErasure::Party { programme, party, .. } => {
                    if tx.accepted_of(programme, Some(party))?.is_empty() {
                        return Err(Refusal::NothingToErase.into());
                    }
                    (*programme, Erased::Party(*party), Vec::new())
                }
                NewErasure::Programme { programme, .. } => {
                    tx.programme(programme)?.ok_or(Refusal::NothingToErase)?;
                    tx.close_programme(programme, self.now())?;
                    (*programme, Erased::Programme, Vec::new())
                }
            };
            let due = self.next_snapshot(tx, &programme)?;
            let erasure = Erasure { id, programme, of, due };
            tx.insert_erasure(&erasure, &tokens)?;
            self.keep_order(request, &erasure)?;
            let (deposit, party) = match of {
                Erased::Deposit(deposit) => (Some(deposit), None),
                Erased::Party(party) => (None, Some(party)),
                Erased::Persons | Erased::Programme => (None, None),
            };
            let detail = serde_json::json!({
                "deposit": deposit, "party": party, "programme": programme, "reason": reason,
                "snapshot": due, "whole": of == Erased::Programme,
            });
            act::by(caller.actor, EntryType::ErasureOrdered, &id.to_string())
                .record(tx, self, &detail)?;
            Ok::<_, ServiceError>(erasure)
        })?;
        self.erase_due()?;
        self.publish()?;
        let waiting =
            self.db.read("read erasures", |tx| tx.erasures().map_err(ServiceError::from))?;
        let done = !waiting.iter().any(|waiting| waiting.id == id);
        Ok(ErasureInfo { erasure: id, snapshot: erasure.due, done })
    }

    /// Keeps the order where a restored backup finds it: before it is committed, because one too many is
    /// passed over there, and one too few would bring rows back.
    fn keep_order(&self, request: &NewErasure, erasure: &Erasure) -> Result<(), ServiceError> {
        let tokens: Vec<(Kind, VaultToken)> = match request {
            NewErasure::Deposit { .. }
            | NewErasure::Party { .. }
            | NewErasure::Programme { .. } => Vec::new(),
            NewErasure::Persons { tokens, .. } => {
                let chain = self.keyring.chain(1).ok_or(ServiceError::OldKeyring)?;
                let first = |token: &PersonToken| {
                    (token.kind, chain.rekey(&Token::from_bytes(*token.token.as_bytes())))
                };
                tokens.iter().map(first).collect()
            }
        };
        let order = Order::new(erasure.id, erasure.programme, erasure.of, &tokens);
        let orders = Orders::beside(&self.layout);
        orders.keep(&order, &self.keyring, self.now(), &mut self.random())?;
        Ok(())
    }

    /// Checks the tokens of persons, and re-keys them.
    pub(super) fn persons(
        &self,
        tx: &Tx<'_>,
        programme: &ProgrammeId,
        tokens: &[PersonToken],
    ) -> Result<Vec<(Kind, VaultToken)>, ServiceError> {
        let found = tx.programme(programme)?.ok_or(Refusal::NothingToErase)?;
        let known: HashSet<Kind> = found.programme.policy.kinds().filter(|k| k.is_key()).collect();
        if tokens.is_empty() || tokens.len() > limits::ERASURE_TOKENS {
            return Err(Refusal::BadErasure.into());
        }
        let (chain, canaries) = (self.chain(tx)?, tx.canaries(programme)?);
        let rekey = |token: &PersonToken| {
            let at_rest = chain.rekey(&Token::from_bytes(*token.token.as_bytes()));
            let canary = canaries.iter().any(|c| c.kind == token.kind && c.token == at_rest);
            let usable = known.contains(&token.kind) && !canary;
            if usable { Ok((token.kind, at_rest)) } else { Err(Refusal::BadErasure.into()) }
        };
        tokens.iter().map(rekey).collect()
    }

    /// The first snapshot that is without what is ordered to be erased now.
    fn next_snapshot(&self, tx: &Tx<'_>, id: &ProgrammeId) -> Result<u64, ServiceError> {
        let found = tx.programme(id)?.ok_or(Refusal::NothingToErase)?;
        let policy = &found.programme.policy;
        // Where ticks are at once, an erasure is one as an arrival is.
        let arrivals = match policy.tick() {
            tiers_protocol::policy::Tick::AtOnce => tx.count_arrival(id)?,
            tiers_protocol::policy::Tick::Daily => found.arrivals,
        };
        Ok(snapshot::first_with(policy, self.now(), arrivals))
    }

    /// Executes every erasure whose tick has come, and erases what is past its term.
    ///
    /// # Errors
    /// [`ServiceError`]; then nothing is erased, and the next call tries again.
    pub fn erase_due(&self) -> Result<(), ServiceError> {
        if self.due()?.is_empty() {
            return Ok(());
        }
        let _alone = self.rewriting();
        // A deposit that came meanwhile may hold rows of the persons as well.
        while !self.try_erase()? {}
        self.note_own("erasures.executed", "ok");
        self.publish()
    }

    fn due(&self) -> Result<Due, ServiceError> {
        let now = self.now();
        self.db.read("look for erasures", |tx| {
            let mut due = Due::default();
            due.deposits.extend(tx.expired_deposits(now.date())?);
            for order in tx.erasures()? {
                let found = tx.programme(&order.programme)?.ok_or(Refusal::NotFound)?;
                if snapshot::current(&found.programme.policy, now, found.arrivals) < order.due {
                    continue;
                }
                match &order.of {
                    Erased::Deposit(deposit) => {
                        due.deposits.insert(*deposit);
                    }
                    Erased::Party(party) => {
                        due.deposits.extend(tx.accepted_of(&order.programme, Some(party))?);
                    }
                    Erased::Programme => {
                        due.deposits.extend(tx.accepted_of(&order.programme, None)?);
                        due.closed.insert(order.programme);
                    }
                    Erased::Persons => {
                        let tokens = due.persons.entry(order.programme).or_default();
                        for (kind, token) in tx.erasure_tokens(&order.id)? {
                            tokens.entry(kind).or_default().insert(*token.as_bytes());
                        }
                    }
                }
                due.orders.push(order);
            }
            if !due.is_empty() {
                due.standing = tx.standing()?;
            }
            Ok::<_, ServiceError>(due)
        })
    }

    /// One attempt, with the rewriting held; whether it was committed.
    fn try_erase(&self) -> Result<bool, ServiceError> {
        let due = self.due()?;
        if due.is_empty() {
            return Ok(true);
        }
        let mut thinned = Vec::new();
        for of in &due.standing {
            if due.deposits.contains(&of.id) {
                continue;
            }
            if let Some(tokens) = due.persons.get(&of.programme) {
                thinned.extend(self.thin(of, tokens)?);
            }
        }
        self.faults.reach(FaultPoint::ErasureWritten)?;
        let committed =
            self.db.write("execute erasures", |tx| self.commit_erasure(tx, &due, &thinned))?;
        self.leads_cache().clear();
        if !committed {
            return Ok(false);
        }
        self.faults.reach(FaultPoint::ErasureCommitted)?;
        for Thinned { of, .. } in &thinned {
            self.remove_generations(of)?;
        }
        for of in due.standing.iter().filter(|of| due.deposits.contains(&of.id)) {
            self.remove_generations(of)?;
            self.remove_leads(&of.id)?;
        }
        if !due.closed.is_empty() {
            self.sweep_admitted()?;
        }
        Ok(true)
    }

    /// What a deposit had before: nobody's now.
    pub(super) fn remove_generations(&self, of: &Standing) -> Result<(), ServiceError> {
        self.remove_generation(&of.id, of.valid)?;
        of.prepared.map_or(Ok(()), |(prepared, _)| self.remove_generation(&of.id, prepared))
    }

    /// Writes a deposit anew without the rows that have one of `tokens`, if it has any such row.
    fn thin(
        &self,
        of: &Standing,
        tokens: &HashMap<Kind, HashSet<[u8; 16]>>,
    ) -> Result<Option<Thinned>, ServiceError> {
        let stored = self.open_generation(&of.id, of.valid)?;
        let columns = Columns { rows: true, ..Columns::TOKENS };
        let (mut ordinals, mut batch) = (HashSet::new(), Batch::new());
        for (kind, tokens) in tokens {
            let mut reader = stored.segment(*kind, TokenRange::ALL, columns)?;
            while reader.next(&mut batch)? {
                let rows = batch.tokens.iter().zip(&batch.rows);
                let meant = rows.filter(|(token, _)| tokens.contains(token.as_bytes()));
                ordinals.extend(meant.map(|(_, row)| *row));
            }
        }
        if ordinals.is_empty() {
            return Ok(None);
        }
        let next = self.write_generation(of, |_, row| !ordinals.contains(&row.row))?;
        if of.kind == FileKind::Leads {
            // Before the transaction: whoever asks in between waits for it, and a kill repeats it.
            self.drop_leads_rows(&of.id, &ordinals)?;
        }
        Ok(Some(Thinned { of: of.clone(), next }))
    }

    fn commit_erasure(
        &self,
        tx: &Tx<'_>,
        due: &Due,
        thinned: &[Thinned],
    ) -> Result<bool, ServiceError> {
        let now: Vec<DepositId> = tx.standing()?.into_iter().map(|of| of.id).collect();
        if !due.standing.iter().map(|of| of.id).eq(now) {
            return Ok(false);
        }
        for id in &due.deposits {
            tx.mark_erased(id)?;
            tx.delete_arms(id)?;
        }
        for programme in &due.closed {
            tx.forget_units(programme)?;
        }
        for Thinned { of, next } in thinned {
            if !tx.put_generation(&of.id, of.valid, *next)? {
                // Only a rewriting changes it, and this one holds them all: undo everything.
                return Err(StoreError::Corrupt { column: "deposit.generation" }.into());
            }
        }
        let mut root = Root::default();
        let mut leaves = Vec::new();
        for order in &due.orders {
            tx.delete_erasure(&order.id)?;
            let salt: [u8; 32] = self.bytes();
            root.push(&leaf(&order.id, &salt));
            leaves.push((order.id, salt));
        }
        let detail = serde_json::json!({
            "deposits": due.deposits, "leaves": leaves.len(), "root": Bytes::new(root.finish()),
        });
        let act = ActId::random(&mut self.random()).to_string();
        let recorded =
            act::by_certifier(self, EntryType::ErasureExecuted, &act).record(tx, self, &detail)?;
        for (place, (id, salt)) in leaves.iter().enumerate() {
            tx.insert_erasure_leaf(recorded.index, place, id, salt)?;
        }
        Ok(true)
    }
}

/// The salted leaf of one order in the tree of an entry `erasure.executed`.
#[must_use]
pub fn leaf(order: &ActId, salt: &[u8; 32]) -> [u8; 32] {
    commit(salt, &canonical::to_vec(&serde_json::json!({ "erasure": order })))
}
