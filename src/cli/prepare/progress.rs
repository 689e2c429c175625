//! What a person at a terminal sees while a file is prepared: how far it is, how many rows a second, how
//! long it will take. On standard error, and only there.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::words;

/// The bar while a file is read.
pub struct Reading(ProgressBar);

impl Reading {
    /// A bar that shows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(bar("  Reading {bar:24} {bytes} of {total_bytes}  {msg}  {eta} left"))
    }

    /// Begins a reading of so many bytes.
    pub fn begin(&self, bytes: u64) {
        self.0.reset();
        self.0.set_length(bytes);
    }

    /// So many bytes more are read.
    pub fn bytes(&self, more: u64) {
        self.0.inc(more);
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }

    /// So many rows are understood.
    pub fn rows(&self, rows: u64) {
        let rate = words::grouped(rate(rows, &self.0));
        self.0.set_message(format!("{} rows, {rate} rows/s", words::grouped(rows)));
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.end();
    }
}

/// The bar while the lines are put in order, written and sealed.
pub struct Writing(ProgressBar);

impl Writing {
    /// A bar of so many lines.
    #[must_use]
    pub fn begin(lines: u64) -> Self {
        let bar = bar("  Writing {bar:24} {human_pos} of {human_len} lines  {msg}  {eta} left");
        bar.set_length(lines);
        Self(bar)
    }

    /// So many lines are written.
    pub fn lines(&self, lines: u64) {
        self.0.set_position(lines);
        self.0.set_message(format!("{} lines/s", words::grouped(rate(lines, &self.0))));
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How many a second since the bar began.
fn rate(done: u64, bar: &ProgressBar) -> u64 {
    let millis = u64::try_from(bar.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    done.saturating_mul(1000) / millis
}

fn bar(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()).with_style(style)
}
