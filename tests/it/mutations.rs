//! Every one-byte change, removal and insertion at every position of a certificate and of its report
//! stops the verification.

use std::sync::Arc;

use tiers_protocol::certificate;
use tiers_protocol::trust::Trust;

use crate::harness::world::{MONTH, World};
use crate::harness::{Dice, full};

/// A real release: certificate, report, and the keys to check them with.
struct Release {
    certificate: Vec<u8>,
    report: Vec<u8>,
    trust: Trust,
}

fn release() -> Release {
    let world = World::stocked();
    let released = world.principal.release(&world.programme.id, MONTH);
    let (report, certificate) = world.principal.documents(&released.release);
    let trust = world.server.trust();
    assert!(certificate::verify(&certificate, &report, &trust).is_ok());
    Release { certificate, report, trust }
}

/// Bytes that matter in JSON, beside the low bit, the case bit and one at random.
const MEANINGFUL: [u8; 8] = *b"0a \"\\,}\n";

/// Every file that differs from `bytes` by one byte at `at`.
fn neighbours(bytes: &[u8], at: usize, dice: &mut Dice) -> Vec<Vec<u8>> {
    let drawn = u8::try_from(dice.below(256)).unwrap();
    let mut out = Vec::new();
    let values: Vec<u8> =
        if full() { (0..=255).collect() } else { MEANINGFUL.into_iter().chain([drawn]).collect() };
    if let Some(byte) = bytes.get(at) {
        let flips = [byte ^ 1, byte ^ 0x20, byte ^ 0x80];
        for value in values.iter().chain(&flips).filter(|value| *value != byte) {
            let mut changed = bytes.to_vec();
            changed[at] = *value;
            out.push(changed);
        }
        let mut cut = bytes.to_vec();
        cut.remove(at);
        out.push(cut);
    }
    for value in values {
        let mut grown = bytes.to_vec();
        grown.insert(at, value);
        out.push(grown);
    }
    out
}

/// Tries all of them over two threads; how many were tried.
fn all_refused(bytes: &[u8], verifies: impl Fn(&[u8]) -> bool + Sync) -> usize {
    let positions = 0..=bytes.len();
    let run = |part: usize| {
        let mut dice = Dice(part as u64);
        let mut tried = 0;
        for at in positions.clone().skip(part).step_by(2) {
            for changed in neighbours(bytes, at, &mut dice) {
                assert!(!verifies(&changed), "verifies with a change at {at}");
                tried += 1;
            }
        }
        tried
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        run(0) + other.join().unwrap()
    })
}

#[test]
fn no_byte_of_a_certificate_or_report_can_change() {
    let release = Arc::new(release());
    let of_certificate = all_refused(&release.certificate, |changed| {
        certificate::verify(changed, &release.report, &release.trust).is_ok()
    });
    let of_report = all_refused(&release.report, |changed| {
        certificate::verify(&release.certificate, changed, &release.trust).is_ok()
    });
    assert!(of_certificate > 10 * release.certificate.len());
    assert!(of_report > 10 * release.report.len());
}

#[test]
fn a_certificate_belongs_to_its_own_report_and_keys() {
    let (one, other) = (release(), release());
    assert!(certificate::verify(&one.certificate, &other.report, &one.trust).is_err());
    assert!(certificate::verify(&one.certificate, &one.report, &other.trust).is_err());
}
