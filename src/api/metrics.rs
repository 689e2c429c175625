//! Figures for Prometheus, on an address of their own: how many requests, how long, how much waits, how the
//! journal, the ledger and its witnesses fare. Counts and ages only; nothing about a person, a party or a result, and no
//! account by its name.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::ApiError;
use super::auth::{Shared, run};
use super::edge::Edge;
use super::router::harden;
use super::tls::Tls;
use crate::service::WitnessAge;
use crate::service::figures::Figures;

type Labels = Vec<(&'static str, String)>;
type Numbers = Gauge<u64, AtomicU64>;

/// The certificate of the address that these figures are about; none where plain HTTP is served.
type Certificate = Option<Arc<Tls>>;

/// Requests that were refused because of a limit, by limit.
#[derive(Clone, Default)]
pub(super) struct Refused(Family<Labels, Counter>);

impl Refused {
    /// One more.
    pub(super) fn by(&self, limit: &'static str) {
        self.0.get_or_create(&vec![("limit", limit.to_owned())]).inc();
    }

    /// How many there were.
    #[cfg(test)]
    pub(super) fn count(&self, limit: &'static str) -> u64 {
        self.0.get(&vec![("limit", limit.to_owned())]).map_or(0, |found| found.get())
    }
}

/// The figures of one edge.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    refused: Refused,
    seconds: Histogram,
    figures: Family<Labels, Numbers>,
    accounts: Family<Labels, Numbers>,
    witnesses: Family<Labels, Numbers>,
    certificate: Family<Labels, Gauge<i64, AtomicI64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::default();
        let seconds = Histogram::new(exponential_buckets(0.001, 4.0, 9));
        let (figures, accounts) = (Family::default(), Family::default());
        let witnesses = Family::<Labels, Numbers>::default();
        let mut registry = Registry::with_prefix("tiers");
        registry.register("requests", "Requests by operation and status", requests.clone());
        let refused = Refused::default();
        let help = "Requests and connections that a limit ended, by limit";
        registry.register("refused", help, refused.0.clone());
        registry.register("request_seconds", "How long answers took", seconds.clone());
        registry.register("state", "What waits, and how old it is", figures.clone());
        registry.register("accounts", "Privacy accounts by what is left", accounts.clone());
        let help = "Seconds since each witness cosigned";
        registry.register("witness_age_seconds", help, witnesses.clone());
        let certificate = Family::<Labels, Gauge<i64, AtomicI64>>::default();
        let help = "Seconds until the certificate ends; below zero once it has, zero where there is none yet";
        registry.register("certificate_seconds_left", help, certificate.clone());
        Self { registry, requests, refused, seconds, figures, accounts, witnesses, certificate }
    }
}

impl Metrics {
    /// Counts a request.
    pub(super) fn request(&self, operation: &str, status: u16, result: &str, took: Duration) {
        // The limits of rate count for themselves: their code does not say which one it was.
        match result {
            "deposit.quota" => self.refused.by("quota"),
            "request.too_slow" => self.refused.by("slow"),
            _ => {}
        }
        let labels = vec![("operation", operation.to_owned()), ("status", status.to_string())];
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// Where limits count whom they refused.
    pub(super) fn refused(&self) -> Refused {
        self.refused.clone()
    }

    /// Takes up how long a certificate of files, or of an authority, is valid.
    fn certificate(&self, tls: &Tls, now: i64) {
        let left = tls.validity().map(|validity| validity.until.saturating_sub(now));
        let (from, left) = match tls.acme() {
            Some(_) => ("acme", left.unwrap_or(0)),
            None => match left {
                Some(left) => ("files", left),
                // `tiers doctor` says that it is not read.
                None => return,
            },
        };
        self.certificate.get_or_create(&vec![("from", from.to_owned())]).set(left);
    }

    /// Everything as text (OpenMetrics).
    fn text(&self, now: &Figures, witnesses: &[WitnessAge]) -> String {
        for (name, value) in now.named().into_iter().chain([("alerts_open", now.alerts_open())]) {
            self.figures.get_or_create(&vec![("of", name.to_owned())]).set(value);
        }
        for (band, count) in now.accounts_by_band() {
            self.accounts.get_or_create(&vec![("left", band.to_owned())]).set(count);
        }
        for one in witnesses {
            let labels = vec![("witness", one.name.clone())];
            self.witnesses.get_or_create(&labels).set(one.seconds);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a text takes what it is given");
        text
    }
}

/// The one address where they are.
pub(super) fn routes(certifier: Shared, edge: Arc<Edge>, tls: Certificate) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .layer(middleware::map_response(harden))
        .layer(Extension(edge))
        .layer(Extension(tls))
        .with_state(certifier)
}

async fn metrics(
    State(certifier): State<Shared>,
    Extension(edge): Extension<Arc<Edge>>,
    Extension(tls): Extension<Certificate>,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(tls) = tls {
        edge.metrics().certificate(&tls, certifier.now().seconds());
    }
    let asked = run(move || Ok((certifier.figures()?, certifier.witness_ages()?))).await?;
    let (figures, witnesses) = asked;
    let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media)], edge.metrics().text(&figures, &witnesses)))
}
