//! Sheets of a workbook (OpenDocument 1.3): sections, labels and texts. Texts only, so that no cell is ever
//! taken for a formula. It knows nothing of registers.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::markup::escaped;

const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";
const MANIFEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" \
    manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" \
    manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>\
    <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
    </manifest:manifest>\n";

/// Columns that have a width of their own.
const COLUMNS: usize = 9;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    /// A bar across the sheet.
    Section,
    /// The heads of columns.
    Heading,
    /// A label, and what it says.
    Line,
    /// A label, then labels and values in turn.
    Pairs,
    /// A paragraph over several columns.
    Text,
}

/// One sheet: a name and rows of texts.
pub(super) struct Sheet {
    name: String,
    rows: Vec<(Face, Vec<String>)>,
}

impl Sheet {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rows: Vec::new() }
    }

    fn push(&mut self, face: Face, cells: &[&str]) {
        self.rows.push((face, cells.iter().map(|cell| (*cell).to_owned()).collect()));
    }

    /// Begins a section, with the heads of its columns.
    pub(super) fn section(&mut self, cells: &[&str]) {
        self.push(Face::Section, cells);
    }

    /// Heads of columns below a section.
    pub(super) fn heading(&mut self, cells: &[&str]) {
        self.push(Face::Heading, cells);
    }

    /// A label and what it says.
    pub(super) fn row(&mut self, cells: &[&str]) {
        self.push(Face::Line, cells);
    }

    /// A label, then labels and values in turn.
    pub(super) fn labelled(&mut self, label: &str, pairs: &[&[&str]]) {
        let cells: Vec<&str> = [label].into_iter().chain(pairs.concat()).collect();
        self.push(Face::Pairs, &cells);
    }

    /// A paragraph.
    pub(super) fn text(&mut self, text: &str) {
        self.push(Face::Text, &[text]);
    }

    fn xml(&self, xml: &mut String) {
        let _ = write!(xml, "<table:table table:name=\"{}\">", escaped(&self.name));
        let _ = write!(
            xml,
            "<table:table-column table:style-name=\"first\"/>\
             <table:table-column table:style-name=\"other\" table:number-columns-repeated=\"{}\"/>",
            COLUMNS - 1
        );
        for (face, cells) in &self.rows {
            xml.push_str("<table:table-row table:style-name=\"high\">");
            let filled = if *face == Face::Section { COLUMNS } else { cells.len() };
            for place in 0..filled {
                let text = cells.get(place).map_or("", String::as_str);
                cell(xml, style(*face, place, text), text, *face == Face::Text);
            }
            xml.push_str("</table:table-row>");
        }
        xml.push_str("</table:table>");
    }
}

fn style(face: Face, place: usize, text: &str) -> &'static str {
    match face {
        Face::Section => "section",
        Face::Heading => "heading",
        Face::Pairs if place == 0 || place % 2 == 1 => "label",
        Face::Line if place == 0 && !text.is_empty() => "label",
        Face::Line | Face::Pairs | Face::Text => "plain",
    }
}

/// A cell; each line of a text is a paragraph.
fn cell(xml: &mut String, style: &str, text: &str, spans: bool) {
    let span = if spans { " table:number-columns-spanned=\"5\"" } else { "" };
    let _ = write!(xml, "<table:table-cell table:style-name=\"{style}\"{span}");
    if text.is_empty() {
        xml.push_str("/>");
        return;
    }
    xml.push_str(" office:value-type=\"string\">");
    for line in text.lines() {
        let _ = write!(xml, "<text:p>{}</text:p>", escaped(line));
    }
    xml.push_str("</table:table-cell>");
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content \
    xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" \
    xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.3\">\
    <office:automatic-styles>\
    <style:style style:name=\"first\" style:family=\"table-column\">\
    <style:table-column-properties style:column-width=\"8cm\"/></style:style>\
    <style:style style:name=\"other\" style:family=\"table-column\">\
    <style:table-column-properties style:column-width=\"5cm\"/></style:style>\
    <style:style style:name=\"high\" style:family=\"table-row\">\
    <style:table-row-properties style:use-optimal-row-height=\"true\"/></style:style>";

const STYLES: [(&str, &str, &str); 4] = [
    ("plain", "", ""),
    ("label", "fo:background-color=\"#e8eef4\"", "fo:font-weight=\"bold\""),
    ("heading", "fo:background-color=\"#d5dfe9\"", "fo:font-weight=\"bold\""),
    ("section", "fo:background-color=\"#22405f\"", "fo:font-weight=\"bold\" fo:color=\"#ffffff\""),
];

fn content(sheets: &[Sheet]) -> String {
    let mut xml = String::from(HEAD);
    for (name, cell, text) in STYLES {
        let _ = write!(
            xml,
            "<style:style style:name=\"{name}\" style:family=\"table-cell\">\
             <style:table-cell-properties fo:wrap-option=\"wrap\" style:vertical-align=\"top\" \
             fo:padding=\"0.1cm\" fo:border=\"0.5pt solid #b8c4d0\" {cell}/>\
             <style:text-properties fo:font-size=\"10pt\" {text}/></style:style>"
        );
    }
    xml.push_str("</office:automatic-styles><office:body><office:spreadsheet>");
    for sheet in sheets {
        sheet.xml(&mut xml);
    }
    xml.push_str("</office:spreadsheet></office:body></office:document-content>\n");
    xml
}

/// The file of a workbook.
pub(super) fn pack(sheets: &[Sheet]) -> Vec<u8> {
    let content = content(sheets);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        // First and not compressed, so that the type stands at a known place.
        ("mimetype", MIME, CompressionMethod::Stored),
        ("META-INF/manifest.xml", MANIFEST, CompressionMethod::Deflated),
        ("content.xml", &content, CompressionMethod::Deflated),
    ];
    for (name, text, method) in parts {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, options).expect("memory does not fail");
        archive.write_all(text.as_bytes()).expect("memory does not fail");
    }
    archive.finish().expect("memory does not fail").into_inner()
}
