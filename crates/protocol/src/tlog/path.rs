//! The names of the files of a ledger, and which of them a ledger of a given size must have.
//!
//! Not a file system path: the names are relative, use `/` and are the same over HTTP. Specified by
//! <https://c2sp.org/tlog-tiles> and `docs/formats/ledger-tiles.md`.

use std::fmt;
use std::str::FromStr;

/// The name of the file with the signed checkpoint.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// The name of the file with the last checkpoint that enough witnesses cosigned.
pub const WITNESSED_PATH: &str = "witnessed";

/// How many hashes or entries a full tile holds.
pub const TILE_WIDTH: u16 = 256;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Entries, each with its length.
    Entries,
    /// Hashes of subtrees of 256^level entries.
    Hashes {
        /// 0 for the hashes of the entries themselves, at most 7.
        level: u8,
    },
}

/// The name of one tile: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// The highest level of a tree with less than 2^64 entries.
    const LEVEL_MAX: u8 = 7;

    /// Names the tile of `kind` at position `index` with `width` elements, 1 to [`TILE_WIDTH`].
    ///
    /// # Errors
    /// [`TilePathError`] when no tree has such a tile.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TilePathError> {
        let level_fits = match kind {
            TileKind::Entries => true,
            TileKind::Hashes { level } => level <= Self::LEVEL_MAX,
        };
        if !level_fits || !(1..=TILE_WIDTH).contains(&width) || index > u64::MAX >> 8 {
            return Err(TilePathError);
        }
        Ok(Self { kind, index, width })
    }

    /// What the tile holds.
    #[must_use]
    pub const fn kind(self) -> TileKind {
        self.kind
    }

    /// The position of the tile among those of its kind.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many elements the tile holds, 1 to [`TILE_WIDTH`].
    #[must_use]
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether the tile is full, and so final.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The position, among elements of its kind, of the first element of the tile.
    #[must_use]
    pub const fn first_element(self) -> u64 {
        self.index << 8
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
        }
        let (mut rest, mut groups) = (self.index, Vec::new());
        while rest >= 1000 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        if groups.is_empty() {
            write!(f, "{rest:03}")?;
        } else {
            write!(f, "x{rest:03}/")?;
            for group in groups.iter().skip(1).rev() {
                write!(f, "x{group:03}/")?;
            }
            write!(f, "{:03}", groups[0])?;
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    /// Reads the one spelling that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let rest = text.strip_prefix("tile/").ok_or(TilePathError)?;
        let (kind, rest) = rest.split_once('/').ok_or(TilePathError)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes { level: level.parse().map_err(|_| TilePathError)? },
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| TilePathError)?),
            None => (rest, TILE_WIDTH),
        };
        let path = Self::new(kind, parse_index(number)?, width)?;
        if path.to_string() == text { Ok(path) } else { Err(TilePathError) }
    }
}

fn parse_index(number: &str) -> Result<u64, TilePathError> {
    number.split('/').try_fold(0_u64, |index, group| {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let value: u64 = digits.parse().map_err(|_| TilePathError)?;
        index.checked_mul(1000).and_then(|i| i.checked_add(value)).ok_or(TilePathError)
    })
}

/// The text is not the name of a tile, or no tree has a tile with these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a tile")]
pub struct TilePathError;

/// The tiles that a ledger of `size` entries must have, entries first, then hashes from the bottom
/// up. A party that fetches a ledger needs these files and the checkpoint, and nothing else.
pub fn required_tiles(size: u64) -> impl Iterator<Item = TilePath> {
    let levels = (0..=TilePath::LEVEL_MAX).map(|level| TileKind::Hashes { level });
    std::iter::once(TileKind::Entries)
        .chain(levels)
        .flat_map(move |kind| tiles_of(kind, elements(kind, size)))
}

/// How many elements of `kind` a ledger of `size` entries has.
pub(super) const fn elements(kind: TileKind, size: u64) -> u64 {
    match kind {
        TileKind::Entries => size,
        TileKind::Hashes { level } => size >> (8 * level),
    }
}

fn tiles_of(kind: TileKind, elements: u64) -> impl Iterator<Item = TilePath> {
    (0..elements.div_ceil(u64::from(TILE_WIDTH))).map(move |index| {
        let left = elements - (index << 8);
        let width = u16::try_from(left).map_or(TILE_WIDTH, |left| left.min(TILE_WIDTH));
        TilePath { kind, index, width }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use tlog_tiles::Tile;

    use super::*;

    #[test]
    fn names_are_those_of_the_specification() {
        let hashes = |level| TileKind::Hashes { level };
        for (kind, index, width, name) in [
            (hashes(0), 0, 256, "tile/0/000"),
            (hashes(0), 999, 1, "tile/0/999.p/1"),
            (hashes(4), 1_234_067, 1, "tile/4/x001/x234/067.p/1"),
            (hashes(7), 1_000, 255, "tile/7/x001/000.p/255"),
            (TileKind::Entries, 1_234_067, 256, "tile/entries/x001/x234/067"),
        ] {
            let path = TilePath::new(kind, index, width).unwrap();
            assert_eq!(path.to_string(), name);
            assert_eq!(name.parse(), Ok(path));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for name in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/+0/000",
            "tile/8/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/x000/001",
            "tile/0/x001/x000",
            "tile/0/001/000",
            "tile/0/x1/000",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/000.p/1/",
            "tile/0/../000",
            "tile/data/000",
            "tile/8/0/000",
            "checkpoint",
            "tile/0/000 ",
            "tile/0/xx001/000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/0/000.tmp",
        ] {
            assert_eq!(name.parse::<TilePath>(), Err(TilePathError), "{name}");
        }
    }

    #[test]
    fn required_tiles_are_those_that_a_new_log_publishes() {
        for size in (0..1_200).chain([65_535, 65_536, 65_537, 131_330]) {
            let mut expected: Vec<String> = Tile::new_tiles(8, 0, size)
                .iter()
                .map(|tile| tile.path().replacen("tile/8/", "tile/", 1))
                .collect();
            let bundles: Vec<String> = expected
                .iter()
                .filter_map(|p| p.strip_prefix("tile/0/").map(|n| format!("tile/entries/{n}")))
                .collect();
            expected.extend(bundles);
            expected.sort();
            let mut got: Vec<String> = required_tiles(size).map(|p| p.to_string()).collect();
            got.sort();
            assert_eq!(got, expected, "{size}");
        }
    }

    proptest! {
        #[test]
        fn any_tile_round_trips(level in 0_u8..=7, index in 0..u64::MAX >> 8, width in 1_u16..=256) {
            for kind in [TileKind::Entries, TileKind::Hashes { level }] {
                let path = TilePath::new(kind, index, width).unwrap();
                prop_assert_eq!(path.to_string().parse(), Ok(path));
            }
        }
    }
}
