//! The version of a release.

use naming::shown;
use semver::Version;

/// A version of the program, as [Semantic Versioning](https://semver.org/spec/v2.0.0.html) has it, without build metadata: it names a release,
/// below which its zip lies, so that nothing but a version may stand in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release(Version);

/// Why a text is no version of a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no version of a release; write it as `1.2.3` or `1.2.3-rc.1`")]
pub struct ReleaseError {
    /// The text as it was given, cut.
    pub given: String,
}

impl Release {
    /// The most characters.
    pub const MAX: usize = 64;
}

impl std::str::FromStr for Release {
    type Err = ReleaseError;

    fn from_str(given: &str) -> Result<Self, ReleaseError> {
        let version = Version::parse(given).ok().filter(|version| version.build.is_empty() && given.len() <= Self::MAX);
        version.map(Self).ok_or_else(|| ReleaseError { given: shown(given) })
    }
}

impl TryFrom<String> for Release {
    type Error = ReleaseError;

    fn try_from(given: String) -> Result<Self, ReleaseError> {
        given.parse()
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Release> for String {
    fn from(release: Release) -> Self {
        release.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is taken is one plain name: no directory, no option, nothing that a shell would read.
        #[test]
        fn what_is_taken_is_written_as_it_was_given_and_is_one_plain_name(given in "[0-9]{1,2}(\\.|/|-|[0-9a-z+$; ]){0,12}") {
            if let Ok(release) = given.parse::<Release>() {
                prop_assert_eq!(release.to_string(), given.as_str());
                prop_assert!(given.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c)), "{}", given);
                prop_assert!(!given.contains("..") && given.starts_with(|c: char| c.is_ascii_digit()), "{}", given);
            }
        }
    }

    #[test]
    fn only_a_version_is_taken() {
        for given in ["0.1.0", "12.0.3", "1.2.3-rc.1", "1.0.0-alpha-2"] {
            assert_eq!(given.parse::<Release>().unwrap().to_string(), given);
        }
        let long = format!("1.2.3-{}", "a".repeat(Release::MAX));
        for given in [
            "",
            "1",
            "1.2",
            "v1.2.3",
            "01.2.3",
            "1.2.3+build",
            "1.2.3/..",
            "../1.2.3",
            "1.2.3/",
            "1.2.3 ",
            "1.2.3\n",
            "1.2.3-",
            "1.2.3-a..b",
            "-1.2.3",
            "1.2.3;id",
            "1.2.3-$(id)",
            "1.2.3-é",
            "latest",
            &long,
        ] {
            assert!(given.parse::<Release>().is_err(), "{given}");
        }
        assert_eq!(
            "../x".parse::<Release>().unwrap_err().to_string(),
            "`../x` is no version of a release; write it as `1.2.3` or `1.2.3-rc.1`"
        );
    }
}
