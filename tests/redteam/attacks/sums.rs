//! Cells and the sums that they stand in, some known and some hidden: what follows about the hidden ones.

/// Cells by number, and which of them is the sum of which others.
#[derive(Default)]
pub struct Sums {
    known: Vec<Option<i64>>,
    sums: Vec<(usize, Vec<usize>)>,
}

/// The prime 2^61 - 1: sums have coefficients of one, so that a rank over this field is the rational one.
const P: u128 = (1 << 61) - 1;

/// Nothing that is counted is more.
const MOST: i64 = 1 << 40;

impl Sums {
    /// A cell, with its value if it is known.
    pub fn cell(&mut self, value: Option<i64>) -> usize {
        self.known.push(value);
        self.known.len() - 1
    }

    /// That a cell is the sum of others.
    pub fn add(&mut self, whole: usize, parts: Vec<usize>) {
        self.sums.push((whole, parts));
    }

    /// How many cells are hidden.
    pub fn hidden(&self) -> usize {
        self.known.iter().filter(|value| value.is_none()).count()
    }

    /// The sums as rows of coefficients of the hidden cells; what is known moves to the other side.
    fn matrix(&self) -> Vec<Vec<u128>> {
        let row = |(whole, parts): &(usize, Vec<usize>)| {
            let mut row = vec![0; self.known.len()];
            parts.iter().for_each(|part| row[*part] = 1);
            row[*whole] = P - 1;
            let hidden = row.into_iter().zip(&self.known).filter(|(_, known)| known.is_none());
            hidden.map(|(coefficient, _)| coefficient).collect()
        };
        self.sums.iter().map(row).collect()
    }

    /// How many hidden cells have one value only, whatever sign the others have: those that stand alone in a
    /// row once the matrix is reduced.
    pub fn determined(&self) -> usize {
        let mut rows = self.matrix();
        let mut done = 0;
        for column in 0..self.hidden() {
            let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else {
                continue;
            };
            rows.swap(done, pivot);
            let scale = inverse(rows[done][column]);
            rows[done].iter_mut().for_each(|value| *value = *value * scale % P);
            let leading = rows[done].clone();
            for (place, row) in rows.iter_mut().enumerate() {
                let factor = row[column];
                if place != done && factor != 0 {
                    let reduce = |(value, lead): (&mut u128, &u128)| {
                        *value = (*value + (P - factor) * lead) % P;
                    };
                    row.iter_mut().zip(&leading).for_each(reduce);
                }
            }
            done += 1;
        }
        rows.iter().filter(|row| row.iter().filter(|value| **value != 0).count() == 1).count()
    }

    /// The least and the greatest value that each hidden cell can have if no cell is below zero. Sums share
    /// their cells without a circle, so that narrowing them one after the other, until nothing changes, ends
    /// where the linear program does.
    pub fn ranges(&self) -> impl Iterator<Item = (i64, i64)> {
        let mut ranges: Vec<(i64, i64)> =
            self.known.iter().map(|known| known.map_or((0, MOST), |v| (v, v))).collect();
        loop {
            let before = ranges.clone();
            for (whole, parts) in &self.sums {
                let low: i64 = parts.iter().map(|part| ranges[*part].0).sum();
                let high: i64 = parts.iter().map(|part| ranges[*part].1).sum();
                narrow(&mut ranges[*whole], low, high);
                let (least, most) = ranges[*whole];
                for part in parts {
                    let (own_low, own_high) = ranges[*part];
                    let (low, high) = (least - (high - own_high), most - (low - own_low));
                    narrow(&mut ranges[*part], low, high);
                }
            }
            if ranges == before {
                break;
            }
        }
        let hidden: Vec<bool> = self.known.iter().map(Option::is_none).collect();
        ranges.into_iter().zip(hidden).filter(|(_, hidden)| *hidden).map(|(range, _)| range)
    }
}

fn narrow(range: &mut (i64, i64), low: i64, high: i64) {
    *range = (range.0.max(low), range.1.min(high));
}

/// By Fermat's little theorem.
fn inverse(value: u128) -> u128 {
    let (mut result, mut power, mut left) = (1, value % P, P - 2);
    while left > 0 {
        if left & 1 == 1 {
            result = result * power % P;
        }
        power = power * power % P;
        left >>= 1;
    }
    result
}

/// The table of two by two that suppression of single cells does not protect, and the rectangle that does.
#[test]
fn what_follows_from_margins_is_found() {
    let table = |hidden: [bool; 4]| {
        let mut sums = Sums::default();
        let cells: Vec<usize> = [4, 25, 40, 31]
            .into_iter()
            .zip(hidden)
            .map(|(value, hidden)| sums.cell((!hidden).then_some(value)))
            .collect();
        for (whole, parts) in [(29, [0, 1]), (71, [2, 3]), (44, [0, 2]), (56, [1, 3])] {
            let whole = sums.cell(Some(whole));
            sums.add(whole, parts.map(|part| cells[part]).to_vec());
        }
        sums
    };
    let one = table([true, false, false, false]);
    assert_eq!((one.determined(), one.ranges().next()), (1, Some((4, 4))));
    let row = table([true, true, false, false]);
    assert_eq!((row.determined(), row.ranges().next()), (2, Some((4, 4))));
    let all = table([true; 4]);
    assert_eq!((all.determined(), all.hidden()), (0, 4));
    assert_eq!(all.ranges().next(), Some((0, 29)));
}
