//! Words for what a retention policy keeps.

use crate::governance::retention::Object;

use super::words;

words! {
    /// What is kept, as people say it.
    Retained {
        programme_tokens: "empreintes d’un programme", "tokens of a programme";
        after_epoch: "programme après sa période", "programme after its epoch";
        rights_tokens: "empreintes des droits", "rights tokens";
        oppositions: "oppositions", "objections";
        consent_proofs: "preuves de consentement", "proofs of consent";
        journal: "journal des opérations", "journal of operations";
        receipts: "reçus", "receipts";
        releases: "publications", "releases";
        accounts: "comptes de confidentialité", "privacy accounts";
        governance: "pièces de gouvernance", "governance records";
        registers: "registres des traitements", "registers of processing";
        breaches: "dossiers de violation", "breach files";
        person_requests: "demandes de personnes", "requests of persons";
        notices: "avis", "notices";
        identity_documents: "justificatifs d’identité", "identity documents";
        prospects: "prospects", "prospects";
        customers: "clients", "customers";
        submissions: "réponses à un formulaire", "answers to a form";
        exchange_bodies: "envois scellés", "sealed batches";
        agreements: "accords d’échange", "exchange agreements";
        invoices: "factures", "invoices";
        invoices_tax: "factures, pour l’impôt", "invoices, for the tax";
    }
}

impl Retained {
    /// What an object of the policy is called; its own name where the policy is newer than these words.
    pub(in crate::web) fn name(&self, object: &str) -> String {
        let known = Object::ALL.into_iter().find(|one| one.as_str() == object);
        known.map_or_else(|| object.to_owned(), |one| self.said(one).to_owned())
    }

    const fn said(&self, object: Object) -> &'static str {
        match object {
            Object::ProgrammeTokens => self.programme_tokens,
            Object::AfterEpoch => self.after_epoch,
            Object::RightsTokens => self.rights_tokens,
            Object::Oppositions => self.oppositions,
            Object::ConsentProofs => self.consent_proofs,
            Object::Journal => self.journal,
            Object::Receipts => self.receipts,
            Object::Releases => self.releases,
            Object::Accounts => self.accounts,
            Object::Governance => self.governance,
            Object::Registers => self.registers,
            Object::Breaches => self.breaches,
            Object::PersonRequests => self.person_requests,
            Object::Notices => self.notices,
            Object::IdentityDocuments => self.identity_documents,
            Object::Prospects => self.prospects,
            Object::Customers => self.customers,
            Object::Submissions => self.submissions,
            Object::ExchangeBodies => self.exchange_bodies,
            Object::Agreements => self.agreements,
            Object::Invoices => self.invoices,
            Object::InvoicesTax => self.invoices_tax,
        }
    }
}
