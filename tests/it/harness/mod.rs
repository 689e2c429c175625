//! The one HTTP harness: a real certifier over a real database and a real socket, under a clock that
//! the test owns. Nothing sleeps. Who calls is a type (`roles`), what is deposited is made by the
//! same code that a party runs (`deposits`).

pub mod client;
pub mod deposits;
pub mod ledger;
pub mod network;
pub mod peak;
pub mod pebble;
pub mod people;
pub mod places;
pub mod process;
pub mod roles;
pub mod server;
pub mod tokens;
pub mod vault;
pub mod witnesses;
pub mod world;

/// Whether the long form was asked for.
pub fn full() -> bool {
    std::env::var("TIERS_FULL").is_ok_and(|value| value == "1")
}

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed is a case, so that a failure names it.
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// Shuffles in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = usize::try_from(self.below(i as u64 + 1)).unwrap();
            items.swap(i, j);
        }
    }
}

/// Says what a test of an attack on the ledger did, in one line: `attack: what`. `tests/ledger/attacks` makes a
/// table of them.
pub fn figure(attack: &str, what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "\n{attack}: {what}").expect("standard output");
}
