//! The name of a document: what stands in the path and in the table's sort key.

/// The name of a document: 1 to [`ResourceType::MAX`] characters of `a-z`, `0-9`, `.`, `_` and `-`, the first one a letter or a
/// digit. What the function keeps for itself begins with another character (`table::Key`), so no request can name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceType(String);

/// Why a text is no name of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a resource type has 1 to {} characters of a-z, 0-9, `.`, `_` and `-`, the first one a letter or a digit",
    ResourceType::MAX
)]
pub struct ResourceTypeError;

impl ResourceType {
    /// The most characters.
    pub const MAX: usize = 128;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ResourceType {
    type Err = ResourceTypeError;

    fn from_str(text: &str) -> Result<Self, ResourceTypeError> {
        let first = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let rest = |c: &u8| first(*c) || matches!(c, b'.' | b'_' | b'-');
        let fits =
            text.len() <= Self::MAX && text.bytes().next().is_some_and(first) && text.as_bytes().iter().all(rest);
        if fits { Ok(Self(text.to_owned())) } else { Err(ResourceTypeError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", ".", "..", "-a", "_a", "A", "a/b", "a b", "#lifecycle", "a%2fb", "ä", "a\n", &"a".repeat(129)]
        {
            assert!(text.parse::<ResourceType>().is_err(), "{text:?}");
        }
        for text in ["a", "0", "plan", "billing.v2", "a_b-c", &"a".repeat(128)] {
            assert_eq!(text.parse::<ResourceType>().unwrap().as_str(), text);
        }
    }

    proptest! {
        /// The range that a list asks for is exactly the names of documents.
        #[test]
        fn every_name_lies_in_the_range_of_lists(text in any::<String>()) {
            if let Ok(name) = text.parse::<ResourceType>() {
                let [first, end] = crate::table::Key::RESOURCES;
                prop_assert!((first..end).contains(&name.as_str()));
            }
        }
    }
}
