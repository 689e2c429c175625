//! One question, from the segments to exact tables: rows are exported, the cluster counts, the export goes.

use std::fmt::Write as _;

use tiers_contact::Kind;
use tiers_engine::crypto::chain::VaultToken;
use tiers_engine::crypto::export_key::ExportKey;
use tiers_engine::matching::Attribution;
use tiers_engine::statistics::{ExactTable, Layout, Query};
use tiers_engine::vault::{Export, LEADS, LEFT_OUT, SALES, Segments, Table};
use tiers_protocol::entropy::Entropy;
use tiers_protocol::policy::SectionId;

use crate::ClusterError;
use crate::address::Address;
use crate::session::Session;
use crate::store::Store;

/// A cluster, and the folder through which it is given rows.
pub struct Cluster {
    address: Address,
    store: Store,
}

/// What is to be counted: as for the embedded engine, and the public facts of the tables.
pub struct Counting<'a, S, L> {
    /// Deposits of partners, in the order in which [`Attribution::partners`] knows them.
    pub sales: &'a [S],
    /// Deposits of the principal, with their arms where the layout has them.
    pub leads: &'a [L],
    /// Rules, month and partners.
    pub how: &'a Attribution<'a>,
    /// Which cells there are.
    pub layout: &'a Layout,
    /// The sections, in their order.
    pub sections: &'a [SectionId],
}

impl Cluster {
    /// The Spark Connect server at `connect` (`sc://HOST:PORT`, with `/;use_ssl=true;token=TOKEN` unless it is on this
    /// machine), which reads exports from `store` (`file:///FOLDER`). What an earlier process left in that folder is
    /// removed.
    ///
    /// # Errors
    /// [`ClusterError::BadAddress`], [`ClusterError::BadStore`], [`ClusterError::Store`]. The server is not asked yet.
    pub fn new(connect: &str, store: &str) -> Result<Self, ClusterError> {
        Ok(Self { address: Address::parse(connect)?, store: Store::open(store)? })
    }

    /// The exact tables of one month, `out` being the units that it leaves out
    /// ([`tiers_engine::matching::left_out`] says which): whom a month counts is decided where it is remembered, and no
    /// cluster's affair.
    ///
    /// # Errors
    /// [`ClusterError`]; the export is removed in any case.
    pub fn count<S: Segments, L: Segments>(
        &self,
        of: &Counting<'_, S, L>,
        out: &[(Kind, VaultToken)],
        random: &mut impl Entropy,
    ) -> Result<Vec<ExactTable>, ClusterError> {
        let query = Query::new(of.sections, of.layout, (of.how.rules, of.how.partners))?;
        let (id, key) = (id(random), ExportKey::random(random));
        let export = Leased { store: &self.store, id: &id };
        let exported = export.write(of, &query, out, &key)?;
        let session = Session::open(&self.address, &key.body(), &Export::aad_prefix(&id))?;
        for (table, _) in exported {
            session.table(table, &self.store.address(&id, table.name)?)?;
        }
        let sums = session.sums(query.text(), &exported)?;
        drop(session);
        export.end()?;
        Ok(query.tables(sums)?)
    }
}

/// The files of one export, which go when the question is over, however it ends.
struct Leased<'a> {
    store: &'a Store,
    id: &'a str,
}

impl Leased<'_> {
    /// Writes the tables; how many rows each has.
    fn write<S: Segments, L: Segments>(
        &self,
        of: &Counting<'_, S, L>,
        query: &Query,
        out: &[(Kind, VaultToken)],
        key: &ExportKey,
    ) -> Result<[(Table, u64); 3], ClusterError> {
        let (export, how) = (Export::new(self.id, key), of.how);
        let put = |file| self.store.put(self.id, file);
        let partner = |(deposit, place)| (deposit, how.partners.of(place));
        let deposits = of.sales.iter().zip(0_u32..).map(partner);
        let sales = export.sales(deposits, &query.kinds_of_sales(), how.month, put)?;
        let leads = export.leads(of.leads, query.kinds_of_leads(), query.days_of_leads(), put)?;
        let left_out = export.left_out(out, put)?;
        Ok([(SALES, sales), (LEADS, leads), (LEFT_OUT, left_out)])
    }

    /// Removes the files, and says so where it cannot.
    fn end(self) -> Result<(), ClusterError> {
        self.store.remove(self.id)
    }
}

impl Drop for Leased<'_> {
    fn drop(&mut self) {
        // What cannot be removed goes at the next start; nobody has its key then.
        let _ = self.store.remove(self.id);
    }
}

/// Sixteen random bytes in hexadecimal: exports of several processes do not meet.
fn id(random: &mut impl Entropy) -> String {
    let bytes: [u8; 16] = random.array();
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}
