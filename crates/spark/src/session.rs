//! One session with a Spark Connect server: it is told the key of one export, answers one query and is closed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use spark_connect::{SparkSession, SparkSessionBuilder};
use tiers_engine::statistics::Sum;
use tiers_engine::vault::Table;
use zeroize::Zeroizing;

use crate::ClusterError;
use crate::address::Address;

/// Which class of the workers decrypts (`java/eu/tiers/ExportKeys.java`).
const FACTORY: (&str, &str) = ("parquet.crypto.factory.class", "eu.tiers.ExportKeys");
/// Under which name it finds the key; Spark hides what is called a secret wherever it shows settings.
const SECRET: &str = "tiers.export.secret";
/// Under which name it finds what binds the files to their export.
const AAD: &str = "tiers.export.aad";

/// A session. Closed when it goes.
pub(crate) struct Session(SparkSession);

impl Session {
    /// Opens one, and tells it the key of an export.
    pub fn open(address: &Address, key: &[u8; 32], aad: &str) -> Result<Self, ClusterError> {
        address.reach()?;
        let opened = SparkSessionBuilder::new().remote(address.as_str()).get_or_create();
        let session = Self(opened.map_err(|_| ClusterError::Unreachable)?);
        let key = Zeroizing::new(STANDARD.encode(key));
        let told = [
            // A sum that leaves its integer must fail, never wrap.
            ("spark.sql.ansi.enabled", "true"),
            FACTORY,
            (AAD, aad),
            (SECRET, key.as_str()),
        ];
        let conf = session.0.conf();
        for (name, value) in told {
            conf.set(name, value).map_err(|error| unreachable(&error))?;
        }
        Ok(session)
    }

    /// Gives a table of an export its name.
    pub fn table(&self, table: Table, address: &str) -> Result<(), ClusterError> {
        let read = self.0.read().schema(table.columns.to_owned()).parquet(address);
        read.create_or_replace_temp_view(table.name).map_err(|error| ClusterError::of(&error))
    }

    /// The whole answer of a query with the columns `section`, `cell`, `units`, `centred`, from tables of which the cluster
    /// has read as many rows as were exported.
    ///
    /// Every line says how many there are, and one for each table is there whatever was counted: a stream that ended
    /// early, which the client takes for an end, would otherwise be a month in which nobody bought.
    pub fn sums(&self, query: &str, exported: &[(Table, u64)]) -> Result<Vec<Sum>, ClusterError> {
        let control = |((table, _), place): (&(Table, u64), u32)| {
            format!(
                " UNION ALL SELECT {END}L, CAST({place} AS BIGINT), count(*), 0L FROM {}",
                table.name
            )
        };
        let controls: String = exported.iter().zip(0..).map(control).collect();
        let counted = format!(
            "SELECT section, cell, units, centred, count(*) OVER () AS lines FROM ({query}{controls})"
        );
        let asked = self.0.sql(&counted).map_err(|error| ClusterError::of(&error))?;
        let rows = asked.collect().map_err(|error| ClusterError::of(&error))?;
        let sum = |row: &spark_connect::row::Row| {
            let number =
                |name: &str| row.get_by_name(name).and_then(spark_connect::row::Value::as_i64);
            let [section, cell] = [number("section")?, number("cell")?];
            let [units, centred] = [number("units")?, number("centred")?];
            Some((Sum { section, cell, units, centred }, number("lines")?))
        };
        let lines = rows.iter().map(|row| sum(row).ok_or(ClusterError::Unreadable));
        let rows: Vec<u64> = exported.iter().map(|(_, rows)| *rows).collect();
        whole(lines.collect::<Result<_, _>>()?, &rows)
    }
}

/// The section of the lines that say how many rows of a table were read, its place in the export being their cell.
const END: i64 = -1;

/// The lines, if they are all there are and of each table as many rows were read as `exported` says.
fn whole(lines: Vec<(Sum, i64)>, exported: &[u64]) -> Result<Vec<Sum>, ClusterError> {
    let all = lines.iter().all(|(_, count)| usize::try_from(*count) == Ok(lines.len()));
    let of = |place: usize| {
        let ours =
            |(sum, _): &&(Sum, i64)| sum.section == END && usize::try_from(sum.cell) == Ok(place);
        let mut found = lines.iter().filter(ours).map(|(sum, _)| sum.units);
        found.next().filter(|_| found.next().is_none())
    };
    let read: Option<Vec<i64>> = (0..exported.len()).map(of).collect();
    let controls = lines.iter().filter(|(sum, _)| sum.section == END).count();
    let Some(read) = read.filter(|_| all && controls == exported.len()) else {
        return Err(ClusterError::Incomplete);
    };
    if read.iter().zip(exported).any(|(read, rows)| u64::try_from(*read) != Ok(*rows)) {
        return Err(ClusterError::RowsDiffer);
    }
    let sums = lines.into_iter().map(|(sum, _)| sum);
    Ok(sums.filter(|sum| sum.section != END).collect())
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server forgets a session that is not closed after an hour; the key opens files that are gone by then.
        let _ = self.0.conf().unset(SECRET);
        let _ = self.0.stop();
    }
}

/// A session that cannot be told anything is none, unless the server names a reason.
fn unreachable(error: &spark_connect::SparkError) -> ClusterError {
    match ClusterError::of(error) {
        ClusterError::Failed { condition } if condition == "none" => ClusterError::Unreachable,
        named => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_ended_early_is_none() {
        let line = |section, lines| (Sum { section, cell: 0, units: 1, centred: 0 }, lines);
        let one = [1];
        assert!(whole(vec![line(END, 1)], &one).is_ok_and(|sums| sums.is_empty()));
        let three = vec![line(0, 3), line(END, 3), line(1, 3)];
        assert!(whole(three, &one).is_ok_and(|sums| sums.len() == 2));
        for part in [
            vec![],
            vec![line(0, 1)],
            vec![line(END, 2)],
            vec![line(0, 3), line(END, 3)],
            vec![line(END, 2), line(END, 2)],
        ] {
            assert_eq!(whole(part, &one).err(), Some(ClusterError::Incomplete));
        }
    }

    #[test]
    fn a_table_of_which_more_or_fewer_rows_were_read_is_no_answer() {
        let line = |cell, units| (Sum { section: END, cell, units, centred: 0 }, 2);
        let ask = |first, second| whole(vec![line(1, second), line(0, first)], &[7, 0]).err();
        assert_eq!(ask(7, 0), None);
        for (first, second) in [(6, 0), (8, 0), (7, 1), (0, 7), (-7, 0)] {
            assert_eq!(ask(first, second), Some(ClusterError::RowsDiffer));
        }
        let other_table = vec![line(0, 7), line(2, 0)];
        assert_eq!(whole(other_table, &[7, 0]).err(), Some(ClusterError::Incomplete));
        let one_more = [(0, 7), (1, 0), (2, 0)];
        let one_more = one_more.map(|(cell, units)| (line(cell, units).0, 3)).to_vec();
        assert_eq!(whole(one_more, &[7, 0]).err(), Some(ClusterError::Incomplete));
    }
}
