//! Invented people and their files, as a brand and a dealer write them.

use std::fmt::Write as _;

/// A person, by number: every identifier follows from it, and no two people share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person(pub u32);

const FIRST: [&str; 8] =
    ["Camille", "Louis", "Inès", "Gérard", "Maëlys", "Hugo", "Édith", "Jean-Marc"];
const SYLLABLES: [&str; 10] = ["ba", "do", "fi", "gu", "la", "mo", "ne", "ri", "su", "vi"];

impl Person {
    fn first(self) -> &'static str {
        FIRST[self.0 as usize % FIRST.len()]
    }

    /// The family name.
    pub fn last(self) -> String {
        let digits = format!("{:05}", self.0);
        digits.bytes().map(|d| SYLLABLES[usize::from(d - b'0')]).collect()
    }

    /// The e-mail address in normal form.
    pub fn email(self) -> String {
        format!("{}.{}@orange.fr", self.last(), self.0)
    }

    /// A mobile number.
    pub fn mobile(self) -> String {
        format!("06{:08}", 12_345_678 + 37 * u64::from(self.0))
    }

    fn identity(self) -> String {
        let day =
            jiff::civil::date(1950, 1, 1) + jiff::Span::new().days(i64::from(self.0 % 18_000));
        let street = format!("{} rue des Lilas", 1 + self.0 % 190);
        let (first, last, email, mobile) = (self.first(), self.last(), self.email(), self.mobile());
        format!("{first},{last},{day},{email},{mobile},{street},{:05}", 10_000 + self.0 % 80_000)
    }
}

const IDENTITY: &str = "first_name,last_name,birth_date,email,phone,address,postcode";

/// A lead.
#[derive(Clone, Copy)]
pub struct Lead {
    /// Who.
    pub person: Person,
    /// ISO day.
    pub day: &'static str,
    /// The campaign.
    pub campaign: &'static str,
}

/// A sale.
#[derive(Clone, Copy)]
pub struct Sale {
    /// To whom.
    pub person: Person,
    /// ISO day.
    pub day: &'static str,
    /// Whole euros.
    pub euros: u32,
}

/// The brand's file.
pub fn leads_csv(leads: &[Lead]) -> Vec<u8> {
    let mut text = format!("{IDENTITY},campaign,lead_date\n");
    for lead in leads {
        writeln!(text, "{},{},{}", lead.person.identity(), lead.campaign, lead.day).unwrap();
    }
    text.into_bytes()
}

/// A dealer's file.
pub fn sales_csv(sales: &[Sale]) -> Vec<u8> {
    let mut text = format!("{IDENTITY},sale_date,amount\n");
    for sale in sales {
        writeln!(text, "{},{},{}.00", sale.person.identity(), sale.day, sale.euros).unwrap();
    }
    text.into_bytes()
}
