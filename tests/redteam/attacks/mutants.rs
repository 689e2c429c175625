//! Four planted defects: each must be caught by a named attack. They are put in through the seams that
//! the bench has, never into the product.

use tiers::disclosure::{GateError, Mechanism, Noise, OpenDpNoise};

use super::forged::leads_counted;
use crate::bench::chance::{accuracy_bound, slack};
use crate::bench::engine::{Engine, Gates, Tables, likelihood};
use crate::bench::oracle::{Answer, Fresh, Oracle};
use crate::bench::play::{Question, play};
use crate::bench::scene::{Scene, lead_by, padded, sale, somebody};
use crate::bench::{Dice, count};

/// Noise at half its scale.
#[derive(Clone, Copy)]
pub struct Halved;

impl Noise for Halved {
    fn add(&mut self, exact: Vec<i64>, mechanism: &Mechanism) -> Result<Vec<i64>, GateError> {
        let noise = OpenDpNoise.add(vec![0; exact.len()], mechanism)?;
        // Towards zero: the half is no wider than a half.
        Ok(exact.into_iter().zip(noise).map(|(x, z)| x + z / 2).collect())
    }
}

/// Whether an accuracy is beyond what an attack may reach at this cost.
fn caught(accuracy: f64, rho: f64, trials: usize) -> bool {
    let bound = accuracy_bound(rho);
    accuracy > bound + slack(bound, trials)
}

/// T1: the question, and the sale of the target.
fn planted(dice: &mut Dice, euros: u64) -> Vec<Question> {
    let target = somebody(dice);
    let scene = padded(target, 10, 14, dice);
    vec![[scene.clone(), scene.and_sale(sale(target, euros))]]
}

#[test]
fn t01_catches_noise_of_half_the_scale() {
    let gates = Gates::with(Halved, 2);
    let trials = count(10_000, 5_000);
    let played = play(&gates, trials, 1, |dice| planted(dice, 40_000));
    assert!(caught(played.accuracy(), gates.engine.rho() / 2.0, trials), "{}", played.accuracy());
}

/// A gate over tables of its own, with the noise of production.
struct Faulty<T> {
    engine: Engine,
    tables: T,
}

impl<T: Fn(&Engine, &Scene) -> Tables> Oracle for Faulty<T> {
    fn ask(&mut self, scene: &Scene) -> Option<Answer> {
        // Noise without the last look of the gate, which refuses tables that break their bounds.
        let zero = self.engine.exact(&Scene::default());
        let noise = self.engine.noisy(zero, &mut OpenDpNoise).unwrap();
        let tables = (self.tables)(&self.engine, scene);
        let values = tables.values().into_iter().zip(noise.0);
        Some(Answer(values.map(|((value, _), noise)| noise.map(|z| value + z)).collect()))
    }

    fn weigh(&self, answer: &Answer, zero: &Scene, one: &Scene) -> f64 {
        // The adversary knows the defect.
        let (zero, one) = ((self.tables)(&self.engine, zero), (self.tables)(&self.engine, one));
        let exact = |tables: Tables| tables.values().into_iter().map(|(value, _)| value as f64);
        let seen = answer.0.iter().map(|value| value.unwrap() as f64);
        let pairs = exact(zero).zip(exact(one)).zip(seen.zip(self.engine.sigmas()));
        let gain = |((a, b), (seen, sigma)): ((f64, f64), (f64, f64))| {
            (b - a) * (seen - f64::midpoint(a, b)) / (sigma * sigma)
        };
        pairs.map(gain).sum()
    }
}

impl<T: Fn(&Engine, &Scene) -> Tables + Copy> Fresh for Faulty<T> {
    type Oracle = Self;

    fn fresh(&self) -> Self {
        Self { engine: self.engine.clone(), tables: self.tables }
    }
}

/// Revenue as it stands in the file.
pub fn unclamped(engine: &Engine, scene: &Scene) -> Tables {
    let mut tables = engine.exact(scene);
    let euros = scene.sales.iter().map(|row| match row.value {
        tiers::vault::Value::Sale { amount_cents, .. } => i64::try_from(amount_cents).unwrap(),
        tiers::vault::Value::Lead { .. } | tiers::vault::Value::Known => 0,
    });
    let beyond: i64 = euros.map(|cents| (cents - 2 * engine.centre_cents()).max(0)).sum();
    tables.0[0].sums.as_mut().unwrap()[0] += beyond;
    tables
}

#[test]
fn t13_catches_a_clamp_that_is_gone() {
    let engine = Gates::standard(2).engine;
    let ask = |dice: &mut Dice| planted(dice, 10_000_000);
    let faulty = Faulty { engine: engine.clone(), tables: unclamped };
    let trials = count(4_000, 800);
    assert!(caught(play(&faulty, trials, 1, ask).accuracy(), engine.rho() / 2.0, trials));
    // Beside it, the gate itself refuses such a table, whatever counted it.
    let [_, bought] = &ask(&mut Dice(5))[0];
    let refused = engine.noisy(unclamped(&engine, bought), &mut OpenDpNoise);
    assert_eq!(refused.unwrap_err().code(), "gate.bounds");
}

#[test]
fn t09_catches_leads_that_are_counted_instead_of_units() {
    let engine = Gates::standard(2).engine;
    let ask = |dice: &mut Dice| {
        let [mut zero, mut one] = planted(dice, 40_000).remove(0);
        let target = zero.leads[0].clone();
        for n in 0..50 {
            let mut forged = lead_by(&[(tiers_contact::Kind::Mobile, n)], 0);
            forged.tokens[tiers_contact::Kind::Email.index()] =
                target.token(tiers_contact::Kind::Email);
            zero.leads.push(forged.clone());
            one.leads.push(forged);
        }
        vec![[zero, one]]
    };
    let trials = count(1_000, 200);
    let faulty = Faulty { engine: engine.clone(), tables: leads_counted };
    assert!(caught(play(&faulty, trials, 1, ask).accuracy(), engine.rho() / 2.0, trials));
}

/// A certifier that forgets what it answered, and does not charge twice.
struct Forgetful {
    engine: Engine,
}

impl Forgetful {
    fn ask(&self, scene: &Scene) -> Answer {
        self.engine.noisy(self.engine.exact(scene), &mut OpenDpNoise).unwrap()
    }
}

#[test]
fn t03_catches_fresh_noise_for_a_question_that_was_asked_before() {
    let forgetful = Forgetful { engine: Gates::standard(2).engine };
    let mut dice = Dice(3);
    let trials = count(1_000, 200);
    let mut right = 0;
    for _ in 0..trials {
        let [zero, one] = planted(&mut dice, 40_000).remove(0);
        let second = dice.below(2) == 1;
        let asked = if second { &one } else { &zero };
        let answers: Vec<Answer> = (0..40).map(|_| forgetful.ask(asked)).collect();
        assert!(answers.iter().any(|answer| *answer != answers[0]), "one question, one answer");
        let weigh = |answer: &Answer| likelihood(&forgetful.engine, answer, &zero, &one);
        right += usize::from((answers.iter().map(weigh).sum::<f64>() > 0.0) == second);
    }
    let accuracy = right as f64 / trials as f64;
    assert!(caught(accuracy, forgetful.engine.rho() / 2.0, trials), "{accuracy}");
}
