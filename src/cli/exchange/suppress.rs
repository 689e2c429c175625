//! A postal list of objections (Robinson, Stop Publicité) read from a file on the sender's machine. What it is
//! compared by is `tiers_protocol::exchange::sending::PostalList`.

use std::path::Path;

use tiers_protocol::exchange::sending::{PostalList, options};

use super::super::cells::CellFile;
use super::{CliError, ExchangeFault};

/// Reads a list; rows that lack name, street or postcode are skipped, a file without the columns is refused.
pub(super) fn read(path: &Path) -> Result<PostalList, CliError> {
    let mut file = CellFile::open(path, &options())?;
    let mut list = PostalList::of(file.columns()).map_err(ExchangeFault::from)?;
    file.each(|cells, _| {
        list.add(cells);
        Ok(())
    })?;
    Ok(list)
}
