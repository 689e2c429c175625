//! Models and areas from a dealer's file to the body: places in public lists, and nothing finer.

use tiers_contact::{
    Area, FileKind, Kind, Margins, Opened, PrepareOptions, Tokeniser, read_and_normalise,
};

use crate::support::options;

fn tokeniser() -> Tokeniser {
    Tokeniser::new(&[3; 32], "test-domain")
}

fn area(name: &str, departments: &[&str]) -> Area {
    let departments = departments.iter().map(|code| (*code).to_owned()).collect();
    Area { name: name.to_owned(), departments }
}

fn asking(kind: FileKind) -> PrepareOptions {
    let margins = Margins {
        models: ["Clio", "Mégane"].map(str::to_owned).to_vec(),
        areas: vec![area("Nord", &["59", "62"]), area("Corse", &["2A", "2B"])],
    };
    PrepareOptions { margins, kinds: vec![Kind::Email], max_reject_permille: 1000, ..options(kind) }
}

/// Lines of the body without their tokens and canaries, sorted.
fn lines(text: &str, options: &PrepareOptions) -> (String, Vec<String>) {
    let prepared = read_and_normalise("a.csv", text.as_bytes(), options)
        .unwrap_or_else(|error| panic!("{error}"));
    let body = prepared.body(&tokeniser());
    let csv = String::from_utf8(body.csv).expect("UTF-8");
    let mut lines = csv.lines();
    let heading = lines.next().expect("a heading").to_owned();
    assert_eq!(heading, body.columns.join(","));
    let own = lines.zip(&body.line_to_row).filter(|(_, row)| row.is_some());
    let mut own: Vec<String> =
        own.map(|(line, _)| line.split_once(',').expect("a token").1.to_owned()).collect();
    own.sort();
    (heading, own)
}

const SALES: &str = "Mél;Date de vente;Montant;Modèle;Version;Code postal\n\
    a@b.fr;08/06/2024;10;RENAULT;Clio V TCe 90;59000\n\
    c@b.fr;09/06/2024;20;megane;;20 200\n\
    d@b.fr;10/06/2024;30;Zoe;;75001\n\
    e@b.fr;11/06/2024;40;;;\n\
    f@b.fr;12/06/2024;50;CLIO;;quelque part\n";

#[test]
fn a_sale_carries_its_model_and_area_and_never_its_postcode() {
    let (heading, found) = lines(SALES, &asking(FileKind::Sales));
    assert_eq!(heading, "token_email,sale_date,amount_cents,model,area");
    let expected = [
        "2024-06-08,1000,Clio,Nord",
        "2024-06-09,2000,Mégane,Corse",
        "2024-06-10,3000,,",
        "2024-06-11,4000,,",
        "2024-06-12,5000,Clio,",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_file_that_does_not_say_is_of_other_models() {
    let text = "Mél;Date de vente;Montant\na@b.fr;08/06/2024;10\n";
    let (heading, found) = lines(text, &asking(FileKind::Sales));
    assert!(heading.ends_with(",model,area"));
    assert_eq!(found, ["2024-06-08,1000,,"]);
}

#[test]
fn what_a_programme_does_not_ask_for_stays_with_the_party() {
    let silent = PrepareOptions { margins: Margins::default(), ..asking(FileKind::Sales) };
    let (heading, found) = lines(SALES, &silent);
    assert_eq!(heading, "token_email,sale_date,amount_cents");
    assert!(found.iter().all(|line| !line.contains("Clio") && !line.contains("Nord")));
    let leads = "Mél;Date du lead;Campagne;Modèle;CP\na@b.fr;08/06/2024;C24-ETE;Clio;59000\n";
    let (heading, found) = lines(leads, &asking(FileKind::Leads));
    assert_eq!(heading, "token_email,lead_date,campaign");
    assert_eq!(found, ["2024-06-08,C24-ETE"]);
}

#[test]
fn canaries_are_of_other_models_and_areas() {
    let prepared = read_and_normalise("a.csv", SALES.as_bytes(), &asking(FileKind::Sales))
        .unwrap_or_else(|error| panic!("{error}"));
    let body = prepared.body(&tokeniser());
    let csv = String::from_utf8(body.csv).expect("UTF-8");
    let canaries = csv.lines().skip(1).zip(&body.line_to_row).filter(|(_, row)| row.is_none());
    let canaries: Vec<&str> = canaries.map(|(line, _)| line).collect();
    assert_eq!(canaries.len(), 4);
    assert!(canaries.iter().all(|line| line.ends_with(",2000-01-01,0,,")));
}

#[test]
fn parts_of_a_file_read_side_by_side_say_the_same() {
    let options = asking(FileKind::Sales);
    let whole = lines(SALES, &options);
    let opened = Opened::new(SALES.as_bytes(), &options).unwrap_or_else(|error| panic!("{error}"));
    let parts = [opened.read(0..2), opened.read(2..3), opened.read(3..99)];
    let prepared = opened.finish(parts).unwrap_or_else(|error| panic!("{error}"));
    let body = prepared.body(&tokeniser());
    let csv = String::from_utf8(body.csv).expect("UTF-8");
    assert_eq!(csv.lines().next(), Some(whole.0.as_str()));
    for line in whole.1 {
        assert!(csv.contains(&line), "{line}");
    }
}
