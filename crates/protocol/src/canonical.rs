//! Canonical JSON (RFC 8785, JCS): one document has one byte string, so that it can be signed,
//! digested and compared. Documents hold integers and text only, never floating-point numbers.

mod ordered;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Why bytes are not the canonical form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// Not JSON of the expected shape: a field is missing, unknown or of another type.
    #[error("the document does not have the expected fields")]
    Shape,
    /// A number that is no integer of 53 bits: readers would not agree on it (RFC 8785 writes
    /// numbers as IEEE 754 doubles).
    #[error("the document holds a number that JSON readers do not agree on")]
    Number,
    /// The right document, but not the canonical bytes of it.
    #[error("the document is not in canonical form (RFC 8785)")]
    NotCanonical,
}

impl CanonicalError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "document.shape",
            Self::Number => "document.number",
            Self::NotCanonical => "document.not_canonical",
        }
    }
}

/// The greatest integer that every reader of JSON keeps exactly (RFC 8259 section 6).
pub const EXACT_MAX: u64 = (1 << 53) - 1;

fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.as_u64().is_some_and(|n| n <= EXACT_MAX)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() <= EXACT_MAX)
        }
        Value::Array(values) => values.iter().all(is_exact),
        Value::Object(fields) => fields.values().all(is_exact),
        _ => true,
    }
}

/// The canonical bytes of a document. Its integers must stay within [`EXACT_MAX`]: whoever makes a
/// document bounds them where they enter, and [`from_slice`] refuses the others.
#[must_use]
pub fn to_vec<T: Serialize>(document: &T) -> Vec<u8> {
    ordered::to_vec(document).unwrap_or_else(|| {
        serde_jcs::to_vec(document).expect("documents are plain structs of text and integers")
    })
}

/// Reads canonical bytes; refuses any byte string that [`to_vec`] would not have written.
///
/// # Errors
/// [`CanonicalError`].
pub fn from_slice<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| CanonicalError::Shape)?;
    if !is_exact(&value) {
        return Err(CanonicalError::Number);
    }
    let document: T = serde_json::from_slice(bytes).map_err(|_| CanonicalError::Shape)?;
    if to_vec(&document) == bytes { Ok(document) } else { Err(CanonicalError::NotCanonical) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        b: i64,
        a: String,
    }

    proptest::proptest! {
        #[test]
        fn decode_inverts_encode(a in ".*", b in -(1i64 << 53)..(1i64 << 53)) {
            let sample = Sample { b, a };
            let bytes = to_vec(&sample);
            proptest::prop_assert_eq!(from_slice::<Sample>(&bytes), Ok(sample));
        }
    }

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert!(from_slice::<Sample>(br#"{"a":"x","b":1}"#).is_ok());
        for other in [
            br#"{"b":1,"a":"x"}"#.as_slice(),
            br#"{"a":"x", "b":1}"#,
            br#"{"a":"x","b":1}
"#,
            br#"{"a":"\u0078","b":1}"#,
        ] {
            assert_eq!(from_slice::<Sample>(other), Err(CanonicalError::NotCanonical));
        }
        assert_eq!(from_slice::<Sample>(br#"{"a":"x","b":1,"c":0}"#), Err(CanonicalError::Shape));
        let beyond = br#"{"a":"x","b":9007199254740992}"#;
        assert_eq!(from_slice::<Sample>(beyond), Err(CanonicalError::Number));
    }
}
