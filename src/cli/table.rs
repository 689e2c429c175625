//! Tables in plain text: a heading, a rule, aligned columns. No frames, no colours inside, so that
//! a table survives being mailed. Knows nothing of what it shows.

use super::output::Style;

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// A table that is being filled.
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Row>,
}

enum Row {
    Cells(Vec<String>),
    Rule,
}

impl Table {
    /// A table with these headings.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row::Cells(cells));
    }

    /// Adds a rule, before a total.
    pub fn rule(&mut self) {
        self.rows.push(Row::Rule);
    }

    /// The lines, indented by two blanks.
    #[must_use]
    pub fn lines(&self, style: Style) -> Vec<String> {
        let widths = self.widths();
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let rule = style.dim(&"─".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1)));
        let mut lines = vec![style.bold(&self.line(&heading, &widths)), rule.clone()];
        for row in &self.rows {
            lines.push(match row {
                Row::Cells(cells) => self.line(cells, &widths),
                Row::Rule => rule.clone(),
            });
        }
        lines.into_iter().map(|line| format!("  {}", line.trim_end())).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> =
            self.columns.iter().map(|(name, _)| name.chars().count()).collect();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (position, ((_, align), width)) in self.columns.iter().zip(widths).enumerate() {
            let cell = cells.get(position).map_or("", String::as_str);
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            if position > 0 {
                line.push_str("  ");
            }
            match align {
                Align::Left => line.extend([cell, &gap]),
                Align::Right => line.extend([&gap, cell]),
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_characters_not_bytes() {
        let mut table = Table::new(&[("campagne", Align::Left), ("n", Align::Right)]);
        table.row(vec!["ÉTÉ".into(), "7".into()]);
        table.rule();
        table.row(vec!["total".into(), "1 007".into()]);
        let lines = table.lines(Style::PLAIN);
        assert_eq!(lines[0], "  campagne      n");
        assert_eq!(lines[2], "  ÉTÉ           7");
        assert_eq!(lines[4], "  total     1 007");
        assert_eq!(lines[1].chars().count(), lines[4].chars().count());
    }
}
