//! Asks witnesses over HTTP (`POST <url>/add-checkpoint`). Plain HTTP goes to this machine only. What is
//! asked and what an answer means is the certifier's.

use std::io::Read as _;
use std::time::Duration;

use ureq::Agent;

use super::client::is_local;
use crate::witness::{AskWitness, WitnessAnswer};

/// A witness that takes longer is asked again later; nobody waits for it now.
const TIME: Duration = Duration::from_secs(5);

/// A few signature lines, or a number.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Asks over HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct HttpWitnesses;

impl AskWitness for HttpWitnesses {
    fn add_checkpoint(&self, url: &str, body: &[u8]) -> WitnessAnswer {
        ask(url, body).unwrap_or(WitnessAnswer::Unreachable)
    }
}

fn ask(url: &str, body: &[u8]) -> Option<WitnessAnswer> {
    let local = is_local(url).ok()?;
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("tiers/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(TIME));
    config = if local { config.proxy(None) } else { config.https_only(true) };
    let agent = config.build().new_agent();
    let mut answer = agent.post(format!("{url}/add-checkpoint")).send(body).ok()?;
    let mut text = Vec::new();
    let reader = answer.body_mut().as_reader();
    reader.take(ANSWER_BYTES_MAX).read_to_end(&mut text).ok()?;
    Some(match answer.status().as_u16() {
        200 => WitnessAnswer::Cosigned(text),
        409 => {
            let held = std::str::from_utf8(&text).ok()?.trim_end().parse().ok()?;
            WitnessAnswer::Held(held)
        }
        status => WitnessAnswer::Refused(status),
    })
}
