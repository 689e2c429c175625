//! How fast events are recorded and persons decided upon, in the use cases themselves. The short form
//! shows that large batches go through; with `TIERS_FULL=1` a million are timed against the floors.

use std::io::Write as _;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use tiers::consent::{Decision, Question};
use tiers::service::consent::rules;
use tiers::time::Moment;
use tiers_contact::Token;
use tiers_protocol::consent::wire::NewConsents;
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, State};

use super::{BRAND, DEALER, Market, event, number, person};
use crate::harness::full;

/// Events a second, and persons decided a second, that are the floor of the long form.
const FLOOR: (f64, f64) = (100_000.0, 100_000.0);

/// Batches that a client has on their way at a time (`tiers consent import`).
const ON_THEIR_WAY: usize = 2;

#[test]
fn events_are_recorded_in_large_batches_and_all_decided_in_one_view() {
    let market = Market::open();
    let (form, now) = (market.web_form(), market.now());
    let caller = market.dealer.client.caller(&market.server);
    let certifier = market.server.certifier();
    let (batches, size) = if full() { (50, 20_000) } else { (2, 2_000) };
    let mut tokens = Vec::new();
    let mut recording = std::time::Duration::ZERO;
    let batches: Vec<usize> = (0..batches).collect();
    // What a client sends is made before; a few batches at a time, for they are long.
    for some in batches.chunks(10) {
        let mut sent = Vec::new();
        for batch in some {
            let people: Vec<_> =
                (0..size).map(|n| person(&format!("p{}@example.com", batch * size + n))).collect();
            tokens.extend(people.iter().map(|of| vec![Token::from_bytes(*of[0].token.as_bytes())]));
            let events = people.iter().map(|of| event(of, now, State::Given)).collect();
            sent.push(serde_json::to_vec(&NewConsents { form, events }).unwrap());
        }
        let (sent, begun) = (Mutex::new(sent), Instant::now());
        thread::scope(|scope| {
            for _ in 0..ON_THEIR_WAY {
                scope.spawn(|| {
                    let next = || sent.lock().unwrap().pop();
                    while let Some(sent) = next() {
                        // Reading the request is part of the work.
                        let new: NewConsents = serde_json::from_slice(&sent).unwrap();
                        let recorded = certifier.record_consents(&caller, &new).unwrap();
                        assert!(recorded.quarantined.is_empty() && !recorded.repeated);
                    }
                });
            }
        });
        recording += begun.elapsed();
    }
    let question = Question {
        sender: number(DEALER),
        recipient: number(BRAND),
        purpose: Purpose::Transmission,
        channel: Channel::Email,
        sector: Sector::General,
        audience: Audience::Consumer,
        at: Moment::from_seconds(now).unwrap(),
        offer_of_profession: false,
        scrubbed_at: None,
        claim: None,
        suspended: &[],
    };
    let (mut allowed, begun) = (0, Instant::now());
    certifier
        .decide_each(rules(), &tokens, &question, |_, decision| {
            allowed += usize::from(matches!(decision, Decision::Allowed(_)));
            Ok(())
        })
        .unwrap();
    let deciding = begun.elapsed();
    assert_eq!(allowed, tokens.len());
    let count = f64::from(u32::try_from(tokens.len()).unwrap());
    let rate = |time: std::time::Duration| count / time.as_secs_f64();
    let rates = (rate(recording), rate(deciding));
    let _ = writeln!(
        std::io::stderr(),
        "recorded {:.0} events/s, decided {:.0} persons/s",
        rates.0,
        rates.1
    );
    assert!(!full() || (rates.0 >= FLOOR.0 && rates.1 >= FLOOR.1), "{rates:?}");
}
