//! An invoice in UN/CEFACT Cross Industry Invoice, as EN 16931-3-3 binds it. The order of elements is the
//! schema's.

use jiff::civil::Date;

use super::ubl::{SPECIFICATION, TYPE, process};
use super::xml::Xml;
use super::{Company, Invoice, VatRate};

const NAMESPACES: [(&str, &str); 3] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    (
        "xmlns:ram",
        "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    ),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
];

pub(super) fn write(invoice: &Invoice) -> String {
    let draft = invoice.draft();
    Xml::document("rsm:CrossIndustryInvoice", &NAMESPACES, |xml| {
        xml.within("rsm:ExchangedDocumentContext", |xml| {
            xml.within("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", process(draft.category));
            });
            xml.within("ram:GuidelineSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", SPECIFICATION);
            });
        });
        xml.within("rsm:ExchangedDocument", |xml| {
            xml.text("ram:ID", &draft.number);
            xml.text("ram:TypeCode", TYPE);
            day(xml, "ram:IssueDateTime", draft.issued);
            for (subject, words) in invoice.notes() {
                xml.within("ram:IncludedNote", |xml| {
                    xml.text("ram:Content", &words);
                    xml.text("ram:SubjectCode", subject);
                });
            }
        });
        xml.within("rsm:SupplyChainTradeTransaction", |xml| {
            lines(xml, invoice);
            xml.within("ram:ApplicableHeaderTradeAgreement", |xml| {
                xml.within("ram:SellerTradeParty", |xml| party(xml, &draft.seller));
                xml.within("ram:BuyerTradeParty", |xml| party(xml, &draft.buyer));
                if let Some(order) = &draft.order {
                    xml.within("ram:BuyerOrderReferencedDocument", |xml| {
                        xml.text("ram:IssuerAssignedID", order);
                    });
                }
            });
            xml.within("ram:ApplicableHeaderTradeDelivery", |xml| {
                xml.within("ram:ActualDeliverySupplyChainEvent", |xml| {
                    day(xml, "ram:OccurrenceDateTime", draft.delivered);
                });
            });
            xml.within("ram:ApplicableHeaderTradeSettlement", |xml| settlement(xml, invoice));
        });
    })
}

/// A day in the form 102 of UNTDID 2379.
fn day(xml: &mut Xml, name: &str, day: Option<Date>) {
    if let Some(day) = day {
        xml.within(name, |xml| {
            let text = day.strftime("%Y%m%d").to_string();
            xml.text_with("udt:DateTimeString", &[("format", "102")], &text);
        });
    }
}

fn lines(xml: &mut Xml, invoice: &Invoice) {
    let numbered = (1..).zip(invoice.draft().lines.iter().zip(&invoice.totals().lines));
    for (number, (line, net)) in numbered {
        let number: usize = number;
        xml.within("ram:IncludedSupplyChainTradeLineItem", |xml| {
            xml.within("ram:AssociatedDocumentLineDocument", |xml| {
                xml.text("ram:LineID", &number.to_string());
            });
            xml.within("ram:SpecifiedTradeProduct", |xml| xml.text("ram:Name", &line.name));
            xml.within("ram:SpecifiedLineTradeAgreement", |xml| {
                xml.within("ram:NetPriceProductTradePrice", |xml| {
                    xml.text("ram:ChargeAmount", &line.price.to_string());
                });
            });
            xml.within("ram:SpecifiedLineTradeDelivery", |xml| {
                let unit = [("unitCode", "C62")];
                xml.text_with("ram:BilledQuantity", &unit, &line.lots.to_string());
            });
            xml.within("ram:SpecifiedLineTradeSettlement", |xml| {
                xml.within("ram:ApplicableTradeTax", |xml| {
                    xml.text("ram:TypeCode", "VAT");
                    category(xml, line.rate);
                });
                xml.within("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                    xml.text("ram:LineTotalAmount", &net.to_string());
                });
            });
        });
    }
}

fn category(xml: &mut Xml, rate: VatRate) {
    xml.text("ram:CategoryCode", "S");
    xml.text("ram:RateApplicablePercent", &rate.to_string());
}

fn party(xml: &mut Xml, company: &Company) {
    xml.text("ram:Name", &company.name);
    xml.within("ram:SpecifiedLegalOrganization", |xml| {
        xml.text_with("ram:ID", &[("schemeID", "0002")], &company.siren);
    });
    xml.within("ram:PostalTradeAddress", |xml| {
        xml.text("ram:PostcodeCode", &company.address.postcode);
        xml.text("ram:LineOne", &company.address.street);
        xml.text("ram:CityName", &company.address.town);
        xml.text("ram:CountryID", &company.address.country);
    });
    xml.within("ram:URIUniversalCommunication", |xml| {
        xml.text_with("ram:URIID", &[("schemeID", "0225")], &company.siren);
    });
    if !company.vat_id.is_empty() {
        xml.within("ram:SpecifiedTaxRegistration", |xml| {
            xml.text_with("ram:ID", &[("schemeID", "VA")], &company.vat_id);
        });
    }
}

fn settlement(xml: &mut Xml, invoice: &Invoice) {
    let totals = invoice.totals();
    xml.text("ram:InvoiceCurrencyCode", "EUR");
    for group in &totals.groups {
        xml.within("ram:ApplicableTradeTax", |xml| {
            xml.text("ram:CalculatedAmount", &group.tax.to_string());
            xml.text("ram:TypeCode", "VAT");
            xml.text("ram:BasisAmount", &group.base.to_string());
            category(xml, group.rate);
        });
    }
    if invoice.draft().due.is_some() {
        xml.within("ram:SpecifiedTradePaymentTerms", |xml| {
            day(xml, "ram:DueDateDateTime", invoice.draft().due);
        });
    }
    xml.within("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.text("ram:LineTotalAmount", &totals.net.to_string());
        xml.text("ram:TaxBasisTotalAmount", &totals.net.to_string());
        let eur = [("currencyID", "EUR")];
        xml.text_with("ram:TaxTotalAmount", &eur, &totals.tax.to_string());
        xml.text("ram:GrandTotalAmount", &totals.gross.to_string());
        xml.text("ram:TotalPrepaidAmount", &totals.set_off.to_string());
        xml.text("ram:DuePayableAmount", &totals.payable.to_string());
    });
}
