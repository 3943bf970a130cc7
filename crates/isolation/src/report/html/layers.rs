//! What carries isolation: each layer alone, and what is left when one thing goes wrong.

use std::collections::BTreeSet;

use super::markup::{Html, el, text};
use super::parts::{Mark, access, cell, row_head, table};
use crate::report::{Accident, Report, Strength};

pub(super) fn layers(report: &Report) -> Html {
    let kinds: BTreeSet<&str> = report.layers.iter().flat_map(|layer| layer.alone.keys().map(String::as_str)).collect();
    let heads = kinds.iter().map(|kind| el("th").attr("scope", "col").text(kind));
    let head = el("tr").add(el("th").attr("scope", "col").text("Layer")).add_all(heads);
    let rows = report.layers.iter().map(|layer| {
        let name = el("strong").text(layer.title);
        let what = el("span").class("what").text(layer.what);
        let cells =
            kinds.iter().map(|kind| cell(layer.alone.get(*kind).map_or_else(not_judged, |strength| mark(*strength))));
        el("tr").add(row_head(Html::from(name).add(what))).add_all(cells)
    });
    el("p")
        .text("If this layer were the only one: would it stop every request of another tenant, by kind of resource?")
        .html()
        .add(table("layers", "Layers and kinds of resource", &[]).head(head).rows(rows))
}

fn mark(strength: Strength) -> Html {
    match strength {
        Strength::Stops => Mark::Good.with("stops alone"),
        Strength::Partial => Mark::Part.with("in part"),
        Strength::NotApplicable => Mark::Neutral.with("AWS has none"),
    }
    .into()
}

fn not_judged() -> Html {
    Mark::Open.with("not judged").into()
}

pub(super) fn accidents(report: &Report) -> Html {
    let title = |id: &str| {
        let layer = report.layers.iter().find(|layer| layer.id == id);
        layer.map_or_else(|| id.to_owned(), |layer| layer.title.to_owned())
    };
    let holding = report.accidents.iter().filter(|accident| accident.holds).count();
    let summary = format!("{holding} of {} accidents leave isolation whole.", report.accidents.len());
    let rows = report.accidents.iter().map(|accident| {
        let by: Vec<String> = accident.by.iter().map(|id| title(id)).collect();
        let by = if by.is_empty() { "no other layer".to_owned() } else { by.join(", ") };
        el("tr")
            .add(row_head(text(accident.what)))
            .add(cell(text(title(accident.layer))))
            .add(cell(if accident.holds { Mark::Good.with("holds") } else { Mark::Bad.with("does not hold") }))
            .add(cell(text(by)))
            .add(cell(why(accident)))
    });
    let heads = ["What goes wrong", "Layer lost", "Isolation", "Held by", "Why"];
    el("p").text(summary).html().add(table("accidents", "Accidents, one at a time", &heads).rows(rows))
}

fn why(accident: &Accident) -> Html {
    let example = accident.example.as_ref().map(|way| {
        el("details").add(el("summary").text(format_args!("Example: {} reaches {}", way.from, way.to))).add(access(way))
    });
    text(&accident.why).add(example)
}
