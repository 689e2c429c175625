//! A form to start from: every field is there, texts between < and > are to be filled in.

use serde_json::{Value, json};

/// The form.
pub(super) fn form() -> Value {
    let party = |role: &str| {
        json!({
            "id": "<SIREN>", "name": "<name>", "address": "<seat>", "contact": "<data protection>",
            "type": "organisation", "role": role,
        })
    };
    json!({
        "format": "tiers-consent-form/1",
        "replaces": null,
        "notice": {
            "url": "https://<where the notice stands>", "version": 1,
            "text": "<the text, word for word: it names every controller and recipient, and says: \
                     Vous pouvez retirer votre consentement à tout moment.>",
        },
        "language": "fr", "purpose": "transmission", "channel": "email", "pii": ["email"],
        "controllers": [party("controller")],
        "storage": ["FR"], "retention_months": 36, "validity_months": 36, "jurisdiction": "FR",
        "recipients": [party("recipient")],
        "withdrawal": "https://<where consent is withdrawn>",
        "gdpr": {
            "lawful_basis": "gdpr-6-1-a", "method": "web_form", "collector": "<SIREN>",
            "third_countries": {"transfer": "none"},
            "rights": ["access", "rectification", "erasure", "restriction", "portability",
                       "withdrawal", "complaint"],
            "authority": "CNIL", "conditional": false,
        },
        "review": {
            "reviewer": "<who looked at the form>", "captured_at": 0,
            "screenshot": null, "code": null,
            "nothing_ticked": false, "refusal_as_visible": false, "block_of_its_own": false,
            "plain_words": false, "nothing_hangs_on_it": false,
            "audits": [],
        },
    })
}
