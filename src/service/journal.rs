//! The journal of this certifier: what is noted, and how it is kept: its end of each day goes into the ledger,
//! an alteration is told at once and recorded, files go when their term is over. Specified by
//! `docs/journal.md`.

use tiers_protocol::ids::ActId;
use tiers_protocol::tlog::EntryType;

use super::{Certifier, ServiceError, act};
use crate::journal::{self, Alteration, Health, Note, Object};

/// Seconds between two readings of the chain.
const CHECK_EVERY: i64 = 3_600;

impl Certifier {
    /// Notes a request or an act of the background. Never fails: what cannot be written is counted.
    pub fn note(&self, note: &Note<'_>) {
        self.journal.append(self.now(), &self.keyring.signing, note);
    }

    /// Notes an act of the certifier itself.
    pub fn note_own(&self, operation: &str, result: &str) {
        let object = Object::none();
        self.note(&Note { actor: None, operation, object, result, request: "" });
    }

    /// A fresh correlation id.
    #[must_use]
    pub fn request_id(&self) -> String {
        format!("req_{}", tiers_protocol::encoding::encode(&self.bytes::<16>()))
    }

    /// How the journal fares.
    #[must_use]
    pub fn journal_health(&self) -> Health {
        self.journal.health()
    }

    /// What the opening of the journal found; marks follow what it found whole.
    pub(super) fn take_up_journal(&self, found: &journal::Checked) -> Result<(), ServiceError> {
        self.alert(&found.altered)?;
        let altered =
            |file: &journal::FileState| found.altered.iter().any(|a| a.name() == file.name);
        self.db.write("take up journal", |tx| {
            for file in found.files.iter().filter(|file| !altered(file)) {
                tx.put_journal_mark(file)?;
            }
            Ok(())
        })
    }

    /// Looks after the journal; called about once a minute.
    ///
    /// # Errors
    /// [`ServiceError`]; the next call tries again.
    pub fn keep_journal(&self) -> Result<(), ServiceError> {
        let changed: Vec<_> = self.journal.watch()?.into_iter().collect();
        self.alert(&changed)?;
        let written = self.journal.flush()?;
        let known =
            self.db.read("read journal", |tx| Ok::<_, ServiceError>(tx.journal_marks()?))?;
        let moved = |file: &&journal::FileState| !known.iter().any(|mark| mark.state == **file);
        if written.iter().any(|file| moved(&file)) {
            self.db.write("mark journal", |tx| {
                let mut moved = written.iter().filter(moved);
                moved.try_for_each(|file| tx.put_journal_mark(file))?;
                Ok::<_, ServiceError>(())
            })?;
        }
        if self.is_time_to_check() {
            self.check_journal()?;
        }
        self.seal_journal()?;
        self.forget_alerts()?;
        self.forget_journal()
    }

    /// Reads the chain again; the alterations that it found, told or not.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn check_journal(&self) -> Result<Vec<Alteration>, ServiceError> {
        let marks =
            self.db.read("read journal", |tx| Ok::<_, ServiceError>(tx.journal_marks()?))?;
        let found = self.journal.check(&marks)?.altered;
        self.alert(&found)?;
        self.note_own("journal.checked", if found.is_empty() { "ok" } else { "altered" });
        Ok(found)
    }

    /// Tells each new alteration: to the operator, in the ledger, in the journal itself.
    fn alert(&self, found: &[Alteration]) -> Result<(), ServiceError> {
        for alteration in found {
            let is_new = self.db.write("alert of journal", |tx| {
                let is_new = tx.insert_journal_alert(*alteration, self.now())?;
                if is_new {
                    let id = ActId::random(&mut self.random()).to_string();
                    let file = alteration.name().to_string();
                    let detail = serde_json::json!({ "file": file, "found": alteration.code() });
                    act::by_certifier(self, EntryType::JournalAltered, &id)
                        .record(tx, self, &detail)?;
                }
                Ok::<_, ServiceError>(is_new)
            })?;
            if is_new {
                tracing::error!(
                    code = alteration.code(),
                    "ALERT: the journal was altered: {alteration}"
                );
                self.note_own("journal.alert", alteration.code());
            }
        }
        Ok(())
    }

    /// The end of each file of an earlier day goes into the ledger, one entry for all that wait.
    fn seal_journal(&self) -> Result<(), ServiceError> {
        let (today, current) = (self.now().date(), self.journal.current());
        self.db.write("seal journal", |tx| {
            let mut marks = tx.journal_marks()?;
            marks.retain(|mark| !mark.sealed && mark.state.name.day() < today);
            marks.retain(|mark| Some(mark.state.name) != current);
            if marks.is_empty() {
                return Ok(());
            }
            let file = |mark: &journal::Mark| {
                let state = mark.state;
                serde_json::json!({
                    "file": state.name.to_string(), "lines": state.lines, "head": state.head,
                })
            };
            let detail = serde_json::json!({ "files": marks.iter().map(file).collect::<Vec<_>>() });
            for mark in &marks {
                tx.seal_journal(mark.state.name)?;
            }
            let id = ActId::random(&mut self.random()).to_string();
            act::by_certifier(self, EntryType::JournalSealed, &id).record(tx, self, &detail)?;
            Ok(())
        })
    }

    /// Files whose term is over go; that they went is recorded first.
    fn forget_journal(&self) -> Result<(), ServiceError> {
        let today = self.now().date();
        let mut over = journal::list(self.journal.folder())?;
        over.retain(|name| self.journal_term.is_over(name.day(), today));
        over.retain(|name| Some(*name) != self.journal.current());
        if over.is_empty() {
            return Ok(());
        }
        self.db.write("forget journal", |tx| {
            let known = tx.journal_marks()?;
            // Without a mark it is recorded already: a kill came between the record and the removal.
            let known =
                over.iter().filter(|name| known.iter().any(|mark| mark.state.name == **name));
            let known: Vec<String> = known.map(ToString::to_string).collect();
            if known.is_empty() {
                return Ok(());
            }
            for name in &over {
                tx.forget_journal(*name)?;
            }
            let id = ActId::random(&mut self.random()).to_string();
            let detail = serde_json::json!({ "files": known });
            act::by_certifier(self, EntryType::JournalDeleted, &id).record(tx, self, &detail)?;
            Ok::<_, ServiceError>(())
        })?;
        for name in over {
            journal::remove(self.journal.folder(), name)?;
        }
        self.note_own("journal.deleted", "ok");
        Ok(())
    }

    fn is_time_to_check(&self) -> bool {
        use std::sync::atomic::Ordering;

        let (now, last) = (self.now().seconds(), self.journal_checked.load(Ordering::Relaxed));
        if now - last < CHECK_EVERY {
            return false;
        }
        self.journal_checked.store(now, Ordering::Relaxed);
        true
    }
}
