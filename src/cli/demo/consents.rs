//! Consent in the demonstration: the brand makes a rights key and wraps it to a dealer, who publishes a form,
//! brings in what persons said on it, and one of them takes it back. Nobody of it exists.

use serde_json::{Value, json};
use tiers_protocol::encoding::sha256;

use super::super::error::CliError;
use super::super::files;
use super::actor::{Actor, command};
use super::cast::{Cast, text};
use super::network::{self, BRAND, BRAND_NUMBER, DEALER_NUMBER, Dealer};

/// The person whom the demonstration proposes to look for.
pub const PERSON: &str = "claire.aumont@exemple.example";

/// What persons said on the dealer's form: the first confirms a year later, the third takes it back.
const SAID: &str = "\
email,date,state,ticked
claire.aumont@exemple.example,2025-02-03,given,yes
marc.delorme@exemple.example,2025-02-10,given,yes
lea.fontaine@exemple.example,2025-03-04,given,yes
lea.fontaine@exemple.example,2025-09-12,withdrawn,no
jules.perrin@exemple.example,2025-03-20,given,no
claire.aumont@exemple.example,2026-01-15,reconfirmed,yes
";

/// What was recorded.
pub struct Gathered {
    /// Events of persons.
    pub events: u64,
    /// Agreements whose evidence is missing.
    pub quarantined: u64,
}

/// Plays the scene with the first dealer.
///
/// # Errors
/// [`CliError`].
pub fn gather(cast: &Cast) -> Result<Gathered, CliError> {
    let (actor, dealer) = cast.dealers.first().ok_or(CliError::Story("no dealer"))?;
    hand_over_key(cast, actor)?;
    let form = files::pretty(&form(dealer));
    files::replace(&actor.path("consent_form.json"), form.as_bytes())?;
    let published = actor.run(command![
        "consent",
        "form",
        "publish",
        "consent_form.json",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    files::replace(&actor.path("consents.csv"), SAID.as_bytes())?;
    let shown = sha256(b"The form as it stood on the page").to_string();
    let shared = json!({
        "kind": "form", "version": "1", "screenshot": shown,
        "terminal": sha256(b"The terminal in the showroom").to_string(),
    });
    files::replace(&actor.path("evidence.json"), files::pretty(&shared).as_bytes())?;
    let imported = actor.run(command![
        "consent",
        "import",
        "consents.csv",
        "--form",
        text(&published, "form")?,
        "--key",
        "rights.key",
        "--evidence",
        "evidence.json",
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    let number = |name: &str| imported[name].as_u64().unwrap_or(0);
    Ok(Gathered { events: number("events"), quarantined: number("quarantined") })
}

/// The rights key is the principal's; a dealer gets it wrapped, its fingerprint confirmed.
fn hand_over_key(cast: &Cast, dealer: &Actor) -> Result<(), CliError> {
    cast.brand.run(command!["consent", "key", "new", "--out", "rights.key"])?;
    let keys = dealer.run(command!["party", "show", "keys"])?;
    let wrapped = cast.brand.path("dealer.rights");
    cast.brand.run(command![
        "consent",
        "key",
        "wrap",
        "rights.key",
        "--party-pub",
        dealer.path("keys/party.pub"),
        "--fingerprint",
        text(&keys, "fingerprint")?,
        "--out",
        &wrapped,
    ])?;
    dealer.run(command![
        "consent",
        "key",
        "unwrap",
        &wrapped,
        "--party-key",
        "keys",
        "--out",
        "rights.key",
    ])?;
    Ok(())
}

fn party((number, name): (u32, &str), role: &str) -> Value {
    json!({
        "id": network::siren(number), "name": name, "address": "1 rue de la Gare, 15000 Aurillac",
        "contact": "donnees@exemple.example", "type": "organisation", "role": role,
    })
}

/// The form by which the dealer's customers let the brand write to them.
fn form(dealer: &Dealer) -> Value {
    let collector = network::siren(DEALER_NUMBER);
    let digest = sha256(b"The form as it stood on the page").to_string();
    let told = format!(
        "{} transmet votre adresse électronique à {BRAND}, qui vous écrira au sujet de ses offres. \
         Vous pouvez retirer votre consentement à tout moment.",
        dealer.name,
    );
    json!({
        "format": "tiers-consent-form/1",
        "replaces": null,
        "notice": { "url": "https://exemple.example/donnees", "version": 1, "text": told },
        "language": "fr", "purpose": "transmission", "channel": "email", "pii": ["email"],
        "controllers": [party((DEALER_NUMBER, dealer.name), "controller")],
        "storage": ["FR"], "retention_months": 36, "validity_months": 36, "jurisdiction": "FR",
        "recipients": [party((BRAND_NUMBER, BRAND), "recipient")],
        "withdrawal": "https://exemple.example/donnees#retrait",
        "gdpr": {
            "lawful_basis": "gdpr-6-1-a", "method": "web_form", "collector": collector,
            "third_countries": { "transfer": "none" },
            "rights": ["access", "rectification", "erasure", "restriction", "portability",
                       "withdrawal", "complaint"],
            "authority": "CNIL", "conditional": false,
        },
        "review": {
            "reviewer": "Camille Renaud", "captured_at": 1_735_689_600,
            "screenshot": digest, "code": digest,
            "nothing_ticked": true, "refusal_as_visible": true, "block_of_its_own": true,
            "plain_words": true, "nothing_hangs_on_it": true,
            "audits": [],
        },
    })
}
