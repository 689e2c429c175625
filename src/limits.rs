//! Every bound of the certifier, with its reason. Refusing what is beyond one is a typed error.

/// Bytes of a JSON request: the largest is a programme with 64 campaigns and its canaries.
pub const REQUEST_BYTES: usize = 256 * 1024;

/// Bytes of a manifest: seven columns and a few texts need about two thousand.
pub const MANIFEST_BYTES: usize = 16 * 1024;

/// Sealed bytes of one deposit: fifteen million leads with four tokens each take about three GiB.
pub const BODY_BYTES: u64 = 4 << 30;

/// Rows of one deposit; ordinals in segments are 32 bits wide.
pub const DEPOSIT_ROWS: u64 = 20_000_000;

/// Columns of a body: seven kinds of tokens and the attributes, with room; a manifest with hundreds
/// of columns is a mistake or an attack.
pub const BODY_COLUMNS: usize = 16;

/// Bytes of one line of a body: sixteen fields of a token or a campaign's name.
pub const LINE_BYTES: usize = 2_048;

/// Acts in one answer to an officer; the next page is asked with `from`.
pub const ACTS_PAGE: u32 = 500;

/// Characters of the reason an officer gives for reading.
pub const REASON_CHARS: usize = 500;

/// Partners of one programme: pools and accounts are made for networks, not for countries.
pub const PARTNERS: u32 = 10_000;

/// Characters of a party's name.
pub const NAME_CHARS: usize = 200;

/// Seconds a client may take to send the next piece of a request.
pub const IDLE_SECONDS: u64 = 60;
