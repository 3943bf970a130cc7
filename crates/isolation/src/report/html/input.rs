//! What was judged, to be found again: every stack with its class, addresses, account and hash.

use super::findings::search;
use super::markup::{Html, el, text};
use super::parts::{cell, code, codes, count, facts, row_head, table};
use crate::report::{Report, StackEntry};

/// With more stacks than this there is a field to find one.
const FILTERED: usize = 10;

pub(super) fn section(report: &Report) -> Html {
    let made_by = format!("{} {}", report.made_by.name, report.made_by.version);
    let filter = (report.stacks.len() > FILTERED).then(|| search("filter-stacks", "Find a stack ", "all-stacks"));
    let classes = report.classes.iter().enumerate().map(|(number, class)| {
        el("tr")
            .add(row_head(text(number)))
            .add(cell(code(&class.example)))
            .add(cell(text(count(class.members, "stack"))))
    });
    let classes =
        table("classes", "Classes: stacks that are equal but for names and addresses", &["Class", "Example", "Stacks"])
            .rows(classes);
    let heads = ["Stack", "Owner", "Class", "Networks", "Account", "SHA-256 of the document"];
    let stacks = table("stacks", "Stacks", &heads).rows(report.stacks.iter().map(row));
    facts([("Made by", Some(text(made_by))), ("Form of this report", Some(text(report.format_version)))])
        .html()
        .add(classes)
        .add(filter)
        .add(el("div").attr("id", "all-stacks").add(stacks))
}

fn row(stack: &StackEntry) -> Html {
    let account = stack.account.as_deref().unwrap_or("of the credentials");
    el("tr")
        .flag("data-tenant", stack.tenant().is_some())
        .add(row_head(text(&stack.stack)))
        .add(cell(text(stack.owner.as_deref().unwrap_or("not said"))))
        .add(cell(text(stack.class)))
        .add(cell(codes(&stack.networks)))
        .add(cell(text(account)))
        .add(cell(stack.sha256.as_ref().map_or_else(|| text("not given"), |hash| code(hash).into())))
        .into()
}
