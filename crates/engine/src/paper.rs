//! Pages: A4, the fonts that every reader has, labels and values, text only. No library lays out for
//! us: lines are broken by the widths of Helvetica. A file may be attached, so that what a page shows and
//! what a machine checks travel together.
//!
//! It knows nothing of what it shows. The code of the register and of dossiers does.

use pdf_writer::types::AssociationKind;
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
const LEADING: f32 = 15.0;
/// Between two lines of one value.
const WITHIN: f32 = 12.0;
/// Where values stand, right of their labels.
const INDENT: f32 = 150.0;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Of the document, or of a part.
    Title,
    /// Of an entry.
    Heading,
    /// At the left of a value.
    Label,
    /// A value.
    Text,
    /// At the foot of a page.
    Foot,
}

impl Face {
    const fn size(self) -> f32 {
        match self {
            Self::Title => 17.0,
            Self::Heading => 11.5,
            Self::Label | Self::Text => 9.5,
            Self::Foot => 8.0,
        }
    }

    const fn font(self) -> Name<'static> {
        match self {
            Self::Text | Self::Foot | Self::Label => Name(b"F1"),
            Self::Title | Self::Heading => Name(b"F2"),
        }
    }

    /// How dark, from 0, black.
    const fn gray(self) -> f32 {
        match self {
            Self::Label | Self::Foot => 0.38,
            _ => 0.0,
        }
    }
}

/// Pages that are being filled.
pub struct Paper {
    pages: Vec<Content>,
    page: Content,
    y: f32,
    foot: String,
    attached: Option<(String, Vec<u8>)>,
}

impl Paper {
    /// Empty, with what stands at the foot of each page.
    #[must_use]
    pub fn new(foot: String) -> Self {
        let (pages, page) = (Vec::new(), Content::new());
        Self { pages, page, y: HEIGHT - MARGIN, foot, attached: None }
    }

    fn room(&mut self, height: f32) {
        if self.y - height < MARGIN {
            let full = std::mem::replace(&mut self.page, Content::new());
            self.pages.push(full);
            self.y = HEIGHT - MARGIN;
        }
    }

    /// A title. It keeps some lines of what follows beside it.
    pub fn heading(&mut self, face: Face, text: &str) {
        self.room(if face == Face::Title { 7.0 } else { 5.0 } * LEADING);
        if self.y < HEIGHT - MARGIN {
            self.y -= LEADING;
        }
        if face == Face::Heading {
            rule(&mut self.page, self.y, 0.82);
        }
        for line in broken(text, face.size(), WIDTH - 2.0 * MARGIN) {
            self.y -= face.size() + 5.0;
            put(&mut self.page, face, (MARGIN, self.y), &line);
        }
        if face == Face::Title {
            self.y -= 6.0;
            rule(&mut self.page, self.y, 0.3);
        }
        self.y -= 3.0;
    }

    /// A label at the left, its value beside it over as many lines as it needs.
    pub fn field(&mut self, label: &str, value: &str) {
        let size = Face::Text.size();
        let labels = broken(label, size, INDENT - 12.0);
        let values = broken(value, size, WIDTH - 2.0 * MARGIN - INDENT);
        for place in 0..labels.len().max(values.len()) {
            self.room(LEADING);
            self.y -= if place == 0 { LEADING } else { WITHIN };
            if let Some(label) = labels.get(place) {
                put(&mut self.page, Face::Label, (MARGIN, self.y), label);
            }
            if let Some(value) = values.get(place) {
                put(&mut self.page, Face::Text, (MARGIN + INDENT, self.y), value);
            }
        }
    }

    /// A label once, its values below each other; a word where there is none.
    pub fn fields(&mut self, label: &str, values: &[String], none: &str) {
        if values.is_empty() {
            self.field(label, none);
        }
        for (place, value) in values.iter().enumerate() {
            self.field(if place == 0 { label } else { "" }, value);
        }
    }

    /// Attaches a JSON file under a name; a reader of the pages can take it out.
    pub fn attach(&mut self, name: &str, bytes: Vec<u8>) {
        self.attached = Some((name.to_owned(), bytes));
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self, title: &str) -> Vec<u8> {
        self.pages.push(self.page);
        let all = self.pages.len();
        for (number, page) in (1..).zip(&mut self.pages) {
            rule(page, MARGIN - 14.0, 0.82);
            put(page, Face::Foot, (MARGIN, MARGIN - 28.0), &self.foot);
            let number = format!("{number} / {all}");
            let width = measured(&number, Face::Foot.size());
            put(page, Face::Foot, (WIDTH - MARGIN - width, MARGIN - 28.0), &number);
        }
        let count = i32::try_from(self.pages.len()).expect("a document of few pages");
        let [catalog, tree, info, plain, bold] = [1, 2, 3, 4, 5].map(Ref::new);
        let [file, embedded] = [6, 7].map(Ref::new);
        let page = |n: i32| Ref::new(8 + 2 * n);
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(tree);
        if let Some((name, _)) = &self.attached {
            let mut names = root.names();
            names.embedded_files().names().insert(Str(name.as_bytes()), file);
            names.finish();
            root.insert(Name(b"AF")).array().item(file);
        }
        root.finish();
        pdf.pages(tree).kids((0..count).map(page)).count(count);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("tiers"));
        for (font, name) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
            pdf.type1_font(font)
                .base_font(Name(name.as_bytes()))
                .encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        for (number, content) in (0..).zip(self.pages) {
            let stream = Ref::new(9 + 2 * number);
            let mut sheet = pdf.page(page(number));
            sheet.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(stream);
            sheet.resources().fonts().pair(Name(b"F1"), plain).pair(Name(b"F2"), bold);
            sheet.finish();
            pdf.stream(stream, &content.finish());
        }
        if let Some((name, bytes)) = &self.attached {
            let mut spec = pdf.file_spec(file);
            spec.path(Str(name.as_bytes())).unic_file(TextStr(name));
            spec.association_kind(AssociationKind::Source).embedded_file(embedded);
            spec.finish();
            pdf.embedded_file(embedded, bytes).subtype(Name(b"application/json"));
        }
        pdf.finish()
    }
}

/// A thin line across the page.
fn rule(page: &mut Content, y: f32, gray: f32) {
    page.set_stroke_gray(gray);
    page.set_line_width(0.6);
    page.move_to(MARGIN, y);
    page.line_to(WIDTH - MARGIN, y);
    page.stroke();
}

fn put(page: &mut Content, face: Face, (x, y): (f32, f32), text: &str) {
    page.set_fill_gray(face.gray());
    page.begin_text();
    page.set_font(face.font(), face.size());
    page.next_line(x, y);
    page.show(Str(&encoded(text)));
    page.end_text();
}

/// Text in the encoding of the fonts (Windows-1252); what it lacks becomes a question mark.
fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(code).collect()
}

fn code(c: char) -> u8 {
    const HIGH: [(char, u8); 11] = [
        ('€', 0x80),
        ('…', 0x85),
        ('Œ', 0x8c),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('œ', 0x9c),
    ];
    match u32::from(c) {
        0x20..=0x7e | 0xa0..=0xff => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        0x202f => 0xa0,
        _ => HIGH.iter().find(|(known, _)| *known == c).map_or(b'?', |(_, code)| *code),
    }
}

/// Lines of a text that are no wider than `width` points; a word that is wider alone is cut.
fn broken(text: &str, size: f32, width: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for piece in pieces(word, size, width) {
            let line = lines.last_mut().expect("there is always one");
            let longer = if line.is_empty() { piece.clone() } else { format!("{line} {piece}") };
            if measured(&longer, size) <= width {
                *line = longer;
            } else {
                lines.push(piece);
            }
        }
    }
    lines
}

fn pieces(word: &str, size: f32, width: f32) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let piece = pieces.last_mut().expect("there is always one");
        piece.push(c);
        if measured(piece, size) > width && piece.chars().count() > 1 {
            piece.pop();
            pieces.push(c.to_string());
        }
    }
    pieces
}

fn measured(text: &str, size: f32) -> f32 {
    text.chars().map(|c| f32::from(thousandths(c))).sum::<f32>() * size / 1000.0
}

/// Widths of Helvetica-Bold, in thousandths of the size; the plain face is nowhere wider by much.
const fn thousandths(c: char) -> u16 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ' ' | '\u{a0}' | '/' | '|' => 278,
        'f' | 't' | ':' | ';' | '\'' | '’' | '!' | '(' | ')' | '[' | ']' | '-' | 'î' | 'ï' => {
            333
        }
        'r' | '*' => 389,
        'c'
        | 'e'
        | 'k'
        | 's'
        | 'v'
        | 'x'
        | 'y'
        | 'é'
        | 'è'
        | 'ê'
        | 'ë'
        | 'ç'
        | 'a'
        | 'à'
        | 'â'
        | '0'..='9' => 556,
        'M' => 833,
        'm' | '%' | 'œ' | '—' => 889,
        'W' | '@' | '…' | 'Œ' => 1000,
        'A'..='Z' | 'w' | 'É' | 'È' | 'À' | 'Ç' => 778,
        _ => 611,
    }
}
