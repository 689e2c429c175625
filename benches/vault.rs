//! What the vault does in a second: rows sorted, written and read back by ranges of tokens.
//!
//! `cargo bench --bench vault -- [--leads N] [--sales N] [--deposits N] [--threads N] [--parts N] [--runs N] [--memory MIB]`.
//! One deposit of leads and so many of sales, one kind of identifier, on the disk under `target/`; the page cache is
//! warm. Leads are read for their tokens alone, sales for token, day and amount. The figures that were measured stand in
//! `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use tiers::{
    crypto::{chain::VaultToken, segment_key::SegmentKey},
    vault::{
        Batch, Batches as _, Columns, Day, DepositWriter, Faults, SegmentRow, Segments as _, Side,
        Sorted, StoredDeposit, TokenRange, Traits, Value, Values, remove,
    },
};
use tiers_contact::Kind;

/// Rows of a run, as an ingest makes them.
const RUN_ROWS: usize = 1 << 17;

struct Arguments {
    leads: usize,
    sales: usize,
    deposits: usize,
    threads: usize,
    parts: usize,
    runs: usize,
    memory_mib: usize,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self {
            leads: 17_000_000,
            sales: 27_000_000,
            deposits: 50,
            threads: 2,
            parts: 16,
            runs: 5,
            memory_mib: 128,
        };
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let value = words.next().and_then(|value| value.parse().ok());
            let value: usize = value.unwrap_or_else(|| panic!("{word} wants a number"));
            match word.as_str() {
                "--leads" => read.leads = value,
                "--sales" => read.sales = value,
                "--deposits" => read.deposits = value.max(1),
                "--threads" => read.threads = value.max(1),
                "--parts" => read.parts = value.max(1),
                "--runs" => read.runs = value.max(1),
                "--memory" => read.memory_mib = value,
                _ => panic!("unknown argument {word}"),
            }
        }
        read
    }
}

/// A generator of tokens that costs next to nothing (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn row(&mut self, row: u32, side: Side) -> SegmentRow {
        let mut token = [0; 16];
        token[..8].copy_from_slice(&self.next().to_le_bytes());
        token[8..].copy_from_slice(&self.next().to_le_bytes());
        let drawn = self.next();
        let value = match side {
            Side::Sales => Value::Sale { amount_cents: drawn >> 48, traits: Traits::OTHER },
            Side::Leads => Value::Lead { campaign: u16::try_from(drawn & 7).unwrap() },
            Side::Customers => Value::Known,
        };
        let date = Day::from_epoch_days(20_000 + i32::try_from(drawn % 30).unwrap());
        SegmentRow { token: VaultToken::from_bytes(token), row, first: true, date, value }
    }
}

/// Writes one deposit; seconds of sorting and of writing.
fn write(dir: &Path, name: &str, side: Side, rows: usize, memory: usize) -> [f64; 2] {
    let mut dice = Dice(rows as u64 ^ u64::from(name.bytes().map(u32::from).sum::<u32>()) << 32);
    let key = key(name);
    let mut writer = DepositWriter::begin(dir, name, side, &key, memory, Faults::none()).unwrap();
    let mut spent = [0.0; 2];
    let mut row = 0;
    while row < rows {
        let end = rows.min(row + RUN_ROWS);
        let run = (row..end).map(|row| dice.row(u32::try_from(row).unwrap(), side)).collect();
        row = end;
        let begun = Instant::now();
        let sorted = Sorted::new(run).unwrap();
        spent[0] += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        writer.push(Kind::Card, sorted).unwrap();
        spent[1] += begun.elapsed().as_secs_f64();
    }
    let begun = Instant::now();
    writer.finish(u32::try_from(rows).unwrap()).unwrap();
    spent[1] += begun.elapsed().as_secs_f64();
    spent
}

fn key(name: &str) -> SegmentKey {
    SegmentKey::derive(&[7; 32], name)
}

/// Reads everything once, by ranges that threads take in turn; rows, and a sum that needs every value.
fn read(
    deposits: &[(StoredDeposit, Columns)],
    ranges: &[TokenRange],
    threads: usize,
) -> (u64, u64) {
    let taken = AtomicUsize::new(0);
    let one = || {
        let (mut rows, mut sum) = (0, 0_u64);
        let mut batch = Batch::new();
        while let Some(range) = ranges.get(taken.fetch_add(1, Ordering::Relaxed)) {
            for (deposit, columns) in deposits {
                let mut reader = deposit.segment(Kind::Card, *range, *columns).unwrap();
                while reader.next(&mut batch).unwrap() {
                    rows += batch.len() as u64;
                    sum ^= u64::from(batch.tokens[batch.len() - 1].as_bytes()[15]);
                    if let Values::Sales(amounts) = &batch.values {
                        sum = sum.wrapping_add(amounts.iter().sum());
                    }
                }
            }
        }
        (rows, sum)
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let done = all.into_iter().map(|thread| thread.join().unwrap());
        done.fold((0, 0_u64), |sum, one| (sum.0 + one.0, sum.1.wrapping_add(one.1)))
    })
}

/// Peak resident memory of this process.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

fn main() {
    let arguments = Arguments::read();
    let Arguments { leads, sales, deposits, threads, parts, runs, memory_mib } = arguments;
    let dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let dir = dir.join("bench-vault");
    fs::create_dir_all(&dir).unwrap();
    let mut names = vec![("leads".to_owned(), Side::Leads, leads)];
    names.extend((0..deposits).map(|n| (format!("sales-{n}"), Side::Sales, sales / deposits)));
    let mut spent = [0.0; 2];
    for (name, side, rows) in &names {
        let _ = remove(&dir, name);
        let one = write(&dir, name, *side, *rows, memory_mib << 20);
        spent = [spent[0] + one[0], spent[1] + one[1]];
    }
    let all = names.iter().map(|(_, _, rows)| *rows).sum::<usize>() as f64;
    println!("rows                  {all}");
    println!("sort, one thread      {:.2} s, {:.1} M rows/s", spent[0], all / spent[0] / 1e6);
    println!("merge, encrypt, write {:.2} s, {:.1} M rows/s", spent[1], all / spent[1] / 1e6);
    println!("peak memory           {:.0} MiB", peak_mib());
    let begun = Instant::now();
    let open = |(name, side, _): &(String, Side, usize)| {
        let columns = match side {
            Side::Leads | Side::Customers => Columns::TOKENS,
            Side::Sales => Columns { days: true, values: true, ..Columns::TOKENS },
        };
        (StoredDeposit::open(&dir, name, key(name)).unwrap(), columns)
    };
    let opened: Vec<_> = names.iter().map(open).collect();
    println!("open                  {:.4} s", begun.elapsed().as_secs_f64());
    let ranges = TokenRange::parts(parts);
    let mut seconds = Vec::new();
    for _ in 0..runs {
        let begun = Instant::now();
        let (rows, _) = read(&opened, &ranges, threads);
        seconds.push(begun.elapsed().as_secs_f64());
        assert!(rows as f64 >= all * 0.99);
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "read, {threads} threads, {parts} parts: best {:.3} s, median {:.3} s, worst {:.3} s",
        seconds[0],
        seconds[seconds.len() / 2],
        seconds[seconds.len() - 1]
    );
    for (name, _, _) in &names {
        remove(&dir, name).unwrap();
    }
}
