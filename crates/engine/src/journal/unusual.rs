//! Unusual use, seen in what the journal is told: many refusals, much reading, many questions, a spent budget
//! asked for again and again, work of the certifier's people at night. It counts in memory, an hour back;
//! after a start whoever asks has it count the last hour of the journal again, and tells what is found. Specified by `docs/journal.md`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::civil::{Date, Weekday};
use tiers_protocol::ids::ActorId;

use crate::consent::{legal_day, legal_hour};
use crate::time::Moment;

/// What is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// One account is refused again and again, or many wrong keys are tried.
    Refusals,
    /// One account reads or exports much.
    Reading,
    /// One account asks for many reports.
    Questions,
    /// One account asks for reports whose budget is spent.
    Budget,
    /// The certifier's people work on data at night or at the weekend.
    Hours,
}

impl Sign {
    /// Every sign.
    pub const ALL: [Self; 5] =
        [Self::Refusals, Self::Reading, Self::Questions, Self::Budget, Self::Hours];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refusals => "unusual.refusals",
            Self::Reading => "unusual.reading",
            Self::Questions => "unusual.questions",
            Self::Budget => "unusual.budget",
            Self::Hours => "unusual.hours",
        }
    }
}

/// A request, as the journal is told of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: Option<ActorId>,
    /// Method and pattern.
    pub operation: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// Status or code.
    pub result: &'a str,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What is unusual.
    pub sign: Sign,
    /// Whose.
    pub actor: Option<ActorId>,
    /// When.
    pub at: Moment,
    /// How often in the hour before.
    pub times: u32,
}

/// How far back it counts: an hour in seconds.
pub const HOUR: i64 = 3_600;

/// Refusals of one account in an hour: a script with an old id makes a dozen before somebody looks.
pub const REFUSALS: u32 = 60;
/// Wrong keys in an hour, all callers together: one address may try 360.
pub const WRONG_KEYS: u32 = 300;
/// Readings of one account in an hour: an officer with a request of a person makes ten.
pub const READINGS: u32 = 60;
/// Reports asked for by one account in an hour: a year of months has twelve.
pub const QUESTIONS: u32 = 40;
/// Reports refused for their spent budget in an hour.
pub const SPENT: u32 = 3;
/// Working hours of the certifier's people, in Paris, from Monday to Friday.
const WORK: core::ops::Range<i8> = 7..20;

/// What shows or hands out what is of others, or proves what somebody did.
const READING: [&str; 14] = [
    "GET /v1/acts",
    "POST /v1/searches",
    "POST /v1/dossiers",
    "GET /v1/archive",
    "POST /v1/consents/history",
    "GET /v1/consents/{record}",
    "POST /v1/requests",
    "GET /v1/batches/{batch}/records",
    "GET /v1/batches/{batch}/decisions/{position}",
    "GET /v1/releases/{release}/report",
    "GET /portal/releases/{release}/report.json",
    "GET /portal/releases/{release}/report.csv",
    "POST /portal/acts",
    "GET /v1/breaches",
];

/// Questions to the privacy budget.
const ASKING: [&str; 2] = ["POST /v1/reports", "POST /portal/programmes/{programme}/reports"];

/// What only the certifier's people do, by hand and by day.
const BY_DAY: [&str; 5] = [
    "GET /v1/acts",
    "GET /v1/archive",
    "POST /portal/acts",
    "POST /v1/erasures",
    "POST /v1/retention/purge",
];

/// From how many in an hour on a request is a sign; nothing where it is none.
fn limit(sign: Sign, seen: &Seen<'_>) -> Option<u32> {
    let done = seen.status < 400;
    match (sign, seen.actor) {
        (Sign::Refusals, Some(_)) if matches!(seen.status, 403 | 404) => Some(REFUSALS),
        (Sign::Refusals, None) if seen.status == 401 => Some(WRONG_KEYS),
        (Sign::Reading, Some(_)) if done && READING.contains(&seen.operation) => Some(READINGS),
        (Sign::Questions, Some(_)) if ASKING.contains(&seen.operation) => Some(QUESTIONS),
        (Sign::Budget, Some(_)) if seen.result == "report.budget_spent" => Some(SPENT),
        (Sign::Hours, Some(_)) if done && BY_DAY.contains(&seen.operation) && is_off(seen.at) => {
            Some(1)
        }
        _ => None,
    }
}

/// Whether nobody works in Paris.
fn is_off(at: Moment) -> bool {
    let weekend = matches!(legal_day(at).weekday(), Weekday::Saturday | Weekday::Sunday);
    weekend || !WORK.contains(&legal_hour(at))
}

#[derive(Default)]
struct Window {
    times: VecDeque<i64>,
    told_on: Option<Date>,
}

/// Counts what requests there were in the last hour.
#[derive(Default)]
pub struct Lookout(Mutex<HashMap<(Sign, Option<ActorId>), Window>>);

impl Lookout {
    /// Takes a request; what is unusual now, each sign of an account once a day.
    pub fn sees(&self, seen: &Seen<'_>) -> Vec<Found> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, day) = (seen.at.seconds(), seen.at.date());
        let mut found = Vec::new();
        for sign in Sign::ALL {
            let Some(limit) = limit(sign, seen) else { continue };
            let window = windows.entry((sign, seen.actor)).or_default();
            window.times.push_back(now);
            while window.times.front().is_some_and(|first| *first <= now - HOUR) {
                window.times.pop_front();
            }
            let times = u32::try_from(window.times.len()).unwrap_or(u32::MAX);
            if times >= limit {
                // More than the limit say nothing more.
                window.times.pop_front();
                if window.told_on != Some(day) {
                    window.told_on = Some(day);
                    found.push(Found { sign, actor: seen.actor, at: seen.at, times });
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn actor(number: u8) -> ActorId {
        ActorId::from_bytes([number; 16])
    }

    /// Monday, 1 September 2025, so many seconds after 10:00 in Paris.
    fn at(seconds: i64) -> Moment {
        let begin: jiff::Timestamp = "2025-09-01T08:00:00Z".parse().unwrap();
        Moment::from_seconds(begin.as_second() + seconds).unwrap()
    }

    fn seen(seconds: i64, who: Option<u8>, operation: &str, status: u16) -> Seen<'_> {
        let result = if status == 429 { "report.budget_spent" } else { "200" };
        Seen { at: at(seconds), actor: who.map(actor), operation, status, result }
    }

    #[test]
    fn log_09_each_sign_is_found_at_its_number_and_told_once_a_day() {
        for (who, operation, status, limit, sign) in [
            (Some(1), "GET /v1/deposits/{deposit}", 404, REFUSALS, Sign::Refusals),
            (None, "GET /v1/deposits", 401, WRONG_KEYS, Sign::Refusals),
            (Some(1), "POST /v1/dossiers", 200, READINGS, Sign::Reading),
            (Some(1), "POST /v1/reports", 200, QUESTIONS, Sign::Questions),
            (Some(1), "POST /v1/reports", 429, SPENT, Sign::Budget),
        ] {
            let lookout = Lookout::default();
            for n in 1..limit {
                let found = lookout.sees(&seen(i64::from(n), who, operation, status));
                assert_eq!(found, [], "{sign:?} {n}");
            }
            let last = lookout.sees(&seen(i64::from(limit), who, operation, status));
            assert_eq!(last.iter().map(|f| (f.sign, f.times)).collect::<Vec<_>>(), [(sign, limit)]);
            let more = lookout.sees(&seen(i64::from(limit) + 1, who, operation, status));
            assert_eq!(more, [], "told once");
            // The next day again.
            let day = 86_400;
            let again = (0..limit)
                .flat_map(|n| lookout.sees(&seen(day + i64::from(n), who, operation, status)));
            assert_eq!(again.count(), 1, "{sign:?}");
        }
    }

    #[test]
    fn log_09_work_by_night_and_at_weekends_is_a_sign_and_by_day_none() {
        // Hours after Monday 10:00 in Paris.
        for (hours, off) in [
            (0, false),
            (9, false),
            (10, true),
            (20, true),
            (21, false),
            (4 * 24, false),
            (5 * 24, true),
            (6 * 24, true),
            (7 * 24, false),
        ] {
            let lookout = Lookout::default();
            let found = lookout.sees(&seen(hours * HOUR, Some(1), "GET /v1/archive", 200));
            assert_eq!(!found.is_empty(), off, "{hours} hours later");
            // Machines of parties work by night, and what was refused was not done.
            assert_eq!(lookout.sees(&seen(hours * HOUR, Some(2), "POST /v1/deposits", 200)), []);
            assert_eq!(lookout.sees(&seen(hours * HOUR, Some(3), "GET /v1/archive", 403)), []);
        }
    }

    proptest! {
        /// Against a model that keeps everything and counts anew.
        #[test]
        fn log_09_no_burst_is_missed_and_no_calm_hour_is_a_sign(
            steps in proptest::collection::vec((0_i64..400, 0_u8..3, 0_u8..4), 1..400),
        ) {
            let lookout = Lookout::default();
            let (mut now, mut all): (i64, Vec<(i64, u8, u8)>) = (0, Vec::new());
            let mut told = std::collections::BTreeSet::new();
            for (wait, who, what) in steps {
                now += wait;
                // Within the working day the hours are no sign.
                let (operation, status) = [
                    ("POST /v1/reports", 429), ("POST /v1/searches", 200),
                    ("GET /v1/deposits", 404), ("GET /v1/deposits", 200),
                ][usize::from(what)];
                all.push((now, who, what));
                let found = lookout.sees(&seen(now, Some(who), operation, status));
                let limit = [SPENT, READINGS, REFUSALS, u32::MAX][usize::from(what)];
                let same = |of: &&(i64, u8, u8)| of.1 == who && of.2 == what && of.0 > now - HOUR;
                let often = all.iter().filter(same).count() as u64 >= u64::from(limit);
                let new = often && told.insert((who, what, at(now).date()));
                let signs = found.iter().filter(|f| f.sign != Sign::Questions).count();
                prop_assert_eq!(signs == 1, new);
            }
        }
    }
}
