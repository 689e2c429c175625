//! An invoice in UBL 2.1 (ISO/IEC 19845), as EN 16931-3-2 binds it. The order of elements is the schema's.

use super::xml::Xml;
use super::{Company, Invoice, OperationCategory};

const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"),
    ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
    ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
];

/// BT-24: the core of the standard, nothing beside it.
pub(super) const SPECIFICATION: &str = "urn:cen.eu:en16931:2017";

/// BT-3: a commercial invoice; one that the buyer or a third party drew up is still of the seller's series.
pub(super) const TYPE: &str = "380";

/// BT-23: the cadre de facturation of the French reform for goods, services, or both.
pub(super) const fn process(category: Option<OperationCategory>) -> &'static str {
    match category {
        Some(OperationCategory::Goods) => "B1",
        Some(OperationCategory::Both) => "M1",
        Some(OperationCategory::Services) | None => "S1",
    }
}

const EUR: [(&str, &str); 1] = [("currencyID", "EUR")];
const SIREN: [(&str, &str); 1] = [("schemeID", "0002")];
const DIRECTORY: [(&str, &str); 1] = [("schemeID", "0225")];

pub(super) fn write(invoice: &Invoice) -> String {
    let (draft, totals) = (invoice.draft(), invoice.totals());
    Xml::document("Invoice", &NAMESPACES, |xml| {
        xml.text("cbc:CustomizationID", SPECIFICATION);
        xml.text("cbc:ProfileID", process(draft.category));
        xml.text("cbc:ID", &draft.number);
        if let Some(day) = draft.issued {
            xml.text("cbc:IssueDate", &day.to_string());
        }
        if let Some(day) = draft.due {
            xml.text("cbc:DueDate", &day.to_string());
        }
        xml.text("cbc:InvoiceTypeCode", TYPE);
        for (subject, words) in invoice.notes() {
            xml.text("cbc:Note", &format!("#{subject}#{words}"));
        }
        xml.text("cbc:DocumentCurrencyCode", "EUR");
        if let Some(order) = &draft.order {
            xml.within("cac:OrderReference", |xml| xml.text("cbc:ID", order));
        }
        xml.within("cac:AccountingSupplierParty", |xml| party(xml, &draft.seller));
        xml.within("cac:AccountingCustomerParty", |xml| party(xml, &draft.buyer));
        if let Some(day) = draft.delivered {
            xml.within("cac:Delivery", |xml| {
                xml.text("cbc:ActualDeliveryDate", &day.to_string());
            });
        }
        xml.within("cac:TaxTotal", |xml| {
            xml.text_with("cbc:TaxAmount", &EUR, &totals.tax.to_string());
            for group in &totals.groups {
                xml.within("cac:TaxSubtotal", |xml| {
                    xml.text_with("cbc:TaxableAmount", &EUR, &group.base.to_string());
                    xml.text_with("cbc:TaxAmount", &EUR, &group.tax.to_string());
                    tax(xml, "cac:TaxCategory", &group.rate.to_string());
                });
            }
        });
        xml.within("cac:LegalMonetaryTotal", |xml| {
            let mut amount = |name: &str, cents: super::Cents| {
                xml.text_with(name, &EUR, &cents.to_string());
            };
            amount("cbc:LineExtensionAmount", totals.net);
            amount("cbc:TaxExclusiveAmount", totals.net);
            amount("cbc:TaxInclusiveAmount", totals.gross);
            amount("cbc:PrepaidAmount", totals.set_off);
            amount("cbc:PayableAmount", totals.payable);
        });
        lines(xml, invoice);
    })
}

fn lines(xml: &mut Xml, invoice: &Invoice) {
    let numbered = (1..).zip(invoice.draft().lines.iter().zip(&invoice.totals().lines));
    for (number, (line, net)) in numbered {
        let number: usize = number;
        xml.within("cac:InvoiceLine", |xml| {
            xml.text("cbc:ID", &number.to_string());
            xml.text_with("cbc:InvoicedQuantity", &[("unitCode", "C62")], &line.lots.to_string());
            xml.text_with("cbc:LineExtensionAmount", &EUR, &net.to_string());
            xml.within("cac:Item", |xml| {
                xml.text("cbc:Name", &line.name);
                tax(xml, "cac:ClassifiedTaxCategory", &line.rate.to_string());
            });
            xml.within("cac:Price", |xml| {
                xml.text_with("cbc:PriceAmount", &EUR, &line.price.to_string());
            });
        });
    }
}

fn tax(xml: &mut Xml, name: &str, percent: &str) {
    xml.within(name, |xml| {
        xml.text("cbc:ID", "S");
        xml.text("cbc:Percent", percent);
        xml.within("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
    });
}

fn party(xml: &mut Xml, company: &Company) {
    xml.within("cac:Party", |xml| {
        xml.text_with("cbc:EndpointID", &DIRECTORY, &company.siren);
        xml.within("cac:PostalAddress", |xml| {
            xml.text("cbc:StreetName", &company.address.street);
            xml.text("cbc:CityName", &company.address.town);
            xml.text("cbc:PostalZone", &company.address.postcode);
            xml.within("cac:Country", |xml| {
                xml.text("cbc:IdentificationCode", &company.address.country);
            });
        });
        if !company.vat_id.is_empty() {
            xml.within("cac:PartyTaxScheme", |xml| {
                xml.text("cbc:CompanyID", &company.vat_id);
                xml.within("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
            });
        }
        xml.within("cac:PartyLegalEntity", |xml| {
            xml.text("cbc:RegistrationName", &company.name);
            xml.text_with("cbc:CompanyID", &SIREN, &company.siren);
        });
    });
}
