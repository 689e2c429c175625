//! The register on paper: A4, the fonts that every reader has, text only. No library lays out for us:
//! lines are broken by the widths of Helvetica.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::words::Words;
use super::{ControllerEntry, Issued, Language, ProcessorEntry};
use crate::governance::activity::Transfer;
use crate::governance::record::Identity;

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
const LEADING: f32 = 14.0;
/// Where values stand, right of their labels.
const INDENT: f32 = 150.0;

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Title,
    Heading,
    Label,
    Text,
}

impl Face {
    const fn size(self) -> f32 {
        match self {
            Self::Title => 18.0,
            Self::Heading => 12.5,
            Self::Label | Self::Text => 9.5,
        }
    }

    const fn font(self) -> Name<'static> {
        match self {
            Self::Text => Name(b"F1"),
            _ => Name(b"F2"),
        }
    }
}

/// Pages that are being filled.
struct Paper {
    pages: Vec<Content>,
    page: Content,
    y: f32,
    foot: String,
}

impl Paper {
    fn new(foot: String) -> Self {
        let mut paper = Self { pages: Vec::new(), page: Content::new(), y: HEIGHT - MARGIN, foot };
        paper.footer();
        paper
    }

    fn footer(&mut self) {
        let number = self.pages.len() + 1;
        let text = format!("{}   {number}", self.foot);
        put(&mut self.page, Face::Text, MARGIN, MARGIN / 2.0, &text);
    }

    fn room(&mut self, height: f32) {
        if self.y - height < MARGIN {
            let full = std::mem::replace(&mut self.page, Content::new());
            self.pages.push(full);
            self.y = HEIGHT - MARGIN;
            self.footer();
        }
    }

    fn heading(&mut self, face: Face, text: &str) {
        self.room(4.0 * LEADING);
        self.y -= LEADING;
        for line in broken(text, face.size(), WIDTH - 2.0 * MARGIN) {
            self.y -= face.size() + 4.0;
            put(&mut self.page, face, MARGIN, self.y, &line);
        }
        self.y -= 2.0;
    }

    /// A label at the left, its value beside it over as many lines as it needs.
    fn field(&mut self, label: &str, value: &str) {
        let size = Face::Text.size();
        let labels = broken(label, size, INDENT - 10.0);
        let values = broken(value, size, WIDTH - 2.0 * MARGIN - INDENT);
        for place in 0..labels.len().max(values.len()) {
            self.room(LEADING);
            self.y -= LEADING;
            if let Some(label) = labels.get(place) {
                put(&mut self.page, Face::Label, MARGIN, self.y, label);
            }
            if let Some(value) = values.get(place) {
                put(&mut self.page, Face::Text, MARGIN + INDENT, self.y, value);
            }
        }
    }

    fn fields(&mut self, label: &str, values: &[String], none: &str) {
        if values.is_empty() {
            self.field(label, none);
        }
        for (place, value) in values.iter().enumerate() {
            self.field(if place == 0 { label } else { "" }, value);
        }
    }

    fn finish(mut self, title: &str) -> Vec<u8> {
        self.pages.push(self.page);
        let count = i32::try_from(self.pages.len()).expect("a register of few pages");
        let [catalog, tree, info, plain, bold] = [1, 2, 3, 4, 5].map(Ref::new);
        let page = |n: i32| Ref::new(6 + 2 * n);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids((0..count).map(page)).count(count);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("tiers"));
        for (font, name) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
            pdf.type1_font(font)
                .base_font(Name(name.as_bytes()))
                .encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        for (number, content) in (0..).zip(self.pages) {
            let stream = Ref::new(7 + 2 * number);
            let mut sheet = pdf.page(page(number));
            sheet.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(stream);
            sheet.resources().fonts().pair(Name(b"F1"), plain).pair(Name(b"F2"), bold);
            sheet.finish();
            pdf.stream(stream, &content.finish());
        }
        pdf.finish()
    }
}

/// The register as a PDF.
#[must_use]
pub fn pdf(issued: &Issued, language: Language) -> Vec<u8> {
    let (words, register) = (language.words(), &issued.register);
    let foot = format!("{}, {} {}", register.entity.name, words.version, issued.version);
    let mut paper = Paper::new(foot);
    paper.heading(Face::Title, words.title);
    identity(&mut paper, words.name, &register.entity, words);
    paper.field(words.version, &issued.version.to_string());
    paper.field(words.issued, &issued.issued_at);
    paper.field(words.digest, &issued.sha256);
    paper.field(words.retention, &register.retention);
    paper.heading(Face::Title, words.as_controller);
    for entry in &register.as_controller {
        controller(&mut paper, entry, words);
    }
    paper.heading(Face::Title, words.as_processor);
    for entry in &register.as_processor {
        processor(&mut paper, entry, words);
    }
    paper.finish(words.title)
}

fn identity(paper: &mut Paper, label: &str, identity: &Identity, words: &Words) {
    paper.field(label, &format!("{}, SIREN {}", identity.name, identity.siren));
    paper.field(words.address, &identity.address);
    paper.field(words.contact, &identity.contact);
    paper.field(words.dpo, identity.dpo.as_deref().unwrap_or(words.none));
    if let Some(representative) = &identity.representative {
        paper.field(words.representative, representative);
    }
}

fn controller(paper: &mut Paper, entry: &ControllerEntry, words: &Words) {
    paper.heading(Face::Heading, &entry.name);
    paper.field(words.reference, &entry.reference);
    paper.field(words.created, &entry.created);
    paper.field(words.updated, &entry.updated);
    for (place, purpose) in entry.purposes.iter().enumerate() {
        let label = if place == 0 { words.main_purpose } else { words.sub_purpose };
        paper.field(label, &format!("{} ({})", purpose.title, purpose.basis));
    }
    for joint in &entry.joint {
        identity(paper, words.joint, joint, words);
    }
    paper.fields(words.persons, &entry.persons, words.none);
    for (place, category) in entry.data.iter().enumerate() {
        let label = if place == 0 { words.data } else { "" };
        paper.field(label, &category.title);
        if let Some(deleted) = &category.deleted {
            paper.field("", &format!("{} : {deleted}", words.deleted));
        }
    }
    paper.fields(words.recipients, &entry.recipients, words.none);
    transfers(paper, &entry.transfers, words);
    paper.fields(words.security, &entry.security, words.none);
}

fn processor(paper: &mut Paper, entry: &ProcessorEntry, words: &Words) {
    paper.heading(Face::Heading, &format!("{}, {}", entry.controller.name, entry.name));
    paper.field(words.reference, &entry.reference);
    identity(paper, words.controller, &entry.controller, words);
    paper.fields(words.categories, &entry.categories, words.none);
    paper.fields(words.subprocessors, &entry.subprocessors, words.none);
    transfers(paper, &entry.transfers, words);
    paper.fields(words.security, &entry.security, words.none);
}

fn transfers(paper: &mut Paper, transfers: &[Transfer], words: &Words) {
    let said = |t: &Transfer| format!("{}, {}, {}", t.recipient, t.country, t.safeguards);
    let said: Vec<String> = transfers.iter().map(said).collect();
    paper.fields(words.transfers, &said, words.none);
}

fn put(page: &mut Content, face: Face, x: f32, y: f32, text: &str) {
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
