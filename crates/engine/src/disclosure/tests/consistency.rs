//! Agreement against a plain solver, its variances against what single values become, and what is
//! taken against the conditions of the nearest table.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Member, Tree, nearest, taken};

/// Campaigns, cells and cost of the tables that are divided by campaign, and of those that are not.
type Shape = (usize, Vec<(usize, u64)>, Vec<(usize, u64)>);

fn shape() -> impl Strategy<Value = Shape> {
    let table = || (1_usize..4, 1_u64..60).prop_map(|(cells, cost)| (cells, cost * 1_000_000));
    (1_usize..4, prop::collection::vec(table(), 1..4), prop::collection::vec(table(), 0..3))
}

fn tree((campaigns, lower, higher): &Shape) -> (Tree, Vec<usize>) {
    let member = |(place, &(cells, cost)): (usize, &(usize, u64))| Member { place, cells, cost };
    let by_campaign: Vec<Member> = lower.iter().enumerate().map(member).collect();
    let all: Vec<Member> = (lower.len()..).zip(higher).map(member).collect();
    let lengths =
        by_campaign.iter().map(|m| m.cells * campaigns).chain(all.iter().map(|m| m.cells));
    let lengths = lengths.collect();
    (Tree::new(*campaigns, &by_campaign, &all).unwrap(), lengths)
}

/// The constraints of the tree on all cells in a row: each a list of cells and signs.
fn constraints((campaigns, lower, higher): &Shape) -> Vec<Vec<(usize, f64)>> {
    let (mut at, mut starts) = (0, Vec::new());
    for (cells, divided) in
        lower.iter().map(|t| (t.0, true)).chain(higher.iter().map(|t| (t.0, false)))
    {
        starts.push((at, cells));
        at += if divided { cells * campaigns } else { cells };
    }
    let group = |table: usize, campaign: usize, sign: f64| {
        let (start, cells) = starts[table];
        (0..cells).map(move |cell| (start + campaign * cells + cell, sign))
    };
    let mut all = Vec::new();
    for table in 1..lower.len() {
        for campaign in 0..*campaigns {
            all.push(group(0, campaign, 1.0).chain(group(table, campaign, -1.0)).collect());
        }
    }
    for table in lower.len()..starts.len() {
        let first = (0..*campaigns).flat_map(|campaign| group(0, campaign, 1.0));
        all.push(first.chain(group(table, 0, -1.0)).collect());
    }
    all
}

/// The table nearest to `values` under the constraints, weighed by costs: `x - V C' (C V C')^-1 C x`.
fn plain(values: &[f64], costs: &[f64], rules: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let rows = rules.len();
    let mut system = vec![vec![0.0; rows + 1]; rows];
    for (i, a) in rules.iter().enumerate() {
        for (j, b) in rules.iter().enumerate() {
            for (cell, sign) in a {
                let other: f64 = b.iter().filter(|(c, _)| c == cell).map(|(_, s)| s).sum();
                system[i][j] += sign * other / costs[*cell];
            }
        }
        system[i][rows] = a.iter().map(|(cell, sign)| sign * values[*cell]).sum();
    }
    for pivot in 0..rows {
        let best = (pivot..rows)
            .max_by(|a, b| system[*a][pivot].abs().total_cmp(&system[*b][pivot].abs()))
            .unwrap();
        system.swap(pivot, best);
        let line = system[pivot].clone();
        for (row, other) in system.iter_mut().enumerate() {
            if row != pivot {
                let factor = other[pivot] / line[pivot];
                other.iter_mut().zip(&line).for_each(|(cell, by)| *cell -= factor * by);
            }
        }
    }
    let mut nearest = values.to_vec();
    for (row, rule) in rules.iter().enumerate() {
        let multiplier = system[row][rows] / system[row][row];
        for (cell, sign) in rule {
            nearest[*cell] -= multiplier * sign / costs[*cell];
        }
    }
    nearest
}

fn tables(values: &[i64], lengths: &[usize]) -> Vec<Vec<i64>> {
    let mut rest = values;
    lengths
        .iter()
        .map(|length| {
            let (table, others) = rest.split_at(*length);
            rest = others;
            table.to_vec()
        })
        .collect()
}

fn costs((campaigns, lower, higher): &Shape) -> Vec<f64> {
    let repeat = |(cells, cost): &(usize, u64), times: usize| vec![*cost as f64; cells * times];
    let lower = lower.iter().flat_map(|table| repeat(table, *campaigns));
    lower.chain(higher.iter().flat_map(|table| repeat(table, 1))).collect()
}

proptest! {
    #[test]
    fn tables_agree_on_what_a_plain_solver_finds(
        shape in shape(),
        values in prop::collection::vec(-200_i64..2_000, 60),
    ) {
        let (tree, lengths) = tree(&shape);
        let values = &values[..lengths.iter().sum()];
        let mut agreed = tables(values, &lengths);
        tree.agree(&mut agreed);
        let flat: Vec<i64> = agreed.concat();
        let exact: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        let rules = constraints(&shape);
        for (ours, theirs) in flat.iter().zip(plain(&exact, &costs(&shape), &rules)) {
            prop_assert!((*ours as f64 - theirs).abs() < 2.5, "{ours} {theirs}");
        }
        // Margins add up to the last unit.
        for rule in &rules {
            let sum: f64 = rule.iter().map(|(cell, sign)| sign * flat[*cell] as f64).sum();
            prop_assert!(sum.abs() < 0.5, "{sum}");
        }
        // What agrees stays as it is.
        let mut again = agreed.clone();
        tree.agree(&mut again);
        prop_assert_eq!(again, agreed);
    }

    /// The variance of every cell, from what a large value in each single cell does to it.
    #[test]
    fn variances_are_those_of_the_estimates(shape in shape()) {
        const LARGE: i64 = 1 << 30;
        let (tree, lengths) = tree(&shape);
        if !tree.binds() {
            return Ok(());
        }
        let (cells, costs) = (lengths.iter().sum::<usize>(), costs(&shape));
        let mut variances = vec![0.0; cells];
        let mut total = 0.0;
        for cell in 0..cells {
            let mut values = vec![0; cells];
            values[cell] = LARGE;
            let mut agreed = tables(&values, &lengths);
            tree.agree(&mut agreed);
            let share = |value: i64| (value as f64 / LARGE as f64).powi(2) / costs[cell];
            total += share(agreed[0].iter().sum());
            let flat = agreed.concat();
            variances.iter_mut().zip(flat).for_each(|(sum, value)| *sum += share(value));
        }
        let mut at = 0;
        for (place, length) in lengths.iter().enumerate() {
            let spread = tree.spread(place).unwrap();
            for variance in &variances[at..at + length] {
                prop_assert!((variance / spread.cell - 1.0).abs() < 1e-6);
            }
            prop_assert!((total / spread.total - 1.0).abs() < 1e-6);
            at += length;
        }
    }

    #[test]
    fn what_is_taken_leaves_the_nearest_table_without_negative_cells(
        cells in prop::collection::vec(-60_i64..120, 1..12),
        less in 0_i64..40,
    ) {
        let positive: i64 = cells.iter().map(|cell| (*cell).max(0)).sum();
        let wanted = (cells.iter().sum::<i64>() - less).clamp(0, positive);
        let taken = taken(&cells, wanted);
        let left: Vec<i64> = cells
            .iter()
            .zip(&taken)
            .map(|(cell, taken)| (*cell).max(0) - i64::try_from(*taken).unwrap())
            .collect();
        prop_assert_eq!(left.iter().sum::<i64>(), wanted);
        prop_assert!(left.iter().all(|cell| *cell >= 0));
        // The same from each that is left, up to rounding; no more than that from any other.
        let from_left = || taken.iter().zip(&left).filter(|(_, left)| **left > 0).map(|(t, _)| *t);
        if let (Some(least), Some(most)) = (from_left().min(), from_left().max()) {
            prop_assert!(most - least <= 1);
            prop_assert!(taken.iter().all(|taken| *taken <= most + 1));
        }
    }
}

#[test]
fn rounding_is_to_the_nearest_and_never_loses_a_unit() {
    assert_eq!([-3, -1, 1, 3].map(|n| nearest(n, 2)), [-1, 0, 1, 2]);
    let tree = Tree::new(
        2,
        &[Member { place: 0, cells: 1, cost: 3 }, Member { place: 1, cells: 3, cost: 3 }],
        &[],
    )
    .unwrap();
    // Campaign sums 10 and 20 against 13 and 20; the first weighs three times the second.
    let mut tables = vec![vec![10, 20], vec![5, 4, 4, 10, 5, 5]];
    tree.agree(&mut tables);
    assert_eq!(tables, [vec![11, 20], vec![4, 4, 3, 10, 5, 5]]);
    // Beyond all real values nothing is touched.
    let mut huge = vec![vec![i64::MAX, 20], vec![5, 4, 4, 10, 5, 5]];
    tree.agree(&mut huge);
    assert_eq!(huge[0], [i64::MAX, 20]);
}

#[test]
fn so_many_cells_that_weights_overflow_are_refused() {
    let member = |place| Member { place, cells: 4_096, cost: 250_000_000 };
    let many: Vec<Member> = (0..5).map(member).collect();
    assert!(Tree::new(64, &many, &[]).is_err());
    assert!(Tree::new(64, &many[..1], &many[1..2]).is_ok());
}
