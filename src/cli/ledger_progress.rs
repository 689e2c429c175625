//! What a person at a terminal sees while a ledger is checked: how many entries, how many a second, how long
//! it will take. On standard error, and only there. It checks nothing itself.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tiers_protocol::tlog::{CHECKPOINT_PATH, SourceError, TileKind, TilePath, TileSource};

/// Files of a ledger that are counted as they are read.
pub struct Watched<'a> {
    tiles: &'a dyn TileSource,
    bar: ProgressBar,
}

impl<'a> Watched<'a> {
    /// A bar over the entries that the checkpoint says there are.
    #[must_use]
    pub fn over(tiles: &'a dyn TileSource) -> Self {
        // Not verified yet, and for the bar alone.
        let signed = tiles.read(CHECKPOINT_PATH).unwrap_or_default();
        let text = String::from_utf8_lossy(&signed);
        let size = text.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0);
        let template =
            "  Checking {bar:24} {human_pos} of {human_len} entries  {per_sec}  {eta} left";
        let style = ProgressStyle::with_template(template).expect("the template is valid");
        let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
        Self { tiles, bar: bar.with_style(style) }
    }
}

impl TileSource for Watched<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        let bytes = self.tiles.read(path)?;
        let tile = path.parse::<TilePath>().ok().filter(|tile| tile.kind() == TileKind::Entries);
        if let Some(tile) = tile {
            let until = tile.first_element().saturating_add(u64::from(tile.width()));
            // Older partial bundles are read as well, and are no progress.
            self.bar.set_position(until.max(self.bar.position()));
        }
        Ok(bytes)
    }

    fn list(&self) -> Result<Option<Vec<String>>, SourceError> {
        self.tiles.list()
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
