//! The rules for single values behind one door, in the form of the published vectors
//! (`tests/vectors/v1`): what a page shows of a value, and what proves that this build normalises as
//! every other one does.

use serde::Deserialize;
use serde_json::{Value, json};
use tiers_contact::{
    Kind, Tokeniser, canaries, canary_tokens,
    near::{Person, Street},
    normalise::{
        Reading, address, amount,
        date::{self, Order, Purpose},
        email, name, number, phone, skeleton, town,
    },
};

use crate::fault::Fault;

/// The input of a vector; which fields it has depends on the rule.
#[derive(Deserialize)]
struct Input {
    r#in: Option<String>,
    first: Option<String>,
    last: Option<String>,
    full: Option<String>,
    order: Option<String>,
    purpose: Option<String>,
}

/// The input of a vector of the near kinds: parts in their normal forms.
#[derive(Deserialize)]
struct Parts {
    kind: Kind,
    #[serde(default)]
    names: Vec<String>,
    birth: Option<jiff::civil::Date>,
    postcode: Option<String>,
    town: Option<String>,
    street: Option<String>,
    landline: Option<String>,
}

/// Applies the rule of one vector file (`email`, `phone`...) to the input of a case.
///
/// # Errors
/// [`Fault::Asked`] for a rule or an input that this build does not know.
pub fn apply(rule: &str, input: &str) -> Result<Value, Fault> {
    if rule == "near" {
        return near(serde_json::from_str(input).map_err(|_| Fault::Asked)?);
    }
    let input: Input = serde_json::from_str(input).map_err(|_| Fault::Asked)?;
    let cell = || input.r#in.as_deref().ok_or(Fault::Asked);
    Ok(match rule {
        "email" => shown(email::normalise(cell()?)),
        "street" => shown(address::normalise(cell()?)),
        "postcode" => shown(number::postcode(cell()?)),
        "siret" => shown(number::siret(cell()?)),
        "card" => shown(number::card(cell()?)),
        "town" => shown(town::normalise(cell()?)),
        "skeleton" => shown(Reading::Good(skeleton::skeleton(cell()?))),
        "phone" => phones(cell()?),
        "name" => match (&input.full, &input.first, &input.last) {
            (Some(full), None, None) => shown(name::normalise_full(full)),
            (None, Some(first), Some(last)) => shown(name::normalise(first, last)),
            _ => return Err(Fault::Asked),
        },
        "date" => {
            let (order, purpose) = (order(&input)?, purpose(&input)?);
            let out = date::parse(cell()?, order, purpose).map(|date| date.to_string());
            json!({ "out": out })
        }
        "amount" => json!({ "out": amount::parse(cell()?) }),
        _ => return Err(Fault::Asked),
    })
}

/// The texts of one near kind, each once, sorted.
fn near(parts: Parts) -> Result<Value, Fault> {
    let kind = parts.kind;
    let person = Person {
        names: parts.names,
        birth: parts.birth,
        postcode: parts.postcode,
        town: parts.town,
        street: parts.street.as_deref().map(Street::of),
        landline: parts.landline,
    };
    if !kind.is_near() {
        return Err(Fault::Asked);
    }
    let mut texts = person.texts(kind);
    texts.sort();
    texts.dedup();
    Ok(json!({ "texts": texts }))
}

/// Normal forms and tokens of the canaries under a key, all of them public.
#[must_use]
pub fn canary_list(key: &[u8; 32], domain: &str) -> Value {
    let tokens = canary_tokens(&Tokeniser::new(key, domain), &Kind::ALL);
    let list = tokens.into_iter().filter_map(|(place, kind, token)| {
        let text = canaries().get(place)?.normalised(kind);
        let token = token.to_base64url();
        Some(json!({ "canary": place, "kind": kind, "text": text, "token": token }))
    });
    list.collect()
}

fn shown(reading: Reading<String>) -> Value {
    let (reading, out) = match reading {
        Reading::Good(text) => ("good", Some(text)),
        Reading::Repaired(text, _) => ("repaired", Some(text)),
        Reading::Missing => ("missing", None),
        Reading::Refused => ("refused", None),
    };
    json!({ "reading": reading, "out": out })
}

fn phones(cell: &str) -> Value {
    let found = phone::normalise(cell);
    let state = match &found {
        found if found.is_missing() => "missing",
        found if found.refused => "refused",
        found if !found.repairs.is_empty() => "repaired",
        _ => "good",
    };
    json!({ "mobile": found.mobile, "landline": found.landline, "state": state })
}

fn order(input: &Input) -> Result<Order, Fault> {
    match input.order.as_deref() {
        Some("day") => Ok(Order::DayFirst),
        Some("month") => Ok(Order::MonthFirst),
        _ => Err(Fault::Asked),
    }
}

fn purpose(input: &Input) -> Result<Purpose, Fault> {
    match input.purpose.as_deref() {
        Some("birth") => Ok(Purpose::Birth),
        Some("event") => Ok(Purpose::Event),
        _ => Err(Fault::Asked),
    }
}
