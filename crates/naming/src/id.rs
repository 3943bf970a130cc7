//! The tenant id: the one value from which every name of a tenant is made.

use crate::name::{parsed_string, shown};

/// The id of a tenant: 2 to [`TenantId::MAX`] characters of `a-z`, `0-9` and single inner hyphens, starting with a letter.
///
/// The only doors are [`FromStr`](std::str::FromStr) and serde, and both parse.
///
/// ```
/// use naming::TenantId;
/// assert_eq!("acme-corp".parse::<TenantId>().unwrap().as_str(), "acme-corp");
/// assert!("acme--corp".parse::<TenantId>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

/// Why a text is no tenant id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantIdError {
    /// Fewer than [`TenantId::MIN`] characters.
    #[error("tenant id `{given}` is too short; it needs at least {} characters", TenantId::MIN)]
    TooShort {
        /// The text as it was given.
        given: String,
    },
    /// More than [`TenantId::MAX`] characters.
    #[error(
        "tenant id `{given}` has {length} characters; at most {} fit, because the longest name made from it, the S3 bucket's \
         `tenant-<id>-<resource>-<suffix>`, may have 63",
        TenantId::MAX
    )]
    TooLong {
        /// The first characters of the text.
        given: String,
        /// How many characters it has.
        length: usize,
    },
    /// A character that AWS names or this scheme do not allow.
    #[error("tenant id `{given}` contains {found:?}; allowed are a-z, 0-9 and `-`{}", did_you_mean(suggestion))]
    BadCharacter {
        /// The text as it was given.
        given: String,
        /// The first character that is not allowed.
        found: char,
        /// A legal id that looks like the given text.
        suggestion: Option<String>,
    },
    /// The first character is not a letter.
    #[error("tenant id `{given}` starts with {found:?}; it must start with a letter a-z")]
    BadStart {
        /// The text as it was given.
        given: String,
        /// Its first character.
        found: char,
    },
    /// The last character is a hyphen.
    #[error("tenant id `{given}` ends with `-`; it must end with a letter or a digit")]
    TrailingHyphen {
        /// The text as it was given.
        given: String,
    },
    /// Two hyphens in a row.
    #[error("tenant id `{given}` has two hyphens in a row; use single hyphens")]
    DoubleHyphen {
        /// The text as it was given.
        given: String,
    },
    /// One of [`TenantId::RESERVED`].
    #[error("tenant id `{given}` is reserved for what tenants share; choose another id, for example `{given}-inc`")]
    Reserved {
        /// The text as it was given.
        given: String,
    },
}

fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default()
}

impl TenantId {
    /// The fewest characters of an id.
    pub const MIN: usize = 2;
    /// The most characters of an id, so that the longest bucket name is legal.
    pub const MAX: usize = 30;
    /// Ids that would be mistaken for what all tenants share.
    pub const RESERVED: [&'static str; 3] = ["platform", "central", "shared"];

    fn parse(given: &str) -> Result<Self, TenantIdError> {
        let text = || shown(given);
        let length = given.chars().count();
        if length > Self::MAX {
            return Err(TenantIdError::TooLong { given: text(), length });
        }
        if let Some(found) = given.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            let lower = given.trim().to_lowercase().replace(['_', ' ', '.'], "-");
            let suggestion = (lower != given).then(|| Self::parse(&lower).ok()).flatten().map(|id| id.0);
            return Err(TenantIdError::BadCharacter { given: text(), found, suggestion });
        }
        if length < Self::MIN {
            return Err(TenantIdError::TooShort { given: text() });
        }
        if let Some(found) = given.chars().next().filter(|c| !c.is_ascii_lowercase()) {
            return Err(TenantIdError::BadStart { given: text(), found });
        }
        if given.ends_with('-') {
            return Err(TenantIdError::TrailingHyphen { given: text() });
        }
        if given.contains("--") {
            return Err(TenantIdError::DoubleHyphen { given: text() });
        }
        if Self::RESERVED.contains(&given) {
            return Err(TenantIdError::Reserved { given: text() });
        }
        Ok(Self(given.to_owned()))
    }
}

parsed_string!(TenantId, TenantIdError);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(text: &str) -> String {
        text.parse::<TenantId>().unwrap_err().to_string()
    }

    #[test]
    fn each_rule_has_its_own_message() {
        assert_eq!(
            message("Acme_Corp"),
            "tenant id `Acme_Corp` contains 'A'; allowed are a-z, 0-9 and `-`; did you mean `acme-corp`?"
        );
        assert_eq!(message("büro"), "tenant id `büro` contains 'ü'; allowed are a-z, 0-9 and `-`");
        assert_eq!(message(""), "tenant id `` is too short; it needs at least 2 characters");
        assert_eq!(message("-acme"), "tenant id `-acme` starts with '-'; it must start with a letter a-z");
        assert_eq!(message("acme-"), "tenant id `acme-` ends with `-`; it must end with a letter or a digit");
        assert_eq!(message("acme--corp"), "tenant id `acme--corp` has two hyphens in a row; use single hyphens");
        assert!(message("platform").contains("reserved"));
        assert!(message(&"a".repeat(31)).contains("has 31 characters; at most 30 fit"));
    }

    proptest! {
        #[test]
        fn parse_undoes_display(id in "[a-z][a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,3}") {
            prop_assume!(!TenantId::RESERVED.contains(&id.as_str()));
            let parsed: TenantId = id.parse().unwrap();
            prop_assert_eq!(parsed.to_string().parse::<TenantId>().unwrap(), parsed);
        }

        #[test]
        fn any_text_is_parsed_or_refused_without_a_panic(text in any::<String>()) {
            if let Ok(id) = text.parse::<TenantId>() {
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }
}
