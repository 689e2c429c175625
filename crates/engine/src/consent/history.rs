//! What is known about one token: events of consent, oppositions, and the facts that the rules ask for.
//! Nothing here can be widened later: the recipients of an event are frozen when it is made, and only an
//! event that permits nothing may reach all recipients at once.

use std::sync::Arc;

use thiserror::Error;
use tiers_protocol::consent::{Channel, Evidence, Method, Purpose, Siren, State};
use tiers_protocol::ids::{OppositionId, RecordId};

use crate::time::Moment;

/// Why an event or an opposition cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A list without a company names nobody.
    #[error("consent needs recipients that are named")]
    NobodyNamed,
    /// Agreement to whomever is no agreement.
    #[error("only an event that permits nothing may reach all recipients")]
    PermitsAll,
    /// A term of no month, or longer than anything allows.
    #[error("the validity of a consent has 1 to 36 months")]
    Validity,
    /// An opposition that is forgotten too early.
    #[error("an opposition is kept for at least three years")]
    KeptTooShort,
}

impl HistoryError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NobodyNamed => "consent.nobody_named",
            Self::PermitsAll => "consent.permits_all",
            Self::Validity => "consent.validity",
            Self::KeptTooShort => "opposition.kept_too_short",
        }
    }
}

/// The list of recipients that a person was shown, frozen. It has no way to add one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipients(Arc<[Siren]>);

impl Recipients {
    /// Freezes a list.
    ///
    /// # Errors
    /// [`HistoryError::NobodyNamed`] for an empty one.
    pub fn freeze(named: impl IntoIterator<Item = Siren>) -> Result<Self, HistoryError> {
        let mut named: Vec<Siren> = named.into_iter().collect();
        named.sort_unstable();
        named.dedup();
        if named.is_empty() { Err(HistoryError::NobodyNamed) } else { Ok(Self(named.into())) }
    }

    /// Whether the list names a company.
    #[must_use]
    pub fn name(&self, recipient: Siren) -> bool {
        self.0.binary_search(&recipient).is_ok()
    }

    /// The companies, in the order of their numbers.
    #[must_use]
    pub fn all(&self) -> &[Siren] {
        &self.0
    }
}

/// Which chains of a controller an event is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the recipients that the person was shown.
    Named(Recipients),
    /// All of the controller, purpose and channel; for what permits nothing only.
    All,
}

/// Whether there is evidence for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The evidence that its method asks for is there.
    Proven,
    /// It is not: the event is in quarantine and permits nothing.
    Unproven,
}

/// One event of a chain.
#[derive(Clone, Debug)]
pub struct Event {
    record: RecordId,
    at: Moment,
    state: State,
    controller: Siren,
    collector: Siren,
    purpose: Purpose,
    channel: Channel,
    reach: Reach,
    validity_months: u32,
    proof: Proof,
}

impl Event {
    /// The longest validity, in months: three years from the last sign of the person.
    pub const VALIDITY_MAX: u32 = 36;

    /// An event of `controller`, which collected it itself, has evidence and the longest validity.
    ///
    /// # Errors
    /// [`HistoryError::PermitsAll`].
    pub fn new(
        (record, at, state): (RecordId, Moment, State),
        (controller, purpose, channel): (Siren, Purpose, Channel),
        reach: Reach,
    ) -> Result<Self, HistoryError> {
        if state.permits() && reach == Reach::All {
            return Err(HistoryError::PermitsAll);
        }
        let (validity_months, proof) = (Self::VALIDITY_MAX, Proof::Proven);
        let collector = controller;
        Ok(Self {
            record,
            at,
            state,
            controller,
            collector,
            purpose,
            channel,
            reach,
            validity_months,
            proof,
        })
    }

    /// With a shorter validity.
    ///
    /// # Errors
    /// [`HistoryError::Validity`].
    pub fn valid_for(self, months: u32) -> Result<Self, HistoryError> {
        if !(1..=Self::VALIDITY_MAX).contains(&months) {
            return Err(HistoryError::Validity);
        }
        Ok(Self { validity_months: months, ..self })
    }

    /// As collected by another company for the controller.
    #[must_use]
    pub fn collected_by(self, collector: Siren) -> Self {
        Self { collector, ..self }
    }

    /// With or without evidence.
    #[must_use]
    pub fn with_proof(self, proof: Proof) -> Self {
        Self { proof, ..self }
    }

    /// With the evidence that was given for it; what does not suffice puts it in quarantine.
    #[must_use]
    pub fn shown_by(self, method: Method, evidence: &Evidence) -> Self {
        let shown = evidence.shows(method).is_ok();
        self.with_proof(if shown { Proof::Proven } else { Proof::Unproven })
    }

    /// The record that holds it.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// When the person spoke.
    #[must_use]
    pub const fn at(&self) -> Moment {
        self.at
    }

    /// Where the chain stands since.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whose chain it is.
    #[must_use]
    pub const fn controller(&self) -> Siren {
        self.controller
    }

    /// Which chains of the controller it is part of.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether there is evidence.
    #[must_use]
    pub const fn proof(&self) -> Proof {
        self.proof
    }

    /// Who collected it.
    #[must_use]
    pub const fn collector(&self) -> Siren {
        self.collector
    }

    /// For how many months it holds.
    #[must_use]
    pub const fn validity_months(&self) -> u32 {
        self.validity_months
    }

    /// Whether it is an event of this chain.
    #[must_use]
    pub fn is_of(
        &self,
        controller: Siren,
        purpose: Purpose,
        channel: Channel,
        recipient: Siren,
    ) -> bool {
        self.controller == controller
            && self.purpose == purpose
            && self.channel == channel
            && match &self.reach {
                Reach::Named(recipients) => recipients.name(recipient),
                Reach::All => true,
            }
    }
}

/// How far an opposition goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// Along the chain: wherever this company sends or receives.
    Along(Siren),
}

/// Who said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The person, to one of the parties or to the certifier.
    Person,
    /// A list, such as Bloctel or Robinson: an agreement given later, to a named company, goes before.
    List,
}

/// An objection of a person.
#[derive(Clone, Copy, Debug)]
pub struct Opposition {
    id: OppositionId,
    at: Moment,
    until: Moment,
    scope: Scope,
    channel: Option<Channel>,
    origin: Origin,
}

impl Opposition {
    /// The shortest time for which one is kept: three years, in days.
    pub const KEPT_DAYS_MIN: i64 = 3 * 365 + 1;

    /// An opposition by every channel, or by one.
    ///
    /// # Errors
    /// [`HistoryError::KeptTooShort`].
    pub fn new(
        (id, at, until): (OppositionId, Moment, Moment),
        scope: Scope,
        channel: Option<Channel>,
        origin: Origin,
    ) -> Result<Self, HistoryError> {
        if until.seconds().saturating_sub(at.seconds()) < Self::KEPT_DAYS_MIN * 86_400 {
            return Err(HistoryError::KeptTooShort);
        }
        Ok(Self { id, at, until, scope, channel, origin })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> OppositionId {
        self.id
    }

    /// When the person said so.
    #[must_use]
    pub const fn at(&self) -> Moment {
        self.at
    }

    /// Until when it is kept.
    #[must_use]
    pub const fn until(&self) -> Moment {
        self.until
    }

    /// How far it goes.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// By which channel; by all when `None`.
    #[must_use]
    pub const fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Who said so.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether it stands in the way of this.
    #[must_use]
    pub fn meets(&self, parties: [Siren; 2], channel: Channel, at: Moment) -> bool {
        self.at <= at
            && at <= self.until
            && self.channel.is_none_or(|own| own == channel)
            && match self.scope {
                Scope::Everywhere => true,
                Scope::Along(party) => parties.contains(&party),
            }
    }

    /// Whether an agreement that the person gave later goes before it. What the person asked for
    /// everywhere ends only when the person ends it.
    #[must_use]
    pub const fn yields_to_later_consent(&self) -> bool {
        matches!((self.scope, self.origin), (Scope::Along(_), _) | (_, Origin::List))
    }
}

/// What the rules ask for beside the events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// When the person was told that the contact is handed on and how to object.
    pub informed_at: Option<Moment>,
    /// Who collected the contact from the person.
    pub collected_by: Option<Siren>,
    /// The last contact that came from the person, or the collection.
    pub last_contact: Option<Moment>,
    /// Whether the person asked for restriction (GDPR art. 18).
    pub restricted: bool,
}

/// What is known about one token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// Events of all chains, in any order.
    pub events: &'a [Event],
    /// Oppositions, in any order.
    pub oppositions: &'a [Opposition],
    /// Facts.
    pub known: Known,
}
