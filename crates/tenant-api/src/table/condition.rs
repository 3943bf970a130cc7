//! Preconditions as condition expressions: the table compares and changes in one step, so that nothing is read first.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use naming::runtime;

use super::item::attribute;
use crate::etag::{Preconditions, Tags};

/// A condition expression and its values.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Condition {
    pub(super) expression: Option<String>,
    pub(super) values: BTreeMap<String, AttributeValue>,
}

/// What a change does to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Write,
    /// Of a document that is not there, deletion has been done already, whatever the tag
    /// ([RFC 9110, section 13.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1-14)).
    Delete,
}

impl Condition {
    pub(super) fn of(preconditions: &Preconditions, change: Change) -> Self {
        let mut condition = Self::default();
        let (there, gone) = ("attribute_exists", "attribute_not_exists");
        let exists = |function: &str| format!("{function}({})", runtime::SORT_KEY);
        let matched = preconditions.if_match.as_ref().map(|tags| match tags {
            Tags::Any => exists(there),
            Tags::Listed(tags) => condition.one_of("m", tags),
        });
        let matched = matched.map(|holds| match change {
            Change::Write => holds,
            Change::Delete => format!("({} OR {holds})", exists(gone)),
        });
        let unmatched = preconditions.if_none_match.as_ref().map(|tags| match tags {
            Tags::Any => exists(gone),
            Tags::Listed(tags) => format!("(NOT {})", condition.one_of("n", tags)),
        });
        let parts: Vec<String> = matched.into_iter().chain(unmatched).collect();
        condition.expression = (!parts.is_empty()).then(|| parts.join(" AND "));
        condition
    }

    /// That the tag is one of these. Of no tags there is none, so a list of weak tags only holds for nothing.
    fn one_of(&mut self, prefix: &str, tags: &[String]) -> String {
        if tags.is_empty() {
            // A sort key is a text, so this never holds.
            return format!("attribute_type({}, :never)", self.never());
        }
        let names: Vec<String> = (0..tags.len()).map(|index| format!(":{prefix}{index}")).collect();
        self.values.extend(names.iter().cloned().zip(tags.iter().cloned().map(AttributeValue::S)));
        format!("({} IN ({}))", attribute::ETAG, names.join(", "))
    }

    fn never(&mut self) -> &'static str {
        self.values.insert(":never".to_owned(), AttributeValue::S("NULL".to_owned()));
        runtime::SORT_KEY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(if_match: Option<Tags>, if_none_match: Option<Tags>, change: Change) -> Option<String> {
        Condition::of(&Preconditions { if_match, if_none_match }, change).expression
    }

    /// "`If-Match` / `If-None-Match: *` honoured by condition expressions (no read-then-write)"
    #[test]
    fn each_precondition_is_a_condition_of_the_table() {
        let listed = || Some(Tags::Listed(vec!["a".to_owned(), "b".to_owned()]));
        let write = |m, n| expression(m, n, Change::Write);
        assert_eq!(write(None, None), None);
        assert_eq!(write(Some(Tags::Any), None).unwrap(), "attribute_exists(resource_type)");
        assert_eq!(write(None, Some(Tags::Any)).unwrap(), "attribute_not_exists(resource_type)");
        assert_eq!(write(listed(), None).unwrap(), "(etag IN (:m0, :m1))");
        assert_eq!(write(None, listed()).unwrap(), "(NOT (etag IN (:n0, :n1)))");
        assert_eq!(
            write(listed(), Some(Tags::Any)).unwrap(),
            "(etag IN (:m0, :m1)) AND attribute_not_exists(resource_type)"
        );
        assert_eq!(
            expression(listed(), None, Change::Delete).unwrap(),
            "(attribute_not_exists(resource_type) OR (etag IN (:m0, :m1)))"
        );
        let weak =
            Condition::of(&Preconditions { if_match: Some(Tags::Listed(vec![])), if_none_match: None }, Change::Write);
        assert_eq!(weak.expression.unwrap(), "attribute_type(resource_type, :never)");
    }
}
