//! The last lines of the journal, counted again at a start: what the lookout knew before it. Nothing that is
//! read here is shown or kept; the chain was checked when the journal was opened.

use std::fs;

use jiff::Timestamp;
use tiers_protocol::ids::ActorId;

use super::line::Line;
use super::{Journal, JournalError, list};
use crate::time::Moment;

/// What a line says of a request.
pub struct Recent {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: Option<ActorId>,
    /// Method and pattern.
    pub operation: String,
    /// Status or code.
    pub result: String,
}

impl Journal {
    /// Visits the lines written after a moment, in their order. What cannot be read is passed over: the check
    /// has told of it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn visit_since(
        &self,
        since: Moment,
        visit: &mut dyn FnMut(&Recent),
    ) -> Result<(), JournalError> {
        let names = list(self.folder())?.into_iter().filter(|name| name.day() >= since.date());
        for name in names {
            let bytes = fs::read(self.folder().join(name.to_string()))?;
            let lines = bytes.split(|byte| *byte == b'\n').filter_map(Line::decode);
            lines.filter_map(recent).filter(|line| line.at > since).for_each(|line| visit(&line));
        }
        Ok(())
    }
}

fn recent(line: Line) -> Option<Recent> {
    let (at, actor, operation, result) = line.said();
    let at: Timestamp = at.parse().ok()?;
    Some(Recent {
        at: Moment::from_seconds(at.as_second())?,
        actor: actor.parse().ok(),
        operation,
        result,
    })
}
