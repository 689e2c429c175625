//! The digests of a leads deposit on their way to one sorted file, in bounded memory: what does not fit
//! waits in sorted files of a folder of its own. Digests are keyed, so they may lie there as they are.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tiers_protocol::ids::DepositId;

use super::records::{Run, merge};
use super::{RECORD, path};
use crate::durable::{self, Access};
use crate::limits;
use crate::service::ServiceError;
use crate::service::certifier::durable_error;
use crate::service::error::file_error;

/// Folder of the runs of one deposit.
const PART: &str = "part";

/// Gathers the digests of one deposit. Dropped before it is finished, it leaves nothing.
pub(in crate::service) struct Gather {
    part: PathBuf,
    path: PathBuf,
    memory: Vec<Run>,
    held: usize,
    files: Vec<PathBuf>,
    limit: usize,
}

impl Gather {
    /// Begins in the folder of all sets; what an earlier attempt left is removed.
    pub(in crate::service) fn begin(
        folder: &Path,
        deposit: &DepositId,
    ) -> Result<Self, ServiceError> {
        Self::with_limit(folder, deposit, limits::LEADS_MEMORY / RECORD)
    }

    fn with_limit(folder: &Path, deposit: &DepositId, limit: usize) -> Result<Self, ServiceError> {
        let part = folder.join(format!("{deposit}.{PART}"));
        remove(&part)?;
        let path = path(folder, deposit);
        Ok(Self { part, path, memory: Vec::new(), held: 0, files: Vec::new(), limit })
    }

    /// Takes some digests.
    pub(in crate::service) fn push(&mut self, run: Run) -> Result<(), ServiceError> {
        self.held += run.held();
        self.memory.push(run);
        if self.held >= self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<(), ServiceError> {
        if self.files.is_empty() {
            durable::create_dir(&self.part, Access::Private).map_err(durable_error)?;
        }
        let path = self.part.join(self.files.len().to_string());
        self.held = 0;
        write(&path, std::mem::take(&mut self.memory))?.finish().map_err(durable_error)?;
        self.files.push(path);
        Ok(())
    }

    /// Writes the one file, durably.
    pub(in crate::service) fn finish(mut self) -> Result<(), ServiceError> {
        let files = self.files.iter().map(|path| Run::open(path));
        let mut runs =
            files.collect::<io::Result<Vec<_>>>().map_err(file_error("the leads set"))?;
        runs.append(&mut self.memory);
        write(&self.path, runs)?.commit().map_err(durable_error)
    }
}

impl Drop for Gather {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = remove(&self.part);
    }
}

fn write(path: &Path, runs: Vec<Run>) -> Result<durable::Writer, ServiceError> {
    let mut out = durable::Writer::create(path, Access::Private).map_err(durable_error)?;
    merge(runs, |record| out.write_all(record)).map_err(file_error("the leads set"))?;
    Ok(out)
}

fn remove(part: &Path) -> Result<(), ServiceError> {
    match fs::remove_dir_all(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(file_error("the leads set")(error))
        }
        _ => Ok(()),
    }
}

/// Removes what unfinished work left in the folder of all sets.
pub(in crate::service) fn sweep(folder: &Path) -> Result<(), ServiceError> {
    for entry in fs::read_dir(folder).map_err(file_error("the leads set"))? {
        let path = entry.map_err(file_error("the leads set"))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            Some(PART) => remove(&path)?,
            Some("tmp") => durable::remove(&path).map_err(durable_error)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|e| e.expect("an entry").file_name().into_string().expect("text")).collect()
    }

    #[test]
    fn what_does_not_fit_the_memory_makes_the_same_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let deposit = DepositId::from_bytes([3; 16]);
        let record = |n: u64| {
            let mut record = [0; RECORD];
            record[..8]
                .copy_from_slice(&(n % 700).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            record
        };
        let mut written = Vec::new();
        for limit in [1, 7, 100, 5_000] {
            let mut gather = Gather::with_limit(folder.path(), &deposit, limit).expect("begins");
            for n in (0..1_000).step_by(10) {
                let some: Vec<_> = (n..n + 10).map(record).collect();
                gather.push(Run::sorted(some)).expect("takes");
            }
            gather.finish().expect("writes");
            assert_eq!(names(folder.path()), [format!("{deposit}.rows")]);
            written.push(fs::read(path(folder.path(), &deposit)).expect("reads"));
        }
        assert_eq!(written[0].len(), 700 * RECORD);
        assert!(written.iter().all(|bytes| *bytes == written[0]));
    }

    #[test]
    fn unfinished_work_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let deposit = DepositId::from_bytes([3; 16]);
        let mut gather = Gather::with_limit(folder.path(), &deposit, 1).expect("begins");
        gather.push(Run::sorted(vec![[1; RECORD]])).expect("takes");
        assert_eq!(names(folder.path()).len(), 1);
        drop(gather);
        assert!(names(folder.path()).is_empty());
        fs::create_dir(folder.path().join(format!("{deposit}.part"))).expect("a folder");
        fs::write(folder.path().join(format!("{deposit}.rows.tmp")), b"").expect("writes");
        fs::write(folder.path().join(format!("{deposit}.rows")), b"").expect("writes");
        sweep(folder.path()).expect("sweeps");
        assert_eq!(names(folder.path()), [format!("{deposit}.rows")]);
    }
}
