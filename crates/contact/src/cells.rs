//! The cells of a party's file as they are written, under headings that are understood: for an exchange,
//! where agreed fields leave as the party has them. What becomes of a cell is not known here; what tokens
//! are made from is [`crate::normalise`]. Specified in `docs/formats/reading-files.md`.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::{
    error::PrepareError,
    field::Field,
    prepare::{PrepareOptions, check_options, narrow},
    read::{
        self, Block, Cutter, Table,
        encoding::{Choice, UTF8, Utf8Evidence},
        headings,
    },
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
    columns: Arc<[CellColumn]>,
}

/// The columns of a table or of a file's beginning, and the first row under the headings.
fn understood(
    table: &Table,
    options: &PrepareOptions,
) -> Result<(Arc<[CellColumn]>, usize), PrepareError> {
    let layout = headings::layout(table, options)?;
    let columns = layout.headings.into_iter().zip(layout.fields);
    let columns = columns.map(|(heading, field)| CellColumn { heading, field }).collect();
    Ok((columns, layout.row + 1))
}

impl Cells {
    /// Reads a file and understands its headings.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn read(bytes: &[u8], options: &PrepareOptions) -> Result<Self, PrepareError> {
        check_options(options)?;
        let (table, head) = read::table(bytes, options)?;
        let (columns, first) = understood(head.as_ref().unwrap_or(&table), options)?;
        narrow(table.widest())?;
        Ok(Self { table, first, columns })
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

/// A long text as cells, block by block, in bounded memory. The caller brings bytes: this file knows no files.
pub struct CellStream {
    choice: Choice,
    separator: char,
    /// Bytes up to the end of the headings, and the first row under them.
    headings: usize,
    first: usize,
    columns: Arc<[CellColumn]>,
}

impl CellStream {
    /// Understands a text by its beginning: its first [`crate::HEAD_BYTES`], or all of it (`whole`). `utf8` says
    /// whether the file is UTF-8, where its whole has shown that ([`CellStream::settles`]).
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn begin(
        head: &[u8],
        whole: bool,
        options: &PrepareOptions,
        utf8: Option<bool>,
    ) -> Result<Self, PrepareError> {
        check_options(options)?;
        let (start, (columns, first)) =
            read::understood(head, whole, options, utf8, |table| understood(table, options))?;
        let headings = start.table.bytes_to(first - 1);
        let choice = Choice { sure: start.choice.sure || whole || utf8.is_some(), ..start.choice };
        Ok(Self { choice, separator: start.separator, headings, first, columns })
    }

    /// The columns, from left to right.
    #[must_use]
    pub fn columns(&self) -> &[CellColumn] {
        &self.columns
    }

    /// What cuts the file, from its first byte, into blocks of about `block_bytes`.
    #[must_use]
    pub fn cutter(&self, block_bytes: usize) -> Cutter {
        let separator = u8::try_from(self.separator).unwrap_or(b';');
        Cutter::new(self.choice.codes, separator, self.headings, block_bytes)
    }

    /// Whether the beginning is enough to tell the encoding. Otherwise the file is gone through once, and what
    /// all its blocks say ([`Block::utf8`]) is held against the beginning ([`CellStream::settles`]).
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.choice.sure
    }

    /// Whether the file is UTF-8, where that is not what its beginning told: it is to be begun again.
    #[must_use]
    pub fn settles(&self, spoken: Utf8Evidence) -> Option<bool> {
        let utf8 = spoken.speaks_for_it();
        (!self.choice.sure && utf8 != (self.choice.codes == UTF8)).then_some(utf8)
    }

    /// The cells of a block; the headings and what stands above them are left out. `before` is how many rows
    /// the blocks before it gave.
    ///
    /// # Errors
    /// A [`PrepareError`] that concerns the file as a whole.
    pub fn read(&self, block: Block, before: usize) -> Result<Cells, PrepareError> {
        let begins = block.place() == 0;
        let records = if begins { 0 } else { self.first + before };
        let (table, _) = read::block(block, self.choice.codes, self.separator, false)
            .map_err(|error| error.further_down(records))?;
        narrow(table.widest())?;
        let first = if begins { self.first.min(table.len()) } else { 0 };
        Ok(Cells { table, first, columns: Arc::clone(&self.columns) })
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

    /// Every row of a text of which the beginning is as long as said, read in blocks of a few bytes.
    fn streamed(file: &[u8], head: usize) -> Result<Vec<Vec<String>>, PrepareError> {
        let head = &file[..head.min(file.len())];
        let whole = head.len() == file.len();
        let blocks = |stream: &CellStream| {
            let mut cutter = stream.cutter(7);
            let mut blocks = Vec::new();
            file.chunks(3).for_each(|piece| blocks.extend(cutter.push(piece)));
            blocks.extend(cutter.finish());
            blocks
        };
        let mut stream = CellStream::begin(head, whole, &options(), None)?;
        let mut spoken = Utf8Evidence::default();
        blocks(&stream).iter().for_each(|block| spoken.add(block.utf8()));
        if let Some(utf8) = stream.settles(spoken) {
            stream = CellStream::begin(head, whole, &options(), Some(utf8))?;
        }
        assert!(stream.is_sure() || stream.settles(spoken).is_none());
        let mut rows = Vec::new();
        for block in blocks(&stream) {
            let cells = stream.read(block, rows.len())?;
            rows.extend(all(&cells));
        }
        Ok(rows)
    }

    fn all(cells: &Cells) -> Vec<Vec<String>> {
        let row =
            |row| (0..cells.columns().len()).map(|c| cells.text(row, c).to_string()).collect();
        (0..cells.len()).map(row).collect()
    }

    #[test]
    fn a_text_in_blocks_is_the_text_in_one() {
        let windows =
            b"Nom;E-mail\nMartin;a@x.fr\n\nPetit;b@x.fr\nL\xe9a;c@x.fr\n\"Du\nrand\";d@x.fr";
        let texts: [&[u8]; 4] = [
            windows,
            "Clients 2026\nE-mail;Nom\n\"a@x.fr\";Léa\nb@x.fr;Noël\n".as_bytes(),
            "\u{feff}E-mail;Nom\r\na@x.fr;Léa\r\n".as_bytes(),
            b"E-mail;Nom\n",
        ];
        for text in texts {
            let whole = Cells::read(text, &options()).expect("a table");
            for head in [text.len().min(28), text.len()] {
                assert_eq!(streamed(text, head).expect("a table"), all(&whole), "{head}");
            }
        }
        assert!(matches!(streamed(b"<html><body>", 99), Err(PrepareError::Markup)));
        let open = "E-mail;Nom\na@x.fr;\"Léa\nb@x.fr;Noël\n".as_bytes();
        assert!(matches!(streamed(open, 99), Err(PrepareError::QuoteUnclosed { .. })));
    }
}
