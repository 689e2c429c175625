//! Exchanges that went on after a backup: the ledger says that they did, not what was said. A restored one is
//! taken to where nothing can pass a second time and nothing that was ended goes on; a number that an invoice had
//! is not given again (`docs/decisions/0055-exchanges-restored.md`).

use std::collections::{BTreeMap, BTreeSet};

use tiers_protocol::exchange::view::{BatchState, ExchangeState};
use tiers_protocol::ids::{BatchId, ExchangeId};
use tiers_protocol::tlog::EntryType;

use crate::service::ServiceError;
use crate::store::Tx;

/// Takes exchanges and batches to where the entries that came after the backup leave them; how many changed.
pub(super) fn catch_up(tx: &Tx<'_>, lost: &[(EntryType, String)]) -> Result<u64, ServiceError> {
    let mut changed = 0;
    let mut by_object: BTreeMap<&str, BTreeSet<EntryType>> = BTreeMap::new();
    for (kind, object) in lost {
        by_object.entry(object).or_default().insert(*kind);
    }
    for (object, kinds) in by_object {
        if let Ok(batch) = object.parse() {
            changed += u64::from(batch_goes_on(tx, &batch, &kinds)?);
        } else if let Ok(exchange) = object.parse() {
            changed += u64::from(exchange_goes_on(tx, &exchange, &kinds)?);
        }
    }
    Ok(changed)
}

/// A batch that was fetched is fetched. One that was handed over is not handed over again: what was decided is
/// lost, and persons may have taken back since; its sender sends another.
fn batch_goes_on(
    tx: &Tx<'_>,
    id: &BatchId,
    kinds: &BTreeSet<EntryType>,
) -> Result<bool, ServiceError> {
    let Some(found) = tx.batch(id)? else { return Ok(false) };
    let handed = kinds.contains(&EntryType::BatchHandedOver);
    let fetched = kinds.contains(&EntryType::BatchFetched);
    let end = match found.state {
        BatchState::Withheld | BatchState::Fetched | BatchState::Refused => return Ok(false),
        BatchState::HandedOver if fetched => BatchState::Fetched,
        BatchState::HandedOver => return Ok(false),
        _ if handed || fetched => BatchState::Refused,
        _ => return Ok(false),
    };
    Ok(tx.move_batch(id, (found.state, end))?)
}

/// An exchange that was closed is closed, and the numbers of its invoices are used. Of one about which something
/// was said nobody knows what: it may have been its end, and so it is over.
fn exchange_goes_on(
    tx: &Tx<'_>,
    id: &ExchangeId,
    kinds: &BTreeSet<EntryType>,
) -> Result<bool, ServiceError> {
    let Some(found) = tx.exchange(id)? else { return Ok(false) };
    if matches!(found.state, ExchangeState::Ended | ExchangeState::Closed) {
        return Ok(false);
    }
    if kinds.contains(&EntryType::ExchangeClosed) {
        for side in found.document.agreement.sides() {
            tx.skip_invoice(&side.party, &side.invoicing.series)?;
        }
        tx.put_exchange_state(id, ExchangeState::Closed)?;
        return Ok(true);
    }
    if kinds.contains(&EntryType::ExchangeAct) {
        tx.put_exchange_state(id, ExchangeState::Ended)?;
        return Ok(true);
    }
    Ok(false)
}
