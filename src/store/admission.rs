//! Which months of a year have counted a unit: files of units, by their names, and from before there were files, rows of
//! one unit each. The rule is not here; see `matching`.

use rusqlite::params;
use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::matching::AdmittedMonths;
use crate::vault::Month;

/// Rows that are read at a time.
const PAGE: u32 = 1 << 14;

/// The units of one kind of a programme, in one calendar year.
#[derive(Debug, Clone, Copy)]
pub struct KindYear {
    /// The programme, under whose keys units are what they are.
    pub programme: ProgrammeId,
    /// Kind of the units' keys.
    pub kind: Kind,
    /// The calendar year.
    pub year: i32,
}

/// A file of units that some months have admitted.
#[derive(Clone, Copy)]
pub struct UnitsFile {
    /// Its name.
    pub id: [u8; 16],
    /// The programme.
    pub programme: ProgrammeId,
    /// The calendar year.
    pub year: i32,
    /// The months, of each unit in it.
    pub months: AdmittedMonths,
    /// How many units it has.
    pub count: u64,
}

/// The set of one month.
#[must_use]
pub fn only(month: Month) -> AdmittedMonths {
    AdmittedMonths::from_bits(1 << (month.month() - 1)).unwrap_or(AdmittedMonths::NONE)
}

/// The months of either set.
#[must_use]
pub fn both(one: AdmittedMonths, other: AdmittedMonths) -> AdmittedMonths {
    AdmittedMonths::from_bits(one.bits() | other.bits()).unwrap_or(one)
}

fn months(bits: u16) -> Result<AdmittedMonths, StoreError> {
    AdmittedMonths::from_bits(bits).ok_or(StoreError::Corrupt { column: "admission.months" })
}

impl Tx<'_> {
    /// The units behind `last` in the order of their tokens that rows of their own remember, some at a time, each with
    /// the months that have admitted it; none behind the last one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn admitted_after(
        &self,
        of: &KindYear,
        last: Option<VaultToken>,
    ) -> Result<Vec<(VaultToken, AdmittedMonths)>, StoreError> {
        let statement = "SELECT token, months FROM admission \
                         WHERE programme_id = ?1 AND kind = ?2 AND token > ?3 AND year = ?4 \
                         ORDER BY token LIMIT ?5";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read admission"))?;
        let last = last.as_ref().map_or(&[][..], |last| &last.as_bytes()[..]);
        let values = params![of.programme.to_string(), of.kind.as_str(), last, of.year, PAGE];
        let rows = statement
            .query_map(values, |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, u16>(1)?)))
            .map_err(failed("read admission"))?;
        rows.map(|row| {
            let (token, bits) = row.map_err(failed("read admission"))?;
            Ok((VaultToken::from_bytes(token), months(bits)?))
        })
        .collect()
    }

    /// The files of a programme's units in a year, in a fixed order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn units_files_of(
        &self,
        programme: &ProgrammeId,
        year: i32,
    ) -> Result<Vec<UnitsFile>, StoreError> {
        let files = self.units_files()?.into_iter();
        Ok(files.filter(|file| file.programme == *programme && file.year == year).collect())
    }

    /// The files of all units.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn units_files(&self) -> Result<Vec<UnitsFile>, StoreError> {
        let statement = "SELECT id, programme_id, year, months, units FROM admitted_file ORDER BY programme_id, id";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read admission"))?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get(0)?,
                    row.get::<_, String>(1)?,
                    row.get(2)?,
                    row.get::<_, u16>(3)?,
                    row.get::<_, i64>(4)?,
                ))
            })
            .map_err(failed("read admission"))?;
        rows.map(|row| {
            let (id, programme, year, bits, count) = row.map_err(failed("read admission"))?;
            let programme = parse(&programme, "admission.programme_id")?;
            let count = unsigned(count, "admitted_file.units")?;
            Ok(UnitsFile { id, programme, year, months: months(bits)?, count })
        })
        .collect()
    }

    /// Names a file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn insert_units_file(&self, file: &UnitsFile) -> Result<(), StoreError> {
        let statement = "INSERT INTO admitted_file (id, programme_id, year, months, units) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (programme, months) = (file.programme.to_string(), file.months.bits());
        let count = signed(file.count, "admitted_file.units")?;
        self.0
            .execute(statement, params![file.id, programme, file.year, months, count])
            .map_err(failed("put admission"))?;
        Ok(())
    }

    /// Forgets a file whose units another one has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delete_units_file(&self, id: &[u8; 16]) -> Result<(), StoreError> {
        let statement = "DELETE FROM admitted_file WHERE id = ?1";
        self.0.execute(statement, params![id]).map_err(failed("put admission"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;

    const PROGRAMME: &str = "INSERT INTO party VALUES ('p', 'principal', '', '', '', '', '', 0); \
                             INSERT INTO programme VALUES (?1, 'p', x'', 0, 0, NULL)";

    fn db(folder: &tempfile::TempDir, programme: &ProgrammeId) -> Db {
        let db = Db::open(&folder.path().join("tiers.sqlite")).expect("opens");
        let (party, own) = PROGRAMME.split_once("; ").expect("two statements");
        db.write("test", |tx| {
            tx.0.execute(party, []).map_err(failed("test"))?;
            tx.0.execute(own, [programme.to_string()]).map_err(failed("test")).map(drop)
        })
        .expect("inserts");
        db
    }

    /// A row of one unit, as they were written before there were files.
    fn put(tx: &Tx<'_>, of: &KindYear, token: [u8; 16], bits: u16) -> Result<(), StoreError> {
        let statement = "INSERT INTO admission (programme_id, kind, token, year, months) \
                         VALUES (?1, ?2, ?3, ?4, ?5) \
                         ON CONFLICT (programme_id, kind, token, year) DO UPDATE SET months = ?5";
        let values = params![of.programme.to_string(), of.kind.as_str(), token, of.year, bits];
        tx.0.execute(statement, values).map_err(failed("test")).map(drop)
    }

    #[test]
    fn rows_of_one_unit_are_read_in_the_order_of_tokens() {
        let folder = tempfile::tempdir().expect("a folder");
        let programme = ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let db = db(&folder, &programme);
        let of = |kind, year| KindYear { programme, kind, year };
        let (email, later) = (of(Kind::Email, 2024), of(Kind::Email, 2025));
        let token = |n: u32| {
            let mixed = n.wrapping_mul(0x9e37_79b9).to_be_bytes();
            *[mixed; 4].as_flattened().first_chunk::<16>().expect("16 bytes")
        };
        let count = PAGE + 100;
        db.write("test", |tx| {
            for n in 0..count {
                put(tx, &email, token(n), 1)?;
            }
            put(tx, &later, token(count), 2)?;
            put(tx, &of(Kind::Mobile, 2024), token(count), 4)
        })
        .expect("writes");
        let all = |of: KindYear| {
            let mut found: Vec<(VaultToken, u16)> = Vec::new();
            loop {
                let last = found.last().map(|(token, _)| *token);
                let page = db.read("test", |tx| tx.admitted_after(&of, last)).expect("reads");
                if page.is_empty() {
                    return found;
                }
                found.extend(page.into_iter().map(|(token, months)| (token, months.bits())));
            }
        };
        let found = all(email);
        assert!(found.iter().map(|(token, _)| *token).is_sorted_by(|a, b| a < b));
        assert_eq!(found.len(), count as usize);
        assert!(all(later) == [(VaultToken::from_bytes(token(count)), 2)]);
        assert!(all(of(Kind::Mobile, 2024)) == [(VaultToken::from_bytes(token(count)), 4)]);
        assert!(all(of(Kind::Mobile, 2025)).is_empty());
    }

    #[test]
    fn files_are_named_and_forgotten_by_programme_and_year() {
        let folder = tempfile::tempdir().expect("a folder");
        let programme = ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let db = db(&folder, &programme);
        let march = only("2024-03".parse().expect("a month"));
        assert_eq!(march.bits(), 0b100);
        let file =
            |id: u8, year| UnitsFile { id: [id; 16], programme, year, months: march, count: 7 };
        let ids = |files: Vec<UnitsFile>| files.iter().map(|file| file.id[0]).collect::<Vec<_>>();
        db.write("test", |tx| {
            let unit = KindYear { programme, kind: Kind::Email, year: 2024 };
            put(tx, &unit, [9; 16], 1)?;
            [file(3, 2024), file(1, 2024), file(2, 2025)]
                .iter()
                .try_for_each(|file| tx.insert_units_file(file))?;
            assert!(tx.remembers(&programme)?);
            assert_eq!(ids(tx.units_files()?), [1, 2, 3]);
            assert_eq!(ids(tx.units_files_of(&programme, 2024)?), [1, 3]);
            assert!(tx.insert_units_file(&file(1, 2024)).is_err(), "a name is given once");
            tx.delete_units_file(&[1; 16])?;
            assert_eq!(ids(tx.units_files()?), [2, 3]);
            let other = ProgrammeId::random(&mut tiers_protocol::entropy::System);
            assert!(tx.units_files_of(&other, 2024)?.is_empty());
            tx.forget_units(&programme)?;
            assert!(tx.units_files()?.is_empty() && !tx.remembers(&programme)?);
            Ok::<_, StoreError>(())
        })
        .expect("writes");
    }

    #[test]
    fn the_schema_refuses_to_forget_a_month() {
        let folder = tempfile::tempdir().expect("a folder");
        let programme = ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let db = db(&folder, &programme);
        let of = KindYear { programme, kind: Kind::Email, year: 2024 };
        let put = |bits| db.write("test", |tx| put(tx, &of, [1; 16], bits));
        put(0b101).expect("a first time");
        put(0b111).expect("one more");
        assert_eq!(put(0b110).map_err(|e| e.code()), Err("store.refused"));
        let kept = db.read("test", |tx| tx.admitted_after(&of, None)).expect("reads");
        assert!(matches!(kept[..], [(_, months)] if months.bits() == 0b111));
    }
}
