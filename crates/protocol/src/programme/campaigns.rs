//! A list of campaigns with what was spent on each, as people keep it: two columns, from a spreadsheet or by hand.

use super::Campaign;

/// What the list looks like, for whoever has to mend it.
pub const CAMPAIGNS_EXPECTED: &str = "campaign,cost_eur";

/// Reads lines of name and cost in euros, separated by tabs, semicolons or commas (the first of the three that the
/// first line has). The first line is a heading if its cost is no amount. Amounts have at most two decimals, after a
/// point, or after a comma where that does not separate; spaces between digits and a sign for euros are forgiven.
///
/// # Errors
/// The number of the first line that is none of this, from 1; 1 also for a list without any campaign.
pub fn read_campaigns(text: &str) -> Result<Vec<Campaign>, usize> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let separator = ['\t', ';', ','].into_iter().find(|one| first.contains(*one)).ok_or(1_usize)?;
    let mut campaigns = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let (name, cost) = line.split_once(separator).ok_or(at)?;
        match cents(unquoted(cost), separator != ',') {
            Some(cost_cents) => {
                campaigns.push(Campaign { name: unquoted(name).to_owned(), cost_cents })
            }
            None if at == 1 && is_heading(cost) => {}
            None => return Err(at),
        }
    }
    if campaigns.is_empty() { Err(1) } else { Ok(campaigns) }
}

/// Words, and no amount that was mistyped.
fn is_heading(cost: &str) -> bool {
    let cost = unquoted(cost);
    !cost.is_empty() && !cost.contains(|letter: char| letter.is_ascii_digit() || letter == '-')
}

fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell).trim()
}

/// `1234`, `1234.5`, `1 234.56 €` euros in cents; `1234,56` where a comma may be decimal.
#[must_use]
pub fn cents(text: &str, comma: bool) -> Option<u64> {
    let plain: String =
        text.trim_end_matches('€').chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = if comma { plain.replace(',', ".") } else { plain };
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_to_the_cent_or_not_at_all() {
        assert_eq!(cents("42000", false), Some(4_200_000));
        assert_eq!(cents("0.5", false), Some(50));
        assert_eq!(cents("1.05", true), Some(105));
        assert_eq!(cents("1\u{202f}234,56 €", true), Some(123_456));
        for wrong in ["", ".5", "1.055", "-1", "1,5", "1e3", "€", "1.2.3", "99999999999999999999"]
        {
            assert_eq!(cents(wrong, false), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_is_read_as_spreadsheets_write_it_or_the_line_is_named() {
        let one = |name: &str, cost_cents| Campaign { name: name.to_owned(), cost_cents };
        let both = vec![one("Salon d'été", 123_450), one("SMS", 0)];
        for good in [
            "campaign,cost_eur\nSalon d'été,1234.50\nSMS,0\n",
            "\u{feff}Campagne;Coût en euros\r\nSalon d'été;1 234,50 €\r\n\r\nSMS;0\r\n",
            "\"Salon d'été\"\t\"1234,5\"\nSMS\t0",
            "Salon d'été;1234,50\nSMS;0",
        ] {
            assert_eq!(read_campaigns(good), Ok(both.clone()), "{good}");
        }
        for (bad, line) in [
            ("", 1),
            ("campaign,cost_eur\n", 1),
            ("SMS", 1),
            ("SMS;-5", 1),
            ("SMS;12x", 1),
            ("campaign,cost_eur\nSMS,1234,50\n", 2),
            ("SMS;0\nSalon", 2),
            ("SMS;0\nSalon;viel\n", 2),
        ] {
            assert_eq!(read_campaigns(bad), Err(line), "{bad}");
        }
    }
}
