//! Workbooks as people and software make them, written by a library of its own when the test runs: titles,
//! totals, several sheets, merged and hidden cells, formulas, numbers as text, both systems of dates.

use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use tiers_contact::{Digest, FileKind, Kind, PrepareOptions, Prepared, Repair, read_and_normalise};

use crate::support::options;

const HEADINGS: [&str; 8] = [
    "Nom",
    "Prénom",
    "Date de naissance",
    "Téléphone",
    "Code postal",
    "Adresse",
    "Date de vente",
    "Montant TTC",
];

fn day() -> Format {
    Format::new().set_num_format("dd/mm/yyyy")
}

fn headings(sheet: &mut Worksheet, row: u32) {
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(row, column, heading).unwrap();
    }
}

/// One sale as Excel holds it: dates are dates, the telephone and the postcode are numbers.
fn sale(sheet: &mut Worksheet, row: u32, name: &str) {
    let date = |year, month, day| ExcelDateTime::from_ymd(year, month, day).unwrap();
    sheet.write(row, 0, name).unwrap();
    sheet.write(row, 1, "Zoé").unwrap();
    sheet.write_with_format(row, 2, date(1938, 4, 21), &day()).unwrap();
    sheet.write(row, 3, 745_840_475.0).unwrap();
    sheet.write(row, 4, 1000.0).unwrap();
    sheet.write(row, 5, "12 rue Victor Hugo").unwrap();
    sheet.write_with_format(row, 6, date(2024, 6, 8), &day()).unwrap();
    sheet.write(row, 7, 11_507.4).unwrap();
}

fn read(bytes: &[u8], change: fn(&mut PrepareOptions)) -> Prepared {
    let mut options = PrepareOptions { max_reject_permille: 1000, ..options(FileKind::Sales) };
    change(&mut options);
    let prepared = read_and_normalise("a.xlsx", bytes, &options);
    prepared.unwrap_or_else(|error| panic!("{error}"))
}

fn saved(workbook: &mut Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}

/// The row as [`sale`] writes it, whatever stands around it.
fn assert_sale(prepared: &Prepared, place: usize, name: &str) {
    let row = &prepared.rows[place];
    let digest = |kind| row.digest(kind).map(|digest| *digest.as_bytes());
    let of = |text: &str| Some(*Digest::of(text).as_bytes());
    assert_eq!(digest(Kind::Mobile), of("+33745840475"));
    let names = format!("{name}|zoe");
    assert_eq!(digest(Kind::NameBirth), of(&format!("{names}|1938-04-21")));
    assert_eq!(digest(Kind::NamePost), of(&format!("{names}|12 rue victor hugo|01000")));
    assert_eq!(row.date.unwrap().to_string(), "2024-06-08");
    assert_eq!(row.amount_cents, Some(1_150_740));
}

#[test]
fn titles_merged_over_the_table_and_a_total_under_it_are_no_rows() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 7, "Ventes du garage Martin", &Format::new().set_bold()).unwrap();
    sheet.merge_range(1, 0, 1, 3, "du 01/06/2024 au 30/06/2024", &Format::new()).unwrap();
    headings(sheet, 3);
    sale(sheet, 4, "Lefèvre");
    sale(sheet, 5, "Moreau");
    sheet.write(6, 0, "Total").unwrap();
    sheet.write_formula(6, 7, Formula::new("=SUM(H5:H6)").set_result("23014.8")).unwrap();
    let prepared = read(&saved(&mut workbook), |_| {});
    assert_eq!(prepared.rows.len(), 2);
    assert_sale(&prepared, 0, "lefevre");
    assert_sale(&prepared, 1, "moreau");
    let reject = &prepared.rejects[0];
    assert_eq!((prepared.rejects.len(), reject.row, reject.code), (1, 3, "row.total"));
    // The accounts leave the sum out.
    for column in prepared.columns {
        assert_eq!(column.account.expect("every column is used").counts.total(), 2);
    }
}

/// What a merged block says stands in its first cell alone: the rows under it have no value there.
#[test]
fn a_value_merged_over_rows_is_that_of_the_first() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    sale(sheet, 1, "Lefèvre");
    sale(sheet, 2, "Moreau");
    sheet.merge_range(1, 3, 2, 3, "0745840475", &Format::new()).unwrap();
    let prepared = read(&saved(&mut workbook), |_| {});
    assert!(prepared.rows[0].digest(Kind::Mobile).is_some());
    assert!(prepared.rows[1].digest(Kind::Mobile).is_none());
    let account = prepared.columns[3].account.as_ref().expect("telephone is used");
    assert_eq!((account.counts.good, account.counts.missing), (1, 1));
}

#[test]
fn of_several_sheets_the_best_understood_is_read_and_the_others_are_told() {
    let mut workbook = Workbook::new();
    let notes = workbook.add_worksheet().set_name("Notes").unwrap();
    notes.write(0, 0, "Rien à voir ici").unwrap();
    let june = workbook.add_worksheet().set_name("Juin").unwrap();
    headings(june, 0);
    sale(june, 1, "Lefèvre");
    let july = workbook.add_worksheet().set_name("Juillet").unwrap();
    headings(july, 0);
    sale(july, 1, "Moreau");
    let hidden = workbook.add_worksheet().set_name("Brouillon").unwrap();
    headings(hidden, 0);
    sale(hidden, 1, "Caché");
    hidden.set_hidden(true);
    workbook.add_worksheet().set_name("Vide").unwrap();
    let bytes = saved(&mut workbook);
    let prepared = read(&bytes, |_| {});
    assert_eq!(prepared.sheet.as_deref(), Some("Juin"));
    assert_eq!(prepared.other_sheets, ["Notes", "Juillet"]);
    assert_eq!(prepared.hidden_sheets, 1);
    assert_sale(&prepared, 0, "lefevre");
    let chosen = read(&bytes, |options| options.sheet = Some("Juillet".to_owned()));
    assert_eq!(chosen.sheet.as_deref(), Some("Juillet"));
    assert_sale(&chosen, 0, "moreau");
    // A hidden sheet is not read even when it is asked for.
    let asked = PrepareOptions { sheet: Some("Brouillon".to_owned()), ..options(FileKind::Sales) };
    let refused = read_and_normalise("a", &bytes, &asked).err().expect("hidden");
    assert_eq!(refused.code(), "file.sheet_unknown");
}

/// A filter hides rows and columns without taking them out of the file: they are read, and the account
/// counts them.
#[test]
fn hidden_columns_and_rows_are_read() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    sale(sheet, 1, "Lefèvre");
    sale(sheet, 2, "Moreau");
    sheet.set_column_hidden(3).unwrap();
    sheet.set_row_hidden(2).unwrap();
    let prepared = read(&saved(&mut workbook), |_| {});
    assert_eq!(prepared.rows.len(), 2);
    assert_sale(&prepared, 0, "lefevre");
    assert_sale(&prepared, 1, "moreau");
}

#[test]
fn numbers_as_text_and_text_as_numbers_are_one_row() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    sale(sheet, 1, "Lefèvre");
    for (column, text) in (0..).zip([
        "Lefèvre",
        "Zoé",
        "21/04/1938",
        "07 45 84 04 75",
        "01000",
        "12 rue Victor Hugo",
        "08/06/2024",
        "11 507,40 €",
    ]) {
        sheet.write(2, column, text).unwrap();
    }
    // Days without the format of a day, and as text.
    sale(sheet, 3, "Lefèvre");
    sheet.write_number_with_format(3, 2, 13_991.0, &Format::new()).unwrap();
    sheet.write(3, 6, "45451").unwrap();
    let prepared = read(&saved(&mut workbook), |_| {});
    for place in 0..3 {
        assert_sale(&prepared, place, "lefevre");
    }
    assert_eq!(prepared.duplicates, 2);
    let account = |place: usize| prepared.columns[place].account.clone().expect("used");
    assert_eq!(account(2).repairs(), [(Repair::DateSerial, 1)]);
    assert_eq!(account(3).repairs(), [(Repair::PhoneEatenZero, 2)]);
    assert_eq!(account(4).repairs(), [(Repair::PostcodeEatenZero, 2)]);
}

#[test]
fn formulas_count_with_the_value_that_was_stored_for_them() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    sale(sheet, 1, "Lefèvre");
    sheet.write_formula(1, 0, Formula::new("=UPPER(\"x\")").set_result("Lefèvre")).unwrap();
    sheet.write_formula(1, 7, Formula::new("=9589.5*1.2").set_result("11507.4")).unwrap();
    sale(sheet, 2, "Moreau");
    sheet.write_formula(2, 7, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let prepared = read(&saved(&mut workbook), |_| {});
    assert_sale(&prepared, 0, "lefevre");
    assert_eq!(prepared.rows.len(), 1);
    assert!(matches!(prepared.rejects[0].code, "row.no_amount" | "row.bad_amount"));
}

/// Turns the workbook to the system that counts from 1904; its days are then 1,462 less.
fn from_1904(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).unwrap();
        let mut part = Vec::new();
        entry.read_to_end(&mut part).unwrap();
        let name = entry.name().unwrap().into_owned();
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(part).unwrap();
            assert!(text.contains("<workbookPr "));
            part = text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&part).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn both_systems_of_dates_give_the_same_days() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    headings(sheet, 0);
    sale(sheet, 1, "Lefèvre");
    for (column, serial) in [(2, 13_991.0), (6, 45_451.0)] {
        sheet.write_number_with_format(1, column, serial - 1462.0, &day()).unwrap();
    }
    let prepared = read(&from_1904(&saved(&mut workbook)), |_| {});
    assert_sale(&prepared, 0, "lefevre");
}
