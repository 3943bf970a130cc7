//! What roles may do, what code needs, and what AWS cannot limit.

use super::markup::{Element, Html, el, text};
use super::parts::{Mark, cell, code, codes, count, facts, row_head, statement, table};
use crate::report::{Exemption, Grant, Need, Report, RoleEntry};

pub(super) fn roles(report: &Report) -> Html {
    let by_stack = report.roles.chunk_by(|one, other| one.stack == other.stack);
    let stacks = by_stack.filter_map(|roles| {
        let stack = &roles.first()?.stack;
        let title = el("h3").text("Stack ").add(code(stack)).text(stands_for(report, stack));
        Some(Html::from(title).add_all(roles.iter().map(role)))
    });
    none_or(report.roles.len(), "The stacks have no roles.", Html::default().add_all(stacks))
}

fn stands_for(report: &Report, stack: &str) -> String {
    let class = report.classes.iter().find(|class| class.example == stack && class.members > 1);
    class.map_or_else(String::new, |class| {
        format!(" (stands for {} that are equal to it)", count(class.members, "stack"))
    })
}

fn role(role: &RoleEntry) -> Element {
    let name = role.role.rsplit('.').next().unwrap_or(&role.role);
    let does = role.description.as_deref().unwrap_or("no description");
    let grants = count(role.grants.len(), "statement");
    let summary = el("summary")
        .add(el("h4").text(format_args!("{name}: {does}")))
        .add(el("span").class("quiet").text(format_args!(" {grants}")));
    let becomes = role.assumed_by.iter().map(|who| el("li").text(who));
    let becomes = if role.assumed_by.is_empty() { text("nobody") } else { el("ul").add_all(becomes).into() };
    let boundary =
        role.boundary.as_ref().map_or_else(|| Mark::Open.with("none").into(), |boundary| code(boundary).into());
    el("details")
        .class("role")
        .add(summary)
        .add(facts([
            ("Terraform resource", Some(code(&role.role).into())),
            ("ARN", Some(code(&role.arn).into())),
            ("Who may become it", Some(becomes)),
            ("Permissions boundary", Some(boundary)),
        ]))
        .add(el("ol").class("grants").add_all(role.grants.iter().map(grant)))
}

fn grant(grant: &Grant) -> Element {
    el("li").add(el("p").class("words").text(&grant.words)).add(facts([
        ("Actions", Some(codes(&grant.actions))),
        ("Resources", Some(codes(&grant.resources))),
        ("Conditions", Some(codes(&grant.conditions))),
        ("Statement", Some(statement(&grant.statement))),
    ]))
}

pub(super) fn needs(report: &Report) -> Html {
    let row = |need: &Need| {
        let may = if need.allowed { Mark::Good.with("yes") } else { Mark::Bad.with("no") };
        el("tr")
            .add(row_head(code(&need.function)))
            .add(cell(code(&need.action)))
            .add(cell(code(&need.resource)))
            .add(cell(text(&need.why)))
            .add(cell(may))
    };
    let by_stack = report.needs.chunk_by(|one, other| one.stack == other.stack);
    let tables = by_stack.filter_map(|needs| {
        let caption = format!("Stack {}", needs.first()?.stack);
        let heads = ["Function", "Action", "Resource", "What for", "May it?"];
        Some(table("needs", caption, &heads).rows(needs.iter().map(row)))
    });
    none_or(report.needs.len(), "No needs were given.", Html::default().add_all(tables))
}

pub(super) fn exemptions(report: &Report) -> Html {
    let row = |exemption: &Exemption| {
        el("tr")
            .add(row_head(code(&exemption.action)))
            .add(cell(codes(&exemption.roles)))
            .add(cell(text(&exemption.why)))
    };
    let rows = report.exemptions.iter().map(row);
    let heads = ["Action", "Roles that have it", "Why it is there, and what it shows"];
    let table = table("exemptions", "Actions without a resource level", &heads).rows(rows);
    none_or(report.exemptions.len(), "None.", table)
}

fn none_or(entries: usize, none: &'static str, html: impl Into<Html>) -> Html {
    if entries == 0 { el("p").text(none).into() } else { html.into() }
}
