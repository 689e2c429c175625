//! Listening, publishing what waits, and stopping in order.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::auth::Shared;
use super::router;

/// A checkpoint follows an entry after this time at the latest (`docs/formats/ledger-tiles.md`).
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// Serves until `stop` resolves, then finishes the requests under way and publishes the rest.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    certifier: Shared,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let publishing = tokio::spawn(publish(Arc::clone(&certifier)));
    let app = router(Arc::clone(&certifier));
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    publishing.abort();
    once(certifier).await;
    served
}

async fn publish(certifier: Shared) {
    let mut ticks = tokio::time::interval(PUBLISH_EVERY);
    loop {
        ticks.tick().await;
        once(Arc::clone(&certifier)).await;
    }
}

async fn once(certifier: Shared) {
    let published = tokio::task::spawn_blocking(move || certifier.publish()).await;
    if let Ok(Err(error)) = published {
        tracing::error!(code = error.code(), error = %error, "the ledger was not published");
    }
}
