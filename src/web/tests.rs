//! The page is made from documents that real code wrote and signed, and that verify.
//!
//! With `TIERS_PAGES=DIR` the pages are also written there, to be looked at.

#![allow(clippy::unwrap_used)]

use tiers_contact::FileKind;
use tiers_protocol::attested::{Attested, Evidence, Recorded as _};
use tiers_protocol::canonical;
use tiers_protocol::certificate::{
    AccountStatement, Certificate, CertificateFormat, CertifiedDeposit, NamedParty, NamedPolicy,
    NamedProgramme, Question, StandingApproval, verify,
};
use tiers_protocol::encoding::{Bytes, sha256};
use tiers_protocol::ids::{AccountId, ActorId, PartyId, ProgrammeId, ReleaseId};
use tiers_protocol::party::PartySecret;
use tiers_protocol::policy::Policy;
use tiers_protocol::report::{ExactTotals, Period, Report, ReportHead, Section};
use tiers_protocol::tlog::{Entry, EntryType, LedgerProof, LedgerSigner, OpaqueId, commit};
use tiers_protocol::trust::Trust;

use super::{Language, certificate_page};
use crate::disclosure::{
    ExactTables, GateError, Mechanism, Noise, PublicAxes, PublicCampaign, Terms, release,
    write_report,
};

/// Campaigns as a test states them: name, leads, cents spent, noisy count, noisy average basket.
type Stated<'a> = (&'a str, u64, u64, i64, i64);

const SIX: [Stated<'_>; 6] = [
    ("C24-PRINTEMPS", 1_012, 4_200_000, 61, 2_310_000),
    ("C24-ETE", 640, 1_800_000, 12, 2_000_000),
    ("C24-RENTREE", 1_204, 6_050_000, 118, 2_245_000),
    ("C24-NOEL", 530, 2_500_000, 27, 1_900_000),
    ("C25-SOLDES", 0, 0, 0, 2_000_000),
    ("C25-ELEC", 1_444, 7_500_000, 203, 2_980_000),
];

/// No noise: what a test states is what the report holds.
struct AsStated;

impl Noise for AsStated {
    fn add(&mut self, exact: Vec<i64>, _: &Mechanism) -> Result<Vec<i64>, GateError> {
        Ok(exact)
    }
}

struct Documents {
    certificate: Attested<Certificate>,
    report: Report,
    trust: Trust,
}

impl Documents {
    fn section(&self) -> &Section {
        self.report.campaigns().unwrap()
    }

    fn page(&self, language: Language) -> String {
        certificate_page(&self.certificate, &self.report, &self.trust, language)
    }
}

fn documents(programme: &str, campaigns: &[Stated<'_>]) -> Documents {
    let policy =
        Policy::from_toml(include_str!("../../policies/disclosure/standard.toml")).unwrap();
    let axes = axes(campaigns);
    let terms = Terms::of(&policy, &axes).unwrap();
    let programme =
        NamedProgramme { id: ProgrammeId::from_bytes([1; 16]), name: programme.to_owned() };
    let named =
        NamedPolicy { name: policy.name().to_owned(), sha256: sha256(&canonical::to_vec(&policy)) };
    let head = ReportHead {
        release: ReleaseId::from_bytes([7; 16]),
        programme: programme.clone(),
        policy: named.clone(),
        period: Period::try_from("2025-05".to_owned()).unwrap(),
        snapshot: 14,
    };
    let report = report(head, campaigns, &axes, &terms);
    let certificate = certificate(&report, programme, named, terms.cost_nrho());
    attest(certificate, report)
}

fn axes(campaigns: &[Stated<'_>]) -> PublicAxes {
    let stated = campaigns.iter().map(|&(name, leads, cost_cents, ..)| PublicCampaign {
        name: name.to_owned(),
        leads,
        cost_cents,
    });
    PublicAxes::of_campaigns(stated.collect())
}

fn report(head: ReportHead, campaigns: &[Stated<'_>], axes: &PublicAxes, terms: &Terms) -> Report {
    let counts = campaigns.iter().map(|c| c.3).collect();
    let centre = i64::try_from(terms.centre_cents()).unwrap();
    let sums = campaigns.iter().map(|c| c.3 * (c.4 - centre)).collect();
    let noisy = release(ExactTables::by_campaign(counts, sums), terms, &mut AsStated).unwrap();
    write_report(head, &noisy, axes, terms).unwrap()
}

fn certificate(
    report: &Report,
    programme: NamedProgramme,
    policy: NamedPolicy,
    cost_nrho: u64,
) -> Certificate {
    let question = Question {
        templates: vec!["conversion/1".to_owned(), "revenue/1".to_owned()],
        period: "2025-05".to_owned(),
        snapshot: 14,
        leads_root: sha256(b"leads"),
        lift: None,
        exact: false,
    };
    let deposit = |n: u8| CertifiedDeposit {
        kind: if n == 0 { FileKind::Leads } else { FileKind::Sales },
        commitment: sha256(&[n]),
    };
    Certificate {
        format: CertificateFormat::V1,
        release: report.head.release,
        programme,
        principal: NamedParty {
            id: PartyId::from_bytes([2; 16]),
            siren: "732829320".to_owned(),
            name: "Automobiles Delmas SA".to_owned(),
        },
        policy,
        question_sha256: sha256(&canonical::to_vec(&question)),
        question,
        account: AccountStatement {
            id: AccountId::from_bytes([3; 16]),
            cap_nrho: 300_000_000,
            cost_nrho,
            spent_nrho: 2 * cost_nrho,
            left_nrho: 300_000_000 - 2 * cost_nrho,
        },
        deposits: (0..15).map(deposit).collect(),
        approval: StandingApproval {
            by: ActorId::from_bytes([4; 16]),
            at: "2025-05-01T09:00:00Z".to_owned(),
        },
        report_sha256: sha256(&canonical::to_vec(report)),
        released_at: "2025-06-11T06:00:00.5Z".to_owned(),
    }
}

/// Signs, and records in a ledger of one entry.
fn attest(certificate: Certificate, report: Report) -> Documents {
    let keys = PartySecret::generate(&mut tiers_protocol::entropy::System);
    let ledger = LedgerSigner::from_seed("tiers.example/ledger", &[9; 32]).unwrap();
    let salt = [5; 32];
    let id = |text: String| OpaqueId::new(&text).unwrap();
    let entry = Entry::act(
        EntryType::ReleasePublished,
        "2025-06-11T06:00:00Z".parse().unwrap(),
        id(ActorId::from_bytes([6; 16]).to_string()),
        id(certificate.object()),
        commit(&salt, &canonical::to_vec(&certificate)),
    )
    .unwrap()
    .encode();
    let root = tlog_tiles::record_hash(&entry).0;
    let proof = LedgerProof::new(0, Vec::new(), ledger.sign(1, root)).unwrap();
    let evidence = Evidence {
        entry: String::from_utf8(entry).unwrap(),
        salt: Bytes::new(salt),
        proof: String::from_utf8(proof.encode()).unwrap(),
    };
    let public = keys.public();
    let trust = Trust::new(
        "tiers.example/ledger".to_owned(),
        ledger.verifier().vkey(),
        public.signing,
        public.sealing,
    );
    let certificate = Attested::new(certificate, evidence, &keys.signing());
    verify(&certificate.to_vec(), &canonical::to_vec(&report), &trust).unwrap();
    Documents { certificate, report, trust }
}

const BOTH: [(Language, &str); 2] = [(Language::French, "fr"), (Language::English, "en")];

/// Addresses, scripts and whatever else would make a browser ask or run something.
fn asks_for_nothing(page: &str) -> bool {
    let page = page.to_lowercase();
    ["<script", "http://", "https://", "src=", "url(", "@import", "<link", "<img", "javascript:"]
        .iter()
        .all(|part| !page.contains(part))
}

#[test]
fn a_page_is_one_document_and_asks_for_nothing() {
    let documents = documents("Réseau Delmas 2025", &SIX);
    for (language, name) in BOTH {
        let page = documents.page(language);
        assert!(asks_for_nothing(&page));
        assert!(page.contains(&format!("<html lang=\"{name}\">")));
        assert!(page.contains("default-src 'none'"));
        assert_eq!(page.matches("<h1>").count(), 1);
        // Every picture says in words what it shows.
        let pictures = page.matches("<svg").count();
        assert_eq!(pictures, 3);
        assert_eq!(page.matches("<desc id=").count(), pictures);
        assert_eq!(page.matches("</title>").count(), pictures + 1);
        if let Some(folder) = std::env::var_os("TIERS_PAGES") {
            let file = std::path::Path::new(&folder).join(format!("certificate.{name}.html"));
            std::fs::write(file, page).unwrap();
        }
    }
}

#[test]
fn exact_totals_are_printed_as_unprotected() {
    let plain = documents("Réseau Delmas 2025", &SIX);
    let page = |totals: ExactTotals, language| {
        let mut certificate = plain.certificate.clone();
        certificate.document.question.exact = true;
        let report = Report { unprotected: Some(totals), ..plain.report.clone() };
        certificate_page(&certificate, &report, &plain.trust, language)
    };
    let all =
        ExactTotals { partners: 7, conversions: Some(1_234), revenue_cents: Some(250_000_000) };
    for (totals, french, english) in [
        (all, "1\u{202f}234 conversions, chiffre", "1,234 conversions, revenue €2,500,000."),
        (ExactTotals { revenue_cents: None, ..all }, "comptées\u{a0}: 1", "counted: 1,234."),
        (
            ExactTotals { conversions: None, revenue_cents: None, ..all },
            "Moins de 100",
            "Fewer than 100",
        ),
    ] {
        let (fr, en) = (page(totals, Language::French), page(totals, Language::English));
        assert!(fr.contains("Totaux exacts, sans protection") && fr.contains(french));
        assert!(en.contains("Exact totals, unprotected") && en.contains(english));
        // Beside the figures, and beside the bounds that do not hold.
        assert_eq!(en.matches("Each of the 7 partners of the programme agreed").count(), 2);
        assert!(asks_for_nothing(&en) && !en.contains("The exact values never left"));
    }
    for (language, _) in BOTH {
        let page = plain.page(language);
        assert!(!page.contains("unprotected") && !page.contains("sans protection"));
    }
}

#[test]
fn every_shown_figure_stands_on_the_page_with_its_interval() {
    let documents = documents("Réseau Delmas 2025", &SIX);
    let page = documents.page(Language::French);
    let conversions = documents.section().rows[5].figures.units.figure().unwrap();
    let (low, high) = (conversions.low, conversions.high);
    assert!(page.contains(&format!("<b>203</b><small>{low} à {high}</small>")));
    assert!(page.contains("Taux"));
    assert!(page.contains("42\u{202f}000\u{a0}€"), "what was spent");
    let page = documents.page(Language::English);
    assert!(page.contains(&format!("<b>203</b><small>{low} to {high}</small>")));
    assert!(page.contains("€42,000"));
    assert!(page.contains("11\u{a0}June\u{a0}2025 at 06:00 UTC"));
}

#[test]
fn a_hidden_campaign_is_explained_and_its_count_stands_nowhere() {
    let mut stated = SIX;
    stated[1].3 = 13;
    stated[4].3 = 14;
    let documents = documents("Réseau Delmas 2025", &stated);
    for (language, _) in BOTH {
        let page = documents.page(language);
        assert_eq!(page.matches("class=\"hidden\" x=").count(), 4, "two rows in two pictures");
        assert_eq!(page.matches("<tr role=\"row\" class=\"hidden\">").count(), 2);
        assert!(!page.contains("<b>13</b>") && !page.contains("<b>14</b>"));
    }
    let french = documents.page(Language::French);
    assert!(french.contains("n’atteint pas le seuil public de 15"));
    assert!(french.contains("Ce n’est ni une erreur, ni un zéro"));
}

#[test]
fn a_total_that_would_give_a_campaign_away_is_explained() {
    let mut stated = SIX;
    stated[4] = ("C25-SOLDES", 700, 100, 90, 2_000_000);
    let documents = documents("Réseau Delmas 2025", &stated);
    assert!(documents.section().total.noisy.is_none());
    let page = documents.page(Language::French);
    assert!(page.contains("Le total du mois n’est pas publié"));
    assert!(page.contains("la révélerait par soustraction"));
    assert!(documents.page(Language::English).contains("give it away by subtraction"));
}

#[test]
fn a_quotient_without_denominator_is_explained() {
    let mut stated = SIX;
    stated[2].2 = 0;
    let page = documents("Réseau Delmas 2025", &stated).page(Language::French);
    assert_eq!(page.matches("sans objet\u{a0}: aucune dépense déclarée").count(), 1);
}

#[test]
fn a_campaign_of_which_nearly_all_converted_is_explained() {
    let mut stated = SIX;
    stated[0].1 = 65;
    let documents = documents("Réseau Delmas 2025", &stated);
    let page = documents.page(Language::French);
    assert_eq!(page.matches("il resterait moins de 11 leads").count(), 1);
    assert!(documents.section().total.noisy.is_some());
    assert!(documents.page(Language::English).contains("fewer than 11 leads would be left"));
    // All of them: the total says so too, and not that one campaign could be subtracted.
    let stated = SIX.map(|(name, _, cost, ..)| (name, 100, cost, 95, 2_000_000));
    let page = self::documents("Réseau Delmas 2025", &stated).page(Language::French);
    assert_eq!(page.matches("il resterait moins de 11 leads").count(), 6);
    assert!(!page.contains("par soustraction"));
}

#[test]
fn a_month_without_any_shown_figure_still_makes_a_page() {
    let stated = SIX.map(|(name, leads, cost, ..)| (name, leads, cost, 3, 2_000_000));
    let page = documents("Réseau Delmas 2025", &stated).page(Language::French);
    assert_eq!(page.matches("<tr role=\"row\" class=\"hidden\">").count(), 7);
    assert_eq!(page.matches("<svg").count(), 1, "the account, and no empty chart");
}

#[test]
fn hostile_names_are_text() {
    let mut stated = SIX;
    stated[5].0 = "<script>alert(1)</script>";
    stated[0].0 = "\"><img src=x onerror=alert(1)>{{7*7}}{% raw %}";
    let page = documents("</title><svg onload=alert(1)>&", &stated).page(Language::English);
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<svg onload"));
    assert!(page.contains("{{7*7}}"), "a name is never a template");
    assert_eq!(page.matches("</title>").count(), 4);
}

#[test]
fn the_page_says_how_to_verify_and_against_what() {
    let documents = documents("Réseau Delmas 2025", &SIX);
    for (language, _) in BOTH {
        let page = documents.page(language);
        assert!(page.contains("tiers certificate verify certificate.json --trust trust.json"));
        for (_, fingerprint) in documents.trust.fingerprints() {
            assert!(page.contains(&fingerprint));
        }
        let document = &documents.certificate.document;
        assert!(page.contains(&document.report_sha256.to_string()));
        assert!(page.contains(&document.question_sha256.to_string()));
        assert!(page.contains(&document.policy.sha256.to_string()));
        assert!(page.contains("tiers.example/ledger"));
        for deposit in &document.deposits {
            assert!(page.contains(&deposit.commitment.to_string()));
        }
        // What the best attacker reaches under one, two and three keys for this release.
        for share in ["58", "65", "72"] {
            assert!(page.contains(&format!("<td>{share}")));
        }
    }
}

#[test]
fn a_proof_that_cannot_be_read_is_said_so() {
    let mut documents = documents("Réseau Delmas 2025", &SIX);
    assert!(!documents.page(Language::French).contains("ne vous fiez pas à cette page"));
    documents.certificate.evidence.proof.clear();
    assert!(documents.page(Language::French).contains("ne vous fiez pas à cette page"));
}
