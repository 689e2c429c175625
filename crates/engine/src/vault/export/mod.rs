//! Rows of segments as tables for a cluster: re-keyed once more, encrypted under a key of their own, in files of
//! a bounded number of rows. Not where the files lie nor who reads them.
//!
//! Three tables: the sales of one month, the leads, and the units that the month leaves out. Specified in
//! `docs/scale.md`, "What leaves". Modular encryption:
//! <https://github.com/apache/parquet-format/blob/master/Encryption.md>.

mod rows;

use parquet::{
    basic::{Compression, Encoding},
    encryption::encrypt::FileEncryptionProperties,
    errors::ParquetError,
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};
use tiers_contact::{Kind, labels};

use self::rows::Rows;
use super::{Batch, Batches as _, Columns, Day, Month, Segments, TokenRange, VaultError};
use crate::crypto::{
    chain::VaultToken,
    export_key::{ExportKey, ExportTokens},
};

/// Rows of one file: 30 MB of sales, which one worker reads in a breath.
const FILE_ROWS: usize = 1 << 20;

/// One table of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, and that of the folder in which its files lie.
    pub name: &'static str,
    /// Its columns and their types as Spark SQL spells them; none is ever empty.
    pub columns: &'static str,
}

/// The sales of the month: one row for each token of a sale. `deposit` and `ordinal` tell which tokens are of one sale,
/// `owner` which of them is its unit.
pub const SALES: Table = Table {
    name: "sales",
    columns: "kind INT, token BINARY, deposit INT, ordinal INT, owner BOOLEAN, dated INT, amount BIGINT, \
              partner INT, model INT, area INT",
};

/// The leads: one row for each token of a lead.
pub const LEADS: Table =
    Table { name: "leads", columns: "kind INT, token BINARY, dated INT, campaign INT" };

/// The units that the month does not count, because their year is full.
pub const LEFT_OUT: Table = Table { name: "left_out", columns: "kind INT, token BINARY" };

/// A finished file.
pub struct ExportFile {
    /// Where it lies under the folder of the export; its encryption is bound to it.
    pub name: String,
    /// The encrypted file.
    pub bytes: Vec<u8>,
    /// Rows in it.
    pub rows: u64,
}

/// One export under way. It has no `Debug`.
pub struct Export<'a> {
    id: &'a str,
    key: &'a ExportKey,
    tokens: ExportTokens,
    file_rows: usize,
}

impl<'a> Export<'a> {
    /// An export with this id, under a key that is drawn for it.
    #[must_use]
    pub fn new(id: &'a str, key: &'a ExportKey) -> Self {
        Self { id, key, tokens: key.tokens(), file_rows: FILE_ROWS }
    }

    /// The same in files of so many rows, at least one.
    #[must_use]
    pub fn with_file_rows(self, rows: usize) -> Self {
        Self { file_rows: rows.max(1), ..self }
    }

    /// Hands on the sales of `month` in files: of each deposit, with the number of its partner, the tokens of `kinds`.
    /// There is always a file, be it an empty one; how many rows there are.
    ///
    /// # Errors
    /// [`VaultError`] of the segments, and [`VaultError::MixedRows`] for one that is not of sales; those of `put`.
    pub fn sales<'s, S: Segments + 's, E: From<VaultError>>(
        &self,
        deposits: impl Iterator<Item = (&'s S, u16)>,
        kinds: &[Kind],
        month: Month,
        put: impl FnMut(ExportFile) -> Result<(), E>,
    ) -> Result<u64, E> {
        let (first, last) = month.days();
        let mut files = Files::new(self, SALES.name, Rows::sales(), put);
        for ((deposit, partner), place) in deposits.zip(0_i32..) {
            for kind in kinds.iter().copied() {
                if deposit.rows_of(kind, Some((first, last))) == 0 {
                    continue;
                }
                each(deposit, kind, Columns::ALL, |batch, at| {
                    let day = *batch.days.get(at).ok_or(VaultError::MixedRows)?;
                    if !(first..=last).contains(&day) {
                        return Ok(());
                    }
                    files.rows.sale(&self.tokens, kind, batch, at, (place, partner))?;
                    files.full()
                })?;
            }
        }
        files.finish()
    }

    /// Hands on the leads, those of `days` or all of them: of each deposit the tokens of `kinds`.
    ///
    /// # Errors
    /// As [`Export::sales`].
    pub fn leads<L: Segments, E: From<VaultError>>(
        &self,
        deposits: &[L],
        kinds: &[Kind],
        days: Option<(Day, Day)>,
        put: impl FnMut(ExportFile) -> Result<(), E>,
    ) -> Result<u64, E> {
        let columns = Columns { days: true, values: true, ..Columns::TOKENS };
        let mut files = Files::new(self, LEADS.name, Rows::leads(), put);
        for deposit in deposits {
            for kind in kinds.iter().copied() {
                if deposit.rows_of(kind, days) == 0 {
                    continue;
                }
                each(deposit, kind, columns, |batch, at| {
                    let day = *batch.days.get(at).ok_or(VaultError::MixedRows)?;
                    if days.is_some_and(|(first, last)| !(first..=last).contains(&day)) {
                        return Ok(());
                    }
                    files.rows.lead(&self.tokens, kind, batch, at)?;
                    files.full()
                })?;
            }
        }
        files.finish()
    }

    /// Hands on the units that the month leaves out.
    ///
    /// # Errors
    /// As [`Export::sales`].
    pub fn left_out<E: From<VaultError>>(
        &self,
        units: &[(Kind, VaultToken)],
        put: impl FnMut(ExportFile) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut files = Files::new(self, LEFT_OUT.name, Rows::left_out(), put);
        for (kind, token) in units {
            files.rows.token(&self.tokens, *kind, token);
            files.full()?;
        }
        files.finish()
    }

    /// What binds the modules of a file to the export and to its place in it, before the file's name.
    #[must_use]
    pub fn aad_prefix(id: &str) -> String {
        [labels::EXPORT_AAD_PREFIX, id, "/"].concat()
    }

    fn properties(&self, name: &str) -> Result<WriterProperties, ParquetError> {
        let aad = [Self::aad_prefix(self.id), name.to_owned()].concat().into_bytes();
        let encryption = FileEncryptionProperties::builder(self.key.body().to_vec())
            .with_aad_prefix(aad)
            .with_aad_prefix_storage(false)
            .build()?;
        // Whatever repeats is written once; tokens and amounts do not.
        let plain = ["token", "ordinal", "amount"];
        let properties = WriterProperties::builder()
            .set_created_by("tiers".to_owned())
            .set_compression(Compression::UNCOMPRESSED)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(FILE_ROWS))
            .with_file_encryption_properties(encryption);
        let properties = plain.into_iter().fold(properties, |properties, column| {
            properties
                .set_column_dictionary_enabled(ColumnPath::from(column), false)
                .set_column_encoding(ColumnPath::from(column), Encoding::PLAIN)
        });
        Ok(properties.build())
    }
}

/// Shows every row of a segment.
fn each<S: Segments, E: From<VaultError>>(
    deposit: &S,
    kind: Kind,
    columns: Columns,
    mut row: impl FnMut(&Batch, usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = deposit.segment(kind, TokenRange::ALL, columns)?;
    let mut batch = Batch::new();
    while reader.next(&mut batch)? {
        (0..batch.len()).try_for_each(|at| row(&batch, at))?;
    }
    Ok(())
}

/// The files of one table.
struct Files<'a, P> {
    of: &'a Export<'a>,
    table: &'static str,
    rows: Rows,
    number: u32,
    total: u64,
    put: P,
}

impl<'a, P> Files<'a, P> {
    const fn new(of: &'a Export<'a>, table: &'static str, rows: Rows, put: P) -> Self {
        Self { of, table, rows, number: 0, total: 0, put }
    }

    /// Hands on a file that has all the rows that it takes.
    fn full<E: From<VaultError>>(&mut self) -> Result<(), E>
    where
        P: FnMut(ExportFile) -> Result<(), E>,
    {
        if self.rows.len() < self.of.file_rows { Ok(()) } else { self.next() }
    }

    fn next<E: From<VaultError>>(&mut self) -> Result<(), E>
    where
        P: FnMut(ExportFile) -> Result<(), E>,
    {
        let name = format!("{}/part-{:06}.parquet", self.table, self.number);
        let rows = self.rows.len() as u64;
        let properties = self.of.properties(&name).map_err(|_| VaultError::Encode)?;
        let bytes = self.rows.write(properties).map_err(|_| VaultError::Encode)?;
        self.rows.clear();
        self.number = self.number.checked_add(1).ok_or(VaultError::TooManyRows)?;
        self.total += rows;
        (self.put)(ExportFile { name, bytes, rows })
    }

    /// Hands on what is left, and a file without rows where there are none: the cluster reads a folder that is there.
    fn finish<E: From<VaultError>>(mut self) -> Result<u64, E>
    where
        P: FnMut(ExportFile) -> Result<(), E>,
    {
        if self.rows.len() > 0 || self.number == 0 {
            self.next()?;
        }
        Ok(self.total)
    }
}
