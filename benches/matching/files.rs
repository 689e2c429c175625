//! The files of the benchmark of matching: the same rows as deposits at rest and as plain Parquet.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use arrow_array::{
    ArrayRef, Date32Array, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tiers::crypto::segment_key::SegmentKey;
use tiers::vault::{Faults, StoredDeposit, Traits, Value, VaultRow, write_deposit};
use tiers_contact::Kind;

use crate::tickets::{DEALERS, Row, Scale};

/// Rows of one deposit of leads: the certifier takes twenty million.
const LEADS_ROWS: u64 = 17_000_000;

/// Rows that are turned into plain Parquet at a time.
const BATCH_ROWS: u64 = 1 << 20;

fn key(id: &str) -> SegmentKey {
    SegmentKey::derive(&[7; 32], id)
}

/// Writes the deposits of a scale, on as many threads as there are processors.
pub fn write_deposits(folder: &Path, scale: Scale) {
    let (sales, leads) = (folder.join("sales"), folder.join("leads"));
    let write = |folder: &Path, number: u64, rows: Vec<VaultRow>| {
        let id = format!("{number:03}");
        write_deposit(folder, &id, rows, &key(&id), Faults::none()).unwrap();
    };
    let row = |row: &Row, value| {
        let mut tokens = [None; Kind::SINGLE.len()];
        scale.tokens(row).for_each(|(kind, token)| tokens[kind.index()] = Some(token));
        VaultRow { tokens, near: Vec::new(), date: row.day, value }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let write_sales = |first: u64| {
        for dealer in (first..DEALERS).step_by(usize::try_from(threads).unwrap()) {
            let rows = scale.tickets_of(dealer).map(|number| {
                let ticket = scale.ticket(number);
                row(
                    &ticket,
                    Value::Sale { amount_cents: ticket.amount_cents, traits: Traits::OTHER },
                )
            });
            write(&sales, dealer, rows.collect());
        }
    };
    thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || write_sales(first));
        }
    });
    for (number, first) in
        (0..scale.cards).step_by(usize::try_from(LEADS_ROWS).unwrap()).enumerate()
    {
        let rows = (first..scale.cards.min(first + LEADS_ROWS)).map(|number| {
            let card = scale.card(number);
            row(&card, Value::Lead { campaign: card.campaign })
        });
        write(&leads, number as u64, rows.collect());
    }
}

/// Opens what [`write_deposits`] has written, on so many threads.
pub fn open_deposits(folder: &Path, threads: usize) -> (Vec<StoredDeposit>, Vec<StoredDeposit>) {
    let folders = ["leads", "sales"].map(|side| folder.join(side));
    let named = folders.each_ref().map(|folder| tiers::vault::list(folder).unwrap());
    let leads = named[0].len();
    let all = folders.iter().zip(named).flat_map(|(folder, ids)| {
        ids.into_iter().map(move |id| (folder.as_path(), id.clone(), key(&id)))
    });
    let mut opened = StoredDeposit::open_all(all.collect(), threads).unwrap();
    let sales = opened.split_off(leads);
    (sales, opened)
}

/// Writes the same rows as plain Parquet, in the order in which they came; of one kind.
pub fn write_plain(folder: &Path, scale: Scale) {
    let token = |row: &Row| *scale.tokens(row).next().unwrap().1.as_bytes();
    plain(&folder.join("tickets.parquet"), scale.tickets, |numbers| {
        let rows: Vec<Row> = numbers.clone().map(|number| scale.ticket(number)).collect();
        let dealer = |number: u64| (0..DEALERS).find(|d| scale.tickets_of(*d).contains(&number));
        let first = dealer(numbers.start).unwrap();
        let mut dealer = first;
        let dealers = numbers.map(|number| {
            while !scale.tickets_of(dealer).contains(&number) {
                dealer += 1;
            }
            i32::try_from(dealer).unwrap()
        });
        let amounts = rows.iter().map(|row| i64::try_from(row.amount_cents).unwrap());
        vec![
            ("token", tokens(rows.iter().map(token))),
            ("dealer", Arc::new(Int32Array::from_iter_values(dealers))),
            (
                "day",
                Arc::new(Date32Array::from_iter_values(
                    rows.iter().map(|row| row.day.epoch_days()),
                )),
            ),
            ("amount", Arc::new(Int64Array::from_iter_values(amounts))),
        ]
    });
    plain(&folder.join("cards.parquet"), scale.cards, |numbers| {
        vec![("token", tokens(numbers.map(|number| token(&scale.card(number)))))]
    });
}

fn tokens(tokens: impl Iterator<Item = [u8; 16]>) -> ArrayRef {
    Arc::new(FixedSizeBinaryArray::try_from_iter(tokens).unwrap())
}

/// One file, a batch of rows at a time.
fn plain(
    path: &Path,
    rows: u64,
    columns: impl Fn(std::ops::Range<u64>) -> Vec<(&'static str, ArrayRef)>,
) {
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(1 << 17))
        .build();
    let mut writer = None;
    for start in (0..rows).step_by(usize::try_from(BATCH_ROWS).unwrap()) {
        let batch =
            RecordBatch::try_from_iter(columns(start..rows.min(start + BATCH_ROWS))).unwrap();
        let writer = writer.get_or_insert_with(|| {
            let file = File::create(path).unwrap();
            ArrowWriter::try_new(file, batch.schema(), Some(properties.clone())).unwrap()
        });
        writer.write(&batch).unwrap();
    }
    writer.unwrap().close().unwrap();
}

/// Reads everything below a folder, so that the system holds it in memory; gives the bytes.
pub fn warm(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes += warm(&path);
            continue;
        }
        let (mut file, mut buffer) = (File::open(&path).unwrap(), vec![0; 1 << 20]);
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => break,
                read => bytes += read as u64,
            }
        }
    }
    bytes
}
