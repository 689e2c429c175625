//! Invoices once they are drawn up: both sides read them, the seller hands its own to the approved platform
//! and says so, and what no platform has yet is listed with its days. Nothing is sent from here.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;
use tiers_protocol::exchange::Agreement;
use tiers_protocol::exchange::filing::{
    CORRECTION_DAYS, DutyState, FilingKind, FlowInfo, InvoiceDuty, PENALTY_YEAR_EUR, StateFiling,
    Unfiled,
};
use tiers_protocol::exchange::view::InvoiceInfo;
use tiers_protocol::ids::{ExchangeId, PartyId};
use tiers_protocol::tlog::EntryType;

use crate::consent::legal_day;
use crate::service::{Certifier, Refusal, ServiceError, act};
use crate::store::credential::Caller;
use crate::store::invoice::{Filing, Syntax};
use crate::store::{StoreError, Tx};

/// The longest name of a platform, and the longest reference.
const PLATFORM_CHARS: usize = 200;

impl Certifier {
    /// The invoices of one of the caller's exchanges, with what is owed to platforms.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn invoices(
        &self,
        caller: &Caller,
        id: &ExchangeId,
    ) -> Result<Vec<InvoiceInfo>, ServiceError> {
        let today = legal_day(self.now());
        self.db.read("list invoices", |tx| {
            let found = self.own_exchange(tx, caller, id)?;
            invoices(tx, &found.document.agreement, today)
        })
    }

    /// One invoice as it was written; both sides keep a copy.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn invoice(
        &self,
        caller: &Caller,
        (id, seller, syntax): (&ExchangeId, &PartyId, Syntax),
    ) -> Result<Vec<u8>, ServiceError> {
        self.db.read("read invoice", |tx| {
            self.own_exchange(tx, caller, id)?;
            tx.invoice(id, seller, syntax)?.ok_or_else(|| Refusal::NotFound.into())
        })
    }

    /// What the platform is told of the file of an invoice.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn invoice_flow(
        &self,
        caller: &Caller,
        (id, seller, syntax): (&ExchangeId, &PartyId, Syntax),
    ) -> Result<FlowInfo, ServiceError> {
        self.db.read("describe invoice", |tx| {
            self.own_exchange(tx, caller, id)?;
            let file = tx.invoice(id, seller, syntax)?.ok_or(Refusal::NotFound)?;
            let all = tx.invoices(id)?;
            let found = all.iter().find(|invoice| invoice.seller == *seller);
            let number = &found.ok_or(Refusal::NotFound)?.number;
            let (flow_syntax, ending) = match syntax {
                Syntax::Ubl => ("UBL", "ubl"),
                Syntax::Cii => ("CII", "cii"),
            };
            let digest = tiers_protocol::encoding::sha256(&file);
            Ok(FlowInfo {
                tracking_id: format!("{id}.{number}"),
                name: format!("{number}-{seller}.{ending}.xml"),
                processing_rule: "B2B".to_owned(),
                flow_syntax: flow_syntax.to_owned(),
                sha256: digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            })
        })
    }

    /// The seller says that its platform has an invoice, or the report of its payment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::ExchangeFiling`] for what is no platform or no day,
    /// [`Refusal::ExchangeState`] where nothing is owed, [`Refusal::ExchangeSaid`].
    pub fn file_invoice(
        &self,
        caller: &Caller,
        (id, seller, stated): (&ExchangeId, &PartyId, &StateFiling),
    ) -> Result<InvoiceInfo, ServiceError> {
        let today = legal_day(self.now());
        let fits = |text: &str| (1..=PLATFORM_CHARS).contains(&text.trim().chars().count());
        let filed_on: Option<Date> = stated.filed_on.parse().ok();
        let filed_on = filed_on.filter(|day| *day <= today);
        let filed = self.db.write("file invoice", |tx| {
            let found = self.own_exchange(tx, caller, id)?;
            if caller.party != Some(*seller) {
                return Err(ServiceError::from(Refusal::NotFound));
            }
            let agreement = &found.document.agreement;
            let mut own = invoices(tx, agreement, today)?.into_iter();
            let own = own.find(|one| one.seller == *seller).ok_or(Refusal::NotFound)?;
            let duty = own.duties.iter().find(|duty| duty.what == stated.what);
            let duty = duty.ok_or(Refusal::ExchangeState)?;
            if duty.state == DutyState::Filed {
                return Err(Refusal::ExchangeSaid.into());
            }
            let filed_on = filed_on.filter(|day| *day >= issued(&own));
            let filed_on = filed_on.ok_or(Refusal::ExchangeFiling)?;
            if !fits(&stated.platform) || !fits(&stated.reference) {
                return Err(Refusal::ExchangeFiling.into());
            }
            let detail = json!({ "invoice": own.number, "seller": seller, "filing": stated });
            let recorded = act::by(caller.actor, EntryType::InvoiceFiled, &id.to_string())
                .record(tx, self, &detail)?;
            tx.insert_filing(&Filing {
                exchange: *id,
                party: *seller,
                what: stated.what,
                platform: stated.platform.trim().to_owned(),
                reference: stated.reference.trim().to_owned(),
                filed_on: filed_on.to_string(),
                entry: recorded.index,
            })?;
            let all = invoices(tx, agreement, today)?;
            all.into_iter()
                .find(|one| one.seller == *seller)
                .ok_or_else(|| Refusal::NotFound.into())
        })?;
        self.publish()?;
        Ok(filed)
    }

    /// What no platform has yet: the caller's own as a company, everybody's as a keeper.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn unfiled(&self, caller: &Caller) -> Result<Vec<Unfiled>, ServiceError> {
        let today = legal_day(self.now());
        self.db.read("list unfiled", |tx| {
            let mut found = Vec::new();
            for exchange in tx.exchanges(caller.party.as_ref())? {
                for invoice in invoices(tx, &exchange.document.agreement, today)? {
                    let open = invoice.duties.into_iter().filter(|d| d.state != DutyState::Filed);
                    let seller = invoice.seller;
                    let meant = caller.party.is_none_or(|party| party == seller);
                    found.extend(open.filter(|_| meant).map(|duty| Unfiled {
                        exchange: invoice.exchange,
                        number: invoice.number.clone(),
                        seller,
                        duty,
                    }));
                }
            }
            found.sort_by(|a, b| a.duty.by.cmp(&b.duty.by));
            Ok(found)
        })
    }
}

fn issued(invoice: &InvoiceInfo) -> Date {
    invoice.issued.parse().unwrap_or(Date::MAX)
}

/// The invoices of an exchange with their duties.
fn invoices(
    tx: &Tx<'_>,
    agreement: &Agreement,
    today: Date,
) -> Result<Vec<InvoiceInfo>, ServiceError> {
    let filings = tx.filings(&agreement.exchange)?;
    let mut all = tx.invoices(&agreement.exchange)?;
    for invoice in all.iter_mut().filter(|invoice| invoice.through_platform) {
        let missing = StoreError::Corrupt { column: "invoice.party_id" };
        let (side, _) = agreement.side_of(&invoice.seller).ok_or(missing)?;
        // Where tax is paid on debits, the invoice itself says when it is due.
        let owed = FilingKind::ALL
            .into_iter()
            .filter(|what| *what == FilingKind::Invoice || !side.invoicing.tax_on_debits);
        let duty = |what| {
            let of = |filing: &&Filing| filing.party == invoice.seller && filing.what == what;
            duty(what, issued(invoice), filings.iter().find(of), today)
        };
        invoice.duties = owed.map(duty).collect();
    }
    Ok(all)
}

fn duty(what: FilingKind, issued: Date, filed: Option<&Filing>, today: Date) -> InvoiceDuty {
    let by = issued.saturating_add(CORRECTION_DAYS.days());
    let left = i64::from(today.until(by).map_or(0, |span| span.get_days())).max(0);
    let (state, days_left) = match filed {
        Some(_) => (DutyState::Filed, 0),
        None if today <= by => (DutyState::Due, left),
        None => (DutyState::Overdue, 0),
    };
    InvoiceDuty {
        what,
        state,
        by: by.to_string(),
        days_left,
        penalty_eur: what.penalty_eur(),
        penalty_year_eur: PENALTY_YEAR_EUR,
        platform: filed.map(|filing| filing.platform.clone()),
        reference: filed.map(|filing| filing.reference.clone()),
        filed_on: filed.map(|filing| filing.filed_on.clone()),
    }
}
