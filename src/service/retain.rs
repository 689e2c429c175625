//! Retention at work: what is due and when, what leaves the active base for the archive, what is deleted
//! from there. Tokens go by the one function that erases what is ordered (`erase.rs`); purging is that
//! function and the archive's, on the day itself. Specified by `docs/governance.md`.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};
use tiers_protocol::encoding::Bytes;
use tiers_protocol::ids::{ActId, RecordId};
use tiers_protocol::tlog::EntryType;

use super::faults::FaultPoint;
use super::{Certifier, Refusal, ServiceError, act, exchange};
use crate::governance::retention::{Object, RetentionPolicy};
use crate::governance::view::{ArchivedInfo, DueInfo, Phase, Purged};
use crate::limits;
use crate::store::StoreError;
use crate::store::archive::{Archived, Asked};
use crate::store::credential::Caller;
use crate::store::retention::Kept;

impl Certifier {
    /// What is due until a day: to the archive, or to be deleted; the first first.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn retention_due(&self, until: Date) -> Result<Vec<DueInfo>, ServiceError> {
        let policy = RetentionPolicy::france();
        let mut due = Vec::new();
        let (days, running, marks, opposed, bodies, ends, waiting) =
            self.db.read("retention due", |tx| {
                let (days, running) = (tx.last_days()?, tx.terms_running()?);
                let (marks, opposed) = (tx.journal_marks()?, tx.oppositions_kept()?);
                let (bodies, ends) = (exchange::bodies(tx)?, self.consent_ends(tx)?);
                let waiting = tx.oldest_waiting()?;
                Ok::<_, ServiceError>((days, running, marks, opposed, bodies, ends, waiting))
            })?;
        for (id, programme, last) in days {
            due.push(DueInfo {
                object: word(Object::ProgrammeTokens),
                id,
                programme: Some(programme),
                phase: Phase::Active,
                moves_on: None,
                deleted_on: next(last).to_string(),
            });
        }
        for kept in running {
            let dates = policy.rule(kept.object).dates(kept.starts);
            let archived = dates.kept_until > dates.active_until;
            due.push(DueInfo {
                object: word(kept.object),
                id: kept.id,
                programme: kept.programme,
                phase: Phase::Active,
                moves_on: archived.then(|| next(dates.active_until).to_string()),
                deleted_on: next(dates.kept_until).to_string(),
            });
        }
        let plain = |object, id: String, last: Date| DueInfo {
            object: word(object),
            id,
            programme: None,
            phase: Phase::Active,
            moves_on: None,
            deleted_on: next(last).to_string(),
        };
        due.extend(marks.iter().map(|mark| {
            let name = mark.state.name;
            plain(Object::Journal, name.to_string(), self.journal_term.last_day(name.day()))
        }));
        due.extend(
            bodies
                .iter()
                .map(|of| plain(Object::ExchangeBodies, of.batch.to_string(), of.kept_until)),
        );
        // Of a page, what goes first.
        due.extend(waiting.into_iter().map(|(page, arrived)| {
            let dates = policy.rule(Object::Submissions).dates(arrived.date());
            plain(Object::Submissions, page, dates.kept_until)
        }));
        due.extend(opposed.into_iter().map(|of| plain(Object::Oppositions, of.act, of.kept_until)));
        // Of a batch of proofs, the first that goes.
        due.extend(ends.into_iter().map(|(batch, (_, end))| {
            let dates = policy.rule(Object::ConsentProofs).dates(end);
            DueInfo {
                moves_on: Some(next(dates.active_until).to_string()),
                ..plain(Object::ConsentProofs, Bytes::new(batch).to_string(), dates.kept_until)
            }
        }));
        let asked = Asked { headings: true, before: Some(until), ..Asked::default() };
        for thing in self.archive.things(&asked)? {
            due.push(DueInfo {
                object: thing.object,
                id: thing.id,
                programme: thing.programme,
                phase: Phase::Archive,
                moves_on: None,
                deleted_on: next(thing.kept_until).to_string(),
            });
        }
        let until = until.to_string();
        due.retain(|of| of.next_day() <= until.as_str());
        due.sort_by(|a, b| (a.next_day(), &a.object, &a.id).cmp(&(b.next_day(), &b.object, &b.id)));
        Ok(due)
    }

    /// Does now what is due today: erases what is past its term or ordered, moves to the archive, deletes
    /// from it. The background does the same.
    ///
    /// # Errors
    /// [`ServiceError`]; the next call goes on.
    pub fn purge(&self) -> Result<Purged, ServiceError> {
        let accepted = || self.standing().map(|all| all.len());
        let before = accepted()?;
        self.erase_due()?;
        let erased = before.saturating_sub(accepted()?);
        // Bodies before their exchanges.
        let mut deleted = self.expire_bodies()? + self.expire_submissions()?;
        let proofs = self.archive_consents()?;
        deleted += self.forget_idle()?;
        let (archived, gone) = self.archive_due()?;
        let (archived, deleted) = (archived + proofs, deleted + gone);
        self.publish()?;
        Ok(Purged { erased, archived, deleted })
    }

    /// Moves what has left its active term to the archive, and deletes what has left its last. Killed
    /// anywhere, nothing is lost, and the next call goes on: a thing is in the archive before it leaves the
    /// active base, and that it is deleted is recorded before it is.
    pub(super) fn archive_due(&self) -> Result<(usize, usize), ServiceError> {
        let (today, policy) = (self.now().date(), RetentionPolicy::france());
        let over = |kept: &Kept| policy.rule(kept.object).dates(kept.starts).active_until < today;
        let (taken, mut opposed) = self.db.read("to the archive", |tx| {
            let running = tx.terms_running()?.into_iter().filter(over).take(limits::ARCHIVE_STEP);
            let taken = running.map(|kept| tx.whole(kept)).collect::<Result<Vec<_>, StoreError>>();
            Ok::<_, StoreError>((taken?, tx.oppositions_kept()?))
        })?;
        opposed.retain(|of| of.kept_until < today);
        let things: Vec<Archived> = taken
            .iter()
            .map(|taken| Archived {
                object: word(taken.kept.object),
                id: taken.kept.id.clone(),
                programme: taken.kept.programme.clone(),
                document: taken.document.clone(),
                archived_on: today,
                kept_until: policy.rule(taken.kept.object).dates(taken.kept.starts).kept_until,
                persons: Vec::new(),
            })
            .collect();
        if !things.is_empty() {
            self.archive_decisions(&things)?;
            self.archive.put(&things)?;
            self.faults.reach(FaultPoint::Archived)?;
        }
        let gone = self.archive.things(&Asked { before: Some(today), ..Asked::default() })?;
        if things.is_empty() && gone.is_empty() && opposed.is_empty() {
            return Ok((0, 0));
        }
        let ended = gone.len() + opposed.len();
        self.db.write("retention", |tx| {
            for taken in &taken {
                tx.take_out(&taken.kept)?;
            }
            let proofs = gone.iter().filter(|thing| is(thing, Object::ConsentProofs));
            let records: Vec<RecordId> = proofs.filter_map(|thing| thing.id.parse().ok()).collect();
            self.forget_records(tx, &records)?;
            for thing in &gone {
                let document = serde_json::from_str(&thing.document).unwrap_or(Value::Null);
                // What concerns a person has leaves in ticks in place of an entry.
                tx.forget_details(document["entry"].as_u64(), &thing.id)?;
                for (batch, entry) in batches_of(&document) {
                    tx.forget_details(Some(entry), batch)?;
                }
            }
            for batch in &opposed {
                tx.delete_oppositions(batch)?;
                if batch.entry.is_some() {
                    tx.forget_details(batch.entry, &batch.act)?;
                }
            }
            let named = |all: &[Archived]| -> Vec<_> {
                all.iter().map(|of| json!({ "object": of.object, "id": of.id })).collect()
            };
            let mut deleted = named(&gone);
            let object = Object::Oppositions.as_str();
            deleted.extend(opposed.iter().map(|of| json!({ "object": object, "id": of.act })));
            let detail = json!({
                "policy": format!("{} {}", policy.name, policy.version),
                "archived": named(&things), "deleted": deleted,
            });
            let id = ActId::random(&mut self.random()).to_string();
            act::by_certifier(self, EntryType::RetentionExecuted, &id).record(tx, self, &detail)
        })?;
        self.archive.forget_before(today)?;
        self.drop_decisions(&things, &gone)?;
        self.db.empty_log()?;
        self.note_own("retention.executed", "ok");
        Ok((things.len(), ended))
    }

    /// What is in the archive, for an officer with a reason; the look is an act, recorded before
    /// anything is shown.
    ///
    /// # Errors
    /// [`Refusal::BadReason`].
    pub fn read_archive(
        &self,
        caller: &Caller,
        reason: &str,
        programme: Option<&str>,
        id: Option<&str>,
    ) -> Result<Vec<ArchivedInfo>, ServiceError> {
        let reason = reason.trim();
        if !(1..=limits::REASON_CHARS).contains(&reason.chars().count()) {
            return Err(Refusal::BadReason.into());
        }
        let things = self.archive.things(&Asked { programme, id, ..Asked::default() })?;
        self.db.write("read archive", |tx| {
            let act = ActId::random(&mut self.random()).to_string();
            let detail = json!({
                "archive": { "programme": programme, "id": id }, "reason": reason,
                "found": things.len(),
            });
            act::by(caller.actor, EntryType::OfficerViewed, &act)
                .record(tx, self, &detail)
                .map(drop)
        })?;
        things.into_iter().map(|thing| self.shown(thing)).collect()
    }

    fn shown(&self, thing: Archived) -> Result<ArchivedInfo, ServiceError> {
        let document = if is(&thing, Object::ConsentProofs) {
            self.opened_proof(&thing.id, &thing.document)?
        } else {
            serde_json::from_str(&thing.document)
                .map_err(|_| StoreError::Corrupt { column: "archived.document" })?
        };
        Ok(ArchivedInfo {
            object: thing.object,
            id: thing.id,
            programme: thing.programme,
            archived_on: thing.archived_on.to_string(),
            kept_until: thing.kept_until.to_string(),
            document,
        })
    }
}

/// The batches of an archived exchange, each with an entry of its own where it was handed over.
fn batches_of(document: &Value) -> impl Iterator<Item = (&str, u64)> {
    let batches = document["batches"].as_array().map_or(&[][..], Vec::as_slice);
    let entry = document["entry"].as_u64().unwrap_or(u64::MAX);
    batches.iter().filter_map(move |batch| {
        Some((batch["batch"].as_str()?, batch["entry"].as_u64().unwrap_or(entry)))
    })
}

fn is(thing: &Archived, object: Object) -> bool {
    thing.object == object.as_str()
}

/// The word of an object in the policy.
fn word(object: Object) -> String {
    object.as_str().to_owned()
}

fn next(day: Date) -> Date {
    day.saturating_add(1.day())
}
