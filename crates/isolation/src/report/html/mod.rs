//! The report as one page, `isolation.html`: it needs nothing but itself, and all of it is there without the script.

mod findings;
mod input;
mod layers;
mod map;
mod markup;
mod matrix;
mod pairs;
mod parts;
mod roles;

use self::markup::{Element, Html, el};
use self::pairs::Pairs;
use self::parts::{Mark, number};
use super::Report;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a browser may load for the page: nothing. Of styles and scripts it takes only these two, by their hashes, so that nothing
/// that a stack might smuggle into the page could run.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                      style-src 'sha256-S6lN1x16zfnIFjHVRGuCT6BquixNFBGgH65Eqb9Eiqo='; script-src 'sha256-yKaNXcxuz+PzXgOhQzrh1sMotGaJF+2ttHqXJALax60='";

/// A part of the page with a title, an anchor and a line in the table of contents.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Html,
}

/// The page of a report.
pub(super) fn page(report: &Report) -> String {
    let sections = sections(report);
    let links =
        sections.iter().map(|section| el("a").attr("href", format_args!("#{}", section.id)).text(section.title));
    let contents = el("nav")
        .attr("aria-labelledby", "contents")
        .add(el("h2").attr("id", "contents").text("Contents"))
        .add(el("ol").add_all(links.map(|link| el("li").add(link))));
    let body = el("body")
        .add(el("a").class("skip").attr("href", "#main").text("Skip to the report"))
        .add(verdict(report))
        .add(contents)
        .add(el("main").attr("id", "main").attr("tabindex", -1).add_all(sections.into_iter().map(shown)))
        .add(el("script").add(Html::raw(SCRIPT)));
    let page = el("html").attr("lang", "en").add(head(report)).add(body);
    Html::raw("<!doctype html>\n").add(page).add(Html::raw("\n")).into_string()
}

fn head(report: &Report) -> Element {
    let meta = |name: &'static str, content: &'static str| el("meta").attr("name", name).attr("content", content);
    el("head")
        .add(el("meta").attr("charset", "utf-8"))
        .add(el("meta").attr("http-equiv", "Content-Security-Policy").attr("content", POLICY))
        .add(meta("referrer", "no-referrer"))
        .add(meta("viewport", "width=device-width, initial-scale=1"))
        .add(meta("color-scheme", "light dark"))
        .add(el("title").text(format_args!("Isolation {}", if report.proved { "proved" } else { "not proved" })))
        .add(el("style").add(Html::raw(STYLE)))
}

fn verdict(report: &Report) -> Element {
    let mark = if report.proved { Mark::Good } else { Mark::Bad };
    let summary = &report.summary;
    let numbers = [
        ("tenants", summary.tenants),
        ("stacks", summary.stacks),
        ("ordered pairs", summary.pairs),
        ("arguments", summary.arguments),
        ("rules", summary.rules.len()),
        ("findings", report.findings.len()),
    ];
    let number = |(what, how_many)| el("div").add(el("dt").text(what)).add(el("dd").text(number(how_many)));
    el("header")
        .attr("class", format_args!("verdict {}", mark.class()))
        .add(el("h1").add(mark.with(if report.proved {
            "Tenant isolation: proved"
        } else {
            "Tenant isolation: not proved"
        })))
        .add(el("p").text(&report.verdict))
        .add(el("dl").class("numbers").add_all(numbers.map(number)))
}

fn shown(section: Section) -> Element {
    let title = format!("{}-title", section.id);
    let heading = el("h2").attr("id", &title).text(section.title);
    el("section").attr("id", section.id).attr("aria-labelledby", title).add(heading).add(section.content)
}

/// In the order of an auditor's questions: is it isolated, says who, what if, who may do what, what remains, of what.
fn sections(report: &Report) -> Vec<Section> {
    let pairs = Pairs::of(report);
    let section = |id, title, content| Section { id, title, content };
    vec![
        section("findings", "Findings", findings::section(report, &pairs)),
        section("pairs", "Who can reach whom", matrix::section(report, &pairs)),
        section("rules", "Rules", findings::rules(report)),
        section("layers", "What each layer stops alone", layers::layers(report)),
        section("accidents", "What if one thing goes wrong", layers::accidents(report)),
        section("roles", "What every role may do", roles::roles(report)),
        section("needs", "What the code needs", roles::needs(report)),
        section("exemptions", "What AWS cannot limit to a tenant", roles::exemptions(report)),
        section("assumptions", "What the claim rests on", sentences(&report.assumptions)),
        section("residual", "What remains", sentences(&report.residual)),
        section("input", "What was judged", input::section(report)),
    ]
}

fn sentences(sentences: &[String]) -> Html {
    if sentences.is_empty() {
        return el("p").text("Nothing was stated.").into();
    }
    el("ul").add_all(sentences.iter().map(|sentence| el("li").text(sentence))).into()
}
