//! Tests of the journal by itself: every flipped byte, dropped line and truncated file is found, what a kill
//! leaves is not taken for an alteration, and terms are kept to the day.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;
use tiers_protocol::ids::{ActorId, DepositId};
use tiers_protocol::sign::SigningSecret;
use zeroize::Zeroizing;

use super::*;
use crate::time::Moment;

const START: i64 = 1_756_728_000;
const DAY: i64 = 86_400;

fn key() -> SigningSecret {
    SigningSecret::from_seed(&Zeroizing::new([7; 32]))
}

fn at(seconds: i64) -> Moment {
    Moment::from_seconds(START + seconds).unwrap()
}

fn note(journal: &Journal, seconds: i64, n: u8) {
    let note = Note {
        actor: Some(ActorId::from_bytes([n; 16])),
        operation: "GET /v1/deposits/{deposit}",
        object: Object::of(&DepositId::from_bytes([n; 16]).to_string()),
        result: "200",
        request: "req_x",
    };
    journal.append(at(seconds), &key(), &note);
}

fn open(folder: &Path, marks: &[Mark]) -> (Journal, Vec<Alteration>) {
    let (journal, checked) = Journal::open(folder, marks).unwrap();
    (journal, checked.altered)
}

/// Three days of lines, two starts on the last one; marks as a certifier would have made them.
fn filled(folder: &Path) -> Vec<Mark> {
    let mut marks = Vec::new();
    let (journal, _) = open(folder, &[]);
    for day in 0..3 {
        for n in 0..5 {
            note(&journal, day * DAY + i64::from(n), n);
        }
        marks.push(Mark { state: journal.flush().unwrap().pop().unwrap(), sealed: day == 0 });
    }
    drop(journal);
    let (journal, altered) = open(folder, &marks);
    assert_eq!(altered, []);
    note(&journal, 2 * DAY + 9, 9);
    marks.push(Mark { state: journal.flush().unwrap().pop().unwrap(), sealed: false });
    marks
}

fn files(folder: &Path) -> Vec<PathBuf> {
    list(folder).unwrap().iter().map(|name| folder.join(name.to_string())).collect()
}

#[test]
fn log_02_a_line_names_account_time_operation_object_and_machine() {
    let folder = TempDir::new().unwrap();
    filled(folder.path());
    let text = fs::read_to_string(&files(folder.path())[0]).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.lines().nth(3).unwrap()).unwrap();
    assert_eq!(line["actor"], ActorId::from_bytes([2; 16]).to_string());
    assert_eq!(line["at"], "2025-09-01T12:00:02Z");
    assert_eq!(line["operation"], "GET /v1/deposits/{deposit}");
    assert_eq!(line["object"], DepositId::from_bytes([2; 16]).to_string());
    assert_eq!(line["result"], "200");
    assert_eq!(line["request"], "req_x");
    assert!(!line["machine"].as_str().unwrap().is_empty());
}

#[test]
fn log_07_every_line_is_dated_and_signed_when_it_is_made() {
    let folder = TempDir::new().unwrap();
    filled(folder.path());
    let found = verify(folder.path(), &key().public(), |_| {}).unwrap();
    // Four files that begin with a line of their own.
    assert_eq!((found.files, found.lines, found.altered.len()), (4, 16 + 4, 0));
    let other = SigningSecret::from_seed(&Zeroizing::new([8; 32]));
    let found = verify(folder.path(), &other.public(), |_| {}).unwrap();
    assert_eq!(found.altered.len(), 4);
    assert!(found.altered.iter().all(|one| matches!(one, Alteration::Signature(_))));
}

#[test]
fn log_06_files_are_the_owners_and_never_opened_again_for_writing() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("journal");
    filled(&place);
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
    let before: Vec<_> = files(&place).iter().map(|path| fs::read(path).unwrap()).collect();
    let (journal, _) = open(&place, &[]);
    note(&journal, 3 * DAY, 1);
    for (path, before) in files(&place).iter().zip(&before) {
        assert_eq!(&fs::read(path).unwrap(), before);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(files(&place).len(), before.len() + 1);
}

#[test]
fn log_08_a_change_beneath_a_running_journal_is_found_by_the_watch() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("journal.length", |path| {
            let text = fs::read(path).unwrap();
            fs::OpenOptions::new()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(text.len() as u64 - 1)
                .unwrap();
        }),
        ("journal.length", |path| {
            use std::io::Write as _;
            fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"x").unwrap();
        }),
        ("journal.missing", |path| fs::remove_file(path).unwrap()),
        ("journal.replaced", |path| {
            let text = fs::read(path).unwrap();
            fs::write(path.with_extension("new"), text).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
    ];
    for (code, change) in changes {
        let folder = TempDir::new().unwrap();
        let (journal, _) = open(folder.path(), &[]);
        note(&journal, 0, 1);
        assert_eq!(journal.watch().unwrap(), None);
        change(&files(folder.path())[0]);
        let found = journal.watch().unwrap().expect("an alteration");
        assert_eq!(found.code(), code);
        // Told once; what follows is written elsewhere, and whole.
        assert_eq!(journal.watch().unwrap(), None);
        note(&journal, 1, 2);
        assert_eq!(journal.health().lost, 0);
        assert_eq!(journal.watch().unwrap(), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn log_08_a_flipped_byte_is_found(which in 0_usize..4, place: prop::sample::Index, bit in 0_u8..8) {
        let folder = TempDir::new().unwrap();
        let mut marks = filled(folder.path());
        marks.iter_mut().for_each(|mark| mark.sealed = false);
        let path = &files(folder.path())[which];
        let mut bytes = fs::read(path).unwrap();
        let (place, length) = (place.index(bytes.len()), bytes.len());
        bytes[place] ^= 1 << bit;
        fs::write(path, bytes).unwrap();
        let altered = check(folder.path(), &marks).unwrap().altered;
        prop_assert!(!altered.is_empty());
        let found = verify(folder.path(), &key().public(), |_| {}).unwrap().altered;
        // Without marks, the end of the last line of all is what a kill might have cut.
        let cut = which == 3 && place + 1 == length;
        prop_assert!(!found.is_empty() || cut);
    }

    #[test]
    fn log_08_a_dropped_or_moved_line_is_found(which in 0_usize..4, a: prop::sample::Index, moved: bool) {
        let folder = TempDir::new().unwrap();
        let mut marks = filled(folder.path());
        marks.iter_mut().for_each(|mark| mark.sealed = false);
        let path = &files(folder.path())[which];
        let text = fs::read_to_string(path).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        let a = a.index(lines.len());
        if moved {
            let b = (a + 1) % lines.len();
            lines.swap(a, b);
        } else {
            lines.remove(a);
        }
        fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        prop_assert!(!check(folder.path(), &marks).unwrap().altered.is_empty());
    }
}

#[test]
fn log_08_a_missing_file_and_a_sealed_one_of_another_length_are_found_at_the_start() {
    let folder = TempDir::new().unwrap();
    let marks = filled(folder.path());
    let paths = files(folder.path());
    fs::remove_file(&paths[3]).unwrap();
    let text = fs::read(&paths[0]).unwrap();
    fs::write(&paths[0], &text[..text.len() - 1]).unwrap();
    let (journal, altered) = open(folder.path(), &marks);
    let codes: Vec<_> = altered.iter().map(|one| one.code()).collect();
    assert_eq!(codes, ["journal.missing", "journal.length"]);
    // The number of the missing file is not used again.
    note(&journal, 3 * DAY, 1);
    assert!(journal.current().unwrap() > marks[3].state.name);
}

#[test]
fn what_a_kill_cuts_short_is_no_alteration() {
    let folder = TempDir::new().unwrap();
    let (journal, _) = open(folder.path(), &[]);
    note(&journal, 0, 1);
    let mark = Mark { state: journal.flush().unwrap().pop().unwrap(), sealed: false };
    note(&journal, 1, 2);
    drop(journal);
    let path = &files(folder.path())[0];
    let whole = fs::read(path).unwrap();
    let marked = usize::try_from(mark.state.bytes).unwrap();
    for cut in marked..whole.len() {
        fs::write(path, &whole[..cut]).unwrap();
        let (journal, altered) = open(folder.path(), &[mark]);
        assert_eq!(altered, []);
        note(&journal, 2, 3);
        assert_eq!(check(folder.path(), &[mark]).unwrap().altered, []);
        let again = files(folder.path()).pop().unwrap();
        fs::remove_file(again).unwrap();
    }
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_told() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("journal");
    let (journal, _) = open(&place, &[]);
    fs::remove_dir(&place).unwrap();
    note(&journal, 0, 1);
    note(&journal, 1, 2);
    assert_eq!((journal.health().written, journal.health().lost), (0, 2));
    fs::create_dir(&place).unwrap();
    note(&journal, 2, 3);
    let text = fs::read_to_string(&files(&place)[0]).unwrap();
    assert!(text.lines().next().unwrap().contains("\"result\":\"lost 2\""));
    assert_eq!(check(&place, &[]).unwrap().altered, []);
}

#[test]
fn log_03_log_04_a_term_is_six_to_twelve_months_and_kept_to_the_day() {
    let refused = (0..=u8::MAX).filter(|months| Term::months(*months).is_err());
    assert_eq!(refused.count(), 256 - 7);
    let day = jiff::civil::date(2025, 8, 31);
    let twelve = Term::default();
    assert!(!twelve.is_over(day, jiff::civil::date(2026, 2, 28)), "six months later it is there");
    assert!(!twelve.is_over(day, jiff::civil::date(2026, 8, 31)));
    assert!(twelve.is_over(day, jiff::civil::date(2026, 9, 1)));
    let six = Term::months(6).unwrap();
    assert!(!six.is_over(day, jiff::civil::date(2026, 2, 28)), "February ends the sixth month");
    assert!(six.is_over(day, jiff::civil::date(2026, 3, 1)));
}

#[test]
fn log_05_only_ids_of_ours_are_objects() {
    for text in ["jean.dupont@example.fr", "+33612345678", "", "dep_", "DEP_AAAAAAAAAAAAAAAAAAAAAA"]
    {
        assert!(Object::of(text).is_none(), "{text}");
    }
    let token = tiers_protocol::encoding::encode(&[9; 32]);
    assert!(Object::of(&token).is_none());
    assert!(Object::of(&format!("tok_{token}")).is_none());
    assert!(!Object::of(&DepositId::from_bytes([1; 16]).to_string()).is_none());
}
