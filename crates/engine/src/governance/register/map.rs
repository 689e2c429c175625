//! The processing map as a picture: who gives what to whom for what, on which basis, until when. SVG
//! that needs no script, no font and no network; it follows the light or dark of its reader.

use std::fmt::Write as _;

use super::words::Words;
use super::{Issued, Language, ProcessorEntry};
use crate::markup::escaped;

const WIDTH: u32 = 1_080;
const CARD: u32 = 300;
const LINE: u32 = 20;
/// Characters of one line of a card, in the system's font at 13 pixels.
const FITS: usize = 38;

/// A flow: from whom, what for, to whom.
struct Flow {
    from: Vec<String>,
    work: Vec<String>,
    to: Vec<String>,
}

/// The picture.
#[must_use]
pub fn map(issued: &Issued, language: Language) -> String {
    let words = language.words();
    let flows = flows(issued, words);
    let mut body = String::new();
    let mut y = 118;
    for flow in &flows {
        let lines = flow.from.len().max(flow.work.len()).max(flow.to.len()).max(2);
        let height = u32::try_from(lines).unwrap_or(2) * LINE + 28;
        for (x, class, lines) in
            [(30, "give", &flow.from), (390, "work", &flow.work), (750, "get", &flow.to)]
        {
            card(&mut body, (x, y, height), class, lines);
        }
        let middle = y + height / 2;
        for x in [330, 690] {
            let _ = writeln!(
                body,
                "<path class=\"arrow\" d=\"M{} {middle}H{}\" marker-end=\"url(#head)\"/>",
                x + 6,
                x + 50,
            );
        }
        y += height + 22;
    }
    picture(issued, words, &body, y + 20)
}

fn flows(issued: &Issued, words: &Words) -> Vec<Flow> {
    let register = &issued.register;
    let own = register.as_controller.iter().map(|entry| {
        let mut from = vec![register.entity.name.clone()];
        from.extend(entry.joint.iter().map(|joint| joint.name.clone()));
        from.extend(entry.data.iter().map(|category| format!("· {}", category.title)));
        let mut work = vec![entry.name.clone()];
        work.extend(entry.purposes.iter().map(|p| format!("· {} ({})", p.title, p.basis)));
        let terms = entry.data.iter().filter_map(|category| category.deleted.as_ref());
        let mut terms: Vec<_> = terms.collect();
        terms.dedup();
        work.extend(terms.into_iter().map(|term| format!("{} : {term}", words.until)));
        Flow { from, work, to: entry.recipients.clone() }
    });
    let served = |entry: &ProcessorEntry| {
        let mut work = vec![register.entity.name.clone(), entry.name.clone()];
        work.extend(entry.categories.iter().map(|category| format!("· {category}")));
        let mut to = vec![entry.controller.name.clone()];
        to.extend(entry.subprocessors.iter().cloned());
        Flow { from: vec![entry.controller.name.clone()], work, to }
    };
    let wrapped = |flow: Flow| Flow {
        from: wrapped(&flow.from),
        work: wrapped(&flow.work),
        to: wrapped(&flow.to),
    };
    own.chain(register.as_processor.iter().map(served)).map(wrapped).collect()
}

fn wrapped(texts: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for text in texts {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let long = line.chars().count() + 1 + word.chars().count() > FITS;
            if long && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                line.push_str("  ");
            }
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().take(FITS));
        }
        lines.push(line);
    }
    lines
}

fn card(body: &mut String, (x, y, height): (u32, u32, u32), class: &str, lines: &[String]) {
    let _ = writeln!(
        body,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{CARD}\" height=\"{height}\" rx=\"10\"/>"
    );
    for (place, line) in (0..).zip(lines) {
        let (left, top) = (x + 16, y + 28 + place * LINE);
        let class = if place == 0 { "first" } else { "line" };
        let (left, line) = match line.strip_prefix("  ") {
            Some(rest) => (left + 10, rest),
            None => (left, line.as_str()),
        };
        let _ = writeln!(
            body,
            "<text class=\"{class}\" x=\"{left}\" y=\"{top}\">{}</text>",
            escaped(line)
        );
    }
}

fn picture(issued: &Issued, words: &Words, body: &str, height: u32) -> String {
    let entity = &issued.register.entity;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title\">\n<title id=\"title\">{title}: {name}</title>\n{STYLE}\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"head\" x=\"30\" y=\"46\">{title}</text>\n\
         <text class=\"under\" x=\"30\" y=\"70\">{name}, SIREN {siren}, {version} {number}, {at}</text>",
        title = escaped(words.map_title),
        name = escaped(&entity.name),
        siren = escaped(&entity.siren),
        version = words.version.to_lowercase(),
        number = issued.version,
        at = escaped(issued.issued_at.get(..10).unwrap_or(&issued.issued_at)),
    );
    for (x, column) in [(30, words.gives), (390, words.works), (750, words.gets)] {
        let _ =
            writeln!(svg, "<text class=\"column\" x=\"{x}\" y=\"104\">{}</text>", escaped(column));
    }
    svg.push_str(body);
    svg.push_str("</svg>\n");
    svg
}

const STYLE: &str = "<style>\n\
    text{font-family:system-ui,sans-serif;fill:#1b2733}\n\
    .page{fill:#fbfaf7}.head{font-size:24px;font-weight:600}.under{font-size:13px;fill:#5b6773}\n\
    .column{font-size:12px;letter-spacing:.08em;text-transform:uppercase;fill:#5b6773}\n\
    .first{font-size:14px;font-weight:600}.line{font-size:13px}\n\
    .give{fill:#e6eef7;stroke:#9db8d4}.work{fill:#eef3e6;stroke:#b3c795}.get{fill:#f7eee3;stroke:#d6b88c}\n\
    .arrow{stroke:#7b8794;stroke-width:2;fill:none}.tip{fill:#7b8794}\n\
    @media(prefers-color-scheme:dark){text{fill:#e8ecf0}.page{fill:#12181f}\n\
    .under,.column{fill:#9aa7b4}.give{fill:#1c2a3a;stroke:#3d5875}.work{fill:#222c1a;stroke:#55693a}\n\
    .get{fill:#33281a;stroke:#735a34}}\n\
    </style>\n<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
    markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L10 5L0 10z\"/>\
    </marker></defs>\n";
