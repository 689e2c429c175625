//! The agreement to start from, on a command line and in a page. What stands between < and > is for people to fill in.

use serde_json::{Value, json};

use crate::ids::ExchangeId;
use crate::party::PartyPublic;

/// An agreement in which the proposer gives records by e-mail, and the other a service.
#[must_use]
pub fn draft(exchange: &ExchangeId, [own, other]: [&PartyPublic; 2]) -> Value {
    let records = json!({
        "gives": "records", "lot_cents": 0,
        "fields": ["email", "title", "first_name", "last_name"],
    });
    let service =
        json!({ "gives": "service", "what": "<what you give in return>", "price_cents": 0 });
    json!({
        "format": "tiers-exchange-agreement/1",
        "exchange": exchange,
        "proposer": side(own, &records),
        "other": side(other, &service),
        "purpose": "<what the recipient does with the records>",
        "sector": "general",
        "audience": "consumer",
        "offer_of_profession": false,
        "channels": { "email": "consent" },
        "offer": "<the commercial offer>",
        "message": "<first message; it names {source}, {advertiser} and {opt_out}>",
        "begins": "<first day, YYYY-MM-DD>",
        "ends": "<last day, YYYY-MM-DD>",
        "retention_months": 36,
        "security": "<how both protect the records>",
        "size_class": 1024,
    })
}

fn side(keys: &PartyPublic, gives: &Value) -> Value {
    json!({
        "party": "<party id, as in the credentials file>",
        "role": "sole",
        "name": "<legal name>",
        "siren": "<SIREN>",
        "address": {
            "street": "<number and street>", "postcode": "<postcode>", "town": "<town>",
            "country": "FR",
        },
        "dpo": {
            "name": "<officer, and how to reach it>", "key": "<signing key of the officer>",
            "sealing": "<sealing key of the officer>",
        },
        "rights_contact": "<where persons exercise their rights>",
        "notice_url": "<https:// address of the notice>",
        "keys": keys,
        "requester": "<who asks for the exchange>",
        "signatory": { "name": "<who approves it>", "key": "<signing key of the signatory>" },
        "gives": gives,
        "invoicing": {
            "mandate": "<reference of the written mandate to invoice>",
            "series": "EXC",
            "vat_id": "<FR and eleven characters>",
            "penalties": "Pénalités de retard : trois fois le taux d'intérêt légal.",
            "discount": "Pas d'escompte pour paiement anticipé.",
            "payment_days": 30,
            "tax_on_debits": false,
            "valuation": "market_sales",
            "size": "small",
        },
    })
}
