//! How often who may call: a bucket for each address, each account and each address's wrong keys. What
//! is beyond is refused before the database is asked. Not how much may be sent (`service`), and not
//! how long anybody waits (`Timing`).
//!
//! Addresses count only where clients reach this process themselves, over TLS: behind a proxy all
//! come from one address, and what a proxy says of them can be said by anybody.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tiers_protocol::ids::ActorId;

use super::ApiError;
use super::edge::Edge;
use super::metrics::Refused;
use crate::limits::{RATED, Rates};
use crate::service::Refusal;

/// Whose bucket: an IPv4 address, or the network of 64 bits that one customer of IPv6 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Peer(IpAddr);

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
        }
    }
}

/// The buckets of one edge.
pub(super) struct Limiter {
    accounts: Buckets<ActorId>,
    addresses: Buckets<Peer>,
    failures: Buckets<Peer>,
    submissions: Buckets<Peer>,
    refused: Refused,
}

impl Limiter {
    pub(super) fn new(rates: &Rates, refused: Refused) -> Self {
        Self {
            accounts: Buckets::new(rates.account_per_minute, rates.account_burst),
            addresses: Buckets::new(rates.address_per_minute, rates.address_burst),
            failures: Buckets::new(rates.failures_per_minute, rates.failures_burst),
            submissions: Buckets::new(rates.submissions_per_minute, rates.submissions_burst),
            refused,
        }
    }

    /// A request of an address.
    pub(super) fn address(&self, peer: Peer, now: Instant) -> Result<(), Refusal> {
        self.counted("address", self.addresses.take(peer, now))
    }

    /// A request of an account.
    pub(super) fn account(&self, actor: ActorId, now: Instant) -> Result<(), Refusal> {
        self.counted("account", self.accounts.take(actor, now))
    }

    /// What somebody sends from a public form.
    pub(super) fn submission(&self, peer: Peer, now: Instant) -> Result<(), Refusal> {
        self.counted("submissions", self.submissions.take(peer, now))
    }

    /// Whether keys of an address are looked at, after so many wrong ones.
    pub(super) fn may_try(&self, peer: Peer, now: Instant) -> Result<(), Refusal> {
        self.counted("failures", self.failures.look(&peer, now))
    }

    /// A wrong key.
    pub(super) fn failed(&self, peer: Peer, now: Instant) {
        // That one too many is refused is told by the next look.
        let _ = self.failures.take(peer, now);
    }

    fn counted(&self, limit: &'static str, taken: Result<(), Refusal>) -> Result<(), Refusal> {
        if taken.is_err() {
            self.refused.by(limit);
        }
        taken
    }
}

/// Buckets that fill steadily (the generic cell rate algorithm): for each, the moment when it will be full.
struct Buckets<K> {
    full_at: Mutex<HashMap<K, Instant>>,
    one: Duration,
    all: Duration,
    keys: usize,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn new(per_minute: u32, burst: u32) -> Self {
        let one = Duration::from_secs(60) / per_minute;
        Self { full_at: Mutex::default(), one, all: one * burst, keys: RATED }
    }

    /// Takes one request out of a bucket.
    fn take(&self, key: K, now: Instant) -> Result<(), Refusal> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= self.keys && !full_at.contains_key(&key) {
            forget(&mut full_at, now);
        }
        let entry = full_at.entry(key).or_insert(now);
        let after = (*entry).max(now) + self.one;
        if after.duration_since(now) > self.all {
            return Err(Refusal::TooOften);
        }
        *entry = after;
        Ok(())
    }

    /// Whether a bucket holds a request.
    fn look(&self, key: &K, now: Instant) -> Result<(), Refusal> {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let until = full_at.get(key).copied().unwrap_or(now).max(now);
        let fits = until.duration_since(now) + self.one <= self.all;
        if fits { Ok(()) } else { Err(Refusal::TooOften) }
    }
}

/// Forgets the full buckets, and of the others the half that is nearest to it, so that this is seldom
/// done.
fn forget<K: Copy + Eq + Hash>(full_at: &mut HashMap<K, Instant>, now: Instant) {
    let before = full_at.len();
    full_at.retain(|_, at| *at > now);
    if full_at.len() > before / 2 {
        let mut moments: Vec<Instant> = full_at.values().copied().collect();
        let middle = moments.len() / 2;
        let (_, middle, _) = moments.select_nth_unstable(middle);
        let middle = *middle;
        let fuller = full_at.values().filter(|at| **at > middle).count();
        let mut spare = (before / 2).saturating_sub(fuller);
        full_at.retain(|_, at| {
            let equal = *at == middle && spare > 0;
            spare -= usize::from(equal);
            *at > middle || equal
        });
    }
}

/// Refuses what comes too often from one address; monitors are let through.
pub(super) async fn limited(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let monitor = matches!(request.uri().path(), "/healthz" | "/readyz");
    let limiter = extensions.get::<Arc<Edge>>().and_then(|edge| edge.limiter());
    if let (Some(limiter), Some(peer), false) = (limiter, extensions.get::<Peer>(), monitor)
        && let Err(refusal) = limiter.address(*peer, Instant::now())
    {
        return ApiError::from(refusal).into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A bucket as everybody draws it: a number of requests that grows with time up to the burst.
    struct Naive {
        tokens: f64,
        last_ms: u64,
    }

    proptest! {
        #[test]
        fn a_bucket_is_the_naive_bucket(
            per_minute in 1_u32..200,
            burst in 1_u32..20,
            waits in prop::collection::vec(0_u64..3_000, 1..200),
        ) {
            let buckets = Buckets::new(per_minute, burst);
            let begin = Instant::now();
            let mut naive = Naive { tokens: f64::from(burst), last_ms: 0 };
            let mut at = 0;
            for wait in waits {
                at += wait;
                let grown = f64::from(per_minute) * ((at - naive.last_ms) as f64) / 60_000.0;
                naive.tokens = (naive.tokens + grown).min(f64::from(burst));
                naive.last_ms = at;
                let now = begin + Duration::from_millis(at);
                // Where the two round differently nothing is said.
                if (naive.tokens - 1.0).abs() < 1e-4 {
                    return Ok(());
                }
                prop_assert_eq!(buckets.look(&1, now).is_ok(), naive.tokens >= 1.0);
                prop_assert_eq!(buckets.take(1, now).is_ok(), naive.tokens >= 1.0);
                if naive.tokens >= 1.0 {
                    naive.tokens -= 1.0;
                }
                prop_assert!(buckets.take(at + 2, now).is_ok(), "others have buckets of their own");
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_the_busiest_are_remembered() {
        let mut buckets = Buckets::new(60, 5);
        buckets.keys = 100;
        let now = Instant::now();
        for _ in 0..5 {
            buckets.take(u64::MAX, now).expect("the burst");
        }
        for key in 0..10_000 {
            buckets.take(key, now).expect("the first of this key");
            assert!(buckets.full_at.lock().expect("free").len() <= 100);
        }
        assert_eq!(buckets.take(u64::MAX, now).err(), Some(Refusal::TooOften));
        let later = now + Duration::from_secs(2);
        assert!(buckets.take(u64::MAX, later).is_ok());
    }

    #[test]
    fn a_customer_of_ipv6_is_one_peer() {
        let peer = |text: &str| Peer::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(peer("2001:db8:1:2::1"), peer("2001:db8:1:2:ffff::9"));
        assert_ne!(peer("2001:db8:1:2::1"), peer("2001:db8:1:3::1"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
        assert_ne!(peer("192.0.2.2"), peer("192.0.2.1"));
    }
}
