//! What the lookout for unusual use knew before a start: it counts the last hour of the journal again, so that
//! nobody who has the certifier restarted begins at nothing. Specified by `docs/journal.md`.

use super::refusal::Class;
use super::{Certifier, Refusal, ServiceError};
use crate::journal::unusual::{HOUR, Seen};
use crate::time::Moment;

impl Certifier {
    /// Counts the last hour again. What was told is not told twice; what a kill kept from being told is.
    pub(super) fn recount(&self) -> Result<(), ServiceError> {
        let now = self.now().seconds();
        let Some(since) = Moment::from_seconds(now.saturating_sub(HOUR)) else { return Ok(()) };
        let mut found = Vec::new();
        self.journal.visit_since(since, &mut |line| {
            found.extend(self.lookout.sees(&Seen {
                at: line.at,
                actor: line.actor,
                operation: &line.operation,
                status: status(&line.result),
                result: &line.result,
            }));
        })?;
        for one in found {
            self.tell_unusual(&one);
        }
        Ok(())
    }
}

/// The status of a result, as far as the lookout asks: the journal has the code of a refusal in its place.
fn status(result: &str) -> u16 {
    let known = Refusal::ALL.iter().find(|one| one.code() == result);
    match known.map(|refusal| refusal.class()) {
        Some(Class::Unauthenticated) => 401,
        Some(Class::Forbidden) => 403,
        Some(Class::NotFound) => 404,
        Some(_) => 400,
        None => result.parse().unwrap_or(500),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_the_journal_counts_as_its_answer_did() {
        assert_eq!(status("200"), 200);
        assert_eq!(status(Refusal::Unauthenticated.code()), 401);
        assert_eq!(status(Refusal::Forbidden.code()), 403);
        assert_eq!(status(Refusal::NotFound.code()), 404);
        assert_eq!(status(Refusal::Spent.code()), 400);
        assert_eq!(status("client.gone"), 500);
    }
}
