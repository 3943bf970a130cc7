//! The environment suffix, which keeps two environments in one account apart.

use crate::name::{parsed_string, shown};

/// The last part of every name: 1 to [`EnvironmentSuffix::MAX`] characters of `a-z` and `0-9`.
///
/// It holds no hyphen, so that the end of a name can be read back without doubt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentSuffix(String);

/// Why a text is no environment suffix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuffixError {
    /// No character at all.
    #[error("the environment suffix is empty; give 1 to {} characters, for example `dev`", EnvironmentSuffix::MAX)]
    Empty,
    /// More than [`EnvironmentSuffix::MAX`] characters.
    #[error(
        "environment suffix `{given}` has {length} characters; at most {} fit into the longest name, the S3 bucket's",
        EnvironmentSuffix::MAX
    )]
    TooLong {
        /// The text as it was given.
        given: String,
        /// How many characters it has.
        length: usize,
    },
    /// A hyphen, an upper-case letter or anything else that is not allowed.
    #[error("environment suffix `{given}` contains {found:?}; allowed are a-z and 0-9, without hyphens")]
    BadCharacter {
        /// The text as it was given.
        given: String,
        /// The first character that is not allowed.
        found: char,
    },
}

impl EnvironmentSuffix {
    /// The most characters of a suffix.
    pub const MAX: usize = 12;

    fn parse(given: &str) -> Result<Self, SuffixError> {
        let length = given.chars().count();
        if length == 0 {
            return Err(SuffixError::Empty);
        }
        if length > Self::MAX {
            return Err(SuffixError::TooLong { given: shown(given), length });
        }
        match given.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9')) {
            Some(found) => Err(SuffixError::BadCharacter { given: shown(given), found }),
            None => Ok(Self(given.to_owned())),
        }
    }
}

parsed_string!(EnvironmentSuffix, SuffixError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_is_refused_because_a_name_could_no_longer_be_read_back() {
        assert_eq!(
            "dev-1".parse::<EnvironmentSuffix>().unwrap_err().to_string(),
            "environment suffix `dev-1` contains '-'; allowed are a-z and 0-9, without hyphens"
        );
        assert!("".parse::<EnvironmentSuffix>().is_err());
        assert!("a".repeat(13).parse::<EnvironmentSuffix>().is_err());
        assert_eq!("pr123".parse::<EnvironmentSuffix>().unwrap().as_str(), "pr123");
    }
}
