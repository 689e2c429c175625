//! How many decisions a second two threads take: each about a subject of its own with a history of six
//! events in three chains, one opposition to somebody else, and the rules of France.
//!
//! `cargo bench --profile release --bench consent -- [--decisions N]`. The figures that were measured
//! stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

use std::hint::black_box;
use std::time::Instant;

use tiers::consent::{
    Decision, Event, Known, Opposition, Origin, Question, Reach, Recipients, Rules, Scope, Subject,
    decide,
};
use tiers::time::Moment;
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren, State};
use tiers_protocol::ids::{OppositionId, RecordId};

const BEGIN: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

fn at(day: i64) -> Moment {
    Moment::from_seconds(BEGIN + day * DAY).unwrap()
}

/// A history: two channels given and one of them withdrawn in every fourth.
fn history(number: u8, parties: [Siren; 3]) -> (Vec<Event>, Vec<Opposition>) {
    let [dealer, brand, other] = parties;
    let list = Recipients::freeze([brand, other]).unwrap();
    let event = |place: u8, day, state, channel| {
        let id = RecordId::from_bytes([number.wrapping_add(place); 16]);
        let of = (dealer, Purpose::Transmission, channel);
        Event::new((id, at(day), state), of, Reach::Named(list.clone())).unwrap()
    };
    let last = if number.is_multiple_of(4) { State::Withdrawn } else { State::Reconfirmed };
    let events = vec![
        event(0, 0, State::Requested, Channel::Email),
        event(1, 1, State::Given, Channel::Email),
        event(2, 1, State::Given, Channel::Phone),
        event(3, 1, State::Refused, Channel::Sms),
        event(4, 30, last, Channel::Email),
        event(5, 31, State::Given, Channel::Post),
    ];
    let when = (OppositionId::from_bytes([number; 16]), at(2), at(2_000));
    let elsewhere = Scope::Along("732829320".parse().unwrap());
    let opposition = Opposition::new(when, elsewhere, None, Origin::Person).unwrap();
    (events, vec![opposition])
}

fn main() {
    let mut decisions = 10_000_000_u64;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--decisions" => decisions = words.next().unwrap().parse().unwrap(),
            // What cargo itself passes on.
            "--bench" => {}
            _ => panic!("unknown argument {word}"),
        }
    }
    let parties = ["552100554", "005520135", "000000000"].map(|text| text.parse().unwrap());
    let histories: Vec<_> = (0..=255).map(|number| history(number, parties)).collect();
    let rules = Rules::france();
    let begun = Instant::now();
    let allowed: u64 = std::thread::scope(|scope| {
        let work = || {
            let mut allowed = 0;
            for (number, (events, oppositions)) in (0..decisions / 2).zip(histories.iter().cycle())
            {
                let known = Known { informed_at: Some(at(0)), ..Known::default() };
                let subject = Subject { events, oppositions, known };
                let question = Question {
                    sender: parties[0],
                    recipient: parties[1],
                    purpose: Purpose::Transmission,
                    channel: if number.is_multiple_of(2) { Channel::Email } else { Channel::Phone },
                    sector: Sector::General,
                    audience: Audience::Consumer,
                    at: at(240),
                    offer_of_profession: false,
                    scrubbed_at: None,
                    claim: None,
                    suspended: &[],
                };
                let decision = decide(&rules, black_box(&subject), black_box(&question));
                allowed += u64::from(matches!(decision, Decision::Allowed(_)));
            }
            allowed
        };
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let rate = decisions as f64 / begun.elapsed().as_secs_f64();
    println!("{decisions} decisions, {allowed} allowed: {rate:.0} a second on two threads");
}
