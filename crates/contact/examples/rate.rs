//! How many contacts a second go from a CSV file in memory to the body of a deposit, with the four key
//! kinds of the standard policy; and what each rule costs.
//!
//! `cargo run --release -p tiers-contact --example rate -- [rows] [threads]`: one million rows and one
//! thread unless told. `... --example rate -- stages [rows] [rule]`: nanoseconds a row of each rule alone;
//! `... --example rate -- blocks [rows]`: of what a worker of `prepare` does, block by block.
//! Reading and sealing files is not in it: that is `benches/prepare.rs`, and what both found stands in
//! `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

#[path = "../../../benches/invented/contacts.rs"]
mod contacts;

use std::{
    hint::black_box,
    ops::Range,
    time::{Duration, Instant},
};

use tiers_contact::{
    BLOCK_BYTES, Digest, FileKind, HEAD_BYTES, Kind, Known, Opened, PrepareOptions, Streamed,
    Tokeniser,
    normalise::{
        address, amount,
        date::{self, Order, Purpose},
        email, name, number, phone, text,
    },
};

/// `threads` ranges that cover `0..len`.
fn ranges(len: usize, threads: u64) -> Vec<Range<usize>> {
    let size = len.div_ceil(usize::try_from(threads).unwrap()).max(1);
    (0..len).step_by(size).map(|start| start..(start + size).min(len)).collect()
}

fn side_by_side<T: Send>(
    ranges: &[Range<usize>],
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let handles: Vec<_> =
            ranges.iter().map(|range| scope.spawn(move || work(range.clone()))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    })
}

/// Seconds of processor that this program has had, where Linux tells: what the wall shows on a machine
/// that is busy elsewhere is not this program's.
fn processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = |text: &str| text.parse::<f64>().ok();
    Some((ticks(fields.next()?)? + ticks(fields.next()?)?) / 100.0)
}

fn options() -> PrepareOptions {
    PrepareOptions {
        clamp_cents: 4_000_000,
        max_reject_permille: 50,
        ..PrepareOptions::new(
            FileKind::Sales,
            vec![Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost],
        )
    }
}

fn whole(rows: u64, threads: u64) {
    let text = contacts::contacts(rows);
    let options = options();
    let tokeniser = Tokeniser::new(&[7; 32], "rate");
    let (begun, before) = (Instant::now(), processor());
    let opened = Opened::new(text.as_bytes(), &options).unwrap();
    let parts = side_by_side(&ranges(opened.len(), threads), |range| opened.read(range));
    let prepared = opened.finish(parts).unwrap();
    let read = begun.elapsed();
    let ranges = ranges(prepared.rows.len(), threads);
    let lines = side_by_side(&ranges, |range| prepared.lines(range, &tokeniser));
    let body = prepared.join(&lines, &tokeniser);
    let whole = begun.elapsed();
    let used = processor().zip(before).map(|(after, before)| after - before);
    for (kind, counts) in &prepared.counts {
        println!("{kind}: {} good, {} repaired", counts.good, counts.repaired);
    }
    let rate = |time: Duration| rows as f64 / time.as_secs_f64();
    println!(
        "{threads} threads, {rows} rows, {} MB in, {} MB out",
        text.len() >> 20,
        body.csv.len() >> 20
    );
    println!("read and normalised: {:.2} s, {:.0} rows/s", read.as_secs_f64(), rate(read));
    println!("with tokens, sorted: {:.2} s, {:.0} rows/s", whole.as_secs_f64(), rate(whole));
    if let Some(used) = used {
        let rate = rows as f64 / used;
        println!("processor: {used:.2} s, {rate:.0} rows a second of one core");
    }
}

/// The least of several rounds, in nanoseconds a row: what a rule costs when nothing disturbs it.
fn stage(only: Option<&str>, name: &str, rows: &[Vec<&str>], rule: impl Fn(&[&str])) {
    rounds(only, name, rows.len(), || rows.iter().for_each(|row| rule(row)));
}

fn rounds(only: Option<&str>, name: &str, rows: usize, work: impl Fn()) {
    if only.is_some_and(|only| only != name) {
        return;
    }
    let round = || {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    let least = (0..25).map(|_| round()).min().unwrap();
    println!("{name:<14} {:6.0} ns", least.as_nanos() as f64 / rows as f64);
}

/// Each rule alone, or one of them.
fn stages(count: u64, only: Option<&str>) {
    let file = contacts::contacts(count);
    let rows: Vec<Vec<&str>> = file.lines().skip(1).map(|line| line.split(';').collect()).collect();
    let tokeniser = Tokeniser::new(&[7; 32], "rate");
    let digest = Digest::of("jean.dupont@example.org");
    let day = |text: &str, purpose| black_box(date::parse(text, Order::DayFirst, purpose));
    stage(only, "clean", &rows, |row| {
        black_box(text::clean(row[6]));
    });
    stage(only, "fold", &rows, |row| {
        black_box(text::folded(row[6]));
    });
    stage(only, "names", &rows, |row| {
        black_box(name::normalise(row[2], row[1]));
    });
    stage(only, "birth date", &rows, |row| {
        day(row[3], Purpose::Birth);
    });
    stage(only, "e-mail", &rows, |row| {
        black_box(email::normalise(row[4]));
    });
    stage(only, "telephone", &rows, |row| {
        black_box(phone::normalise(row[5]));
    });
    stage(only, "street", &rows, |row| {
        black_box(address::normalise(row[6]));
    });
    stage(only, "postcode", &rows, |row| {
        black_box(number::postcode(row[7]));
    });
    stage(only, "sale date", &rows, |row| {
        day(row[9], Purpose::Event);
    });
    stage(only, "amount", &rows, |row| {
        black_box(amount::parse(row[11]));
    });
    stage(only, "one digest", &rows, |row| {
        black_box(Digest::of(row[4]));
    });
    stage(only, "one token", &rows, |_| {
        black_box(tokeniser.token_of_digest(Kind::Email, digest.as_bytes()));
    });
    let options = options();
    let opened = || Opened::new(file.as_bytes(), &options).unwrap();
    rounds(only, "open", rows.len(), || {
        black_box(opened());
    });
    let table = opened();
    rounds(only, "all rules", rows.len(), || {
        black_box(table.read(0..table.len()));
    });
    let part = table.read(0..table.len());
    let prepared = opened().finish([part]).unwrap();
    rounds(only, "lines", rows.len(), || {
        black_box(prepared.lines(0..prepared.rows.len(), &tokeniser));
    });
}

/// Nanoseconds of processor that this thread has had, where Linux tells.
fn thread_nanoseconds() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// What one worker does: blocks are read, and made into lines. Least of several rounds, in processor time.
fn blocks(count: u64) {
    let file = contacts::contacts(count);
    let options = options();
    let tokeniser = Tokeniser::new(&[7; 32], "rate");
    let head = &file.as_bytes()[..HEAD_BYTES.min(file.len())];
    let whole = head.len() == file.len();
    let stream = Streamed::begin(head, whole, &options, Known::default()).unwrap();
    let mut least = [u64::MAX; 2];
    for _ in 0..7 {
        let mut cutter = stream.cutter(BLOCK_BYTES);
        let mut spent = [0; 2];
        let mut pieces = file.as_bytes().chunks(1 << 18);
        loop {
            let begun = thread_nanoseconds();
            let piece = pieces.next();
            let found = piece.map(|piece| cutter.push(piece));
            let last = found.is_none();
            let found = found.unwrap_or_else(|| cutter.finish().into_iter().collect());
            spent[0] += thread_nanoseconds() - begun;
            for block in found {
                let begun = thread_nanoseconds();
                drop(black_box(stream.read(block, &tokeniser).unwrap()));
                spent[1] += thread_nanoseconds() - begun;
            }
            if last {
                break;
            }
        }
        least.iter_mut().zip(spent).for_each(|(least, spent)| *least = spent.min(*least));
    }
    for (name, spent) in ["cut", "read, lines"].into_iter().zip(least) {
        println!("{name:<14} {:6.0} ns", spent as f64 / count as f64);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default: u64| {
        arguments.get(place).map_or(default, |text| text.parse().unwrap())
    };
    if arguments.first().is_some_and(|first| first == "stages") {
        stages(number(1, 20_000), arguments.get(2).map(String::as_str));
    } else if arguments.first().is_some_and(|first| first == "blocks") {
        blocks(number(1, 100_000));
    } else {
        whole(number(0, 1_000_000), number(1, 1));
    }
}
