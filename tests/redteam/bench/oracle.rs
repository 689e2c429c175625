//! Who answers the adversary's questions.

use super::scene::Scene;

/// What the adversary is given for one question: every value that the oracle lets out, in its order;
/// `None` where it hides one.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer(pub Vec<Option<i64>>);

/// Somebody who answers questions about scenes.
pub trait Oracle {
    /// The answer, or `None` when it refuses.
    fn ask(&mut self, scene: &Scene) -> Option<Answer>;

    /// How much better `one` explains an answer than `zero` does, as the best adversary weighs it who
    /// knows everything but which of the two is true: the logarithm of the ratio of likelihoods.
    fn weigh(&self, answer: &Answer, zero: &Scene, one: &Scene) -> f64;
}

/// A new oracle of the same kind for each victim: accounts are those of one month.
pub trait Fresh {
    /// What it makes.
    type Oracle: Oracle;

    /// A new one.
    fn fresh(&self) -> Self::Oracle;
}
