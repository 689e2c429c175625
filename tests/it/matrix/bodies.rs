//! Bodies of requests, with names of objects in quotes and braces. They say enough for a use case to look for the
//! object; what else may be wrong with them is tested elsewhere.

use tiers_protocol::wire::Role;

/// What an operation is sent.
pub enum Body {
    /// This.
    Json(String),
    /// Nothing: the object is looked for before the body is read, or there is none.
    Unread,
    /// Nobody has said.
    Unknown,
}

const SIGNED: &str = r#""signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#;

/// The body of an operation in a role.
pub fn body(operation: &str, role: Role) -> Body {
    let because = r#"{"because": "wanted"}"#;
    let text = match operation {
        "POST /v1/invitations" => r#"{"name": "Anne", "again": "{person}"}"#,
        "POST /v1/accesses/{account}/replacement"
        | "POST /v1/accesses/{account}/revocation"
        | "POST /v1/accesses/{account}/flag" => because,
        "POST /v1/programmes/{programme}/partners" => {
            r#"{"party": "{party}", "declared_size": 300}"#
        }
        "PUT /v1/programmes/{programme}/keys/{party}" => {
            let wrapped = tiers_protocol::encoding::encode(&[1; 80]);
            return Body::Json(format!(r#"{{"wrapped": "{wrapped}"}}"#));
        }
        "PUT /v1/programmes/{programme}/declaration" => {
            r#"{"declared_size": 300, "region": "", "named": true, "exact": false}"#
        }
        "POST /v1/programmes/{programme}/approval" => {
            return Body::Json(format!(r#"{{"policy_sha256": "{}"}}"#, digest()));
        }
        "POST /v1/programmes/{programme}/governance" if role == Role::Operator => {
            r#"{"record": "subprocessor", "number": "1", "name": "x", "country": "FR", "task": "x",
                "from": "2025-09-01"}"#
        }
        "POST /v1/programmes/{programme}/governance" => {
            r#"{"record": "instruction", "text": "comparer", "given_by": "direction"}"#
        }
        "POST /v1/programmes/{programme}/governance/flags" => {
            r#"{"party": "{party}", "version": 1, "reason": "unlawful"}"#
        }
        "POST /v1/programmes/{programme}/lifts" => r#"{"treated_permille": 500}"#,
        "POST /v1/lifts/{lift}/freezing" => r#"{"source": "drand-quicknet"}"#,
        "POST /v1/lifts/{lift}/beacon" => {
            r#"{"source": "drand-quicknet", "round": 1, "randomness": "00", "signature": "00"}"#
        }
        "POST /v1/reports" | "POST /v1/reports/plan" => {
            r#"{"programme": "{programme}", "period": "2025-06"}"#
        }
        "POST /v1/own-counts" | "POST /v1/own-counts/plan" => {
            r#"{"programme": "{programme}", "month": "2025-04"}"#
        }
        "POST /v1/erasures" => r#"{"of": "deposit", "deposit": "{deposit}", "reason": "wanted"}"#,
        "POST /v1/deletions" if role == Role::Partner => {
            r#"{"programme": "{programme}", "party": "{own_party}"}"#
        }
        "POST /v1/deletions" => r#"{"programme": "{programme}"}"#,
        "POST /v1/alerts/{alert}" => r#"{"finding": "an old script"}"#,
        "POST /v1/breaches/{breach}" => {
            r#"{"aware": "2025-09-01T12:00:00Z", "controllers": [], "nature": "copie"}"#
        }
        "POST /v1/collections" => r#"{"forms": ["{form}"], "quota": 10}"#,
        "POST /v1/collections/{collection}/fetched" => r#"{"submissions": []}"#,
        "POST /v1/consents" => return Body::Json(consents()),
        "POST /v1/requests/{request}" => r#"{"step": "identity", "doubt": "another address"}"#,
        "POST /v1/webhooks/{webhook}/resend" => "{}",
        "POST /v1/exchanges/{exchange}/value" => r#"{"value_cents": 100}"#,
        "POST /v1/exchanges/{exchange}/acts" => {
            return Body::Json(format!(
                r#"{{"act": {{"exchange": "{{exchange}}",
                    "agreement": "{}", "party": "{{own_party}}", "says": "advise", "words": "x"}}, {SIGNED}}}"#,
                digest()
            ));
        }
        "POST /v1/exchanges/{exchange}/invoices/{seller}/filed" => {
            r#"{"what": "invoice", "platform": "x", "reference": "x", "filed_on": "2025-09-01"}"#
        }
        "POST /v1/batches/{batch}/review" => {
            return Body::Json(format!(
                r#"{{"review": {{"exchange": "{{exchange}}", "batch": "{{batch}}", "sample": "{}",
                    "proven": 0, "unproven": [], "words": ""}}, {SIGNED}}}"#,
                digest()
            ));
        }
        "POST /v1/dossiers" => r#"{"about": "{exchange}", "reason": "control"}"#,
        // No body; or one that is read after the object was looked for.
        "POST /v1/notices/{notice}"
        | "PUT /v1/deposits/{deposit}/body"
        | "PUT /v1/batches/{batch}/body"
        | "POST /v1/collections/{collection}/closing"
        | "POST /v1/programmes/{programme}/production"
        | "POST /v1/people/{person}/revocation" => return Body::Unread,
        _ => return Body::Unknown,
    };
    Body::Json(text.to_owned())
}

fn digest() -> String {
    tiers_protocol::encoding::Bytes::new([9; 32]).to_string()
}

/// Nobody's choice on a form: nothing is recorded, and the form is looked for first.
fn consents() -> String {
    let token = tiers_protocol::encoding::Bytes::new([9; 32]);
    format!(
        r#"{{"form": "{{form}}", "events": [{{"tokens": [{{"kind": "email", "token": "{token}"}}],
            "at": 1756700000, "state": "refused", "entity": null, "evidence": null,
            "all_recipients": false}}]}}"#
    )
}
