//! The admission of units into a month, decided in the transaction of the release: a release that does not happen
//! admits nobody, one that happened is never forgotten.
//!
//! What a release admits anew is one file (`units`), durable before the transaction that names it is committed. The
//! matching asks for units in one order, and files lie in that order: what is known of them is merged, not looked up.

mod files;
mod units;

use std::collections::HashSet;
use std::path::PathBuf;

use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;
use tiers_protocol::policy::SaleMonthsPerYear;

pub use self::files::name;
pub use self::units::{Check, FileId, Units};
use self::units::{Unit, UnitsWriter};
use super::certifier::durable_error;
use super::error::file_error;
use super::{Certifier, ServiceError};
use crate::crypto::chain::VaultToken;
use crate::matching::{Admission, AdmittedMonths};
use crate::store::Tx;
use crate::store::admission::{KindYear, UnitsFile, both, only};
use crate::vault::Month;

/// Files of one month, above which all of them become one.
const FILES_OF_A_MONTH: usize = 4;

/// What a failed reading or writing is of.
const WHAT: &str = "the admitted units";

/// Admits the units of one programme into one month.
pub(super) struct Remembered<'a, 'tx> {
    tx: &'a Tx<'tx>,
    /// What names a file that is written now.
    new: UnitsFile,
    /// The id of one that takes the place of several.
    merged: FileId,
    folder: PathBuf,
    month: Month,
    limit: SaleMonthsPerYear,
    files: Vec<(UnitsFile, Units)>,
    rows: Rows,
    written: Option<UnitsWriter>,
    /// The last unit that was asked for.
    asked: Option<Unit>,
}

impl<'a, 'tx> Remembered<'a, 'tx> {
    /// Opens what is remembered of the month's year; `ids` are drawn for what may be written in `folder`, and `sound`
    /// are files that were read whole before.
    pub(super) fn open(
        tx: &'a Tx<'tx>,
        (folder, ids, sound): (PathBuf, [FileId; 2], &HashSet<FileId>),
        programme: ProgrammeId,
        (month, limit): (Month, SaleMonthsPerYear),
    ) -> Result<Self, ServiceError> {
        let ([id, merged], year, months) = (ids, month.year(), only(month));
        let new = UnitsFile { id, programme, year, months, count: 0 };
        let mut files = Vec::new();
        for file in tx.units_files_of(&programme, year)? {
            let check = if sound.contains(&file.id) { Check::Order } else { Check::Whole };
            let units = files::open(&folder, &file, check).map_err(files::lost)?;
            files.push((file, units));
        }
        let (rows, written, asked) = (Rows::default(), None, None);
        Ok(Self { tx, new, merged, folder, month, limit, files, rows, written, asked })
    }

    /// Makes what was admitted durable, in a file that the transaction names.
    pub(super) fn finish(self) -> Result<(), ServiceError> {
        let (new, mut of_the_month) = (self.new, Vec::new());
        for (file, units) in self.files {
            units.finish().map_err(file_error(WHAT))?;
            if file.months == new.months {
                of_the_month.push(file.id);
            }
        }
        let Some(written) = self.written else { return Ok(()) };
        let new = UnitsFile { count: written.commit().map_err(durable_error)?, ..new };
        if of_the_month.len() < FILES_OF_A_MONTH {
            return Ok(self.tx.insert_units_file(&new)?);
        }
        for old in &of_the_month {
            self.tx.delete_units_file(old)?;
        }
        of_the_month.push(new.id);
        let count = files::merge(&self.folder, &of_the_month, &self.merged)?;
        Ok(self.tx.insert_units_file(&UnitsFile { id: self.merged, count, ..new })?)
    }

    /// The months that have admitted a unit.
    fn months(&mut self, kind: Kind, token: VaultToken) -> Result<AdmittedMonths, ServiceError> {
        let of = KindYear { programme: self.new.programme, kind, year: self.new.year };
        let mut months = self.rows.months(self.tx, &of, token)?;
        let unit = Unit::new(kind, token);
        // One that was passed over is not found any more, and would be let in: such an asker gets no answer at all.
        if self.asked.replace(unit).is_some_and(|last| last >= unit) {
            return Err(file_error(WHAT)(std::io::ErrorKind::InvalidInput.into()));
        }
        for (file, units) in &mut self.files {
            if units.reach(unit).map_err(file_error(WHAT))? {
                months = both(months, file.months);
            }
        }
        Ok(months)
    }

    fn write(&mut self, unit: Unit) -> Result<(), ServiceError> {
        let written = match &mut self.written {
            Some(written) => written,
            none => {
                let path = files::path(&self.folder, &self.new.id);
                none.insert(UnitsWriter::create(&path, &self.new.id).map_err(durable_error)?)
            }
        };
        written.push(unit).map_err(file_error(WHAT))
    }
}

impl Admission for Remembered<'_, '_> {
    type Error = ServiceError;

    fn admit(&mut self, kind: Kind, token: VaultToken) -> Result<bool, ServiceError> {
        let before = self.months(kind, token)?;
        let Some(after) = before.admit(self.month, self.limit) else { return Ok(false) };
        if after != before {
            self.write(Unit::new(kind, token))?;
        }
        Ok(true)
    }
}

/// Rows of the database that remember one unit each, as all did before there were files: page by page, beside the
/// units that are asked for.
#[derive(Default)]
struct Rows {
    kind: Option<Kind>,
    page: Vec<(VaultToken, AdmittedMonths)>,
    at: usize,
    ended: bool,
}

impl Rows {
    fn months(
        &mut self,
        tx: &Tx<'_>,
        of: &KindYear,
        token: VaultToken,
    ) -> Result<AdmittedMonths, ServiceError> {
        if self.kind != Some(of.kind) {
            *self = Self { kind: Some(of.kind), ..Self::default() };
        }
        loop {
            match self.page.get(self.at) {
                Some((row, _)) if *row < token => self.at += 1,
                Some((row, months)) if *row == token => return Ok(*months),
                Some(_) => return Ok(AdmittedMonths::NONE),
                None if self.ended => return Ok(AdmittedMonths::NONE),
                None => {
                    let last = self.page.last().map(|(row, _)| *row);
                    self.page = tx.admitted_after(of, last)?;
                    (self.at, self.ended) = (0, self.page.is_empty());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
