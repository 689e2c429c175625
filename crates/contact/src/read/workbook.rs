//! Workbooks: XLSX, XLS, XLSB, ODS.
//!
//! Formats and formulas are the library's concern; this file chooses the sheet and turns cells into
//! ours. Specified in `docs/formats/reading-files.md`, "Workbooks".

use std::{
    io::Cursor,
    panic::{self, AssertUnwindSafe},
};

use calamine::{
    Data, Ods, OdsError, Reader, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError, open_workbook_from_rs,
};
use jiff::civil::Date;

use super::{
    COLUMNS_MAX, Cell, Cells, Chosen, Table, archive, compound, headings,
    limits::{CELLS_MAX, RECTANGLE_MAX, SHEETS_MAX, cap},
};
use crate::{error::PrepareError, prepare::PrepareOptions};

/// The filled cells of one sheet, row by row. Memory follows the cells that are there, not the rectangle
/// around them: one stray cell in the last corner of a sheet must not ask for billions.
pub(crate) struct Sheet {
    rows: Vec<Vec<Data>>,
}

/// Rows of a worksheet (the limit of XLSX).
const ROWS_MAX: usize = 1 << 20;

impl Sheet {
    const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    fn put(&mut self, (row, column): (u32, u32), value: Data) -> Result<(), PrepareError> {
        let is_blank = match &value {
            Data::Empty | Data::Error(_) | Data::Bool(_) => true,
            Data::String(text) => text.chars().all(char::is_whitespace),
            _ => false,
        };
        if is_blank {
            return Ok(());
        }
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if row >= ROWS_MAX {
            return Err(PrepareError::Workbook);
        }
        if column >= COLUMNS_MAX {
            let found = column.saturating_add(1);
            return Err(PrepareError::TooManyColumns { found, limit: COLUMNS_MAX });
        }
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let cells = &mut self.rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Data::Empty);
        }
        cells[column] = value;
        Ok(())
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn width(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, Vec::len)
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.rows.get(row).and_then(|cells| cells.get(column)) {
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

/// Reads the cells of one sheet; `read` counts the cells of all sheets.
fn sheet(
    workbook: &mut Sheets<Bytes<'_>>,
    name: &str,
    read: &mut u64,
) -> Result<Sheet, PrepareError> {
    let mut sheet = Sheet::new();
    let mut put = |position: (u32, u32), value: Data| {
        // Long texts weigh as several cells: one text may stand in many.
        let text = if let Data::String(text) = &value { text.len() / 64 } else { 0 };
        *read = read.saturating_add(1).saturating_add(u64::try_from(text).unwrap_or(u64::MAX));
        cap(*read, CELLS_MAX)?;
        sheet.put(position, value)
    };
    match workbook {
        Sheets::Xlsx(workbook) => {
            let cells = workbook.worksheet_cells_reader(name);
            let mut cells = cells.map_err(|_| PrepareError::Workbook)?;
            while let Some(cell) = cells.next_cell().map_err(|_| PrepareError::Workbook)? {
                put(cell.get_position(), cell.get_value().clone().into())?;
            }
        }
        Sheets::Xlsb(workbook) => {
            let cells = workbook.worksheet_cells_reader(name);
            let mut cells = cells.map_err(|_| PrepareError::Workbook)?;
            while let Some(cell) = cells.next_cell().map_err(|_| PrepareError::Workbook)? {
                put(cell.get_position(), cell.get_value().clone().into())?;
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = workbook.worksheet_range(name).map_err(|_| PrepareError::Workbook)?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let row = u32::try_from(row).unwrap_or(u32::MAX).saturating_add(first_row);
                let column = u32::try_from(column).unwrap_or(u32::MAX);
                put((row, column.saturating_add(first_column)), value.clone())?;
            }
        }
    }
    Ok(sheet)
}

/// Reads a workbook. A damaged one makes the library panic in places: that is a refusal like another.
pub(super) fn read(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    // Nothing outlives the call but its result, so that no half-changed state can be seen after.
    panic::catch_unwind(AssertUnwindSafe(|| read_sheets(bytes, options)))
        .unwrap_or(Err(PrepareError::Workbook))
}

fn read_sheets(bytes: &[u8], options: &PrepareOptions) -> Result<Table, PrepareError> {
    // Nothing is handed to the library before it was seen to ask for no more than it may.
    let macros = if bytes.starts_with(b"PK") {
        archive::check(bytes)?.macros
    } else {
        let compound = compound::check(bytes)?;
        if compound.encrypted {
            return Err(PrepareError::Password);
        }
        compound.macros
    };
    let (mut workbook, container) = open(bytes)?;
    let visible =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let mut names: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
    let hidden = workbook.sheets_metadata().len() - names.len();
    if let Some(wanted) = &options.sheet {
        names.retain(|name| name == wanted);
        if names.is_empty() {
            return Err(PrepareError::SheetUnknown);
        }
    }
    if names.len() > SHEETS_MAX {
        return Err(PrepareError::WorkbookTooLarge { limit: RECTANGLE_MAX });
    }
    // The sheet that is best understood; of equals the first.
    let mut read = 0;
    let mut best: Option<(usize, Table)> = None;
    let mut filled = Vec::new();
    for name in names {
        let cells = sheet(&mut workbook, &name, &mut read)?;
        if cells.len() == 0 {
            continue;
        }
        let cells = Cells::Sheet(cells);
        filled.push(name.clone());
        let sheet = Some(Chosen { name, others: Vec::new(), hidden });
        let encoding = container;
        let table = Table { encoding, separator: None, sheet, macros, cells };
        let score = headings::best_score(&table, options);
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, table));
        }
    }
    let (_, mut table) = best.ok_or(PrepareError::Empty)?;
    if let Some(chosen) = &mut table.sheet {
        filled.retain(|name| *name != chosen.name);
        chosen.others = filled;
    }
    Ok(table)
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
