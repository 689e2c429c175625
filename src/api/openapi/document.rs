//! From the table of routes to the document. Schemas come from the types of the wire, so that a
//! field that is added there stands here as well.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tiers_protocol::wire::{Problem, Role};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Ref, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::routes::{self, Body, Parameter, Place, Route};
use crate::api::problem::status_of;
use crate::service::Refusal;

/// Schemas by name, as they are met.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A schema, or the name of one.
pub(super) type AnySchema = RefOr<Schema>;

/// Names a type's schema, and adds it and those it needs to the list.
pub(super) type SchemaOf = fn(&mut Schemas) -> AnySchema;

/// The schema of `T` under its own name.
pub(super) fn one<T: ToSchema>(schemas: &mut Schemas) -> AnySchema {
    named::<T>(&T::name(), schemas)
}

/// The schema of `T` under another name: instances of generic types.
pub(super) fn named<T: ToSchema>(name: &str, schemas: &mut Schemas) -> AnySchema {
    schemas.push((name.to_owned(), <T as PartialSchema>::schema()));
    T::schemas(schemas);
    Ref::from_schema_name(name).into()
}

/// A list of `T`.
pub(super) fn many<T: ToSchema>(schemas: &mut Schemas) -> AnySchema {
    ArrayBuilder::new().items(one::<T>(schemas)).into()
}

/// Any text, or one of a pattern.
pub(super) fn text(pattern: Option<&str>) -> AnySchema {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).pattern(pattern).into()
}

/// A whole number from 0.
pub(super) fn whole_number() -> AnySchema {
    let number = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer));
    // What every reader of JSON holds exactly.
    number.minimum(Some(0_u64)).maximum(Some((1_u64 << 53) - 1)).into()
}

/// The whole document.
pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    one::<Problem>(&mut schemas);
    let mut paths = Map::new();
    for route in routes::all() {
        let operation = operation(route, &mut schemas);
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tiers",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A certifier between reluctant partners and a principal. Requests and \
                            answers are JSON with whole numbers only; refusals are problem \
                            documents (RFC 9457) with stable codes.",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "api_key": {
                "type": "http",
                "scheme": "bearer",
                "description": "The API key of a credentials file.",
            } },
        },
    });
    without_links(&mut document);
    let schemas = document["components"]["schemas"].clone();
    join(&mut document["components"]["schemas"], &schemas);
    document
}

/// A variant of a tagged enumeration comes as "all of" its fields and its tag. Where the fields are a closed
/// object, which has no tag, nothing is both: the two are written as one closed object.
fn join(value: &mut Value, schemas: &Value) {
    if let Some(joined) = value.get("allOf").and_then(|parts| joined(parts, schemas)) {
        *value = joined;
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| join(value, schemas)),
        Value::Object(fields) => fields.values_mut().for_each(|value| join(value, schemas)),
        _ => {}
    }
}

fn joined(parts: &Value, schemas: &Value) -> Option<Value> {
    let [named, tag] = parts.as_array()?.as_slice() else { return None };
    let name = named.get("$ref")?.as_str()?.rsplit('/').next()?;
    let mut whole = schemas.get(name)?.clone();
    if whole.get("additionalProperties")? != &Value::Bool(false) {
        return None;
    }
    for (field, schema) in tag.get("properties")?.as_object()? {
        whole["properties"][field] = schema.clone();
    }
    let mut required = whole.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    required.extend(tag.get("required")?.as_array()?.iter().cloned());
    whole["required"] = Value::Array(required);
    Some(whole)
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "description": who(route.roles),
        "x-roles": route.roles,
        "responses": responses(route, schemas),
    });
    if !route.parameters.is_empty() {
        let parameters = route.parameters.iter().map(|one| parameter(one, schemas));
        operation["parameters"] = parameters.collect();
    }
    if let Some(content) = content(route.takes, schemas) {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation["security"] =
        if route.roles.is_empty() { json!([]) } else { json!([{ "api_key": [] }]) };
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split(['/', '.', '{', '}']).filter(|word| !matches!(*word, "" | "v1"));
    let method = route.method.as_str().to_ascii_lowercase();
    [method.as_str()].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

fn who(roles: &[Role]) -> String {
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    if names.is_empty() { "For anybody.".to_owned() } else { format!("For: {}.", names.join(", ")) }
}

fn parameter(parameter: &Parameter, schemas: &mut Schemas) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": (parameter.schema)(schemas),
    })
}

fn content(body: Body, schemas: &mut Schemas) -> Option<Value> {
    let (media, schema) = match body {
        Body::Empty => return None,
        Body::Json(schema) | Body::Canonical(schema) => {
            ("application/json", json!({ "schema": schema(schemas) }))
        }
        Body::Text(media) => (media, json!({ "schema": text(None) })),
        // OpenAPI 3.1: bytes as they are have no schema.
        Body::Bytes(media) => (media, json!({})),
    };
    Some(json!({ media: schema }))
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for (status, body) in route.answers {
        let mut answer = json!({ "description": "Done." });
        if let Some(content) = content(*body, schemas) {
            answer["content"] = content;
        }
        responses.insert(status.to_string(), answer);
    }
    let mut by_status: BTreeMap<u16, Vec<Refusal>> = BTreeMap::new();
    for refusal in refusals(route) {
        by_status.entry(status_of(refusal).as_u16()).or_default().push(refusal);
    }
    for (status, refusals) in by_status {
        responses.insert(status.to_string(), refused(&refusals));
    }
    responses.insert("500".to_owned(), problem("A failure of the certifier.", None));
    Value::Object(responses)
}

/// Every refusal of a route: those of its roles, of its body's form, and its own.
pub(super) fn refusals(route: &Route) -> Vec<Refusal> {
    let mut all = Vec::new();
    if !route.roles.is_empty() {
        all.extend([Refusal::Unauthenticated, Refusal::Forged, Refusal::Forbidden]);
        all.push(Refusal::ChangeDue);
    }
    match route.takes {
        Body::Json(_) => {
            all.extend([Refusal::Malformed, Refusal::RequestTooLarge, Refusal::TooSlow]);
        }
        Body::Canonical(_) => all.extend([Refusal::RequestTooLarge, Refusal::TooSlow]),
        Body::Empty | Body::Bytes(_) | Body::Text(_) => {}
    }
    if !matches!(route.path, "/healthz" | "/readyz") {
        all.push(Refusal::TooOften);
    }
    all.extend(route.refusals);
    all
}

fn refused(refusals: &[Refusal]) -> Value {
    let told = |refusal: &Refusal| format!("- `{}`: {}.", refusal.code(), refusal.title());
    let description: Vec<_> = refusals.iter().map(told).collect();
    let codes = refusals.iter().map(|refusal| refusal.code()).collect();
    problem(&description.join("\n"), Some(codes))
}

fn problem(description: &str, codes: Option<Vec<&str>>) -> Value {
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let schema = match codes {
        None => problem,
        Some(codes) => json!({
            "allOf": [
                problem,
                { "type": "object", "properties": { "code": { "type": "string", "enum": codes } } },
            ],
        }),
    };
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": schema } },
    })
}

/// Descriptions come from the documentation of types: links to other items mean nothing here.
fn without_links(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("[`") => {
            *text = text.replace("[`", "`").replace("`]", "`");
        }
        Value::Array(values) => values.iter_mut().for_each(without_links),
        Value::Object(fields) => fields.values_mut().for_each(without_links),
        _ => {}
    }
}
