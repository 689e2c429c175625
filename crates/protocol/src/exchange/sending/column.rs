//! What a column of a party's file is for an exchange. A column that is nothing here does not leave.

use tiers_contact::normalise::text::folded;
use tiers_contact::{CellColumn, Field as Heading};

use super::super::Field;

/// What a column is for an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A field as it is written.
    Plain(Field),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A date of birth, of which the year may leave.
    BirthDate,
    /// When the record was collected.
    Collected,
    /// The consent record that proves it.
    ConsentRecord,
    /// The form on which the person answered.
    Form,
    /// How consent was given.
    Method,
    /// When it was given.
    ConsentedOn,
    /// Where the proof lies at the sender.
    Reference,
}

impl Column {
    /// What a column is: by its name here, or by its meaning for deposits.
    #[must_use]
    pub fn of(column: &CellColumn) -> Option<Self> {
        meaning(&column.heading, column.field)
    }

    /// Its name in an account of a file: that of a field, or that of the format page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain(field) => field.name(),
            Self::Email => "email",
            Self::Phone => "phone",
            Self::BirthDate => "birth_date",
            Self::Collected => "collected",
            Self::ConsentRecord => "consent_id",
            Self::Form => "consent_form",
            Self::Method => "consent_method",
            Self::ConsentedOn => "consented_on",
            Self::Reference => "evidence",
        }
    }

    /// Whether it points to a proof.
    pub(super) const fn proves(self) -> bool {
        matches!(self, Self::ConsentRecord | Self::Reference)
    }
}

/// What a column is: by its meaning for deposits, or by its name here.
fn meaning(heading: &str, known: Option<Heading>) -> Option<Column> {
    let mut key = folded(&heading.replace('_', " "));
    key.retain(|letter| letter != ' ');
    let by_name = match key.as_str() {
        "collected" | "datedecollecte" | "datecollecte" | "collecte" | "collectele"
        | "collectedat" => Some(Column::Collected),
        "consentid" | "consentrecord" | "idconsentement" | "consentement" => {
            Some(Column::ConsentRecord)
        }
        "consentform" | "formid" | "formulaire" | "idformulaire" => Some(Column::Form),
        "consentmethod" | "method" | "methode" | "modederecueil" => Some(Column::Method),
        "consentedon" | "consentdate" | "dateconsentement" | "datedeconsentement"
        | "dateduconsentement" => Some(Column::ConsentedOn),
        "evidence" | "preuve" | "proof" | "referencedepreuve" | "enregistrement" => {
            Some(Column::Reference)
        }
        "company" | "societe" | "raisonsociale" | "entreprise" => {
            Some(Column::Plain(Field::Company))
        }
        "function" | "fonction" | "poste" | "jobtitle" => Some(Column::Plain(Field::Function)),
        "language" | "langue" => Some(Column::Plain(Field::Language)),
        "product" | "produit" | "model" | "modele" | "vehicule" => {
            Some(Column::Plain(Field::Product))
        }
        "purchasemonth" | "moisdachat" => Some(Column::Plain(Field::PurchaseMonth)),
        "birthyear" | "anneedenaissance" => Some(Column::Plain(Field::BirthYear)),
        _ => None,
    };
    by_name.or_else(|| known.and_then(of_deposits))
}

const fn of_deposits(field: Heading) -> Option<Column> {
    Some(match field {
        Heading::Email => Column::Email,
        Heading::Phone => Column::Phone,
        Heading::BirthDate => Column::BirthDate,
        Heading::Civility => Column::Plain(Field::Title),
        Heading::FirstName => Column::Plain(Field::FirstName),
        Heading::LastName => Column::Plain(Field::LastName),
        Heading::Address => Column::Plain(Field::Street),
        Heading::AddressExtra => Column::Plain(Field::AddressComplement),
        Heading::Postcode => Column::Plain(Field::Postcode),
        Heading::City => Column::Plain(Field::Town),
        Heading::Country => Column::Plain(Field::Country),
        Heading::Siret => Column::Plain(Field::Siret),
        Heading::Model => Column::Plain(Field::Product),
        _ => return None,
    })
}
