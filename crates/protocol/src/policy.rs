//! The disclosure policy of a programme: what may be matched, counted, spent and shown.
//!
//! A [`Policy`] cannot be wrong: every number is a type whose constructor holds its range, and
//! reading a policy, from TOML or from JSON, goes through those constructors. This module decides
//! nothing about a release; the gate does, with these values. The words are those of
//! `policies/README.md`, the reasons for the standard values stand in `docs/privacy.md`.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tiers_contact::{Area, Kind, MarginError, Margins};

mod quantity;
mod template;

pub use quantity::{
    CapNrho, ClampCents, CohortMin, CostNrho, MaxRejectPermille, MinLeads, MinPartners,
    PolicyVersion, RetentionDays, SaleMonthsPerYear, WindowDays,
};
pub use template::{DELAY_BINS, Margin, SectionId, TemplateId};

/// A policy that was refused, and which of its values is the cause.
///
/// A policy is written by the operator and holds nothing personal, so the cause may quote it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is not TOML, or lacks a field, or has one that does not exist.
    #[error("the policy cannot be read: {0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// A number lies outside the range that its field allows.
    #[error("`{field}` must lie between {min} and {max}")]
    OutOfRange {
        /// The name of the field in the document.
        field: &'static str,
        /// The least value allowed.
        min: u64,
        /// The greatest value allowed.
        max: u64,
    },
    /// The clamp is odd, so that its half is not a whole number of cents.
    #[error("`clamp_cents` must be even: revenue is summed around its half")]
    OddClamp,
    /// A name is empty, longer than 64 characters, or not made of `a-z`, `0-9` and `-`.
    #[error("`name` must be 1 to 64 of the characters a-z, 0-9 and -")]
    Name,
    /// No kind of identifier defines a person.
    #[error("`kinds.keys` must name at least one kind")]
    NoKey,
    /// A kind stands in the wrong list: a bridge cannot define a person, a key need not bridge.
    #[error("`kinds.{list}` holds a kind that belongs to the other list")]
    WrongList {
        /// `keys` or `bridges`.
        list: &'static str,
    },
    /// Kinds are repeated or not in the fixed order, which decides what a unit is.
    #[error("`kinds.{list}` must follow the fixed order, each kind once")]
    KindOrder {
        /// `keys` or `bridges`.
        list: &'static str,
    },
    /// Areas that cannot be told apart, or too many.
    #[error("`areas`: {0}")]
    Areas(#[from] MarginError),
    /// A report holds each table once, in the order of the catalogue, conversions by campaign first;
    /// revenue cannot be told without the count of the same cells.
    #[error(
        "`templates` must begin with conversion/1 and follow the order of the catalogue, each once, \
         and revenue/1 needs conversion/1 by the same margin"
    )]
    Templates,
    /// The catalogue has no such template by this margin.
    #[error("`templates` holds {} by a margin that it cannot have", template.name())]
    Margin {
        /// The template.
        template: TemplateId,
    },
    /// Revenue does not cost less than conversions, which the proof of their joint cost needs.
    #[error("revenue/1 must cost less than conversion/1")]
    RevenueNotBelowConversion,
    /// One report would cost more than the whole account of a month.
    #[error("the templates together cost more than `cap_nrho`")]
    CostAboveCap,
}

impl PolicyError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "policy.syntax",
            Self::OutOfRange { .. } => "policy.out_of_range",
            Self::OddClamp => "policy.odd_clamp",
            Self::Name => "policy.name",
            Self::NoKey => "policy.no_key",
            Self::WrongList { .. } => "policy.wrong_list",
            Self::KindOrder { .. } => "policy.kind_order",
            Self::Areas(_) => "policy.areas",
            Self::Templates => "policy.templates",
            Self::Margin { .. } => "policy.margin",
            Self::RevenueNotBelowConversion => "policy.revenue_not_below_conversion",
            Self::CostAboveCap => "policy.cost_above_cap",
        }
    }
}

/// Which lead gets the sale when several could.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Touch {
    /// The earliest lead in the window.
    First,
    /// The latest lead in the window.
    Last,
}

/// When arrivals, erasures and releases take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tick {
    /// Once a day, so that nothing can be told from the moment of an answer.
    Daily,
    /// At once: for demonstrations only.
    AtOnce,
}

/// A version of the normalisation that tokens must have been made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Normalisation {
    /// `docs/formats/normalisation-v1.md`.
    #[serde(rename = "1")]
    V1,
}

/// A template that the policy allows and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedTemplate {
    section: SectionId,
    cost_nrho: CostNrho,
}

impl PricedTemplate {
    /// The template and its margin.
    #[must_use]
    pub const fn section(self) -> SectionId {
        self.section
    }

    /// Its cost.
    #[must_use]
    pub const fn cost_nrho(self) -> CostNrho {
        self.cost_nrho
    }
}

/// A policy that holds: see [`Policy::from_toml`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Policy {
    name: String,
    version: PolicyVersion,
    normalisation: Normalisation,
    keys: Vec<Kind>,
    bridges: Vec<Kind>,
    areas: Vec<Area>,
    window_days: WindowDays,
    touch: Touch,
    sale_months_per_year: SaleMonthsPerYear,
    clamp_cents: ClampCents,
    cohort_min: CohortMin,
    templates: Vec<PricedTemplate>,
    on_request: Vec<PricedTemplate>,
    dealer_names: bool,
    exact_totals: bool,
    own_count_cap_nrho: Option<CapNrho>,
    cap_nrho: CapNrho,
    tick: Tick,
    max_reject_permille: MaxRejectPermille,
    retention_days: RetentionDays,
    min_leads: MinLeads,
    min_partners: MinPartners,
}

impl Policy {
    /// Reads a policy as it stands in `policies/disclosure/`.
    ///
    /// # Errors
    /// [`PolicyError`], naming the field and what it allows.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        toml::from_str::<Document>(text).map_err(Box::new)?.try_into()
    }

    /// The name of the policy, such as `standard`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kinds whose first available one defines a unit, in the fixed order.
    #[must_use]
    pub fn keys(&self) -> &[Kind] {
        &self.keys
    }

    /// The kinds that may find a lead but never define a unit.
    #[must_use]
    pub fn bridges(&self) -> &[Kind] {
        &self.bridges
    }

    /// Groups of départements that sales may be told apart by; none if they are not.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Every kind in the order in which attribution tries them: keys, then bridges.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.keys.iter().chain(&self.bridges).copied()
    }

    /// The templates of a report that names none, in their order.
    #[must_use]
    pub fn templates(&self) -> &[PricedTemplate] {
        &self.templates
    }

    /// The templates that a report holds only when it names them, in their order.
    #[must_use]
    pub fn on_request(&self) -> &[PricedTemplate] {
        &self.on_request
    }

    /// Everything that may be asked for, in the order of a report.
    #[must_use]
    pub fn allowed(&self) -> Vec<PricedTemplate> {
        let mut all = [&self.templates[..], &self.on_request].concat();
        all.sort_unstable_by_key(|priced| priced.section);
        all
    }

    /// What a template by a margin costs, if the policy has it.
    #[must_use]
    pub fn cost_of(&self, section: SectionId) -> Option<CostNrho> {
        let mut all = self.templates.iter().chain(&self.on_request);
        Some(all.find(|priced| priced.section == section)?.cost_nrho)
    }

    /// What one report with the templates of [`Self::templates`] costs, in nano-rho; never above the
    /// cap.
    #[must_use]
    pub fn report_cost_nrho(&self) -> u64 {
        self.templates.iter().map(|priced| priced.cost_nrho.value()).sum()
    }
}

/// One reading method for each value that is copied out as it is.
macro_rules! readers {
    ($($(#[$doc:meta])* $field:ident: $kind:ty;)*) => {
        impl Policy {
            $($(#[$doc])*
            #[must_use]
            pub const fn $field(&self) -> $kind {
                self.$field
            })*
        }
    };
}

readers! {
    /// The number of this version.
    version: PolicyVersion;
    /// The normalisation that tokens must have been made with.
    normalisation: Normalisation;
    /// The attribution window.
    window_days: WindowDays;
    /// The touch rule.
    touch: Touch;
    /// Whether a dealer who agreed to it stands by its name in a report.
    dealer_names: bool;
    /// Whether totals without any noise may be asked for: unprotected, and only if every partner agreed.
    exact_totals: bool;
    /// The cap of an account of leads, from which partners are told how many bought from them; `None` where no partner is told.
    own_count_cap_nrho: Option<CapNrho>;
    /// In how many sale months a year a unit counts.
    sale_months_per_year: SaleMonthsPerYear;
    /// The clamp of revenue.
    clamp_cents: ClampCents;
    /// The least noisy count that is shown.
    cohort_min: CohortMin;
    /// The cap of an account.
    cap_nrho: CapNrho;
    /// When things take effect.
    tick: Tick;
    /// The share of rejects above which a file is refused.
    max_reject_permille: MaxRejectPermille;
    /// How long a deposit is kept.
    retention_days: RetentionDays;
    /// The least size of a leads file.
    min_leads: MinLeads;
    /// The least number of partners.
    min_partners: MinPartners;
}

/// The shape of the document, before anything about its values is known.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Document {
    name: String,
    version: u64,
    normalisation: Normalisation,
    window_days: u64,
    touch: Touch,
    sale_months_per_year: u64,
    clamp_cents: u64,
    cohort_min: u64,
    cap_nrho: u64,
    tick: Tick,
    max_reject_permille: u64,
    retention_days: u64,
    min_leads: u64,
    min_partners: u64,
    kinds: Kinds,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::AreaShape>))]
    areas: Vec<Area>,
    #[serde(default, skip_serializing_if = "is_false")]
    dealer_names: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    exact_totals: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_count_cap_nrho: Option<u64>,
    templates: Vec<Priced>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    on_request: Vec<Priced>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A policy is described as the document that it is written as.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Policy {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <Document as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Policy {
    fn schemas(
        schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>,
    ) {
        <Document as utoipa::ToSchema>::schemas(schemas);
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Kinds {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::KindName>))]
    keys: Vec<Kind>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::KindName>))]
    bridges: Vec<Kind>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Priced {
    template: TemplateId,
    #[serde(default, skip_serializing_if = "Margin::is_campaign")]
    margin: Margin,
    cost_nrho: u64,
}

impl TryFrom<Document> for Policy {
    type Error = PolicyError;

    fn try_from(document: Document) -> Result<Self, PolicyError> {
        check_name(&document.name)?;
        check_kinds(&document.kinds)?;
        Margins { models: Vec::new(), areas: document.areas.clone() }.validate()?;
        let cap_nrho = CapNrho::new(document.cap_nrho)?;
        let (templates, on_request) = price(&document.templates, &document.on_request, cap_nrho)?;
        Ok(Self {
            name: document.name,
            version: PolicyVersion::new(document.version)?,
            normalisation: document.normalisation,
            keys: document.kinds.keys,
            bridges: document.kinds.bridges,
            areas: document.areas,
            window_days: WindowDays::new(document.window_days)?,
            touch: document.touch,
            sale_months_per_year: SaleMonthsPerYear::new(document.sale_months_per_year)?,
            clamp_cents: even_clamp(document.clamp_cents)?,
            cohort_min: CohortMin::new(document.cohort_min)?,
            templates,
            on_request,
            dealer_names: document.dealer_names,
            exact_totals: document.exact_totals,
            own_count_cap_nrho: document.own_count_cap_nrho.map(own_count_cap).transpose()?,
            cap_nrho,
            tick: document.tick,
            max_reject_permille: MaxRejectPermille::new(document.max_reject_permille)?,
            retention_days: RetentionDays::new(document.retention_days)?,
            min_leads: MinLeads::new(document.min_leads)?,
            min_partners: MinPartners::new(document.min_partners)?,
        })
    }
}

impl From<Policy> for Document {
    fn from(policy: Policy) -> Self {
        let priced = |p: &PricedTemplate| Priced {
            template: p.section.template,
            margin: p.section.margin,
            cost_nrho: p.cost_nrho.value(),
        };
        Self {
            templates: policy.templates.iter().map(priced).collect(),
            on_request: policy.on_request.iter().map(priced).collect(),
            dealer_names: policy.dealer_names,
            exact_totals: policy.exact_totals,
            own_count_cap_nrho: policy.own_count_cap_nrho.map(CapNrho::value),
            name: policy.name,
            version: policy.version.value(),
            normalisation: policy.normalisation,
            window_days: policy.window_days.value(),
            touch: policy.touch,
            sale_months_per_year: policy.sale_months_per_year.value(),
            clamp_cents: policy.clamp_cents.value(),
            cohort_min: policy.cohort_min.value(),
            cap_nrho: policy.cap_nrho.value(),
            tick: policy.tick,
            max_reject_permille: policy.max_reject_permille.value(),
            retention_days: policy.retention_days.value(),
            min_leads: policy.min_leads.value(),
            min_partners: policy.min_partners.value(),
            kinds: Kinds { keys: policy.keys, bridges: policy.bridges },
            areas: policy.areas,
        }
    }
}

fn check_name(name: &str) -> Result<(), PolicyError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=64).contains(&name.len()) && name.chars().all(fits) {
        Ok(())
    } else {
        Err(PolicyError::Name)
    }
}

fn check_kinds(kinds: &Kinds) -> Result<(), PolicyError> {
    if kinds.keys.is_empty() {
        return Err(PolicyError::NoKey);
    }
    for (list, members, key) in [("keys", &kinds.keys, true), ("bridges", &kinds.bridges, false)] {
        if members.iter().any(|kind| kind.is_key() != key) {
            return Err(PolicyError::WrongList { list });
        }
        if !members.is_sorted_by(|a, b| a < b) {
            return Err(PolicyError::KindOrder { list });
        }
    }
    Ok(())
}

fn own_count_cap(cap: u64) -> Result<CapNrho, PolicyError> {
    // Ten partners are told at least.
    let (min, max) = (10 * CostNrho::MIN, CapNrho::MAX);
    let named = PolicyError::OutOfRange { field: "own_count_cap_nrho", min, max };
    if cap < min {
        return Err(named);
    }
    CapNrho::new(cap).map_err(|_| named)
}

fn even_clamp(cents: u64) -> Result<ClampCents, PolicyError> {
    match ClampCents::new(cents) {
        Ok(_) if cents % 2 == 1 => Err(PolicyError::OddClamp),
        checked => checked,
    }
}

/// Both lists of templates: what a report holds by itself, then what it holds when asked.
type Lists = (Vec<PricedTemplate>, Vec<PricedTemplate>);

fn price(listed: &[Priced], on_request: &[Priced], cap: CapNrho) -> Result<Lists, PolicyError> {
    let (standing, on_request) = (priced(listed)?, priced(on_request)?);
    let twice = |one: &PricedTemplate| standing.iter().any(|own| own.section == one.section);
    if standing.first().map(|one| one.section) != Some(SectionId::CONVERSIONS)
        || on_request.iter().any(twice)
    {
        return Err(PolicyError::Templates);
    }
    check_revenue(&standing, &[])?;
    check_revenue(&on_request, &standing)?;
    let total: u64 = standing.iter().map(|one| one.cost_nrho.value()).sum();
    let conversions = standing.first().map_or(0, |one| one.cost_nrho.value());
    let too_dear =
        |one: &PricedTemplate| one.cost_nrho.value().saturating_add(conversions) > cap.value();
    if total > cap.value() || on_request.iter().any(too_dear) {
        return Err(PolicyError::CostAboveCap);
    }
    Ok((standing, on_request))
}

/// One list, in the order of the catalogue and with tables that it has.
fn priced(listed: &[Priced]) -> Result<Vec<PricedTemplate>, PolicyError> {
    let one = |one: &Priced| {
        let section = SectionId::new(one.template, one.margin);
        if !section.exists() {
            return Err(PolicyError::Margin { template: one.template });
        }
        Ok(PricedTemplate { section, cost_nrho: CostNrho::new(one.cost_nrho)? })
    };
    let priced = listed.iter().map(one).collect::<Result<Vec<_>, PolicyError>>()?;
    if priced.is_sorted_by(|a, b| a.section < b.section) {
        Ok(priced)
    } else {
        Err(PolicyError::Templates)
    }
}

/// Revenue stands beside the counts of the same cells, in its own list or in the other, and costs less.
fn check_revenue(list: &[PricedTemplate], other: &[PricedTemplate]) -> Result<(), PolicyError> {
    for revenue in list.iter().filter(|one| one.section.template == TemplateId::Revenue) {
        let beside = SectionId::new(TemplateId::Conversion, revenue.section.margin);
        let count = list.iter().chain(other).find(|one| one.section == beside);
        if revenue.cost_nrho >= count.ok_or(PolicyError::Templates)?.cost_nrho {
            return Err(PolicyError::RevenueNotBelowConversion);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
