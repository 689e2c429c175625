//! The body against its definition, line by line.

use std::collections::BTreeMap;

use tiers_contact::{
    BODY_FORMAT, FileKind, Kind, Opened, PrepareOptions, Token, Tokeniser, canary_tokens,
    read_and_normalise,
};

use crate::support::{KINDS, lenient, options, samples};

fn tokeniser() -> Tokeniser {
    Tokeniser::new(&[3; 32], "test-domain")
}

const SALES: &str = "E-mail;Téléphone;Date de vente;Montant\n\
    a@b.fr;0745840475;08/06/2024;10\n\
    nc;0745840476;09/06/2024;20,50\n\
    a@b.fr;;08/06/2024;10\n\
    a@b.fr;0745840475;08/06/2024;10\n";

#[test]
fn a_body_holds_every_row_and_every_canary_sorted() {
    let prepared = lenient(SALES);
    let body = prepared.body(&tokeniser());
    assert_eq!(BODY_FORMAT, "tiers-body/1");
    let text = String::from_utf8(body.csv).expect("ASCII");
    assert!(text.is_ascii() && text.ends_with('\n') && !text.contains(['"', '\r']));
    let mut lines = text.lines();
    let heading =
        "token_email,token_mobile,token_name_birth,token_name_post,sale_date,amount_cents";
    assert_eq!(lines.next(), Some(heading));
    assert_eq!(body.columns.join(","), heading);
    let lines: Vec<&str> = lines.collect();
    assert!(lines.is_sorted());
    assert_eq!(lines.len(), 8);
    assert_eq!(body.line_to_row.len(), 8);
    assert_eq!(body.line_to_row.iter().filter(|row| row.is_none()).count(), 4);
    for (line, row) in lines.iter().zip(&body.line_to_row) {
        let token = |kind, text| tokeniser().token(kind, text).to_base64url();
        let expected = match row {
            None => continue,
            Some(1 | 4) => format!(
                "{},{},,,2024-06-08,1000",
                token(Kind::Email, "a@b.fr"),
                token(Kind::Mobile, "+33745840475")
            ),
            Some(2) => format!(",{},,,2024-06-09,2050", token(Kind::Mobile, "+33745840476")),
            Some(3) => format!("{},,,,2024-06-08,1000", token(Kind::Email, "a@b.fr")),
            Some(other) => panic!("row {other}"),
        };
        assert_eq!(**line, expected);
    }
}

#[test]
fn canaries_in_a_body_are_those_that_are_registered() {
    for kind in FileKind::ALL {
        let lenient = PrepareOptions { max_reject_permille: 1000, ..options(kind) };
        let text =
            "email,campaign,lead_date,sale_date,amount\na@b.fr,C24-ETE,2024-05-01,2024-05-01,1\n";
        let prepared = read_and_normalise("a", text.as_bytes(), &lenient);
        let body = prepared.unwrap_or_else(|error| panic!("{kind}: {error}")).body(&tokeniser());
        let text = String::from_utf8(body.csv).expect("ASCII");
        let mut registered: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (canary, _, token) in canary_tokens(&tokeniser(), &KINDS) {
            registered.entry(canary).or_default().push(token.to_base64url());
        }
        let attributes = match kind {
            FileKind::Leads => ",2000-01-01,C24-PRINTEMPS",
            FileKind::Sales => ",2000-01-01,0",
            _ => "",
        };
        let mut expected: Vec<String> =
            registered.into_values().map(|tokens| tokens.join(",") + attributes).collect();
        expected.sort();
        let canaries = text.lines().skip(1).zip(&body.line_to_row);
        let canaries: Vec<&str> =
            canaries.filter(|(_, row)| row.is_none()).map(|(line, _)| line).collect();
        assert_eq!(canaries, expected, "{kind}");
    }
}

#[test]
fn tokens_of_a_body_read_back() {
    let body = lenient(SALES).body(&tokeniser());
    let text = String::from_utf8(body.csv).expect("ASCII");
    let tokens =
        text.lines().skip(1).flat_map(|line| line.split(',').take(4)).filter(|t| !t.is_empty());
    let mut count = 0;
    for text in tokens {
        let token = Token::from_base64url(text).expect("a token");
        assert!(token.to_base64url() == text);
        count += 1;
    }
    assert_eq!(count, 4 * 4 + 6);
}

#[test]
fn the_order_of_the_file_does_not_show() {
    let mut lines: Vec<&str> = SALES.lines().collect();
    lines[1..].reverse();
    let reversed = lenient(&lines.join("\n")).body(&tokeniser());
    assert!(reversed.csv == lenient(SALES).body(&tokeniser()).csv);
}

/// A caller with threads makes rows and lines in parts: the result is that of one go, to the byte.
#[test]
fn parts_make_the_same_body_as_the_whole() {
    let text = std::fs::read(samples().join("dealer_01.csv")).expect("a sample");
    let options = options(FileKind::Sales);
    let whole = read_and_normalise("a", &text, &options).unwrap_or_else(|error| panic!("{error}"));
    let body = whole.body(&tokeniser());
    for size in [1, 7, 100, 100_000] {
        let opened = Opened::new(&text, &options).unwrap_or_else(|error| panic!("{error}"));
        let starts = (0..opened.len()).step_by(size);
        let parts: Vec<_> = starts.map(|start| opened.read(start..start + size)).collect();
        let prepared = opened.finish(parts).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(prepared.rejects, whole.rejects);
        assert_eq!(prepared.counts, whole.counts);
        assert_eq!(prepared.duplicates, whole.duplicates);
        let count = prepared.rows.len();
        let starts = (0..count).step_by(size.max(10));
        let ends = starts.map(|start| start..(start + size.max(10)).min(count));
        // In whatever order they come.
        let lines: Vec<_> = ends.rev().map(|range| prepared.lines(range, &tokeniser())).collect();
        let joined = prepared.join(&lines, &tokeniser());
        assert!(joined.csv == body.csv, "{size}");
        assert_eq!(joined.line_to_row, body.line_to_row, "{size}");
    }
}
