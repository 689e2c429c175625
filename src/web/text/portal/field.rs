//! Words of what a record of an exchange may carry.

use tiers_protocol::exchange::Field;

use super::words;

words! {
    /// The fields.
    Fields {
        email: "adresse électronique", "e-mail address";
        mobile: "téléphone mobile", "mobile telephone";
        landline: "téléphone fixe", "landline telephone";
        title: "civilité", "form of address";
        first_name: "prénom", "first name";
        last_name: "nom", "last name";
        street: "numéro et rue", "number and street";
        address_complement: "complément d’adresse", "second address line";
        postcode: "code postal", "postcode";
        town: "ville", "town";
        country: "pays", "country";
        birth_year: "année de naissance", "year of birth";
        company: "entreprise", "company";
        siret: "SIRET", "SIRET";
        function: "fonction", "function";
        product: "produit possédé", "product owned";
        purchase_month: "mois d’achat", "month of purchase";
        language: "langue", "language";
    }
}

impl Fields {
    /// What a field is called.
    pub(in crate::web) const fn name(&self, field: Field) -> &'static str {
        match field {
            Field::Email => self.email,
            Field::Mobile => self.mobile,
            Field::Landline => self.landline,
            Field::Title => self.title,
            Field::FirstName => self.first_name,
            Field::LastName => self.last_name,
            Field::Street => self.street,
            Field::AddressComplement => self.address_complement,
            Field::Postcode => self.postcode,
            Field::Town => self.town,
            Field::Country => self.country,
            Field::BirthYear => self.birth_year,
            Field::Company => self.company,
            Field::Siret => self.siret,
            Field::Function => self.function,
            Field::Product => self.product,
            Field::PurchaseMonth => self.purchase_month,
            Field::Language => self.language,
        }
    }
}
