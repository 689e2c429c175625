//! Which units a month leaves out, asked without looking at leads: what somebody has to know who matches and
//! counts elsewhere ([`super::sql`]).
//!
//! Admission follows from rows of sales alone, so it is decided here, in the order of [`super::attribute`], and
//! remembered where it always is. Nothing of it is left to a cluster.

use tiers_contact::Kind;

use super::{Admission, Effort, Finding, Matching, UnitSale, UnitVisitor};
use crate::{
    crypto::chain::VaultToken,
    vault::{Month, Segments, VaultRow},
};

/// Asks `admission` for every unit with sales in the month, once, in the order in which [`super::attribute`] does,
/// and hands on those that it keeps out.
///
/// # Errors
/// [`super::MatchError`]; those of `admission` and `each`.
pub fn left_out<S: Segments, A: Admission>(
    sales: &[S],
    month: Month,
    effort: Effort,
    admission: &mut A,
    mut each: impl FnMut(Kind, VaultToken) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let leads: &[Vec<VaultRow>] = &[];
    let finding = Finding::Any(Vec::new());
    let matching = Matching { sales, leads, finding, month: Some(month) };
    matching.units(effort, Units::default, |units| {
        units.0.into_iter().try_for_each(|(kind, token)| {
            if admission.admit(kind, token)? { Ok(()) } else { each(kind, token) }
        })
    })
}

/// Units by their keys, and nothing of their sales.
#[derive(Default)]
struct Units(Vec<(Kind, VaultToken)>);

/// Units that wait for admission together.
const WAITING: usize = 4_096;

impl UnitVisitor for Units {
    const DAYS: bool = false;
    const AMOUNTS: bool = false;

    fn unit(&mut self, kind: Kind, token: VaultToken, _: &mut [UnitSale]) {
        self.0.push((kind, token));
    }

    fn is_full(&self) -> bool {
        self.0.len() >= WAITING
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::{
        MatchError,
        worlds::{Dice, World, cases},
    };

    /// Lets in every other unit, and remembers the order in which it was asked.
    #[derive(Default)]
    struct EveryOther(Vec<(Kind, VaultToken)>);

    impl Admission for EveryOther {
        type Error = MatchError;

        fn admit(&mut self, kind: Kind, token: VaultToken) -> Result<bool, MatchError> {
            self.0.push((kind, token));
            Ok(self.0.len() % 2 == 1)
        }
    }

    #[test]
    fn the_same_units_are_asked_for_in_the_same_order_as_by_attribution() {
        let mut asked = 0;
        for seed in 0..cases(300) {
            let world = World::new(&mut Dice::new(seed));
            for month in world.months() {
                let partners = world.partners();
                let effort = Effort::threads(2).parts(if seed % 2 == 0 { 1 } else { 3 });
                let how = crate::matching::Attribution {
                    rules: &world.rules,
                    month,
                    partners: &partners,
                    effort,
                };
                let (mut one, mut other) = (EveryOther::default(), EveryOther::default());
                crate::matching::attribute(&world.sales, &world.leads, &how, &mut one, |_| Ok(()))
                    .expect("matches");
                let mut out = Vec::new();
                left_out(&world.sales, month, effort, &mut other, |kind, token| {
                    out.push((kind, token));
                    Ok(())
                })
                .expect("matches");
                assert!(one.0 == other.0, "seed {seed}");
                let kept: Vec<_> = one.0.iter().skip(1).step_by(2).copied().collect();
                assert!(kept == out, "seed {seed}");
                asked += out.len();
            }
        }
        assert!(asked > 100, "units were left out");
    }
}
