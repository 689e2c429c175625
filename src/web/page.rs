//! The certificate's page: documents in, HTML out. The template lays out, askama escapes.

use askama::Template;
use tiers_contact::FileKind;
use tiers_protocol::attested::Attested;
use tiers_protocol::certificate::{Certificate, CertifiedDeposit};
use tiers_protocol::policy::TemplateId;
use tiers_protocol::report::{ExactTotals, Report, TemplateNoise};
use tiers_protocol::tlog::LedgerProof;
use tiers_protocol::trust::Trust;

use super::Language;
use super::chart::{Chart, charts};
use super::figure::{RowView, campaign_rows, total_row};
use super::number::Rounding;
use super::protection::{AccountView, BoundView, account, bounds};
use super::section::report_sections;
use super::text::{Text, fill};

/// The page of a release: one HTML document that needs nothing else, neither script nor network.
///
/// It shows what the documents say and proves nothing; verify them before showing them
/// ([`tiers_protocol::certificate::verify`]). Costs are shown in nano-rho, money in euros.
#[must_use]
pub fn certificate_page(
    certificate: &Attested<Certificate>,
    report: &Report,
    trust: &Trust,
    language: Language,
) -> String {
    let document = &certificate.document;
    let page = Page {
        text: language.text(),
        head: head(document, language),
        exact: report.unprotected.map(|totals| exact(&totals, language)),
        rows: campaign_rows(report, language),
        total: total_row(report, language),
        charts: charts(report, language),
        sections: report_sections(report, language),
        readings: readings(report, language),
        account: account(&document.account, language),
        bounds: bounds(&document.account, language),
        facts: facts(document, language),
        deposits: deposits(&document.deposits, language),
        proof: proof(certificate, language),
        keys: keys(trust, language.text()),
        report_digest: document.report_sha256.to_string(),
    };
    page.render().expect("the template asks for nothing that can fail")
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Page {
    text: &'static Text,
    head: Head,
    exact: Option<ExactView>,
    rows: Vec<RowView>,
    total: Option<RowView>,
    charts: Vec<Chart>,
    sections: String,
    readings: Vec<String>,
    account: AccountView,
    bounds: Vec<BoundView>,
    facts: Vec<Fact>,
    deposits: Vec<Group>,
    proof: Option<Proof>,
    keys: [(&'static str, String); 3],
    report_digest: String,
}

struct Head {
    title: String,
    programme: String,
    sales_of: String,
    made_for: String,
    made_on: String,
    release: String,
    what: String,
    account: String,
    footer: String,
}

/// Totals without noise, and what that means.
struct ExactView {
    told: String,
    warning: String,
}

fn exact(totals: &ExactTotals, language: Language) -> ExactView {
    let text = language.text();
    let euros = |cents: u64| {
        let cents = i64::try_from(cents).unwrap_or(i64::MAX);
        language.euros(&language.decimal(cents, 2, 0, Rounding::Nearest))
    };
    let told = match (totals.conversions, totals.revenue_cents) {
        (None, _) => {
            let least = language.integer(ExactTotals::LEAST_UNITS);
            fill(text.exact_withheld, &[("least", &least)])
        }
        (Some(count), None) => {
            fill(text.exact_counted, &[("conversions", &language.integer(count))])
        }
        (Some(count), Some(cents)) => {
            let (count, revenue) = (language.integer(count), euros(cents));
            fill(text.exact_told, &[("conversions", &count), ("revenue", &revenue)])
        }
    };
    let partners = language.integer(totals.partners);
    ExactView { told, warning: fill(text.exact_warning, &[("partners", &partners)]) }
}

/// A label with what it says, in fixed-width type if people compare it letter by letter.
struct Fact {
    label: &'static str,
    value: String,
    code: Option<String>,
}

/// Deposits of one kind.
struct Group {
    kind: &'static str,
    count: String,
    commitments: Vec<String>,
}

struct Proof {
    place: String,
    checkpoint: String,
}

fn head(document: &Certificate, language: Language) -> Head {
    let text = language.text();
    let month = language.month(&document.question.period);
    let (programme, principal) = (&document.programme.name, &document.principal.name);
    let siren = language.siren(&document.principal.siren);
    let release = document.release.to_string();
    let moment = language.moment(&document.released_at);
    let footer = if document.question.exact { text.footer_exact } else { text.footer };
    Head {
        title: fill(text.page_title, &[("programme", programme), ("month", &month)]),
        programme: programme.clone(),
        sales_of: fill(text.sales_of, &[("month", &month)]),
        made_for: fill(text.for_principal, &[("principal", principal), ("siren", &siren)]),
        made_on: fill(text.made_on, &[("moment", &moment)]),
        what: fill(text.intro_what, &[("principal", principal)]),
        account: fill(text.account_label, &[("month", &month)]),
        footer: fill(footer, &[("release", &release)]),
        release,
    }
}

fn readings(report: &Report, language: Language) -> Vec<String> {
    let text = language.text();
    let parameters = &report.parameters;
    let section = report.campaigns();
    let noise = |template| section?.noise.iter().find(|noise| noise.template == template);
    let level = |ppm: u64| {
        let ppm = i64::try_from(ppm).unwrap_or(i64::MAX);
        language.percent(&language.decimal(ppm, 4, 2, Rounding::Down))
    };
    let levels = |noise: Option<&TemplateNoise>| {
        noise.map_or_else(Default::default, |noise| {
            (level(noise.level_ppm), level(noise.total_level_ppm))
        })
    };
    let (conversion, conversion_total) = levels(noise(TemplateId::Conversion));
    let (revenue, revenue_total) = levels(noise(TemplateId::Revenue));
    let clamp = i64::try_from(parameters.clamp_cents).unwrap_or(i64::MAX);
    let clamp = language.euros(&language.decimal(clamp, 2, 0, Rounding::Nearest));
    let interval = fill(
        text.read_interval,
        &[
            ("conversion", &conversion),
            ("conversion_total", &conversion_total),
            ("revenue", &revenue),
            ("revenue_total", &revenue_total),
        ],
    );
    let threshold = language.integer(section.map_or(0, |section| section.threshold));
    vec![
        interval,
        fill(text.read_small, &[("threshold", &threshold)]),
        text.read_all_cells.to_owned(),
        text.read_zero.to_owned(),
        text.read_total.to_owned(),
        text.read_stated.to_owned(),
        fill(text.read_clamp, &[("clamp", &clamp)]),
        text.read_files.to_owned(),
    ]
}

fn facts(document: &Certificate, language: Language) -> Vec<Fact> {
    let text = language.text();
    let question = &document.question;
    let number = language.integer(question.snapshot);
    let actor = document.approval.by.to_string();
    let at = language.moment(&document.approval.at);
    let plain = |label, value: String| Fact { label, value, code: None };
    let coded = |label, value: &str, code: String| Fact {
        label,
        value: value.to_owned(),
        code: Some(code),
    };
    let (programme, principal) = (&document.programme, &document.principal);
    vec![
        coded(text.programme_label, &programme.name, programme.id.to_string()),
        coded(text.principal_label, &principal.name, principal.id.to_string()),
        plain(text.period_label, language.month(&question.period)),
        plain(text.templates_label, question.templates.join(", ")),
        plain(text.snapshot_label, fill(text.snapshot_note, &[("number", &number)])),
        coded(text.policy_label, &document.policy.name, document.policy.sha256.to_string()),
        plain(text.approval_label, fill(text.approval, &[("actor", &actor), ("moment", &at)])),
        coded(text.question_label, "", document.question_sha256.to_string()),
        coded(text.leads_root_label, "", question.leads_root.to_string()),
        coded(text.account_id_label, "", document.account.id.to_string()),
    ]
}

fn deposits(all: &[CertifiedDeposit], language: Language) -> Vec<Group> {
    let text = language.text();
    let kinds = [
        (FileKind::Leads, text.kind_leads),
        (FileKind::Sales, text.kind_sales),
        (FileKind::Customers, text.kind_customers),
        (FileKind::Oppositions, text.kind_oppositions),
        (FileKind::Consents, text.kind_consents),
    ];
    let group = |(kind, name): (FileKind, &'static str)| {
        let of_kind = all.iter().filter(|deposit| deposit.kind == kind);
        let commitments: Vec<_> = of_kind.map(|one| one.commitment.to_string()).collect();
        let count = language.integer(commitments.len() as u64);
        (!commitments.is_empty()).then_some(Group { kind: name, count, commitments })
    };
    kinds.into_iter().filter_map(group).collect()
}

/// Where the ledger speaks of the release, as the proof says; none if it cannot be read.
fn proof(certificate: &Attested<Certificate>, language: Language) -> Option<Proof> {
    let proof = LedgerProof::parse(certificate.evidence.proof.as_bytes()).ok()?;
    let checkpoint = String::from_utf8(proof.checkpoint_bytes().to_vec()).ok()?;
    let mut lines = checkpoint.lines();
    let origin = lines.next()?;
    let size: u64 = lines.next()?.parse().ok()?;
    let (index, size) = (language.integer(proof.index()), language.integer(size));
    let values = [("index", &*index), ("origin", origin), ("size", &*size)];
    let place = fill(language.text().ledger_index, &values);
    Some(Proof { place, checkpoint })
}

pub(super) fn keys(trust: &Trust, text: &'static Text) -> [(&'static str, String); 3] {
    trust.fingerprints().map(|(key, fingerprint)| {
        let name = match key {
            "ledger" => text.key_ledger,
            "signing" => text.key_signing,
            "sealing" => text.key_sealing,
            other => other,
        };
        (name, fingerprint)
    })
}
