//! Reading values out of a parsed file, collecting what is wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{FleetError, Location, Problem};
use super::json::{Json, Member, Node};

/// Collects the errors of one file.
pub(crate) struct Reader<'a> {
    text: &'a str,
    source: &'a str,
    /// The byte offsets at which lines start.
    lines: Vec<usize>,
    pub(crate) errors: Vec<FleetError>,
}

/// The fields of an object by name.
pub(crate) type Fields<'n> = BTreeMap<&'n str, &'n Member>;

/// A text for a message: escaped, and not too long.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

/// The known name that looks most like the given one.
pub(crate) fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let given: String = given.chars().take(60).collect::<String>().to_lowercase();
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(&given, name), name));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name.to_owned())
}

fn list(known: &[&str]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, source: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, source, lines, errors: Vec::new() }
    }

    pub(crate) fn location(&self, at: usize) -> Location {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        Location { line: line.max(1), column }
    }

    pub(crate) fn error(&mut self, at: usize, field: &str, problem: impl Into<Problem>) {
        let location = Some(self.location(at));
        let error =
            FleetError { source: self.source.to_owned(), location, field: field.to_owned(), problem: problem.into() };
        self.errors.push(error);
    }

    fn wrong_type(&mut self, node: &Node, field: &str, wanted: &'static str) {
        let found = match &node.value {
            Json::Null => "null",
            Json::Bool => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        };
        self.error(node.at, field, Problem::WrongType { found, wanted });
    }

    /// The fields of an object; unknown and repeated ones are errors.
    pub(crate) fn object<'n>(&mut self, node: &'n Node, field: &str, known: &[&str]) -> Option<Fields<'n>> {
        let Json::Object(members) = &node.value else {
            self.wrong_type(node, field, "an object");
            return None;
        };
        let mut fields = Fields::new();
        for member in members {
            let name = member.name.as_str();
            if let Some(first) = fields.get(name) {
                let first = self.location(first.at);
                self.error(member.at, field, Problem::DuplicateField { name: shown(name), first });
            } else {
                if !known.contains(&name) {
                    let nearest = nearest(name, known.iter().copied());
                    self.error(
                        member.at,
                        field,
                        Problem::UnknownField { name: shown(name), nearest, known: list(known) },
                    );
                }
                fields.insert(name, member);
            }
        }
        Some(fields)
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, field: &str) -> Option<&'n [Node]> {
        match &node.value {
            Json::List(items) => Some(items),
            _ => {
                self.wrong_type(node, field, "a list");
                None
            }
        }
    }

    pub(crate) fn text<'n>(&mut self, node: &'n Node, field: &str) -> Option<&'n str> {
        match &node.value {
            Json::Text(text) => Some(text),
            _ => {
                self.wrong_type(node, field, "a text in quotes");
                None
            }
        }
    }

    /// A text that is parsed into a `T`.
    pub(crate) fn parsed<T>(&mut self, node: &Node, field: &str) -> Option<T>
    where
        T: FromStr,
        Problem: From<T::Err>,
    {
        match self.text(node, field)?.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                self.error(node.at, field, problem);
                None
            }
        }
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn number(&mut self, node: &Node, field: &str, max: u64) -> Option<u64> {
        let Json::Number(given) = &node.value else {
            self.wrong_type(node, field, "a whole number, without quotes,");
            return None;
        };
        match given.parse::<u64>() {
            Ok(number) if number <= max => Some(number),
            _ => {
                self.error(node.at, field, Problem::NotANumber { given: shown(given), max });
                None
            }
        }
    }

    /// One of a few texts, as what stands beside it.
    pub(crate) fn one_of<T: Copy>(&mut self, node: &Node, field: &str, known: &[(&str, T)]) -> Option<T> {
        let given = self.text(node, field)?;
        let found = known.iter().find(|(name, _)| *name == given).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let nearest = nearest(given, names.iter().copied());
            self.error(node.at, field, Problem::UnknownValue { given: shown(given), nearest, known: list(&names) });
        }
        found
    }

    pub(crate) fn required<'n>(
        &mut self,
        object: &Node,
        fields: &Fields<'n>,
        field: &str,
        name: &'static str,
    ) -> Option<&'n Node> {
        let found = fields.get(name).map(|member| &member.node);
        if found.is_none() {
            self.error(object.at, field, Problem::MissingField { name });
        }
        found
    }
}
