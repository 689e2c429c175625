//! The folder of admitted units: which files the database names is what counts; others go. A file that takes the place
//! of others is written beside them, and the transaction that names it forgets theirs.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::units::{Check, FileId, Unit, Units, UnitsWriter};
use super::{Certifier, ServiceError, WHAT};
use crate::crypto::chain::VaultToken;
use crate::durable;
use crate::service::certifier::durable_error;
use crate::service::error::file_error;
use crate::store::Tx;
use crate::store::admission::UnitsFile;

/// Name of a file.
#[must_use]
pub fn name(id: &FileId) -> String {
    format!("{:032x}.units", u128::from_be_bytes(*id))
}

/// Where a file lies.
pub(super) fn path(folder: &Path, id: &FileId) -> PathBuf {
    folder.join(name(id))
}

/// Opens a file that the database names.
pub(super) fn open(folder: &Path, file: &UnitsFile, check: Check) -> io::Result<Units> {
    Units::open(&path(folder, &file.id), &file.id, check)?.of(file.count)
}

/// One that is named and not there is a damage, and no passing trouble of the disk.
pub(super) fn lost(error: io::Error) -> ServiceError {
    let kind = error.kind();
    let missing = kind == io::ErrorKind::NotFound;
    file_error(WHAT)(if missing {
        io::Error::new(io::ErrorKind::InvalidData, error)
    } else {
        error
    })
}

/// Writes the units of some files, which may have some in common, into one; how many it has.
pub(super) fn merge(folder: &Path, of: &[FileId], into: &FileId) -> Result<u64, ServiceError> {
    let opened = of.iter().map(|id| Units::open(&path(folder, id), id, Check::Whole));
    let mut files = opened.collect::<Result<Vec<_>, _>>().map_err(file_error(WHAT))?;
    let mut heads = BinaryHeap::with_capacity(files.len());
    let heading =
        files.iter().zip(0_usize..).filter_map(|(file, place)| Some((file.head()?, place)));
    heads.extend(heading.map(Reverse));
    let mut writer = UnitsWriter::create(&path(folder, into), into).map_err(durable_error)?;
    let mut last: Option<Unit> = None;
    while let Some(Reverse((unit, place))) = heads.pop() {
        if last.replace(unit) != Some(unit) {
            writer.push(unit).map_err(file_error(WHAT))?;
        }
        let Some(file) = files.get_mut(place) else { continue };
        file.take_unit().map_err(file_error(WHAT))?;
        heads.extend(file.head().map(|unit| Reverse((unit, place))));
    }
    for file in files {
        file.finish().map_err(file_error(WHAT))?;
    }
    writer.commit().map_err(durable_error)
}

impl Certifier {
    /// Writes every file anew with its tokens taken through `link`, and names the new ones in their place.
    pub(in crate::service) fn rekey_admitted(
        &self,
        tx: &Tx<'_>,
        link: impl Fn(VaultToken) -> VaultToken,
    ) -> Result<(), ServiceError> {
        let folder = self.layout.admitted();
        for file in tx.units_files()? {
            let mut units = open(&folder, &file, Check::Whole).map_err(lost)?;
            let mut linked = Vec::new();
            while let Some((kind, token)) = units.take().map_err(file_error(WHAT))? {
                linked.push(Unit::new(kind, link(token)));
            }
            linked.sort_unstable();
            let id = self.bytes();
            let mut writer =
                UnitsWriter::create(&path(&folder, &id), &id).map_err(durable_error)?;
            // Two tokens that became one are refused here, and the whole step with them.
            linked.into_iter().try_for_each(|unit| writer.push(unit)).map_err(file_error(WHAT))?;
            let count = writer.commit().map_err(durable_error)?;
            tx.delete_units_file(&file.id)?;
            tx.insert_units_file(&UnitsFile { id, count, ..file })?;
        }
        Ok(())
    }

    /// Removes the files that the database does not name: of a release that did not happen, of a programme that is
    /// over, or from before they were merged or re-keyed.
    pub(in crate::service) fn sweep_admitted(&self) -> Result<(), ServiceError> {
        if self.stray_files()?.is_empty() {
            return Ok(());
        }
        // With the writer held: a release under way has written what it has not named yet.
        self.db.write("sweep admitted units", |tx| {
            let named = named(tx)?;
            for path in self.admitted_files()?.into_iter().filter(|path| !is_of(path, &named)) {
                durable::remove(&path).map_err(durable_error)?;
            }
            Ok(())
        })
    }

    /// Reads the files that this process has not read whole today, so that no report has to, and one that is not as it was
    /// written is told of before it is needed. All of them are looked at, whatever one of them is.
    pub(in crate::service) fn check_admitted(&self) -> Result<(), ServiceError> {
        let (folder, mut found) = (self.layout.admitted(), Ok(()));
        self.forget_sound_files(self.now().day_number());
        for file in self
            .db
            .read("look for admitted units", |tx| tx.units_files().map_err(ServiceError::from))?
        {
            if self.sound_files().contains(&file.id) {
                continue;
            }
            match open(&folder, &file, Check::Whole).and_then(Units::finish) {
                Ok(()) => drop(self.sound_files().insert(file.id)),
                // A release took others in its place meanwhile.
                Err(error)
                    if error.kind() == std::io::ErrorKind::NotFound && !self.names(&file)? => {}
                Err(error) => found = Err(lost(error)),
            }
        }
        found
    }

    fn names(&self, file: &UnitsFile) -> Result<bool, ServiceError> {
        let named = self.db.read("look for admitted units", named)?;
        Ok(named.contains(&name(&file.id)))
    }

    fn stray_files(&self) -> Result<Vec<PathBuf>, ServiceError> {
        let mut files = self.admitted_files()?;
        let named = self.db.read("look for admitted units", named)?;
        files.retain(|path| !is_of(path, &named));
        Ok(files)
    }

    fn admitted_files(&self) -> Result<Vec<PathBuf>, ServiceError> {
        let entries = fs::read_dir(self.layout.admitted()).map_err(file_error(WHAT))?;
        let paths = entries.map(|entry| Ok(entry.map_err(file_error(WHAT))?.path()));
        // A folder that somebody put there is not ours.
        paths.filter(|path| path.as_ref().is_ok_and(|path| !path.is_dir())).collect()
    }
}

fn named(tx: &Tx<'_>) -> Result<HashSet<String>, ServiceError> {
    Ok(tx.units_files()?.iter().map(|file| name(&file.id)).collect())
}

fn is_of(path: &Path, named: &HashSet<String>) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| named.contains(name))
}
