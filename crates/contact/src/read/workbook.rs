//! Workbooks: XLSX, XLS, XLSB, ODS.
//!
//! Formats and formulas are the library's concern; this file chooses the sheet and turns cells into
//! ours. Specified in `docs/formats/reading-files.md`, "Workbooks".

use std::{
    io::Cursor,
    panic::{self, AssertUnwindSafe},
};

use calamine::{
    Data, Ods, OdsError, Range, Reader, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError, open_workbook_from_rs,
};
use jiff::civil::Date;

use super::{Cell, Cells, Table, headings};
use crate::{error::PrepareError, prepare::PrepareOptions};

/// The cells of one sheet, from its first used row and column.
pub(super) struct Sheet(Range<Data>);

impl Sheet {
    pub(super) fn len(&self) -> usize {
        self.0.height()
    }

    pub(super) fn width(&self) -> usize {
        self.0.width()
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.0.get((row, column)) {
            None | Some(Data::Empty | Data::Error(_) | Data::Bool(_)) => Cell::Empty,
            Some(Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text)) => {
                Cell::Text(text)
            }
            #[allow(clippy::cast_precision_loss, reason = "no cell of ours needs more than 2^53")]
            Some(Data::Int(number)) => Cell::Number(*number as f64),
            Some(Data::Float(number)) => Cell::Number(*number),
            Some(Data::DateTime(moment)) => {
                let (year, month, day, ..) = moment.to_ymd_hms_milli();
                let date = i16::try_from(year)
                    .ok()
                    .zip(i8::try_from(month).ok().zip(i8::try_from(day).ok()))
                    .and_then(|(year, (month, day))| Date::new(year, month, day).ok());
                date.map_or(Cell::Empty, Cell::Day)
            }
        }
    }
}

/// Reads a workbook. A damaged one makes the library panic in places: that is a refusal like another.
pub(super) fn read(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    // Nothing outlives the call but its result, so that no half-changed state can be seen after.
    panic::catch_unwind(AssertUnwindSafe(|| read_sheets(bytes, options)))
        .unwrap_or(Err(PrepareError::Workbook))
}

fn read_sheets(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    let (mut workbook, container) = open(bytes)?;
    let visible =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let mut names: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
    if let Some(wanted) = &options.sheet {
        names.retain(|name| name == wanted);
        if names.is_empty() {
            return Err(PrepareError::SheetUnknown);
        }
    }
    // The sheet that is best understood; of equals the first.
    let mut best: Option<(usize, Table)> = None;
    for name in names {
        let range = workbook.worksheet_range(&name).map_err(|_| PrepareError::Workbook)?;
        if range.is_empty() {
            continue;
        }
        let cells = Cells::Sheet(Sheet(range));
        let table = Table { encoding: container, separator: None, sheet: Some(name), cells };
        let score = headings::best_score(&table, options);
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, table));
        }
    }
    best.map(|(_, table)| table).ok_or(PrepareError::Empty)
}

type Bytes<'a> = Cursor<&'a [u8]>;

fn open(bytes: &[u8]) -> Result<(Sheets<Bytes<'_>>, &'static str), PrepareError> {
    let input = Cursor::new(bytes);
    if bytes.starts_with(b"PK") {
        // The three kinds of ZIP are told apart by what opens.
        return match open_workbook_from_rs::<Xlsx<_>, _>(input.clone()) {
            Ok(workbook) => Ok((Sheets::Xlsx(workbook), "xlsx")),
            Err(XlsxError::Password) => Err(PrepareError::Password),
            Err(_) => match open_workbook_from_rs::<Ods<_>, _>(input.clone()) {
                Ok(workbook) => Ok((Sheets::Ods(workbook), "ods")),
                Err(OdsError::Password) => Err(PrepareError::Password),
                Err(_) => match open_workbook_from_rs::<Xlsb<_>, _>(input) {
                    Ok(workbook) => Ok((Sheets::Xlsb(workbook), "xlsb")),
                    Err(XlsbError::Password) => Err(PrepareError::Password),
                    Err(_) => Err(PrepareError::Workbook),
                },
            },
        };
    }
    match open_workbook_from_rs::<Xls<_>, _>(input.clone()) {
        Ok(workbook) => Ok((Sheets::Xls(workbook), "xls")),
        Err(XlsError::Password) => Err(PrepareError::Password),
        // An encrypted XLSX is a compound file too.
        Err(_) => match open_workbook_from_rs::<Xlsx<_>, _>(input) {
            Err(XlsxError::Password) => Err(PrepareError::Password),
            _ => Err(PrepareError::Workbook),
        },
    }
}
