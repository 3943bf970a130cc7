//! The error code in a message of the AWS provider, and the message without what nobody reads.

use std::sync::LazyLock;

use regex::{Match, Regex};

/// The forms in which the provider passes AWS's errors on, from the surest to the least sure one. The first group is the code.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // AWS SDK for Go v2, an error that the SDK does not know as a type.
        r"api error ([A-Za-z][A-Za-z0-9.]*)",
        // The same with a type of its own.
        r"StatusCode: [0-9]+, RequestID: [^,\s]*,(?: HostID: [^,\s]*,)? ([A-Z][A-Za-z0-9.]+)(?::|$|\n)",
        // AWS SDK for Go v1, still in parts of the provider and of Terraform's backends.
        r"(?:^|[\s(])((?:AWS\.SimpleQueueService\.)?(?:[A-Z]+[a-z0-9]+){2,}(?:\.[A-Z][A-Za-z]+)?|Throttling): [^\n]*\n\s*status code: [0-9]+",
        // What the provider makes itself of an error: a word in camel case before a colon or at the end.
        r"(?:^|[\s(])((?:AWS\.SimpleQueueService\.)?(?:[A-Z]+[a-z0-9]+){2,}(?:\.[A-Z][A-Za-z]+)?|Throttling)(?::\s|:?$|:?\n)",
    ]
    .iter()
    .filter_map(|form| Regex::new(form).ok())
    .collect()
});

/// What stands between what was done and what AWS said: the operation, the HTTP status, ids.
static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:operation error [A-Za-z0-9 ]+: [A-Za-z0-9]+, )?(?:exceeded maximum number of attempts, [0-9]+, )?",
        r"https response error StatusCode: [0-9]+, RequestID: [^,\s]*,(?: HostID: [^,\s]*,)? (?:api error )?",
        r"|\n\s*status code: [0-9]+, request id: \S*(?:, host id: \S*)?",
        r"|\n\{\s*RespMetadata: (?s:.*)",
    ))
    .ok()
});

/// How many forms there are that have not been understood: none.
#[cfg(test)]
pub(super) fn forms() -> (usize, bool) {
    (FORMS.len(), NOISE.is_some())
}

/// The code, if there is one.
pub(super) fn code(text: &str) -> Option<&str> {
    // `OperationTypeApply` is no error, nor is what follows an error in the notation of Go.
    let text =
        ["Lock Info:", "\n{\n"].iter().fold(text, |text, end| text.split_once(end).map_or(text, |(text, _)| text));
    FORMS
        .iter()
        .find_map(|form| form.captures_iter(text).filter_map(|found| found.get(1)).find(|found| is_code(text, found)))
        .map(|code| code.as_str().trim_end_matches('.'))
}

/// Whether it is a code, and not a part of how the SDK tells of one: `operation error EventBridge: PutRule, … StatusCode: 400`.
fn is_code(text: &str, found: &Match) -> bool {
    let before = text.get(..found.start()).unwrap_or_default();
    !before.ends_with("operation error ") && !matches!(found.as_str(), "StatusCode" | "RequestID" | "HostID")
}

/// The HTTP status, if there is one.
pub(super) fn status(text: &str) -> Option<u16> {
    let after = ["StatusCode: ", "status code: "].iter().find_map(|name| text.split_once(name))?.1;
    after.get(..3)?.parse().ok()
}

/// The text on one line, without the noise, of at most 300 characters.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let clean = NOISE.as_ref().map_or(text.into(), |noise| noise.replace_all(text, ""));
    let mut line = String::new();
    for word in clean.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 2 * LONGEST {
            break;
        }
    }
    // `BucketAlreadyExists:` has a message elsewhere and none here.
    let line = line.trim_end_matches([':', ' ']);
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    format!("{}…", cut.trim_end())
}
