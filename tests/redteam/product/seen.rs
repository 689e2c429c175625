//! What was seen in a world, so that it can be compared with what was seen in another.

use std::collections::BTreeMap;

use crate::harness::client::Answer;

/// A text with everything masked that is random: identifiers, digests, signatures, salts.
pub fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=') {
            word.push(c);
            continue;
        }
        let mixed = word.chars().any(char::is_uppercase) && word.chars().any(char::is_lowercase);
        let random = word.len() >= 16 && (mixed || word.chars().any(|c| c.is_ascii_digit()));
        out.push_str(if random { "*" } else { &word });
        word.clear();
        out.push(c);
    }
    out
}

/// What stands between the items of a list.
const BRACKETS: [char; 6] = ['{', '}', '[', ']', ',', '\n'];

/// What was seen, in order: the attack that it belongs to, and one line for each message.
#[derive(Default)]
pub struct Seen(pub Vec<(&'static str, String)>);

impl Seen {
    /// An answer that may say nothing of what differs.
    pub fn hear(&mut self, of: &'static str, what: &str, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.bytes);
        // Lists are in the order of random names.
        let masked_text = masked(&text);
        let mut items: Vec<&str> =
            masked_text.split('{').map(|item| item.trim_matches(BRACKETS)).collect();
        items.sort_unstable();
        let (what, items) = (masked(what), items.join("{"));
        self.length(&what, answer);
        self.0.push((of, format!("{what} {} {} {items}", answer.status, text.len())));
    }

    /// How long an answer is, whatever it says.
    pub fn length(&mut self, what: &str, answer: &Answer) {
        self.0.push(("T16", format!("{what} {}", answer.bytes.len())));
    }

    /// An answer that holds figures, or the size of the caller's own file: these are not compared.
    pub fn hear_of(&mut self, of: &'static str, what: &str, answer: &Answer) {
        self.0.push((of, format!("{what} {} {}", answer.status, answer.media)));
    }
}

/// Lines that differ between two worlds, by attack.
pub fn compare(zero: &Seen, one: &Seen, found: &mut BTreeMap<&'static str, usize>) {
    assert!(zero.0.len() > 60, "enough was seen");
    assert_eq!(zero.0.len(), one.0.len(), "as many messages");
    for ((of, zero), (_, one)) in zero.0.iter().zip(&one.0) {
        let different = zero != one;
        if different {
            println!("{of}\n{zero}\n{one}");
        }
        *found.entry(of).or_default() += usize::from(different);
    }
}
