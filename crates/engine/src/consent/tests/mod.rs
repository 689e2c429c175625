//! What the decision promises: a table for every line of the rules, and laws over random histories.

mod laws;
mod table;

use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren, State};
use tiers_protocol::ids::{OppositionId, RecordId};

use super::{Event, Known, Opposition, Origin, Question, Reach, Recipients, Scope};
use crate::time::Moment;

/// An instant, from RFC 3339.
pub(super) fn at(text: &str) -> Moment {
    let at: jiff::Timestamp = text.parse().unwrap();
    Moment::from_seconds(at.as_second()).unwrap()
}

/// Noon of a day.
pub(super) fn noon(day: &str) -> Moment {
    at(&format!("{day}T12:00:00Z"))
}

fn siren(text: &str) -> Siren {
    text.parse().unwrap()
}

pub(super) fn dealer() -> Siren {
    siren("732829320")
}

pub(super) fn brand() -> Siren {
    siren("005520135")
}

pub(super) fn other() -> Siren {
    siren("552100554")
}

pub(super) fn record(number: u8) -> RecordId {
    RecordId::from_bytes([number; 16])
}

/// An event of the dealer, for handing on to the brand.
pub(super) fn event(number: u8, day: &str, state: State, channel: Channel) -> Event {
    let reach = Reach::Named(Recipients::freeze([brand()]).unwrap());
    let of = (dealer(), Purpose::Transmission, channel);
    Event::new((record(number), noon(day), state), of, reach).unwrap()
}

pub(super) fn opposition(day: &str, scope: Scope, origin: Origin) -> Opposition {
    let (from, until) = (noon(day), noon("2099-01-01"));
    Opposition::new((OppositionId::from_bytes([9; 16]), from, until), scope, None, origin).unwrap()
}

/// The dealer hands on to the brand, for a consumer.
pub(super) fn question(channel: Channel, day: &str) -> Question<'static> {
    Question {
        sender: dealer(),
        recipient: brand(),
        purpose: Purpose::Transmission,
        channel,
        sector: Sector::General,
        audience: Audience::Consumer,
        at: noon(day),
        offer_of_profession: false,
        scrubbed_at: None,
        claim: None,
        suspended: &[],
    }
}

/// Somebody who was told, and was seen a year before 2026.
pub(super) fn known() -> Known {
    let day = Some(noon("2025-06-01"));
    Known { informed_at: day, collected_by: Some(dealer()), last_contact: day, restricted: false }
}
