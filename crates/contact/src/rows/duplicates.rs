//! Rows that repeat one another: counted, and kept. Specified in `docs/formats/reading-files.md`, "Rows".

use crate::prepare::NormalisedRow;

/// An odd number without pattern (the golden ratio's).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Rows that equal an earlier one in every identifier and attribute. Counted over 64-bit digests: a
/// chance collision would miscount by one, and nothing depends on it.
pub(crate) fn duplicates(rows: &[NormalisedRow]) -> u64 {
    // Digests are mixed already: folding a part of each is enough.
    let digest = |row: &NormalisedRow| {
        let mut sum = 0_u64;
        let mut fold = |part: u64| sum = (sum.rotate_left(7) ^ part).wrapping_mul(MIX);
        for digest in &row.digests {
            let start = digest.as_ref().and_then(|digest| digest.as_bytes().first_chunk());
            fold(start.map_or(1, |start| u64::from_le_bytes(*start)));
        }
        let near = row.near.iter().filter_map(|(_, digest)| digest.as_bytes().first_chunk());
        near.for_each(|start| fold(u64::from_le_bytes(*start)));
        let days =
            row.date.map_or(0, |date| 400 * i64::from(date.year()) + i64::from(date.day_of_year()));
        fold(days.unsigned_abs());
        fold(row.amount_cents.map_or(1, |cents| cents << 1));
        for place in [row.campaign, row.model, row.area] {
            fold(place.map_or(1, |place| u64::try_from(place).unwrap_or(u64::MAX) << 1));
        }
        sum
    };
    let mut digests: Vec<u64> = rows.iter().map(digest).collect();
    digests.sort_unstable();
    let repeats = digests.windows(2).filter(|pair| pair[0] == pair[1]).count();
    u64::try_from(repeats).unwrap_or(u64::MAX)
}
