//! Listening under abuse, publishing what waits, and stopping in order. `axum::serve` waits for ever
//! for headers, for readers and at the end; here every wait has a limit ([`Timing`]).

use std::future::{self, Future};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::{Router, middleware};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::acme;
use super::auth::Shared;
use super::edge::Edge;
use super::metrics;
use super::rate::Peer;
use super::router::routes;
use super::stall::Stall;
use super::tls::Tls;
use super::witness::{Witnessing, witness_router};
use crate::limits::{self, Rates, Timing};
use crate::service::rotate::Step;

/// A checkpoint follows an entry after this time at the latest (`docs/formats/ledger-tiles.md`).
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// A term ends with a day, and a tick comes once a day; whoever asks in between has it done at once.
const UPKEEP_EVERY: Duration = Duration::from_secs(60);

/// A connection of readers that nobody needs this long is closed: the time to read a page and come back.
const TIDY_EVERY: Duration = Duration::from_secs(20);

/// After the system refused a connection for want of files or memory.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// Where to listen.
pub struct Listeners {
    /// For everybody.
    pub api: TcpListener,
    /// The same, at the origin of pages that see contacts.
    pub contacts: Option<TcpListener>,
    /// For whoever gathers the figures of the operator.
    pub metrics: Option<TcpListener>,
    /// Pages beside the API.
    pub pages: Router<Shared>,
    /// What the API is served under; plain HTTP without.
    pub tls: Option<Tls>,
    /// How often who may call; addresses count with TLS only.
    pub rates: Option<Rates>,
}

impl From<TcpListener> for Listeners {
    fn from(api: TcpListener) -> Self {
        Self { api, contacts: None, metrics: None, pages: Router::new(), tls: None, rates: None }
    }
}

/// Serves until `stop` resolves. Then uploads are cut where they stand, other requests under way
/// have [`Timing::drain`] to end, and what waits for the ledger is published.
pub async fn serve(
    certifier: Shared,
    listeners: impl Into<Listeners>,
    stop: impl Future<Output = ()> + Send + 'static,
    timing: Timing,
) {
    let publishing = tokio::spawn(publish(Arc::clone(&certifier)));
    let upkeep = tokio::spawn(upkeep(Arc::clone(&certifier)));
    let tidying = tokio::spawn(tidy(Arc::clone(&certifier)));
    let witnessing = certifier.begin_witnessing();
    let delivering = certifier.begin_delivering();
    let (stopping, stopped) = watch::channel(false);
    let Listeners { api, contacts, metrics, pages, tls, rates } = listeners.into();
    let edge = Arc::new(Edge::new(timing, stopped).rated(rates.as_ref()));
    let tls = tls.map(Arc::new);
    let renewing = tls.clone().map(|tls| tokio::spawn(renew(tls, timing.certificate)));
    let keeping = tls.clone().map(|tls| tokio::spawn(acme::keep(Arc::clone(&certifier), tls)));
    let figures = metrics.map(|listener| {
        let app = metrics::routes(Arc::clone(&certifier), Arc::clone(&edge), tls.clone());
        let edge = Arc::clone(&edge);
        tokio::spawn(async move {
            accept((&listener, None), &app, &edge, future::pending()).await;
        })
    });
    let mut app = routes(Arc::clone(&certifier), Arc::clone(&edge), pages);
    if tls.is_some() {
        app = app.layer(middleware::map_response(only_tls));
    }
    let contacts = contacts.map(|listener| {
        let (app, edge, tls) = (app.clone(), Arc::clone(&edge), tls.clone());
        tokio::spawn(async move {
            accept((&listener, tls.as_ref()), &app, &edge, future::pending()).await;
        })
    });
    accept((&api, tls.as_ref()), &app, &edge, stop).await;
    for beside in [renewing, keeping].into_iter().flatten() {
        beside.abort();
    }
    for beside in [figures, contacts].into_iter().flatten() {
        beside.abort();
        // Its end of the edge goes with it.
        let _ = beside.await;
    }
    drop((api, app, edge));
    stopping.send_replace(true);
    // Every connection and every upload holds an end of this channel until it is over.
    let _ = tokio::time::timeout(timing.drain, stopping.closed()).await;
    publishing.abort();
    // A step that is under way is finished or undone at the next start.
    upkeep.abort();
    tidying.abort();
    once(Arc::clone(&certifier)).await;
    // A witness or a webhook that is being asked may take its time; the next start asks it again.
    let ended = tokio::task::spawn_blocking(move || {
        delivering.stop();
        witnessing.stop();
    });
    let _ = tokio::time::timeout(timing.drain, ended).await;
    certifier.note_own("certifier.stopped", "ok");
}

/// Serves a witness until `stop` resolves, under the same limits.
pub async fn serve_witness(
    witness: Arc<Witnessing>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
    timing: Timing,
) {
    let (stopping, stopped) = watch::channel(false);
    let edge = Arc::new(Edge::new(timing, stopped));
    accept((&listener, None), &witness_router(witness), &edge, stop).await;
    drop((listener, edge));
    stopping.send_replace(true);
    let _ = tokio::time::timeout(timing.drain, stopping.closed()).await;
}

/// Takes connections, as many as there are places.
async fn accept(
    (listener, tls): (&TcpListener, Option<&Arc<Tls>>),
    app: &Router,
    edge: &Arc<Edge>,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, connection(listener).await)
        };
        let (place, (stream, address)) = tokio::select! {
            biased;
            () = &mut stop => return,
            next = next => next,
        };
        // Nobody closes the semaphore.
        let Ok(place) = place else { return };
        // Only latency is lost when the system refuses.
        let _ = stream.set_nodelay(true);
        let (app, edge) = (app.clone(), Arc::clone(edge));
        match tls.cloned() {
            None => tokio::spawn(attend(stream, None, app, edge, place)),
            Some(tls) => tokio::spawn(async move {
                let shaken = tokio::time::timeout(edge.timing().headers, tls.shake(stream));
                // Who does not speak TLS, or shows no certificate that is asked for, is not answered.
                if let Ok(Ok(Some(stream))) = shaken.await {
                    attend(stream, Some(address.ip().into()), app, edge, place).await;
                }
            }),
        };
    }
}

async fn connection(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(connected) => return connected,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(error = %error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Serves one connection until it ends or the certifier does.
async fn attend(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Option<Peer>,
    app: Router,
    edge: Arc<Edge>,
    _place: OwnedSemaphorePermit,
) {
    let timing = edge.timing();
    let routes = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        routes.call(request)
    });
    let io = Stall::new(TokioIo::new(stream), timing.answer, edge.metrics().refused());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(timing.headers)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::HEADER_BYTES);
    let mut serving = pin!(http.serve_connection(io, service));
    tokio::select! {
        biased;
        // How a client ends its connection is no matter of ours.
        _ = serving.as_mut() => return,
        () = edge.stopped() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(timing.drain, serving).await;
}

/// Nobody who came over TLS comes back without it (RFC 6797), for two years.
async fn only_tls(mut response: Response) -> Response {
    let value = HeaderValue::from_static("max-age=63072000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    response
}

/// Takes up a renewed certificate.
async fn renew(tls: Arc<Tls>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let tls = Arc::clone(&tls);
        match tokio::task::spawn_blocking(move || tls.renew()).await {
            Ok(Ok(true)) => tracing::info!("the renewed certificate is in force"),
            Ok(Err(error)) => {
                tracing::error!(code = error.code(), error = %error, "the certificate stays as it was");
            }
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}

async fn publish(certifier: Shared) {
    let mut ticks = tokio::time::interval(PUBLISH_EVERY);
    loop {
        ticks.tick().await;
        once(Arc::clone(&certifier)).await;
    }
}

/// Gives back what a crowd has left open.
async fn tidy(certifier: Shared) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        let certifier = Arc::clone(&certifier);
        // Closing is work with files; one that fails closes more the next time.
        let _ = tokio::task::spawn_blocking(move || certifier.close_idle_readers()).await;
    }
}

/// Erases what is due and goes on with rotations, beside the serving.
async fn upkeep(certifier: Shared) {
    loop {
        let noting = Arc::clone(&certifier);
        let certifier = Arc::clone(&certifier);
        match tokio::task::spawn_blocking(move || certifier.upkeep()).await {
            Ok(Ok(Step::Idle)) => tokio::time::sleep(UPKEEP_EVERY).await,
            Ok(Ok(step)) => tracing::info!(?step, "rotation of keys"),
            Ok(Err(error)) => {
                tracing::error!(code = error.code(), error = %error, "upkeep failed");
                noting.note_own("upkeep.failed", error.code());
                tokio::time::sleep(UPKEEP_EVERY).await;
            }
            Err(_) => tokio::time::sleep(UPKEEP_EVERY).await,
        }
    }
}

async fn once(certifier: Shared) {
    let published = tokio::task::spawn_blocking(move || certifier.publish()).await;
    if let Ok(Err(error)) = published {
        tracing::error!(code = error.code(), error = %error, "the ledger was not published");
    }
}
