//! How many tokens a second pass one link of the vault chain on one core, beside what `ring` takes for the
//! same HMAC. What is measured is the product's own `rekey_all`, not a copy of it.
//!
//! `cargo bench --profile release --bench rekey -- [--tokens N] [--rounds N] [--json FILE]`. The figures
//! that were measured stand in `docs/performance.md`.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails shall stop")]
#![allow(clippy::cast_precision_loss, reason = "rates to read")]

use std::hint::black_box;
use std::time::Instant;

use ring::hmac;
use serde_json::json;
use tiers::crypto::chain::{VaultChain, VaultToken};
use tiers_contact::Token;

/// The best of several rounds, in tokens a second.
fn rate(tokens: &[Token], rounds: usize, mut round: impl FnMut(&[Token])) -> f64 {
    let times = (0..rounds.max(1)).map(|_| {
        let begun = Instant::now();
        round(black_box(tokens));
        begun.elapsed()
    });
    tokens.len() as f64 / times.min().unwrap().as_secs_f64()
}

fn main() {
    let (mut count, mut rounds, mut file) = (1_000_000_u64, 7, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
        match word.as_str() {
            "--tokens" => count = value().parse().unwrap(),
            "--rounds" => rounds = value().parse().unwrap(),
            "--json" => file = Some(value()),
            // What cargo itself passes on.
            "--bench" => {}
            _ => panic!("unknown argument {word}"),
        }
    }
    let keys = [[1; 32], [2; 32]];
    let one = VaultChain::new(&keys[..1]).unwrap();
    let two = VaultChain::new(&keys).unwrap();
    let sign = hmac::Key::new(hmac::HMAC_SHA256, &keys[0]);
    let start = hmac::Key::new(hmac::HMAC_SHA256, b"tokens");
    let tokens: Vec<Token> = (0..count)
        .map(|n| hmac::sign(&start, &n.to_le_bytes()).as_ref().try_into().unwrap())
        .map(Token::from_bytes)
        .collect();
    let mut out: Vec<VaultToken> = Vec::new();
    let mut by = |chain: &VaultChain| {
        rate(&tokens, rounds, |tokens| {
            out.clear();
            chain.rekey_all(tokens.iter(), &mut out);
            black_box(&out);
        })
    };
    let (ours, ours_two) = (by(&one), by(&two));
    let mut signed: Vec<[u8; 16]> = Vec::with_capacity(tokens.len());
    let theirs = rate(&tokens, rounds, |tokens| {
        signed.clear();
        signed.extend(tokens.iter().map(|token| {
            let mac = hmac::sign(&sign, token.as_bytes());
            *mac.as_ref().first_chunk::<16>().unwrap()
        }));
        black_box(&signed);
    });
    // The same answers, or the rates say nothing.
    out.clear();
    one.rekey_all(tokens.iter(), &mut out);
    assert!(out.iter().map(VaultToken::as_bytes).eq(&signed), "ring answers otherwise");
    println!("{count} tokens, one core, best of {rounds}");
    println!("one link            {ours:12.0} tokens/s");
    println!("two links           {ours_two:12.0} tokens/s");
    println!("ring's hmac::sign   {theirs:12.0} tokens/s");
    println!("ours over ring's    {:12.2} times", ours / theirs);
    if let Some(file) = file {
        let report =
            json!({ "tokens": count, "one_link": ours, "two_links": ours_two, "ring": theirs });
        std::fs::write(file, format!("{report:#}\n")).unwrap();
    }
}
