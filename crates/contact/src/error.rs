//! Why a file as a whole is refused.
//!
//! Never a value of the file: fields, column numbers, counts and stable codes only. Reasons that
//! concern one row are codes in [`crate::Reject`]. Specified in `docs/formats/reading-files.md`,
//! "Refusals".

use crate::field::Field;

/// Why a file cannot be prepared. Column numbers are 1 for the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// No byte, or nothing but blank lines.
    #[error("the file is empty")]
    Empty,
    /// A heading row and nothing under it.
    #[error("the file has a heading row and no data row")]
    NoRows,
    /// No row among the first ones looks like headings.
    #[error("no heading row was found: name the columns in the first row, or map them")]
    NoHeadings,
    /// Columns that this kind of file needs are not there.
    #[error(
        "columns are missing: {}; recognised: {}; not recognised: {}; {}",
        names(missing),
        names(found),
        columns(unknown),
        tries(suggestions, missing)
    )]
    HeadingsMissing {
        /// Fields that were recognised.
        found: Vec<Field>,
        /// Fields that are needed.
        missing: Vec<Field>,
        /// Columns that were not recognised.
        unknown: Vec<Unread>,
        /// Mappings by hand that fit what the columns hold.
        suggestions: Vec<Suggestion>,
    },
    /// No column can give an identifier that the policy names.
    #[error(
        "no column gives an identifier of this programme; recognised: {}; not recognised: {}; {}",
        names(found),
        columns(unknown),
        tries(suggestions, any_identifier(suggestions))
    )]
    NoIdentifierColumn {
        /// Fields that were recognised.
        found: Vec<Field>,
        /// Columns that were not recognised.
        unknown: Vec<Unread>,
        /// Mappings by hand that fit what the columns hold.
        suggestions: Vec<Suggestion>,
    },
    /// Two columns claim the same meaning, and nothing tells which is meant.
    #[error("columns {first} and {second} both look like {field}: map the one that is meant")]
    HeadingTwice {
        /// What both look like.
        field: Field,
        /// Number of the first column.
        first: usize,
        /// Number of the second column.
        second: usize,
    },
    /// A mapping names a heading that the file does not have.
    #[error("mappings {places:?} name headings that are not in the file")]
    MappingUnknown {
        /// Places of the mappings in the options, 1 for the first.
        places: Vec<usize>,
    },
    /// More columns than any sales file has: the wrong file, or the wrong separator.
    #[error("the file has {found} columns; at most {limit} are read")]
    TooManyColumns {
        /// Columns of the file.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A web page or XML document under the name of a table.
    #[error(
        "the file is a web page (HTML or XML), not a table: open it and save it as XLSX or CSV"
    )]
    Markup,
    /// A known format without a table (PDF, image, archive), or binary data.
    #[error("the file holds no table that can be read: save it as XLSX or CSV")]
    NotATable,
    /// A workbook that cannot be read.
    #[error("the workbook is damaged or of an unknown kind: save it as XLSX or CSV")]
    Workbook,
    /// A workbook that unpacks to far more than one of contacts holds.
    #[error("the workbook unpacks to more than it can mean: save it again, or as CSV")]
    ZipBomb,
    /// More cells than are read.
    #[error(
        "the workbook has more than {limit} cells: save the sheet of contacts alone, or as CSV"
    )]
    WorkbookTooLarge {
        /// Cells that are read at most.
        limit: u64,
    },
    /// A workbook under a password.
    #[error("the workbook is protected by a password: save it without one")]
    Password,
    /// The sheet asked for is not in the workbook.
    #[error("the workbook has no visible sheet of that name")]
    SheetUnknown,
    /// The encoding asked for is unknown.
    #[error("the encoding asked for is unknown")]
    Encoding,
    /// The separator asked for is none.
    #[error("the separator asked for is none: take ';', ',', '|' or a tab")]
    Separator,
    /// A quote opens and never closes, so that lines would be lost.
    #[error("a quote that opens at or after record {record} is never closed")]
    QuoteUnclosed {
        /// Record of the file, 1 for the first, headings included.
        record: usize,
    },
    /// Megabytes without a line end: no table, or one that lost its line ends.
    #[error("a line is longer than {limit} bytes: the file has lost its line ends, or is no table")]
    LineTooLong {
        /// Bytes that a line may have.
        limit: usize,
    },
    /// A column holds hashes that are not SHA-256.
    #[error(
        "column {column} holds hashes that are not SHA-256: export it in clear, or as SHA-256 of the normal form"
    )]
    HashUnknown {
        /// Number of the column.
        column: usize,
    },
    /// A column of telephones that were hashed in another form than E.164 with `+`.
    #[error(
        "column {column} holds telephones hashed without the + of E.164 (the form of Meta), which meet nobody's here: export them in clear, or hashed for Customer Match"
    )]
    HashPhoneForm {
        /// Number of the column.
        column: usize,
    },
    /// A column that is declared as hashed and holds no SHA-256.
    #[error("column {column} is declared as hashed, and holds no SHA-256 in hexadecimal")]
    HashAbsent {
        /// Number of the column.
        column: usize,
    },
    /// A column is declared as hashed in which no hash may stand.
    #[error("column {column} is declared as hashed; only e-mail and telephone columns may be")]
    HashField {
        /// Number of the column.
        column: usize,
    },
    /// A declaration names a heading that the file does not have.
    #[error("declaration number {place} of hashes names a heading that is not in the file")]
    DeclarationUnknown {
        /// Place of the declaration in the options, 1 for the first.
        place: usize,
    },
    /// No row is good.
    #[error("every one of the {rows} rows was rejected; most often: {}", reasons(codes))]
    OnlyRejects {
        /// Data rows of the file.
        rows: u64,
        /// The commonest reasons with the number of their rows, at most three.
        codes: Vec<(&'static str, u64)>,
    },
    /// More rows were rejected than the policy allows.
    #[error(
        "{rejected} of {rows} rows were rejected, more than {limit_permille} in a thousand; most often: {}",
        reasons(codes)
    )]
    TooManyRejects {
        /// Data rows of the file.
        rows: u64,
        /// Rows rejected.
        rejected: u64,
        /// The policy's limit.
        limit_permille: u16,
        /// The commonest reasons with the number of their rows, at most three.
        codes: Vec<(&'static str, u64)>,
    },
    /// The options name no kind that can define a person.
    #[error("the programme names no identifier that can define a person")]
    NoKeyKind,
    /// Leads need the programme's list of campaigns.
    #[error("the programme has no campaign")]
    NoCampaign,
}

impl PrepareError {
    /// The same, where so many records of the file stand before those that were counted.
    pub(crate) fn further_down(self, records: usize) -> Self {
        match self {
            Self::QuoteUnclosed { record } => Self::QuoteUnclosed { record: records + record },
            other => other,
        }
    }

    /// Stable code for scripts and support.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file.empty",
            Self::NoRows => "file.no_rows",
            Self::NoHeadings => "file.no_headings",
            Self::HeadingsMissing { .. } => "file.headings_missing",
            Self::NoIdentifierColumn { .. } => "file.no_identifier_column",
            Self::HeadingTwice { .. } => "file.heading_twice",
            Self::MappingUnknown { .. } => "file.mapping_unknown",
            Self::TooManyColumns { .. } => "file.too_many_columns",
            Self::Markup => "file.markup",
            Self::NotATable => "file.not_a_table",
            Self::Workbook => "file.workbook",
            Self::ZipBomb => "file.zip_bomb",
            Self::WorkbookTooLarge { .. } => "file.workbook_too_large",
            Self::Password => "file.password",
            Self::SheetUnknown => "file.sheet_unknown",
            Self::Encoding => "file.encoding",
            Self::Separator => "file.separator",
            Self::QuoteUnclosed { .. } => "file.quote_unclosed",
            Self::LineTooLong { .. } => "file.line_too_long",
            Self::HashUnknown { .. } => "file.hash_unknown",
            Self::HashPhoneForm { .. } => "file.hash_phone_form",
            Self::HashAbsent { .. } => "file.hash_absent",
            Self::HashField { .. } => "file.hash_field",
            Self::DeclarationUnknown { .. } => "file.hash_heading",
            Self::OnlyRejects { .. } => "file.only_rejects",
            Self::TooManyRejects { .. } => "file.too_many_rejects",
            Self::NoKeyKind => "policy.no_key_kind",
            Self::NoCampaign => "policy.no_campaign",
        }
    }
}

/// A column that was not recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its number, 1 for the first.
    pub column: usize,
    /// Its heading, where the row that holds it is one of headings beyond doubt; a person's name could stand
    /// there otherwise.
    pub heading: Option<String>,
}

impl Unread {
    /// How a mapping by hand names the column: by its heading, else by its number.
    #[must_use]
    pub fn name(&self) -> String {
        self.heading.clone().unwrap_or_else(|| format!("#{}", self.column))
    }
}

/// A mapping by hand to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The column that looks like the field.
    pub column: Unread,
    /// What it looks like.
    pub field: Field,
}

/// `4 "DT VTE", 7`
fn columns(unknown: &[Unread]) -> String {
    let columns: Vec<String> = unknown
        .iter()
        .take(20)
        .map(|unread| match &unread.heading {
            Some(heading) => format!("column {} \"{heading}\"", unread.column),
            None => format!("column {}", unread.column),
        })
        .collect();
    if columns.is_empty() { "none".to_owned() } else { columns.join(", ") }
}

/// `try --map "DT VTE=sale_date"`, with the words to complete where no column looks like the field.
fn tries(suggestions: &[Suggestion], missing: &[Field]) -> String {
    let known = |field: &&Field| !suggestions.iter().any(|found| found.field == **field);
    let found = suggestions.iter().map(|s| format!("--map \"{}={}\"", s.column.name(), s.field));
    let open = missing
        .iter()
        .filter(known)
        .map(|field| format!("--map \"HEADING={field}\" (or \"#NUMBER={field}\")"));
    let words: Vec<String> = found.chain(open).collect();
    format!("try {}", words.join(" "))
}

/// Any identifier will do: one is proposed in words only where no column looks like any.
const fn any_identifier(suggestions: &[Suggestion]) -> &'static [Field] {
    if suggestions.is_empty() { &[Field::Email] } else { &[] }
}

fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// `row.no_date (12), row.bad_amount (3)`
fn reasons(codes: &[(&'static str, u64)]) -> String {
    let reasons: Vec<String> =
        codes.iter().map(|(code, count)| format!("{code} ({count})")).collect();
    reasons.join(", ")
}
