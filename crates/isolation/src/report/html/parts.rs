//! What several sections of the page are made of.

use std::fmt::Display;

use super::markup::{Element, Html, el, text};
use crate::finding::{Access, Rule, StatementRef};

/// A mark that says in form, colour and words how something stands.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Good,
    Bad,
    Open,
    Part,
    Neutral,
}

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open | Self::Part => "open",
            Self::Neutral => "neutral",
        }
    }

    /// The mark with the words that go with it.
    pub(super) fn with(self, words: impl Display) -> Element {
        el("span").attr("class", format_args!("mark {}", self.class())).add(self.sign()).text(words)
    }

    /// The form alone; the words have to stand beside it.
    pub(super) fn sign(self) -> Element {
        let sign = match self {
            Self::Good => "✓ ",
            Self::Bad => "✗ ",
            Self::Open => "? ",
            Self::Part => "◐ ",
            Self::Neutral => "– ",
        };
        el("span").attr("aria-hidden", "true").text(sign)
    }
}

/// A table that scrolls in itself where the page is too narrow, with a head that says what its columns are.
pub(super) fn table(name: &'static str, caption: impl Display, heads: &[&'static str]) -> Table {
    let head = el("tr").add_all(heads.iter().map(|head| el("th").attr("scope", "col").text(head)));
    Table { name, caption: caption.to_string(), head: head.into(), rows: Html::default() }
}

pub(super) struct Table {
    name: &'static str,
    caption: String,
    head: Html,
    rows: Html,
}

impl Table {
    /// With another head than a cell for each column.
    pub(super) fn head(self, head: impl Into<Html>) -> Self {
        Self { head: head.into(), ..self }
    }

    pub(super) fn rows<T: Into<Html>>(self, rows: impl IntoIterator<Item = T>) -> Self {
        Self { rows: self.rows.add_all(rows), ..self }
    }
}

impl From<Table> for Html {
    fn from(table: Table) -> Self {
        let content = el("table")
            .attr("class", table.name)
            .add(el("caption").text(&table.caption))
            .add(el("thead").add(table.head))
            .add(el("tbody").add(table.rows));
        // What scrolls can be focused, else the keyboard cannot scroll it.
        let scrolls = el("div").class("scrolls").attr("role", "region").attr("tabindex", 0);
        scrolls.attr("aria-label", table.caption).add(content).into()
    }
}

/// The head of a row.
pub(super) fn row_head(content: impl Into<Html>) -> Element {
    el("th").attr("scope", "row").add(content)
}

pub(super) fn cell(content: impl Into<Html>) -> Element {
    el("td").add(content)
}

pub(super) fn code(content: impl Display) -> Element {
    el("code").text(content)
}

/// A list of values, each as code.
pub(super) fn codes<T: Display>(values: &[T]) -> Html {
    match values {
        [] => text("none"),
        [one] => code(one).into(),
        many => el("ul").class("codes").add_all(many.iter().map(|value| el("li").add(code(value)))).into(),
    }
}

/// Terms and what they are; those that are empty are left out.
pub(super) fn facts<'a>(facts: impl IntoIterator<Item = (&'static str, Option<Html>)> + 'a) -> Element {
    let pairs = facts
        .into_iter()
        .filter_map(|(term, what)| what.map(|what| el("div").add(el("dt").text(term)).add(el("dd").add(what))));
    el("dl").class("facts").add_all(pairs)
}

/// Where a statement stands.
pub(super) fn statement(at: &StatementRef) -> Html {
    let sid = at.sid.as_ref().map(|sid| text(", Sid ").add(code(sid)));
    Html::from(code(format_args!("{}.{}", at.resource, at.path))).add(sid).add(text(" in stack ")).add(code(&at.stack))
}

pub(super) fn statements(all: &[StatementRef]) -> Option<Html> {
    let items = all.iter().map(|at| el("li").add(statement(at)));
    (!all.is_empty()).then(|| el("ul").class("statements").add_all(items).into())
}

/// A way through: the request that AWS would allow, and by what.
pub(super) fn access(access: &Access) -> Element {
    let steps = access.steps.iter().map(|step| el("li").text(step));
    let context = access.context.iter().map(|(key, values)| format!("{key} = {}", values.join(", ")));
    let context: Vec<String> = context.collect();
    facts([
        ("Principal", Some(code(&access.principal).into())),
        ("Steps", (!access.steps.is_empty()).then(|| el("ol").add_all(steps).into())),
        ("Action", Some(code(&access.action).into())),
        ("Resource", Some(code(&access.resource).into())),
        ("Context", (!context.is_empty()).then(|| codes(&context))),
        ("Allowed by", statements(&access.statements)),
    ])
}

/// A rule's name in `isolation.json`.
pub(super) fn rule_id(rule: Rule) -> String {
    serde_json::to_value(rule).ok().and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A number with its thousands apart.
pub(super) fn number(n: usize) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let parts = digits
        .char_indices()
        .map(|(at, digit)| if at > 0 && at % 3 == first { format!(",{digit}") } else { digit.to_string() });
    parts.collect()
}

/// A number and what it counts.
pub(super) fn count(n: usize, of: &str) -> String {
    format!("{} {of}{}", number(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_thousands() {
        assert_eq!([0, 999, 1000, 65280, 1234567].map(number), ["0", "999", "1,000", "65,280", "1,234,567"]);
        assert_eq!([count(1, "pair"), count(1000, "pair")], ["1 pair", "1,000 pairs"]);
    }

    #[test]
    fn rules_have_the_names_of_the_json() {
        assert_eq!(rule_id(Rule::NoCrossTenantAccess), "no-cross-tenant-access");
        assert!(Rule::ALL.iter().all(|rule| !rule_id(*rule).is_empty()));
    }
}
