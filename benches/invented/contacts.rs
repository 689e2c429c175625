//! Invented contacts for measurements: the same rows on every machine, from a fixed seed.
//!
//! A sales file as French dealers' software writes it: names in capitals or not, with accents, particles
//! and hyphens; telephones in the usual forms, some of them fixed; e-mails and birth dates that are
//! sometimes missing; street lines with number, suffix and abbreviations. Not a sample to judge matching
//! by: there is no truth about pairs in it. What is measured with it stands in `docs/performance.md`.

use std::fmt::Write;

/// The heading line of [`contacts`], separated by semicolons.
pub const HEADINGS: &str = "Civilité;Nom;Prénom;Date de naissance;E-mail;Téléphone;Adresse;\
                            Code postal;Ville;Date de vente;Modèle;Montant TTC";

const FIRST: [&str; 32] = [
    "Marie",
    "Jean",
    "Zoé",
    "Jean-Pierre",
    "Anaïs",
    "François",
    "Brigitte",
    "Mohamed",
    "Chloé",
    "Paul",
    "Véronique",
    "Édouard",
    "Inès",
    "Gérard",
    "Maëlys",
    "Hugo",
    "Marie-Thérèse",
    "Nathalie",
    "Frédéric",
    "Joséphine",
    "Théophile",
    "Luc",
    "Aurélie",
    "Denis",
    "Margaux",
    "Noël",
    "Alain",
    "Céline",
    "Loïc",
    "Françoise",
    "Élodie",
    "Bernard",
];

const LAST: [&str; 32] = [
    "Martin",
    "Lefèvre",
    "Le Roux",
    "d'Aubigné",
    "Dupont",
    "Müller",
    "Garçon",
    "Petit",
    "Moreau",
    "De La Léger",
    "Barthélemy",
    "Fernandez",
    "Prévost",
    "Texier",
    "Rodriguez",
    "Bœuf",
    "Saint-Martin",
    "Nguyen",
    "Hoarau",
    "Royer",
    "Traoré",
    "Lemoine",
    "Carpentier",
    "Weber",
    "Marchal",
    "Jacquot",
    "Gaudin",
    "Payet",
    "Legrand",
    "Valette",
    "Dufour",
    "Étienne",
];

const SYLLABLES: [&str; 16] =
    ["", "", "", "", "eau", "ier", "on", "in", "ard", "et", "ot", "as", "el", "ou", "is", "ac"];

const PROVIDERS: [&str; 8] = [
    "orange.fr",
    "gmail.com",
    "free.fr",
    "wanadoo.fr",
    "sfr.fr",
    "laposte.net",
    "hotmail.fr",
    "outlook.fr",
];

const STREETS: [&str; 16] = [
    "rue de l'Église",
    "avenue Jean Jaurès",
    "bd du Gal de Gaulle",
    "chemin des Écoles",
    "place du 8 Mai 1945",
    "rue Victor Hugo",
    "allée de la Libération",
    "av. de la République",
    "boulevard Saint-Exupéry",
    "impasse du Moulin",
    "RUE PASTEUR",
    "route de Lyon",
    "rue des Lilas",
    "chemin de l’Église",
    "R DU GENERAL LECLERC",
    "quai de la Fosse",
];

const MODELS: [&str; 5] = ["Citadine", "Berline", "SUV", "Utilitaire", "Électrique"];

/// The generator of Knuth's MMIX.
struct Draw(u64);

impl Draw {
    const fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let place = self.below(u64::try_from(list.len()).expect("a short list"));
        list[usize::try_from(place).expect("below its length")]
    }
}

/// A CSV file of so many contacts: UTF-8, separated by semicolons, LF line ends.
#[must_use]
pub fn contacts(rows: u64) -> String {
    let mut draw = Draw(42);
    let mut text = String::with_capacity(usize::try_from(rows * 136 + 256).expect("fits memory"));
    text.push_str(HEADINGS);
    text.push('\n');
    for row in 0..rows {
        contact(&mut text, row, &mut draw);
    }
    text
}

fn contact(text: &mut String, row: u64, draw: &mut Draw) {
    let first = draw.of(&FIRST);
    let last = [draw.of(&LAST), draw.of(&SYLLABLES)].concat();
    text.push_str(draw.of(&["M.", "Mme", "Mme", "M.", ""]));
    text.push(';');
    match draw.below(3) {
        0 => text.push_str(&last.to_uppercase()),
        _ => text.push_str(&last),
    }
    text.push(';');
    text.push_str(first);
    text.push(';');
    if !draw.one_in(12) {
        let (day, month, year) = (1 + draw.below(28), 1 + draw.below(12), 1932 + draw.below(74));
        let _ = write!(text, "{day:02}/{month:02}/{year}");
    }
    text.push(';');
    if !draw.one_in(6) {
        email(text, first, &last, row, draw);
    }
    text.push(';');
    if !draw.one_in(8) {
        phone(text, draw);
    }
    text.push(';');
    let number = 1 + draw.below(210);
    let mark = draw.of(&["", "", "", "", " bis", " ter", "bis", ","]);
    let _ = write!(text, "{number}{mark} {}", draw.of(&STREETS));
    let postcode = 1000 * (1 + draw.below(95)) + 10 * draw.below(100);
    let _ = write!(text, ";{postcode:05};Ville-sur-Loire;");
    let _ = write!(text, "{:02}/{:02}/2024;", 1 + draw.below(28), 1 + draw.below(12));
    text.push_str(draw.of(&MODELS));
    let (thousands, euros, cents) = (9 + draw.below(32), draw.below(1000), draw.below(100));
    let _ = writeln!(text, ";{thousands} {euros:03},{cents:02} €");
}

/// `brigitte.leroux92@sfr.fr`, in capitals now and then.
fn email(text: &mut String, first: &str, last: &str, row: u64, draw: &mut Draw) {
    let plain = |name: &str| -> String {
        let letter = |c: char| match c {
            'é' | 'è' | 'ë' | 'É' => 'e',
            'ï' => 'i',
            'ç' => 'c',
            'ü' => 'u',
            'œ' => 'o',
            c => c.to_ascii_lowercase(),
        };
        name.chars().map(letter).filter(char::is_ascii_alphanumeric).collect()
    };
    let start = text.len();
    let _ = write!(text, "{}.{}{row}@{}", plain(first), plain(last), draw.of(&PROVIDERS));
    if draw.one_in(10) {
        let capitals = text[start..].to_ascii_uppercase();
        text.replace_range(start.., &capitals);
    }
}

/// The forms in which files write a number; one in four is a fixed line.
fn phone(text: &mut String, draw: &mut Draw) {
    let kind = match draw.below(8) {
        0 | 1 => 1 + draw.below(5),
        2 | 3 => 7,
        _ => 6,
    };
    let [a, b, c, d] = [10 + draw.below(80), draw.below(100), draw.below(100), draw.below(100)];
    let _ = match draw.below(8) {
        0 => write!(text, "0{kind}{a:02}{b:02}{c:02}{d:02}"),
        1 => write!(text, "0{kind}.{a:02}.{b:02}.{c:02}.{d:02}"),
        2 => write!(text, "+33 {kind} {a:02} {b:02} {c:02} {d:02}"),
        3 => write!(text, "+33{kind}{a:02}{b:02}{c:02}{d:02}"),
        4 => write!(text, "{kind}{a:02}{b:02}{c:02}{d:02}"),
        5 => write!(text, "0033{kind}{a:02}{b:02}{c:02}{d:02}"),
        _ => write!(text, "0{kind} {a:02} {b:02} {c:02} {d:02}"),
    };
}
