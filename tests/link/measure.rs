//! How many pairs are found and how many of them are true, for each kind of identifier alone and for all of
//! them together; and the tables of `docs/matching-quality.md`.
//!
//! What a kind finds alone is read from the previews, without the code of `tiers link`: so is what `link` should
//! say ([`naive`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Home, Pair};

/// Pairs of rows.
pub type Rows = BTreeSet<(u64, u64)>;

/// The rows of each token of each kind, in one deposit.
type Tokens = BTreeMap<String, HashMap<String, Vec<u64>>>;

/// What the previews of two deposits have in common: for each kind the pairs of rows.
pub struct Agreeing {
    pub kinds: BTreeMap<String, Rows>,
    /// Rows that know name and birth date.
    born: [BTreeSet<u64>; 2],
}

impl Agreeing {
    pub fn read(home: &Home, a: &str, b: &str) -> Self {
        let (ours, theirs) = (tokens(home, a), tokens(home, b));
        let born = [&ours, &theirs].map(|side| {
            side.get("name_birth")
                .into_iter()
                .flat_map(HashMap::values)
                .flatten()
                .copied()
                .collect()
        });
        let kinds = ours.iter().map(|(kind, tokens)| {
            let mut pairs = Rows::new();
            for (token, rows) in tokens {
                let others = theirs.get(kind).and_then(|theirs| theirs.get(token));
                for other in others.into_iter().flatten() {
                    pairs.extend(rows.iter().map(|row| (*row, *other)));
                }
            }
            (kind.clone(), pairs)
        });
        Self { kinds: kinds.collect(), born }
    }

    /// The pairs that `link` should find, by `docs/matching.md`, "Linking", in the words of this test.
    pub fn naive(&self) -> Rows {
        let mut agreeing: BTreeMap<(u64, u64), BTreeSet<&str>> = BTreeMap::new();
        for (kind, pairs) in &self.kinds {
            for pair in pairs {
                agreeing.entry(*pair).or_default().insert(kind);
            }
        }
        let sure: Rows = ["name_birth", "near_name_birth"]
            .iter()
            .flat_map(|kind| self.kinds.get(*kind).into_iter().flatten().copied())
            .collect();
        let one = |((a, b), kinds): (&(u64, u64), &BTreeSet<&str>)| {
            let born = self.born[0].contains(a) && self.born[1].contains(b);
            let reached = |kind: &&str| matches!(*kind, "email" | "mobile" | "landline");
            let only_reached = kinds.iter().all(reached);
            let taken = sure.iter().any(|(ours, theirs)| ours == a || theirs == b);
            let own = ["siret", "card", "email", "mobile", "name_birth", "near_name_birth"];
            let alike = taken && kinds.iter().all(|kind| !own.contains(kind));
            let namesakes = kinds.len() == 1 && kinds.contains("near_name_town");
            let household = kinds.iter().all(|kind| *kind == "landline");
            (!household && !(born && (only_reached || namesakes || alike))).then_some((*a, *b))
        };
        agreeing.iter().filter_map(one).collect()
    }
}

fn tokens(home: &Home, dir: &str) -> Tokens {
    let rows = home.read(&format!("{dir}/rows.csv"));
    let rows: HashMap<usize, u64> = rows
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[0].parse().unwrap(), fields[2].parse().unwrap())
        })
        .collect();
    let preview = home.read(&format!("{dir}/preview.csv"));
    let mut lines = preview.lines();
    let headings: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut tokens = Tokens::new();
    for (place, line) in lines.enumerate() {
        let Some(row) = rows.get(&(place + 1)) else { continue };
        for (heading, field) in headings.iter().zip(line.split(',')) {
            let Some(kind) = heading.strip_prefix("token_") else { continue };
            let of = tokens.entry(kind.to_owned()).or_default();
            for token in field.split(' ').filter(|token| !token.is_empty()) {
                of.entry(token.to_owned()).or_default().push(*row);
            }
        }
    }
    tokens
}

/// Pairs and how many of them are true.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    pub pairs: u64,
    pub true_pairs: u64,
}

impl Count {
    pub fn add<'a>(&mut self, pairs: impl IntoIterator<Item = &'a (u64, u64)>, truth: &Rows) {
        for pair in pairs {
            self.pairs += 1;
            self.true_pairs += u64::from(truth.contains(pair));
        }
    }

    pub fn precision(self) -> f64 {
        if self.pairs == 0 { 1.0 } else { self.true_pairs as f64 / self.pairs as f64 }
    }

    pub fn recall(self, truth: u64) -> f64 {
        self.true_pairs as f64 / truth as f64
    }
}

/// What one or several comparisons came to.
#[derive(Default)]
pub struct Measure {
    /// Each kind alone, and where it is the first that agrees.
    kinds: BTreeMap<String, (Count, Count)>,
    /// By the exact kinds of the standard policy, its bridges switched off.
    pub exact: Count,
    /// As `link` says.
    pub together: Count,
    /// True pairs.
    pub truth: u64,
}

impl Measure {
    /// Adds a comparison of two deposits, and one without bridges.
    pub fn add(&mut self, agreeing: &Agreeing, found: &[Pair], exact: &[Pair], truth: &Rows) {
        for (kind, pairs) in &agreeing.kinds {
            self.kinds.entry(kind.clone()).or_default().0.add(pairs, truth);
        }
        for (a, b, kind) in found {
            self.kinds.get_mut(kind).unwrap().1.add([&(*a, *b)], truth);
        }
        self.together.add(&rows(found), truth);
        self.exact.add(&rows(exact), truth);
        self.truth += truth.len() as u64;
    }

    /// The table of the document.
    pub fn table(&self, order: &[tiers_contact::Kind]) -> String {
        let mut text = String::from(
            "| identifier | pairs alone | true | precision | recall | first that agrees | true |\n\
             |---|---|---|---|---|---|---|\n",
        );
        let mut line = |name: &str, count: Count, first: Option<Count>| {
            let (precision, recall) = (count.precision(), count.recall(self.truth));
            let first = first
                .map_or_else(|| " | ".to_owned(), |f| format!("{} | {}", f.pairs, f.true_pairs));
            let Count { pairs, true_pairs } = count;
            writeln!(
                text,
                "| {name} | {pairs} | {true_pairs} | {precision:.4} | {recall:.4} | {first} |"
            )
            .unwrap();
        };
        for kind in order {
            let measured = self.kinds.get(kind.as_str());
            if let Some((alone, first)) = measured.filter(|(alone, _)| alone.pairs > 0) {
                line(&format!("`{kind}`"), *alone, Some(*first));
            }
        }
        line("exact kinds, `bridges = []`", self.exact, None);
        line("**all, as `link` says**", self.together, None);
        writeln!(text, "\n{} pairs are true.", self.truth).unwrap();
        text
    }
}

/// The rows of pairs.
pub fn rows(pairs: &[Pair]) -> Rows {
    let rows: Rows = pairs.iter().map(|(a, b, _)| (*a, *b)).collect();
    assert_eq!(rows.len(), pairs.len(), "a pair is said once");
    rows
}

/// Tests write different parts of one file.
static DOCUMENT: Mutex<()> = Mutex::new(());

/// Holds a part of `docs/matching-quality.md` to what was measured; `TIERS_UPDATE=1` writes it anew.
pub fn hold(part: &str, text: &str) {
    // Whoever found its part out of date has written nothing.
    let _one_at_a_time = DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/matching-quality.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (start, end) = (format!("<!-- {part} -->\n"), format!("<!-- end {part} -->\n"));
    let (head, rest) = document.split_once(&start).unwrap();
    let (_, tail) = rest.split_once(&end).unwrap();
    let expected = format!("{head}{start}{text}{end}{tail}");
    if std::env::var("TIERS_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(document == expected, "TIERS_UPDATE=1 writes `{part}` anew:\n{text}");
}
