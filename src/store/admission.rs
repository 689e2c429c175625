//! Which months of a year have counted a unit. The rule is not here; see `matching`.

use rusqlite::{OptionalExtension as _, params};
use tiers_contact::Kind;
use tiers_protocol::ids::ProgrammeId;

use super::db::failed;
use super::{StoreError, Tx};
use crate::crypto::chain::VaultToken;
use crate::matching::AdmittedMonths;

/// Whose months: a unit of a programme, in one calendar year. No `Debug`: it holds a token.
#[derive(Clone, Copy)]
pub struct UnitYear {
    /// The programme, under whose keys the unit is what it is.
    pub programme: ProgrammeId,
    /// Kind of the unit's key.
    pub kind: Kind,
    /// Value of the unit's key, at rest.
    pub token: VaultToken,
    /// The calendar year.
    pub year: i32,
}

impl Tx<'_> {
    /// The months that have admitted a unit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn admitted_months(&self, of: &UnitYear) -> Result<AdmittedMonths, StoreError> {
        let statement = "SELECT months FROM admission \
                         WHERE programme_id = ?1 AND kind = ?2 AND token = ?3 AND year = ?4";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read admission"))?;
        let key = params![of.programme.to_string(), of.kind.as_str(), of.token.as_bytes(), of.year];
        let found: Option<u16> = statement
            .query_row(key, |row| row.get(0))
            .optional()
            .map_err(failed("read admission"))?;
        AdmittedMonths::from_bits(found.unwrap_or_default())
            .ok_or(StoreError::Corrupt { column: "admission.months" })
    }

    /// Writes the months that have admitted a unit; the schema refuses to lose one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_admitted_months(
        &self,
        of: &UnitYear,
        months: AdmittedMonths,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO admission (programme_id, kind, token, year, months) \
                         VALUES (?1, ?2, ?3, ?4, ?5) \
                         ON CONFLICT (programme_id, kind, token, year) DO UPDATE SET months = ?5";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("put admission"))?;
        let values = params![
            of.programme.to_string(),
            of.kind.as_str(),
            of.token.as_bytes(),
            of.year,
            months.bits(),
        ];
        statement.execute(values).map_err(failed("put admission"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tiers_contact::Token;
    use tiers_protocol::policy::SaleMonthsPerYear;

    use super::*;
    use crate::crypto::chain::VaultChain;
    use crate::matching::Admission as _;
    use crate::matching::naive::Admitted;
    use crate::store::Db;
    use crate::vault::Month;

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

    fn unit(programme: ProgrammeId, value: u8, year: i32) -> UnitYear {
        let chain = VaultChain::new([&[1; 32]]).expect("one key");
        let token = chain.rekey(&Token::from_bytes([value; 32]));
        UnitYear { programme, kind: Kind::KEYS[usize::from(value % 2)], token, year }
    }

    #[test]
    fn what_is_stored_follows_the_rule_through_commits_and_rollbacks() {
        let folder = tempfile::tempdir().expect("a folder");
        let programme = ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let db = db(&folder, &programme);
        let limit = SaleMonthsPerYear::new(2).expect("allowed");
        let mut model = Admitted::new(limit);
        let mut refused = 0;
        // Every (unit, year, month) once, in an order that is a fixed permutation.
        for step in 0..6 * 2 * 12_u32 {
            let mixed = step * 89 % 144;
            let value = u8::try_from(mixed % 6).expect("small");
            let month = u8::try_from(mixed / 12 + 1).expect("small");
            let month = Month::new(if mixed / 6 % 2 == 0 { 2024 } else { 2025 }, month);
            let month = month.expect("a month");
            let of = unit(programme, value, month.year());
            let admit = |tx: &Tx<'_>| -> Result<bool, StoreError> {
                let Some(after) = tx.admitted_months(&of)?.admit(month, limit) else {
                    return Ok(false);
                };
                tx.put_admitted_months(&of, after).map(|()| true)
            };
            // A transaction that fails leaves no admission.
            let failed: Result<(), StoreError> = db.write("test", |tx| {
                admit(tx)?;
                Err(StoreError::Corrupt { column: "test" })
            });
            assert!(failed.is_err());
            let stored = db.write("test", admit).expect("writes");
            let expected = model.at(month).admit(of.kind, of.token).expect("memory");
            assert_eq!(stored, expected, "step {step}");
            refused += u32::from(!stored);
            let months = db.read("test", |tx| tx.admitted_months(&of)).expect("reads");
            let expected = model.months(of.kind, of.token, month.year());
            let bits = expected.iter().fold(0, |bits, month| bits | 1 << (month.month() - 1));
            assert_eq!(months.bits(), bits);
        }
        assert_eq!(refused, 6 * 2 * 10);
    }

    #[test]
    fn the_schema_refuses_to_forget_a_month() {
        let folder = tempfile::tempdir().expect("a folder");
        let programme = ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let db = db(&folder, &programme);
        let of = unit(programme, 1, 2024);
        let put = |bits| {
            let months = AdmittedMonths::from_bits(bits).expect("twelve bits");
            db.write("test", |tx| tx.put_admitted_months(&of, months))
        };
        put(0b101).expect("a first time");
        put(0b111).expect("one more");
        assert_eq!(put(0b110).map_err(|e| e.code()), Err("store.refused"));
        let kept = db.read("test", |tx| tx.admitted_months(&of)).expect("reads");
        assert_eq!(kept.bits(), 0b111);
    }
}
