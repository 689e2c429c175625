//! A party's file as cells, a part at a time: a text in bounded memory, however long it is; a workbook whole.
//! What a cell means is the caller's.

use std::path::Path;

use tiers_contact::{
    Block, CellColumn, CellStream, Cells, PrepareOptions, Utf8Evidence, is_workbook,
};

use super::error::CliError;
use super::source::Source;

/// Bytes of a part of a text: some thousands of rows.
const BLOCK_BYTES: usize = 1 << 20;

/// A file that is understood.
pub struct CellFile {
    source: Source,
    form: Form,
}

enum Form {
    Text(CellStream),
    Workbook(Cells),
}

impl CellFile {
    /// Opens a file and understands its headings. A text whose encoding its beginning does not tell is gone
    /// through once.
    ///
    /// # Errors
    /// [`CliError::Read`], [`CliError::Prepare`].
    pub fn open(path: &Path, options: &PrepareOptions) -> Result<Self, CliError> {
        let mut source = Source::open(path)?;
        let refused = |cause| CliError::Prepare { path: path.to_owned(), cause };
        if is_workbook(source.head()) {
            let cells = Cells::read(&source.whole()?, options).map_err(refused)?;
            return Ok(Self { source, form: Form::Workbook(cells) });
        }
        let begin = |source: &Source, utf8| {
            CellStream::begin(source.head(), source.is_whole(), options, utf8).map_err(refused)
        };
        let mut stream = begin(&source, None)?;
        if !stream.is_sure() {
            let mut spoken = Utf8Evidence::default();
            blocks(&mut source, &stream, &mut |block| {
                spoken.add(block.utf8());
                Ok(())
            })?;
            if let Some(utf8) = stream.settles(spoken) {
                stream = begin(&source, Some(utf8))?;
            }
        }
        Ok(Self { source, form: Form::Text(stream) })
    }

    /// The columns, from left to right.
    pub fn columns(&self) -> &[CellColumn] {
        match &self.form {
            Form::Text(stream) => stream.columns(),
            Form::Workbook(cells) => cells.columns(),
        }
    }

    /// Hands out all rows under the headings in order, some at a time, each time with the number of those
    /// before. It may be asked more than once.
    ///
    /// # Errors
    /// [`CliError::Read`], [`CliError::Prepare`], and those of `take`.
    pub fn each(
        &mut self,
        mut take: impl FnMut(&Cells, usize) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Self { source, form } = self;
        let stream = match form {
            Form::Workbook(cells) => return take(cells, 0),
            Form::Text(stream) => stream,
        };
        let (path, mut before) = (source.path().to_owned(), 0);
        blocks(source, stream, &mut |block| {
            let cells = stream.read(block, before);
            let cells = cells.map_err(|cause| CliError::Prepare { path: path.clone(), cause })?;
            take(&cells, before)?;
            before += cells.len();
            Ok(())
        })
    }
}

/// Reads and cuts a text until it ends or something fails.
fn blocks(
    source: &mut Source,
    stream: &CellStream,
    take: &mut dyn FnMut(Block) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut cutter = stream.cutter(BLOCK_BYTES);
    let mut taken = Ok(());
    source.each(|piece| {
        taken = cutter.push(piece).into_iter().try_for_each(&mut *take);
        taken.is_ok()
    })?;
    taken?;
    cutter.finish().map_or(Ok(()), take)
}

#[cfg(test)]
mod tests {
    use super::*;

    use tiers_contact::{FileKind, Kind};

    fn options() -> PrepareOptions {
        PrepareOptions::new(FileKind::Customers, vec![Kind::Email])
    }

    fn rows(path: &Path) -> Result<Vec<String>, CliError> {
        let mut file = CellFile::open(path, &options())?;
        let mut rows = Vec::new();
        for _ in 0..2 {
            rows.clear();
            file.each(|cells, before| {
                assert_eq!(before, rows.len());
                rows.extend((0..cells.len()).map(|row| cells.text(row, 1).to_string()));
                Ok(())
            })?;
        }
        Ok(rows)
    }

    #[test]
    fn a_long_text_comes_in_parts_and_is_read_in_the_encoding_that_its_end_tells() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("long.csv");
        // What stands at the beginning could be either; the first accent comes after megabytes.
        let mut text = b"email;nom\n".to_vec();
        let mut names: Vec<String> = (0..200_000).map(|n| format!("Martin{n}")).collect();
        names.push("Léa".to_owned());
        for name in &names {
            text.extend_from_slice(b"a@example.org;");
            text.extend(name.chars().map(|letter| u8::try_from(letter).expect("Latin-1")));
            text.push(b'\n');
        }
        std::fs::write(&path, &text).expect("room");
        assert!(rows(&path).expect("a table") == names);
        // A quote that nobody closed is told with its place in the file.
        let record = names.len() + 2;
        text.extend_from_slice(b"a@example.org;\"open\nb@example.org;\n");
        std::fs::write(&path, &text).expect("room");
        let Err(CliError::Prepare { cause, .. }) = rows(&path) else { panic!("it is refused") };
        assert_eq!(cause, tiers_contact::PrepareError::QuoteUnclosed { record });
    }
}
