//! Seeded draws and laws of rank and frequency for the invented population. No cryptography.

/// `splitmix64`: the same sequence on every machine.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// Less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Scatters a number.
pub const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A law over the ranks 0, 1, 2...
pub struct Law(Vec<f64>);

impl Law {
    /// Of weights, which need not add up to 1.
    pub fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self(sums.iter().map(|part| part / sum).collect())
    }

    /// Of `ranks` ranks after Mandelbrot, `1 / (rank + flat)^slope`, with the slope that gives the
    /// first rank the share `first`.
    pub fn with_first(ranks: u32, flat: f64, first: f64) -> Self {
        let weight = |rank: u32, slope: f64| ((1.0 + flat) / (f64::from(rank) + flat)).powf(slope);
        let (mut low, mut high) = (0.0, 8.0);
        for _ in 0..40 {
            let slope = f64::midpoint(low, high);
            let share = 1.0 / (1..=ranks).map(|rank| weight(rank, slope)).sum::<f64>();
            *(if share < first { &mut low } else { &mut high }) = slope;
        }
        Self::new((1..=ranks).map(|rank| weight(rank, low)))
    }

    pub fn draw(&self, random: &mut Random) -> usize {
        let unit = random.unit();
        self.0.partition_point(|sum| *sum <= unit).min(self.0.len() - 1)
    }
}
