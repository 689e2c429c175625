//! The words of an entry: which act, when, and ids that mean nothing outside the certifier.
//!
//! They have one spelling each, so that an entry has one. Not the entry itself. Specified by
//! `docs/formats/ledger-entry.md`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::entry::EntryError;

macro_rules! entry_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The acts that the ledger knows. The list is closed: an unknown act is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryType { $($(#[$doc])* $name,)+ }

        impl EntryType {
            /// Every act, in the order of the format page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word that stands in the entry.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

entry_types! {
    /// A party was enrolled.
    PartyEnrolled = "party.enrolled",
    /// A credential or a key was issued to a party.
    KeyIssued = "key.issued",
    /// A person was let in no more.
    KeyRevoked = "key.revoked",
    /// A programme was registered with its policy.
    ProgrammeRegistered = "programme.registered",
    /// A partner joined a programme.
    ProgrammePartnerAdded = "programme.partner_added",
    /// A partner declared its size and region, and what it agrees to.
    PartnerDeclared = "partner.declared",
    /// The principal's client wrapped the programme key to a partner.
    KeyWrapped = "key.wrapped",
    /// A deposit was accepted.
    DepositReceived = "deposit.received",
    /// A deposit was refused.
    DepositRefused = "deposit.refused",
    /// Deposits were matched.
    MatchRun = "match.run",
    /// An account of privacy budget was debited.
    LedgerDebit = "ledger.debit",
    /// A release was published.
    ReleasePublished = "release.published",
    /// A release was refused.
    ReleaseRefused = "release.refused",
    /// The certifier bound itself to the seed of a lift.
    LiftCommitted = "lift.committed",
    /// The leads of a lift were frozen, and the round of the beacon was named.
    LiftFrozen = "lift.frozen",
    /// The draw of a lift was done.
    LiftDrawn = "lift.drawn",
    /// A partner was told how many of the leads of a month bought from it.
    OwnCountReleased = "own_count.released",
    /// The certifier served other scripts or another program to browsers from then on.
    PagesServed = "pages.served",
    /// A policy was changed.
    PolicyChanged = "policy.changed",
    /// An officer read something.
    OfficerViewed = "officer.viewed",
    /// A key of the certifier was rotated.
    KeyRotated = "key.rotated",
    /// Somebody ordered an erasure, which is executed at the next tick.
    ErasureOrdered = "erasure.ordered",
    /// Something was erased for good.
    ErasureExecuted = "erasure.executed",
    /// It was certified that data are gone.
    DeletionCertified = "deletion.certified",
    /// Records went to the archive, or out of it for good, when their term was over.
    RetentionExecuted = "retention.executed",
    /// Files of the journal were closed; the entry commits to their ends.
    JournalSealed = "journal.sealed",
    /// The journal was found altered.
    JournalAltered = "journal.altered",
    /// Files of the journal went when their term was over.
    JournalDeleted = "journal.deleted",
    /// Unusual use was found.
    UnusualFound = "unusual.found",
    /// Somebody said what an alert of unusual use was.
    UnusualClosed = "unusual.closed",
    /// A backup was restored.
    BackupRestored = "backup.restored",
    /// A record of governance was written: a contract, a notice, an assessment.
    GovernanceRecorded = "governance.recorded",
    /// An instruction was flagged as unlawful.
    InstructionFlagged = "instruction.flagged",
    /// A programme entered production.
    ProductionOpened = "production.opened",
    /// A register got a new version.
    RegisterIssued = "register.issued",
    /// The file of a breach was opened or went on.
    BreachRecorded = "breach.recorded",
    /// A form of consent was published.
    FormPublished = "form.published",
    /// A public page of forms was opened.
    CollectionOpened = "collection.opened",
    /// A public page of forms was closed.
    CollectionClosed = "collection.closed",
    /// Events of consent were recorded; the entry commits to the root of their leaves.
    ConsentRecorded = "consent.recorded",
    /// Oppositions were recorded; the entry commits to the root of their leaves.
    OppositionRecorded = "opposition.recorded",
    /// A tick: what persons did since the one before; the entry commits to the root of their leaves.
    PersonsRecorded = "persons.recorded",
    /// A collector was suspended for want of proof, or taken up again.
    SupplierChanged = "supplier.changed",
    /// A request of a person came in, went on or was answered.
    RequestRecorded = "request.recorded",
    /// A party acknowledged a notice, or the certifier escalated one.
    NoticeRecorded = "notice.recorded",
    /// A party added an address to which its notices are told.
    WebhookAdded = "webhook.added",
    /// The key that signs for such an address was rotated.
    WebhookRotated = "webhook.rotated",
    /// The certifier stopped telling such an address, or took it up again.
    WebhookChanged = "webhook.changed",
    /// Such an address was removed.
    WebhookRemoved = "webhook.removed",
    /// An exchange was proposed.
    ExchangeProposed = "exchange.proposed",
    /// Somebody accepted, approved, advised on or ended an exchange.
    ExchangeAct = "exchange.act",
    /// A batch of an exchange was received whole.
    BatchReceived = "batch.received",
    /// A sample of a batch was drawn for its recipient's officer.
    BatchSampled = "batch.sampled",
    /// The recipient's officer gave its verdict on the sample.
    BatchReviewed = "batch.reviewed",
    /// A batch was handed over: every record was decided about.
    BatchHandedOver = "batch.handed_over",
    /// The recipient has a batch.
    BatchFetched = "batch.fetched",
    /// The recipient says that it informed the persons of a batch.
    PersonsInformed = "persons.informed",
    /// A party stated the value of its side of an exchange.
    ValueStated = "value.stated",
    /// An exchange was closed with its two invoices.
    ExchangeClosed = "exchange.closed",
    /// A seller said that its platform has an invoice, or the report of its payment.
    InvoiceFiled = "invoice.filed",
    /// The certifier started for the first time on its data directory.
    CertifierStarted = "certifier.started",
}

impl fmt::Display for EntryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EntryType {
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, EntryError> {
        Self::ALL.iter().copied().find(|t| t.as_str() == text).ok_or(EntryError::UnknownType)
    }
}

/// A random id that means nothing outside the certifier: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
///
/// The alphabet has no `@`, `+` or space, so that no address and no international phone number
/// fits by mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpaqueId(String);

impl OpaqueId {
    /// The longest id, in characters.
    pub const LENGTH_MAX: usize = 64;

    /// Takes an id.
    ///
    /// # Errors
    /// [`EntryError::Id`] when the text is empty, too long or outside the alphabet.
    pub fn new(text: &str) -> Result<Self, EntryError> {
        let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > Self::LENGTH_MAX || !text.bytes().all(alphabet) {
            return Err(EntryError::Id);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OpaqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When an act happened: UTC, whole seconds, years 0 to 9999, written `2026-03-01T08:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActTime(Timestamp);

impl ActTime {
    /// Takes the time of an act; parts of a second are dropped.
    ///
    /// # Errors
    /// [`EntryError::Time`] outside the years 0 to 9999.
    pub fn new(at: Timestamp) -> Result<Self, EntryError> {
        let whole = Timestamp::from_second(at.as_second()).map_err(|_| EntryError::Time)?;
        whole.to_string().parse()
    }

    /// The moment, in whole seconds.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for ActTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ActTime {
    type Err = EntryError;

    /// Reads the one spelling that [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, EntryError> {
        let at: Timestamp = text.parse().map_err(|_| EntryError::Time)?;
        // Twenty characters leave no room for a fraction, an offset or a sign before the year.
        if text.len() != 20 || at.to_string() != text {
            return Err(EntryError::Time);
        }
        Ok(Self(at))
    }
}
