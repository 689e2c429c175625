//! The figures of a report as a table for spreadsheets: CSV and a workbook (Office Open XML, ECMA-376). Every
//! figure on a row of its own, in the unit that its name gives; nothing is rounded, translated or left out.
//! What proves them is the certificate, not these files.

use std::io::{Cursor, Write as _};

use tiers_protocol::policy::SectionId;
use tiers_protocol::report::{Cell, Figures, Report};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::markup::escaped;

/// The media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const COLUMNS: [&str; 8] =
    ["section", "campaign", "cell", "figure", "value", "low", "high", "hidden"];

/// One figure: where it stands, then its value and interval, or why it is hidden.
struct Row {
    place: [String; 4],
    figure: Option<[String; 3]>,
    hidden: String,
}

fn rows(report: &Report) -> Vec<Row> {
    let mut rows = Vec::new();
    for section in &report.sections {
        let name = SectionId { template: section.template, margin: section.margin }.name();
        for row in &section.rows {
            let key = &row.key;
            let campaign = key.campaign.as_deref().unwrap_or_default();
            let cell = key.cell.as_deref().unwrap_or_default();
            add(&mut rows, (&name, campaign, cell), &row.figures);
        }
        add(&mut rows, (&name, "*", ""), &section.total);
    }
    if let Some(totals) = &report.unprotected {
        let told = [("units", totals.conversions), ("revenue_cents", totals.revenue_cents)];
        for (name, exact) in told.into_iter().filter_map(|(name, told)| Some((name, told?))) {
            let place = ["unprotected", "*", "", name].map(str::to_owned);
            let exact = exact.to_string();
            let figure = Some([exact.clone(), exact.clone(), exact]);
            rows.push(Row { place, figure, hidden: String::new() });
        }
    }
    rows
}

fn add(rows: &mut Vec<Row>, (section, campaign, of): (&str, &str, &str), figures: &Figures) {
    for (name, cell) in figures.cells() {
        let (figure, hidden) = match cell {
            Cell::Shown(one) => {
                (Some([one.value, one.low, one.high].map(|n| n.to_string())), String::new())
            }
            Cell::Hidden(hidden) => {
                let reason = serde_json::to_value(hidden.hidden).unwrap_or_default();
                (None, reason.as_str().unwrap_or_default().to_owned())
            }
        };
        let place = [section, campaign, of, name].map(str::to_owned);
        rows.push(Row { place, figure, hidden });
    }
}

/// The table as CSV; the machine's own spelling of numbers, whatever the reader's language.
pub(super) fn csv(report: &Report) -> String {
    let mut text = format!("{}\r\n", COLUMNS.join(","));
    for row in rows(report) {
        let [section, campaign, cell, figure] = &row.place;
        let (campaign, cell) = (quoted(campaign), quoted(cell));
        let numbers = row.figure.map_or_else(|| ",,".to_owned(), |figure| figure.join(","));
        let hidden = &row.hidden;
        text.push_str(&format!("{section},{campaign},{cell},{figure},{numbers},{hidden}\r\n"));
    }
    text
}

/// A text as one field; one that a spreadsheet would take for a formula is disarmed.
fn quoted(text: &str) -> String {
    let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if armed { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

const TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
    <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
    </Types>";
const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
    </Relationships>";
const SHEETS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
    </Relationships>";

/// The table as a workbook: numbers are numbers, texts are texts and never formulas.
pub(super) fn workbook(report: &Report) -> Vec<u8> {
    let book = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
         <sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        escaped(report.head.period.as_str()),
    );
    pack(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", SHEETS),
        ("xl/worksheets/sheet1.xml", &sheet(&rows(report))),
    ])
}

fn sheet(rows: &[Row]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
        <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
        .to_owned();
    text.push_str("<row>");
    COLUMNS.iter().for_each(|name| text.push_str(&text_cell(name)));
    text.push_str("</row>");
    for row in rows {
        text.push_str("<row>");
        row.place.iter().for_each(|place| text.push_str(&text_cell(place)));
        match &row.figure {
            Some(figure) => {
                figure.iter().for_each(|n| text.push_str(&format!("<c><v>{n}</v></c>")));
            }
            None => text.push_str("<c/><c/><c/>"),
        }
        text.push_str(&text_cell(&row.hidden));
        text.push_str("</row>");
    }
    text.push_str("</sheetData></worksheet>");
    text
}

fn text_cell(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(text))
}

fn pack(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // One date for all, so that the same report is the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, text) in parts {
        archive.start_file(*name, options).expect("a short list of new names");
        archive.write_all(text.as_bytes()).expect("memory takes what is written");
    }
    archive.finish().expect("memory takes what is written").into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(campaign: &str, figure: Option<[&str; 3]>) -> Row {
        let place = ["conversions", campaign, "", "units"].map(str::to_owned);
        let figure = figure.map(|figure| figure.map(str::to_owned));
        Row { place, figure, hidden: String::new() }
    }

    #[test]
    fn a_field_of_a_spreadsheet_is_text_and_no_formula() {
        assert_eq!(quoted("Été \"A\""), "\"Été \"\"A\"\"\"");
        for formula in ["=1+1", "+1", "-1", "@x", "\tx"] {
            assert!(quoted(formula).starts_with("\"'"), "{formula}");
        }
    }

    /// Read back by the library that reads dealers' workbooks.
    #[test]
    fn a_workbook_reads_back_with_its_texts_and_numbers() {
        use calamine::{Data, Reader as _, Xlsx};
        let rows = [row("=A & <B>", Some(["-3", "0", "12"])), row("Été", None)];
        let bytes = pack(&[
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            (
                "xl/workbook.xml",
                "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"x\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
            ),
            ("xl/_rels/workbook.xml.rels", SHEETS),
            ("xl/worksheets/sheet1.xml", &sheet(&rows)),
        ]);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let range = book.worksheet_range("x").expect("its sheet");
        assert_eq!(range.height(), 3);
        let cell = |row, column| range.get_value((row, column)).cloned();
        assert_eq!(cell(1, 1), Some(Data::String("=A & <B>".to_owned())));
        assert_eq!(cell(1, 4), Some(Data::Float(-3.0)));
        assert_eq!(cell(1, 6), Some(Data::Float(12.0)));
        assert_eq!(cell(2, 1), Some(Data::String("Été".to_owned())));
        assert_eq!(cell(2, 4), Some(Data::Empty));
    }
}
