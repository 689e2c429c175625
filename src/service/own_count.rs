//! A partner is told of itself: how many persons among the principal's leads of a month bought from it. The debit of
//! the leads' account, the answer and their ledger entries are one transaction; each month is told once to each
//! partner. Specified in `docs/statistics.md`, "A partner's own count"; why not a cell of a report, in
//! `docs/decisions/0082-own-counts.md`.

use std::thread;

use jiff::ToSpan as _;
use jiff::civil::Date;
use tiers_contact::FileKind;
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::{AccountStatement, NamedParty, NamedPolicy, NamedProgramme};
use tiers_protocol::ids::{DepositId, OwnCountId, ProgrammeId};
use tiers_protocol::own_count::{AskOwnCount, OwnCount, OwnCountFormat, OwnCountPlan};
use tiers_protocol::policy::CapNrho;
use tiers_protocol::report::Period;
use tiers_protocol::tlog::EntryType;

use super::act::Spend;
use super::authority::Purpose;
use super::beat::Beat;
use super::faults::FaultPoint;
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::disclosure::{Account, ExactOwnCount, OwnCountTerms};
use crate::matching::{Effort, MatchRules, leads_that_bought};
use crate::store::Tx;
use crate::store::account::{AccountRow, month_of_leads};
use crate::store::credential::Caller;
use crate::store::own_count::{NewOwnCount, ToldOwnCount};
use crate::store::party::Party;
use crate::store::programme::Registered;
use crate::time::Moment;
use crate::vault::Month;

/// A question whose public conditions hold.
struct Asked {
    now: Moment,
    found: Registered,
    partner: Party,
    principal: Party,
    period: Period,
    month: Month,
    terms: OwnCountTerms,
    /// The last day on which a sale may count.
    sales_until: Date,
    /// The last day on which leads that were deposited in their month can stand.
    leads_until: Date,
    account: (AccountRow, Account),
}

/// What an answer is made from.
struct Read {
    snapshot: u64,
    leads: Vec<DepositId>,
    sales: Vec<DepositId>,
}

impl Certifier {
    /// What an answer would be, before it is asked for; nothing is read that anybody deposited.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `own_count`, [`Refusal::NotFound`].
    pub fn plan_own_count(
        &self,
        caller: &Caller,
        ask: &AskOwnCount,
    ) -> Result<OwnCountPlan, ServiceError> {
        let now = self.now();
        self.db.read("plan own count", |tx| {
            let (asked, told) = self.ask_own(tx, caller, ask, now)?;
            Ok(OwnCountPlan {
                told: told.map(|told| told.document.own_count),
                sales_until: asked.sales_until,
                leads_until: asked.leads_until,
                half_width: asked.terms.half_width(),
                shown_from: asked.found.programme.policy.cohort_min().value(),
                cost_nrho: asked.terms.cost_nrho(),
                left_nrho: asked.account.1.left_nrho(),
                month: asked.period,
            })
        })
    }

    /// Tells a partner of itself, or what it was told of this month before: the attested document, canonical bytes.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `own_count`, [`Refusal::NotFound`], [`Refusal::NotApproved`],
    /// [`Refusal::ProgrammeClosed`]; each is recorded in the ledger.
    pub fn ask_own_count(
        &self,
        caller: &Caller,
        ask: &AskOwnCount,
    ) -> Result<Vec<u8>, ServiceError> {
        // What a tick takes away is gone before the first question after it.
        self.erase_due()?;
        if let Some(told) = self.told_before(caller, ask)? {
            return self.own_count(caller, &told);
        }
        self.require_witnesses()?;
        match self.db.write("tell own count", |tx| self.tell_own(tx, caller, ask)) {
            Ok(id) => {
                self.faults.reach(FaultPoint::ReleaseCommitted)?;
                self.publish()?;
                self.own_count(caller, &id)
            }
            Err(ServiceError::Refused(refusal)) => {
                self.record_report_refusal(caller, &ask.programme, refusal)?;
                Err(refusal.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// What was told of this month, without waiting for the writer.
    fn told_before(
        &self,
        caller: &Caller,
        ask: &AskOwnCount,
    ) -> Result<Option<OwnCountId>, ServiceError> {
        let Some(party) = caller.party else { return Ok(None) };
        self.db.read("look for an own count", |tx| {
            let told = tx.own_count_of(&ask.programme, &party, &ask.month)?;
            Ok(told.map(|told| told.document.own_count))
        })
    }

    /// What the calling partner was told in a programme, the newest month first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn own_counts(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
    ) -> Result<Vec<OwnCount>, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        self.db.read("list own counts", |tx| {
            self.programme_for(tx, caller, (programme, Purpose::TakePart))?;
            tx.own_counts(programme, &party).map_err(Into::into)
        })
    }

    /// An attested own count of the calling partner: the same bytes for ever.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn own_count(&self, caller: &Caller, id: &OwnCountId) -> Result<Vec<u8>, ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let told = self.db.read("read own count", |tx| {
            tx.own_count(id, &party)?.ok_or_else(|| ServiceError::from(Refusal::NotFound))
        })?;
        if let Some(bytes) = told.attested {
            return Ok(bytes);
        }
        self.publish()?;
        let made: Attested<OwnCount> = self.attest(told.document, told.entry, told.salt)?;
        let made = made.to_vec();
        self.db.write("keep own count", |tx| {
            tx.put_own_count_attested(id, &made)?;
            let kept = tx.own_count(id, &party)?.and_then(|told| told.attested);
            kept.ok_or_else(|| Refusal::NotFound.into())
        })
    }

    /// What is known of a question from public facts, and what was answered before.
    fn ask_own(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        ask: &AskOwnCount,
        now: Moment,
    ) -> Result<(Asked, Option<ToldOwnCount>), ServiceError> {
        let party = caller.party.ok_or(Refusal::Forbidden)?;
        let found = self.programme_for(tx, caller, (&ask.programme, Purpose::TakePart))?;
        let policy = &found.programme.policy;
        let cap = policy.own_count_cap_nrho().ok_or(Refusal::OwnCountOff)?;
        let (period, month) = over(&ask.month, now)?;
        let partner = tx.party(&party)?.ok_or(Refusal::NotFound)?;
        let principal = tx.party(&found.principal)?.ok_or(Refusal::NotFound)?;
        let (_, last) = month.days();
        let after = |days: u64| {
            let days = i64::from(last.epoch_days()).saturating_add_unsigned(days);
            Date::constant(1970, 1, 1).checked_add(days.days()).map_err(|_| Refusal::OwnCountMonth)
        };
        let sales_until = after(policy.window_days().value())?;
        let leads_until = after(policy.retention_days().value())?;
        let key = month_of_leads(period.as_str());
        let told = tx.own_count_of(&ask.programme, &party, period.as_str())?;
        let id = self.keyring.account_id(&principal.group, &key);
        if told.is_none() && tx.restored_account(&id)?.is_some() {
            return Err(Refusal::OwnCountRestored.into());
        }
        let account = self.account_of(tx, (&principal.group, &key), cap)?;
        // A sister programme may have opened it with less.
        let cap = CapNrho::new(account.0.cap_nrho).unwrap_or(cap);
        let terms = OwnCountTerms::of(cap, tx.members(&ask.programme)?.len() as u64)?;
        let asked = Asked {
            now,
            found,
            partner,
            principal,
            period,
            month,
            terms,
            sales_until,
            leads_until,
            account,
        };
        Ok((asked, told))
    }

    fn tell_own(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        ask: &AskOwnCount,
    ) -> Result<OwnCountId, ServiceError> {
        let (now, beat) = (self.now(), Beat::begin(self.reports));
        let (asked, told) = self.ask_own(tx, caller, ask, now)?;
        if let Some(told) = told {
            return Ok(told.document.own_count);
        }
        if asked.found.closed_at.is_some() {
            return Err(Refusal::ProgrammeClosed.into());
        }
        let programme = &asked.found.programme;
        tx.approval(&programme.id, &programme.policy_digest())?.ok_or(Refusal::NotApproved)?;
        self.check_statistics(tx, &asked.found)?;
        let read = asked.deposits(tx)?;
        let after =
            asked.account.1.debit(asked.terms.cost_nrho()).map_err(|_| Refusal::OwnCountSpent)?;
        let exact = self.count_own(tx, &asked, &read)?;
        let noisy = asked.terms.release(exact, &mut self.noise())?;
        self.faults.reach(FaultPoint::ReleaseDrawn)?;
        // The acts below have the second in which they are recorded.
        beat.wait(programme.policy.tick());
        let id = OwnCountId::random(&mut self.random());
        self.record_own(tx, caller, &asked, &Made { id, read, noisy, after })?;
        Ok(id)
    }

    /// The exact figure, from the segments to the noise in one breath.
    fn count_own(
        &self,
        tx: &Tx<'_>,
        asked: &Asked,
        read: &Read,
    ) -> Result<ExactOwnCount, ServiceError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<&DepositId> = read.leads.iter().chain(&read.sales).collect();
        let mut leads = self.stored_deposits(tx, &all, threads)?;
        let sales = leads.split_off(read.leads.len());
        let rules = MatchRules::of(&asked.found.programme.policy);
        let effort = Effort::threads(threads);
        let persons = leads_that_bought(&sales, &leads, (&rules, asked.month), effort)?;
        Ok(ExactOwnCount::new(persons))
    }

    fn record_own(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        asked: &Asked,
        made: &Made,
    ) -> Result<(), ServiceError> {
        let (row, id) = (&asked.account.0, made.id.to_string());
        let spent_nrho = made.after.spent_nrho();
        tx.put_account(&asked.principal.group, &AccountRow { spent_nrho, ..row.clone() })?;
        let run = self.new_act().to_string();
        let detail = serde_json::json!({
            "own_count": made.id, "leads": made.read.leads, "sales": made.read.sales,
        });
        act::by_certifier(self, EntryType::MatchRun, &run).record(tx, self, &detail)?;
        let spend = Spend { account: row.id, cost_nrho: asked.terms.cost_nrho(), spent_nrho };
        act::by(caller.actor, EntryType::LedgerDebit, &id).debit(tx, self, &spend)?;
        let document = asked.document(made);
        let recorded =
            act::by(caller.actor, EntryType::OwnCountReleased, &id).record(tx, self, &document)?;
        tx.insert_own_count(&NewOwnCount {
            of: (&asked.found.programme.id, &asked.partner.id),
            account: row.id,
            noisy: made.noisy,
            document: &document,
            entry: recorded.index,
            salt: recorded.salt,
            at: asked.now,
        })?;
        Ok(())
    }
}

/// An own count that is made and not yet recorded.
struct Made {
    id: OwnCountId,
    read: Read,
    noisy: i64,
    after: Account,
}

impl Asked {
    /// The principal's leads and the partner's own sales, as the snapshot of now has them. That there are none is a
    /// fact of the ledger and of the partner's own.
    fn deposits(&self, tx: &Tx<'_>) -> Result<Read, ServiceError> {
        let programme = &self.found.programme;
        let snapshot = snapshot::current(&programme.policy, self.now, self.found.arrivals);
        let day = self.now.date();
        let leads = tx.deposits_in_snapshot(&programme.id, FileKind::Leads, snapshot, day)?;
        let sales = tx.depositors(&programme.id, snapshot, day)?.into_iter();
        let sales: Vec<DepositId> = sales
            .filter(|(_, party)| *party == self.partner.id)
            .map(|(deposit, _)| deposit)
            .collect();
        if leads.is_empty() {
            return Err(Refusal::OwnCountNoLeads.into());
        }
        if sales.is_empty() {
            return Err(Refusal::OwnCountNoSales.into());
        }
        Ok(Read { snapshot, leads, sales })
    }

    fn document(&self, made: &Made) -> OwnCount {
        let (programme, policy) = (&self.found.programme, &self.found.programme.policy);
        let shown_from = policy.cohort_min().value();
        let (persons, padding) = OwnCount::shown(made.noisy, shown_from);
        let (numerator, denominator) = self.terms.sigma_squared();
        OwnCount {
            format: OwnCountFormat::V1,
            own_count: made.id,
            programme: NamedProgramme { id: programme.id, name: programme.name.clone() },
            partner: NamedParty {
                id: self.partner.id,
                siren: self.partner.siren.clone(),
                name: self.partner.name.clone(),
            },
            policy: NamedPolicy {
                name: policy.name().to_owned(),
                sha256: programme.policy_digest(),
            },
            month: self.period.clone(),
            window_days: policy.window_days().value(),
            snapshot: made.read.snapshot,
            early: self.now.date() <= self.sales_until,
            late: self.now.date() > self.leads_until,
            persons,
            padding,
            shown_from,
            half_width: self.terms.half_width(),
            sigma_squared: (numerator.to_string(), denominator.to_string()),
            account: AccountStatement {
                id: self.account.0.id,
                cap_nrho: made.after.cap_nrho(),
                cost_nrho: self.terms.cost_nrho(),
                spent_nrho: made.after.spent_nrho(),
                left_nrho: made.after.left_nrho(),
            },
            released_at: self.now.to_string(),
        }
    }
}

/// Months back that are told, as long as what was told stays in the active base (`policies/retention`, `releases`): so
/// that nothing is told a second time, and that nobody asks for months without end.
pub const MONTHS_TOLD: i32 = 36;

/// A month that is over, of the last three years.
fn over(text: &str, now: Moment) -> Result<(Period, Month), Refusal> {
    let period = Period::try_from(text.to_owned()).map_err(|_| Refusal::OwnCountMonth)?;
    let month: Month = text.parse().map_err(|_| Refusal::OwnCountMonth)?;
    let date = now.date();
    let months = |year: i32, month: i32| year * 12 + month;
    let age = months(date.year().into(), date.month().into()) - months(month.year(), month.month());
    if (1..=MONTHS_TOLD).contains(&age) { Ok((period, month)) } else { Err(Refusal::OwnCountMonth) }
}
