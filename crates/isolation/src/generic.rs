//! May one argument stand for all tenants of a class? Their ids are replaced by single marks; that changes no answer unless a wildcard or a
//! word of the policies can cut into an id.
//!
//! Let `h` put the ids back in place of the marks. A text of the fleet matches a pattern after `h` if it does before, because a wildcard
//! takes a mark as well as an id. The other way round it fails only where a literal part of a pattern lies over a part of an id, or where
//! a word of the policies is an id by chance:
//!
//! 1. texts without wildcards are equal after `h` only if they are before, because no two stacks share a name (a rule of its own), unless
//!    the id is a word that stands in them anyway ([`Strings::has_word`]);
//! 2. a pattern's part that ends at a wildcard lies over a part of an id only if the word at its end begins like the id, or goes on from
//!    the mark of another id ([`Edges::cuts`], [`Edges::beside_ids`]).
//!
//! Tenants for whom this cannot be excluded are judged by themselves, with their real ids.

use std::collections::BTreeSet;

use crate::iam::{Policy, Selector};
use crate::model::Model;

/// What of a stack's texts can meet an id.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    words: BTreeSet<String>,
    edges: Edges,
}

#[derive(Debug, Default)]
struct Edges {
    /// Words at the end of a part, before a wildcard.
    before: BTreeSet<String>,
    /// Words at the start of a part, behind a wildcard.
    behind: BTreeSet<String>,
    /// Some such word holds a mark: `tenant-{id}-*`.
    beside_ids: bool,
    /// Some pattern has a form for which nothing is claimed.
    unclear: bool,
}

fn in_word(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || is_mark(c)
}

fn variables_marked(text: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        found.push_str(before);
        found.push('\u{f000}');
        rest = inside.split_once('}').map_or("", |(_, after)| after);
    }
    found + rest
}

/// Marks are characters for private use, but for the one that stands for what is unknown.
fn is_mark(c: char) -> bool {
    ('\u{e000}'..'\u{f8ff}').contains(&c)
}

impl Strings {
    /// Takes in all texts of a stack that are compared with others.
    pub(crate) fn take(&mut self, model: &Model) {
        for role in &model.roles {
            self.text(&role.arn);
            role.tags.values().for_each(|value| self.text(value));
            role.identity.iter().chain(&role.boundary).chain(&role.trust).for_each(|policy| self.policy(policy));
        }
        for resource in &model.resources {
            self.text(&resource.name);
            resource.arns.iter().for_each(|arn| self.pattern(arn));
            resource.policy.iter().for_each(|policy| self.policy(policy));
            let values = resource.known.values().flatten().flatten().flatten();
            values.for_each(|value| self.text(value));
        }
        for endpoint in &model.endpoints {
            endpoint.policy.iter().for_each(|policy| self.policy(policy));
        }
    }

    fn policy(&mut self, policy: &Policy) {
        for statement in policy.statements.iter() {
            let resources: Option<&Selector> = statement.resources.as_ref();
            let resources = resources.iter().flat_map(|selector| &selector.patterns);
            let values = statement.conditions.iter().flat_map(|condition| &condition.values);
            resources.chain(values).for_each(|pattern| self.pattern(pattern.text()));
            statement.principals.iter().flat_map(|principals| &principals.aws).for_each(|arn| self.text(arn));
        }
    }

    fn text(&mut self, text: &str) {
        let words = text.split(|c| !in_word(c)).filter(|word| !word.is_empty() && !word.contains(is_mark));
        self.words.extend(words.map(str::to_owned));
    }

    fn pattern(&mut self, text: &str) {
        self.text(text);
        if !text.contains(['*', '?']) {
            return;
        }
        self.edges.unclear |= text.contains('?');
        // A variable becomes an id.
        let text = variables_marked(text);
        let parts: Vec<&str> = text.split('*').collect();
        for (n, part) in parts.iter().enumerate() {
            let end = part
                .rfind(|c| !in_word(c))
                .map_or(0, |at| at + part.get(at..).and_then(|c| c.chars().next()).map_or(1, char::len_utf8));
            let start = part.find(|c| !in_word(c)).unwrap_or(part.len());
            let (last, first) = (part.get(end..).unwrap_or_default(), part.get(..start).unwrap_or_default());
            if n + 1 < parts.len() && !last.is_empty() {
                self.edges.unclear |= n > 0 && end == 0;
                self.edges.beside_ids |= last.contains(is_mark);
                self.edges.before.insert(last.to_owned());
            }
            if n > 0 && !first.is_empty() {
                self.edges.unclear |= first.contains(is_mark);
                self.edges.behind.insert(first.to_owned());
            }
        }
    }

    /// Whether a tenant with this id has to be judged by itself.
    pub(crate) fn meets(&self, id: &str) -> bool {
        self.words.contains(id) || self.edges.cuts(id)
    }

    /// Whether a wildcard stands right behind a name with an id, so that an id that goes on from another one is met by it.
    pub(crate) fn beside_ids(&self) -> bool {
        self.edges.beside_ids
    }

    /// Whether nothing can be claimed of tenants that are not judged by themselves.
    pub(crate) fn unclear(&self) -> bool {
        self.edges.unclear
    }
}

impl Edges {
    /// Whether a part of a pattern can end or start inside of the id.
    fn cuts(&self, id: &str) -> bool {
        let meets = |word: &str| !word.is_empty() && (id.starts_with(word) || word.starts_with(id));
        let ends_inside = self.before.iter().any(|word| meets(word) || word.strip_prefix("tenant-").is_some_and(meets));
        ends_inside
            || self
                .behind
                .iter()
                .any(|word| (1..=word.len()).any(|n| word.get(..n).is_some_and(|start| id.ends_with(start))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(patterns: &[&str]) -> Strings {
        let mut strings = Strings::default();
        patterns.iter().for_each(|text| strings.pattern(text));
        strings
    }

    #[test]
    fn an_id_that_is_a_word_of_the_policies_is_met() {
        let strings =
            strings(&["arn:aws:iam::1:role/tenant-\u{e100}-api-role-dev", "arn:aws:dynamodb:us-east-1:1:table/x"]);
        assert!(strings.meets("role") && strings.meets("table") && strings.meets("us-east-1"));
        assert!(!strings.meets("api") && !strings.meets("acme"));
        assert!(!strings.beside_ids() && !strings.unclear());
    }

    #[test]
    fn a_wildcard_cuts_into_ids_that_begin_or_end_like_its_neighbours() {
        let strings = strings(&["arn:aws:iam::*:role/tenant-*", "x:*-corp/y"]);
        assert!(strings.meets("tenant-x") && strings.meets("acme-corp"), "{strings:?}");
        assert!(!strings.meets("acme") && !strings.meets("corp-x"));
        assert!(!strings.beside_ids() && !strings.unclear());
    }

    #[test]
    fn a_wildcard_beside_an_id_is_told() {
        assert!(strings(&["arn:aws:s3:::tenant-\u{e100}-*"]).beside_ids());
        assert!(!strings(&["arn:aws:s3:::tenant-\u{e100}-data-dev/*", "a:\u{e100}/*"]).beside_ids());
        assert!(strings(&["a:tenant-${aws:PrincipalTag/TenantId}-*"]).beside_ids());
        assert!(!strings(&["a:b/${aws:PrincipalTag/TenantId}/*"]).beside_ids());
        assert!(strings(&["a:tenant-?-data"]).unclear());
        assert!(strings(&["*acme*"]).unclear());
    }
}
