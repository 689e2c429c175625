//! From a party's file to the rows of a batch. A first reading says which rows can be sent, a second one makes
//! the records when they are sealed: memory holds some thousands of rows, and a few bytes for each row of the
//! file. What a row becomes is `tiers_protocol::exchange::sending`.

use std::path::{Path, PathBuf};

use tiers_contact::Cells;
use tiers_protocol::exchange::Field;
use tiers_protocol::exchange::sending::{Fate, LeftOut, Plan, Rules, Sorter, options};

use super::super::cells::CellFile;
use super::super::reading::ReadingArgs;
use super::{CliError, ExchangeFault};
use crate::parallel::in_parts;

/// A file that is about to be sent.
pub(super) struct Batch {
    path: PathBuf,
    file: CellFile,
    rules: Rules,
    sorted: Sorter,
}

/// Some rows that are sent.
pub(super) struct Part<'p> {
    pub(super) rules: &'p Rules,
    pub(super) cells: &'p Cells,
    /// Rows of the file before these cells, and the places of the rows in them.
    before: usize,
    rows: &'p [usize],
}

impl Part<'_> {
    /// Number of rows.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// One of them: its place in the cells, and its row of the file, 1 for the first one.
    pub(super) fn row(&self, place: usize) -> (usize, u64) {
        let row = self.rows[place];
        (row, (self.before + row) as u64 + 1)
    }
}

impl Batch {
    /// Reads a file, and says which of its rows can be sent.
    pub(super) fn read(
        path: &Path,
        reading: &ReadingArgs,
        plan: Plan<'_>,
    ) -> Result<Self, CliError> {
        let mut options = options();
        reading.apply(&mut options)?;
        let file = CellFile::open(path, &options)?;
        let rules = Rules::of(file.columns(), plan).map_err(ExchangeFault::from)?;
        let mut batch = Self { path: path.to_owned(), file, rules, sorted: Sorter::default() };
        batch.sort_out()?;
        Ok(batch)
    }

    /// Says what becomes of each row.
    fn sort_out(&mut self) -> Result<(), CliError> {
        let Self { file, rules, sorted, .. } = self;
        file.each(|cells, _| {
            let judged = |row| rules.judged(cells, row);
            let parts = in_parts(cells.len(), |rows| rows.map(judged).collect::<Vec<_>>());
            parts.into_iter().flatten().for_each(|one| sorted.take(one));
            Ok(())
        })
    }

    /// Hands out the rows that are sent, at most `some` at a time.
    ///
    /// # Errors
    /// Those of reading, those of `take`, and [`CliError::Changed`] where the file is not what it was.
    pub(super) fn each(
        &mut self,
        some: usize,
        mut take: impl FnMut(&Part<'_>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Self { path, file, rules, sorted } = self;
        let (mut found, mut sent) = (0, 0);
        file.each(|cells, before| {
            let is_sent = |row: &usize| sorted.fates().get(before + row) == Some(&Fate::Sent);
            let rows: Vec<usize> = (0..cells.len()).filter(is_sent).collect();
            (found, sent) = (before + cells.len(), sent + rows.len() as u64);
            rows.chunks(some).try_for_each(|rows| take(&Part { rules, cells, before, rows }))
        })?;
        if (found, sent) == (sorted.fates().len(), sorted.records()) {
            return Ok(());
        }
        Err(CliError::Changed(path.clone()))
    }

    /// Rows that are sent.
    pub(super) const fn records(&self) -> u64 {
        self.sorted.records()
    }

    /// Rows that are left out, 1 for the first row of the file, and why.
    pub(super) fn left_out(&self) -> impl Iterator<Item = (u64, LeftOut)> + '_ {
        self.sorted.left_out()
    }

    /// The same as CSV.
    pub(super) fn left_out_csv(&self) -> String {
        self.sorted.left_out_csv()
    }

    /// The fields that can leave, in the order of the format page.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.rules.fields()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tiers_contact::Tokeniser;
    use tiers_protocol::consent::Channel;
    use tiers_protocol::entropy::System;
    use tiers_protocol::exchange::Agreement;
    use tiers_protocol::exchange::sending::draft;
    use tiers_protocol::ids::{ExchangeId, PartyId};
    use tiers_protocol::party::PartySecret;

    use super::*;

    /// What `exchange template` writes, filled in as far as it has to be read.
    fn agreement() -> Agreement {
        let keys = || PartySecret::generate(&mut System).public();
        let mut made = draft(&ExchangeId::random(&mut System), [&keys(), &keys()]);
        for (side, siren) in [("proposer", "732829320"), ("other", "552100554")] {
            let officer = keys();
            made[side]["party"] = json!(PartyId::random(&mut System));
            made[side]["siren"] = json!(siren);
            made[side]["dpo"]["key"] = json!(officer.signing);
            made[side]["dpo"]["sealing"] = json!(officer.sealing);
            made[side]["signatory"]["key"] = json!(keys().signing);
        }
        (made["begins"], made["ends"]) = (json!("2026-01-01"), json!("2026-06-30"));
        serde_json::from_value(made).expect("an agreement")
    }

    fn rules(file: &CellFile) -> Rules {
        let agreement = agreement();
        let plan = Plan {
            agreement: &agreement,
            side: &agreement.proposer,
            channel: Channel::Email,
            tokeniser: Tokeniser::new(&[1; 32], "test"),
            collected: Some(jiff::civil::date(2026, 3, 1)),
            suppress: None,
        };
        Rules::of(file.columns(), plan).expect("it is understood")
    }

    /// The rows that are sent, by their places in the file.
    fn sent(batch: &mut Batch) -> Result<Vec<u64>, CliError> {
        let mut rows = Vec::new();
        batch.each(2, |part| {
            for place in 0..part.len() {
                let (row, number) = part.row(place);
                assert!(part.rules.record(part.cells, row).is_ok(), "row {number}");
                rows.push(number);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn both_readings_find_the_same_rows_or_nothing_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("customers.csv");
        let good = "email;preuve\na@x.fr;1\n\nb@x.fr;2\nnobody;3\nA@x.fr;4\nc@x.fr;\nd@x.fr;5\n";
        std::fs::write(&path, good).expect("room");
        let file = CellFile::open(&path, &options()).expect("a table");
        let rules = rules(&file);
        let mut batch = Batch { path: path.clone(), file, rules, sorted: Sorter::default() };
        batch.sort_out().expect("it is read");
        assert_eq!(batch.records(), 3);
        // Blank lines of a text are no rows.
        let left_out: Vec<_> = batch.left_out().collect();
        let why = [LeftOut::NoContact, LeftOut::Duplicate, LeftOut::NoEvidence];
        assert_eq!(left_out, [3, 4, 5].into_iter().zip(why).collect::<Vec<_>>());
        assert_eq!(sent(&mut batch).expect("nothing changed"), [1, 2, 6]);
        for changed in [format!("{good}e@x.fr;6\n"), good.replace("d@x.fr;5\n", "")] {
            std::fs::write(&path, changed).expect("room");
            assert!(matches!(sent(&mut batch), Err(CliError::Changed(of)) if of == path));
        }
    }
}
