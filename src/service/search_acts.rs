//! Searching acts, and the dossier of an object: for a certifier's officer whatever the ledger commits to, for
//! a party what concerns it. Each look needs a reason, is an act itself, recorded before anything is shown,
//! and an account has so many a day.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tiers_protocol::dossier::{CarriedDocument, Heading, NewSearch, ProvenAct, SignedDossier};
use tiers_protocol::ids::{ActId, ExchangeId, RequestId};
use tiers_protocol::tlog::EntryType;
use tiers_protocol::wire::Act;

use super::authority::{Object, Purpose};
use super::read_acts::{CheckableAct, checkable, opened, shown};
use super::{Certifier, Refusal, ServiceError, act, tick};
use crate::limits;
use crate::store::Tx;
use crate::store::act_search::ActQuery;
use crate::store::credential::Caller;
use crate::store::exchange::Exchange;
use crate::store::outbox::StoredAct;
use crate::store::tick::TickLeaf;

/// A day in seconds.
const DAY: i64 = 86_400;

impl Certifier {
    /// Records the search, then shows what it finds.
    ///
    /// # Errors
    /// [`Refusal`]s of the groups `acts` and `search`.
    pub fn search_acts(&self, caller: &Caller, new: &NewSearch) -> Result<Vec<Act>, ServiceError> {
        let Found { acts, leaves } = self.search(caller, new, false)?;
        if new.about_persons {
            return leaves.into_iter().map(tick::shown).collect();
        }
        acts.into_iter().map(shown).collect()
    }

    /// The same acts with what checks each against the ledger, where they have an entry of their own.
    ///
    /// # Errors
    /// As [`Certifier::search_acts`].
    pub fn found_to_check(
        &self,
        caller: &Caller,
        new: &NewSearch,
    ) -> Result<Vec<CheckableAct>, ServiceError> {
        let Found { acts, leaves } = self.search(caller, new, false)?;
        if new.about_persons {
            return leaves.into_iter().map(|leaf| Ok(tick::shown(leaf)?.into())).collect();
        }
        self.publish()?;
        acts.into_iter().map(checkable).collect()
    }

    /// Records the look, then proves each act that it finds.
    ///
    /// # Errors
    /// [`Refusal`]s of the groups `acts` and `search`; [`Refusal::NotFound`] when there is nothing about the
    /// object, for this caller; [`Refusal::TickAwaited`] when all there is enters with the tick of the day.
    pub fn dossier(&self, caller: &Caller, new: &NewSearch) -> Result<SignedDossier, ServiceError> {
        let about = match (&new.about, &new.person) {
            (Some(about), None) => about.clone(),
            (None, Some(person)) => format!("person in {}", person.programme),
            _ => return Err(Refusal::BadSearch.into()),
        };
        let found = self.search(caller, new, true)?;
        if found.acts.is_empty() && found.leaves.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        self.publish()?;
        let acts: Vec<_> =
            found.acts.into_iter().map(|act| self.proven(act)).collect::<Result<_, _>>()?;
        let about_persons = self.ticked(found.leaves)?;
        if acts.is_empty() && about_persons.is_empty() {
            return Err(Refusal::TickAwaited.into());
        }
        let heading = Heading {
            origin: self.keyring.origin().to_owned(),
            about,
            made_at: self.now().to_string(),
            made_for: caller.actor,
            reason: new.reason.trim().to_owned(),
        };
        let documents = self.carried(caller, new.about.as_deref())?;
        Ok(SignedDossier::new(heading, (acts, about_persons, documents), &self.keyring.signing))
    }

    /// The signed documents of an exchange, for whoever takes part in it and for officers of the certifier.
    fn carried(
        &self,
        caller: &Caller,
        about: Option<&str>,
    ) -> Result<Vec<CarriedDocument>, ServiceError> {
        let Some(exchange) = about.and_then(|about| about.parse::<ExchangeId>().ok()) else {
            return Ok(Vec::new());
        };
        self.db.read("documents of exchange", |tx| {
            let takes_part = |found: &Exchange| {
                let sides = found.document.agreement.sides().map(|side| side.party);
                let of = Object::Exchange(&exchange, sides);
                self.authority.may(caller, Purpose::SearchActs, &of)
            };
            let Some(found) = tx.exchange(&exchange)?.filter(takes_part) else {
                return Ok(Vec::new());
            };
            let said = tx.exchange_acts(&exchange)?;
            let said = said.iter().map(|said| CarriedDocument::said(&said.document));
            Ok([CarriedDocument::agreement(&found.document)].into_iter().chain(said).collect())
        })
    }

    /// Records the search and does it; of `both` kinds at once for the first part of a dossier.
    fn search(&self, caller: &Caller, new: &NewSearch, both: bool) -> Result<Found, ServiceError> {
        let reason = new.reason.trim();
        if !(1..=limits::REASON_CHARS).contains(&reason.chars().count()) {
            return Err(Refusal::BadReason.into());
        }
        let mut query = query(caller, new)?;
        // Before anything is looked for, and again when it is recorded.
        self.db.read("searches of a day", |tx| self.may_search(tx, caller))?;
        if let Some(person) = &new.person {
            query.objects = Some(self.about_person(caller, person)?);
        }
        self.db.write("search acts", |tx| {
            self.may_search(tx, caller)?;
            let (mut acts, mut leaves) = (Vec::new(), Vec::new());
            if !new.about_persons {
                acts = tx.search_acts(&query)?;
            }
            if new.about_persons || (both && query.from == 0) {
                leaves = tx.search_leaves(&query)?;
            }
            let detail = recorded(new, acts.len() + leaves.len());
            let id = ActId::random(&mut self.random()).to_string();
            let look = act::by(caller.actor, EntryType::OfficerViewed, &id);
            // A look at one person is seen in the ledger with the tick of the day only.
            if is_about_person(new) {
                look.at_tick(tx, self, &detail)?;
            } else {
                look.record(tx, self, &detail)?;
            }
            Ok(Found { acts, leaves })
        })
    }

    fn may_search(&self, tx: &Tx<'_>, caller: &Caller) -> Result<(), ServiceError> {
        let since = self.now().seconds().saturating_sub(DAY);
        if tx.readings_since(&caller.actor, since)? >= limits::SEARCHES_A_DAY {
            return Err(Refusal::SearchesSpent.into());
        }
        Ok(())
    }

    fn proven(&self, act: StoredAct) -> Result<ProvenAct, ServiceError> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("entries and details are text");
        let proof = text(self.proof(act.index)?.encode());
        let opened = opened(&act);
        Ok(ProvenAct { entry: text(act.entry), opened, proof })
    }
}

/// What a search finds: entries, and acts about persons, which enter with ticks.
struct Found {
    acts: Vec<StoredAct>,
    leaves: Vec<TickLeaf>,
}

/// Whether the look is one at a person, or at what a person asked for.
fn is_about_person(new: &NewSearch) -> bool {
    let request = |about: &String| about.parse::<RequestId>().is_ok();
    new.about_persons || new.person.is_some() || new.about.as_ref().is_some_and(request)
}

/// What is recorded of a search: everything but the person's tokens.
fn recorded(new: &NewSearch, found: usize) -> serde_json::Value {
    let person = new.person.as_ref().map(|person| {
        serde_json::json!({ "programme": person.programme, "tokens": person.tokens.len() })
    });
    let search = NewSearch { person: None, ..new.clone() };
    serde_json::json!({ "search": search, "person": person, "found": found })
}

fn query(caller: &Caller, new: &NewSearch) -> Result<ActQuery, Refusal> {
    let day =
        |text: &String| -> Result<Date, Refusal> { text.parse().map_err(|_| Refusal::BadSearch) };
    let begins = |day: Date| {
        day.to_zoned(TimeZone::UTC)
            .map(|at| at.timestamp().as_second())
            .map_err(|_| Refusal::BadSearch)
    };
    let kind = new.act.as_deref().map(str::parse::<EntryType>);
    let since = new.since.as_ref().map(day).transpose()?;
    let until = new.until.as_ref().map(day).transpose()?;
    let after = until.map(|day| day.saturating_add(1.day()));
    Ok(ActQuery {
        about: new.about.clone(),
        objects: None,
        party: new.party.clone(),
        // An officer of the certifier belongs to no party.
        scope: caller.party,
        kind: kind.transpose().map_err(|_| Refusal::BadSearch)?,
        since: since.map(begins).transpose()?,
        before: after.map(begins).transpose()?,
        from: new.from,
        limit: new.limit.unwrap_or(limits::ACTS_PAGE).clamp(1, limits::ACTS_PAGE),
    })
}
