//! The plots of a report as pictures of their own: SVG files that need no style sheet, no font and no page
//! around them, with the release that they come from in a line. They show what the certificate's page shows and
//! add no figure. A picture proves nothing; the certificate does.

use askama::Template;
use tiers_protocol::report::Report;

use super::Language;
use super::chart::{Chart, charts};
use super::section::drawing::{Drawing, blank};
use super::section::report_drawings;
use super::text::fill;
use super::text::portal::brand::Brand;

/// One picture.
pub(super) struct Plot {
    /// What it shows.
    pub(super) title: String,
    /// Every value in words.
    pub(super) desc: String,
    /// The file.
    pub(super) svg: String,
}

#[derive(Template)]
#[template(path = "plot.svg", escape = "html")]
struct Picture<'a> {
    lang: &'static str,
    drawing: &'a Drawing,
    heading: &'a str,
    under: &'a str,
    origin: [String; 2],
    /// Size of the whole, and where the drawing begins.
    width: i64,
    height: i64,
    top: i64,
}

/// Room around a drawing, and for the two lines above and below it.
const EDGE: i64 = 18;
const ABOVE: i64 = 58;
const BELOW: i64 = 50;
/// Characters of a line that fit.
const LINE_CHARS: usize = 74;

/// All plots of a report, in the order of its page.
pub(super) fn plots(report: &Report, language: Language) -> Vec<Plot> {
    let t = Brand::of(language);
    let head = &report.head;
    let month = language.month(head.period.as_str());
    let origin = [
        fill(t.plot_of, &[("programme", &head.programme.name), ("month", &month)]),
        fill(t.plot_from, &[("release", &head.release.to_string())]),
    ];
    let heading = language.text().chart_title;
    let campaigns = charts(report, language);
    let campaigns = campaigns.iter().map(|chart| (heading.to_owned(), of_chart(chart, language)));
    campaigns
        .chain(report_drawings(report, language))
        .map(|(heading, drawing)| picture(&heading, drawing, origin.clone(), language))
        .collect()
}

fn picture(heading: &str, drawing: Drawing, origin: [String; 2], language: Language) -> Plot {
    let title = if drawing.title.is_empty() || drawing.title == heading {
        heading.to_owned()
    } else {
        format!("{heading}, {}", drawing.title)
    };
    let under = if title == heading { "" } else { drawing.title.as_str() };
    let picture = Picture {
        lang: if language == Language::French { "fr" } else { "en" },
        heading,
        under,
        origin: origin.map(|line| shortened(&line)),
        width: drawing.width + 2 * EDGE,
        height: drawing.height + ABOVE + BELOW,
        top: ABOVE,
        drawing: &drawing,
    };
    let svg = picture.render().expect("the template asks for nothing that can fail");
    Plot { title, desc: drawing.desc, svg }
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= LINE_CHARS {
        return line.to_owned();
    }
    line.chars().take(LINE_CHARS - 1).chain(['…']).collect()
}

/// What a mark looks like, as attributes: a style would be one more thing that a reader may lack.
fn look(class: &str) -> &'static str {
    match class {
        "bar" => "fill=\"#4f8ab3\"",
        "past" => "fill=\"#8a94a0\"",
        "unknown" => "fill=\"#f1f3f5\" stroke=\"#d3d9df\" stroke-dasharray=\"3 3\"",
        "error" => "stroke=\"#1b1f24\" stroke-width=\"2\"",
        "grid" => "stroke=\"#d3d9df\"",
        "axis" => "stroke=\"#4f5862\"",
        "amount" => "font-size=\"13\" font-weight=\"600\" fill=\"#1b1f24\"",
        "tick" => "font-size=\"12\" fill=\"#4f5862\"",
        "tiny" => "font-size=\"10.5\" fill=\"#4f5862\"",
        "hidden" => "font-size=\"13\" font-style=\"italic\" fill=\"#4f5862\"",
        _ => "font-size=\"13\" fill=\"#1b1f24\"",
    }
}

/// The bars of campaigns as the shapes that every other drawing has.
fn of_chart(chart: &Chart, language: Language) -> Drawing {
    let whole = |n: i128| i64::try_from(n).unwrap_or(i64::MAX);
    let (id, title, desc) = (chart.id.to_owned(), chart.title.to_owned(), chart.desc.clone());
    let mut made = blank(id, title, desc, (whole(chart.width), whole(chart.height)));
    for tick in &chart.ticks {
        let x = whole(tick.x);
        made.line("grid", (x, 2), (x, whole(chart.floor)));
        made.word("tick", (x, whole(chart.height) - 4), tick.anchor, tick.label.clone());
    }
    for bar in &chart.bars {
        let [y, top, middle, cap] = [bar.text_y, bar.y, bar.middle, bar.cap].map(whole);
        made.word("name", (6, y), "start", bar.name.clone());
        let Some(mark) = &bar.mark else {
            let hidden = language.text().chart_hidden.to_owned();
            made.word("hidden", (6, middle + 4), "start", hidden);
            continue;
        };
        let [x, width, low, high] = [mark.x, mark.width, mark.low, mark.high].map(whole);
        made.word("amount", (384, y), "end", mark.value.clone());
        made.rect("bar", (x, top), (width, 18));
        made.line("error", (low, middle), (high, middle));
        made.line("error", (low, cap), (low, cap + 10));
        made.line("error", (high, cap), (high, cap + 10));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_by_itself_and_takes_texts_as_texts() {
        let mut drawing = blank("d".to_owned(), "A & <B>".to_owned(), "Dit".to_owned(), (400, 90));
        drawing.rect("bar", (2, 20), (100, 12));
        drawing.line("error", (2, 26), (90, 26));
        drawing.word("amount", (384, 14), "end", "12 <script>".to_owned());
        let origin = ["é".repeat(200), "rel_x".to_owned()];
        let plot = picture("Titre", drawing, origin, Language::French);
        assert_eq!(plot.title, "Titre, A & <B>");
        let svg = &plot.svg;
        assert!(svg.contains("<title>Titre, A &#38; &#60;B&#62;</title>"), "{svg}");
        assert!(svg.contains("<desc>Dit</desc>") && svg.contains("rel_x") && svg.contains("…"));
        assert!(svg.contains("fill=\"#4f8ab3\"") && svg.contains("lang=\"fr\""));
        for word in ["<script", "<style", "class=", "href", "url("] {
            assert!(!svg.contains(word), "{word}: {svg}");
        }
        for mark in ["text", "g", "svg", "title", "desc"] {
            let (begins, ends) = (format!("<{mark}"), format!("</{mark}>"));
            let count = |part: &str| svg.matches(part).count();
            let alike = svg.matches(&format!("<{mark}>")).count()
                + svg.matches(&format!("<{mark} ")).count();
            assert!(count(&begins) >= alike && alike == count(&ends), "{mark}: {svg}");
        }
    }
}
