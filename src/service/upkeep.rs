//! What a certifier does beside serving: it erases what is due and goes on with rotations, a step at
//! a time, looks after its journal, and prepares what the questions of a tick need. Who calls it how often is the edge's matter.

use super::rotate::Step;
use super::{Certifier, ServiceError};

impl Certifier {
    /// One step of upkeep; [`Step::Idle`] when there is nothing to do for now.
    ///
    /// # Errors
    /// [`ServiceError`]; the next call tries again.
    pub fn upkeep(&self) -> Result<Step, ServiceError> {
        self.erase_due()?;
        self.escalate_notices()?;
        self.tidy_webhooks()?;
        self.expire_bodies()?;
        self.expire_submissions()?;
        self.archive_due()?;
        self.close_tick()?;
        self.end_consents()?;
        self.sweep_said()?;
        self.sweep_admitted()?;
        let step = self.rotate();
        if step.as_ref().is_ok_and(|step| *step != Step::Idle) {
            self.note_own("keys.rotated", "ok");
        }
        // Each whatever became of the others; the longest, which nobody needs, last.
        let others = [self.keep_journal(), self.check_admitted(), self.prepare_leads()];
        let step = step?;
        others.into_iter().collect::<Result<(), _>>()?;
        Ok(step)
    }

    /// Closes connections to the database that nobody has needed since the last call, but for a few.
    pub fn close_idle_readers(&self) {
        self.db.close_idle();
    }
}
