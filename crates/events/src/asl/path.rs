//! Where in a state's data something is: reference paths, checked when the program is compiled.

use std::fmt;

/// A reference path: `$`, or `$.` and the names of fields, with dots between them. What AWS knows beyond that (indexes, filters) is not
/// needed here, and a name with anything but letters, digits, `_` and `-` would need brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(&'static str);

impl Path {
    /// The whole of the data.
    pub const ROOT: Self = Self("$");

    /// Use [`path!`](crate::path), which calls this while the program is compiled.
    ///
    /// # Panics
    /// When the text is no reference path.
    #[doc(hidden)]
    pub const fn new(text: &'static str) -> Self {
        assert!(is_path(text.as_bytes(), 1), "a reference path is `$` or `$.field.field`");
        Self(text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A path into the [context object][context], for example `$$.Execution.Id`.
///
/// [context]: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context(&'static str);

impl Context {
    /// The ARN of the run.
    pub const EXECUTION_ID: Self = Self("$$.Execution.Id");
    /// When the run began.
    pub const EXECUTION_START: Self = Self("$$.Execution.StartTime");

    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

#[expect(clippy::indexing_slicing, reason = "constant functions have no iterators; every index is below the length")]
const fn is_path(text: &[u8], dollars: usize) -> bool {
    let mut at = 0;
    while at < dollars {
        if at >= text.len() || text[at] != b'$' {
            return false;
        }
        at += 1;
    }
    // Whether a name must begin here: after a dot.
    let mut open = false;
    while at < text.len() {
        let byte = text[at];
        let named = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if byte == b'.' && !open {
            open = true;
        } else if named && (open || at > dollars) {
            open = false;
        } else {
            return false;
        }
        at += 1;
    }
    !open && !text.is_empty()
}

/// A reference path.
///
/// ```
/// use events::path;
/// assert_eq!(path!("$.request.tenant_id").to_string(), "$.request.tenant_id");
/// ```
///
/// ```compile_fail
/// use events::path;
/// assert_eq!(path!("request.tenant_id").to_string(), "$.request.tenant_id");
/// ```
#[macro_export]
macro_rules! path {
    ($text:literal) => {
        const { $crate::asl::Path::new($text) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_fields_and_nothing_else() {
        for good in ["$", "$.a", "$.a.b-c", "$.detail-type", "$.a_1.B"] {
            assert!(is_path(good.as_bytes(), 1), "{good}");
        }
        for bad in ["", "a", "$a", "$.", "$..a", "$.a.", "$.a[0]", "$$.a", "$.a b", "$.'a'", ".a"] {
            assert!(!is_path(bad.as_bytes(), 1), "{bad}");
        }
        for context in [Context::EXECUTION_ID, Context::EXECUTION_START] {
            assert!(is_path(context.as_str().as_bytes(), 2), "{context:?}");
        }
    }
}
