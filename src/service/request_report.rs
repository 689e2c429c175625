//! Answers a question, once: the stored bytes if it was asked before, otherwise a new release. The
//! debit, the answer and their ledger entries are one transaction.
//!
//! Refusals come before anything is computed and rest on public facts only.

use std::{sync::Arc, thread};

use tiers_contact::FileKind;
use tiers_protocol::canonical;
use tiers_protocol::certificate::{
    AccountStatement, Certificate, CertificateFormat, CertifiedDeposit, NamedParty, NamedPolicy,
    NamedProgramme, Question, StandingApproval,
};
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::ids::{AccountId, ActId, DepositId, ProgrammeId, ReleaseId};
use tiers_protocol::policy::{CapNrho, SectionId, TemplateId};
use tiers_protocol::programme::Programme;
use tiers_protocol::report::{ExactTotals, Period, Report, ReportHead};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::{ReleaseInfo, ReportRequest};

use super::act::Spend;
use super::admission::Remembered;
use super::beat::Beat;
use super::faults::FaultPoint;
use super::leads_set::LeadsSet;
use super::lift::AskedLift;
use super::report_cells::Cells;
use super::{Certifier, Refusal, ServiceError, act, snapshot};
use crate::disclosure::{
    Account, EveryPartnerAgreed, ExactTables, NoisyTables, PublicAxes, Terms, release, write_report,
};
use crate::matching::{Armed, Attribution, Effort, MatchRules, attribute, attribute_armed};
use crate::statistics::MonthlyTables;
use crate::store::Tx;
use crate::store::account::AccountRow;
use crate::store::credential::Caller;
use crate::store::party::Party;
use crate::store::programme::{Approval, Registered};
use crate::store::release::{NewRelease, ReleaseRow};
use crate::time::Moment;
use crate::vault::{Month, StoredDeposit};

/// A question whose public conditions hold.
pub(super) struct Asked {
    now: Moment,
    found: Registered,
    principal: Party,
    approval: Approval,
    period: Period,
    month: Month,
    snapshot: u64,
    leads: Vec<DepositId>,
    sales: Vec<DepositId>,
    set: Arc<LeadsSet>,
    cells: Cells,
    lift: Option<AskedLift>,
    sections: Vec<SectionId>,
    question: Question,
    digest: Bytes<32>,
}

impl Certifier {
    /// Answers a question of a principal.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `report`; each is recorded in the ledger.
    pub fn request_report(
        &self,
        caller: &Caller,
        request: &ReportRequest,
    ) -> Result<ReleaseInfo, ServiceError> {
        // What a tick takes away is gone before the first question after it.
        self.erase_due()?;
        if let Some(stored) = self.stored_answer(caller, request)? {
            return Ok(stored);
        }
        self.require_witnesses()?;
        let answered = self.db.write("request report", |tx| self.answer(tx, caller, request));
        match answered {
            Ok(info) => {
                self.faults.reach(FaultPoint::ReleaseCommitted)?;
                self.publish()?;
                Ok(info)
            }
            Err(ServiceError::Refused(refusal)) => {
                self.record_report_refusal(caller, &request.programme, refusal)?;
                Err(refusal.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// A question that was asked before, without waiting for the writer.
    fn stored_answer(
        &self,
        caller: &Caller,
        request: &ReportRequest,
    ) -> Result<Option<ReleaseInfo>, ServiceError> {
        let now = self.now();
        let found = self.db.read("look for an answer", |tx| {
            if let Some(past) = past_answer(self, tx, caller, request, now)? {
                return Ok(Some(past));
            }
            let asked = self.ask(tx, caller, request, now)?;
            tx.answer(&request.programme, &asked.digest).map_err(ServiceError::from)
        });
        match found {
            Ok(found) => Ok(found.map(|row| info(row, true))),
            // The writer says it again, and records it.
            Err(ServiceError::Refused(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn answer(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        request: &ReportRequest,
    ) -> Result<ReleaseInfo, ServiceError> {
        let (now, beat) = (self.now(), Beat::begin(self.reports));
        if let Some(past) = past_answer(self, tx, caller, request, now)? {
            return Ok(info(past, true));
        }
        let asked = self.ask(tx, caller, request, now)?;
        if let Some(stored) = tx.answer(&request.programme, &asked.digest)? {
            return Ok(info(stored, true));
        }
        if asked.found.closed_at.is_some() {
            return Err(Refusal::ProgrammeClosed.into());
        }
        self.check_statistics(tx, &asked.found)?;
        self.check_minima(tx, &asked)?;
        let exact = self.agreed_totals(tx, &asked)?;
        self.make_release(tx, caller, (&asked, &beat), exact).map(|row| info(row, false))
    }

    /// Everything that is known before the account is touched.
    pub(super) fn ask(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        request: &ReportRequest,
        now: Moment,
    ) -> Result<Asked, ServiceError> {
        let found = self.owned(tx, caller, &request.programme)?;
        let policy = &found.programme.policy;
        let (period, month) = check_period(&request.period, now)?;
        let policy_digest = found.programme.policy_digest();
        let approval =
            tx.approval(&request.programme, &policy_digest)?.ok_or(Refusal::NotApproved)?;
        let principal = tx.party(&found.principal)?.ok_or(Refusal::NotFound)?;
        let snapshot = snapshot::current(policy, now, found.arrivals);
        let day = now.date();
        let leads = tx.deposits_in_snapshot(&request.programme, FileKind::Leads, snapshot, day)?;
        let sales = tx.depositors(&request.programme, snapshot, day)?;
        let set = self.leads_set(&leads, found.programme.campaigns.len())?;
        let mut cells = Cells::gather(tx, &found.programme, month, &set.by_campaign, &sales)?;
        let of_lift = (&leads[..], &*set);
        let lift = match AskedLift::find(tx, &request.programme, of_lift, month) {
            Ok(lift) => Some(lift),
            Err(failure) if names_lift(&found.programme, request) => return Err(failure),
            Err(ServiceError::Refused(_)) => None,
            Err(failure) => return Err(failure),
        };
        if let Some(lift) = &lift {
            cells = cells.with_arms(lift.persons());
        }
        let sections = cells.sections(&found.programme, request.templates.as_deref())?;
        let counts_arms = sections.iter().any(|one| one.template == TemplateId::Lift);
        let lift = lift.filter(|_| counts_arms);
        let question = Question {
            templates: sections.iter().map(|section| section.name()).collect(),
            period: period.as_str().to_owned(),
            snapshot,
            leads_root: set.root,
            lift: lift.as_ref().and_then(AskedLift::named),
            exact: request.exact,
        };
        let digest = sha256(&canonical::to_vec(&question));
        Ok(Asked {
            now,
            found,
            principal,
            approval,
            period,
            month,
            snapshot,
            leads,
            sales: sales.into_iter().map(|(deposit, _)| deposit).collect(),
            set,
            cells,
            lift,
            sections,
            question,
            digest,
        })
    }

    /// The policy's minima, on the principal's own file and on the public list of partners.
    fn check_minima(&self, tx: &Tx<'_>, asked: &Asked) -> Result<(), ServiceError> {
        let policy = &asked.found.programme.policy;
        if asked.set.total() < policy.min_leads().value() {
            return Err(Refusal::TooFewLeads.into());
        }
        let partners = self.partner_groups(tx, asked)?;
        if partners < policy.min_partners().value() {
            return Err(Refusal::TooFewPartners.into());
        }
        Ok(())
    }

    /// Groups of partners whose sales the snapshot holds: outlets of one owner count once and the
    /// principal's own do not count (requirement STA-15). Who deposited stands in the public ledger.
    pub(super) fn partner_groups(&self, tx: &Tx<'_>, asked: &Asked) -> Result<u64, ServiceError> {
        let (programme, day) = (&asked.found.programme.id, asked.now.date());
        tx.depositing_groups(programme, asked.snapshot, day, &asked.principal.group)
            .map_err(Into::into)
    }

    fn make_release(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        (asked, beat): (&Asked, &Beat),
        exact: Option<EveryPartnerAgreed>,
    ) -> Result<ReleaseRow, ServiceError> {
        let terms = asked.terms()?;
        let (before, account) = self.account(tx, asked)?;
        let after = account.debit(terms.cost_nrho()).map_err(|_| Refusal::Spent)?;
        let id = ReleaseId::random(&mut self.random());
        let (noisy, unprotected) = self.match_and_release(tx, asked, &terms, exact)?;
        let head = ReportHead {
            release: id,
            programme: asked.named_programme(),
            policy: asked.named_policy(),
            period: asked.period.clone(),
            snapshot: asked.snapshot,
        };
        let report = write_report(head, &noisy, asked.public_axes(), &terms)?;
        let report = Report { unprotected, ..report }.padded();
        let report = canonical::to_vec(&report);
        self.faults.reach(FaultPoint::ReleaseDrawn)?;
        // The acts below have the second in which they are recorded.
        beat.wait(asked.found.programme.policy.tick());
        let row = AccountRow { spent_nrho: after.spent_nrho(), ..before };
        tx.put_account(&asked.principal.group, &row)?;
        let made = Made { id, terms: &terms, after, account: row.id, noisy: &noisy, report };
        self.record_release(tx, caller, asked, &made)
    }

    /// The account of the month: as it stands, or opened now under the policy's cap. A programme of
    /// the same group with a lower cap tightens it; none can raise it.
    pub(super) fn account(
        &self,
        tx: &Tx<'_>,
        asked: &Asked,
    ) -> Result<(AccountRow, Account), ServiceError> {
        let cap = asked.found.programme.policy.cap_nrho();
        self.check_restored(tx, &asked.principal.group, &asked.period)?;
        self.account_of(tx, (&asked.principal.group, asked.period.as_str()), cap)
    }

    /// An account of a group, by its month as it is stored.
    pub(super) fn account_of(
        &self,
        tx: &Tx<'_>,
        (group, month): (&str, &str),
        cap: CapNrho,
    ) -> Result<(AccountRow, Account), ServiceError> {
        let row = tx.account(group, month)?.unwrap_or_else(|| AccountRow {
            id: self.keyring.account_id(group, month),
            month: month.to_owned(),
            cap_nrho: cap.value(),
            spent_nrho: 0,
        });
        let cap_nrho = row.cap_nrho.min(cap.value()).max(row.spent_nrho);
        let cap = CapNrho::new(cap_nrho).map_err(|_| Refusal::Spent)?;
        let account = Account::restore(cap, row.spent_nrho).map_err(|_| Refusal::Spent)?;
        Ok((AccountRow { cap_nrho, ..row }, account))
    }

    /// The only place where exact figures exist: from the segments to the noise in one breath. Which
    /// units the month counts is remembered in the same transaction.
    fn match_and_release(
        &self,
        tx: &Tx<'_>,
        asked: &Asked,
        terms: &Terms,
        agreed: Option<EveryPartnerAgreed>,
    ) -> Result<(NoisyTables, Option<ExactTotals>), ServiceError> {
        let policy = &asked.found.programme.policy;
        let (programme, limit) = (asked.found.programme.id, policy.sale_months_per_year());
        let sound = self.sound_files().clone();
        let place = (self.layout.admitted(), [self.bytes(), self.bytes()], &sound);
        let mut admission = Remembered::open(tx, place, programme, (asked.month, limit))?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<&DepositId> = asked.leads.iter().chain(&asked.sales).collect();
        let mut leads = self.stored_deposits(tx, &all, threads)?;
        let sales = leads.split_off(asked.leads.len());
        let rules = MatchRules::of(policy);
        let mut tables = MonthlyTables::new(&asked.sections, asked.cells.layout.clone())?;
        let effort = Effort::threads(threads);
        let partners = &asked.cells.partners;
        let how = Attribution { rules: &rules, month: asked.month, partners, effort };
        let add = |unit| Ok(tables.add(unit)?);
        match &asked.lift {
            None => attribute(&sales, &leads, &how, &mut admission, add)?,
            Some(lift) => {
                let armed = |(deposit, id): (StoredDeposit, &DepositId)| {
                    Ok(Armed::new(deposit, lift.arms(tx, id)?))
                };
                let leads = leads.into_iter().zip(&asked.leads).map(armed);
                let leads = leads.collect::<Result<Vec<_>, ServiceError>>()?;
                attribute_armed(&sales, &leads, &how, &mut admission, add)?;
            }
        }
        admission.finish()?;
        let exact = ExactTables::new(tables.finish());
        let unprotected = agreed.map(|by| exact.unprotected(by, terms));
        Ok((release(exact, terms, &mut self.noise())?, unprotected))
    }

    fn record_release(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        asked: &Asked,
        made: &Made<'_>,
    ) -> Result<ReleaseRow, ServiceError> {
        let id = made.id.to_string();
        let run = ActId::random(&mut self.random()).to_string();
        let detail = serde_json::json!({
            "release": made.id, "leads": asked.leads, "sales": asked.sales,
        });
        act::by_certifier(self, EntryType::MatchRun, &run).record(tx, self, &detail)?;
        let cost_nrho = made.terms.cost_nrho();
        let spent_nrho = made.after.spent_nrho();
        let spend = Spend { account: made.account, cost_nrho, spent_nrho };
        act::by(caller.actor, EntryType::LedgerDebit, &id).debit(tx, self, &spend)?;
        let certificate = self.certificate(tx, asked, made)?;
        let recorded = act::by(caller.actor, EntryType::ReleasePublished, &id).record(
            tx,
            self,
            &certificate,
        )?;
        let row = ReleaseRow {
            id: made.id,
            programme: asked.found.programme.id,
            period: asked.period.as_str().to_owned(),
            snapshot: asked.snapshot,
            cost_nrho,
            released_at: asked.now,
        };
        tx.insert_release(&NewRelease {
            row: row.clone(),
            account: made.account,
            question: asked.digest,
            report: &made.report,
            noisy: &canonical::to_vec(made.noisy),
            certificate: &certificate,
            entry: recorded.index,
            salt: recorded.salt,
        })?;
        Ok(row)
    }

    fn certificate(
        &self,
        tx: &Tx<'_>,
        asked: &Asked,
        made: &Made<'_>,
    ) -> Result<Certificate, ServiceError> {
        let mut deposits = Vec::new();
        for id in asked.leads.iter().chain(&asked.sales) {
            let parts = tx.receipt_parts(id)?.ok_or(Refusal::NotFound)?;
            let content = canonical::to_vec(&parts.receipt);
            let commitment = tiers_protocol::tlog::commit(&parts.salt, &content);
            let commitment = Bytes::new(commitment);
            deposits.push(CertifiedDeposit { kind: parts.receipt.kind, commitment });
        }
        Ok(Certificate {
            format: CertificateFormat::V1,
            release: made.id,
            programme: asked.named_programme(),
            principal: NamedParty {
                id: asked.principal.id,
                siren: asked.principal.siren.clone(),
                name: asked.principal.name.clone(),
            },
            policy: asked.named_policy(),
            question: asked.question.clone(),
            question_sha256: asked.digest,
            account: AccountStatement {
                id: made.account,
                cap_nrho: made.after.cap_nrho(),
                cost_nrho: made.terms.cost_nrho(),
                spent_nrho: made.after.spent_nrho(),
                left_nrho: made.after.left_nrho(),
            },
            deposits,
            approval: StandingApproval {
                by: asked.approval.actor,
                at: asked.approval.at.to_string(),
            },
            report_sha256: sha256(&made.report),
            released_at: asked.now.to_string(),
        })
    }

    pub(super) fn record_report_refusal(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        refusal: Refusal,
    ) -> Result<(), ServiceError> {
        self.db.write("refuse report", |tx| {
            let id = ActId::random(&mut self.random()).to_string();
            let detail = serde_json::json!({
                "code": refusal.code(), "programme": programme,
            });
            act::by(caller.actor, EntryType::ReleaseRefused, &id)
                .record(tx, self, &detail)
                .map(drop)
        })
    }
}

/// A release that is made and not yet recorded.
struct Made<'a> {
    id: ReleaseId,
    terms: &'a Terms,
    after: Account,
    account: AccountId,
    noisy: &'a NoisyTables,
    report: Vec<u8>,
}

impl Asked {
    pub(super) fn terms(&self) -> Result<Terms, ServiceError> {
        let policy = &self.found.programme.policy;
        Terms::of_sections(policy, &self.sections, self.public_axes()).map_err(Into::into)
    }

    pub(super) const fn programme(&self) -> &tiers_protocol::programme::Programme {
        &self.found.programme
    }

    /// What is asked, in the order of a report.
    pub(super) fn sections(&self) -> &[SectionId] {
        &self.sections
    }

    /// The month of sales.
    pub(super) fn period(&self) -> &str {
        self.period.as_str()
    }

    /// The day of the question.
    pub(super) fn day(&self) -> jiff::civil::Date {
        self.now.date()
    }

    /// Whether totals without noise are asked for.
    pub(super) const fn asks_exact(&self) -> bool {
        self.question.exact
    }

    /// The public names of all rows.
    pub(super) const fn public_axes(&self) -> &PublicAxes {
        &self.cells.axes
    }

    fn named_programme(&self) -> NamedProgramme {
        let programme = &self.found.programme;
        NamedProgramme { id: programme.id, name: programme.name.clone() }
    }

    fn named_policy(&self) -> NamedPolicy {
        let programme = &self.found.programme;
        NamedPolicy { name: programme.policy.name().to_owned(), sha256: programme.policy_digest() }
    }
}

fn check_period(text: &str, now: Moment) -> Result<(Period, Month), Refusal> {
    let period = Period::try_from(text.to_owned()).map_err(|_| Refusal::BadPeriod)?;
    let month = text.parse().map_err(|_| Refusal::BadPeriod)?;
    let begun = now.date().to_string().get(..7).is_some_and(|now| text <= now);
    if begun { Ok((period, month)) } else { Err(Refusal::BadPeriod) }
}

/// Whether a request names a section about arms that the policy allows.
fn names_lift(programme: &Programme, request: &ReportRequest) -> bool {
    let allowed = programme.policy.allowed();
    let of_arms = allowed.iter().map(|priced| priced.section());
    let mut of_arms = of_arms.filter(|one| one.template == TemplateId::Lift);
    let named = |one: SectionId| {
        request.templates.as_ref().is_some_and(|names| names.contains(&one.name()))
    };
    of_arms.any(named)
}

/// An earlier snapshot is answered from the store or not at all.
fn past_answer(
    certifier: &Certifier,
    tx: &Tx<'_>,
    caller: &Caller,
    request: &ReportRequest,
    now: Moment,
) -> Result<Option<ReleaseRow>, ServiceError> {
    let found = certifier.owned(tx, caller, &request.programme)?;
    let current = snapshot::current(&found.programme.policy, now, found.arrivals);
    match request.snapshot {
        Some(number) if number != current => {
            for stored in tx.answers_at(&request.programme, &request.period, number)? {
                if holds(tx, &stored, request)? {
                    return Ok(Some(stored));
                }
            }
            Err(Refusal::SnapshotPast.into())
        }
        _ => Ok(None),
    }
}

/// Whether a stored answer is of the templates that are asked, in whatever order they are named; of any if
/// none are; and has exact totals if and only if they are asked.
fn holds(tx: &Tx<'_>, stored: &ReleaseRow, asked: &ReportRequest) -> Result<bool, ServiceError> {
    let parts = tx.certificate_parts(&stored.id)?.ok_or(Refusal::NotFound)?;
    let question = parts.certificate.question;
    if question.exact != asked.exact {
        return Ok(false);
    }
    let Some(asked) = asked.templates.as_deref() else { return Ok(true) };
    let templates = question.templates;
    let same = |a: &[String], b: &[String]| a.iter().all(|name| b.contains(name));
    Ok(same(asked, &templates) && same(&templates, asked))
}

pub(super) fn info(row: ReleaseRow, from_store: bool) -> ReleaseInfo {
    ReleaseInfo {
        release: row.id,
        programme: row.programme,
        period: row.period,
        snapshot: row.snapshot,
        cost_nrho: row.cost_nrho,
        released_at: row.released_at.to_string(),
        from_store,
    }
}
