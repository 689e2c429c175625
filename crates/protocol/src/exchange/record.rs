//! One record of an exchange: the fields of the agreement, what the law wants beside them, and the
//! padding that makes all records of a batch equally long.
//!
//! A record holds a person's contact. It exists in the clear on the sender's and on the recipient's
//! machine only; it has no `Debug`. Specified in `docs/formats/exchange-batch.md`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::canonical;
use crate::entropy::Entropy;

/// Random bytes before the text, so that nobody can work out again, from a guessed record, what its
/// sealed form would be. The recipient holds the key of the whole batch and the digests of the records
/// that were held back: without the salt it could test guesses against them.
pub const SALT: usize = 16;
const LENGTH: usize = 2;

/// A field that an agreement may name. The list is closed: a column that is not in it cannot leave,
/// and no special category of data (GDPR art. 9) is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// E-mail address.
    Email,
    /// Mobile telephone.
    Mobile,
    /// Landline telephone.
    Landline,
    /// Form of address.
    Title,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Number and street.
    Street,
    /// Second line of the address.
    AddressComplement,
    /// Postcode.
    Postcode,
    /// Town.
    Town,
    /// Country, two letters.
    Country,
    /// Year of birth.
    BirthYear,
    /// Company, for professionals.
    Company,
    /// SIRET of the establishment, for professionals.
    Siret,
    /// What the person does in the company, for professionals.
    Function,
    /// Model of the vehicle or article that the person has.
    Product,
    /// Month of the purchase, `YYYY-MM`.
    PurchaseMonth,
    /// Preferred language, two letters.
    Language,
}

impl Field {
    /// Every field, in the order of the format page.
    pub const ALL: [Self; 18] = [
        Self::Email,
        Self::Mobile,
        Self::Landline,
        Self::Title,
        Self::FirstName,
        Self::LastName,
        Self::Street,
        Self::AddressComplement,
        Self::Postcode,
        Self::Town,
        Self::Country,
        Self::BirthYear,
        Self::Company,
        Self::Siret,
        Self::Function,
        Self::Product,
        Self::PurchaseMonth,
        Self::Language,
    ];

    /// The name in documents and in headings of what the recipient opens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::Title => "title",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Street => "street",
            Self::AddressComplement => "address_complement",
            Self::Postcode => "postcode",
            Self::Town => "town",
            Self::Country => "country",
            Self::BirthYear => "birth_year",
            Self::Company => "company",
            Self::Siret => "siret",
            Self::Function => "function",
            Self::Product => "product",
            Self::PurchaseMonth => "purchase_month",
            Self::Language => "language",
        }
    }
}

/// How long every record of a batch is before it is sealed, salt and length included.
///
/// One class for a batch, said in the agreement: lengths then tell nothing about anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
#[non_exhaustive]
pub enum SizeClass {
    /// 512 bytes.
    B512,
    /// 1,024 bytes: enough for all fields of nearly everybody.
    B1024,
    /// 2,048 bytes.
    B2048,
    /// 4,096 bytes.
    B4096,
}

impl SizeClass {
    /// Bytes of a padded record.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::B512 => 512,
            Self::B1024 => 1024,
            Self::B2048 => 2048,
            Self::B4096 => 4096,
        }
    }
}

impl From<SizeClass> for u16 {
    fn from(class: SizeClass) -> Self {
        match class {
            SizeClass::B512 => 512,
            SizeClass::B1024 => 1024,
            SizeClass::B2048 => 2048,
            SizeClass::B4096 => 4096,
        }
    }
}

impl TryFrom<u16> for SizeClass {
    type Error = RecordError;

    fn try_from(bytes: u16) -> Result<Self, RecordError> {
        match bytes {
            512 => Ok(Self::B512),
            1024 => Ok(Self::B1024),
            2048 => Ok(Self::B2048),
            4096 => Ok(Self::B4096),
            _ => Err(RecordError::SizeClass),
        }
    }
}

/// Why a record is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not one of the lengths that records may have.
    #[error("records are padded to 512, 1024, 2048 or 4096 bytes")]
    SizeClass,
    /// The record does not fit.
    #[error("the record is longer than the padding of its batch allows")]
    TooLong,
    /// Salt, length, text and zeros do not stand where they should.
    #[error("the record is not padded as its format says")]
    Padding,
    /// The text is not a record.
    #[error("the record does not have the expected fields")]
    Shape,
}

impl RecordError {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SizeClass => "record.size_class",
            Self::TooLong => "record.too_long",
            Self::Padding => "record.padding",
            Self::Shape => "record.shape",
        }
    }
}

/// One record in the clear, with what each of them must carry (GDPR art. 14(2)(f), requirement EXC-11).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainRecord {
    /// The fields of the agreement that the person has; never empty texts.
    pub fields: BTreeMap<Field, String>,
    /// Who passes it on: the name of the sender.
    pub source: String,
    /// When the sender collected it.
    pub collected: Date,
    /// The consent record on which it rests, or the rule, as the sender knows it.
    pub basis: String,
    /// Where the notice stands that the person was given.
    pub notice_url: String,
    /// Where the person exercises rights.
    pub rights_contact: String,
}

impl Drop for PlainRecord {
    fn drop(&mut self) {
        self.fields.values_mut().for_each(Zeroize::zeroize);
    }
}

impl PlainRecord {
    /// The record as it is sealed: salt, length, canonical text, zeros.
    ///
    /// # Errors
    /// [`RecordError::TooLong`].
    pub fn pad(
        &self,
        class: SizeClass,
        entropy: &mut impl Entropy,
    ) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        padded(self, class.bytes(), entropy)
    }

    /// Reads what [`PlainRecord::pad`] wrote; every record has one form for its salt.
    ///
    /// # Errors
    /// [`RecordError::Padding`], [`RecordError::Shape`].
    pub fn unpad(padded: &[u8]) -> Result<Self, RecordError> {
        unpadded(padded)
    }
}

/// Salt, length, canonical text, zeros up to a length.
pub(super) fn padded(
    document: &impl Serialize,
    bytes: usize,
    entropy: &mut impl Entropy,
) -> Result<Zeroizing<Vec<u8>>, RecordError> {
    let text = Zeroizing::new(canonical::to_vec(document));
    let mut padded = Zeroizing::new(vec![0; bytes]);
    let (salt, rest) = padded.split_at_mut(SALT);
    let (length, body) = rest.split_at_mut(LENGTH);
    let place = body.get_mut(..text.len()).ok_or(RecordError::TooLong)?;
    entropy.fill(salt);
    let bytes = u16::try_from(text.len()).map_err(|_| RecordError::TooLong)?;
    length.copy_from_slice(&bytes.to_be_bytes());
    place.copy_from_slice(&text);
    Ok(padded)
}

/// Reads what [`padded`] wrote.
pub(super) fn unpadded<T: Serialize + DeserializeOwned>(padded: &[u8]) -> Result<T, RecordError> {
    let rest = padded.get(SALT..).ok_or(RecordError::Padding)?;
    let (length, body) = rest.split_first_chunk::<LENGTH>().ok_or(RecordError::Padding)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (text, zeros) = body.split_at_checked(length).ok_or(RecordError::Padding)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(RecordError::Padding);
    }
    canonical::from_slice(text).map_err(|_| RecordError::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::System;

    pub(super) fn sample(note: &str) -> PlainRecord {
        PlainRecord {
            fields: [(Field::Email, note.to_owned()), (Field::Town, "Brest".to_owned())].into(),
            source: "Garage du Port".to_owned(),
            collected: jiff::civil::date(2026, 3, 4),
            basis: "consent".to_owned(),
            notice_url: "https://example.invalid/notice".to_owned(),
            rights_contact: "dpo@example.invalid".to_owned(),
        }
    }

    #[test]
    fn exc_11_a_record_carries_source_date_basis_notice_and_rights_contact() {
        let record = sample("a@example.invalid");
        let padded = record.pad(SizeClass::B512, &mut System).expect("fits");
        assert_eq!(padded.len(), 512);
        assert!(PlainRecord::unpad(&padded).expect("reads") == record);
        let text: serde_json::Value =
            serde_json::from_slice(&canonical::to_vec(&record)).expect("JSON");
        for field in ["source", "collected", "basis", "notice_url", "rights_contact"] {
            let mut less = text.clone();
            less.as_object_mut().expect("an object").remove(field);
            assert!(serde_json::from_value::<PlainRecord>(less).is_err(), "{field}");
        }
    }

    #[test]
    fn two_paddings_of_one_record_differ_in_their_salt_only() {
        let record = sample("a@example.invalid");
        let pad = || record.pad(SizeClass::B512, &mut System).expect("fits");
        let (one, two) = (pad(), pad());
        assert_ne!(one[..SALT], two[..SALT]);
        assert_eq!(one[SALT..], two[SALT..]);
    }

    #[test]
    fn a_record_that_does_not_fit_and_a_spoilt_one_are_refused() {
        let long = sample(&"x".repeat(600));
        assert_eq!(long.pad(SizeClass::B512, &mut System).err(), Some(RecordError::TooLong));
        assert!(long.pad(SizeClass::B1024, &mut System).is_ok());
        let good = sample("a@example.invalid").pad(SizeClass::B512, &mut System).expect("fits");
        let spoilt = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = good.to_vec();
            change(&mut bytes);
            PlainRecord::unpad(&bytes).err()
        };
        assert_eq!(spoilt(&|b| b[511] = 1), Some(RecordError::Padding));
        assert_eq!(spoilt(&|b| b[SALT] = 0xff), Some(RecordError::Padding));
        assert_eq!(spoilt(&|b| b[SALT + LENGTH] = b'x'), Some(RecordError::Shape));
        assert_eq!(spoilt(&|b| b.truncate(SALT + 1)), Some(RecordError::Padding));
        assert_eq!(spoilt(&|b| b.truncate(3)), Some(RecordError::Padding));
        assert_eq!(SizeClass::try_from(300), Err(RecordError::SizeClass));
    }

    #[test]
    fn exc_26_no_field_can_say_a_special_category_and_names_are_unique() {
        let names: std::collections::BTreeSet<_> = Field::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names.len(), Field::ALL.len());
        for word in ["health", "religion", "opinion", "union", "ethnic", "sex", "biometric"] {
            assert!(names.iter().all(|name| !name.contains(word)), "{word}");
        }
        let text = serde_json::to_string(&Field::PurchaseMonth).expect("JSON");
        assert_eq!(text, "\"purchase_month\"");
        for field in Field::ALL {
            assert_eq!(
                serde_json::to_string(&field).expect("JSON"),
                format!("\"{}\"", field.name())
            );
        }
    }
}
