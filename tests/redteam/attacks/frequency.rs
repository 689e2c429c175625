//! The frequency attack by the certifier on each kind of token (T35). It is played where tokens are made, on an invented
//! population (`crates/contact/tests/it/leakage.rs`), which writes what came of it into `docs/matching-quality.md` and fails
//! when that is not what comes of it today; here it is judged.

use crate::bench::catalogue::attack;

/// The column of the surest guess, of the table of a deposit.
const SUREST: usize = 11;

/// The probability that a cell writes: a share, or one in many.
fn share(cell: &str) -> f64 {
    let number = |text: &str| text.replace(',', "").parse::<f64>().unwrap();
    match (cell.strip_suffix(" %"), cell.strip_prefix("1 in ")) {
        (Some(percent), _) => number(percent) / 100.0,
        (None, Some(many)) => 1.0 / number(many),
        _ => panic!("no share: {cell}"),
    }
}

#[test]
fn t35_no_kind_of_token_is_named_by_how_often_it_stands() {
    let page = include_str!("../../../docs/matching-quality.md");
    let (_, table) = page.split_once("| kind | tokens a row | known of |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| "));
    let (mut kinds, mut surest, mut control) = (0, 0.0_f64, 0.0);
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let guess = share(cells[SUREST]);
        if cells[0].starts_with('`') {
            kinds += 1;
            surest = surest.max(guess);
        } else if cells[0] == "*first name alone*" {
            control = guess;
        }
    }
    assert_eq!(kinds, 11, "every kind that a person has");
    attack("T35").judge(control, 1, |_| surest);
}
