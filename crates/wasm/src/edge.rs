//! What JavaScript sees. Refusals are thrown as strings, `{"code": ..., "message": ...}`; anything else
//! that is thrown is a trap, after which the instance must not be used again (`js/worker.js`).
//!
//! Secrets are taken as byte arrays that the page's copy can be wiped of, owned here and wiped after
//! use. Nothing of what crosses is decided here.

use tiers_protocol::encoding::decode;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::ids::PartyId;
use tiers_protocol::keystore::{Keystore, SALT};
use tiers_protocol::party::PartySecret;
use tiers_protocol::programme::Programme;
use tiers_protocol::programme_key::{ProgrammeKey, ProgrammeKeyError};
use tiers_protocol::rights_key::RightsKey;
use tiers_protocol::seal::SealError;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::job::{DAMAGED, Job, TOOL, party_secret};
use crate::{check, exchange, keys, person, rules, submission};

#[expect(clippy::needless_pass_by_value, reason = "the end of an error's way")]
pub(crate) fn thrown(fault: Fault) -> JsValue {
    JsValue::from_str(&fault.to_json())
}

/// One file on its way to a deposit.
#[wasm_bindgen]
pub struct Deposit(Job);

#[wasm_bindgen]
impl Deposit {
    /// Opens a file under a programme; `asked` is JSON (kind, today, source, and what the party says
    /// of its file). A key that is given is checked before the file is looked at.
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn open(
        file: Vec<u8>,
        programme: &[u8],
        key: Option<Vec<u8>>,
        asked: &str,
    ) -> Result<Self, JsValue> {
        let asked = serde_json::from_str(asked).map_err(|_| thrown(Fault::Asked));
        Job::open(file, programme, key, asked?).map(Self).map_err(thrown)
    }

    /// Reads or tokenises at most `rows` more rows; true when the present stage is done.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn step(&mut self, rows: usize) -> Result<bool, JsValue> {
        self.0.step(rows).map_err(thrown)
    }

    /// Begins the second stage: rows become tokens.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn tokenise(&mut self, key: Option<Vec<u8>>) -> Result<(), JsValue> {
        self.0.tokenise(key).map_err(thrown)
    }

    /// Seals the body to the programme's certifier and signs the manifest with the party's keys (the
    /// text of `party.key`).
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn seal(&mut self, party: Vec<u8>) -> Result<(), JsValue> {
        self.0.seal(party, &mut System).map_err(thrown)
    }

    /// Rows of the present stage that are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.0.progress().done
    }

    /// Rows of the present stage.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.progress().total
    }

    /// What was understood, as JSON; nothing before all rows are read.
    #[must_use]
    pub fn understood(&self) -> Option<String> {
        self.0.understood()
    }

    /// The heading and the first lines of what would leave the machine.
    #[must_use]
    pub fn preview(&self, lines: usize) -> Option<String> {
        self.0.preview(lines).map(str::to_owned)
    }

    /// Names of the files of the deposit directory, as far as they are made.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.0.files().into_iter().map(str::to_owned).collect()
    }

    /// One file of the deposit directory.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.0.file(name)
    }
}

/// Opens the programme key that was wrapped to a party (base64url, as the certifier relays it) and gives
/// the text of a key file, the same that `tiers programme key unwrap` writes. Secret.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn unwrap_key(
    wrapped: &str,
    party_key: Vec<u8>,
    party: &str,
    programme: &[u8],
) -> Result<Vec<u8>, JsValue> {
    unwrap(wrapped, party_key, party, programme).map_err(thrown)
}

fn unwrap(
    wrapped: &str,
    party_key: Vec<u8>,
    party: &str,
    programme: &[u8],
) -> Result<Vec<u8>, Fault> {
    let secret = party_secret(party_key)?;
    let party: PartyId = party.parse().map_err(|_| Fault::Asked)?;
    let programme = Programme::from_json(programme)?;
    let (key_id, _) = programme.registered()?;
    let sealed = decode(wrapped).ok_or(ProgrammeKeyError::Wrapped(SealError::Format))?;
    let key = ProgrammeKey::unwrap(&sealed, &secret.sealing(), &programme.id, &party)?;
    let text: Zeroizing<String> = key.expect_id(key_id)?.to_file();
    // The page's copy is the page's to wipe.
    Ok(text.as_bytes().to_vec())
}

/// The rights tokens of a person, as the API takes them (JSON), from a contact with an address and numbers
/// on lines of their own and the text of a rights key file.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn person_tokens(rights_key: Vec<u8>, contact: Vec<u8>) -> Result<String, JsValue> {
    person::tokens(rights_key, contact).map_err(thrown)
}

/// Checks a certificate, and with a report that it is the one that was certified; what it says, as JSON.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "JavaScript lends no optional bytes")]
pub fn check_certificate(
    certificate: &[u8],
    report: Option<Vec<u8>>,
    trust: &[u8],
) -> Result<String, JsValue> {
    let checked = check::certificate(certificate, report.as_deref(), trust);
    checked.map(|value| value.to_string()).map_err(thrown)
}

/// Checks a dossier: its signature and the proof of every act; how many there are, as JSON.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn check_dossier(dossier: &[u8], trust: &[u8]) -> Result<String, JsValue> {
    check::dossier(dossier, trust).map(|value| value.to_string()).map_err(thrown)
}

/// Says something (accept, approve, advise, end) about the exchange that is shown (JSON), under the key that
/// its agreement names for it; the signed word, as the API takes it (JSON).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn say_of_exchange(
    view: &[u8],
    party: &str,
    key: Vec<u8>,
    says: &str,
    words: &str,
) -> Result<String, JsValue> {
    exchange::say(&exchange::About { view, party }, key, (says, words)).map_err(thrown)
}

/// A package of an exchange that was opened.
#[wasm_bindgen]
pub struct OpenedPackage(exchange::Opened);

#[wasm_bindgen]
impl OpenedPackage {
    /// Checks a package and opens it with the text of `party.key`.
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn open(
        view: &[u8],
        party: &str,
        key: Vec<u8>,
        batch: &str,
        package: &[u8],
    ) -> Result<Self, JsValue> {
        let about = exchange::About { view, party };
        exchange::open(&about, (key, batch), package).map(Self).map_err(thrown)
    }

    /// The records as CSV. Secret; the page's copy is the page's to wipe.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        self.0.csv.to_vec()
    }

    /// How many were opened, and how many were held back, as JSON.
    #[must_use]
    pub fn counts(&self) -> String {
        self.0.counts.to_string()
    }
}

/// What a person typed on a public form, sealed to the company whose form it is.
#[wasm_bindgen]
pub struct SealedSubmission(submission::Sealed);

#[wasm_bindgen]
impl SealedSubmission {
    /// Seals what was typed (JSON) for a page as the certifier shows it (JSON).
    ///
    /// # Errors
    /// A refusal as JSON text.
    #[wasm_bindgen(constructor)]
    pub fn seal(page: &[u8], typed: Vec<u8>) -> Result<Self, JsValue> {
        submission::seal(page, typed, &mut System).map(Self).map_err(thrown)
    }

    /// The id that was drawn for it.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.id.clone()
    }

    /// What is sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.bytes.clone()
    }
}

/// The keys of a company, open in the worker's memory; wiped when freed.
#[wasm_bindgen]
#[derive(Default)]
pub struct Keys(Keystore);

#[wasm_bindgen]
impl Keys {
    /// None yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens what the browser's storage holds, `by` a passkey's secret (`prf`) or a `passphrase`.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn open(sealed: &str, by: &str, secret: Vec<u8>) -> Result<Self, JsValue> {
        let opened = keys::secret(by, secret).and_then(|secret| keys::open(sealed, &secret));
        opened.map(Self).map_err(thrown)
    }

    /// Makes the company's own keys.
    pub fn make_party(&mut self) {
        self.0.make_party(&mut System);
    }

    /// Takes a key file, whichever it is.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn add(&mut self, file: Vec<u8>) -> Result<(), JsValue> {
        keys::add(&mut self.0, file).map_err(thrown)
    }

    /// What the browser's storage is to hold.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn seal(&self, by: &str, secret: Vec<u8>, salt: &[u8]) -> Result<String, JsValue> {
        let sealed = keys::secret(by, secret).and_then(|secret| keys::seal(&self.0, &secret, salt));
        sealed.map_err(thrown)
    }

    /// What may be shown of them, as JSON.
    #[must_use]
    pub fn contents(&self) -> String {
        keys::contents(&self.0).to_string()
    }

    /// The text of `party.pub`.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        let public = self.0.party()?.public();
        Some(serde_json::to_string_pretty(&public).expect("a plain document") + "\n")
    }

    /// The text of `party.key`. Secret; the page's copy is the page's to wipe.
    #[must_use]
    pub fn party(&self) -> Option<Vec<u8>> {
        self.0.party().map(PartySecret::to_file).map(file)
    }

    /// The text of the rights key file. Secret.
    #[must_use]
    pub fn rights(&self) -> Option<Vec<u8>> {
        self.0.rights().map(RightsKey::to_file).map(file)
    }

    /// The text of the key file of a programme (JSON). Secret.
    ///
    /// # Errors
    /// A refusal as JSON text.
    pub fn programme(&self, programme: &[u8]) -> Result<Option<Vec<u8>>, JsValue> {
        keys::programme(&self.0, programme).map(|found| found.map(file)).map_err(thrown)
    }

    /// A new salt: what a passkey's secret is asked for, and what sealing takes.
    #[must_use]
    pub fn salt() -> Vec<u8> {
        System.array::<SALT>().to_vec()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the text ends here, wiped")]
pub(crate) fn file(text: Zeroizing<String>) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// Wraps the key of a programme (JSON) to a partner (JSON, as the API tells of it) whose people read out the
/// fingerprint `confirmed`; base64url, as the API takes it.
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn wrap_key(
    programme_key: Vec<u8>,
    programme: &[u8],
    partner: &[u8],
    confirmed: &str,
) -> Result<String, JsValue> {
    keys::wrap(programme_key, programme, (partner, confirmed), &mut System).map_err(thrown)
}

/// The fingerprint of a party's keys (the text of `party.key`).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn fingerprint(party_key: Vec<u8>) -> Result<String, JsValue> {
    party_secret(party_key).map(|s| s.public().fingerprint().to_string()).map_err(thrown)
}

/// The rule of one vector file for the input of one of its cases (JSON in, JSON out).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn rule(name: &str, input: &str) -> Result<String, JsValue> {
    rules::apply(name, input).map(|value| value.to_string()).map_err(thrown)
}

/// The public canaries with their tokens under a key of 32 bytes (JSON).
///
/// # Errors
/// A refusal as JSON text.
#[wasm_bindgen]
pub fn canaries(key: &[u8], domain: &str) -> Result<String, JsValue> {
    let key = key.try_into().map_err(|_| thrown(Fault::Asked))?;
    Ok(rules::canary_list(key, domain).to_string())
}

/// Name and version of this build, and the refusal to report for a workbook that ended an instance.
#[wasm_bindgen]
#[must_use]
pub fn tool(damaged: bool) -> String {
    if damaged { Fault::from(DAMAGED).to_json() } else { TOOL.to_owned() }
}
