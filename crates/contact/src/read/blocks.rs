//! A long text as blocks of whole records, so that memory does not follow the length of the file.
//!
//! The caller feeds bytes as they come; blocks know nothing of each other and may be read side by side. Where a
//! record ends is decided by the rules of `delimited` and nothing else. Specified in
//! `docs/formats/reading-files.md`, "Blocks".

use encoding_rs::Decoder;
use memchr::{memchr, memchr3, memrchr2};

use super::{
    delimited::is_line_end,
    encoding::{Codes, UTF8, Utf8Evidence},
    limits::LINE_MAX,
};
use crate::wiped::Wiped;

/// Some records of a text file, still to be decoded.
pub struct Block {
    /// 0 for the block with the headings.
    pub(crate) place: u64,
    pub(crate) bytes: Wiped<Vec<u8>>,
    /// Whether nothing follows.
    pub(crate) last: bool,
}

impl Block {
    /// How far its bytes are UTF-8.
    #[must_use]
    pub fn utf8(&self) -> Utf8Evidence {
        Utf8Evidence::of(&self.bytes)
    }

    /// Place of the block in the file, 0 for the first.
    #[must_use]
    pub const fn place(&self) -> u64 {
        self.place
    }
}

/// Cuts a file into blocks.
pub struct Cutter {
    /// For encodings in which a byte may be a part of another sign.
    decoder: Option<Decoder>,
    mark: bool,
    ends: RecordEnds,
    pending: Wiped<Vec<u8>>,
    /// Bytes of `pending` that were looked at, and the last place where a record ends.
    looked: usize,
    cut: usize,
    /// Bytes that a block has at least, and the next one.
    block_bytes: usize,
    enough: usize,
    place: u64,
    over: bool,
}

const MARK: &[u8] = "\u{feff}".as_bytes();

impl Cutter {
    /// The first block holds the headings, which end at the byte `headings` of the decoded text.
    pub(crate) fn new(codes: Codes, separator: u8, headings: usize, block_bytes: usize) -> Self {
        let decoder = match codes {
            Codes::Standard(encoding) if !codes.cuts_before_decoding() => {
                Some(encoding.new_decoder_with_bom_removal())
            }
            _ => None,
        };
        let utf8 = codes == UTF8;
        Self {
            mark: utf8 || decoder.is_some(),
            decoder,
            ends: RecordEnds { separator, state: State::Start },
            pending: Wiped::new(Vec::with_capacity(block_bytes + PIECE)),
            looked: 0,
            cut: 0,
            block_bytes,
            // No sign has more bytes in a file than in its decoded text.
            enough: block_bytes.max(headings),
            place: 0,
            over: false,
        }
    }

    /// Takes the next bytes of the file; gives the blocks that are whole by now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for piece in bytes.chunks(PIECE) {
            if self.over {
                break;
            }
            self.take(piece, false);
            self.look(false);
            if self.pending.len() - self.cut > LINE_MAX {
                // No record is so long. Whoever reads the block will say what is wrong with it.
                self.over = true;
                blocks.push(self.block(self.pending.len()));
            } else if self.cut >= self.enough {
                blocks.push(self.block(self.cut));
            }
        }
        blocks
    }

    /// The last block, when nothing more comes. There is always one.
    pub fn finish(&mut self) -> Option<Block> {
        if self.over {
            return None;
        }
        self.take(&[], true);
        self.look(true);
        self.over = true;
        Some(self.block(self.pending.len()))
    }

    fn take(&mut self, piece: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else {
            self.pending.extend_from_slice(piece);
            return;
        };
        let mut text = Wiped::new(String::new());
        text.reserve(decoder.max_utf8_buffer_length(piece.len()).unwrap_or(4 * PIECE));
        let (_, read, _) = decoder.decode_to_string(piece, &mut text, last);
        debug_assert_eq!(read, piece.len());
        self.pending.extend_from_slice(text.as_bytes());
    }

    /// Looks for ends of records in what is new.
    fn look(&mut self, last: bool) {
        if self.mark {
            // Byte-order marks at the very beginning: software writes one, and other software another.
            if self.pending.len() < 2 * MARK.len() && !last {
                return;
            }
            let marks = 2 - usize::from(self.decoder.is_some());
            for _ in 0..marks {
                if self.pending.starts_with(MARK) {
                    self.pending.drain(..MARK.len());
                }
            }
            self.mark = false;
        }
        if let Some(end) = self.ends.scan(&self.pending[self.looked..]) {
            self.cut = self.looked + end;
        }
        self.looked = self.pending.len();
    }

    fn block(&mut self, end: usize) -> Block {
        let mut next = Wiped::new(Vec::with_capacity(self.block_bytes + PIECE));
        next.extend_from_slice(&self.pending[end..]);
        let mut bytes = std::mem::replace(&mut self.pending, next);
        bytes.truncate(end);
        let block = Block { place: self.place, bytes, last: self.over };
        (self.looked, self.cut, self.enough) = (self.pending.len(), 0, self.block_bytes);
        self.place += 1;
        block
    }
}

/// Bytes that are looked at in one go.
const PIECE: usize = 1 << 16;

/// Where records end, without reading them.
struct RecordEnds {
    separator: u8,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// A cell begins.
    Start,
    /// In a cell without quotes, or behind a closed quote.
    Cell,
    Quoted,
    /// After a quote inside quotes: it closes, or is one of two.
    Quote,
}

impl RecordEnds {
    /// The place after the last record that ends in these bytes; they go on where the last ones ended.
    fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let plain = matches!(self.state, State::Start | State::Cell);
        if plain && memchr(b'"', bytes).is_none() {
            let last = *bytes.last()?;
            let ended = is_line_end(last) || last == self.separator;
            self.state = if ended { State::Start } else { State::Cell };
            return memrchr2(b'\n', b'\r', bytes).map(|place| place + 1);
        }
        let (mut at, mut end) = (0, None);
        while let Some(byte) = bytes.get(at) {
            match self.state {
                State::Quoted => match memchr(b'"', &bytes[at..]) {
                    Some(offset) => (at, self.state) = (at + offset + 1, State::Quote),
                    None => break,
                },
                State::Cell => match memchr3(self.separator, b'\n', b'\r', &bytes[at..]) {
                    Some(offset) => (at, self.state) = (at + offset, State::Start),
                    None => break,
                },
                State::Start | State::Quote => {
                    self.state = match *byte {
                        b'"' => State::Quoted,
                        byte if byte == self.separator || is_line_end(byte) => State::Start,
                        _ => State::Cell,
                    };
                    at += 1;
                }
            }
            if self.state == State::Start && at > 0 && is_line_end(bytes[at - 1]) {
                end = Some(at);
            }
        }
        end
    }
}
