//! Exports of the worlds that matching is tried on, read back: what is in them, what is not, and that no file can stand for another.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use arrow_array::{
    Array as _, BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch,
};
use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    encryption::decrypt::FileDecryptionProperties,
};
use tiers_contact::Kind;
use tiers_protocol::entropy::Entropy;

use crate::crypto::export_key::ExportKey;
use crate::matching::worlds::{Dice, World};
use crate::vault::{Day, Export, ExportFile, Month, Value, VaultError, VaultRow};

struct Constant(u8);

impl Entropy for Constant {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(self.0);
    }
}

fn collected(
    run: impl FnOnce(&mut dyn FnMut(ExportFile)) -> Result<u64, VaultError>,
) -> Vec<ExportFile> {
    let mut files = Vec::new();
    let rows = run(&mut |file| files.push(file)).unwrap();
    assert_eq!(files.iter().map(|file| file.rows).sum::<u64>(), rows);
    files
}

fn read(file: &ExportFile, id: &str, name: &str, key: &ExportKey) -> Option<Vec<RecordBatch>> {
    let aad = [Export::aad_prefix(id), name.to_owned()].concat().into_bytes();
    let properties =
        FileDecryptionProperties::builder(key.body().to_vec()).with_aad_prefix(aad).build().ok()?;
    let options = ArrowReaderOptions::new().with_file_decryption_properties(properties);
    let bytes = Bytes::copy_from_slice(&file.bytes);
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options).ok()?;
    reader.build().ok()?.collect::<Result<Vec<_>, _>>().ok()
}

fn column<'a, A: 'static>(batch: &'a RecordBatch, name: &str) -> &'a A {
    batch.column_by_name(name).unwrap().as_any().downcast_ref().unwrap()
}

type Sale = (i32, Vec<u8>, i32, i32, bool, i32, i64, i32);

fn sales_of(batches: &[RecordBatch]) -> BTreeSet<Sale> {
    let rows = |batch: &RecordBatch| -> Vec<Sale> {
        let int = |name: &str| column::<Int32Array>(batch, name).clone();
        let (kind, deposit, ordinal) = (int("kind"), int("deposit"), int("ordinal"));
        let (dated, partner) = (int("dated"), int("partner"));
        let token = column::<FixedSizeBinaryArray>(batch, "token");
        let owner = column::<BooleanArray>(batch, "owner");
        let amount = column::<Int64Array>(batch, "amount");
        let row = |at: usize| {
            let known = (deposit.value(at), ordinal.value(at), owner.value(at));
            let token = token.value(at).to_vec();
            let said = (dated.value(at), amount.value(at), partner.value(at));
            (kind.value(at), token, known.0, known.1, known.2, said.0, said.1, said.2)
        };
        (0..batch.num_rows()).map(row).collect()
    };
    batches.iter().flat_map(rows).collect()
}

/// What the rows of a world say, under the export's tokens.
fn expected(world: &World, month: Month, key: &ExportKey) -> BTreeSet<Sale> {
    let (tokens, mut rows) = (key.tokens(), BTreeSet::new());
    for (deposit, partner) in world.sales.iter().zip(0_i32..) {
        for (row, ordinal) in
            deposit.iter().zip(0_i32..).filter(|(row, _)| row.date.month() == month)
        {
            let Value::Sale { amount_cents, .. } = row.value else { continue };
            for kind in Kind::ALL {
                for token in row.tokens(kind) {
                    let index = i32::try_from(kind.index()).unwrap();
                    let token = tokens.token(kind, &token).to_vec();
                    let (owner, day) = (row.first_key() == Some(kind), row.date.epoch_days());
                    let cents = i64::try_from(amount_cents).unwrap();
                    rows.insert((index, token, partner, ordinal, owner, day, cents, partner));
                }
            }
        }
    }
    rows
}

#[test]
fn an_export_holds_the_month_under_tokens_of_its_own() {
    let key = ExportKey::random(&mut Constant(5));
    let mut seen = 0;
    for seed in 0..60 {
        let world = World::new(&mut Dice::new(seed));
        for month in world.months() {
            let export = Export::new("export", &key).with_file_rows(7);
            let deposits = || world.sales.iter().zip(0_u16..);
            let files = collected(|put| {
                let put = |file| {
                    put(file);
                    Ok::<_, VaultError>(())
                };
                export.sales(deposits(), &Kind::ALL, month, put)
            });
            let mut found = BTreeSet::new();
            for file in &files {
                assert!(file.rows <= 7);
                let batches = read(file, "export", &file.name, &key).unwrap();
                found.extend(sales_of(&batches));
            }
            let expected = expected(&world, month, &key);
            seen += expected.len();
            assert_eq!(found, expected, "seed {seed}");
        }
    }
    assert!(seen > 1_000);
}

fn leads() -> Vec<VaultRow> {
    let mut dice = Dice::new(3);
    let world = World::new(&mut dice);
    (0..40).map(|_| world.lead(&mut dice)).collect()
}

fn leads_file(key: &ExportKey, days: Option<(Day, Day)>) -> ExportFile {
    let export = Export::new("export", key);
    let put = |put: &mut dyn FnMut(ExportFile)| {
        export.leads(&[leads()], &Kind::ALL, days, |file| {
            put(file);
            Ok::<_, VaultError>(())
        })
    };
    collected(put).pop().unwrap()
}

#[test]
fn only_the_days_that_are_needed_leave() {
    let key = ExportKey::random(&mut Constant(5));
    let (first, last) = Month::new(2024, 1).unwrap().days();
    let batches = |file: &ExportFile| read(file, "export", &file.name, &key).unwrap();
    let days = |file: &ExportFile| -> BTreeSet<i32> {
        let batches = batches(file);
        let days =
            batches.iter().flat_map(|batch| column::<Int32Array>(batch, "dated").values().to_vec());
        days.collect()
    };
    let (all, some) = (leads_file(&key, None), leads_file(&key, Some((first, last))));
    let range = first.epoch_days()..=last.epoch_days();
    let within: BTreeSet<i32> = days(&all).into_iter().filter(|day| range.contains(day)).collect();
    assert_eq!(days(&some), within);
    assert!(!within.is_empty() && within != days(&all));
}

#[test]
fn no_file_can_stand_for_another_and_no_token_at_rest_is_in_one() {
    let key = ExportKey::random(&mut Constant(5));
    let file = leads_file(&key, None);
    assert!(read(&file, "export", &file.name, &key).is_some());
    assert!(read(&file, "other", &file.name, &key).is_none(), "of another export");
    assert!(read(&file, "export", "leads/part-000001.parquet", &key).is_none(), "another place");
    assert!(read(&file, "export", &file.name, &ExportKey::random(&mut Constant(6))).is_none());
    let tokens: Vec<_> = leads().iter().flat_map(|row| row.tokens.into_iter().flatten()).collect();
    assert!(tokens.len() > 50);
    let batches = read(&file, "export", &file.name, &key).unwrap();
    let exported: BTreeSet<Vec<u8>> = batches
        .iter()
        .flat_map(|batch| {
            let tokens = column::<FixedSizeBinaryArray>(batch, "token");
            (0..tokens.len()).map(|at| tokens.value(at).to_vec()).collect::<Vec<_>>()
        })
        .collect();
    for token in tokens {
        assert!(!exported.contains(token.as_bytes().as_slice()));
        assert!(!file.bytes.windows(16).any(|bytes| bytes == token.as_bytes()));
    }
    // Under the export's own tokens they are there, but only behind the encryption.
    for token in exported {
        assert!(!file.bytes.windows(16).any(|bytes| bytes == token));
    }
}

#[test]
fn a_table_without_rows_is_a_file_all_the_same() {
    let key = ExportKey::random(&mut Constant(5));
    let export = Export::new("export", &key);
    let put = |put: &mut dyn FnMut(ExportFile)| {
        export.left_out(&[], |file| {
            put(file);
            Ok::<_, VaultError>(())
        })
    };
    let files = collected(put);
    assert_eq!(files.len(), 1);
    let batches = read(&files[0], "export", "left_out/part-000000.parquet", &key).unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    let sales = export.sales(
        std::iter::once((&leads(), 0)),
        &Kind::ALL,
        Month::new(2024, 1).unwrap(),
        |_| Ok::<_, VaultError>(()),
    );
    assert_eq!(sales, Err(VaultError::MixedRows), "leads are no sales");
}
