//! How many contacts a second go from a CSV file in memory to the body of a deposit, with the four key
//! kinds of the standard policy.
//!
//! `cargo run --release -p tiers-contact --example rate -- [rows] [threads]`; one million rows and one
//! thread unless told. Invented contacts from a fixed seed: names, birth dates, e-mails, telephones and
//! addresses in the forms that files have. Reading and sealing files is not in it.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]

use std::{fmt::Write, ops::Range, time::Instant};

use tiers_contact::{DateOrders, FileKind, Kind, Opened, PrepareOptions, Tokeniser};

/// The generator of Knuth's MMIX: the same contacts on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let place = self.below(u64::try_from(list.len()).unwrap());
        list[usize::try_from(place).unwrap()]
    }
}

fn contacts(rows: u64) -> String {
    const FIRST: &[&str] = &[
        "Zoé",
        "Jean-Pierre",
        "MARIE",
        "Anaïs",
        "François",
        "Luc",
        "Brigitte",
        "Mohamed",
        "Chloé",
        "Paul",
    ];
    const ROOT: &[&str] = &[
        "Lefèvre",
        "LE ROUX",
        "Martin",
        "d'Aubigné",
        "DUPONT",
        "Müller",
        "Garçon",
        "Petit",
        "MOREAU",
        "Roy",
    ];
    const STREET: &[&str] = &[
        "rue de l'Église",
        "av. Jean Jaurès",
        "bd du Gal de Gaulle",
        "chemin des Écoles",
        "place du 8 Mai 1945",
    ];
    let mut draw = Draw(42);
    let mut text = "Civilité;Nom;Prénom;Date de naissance;E-mail;Téléphone;Adresse;Code postal;Ville;Date de vente;Montant TTC\n".to_owned();
    for row in 0..rows {
        let (first, last) = (draw.of(FIRST), draw.of(ROOT));
        let tail = char::from(b'a' + u8::try_from(draw.below(26)).unwrap());
        let (day, month, year) = (1 + draw.below(28), 1 + draw.below(12), 1930 + draw.below(75));
        let phone = 10_000_000 + draw.below(89_999_999);
        let (p, q, r, s) =
            (phone / 1_000_000, phone / 10_000 % 100, phone / 100 % 100, phone % 100);
        writeln!(
            text,
            "M.;{last}{tail};{first};{day:02}/{month:02}/{year};Contact.{row}{tail}@{};06 {p} {q:02} {r:02} {s:02};{} {};{:05};VILLE;{:02}/{:02}/2024;{} {:03},{:02} €",
            draw.of(&["orange.fr", "gmail.com", "free.fr", "wanadoo.fr"]),
            1 + draw.below(200),
            draw.of(STREET),
            1000 + draw.below(94_000),
            1 + draw.below(28),
            1 + draw.below(12),
            10 + draw.below(30),
            draw.below(1000),
            draw.below(100),
        )
        .unwrap();
    }
    text
}

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

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().unwrap());
    let (rows, threads) = (number(1_000_000), number(1));
    let text = contacts(rows);
    let options = PrepareOptions {
        kind: FileKind::Sales,
        kinds: vec![Kind::Email, Kind::Mobile, Kind::NameBirth, Kind::NamePost],
        campaigns: Vec::new(),
        clamp_cents: 4_000_000,
        max_reject_permille: 50,
        map: Vec::new(),
        encoding: None,
        separator: None,
        sheet: None,
        hashed: Vec::new(),
        orders: DateOrders::default(),
    };
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
    #[allow(clippy::cast_precision_loss, reason = "a rate to read")]
    let rate = |time: std::time::Duration| rows as f64 / time.as_secs_f64();
    println!(
        "{threads} threads, {rows} rows, {} MB in, {} MB out",
        text.len() >> 20,
        body.csv.len() >> 20
    );
    println!("read and normalised: {:.2} s, {:.0} rows/s", read.as_secs_f64(), rate(read));
    println!("with tokens, sorted: {:.2} s, {:.0} rows/s", whole.as_secs_f64(), rate(whole));
    if let Some(used) = used {
        #[allow(clippy::cast_precision_loss, reason = "a rate to read")]
        let rate = rows as f64 / used;
        println!("processor: {used:.2} s, {rate:.0} rows a second of one core");
    }
}
