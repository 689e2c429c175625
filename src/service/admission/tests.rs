//! The admission of releases that follow each other, held against the rule.

use std::collections::BTreeSet;
use std::path::Path;

use tiers_protocol::policy::SaleMonthsPerYear;

use super::*;
use crate::crypto::chain::VaultChain;
use crate::matching::naive::Admitted;
use crate::store::{Db, StoreError};

/// Two programmes of one party.
const PROGRAMMES: &str = "INSERT INTO party VALUES ('p', 'principal', '', '', '', '', '', 0); \
                          INSERT INTO programme VALUES ('$1', 'p', x'', 0, 0, NULL); \
                          INSERT INTO programme VALUES ('$2', 'p', x'', 0, 0, NULL);";

struct Place {
    folder: tempfile::TempDir,
    db: Db,
    programmes: [ProgrammeId; 2],
    /// Files that need not be read whole.
    sound: HashSet<FileId>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tiers.sqlite");
        let db = Db::open(&path).expect("opens");
        let random = || ProgrammeId::random(&mut tiers_protocol::entropy::System);
        let programmes = [random(), random()];
        let text = PROGRAMMES
            .replace("$1", &programmes[0].to_string())
            .replace("$2", &programmes[1].to_string());
        raw(&path).execute_batch(&text).expect("inserts");
        Self { folder, db, programmes, sound: HashSet::new() }
    }

    /// What one release of a month admits of some units, in their order; it fails at the end if it shall.
    fn release(
        &self,
        (programme, month, limit): (ProgrammeId, Month, SaleMonthsPerYear),
        units: &BTreeSet<Unit>,
        (ids, fails): ([FileId; 2], bool),
    ) -> Result<Vec<bool>, ServiceError> {
        self.db.write("test", |tx| {
            let place = (self.folder.path().to_owned(), ids, &self.sound);
            let mut admission = Remembered::open(tx, place, programme, (month, limit))?;
            let admitted = units.iter().map(|unit| {
                let kind = unit.kind().expect("a kind");
                admission.admit(kind, unit.token())
            });
            let admitted = admitted.collect::<Result<Vec<_>, _>>()?;
            admission.finish()?;
            if fails { Err(StoreError::Corrupt { column: "test" }.into()) } else { Ok(admitted) }
        })
    }

    fn files(&self) -> Vec<UnitsFile> {
        self.db.read("test", |tx| tx.units_files().map_err(ServiceError::from)).expect("reads")
    }
}

fn raw(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("opens")
}

fn unit(value: u8) -> (Kind, VaultToken) {
    let chain = VaultChain::new([&[1; 32]]).expect("one key");
    let token = chain.rekey(&tiers_contact::Token::from_bytes([value; 32]));
    (Kind::KEYS[usize::from(value % 3)], token)
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[test]
fn what_is_remembered_follows_the_rule_through_commits_and_rollbacks() {
    let mut place = Place::new();
    let limit = SaleMonthsPerYear::new(2).expect("allowed");
    let mut models = [Admitted::new(limit), Admitted::new(limit)];
    let (mut dice, mut refused, mut merged) = (Dice(7), 0, 0);
    // Rows of one unit each, from before there were files.
    let old = Month::new(2024, 3).expect("a month");
    for value in 0..12 {
        let (kind, token) = unit(value);
        let row = "INSERT INTO admission VALUES (?1, ?2, ?3, 2024, 4)";
        let values =
            rusqlite::params![place.programmes[0].to_string(), kind.as_str(), token.as_bytes()];
        let path = place.folder.path().join("tiers.sqlite");
        raw(&path).execute(row, values).expect("inserts");
        assert!(models[0].at(old).admit(kind, token).expect("memory"));
    }
    for step in 0..400_u32 {
        let which = usize::from(dice.below(4) == 0);
        let month = u8::try_from(dice.below(12) + 1).expect("small");
        let year = if dice.below(3) == 0 { 2025 } else { 2024 };
        let month = Month::new(year, month).expect("a month");
        let count = dice.below(20);
        let drawn = (0..count).map(|_| unit(u8::try_from(dice.below(250)).expect("small")));
        let units: BTreeSet<Unit> = drawn.map(|(kind, token)| Unit::new(kind, token)).collect();
        let of = (place.programmes[which], month, limit);
        let id = |n: u32| u128::from(step * 4 + n).to_be_bytes();
        // A release that does not happen admits nobody, and the next one writes over nothing of it.
        assert!(place.release(of, &units, ([id(0), id(1)], true)).is_err());
        let before = place.files().len();
        let found = place.release(of, &units, ([id(2), id(3)], false)).expect("writes");
        merged += u32::from(place.files().len() < before);
        place.sound.extend(place.files().iter().map(|file| file.id).filter(|id| id[15] % 3 == 0));
        for (unit, found) in units.iter().zip(found) {
            let (kind, token) = (unit.kind().expect("a kind"), unit.token());
            let expected = models[which].at(month).admit(kind, token).expect("memory");
            assert_eq!(found, expected, "step {step}");
            refused += u32::from(!found);
        }
    }
    assert!(refused > 500 && merged > 3, "{refused} refused, {merged} merged");
    let files = place.files();
    for programme in place.programmes {
        for year in [2024, 2025] {
            for bit in 0..12 {
                let same = |file: &&UnitsFile| {
                    let own = file.programme == programme && file.year == year;
                    own && file.months.bits() == 1 << bit
                };
                assert!(files.iter().filter(same).count() <= FILES_OF_A_MONTH);
            }
        }
    }
}

#[test]
fn a_file_that_is_not_as_it_was_written_lets_nobody_in() {
    let place = Place::new();
    let limit = SaleMonthsPerYear::new(2).expect("allowed");
    let month = Month::new(2024, 3).expect("a month");
    let of = (place.programmes[0], month, limit);
    let units = (0..40).map(unit).map(|(kind, token)| Unit::new(kind, token)).collect();
    place.release(of, &units, ([[1; 16], [2; 16]], false)).expect("writes");
    let path = files::path(place.folder.path(), &[1; 16]);
    let bytes = std::fs::read(&path).expect("reads");
    let none = BTreeSet::new();
    for byte in [20, 40, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[byte] ^= 1;
        std::fs::write(&path, &altered).expect("writes");
        // Also where nobody is asked for: what was read before is known at the end only.
        for units in [&units, &none] {
            let refused = place.release(of, units, ([[3; 16], [4; 16]], false));
            assert_eq!(refused.map_err(|e| e.code()), Err("certifier.file"), "byte {byte}");
        }
    }
    // What was read whole before is not read so again; that it is in order is seen in any case.
    let mut place = place;
    place.sound.insert([1; 16]);
    let mut altered = bytes.clone();
    altered[33..49].fill(0xff);
    std::fs::write(&path, &altered).expect("writes");
    assert!(place.release(of, &none, ([[3; 16], [4; 16]], false)).is_err());
    // One that was cut at a unit is in order; the database knows how many there are.
    std::fs::write(&path, &bytes[..bytes.len() - 17]).expect("writes");
    assert!(place.release(of, &none, ([[3; 16], [4; 16]], false)).is_err());
    std::fs::remove_file(&path).expect("removes");
    let missing = place.release(of, &units, ([[5; 16], [6; 16]], false));
    let missing = missing.map_err(|error| (error.code(), error.trouble().is_some()));
    assert_eq!(missing, Err(("certifier.file", false)), "no passing trouble");
    std::fs::write(&path, &bytes).expect("writes");
    place.release(of, &units, ([[7; 16], [8; 16]], false)).expect("whole again");
}
