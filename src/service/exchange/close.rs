//! Closes an exchange: each side states the value of what it gave, and with the second statement both
//! invoices are drawn up, numbered and stored, in the one transaction that closes it. A barter is a
//! double sale (CGI art. 266-1 a): each side's base is what it receives, less or more the balance in
//! money, which is the price of its own lots; what both owe is set off.

use jiff::ToSpan as _;
use jiff::civil::Date;
use tiers_protocol::exchange::agreement::{CompanySize, Invoicing};
use tiers_protocol::exchange::view::{
    BatchState, ExchangeInfo, ExchangeState, InvoiceInfo, StateValue,
};
use tiers_protocol::exchange::{Agreement, Gives, Side};
use tiers_protocol::ids::ExchangeId;
use tiers_protocol::tlog::EntryType;

use super::lots::is_over;
use super::{company, head};
use crate::consent::legal_day;
use crate::invoice::{
    Address, Cents, Company, Draft, Invoice, Line, OperationCategory, SetOff, VatRate,
    electronic_from,
};
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::Tx;
use crate::store::credential::Caller;
use crate::store::invoice::NewInvoice;

impl Certifier {
    /// Takes the value that a side states; with the second one the exchange closes.
    ///
    /// # Errors
    /// [`Refusal::ExchangeNoValue`], [`Refusal::ExchangeValueDiffers`],
    /// [`Refusal::ExchangeNothingPassed`], [`Refusal::ExchangeState`].
    pub fn state_value(
        &self,
        caller: &Caller,
        (id, stated): (&ExchangeId, &StateValue),
    ) -> Result<ExchangeInfo, ServiceError> {
        let party = company(caller)?;
        let value = stated.value_cents.filter(|cents| *cents > 0);
        self.db.write("state value", |tx| {
            let found = self.own_exchange(tx, caller, id)?;
            let agreement = &found.document.agreement;
            let value = value.ok_or(Refusal::ExchangeNoValue)?;
            if found.state != ExchangeState::Approved || found.handed_at.is_none() {
                return Err(ServiceError::from(Refusal::ExchangeState));
            }
            let (side, _) = agreement.side_of(&party).ok_or(Refusal::NotFound)?;
            if value != worth(tx, (id, side))?.0 {
                return Err(Refusal::ExchangeValueDiffers.into());
            }
            if !tx.insert_value(id, (&party, value), self.now())? {
                return Err(Refusal::ExchangeSaid.into());
            }
            let detail = serde_json::json!({
                "party": party, "cents": value, "valuation": side.invoicing.valuation,
            });
            act::by(caller.actor, EntryType::ValueStated, &id.to_string())
                .record(tx, self, &detail)?;
            if tx.values(id)?.len() == 2 {
                self.close(tx, (caller, agreement))?;
            }
            Ok(())
        })?;
        self.publish()?;
        self.exchange_info(caller, id)
    }

    fn close(
        &self,
        tx: &Tx<'_>,
        (caller, agreement): (&Caller, &Agreement),
    ) -> Result<(), ServiceError> {
        let id = &agreement.exchange;
        let day = legal_day(self.now());
        let [own, other] = agreement.sides();
        let lots = [worth(tx, (id, own))?.1, worth(tx, (id, other))?.1];
        let drafts = [
            draft(tx, (id, day), (own, other, lots[0]))?,
            draft(tx, (id, day), (other, own, lots[1]))?,
        ];
        let [one, two] = drafts;
        let alone = [drawn(one.1.clone())?, drawn(two.1.clone())?];
        // What both owe each other is not paid.
        let owed = alone.each_ref().map(|invoice| invoice.totals().gross);
        let amount = owed[0].min(owed[1]);
        let mut written = Vec::new();
        for ((number, draft), (side, buyer)) in
            [one, two].into_iter().zip([(own, other), (other, own)])
        {
            let set_off = Some(SetOff { amount, exchange: id.to_string() });
            let invoice = drawn(Draft { set_off, ..draft })?;
            let facts = facts(&invoice, (id, side, buyer), day);
            tx.insert_invoice(&NewInvoice {
                series: &side.invoicing.series,
                number,
                facts: &facts,
                ubl: &invoice.to_ubl(),
                cii: &invoice.to_cii(),
            })?;
            written.push(facts);
        }
        tx.put_exchange_state(id, ExchangeState::Closed)?;
        let detail = serde_json::json!({ "invoices": written });
        act::by(caller.actor, EntryType::ExchangeClosed, &id.to_string())
            .record(tx, self, &detail)
            .map(drop)
    }
}

/// What a side's part is worth by the agreement, in cents, and how many units it has.
fn worth(tx: &Tx<'_>, (id, side): (&ExchangeId, &Side)) -> Result<(u64, u64), ServiceError> {
    let Gives::Records { lot_cents, .. } = side.gives else {
        let Gives::Service { price_cents, .. } = side.gives else {
            return Err(Refusal::ExchangeNothingPassed.into());
        };
        return Ok((price_cents, 1));
    };
    let (mut lots, batches) = (0, tx.batches(Some(id))?);
    // What waits then waits for nothing: it is not handed over any more.
    let over = is_over(&batches, &side.party);
    for batch in batches {
        if head(&batch.statement).sender != side.party {
            continue;
        }
        let waits =
            [BatchState::Open, BatchState::Received, BatchState::Sampled, BatchState::Reviewed];
        if waits.contains(&batch.state) && !over {
            return Err(Refusal::ExchangeNothingPassed.into());
        }
        lots += batch.handed.map_or(0, |handed| handed.document.lots);
    }
    let worth = lots.checked_mul(lot_cents).filter(|_| lots > 0);
    worth.map(|cents| (cents, lots)).ok_or_else(|| Refusal::ExchangeNothingPassed.into())
}

fn drawn(draft: Draft) -> Result<Invoice, Refusal> {
    Invoice::draw_up(draft).map_err(|_| Refusal::ExchangeInvoice)
}

/// An invoice before the set-off, with its number in the seller's series.
fn draft(
    tx: &Tx<'_>,
    (id, day): (&ExchangeId, Date),
    (seller, buyer, lots): (&Side, &Side, u64),
) -> Result<(u64, Draft), ServiceError> {
    let Invoicing { series, mandate, penalties, discount, payment_days, tax_on_debits, .. } =
        &seller.invoicing;
    let number = tx.next_invoice(&seller.party, series)?;
    let due = day.checked_add(i64::from(*payment_days).days()).unwrap_or(day);
    let draft = Draft {
        number: format!("{series}-{number:06}"),
        issued: Some(day),
        delivered: Some(day),
        due: Some(due),
        seller: party(seller),
        buyer: party(buyer),
        order: Some(id.to_string()),
        category: Some(OperationCategory::Services),
        tax_on_debits: *tax_on_debits,
        penalties: penalties.clone(),
        discount: discount.clone(),
        lines: vec![line(seller, lots)],
        set_off: None,
        mandate: Some(mandate.clone()),
    };
    Ok((number, draft))
}

fn line(seller: &Side, lots: u64) -> Line {
    let (name, price) = match &seller.gives {
        Gives::Records { lot_cents, .. } => {
            ("Transmission de contacts consentis, lot de 1 000".to_owned(), *lot_cents)
        }
        Gives::Service { what, price_cents } => (what.clone(), *price_cents),
    };
    // The agreement bounds prices far below 2^63.
    let price = Cents::new(i64::try_from(price).unwrap_or(i64::MAX));
    Line { name, lots, price, rate: VatRate::Normal }
}

fn party(side: &Side) -> Company {
    let address = &side.address;
    Company {
        name: side.name.clone(),
        siren: side.siren.to_string(),
        vat_id: side.invoicing.vat_id.clone(),
        address: Address {
            street: address.street.clone(),
            postcode: address.postcode.clone(),
            town: address.town.clone(),
            country: address.country.clone(),
        },
        billing_address: None,
    }
}

fn facts(
    invoice: &Invoice,
    (id, seller, buyer): (&ExchangeId, &Side, &Side),
    day: Date,
) -> InvoiceInfo {
    let totals = invoice.totals();
    let from = electronic_from(seller.invoicing.size == CompanySize::Large);
    InvoiceInfo {
        number: invoice.draft().number.clone(),
        exchange: *id,
        seller: seller.party,
        buyer: buyer.party,
        issued: day.to_string(),
        net_cents: totals.net.value(),
        gross_cents: totals.gross.value(),
        set_off_cents: totals.set_off.value(),
        payable_cents: totals.payable.value(),
        electronic_from: from.to_string(),
        through_platform: from <= day,
        duties: Vec::new(),
    }
}
