//! Telephone numbers, to E.164 with `+`, mobile and fixed told apart.
//!
//! The French plan (metropolitan and overseas) is written out here, so that a new release of phone
//! metadata cannot change a token; every other country goes through libphonenumber's rules. Specified in
//! `docs/formats/normalisation-v1.md`, "Telephone".

use rlibphonenumber::{PhoneNumber, PhoneNumberType, enums::Region};

use super::{
    Reading, Repair, Repairs,
    placeholder::{is_placeholder, is_placeholder_phone},
    text::clean,
};

/// The numbers found in one cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phones {
    /// First mobile number, E.164.
    pub mobile: Option<String>,
    /// First fixed number, E.164.
    pub landline: Option<String>,
    /// What was mended: a zero put back, an exponent undone, a choice made.
    pub repairs: Repairs,
    /// Whether the cell held a number that is none, or a premium-rate one.
    pub refused: bool,
}

impl Phones {
    /// Whether the cell was empty or a placeholder.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        self.mobile.is_none() && self.landline.is_none() && !self.refused
    }

    /// Takes the number that a part of a cell is, if it is one.
    fn take_single(&mut self, part: &str) -> bool {
        let mut repairs = Repairs::NONE;
        let found = single(part, &mut repairs).ok();
        let is_number = found.is_some();
        if let Some(number) = found {
            self.take(number);
            self.repairs |= repairs;
        }
        is_number
    }

    fn take(&mut self, found: Number) {
        let (place, e164) = match found {
            Number::Mobile(e164) => (&mut self.mobile, e164),
            Number::Landline(e164) => (&mut self.landline, e164),
        };
        if place.is_none() {
            *place = Some(e164);
        } else {
            self.repairs.add(Repair::PhoneSeveral);
        }
    }
}

enum Number {
    Mobile(String),
    Landline(String),
}

/// Why a text is no number.
enum Not {
    Missing,
    Refused,
}

/// Reads the numbers of a cell.
#[must_use]
pub fn normalise(cell: &str) -> Phones {
    let cell = clean(cell);
    let mut phones = Phones::default();
    if cell.is_empty() {
        return phones;
    }
    match single(&cell, &mut phones.repairs) {
        Ok(number) => {
            phones.take(number);
            return phones;
        }
        Err(Not::Missing) => return phones,
        Err(Not::Refused) => phones.repairs = Repairs::NONE,
    }
    if is_placeholder(&cell) {
        return phones;
    }
    several(&cell, &mut phones);
    if phones.mobile.is_none() && phones.landline.is_none() {
        phones.repairs = Repairs::NONE;
        phones.refused = true;
    } else if !phones.repairs.has(Repair::PhoneSeveral) {
        phones.repairs.add(Repair::PhoneWords);
    }
    phones
}

/// The numbers of a cell, however they were read.
pub(crate) enum Numbers {
    Usual(Usual),
    Ruled(Phones),
}

impl Numbers {
    /// A cell that holds none.
    pub(crate) const REFUSED: Self =
        Self::Ruled(Phones { mobile: None, landline: None, repairs: Repairs::NONE, refused: true });

    /// Reads what [`normalise`] reads.
    pub(crate) fn read(cell: &str) -> Self {
        Usual::read(cell).map_or_else(|| Self::Ruled(normalise(cell)), Self::Usual)
    }

    /// How the cell ended.
    pub(crate) fn reading(&self) -> Reading<()> {
        match self {
            Self::Ruled(phones) if phones.refused => Reading::Refused,
            Self::Ruled(phones) if phones.is_missing() => Reading::Missing,
            _ => Reading::of((), self.repairs()),
        }
    }

    /// What mended it.
    pub(crate) const fn repairs(&self) -> Repairs {
        match self {
            Self::Usual(usual) => usual.repairs,
            Self::Ruled(phones) => phones.repairs,
        }
    }

    /// Mobile and fixed number, E.164.
    pub(crate) fn each(&self) -> [Option<&[u8]>; 2] {
        match self {
            Self::Usual(usual) if usual.is_mobile => [Some(&usual.e164), None],
            Self::Usual(usual) => [None, Some(&usual.e164)],
            Self::Ruled(phones) => {
                [&phones.mobile, &phones.landline].map(|e164| e164.as_deref().map(str::as_bytes))
            }
        }
    }
}

/// A number of metropolitan France as nearly all files write it.
pub(crate) struct Usual {
    e164: [u8; 12],
    is_mobile: bool,
    repairs: Repairs,
}

impl Usual {
    /// Reads a cell of digits, a `+` before them, and blanks, dots and hyphens between. `None` says nothing
    /// yet: [`normalise`] reads every cell.
    fn read(cell: &str) -> Option<Self> {
        // The longest is `0033`, nine digits, and a sign behind each.
        const DIGITS_MAX: usize = 13;
        if cell.len() > 2 * DIGITS_MAX || cell.trim_end_matches(' ').ends_with(".0") {
            return None;
        }
        let (mut digits, mut len, mut plus) = ([0; DIGITS_MAX], 0, false);
        for byte in cell.bytes() {
            match byte {
                b'0'..=b'9' => {
                    *digits.get_mut(len)? = byte;
                    len += 1;
                }
                b' ' | b'.' | b'-' => {}
                b'+' if len == 0 && !plus => plus = true,
                _ => return None,
            }
        }
        let mut repairs = Repairs::NONE;
        let national = match (&digits[..len], plus) {
            ([b'3', b'3', national @ ..], true)
            | ([b'0', b'0', b'3', b'3', national @ ..], false)
                if national.len() == 9 =>
            {
                national
            }
            ([b'0', national @ ..], false) if national.len() == 9 => national,
            (national, false) if national.len() == 9 => {
                repairs.add(Repair::PhoneEatenZero);
                national
            }
            _ => return None,
        };
        // Overseas ranges, and that of fiction, which lies in one of them.
        let elsewhere =
            matches!(national, [b'2', b'6', ..] | [b'5' | b'6', b'9', ..] | [b'6', b'3', b'9', ..]);
        if elsewhere || !matches!(national[0], b'1'..=b'7' | b'9') || is_placeholder_phone(national)
        {
            return None;
        }
        let mut e164 = *b"+33         ";
        e164[3..].copy_from_slice(national);
        Some(Self { e164, is_mobile: matches!(national[0], b'6' | b'7'), repairs })
    }
}

/// Two numbers in one cell, with a sign or nothing between them.
fn several(cell: &str, phones: &mut Phones) {
    let lower =
        cell.to_ascii_lowercase().replace(" ou ", "/").replace(" et ", "/").replace(" - ", "/");
    let mut numbers = 0;
    for part in lower.split(['/', ';', ',', '|', '\\']) {
        let part = part.trim_matches(|c: char| c.is_alphabetic() || " :.()[]".contains(c));
        numbers += u32::from(phones.take_single(part));
    }
    if numbers == 0 {
        let digits: String = lower.chars().filter(char::is_ascii_digit).collect();
        let parts: &[&str] = match digits.len() {
            // 06/12/34/56/78
            10 => &[&digits],
            20 => &[&digits[..10], &digits[10..]],
            _ => &[],
        };
        for part in parts {
            numbers += u32::from(phones.take_single(part));
        }
    }
    phones.repairs.add_if(numbers > 1, Repair::PhoneSeveral);
}

/// Digits of a number and whether a `+` stood before them.
struct Dialled {
    digits: [u8; 20],
    len: usize,
    plus: bool,
}

impl Dialled {
    /// Takes digits, blanks and the signs that people put between; anything else is no number.
    fn read(text: &str) -> Option<Self> {
        let mut dialled = Self { digits: [0; 20], len: 0, plus: false };
        let mut bytes = text.bytes().enumerate();
        while let Some((place, byte)) = bytes.next() {
            match byte {
                b'0'..=b'9' => {
                    *dialled.digits.get_mut(dialled.len)? = byte;
                    dialled.len += 1;
                }
                b'+' if dialled.len == 0 && !dialled.plus => dialled.plus = true,
                // The trunk zero in brackets is not dialled from abroad.
                b'(' if dialled.len > 0 && text[place..].starts_with("(0)") => {
                    bytes.nth(1);
                }
                b' ' | b'.' | b'-' | b'(' | b')' | b'_' | b'\'' => {}
                _ => return None,
            }
        }
        Some(dialled)
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.len]
    }
}

fn single(text: &str, repairs: &mut Repairs) -> Result<Number, Not> {
    let text = text.trim_matches(' ');
    let expanded;
    let text = match spreadsheet_number(text) {
        Some((digits, rule)) => {
            repairs.add(rule);
            expanded = digits;
            &expanded
        }
        None => text,
    };
    // Hyphens of typography and digits of other scripts.
    let plain;
    let text = if text.is_ascii() {
        text
    } else {
        let plus = if text.starts_with(['+', '＋']) { "+" } else { "" };
        plain = [plus, &super::text::folded(text)].concat();
        &plain
    };
    let dialled = Dialled::read(text).ok_or(Not::Refused)?;
    if dialled.len == 0 {
        return Err(Not::Missing);
    }
    if let Some((prefix, national)) = french(&dialled, repairs)? {
        return plan(prefix, national, repairs);
    }
    foreign(&dialled)
}

/// A number that a spreadsheet turned into a float: `612345678.0`, `6,12345678E+08`. An exponent that
/// lost digits is no number.
fn spreadsheet_number(text: &str) -> Option<(String, Repair)> {
    // Nearly every number is told to be none of these at a glance.
    if !text.ends_with('0') && !text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['E', 'e']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => {
            let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0"))?;
            let is_whole = whole.len() >= 9 && whole.bytes().all(|byte| byte.is_ascii_digit());
            return is_whole.then(|| (whole.to_owned(), Repair::PhoneFloat));
        }
    };
    let exponent: usize = exponent.parse().ok().filter(|exponent| *exponent < 16)?;
    let (first, decimals) = mantissa.split_once(['.', ','])?;
    let is_number =
        first.len() == 1 && (first.to_owned() + decimals).bytes().all(|b| b.is_ascii_digit());
    // One trailing zero may have been dropped; more would be guessing.
    let is_whole = decimals.len() <= exponent && decimals.len() + 1 >= exponent;
    (is_number && is_whole)
        .then(|| (format!("{first}{decimals:0<exponent$}"), Repair::PhoneExponent))
}

/// Country code and national number, when the number is of the French plan. `Ok(None)`: of another.
fn french<'a>(
    dialled: &'a Dialled,
    repairs: &mut Repairs,
) -> Result<Option<(&'static str, &'a [u8])>, Not> {
    let digits = dialled.digits();
    let international = if dialled.plus { Some(digits) } else { digits.strip_prefix(b"00") };
    // A spreadsheet ate the two zeros, or the sign.
    let eaten = match digits.len() {
        11 | 12 if !dialled.plus => digits.strip_prefix(b"33"),
        _ => None,
    };
    if let Some(rest) = international {
        if rest.iter().all(|digit| *digit == b'0') {
            return Err(Not::Missing);
        }
        for prefix in ["33", "262", "590", "594", "596"] {
            if let Some(rest) = rest.strip_prefix(prefix.as_bytes()) {
                let national = rest.strip_prefix(b"0").unwrap_or(rest);
                repairs.add_if(rest.len() != national.len(), Repair::PhoneTrunkZero);
                return if national.len() == 9 {
                    Ok(Some((prefix, national)))
                } else {
                    Err(Not::Refused)
                };
            }
        }
        // 0 and a national number that begins with 0 is none; nine digits after 00 neither.
        return Ok(None);
    }
    if let Some(rest) = eaten {
        repairs.add(Repair::PhoneEatenPlus);
        let national = rest.strip_prefix(b"0").unwrap_or(rest);
        return if national.len() == 9 { Ok(Some(("33", national))) } else { Err(Not::Refused) };
    }
    match (digits.len(), digits[0]) {
        (10, b'0') => Ok(Some(("33", &digits[1..]))),
        (9, b'1'..=b'9') => {
            repairs.add(Repair::PhoneEatenZero);
            Ok(Some(("33", digits)))
        }
        _ if digits.iter().all(|digit| *digit == digits[0]) => Err(Not::Missing),
        _ => Err(Not::Refused),
    }
}

/// The numbering plan (Arcep): what the first digits of the nine say.
fn plan(prefix: &'static str, national: &[u8], repairs: &mut Repairs) -> Result<Number, Not> {
    if is_placeholder_phone(national) {
        return Err(Not::Missing);
    }
    // Overseas numbers are written like metropolitan ones at home; abroad they have their own code.
    let home = match &national[..3] {
        // The range that Arcep keeps for fiction lies in metropolitan France.
        b"639" if &national[3..5] == b"98" => "33",
        [b'2', b'6', b'2' | b'3' | b'9'] | [b'6', b'9', b'2' | b'3'] | [b'6', b'3', b'9'] => "262",
        [b'5', b'9', b'0'] | [b'6', b'9', b'0' | b'1'] => "590",
        [b'5', b'9', b'4'] | [b'6', b'9', b'4'] => "594",
        [b'5', b'9', b'6'] | [b'6', b'9', b'6' | b'7'] => "596",
        _ => prefix,
    };
    repairs.add_if(home != prefix, Repair::PhoneOverseas);
    let digits = std::str::from_utf8(national).map_err(|_| Not::Refused)?;
    let e164 = ["+", home, digits].concat();
    match national[0] {
        b'6' | b'7' => Ok(Number::Mobile(e164)),
        b'1'..=b'5' | b'9' => Ok(Number::Landline(e164)),
        // 08: special rates, nobody's own number; 0: no number at all.
        _ => Err(Not::Refused),
    }
}

fn foreign(dialled: &Dialled) -> Result<Number, Not> {
    let digits = std::str::from_utf8(dialled.digits()).map_err(|_| Not::Refused)?;
    let digits = if dialled.plus { digits } else { digits.trim_start_matches('0') };
    let number =
        PhoneNumber::parse(format!("+{digits}"), None::<Region>).map_err(|_| Not::Refused)?;
    if !number.is_valid() {
        return Err(Not::Refused);
    }
    let e164 = number.to_string();
    match number.get_type() {
        // Where the plan does not tell (North America), a number is taken as a person's own.
        PhoneNumberType::Mobile
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::PersonalNumber => Ok(Number::Mobile(e164)),
        PhoneNumberType::FixedLine | PhoneNumberType::VoIP => Ok(Number::Landline(e164)),
        _ => Err(Not::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What [`Usual`] reads, as the rules say it.
    fn as_phones(usual: &Usual) -> Phones {
        let e164 = Some(String::from_utf8(usual.e164.to_vec()).expect("digits"));
        let (mobile, landline) = if usual.is_mobile { (e164, None) } else { (None, e164) };
        Phones { mobile, landline, repairs: usual.repairs, refused: false }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

        #[test]
        fn the_short_way_reads_what_the_rules_read(cell in prop_oneof![
            "(0|\\+33|0033|33|\\+33 ?0|)[ .-]?[0-9]([ .-]?[0-9]{2}){4}",
            "(0|\\+33|0033|)(26[2-5]|59[0-9]|69[0-9]|639|63[0-9])[0-9]{6}",
            "(0|\\+33|0033|)[0-9](0|1|06|12|23){4,8}",
            "[ +.0-9-]{8,16}(\\.0)? ?",
            "[0-9]{9,14}",
        ]) {
            if let Some(usual) = Usual::read(&cell) {
                prop_assert_eq!(as_phones(&usual), normalise(&cell), "{}", cell);
            }
        }
    }

    #[test]
    fn usual_numbers_go_the_short_way() {
        for cell in [
            "0745840475",
            "07 45 84 04 75",
            " 07.45.84.04.75",
            "07-45-84-04-75 ",
            "+33 7 45 84 04 75",
            "0033745840475",
            "745840475",
        ] {
            let usual = Usual::read(cell).expect(cell);
            assert_eq!(&usual.e164, b"+33745840475", "{cell}");
            assert_eq!(as_phones(&usual), normalise(cell), "{cell}");
        }
        for cell in [
            "",
            "nc",
            "0612345678",
            "+330745840475",
            "33745840475",
            "745840475.0",
            "0639980117",
            "0262123456",
            "0801020304",
            "+32470123456",
            "07 45 84 04 75 / 01",
        ] {
            assert!(Usual::read(cell).is_none(), "{cell}");
        }
    }
}
