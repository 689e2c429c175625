//! The control: exact tables, shown from 11 persons on, as the trade does it. No noise and no budget.

use super::engine::Engine;
use super::oracle::{Answer, Fresh, Oracle};
use super::scene::Scene;

/// The least count that it shows.
pub const K: i64 = 11;

/// Exact answers with suppression.
#[derive(Clone)]
pub struct Exact(pub Engine);

impl Exact {
    fn answer(&self, scene: &Scene) -> Answer {
        let tables = self.0.exact(scene);
        let shown = |(value, count): (i64, i64)| (count >= K).then_some(value);
        Answer(tables.values().into_iter().map(shown).collect())
    }
}

impl Oracle for Exact {
    fn ask(&mut self, scene: &Scene) -> Option<Answer> {
        Some(self.answer(scene))
    }

    fn weigh(&self, answer: &Answer, zero: &Scene, one: &Scene) -> f64 {
        let explains = |scene: &Scene| f64::from(u8::from(self.answer(scene) == *answer));
        explains(one) - explains(zero)
    }
}

impl Fresh for Exact {
    type Oracle = Self;

    fn fresh(&self) -> Self {
        self.clone()
    }
}
