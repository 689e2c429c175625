//! What an invoice is drawn up from: everything that somebody types or that an agreement holds. A draft
//! may lack anything; [`super::Invoice::draw_up`] says what.

use jiff::civil::Date;

use super::{Cents, VatRate};

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Number and street (BT-35, BT-50).
    pub street: String,
    /// Postcode (BT-38, BT-53).
    pub postcode: String,
    /// Town (BT-37, BT-52).
    pub town: String,
    /// Two letters of ISO 3166-1 (BT-40, BT-55).
    pub country: String,
}

/// A company that sells or buys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// Legal name (BT-27, BT-44).
    pub name: String,
    /// SIREN, nine digits (BT-30, BT-47; scheme 0002 of ISO/IEC 6523).
    pub siren: String,
    /// Number for value-added tax (BT-31, BT-48).
    pub vat_id: String,
    /// Where it has its seat (BG-5, BG-8).
    pub address: Address,
    /// Where it bills, if elsewhere: named in a note.
    pub billing_address: Option<Address>,
}

/// What is sold: the mention of the operation's category (Décret 2022-1299).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationCategory {
    /// Services: what an exchange of files is.
    Services,
    /// Goods.
    Goods,
    /// Both.
    Both,
}

/// One line (BG-25).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is sold, precisely (BT-153). Never a person.
    pub name: String,
    /// How many lots (BT-129).
    pub lots: u64,
    /// Price of one, without tax (BT-146).
    pub price: Cents,
    /// Rate of tax (BT-152).
    pub rate: VatRate,
}

/// The part that is not paid in money, because the other side delivers as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetOff {
    /// What is set off, tax included (BT-113).
    pub amount: Cents,
    /// The exchange, for the mention.
    pub exchange: String,
}

/// An invoice before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Number in the seller's series (BT-1).
    pub number: String,
    /// Day of issue: that of completion (BT-2).
    pub issued: Option<Date>,
    /// Day of the service (BT-72).
    pub delivered: Option<Date>,
    /// When the rest is due (BT-9).
    pub due: Option<Date>,
    /// Who sells.
    pub seller: Company,
    /// Who buys.
    pub buyer: Company,
    /// The buyer's order number (BT-13), if there is one.
    pub order: Option<String>,
    /// Category of the operation; none is refused.
    pub category: Option<OperationCategory>,
    /// Whether the seller pays tax on debits (Décret 2022-1299).
    pub tax_on_debits: bool,
    /// Rate of penalties for late payment, in words (Code de commerce art. L. 441-10).
    pub penalties: String,
    /// Discount for early payment, or that there is none, in words (L. 441-9).
    pub discount: String,
    /// What is sold.
    pub lines: Vec<Line>,
    /// What is set off against the invoice of the other side.
    pub set_off: Option<SetOff>,
    /// Under whose mandate it is drawn up in the seller's name (CGI art. 289 I-2).
    pub mandate: Option<String>,
}
