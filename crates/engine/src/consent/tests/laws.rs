//! Laws over random histories: against a naive model, and what may never widen anything.

use std::sync::LazyLock;

use proptest::prelude::*;
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren, State};

use super::{brand, dealer, opposition, other, record};
use crate::consent::{
    Decision, Event, Known, Opposition, Origin, Proof, Question, Reach, Recipients, Rules, Scope,
    Subject, decide,
};
use crate::time::Moment;

/// One event before it is made: day, state, channel, recipients by bit, proven.
type Draft = (u16, State, Channel, u8, bool);

/// A day in the four years from 2024.
fn day(number: u16) -> Moment {
    Moment::from_seconds(1_704_110_400 + i64::from(number) * 86_400).unwrap()
}

fn companies() -> [Siren; 3] {
    [dealer(), brand(), other()]
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let state = prop::sample::select(State::ALL);
    let channel = prop::sample::select(vec![Channel::Email, Channel::Phone, Channel::Post]);
    prop::collection::vec((0_u16..1_460, state, channel, 1_u8..8, any::<bool>()), 0..8)
}

fn make(drafts: &[Draft]) -> Vec<Event> {
    let event = |(number, (on, state, channel, bits, proven)): (u8, &Draft)| {
        let named = (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| companies()[bit]);
        let reach = Reach::Named(Recipients::freeze(named).unwrap());
        let of = (dealer(), Purpose::Transmission, *channel);
        let event = Event::new((record(number), day(*on), *state), of, reach).unwrap();
        event.with_proof(if *proven { Proof::Proven } else { Proof::Unproven })
    };
    (0..).zip(drafts).map(event).collect()
}

fn ask(on: u16, channel: Channel, recipient: usize) -> Question<'static> {
    Question {
        sender: dealer(),
        recipient: companies()[recipient],
        purpose: Purpose::Transmission,
        channel,
        sector: Sector::General,
        audience: Audience::Consumer,
        at: day(on),
        offer_of_profession: false,
        scrubbed_at: Some(day(on)),
        claim: None,
        suspended: &[],
    }
}

fn known() -> Known {
    let told = Some(day(0));
    Known { informed_at: told, collected_by: Some(dealer()), last_contact: told, restricted: false }
}

fn questions() -> impl Strategy<Value = Question<'static>> {
    let channel = prop::sample::select(vec![Channel::Email, Channel::Phone, Channel::Post]);
    (0_u16..1_460, channel, 0_usize..3).prop_map(|(on, channel, to)| ask(on, channel, to))
}

fn mails_and_letters() -> impl Strategy<Value = Question<'static>> {
    let channel = prop::sample::select(vec![Channel::Email, Channel::Post]);
    (0_u16..1_460, channel, 0_usize..3).prop_map(|(on, channel, to)| ask(on, channel, to))
}

fn allows(events: &[Event], oppositions: &[Opposition], question: &Question<'_>) -> Decision {
    static RULES: LazyLock<Rules> = LazyLock::new(Rules::france);
    decide(&RULES, &Subject { events, oppositions, known: known() }, question)
}

fn allowed(decision: Decision) -> bool {
    matches!(decision, Decision::Allowed(_))
}

/// What the law says, written again without rules, chains or reasons, for letters and e-mail.
fn naive(drafts: &[Draft], question: &Question<'_>) -> bool {
    let bit = companies().iter().position(|one| *one == question.recipient).unwrap();
    let mut mine: Vec<&Draft> = drafts
        .iter()
        .filter(|(on, state, channel, bits, proven)| {
            day(*on) <= question.at
                && *channel == question.channel
                && bits & (1 << bit) != 0
                && (*proven || !matches!(state, State::Given | State::Reconfirmed))
        })
        .collect();
    mine.sort_by_key(|(on, state, ..)| (*on, !matches!(state, State::Given | State::Reconfirmed)));
    match (mine.last(), question.channel) {
        (Some((on, State::Given | State::Reconfirmed, ..)), _) => {
            question.at.seconds() - day(*on).seconds() <= (3 * 365 + 1) * 86_400
        }
        (None | Some((_, State::Requested, ..)), Channel::Post) => {
            question.at.seconds() <= day(1_096).seconds()
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("TIERS_FULL").is_some() {
        100_000
    } else {
        2_000
    }))]

    #[test]
    fn the_decision_is_that_of_the_naive_model(
        drafts in drafts(),
        question in mails_and_letters(),
    ) {
        // Within a leap day of the end of a term the model, which counts days, may differ.
        let close = |on: u16| {
            let age = (question.at.seconds() - day(on).seconds()) / 86_400;
            (1_090..=1_100).contains(&age)
        };
        if close(0) || drafts.iter().any(|(on, ..)| close(*on)) {
            return Ok(());
        }
        let decision = allows(&make(&drafts), &[], &question);
        prop_assert_eq!(allowed(decision), naive(&drafts, &question));
    }

    #[test]
    fn a_no_never_widens_anything(
        drafts in drafts(),
        question in questions(),
        no in (0_u16..1_460, 0_usize..3, any::<bool>()),
        place in 0_usize..9,
    ) {
        let before = make(&drafts);
        let (on, state, everyone) = no;
        let state = [State::Withdrawn, State::Refused, State::Invalidated][state];
        let reach = if everyone {
            Reach::All
        } else {
            Reach::Named(Recipients::freeze([question.recipient]).unwrap())
        };
        let of = (dealer(), Purpose::Transmission, question.channel);
        let event = Event::new((record(200), day(on), state), of, reach).unwrap();
        let mut after = before.clone();
        after.insert(place.min(after.len()), event);
        let wider = allowed(allows(&after, &[], &question))
            && !allowed(allows(&before, &[], &question));
        prop_assert!(!wider);
    }

    #[test]
    fn an_opposition_never_widens_anything(
        drafts in drafts(),
        question in questions(),
        objection in (0_usize..4, any::<bool>()),
    ) {
        let events = make(&drafts);
        let (scope, person) = objection;
        let scope = companies().get(scope).map_or(Scope::Everywhere, |one| Scope::Along(*one));
        let origin = if person { Origin::Person } else { Origin::List };
        let oppositions = [opposition("2025-06-01", scope, origin)];
        let with = allows(&events, &oppositions, &question);
        prop_assert!(!allowed(with) || allowed(allows(&events, &[], &question)));
    }

    #[test]
    fn a_new_partner_is_in_no_older_consent(
        drafts in drafts(),
        added in 0_u16..1_460,
        question in questions(),
    ) {
        // Nobody ever named the third company before; then it joins the list of a new consent.
        let named = |(on, state, channel, bits, proven): &Draft| {
            (*on, *state, *channel, (bits & 3) | 1, *proven)
        };
        let old: Vec<Draft> = drafts.iter().map(named).collect();
        let mut events = make(&old);
        let reach = Reach::Named(Recipients::freeze(companies()).unwrap());
        let of = (dealer(), Purpose::Transmission, question.channel);
        let given = (record(200), day(added), State::Given);
        events.push(Event::new(given, of, reach).unwrap());
        let ask = Question { recipient: other(), ..question };
        if let Decision::Allowed(ground) = allows(&events, &[], &ask)
            && let Some(carried) = ground.record
        {
            prop_assert_eq!(carried, record(200));
            prop_assert!(ask.at >= day(added));
        }
    }

    #[test]
    fn the_order_of_arrival_says_nothing(drafts in drafts(), question in questions()) {
        let events = make(&drafts);
        let mut turned = events.clone();
        turned.reverse();
        let (one, two) = (allows(&events, &[], &question), allows(&turned, &[], &question));
        prop_assert_eq!(allowed(one), allowed(two));
    }
}
