//! The name of a resource, written in one place only.

use serde::Serialize;

/// The name of one AWS resource: `tenant-{id}-{kind}-{suffix}`, or `platform-{kind}-{suffix}` for what tenants share.
///
/// Made only by [`TenantId::name`](crate::TenantId::name) and [`PlatformKind::name`](crate::PlatformKind::name). The lengths of id, kind and
/// suffix are bounded, so that every name fits the shortest limit of the services that use it: 63 characters, an S3 bucket's
/// ([bucket naming rules](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ResourceName(pub(crate) String);

impl ResourceName {
    /// The most characters of a name: an S3 bucket's limit.
    pub const MAX: usize = 63;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ResourceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most characters of given text that a message shows.
const SHOWN: usize = 60;

/// Given text for a message: what would not print is escaped, what is long is cut.
pub fn shown(text: &str) -> String {
    let printed = |c: char| match c {
        // What `escape_debug` escapes only for Rust's own sake.
        '"' | '\'' => (Some(c), None),
        _ => (None, Some(c.escape_debug())),
    };
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(printed)
        .flat_map(|(c, escaped)| c.into_iter().chain(escaped.into_iter().flatten()))
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// The doors of a type that holds a parsed text: `FromStr`, `TryFrom<String>`, `Display`, `as_str` and serde.
macro_rules! parsed_string {
    ($name:ident, $error:ident) => {
        impl $name {
            /// The text that was parsed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(given: &str) -> Result<Self, $error> {
                Self::parse(given)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(given: String) -> Result<Self, $error> {
                Self::parse(&given)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let given = String::deserialize(deserializer)?;
                Self::parse(&given).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use parsed_string;
