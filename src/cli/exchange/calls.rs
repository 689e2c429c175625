//! When a consumer may be called: the hours, days and limits that go with telephone records, as a document that
//! a dialler reads. The rules are data (`policies/calls/france.json`); the public holidays of the year ahead are
//! written out. Whether a person may be called at all is decided for each record, not here.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Value, json};
use tiers_protocol::consent::Channel;

use super::{CliError, files};
use crate::consent::is_public_holiday;

/// The rules of France, with the articles that they come from.
const FRANCE: &str = include_str!("../../../policies/calls/france.json");

/// For how many days the holidays are written out.
const AHEAD: i64 = 366;

/// The rules with the holidays from a day on.
fn rules(from: Date) -> Value {
    let mut rules: Value = serde_json::from_str(FRANCE).unwrap_or_default();
    let days = (0..AHEAD).filter_map(|n| from.checked_add(jiff::Span::new().days(n)).ok());
    let holidays: Vec<Date> = days.filter(|day| is_public_holiday(*day)).collect();
    rules["public_holidays"] = json!(holidays);
    rules
}

/// Writes the rules beside opened records by which people are called.
pub(super) fn beside(
    records: &Path,
    channel: Channel,
    today: Date,
) -> Result<Option<PathBuf>, CliError> {
    if !matches!(channel, Channel::Phone | Channel::AutomatedCall) {
        return Ok(None);
    }
    let path = records.with_extension("calling-rules.json");
    files::replace(&path, files::pretty(&rules(today)).as_bytes())?;
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn exc_23_telephone_records_come_with_the_hours_days_and_limits_of_calls() {
        let folder = tempfile::tempdir().unwrap();
        let records = folder.path().join("contacts.csv");
        let today = date(2026, 3, 4);
        assert_eq!(beside(&records, Channel::Email, today).unwrap(), None);
        let path = beside(&records, Channel::Phone, today).unwrap().unwrap();
        let rules: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(rules["hours"], json!([["10:00", "13:00"], ["14:00", "20:00"]]));
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
        assert_eq!(rules["days"], json!(days));
        assert_eq!(rules["time_zone"], json!("Europe/Paris"));
        assert_eq!(rules["calls_in_30_days"], json!(4));
        assert_eq!(rules["days_of_rest_after_a_refusal"], json!(60));
        let holidays = rules["public_holidays"].as_array().unwrap();
        assert_eq!(holidays.len(), 11);
        assert!(holidays.contains(&json!("2026-05-01")) && holidays.contains(&json!("2027-01-01")));
        assert!(rules["article"].as_str().unwrap().contains("D. 223-9"));
    }
}
