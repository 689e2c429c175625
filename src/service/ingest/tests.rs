//! Reading a body side by side against reading it line by line as text, over bodies with every fault
//! that a body can have; and that neither threads, blocks nor runs change what comes of it.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::sync::OnceLock;

use proptest::prelude::*;
use tiers_contact::{FileKind, Token};
use tiers_protocol::encoding::{Bytes, encode, sha256};
use tiers_protocol::entropy::System;
use tiers_protocol::manifest::{BodyEncoding, Draft, SealedDescription};
use tiers_protocol::policy::{ClampCents, Policy};
use tiers_protocol::programme::Campaign;
use tiers_protocol::programme_key::ProgrammeKey;
use tiers_protocol::seal::seal_body;

use super::*;
use crate::crypto::random::OsRandom;
use crate::service::leads_set::{self, Record};
use crate::vault::{Day, SegmentRow, Traits, Value};

/// A certifier's keys and a programme, made once.
struct World {
    keyring: Keyring,
    programme: Programme,
    key: ProgrammeKey,
    canaries: Vec<Canary>,
}

const CANARIES: u32 = 2;

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
        let keyring = Keyring::create(&keys, &data, "certifier.example", &mut OsRandom::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let campaign = |name: &str| Campaign { name: name.to_owned(), cost_cents: 1 };
        let policy = include_str!("../../../policies/disclosure/standard.toml").to_owned();
        let areas = "\n[[areas]]\nname = \"Nord\"\ndepartments = [\"59\", \"62\"]\n";
        let mut programme = Programme::new(
            "Essai".to_owned(),
            "measure".to_owned(),
            ["A", "\u{c9}T\u{c9} 25", "C"].map(campaign).into(),
            Policy::from_toml(&(policy + areas)).expect("the standard policy"),
            jiff::civil::date(2030, 1, 1),
            &mut System,
        );
        programme.models = ["Clio", "M\u{e9}gane"].map(str::to_owned).to_vec();
        let mut canaries = Vec::new();
        for position in 0..CANARIES {
            for kind in programme.policy.kinds() {
                for n in 0..kind.tokens_per_row() {
                    let token = keyring.vault().rekey(&canary_token(position, kind, n));
                    canaries.push(Canary { position, kind, token });
                }
            }
        }
        World { keyring, programme, key: ProgrammeKey::generate(&mut System), canaries }
    })
}

fn token_of(parts: &[&[u8]]) -> Token {
    Token::from_bytes(*sha256(&parts.concat()).as_bytes())
}

fn canary_token(position: u32, kind: Kind, n: usize) -> Token {
    token_of(&[
        b"canary",
        &position.to_be_bytes(),
        kind.as_str().as_bytes(),
        &[u8::try_from(n).unwrap_or(0)],
    ])
}

/// One line of a body.
fn line(tokens: impl Fn(Kind, usize) -> Option<String>, date: &str, value: &str) -> String {
    let mut fields: Vec<String> = Vec::new();
    for kind in world().programme.policy.kinds() {
        let field = (0..kind.tokens_per_row()).filter_map(|n| tokens(kind, n));
        fields.push(field.collect::<Vec<_>>().join(" "));
    }
    if !value.is_empty() {
        fields.extend([date.to_owned(), value.to_owned()]);
    }
    fields.join(",") + "\n"
}

fn text(token: &Token) -> String {
    encode(token.as_bytes())
}

/// A row of person `n`, who lacks the single kinds whose bit is set.
fn row(n: u32, lacks: u32, date: &str, value: &str) -> String {
    line(
        |kind, of| {
            let lacking = !kind.is_near() && lacks >> kind.index() & 1 == 1;
            let own = || token_of(&[&n.to_be_bytes(), kind.as_str().as_bytes(), &of.to_be_bytes()]);
            (!lacking).then(|| text(&own()))
        },
        date,
        value,
    )
}

fn canary(position: u32, value: &str) -> String {
    line(|kind, n| Some(text(&canary_token(position, kind, n))), "2000-01-01", value)
}

/// All that comes out of a body, in one order.
#[derive(Default, PartialEq, Eq)]
struct Out {
    rows: BTreeSet<(Kind, VaultToken, u32, bool, Day, Value)>,
    leads: Vec<Record>,
}

#[derive(Default)]
struct Gathered(Mutex<(Out, usize)>);

impl Sink for Gathered {
    fn rows(&self, kind: Kind, rows: Vec<SegmentRow>) -> Result<(), ServiceError> {
        let (out, pushes) = &mut *self.0.lock().expect("no panic");
        *pushes += 1;
        for row in rows {
            let new = (kind, row.token, row.row, row.first, row.date, row.value);
            assert!(out.rows.insert(new), "an entry came twice");
        }
        Ok(())
    }

    fn leads(&self, records: Vec<Record>) -> Result<(), ServiceError> {
        self.0.lock().expect("no panic").0.leads.extend(records);
        Ok(())
    }
}

/// What a body says, read the slow way.
fn by_lines(body: &str, kind: FileKind, announced: u64) -> Result<(Read, Out), Refusal> {
    let World { keyring, programme, canaries, .. } = world();
    let (mut out, mut found, mut ordinal) = (Out::default(), Vec::new(), 0);
    let mut lines = body.split('\n');
    let last = lines.next_back().expect("a text has a last line");
    for (place, line) in lines.enumerate() {
        if place == 0 {
            if line != expected_columns(kind, programme).join(",") {
                return Err(Refusal::UnknownColumn);
            }
            continue;
        }
        if line.len() > limits::LINE_BYTES {
            return Err(Refusal::BadLine);
        }
        let mut fields: Vec<&str> = line.split(',').collect();
        let (mut tokens, mut sent) = (Vec::new(), Vec::new());
        let beside = match kind {
            FileKind::Sales => 4,
            FileKind::Leads => 2,
            _ => 0,
        };
        if fields.len() != programme.policy.kinds().count() + beside {
            // Whatever stands in front may be a bare hash.
            let hash = fields.iter().zip(programme.policy.kinds()).find_map(|(f, k)| bad(f, k));
            return Err(hash.unwrap_or(Refusal::BadLine));
        }
        let area = (beside == 4).then(|| fields.pop().unwrap_or_default());
        let model = (beside == 4).then(|| fields.pop().unwrap_or_default());
        let value = if beside > 0 { fields.pop().unwrap_or_default() } else { "" };
        let date = if beside > 0 { fields.pop().unwrap_or_default() } else { "1970-01-01" };
        for (field, kind) in fields.iter().zip(programme.policy.kinds()) {
            if let Some(refusal) = bad(field, kind) {
                return Err(refusal);
            }
            for token in field.split(' ').filter(|token| !token.is_empty()) {
                let token = Token::from_base64url(token).ok_or(Refusal::BadLine)?;
                tokens.push((kind, keyring.vault().rekey(&token)));
                sent.push((kind, token));
            }
        }
        let value = if kind == FileKind::Leads {
            let campaign = programme.campaigns.iter().position(|c| c.name == value);
            Value::Lead { campaign: u16::try_from(campaign.ok_or(Refusal::BadLine)?).expect("few") }
        } else if kind == FileKind::Customers {
            Value::Known
        } else {
            let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
            let amount = value.parse().ok().filter(|cents| digits && *cents <= ClampCents::MAX);
            let model = match model.unwrap_or_default() {
                "" => None,
                "Clio" => Some(0),
                "M\u{e9}gane" => Some(1),
                _ => return Err(Refusal::BadLine),
            };
            let area = match area.unwrap_or_default() {
                "" => None,
                "Nord" => Some(0),
                _ => return Err(Refusal::BadLine),
            };
            let amount_cents = amount.ok_or(Refusal::BadLine)?;
            Value::Sale { amount_cents, traits: Traits::new(model, area) }
        };
        let parsed: jiff::civil::Date = date.parse().map_err(|_| Refusal::BadLine)?;
        if parsed.to_string() != date {
            return Err(Refusal::BadLine);
        }
        let days = parsed.since(jiff::civil::date(1970, 1, 1)).expect("days").get_days();
        let date = Day::from_epoch_days(days);
        let mut meets: HashMap<u32, usize> = HashMap::new();
        for canary in canaries {
            if tokens.contains(&(canary.kind, canary.token)) {
                *meets.entry(canary.position).or_default() += 1;
            }
        }
        if let Some(first) = meets.keys().min() {
            let of = canaries.iter().filter(|canary| canary.position == *first).count();
            if meets[first] != of {
                return Err(Refusal::Canary);
            }
            found.push(*first);
        } else {
            let first = Kind::KEYS.into_iter().find(|key| tokens.iter().any(|(k, _)| k == key));
            for (kind, token) in &tokens {
                out.rows.insert((*kind, *token, ordinal, first == Some(*kind), date, value));
            }
            if let Value::Lead { campaign } = value {
                let digest = leads_set::record(&sent, date, campaign, ordinal, keyring);
                out.leads.push(digest);
            }
        }
        ordinal += 1;
    }
    found.sort_unstable();
    match () {
        () if !last.is_empty() => Err(Refusal::BadLine),
        () if u64::from(ordinal) != announced => Err(Refusal::RowCount),
        () if found != (0..CANARIES).collect::<Vec<_>>() => Err(Refusal::Canary),
        () => Ok((Read { lines: ordinal, rows: u64::from(ordinal - CANARIES) }, out)),
    }
}

/// What is wrong with a field of tokens.
fn bad(field: &str, kind: Kind) -> Option<Refusal> {
    if field.is_empty() && !kind.is_near() {
        return None;
    }
    let texts: Vec<&str> = field.split(' ').collect();
    for (place, text) in texts.iter().enumerate() {
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some(Refusal::BareHash);
        }
        if Token::from_base64url(text).is_none()
            || texts[..place].contains(text)
            || place >= kind.tokens_per_row()
        {
            return Some(Refusal::BadLine);
        }
    }
    (texts.len() != kind.tokens_per_row()).then_some(Refusal::BadLine)
}

/// A way of packing a body.
type Packing = (fn(&[u8]) -> Vec<u8>, BodyEncoding);

const PACKED: [Packing; 2] = [(gzip, BodyEncoding::CsvGzip), (zstd, BodyEncoding::CsvZstd)];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text).expect("memory takes all");
    out.finish().expect("memory takes all")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory takes all")
}

/// Seals a body, spoils it if asked to, and reads it.
fn read(
    (plain, encoding): (&[u8], BodyEncoding),
    kind: FileKind,
    rows: u64,
    pace: Pace,
    spoil: impl FnOnce(&mut Vec<u8>),
) -> (Result<Read, ServiceError>, Out, usize) {
    let World { keyring, programme, key, canaries } = world();
    let draft = Draft {
        nonce: Bytes::new([1; 16]),
        kind,
        columns: expected_columns(kind, programme),
        rows,
        rejects: 0,
        retain_until: programme.epoch_ends,
        tool: "test".to_owned(),
        plain_bytes: plain.len() as u64,
    };
    let mut manifest = Manifest::new(programme, key.id(), draft);
    manifest.body.encoding = encoding;
    let to = keyring.sealing.public();
    let mut sealed = seal_body(&to, &manifest.seal_info(), plain, &mut System).expect("seals");
    let (bytes, digest) = (sealed.len() as u64, sha256(&sealed));
    manifest.body.sealed = Some(SealedDescription { bytes, sha256: digest, recipient: to.id() });
    spoil(&mut sealed);
    let spool = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(spool.path(), sealed).expect("writes");
    let sink = Gathered::default();
    let chain = keyring.vault();
    let body =
        Body { spool: spool.path(), manifest: &manifest, programme, keyring, chain, canaries };
    let read = read_body(&body, pace, &sink);
    let (out, pushes) = sink.0.into_inner().expect("no panic");
    (read, out, pushes)
}

fn refusal(result: Result<Read, ServiceError>) -> Result<Read, Refusal> {
    result.map_err(|error| match error {
        ServiceError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    })
}

fn pace() -> impl Strategy<Value = Pace> {
    let entries = prop_oneof![Just(1_usize), 2..5_000_usize];
    (1..5_usize, 1..3_usize, entries).prop_map(|(threads, block_chunks, entries)| Pace {
        threads,
        thread_bytes: 1,
        block_chunks,
        entries,
    })
}

/// Something that is wrong with a line, or not.
fn spoilt(line: &str, how: u32) -> String {
    let hash = "0123456789abcdef".repeat(4);
    let cut = line.len() / 3;
    match how {
        0 => line.replacen(',', ",,", 1),
        1 => format!("{hash}{}", &line[line.find(',').unwrap_or(0)..]),
        2 => line.replace("2025", "2O25"),
        3 => line.replace("-07-", "-02-"),
        4 => format!("{}\n{}", &line[..cut], &line[cut..]),
        5 => line.replace('\n', ",\n"),
        6 => format!("{}{line}", " ".repeat(2_049)),
        7 => line.replacen(' ', "  ", 1),
        8 => line.to_owned() + line,
        9 => "\n".to_owned(),
        10 => canary(0, "12,,"),
        11 => canary(1, "12,,").replacen(&text(&canary_token(1, Kind::Email, 0)), "", 1),
        12 => line.replace(",Nord", ",nord"),
        13 => line.replace("Clio,", "Klio,"),
        14 => line.replace(",12,", ",12"),
        _ => line.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("TIERS_FULL").is_some() { 600 } else { 40 }))]
    #[test]
    fn a_body_says_the_same_however_it_is_read(
        people in prop::collection::vec((0..300_u32, 0..128_u32, 1..31_u32), 1..260),
        of_kind in 0..3_usize,
        how in prop::option::of((0..15_u32, any::<prop::sample::Index>())),
        announced in prop_oneof![9 => Just(0_i64), 1 => -2..3_i64],
        end in prop_oneof![9 => Just("\n"), 1 => Just(""), 1 => Just("\nx")],
        packed in 0..=PACKED.len(),
        pace in pace(),
    ) {
        let kind = [FileKind::Sales, FileKind::Leads, FileKind::Customers][of_kind];
        let sales = ["12,Clio,Nord", "12,,", "12,M\u{e9}gane,", "12,,Nord"];
        let of = |n: u32| match kind {
            FileKind::Leads => "\u{c9}T\u{c9} 25",
            FileKind::Customers => "",
            _ => sales[n as usize % 4],
        };
        let value = of(1);
        let mut lines: Vec<String> = people
            .iter()
            .map(|(n, lacks, day)| row(*n, *lacks, &format!("2025-07-{day:02}"), of(*n)))
            .collect();
        let middle = lines.len() / 2;
        lines.insert(middle, canary(0, value));
        lines.push(canary(1, value));
        let rows = lines.len() as u64;
        if let Some((how, at)) = how {
            let at = at.index(lines.len());
            lines[at] = spoilt(&lines[at], how);
        }
        let heading = expected_columns(kind, &world().programme).join(",");
        let mut body = format!("{heading}\n{}", lines.concat());
        body.pop();
        body.push_str(end);
        let announced = rows.saturating_add_signed(announced);
        let (bytes, encoding) = match packed.checked_sub(1).map(|which| PACKED[which]) {
            Some((pack, encoding)) => (pack(body.as_bytes()), encoding),
            None => (body.clone().into_bytes(), BodyEncoding::Csv),
        };
        let (found, out, _) = read((&bytes, encoding), kind, announced, pace, |_| {});
        match by_lines(&body, kind, announced) {
            Err(expected) => {
                // Of rows too many, those of later blocks are not looked at.
                let found = refusal(found);
                let surplus = body.matches('\n').count() as u64 > announced + 1;
                prop_assert!(found == Err(expected) || (surplus && found == Err(Refusal::RowCount)), "{found:?}, not {expected:?}");
            }
            Ok((expected, mut all)) => {
                prop_assert_eq!(refusal(found), Ok(expected));
                let mut leads = out.leads;
                leads.sort_unstable();
                all.leads.sort_unstable();
                prop_assert!(leads == all.leads);
                prop_assert!(out.rows == all.rows);
            }
        }
    }
}

fn plain_body(rows: u32) -> (Vec<u8>, u64) {
    let heading = expected_columns(FileKind::Sales, &world().programme).join(",");
    let mut body = heading + "\n" + &canary(0, "0,,") + &canary(1, "0,,");
    (0..rows).for_each(|n| body.push_str(&row(n, n, "2025-07-01", "100,,")));
    (body.into_bytes(), u64::from(rows + CANARIES))
}

const SIDE_BY_SIDE: Pace = Pace { threads: 3, thread_bytes: 1, block_chunks: 1, entries: 1_000 };

#[test]
fn sec_14_every_altered_byte_is_told_as_such() {
    let (plain, rows) = plain_body(150);
    assert!(plain.len() > 3 * 65_536, "several blocks");
    let (whole, out, pushes) =
        read((&plain, BodyEncoding::Csv), FileKind::Sales, rows, SIDE_BY_SIDE, |_| {});
    assert_eq!(refusal(whole), Ok(Read { lines: 152, rows: 150 }));
    assert!(!out.rows.is_empty() && pushes > 3);
    let altered = |spoil: &dyn Fn(&mut Vec<u8>)| {
        let (found, _, _) =
            read((&plain, BodyEncoding::Csv), FileKind::Sales, rows, SIDE_BY_SIDE, spoil);
        assert_eq!(refusal(found), Err(Refusal::BodyAltered));
    };
    for at in [0, 20, 54, 55, 70_000, 131_000] {
        altered(&|sealed| sealed[at] ^= 1);
    }
    altered(&|sealed| sealed.truncate(sealed.len() - 1));
    altered(&|sealed| sealed.push(0));
    altered(&|sealed| sealed.truncate(55 + 65_552));
    altered(&|sealed| sealed.truncate(30));
    altered(&|sealed| sealed.clear());
}

#[test]
fn a_packed_text_is_whole_and_nothing_follows_it() {
    let (plain, rows) = plain_body(150);
    for (pack, encoding) in PACKED {
        let packed = pack(&plain);
        let read = |packed: &[u8], rows| {
            let sent = (packed, encoding);
            refusal(read(sent, FileKind::Sales, rows, SIDE_BY_SIDE, |_| {}).0)
        };
        assert_eq!(read(&packed, rows), Ok(Read { lines: 152, rows: 150 }), "{encoding:?}");
        let (one, other) = plain.split_at(plain.len() / 2);
        let members = [pack(one), pack(other)].concat();
        assert_eq!(read(&members, rows), Ok(Read { lines: 152, rows: 150 }), "{encoding:?}");
        for spoilt in [
            &packed[..packed.len() - 1],
            &packed[..packed.len() / 2],
            &[&packed[..], b"x"].concat(),
            &plain[..],
            b"",
        ] {
            assert_eq!(read(spoilt, rows), Err(Refusal::BodyUnreadable), "{encoding:?}");
        }
        // Far more than was announced: read no further than the block where that shows.
        for endless in [b'\n', b'a'] {
            let text = [&plain[..], &vec![endless; 1 << 26]].concat();
            assert_eq!(read(&pack(&text), rows), Err(Refusal::BadLine), "{encoding:?}");
        }
    }
}

#[test]
fn a_frame_that_wants_more_memory_than_a_decoder_must_have_is_refused() {
    let (plain, rows) = plain_body(150);
    let packed = |window_log| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory takes all");
        encoder.window_log(window_log).expect("a window");
        encoder.long_distance_matching(true).expect("a window");
        encoder.write_all(&plain).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    };
    let read = |window_log| {
        let sent = (&packed(window_log)[..], BodyEncoding::CsvZstd);
        refusal(read(sent, FileKind::Sales, rows, SIDE_BY_SIDE, |_| {}).0)
    };
    assert_eq!(read(23), Ok(Read { lines: 152, rows: 150 }));
    assert_eq!(read(27), Err(Refusal::BodyUnreadable));
}

/// A sink that a full disk stops.
struct Full;

impl Sink for Full {
    fn rows(&self, _: Kind, _: Vec<SegmentRow>) -> Result<(), ServiceError> {
        Err(crate::vault::VaultError::Write(std::io::ErrorKind::StorageFull).into())
    }

    fn leads(&self, _: Vec<Record>) -> Result<(), ServiceError> {
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_ends_the_reading() {
    let (plain, rows) = plain_body(150);
    let World { keyring, programme, key, canaries } = world();
    let draft = Draft {
        nonce: Bytes::new([1; 16]),
        kind: FileKind::Sales,
        columns: Vec::new(),
        rows,
        rejects: 0,
        retain_until: programme.epoch_ends,
        tool: "test".to_owned(),
        plain_bytes: plain.len() as u64,
    };
    let mut manifest = Manifest::new(programme, key.id(), draft);
    let to = keyring.sealing.public();
    let sealed = seal_body(&to, &manifest.seal_info(), &plain, &mut System).expect("seals");
    let (bytes, digest) = (sealed.len() as u64, sha256(&sealed));
    manifest.body.sealed = Some(SealedDescription { bytes, sha256: digest, recipient: to.id() });
    let spool = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(spool.path(), sealed).expect("writes");
    let chain = keyring.vault();
    let body =
        Body { spool: spool.path(), manifest: &manifest, programme, keyring, chain, canaries };
    for entries in [1, usize::MAX] {
        let failed = read_body(&body, Pace { entries, ..SIDE_BY_SIDE }, &Full);
        assert_eq!(failed.err().map(|error| error.code()), Some("vault.write"));
    }
}
