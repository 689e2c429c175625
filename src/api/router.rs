//! Every address. Who may reach it is asked at its door ([`super::auth::door`]) before its handler runs; the types
//! of the handlers' arguments hold the same again.

use std::sync::Arc;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::{Extension, Router, middleware};

use super::auth::{self, Shared};
use super::edge::Edge;
use super::table::{Operation, Table, get, post, put};
use super::{
    access, alert, collection, consent, exchange, exchange_upload, governance, ledger, lift,
    officer, openapi, operator, own_count, partner, people, principal, public, rate, retention,
    trace, unread, upload, webhook,
};

/// The API over one certifier, with the standard time limits.
pub fn router(certifier: Shared) -> Router {
    routes(certifier, Arc::new(Edge::default()), Router::new())
}

/// Every operation of the API, as the router has it.
#[must_use]
pub fn operations(certifier: &Shared) -> Vec<Operation> {
    table(certifier).operations().to_vec()
}

/// The API, with pages beside it, under the limits of one edge.
pub(super) fn routes(certifier: Shared, edge: Arc<Edge>, pages: Router<Shared>) -> Router {
    table(&certifier)
        .router()
        .merge(pages)
        .fallback(public::no_route)
        .method_not_allowed_fallback(public::wrong_method)
        .layer(middleware::from_fn(rate::limited))
        .layer(middleware::from_fn_with_state(Arc::clone(&certifier), trace::traced))
        .layer(middleware::map_response(harden))
        .layer(Extension(edge))
        .layer(middleware::map_request(unread::read_on))
        .with_state(certifier)
}

/// Every operation of the API.
fn table(certifier: &Shared) -> Table {
    let table = || Table::new(certifier, auth::door);
    table()
        .route("/healthz", get(public::health))
        .route("/readyz", get(public::ready))
        .route("/openapi.json", get(openapi::openapi))
        .route("/v1/trust", get(public::trust))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/witnessed", get(ledger::witnessed))
        .route("/ledger/tile/{*rest}", get(ledger::tile))
        .route("/v1/parties", post(operator::enrol_party).get(operator::parties))
        .route("/v1/officers", post(operator::enrol_officer))
        .route("/v1/invitations", post(people::invite))
        .route("/v1/people", get(people::people))
        .route("/v1/people/{person}/revocation", post(people::revoke))
        .route("/v1/erasures", post(operator::erase))
        .route("/v1/programmes", post(principal::register))
        .route("/v1/programmes/{programme}", get(partner::programme))
        .route(
            "/v1/programmes/{programme}/partners",
            post(principal::add_partner).get(principal::partners),
        )
        .route("/v1/programmes/{programme}/keys/{party}", put(principal::put_key))
        .route("/v1/programmes/{programme}/key", get(partner::key))
        .route(
            "/v1/programmes/{programme}/declaration",
            put(partner::declare).get(partner::declaration),
        )
        .route("/v1/programmes/{programme}/approval", post(officer::approve))
        .route("/v1/deposits", post(partner::open_deposit).get(partner::deposits))
        .route("/v1/deposits/{deposit}", get(partner::deposit))
        .route("/v1/deposits/{deposit}/receipt", get(partner::receipt))
        .route("/v1/reports", post(principal::request_report))
        .route("/v1/reports/plan", post(principal::plan_report))
        .route("/v1/trend", get(principal::trend))
        .route("/v1/releases/{release}/summary", get(principal::summary))
        .route("/v1/releases", get(principal::releases))
        .route("/v1/releases/{release}/report", get(principal::report))
        .route("/v1/releases/{release}/certificate", get(principal::certificate))
        .route("/v1/accounts", get(principal::accounts))
        .route("/v1/acts", get(officer::acts))
        .route("/v1/identity", post(governance::identity))
        .route(
            "/v1/programmes/{programme}/governance",
            post(governance::record).get(governance::show),
        )
        .route("/v1/programmes/{programme}/governance/flags", post(governance::flag))
        .route("/v1/programmes/{programme}/production", post(governance::production))
        .route("/arrangements/{programme}", get(governance::arrangement))
        .route("/v1/register", get(governance::issue_register))
        .route("/v1/breaches", post(governance::open_breach).get(governance::breaches))
        .route("/v1/breaches/{breach}", post(governance::continue_breach))
        .merge(consents(table()))
        .merge(accesses(table()))
        .merge(webhooks(table()))
        .merge(lifts(table()))
        .merge(own_counts(table()))
        .route("/v1/exchanges", post(exchange::propose).get(exchange::exchanges))
        .route("/v1/exchanges/{exchange}", get(exchange::exchange))
        .route("/v1/exchanges/{exchange}/acts", post(exchange::say))
        .route("/v1/exchanges/{exchange}/value", post(exchange::value))
        .route("/v1/exchanges/{exchange}/invoices", get(exchange::invoices))
        .route("/v1/exchanges/{exchange}/invoices/{seller}/{syntax}", get(exchange::invoice))
        .route("/v1/exchanges/{exchange}/invoices/{seller}/{syntax}/flow", get(exchange::flow))
        .route("/v1/exchanges/{exchange}/invoices/{seller}/filed", post(exchange::filed))
        .route("/v1/unfiled", get(exchange::unfiled))
        .route("/v1/batches", post(exchange::open_batch))
        .route("/v1/batches/{batch}", get(exchange::batch))
        .route("/v1/batches/{batch}/sample", post(exchange::draw).get(exchange::sample))
        .route("/v1/batches/{batch}/review", post(exchange::review).get(exchange::reviewed))
        .route("/v1/batches/{batch}/hand-over", post(exchange::hand_over))
        .route("/v1/batches/{batch}/records", get(exchange::records))
        .route("/v1/batches/{batch}/fetched", post(exchange::fetched))
        .route("/v1/batches/{batch}/informed", post(exchange::informed))
        .route("/v1/batches/{batch}/decisions/{position}", get(exchange::decision))
        .route("/v1/uninvoiced", get(exchange::uninvoiced))
        .route("/v1/searches", post(officer::search))
        .route("/v1/dossiers", post(officer::dossier))
        .route("/v1/alerts", get(alert::alerts))
        .route("/v1/alerts/{alert}", post(alert::close))
        .route("/v1/retention", get(retention::due))
        .route("/v1/retention/purge", post(retention::purge))
        .route("/v1/archive", get(retention::archive))
        .route("/v1/deletions", post(retention::deletion))
        .route("/v1/deposits/{deposit}/body", put(upload::body).unlimited())
        .route("/v1/batches/{batch}/body", put(exchange_upload::body).unlimited())
}

/// Lifts of programmes.
fn lifts(table: Table) -> Table {
    table
        .route("/v1/programmes/{programme}/lifts", post(lift::commit).get(lift::lifts))
        .route("/v1/lifts/{lift}/freezing", post(lift::freeze))
        .route("/v1/lifts/{lift}/beacon", post(lift::draw))
        .route("/v1/lifts/{lift}/arms/{deposit}", get(lift::arms))
}

/// What partners are told of themselves.
fn own_counts(table: Table) -> Table {
    table
        .route("/v1/own-counts/plan", post(own_count::plan))
        .route("/v1/own-counts", post(own_count::ask).get(own_count::told))
        .route("/v1/own-counts/{own_count}", get(own_count::one))
}

/// Webhooks of companies.
fn webhooks(table: Table) -> Table {
    table
        .route("/v1/webhooks", get(webhook::webhooks).post(webhook::add))
        .route("/v1/webhooks/{webhook}/test", post(webhook::test))
        .route("/v1/webhooks/{webhook}/rotation", post(webhook::rotate))
        .route("/v1/webhooks/{webhook}/removal", post(webhook::remove))
        .route("/v1/webhooks/{webhook}/deliveries", get(webhook::deliveries))
        .route("/v1/webhooks/{webhook}/resend", post(webhook::resend))
}

/// Accesses with a key.
fn accesses(table: Table) -> Table {
    table
        .route("/v1/accesses", get(access::accesses))
        .route("/v1/accesses/{account}/replacement", post(access::replace))
        .route("/v1/accesses/{account}/revocation", post(access::revoke))
        .route("/v1/accesses/{account}/flag", post(access::flag))
}

/// Consent, opposition, and what persons ask.
fn consents(table: Table) -> Table {
    table
        .route("/v1/forms", post(consent::publish_form).get(consent::forms))
        .route("/v1/forms/{form}", get(consent::form))
        .route("/v1/collections", post(collection::open).get(collection::own))
        .route("/v1/collections/{collection}", get(collection::show))
        .route("/v1/collections/{collection}/closing", post(collection::close))
        .route("/v1/collections/{collection}/submissions", get(collection::waiting))
        .route("/v1/collections/{collection}/submissions/{submission}", put(collection::submit))
        .route("/v1/collections/{collection}/fetched", post(collection::fetched))
        .route("/v1/consents", post(consent::record))
        .route("/v1/consents/facts", post(consent::facts))
        .route("/v1/consents/history", post(consent::history))
        .route("/v1/consents/decision", post(consent::decision))
        .route("/v1/consents/{record}", get(consent::documents))
        .route("/v1/consents/{record}/proof", get(consent::proof))
        .route("/v1/oppositions", post(consent::object))
        .route("/v1/suppliers", post(consent::supplier))
        .route("/v1/notices", get(consent::notices))
        .route("/v1/notices/{notice}", post(consent::acknowledge))
        .route("/v1/requests", post(consent::open_request).get(consent::requests))
        .route("/v1/requests/{request}", post(consent::step_request))
        .route("/w/{word}", get(consent::withdrawal).post(consent::withdraw))
}

/// Answers are for their caller only and are what they say they are.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let none = HeaderValue::from_static("no-referrer");
    headers.entry(header::REFERRER_POLICY).or_insert(none);
    let policy = "default-src 'none'; frame-ancestors 'none'";
    // Pages bring a policy of their own, which lets them load their styles and scripts from here.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    response
}
