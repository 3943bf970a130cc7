//! What stands against isolation, one finding after the other, and which rules hold.

use super::markup::{Element, Html, el, text};
use super::pairs::{About, Pairs};
use super::parts::{Mark, access, cell, code, codes, count, facts, row_head, rule_id, table};
use crate::finding::{Finding, Rule};
use crate::report::Report;

/// So many findings are open from the start.
const OPEN: usize = 10;

pub(super) fn section(report: &Report, pairs: &Pairs<'_>) -> Html {
    if report.findings.is_empty() {
        return el("p").add(Mark::Good.with("No findings.")).into();
    }
    let findings = report.findings.iter().zip(&pairs.about).enumerate();
    Html::default().add(filter(report.findings.len())).add(
        el("div")
            .attr("id", "all-findings")
            .add_all(findings.map(|(at, (finding, about))| one(at, finding, *about, pairs))),
    )
}

/// A field that filters what is listed; shown by the script, without which everything is listed.
fn filter(findings: usize) -> Option<Html> {
    let field = || search("filter-findings", "Filter findings by tenant, resource or rule ", "all-findings");
    (findings > OPEN).then(|| field().into())
}

/// A field that leaves of a list what contains the typed text.
pub(super) fn search(id: &'static str, label: &'static str, list: &'static str) -> Element {
    let input = el("input").attr("id", id).attr("type", "search").attr("data-list", list).attr("autocomplete", "off");
    el("form")
        .class("filter")
        .flag("hidden", true)
        .add(el("label").text(label).add(input))
        .add(el("output").attr("for", id))
}

fn one(at: usize, finding: &Finding, about: About, pairs: &Pairs<'_>) -> Element {
    let number = at + 1;
    let title = match &finding.access {
        Some(access) => format!("{number}. {} reaches {} by {}", access.from, access.to, access.action),
        None if finding.resource.is_empty() => format!("{number}. {}", finding.stacks.join(" and ")),
        None => format!("{number}. {}: {}", finding.stacks.join(" and "), finding.resource),
    };
    let resource = (!finding.resource.is_empty()).then(|| code(&finding.resource).into());
    let rule = text(finding.rule.demands()).add(text(" (")).add(code(rule_id(finding.rule))).add(text(")"));
    let request = finding
        .access
        .as_deref()
        .map(|way| el("h4").text("Example request, which AWS would allow").html().add(access(way)));
    marked(el("details"), about, pairs)
        .class("finding")
        .attr("id", format_args!("finding-{number}"))
        .flag("open", at < OPEN)
        .add(el("summary").add(el("h3").add(Mark::Bad.sign()).text(title)))
        .add(el("p").class("found").text(&finding.found))
        .add(facts([
            ("Rule", Some(rule)),
            (if finding.stacks.len() == 1 { "Stack" } else { "Stacks" }, Some(codes(&finding.stacks))),
            ("Terraform resource", resource),
            ("How to mend", Some(text(finding.rule.help()))),
        ]))
        .add(request)
}

/// What the finding is about, for the script that answers for a pair.
fn marked(element: Element, about: About, pairs: &Pairs<'_>) -> Element {
    let name = |party| pairs.name(party, "");
    match about {
        About::Way(from, to) => {
            element.attr("data-about", "way").attr("data-from", name(from)).attr("data-to", name(to))
        }
        About::Both(one, other) => {
            element.attr("data-about", "both").attr("data-from", name(one)).attr("data-to", name(other))
        }
        About::Tenant(one) => element.attr("data-about", "tenant").attr("data-from", name(one)),
        About::Everyone => element.attr("data-about", "everyone"),
        About::Nobody => element,
    }
}

/// The rules, and how each stands.
pub(super) fn rules(report: &Report) -> Html {
    let rows = Rule::ALL.iter().map(|rule| {
        let against: Vec<usize> = report
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.rule == *rule)
            .map(|(at, _)| at + 1)
            .collect();
        let state = match against.first() {
            _ if !report.summary.rules.contains(rule) => Mark::Open.with("not judged"),
            None => Mark::Good.with("holds"),
            Some(first) => {
                let link = el("a").attr("href", format_args!("#finding-{first}"));
                Mark::Bad.with("").add(link.text(count(against.len(), "finding")))
            }
        };
        let name = text(rule.demands()).add(text(" ")).add(code(rule_id(*rule)).class("quiet"));
        el("tr").add(row_head(name)).add(cell(state))
    });
    table("rules", "The rules, each of which has to hold", &["Rule", "State"]).rows(rows).into()
}
