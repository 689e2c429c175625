//! The decision: a pure function of what is known about one token, of the question and of the rules.
//!
//! It allows or denies, and names the record that carries the one or the rule, record or opposition that
//! is why of the other. It never reads a clock: the instant is part of the question, so that the same
//! question has the same answer for ever.

use jiff::civil::Date;
use tiers_protocol::consent::{Audience, Channel, Purpose, Sector, Siren, State};
use tiers_protocol::ids::{OppositionId, RecordId};

use super::history::{Event, Opposition, Proof, Subject};
use super::paris::{legal_day, months_after};
pub use super::rules::Exception as Claim;
use super::rules::{Case, Regime, Rule, RuleIndex, Rules};
use crate::time::Moment;

/// What somebody wants to do with one contact.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who hands it on, or uses it.
    pub sender: Siren,
    /// Who receives it; the sender itself for its own use.
    pub recipient: Siren,
    /// What for.
    pub purpose: Purpose,
    /// By which means.
    pub channel: Channel,
    /// What is offered.
    pub sector: Sector,
    /// To whom.
    pub audience: Audience,
    /// When.
    pub at: Moment,
    /// Whether the offer is one of the person's profession.
    pub offer_of_profession: bool,
    /// When the file was compared with the list of telephone objections.
    pub scrubbed_at: Option<Moment>,
    /// An exception that the sender claims.
    pub claim: Option<Claim>,
    /// Companies that could not prove what they had collected.
    pub suspended: &'a [Siren],
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may pass.
    Allowed(Ground),
    /// It stays.
    Denied(Denial),
}

/// What carries a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The rule that was asked.
    pub rule: RuleIndex,
    /// The record, where consent carries it.
    pub record: Option<RecordId>,
}

/// Why something stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The reason.
    pub why: Why,
    /// The rule that was asked, unless something stood before all rules.
    pub rule: Option<RuleIndex>,
    /// The record that says no, or that does not suffice.
    pub record: Option<RecordId>,
    /// The opposition.
    pub opposition: Option<OppositionId>,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// The reasons of a denial.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Why { $($(#[$doc])* $name,)+ }

        impl Why {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

reasons! {
    /// The person asked for restriction.
    Restricted = "restricted",
    /// The person objected.
    Opposed = "opposed",
    /// The sender had it from somebody else.
    Onward = "onward",
    /// No rule fits.
    NoRule = "no_rule",
    /// The law forbids it, consent or not.
    Forbidden = "forbidden",
    /// What is claimed holds for the company's own use only, or not here.
    NotExcepted = "not_excepted",
    /// There is no consent for this recipient, purpose and channel.
    NoConsent = "no_consent",
    /// The person was asked and has not answered.
    Unanswered = "unanswered",
    /// The person said no.
    Refused = "refused",
    /// The person took it back.
    Withdrawn = "withdrawn",
    /// The term is over.
    Expired = "expired",
    /// The controller ended the use.
    Terminated = "terminated",
    /// It was found not to be valid.
    Invalidated = "invalidated",
    /// There is no evidence.
    Unproven = "unproven",
    /// Whoever collected it could not prove what it had collected.
    Suspended = "suspended",
    /// The person was not told.
    NotInformed = "not_informed",
    /// The file was not compared with the list of objections, or too long ago.
    NotScrubbed = "not_scrubbed",
    /// Nothing came from the person for too long.
    Inactive = "inactive",
    /// The offer is none of the person's profession.
    OtherOffer = "other_offer",
}

/// Decides.
#[must_use]
pub fn decide(rules: &Rules, subject: &Subject<'_>, question: &Question<'_>) -> Decision {
    answer(rules, subject, question).map_or_else(Decision::Denied, Decision::Allowed)
}

fn answer(rules: &Rules, of: &Subject<'_>, question: &Question<'_>) -> Result<Ground, Denial> {
    if of.known.restricted {
        return Err(deny(Why::Restricted));
    }
    let chain = Chain::of(of.events, question);
    if let Some(opposition) = opposed(of.oppositions, &chain, question) {
        return Err(Denial { opposition: Some(opposition.id()), ..deny(Why::Opposed) });
    }
    let own = question.sender == question.recipient;
    if !own && of.known.collected_by.is_some_and(|source| source != question.sender) {
        return Err(deny(Why::Onward));
    }
    let day = legal_day(question.at);
    let Question { purpose, channel, audience, sector, .. } = *question;
    let case = Case { purpose, channel, audience, sector, day };
    let (index, rule) = rules.find(&case).ok_or(deny(Why::NoRule))?;
    let denied = |denial: Denial| Denial { rule: Some(index), ..denial };
    by_rule(rule, of, question, (&chain, day))
        .map(|record| Ground { rule: index, record })
        .map_err(denied)
}

/// What one rule says; `Ok` names the record when consent carries it.
fn by_rule(
    rule: &Rule,
    of: &Subject<'_>,
    question: &Question<'_>,
    (chain, day): (&Chain<'_>, Date),
) -> Result<Option<RecordId>, Denial> {
    if let Some(claim) = question.claim {
        if question.sender != question.recipient || !rule.excepts(claim) {
            return Err(deny(Why::NotExcepted));
        }
        chain.no_is_no()?;
        informed(of, question)?;
        return Ok(None);
    }
    if rule.regime() == Regime::Forbidden {
        return Err(deny(Why::Forbidden));
    }
    chain.no_is_no()?;
    if let Some(event) = chain.last.filter(|event| event.state().permits()) {
        let seen = of.known.last_contact.filter(|seen| *seen <= question.at);
        let from = seen.map_or_else(|| event.at(), |seen| seen.max(event.at()));
        if day > months_after(legal_day(from), event.validity_months()) {
            return Err(named(Why::Expired, event));
        }
        return Ok(Some(event.record()));
    }
    match rule.regime() {
        Regime::OptOut => without_consent(rule, of, question, day).map(|()| None),
        Regime::OptIn | Regime::Forbidden => Err(chain.absent()),
    }
}

/// Information beforehand, no objection, and what the rule asks for beside.
fn without_consent(
    rule: &Rule,
    of: &Subject<'_>,
    question: &Question<'_>,
    day: Date,
) -> Result<(), Denial> {
    informed(of, question)?;
    if rule.offer_of_profession() && !question.offer_of_profession {
        return Err(deny(Why::OtherOffer));
    }
    if let Some(months) = rule.active_months() {
        let seen = of.known.last_contact.filter(|seen| *seen <= question.at);
        if seen.is_none_or(|seen| day > months_after(legal_day(seen), months)) {
            return Err(deny(Why::Inactive));
        }
    }
    if let Some(days) = rule.scrub_days() {
        let fresh = question.scrubbed_at.filter(|at| *at <= question.at).is_some_and(|at| {
            let age = legal_day(at).until(day).map_or(i32::MAX, |span| span.get_days());
            i64::from(age) <= i64::from(days)
        });
        if !fresh {
            return Err(deny(Why::NotScrubbed));
        }
    }
    Ok(())
}

fn informed(of: &Subject<'_>, question: &Question<'_>) -> Result<(), Denial> {
    let told = of.known.informed_at.is_some_and(|at| at <= question.at);
    if told { Ok(()) } else { Err(deny(Why::NotInformed)) }
}

/// The events of one chain up to the instant, as far as they count.
struct Chain<'a> {
    /// The one that governs.
    last: Option<&'a Event>,
    /// The newest that would permit and does not count, with the reason.
    quarantined: Option<(&'a Event, Why)>,
}

impl<'a> Chain<'a> {
    fn of(events: &'a [Event], question: &Question<'_>) -> Self {
        let Question { sender, purpose, channel, recipient, at, .. } = *question;
        let mut chain = Self { last: None, quarantined: None };
        // At one instant, what permits nothing goes before.
        let rank = |event: &Event| (event.at(), !event.state().permits());
        for event in events {
            if event.at() > at || !event.is_of(sender, purpose, channel, recipient) {
                continue;
            }
            if let Some(why) = quarantine(event, question.suspended) {
                if chain.quarantined.is_none_or(|(old, _)| rank(old) <= rank(event)) {
                    chain.quarantined = Some((event, why));
                }
            } else if chain.last.is_none_or(|old| rank(old) <= rank(event)) {
                chain.last = Some(event);
            }
        }
        chain
    }

    /// A no of the person, or the end of the matter, holds under every regime.
    fn no_is_no(&self) -> Result<(), Denial> {
        let Some(event) = self.last else { return Ok(()) };
        let why = match event.state() {
            State::Given | State::Reconfirmed | State::Requested => return Ok(()),
            State::Refused => Why::Refused,
            State::Withdrawn => Why::Withdrawn,
            State::Expired => Why::Expired,
            State::Terminated => Why::Terminated,
            State::Invalidated => Why::Invalidated,
        };
        Err(named(why, event))
    }

    /// Why there is no consent.
    fn absent(&self) -> Denial {
        match (self.quarantined, self.last) {
            (Some((event, why)), _) => named(why, event),
            (None, Some(event)) => named(Why::Unanswered, event),
            (None, None) => deny(Why::NoConsent),
        }
    }
}

/// Whether an event that would permit has to wait. What permits nothing needs no proof.
fn quarantine(event: &Event, suspended: &[Siren]) -> Option<Why> {
    if !event.state().permits() {
        None
    } else if suspended.contains(&event.collector()) {
        Some(Why::Suspended)
    } else {
        (event.proof() == Proof::Unproven).then_some(Why::Unproven)
    }
}

/// The opposition that stands in the way.
fn opposed<'a>(
    oppositions: &'a [Opposition],
    chain: &Chain<'_>,
    question: &Question<'_>,
) -> Option<&'a Opposition> {
    let agreed = chain.last.filter(|event| event.state().permits()).map(Event::at);
    let parties = [question.sender, question.recipient];
    oppositions.iter().find(|opposition| {
        let later = agreed.is_some_and(|at| at > opposition.at());
        opposition.meets(parties, question.channel, question.at)
            && !(later && opposition.yields_to_later_consent())
    })
}

const fn deny(why: Why) -> Denial {
    Denial { why, rule: None, record: None, opposition: None }
}

const fn named(why: Why, event: &Event) -> Denial {
    Denial { why, rule: None, record: Some(event.record()), opposition: None }
}
