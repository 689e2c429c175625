//! Why the last attempt came to nothing, and when the next one is made. It is kept in a file, so that `tiers doctor`
//! can tell it and a service that is started again and again does not ask again and again.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::AcmeError;
use super::{AGAIN, AGAIN_MAX, REFUSED, REFUSED_MAX};
use crate::durable::{self, Access, DurableError};

/// Attempts that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When the last one was made, in seconds of Unix time.
    pub at: i64,
    /// Its stable code.
    pub code: String,
    /// In words.
    pub says: String,
    /// How many there were, one after another.
    pub times: u32,
    /// Seconds until the next one.
    pub wait: i64,
}

impl Failure {
    /// One more.
    pub(super) fn new(error: &AcmeError, before: Option<&Self>, now: i64) -> Self {
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        let (first, longest) =
            if error.passes() { (AGAIN, AGAIN_MAX) } else { (REFUSED, REFUSED_MAX) };
        let wait = first.saturating_mul(1 << (times - 1).min(16)).min(longest);
        let (code, says) = (error.code().to_owned(), error.to_string());
        Self { at: now, code, says, times, wait: seconds(wait) }
    }

    /// After a restart nobody waits for longer than after the first refusal: what was wrong may have been mended.
    pub(super) fn restarted(&mut self) {
        self.times = 0;
        self.wait = self.wait.min(seconds(REFUSED));
    }

    /// Until when nothing is asked; a clock that went back does not make it longer.
    pub(super) fn until(&self, now: i64) -> i64 {
        self.at.min(now).saturating_add(self.wait)
    }

    pub(super) fn read(file: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(file).ok()?).ok()
    }

    pub(super) fn write(&self, file: &Path) -> Result<(), DurableError> {
        let bytes = serde_json::to_vec(self).expect("texts and numbers");
        durable::write(file, &bytes, Access::Private)
    }
}

fn seconds(of: Duration) -> i64 {
    i64::try_from(of.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(error: impl Fn() -> AcmeError) -> Vec<i64> {
        let mut last = None;
        let next = |_| {
            let new = Failure::new(&error(), last.as_ref(), 1_000);
            last = Some(new.clone());
            new.wait
        };
        (0..12).map(next).collect()
    }

    #[test]
    fn who_is_refused_comes_back_ever_more_rarely() {
        let refused = waits(|| AcmeError::Refused("rateLimited: too many".into()));
        assert_eq!(refused[..4], [900, 1_800, 3_600, 7_200]);
        assert_eq!(refused[11], 43_200);
        let passing = waits(|| AcmeError::Unreachable("timed out".into()));
        assert_eq!(passing[..4], [10, 20, 40, 80]);
        assert_eq!(passing[11], 3_600);
    }

    #[test]
    fn it_is_kept_and_a_restart_does_not_ask_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("failure.json");
        assert_eq!(Failure::read(&file), None);
        let mut failure = Failure::new(&AcmeError::NoChallenge, None, 1_000);
        failure.wait = 40_000;
        failure.write(&file).expect("written");
        let mut read = Failure::read(&file).expect("reads");
        assert_eq!(read, failure);
        read.restarted();
        assert_eq!((read.until(1_100), read.times), (1_900, 0));
        // The clock went back by a day.
        assert_eq!(read.until(1_000 - 86_400), 1_000 - 86_400 + 900);
        fs::write(&file, "half").expect("written");
        assert_eq!(Failure::read(&file), None);
    }
}
