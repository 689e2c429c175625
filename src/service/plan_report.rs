//! What a report would tell before it is asked for, and what released reports tell together: plans,
//! trends and summaries. From public facts, stored reports and the asker's own guesses; free, as often
//! as one likes, and it debits nothing.

use std::collections::BTreeMap;

use tiers_protocol::canonical;
use tiers_protocol::ids::{ProgrammeId, ReleaseId};
use tiers_protocol::policy::SectionId;
use tiers_protocol::report::Report;
use tiers_protocol::wire::{PlanRequest, ReportRequest};

use super::{Certifier, Refusal, ServiceError};
use crate::disclosure::{
    Plan, PlanRefusal, PublicCampaign, PublicFacts, Summary, Trend, plan, summary, trend,
};
use crate::store::Tx;
use crate::store::credential::Caller;

/// Of how many released months a guess is the average.
const GUESSED_FROM: usize = 3;

impl Certifier {
    /// What a report would cost and how precise it would be, from public facts only.
    ///
    /// # Errors
    /// [`Refusal`]s of the group `report`.
    pub fn plan_report(
        &self,
        caller: &Caller,
        request: &PlanRequest,
    ) -> Result<Plan, ServiceError> {
        let question = ReportRequest {
            programme: request.programme,
            period: request.period.clone(),
            templates: request.templates.clone(),
            snapshot: None,
            exact: false,
        };
        self.db.read("plan report", |tx| {
            let asked = self.ask(tx, caller, &question, self.now())?;
            let (_, account) = self.account(tx, &asked)?;
            let axes = asked.public_axes();
            let partners = self.partner_groups(tx, &asked)?;
            let released =
                if request.from_releases { reports(tx, &request.programme)? } else { Vec::new() };
            let guesses = guesses(&axes.campaigns, &request.guesses, &released)?;
            let (sections, guesses) = (Some(asked.sections()), guesses.as_deref());
            let facts = PublicFacts { axes, partners, account, sections, guesses };
            plan(&asked.programme().policy, &facts).map_err(refused)
        })
    }

    /// The months of one section side by side, from stored reports.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::UnknownTemplate`].
    pub fn trend(
        &self,
        caller: &Caller,
        programme: &ProgrammeId,
        section: Option<&str>,
    ) -> Result<Trend, ServiceError> {
        let section = match section {
            None => SectionId::CONVERSIONS,
            Some(name) => SectionId::named(name).ok_or(Refusal::UnknownTemplate)?,
        };
        self.db.read("trend", |tx| {
            self.owned(tx, caller, programme)?;
            let rows = trend(&reports(tx, programme)?, section);
            Ok(Trend { programme: *programme, section: section.name(), rows })
        })
    }

    /// What a stored report says in short.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn summary(&self, caller: &Caller, id: &ReleaseId) -> Result<Summary, ServiceError> {
        let bytes = self.report(caller, id)?;
        summary(&read(&bytes)?).map_err(Into::into)
    }
}

/// The stored reports of a programme, in the order they were made.
fn reports(tx: &Tx<'_>, programme: &ProgrammeId) -> Result<Vec<Report>, ServiceError> {
    let mut reports = Vec::new();
    for row in tx.releases(programme)? {
        let (_, bytes) = tx.report(&row.id)?.ok_or(Refusal::NotFound)?;
        reports.push(read(&bytes)?);
    }
    Ok(reports)
}

fn read(bytes: &[u8]) -> Result<Report, ServiceError> {
    canonical::from_slice(bytes)
        .map_err(|_| crate::store::StoreError::Corrupt { column: "release.report" }.into())
}

/// Conversions by campaign: the asker's guess, else the average of the last released months in which the
/// campaign was shown. None if neither says anything of any campaign; what only some lack counts as 0.
fn guesses(
    campaigns: &[PublicCampaign],
    guessed: &BTreeMap<String, u64>,
    released: &[Report],
) -> Result<Option<Vec<u64>>, Refusal> {
    if guessed.keys().any(|name| campaigns.iter().all(|campaign| campaign.name != *name)) {
        return Err(Refusal::BadGuess);
    }
    let of = |campaign: &PublicCampaign| {
        guessed.get(&campaign.name).copied().or_else(|| average(&campaign.name, released))
    };
    let all: Vec<Option<u64>> = campaigns.iter().map(of).collect();
    let known = all.iter().any(Option::is_some);
    Ok(known.then(|| all.into_iter().map(Option::unwrap_or_default).collect()))
}

/// The average of a campaign's shown conversions in the last months that were released.
fn average(campaign: &str, released: &[Report]) -> Option<u64> {
    let shown = |report: &Report| {
        let section = report.campaigns()?;
        let row = section.rows.iter().find(|row| row.campaign() == campaign)?;
        u64::try_from(row.figures.units.figure()?.value).ok()
    };
    let mut months: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for report in released {
        if let Some(units) = shown(report) {
            let newest = months.entry(report.head.period.as_str()).or_default();
            if report.head.snapshot >= newest.0 {
                *newest = (report.head.snapshot, units);
            }
        }
    }
    let last: Vec<u64> =
        months.values().rev().take(GUESSED_FROM).map(|(_, units)| *units).collect();
    let sum = last.iter().fold(0_u64, |sum, units| sum.saturating_add(*units));
    sum.checked_div(last.len() as u64)
}

fn refused(refusal: PlanRefusal) -> ServiceError {
    match refusal {
        PlanRefusal::FewLeads { .. } => Refusal::TooFewLeads.into(),
        PlanRefusal::FewPartners { .. } => Refusal::TooFewPartners.into(),
        PlanRefusal::Account(_) => Refusal::Spent.into(),
        PlanRefusal::Gate(error) => error.into(),
    }
}
