//! Writes canonical JSON in one pass: members are put in order where they stand, once their object is whole, so that
//! nothing is allocated for each. What takes more than that (numbers that are no exact integers, keys that are
//! not plain ASCII, a key that comes twice) is left to `serde_jcs`, with which everything here agrees.

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

use super::EXACT_MAX;

/// The canonical bytes of a document of integers and text; `None` for one that is left to others.
pub(super) fn to_vec<T: Serialize + ?Sized>(document: &T) -> Option<Vec<u8>> {
    let mut ordered = Ordered::new();
    document.serialize(&mut Serializer::with_formatter(io::sink(), &mut ordered)).ok()?;
    Some(ordered.out)
}

/// What is written so far.
struct Ordered {
    out: Vec<u8>,
    objects: Vec<Object>,
    /// Members of all objects that are open, those of the innermost last.
    members: Vec<Member>,
    spare: Vec<u8>,
}

/// An object that is open.
struct Object {
    /// Where its members begin.
    begin: usize,
    /// Which of the members is its first.
    first: usize,
    /// Whether its keys came in order.
    in_order: bool,
}

/// A member, by places in what is written: from its key to the end of its value.
#[derive(Clone, Copy)]
struct Member {
    begin: usize,
    value: usize,
    end: usize,
}

/// What is not written here.
fn left() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

impl Ordered {
    /// With room for an ordinary document, so that little is moved while it grows.
    fn new() -> Self {
        Self {
            out: Vec::with_capacity(512),
            objects: Vec::with_capacity(8),
            members: Vec::with_capacity(32),
            spare: Vec::new(),
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn unsigned(&mut self, number: u64) -> io::Result<()> {
        if number > EXACT_MAX { Err(left()) } else { write!(self.out, "{number}") }
    }

    fn signed(&mut self, number: i64) -> io::Result<()> {
        if number.unsigned_abs() > EXACT_MAX { Err(left()) } else { write!(self.out, "{number}") }
    }

    fn key(&self, member: &Member) -> &[u8] {
        // The quotation marks around it would count in the comparison of a key with a longer one.
        self.out.get(member.begin + 1..member.value.saturating_sub(1)).unwrap_or_default()
    }

    fn key_ended(&mut self) -> io::Result<()> {
        let end = self.out.len();
        let object = self.objects.last().ok_or_else(left)?;
        let first = object.first;
        let member = self.members.last_mut().ok_or_else(left)?;
        member.value = end;
        let member = *member;
        // Only of these the order of bytes is that of UTF-16 units.
        if !self.key(&member).iter().all(|byte| byte.is_ascii() && *byte != b'\\') {
            return Err(left());
        }
        let before = self.members.len().checked_sub(2).filter(|at| *at >= first);
        let before = before.and_then(|at| self.members.get(at));
        if before.is_some_and(|before| self.key(before) >= self.key(&member))
            && let Some(object) = self.objects.last_mut()
        {
            object.in_order = false;
        }
        Ok(())
    }

    fn object_ended(&mut self) -> io::Result<()> {
        let Object { begin, first, in_order } = self.objects.pop().ok_or_else(left)?;
        if !in_order {
            let mut members = self.members.split_off(first);
            members.sort_unstable_by(|a, b| self.key(a).cmp(self.key(b)));
            let twice = |pair: &[Member]| matches!(pair, [a, b] if self.key(a) == self.key(b));
            if members.windows(2).any(twice) {
                return Err(left());
            }
            self.spare.clear();
            for member in &members {
                if !self.spare.is_empty() {
                    self.spare.push(b',');
                }
                self.spare
                    .extend_from_slice(self.out.get(member.begin..member.end).ok_or_else(left)?);
            }
            self.out.truncate(begin);
            self.out.append(&mut self.spare);
        }
        self.members.truncate(first);
        self.put(b"}");
        Ok(())
    }
}

impl Formatter for &mut Ordered {
    fn write_null<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"null");
        Ok(())
    }

    fn write_bool<W: ?Sized>(&mut self, _: &mut W, value: bool) -> io::Result<()> {
        self.put(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn write_i8<W: ?Sized>(&mut self, _: &mut W, value: i8) -> io::Result<()> {
        self.signed(value.into())
    }

    fn write_i16<W: ?Sized>(&mut self, _: &mut W, value: i16) -> io::Result<()> {
        self.signed(value.into())
    }

    fn write_i32<W: ?Sized>(&mut self, _: &mut W, value: i32) -> io::Result<()> {
        self.signed(value.into())
    }

    fn write_i64<W: ?Sized>(&mut self, _: &mut W, value: i64) -> io::Result<()> {
        self.signed(value)
    }

    fn write_i128<W: ?Sized>(&mut self, _: &mut W, _: i128) -> io::Result<()> {
        Err(left())
    }

    fn write_u8<W: ?Sized>(&mut self, _: &mut W, value: u8) -> io::Result<()> {
        self.unsigned(value.into())
    }

    fn write_u16<W: ?Sized>(&mut self, _: &mut W, value: u16) -> io::Result<()> {
        self.unsigned(value.into())
    }

    fn write_u32<W: ?Sized>(&mut self, _: &mut W, value: u32) -> io::Result<()> {
        self.unsigned(value.into())
    }

    fn write_u64<W: ?Sized>(&mut self, _: &mut W, value: u64) -> io::Result<()> {
        self.unsigned(value)
    }

    fn write_u128<W: ?Sized>(&mut self, _: &mut W, _: u128) -> io::Result<()> {
        Err(left())
    }

    fn write_f32<W: ?Sized>(&mut self, _: &mut W, _: f32) -> io::Result<()> {
        Err(left())
    }

    fn write_f64<W: ?Sized>(&mut self, _: &mut W, _: f64) -> io::Result<()> {
        Err(left())
    }

    fn write_number_str<W: ?Sized>(&mut self, _: &mut W, _: &str) -> io::Result<()> {
        Err(left())
    }

    fn write_raw_fragment<W: ?Sized>(&mut self, _: &mut W, _: &str) -> io::Result<()> {
        Err(left())
    }

    fn begin_string<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"\"");
        Ok(())
    }

    fn end_string<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"\"");
        Ok(())
    }

    fn write_string_fragment<W: ?Sized>(&mut self, _: &mut W, fragment: &str) -> io::Result<()> {
        self.put(fragment.as_bytes());
        Ok(())
    }

    fn write_char_escape<W: ?Sized>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => self.put(b"\\\""),
            CharEscape::ReverseSolidus => self.put(b"\\\\"),
            CharEscape::Solidus => self.put(b"/"),
            CharEscape::Backspace => self.put(b"\\b"),
            CharEscape::FormFeed => self.put(b"\\f"),
            CharEscape::LineFeed => self.put(b"\\n"),
            CharEscape::CarriageReturn => self.put(b"\\r"),
            CharEscape::Tab => self.put(b"\\t"),
            CharEscape::AsciiControl(control) => return write!(self.out, "\\u{control:04x}"),
        }
        Ok(())
    }

    fn begin_array<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"[");
        Ok(())
    }

    fn end_array<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"]");
        Ok(())
    }

    fn begin_array_value<W: ?Sized>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        if !first {
            self.put(b",");
        }
        Ok(())
    }

    fn end_array_value<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn begin_object<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"{");
        let (begin, first) = (self.out.len(), self.members.len());
        self.objects.push(Object { begin, first, in_order: true });
        Ok(())
    }

    fn end_object<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.object_ended()
    }

    fn begin_object_key<W: ?Sized>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        if !first {
            self.put(b",");
        }
        let begin = self.out.len();
        self.members.push(Member { begin, value: begin, end: begin });
        Ok(())
    }

    fn end_object_key<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.key_ended()
    }

    fn begin_object_value<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b":");
        Ok(())
    }

    fn end_object_value<W: ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        let end = self.out.len();
        self.members.last_mut().ok_or_else(left)?.end = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Any document, with keys and numbers of all sorts.
    fn document() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            (-(1_i64 << 54)..(1_i64 << 54)).prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            (0_u8..9).prop_map(Value::from),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            number,
            ".{0,9}".prop_map(Value::from),
            "[\\x00-\\x7f]{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            let key = prop_oneof![4 => "[a-c_]{0,3}", 1 => ".{0,3}"];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((key, inner), 0..7)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Members in the order in which they are given, as a struct has them.
    struct Members(Vec<(&'static str, Value)>);

    impl Serialize for Members {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(key, value)| (*key, value)))
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_the_reference_writes(value in document()) {
            if let Some(written) = to_vec(&value) {
                prop_assert_eq!(written, serde_jcs::to_vec(&value).unwrap());
            }
        }

        #[test]
        fn members_are_put_in_order_at_every_depth(
            outer in proptest::sample::subsequence(vec!["b", "a", "ab", "kind", "", "a b", "z"], 0..7)
                .prop_shuffle(),
            inner in proptest::collection::vec(document(), 7),
        ) {
            let of = |values: &[Value]| {
                Members(outer.iter().copied().zip(values.iter().cloned()).collect())
            };
            let within = serde_json::from_slice(&serde_jcs::to_vec(&of(&inner)).unwrap()).unwrap();
            for members in [of(&inner), of(&vec![within; 7])] {
                if let Some(written) = to_vec(&members) {
                    prop_assert_eq!(written, serde_jcs::to_vec(&members).unwrap());
                }
            }
        }
    }

    #[test]
    fn plain_documents_are_written_here_and_others_left() {
        let plain = serde_json::json!({ "b": [1, -2, { "d": "é\u{1}\"", "c": null }], "a": true });
        assert_eq!(
            to_vec(&plain).unwrap(),
            "{\"a\":true,\"b\":[1,-2,{\"c\":null,\"d\":\"é\\u0001\\\"\"}]}".as_bytes()
        );
        for other in [
            serde_json::json!({ "é": 1 }),
            serde_json::json!(0.5),
            serde_json::json!(EXACT_MAX + 1),
            serde_json::json!({ "a\"": 1 }),
        ] {
            assert_eq!(to_vec(&other), None, "{other}");
        }
        let twice = Members(vec![("a", 1.into()), ("b", 2.into()), ("a", 3.into())]);
        assert_eq!(to_vec(&twice), None);
    }
}
