//! The cells of a party's file as they are written, under headings that are understood: for an exchange,
//! where agreed fields leave as the party has them. What becomes of a cell is not known here; what tokens
//! are made from is [`crate::normalise`]. Specified in `docs/formats/reading-files.md`.

use zeroize::Zeroizing;

use crate::{
    error::PrepareError,
    field::Field,
    prepare::{PrepareOptions, check_options, narrow},
    read::{self, Table, headings},
};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellColumn {
    /// Heading as the file writes it.
    pub heading: String,
    /// What it means, if it is recognised.
    pub field: Option<Field>,
}

/// A file as cells.
pub struct Cells {
    table: Table,
    first: usize,
    columns: Vec<CellColumn>,
}

impl Cells {
    /// Reads a file and understands its headings.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn read(bytes: &[u8], options: &PrepareOptions) -> Result<Self, PrepareError> {
        check_options(options)?;
        let (table, head) = read::table(bytes, options)?;
        let layout = headings::layout(head.as_ref().unwrap_or(&table), options)?;
        narrow(table.widest())?;
        let columns = layout.headings.into_iter().zip(layout.fields);
        let columns = columns.map(|(heading, field)| CellColumn { heading, field }).collect();
        Ok(Self { table, first: layout.row + 1, columns })
    }

    /// The columns, from left to right.
    #[must_use]
    pub fn columns(&self) -> &[CellColumn] {
        &self.columns
    }

    /// Rows under the headings, blank ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len() - self.first
    }

    /// Whether nothing stands under the headings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One cell as somebody would have typed it, without blanks around; empty beyond the row's end.
    #[must_use]
    pub fn text(&self, row: usize, column: usize) -> Zeroizing<String> {
        Zeroizing::new(self.table.cell(self.first + row, column).text().trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::FileKind;

    fn options() -> PrepareOptions {
        PrepareOptions::new(FileKind::Customers, vec![crate::Kind::Email])
    }

    #[test]
    fn cells_come_as_they_are_written_under_headings_that_are_understood() {
        let file =
            "Fichier clients\nNom;E-mail;Religion\n Martin ;a@x.fr;\nPetit;;oui\n".as_bytes();
        let cells = Cells::read(file, &options()).expect("a table");
        let headings: Vec<_> =
            cells.columns().iter().map(|c| (c.heading.as_str(), c.field)).collect();
        let expected =
            [("Nom", Some(Field::LastName)), ("E-mail", Some(Field::Email)), ("Religion", None)];
        assert_eq!(headings, expected);
        assert_eq!(cells.len(), 2);
        let row = |row| (0..4).map(|c| cells.text(row, c).to_string()).collect::<Vec<_>>();
        assert_eq!(row(0), ["Martin", "a@x.fr", "", ""]);
        assert_eq!(row(1), ["Petit", "", "oui", ""]);
    }
}
