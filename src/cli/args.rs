//! The words of the command line that all commands share; each command's own words stand beside it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    access, acts, backup, breach, certificate, certifier, consent, demo, deposit, doctor, erase,
    exchange, governance, inspect, journal, keyring, ledger, lift, link, officer, own_count, pages,
    party, people, prepare, preview, programme, register, report, retention, shell, subject,
    webhook, witness,
};

/// A third party between reluctant partners and a principal: certified statistics, never names.
#[derive(Debug, Parser)]
#[command(
    name = "tiers",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Begin with `tiers demo`: it plays the whole story on this machine.\n\
                  Contacts, tokens and keys never appear in what this program prints.\n\
                  Exit codes: 0 done, 1 refused or failed verification, 2 wrong usage."
)]
pub struct Cli {
    /// Print one JSON object on standard output, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play the whole story on an invented network of a brand and 14 dealers.
    Demo(demo::DemoArgs),
    /// Make a certifier: its directory, and its keyring beside it.
    Init(certifier::InitArgs),
    /// Run a certifier on this machine.
    Serve(certifier::ServeArgs),
    /// Make, or check, an encrypted copy of a certifier, which may be serving.
    Backup(backup::BackupArgs),
    /// Make a certifier of a backup, and take it to where its ledger is.
    Restore(backup::RestoreArgs),
    /// Print what a shell needs to complete the words of this program.
    Completions(shell::CompletionsArgs),
    /// Write the manual pages.
    Man(shell::ManArgs),
    /// Examine a certifier, running or not: what is in force, what is amiss, what to do.
    Doctor(doctor::DoctorArgs),
    /// The certifier's secrets: how they are sealed, and their rotation.
    #[command(subcommand)]
    Keyring(keyring::KeyringCommand),
    /// A company's keys and its enrolment.
    #[command(subcommand)]
    Party(party::PartyCommand),
    /// Compliance officers of the certifier.
    #[command(subcommand)]
    Officer(officer::OfficerCommand),
    /// Accesses with a key: list, replace, revoke, have changed.
    #[command(subcommand)]
    Access(access::AccessCommand),
    /// Who works in a browser: invite, list, revoke.
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Notices told to a company's own systems: signed webhooks.
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// A collaboration: its file, its key, its partners, its approval.
    #[command(subcommand)]
    Programme(programme::ProgrammeCommand),
    /// Look at a file of contacts: how it would be read, without a programme or a key.
    Preview(preview::PreviewArgs),
    /// Turn a file of contacts into a deposit of tokens, on this machine.
    Prepare(prepare::PrepareArgs),
    /// Compare two of your own deposits, on this machine: which rows are the same person.
    Link(link::LinkArgs),
    /// Send a prepared deposit and keep the certifier's receipt.
    Deposit(deposit::DepositArgs),
    /// Show what a deposit is made of, at the certifier or at a party; never a token.
    Inspect(inspect::InspectArgs),
    /// Erase a deposit, or the rows of persons, at the certifier for good.
    #[command(subcommand)]
    Erase(erase::EraseCommand),
    /// Experiments: chance says who is treated, and nobody else does.
    #[command(subcommand)]
    Lift(lift::LiftCommand),
    /// As a partner: how many of the principal's leads bought from you.
    #[command(subcommand)]
    Own(own_count::OwnCommand),
    /// Ask for reports, and read them.
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Check a certificate, or make a page of it.
    #[command(subcommand)]
    Certificate(certificate::CertificateCommand),
    /// Which scripts and program a certifier serves to browsers: compared with this one and the ledger.
    #[command(subcommand)]
    Pages(pages::PagesCommand),
    /// Check or copy the public ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Check the certifier's journal.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Run an independent witness of a certifier's ledger.
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// Read the acts that the ledger commits to, as a compliance officer.
    Acts(acts::ActsArgs),
    /// What the law asks for before data may flow: roles, contracts, notices, the assessment.
    #[command(subcommand)]
    Governance(governance::GovernanceCommand),
    /// The register of processing activities (GDPR art. 30).
    #[command(subcommand)]
    Register(register::RegisterCommand),
    /// What is kept until when; the purge, the archive.
    #[command(subcommand)]
    Retention(retention::RetentionCommand),
    /// Files of breaches and their clocks.
    #[command(subcommand)]
    Breach(breach::BreachCommand),
    /// Consent and opposition: the rights key, forms, events, decisions, receipts.
    #[command(subcommand)]
    Consent(consent::ConsentCommand),
    /// Requests of persons: access, erasure, objection, restriction, portability.
    #[command(subcommand)]
    Subject(subject::SubjectCommand),
    /// Exchanges of records: agreement, sealed batches, hand-over, opening, invoices.
    #[command(subcommand)]
    Exchange(exchange::ExchangeCommand),
}

/// Which certifier to call, and as whom.
#[derive(Debug, Args)]
pub struct Remote {
    /// Address of the certifier.
    #[arg(
        long = "to",
        visible_alias = "from",
        value_name = "URL",
        help = "Address of the certifier, such as https://certifier.example"
    )]
    pub to: String,
    /// File with the caller's API key.
    #[arg(long, value_name = "FILE")]
    pub credentials: PathBuf,
}
