//! Which dealers share a cell of the network table: from declared sizes and regions, never from data.
//!
//! Who agreed to it, where the policy allows it, stands alone. All others stand in pools of at least
//! [`POOL_MIN`] different groups, of which none declares more than [`DOMINANCE_PERMILLE`] of the pool: else
//! the others could read its figure off the sum. Not the counts of the cells nor their noise.
//! Specified in `docs/decisions/0022-dealers.md`.

use std::collections::BTreeMap;

/// Least number of different groups of a pool.
pub const POOL_MIN: usize = 3;

/// The greatest share of a pool's declared sales that one group may have, in thousandths.
pub const DOMINANCE_PERMILLE: u64 = 850;

/// Declared sales a year from which the next class of sizes begins.
pub const SIZE_CLASSES: [u32; 3] = [100, 300, 1_000];

/// What is publicly known of a dealer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<'a> {
    /// Who owns it: outlets of one owner count once.
    pub group: &'a str,
    /// Its region; any text, equal for equal regions.
    pub region: &'a str,
    /// Sales a year.
    pub size: u32,
    /// Whether it stands alone.
    pub named: bool,
}

/// A cell of the network table: places of its dealers in the list that was given, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DealerCell {
    /// One dealer, by its name.
    Named(usize),
    /// Several together.
    Pool(Vec<usize>),
}

/// Number of the size class.
fn class(size: u32) -> usize {
    SIZE_CLASSES.iter().take_while(|from| size >= **from).count()
}

/// A pool under way. Its order is that in which pools are folded: the smallest first.
#[derive(Clone, Debug)]
struct Pool<'a> {
    /// `None` once it spans regions.
    region: Option<&'a str>,
    members: Vec<usize>,
    size: u64,
}

/// The cells of a network, named dealers first. `None`: those who are not named cannot be pooled, whatever
/// is folded, and the table cannot be told at all.
///
/// Pools begin as one region's dealers of one size class. While one breaks the rule, the smallest that does
/// is folded into the next smallest pool: of its region if there is one, otherwise of any.
#[must_use]
pub fn cells(dealers: &[Declared<'_>]) -> Option<Vec<DealerCell>> {
    let places = 0..dealers.len();
    let (named, others): (Vec<usize>, Vec<usize>) =
        places.partition(|place| dealers.get(*place).is_some_and(|dealer| dealer.named));
    let mut pools = by_region_and_class(dealers, &others);
    while let Some(broken) = pools.iter().position(|pool| !holds(dealers, pool)) {
        let small = pools.remove(broken);
        let same = pools.iter().position(|pool| pool.region == small.region);
        let into = same.or_else(|| (!pools.is_empty()).then_some(0))?;
        let mut pool = pools.remove(into);
        if pool.region != small.region {
            pool.region = None;
        }
        pool.members.extend(small.members);
        pool.size += small.size;
        pools.push(pool);
        pools.iter_mut().for_each(|pool| pool.members.sort_unstable());
        pools.sort_by(|a, b| (a.size, &a.members).cmp(&(b.size, &b.members)));
    }
    let mut pooled: Vec<Vec<usize>> = pools.into_iter().map(|pool| pool.members).collect();
    pooled.sort_unstable();
    let named = named.into_iter().map(DealerCell::Named);
    Some(named.chain(pooled.into_iter().map(DealerCell::Pool)).collect())
}

fn by_region_and_class<'a>(dealers: &[Declared<'a>], others: &[usize]) -> Vec<Pool<'a>> {
    let mut pools: BTreeMap<(&str, usize), Pool<'a>> = BTreeMap::new();
    for place in others {
        let Some(dealer) = dealers.get(*place) else { continue };
        let new = || Pool { region: Some(dealer.region), members: Vec::new(), size: 0 };
        let pool = pools.entry((dealer.region, class(dealer.size))).or_insert_with(new);
        pool.members.push(*place);
        pool.size += u64::from(dealer.size);
    }
    let mut pools: Vec<Pool<'_>> = pools.into_values().collect();
    pools.sort_by(|a, b| (a.size, &a.members).cmp(&(b.size, &b.members)));
    pools
}

/// Whether a pool has enough groups, and none that dominates.
fn holds(dealers: &[Declared<'_>], pool: &Pool<'_>) -> bool {
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for dealer in pool.members.iter().filter_map(|place| dealers.get(*place)) {
        *groups.entry(dealer.group).or_default() += u64::from(dealer.size);
    }
    let greatest = groups.values().copied().max().unwrap_or_default();
    groups.len() >= POOL_MIN
        && u128::from(greatest) * 1_000 <= u128::from(pool.size) * u128::from(DOMINANCE_PERMILLE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROUPS: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    const REGIONS: [&str; 3] = ["Nord", "Ouest", "Sud"];

    fn dealer(group: usize, region: usize, size: u32, named: bool) -> Declared<'static> {
        Declared { group: GROUPS[group % 9], region: REGIONS[region % 3], size, named }
    }

    fn network() -> impl Strategy<Value = Vec<Declared<'static>>> {
        let size = prop_oneof![0..50_u32, 90..110_u32, 290..310_u32, 900..1_100_u32, any::<u32>()];
        let one = (0..9_usize, 0..3_usize, size, prop::bool::weighted(0.2));
        prop::collection::vec(one.prop_map(|(g, r, s, n)| dealer(g, r, s, n)), 0..40)
    }

    proptest! {
        #[test]
        fn every_dealer_has_one_cell_and_every_pool_holds(dealers in network()) {
            // Written again from the words of the rule.
            let fits = |members: &[usize]| {
                let size = |group: &str| -> u128 {
                    let of = members.iter().map(|at| &dealers[*at]).filter(|d| d.group == group);
                    of.map(|dealer| u128::from(dealer.size)).sum()
                };
                let sizes: Vec<u128> = GROUPS
                    .into_iter()
                    .filter(|group| members.iter().any(|at| dealers[*at].group == *group))
                    .map(size)
                    .collect();
                let total: u128 = sizes.iter().sum();
                sizes.len() >= 3 && sizes.iter().all(|size| size * 100 <= total * 85)
            };
            let others: Vec<usize> =
                (0..dealers.len()).filter(|at| !dealers[*at].named).collect();
            match cells(&dealers) {
                None => prop_assert!(!others.is_empty() && !fits(&others)),
                Some(found) => {
                    let mut seen = Vec::new();
                    for cell in &found {
                        match cell {
                            DealerCell::Named(at) => {
                                prop_assert!(dealers[*at].named);
                                seen.push(*at);
                            }
                            DealerCell::Pool(members) => {
                                prop_assert!(fits(members), "{members:?}");
                                prop_assert!(members.iter().all(|at| !dealers[*at].named));
                                prop_assert!(members.is_sorted());
                                seen.extend(members);
                            }
                        }
                    }
                    seen.sort_unstable();
                    prop_assert_eq!(seen, (0..dealers.len()).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn pools_that_hold_stay_apart_and_others_are_folded() {
        let mut dealers: Vec<_> = (0..3).map(|n| dealer(n, 0, 150, false)).collect();
        dealers.extend((3..6).map(|n| dealer(n, 0, 400, false)));
        dealers.push(dealer(6, 0, 20, true));
        // Alone in its region: folded into the smallest of the others.
        dealers.push(dealer(7, 1, 120, false));
        let expected = [
            DealerCell::Named(6),
            DealerCell::Pool(vec![0, 1, 2, 7]),
            DealerCell::Pool(vec![3, 4, 5]),
        ];
        assert_eq!(cells(&dealers).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn a_giant_is_never_read_off_a_sum() {
        let small = (0..4).map(|n| dealer(n, 0, 10, false));
        let with = |giant: u32| {
            let mut dealers: Vec<_> = small.clone().collect();
            dealers.push(dealer(8, 0, giant, false));
            cells(&dealers)
        };
        // 227 of 267 is 85.02 %, 226 of 266 is 84.96 %.
        assert_eq!(with(227), None);
        assert_eq!(with(226), Some(vec![DealerCell::Pool(vec![0, 1, 2, 3, 4])]));
    }

    #[test]
    fn outlets_of_one_owner_are_one_dealer() {
        let outlets: Vec<_> = (0..5).map(|n| dealer(n % 2, 0, 100, false)).collect();
        assert_eq!(cells(&outlets), None);
        assert_eq!(cells(&[]), Some(Vec::new()));
        assert_eq!(cells(&[dealer(0, 0, 5, true)]), Some(vec![DealerCell::Named(0)]));
    }
}
