//! The texts that come from outside: parsed once, then safe in a key, a message and a command line.

use naming::shown;

/// Why a text is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{given}` is not 1 to {max} characters of {allowed}, starting with a letter or a digit")]
pub struct TextError {
    /// What it should have been.
    pub what: &'static str,
    /// The text as it was given, cut.
    pub given: String,
    /// The most characters.
    pub max: usize,
    /// The characters beside letters and digits of ASCII.
    pub allowed: &'static str,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $others:literal, $allowed:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters.
            pub const MAX: usize = $max;

            /// The text that was parsed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;

            fn from_str(given: &str) -> Result<Self, TextError> {
                let legal = |c: char| c.is_ascii_alphanumeric() || $others.contains(c);
                let starts = given.starts_with(|c: char| c.is_ascii_alphanumeric());
                if starts && given.len() <= Self::MAX && given.chars().all(legal) {
                    Ok(Self(given.to_owned()))
                } else {
                    Err(TextError { what: $what, given: shown(given), max: $max, allowed: $allowed })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(given: String) -> Result<Self, TextError> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// What names one request of whoever asks: the same at every delivery, another for another request. Unique for one tenant.
    RequestId, "request id", 128, "._:-", "A-Z, a-z, 0-9 and ._:-"
}
text! {
    /// What a customer pays for, in the words of whoever sells it.
    PlanName, "plan", 64, " ._-", "A-Z, a-z, 0-9, space and ._-"
}
text! {
    /// Who holds a lease: the ARN of an execution, a build, a process of a machine.
    LeaseOwner, "lease owner", 512, "._:/@-", "A-Z, a-z, 0-9 and ._:/@-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_key_or_an_argument_is_no_request_id() {
        assert_eq!("crm-2026:4711.a_b".parse::<RequestId>().unwrap().as_str(), "crm-2026:4711.a_b");
        for given in ["", "-rf", "a b", "a#b", "a/b", "a\nb", "é", "$(x)", "a;b", "'a'"] {
            assert!(given.parse::<RequestId>().is_err(), "{given}");
        }
        assert!("a".repeat(128).parse::<RequestId>().is_ok() && "a".repeat(129).parse::<RequestId>().is_err());
        assert_eq!(
            "a b".parse::<RequestId>().unwrap_err().to_string(),
            "request id `a b` is not 1 to 128 characters of A-Z, a-z, 0-9 and ._:-, starting with a letter or a digit"
        );
    }
}
