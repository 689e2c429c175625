//! Opening a package on the recipient's side: what the certifier shows is not believed, the sender's
//! signature and the root over every record are checked, and what passed is opened with the recipient's own
//! key. What becomes of the records is the caller's: a file on the command line, a download in a page.
//! Specified in `docs/formats/exchange-batch.md`.

use core::fmt::Write as _;
use std::io::Read;

use zeroize::Zeroizing;

use super::view::ExchangeView;
use super::{
    Agreement, BatchError, BatchOpener, Carried, Field, Gives, Item, Package, PlainRecord, RootOf,
    Saying, Side, StatementError,
};
use crate::encoding::encode;
use crate::ids::{BatchId, PartyId};
use crate::party::{PartyPublic, PartySecret};

/// Why a package is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// The key in hand is not the one that the agreement names, or the party is none of it.
    #[error("this is not the key that the agreement names for it")]
    OtherKey,
    /// What the certifier shows is not what this party signed.
    #[error("the certifier shows another agreement than the one that this party signed")]
    OtherAgreement,
    /// What came is not the package of this batch.
    #[error("what the certifier sent is not the package of this batch")]
    Package,
    /// What came is not the sample of this batch.
    #[error("what the certifier sent is not the sample of this batch")]
    Sample,
    /// A record does not open.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The sender's statement does not hold.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl OpeningError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherKey => "exchange.other_key",
            Self::OtherAgreement => "exchange.other_agreement",
            Self::Package => "batch.package",
            Self::Sample => "batch.sample",
            Self::Batch(error) => error.code(),
            Self::Statement(error) => error.code(),
        }
    }
}

/// The agreement, if this party signed it with the keys that it knows as its own.
///
/// # Errors
/// [`OpeningError::OtherKey`], [`OpeningError::OtherAgreement`].
pub fn own_word<'a>(
    view: &'a ExchangeView,
    party: &PartyId,
    keys: &PartyPublic,
) -> Result<&'a Agreement, OpeningError> {
    let agreement = &view.agreement.agreement;
    let (own, _) = agreement.side_of(party).ok_or(OpeningError::OtherKey)?;
    if own.keys != *keys {
        return Err(OpeningError::OtherKey);
    }
    let accepted = view.acts.iter().any(|act| {
        act.act.party == *party && act.act.says == Saying::Accept && act.holds(agreement)
    });
    let proposed = agreement.proposer.party == *party && view.agreement.is_signed();
    if proposed || accepted { Ok(agreement) } else { Err(OpeningError::OtherAgreement) }
}

/// The position of a record, and why it passes.
pub type Place = (u64, Carried);

/// A batch about to be opened by its recipient.
pub struct Opening<'a> {
    agreement: &'a Agreement,
    own: &'a Side,
    sender: &'a Side,
    secret: &'a PartySecret,
    batch: BatchId,
}

impl<'a> Opening<'a> {
    /// Of one batch under an agreement that this party signed.
    ///
    /// # Errors
    /// Those of [`own_word`].
    pub fn of(
        view: &'a ExchangeView,
        (party, secret): (&PartyId, &'a PartySecret),
        batch: BatchId,
    ) -> Result<Self, OpeningError> {
        let agreement = own_word(view, party, &secret.public())?;
        let (own, sender) = agreement.side_of(party).ok_or(OpeningError::OtherKey)?;
        Ok(Self { agreement, own, sender, secret, batch })
    }

    /// The fields that records have, in their order.
    ///
    /// # Errors
    /// [`OpeningError::Package`] where the other party gives no records.
    pub fn fields(&self) -> Result<Vec<Field>, OpeningError> {
        let Gives::Records { fields, .. } = &self.sender.gives else {
            return Err(OpeningError::Package);
        };
        Ok(Field::ALL.into_iter().filter(|field| fields.contains(field)).collect())
    }

    /// Hands over every record that passed, by its position, with its sealed evidence; the answer is how many
    /// were held back. What was handed over counts only if all of it held.
    ///
    /// # Errors
    /// [`OpeningError`], or that of `each`.
    pub fn open<E: From<OpeningError>>(
        &self,
        package: impl Read,
        mut each: impl FnMut(Place, &PlainRecord, &[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let broken = |_: std::io::Error| OpeningError::Package;
        let mut items = Package::begin(package).map_err(broken)?;
        let statement = items.statement().clone();
        let head = &statement.statement.head;
        let meant = head.batch == self.batch
            && head.exchange == self.agreement.exchange
            && head.sender == self.sender.party
            && head.recipient == self.own.party
            && self.agreement.channels.contains_key(&head.channel);
        if !meant {
            return Err(OpeningError::Package.into());
        }
        let body = statement.verify(&self.sender.keys.signing).map_err(OpeningError::from)?;
        let opener = BatchOpener::new(&self.secret.sealing(), head, &body.enc)
            .map_err(OpeningError::from)?;
        let (mut root, mut held_back) = (RootOf::new(), 0);
        while let Some(item) = items.next_item().map_err(broken)? {
            let position = root.count();
            root.push(item.leaf(position));
            let Item::Delivered { carried, sealed, evidence, .. } = item else {
                held_back += 1;
                continue;
            };
            let record = opener.open(position, &sealed).map_err(OpeningError::from)?;
            each((position, carried), &record, &evidence)?;
        }
        body.check_root(&root).map_err(OpeningError::from)?;
        Ok(held_back)
    }
}

/// The heading of opened records as CSV.
#[must_use]
pub fn heading(fields: &[Field]) -> String {
    let mut heading = "position".to_owned();
    for field in fields {
        let _ = write!(heading, ",{}", field.name());
    }
    heading + ",source,collected,basis,consent_record,notice_url,rights_contact,evidence\n"
}

/// A record as a row of CSV, with what each must carry (GDPR art. 14(2)(f)) and its proof, sealed to this
/// party's officer.
#[must_use]
pub fn line(
    record: &PlainRecord,
    fields: &[Field],
    (position, carried): Place,
    evidence: &[u8],
) -> Zeroizing<String> {
    let mut line = Zeroizing::new(position.to_string());
    for field in fields {
        let value = record.fields.get(field).map_or("", String::as_str);
        let _ = write!(line, ",{}", quoted(value));
    }
    let consent = carried.record.map_or_else(String::new, |record| record.to_string());
    let _ = writeln!(
        line,
        ",{},{},{},{consent},{},{},{}",
        quoted(&record.source),
        record.collected,
        quoted(&record.basis),
        quoted(&record.notice_url),
        quoted(&record.rights_contact),
        encode(evidence),
    );
    line
}

/// A value as CSV has it (RFC 4180).
#[must_use]
pub fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}
