//! Privacy accounts: integers, one row for each principal group and month of sales, one for each and month of leads.

use rusqlite::{OptionalExtension as _, params};
use tiers_protocol::ids::AccountId;
use tiers_protocol::wire::AccountSide;

use super::column::{parse, signed, unsigned};
use super::db::failed;
use super::{StoreError, Tx};

/// An account as stored.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Month of the sales, `YYYY-MM`; of leads as [`month_of_leads`] writes it.
    pub month: String,
    /// The cap, in nano-rho.
    pub cap_nrho: u64,
    /// Spent so far, in nano-rho.
    pub spent_nrho: u64,
}

/// What the month of an account of leads is preceded by, where it is stored and where its id is made.
const LEADS: &str = "leads/";

/// A month of leads, so that it is none of sales.
#[must_use]
pub fn month_of_leads(month: &str) -> String {
    format!("{LEADS}{month}")
}

impl AccountRow {
    /// Whose rows it protects, and of which month, `YYYY-MM`.
    #[must_use]
    pub fn of(&self) -> (AccountSide, &str) {
        match self.month.strip_prefix(LEADS) {
            Some(month) => (AccountSide::Leads, month),
            None => (AccountSide::Sales, &self.month),
        }
    }
}

type Raw = (String, String, i64, i64);

fn account((id, month, cap, spent): Raw) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: parse(&id, "account.id")?,
        month,
        cap_nrho: unsigned(cap, "account.cap_nrho")?,
        spent_nrho: unsigned(spent, "account.spent_nrho")?,
    })
}

impl Tx<'_> {
    /// The account of a group and month, if it was ever debited.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn account(&self, group: &str, month: &str) -> Result<Option<AccountRow>, StoreError> {
        let statement = "SELECT id, month, cap_nrho, spent_nrho FROM account \
                         WHERE group_id = ?1 AND month = ?2";
        let found = self.0.query_row(statement, [group, month], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        found.optional().map_err(failed("read account"))?.map(account).transpose()
    }

    /// All accounts of a group, by month.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn accounts(&self, group: &str) -> Result<Vec<AccountRow>, StoreError> {
        let statement = "SELECT id, month, cap_nrho, spent_nrho FROM account \
                         WHERE group_id = ?1 ORDER BY month";
        let mut statement = self.0.prepare_cached(statement).map_err(failed("read accounts"))?;
        let rows = statement
            .query_map([group], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .map_err(failed("read accounts"))?;
        rows.map(|row| account(row.map_err(failed("read accounts"))?)).collect()
    }

    /// Writes an account's state; the schema refuses a spend above the cap.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_account(&self, group: &str, row: &AccountRow) -> Result<(), StoreError> {
        let statement = "INSERT INTO account (id, group_id, month, cap_nrho, spent_nrho) \
                         VALUES (?1, ?2, ?3, ?4, ?5) \
                         ON CONFLICT (id) DO UPDATE SET cap_nrho = ?4, spent_nrho = ?5";
        let values = params![
            row.id.to_string(),
            group,
            row.month,
            signed(row.cap_nrho, "account.cap_nrho")?,
            signed(row.spent_nrho, "account.spent_nrho")?,
        ];
        self.0.execute(statement, values).map_err(failed("put account"))?;
        Ok(())
    }
}
