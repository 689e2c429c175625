//! Which rows of two deposits are the same person: one party compares its own files on its own machine.
//!
//! This is not what the certifier counts (`attribute`): here every pair is wanted, and a pair can be
//! looked at as a whole, so that evidence may also speak against it ([`decide`]). Files and formats are
//! the caller's. Specified in `docs/matching.md`, "Linking".

use tiers_contact::Kind;

/// The first half of a token: two tokens of one programme that differ have the same half with
/// probability 2^-128.
pub type Half = [u8; 16];

/// The tokens of one kind, each with the place of its row.
pub type Tokens = Vec<(Half, u32)>;

/// Pairs that one token may make before it is taken for a value that stands for nobody (the dealer's
/// own address in every row).
pub const CROWD: usize = 10_000;

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinds(u16);

impl Kinds {
    /// The set of one kind.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self(1 << kind.index())
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no kind is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The first kind of the fixed order.
    #[must_use]
    pub fn first(self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| self.0 & Self::of(*kind).0 != 0)
    }
}

/// Two rows, by their places, that share tokens of some kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Place in the first deposit.
    pub a: u32,
    /// Place in the second.
    pub b: u32,
    /// The kinds that agree.
    pub kinds: Kinds,
}

/// Appends the pairs of rows that share a token of `kind`, each once, sorted, and returns how many tokens
/// were passed over because they would make more than [`CROWD`] pairs.
pub fn agreeing(kind: Kind, mut a: Tokens, mut b: Tokens, pairs: &mut Vec<Pair>) -> u64 {
    a.sort_unstable();
    b.sort_unstable();
    let start = pairs.len();
    let mut crowded = 0;
    let (mut left, mut right) = (a.as_slice(), b.as_slice());
    while let (Some((one, _)), Some((other, _))) = (left.first(), right.first()) {
        let (ours, theirs) = (run(left), run(right));
        match one.cmp(other) {
            std::cmp::Ordering::Less => left = &left[ours..],
            std::cmp::Ordering::Greater => right = &right[theirs..],
            std::cmp::Ordering::Equal => {
                if ours.saturating_mul(theirs) > CROWD {
                    crowded += 1;
                } else {
                    let all = left[..ours]
                        .iter()
                        .flat_map(|(_, a)| right[..theirs].iter().map(|(_, b)| (*a, *b)));
                    let kinds = Kinds::of(kind);
                    pairs.extend(all.map(|(a, b)| Pair { a, b, kinds }));
                }
                (left, right) = (&left[ours..], &right[theirs..]);
            }
        }
    }
    pairs[start..].sort_unstable();
    // Rows may share several tokens of a near kind.
    let mut last = None;
    let mut keep = start;
    for place in start..pairs.len() {
        if last != Some(pairs[place]) {
            last = Some(pairs[place]);
            pairs[keep] = pairs[place];
            keep += 1;
        }
    }
    pairs.truncate(keep);
    crowded
}

/// How many of the first entries have the token of the first.
fn run(tokens: &[(Half, u32)]) -> usize {
    let first = tokens.first().map(|(token, _)| *token);
    tokens.iter().take_while(|(token, _)| Some(*token) == first).count()
}

/// Puts the kinds of each pair together.
#[must_use]
pub fn joined(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_unstable();
    pairs.dedup_by(|next, kept| {
        let same = (next.a, next.b) == (kept.a, kept.b);
        if same {
            kept.kinds = kept.kinds.or(next.kinds);
        }
        same
    });
    pairs
}

/// What is known of a pair beside the kinds that agree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against {
    /// Both rows know name and birth date, and the near kinds were compared.
    pub both_born: bool,
    /// One of the two rows is [`sure`] of another.
    pub taken: bool,
}

/// Kinds in which names and birth date agree.
const SURE: Kinds = Kinds::of(Kind::NameBirth).or(Kinds::of(Kind::NearNameBirth));

/// Kinds that reach somebody, whoever reads there.
const REACHED: Kinds =
    Kinds::of(Kind::Landline).or(Kinds::of(Kind::Email)).or(Kinds::of(Kind::Mobile));

/// Kinds that two people of one household or one name may have in common.
const ALIKE: Kinds = Kinds::of(Kind::NamePost)
    .or(Kinds::of(Kind::Landline))
    .or(Kinds::of(Kind::NearNameStreet))
    .or(Kinds::of(Kind::NearBirthTown))
    .or(Kinds::of(Kind::NearBirthStreet))
    .or(Kinds::of(Kind::NearLandline))
    .or(Kinds::of(Kind::NearNameTown));

/// The places of both sides, so many each, that have a pair in which names and birth date agree.
#[must_use]
pub fn sure(pairs: &[Pair], places: [usize; 2]) -> [Vec<bool>; 2] {
    let mut sure = places.map(|places| vec![false; places]);
    for pair in pairs.iter().filter(|pair| pair.kinds.without(SURE) != pair.kinds) {
        sure[0][pair.a as usize] = true;
        sure[1][pair.b as usize] = true;
    }
    sure
}

/// The kind that makes a pair of two rows that agree in `kinds`; `None` when they are two people.
///
/// A fixed telephone is a household's and makes no pair alone. Where both rows know name and birth date
/// an e-mail address or telephone that is all they share is one that two people use, and
/// names with a town are two namesakes: for one person something of name, birth date and address would
/// agree as well, since the near kinds forgive errors in any of them. A spouse with a similar first name, a
/// twin or a child of the same name is told by the person's own row: who has one in which names and
/// birth date agree is not also somebody of whom only an address and one of the two agree.
#[must_use]
pub fn decide(kinds: Kinds, against: Against) -> Option<Kind> {
    let others = kinds.without(REACHED);
    if against.both_born {
        let alike = against.taken && kinds.without(ALIKE).is_empty();
        if alike || others.is_empty() || kinds == Kinds::of(Kind::NearNameTown) {
            return None;
        }
    }
    kinds.without(Kinds::of(Kind::Landline)).first()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::worlds::{Dice, cases};

    #[test]
    fn pairs_are_those_of_nested_loops() {
        let mut most = 0;
        for seed in 0..cases(2_000) {
            let mut dice = Dice::new(seed);
            let side = |dice: &mut Dice| -> Tokens {
                let half = |dice: &mut Dice| {
                    let mut half = [0; 16];
                    half[0] = u8::try_from(dice.below(6)).expect("small");
                    half
                };
                (0..dice.below(12))
                    .map(|_| (half(dice), u32::try_from(dice.below(5)).expect("small")))
                    .collect()
            };
            let (a, b) = (side(&mut dice), side(&mut dice));
            let mut naive: Vec<Pair> = Vec::new();
            for (token, a) in &a {
                for (other, b) in &b {
                    let pair = Pair { a: *a, b: *b, kinds: Kinds::of(Kind::Email) };
                    if token == other && !naive.contains(&pair) {
                        naive.push(pair);
                    }
                }
            }
            naive.sort_unstable();
            let mut pairs = Vec::new();
            assert_eq!(agreeing(Kind::Email, a.clone(), b.clone(), &mut pairs), 0);
            assert_eq!(pairs, naive, "{seed}");
            agreeing(Kind::Mobile, a, b, &mut pairs);
            let both = joined(pairs);
            assert_eq!(both.len(), naive.len());
            let kinds = Kinds::of(Kind::Email).or(Kinds::of(Kind::Mobile));
            assert!(both.iter().all(|pair| pair.kinds == kinds));
            most = most.max(naive.len());
        }
        assert!(most > 10);
    }

    #[test]
    fn a_crowd_is_passed_over_and_told() {
        let side = || (0..101).map(|row| ([7; 16], row)).collect();
        let mut pairs = Vec::new();
        assert_eq!(agreeing(Kind::Email, side(), side(), &mut pairs), 1);
        assert!(pairs.is_empty());
    }

    #[test]
    fn evidence_against_a_pair_counts_where_both_are_known() {
        let set = |kinds: &[Kind]| kinds.iter().fold(Kinds::default(), |s, k| s.or(Kinds::of(*k)));
        let table: [(&[Kind], Option<Kind>, Option<Kind>); 8] = [
            (&[], None, None),
            (&[Kind::Landline], None, None),
            (&[Kind::Email], Some(Kind::Email), None),
            (&[Kind::Email, Kind::Mobile], Some(Kind::Email), None),
            (&[Kind::NearNameTown], Some(Kind::NearNameTown), None),
            (&[Kind::NameBirth], Some(Kind::NameBirth), Some(Kind::NameBirth)),
            (&[Kind::Mobile, Kind::NearNameTown], Some(Kind::Mobile), Some(Kind::Mobile)),
            (
                &[Kind::Landline, Kind::NearLandline],
                Some(Kind::NearLandline),
                Some(Kind::NearLandline),
            ),
        ];
        for (kinds, unknown, born) in table {
            for taken in [false, true] {
                let unborn = Against { both_born: false, taken };
                assert_eq!(decide(set(kinds), unborn), unknown, "{kinds:?}");
            }
            let against = Against { both_born: true, taken: false };
            assert_eq!(decide(set(kinds), against), born, "{kinds:?}");
        }
    }

    #[test]
    fn who_is_sure_of_one_is_not_also_somebody_alike() {
        let pair = |a, b, kinds: &[Kind]| {
            let kinds = kinds.iter().fold(Kinds::default(), |s, k| s.or(Kinds::of(*k)));
            Pair { a, b, kinds }
        };
        let twin = [Kind::NearBirthTown, Kind::NearBirthStreet];
        let own = [Kind::NearNameBirth, Kind::NearBirthTown];
        let pairs = [pair(0, 0, &own), pair(0, 1, &twin), pair(1, 2, &twin), pair(2, 0, &twin)];
        let sure = sure(&pairs, [3, 3]);
        assert_eq!(sure, [vec![true, false, false], vec![true, false, false]]);
        let decided = pairs.map(|pair| {
            let taken = sure[0][pair.a as usize] || sure[1][pair.b as usize];
            decide(pair.kinds, Against { both_born: true, taken })
        });
        let twin = Some(Kind::NearBirthTown);
        assert_eq!(decided, [Some(Kind::NearNameBirth), None, twin, None]);
        // What is only one person's still counts.
        let email = pair(0, 1, &[Kind::Email, Kind::NearNameStreet]);
        let taken = Against { both_born: true, taken: true };
        assert_eq!(decide(email.kinds, taken), Some(Kind::Email));
    }
}
