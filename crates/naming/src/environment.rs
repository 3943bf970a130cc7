//! The value of the tag `Environment`.

use crate::name::{parsed_string, shown};

/// What the tag `Environment` says: 1 to [`Environment::MAX`] letters, digits, spaces and `_.:/=+-@`, the characters that every AWS
/// service takes in a tag value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment(String);

/// Why a text cannot be the tag `Environment`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// No character, or more than [`Environment::MAX`].
    #[error("the environment has {length} characters; give 1 to {}, for example `development`", Environment::MAX)]
    Length {
        /// How many characters it has.
        length: usize,
    },
    /// A character that not every service takes in a tag value.
    #[error("environment `{given}` contains {found:?}; tag values hold letters, digits, spaces and _.:/=+-@")]
    BadCharacter {
        /// The text as it was given.
        given: String,
        /// The first character that is not allowed.
        found: char,
    },
}

impl Environment {
    /// The most characters: it is the value of a tag, of which AWS takes up to 256.
    pub const MAX: usize = 64;

    fn parse(given: &str) -> Result<Self, EnvironmentError> {
        let length = given.chars().count();
        if length == 0 || length > Self::MAX {
            return Err(EnvironmentError::Length { length });
        }
        match given.chars().find(|c| !(c.is_ascii_alphanumeric() || " _.:/=+-@".contains(*c))) {
            Some(found) => Err(EnvironmentError::BadCharacter { given: shown(given), found }),
            None => Ok(Self(given.to_owned())),
        }
    }
}

parsed_string!(Environment, EnvironmentError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_templates_cannot_enter_by_a_tag() {
        assert!("${var.x}".parse::<Environment>().is_err());
        assert!("".parse::<Environment>().is_err());
        assert_eq!("pre-production".parse::<Environment>().unwrap().as_str(), "pre-production");
    }
}
