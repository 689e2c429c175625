//! Drawings as whole-number coordinates: rectangles, lines and words of an inline SVG. It decides nothing
//! and adds no figure; the template writes it down.

use tiers_protocol::report::Figure;

/// One drawing.
pub(in crate::web) struct Drawing {
    /// Prefix of the ids of its title and description; no other drawing of a page has it.
    pub(in crate::web) id: String,
    /// Its heading.
    pub(in crate::web) title: String,
    /// Every value in words, for those who do not see it.
    pub(in crate::web) desc: String,
    /// Size in its own units.
    pub(in crate::web) width: i64,
    pub(in crate::web) height: i64,
    pub(in crate::web) rects: Vec<Rect>,
    pub(in crate::web) lines: Vec<Line>,
    pub(in crate::web) words: Vec<Word>,
}

/// A filled rectangle.
pub(in crate::web) struct Rect {
    pub(in crate::web) class: &'static str,
    pub(in crate::web) x: i64,
    pub(in crate::web) y: i64,
    pub(in crate::web) width: i64,
    pub(in crate::web) height: i64,
}

/// A straight line.
pub(in crate::web) struct Line {
    pub(in crate::web) class: &'static str,
    pub(in crate::web) x1: i64,
    pub(in crate::web) y1: i64,
    pub(in crate::web) x2: i64,
    pub(in crate::web) y2: i64,
}

/// Words at a place.
pub(in crate::web) struct Word {
    pub(in crate::web) class: &'static str,
    pub(in crate::web) x: i64,
    pub(in crate::web) y: i64,
    /// `start`, `middle` or `end`.
    pub(in crate::web) anchor: &'static str,
    pub(in crate::web) text: String,
}

/// What one bar shows: a name, the figure and how it is read, or why there is none.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) figure: Option<Figure>,
    /// The value, as its reader writes it.
    pub(super) value: String,
    /// The interval; empty when hidden.
    pub(super) interval: String,
    /// Words beside the bar, such as its place.
    pub(super) aside: String,
}

/// The greatest value that has to be drawn.
pub(super) fn most(bars: &[Bar]) -> i64 {
    bars.iter().filter_map(|bar| bar.figure).map(|figure| figure.high).max().unwrap_or(0).max(1)
}

/// A length on a scale on which `most` is `full`.
pub(super) fn length(value: i64, most: i64, full: i64) -> i64 {
    let scaled = i128::from(value.clamp(0, most)) * i128::from(full) / i128::from(most.max(1));
    i64::try_from(scaled).unwrap_or(full)
}

/// A drawing without marks.
pub(in crate::web) const fn blank(
    id: String,
    title: String,
    desc: String,
    size: (i64, i64),
) -> Drawing {
    let (width, height) = size;
    Drawing {
        id,
        title,
        desc,
        width,
        height,
        rects: Vec::new(),
        lines: Vec::new(),
        words: Vec::new(),
    }
}

impl Drawing {
    pub(in crate::web) fn rect(&mut self, class: &'static str, at: (i64, i64), size: (i64, i64)) {
        let ((x, y), (width, height)) = (at, size);
        self.rects.push(Rect { class, x, y, width, height });
    }

    pub(in crate::web) fn line(&mut self, class: &'static str, from: (i64, i64), to: (i64, i64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.lines.push(Line { class, x1, y1, x2, y2 });
    }

    pub(in crate::web) fn word(
        &mut self,
        class: &'static str,
        at: (i64, i64),
        anchor: &'static str,
        text: String,
    ) {
        let (x, y) = at;
        self.words.push(Word { class, x, y, anchor, text });
    }

    /// An interval along a row.
    fn across(&mut self, low: i64, high: i64, y: i64) {
        self.line("error", (low, y), (high, y));
        self.line("error", (low, y - 4), (low, y + 4));
        self.line("error", (high, y - 4), (high, y + 4));
    }

    /// An interval along a column.
    fn upright(&mut self, x: i64, low: i64, high: i64) {
        self.line("error", (x, low), (x, high));
        self.line("error", (x - 4, low), (x + 4, low));
        self.line("error", (x - 4, high), (x + 4, high));
    }
}

/// Width of a drawing; two stand side by side on a wide page.
const WIDTH: i64 = 400;
/// Height of a row: its words, then its bar.
const ROW: i64 = 40;
/// Characters of a name that fit beside its value.
const NAME_CHARS: usize = 26;

/// One row under the other.
pub(super) fn rows(id: String, title: String, desc: String, bars: &[Bar]) -> Drawing {
    let height = ROW * i64::try_from(bars.len()).unwrap_or(0) + 4;
    let mut drawing = blank(id, title, desc, (WIDTH, height));
    let (most, left, full) = (most(bars), 2, WIDTH - 12);
    for (bar, row) in bars.iter().zip(0_i64..) {
        let top = ROW * row;
        let name = if bar.aside.is_empty() {
            shortened(&bar.name, NAME_CHARS)
        } else {
            format!("{} · {}", shortened(&bar.name, NAME_CHARS), bar.aside)
        };
        drawing.word("name", (left, top + 14), "start", name);
        let Some(figure) = bar.figure else {
            drawing.word("hidden", (WIDTH - 4, top + 14), "end", bar.value.clone());
            drawing.rect("unknown", (left, top + 20), (full, 12));
            continue;
        };
        let amount = format!("{} ({})", bar.value, bar.interval);
        drawing.word("amount", (WIDTH - 4, top + 14), "end", amount);
        drawing.rect("bar", (left, top + 20), (length(figure.value, most, full), 12));
        let [low, high] = [figure.low, figure.high].map(|end| left + length(end, most, full));
        drawing.across(low, high, top + 26);
    }
    drawing
}

/// One column beside the other, in the order of what they are of.
pub(super) fn columns(id: String, title: String, desc: String, bars: &[Bar]) -> Drawing {
    let (top, floor) = (24, 170);
    let mut drawing = blank(id, title, desc, (WIDTH, floor + 40));
    let number = i64::try_from(bars.len().max(1)).unwrap_or(1);
    let (step, most) = (WIDTH / number, most(bars));
    let y = |value: i64| floor - length(value, most, floor - top);
    for (bar, place) in bars.iter().zip(0_i64..) {
        let (x, middle) = (place * step, place * step + step / 2);
        drawing.word("tick", (middle, floor + 16), "middle", bar.name.clone());
        match bar.figure {
            // A column has no room for the words; the legend has them.
            None => drawing.rect("unknown", (x + 8, floor - 26), (step - 16, 26)),
            Some(figure) => {
                let height = floor - y(figure.value);
                drawing.rect("bar", (x + 8, floor - height), (step - 16, height));
                drawing.upright(middle, y(figure.low), y(figure.high));
                drawing.word("amount", (middle, y(figure.high) - 7), "middle", bar.value.clone());
                drawing.word("tiny", (middle, floor + 32), "middle", bar.interval.clone());
            }
        }
    }
    drawing.line("axis", (0, floor), (WIDTH, floor));
    drawing
}

/// A name that fits.
pub(super) fn shortened(name: &str, characters: usize) -> String {
    if name.chars().count() <= characters {
        return name.to_owned();
    }
    name.chars().take(characters - 1).chain(['…']).collect()
}
