//! Every way in which the certifier says no: one table of stable codes, each with the class that
//! decides the HTTP status, a fixed title and what to do about it.
//!
//! A refusal depends on public facts and on the caller's own file only; nothing here can carry a
//! contact, a token or a count.

/// What kind of no it is; the edge maps it to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nobody showed a valid key.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such object for this caller.
    NotFound,
    /// The request cannot be read.
    Malformed,
    /// The request can be read and asks for what the rules do not allow.
    Invalid,
    /// It contradicts what is there already.
    Conflict,
    /// It is larger than a stated limit.
    TooLarge,
    /// The budget is spent.
    Spent,
    /// This caller asks too often, or sends too much; the same request succeeds later.
    Often,
    /// There is no room now; the same request may succeed later.
    Busy,
    /// The client took too long to send it.
    Slow,
    /// The disk is full.
    NoRoom,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $class:ident, $title:literal, $advice:literal;)*) => {
        /// A refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum Refusal {
            $($(#[$doc])* #[error($title)] $name,)*
        }

        impl Refusal {
            /// Every refusal, for tests and documents.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What kind of no it is.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)* }
            }

            /// Short and fixed.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What to do.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

refusals! {
    /// No key, or not one of ours.
    Unauthenticated = "auth.unauthenticated", Unauthenticated, "no valid API key",
        "Send the API key of your credentials file as a bearer token; ask the operator for a new one if it was lost.";
    /// Another role.
    Forbidden = "auth.forbidden", Forbidden, "this key may not do this",
        "Use the credentials of the role that may: partners and principals deposit, principals ask for reports, officers approve and read acts, the operator enrols.";
    /// No such thing for this caller.
    NotFound = "object.not_found", NotFound, "no such object",
        "Check the id; objects of others are not shown.";
    /// No such address.
    NoRoute = "request.no_route", NotFound, "no such address",
        "The addresses are listed in /openapi.json.";
    /// The address is right, the verb is not.
    WrongMethod = "request.wrong_method", Malformed, "this address does not take this method",
        "The methods are listed in /openapi.json.";
    /// Not the JSON that is expected.
    Malformed = "request.malformed", Malformed, "the request cannot be read",
        "Send the JSON described in /openapi.json; unknown fields are refused.";
    /// Larger than the limit.
    RequestTooLarge = "request.too_large", TooLarge, "the request is too large",
        "Requests have 256 KiB at most; only bodies of deposits are larger.";
    /// The time for sending is over.
    TooSlow = "request.too_slow", Slow, "the request came too slowly",
        "Send it again; of the body of a deposit what came is kept: ask where it stands with GET and send from there.";
    /// More often than the limit.
    TooOften = "request.too_often", Often, "too many requests in a short time",
        "Wait a few seconds and send the same again; nothing was changed.";
    /// The certifier serves and something is amiss.
    NotReady = "certifier.not_ready", Busy, "the certifier is not ready",
        "Tell the operator: `tiers doctor` says what is amiss.";
    /// The certifier ends.
    Stopping = "certifier.stopping", Busy, "the certifier is stopping",
        "Try again once it runs; of the body of a deposit what came is kept.";
    /// No room on the disk.
    NoRoom = "certifier.no_room", NoRoom, "the certifier has no room left",
        "Nothing was changed, and of the body of a deposit what came is kept; tell the operator, then send the same again.";
    /// The disk does not do what it is asked to.
    Storage = "certifier.storage", Busy, "the certifier cannot use its storage",
        "Nothing was changed, and of the body of a deposit what came is kept; tell the operator, then send the same again.";
    /// An invitation.
    Invitation = "portal.invitation", NotFound, "this invitation is not valid, or no longer",
        "Ask a colleague who can sign in, or whoever keeps your company's credentials file, for a new one.";
    /// A passkey.
    Passkey = "portal.passkey", Unauthenticated, "the passkey was not accepted",
        "Try again; if the passkey is lost, ask a colleague for a new invitation.";
    /// A request of a page that no page of ours made.
    Forged = "portal.forged", Forbidden, "this request does not come from a page of the certifier",
        "Reload the page and do it again.";
    /// People of one side.
    TooManyPeople = "portal.too_many_people", Conflict, "this company has too many people",
        "Revoke those who left; a company has 200 people at most.";
    /// A key that has to be changed.
    ChangeDue = "access.change_due", Forbidden, "this key has to be changed before it opens anything else",
        "Replace it: `tiers access replace`. One that may be in other hands is replaced by a colleague or by the operator.";
    /// The operator's last key.
    LastAccess = "access.last", Conflict, "this is the last key of the operator",
        "Replace it, or enrol another one first: without a key nobody could operate the certifier.";
    /// The address of a webhook.
    BadWebhookUrl = "webhook.url", Invalid, "not the address of a webhook",
        "Give an https address of 500 characters at most, on port 443 or one from 1024 on, without user, password or fragment.";
    /// The address of a webhook leads inside.
    WebhookAddress = "webhook.address", Invalid, "this address is not one of the public internet",
        "Give an address that is reached from outside; the operator can allow a network of its own in [webhooks] of its configuration.";
    /// Kinds of notice.
    BadWebhookKinds = "webhook.kinds", Invalid, "not kinds of notice",
        "Name kinds of `docs/formats/webhook-v1.md`, or none for all of them.";
    /// Webhooks of one party.
    TooManyWebhooks = "webhook.too_many", Conflict, "this company has as many webhooks as it may have",
        "Remove one that is not used any more; a company has five.";
    /// A webhook that is suspended.
    WebhookDisabled = "webhook.disabled", Conflict, "this webhook is suspended",
        "Have it tried (`tiers webhook test`): once it answers it is taken up again, and what was given up can be sent.";
    /// SIREN.
    BadSiren = "party.siren", Invalid, "not a SIREN",
        "A SIREN has nine digits, the last of which is a Luhn check digit.";
    /// Name.
    BadName = "party.name", Invalid, "not a usable name",
        "A name has 1 to 200 characters.";
    /// Role of a company.
    BadRole = "party.role", Invalid, "a company is a partner or a principal",
        "Officers are enrolled at /v1/officers.";
    /// Public keys.
    BadKeys = "party.keys", Invalid, "the public keys are not usable",
        "Make them with `tiers party key new` and send party.pub unchanged.";
    /// Keys are enrolled already.
    KeysEnrolled = "party.keys_enrolled", Conflict, "these keys are enrolled already",
        "Every party has keys of its own.";
    /// The programme document.
    BadProgramme = "programme.invalid", Invalid, "the programme is not valid",
        "Check it with `tiers programme show`; it needs a name, a purpose, campaigns with names of their own and an epoch of at most twelve months that has not ended.";
    /// No key id.
    NoKey = "programme.no_key", Invalid, "the programme has no key yet",
        "Make one with `tiers programme key new` and register with it.";
    /// Canaries missing.
    BadCanaries = "programme.canaries", Invalid, "the canary tokens are not complete",
        "Register with this version of `tiers programme register`; every kind of the policy needs all canaries.";
    /// Registered already.
    ProgrammeExists = "programme.exists", Conflict, "this programme is registered already",
        "A change of the agreement is a new programme.";
    /// Not a partner.
    NotAPartner = "programme.not_a_partner", Invalid, "this party is not an enrolled partner",
        "Ask the operator to enrol it as a partner first.";
    /// A declaration that cannot be.
    BadDeclaration = "programme.declaration", Invalid, "the declaration cannot be taken",
        "As region name an area of the policy (`tiers programme show FILE --json`), or none; as partners to be compared with, other partners of the programme, each once.";
    /// Too many partners.
    TooManyPartners = "programme.too_many_partners", TooLarge, "the programme has too many partners",
        "Ask the operator.";
    /// Wrapped key.
    BadWrappedKey = "programme.wrapped_key", Invalid, "not a wrapped programme key",
        "Make it with `tiers programme key wrap`.";
    /// Nothing wrapped for this partner yet.
    NoWrappedKey = "programme.no_wrapped_key", NotFound, "no wrapped key waits for you yet",
        "Ask the principal to wrap the programme key to you.";
    /// The approval names another policy.
    OtherPolicy = "programme.other_policy", Conflict, "the programme has another policy than the one you read",
        "Fetch the programme again and read its policy before approving it.";
    /// The manifest cannot be read.
    BadManifest = "deposit.manifest", Malformed, "the manifest cannot be read",
        "Make it with this version of `tiers prepare`; it is one line of canonical JSON.";
    /// Not signed, or by somebody else.
    ForeignManifest = "deposit.foreign_manifest", Forbidden, "the manifest is not signed by your keys",
        "Deposit with the credentials and the keys of one and the same party.";
    /// Not in the programme.
    NotAMember = "deposit.not_a_member", Forbidden, "you do not take part in this programme",
        "Ask the principal to add you.";
    /// Kind not for this role.
    WrongKind = "deposit.wrong_kind", Forbidden, "this kind of deposit is not yours to make here",
        "Partners deposit sales, the principal deposits leads.";
    /// Another programme key.
    WrongKey = "deposit.wrong_key", Invalid, "made with another programme key",
        "Unwrap the programme key again with `tiers programme key unwrap` and prepare the file anew.";
    /// Another normalisation.
    WrongNormalisation = "deposit.wrong_normalisation", Invalid, "made with another version of the normalisation",
        "Use the version of `tiers` that the programme names and prepare the file anew.";
    /// Purpose or basis differs.
    WrongPurpose = "deposit.wrong_purpose", Invalid, "the purpose or its legal basis is not the programme's",
        "A deposit serves the purpose of its programme only; prepare it with the programme file as registered.";
    /// Epoch over.
    EpochOver = "deposit.epoch_over", Invalid, "the epoch of the programme key is over",
        "Ask the principal for the programme's next epoch; tokens of an old key are not taken.";
    /// Too many rejects.
    TooManyRejects = "deposit.too_many_rejects", Invalid, "more rows were left out than the policy allows",
        "Read rejects.csv, mend the file and prepare it again.";
    /// Retention over.
    Expired = "deposit.expired", Invalid, "the deposit may not be held any more",
        "Its retention date has passed; prepare the file anew.";
    /// Retention too long.
    RetainedTooLong = "deposit.retained_too_long", Invalid, "the deposit asks to be held longer than the policy allows",
        "Prepare it with the programme file as registered.";
    /// A column the policy does not name.
    UnknownColumn = "deposit.unknown_column", Invalid, "a column is not one that the policy names",
        "Prepare the file with the programme file as registered; only its columns may leave your machine.";
    /// Too many columns.
    TooManyColumns = "deposit.too_many_columns", TooLarge, "the manifest has too many columns",
        "A body has 16 columns at most.";
    /// No row.
    NoRows = "deposit.no_rows", Invalid, "the deposit has no row",
        "Nothing of the file could be used: read rejects.csv, mend the file and prepare it again.";
    /// Too large.
    BodyTooLarge = "deposit.too_large", TooLarge, "the deposit is too large",
        "A deposit has 100 million rows and 32 GiB at most; split the file.";
    /// Too many deposits without a body.
    TooManyOpen = "deposit.too_many_open", Conflict, "256 of your deposits wait for their bodies already",
        "Upload the bodies of the deposits that GET /v1/deposits lists as open, or end those that you gave up with an empty upload and `Upload-Complete: ?1`.";
    /// Not sealed.
    Unsealed = "deposit.unsealed", Invalid, "the body is not sealed",
        "Prepare it with the registered programme file, which holds the certifier's key.";
    /// Sealed to another key.
    WrongRecipient = "deposit.wrong_recipient", Invalid, "the body is sealed to another key than this certifier's",
        "Fetch the programme file from this certifier and prepare the file anew.";
    /// The offset is not where the upload stands.
    WrongOffset = "deposit.wrong_offset", Conflict, "the upload goes on from another byte",
        "Ask where it stands with GET and send from there.";
    /// Somebody else is uploading the same deposit.
    UploadBusy = "deposit.upload_busy", Conflict, "this deposit is being uploaded already",
        "Wait for the other upload to end, then ask where it stands.";
    /// No place for another upload.
    TooManyUploads = "deposit.too_many_uploads", Busy, "too many uploads are under way",
        "A party has four at a time; wait a little, ask where this one stands with GET and send from there.";
    /// The party has sent its share of a day.
    Quota = "deposit.quota", Often, "you have sent as much as one company may in a day",
        "Send the rest tomorrow from where it stands: what came is kept. Ask the operator if your files are larger.";
    /// Other bodies are read first.
    Waiting = "deposit.waiting", Busy, "other deposits are being read first",
        "The whole body is here: wait a little, then say again that it is complete, from where it stands and with nothing more to send.";
    /// Already decided.
    NotOpen = "deposit.not_open", Conflict, "this deposit takes no body any more",
        "It was accepted or refused; ask for its state.";
    /// Ended too early.
    Truncated = "deposit.truncated", Invalid, "the upload ended before the announced length",
        "Send the manifest and the whole body again; to send a body in parts, say `Upload-Complete: ?0`.";
    /// Ended too late.
    TooLong = "deposit.too_long", Invalid, "the upload is longer than the manifest announces",
        "The body does not belong to this manifest; deposit the folder as it was prepared.";
    /// Digest differs.
    BodyAltered = "deposit.body_altered", Invalid, "the body was altered: its digest is not the manifest's",
        "Deposit the folder as it was prepared.";
    /// Does not open.
    BodyUnreadable = "deposit.body_unreadable", Invalid, "the sealed body does not open",
        "It was altered before it was sealed, or sealed for another manifest; prepare the file anew.";
    /// Line grammar.
    BadLine = "deposit.bad_line", Invalid, "a line of the body does not follow the format",
        "Prepare the file with `tiers prepare`.";
    /// Hex digests in place of tokens.
    BareHash = "deposit.bare_hash", Invalid, "the body holds bare hashes in place of tokens",
        "An unkeyed hash of an e-mail or a phone can be reversed by anybody; prepare the file with the programme key.";
    /// Canaries differ.
    Canary = "deposit.canary_mismatch", Invalid, "the canaries of the body are not the programme's",
        "The tokens were made with another key or another normaliser; unwrap the key again, update `tiers` and prepare the file anew.";
    /// Rows do not match the manifest.
    RowCount = "deposit.row_count", Invalid, "the body has another number of rows than the manifest",
        "Deposit the folder as it was prepared.";
    /// Unknown template.
    UnknownTemplate = "report.unknown_template", Invalid, "no such template in the programme's policy",
        "`tiers report templates` lists what may be asked for.";
    /// A list of templates that makes no report.
    IncompleteTemplates = "report.incomplete_templates", Invalid, "these templates make no report",
        "Ask for conversion/1 in any case, and for revenue/1 beside conversion/1 by the same margin.";
    /// Nothing public says what rows a template has.
    NoCells = "report.no_cells", Invalid, "a template has no rows in this programme",
        "Rows by model need models in the programme, by area areas in the policy; dealers need three groups of which none declares more than 85 % of the sales; pairs need partners who agreed to be compared with each other; a lift needs two arms.";
    /// The share of the treated.
    LiftShare = "lift.share", Invalid, "not a share of persons to be treated",
        "Give 1 to 999 in a thousand: both groups need somebody.";
    /// Too many lifts.
    LiftsMany = "lift.too_many", Conflict, "the programme has as many lifts as it may have",
        "A programme has 100 lifts at most; a new epoch of the programme starts anew.";
    /// Frozen already.
    LiftFrozen = "lift.frozen", Conflict, "the leads of this lift are frozen already",
        "Make another lift: nobody chooses the arms of one after its round of the beacon was named.";
    /// Not frozen.
    LiftNotFrozen = "lift.not_frozen", Conflict, "the leads of this lift are not frozen yet",
        "The principal freezes them first (`tiers lift freeze`); then the round that decides is named.";
    /// The leads of another lift.
    LiftDrawnBefore = "lift.drawn_before", Conflict, "another lift has these very leads",
        "Use that one: the same leads are not drawn twice, so that nobody draws until the arms please. `tiers lift list` shows it.";
    /// Drawn already.
    LiftDrawn = "lift.drawn", Conflict, "this lift is drawn already",
        "Its arms stay as they are; `tiers lift list` shows the round that decided.";
    /// Not drawn.
    LiftNotDrawn = "lift.not_drawn", Conflict, "this lift is not drawn yet",
        "Once its round of the beacon has come, an officer of the certifier records it (`tiers lift draw`).";
    /// Another round.
    BeaconOther = "lift.other_round", Conflict, "another round of the beacon decides this lift",
        "Record the source and the round that were named when the leads were frozen: `tiers lift list` shows them.";
    /// Too early.
    BeaconEarly = "lift.round_not_come", Conflict, "the round that decides has not come yet",
        "Wait until the moment that `tiers lift list` shows.";
    /// Not a round.
    BeaconMalformed = "lift.beacon", Invalid, "not a round of this beacon",
        "Give signature and randomness as the beacon tells them, in hexadecimal: the randomness is the SHA-256 of the signature, which has 48 bytes at drand-quicknet and 96 at drand-default.";
    /// No lift.
    LiftNone = "report.no_lift", Conflict, "no lift of this programme is drawn",
        "Make one: `tiers lift new`, `freeze`, and an officer's `draw`; then ask for lift/1@all.";
    /// Other leads.
    LiftLeadsChanged = "report.lift_leads_changed", Conflict, "the leads are not those that were frozen",
        "A lift is told over the deposits of leads that were frozen, of which at most one row in a hundred was erased since. Make a new lift over the leads of today.";
    /// A month before the draw.
    LiftMonth = "report.lift_month", Invalid, "the month was over before the lift was drawn",
        "Nobody was treated yet: ask for the month of the draw or a later one.";
    /// No own counts under this policy.
    OwnCountOff = "own_count.off", Forbidden, "the policy of the programme tells partners nothing of themselves",
        "Ask the principal: a policy with `own_count_cap_nrho` does. `tiers programme show` prints the rules.";
    /// The month of leads is not over, is long over, or is none.
    OwnCountMonth = "own_count.month", Invalid, "not a month of the last three years that is over",
        "Give the month in which the leads were made, YYYY-MM, once it is over. Each month is told once: best when its last sale has counted.";
    /// No leads.
    OwnCountNoLeads = "own_count.no_leads", Conflict, "the principal has no leads deposited",
        "Ask again when the principal has deposited its leads and the tick after it has come. Nothing was paid.";
    /// No sales of the partner's own.
    OwnCountNoSales = "own_count.no_sales", Conflict, "you have no sales deposited",
        "Deposit your sales and wait for the next tick: the count is of your own sales. Nothing was paid.";
    /// The account of the leads is spent.
    OwnCountSpent = "own_count.spent", Spent, "what partners may be told of this month of leads is spent",
        "All programmes of the principal's group share one account of a month of leads, and others have asked before you; ask for another month. Nothing was paid.";
    /// The account of the leads was restored.
    OwnCountRestored = "own_count.restored", Spent, "what partners were told of this month was lost",
        "The certifier's database was restored, and the account of this month of leads stays closed; other months are open.";
    /// Exact totals, under a policy without them.
    ExactNotGiven = "report.exact_not_given", Forbidden, "the policy of the programme gives no exact totals",
        "Ask without `--exact`: figures with their intervals protect everybody. Exact totals need a policy such as exact-totals, under which the programme is registered.";
    /// Exact totals without everybody's agreement.
    ExactNotAgreed = "report.exact_not_agreed", Forbidden, "not every partner agreed to exact totals",
        "Sales of five owners or more have to be deposited, and every partner of the programme declares its agreement itself: `tiers programme declare --exact`. Any of them may take it back.";
    /// Exact totals were told.
    ExactTold = "report.exact_told", Conflict, "the exact totals of this month were told already",
        "They are told once for each month; the stored answer stays available under its snapshot.";
    /// Exact totals of long ago.
    ExactPast = "report.exact_past", Forbidden, "exact totals are told of the last two years only",
        "Ask without `--exact`: which older months were told is not kept for ever, and none is told twice.";
    /// A guess that cannot be used.
    BadGuess = "report.bad_guess", Invalid, "a guess names no campaign of the programme",
        "Guess conversions for campaigns of the programme, each once.";
    /// Not a month.
    BadPeriod = "report.bad_period", Invalid, "not a month of the form YYYY-MM that has begun",
        "Ask for one month of sales, such as 2024-05.";
    /// No approval.
    NotApproved = "report.not_approved", Forbidden, "no officer has approved releases of this programme",
        "Ask a compliance officer of the certifier to run `tiers programme approve`.";
    /// Too few leads.
    TooFewLeads = "report.too_few_leads", Invalid, "the leads file is smaller than the policy's minimum",
        "Deposit more leads; the minimum protects each of them.";
    /// Too few partners.
    TooFewPartners = "report.too_few_partners", Invalid, "the programme has fewer partners than the policy's minimum",
        "Add partners from different groups.";
    /// An old snapshot without an answer.
    SnapshotPast = "report.snapshot_past", NotFound, "this snapshot has no stored answer",
        "Only the current snapshot can be asked anew.";
    /// The budget.
    Spent = "report.budget_spent", Spent, "the privacy budget of this month of sales is spent",
        "Stored answers stay available at no cost; nothing new can be learned about this month.";
    /// The ledger is not witnessed far enough.
    Unwitnessed = "ledger.unwitnessed", Busy, "too few witnesses have seen the newest entries of the ledger",
        "Try again once they are reachable; acts go on meanwhile, and what is stored stays available.";
    /// A person's act before its tick.
    TickAwaited = "consent.tick_awaited", Busy, "this act enters the ledger with the tick of the day",
        "Fetch the proof after midnight UTC; the act itself counts already.";
    /// What opened a leaf is erased.
    LeafErased = "consent.leaf_erased", NotFound, "what proves this act was erased with what it was about",
        "The ledger keeps a digest that nobody can link to anybody; it verifies as before.";
    /// A release of this year was lost with a backup.
    AccountRestored = "report.account_restored", Spent, "the accounts of this year are closed",
        "Releases of this year were lost when the certifier's database was restored; what they cost is known from the ledger, whom they counted is not. Stored answers stay available.";
    /// Nothing to erase.
    NothingToErase = "erasure.nothing", Invalid, "there is nothing of that to erase",
        "Only an accepted deposit can be erased, and persons only from a programme that is registered.";
    /// Tokens of persons.
    BadErasure = "erasure.tokens", Invalid, "these tokens cannot name persons",
        "Send 1 to 2,048 tokens of key kinds of the programme's policy, as `tiers prepare` leaves them in preview.csv, without the canaries.";
    /// Reason of an erasure.
    BadErasureReason = "erasure.reason", Invalid, "an erasure needs a reason",
        "Say in 1 to 500 characters why it is erased; it is recorded.";
    /// Reason of a reading.
    BadReason = "acts.reason", Invalid, "a reading needs a reason",
        "Say in 1 to 500 characters why you read; it is recorded.";
    /// Governance: `governance.activity`.
    GovActivity = "governance.activity", Invalid, "the processing is not described",
        "Have the principal record the activity: `tiers governance template` writes one to start from.";
    /// Governance: `governance.party_role`.
    GovPartyRole = "governance.party_role", Invalid, "a party has no role in the processing, or several",
        "Give the principal and every partner exactly one role: controller, joint controller, processor or recipient.";
    /// Governance: `governance.basis`.
    GovBasis = "governance.basis", Invalid, "a purpose needs exactly one legal basis",
        "Name one basis of GDPR art. 6(1) for each purpose; two bases are two purposes.";
    /// Governance: `governance.balancing`.
    GovBalancing = "governance.balancing", Invalid, "legitimate interests need the interest and its balancing test",
        "State the interest, and the digest, date and author of the balancing test.";
    /// Governance: `governance.matching_purpose`.
    GovMatchingPurpose = "governance.matching_purpose", Invalid, "matching is not a purpose of its own here",
        "Add a purpose of the kind `matching`, with its own basis; persons are told of it.";
    /// Governance: `governance.other_purpose`.
    GovOtherPurpose = "governance.other_purpose", Invalid, "the data were not collected for this purpose",
        "Use them for the purposes of the recorded activity only.";
    /// Governance: `governance.safeguards`.
    GovSafeguards = "governance.safeguards", Invalid, "statistics need the safeguards of GDPR art. 89",
        "Record that they are in place, in the activity.";
    /// Governance: `governance.text`.
    GovText = "governance.text", Invalid, "a text of the record is empty or too long",
        "Give every text between 1 and 4,000 characters; addresses of notices begin with https://.";
    /// Governance: `governance.date`.
    GovDate = "governance.date", Invalid, "a date of the record cannot be",
        "A signature or a validation lies in the past, a review after the validation.";
    /// Governance: `governance.contract`.
    GovContract = "governance.contract", Invalid, "there is no contract between this controller and the certifier",
        "Have the operator record the signed contract (GDPR art. 28(3)).";
    /// Governance: `contract.clause_a`.
    ClauseA = "contract.clause_a", Invalid, "the contract lacks clause (a): documented instructions",
        "Complete the contract (GDPR art. 28(3)(a)) and record it again.";
    /// Governance: `contract.clause_b`.
    ClauseB = "contract.clause_b", Invalid, "the contract lacks clause (b): confidentiality",
        "Complete the contract (GDPR art. 28(3)(b)) and record it again.";
    /// Governance: `contract.clause_c`.
    ClauseC = "contract.clause_c", Invalid, "the contract lacks clause (c): security",
        "Complete the contract (GDPR art. 28(3)(c)) and record it again.";
    /// Governance: `contract.clause_d`.
    ClauseD = "contract.clause_d", Invalid, "the contract lacks clause (d): sub-processors",
        "Complete the contract (GDPR art. 28(3)(d)) and record it again.";
    /// Governance: `contract.clause_e`.
    ClauseE = "contract.clause_e", Invalid, "the contract lacks clause (e): help with the rights of persons",
        "Complete the contract (GDPR art. 28(3)(e)) and record it again.";
    /// Governance: `contract.clause_f`.
    ClauseF = "contract.clause_f", Invalid, "the contract lacks clause (f): help with security, breaches, assessments",
        "Complete the contract (GDPR art. 28(3)(f)) and record it again.";
    /// Governance: `contract.clause_g`.
    ClauseG = "contract.clause_g", Invalid, "the contract lacks clause (g): deletion or return",
        "Complete the contract (GDPR art. 28(3)(g)) and record it again.";
    /// Governance: `contract.clause_h`.
    ClauseH = "contract.clause_h", Invalid, "the contract lacks clause (h): information and audits",
        "Complete the contract (GDPR art. 28(3)(h)) and record it again.";
    /// Governance: `governance.instruction`.
    GovInstruction = "governance.instruction", Invalid, "the controller has recorded no instruction",
        "Record what the certifier is to do (GDPR art. 28(3)(a), 29).";
    /// Governance: `governance.instruction_unlawful`.
    GovUnlawful = "governance.instruction_unlawful", Invalid, "the instruction in force was flagged as unlawful",
        "Read the flag, and record a lawful instruction in its place.";
    /// Governance: `governance.authorisation`.
    GovAuthorisation = "governance.authorisation", Invalid, "there is no written authorisation for this",
        "A sub-processor needs the controller's authorisation before its first day; other terms than the law's a legal approval.";
    /// An alert that is closed.
    AlertClosed = "alert.closed", Conflict, "this alert is closed already",
        "What it was is in its finding; the next one of the kind is another alert.";
    /// An alert about oneself.
    AlertOwn = "alert.own", Forbidden, "whoever an alert is about does not close it",
        "Another officer, or the operator, looks at it and says what it was.";
    /// Governance: `governance.special`.
    GovSpecial = "governance.special", Invalid, "special categories of data are not taken",
        "Take what is about health, opinions, beliefs, origin, sexual life or offences out (GDPR art. 9, 10).";
    /// Governance: `governance.transfer`.
    GovTransfer = "governance.transfer", Invalid, "a country outside the European Economic Area without safeguards",
        "Name the safeguards of the transfer: an adequacy decision, standard clauses (GDPR art. 44 to 49); the name of a country is spelt as in French or English.";
    /// Governance: `governance.notice_of_change`.
    GovNoticeOfChange = "governance.notice_of_change", Invalid, "the controller was not told before the change",
        "Send the notice before the sub-processor's first day, and record when.";
    /// Governance: `governance.arrangement`.
    GovArrangement = "governance.arrangement", Invalid, "the joint controllers' arrangement does not name all of them",
        "Record the arrangement with a contact point for each joint controller (GDPR art. 26).";
    /// Governance: `governance.notice`.
    GovNotice = "governance.notice", Invalid, "this party has recorded no information notice",
        "Record the address, digest and date of the notice that persons were given (GDPR art. 13, 14).";
    /// Governance: `governance.notice_recipient`.
    GovNoticeRecipient = "governance.notice_recipient", Invalid, "the notice does not name the certifier as a recipient",
        "Name the certifier, or its category, in the notice (GDPR art. 13(1)(e), 14(1)(e)) and record it again.";
    /// Governance: `governance.notice_matching`.
    GovNoticeMatching = "governance.notice_matching", Invalid, "the notice does not name matching as a purpose",
        "Name matching in the notice (GDPR art. 13(1)(c), 14(1)(c)) and record it again.";
    /// Governance: `governance.dpia`.
    GovDpia = "governance.dpia", Invalid, "no impact assessment was validated",
        "Complete and validate the assessment (GDPR art. 35); two criteria of WP 248 are met by every programme.";
    /// Governance: `governance.dpia_incomplete`.
    GovDpiaIncomplete = "governance.dpia_incomplete", Invalid, "the assessment is not complete",
        "It needs the four parts of art. 35(7), the officer's opinion, the residual risk and the day of its review.";
    /// Governance: `governance.consultation`.
    GovConsultation = "governance.consultation", Invalid, "a high residual risk needs the authority's consultation",
        "Consult the authority (GDPR art. 36) and record its answer.";
    /// Governance: `governance.dpia_review`.
    GovDpiaReview = "governance.dpia_review", Invalid, "the assessment is due for review",
        "Review it and record the new version.";
    /// Governance: `governance.identifiability`.
    GovIdentifiability = "governance.identifiability", Invalid, "nobody assessed who could identify the persons",
        "Record, dated and signed, a finding for each of partner, certifier, brand and host (GDPR recital 26).";
    /// Governance: `governance.key_holder`.
    GovKeyHolder = "governance.key_holder", Invalid, "a certifier with the key is said not to identify anybody",
        "Whoever holds the key, or can obtain it, can identify: change the finding, or take the key away.";
    /// Governance: `governance.identifiability_review`.
    GovIdentifiabilityReview = "governance.identifiability_review", Invalid, "who could identify is due for review",
        "Review it, have it signed and record the new version.";
    /// Governance: `governance.sandbox_data`.
    GovSandboxData = "governance.sandbox_data", Conflict, "data of the sandbox are still here",
        "Erase the deposits that were made before production, then open it.";
    /// Governance: `governance.identity`.
    GovIdentity = "governance.identity", Invalid, "the legal entity is not identified, or is another one",
        "Record name, SIREN, address and contact of the entity as it was enrolled.";
    /// Governance: `breach.unfinished`.
    BreachUnfinished = "breach.unfinished", Invalid, "facts, effects and remedies are not all recorded",
        "Complete the three before the file is closed (GDPR art. 33(5)).";
    /// Governance: `breach.undecided`.
    BreachUndecided = "breach.undecided", Invalid, "a decision or a notification of this breach is open",
        "Decide on informing the persons, with the reasons; keyed tokens are unintelligible only while their key is safe; tell whom the clocks name.";
    /// Governance: `breach.late`.
    BreachLate = "breach.late", Invalid, "a notification after its term needs the reasons of the delay",
        "State them in `late_because` (GDPR art. 33(1)).";
    /// Governance: `breach.order`.
    BreachOrder = "breach.order", Invalid, "a moment of the file lies in the future or before the awareness",
        "Check the moments; they are RFC 3339 in UTC.";
    /// Governance: `register.incomplete`.
    RegisterIncomplete = "register.incomplete", Invalid, "the register lacks what GDPR art. 30 asks for",
        "Record who each entity is (name, address, contact), and in the activity purposes, persons, data, recipients and the safeguards of transfers.";
    /// Governance: `breach.closed`.
    BreachClosed = "breach.closed", Conflict, "the file is closed, or its moment of awareness was changed",
        "Open another file that refers to this one.";
    /// Tokens under the rights key.
    BadRightsTokens = "consent.tokens", Invalid, "these tokens cannot name a person",
        "Send one to three tokens under the rights key, of e-mail, mobile and landline, each kind once.";
    /// Events.
    BadConsents = "consent.events", Invalid, "these events cannot be recorded",
        "Send 1 to 20,000 events, none in the future or before 1990; what permits something names its recipients.";
    /// Not its own.
    NotOwnChain = "consent.not_own", Forbidden, "the caller takes no part in this chain",
        "Ask as sender or recipient; an objection along a chain is handed in by the company whose chain it is.";
    /// Oppositions.
    BadOppositions = "opposition.invalid", Invalid, "these oppositions cannot be recorded",
        "Send 1 to 20,000, none in the future, kept for 3 to 30 years; a list needs its name and its certificate.";
    /// Neither controller nor collector.
    FormParty = "form.party", Forbidden, "the caller is neither controller nor collector of this form",
        "Have the company publish it that decides or collects.";
    /// Forms that cannot stand on one page.
    CollectionForms = "collection.forms", Invalid, "these forms cannot stand on one public page",
        "Name 1 to 6 forms of yours with one controller, one language and one method (web_form or double_opt_in), whose channels are reached by an e-mail address or a telephone number that the form names.";
    /// A quota, or pages without end.
    CollectionQuota = "collection.quota", Invalid, "this page cannot be opened with that quota",
        "Let 1 to 10,000 submissions wait, and close pages that are not used: 50 are open at once.";
    /// The page is closed.
    CollectionClosed = "collection.closed", Conflict, "this form is closed",
        "Nothing was taken. Reload the page: it says whether another form took its place.";
    /// The page is full.
    CollectionFull = "collection.full", Busy, "this form takes no more for the moment",
        "Nothing was taken. Try again later; its company has to fetch what waits.";
    /// Not of the length of a submission.
    SubmissionSize = "submission.size", Malformed, "this is no sealed submission",
        "Send the bytes that the page's program sealed, as octets: all submissions have one length.";
    /// Another one under this id.
    SubmissionOther = "submission.other", Conflict, "another submission came under this id",
        "Draw a new id and seal again.";
    /// `form.extent`.
    FormExtent = "form.extent", Invalid, "a text or a list of the form is empty or too long",
        "`tiers consent form template` writes a form to start from.";
    /// `form.conditional`.
    FormConditional = "form.conditional", Invalid, "a consent that a sale or a service hangs on is none",
        "Collect it apart from the sale (GDPR art. 7(4)).";
    /// `form.nobody_named`.
    FormNobodyNamed = "form.nobody_named", Invalid, "handing on needs recipients that are named",
        "Name each recipient with its SIREN; \"our partners\" names nobody.";
    /// `form.rights`.
    FormRights = "form.rights", Invalid, "the form does not tell every right",
        "Tell access, rectification, erasure, restriction, portability, withdrawal and complaint.";
    /// `form.validity`.
    FormValidity = "form.validity", Invalid, "a choice holds for 1 to 36 months",
        "Shorten the validity.";
    /// `form.withdrawal_sentence`.
    FormWithdrawal = "form.withdrawal_sentence", Invalid, "the text does not say that consent can be withdrawn",
        "Say it before the person chooses (GDPR art. 7(3)).";
    /// `form.names`.
    FormNames = "form.names", Invalid, "the text does not name every controller and recipient",
        "Write the names of the form into the text that persons read.";
    /// `form.phone_sentence`.
    FormPhone = "form.phone_sentence", Invalid, "the text asks for a telephone number without the sentence of the law",
        "Say that commercial calls need consent beforehand (C. consom., law 2025-594 art. 13).";
    /// `form.evidence`.
    FormEvidence = "form.evidence", Invalid, "the form has no screenshot or no digest of its code",
        "Take a screenshot of this version and name both files by their digests.";
    /// `form.checklist`.
    FormChecklist = "form.checklist", Invalid, "the review does not answer yes to each of its five questions",
        "Nothing ticked, refusal as visible, a block of its own, plain words, nothing hangs on it: mend the form, then review it again.";
    /// A request of a person.
    BadRequest = "subject.request", Invalid, "this request of a person cannot be taken",
        "It came in the past; it names at most 100 programmes and 2,048 tokens; a lift says when the person was told.";
    /// Closed.
    RequestClosed = "subject.closed", Conflict, "the person was answered already",
        "Open another request.";
    /// `request.extension_late`.
    ExtensionLate = "request.extension_late", Invalid, "an extension is told within the first month",
        "Answer now; the delay is told to the person with its reasons.";
    /// `request.extension_reason`.
    ExtensionReason = "request.extension_reason", Invalid, "an extension, a refusal or a fee needs its reasons",
        "State them in 1 to 500 characters; the person reads them.";
    /// `request.extension_twice`.
    ExtensionTwice = "request.extension_twice", Conflict, "the term was extended already",
        "Answer within the extended term.";
    /// Exchange: `agreement.text`.
    AgreementText = "agreement.text", Invalid, "a text of the agreement is empty or too long",
        "Give every text between 1 and 2,000 characters; a country has two capital letters, a series capital letters, digits and dashes, the address of the notice begins with https://.";
    /// Exchange: `agreement.parties`.
    AgreementParties = "agreement.parties", Invalid, "the two parties of the agreement are not two",
        "Name two companies with a SIREN and keys of their own, one of which proposes.";
    /// Exchange: `agreement.signatory`.
    AgreementSignatory = "agreement.signatory", Invalid, "the signatory is the requester, the officer or nobody",
        "Name a signatory who neither asks nor advises, with a key of its own; so has the officer.";
    /// Exchange: `agreement.fields`.
    AgreementFields = "agreement.fields", Invalid, "records need fields, each once",
        "List the fields that may leave; nothing else does.";
    /// Exchange: `agreement.channels`.
    AgreementChannels = "agreement.channels", Invalid, "the agreement names no channel that a record can serve",
        "For each channel, agree on the field by which it reaches a person.";
    /// Exchange: `agreement.basis`.
    AgreementBasis = "agreement.basis", Invalid, "this channel needs consent",
        "E-mail, text messages, fax and automated calls to consumers rest on consent (CPCE art. L. 34-5).";
    /// Exchange: `agreement.not_transferable`.
    AgreementNotTransferable = "agreement.not_transferable", Invalid, "this basis never carries a transfer",
        "What a company may send to its own customers, or during a contract, gives nothing to another company.";
    /// Exchange: `agreement.duration`.
    AgreementDuration = "agreement.duration", Invalid, "the days of the agreement cannot be",
        "An agreement ends after it begins, and lasts a year at most.";
    /// Exchange: `agreement.price`.
    AgreementPrice = "agreement.price", Invalid, "each side needs a value",
        "Give both sides a price, even where they are equal (CGI art. 266-1 a).";
    /// Exchange: `agreement.message`.
    AgreementMessage = "agreement.message", Invalid, "the first message hides its source, its advertiser or how to object",
        "Let it name {source}, {advertiser} and {opt_out}.";
    /// Exchange: `agreement.no_records`.
    AgreementNoRecords = "agreement.no_records", Invalid, "neither side gives records",
        "Nothing is exchanged here but records; at least one side gives some.";
    /// Exchange: `agreement.special_category`.
    AgreementSpecial = "agreement.special_category", Invalid, "special categories of data are never exchanged",
        "Take what is about health, opinions, beliefs, origin, sexual life or offences out (GDPR art. 9, 10).";
    /// Exchange: the same id.
    ExchangeExists = "exchange.exists", Conflict, "this exchange is known already",
        "A change of an agreement is a new exchange.";
    /// Exchange: not as the parties are enrolled.
    ExchangeKeys = "exchange.keys", Invalid, "keys or SIREN of a party are not those that are enrolled",
        "Compare fingerprints with the other party by another channel, and pin the enrolled keys.";
    /// Exchange: signature.
    ExchangeSignature = "exchange.signature", Invalid, "not signed by whoever may say it",
        "The proposer and the accepting party sign with their party key, signatory and officer with their own; over the agreement as it stands.";
    /// Exchange: not now.
    ExchangeState = "exchange.state", Conflict, "the exchange does not stand where this is done",
        "It is proposed, accepted by the other party, then approved by a signatory of each; look at `tiers exchange show`.";
    /// Exchange: said already.
    ExchangeSaid = "exchange.said", Conflict, "this party has said so already",
        "Everything is said once.";
    /// Exchange: no more of its batches.
    ExchangeWithheld = "exchange.withheld", Conflict, "three batches of this sender were withheld",
        "The exchange takes no more of it: close it, or agree on a new exchange. Of 1,199 records that may pass, a lot always does.";
    /// Exchange: outside its days.
    ExchangeTerm = "exchange.term", Invalid, "today is none of the days of the agreement",
        "Records pass from its first to its last day; a longer one is a new agreement.";
    /// Batch: what it says of itself.
    BatchHead = "batch.head", Invalid, "the batch is none of this agreement",
        "Sender, recipient, pinned key, size and channel are those of the agreement; only a side that gives records sends.";
    /// Batch: signature.
    BatchSignature = "batch.signature", Invalid, "the batch is not signed by the sender of the agreement",
        "Sign it with the party key that the agreement pins.";
    /// Batch: small.
    BatchTooFew = "batch.too_few", Invalid, "a batch has at least a thousand records",
        "Smaller ones would tell about single persons; wait until there are more.";
    /// Batch: large.
    BatchTooMany = "batch.too_many", TooLarge, "a batch has at most ten million records",
        "Send several batches.";
    /// Batch: sealed body.
    BatchAltered = "batch.altered", Invalid, "the body is not what the sender signed",
        "Seal and send the file again.";
    /// Batch: not now.
    BatchState = "batch.state", Conflict, "the batch does not stand where this is done",
        "It is uploaded, its sample reviewed by the recipient's officer, handed over by its sender, fetched by its recipient, who then informs the persons.";
    /// Batch: no verdict yet.
    BatchUnreviewed = "batch.unreviewed", Conflict, "the recipient's officer has not looked at the proofs yet",
        "The recipient draws a sample and its data protection officer gives the verdict: `tiers exchange review`.";
    /// Batch: an unprovable record.
    BatchBlocked = "batch.blocked", Conflict, "a proof of the sample was missing or no good",
        "Nothing of this batch passes. Read what the officer wrote, take out what cannot be proven, and send another batch.";
    /// Batch: a verdict on something else.
    BatchReview = "batch.review", Invalid, "not one verdict for each position that was drawn",
        "Review the sample as it was drawn; where a proof is missing, tell the sender what about, naming nobody.";
    /// Closing: no value.
    ExchangeNoValue = "exchange.no_value", Invalid, "an exchange does not close without a stated value",
        "State the value of what you gave, even where both are equal.";
    /// Closing: another value.
    ExchangeValueDiffers = "exchange.value_differs", Invalid, "the value is not the one that was agreed",
        "It is the price of a lot times the lots that passed, or the agreed price; `tiers exchange show` has it.";
    /// Closing: nothing passed.
    ExchangeNothingPassed = "exchange.nothing_passed", Conflict, "this side has given nothing yet",
        "Hand a batch over first; batches that wait must be handed over or refused.";
    /// Closing: an invoice that cannot be drawn up.
    ExchangeInvoice = "exchange.invoice", Invalid, "the invoice cannot be drawn up",
        "Check the number for value-added tax and the addresses of the agreement.";
    /// Filing: no platform, no reference, or a day before the invoice or after today.
    ExchangeFiling = "exchange.filing", Invalid, "this is no platform, no reference or no day of it",
        "Name the platform and its reference, and a day between the issue of the invoice and today.";
    /// Words of a search that mean nothing.
    BadSearch = "search.malformed", Invalid, "the search cannot be understood",
        "A type is one of the ledger's, a day is written 2026-03-01; a dossier needs to be about something.";
    /// A programme at the end of its service.
    ProgrammeClosed = "programme.closed", Conflict, "the programme is closed, and its data are erased",
        "Register a new programme; earlier reports and certificates stay.";
    /// A certificate of deletion before its time.
    NotErased = "deletion.unfinished", Conflict, "some of the data are still here, or there never were any",
        "Order the erasure first; it is executed at the next tick.";
    /// The searches of a day.
    SearchesSpent = "search.spent", Spent, "this account has searched as often as it may in a day",
        "Wait for tomorrow; each search is an act that others can read.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_and_each_its_own() {
        let mut codes: Vec<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        let well_formed = |code: &str| {
            code.split('.').count() == 2
                && code.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'))
        };
        assert!(codes.iter().all(|code| well_formed(code)));
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
