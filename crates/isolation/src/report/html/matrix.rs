//! Who can reach whom: each pair for a small fleet; for a large one the classes of tenants, a map, and the exceptions one by one.

use super::map;
use super::markup::{Element, Html, el, text};
use super::pairs::{About, Findings, Pairs, Party, State};
use super::parts::{Mark, Table, cell, count, number, row_head, table};
use crate::report::Report;

/// With more tenants than this a table of all pairs cannot be read.
const READABLE: usize = 16;

/// Who asks, if it is no tenant.
const ANYONE: &str = "anyone else";

/// What is reached, if it is no tenant's.
const PLATFORM: &str = "platform and others";

pub(super) fn section(report: &Report, pairs: &Pairs<'_>) -> Html {
    let summary = &report.summary;
    let arguments = format!(
        "{} of {} covered by {}: tenants that differ only in their names and addresses share one.",
        count(summary.pairs, "ordered pair"),
        count(summary.tenants, "tenant"),
        count(summary.arguments, "argument"),
    );
    let html = Html::default().add(el("p").text(arguments)).add(lookup());
    if pairs.tenants.len() <= READABLE {
        return html.add(legend()).add(by_tenant(pairs));
    }
    let classes = (pairs.groups() <= READABLE).then(|| by_class(pairs));
    html.add(legend()).add(classes).add(map::map(pairs)).add(exceptions(pairs))
}

fn legend() -> Element {
    let entries = [
        Mark::Good.with("no way from the one to the other"),
        Mark::Bad.with("a way through was found"),
        Mark::Open.with("not proved: a finding about one of the two, or about a pair of the same argument"),
    ];
    el("ul").class("legend").add_all(entries.into_iter().map(|entry| el("li").add(entry)))
}

/// Asks for two tenants and answers; shown by the script, which reads what the page says anyway.
fn lookup() -> Element {
    let field = |id: &'static str, label: &'static str| {
        let input = el("input").attr("id", id).attr("list", "tenant-names").attr("autocomplete", "off");
        el("label").text(label).add(input.attr("spellcheck", "false"))
    };
    el("form")
        .attr("id", "lookup")
        .flag("hidden", true)
        .add(el("datalist").attr("id", "tenant-names"))
        .add(field("lookup-from", "From tenant "))
        .add(field("lookup-to", "To tenant "))
        .add(el("output").attr("id", "lookup-answer").attr("for", "lookup-from lookup-to"))
}

fn by_tenant(pairs: &Pairs<'_>) -> Table {
    let parties = 0..=pairs.others();
    let heads = parties.clone().map(|to| el("th").attr("scope", "col").add(el("span").text(pairs.name(to, PLATFORM))));
    let rows = parties.clone().map(|from| {
        let cells = parties.clone().map(|to| {
            if from == to {
                el("td").class("own").text("–").add(hidden("itself"))
            } else {
                pair_cell(&pairs.state(from, to))
            }
        });
        el("tr").add(row_head(text(pairs.name(from, ANYONE)))).add_all(cells)
    });
    let head = el("tr").add(corner()).add_all(heads);
    table("matrix", "From each tenant (rows) to each tenant (columns)", &[]).head(head).rows(rows)
}

fn corner() -> Element {
    el("th").attr("scope", "col").text("from ↓ to →")
}

fn hidden(words: impl std::fmt::Display) -> Element {
    el("span").class("hidden").text(words)
}

fn pair_cell(state: &State) -> Element {
    match state {
        State::Isolated => el("td").class("good").add(Mark::Good.sign()).add(hidden("none")),
        State::Way(ways) => {
            let link =
                first(ways).add(hidden("way through: finding ")).text(ways.iter().next().map_or(0, |way| way + 1));
            el("td").class("bad").add(Mark::Bad.sign()).add(link).add(more(ways))
        }
        State::Open(open) => {
            let link =
                first(open).add(hidden("not proved: finding ")).text(open.iter().next().map_or(0, |one| one + 1));
            el("td").class("open").add(Mark::Open.sign()).add(link).add(more(open))
        }
    }
}

fn first(findings: &Findings) -> Element {
    el("a").attr("href", format_args!("#finding-{}", findings.first().map_or(0, |first| first + 1)))
}

fn more(findings: &Findings) -> Option<Html> {
    (findings.len() > 1).then(|| text(format_args!(" +{}", number(findings.len() - 1))))
}

fn by_class(pairs: &Pairs<'_>) -> Table {
    let name = |group: usize| {
        let members = pairs.members(group);
        let example = pairs.name(members.start, ANYONE);
        match members.len() {
            1 => example.to_owned(),
            many => format!("{example} and {} like it", number(many - 1)),
        }
    };
    let groups = 0..pairs.groups();
    let heads = groups.clone().map(|to| el("th").attr("scope", "col").add(el("span").text(name(to))));
    let rows = groups.clone().map(|from| {
        let cells = groups.clone().map(|to| match pairs.between_groups(from, to) {
            (0, _) => el("td").class("own").text("–").add(hidden("itself")),
            (all, State::Isolated) => good_cell(all),
            (all, state) => pair_cell(&state).text(format_args!(" in {}", count(all, "pair"))),
        });
        el("tr").add(row_head(text(name(from)))).add_all(cells)
    });
    let head = el("tr").add(corner()).add_all(heads);
    table("matrix", "From each class of tenants (rows) to each class (columns)", &[]).head(head).rows(rows)
}

fn good_cell(all: usize) -> Element {
    el("td").class("good").add(Mark::Good.sign()).add(hidden("none in ")).text(count(all, "pair"))
}

/// Every pair that a finding is about.
fn exceptions(pairs: &Pairs<'_>) -> Html {
    if pairs.all_isolated() {
        return el("p").add(Mark::Good.with("No exceptions: nothing stands against any pair.")).into();
    }
    let between = |from: Party, to: Party| (pairs.name(from, ANYONE).to_owned(), pairs.name(to, PLATFORM).to_owned());
    let rows = pairs.about.iter().enumerate().filter_map(|(number, about)| {
        let ((from, to), mark) = match *about {
            About::Way(from, to) => (between(from, to), Mark::Bad.with("way through")),
            About::Both(one, other) => (between(one, other), Mark::Open.with("not proved, in both directions")),
            About::Tenant(one) => (
                (pairs.name(one, ANYONE).to_owned(), "every tenant".to_owned()),
                Mark::Open.with("not proved, in both directions"),
            ),
            About::Everyone => (("every tenant".to_owned(), "every tenant".to_owned()), Mark::Open.with("not proved")),
            About::Nobody => return None,
        };
        let link =
            el("a").attr("href", format_args!("#finding-{}", number + 1)).text(format_args!("finding {}", number + 1));
        Some(el("tr").add(row_head(text(from))).add(cell(text(to))).add(cell(mark)).add(cell(link)))
    });
    table(
        "exceptions",
        "Pairs that a finding is about; a way through leaves all other pairs of its two classes open, too",
        &["From", "To", "State", "Why"],
    )
    .rows(rows)
    .into()
}
