//! The register of art. 30 through its exports: what may not be missing, what the workbook holds.

#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read as _};

use calamine::Reader as _;

use super::*;
use crate::governance::activity::DataFamily;

fn identity(name: &str) -> Identity {
    Identity {
        name: name.into(),
        siren: "732829320".into(),
        address: "1 rue de l’Essai, Paris".into(),
        contact: "contact@example.org".into(),
        dpo: Some("dpo@example.org".into()),
        representative: None,
    }
}

fn register() -> Register {
    Register {
        format: RegisterFormat::V1,
        entity: identity("Tiers & <Cie>"),
        retention: "france 1".into(),
        as_controller: vec![ControllerEntry {
            reference: "prg_1".into(),
            name: "Printemps".into(),
            created: "2025-01-02".into(),
            updated: "2025-02-03".into(),
            joint: vec![identity("Garage")],
            purposes: vec![
                StatedPurpose { title: "rapprocher".into(), basis: "6(1)(f)".into() },
                StatedPurpose { title: "compter".into(), basis: "6(1)(f)".into() },
            ],
            persons: vec!["clients".into()],
            data: vec![DataCategory {
                title: "empreintes".into(),
                deleted: Some("12 mois".into()),
                family: DataFamily::Identity,
            }],
            recipients: vec!["tiers certificateur".into()],
            transfers: Vec::new(),
            security: vec!["chiffrement".into()],
            certifier_identifies: false,
        }],
        as_processor: vec![ProcessorEntry {
            reference: "prg_1".into(),
            name: "Printemps".into(),
            controller: identity("Marque"),
            categories: vec!["rapprocher".into()],
            subprocessors: Vec::new(),
            transfers: Vec::new(),
            security: vec!["chiffrement".into()],
            certifier_identifies: false,
        }],
    }
}

fn issued() -> Issued {
    Issued {
        version: 3,
        issued_at: "2025-03-04T05:06:07Z".into(),
        sha256: "AAAA".into(),
        register: register(),
    }
}

#[test]
fn reg_01_each_missing_letter_of_30_1_is_an_error_or_a_warning() {
    let items = |change: &dyn Fn(&mut Register)| {
        let mut register = register();
        change(&mut register);
        let names = |missing: Vec<Missing>| missing.into_iter().map(|m| m.item).collect::<Vec<_>>();
        (names(register.errors()), names(register.warnings()))
    };
    let error = |item: &str| (vec![item.to_owned()], Vec::new());
    let warning = |item: &str| (Vec::new(), vec![item.to_owned()]);
    assert_eq!(items(&|_| ()), (Vec::new(), Vec::new()));
    assert_eq!(items(&|r| r.entity.contact.clear()), error("30(1)(a)"));
    assert_eq!(items(&|r| r.as_controller[0].joint[0].name.clear()), error("30(1)(a)"));
    assert_eq!(items(&|r| r.as_controller[0].purposes.clear()), error("30(1)(b)"));
    assert_eq!(items(&|r| r.as_controller[0].persons.clear()), error("30(1)(c)"));
    assert_eq!(items(&|r| r.as_controller[0].data.clear()), error("30(1)(c)"));
    assert_eq!(items(&|r| r.as_controller[0].recipients.clear()), error("30(1)(d)"));
    let transfer = Transfer {
        recipient: "hébergeur".into(),
        country: "Suisse".into(),
        safeguards: " ".into(),
    };
    let away = |r: &mut Register| r.as_controller[0].transfers.push(transfer.clone());
    assert_eq!(items(&away), error("30(1)(e)"));
    assert_eq!(items(&|r| r.as_controller[0].data[0].deleted = None), warning("30(1)(f)"));
    assert_eq!(items(&|r| r.as_controller[0].security.clear()), warning("30(1)(g)"));
    assert_eq!(items(&|r| r.as_processor[0].controller.address.clear()), error("30(2)(a)"));
    assert_eq!(items(&|r| r.as_processor[0].categories.clear()), error("30(2)(b)"));
    assert_eq!(items(&|r| r.as_processor[0].security.clear()), warning("30(2)(d)"));
}

fn workbook(language: Language) -> calamine::Ods<Cursor<Vec<u8>>> {
    calamine::Ods::new(Cursor::new(ods(&issued(), language))).unwrap()
}

#[test]
fn reg_05_the_workbook_opens_and_has_the_sheets_of_the_simplified_template() {
    let book = workbook(Language::Fr);
    assert_eq!(
        book.sheet_names(),
        ["Liste des traitements", "Fiche 1", "Fiche 2", "Mode d'emploi"]
    );
    let english = workbook(Language::En);
    assert_eq!(english.sheet_names()[0], "List of processing");
    // The type stands uncompressed at the place where OpenDocument looks for it.
    let bytes = ods(&issued(), Language::Fr);
    assert_eq!(&bytes[30..38], b"mimetype");
    assert_eq!(&bytes[38..84], b"application/vnd.oasis.opendocument.spreadsheet");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut xml = String::new();
    archive.by_name("content.xml").unwrap().read_to_string(&mut xml).unwrap();
    assert!(xml.contains("Tiers &amp; &lt;Cie&gt;") && !xml.contains("table:formula"));
}

#[test]
fn reg_06_a_sheet_has_every_field() {
    let mut book = workbook(Language::Fr);
    let sheet = book.worksheet_range("Fiche 1").unwrap();
    let rows: Vec<Vec<String>> =
        sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let value = |label: &str| {
        let row = rows.iter().find(|row| row[0] == label).unwrap_or_else(|| panic!("{label}"));
        row[1].clone()
    };
    assert_eq!(value("Nom du traitement"), "Printemps");
    assert_eq!(value("N° / RÉF"), "prg_1");
    assert_eq!(value("Date de création du traitement"), "2025-01-02");
    assert_eq!(value("Mise à jour du traitement"), "2025-02-03");
    assert_eq!(value("Responsable du traitement"), "Tiers & <Cie> (SIREN 732829320)");
    assert_eq!(value("Responsable(s) conjoint(s)"), "Garage (SIREN 732829320)");
    assert_eq!(value("Finalité principale"), "rapprocher");
    assert_eq!(value("Sous-finalité 1"), "compter");
    let said: Vec<&str> = rows.iter().flatten().map(String::as_str).collect();
    for text in ["empreintes", "12 mois", "clients", "tiers certificateur", "chiffrement", "Aucun"]
    {
        assert!(said.contains(&text), "{text}");
    }
    let processor = book.worksheet_range("Fiche 2").unwrap();
    assert!(processor.rows().any(|row| row[1] == "Marque (SIREN 732829320)"));
}

/// What CNIL's template has, row by row.
#[derive(serde::Deserialize)]
struct Template {
    list: Vec<Vec<String>>,
    sheet: Vec<Vec<String>>,
}

/// The texts of each row that has any.
fn texts(book: &mut calamine::Ods<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<String>> {
    let range = book.worksheet_range(sheet).unwrap();
    let row = |row: &[calamine::Data]| -> Vec<String> {
        row.iter().map(|cell| cell.to_string().replace("\r\n", "\n")).collect()
    };
    range.rows().map(row).filter(|row| row.iter().any(|text| !text.is_empty())).collect()
}

/// Whether a row has all labels of a template's row, in its order.
fn has(row: &[String], labels: &[String]) -> bool {
    let mut rest = row.iter();
    labels.iter().all(|label| rest.any(|text| text == label))
}

#[test]
fn reg_07_the_labels_are_those_of_the_authoritys_template_in_its_order() {
    let template: Template = serde_json::from_str(include_str!(
        "../../../../../tests/vectors/register/cnil-simplified.json"
    ))
    .unwrap();
    let mut book = workbook(Language::Fr);
    let list = texts(&mut book, "Liste des traitements");
    for (place, labels) in template.list.iter().enumerate() {
        assert!(has(&list[place], labels), "{labels:?} is not {:?}", list[place]);
    }
    // A sheet has the template's rows, all of them and no other.
    let sheet = texts(&mut book, "Fiche 1");
    for (place, labels) in template.sheet.iter().enumerate() {
        assert!(has(&sheet[place], labels), "{labels:?} is not {:?}", sheet[place]);
        assert_eq!(sheet[place][0], labels[0]);
    }
    assert_eq!(sheet.len(), template.sheet.len());
    assert!(template.list.len() == 8 && template.sheet.len() == 52, "the template was read");
}

#[test]
fn the_paper_and_the_map_hold_what_the_register_says() {
    let paper = pdf(&issued(), Language::Fr);
    assert!(paper.starts_with(b"%PDF-") && paper.ends_with(b"%%EOF"));
    // Windows-1252: "Délégué" as the font shows it.
    let shown = |bytes: &[u8]| paper.windows(bytes.len()).any(|window| window == bytes);
    assert!(
        shown(b"Printemps") && shown(b"(rapprocher \\(6\\(1\\)\\(f\\)\\))") || shown(b"rapprocher")
    );
    let svg = map(&issued(), Language::Fr);
    for text in
        ["Qui donne quoi à qui", "Tiers &amp; &lt;Cie&gt;", "Garage", "Marque", "rapprocher"]
    {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("<Cie>") && !svg.contains("<script") && svg.ends_with("</svg>\n"));
    if let Some(folder) = std::env::var_os("TIERS_PAGES") {
        let folder = std::path::Path::new(&folder);
        std::fs::write(folder.join("register.pdf"), paper).unwrap();
        std::fs::write(folder.join("register.svg"), svg).unwrap();
        std::fs::write(folder.join("register.ods"), ods(&issued(), Language::Fr)).unwrap();
    }
}
