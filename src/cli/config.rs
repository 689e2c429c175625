//! The configuration file of a certifier: one TOML with a word for everything an operator may set,
//! each with a default. Unknown words are refused, because a limit that is spelt wrongly would not
//! hold. Options of the command line come before it. It holds paths of secrets and no secret.
//! The page for operators is `docs/operations.md`; `packaging/tiers.toml` shows every word.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::CliError;
use super::files;
use crate::api::{AcmeSettings, TlsFiles};
use crate::limits::{Quotas, Rates, Reports};
use crate::service::webhook::Network;

/// Everything that may be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directory of the certifier.
    pub dir: PathBuf,
    /// Directory of the keyring; DIR.keyring if not given.
    pub keyring: Option<PathBuf>,
    /// Where the API is served.
    pub listen: SocketAddr,
    /// Where pages that see contacts are served, at an origin of their own.
    pub contacts: ContactsConfig,
    /// Where figures for Prometheus are served; loopback only.
    pub metrics: Option<SocketAddr>,
    /// Who witnesses the ledger (C2SP tlog-policy).
    pub witnesses: Option<PathBuf>,
    /// What opens the keyring.
    pub unlock: UnlockConfig,
    /// The certificate; without one, plain HTTP on loopback only.
    pub tls: TlsConfig,
    /// The technical log.
    pub journal: JournalConfig,
    /// How often who may call.
    pub rates: Rates,
    /// How much who may send.
    pub quotas: Quotas,
    /// How reports leave.
    pub reports: Reports,
    /// What is told to the systems of companies.
    pub webhooks: WebhooksConfig,
    /// Where backups go.
    pub backup: BackupConfig,
}

/// Where pages that see contacts are served; with the others if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactsConfig {
    /// Address to listen on.
    pub listen: Option<SocketAddr>,
    /// Address under which browsers reach them: the public host on another port.
    pub public: Option<String>,
}

/// What is told to the systems of companies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Whether messages are sent; otherwise they wait.
    pub send: bool,
    /// Networks that may be called though they are not of the public internet.
    pub allow: Vec<Network>,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self { send: true, allow: Vec::new() }
    }
}

/// What opens the keyring: at most one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnlockConfig {
    /// File with its passphrase (0600).
    pub passphrase_file: Option<PathBuf>,
    /// File with its unlocking key (0600).
    pub key_file: Option<PathBuf>,
    /// Command that prints its unlocking key.
    pub command: Option<String>,
}

/// Where the certificate lies, or who gives it; none of them for plain HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// The chain of certificates, the server's own first (PEM).
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub key: Option<PathBuf>,
    /// Who signs the certificates of those who may call (PEM).
    pub client_ca: Option<PathBuf>,
    /// Whose certificates are asked for.
    pub acme: AcmeConfig,
}

/// An authority that gives certificates (RFC 8555).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcmeConfig {
    /// The names of this server; none asks no authority.
    pub domains: Vec<String>,
    /// Whether its terms are agreed to.
    pub terms_agreed: bool,
    /// Where it can write to, such as `mailto:`.
    pub contacts: Vec<String>,
    /// Address of its directory.
    pub directory: String,
    /// Who signs the certificate of that address (PEM); the public authorities if not given.
    pub directory_ca: Option<PathBuf>,
    /// Folder of account and certificates; DIR.acme if not given.
    pub folder: Option<PathBuf>,
}

impl Default for AcmeConfig {
    fn default() -> Self {
        Self {
            domains: Vec::new(),
            terms_agreed: false,
            contacts: Vec::new(),
            directory: "https://acme-v02.api.letsencrypt.org/directory".into(),
            directory_ca: None,
            folder: None,
        }
    }
}

impl AcmeConfig {
    /// What is wrong with it.
    fn wrong(&self) -> Option<&'static str> {
        let name = |name: &String| {
            let labels = name.split('.').all(|label| {
                let inner = label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
                !label.is_empty() && label.len() < 64 && !label.starts_with('-') && inner
            });
            labels && name.len() < 254 && name.parse::<std::net::IpAddr>().is_err()
        };
        if self.domains.is_empty() {
            return None;
        }
        if !self.domains.iter().all(name) {
            return Some(
                "[tls.acme] domains: names of hosts in lower case, without * and no addresses",
            );
        }
        if !self.terms_agreed {
            return Some("[tls.acme] terms_agreed: read the authority's terms, and say true");
        }
        if !self.directory.starts_with("https://") {
            return Some("[tls.acme] directory: an address that begins with https://");
        }
        let reached = |contact: &String| contact.starts_with("mailto:");
        let reached = self.contacts.iter().all(reached);
        (!reached).then_some("[tls.acme] contacts: each begins with mailto:")
    }
}

impl TlsConfig {
    /// The files, if TLS is spoken.
    #[must_use]
    pub fn files(&self) -> Option<TlsFiles> {
        let (certificate, key) = (self.certificate.clone()?, self.key.clone()?);
        Some(TlsFiles { certificate, key, client_ca: self.client_ca.clone() })
    }

    /// Whether TLS is spoken.
    #[must_use]
    pub const fn is_spoken(&self) -> bool {
        self.certificate.is_some() || !self.acme.domains.is_empty()
    }
}

/// The technical log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalConfig {
    /// Months that it is kept, 6 to 12.
    pub months: u8,
}

/// Where backups go, and who can open them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupConfig {
    /// Folder of the backups, on another disk.
    pub to: Option<PathBuf>,
    /// Public keys (`age1...`) of those who can open them.
    pub recipients: Vec<String>,
    /// Days that a backup is kept.
    pub keep_days: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dir: "certifier".into(),
            keyring: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            contacts: ContactsConfig::default(),
            metrics: None,
            witnesses: None,
            unlock: UnlockConfig::default(),
            tls: TlsConfig::default(),
            journal: JournalConfig::default(),
            rates: Rates::default(),
            quotas: Quotas::default(),
            reports: Reports::default(),
            webhooks: WebhooksConfig::default(),
            backup: BackupConfig::default(),
        }
    }
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self { months: 12 }
    }
}

impl Default for BackupConfig {
    fn default() -> Self {
        Self { to: None, recipients: Vec::new(), keep_days: 30 }
    }
}

/// One word of the configuration, as `tiers doctor` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// Its name, with the section before it.
    pub name: String,
    /// What is in force.
    pub value: String,
    /// What would be without a file.
    pub default: String,
}

impl Config {
    /// Reads a file; without one, the defaults. Relative paths are those of the file's own folder.
    ///
    /// # Errors
    /// [`CliError::Config`], [`CliError::Read`].
    pub fn load(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let bytes = files::read_document(path)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| CliError::not_a(path, "configuration file"))?;
        let mut config: Self = toml::from_str(text).map_err(|error| {
            // What the parser says names a word of the file; the file holds no secret.
            let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            CliError::Config { path: path.to_owned(), line, says: error.message().to_owned() }
        })?;
        if let Some(folder) = path.parent() {
            config.resolve(folder);
        }
        config.check(path)?;
        Ok(config)
    }

    /// Directory of the keyring.
    #[must_use]
    pub fn keyring(&self) -> PathBuf {
        self.keyring.clone().unwrap_or_else(|| super::certifier::beside(&self.dir, ".keyring"))
    }

    /// Whose certificates are asked for, if any.
    #[must_use]
    pub fn acme(&self) -> Option<AcmeSettings> {
        let acme = &self.tls.acme;
        let folder = acme.folder.clone();
        (!acme.domains.is_empty()).then(|| AcmeSettings {
            directory: acme.directory.clone(),
            domains: acme.domains.clone(),
            contacts: acme.contacts.clone(),
            folder: folder.unwrap_or_else(|| super::certifier::beside(&self.dir, ".acme")),
        })
    }

    fn resolve(&mut self, folder: &Path) {
        let paths = [&mut self.dir]
            .into_iter()
            .chain(&mut self.keyring)
            .chain(&mut self.witnesses)
            .chain(&mut self.unlock.passphrase_file)
            .chain(&mut self.unlock.key_file)
            .chain(&mut self.backup.to)
            .chain(&mut self.tls.certificate)
            .chain(&mut self.tls.key)
            .chain(&mut self.tls.client_ca)
            .chain(&mut self.tls.acme.directory_ca)
            .chain(&mut self.tls.acme.folder);
        for path in paths {
            *path = folder.join(&*path);
        }
    }

    fn check(&self, path: &Path) -> Result<(), CliError> {
        let refuse = |says: &str| {
            Err(CliError::Config { path: path.to_owned(), line: 0, says: says.to_owned() })
        };
        let unlock = &self.unlock;
        let ways =
            [unlock.passphrase_file.is_some(), unlock.key_file.is_some(), unlock.command.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return refuse("[unlock] has several ways to open one keyring");
        }
        if !(6..=12).contains(&self.journal.months) {
            return refuse("[journal] months: a journal is kept for 6 to 12 months");
        }
        let tls = &self.tls;
        if tls.certificate.is_some() != tls.key.is_some()
            || (tls.client_ca.is_some() && !tls.is_spoken())
        {
            return refuse("[tls] needs both a certificate and its key");
        }
        if tls.certificate.is_some() && !tls.acme.domains.is_empty() {
            return refuse("[tls] names files, and [tls.acme] an authority: one of the two");
        }
        if let Some(says) = tls.acme.wrong() {
            return refuse(says);
        }
        if !self.rates.are_possible() || !self.quotas.are_possible() {
            return refuse("[rates] and [quotas]: every limit is at least 1");
        }
        if !self.reports.are_possible() {
            return refuse("[reports] beat_ms: at most 10000");
        }
        if self.backup.keep_days == 0 {
            return refuse("[backup] keep_days: at least 1");
        }
        if self.backup.to.is_some() && self.backup.recipients.is_empty() {
            return refuse("[backup] names a folder and no recipient: nobody could open a backup");
        }
        Ok(())
    }

    /// Every word, with what is in force and what is the default.
    #[must_use]
    pub fn words(&self) -> Vec<Word> {
        let (mut values, mut defaults) = (Vec::new(), Vec::new());
        flatten("", &json(self), &mut values);
        flatten("", &json(&Self::default()), &mut defaults);
        let pairs = values.into_iter().zip(defaults);
        pairs.map(|((name, value), (_, default))| Word { name, value, default }).collect()
    }
}

fn json(config: &Config) -> Value {
    serde_json::to_value(config).expect("paths of a configuration file are text")
}

fn flatten(prefix: &str, value: &Value, words: &mut Vec<(String, String)>) {
    let shown = match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name =
                    if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, words);
            }
            return;
        }
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        other => other.to_string(),
    };
    words.push((prefix.to_owned(), shown));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Result<Config, CliError> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("tiers.toml");
        std::fs::write(&path, text).expect("written");
        Config::load(Some(&path))
    }

    #[test]
    fn an_empty_file_is_the_defaults_but_for_the_folder() {
        let config = loaded("").expect("reads");
        assert!(config.dir.is_absolute() && config.dir.ends_with("certifier"));
        assert_eq!(Config { dir: "certifier".into(), ..config }, Config::default());
    }

    #[test]
    fn what_is_unknown_or_cannot_be_is_refused_with_its_line() {
        let line = |text: &str| match loaded(text) {
            Err(CliError::Config { line, .. }) => line,
            other => panic!("{text}: {:?}", other.map(|_| ())),
        };
        assert_eq!(line("dir = \"a\"\nlisten_on = \"127.0.0.1:1\"\n"), 2);
        assert_eq!(line("[rates]\naccount_per_minut = 5\n"), 2);
        assert_eq!(line("listen = 5\n"), 1);
        assert_eq!(line("[webhooks]\nsend = true\nallow = [\"10.0.0.1/8\"]\n"), 3);
        for text in [
            "[journal]\nmonths = 5",
            "[rates]\naccount_per_minute = 0",
            "[backup]\nto = \"/b\"",
            "[tls]\nkey = \"k\"",
            "[tls.acme]\ndomains = [\"a.example\"]",
            "[tls.acme]\nterms_agreed = true\ndomains = [\"*.a.example\"]",
            "[tls.acme]\nterms_agreed = true\ndomains = [\"192.0.2.1\"]",
            "[tls.acme]\nterms_agreed = true\ndomains = [\"A.example\"]",
            "[tls.acme]\nterms_agreed = true\ndomains = [\"a.example\"]\ndirectory = \"http://a\"",
            "[tls.acme]\nterms_agreed = true\ndomains = [\"a.example\"]\ncontacts = [\"a@a.example\"]",
            "[tls]\ncertificate = \"c\"\nkey = \"k\"\n[tls.acme]\nterms_agreed = true\ndomains = [\"a.example\"]",
            "[unlock]\nkey_file = \"a\"\ncommand = \"b\"",
        ] {
            assert_eq!(line(text), 0, "{text}");
        }
    }

    #[test]
    fn every_word_is_shown_with_its_default_and_value() {
        let config = loaded("listen = \"[::1]:9\"\n[tls]\ncertificate = \"c\"\nkey = \"k\"\n");
        let words = config.expect("reads").words();
        let of = |name: &str| words.iter().find(|word| word.name == name).expect(name).clone();
        assert_eq!(
            (of("listen").value, of("listen").default),
            ("[::1]:9".into(), "127.0.0.1:8443".into())
        );
        assert!(of("tls.certificate").value.ends_with("/c"));
        assert_eq!(of("tls.certificate").default, "none");
        assert_eq!(of("journal.months").value, "12");
        // What is shown is everything that may be set: the example file has the same words.
        let example = include_str!("../../packaging/tiers.toml");
        for word in &words {
            let last = word.name.rsplit('.').next().unwrap_or_default();
            assert!(example.contains(&format!("{last} = ")), "{}", word.name);
        }
        let uncommented: String = example
            .lines()
            .map(|line| {
                let word = |rest: &str| {
                    let name = rest.split_once(" = ").map_or("", |(name, _)| name);
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                };
                let set = line.strip_prefix("# ").filter(|rest| word(rest));
                format!("{}\n", set.unwrap_or(line))
            })
            .collect();
        // One way of opening the keyring at a time.
        let uncommented = uncommented.replace("passphrase_file", "# ").replace("command =", "# ");
        // One certificate at a time.
        let files = uncommented.replace("domains =", "# ");
        let acme = uncommented.replace("\ncertificate =", "\n# ").replace("\nkey =", "\n# ");
        let acme = acme.replace("terms_agreed = false", "terms_agreed = true");
        let acme = loaded(&acme).expect("every line of the example may be uncommented");
        let asked = acme.acme().expect("an authority is asked");
        assert!(acme.tls.is_spoken() && asked.folder.is_absolute());
        let uncommented = files;
        loaded(&uncommented).expect("every line of the example may be uncommented");
    }
}
