//! Lift: which leads are treated, and what the difference between treated and control says.
//!
//! Nobody chooses who is treated. The certifier draws a seed and commits to it in the ledger; then the
//! leads are frozen; then a public beacon that nobody knew before is recorded; the arm of a lead follows
//! from both. The certifier cannot try seeds against the leads, because the beacon comes after the
//! commitment, and the principal cannot choose leads against the draw, because the seed is secret until
//! they are frozen. Conversions of the arms are counted and made noisy like any others; the figures here
//! are made of the noisy counts. Specified in `docs/statistics.md`, "Lift".

use sha2::{Digest, Sha256};
use tiers_contact::{Keyed, Kind, labels};
use zeroize::Zeroizing;

use crate::{
    crypto::chain::VaultToken,
    matching::{Arm, Arms},
    vault::{Batch, Batches as _, Columns, Segments, TokenRange, VaultError},
};

/// How many of a thousand leads are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreatedPermille(u16);

impl TreatedPermille {
    /// From 1 to 999: both arms have somebody.
    #[must_use]
    pub const fn new(permille: u16) -> Option<Self> {
        if permille >= 1 && permille <= 999 { Some(Self(permille)) } else { None }
    }
}

/// The certifier's half of the draw. Opaque, wiped on drop.
pub struct LiftSeed(Zeroizing<[u8; 32]>);

impl LiftSeed {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The seed of one lift from a key that nothing else is made with. The id of a lift is drawn at random and
    /// used once, and nobody without the key can tell the seed from one that was drawn.
    #[must_use]
    pub fn of(key: &[u8; 32], lift: &str) -> Self {
        let lift: [u8; 32] = Sha256::digest(lift.as_bytes()).into();
        Self(Zeroizing::new(Keyed::new(key).mac(&lift)))
    }

    /// The seed itself: to be told once the draw is done, so that everybody can check the commitment.
    #[must_use]
    pub fn open(&self) -> [u8; 32] {
        *self.0
    }

    /// What the ledger holds before leads are frozen: it binds the seed and tells nothing of it.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let hash = Sha256::new_with_prefix(labels::LIFT_COMMITMENT);
        hash.chain_update(self.0.as_slice()).finalize().into()
    }

    /// The draw, once the beacon is there.
    #[must_use]
    pub fn draw(&self, beacon: &[u8], treated: TreatedPermille) -> LiftDraw {
        let beacon: [u8; 32] =
            Sha256::new_with_prefix(labels::LIFT_DRAW).chain_update(beacon).finalize().into();
        let key = Zeroizing::new(Keyed::new(&self.0).mac(&beacon));
        LiftDraw { key: Keyed::new(&key), treated }
    }
}

/// Who is treated: a function of persons that nobody could choose.
pub struct LiftDraw {
    key: Keyed,
    treated: TreatedPermille,
}

impl LiftDraw {
    /// The arm of the person whose first key has this token: one arm, in however many rows he stands.
    #[must_use]
    pub fn arm(&self, person: VaultToken) -> Arm {
        let [a, b, c, d, e, f, g, h, ..] = self.key.mac_of_short(person.as_bytes());
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        // Compared in thousandths of 2^64, exactly.
        let below = u128::from(number) * 1_000 < u128::from(self.treated.0) << 64;
        if below { Arm::Treated } else { Arm::Control }
    }
}

/// A draw that was carried out.
pub struct Drawn {
    /// The arms of the rows, deposit by deposit.
    pub arms: Vec<Arms>,
    /// Persons of the treated group and of its control.
    pub persons: [u64; 2],
}

/// Ranges of tokens that are looked at one after the other, so that memory holds a small part of all persons.
const RANGES: usize = 64;

impl LiftDraw {
    /// Puts every row of deposits of leads into the arm of its person, and counts persons. Rows without a key
    /// are of nobody and in no arm.
    ///
    /// # Errors
    /// Those of reading.
    pub fn carry_out<L: Segments>(&self, leads: &[L]) -> Result<Drawn, VaultError> {
        let mut arms: Vec<Arms> =
            leads.iter().map(|deposit| Arms::none(deposit.row_count())).collect();
        let mut persons = [0_u64; 2];
        let columns = Columns { rows: true, firsts: true, ..Columns::TOKENS };
        let mut batch = Batch::new();
        for kind in Kind::KEYS {
            for range in TokenRange::parts(RANGES) {
                let mut found: Vec<(VaultToken, Arm)> = Vec::new();
                for (deposit, arms) in leads.iter().zip(&mut arms) {
                    let mut reader = deposit.segment(kind, range, columns)?;
                    while reader.next(&mut batch)? {
                        let rows = batch.tokens.iter().zip(&batch.rows).zip(&batch.firsts);
                        for ((token, row), _) in rows.filter(|(_, first)| **first) {
                            let arm = self.arm(*token);
                            arms.put(*row, arm);
                            found.push((*token, arm));
                        }
                    }
                }
                found.sort_unstable();
                found.dedup();
                for (_, arm) in found {
                    persons[usize::from(arm == Arm::Control)] += 1;
                }
            }
        }
        Ok(Drawn { arms, persons })
    }
}

/// One arm: its persons, a public number, and its noisy conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmCount {
    /// Leads of the arm.
    pub leads: u64,
    /// Conversions after noise.
    pub noisy: i64,
}

/// What an experiment says, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lift {
    /// Rate of the treated minus rate of the control.
    pub difference_ppm: i64,
    /// Lower end of the interval of 95 %, sampling and noise included.
    pub low_ppm: i64,
    /// Upper end.
    pub high_ppm: i64,
    /// Probability of a difference as large as this, either way, where treating does nothing.
    pub p_value_ppm: u64,
}

/// The two-sided 95 % point of the normal law.
const Z: f64 = 1.959_963_984_540_054;

/// Figures of an experiment from the noisy counts of its arms and the scale of their noise; `None` where
/// an arm has no leads.
///
/// The interval is that of Agresti and Caffo (2000) for a difference of proportions, one conversion and one
/// failure added to each arm, with the variance of the noise beside that of sampling. The p-value is of
/// the pooled rate.
#[must_use]
pub fn lift(treated: ArmCount, control: ArmCount, sigma: f64) -> Option<Lift> {
    if treated.leads == 0 || control.leads == 0 {
        return None;
    }
    let leads = |arm: ArmCount| arm.leads as f64;
    let rate = |arm: ArmCount| arm.noisy as f64 / leads(arm);
    let difference = rate(treated) - rate(control);
    // Of somebody between nobody and everybody.
    let within = |arm: ArmCount| (arm.noisy as f64).clamp(0.0, leads(arm)) + 1.0;
    let adjusted = |arm: ArmCount| within(arm) / (leads(arm) + 2.0);
    let noise = |arm: ArmCount| (sigma / leads(arm)).powi(2);
    let own = |arm: ArmCount| {
        let rate = adjusted(arm);
        rate * (1.0 - rate) / (leads(arm) + 2.0) + noise(arm)
    };
    let middle = adjusted(treated) - adjusted(control);
    let half = Z * libm::sqrt(own(treated) + own(control));
    let both = (within(treated) + within(control)) / (leads(treated) + leads(control) + 4.0);
    let sampling = both * (1.0 - both) * (1.0 / leads(treated) + 1.0 / leads(control));
    let spread = libm::sqrt(sampling + noise(treated) + noise(control));
    let p_value = libm::erfc((difference / spread).abs() / std::f64::consts::SQRT_2);
    Some(Lift {
        difference_ppm: ppm(libm::round(difference * 1e6)),
        low_ppm: ppm(libm::floor((middle - half) * 1e6)),
        high_ppm: ppm(libm::ceil((middle + half) * 1e6)),
        p_value_ppm: ppm(libm::ceil(p_value * 1e6)).unsigned_abs(),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn ppm(value: f64) -> i64 {
    // Noise may push a rate anywhere; what a report can hold exactly.
    value.clamp(-1e15, 1e15) as i64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::matching::worlds::{Dice, World, cases};

    fn person(number: u64) -> VaultToken {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        VaultToken::from_bytes(bytes)
    }

    fn share(permille: u16) -> TreatedPermille {
        TreatedPermille::new(permille).expect("allowed")
    }

    #[test]
    fn the_draw_is_as_specified_and_follows_from_seed_beacon_and_person() {
        assert!(TreatedPermille::new(0).is_none() && TreatedPermille::new(1_000).is_none());
        let draw = |seed: u8, beacon: &[u8], permille| {
            let draw = LiftSeed::new([seed; 32]).draw(beacon, share(permille));
            (0..4_000).map(|n| draw.arm(person(n)) == Arm::Treated).collect::<Vec<_>>()
        };
        let first = draw(1, b"beacon", 500);
        assert_eq!(first, draw(1, b"beacon", 500));
        // As many differ as in two draws that have nothing to do with each other.
        for other in [draw(2, b"beacon", 500), draw(1, b"beacom", 500)] {
            let differ = first.iter().zip(&other).filter(|(a, b)| a != b).count();
            assert!((1_850..2_150).contains(&differ), "{differ}");
        }
        for permille in [1, 100, 500, 900, 999] {
            let treated = draw(3, b"", permille).iter().filter(|treated| **treated).count();
            let expected = f64::from(permille) * 4.0;
            let spread = (expected * (1.0 - f64::from(permille) / 1_000.0)).sqrt();
            assert!((treated as f64 - expected).abs() < 4.0 * spread + 1.0, "{treated}");
        }
        // The commitment by another path.
        let mut preimage = labels::LIFT_COMMITMENT.as_bytes().to_vec();
        preimage.extend([7; 32]);
        let expected: [u8; 32] = Sha256::digest(&preimage).into();
        assert_eq!(LiftSeed::new([7; 32]).commitment(), expected);
    }

    #[test]
    fn carrying_out_a_draw_puts_each_row_into_the_arm_of_its_person_and_counts_persons_once() {
        let draw = LiftSeed::new([9; 32]).draw(b"beacon", share(300));
        for seed in 0..cases(200) {
            let mut dice = Dice::new(seed);
            let world = World::new(&mut dice);
            let drawn = draw.carry_out(&world.leads).expect("memory can be read");
            let mut persons = BTreeMap::new();
            for (rows, arms) in world.leads.iter().zip(&drawn.arms) {
                for (row, place) in rows.iter().zip(0..) {
                    let key = row.first_key().and_then(|kind| Some((kind, row.token(kind)?)));
                    let arm = key.map(|(_, token)| draw.arm(token));
                    assert_eq!(arms.get(place), arm, "world {seed}");
                    if let (Some(key), Some(arm)) = (key, arm) {
                        persons.insert(key, arm);
                    }
                }
            }
            let count = |of| persons.values().filter(|arm| **arm == of).count() as u64;
            assert_eq!(drawn.persons, [count(Arm::Treated), count(Arm::Control)], "world {seed}");
        }
    }

    /// A number between 0 and 1.
    fn uniform(dice: &mut Dice) -> f64 {
        (dice.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A normal number, rounded: the noise of a count.
    fn noise(dice: &mut Dice, sigma: f64) -> i64 {
        let radius = (-2.0 * (1.0 - uniform(dice)).ln()).sqrt();
        ppm((sigma * radius * (std::f64::consts::TAU * uniform(dice)).cos()).round())
    }

    fn arm(dice: &mut Dice, leads: u64, rate: f64, sigma: f64) -> ArmCount {
        let converted = (0..leads).filter(|_| uniform(dice) < rate).count();
        let noisy = i64::try_from(converted).expect("few") + noise(dice, sigma);
        ArmCount { leads, noisy }
    }

    #[test]
    fn intervals_hold_and_p_values_reject_as_often_as_they_say() {
        let sigma = 5.774;
        for (leads, rates) in [([400, 400], [0.05, 0.05]), ([2_000, 500], [0.04, 0.01])] {
            let (mut held, mut too_small, runs) = (0_u64, 0_u64, cases(4_000));
            for seed in 0..runs {
                let mut dice = Dice::new(seed);
                let treated = arm(&mut dice, leads[0], rates[0], sigma);
                let control = arm(&mut dice, leads[1], rates[1], sigma);
                let found = lift(treated, control, sigma).expect("both arms have leads");
                let truth = ppm(((rates[0] - rates[1]) * 1e6).round());
                held += u64::from((found.low_ppm..=found.high_ppm).contains(&truth));
                too_small += u64::from(found.p_value_ppm < 50_000);
            }
            let (held, too_small) = (held as f64 / runs as f64, too_small as f64 / runs as f64);
            assert!(held >= 0.94, "{held}");
            if leads[0] == leads[1] {
                assert!((0.035..=0.065).contains(&too_small), "{too_small}");
            }
        }
    }

    #[test]
    fn an_experiment_by_example() {
        let of = |leads, noisy| ArmCount { leads, noisy };
        assert_eq!(lift(of(0, 5), of(10, 1), 5.0), None);
        let found = lift(of(5_000, 250), of(5_000, 150), 5.774).expect("leads");
        assert_eq!(found.difference_ppm, 20_000);
        assert!(found.low_ppm > 10_000 && found.high_ppm < 30_000);
        assert!(found.p_value_ppm < 100);
        let none = lift(of(5_000, 150), of(5_000, 150), 5.774).expect("leads");
        assert_eq!((none.difference_ppm, none.p_value_ppm), (0, 1_000_000));
        assert_eq!(none.low_ppm, -none.high_ppm);
    }
}
