//! A plot in plain text: one bar for each released figure, with the interval drawn over its end.

use super::super::output::Style;

/// One bar.
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// The figure.
    pub value: i64,
    /// Lower bound of its interval.
    pub low: i64,
    /// Upper bound of its interval.
    pub high: i64,
}

const WIDTH: i64 = 48;

/// The lines of a plot; the longest interval reaches the right edge.
#[must_use]
pub fn lines(bars: &[Bar], style: Style) -> Vec<String> {
    let top = bars.iter().map(|bar| bar.high).max().unwrap_or(0).max(1);
    let labels = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0);
    bars.iter()
        .map(|bar| {
            let gap = " ".repeat(labels - bar.label.chars().count());
            let (solid, whisker) = drawn(bar, top);
            let fill = usize::try_from(WIDTH + 1).unwrap_or(0)
                - solid.chars().count()
                - whisker.chars().count();
            format!(
                "  {}{gap}  {}{whisker}{}  {:>4} [{}, {}]",
                bar.label,
                style.bar(&solid),
                " ".repeat(fill),
                bar.value,
                bar.low,
                bar.high,
            )
        })
        .collect()
}

/// The bar up to its lower bound, then `├──┼──┤` from bound to bound.
fn drawn(bar: &Bar, top: i64) -> (String, String) {
    let column = |value: i64| value.clamp(0, top) * WIDTH / top;
    let (low, value, high) = (column(bar.low), column(bar.value), column(bar.high));
    let solid = (0..low).map(|_| '█').collect();
    let whisker = (low..=high)
        .map(|at| match at {
            at if at == value => '┼',
            at if at == low => '├',
            at if at == high => '┤',
            _ => '─',
        })
        .collect();
    (solid, whisker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_end_at_their_bounds() {
        let bar = |value, low, high| Bar { label: "x".into(), value, low, high };
        let lines = lines(&[bar(24, 12, 48), bar(0, 0, 0), bar(-3, 0, 6)], Style::PLAIN);
        assert_eq!(
            lines[0],
            format!(
                "  x  {}├{}┼{}┤    24 [12, 48]",
                "█".repeat(12),
                "─".repeat(11),
                "─".repeat(23)
            )
        );
        assert_eq!(lines[1], format!("  x  ┼{}     0 [0, 0]", " ".repeat(48)));
        assert_eq!(lines[2], format!("  x  ┼{}┤{}    -3 [0, 6]", "─".repeat(5), " ".repeat(42)));
    }
}
