//! Reading values out of a parsed file, collecting what is wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{FleetError, FleetErrors, Location};
use super::json::{Json, Member, Node};
use super::position::Positions;
use super::problem::Problem;
use crate::name::shown;

/// Collects the errors of one file.
pub(super) struct Reader<'a> {
    source: &'a str,
    positions: &'a Positions<'a>,
    errors: Vec<FleetError>,
    not_kept: usize,
}

/// The fields of an object by name.
pub(super) type Fields<'n> = BTreeMap<&'n str, &'n Member<'n>>;

/// The known name that looks most like the given one.
pub(super) fn nearest(given: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let given: String = given.chars().take(60).collect::<String>().to_lowercase();
    let scored = known.iter().map(|name| (strsim::jaro_winkler(&given, name), *name));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str, positions: &'a Positions<'a>) -> Self {
        Self { source, positions, errors: Vec::new(), not_kept: 0 }
    }

    pub(super) fn location(&self, at: usize) -> Location {
        self.positions.at(at)
    }

    pub(super) fn error(&mut self, at: usize, field: &str, problem: impl Into<Problem>) {
        if self.full() {
            self.not_kept += 1;
            return;
        }
        let location = Some(self.location(at));
        self.push(FleetError {
            source: self.source.to_owned(),
            location,
            field: field.to_owned(),
            problem: problem.into(),
        });
    }

    /// An error that has its place, or none, already.
    pub(super) fn push(&mut self, error: FleetError) {
        self.errors.push(error);
    }

    fn full(&self) -> bool {
        self.errors.len() >= FleetErrors::KEPT
    }

    /// All errors, in the order of the file; those from elsewhere come first.
    pub(super) fn finish(self) -> FleetErrors {
        let Self { mut errors, not_kept, .. } = self;
        errors.sort_by_key(|error| error.location);
        FleetErrors { errors, not_kept }
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn wrong_type(&mut self, node: &Node<'_>, field: &str, wanted: &'static str) {
        let found = match &node.value {
            Json::Bad => return,
            Json::Null => "null".to_owned(),
            Json::Bool(is) => is.to_string(),
            Json::Number(number) => format!("the number {}", shown(number)),
            Json::Text(text) => format!("the text `{}`", shown(text)),
            Json::List(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
        };
        self.error(node.at, field, Problem::WrongType { found, wanted });
    }

    /// The fields of an object; unknown and repeated ones are errors.
    pub(super) fn object<'n>(
        &mut self,
        node: &'n Node<'n>,
        field: &str,
        known: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        let Json::Object(members) = &node.value else {
            self.wrong_type(node, field, "an object");
            return None;
        };
        let mut fields = Fields::new();
        for member in members {
            let name: &str = &member.name;
            if let Some(first) = fields.get(name) {
                let first = self.location(first.at);
                self.error(member.at, field, Problem::DuplicateField { name: shown(name), first });
                continue;
            }
            if !known.contains(&name) {
                let nearest = if self.full() { None } else { nearest(name, known) };
                self.error(member.at, field, Problem::UnknownField { name: shown(name), nearest, known });
            }
            fields.insert(name, member);
        }
        Some(fields)
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node<'n>, field: &str) -> Option<&'n [Node<'n>]> {
        match &node.value {
            Json::List(items) => Some(items),
            _ => {
                self.wrong_type(node, field, "a list");
                None
            }
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node<'n>, field: &str) -> Option<&'n str> {
        match &node.value {
            Json::Text(text) => Some(text),
            Json::Number(given) => {
                self.error(node.at, field, Problem::NumberWithoutQuotes { given: shown(given) });
                None
            }
            _ => {
                self.wrong_type(node, field, "a text");
                None
            }
        }
    }

    /// A text that is parsed into a `T`.
    pub(super) fn parsed<T>(&mut self, node: &Node<'_>, field: &str) -> Option<T>
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

    /// A whole number up to `limit`; `min` and `max` are what a message says.
    pub(super) fn number(&mut self, node: &Node<'_>, field: &str, limit: u64, (min, max): (u64, u64)) -> Option<u64> {
        let problem = match &node.value {
            Json::Number(given) => match given.parse::<u64>() {
                Ok(number) if number <= limit => return Some(number),
                _ => Problem::NotANumber { given: shown(given), min, max },
            },
            Json::Text(given) if given.parse::<u64>().is_ok() => Problem::NumberInQuotes { given: shown(given) },
            _ => {
                self.wrong_type(node, field, "a whole number");
                return None;
            }
        };
        self.error(node.at, field, problem);
        None
    }

    /// One of a few texts, by its place among them.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        node: &Node<'_>,
        field: &str,
        known: &'static [&'static str],
        values: &[T],
    ) -> Option<T> {
        let given = self.text(node, field)?;
        let found = known.iter().zip(values).find(|(name, _)| **name == given).map(|(_, value)| *value);
        if found.is_none() {
            let nearest = nearest(given, known);
            self.error(node.at, field, Problem::UnknownValue { given: shown(given), nearest, known });
        }
        found
    }

    pub(super) fn required<'n>(
        &mut self,
        object: &Node<'_>,
        fields: &Fields<'n>,
        field: &str,
        (name, example): (&'static str, &'static str),
    ) -> Option<&'n Node<'n>> {
        let found = fields.get(name).map(|member| &member.node);
        if found.is_none() {
            self.error(object.at, field, Problem::MissingField { name, example });
        }
        found
    }
}
