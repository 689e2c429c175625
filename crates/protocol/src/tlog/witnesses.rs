//! Whose cosignatures a checkpoint needs: the witnesses, groups of them, and the quorum.
//!
//! It knows keys and numbers, no network: an address in the text is carried for whoever asks the
//! witnesses. Specified by <https://c2sp.org/tlog-policy>; the lines `witness`, `group` and `quorum`
//! are read, a line `log` is refused, because the ledger's key stands in the trust document.

use std::collections::BTreeMap;
use std::fmt;

use super::cosignature::WitnessKey;

/// More witnesses than anybody asks for one checkpoint, and few enough to read at a glance.
pub const WITNESSES_MAX: usize = 32;

/// Bytes of a policy's text.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// A witness of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its key and name.
    pub key: WitnessKey,
    /// Where it is asked, if anybody said: the address in front of `/add-checkpoint`.
    pub url: Option<String>,
}

/// Witnesses and the quorum that a checkpoint needs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WitnessPolicy {
    witnesses: Vec<Witness>,
    quorum: Option<Rule>,
    text: String,
}

/// A witness by its place, or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    One(usize),
    Group { threshold: usize, members: Vec<Self> },
}

impl Rule {
    fn holds(&self, signed: &[bool]) -> bool {
        match self {
            Self::One(place) => signed[*place],
            Self::Group { threshold, members } => {
                members.iter().filter(|m| m.holds(signed)).count() >= *threshold
            }
        }
    }
}

impl WitnessPolicy {
    /// Nobody witnesses: every checkpoint with the ledger's signature is enough.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`WitnessPolicyError`] names the line.
    pub fn parse(text: &str) -> Result<Self, WitnessPolicyError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(WitnessPolicyError { line: 0 });
        }
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            reading.line(&words).ok_or(WitnessPolicyError { line: number })?;
        }
        let quorum = reading.quorum.ok_or(WitnessPolicyError { line: 0 })?;
        Ok(Self { witnesses: reading.witnesses, quorum, text: text.to_owned() })
    }

    /// Two of three, or more than half of any other number: what a policy should ask for.
    ///
    /// # Errors
    /// [`WitnessPolicyError`] when two witnesses have one name, or there are too many.
    pub fn majority(witnesses: &[Witness]) -> Result<Self, WitnessPolicyError> {
        let mut text = String::new();
        let mut names = Vec::new();
        for (place, witness) in witnesses.iter().enumerate() {
            let url = witness.url.as_deref().map(|url| format!(" {url}")).unwrap_or_default();
            text.push_str(&format!("witness w{place} {}{url}\n", witness.key.vkey()));
            names.push(format!("w{place}"));
        }
        match names.len() {
            0 => text.push_str("quorum none\n"),
            number => {
                let more_than_half = number / 2 + 1;
                let names = names.join(" ");
                text.push_str(&format!("group majority {more_than_half} {names}\n"));
                text.push_str("quorum majority\n");
            }
        }
        Self::parse(&text)
    }

    /// The text that it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The witnesses, in the order of the text, which is that of their lines under a checkpoint.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether a checkpoint needs any cosignature at all.
    #[must_use]
    pub const fn asks_for_any(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether the witnesses that cosigned, by name, are enough.
    pub fn satisfied_by<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let mut signed = vec![false; self.witnesses.len()];
        for name in names {
            let place = self.witnesses.iter().position(|w| w.key.name() == name);
            if let Some(place) = place {
                signed[place] = true;
            }
        }
        self.quorum.as_ref().is_none_or(|rule| rule.holds(&signed))
    }

    /// The smallest number of witnesses that are enough.
    #[must_use]
    pub fn fewest(&self) -> usize {
        fn fewest(rule: &Rule) -> usize {
            match rule {
                Rule::One(_) => 1,
                Rule::Group { threshold, members } => {
                    let mut each: Vec<usize> = members.iter().map(fewest).collect();
                    each.sort_unstable();
                    each.iter().take(*threshold).sum()
                }
            }
        }
        self.quorum.as_ref().map_or(0, fewest)
    }
}

impl fmt::Debug for WitnessPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessPolicy({} of {})", self.fewest(), self.witnesses.len())
    }
}

/// A policy whose lines so far are understood.
#[derive(Default)]
struct Reading {
    witnesses: Vec<Witness>,
    names: BTreeMap<String, Rule>,
    quorum: Option<Option<Rule>>,
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Option<()> {
        match words {
            [] => Some(()),
            ["witness", name, key, url @ ..] if url.len() <= 1 => self.witness(name, key, url),
            ["group", name, threshold, members @ ..] => self.group(name, threshold, members),
            ["quorum", name] if self.quorum.is_none() => {
                let rule = match *name {
                    "none" => None,
                    name => Some(self.names.get(name)?.clone()),
                };
                self.quorum = Some(rule);
                Some(())
            }
            _ => None,
        }
    }

    fn witness(&mut self, name: &str, key: &str, url: &[&str]) -> Option<()> {
        let key = WitnessKey::from_vkey(key).ok()?;
        // Two keys of one name could not be told apart in a list of who signed.
        let known = self.witnesses.iter().any(|w| w.key.name() == key.name());
        if known || self.witnesses.len() == WITNESSES_MAX {
            return None;
        }
        self.define(name, Rule::One(self.witnesses.len()))?;
        let url = url.first().map(|url| url.trim_end_matches('/').to_owned());
        self.witnesses.push(Witness { key, url });
        Some(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Option<()> {
        let rules: Vec<Rule> =
            members.iter().map(|m| self.names.get(*m).cloned()).collect::<Option<_>>()?;
        // Each once: a witness listed twice would count twice.
        let distinct: std::collections::BTreeSet<_> = members.iter().collect();
        let threshold = match threshold {
            "any" => 1,
            "all" => rules.len(),
            number => number.parse().ok()?,
        };
        let sound = (1..=rules.len()).contains(&threshold) && distinct.len() == rules.len();
        if !sound || rules.len() > WITNESSES_MAX || self.names.len() > 2 * WITNESSES_MAX {
            return None;
        }
        self.define(name, Rule::Group { threshold, members: rules })
    }

    fn define(&mut self, name: &str, rule: Rule) -> Option<()> {
        let free = name != "none" && !self.names.contains_key(name);
        // Groups of groups of groups would repeat their members without end.
        (free && depth(&rule) <= 4).then(|| self.names.insert(name.to_owned(), rule)).map(drop)
    }
}

fn depth(rule: &Rule) -> usize {
    match rule {
        Rule::One(_) => 1,
        Rule::Group { members, .. } => 1 + members.iter().map(depth).max().unwrap_or(0),
    }
}

/// The text is not a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the witness policy cannot be read (line {line}; 0: it is too long, or has no quorum)")]
pub struct WitnessPolicyError {
    /// Which line, 1 for the first.
    pub line: usize,
}

impl WitnessPolicyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "ledger.witness_policy"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::cosignature::WitnessSigner;
    use super::*;

    fn key(number: u8) -> WitnessKey {
        let name = format!("w{number}.example");
        WitnessSigner::from_seed(&name, &[number + 1; 32]).unwrap().public().clone()
    }

    fn witness(number: u8) -> Witness {
        Witness { key: key(number), url: None }
    }

    #[test]
    fn two_of_three_is_two_of_three() {
        let policy = WitnessPolicy::majority(&[witness(0), witness(1), witness(2)]).unwrap();
        assert_eq!(format!("{policy:?}"), "WitnessPolicy(2 of 3)");
        for signed in 0..8_u32 {
            let names: Vec<String> =
                (0..3).filter(|n| signed >> n & 1 == 1).map(|n| format!("w{n}.example")).collect();
            let enough = policy.satisfied_by(names.iter().map(String::as_str));
            assert_eq!(enough, signed.count_ones() >= 2, "{names:?}");
        }
        assert!(!policy.satisfied_by(["w0.example", "w0.example", "x.example"]));
        assert!(WitnessPolicy::none().satisfied_by([]));
        assert!(!WitnessPolicy::none().asks_for_any());
    }

    #[test]
    fn groups_nest_and_addresses_are_kept() {
        let text = format!(
            "# who watches\nwitness a {} https://a.example/\nwitness b {}\nwitness c {} # third\n\n\
             group bc any b c\ngroup both all a bc\nquorum both\n",
            key(0).vkey(),
            key(1).vkey(),
            key(2).vkey()
        );
        let policy = WitnessPolicy::parse(&text).unwrap();
        assert_eq!(policy.witnesses()[0].url.as_deref(), Some("https://a.example"));
        assert_eq!((policy.fewest(), policy.text()), (2, text.as_str()));
        assert!(policy.satisfied_by(["w0.example", "w2.example"]));
        assert!(!policy.satisfied_by(["w1.example", "w2.example"]));
    }

    #[test]
    fn what_is_no_policy_is_refused_with_its_line() {
        let a = format!("witness a {}\n", key(0).vkey());
        let b = format!("witness b {}\n", key(1).vkey());
        for (text, line) in [
            (String::new(), 0),
            (a.clone(), 0),
            (format!("{a}quorum b\n"), 2),
            (format!("{a}{a}quorum a\n"), 2),
            (format!("{a}{}quorum a\n", a.replace("witness a", "witness b")), 2),
            (format!("{a}{b}group g 3 a b\nquorum g\n"), 3),
            (format!("{a}{b}group g 0 a b\nquorum g\n"), 3),
            (format!("{a}{b}group g 2 a a\nquorum g\n"), 3),
            (format!("{a}group g 1 g\nquorum g\n"), 2),
            (format!("{a}quorum a\nquorum none\n"), 3),
            (format!("{a}group none 1 a\nquorum a\n"), 2),
            ("log x+00000000+AAAA\nquorum none\n".to_owned(), 1),
            ("witness a b\nquorum a\n".to_owned(), 1),
        ] {
            assert_eq!(WitnessPolicy::parse(&text), Err(WitnessPolicyError { line }), "{text}");
        }
        assert!(WitnessPolicy::parse(&format!("{a}quorum none\n")).is_ok());
        assert!(WitnessPolicy::parse(&" ".repeat(TEXT_BYTES_MAX + 1)).is_err());
    }
}
