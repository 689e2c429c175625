//! What the handlers of one listening edge share besides the certifier: how long they wait, whether
//! the certifier stops, whose turn it is to open a body. No request is decided here.

use std::future;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use super::metrics::Metrics;
use super::rate::Limiter;
use crate::limits::{self, Rates, Timing};
use crate::service::Refusal;

/// The limits of one edge, and its end.
pub(super) struct Edge {
    timing: Timing,
    stop: watch::Receiver<bool>,
    ingests: Arc<Semaphore>,
    metrics: Metrics,
    limiter: Option<Limiter>,
}

impl Default for Edge {
    /// Standard times, and no end.
    fn default() -> Self {
        Self::new(Timing::default(), watch::channel(false).1)
    }
}

impl Edge {
    pub(super) fn new(timing: Timing, stop: watch::Receiver<bool>) -> Self {
        let ingests = Arc::new(Semaphore::new(limits::INGESTS));
        Self { timing, stop, ingests, metrics: Metrics::default(), limiter: None }
    }

    pub(super) const fn timing(&self) -> Timing {
        self.timing
    }

    /// The same, where clients may call so often only.
    pub(super) fn rated(self, rates: Option<&Rates>) -> Self {
        let limiter = rates.map(|rates| Limiter::new(rates, self.metrics.refused()));
        Self { limiter, ..self }
    }

    /// How often who may call, if that is limited.
    pub(super) const fn limiter(&self) -> Option<&Limiter> {
        self.limiter.as_ref()
    }

    /// What is counted here.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Resolves when the certifier stops.
    pub(super) async fn stopped(&self) {
        if self.stop.clone().wait_for(|stopped| *stopped).await.is_err() {
            // Whoever could have stopped it is gone.
            future::pending::<()>().await;
        }
    }

    /// Waits for a turn to open a body, until the certifier stops or the client should come again.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let turn = timeout(self.timing.turn, Arc::clone(&self.ingests).acquire_owned());
        tokio::select! {
            biased;
            () = self.stopped() => Err(Refusal::Stopping),
            // Nobody closes the semaphore.
            turn = turn => turn.ok().and_then(Result::ok).ok_or(Refusal::Waiting),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn bodies_are_opened_in_turns_until_the_certifier_stops() {
        let (stop, stopped) = watch::channel(false);
        let edge = Edge::new(Timing::default(), stopped);
        let patience = Duration::from_millis(50);
        let first = edge.turn().await.expect("free");
        let _second = edge.turn().await.expect("free");
        assert!(tokio::time::timeout(patience, edge.turn()).await.is_err(), "two at a time");
        drop(first);
        let third = edge.turn().await;
        assert!(third.is_ok());
        let (fourth, _) = tokio::join!(edge.turn(), async { stop.send_replace(true) });
        assert_eq!(fourth.err(), Some(Refusal::Stopping), "nobody waits for a turn at the end");
        edge.stopped().await;
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_to_come_again() {
        let timing = Timing { turn: Duration::from_millis(50), ..Timing::default() };
        let edge = Edge::new(timing, watch::channel(false).1);
        let (first, second) = (edge.turn().await, edge.turn().await);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(edge.turn().await.err(), Some(Refusal::Waiting));
        drop(second);
        assert!(edge.turn().await.is_ok());
    }
}
