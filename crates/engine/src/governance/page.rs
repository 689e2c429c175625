//! The public page of an arrangement (GDPR art. 26(2)): its essence, and where persons reach each
//! joint controller. Plain HTML without script or style, in French and in English.

use super::record::Arrangement;
use crate::markup::escaped;

/// The page.
#[must_use]
pub fn arrangement(programme: &str, arrangement: &Arrangement) -> String {
    let mut contacts = String::new();
    for controller in &arrangement.controllers {
        let (name, contact) = (escaped(&controller.name), escaped(&controller.contact));
        contacts.push_str(&format!("<li><strong>{name}</strong>: {contact}</li>\n"));
    }
    format!(
        "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Responsabilité conjointe: {programme}</title>\n</head>\n<body>\n<main>\n\
         <h1>Responsabilité conjointe de traitement</h1>\n\
         <p>Grandes lignes de l’accord entre les responsables conjoints (RGPD, article 26).</p>\n\
         <p>{essence}</p>\n\
         <h2>Exercer vos droits</h2>\n\
         <p>Vous pouvez vous adresser à l’un quelconque d’entre eux.</p>\n<ul>\n{contacts}</ul>\n\
         <section lang=\"en\">\n<h2>In English</h2>\n\
         <p>The essence of the arrangement of joint controllers (GDPR, article 26) stands above. \
         You may exercise your rights against each of them, at the addresses above.</p>\n\
         </section>\n<p><small>{programme}, {date}, SHA-256 {sha256}</small></p>\n\
         </main>\n</body>\n</html>\n",
        programme = escaped(programme),
        essence = escaped(&arrangement.essence),
        date = arrangement.document.date,
        sha256 = arrangement.document.sha256,
    )
}
