//! The register as a workbook (OpenDocument 1.3): a list, one sheet for each processing, a page on how
//! to read it. Texts only, so that no cell is ever taken for a formula.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::words::Words;
use super::{ControllerEntry, Issued, Language, ProcessorEntry};
use crate::governance::activity::Transfer;

const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";
const MANIFEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" \
    manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" \
    manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>\
    <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
    </manifest:manifest>\n";

/// One sheet: a name and rows of texts.
struct Sheet {
    name: String,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rows: Vec::new() }
    }

    fn row(&mut self, cells: &[&str]) {
        self.rows.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    /// A heading, then one line for each text, or a word for none.
    fn list(&mut self, heading: &str, texts: &[String], none: &str) {
        self.row(&[heading]);
        if texts.is_empty() {
            self.row(&["", none]);
        }
        for text in texts {
            self.row(&["", text]);
        }
    }
}

/// The workbook.
#[must_use]
pub fn ods(issued: &Issued, language: Language) -> Vec<u8> {
    let words = language.words();
    let mut sheets = vec![list(issued, words)];
    let register = &issued.register;
    for (number, entry) in (1..).zip(&register.as_controller) {
        sheets.push(controller_sheet(&format!("{} {number}", words.sheet), entry, issued, words));
    }
    let after = register.as_controller.len() + 1;
    for (number, entry) in (after..).zip(&register.as_processor) {
        sheets.push(processor_sheet(&format!("{} {number}", words.sheet), entry, issued, words));
    }
    let mut guide = Sheet::new(words.guide);
    guide.row(&[words.guide_text]);
    sheets.push(guide);
    pack(&content(&sheets))
}

fn list(issued: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(words.list);
    let (register, version) = (&issued.register, issued.version.to_string());
    sheet.row(&[words.title]);
    sheet.row(&[&register.entity.name, "SIREN", &register.entity.siren]);
    sheet.row(&[words.version, &version]);
    sheet.row(&[words.issued, &issued.issued_at]);
    sheet.row(&[words.digest, &issued.sha256]);
    sheet.row(&[words.retention, &register.retention]);
    sheet.row(&[]);
    sheet.row(&[words.as_controller]);
    sheet.row(&[
        words.activities,
        words.reference,
        words.created,
        words.updated,
        words.main_purpose,
    ]);
    for entry in &register.as_controller {
        let purpose = entry.purposes.first().map_or("", |purpose| &purpose.title);
        sheet.row(&[&entry.name, &entry.reference, &entry.created, &entry.updated, purpose]);
    }
    sheet.row(&[]);
    sheet.row(&[words.as_processor]);
    sheet.row(&[words.activities, words.reference, words.controller, words.categories]);
    for entry in &register.as_processor {
        let categories = entry.categories.join(" ; ");
        sheet.row(&[&entry.name, &entry.reference, &entry.controller.name, &categories]);
    }
    sheet
}

fn controller_sheet(name: &str, entry: &ControllerEntry, of: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(name);
    let entity = &of.register.entity;
    sheet.row(&[words.name, &entry.name]);
    sheet.row(&[words.reference, &entry.reference]);
    sheet.row(&[words.created, &entry.created]);
    sheet.row(&[words.updated, &entry.updated]);
    sheet.row(&[words.actors, words.name, words.address, words.contact]);
    sheet.row(&[words.controller, &entity.name, &entity.address, &entity.contact]);
    sheet.row(&[words.dpo, "", "", entity.dpo.as_deref().unwrap_or(words.none)]);
    let representative = entity.representative.as_deref().unwrap_or(words.none);
    sheet.row(&[words.representative, "", "", representative]);
    for joint in &entry.joint {
        sheet.row(&[words.joint, &joint.name, &joint.address, &joint.contact]);
    }
    for (number, purpose) in (0..).zip(&entry.purposes) {
        let label = match number {
            0 => words.main_purpose.to_owned(),
            number => format!("{} {number}", words.sub_purpose),
        };
        sheet.row(&[&label, &purpose.title, words.basis, &purpose.basis]);
    }
    sheet.list(words.security, &entry.security, words.none);
    sheet.row(&[words.data, words.description, words.deleted]);
    for category in &entry.data {
        sheet.row(&["", &category.title, category.deleted.as_deref().unwrap_or("")]);
    }
    sheet.list(words.persons, &entry.persons, words.none);
    sheet.list(words.recipients, &entry.recipients, words.none);
    transfers(&mut sheet, &entry.transfers, words);
    sheet
}

fn processor_sheet(name: &str, entry: &ProcessorEntry, of: &Issued, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(name);
    let entity = &of.register.entity;
    sheet.row(&[words.as_processor, &entity.name, &entity.address, &entity.contact]);
    sheet.row(&[words.dpo, "", "", entity.dpo.as_deref().unwrap_or(words.none)]);
    sheet.row(&[words.name, &entry.name]);
    sheet.row(&[words.reference, &entry.reference]);
    let controller = &entry.controller;
    sheet.row(&[words.controller, &controller.name, &controller.address, &controller.contact]);
    sheet.row(&[words.dpo, "", "", controller.dpo.as_deref().unwrap_or(words.none)]);
    sheet.list(words.categories, &entry.categories, words.none);
    sheet.list(words.subprocessors, &entry.subprocessors, words.none);
    transfers(&mut sheet, &entry.transfers, words);
    sheet.list(words.security, &entry.security, words.none);
    sheet
}

fn transfers(sheet: &mut Sheet, transfers: &[Transfer], words: &Words) {
    sheet.row(&[words.transfers, words.recipients, words.country, words.safeguards]);
    if transfers.is_empty() {
        sheet.row(&["", words.none]);
    }
    for transfer in transfers {
        sheet.row(&["", &transfer.recipient, &transfer.country, &transfer.safeguards]);
    }
}

fn content(sheets: &[Sheet]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" \
         xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.3\">\
         <office:automatic-styles>\
         <style:style style:name=\"wide\" style:family=\"table-column\">\
         <style:table-column-properties style:column-width=\"7cm\"/></style:style>\
         <style:style style:name=\"wrapped\" style:family=\"table-cell\">\
         <style:table-cell-properties fo:wrap-option=\"wrap\" style:vertical-align=\"top\"/>\
         </style:style>\
         <style:style style:name=\"label\" style:family=\"table-cell\" \
         style:parent-style-name=\"wrapped\">\
         <style:table-cell-properties fo:wrap-option=\"wrap\" style:vertical-align=\"top\" \
         fo:background-color=\"#e8eef4\"/>\
         <style:text-properties fo:font-weight=\"bold\"/></style:style>\
         </office:automatic-styles><office:body><office:spreadsheet>",
    );
    for sheet in sheets {
        xml.push_str(&format!("<table:table table:name=\"{}\">", escaped(&sheet.name)));
        xml.push_str(
            "<table:table-column table:style-name=\"wide\" table:number-columns-repeated=\"5\"/>",
        );
        for row in &sheet.rows {
            xml.push_str("<table:table-row>");
            if row.is_empty() {
                xml.push_str("<table:table-cell/>");
            }
            for (place, cell) in row.iter().enumerate() {
                let style = if place == 0 && !cell.is_empty() { "label" } else { "wrapped" };
                xml.push_str(&format!(
                    "<table:table-cell table:style-name=\"{style}\" office:value-type=\"string\">\
                     <text:p>{}</text:p></table:table-cell>",
                    escaped(cell)
                ));
            }
            xml.push_str("</table:table-row>");
        }
        xml.push_str("</table:table>");
    }
    xml.push_str("</office:spreadsheet></office:body></office:document-content>\n");
    xml
}

/// XML text: characters that XML 1.0 does not allow become spaces.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn pack(content: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        // First and not compressed, so that the type stands at a known place.
        ("mimetype", MIME, CompressionMethod::Stored),
        ("META-INF/manifest.xml", MANIFEST, CompressionMethod::Deflated),
        ("content.xml", content, CompressionMethod::Deflated),
    ];
    for (name, text, method) in parts {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, options).expect("memory does not fail");
        archive.write_all(text.as_bytes()).expect("memory does not fail");
    }
    archive.finish().expect("memory does not fail").into_inner()
}
