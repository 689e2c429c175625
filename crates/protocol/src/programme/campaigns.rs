//! A list of campaigns with what was spent on each, as people keep it: two columns, from a spreadsheet or by hand.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::Campaign;

/// What a line looks like, for whoever has to mend it.
pub const CAMPAIGNS_EXPECTED: &str =
    "a campaign and its cost in euros (12 or 12.50), separated by a comma, a semicolon or a tab";

/// How the heading of the column of costs begins, in small letters.
const HEADINGS: [&str; 10] =
    ["cost", "coût", "cout", "montant", "amount", "budget", "dépense", "depense", "spend", "spent"];

/// Reads lines of name and cost in euros, separated by tabs, semicolons or commas (the first of the three that the
/// first line has), in UTF-8, in UTF-16 with its mark, or else in windows-1252, as spreadsheets save them. The first
/// line may be a heading, if it says what the second column is.
///
/// # Errors
/// The number of the first line that is none of this, from 1; 1 also for a list without any campaign.
pub fn read_campaigns(bytes: &[u8]) -> Result<Vec<Campaign>, usize> {
    let text = text(bytes);
    let first = text.lines().next().unwrap_or_default();
    let separator = [b'\t', b';', b','].into_iter().find(|one| first.as_bytes().contains(one));
    let separator = separator.ok_or(1_usize)?;
    let mut campaigns = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        let row = cells(line, separator).ok_or(at)?;
        let cells: Vec<&str> = row.iter().map(str::trim).collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let [name, cost, rest @ ..] = cells.as_slice() else { return Err(at) };
        if rest.iter().any(|cell| !cell.is_empty()) {
            return Err(at);
        }
        match cents(cost) {
            Some(cost_cents) => campaigns.push(Campaign { name: (*name).to_owned(), cost_cents }),
            None if at == 1 && is_heading(cost) => {}
            None => return Err(at),
        }
    }
    if campaigns.is_empty() { Err(1) } else { Ok(campaigns) }
}

/// The cells of a line; quotation marks around one may hold the separator.
fn cells(line: &str, separator: u8) -> Option<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .from_reader(line.as_bytes());
    reader.records().next().map_or_else(|| Some(csv::StringRecord::new()), Result::ok)
}

fn text(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn is_heading(cost: &str) -> bool {
    let cost = cost.to_lowercase();
    HEADINGS.iter().any(|word| cost.starts_with(word))
}

/// An amount of euros in cents: `1234`, `1234.5`, `1234,56`, `1 234,56 €`. Thousands may stand apart, by spaces and in
/// groups of three; two signs between digits, or more than two decimals, are no amount.
#[must_use]
pub fn cents(text: &str) -> Option<u64> {
    let plain = text.trim().trim_end_matches('€').trim_end();
    let (whole, part) = plain.split_once(['.', ',']).unwrap_or((plain, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = whole.split([' ', '\u{a0}', '\u{202f}']).collect();
    let (first, rest) = groups.split_first()?;
    let grouped = rest.is_empty() || first.len() <= 3 && rest.iter().all(|group| group.len() == 3);
    if !grouped || !groups.iter().all(|group| digits(group)) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    groups.concat().parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_to_the_cent_or_not_at_all() {
        for (text, amount) in [
            ("42000", 4_200_000),
            ("0.5", 50),
            ("1.05", 105),
            ("1,5", 150),
            (" 1\u{202f}234,56 € ", 123_456),
            ("12 345 678", 1_234_567_800),
        ] {
            assert_eq!(cents(text), Some(amount), "{text}");
        }
        for wrong in [
            "",
            ".5",
            "5.",
            "1.055",
            "-1",
            "1e3",
            "€",
            "1.2.3",
            "1.234,56",
            "1,234",
            "12 50",
            "1000 000",
            "1\t000",
            "99999999999999999999",
        ] {
            assert_eq!(cents(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_is_read_as_spreadsheets_write_it_or_the_line_is_named() {
        let one = |name: &str, cost_cents| Campaign { name: name.to_owned(), cost_cents };
        let both = vec![one("Salon d'été", 123_450), one("SMS", 0)];
        let utf16 = |text: &str| {
            let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        for good in [
            "campaign,cost_eur\nSalon d'été,1234.50\nSMS,0\n".as_bytes().to_vec(),
            "\u{feff}Campagne;Coût 2025\r\nSalon d'été;1 234,50 €\r\n\r\nSMS;0;\r\n;;\r\n".into(),
            "Salon d'été,\"1234,50\"\nSMS,0".into(),
            b"Campagne;Co\xfbt\nSalon d'\xe9t\xe9;1234,5 \x80\nSMS;0\n".to_vec(),
            utf16("Campagne\tMontant\nSalon d'été\t1234,50\nSMS\t0\n"),
        ] {
            assert_eq!(read_campaigns(&good), Ok(both.clone()), "{good:?}");
        }
        for (bad, line) in [
            ("", 1),
            ("campaign,cost_eur\n", 1),
            ("SMS", 1),
            ("SMS;-5", 1),
            ("SMS;12x", 1),
            ("Salon;inconnu\nSMS;0", 1),
            ("Salon\t1000\t2025", 1),
            ("campaign,cost_eur\nSMS,1234,50\n", 2),
            ("SMS;0\nSalon", 2),
            ("SMS;0\n\nSalon;viel\n", 3),
        ] {
            assert_eq!(read_campaigns(bad.as_bytes()), Err(line), "{bad}");
        }
    }
}
