//! What a file is, by its first bytes.
//!
//! Extensions lie: exports called `.xls` are often HTML, and `.csv` are often workbooks.
//! Specified in `docs/formats/reading-files.md`, "Containers".

/// The outermost shape of a file.
pub(crate) enum Container {
    /// A spreadsheet: ZIP (XLSX, ODS, XLSB) or compound file (XLS, or an encrypted XLSX).
    Workbook,
    /// A known format that holds no table: PDF, image, another archive.
    Other,
    /// Anything else is taken as text.
    Text,
}

pub(crate) fn container(bytes: &[u8]) -> Container {
    const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];
    const OTHERS: [&[u8]; 11] = [
        b"%PDF",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"PK\x05\x06",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"PAR1",
        b"SQLite format 3",
    ];
    if WORKBOOKS.iter().any(|magic| bytes.starts_with(magic)) {
        Container::Workbook
    } else if OTHERS.iter().any(|magic| bytes.starts_with(magic)) {
        Container::Other
    } else {
        Container::Text
    }
}

/// Whether a text is a web page or an XML document.
pub(super) fn is_markup(text: &str) -> bool {
    let start: String =
        text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).chars().take(16).collect();
    let start = start.to_ascii_lowercase();
    ["<!doctype", "<html", "<table", "<?xml", "<head", "<body", "<meta", "<style", "<div", "<!--"]
        .iter()
        .any(|tag| start.starts_with(tag))
}
