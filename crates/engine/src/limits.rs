//! Every bound of the certifier, with its reason. Refusing what is beyond one is a typed error.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bytes of a JSON request: the largest is a programme with 64 campaigns and its canaries.
pub const REQUEST_BYTES: usize = 256 * 1024;

/// Bytes of a manifest: seven columns and a few texts need about two thousand.
pub const MANIFEST_BYTES: usize = 16 * 1024;

/// Sealed bytes of one deposit: a hundred million rows of four tokens each take about twenty GiB. Nothing
/// of it is held in memory; what it takes is room in the spool, and less than as much again beside it.
pub const BODY_BYTES: u64 = 32 << 30;

/// Rows of one deposit: a month of tickets of a loyalty programme, and below what ordinals of 31 bits tell
/// apart.
pub const DEPOSIT_ROWS: u64 = 100_000_000;

/// Columns of a body: seven kinds of tokens and the attributes, with room; a manifest with hundreds
/// of columns is a mistake or an attack.
pub const BODY_COLUMNS: usize = 16;

/// Bytes of one line of a body: sixteen fields of a token or a campaign's name.
pub const LINE_BYTES: usize = 2_048;

/// Bytes of a file of the journal, after which the next one begins: a file that tools still open.
pub const JOURNAL_FILE: u64 = 256 << 20;

/// Acts in one answer to an officer; the next page is asked with `from`.
pub const ACTS_PAGE: u32 = 500;

/// Records that go to the archive in one transaction; the next step takes the next ones.
pub const ARCHIVE_STEP: usize = 500;

/// Tokens of one search for a person: one person has a few of each kind.
pub const SEARCH_TOKENS: usize = 16;

/// Searches and readings of one account in a day: an audit needs tens, a curious person thousands.
pub const SEARCHES_A_DAY: u64 = 200;

/// Characters of the reason an officer gives for reading.
pub const REASON_CHARS: usize = 500;

/// Tokens of one order to erase persons; a request has no room for many more.
pub const ERASURE_TOKENS: usize = 2_048;

/// Bytes of rows that a rewriting holds in memory; what does not fit waits, encrypted, on the disk.
pub const REWRITE_MEMORY: usize = 64 << 20;

/// Events of consent, or oppositions, in one batch: one transaction, one ledger entry. A larger file comes
/// in several.
pub const CONSENT_EVENTS: usize = 20_000;

/// Bytes of a sealed batch: twenty thousand events with their evidence take about ten million.
pub const CONSENT_BYTES: usize = 16 << 20;

/// Lifts of one programme, drawn or not: an experiment a month for years.
pub const LIFTS: usize = 100;

/// Seconds from the freezing of leads to the round of the beacon that decides: longer than a beacon can be known
/// before it comes, or a clock can be wrong, unseen.
pub const BEACON_SECONDS: i64 = 600;

/// Public pages of one party that are open at once.
pub const COLLECTIONS_OPEN: usize = 50;

/// Submissions that may wait at one page, whatever its party asked for: 20 MB.
pub const COLLECTION_QUOTA: u32 = 10_000;

/// Ids that one page remembers, fetched or not; then another one takes its place.
pub const COLLECTION_IDS: u64 = 500_000;

/// Submissions of one page in a minute: a queue at the door of a shop makes ten.
pub const SUBMISSIONS_A_MINUTE: u64 = 120;

/// Submissions that a party fetches, or says that it has, in one request.
pub const SUBMISSIONS_STEP: usize = 500;

/// Programmes in which one request of a person is looked up.
pub const REQUEST_PROGRAMMES: usize = 100;

/// Webhooks of one party: one for each of its systems that acts on notices, and one that is being tried.
pub const WEBHOOKS: usize = 5;

/// Characters of the address of a webhook.
pub const WEBHOOK_URL_CHARS: usize = 500;

/// Calls of webhooks at once: each holds a thread and a connection for fifteen seconds at most.
pub const WEBHOOK_CALLS: usize = 8;

/// Calls of one party's webhooks at once: who answers slowly holds up nobody else.
pub const WEBHOOK_CALLS_OF_PARTY: usize = 2;

/// Seconds without one accepted message after which a webhook is suspended, once a message was given up.
pub const WEBHOOK_SILENT_SECONDS: i64 = 3 * 86_400;

/// Seconds for which messages are signed with the key before the last as well.
pub const WEBHOOK_OVERLAP_SECONDS: i64 = 7 * 86_400;

/// Days that a message to a webhook is kept after its end: as long as somebody may ask for it again.
pub const WEBHOOK_KEPT_DAYS: i64 = 30;

/// Messages in one answer, and those that one request sends again.
pub const WEBHOOK_PAGE: u32 = 500;

/// Seconds within which a notice is to be acknowledged: a day.
pub const NOTICE_ACK_SECONDS: i64 = 24 * 3_600;

/// Seconds after which a notice that nobody acknowledged goes to the officer: 72 hours.
pub const NOTICE_SECONDS: i64 = 72 * 3_600;

/// Before 1990 nobody gave consent to anything here; an earlier instant is a mistake.
pub const CONSENT_FROM: i64 = 631_152_000;

/// Years for which an opposition is kept at least.
pub const OPPOSITION_YEARS_MIN: u32 = 3;

/// Years for which an opposition is kept, at most a working life.
pub const OPPOSITION_YEARS: core::ops::RangeInclusive<u32> = OPPOSITION_YEARS_MIN..=30;

/// Partners of one programme: pools and accounts are made for networks, not for countries.
pub const PARTNERS: u32 = 10_000;

/// Characters of a party's name.
pub const NAME_CHARS: usize = 200;

/// Bytes of a form of a page: a reason and a few short fields.
pub const FORM_BYTES: usize = 16 * 1024;

/// Bytes of an authenticator's answer: an RSA key and its certificates are about four thousand.
pub const PASSKEY_BYTES: usize = 16 * 1024;

/// Bytes of a certificate with its report, dropped on a page: a report of hundreds of cells, twice.
pub const VERIFY_BYTES: usize = 4 << 20;

/// People of one company, or of one role of the certifier: an office, not a country.
pub const PARTY_PEOPLE: usize = 200;

/// How long an invitation may be taken: over a week-end and a few days' leave.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

/// How long a session lasts: a working day.
pub const SESSION_SECONDS: i64 = 12 * 3_600;

/// After how long without a page a session is over: a lunch, and not a night on an open screen.
pub const SESSION_IDLE_SECONDS: i64 = 90 * 60;

/// Connections at once. Each is a file to the system, of which a process often has 1,024; the other
/// half is for the database, the spools and the segments.
pub const CONNECTIONS: usize = 512;

/// Headers of one request: proxies add some to the few that a client sends.
pub const HEADERS: usize = 64;

/// Bytes of a connection's buffer, and so of all headers of a request together.
pub const HEADER_BYTES: usize = 64 * 1024;

/// Uploads under way at once: each holds an open file and a buffer.
pub const UPLOADS: usize = 64;

/// Uploads of one party under way at once, so that no party takes the places of all.
pub const PARTY_UPLOADS: usize = 4;

/// Bodies that are opened at once. One keeps all processors busy; the second works while the first
/// waits for the disk.
pub const INGESTS: usize = 2;

/// Bytes of a body for which another thread is worth its start.
pub const INGEST_THREAD_BYTES: u64 = 2 << 20;

/// Chunks of 64 KiB of a body that a thread takes at a time: a megabyte, small beside what it holds
/// back, and large enough that the threads seldom meet.
pub const INGEST_BLOCK_CHUNKS: usize = 16;

/// Entries of segments that the threads of one body hold back before they are sorted, together: about
/// 50 MB, and as much again while they are sorted. Longer runs would be fewer to merge.
pub const INGEST_ENTRIES: usize = 1 << 20;

/// Bytes of sorted runs of one deposit that wait in memory; what is over waits on the disk, encrypted.
pub const INGEST_MEMORY: usize = 64 << 20;

/// Bytes of digests of one leads deposit that wait in memory; what is over waits on the disk.
pub const LEADS_MEMORY: usize = 16 << 20;

/// Deposits of one party that wait for their bodies: each may hold a spool.
pub const PARTY_OPEN_DEPOSITS: u64 = 256;

/// Records of one batch of an exchange: a brand's largest file fits in two, and the leaves of one in memory.
pub const BATCH_RECORDS: u64 = 10_000_000;

/// Bytes of an upload that are gathered before they are written.
pub const PIECE_BYTES: usize = 128 * 1024;

/// Bytes of any request that are read and thrown away once it is refused, so that the client reads why: what is
/// under way between the two when it is, and the whole of most deposits.
pub const DISCARDED_BYTES: usize = 16 << 20;

/// How long that may take.
pub const DISCARDING: Duration = Duration::from_secs(1);

/// How long the edge waits for whom. A value, so that tests wait less.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// For the headers of a request, and so for the next request of a connection.
    pub headers: Duration,
    /// For the whole body of a request that is held in memory.
    pub document: Duration,
    /// For the next [`Timing::pace_bytes`] of an upload; what the disk takes does not count.
    pub pace: Duration,
    /// Bytes of an upload that have to come within each [`Timing::pace`].
    pub pace_bytes: u64,
    /// For a client that reads nothing of its answer.
    pub answer: Duration,
    /// For a turn to open a body that came whole; less than a client waits for an answer.
    pub turn: Duration,
    /// For the requests under way when the certifier stops.
    pub drain: Duration,
    /// Until the files of the certificate are looked at again.
    pub certificate: Duration,
}

impl Default for Timing {
    /// The slowest upload has 4 KiB/s, a bad line of a rural dealer.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            document: Duration::from_secs(30),
            pace: Duration::from_secs(30),
            pace_bytes: 120 * 1024,
            answer: Duration::from_secs(30),
            turn: Duration::from_secs(120),
            drain: Duration::from_secs(30),
            certificate: Duration::from_secs(60),
        }
    }
}

/// Addresses and accounts whose rates are remembered at once. Beyond it those that have been quiet
/// longest are forgotten: about 8 MB, and an attacker with more addresses than that is not held off by
/// counting them.
pub const RATED: usize = 65_536;

/// How often who may call: each has a bucket of `burst` requests that fills at so many a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Requests a minute of one API key: a script that polls makes a hundred a second at worst.
    pub account_per_minute: u32,
    /// Requests of one key at once.
    pub account_burst: u32,
    /// Requests a minute of one address; several companies may be behind one.
    pub address_per_minute: u32,
    /// Requests of one address at once.
    pub address_burst: u32,
    /// Wrong keys a minute of one address. Keys have 256 random bits: this spares the database.
    pub failures_per_minute: u32,
    /// Wrong keys of one address at once: a script with an old key tries a few times.
    pub failures_burst: u32,
    /// Submissions to public forms a minute of one address; a shop may be behind one.
    pub submissions_per_minute: u32,
    /// Submissions of one address at once.
    pub submissions_burst: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            account_per_minute: 6_000,
            account_burst: 1_000,
            address_per_minute: 12_000,
            address_burst: 2_000,
            failures_per_minute: 6,
            failures_burst: 20,
            submissions_per_minute: 10,
            submissions_burst: 20,
        }
    }
}

impl Rates {
    /// No limit is nought, which would let nobody in.
    #[must_use]
    pub const fn are_possible(&self) -> bool {
        self.account_per_minute > 0
            && self.account_burst > 0
            && self.address_per_minute > 0
            && self.address_burst > 0
            && self.failures_per_minute > 0
            && self.failures_burst > 0
            && self.submissions_per_minute > 0
            && self.submissions_burst > 0
    }
}

/// How answers that are made from what was matched leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reports {
    /// Milliseconds: a new report takes a whole number of them, whatever it was made of; 0 for as long as it takes.
    pub beat_ms: u32,
}

impl Reports {
    /// As long as it takes: for tests, and for who holds the clock.
    pub const AT_ONCE: Self = Self { beat_ms: 0 };

    /// The longest beat: all that is written waits for it.
    pub const LONGEST_BEAT_MS: u32 = 10_000;

    /// What a report on the largest files takes fits into one beat or two.
    #[must_use]
    pub const fn are_possible(&self) -> bool {
        self.beat_ms <= Self::LONGEST_BEAT_MS
    }

    /// How long to wait after so long, for the next whole beat to be over.
    #[must_use]
    pub fn left(&self, taken: Duration) -> Duration {
        let beat = u128::from(self.beat_ms) * 1_000_000;
        if beat == 0 {
            return Duration::ZERO;
        }
        let over = taken.as_nanos() % beat;
        Duration::from_nanos(u64::try_from(beat - over).unwrap_or_default())
    }
}

/// What a report on the largest networks fits into (`docs/decisions/0083-a-beat-that-a-report-fits.md`).
impl Default for Reports {
    fn default() -> Self {
        Self { beat_ms: 1_800 }
    }
}

/// How much who may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quotas {
    /// GiB of bodies that one party may send in a day: four of the largest deposits.
    pub party_gib_per_day: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { party_gib_per_day: 128 }
    }
}

impl Quotas {
    /// Somebody may send something.
    #[must_use]
    pub const fn are_possible(&self) -> bool {
        self.party_gib_per_day > 0
    }
}
