//! Text in a Terraform document: what is literal is escaped, what is a template is made here and nowhere else.

use std::fmt::Write;

use naming::ResourceName;
use serde::Serialize;

/// A string of a Terraform JSON document.
///
/// Literal text is escaped, so that `${` and `%{` in it mean themselves; references come from an [`Expr`](crate::Expr), and IAM's own
/// variables from [`Text::iam_variable`], which Terraform passes on.
///
/// ```
/// use construct::Text;
/// assert_eq!(Text::literal("100 ${x} %{y} ${").as_str(), "100 $${x} %%{y} $${");
/// assert_eq!(Text::iam_variable("aws:PrincipalTag/TenantId").as_str(), "$${aws:PrincipalTag/TenantId}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Text that means itself.
    pub fn literal(text: impl AsRef<str>) -> Self {
        Self::default().lit(text)
    }

    /// No text yet, with room for so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// A variable that IAM fills in, for example `aws:PrincipalTag/TenantId`.
    pub fn iam_variable(key: &str) -> Self {
        Self(format!("$${{{key}}}"))
    }

    /// A reference, written as Terraform wants it. Only this crate knows what may stand in it.
    pub(crate) fn reference(source: &str) -> Self {
        Self(format!("${{{source}}}"))
    }

    /// This text, then literal text.
    #[must_use]
    pub fn lit(mut self, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if text.contains("${") || text.contains("%{") {
            self.0.push_str(&text.replace("${", "$${").replace("%{", "%%{"));
        } else {
            self.0.push_str(text);
        }
        self
    }

    /// This text, then another one.
    #[must_use]
    pub fn then(mut self, text: impl Into<Text>) -> Self {
        self.0.push_str(&text.into().0);
        self
    }

    /// The JSON of a value whose strings are texts already, as for an IAM policy. Of a value that has none it is the reason, which nobody
    /// takes for a policy: neither the proof nor AWS.
    pub fn json(value: &impl Serialize) -> Self {
        Self(serde_json::to_string(value).unwrap_or_else(|error| error.to_string()))
    }

    /// The text as it stands in the document.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl From<&ResourceName> for Text {
    fn from(name: &ResourceName) -> Self {
        Self::literal(name.as_str())
    }
}

impl From<ResourceName> for Text {
    fn from(name: ResourceName) -> Self {
        Self::from(&name)
    }
}

/// Joins texts, for example the fields of an ARN.
impl FromIterator<Text> for Text {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        let mut joined = String::new();
        for text in texts {
            // Writing to a `String` cannot fail.
            let _ = joined.write_str(&text.0);
        }
        Self(joined)
    }
}
