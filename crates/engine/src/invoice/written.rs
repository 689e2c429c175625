//! What a written invoice holds, read back by its paths in both syntaxes: the terms of lines and taxes, whose
//! places EN 16931-3-2 and 3-3 fix.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::tests::{draft, line};
use super::{Invoice, VatRate};

/// Every element with a text: its path without prefixes, its attributes, the text.
fn read(xml: &str) -> Vec<(String, String, String)> {
    let (mut reader, mut path, mut found) = (Reader::from_str(xml), Vec::new(), Vec::new());
    loop {
        match reader.read_event().expect("well formed") {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.expect("well formed");
                    attribute.value.into_owned()
                });
                path.push((name, attributes.collect::<Vec<_>>().join(" ")));
            }
            Event::Text(text) => {
                let text = String::from(&*text);
                if !text.trim().is_empty() {
                    let names: Vec<&str> = path.iter().map(|(name, _)| name.as_str()).collect();
                    let attributes = path.last().map(|(_, of)| of.clone()).unwrap_or_default();
                    found.push((names[1..].join("/"), attributes, text));
                }
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// The texts at a path, in their order, with an attribute where one is asked for.
fn at(xml: &str, path: &str, attribute: &str) -> Vec<String> {
    let here = |one: &&(String, String, String)| {
        one.0.ends_with(path) && (attribute.is_empty() || one.1 == attribute)
    };
    read(xml).iter().filter(here).map(|one| one.2.clone()).collect()
}

#[test]
fn inv_13_lines_taxes_and_numbers_stand_where_the_norm_has_them() {
    let mut draft = draft();
    draft.lines = vec![line(3, 33_333, VatRate::Normal), line(2, 9_995, VatRate::Reduced)];
    let (seller, buyer) = (draft.seller.clone(), draft.buyer.clone());
    let name = draft.lines[0].name.clone();
    let invoice = Invoice::draw_up(draft).expect("keeps the rules");
    let (ubl, cii) = (invoice.to_ubl(), invoice.to_cii());
    let both =
        |term: &str, [in_ubl, in_cii]: [&str; 2], [unit, other]: [&str; 2], expected: &[&str]| {
            assert_eq!(at(&ubl, in_ubl, unit), expected, "{term} in UBL");
            assert_eq!(at(&cii, in_cii, other), expected, "{term} in CII");
        };
    let none = ["", ""];
    let of_line = "IncludedSupplyChainTradeLineItem/";
    let cii_line = |rest: &str| format!("{of_line}{rest}");
    both(
        "BT-126",
        ["InvoiceLine/ID", &cii_line("AssociatedDocumentLineDocument/LineID")],
        none,
        &["1", "2"],
    );
    both(
        "BT-129 and BT-130",
        ["InvoiceLine/InvoicedQuantity", &cii_line("SpecifiedLineTradeDelivery/BilledQuantity")],
        ["C62", "C62"],
        &["3", "2"],
    );
    let net = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount";
    both(
        "BT-131",
        ["InvoiceLine/LineExtensionAmount", &cii_line(net)],
        ["EUR", ""],
        &["999.99", "199.90"],
    );
    let price = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount";
    both(
        "BT-146",
        ["InvoiceLine/Price/PriceAmount", &cii_line(price)],
        ["EUR", ""],
        &["333.33", "99.95"],
    );
    let category = "SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode";
    both(
        "BT-151",
        ["InvoiceLine/Item/ClassifiedTaxCategory/ID", &cii_line(category)],
        none,
        &["S", "S"],
    );
    both(
        "BT-153",
        ["InvoiceLine/Item/Name", &cii_line("SpecifiedTradeProduct/Name")],
        none,
        &[&name, &name],
    );
    // BG-23, the highest rate first: base, tax, category, rate.
    let tax = "ApplicableHeaderTradeSettlement/ApplicableTradeTax/";
    let cii_tax = |rest: &str| format!("{tax}{rest}");
    for (term, in_ubl, in_cii, unit, expected) in [
        ("BT-116", "TaxSubtotal/TaxableAmount", "BasisAmount", "EUR", ["999.99", "199.90"]),
        ("BT-117", "TaxSubtotal/TaxAmount", "CalculatedAmount", "EUR", ["200.00", "10.99"]),
        ("BT-118", "TaxSubtotal/TaxCategory/ID", "CategoryCode", "", ["S", "S"]),
        ("BT-119", "TaxSubtotal/TaxCategory/Percent", "RateApplicablePercent", "", ["20.0", "5.5"]),
    ] {
        both(term, [in_ubl, &cii_tax(in_cii)], [unit, ""], &expected);
    }
    both(
        "BT-31",
        [
            "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID",
            "SellerTradeParty/SpecifiedTaxRegistration/ID",
        ],
        ["", "VA"],
        &[&seller.vat_id],
    );
    for (term, who, role, company) in [
        ("BT-30", "AccountingSupplierParty", "SellerTradeParty", &seller),
        ("BT-47", "AccountingCustomerParty", "BuyerTradeParty", &buyer),
    ] {
        let in_ubl = format!("{who}/Party/PartyLegalEntity/CompanyID");
        let in_cii = format!("{role}/SpecifiedLegalOrganization/ID");
        both(term, [&in_ubl, &in_cii], ["0002", "0002"], &[&company.siren]);
    }
}
