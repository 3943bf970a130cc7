//! Nothing secret in what is shown or kept: access keys, session tokens, parts of presigned URLs, authorization headers, private keys,
//! and any value that is known to be secret.
//!
//! Known values are found wherever they are, as they are or escaped. What is not known is recognised by its form or by the name before
//! it; so identifiers, ARNs, request ids and hashes stay as they are, and a log stays of use.
//!
//! - *Why is a secret access key found only by the name before it, or by its looks?* It is 40 characters of Base64 and nothing more, as a
//!   path can be. So without a name only what mixes its characters as chance does is taken for one. The credentials of a run itself are
//!   known values: [`Redactor::hide`] them.

mod lines;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Captures, Regex};

pub use lines::Copied;

/// What is written in place of a secret.
pub const MARK: &str = "[redacted]";

/// The shortest value that is hidden. What is shorter would be found in every word.
pub const SHORTEST: usize = 4;

/// Knows what is secret, and takes it out of text.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    values: Vec<String>,
    known: Option<AhoCorasick>,
}

/// A form of secret: what matches, and how much of it stays.
#[derive(Clone, Debug)]
struct Form {
    pattern: Regex,
    keeps: Keeps,
}

#[derive(Clone, Copy, Debug)]
enum Keeps {
    /// The group `keep`, which is the name, stays.
    Name,
    /// Nothing stays.
    Nothing,
    /// All of it stays unless it looks as if made by chance.
    UnlessByChance,
}

/// The names of values that are secret, as AWS, its SDKs, Terraform and shells write them.
const NAMES: &str = r"(?:aws[_-]?)?secret[_-]?access[_-]?key|(?:aws[_-]?)?secret[_-]?key|(?:aws[_-]?)?session[_-]?token|(?:aws[_-]?)?security[_-]?token|x-amz-security-token|x-amz-signature|x-amz-credential|awsaccesskeyid|secret[_-]?string|secret[_-]?binary|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|api[_-]?key|private[_-]?key|password|passwd|x-vault-token|[a-z0-9_]*(?:_secret|_password|_token|_secret_key|_private_key)";

/// Compiled once for all: it takes some milliseconds. None where one of them cannot be compiled, as without a feature of `regex`: nothing
/// is shown then, rather than a secret.
static FORMS: LazyLock<Option<Vec<Form>>> = LazyLock::new(|| {
    let compiled = |(pattern, keeps): (String, _)| Some(Form { pattern: Regex::new(&pattern).ok()?, keeps });
    patterns().into_iter().map(compiled).collect()
});

fn patterns() -> Vec<(String, Keeps)> {
    vec![
        // A header, up to the end of the line or of the quoted text.
        (
            concat!(
                r#"(?i-u)(?P<keep>\b(?:proxy-)?authorization\\*["']?\s*[:=]\s*\[?b?\\*["']?)"#,
                r#"(?:(?:aws4-hmac-sha256|aws|bearer|basic|digest|negotiate|token)\s[^"'\\\r\n]+|[^"'\\\s]{16,})"#
            )
            .to_owned(),
            Keeps::Name,
        ),
        (r"(?i-u)(?P<keep>\b(?:bearer|basic)\s+)[a-z0-9+/=._~-]{16,}".to_owned(), Keeps::Name),
        // `name = "value"`, `"name": "value"` as they are; then in a JSON string; then in a JSON string in a JSON string, or deeper.
        (format!(r#"(?i-u)(?P<keep>\b(?:{NAMES})["']?\s*(?:=>|[:=])\s*b?")(?:[^"\\\r\n]|\\.)+"#), Keeps::Name),
        (format!(r#"(?i-u)(?P<keep>\b(?:{NAMES})["']?\s*(?:=>|[:=])\s*b?')[^'\r\n]+"#), Keeps::Name),
        (
            format!(
                r#"(?i-u)(?P<keep>\b(?:{NAMES})(?:\\?["'])?\s*(?:=>|[:=])\s*\\")(?:[^"\\\r\n]|\\[^"\\]|\\{{2,}}.)+"#
            ),
            Keeps::Name,
        ),
        (format!(r#"(?i-u)(?P<keep>\b(?:{NAMES})(?:\\*["'])?\s*(?:=>|[:=])\s*\\{{2,}}")[^"\r\n]+"#), Keeps::Name),
        // `name=value`, `name: value`.
        (format!(r#"(?i-u)(?P<keep>\b(?:{NAMES})\\*["']?(?:\s?=\s?|:\s?))[^\s"'\\&,;(){{}}\[\]<>]+"#), Keeps::Name),
        // The signature of a presigned URL of the older kind, and parts of an authorization header that lost its name.
        (r"(?i-u)(?P<keep>[?&,\s]signature=)[a-z0-9%+/=_-]{8,}".to_owned(), Keeps::Name),
        (r#"(?i-u)(?P<keep>\bcredential=)[^\s"'\\&,\[\]]+"#.to_owned(), Keeps::Name),
        // Access key ids: long-term, temporary, bearer, context-specific.
        (r"(?-u)\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b".to_owned(), Keeps::Nothing),
        // Session tokens begin with the version of their format.
        (
            r"(?-u)\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/=%_-]{20,}".to_owned(),
            Keeps::Nothing,
        ),
        // A private key, also one that is cut off. Its line feeds may be escaped.
        (
            r"(?s-u)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)".to_owned(),
            Keeps::Nothing,
        ),
        (r"(?-u)[A-Za-z0-9+/_-]{40,}".to_owned(), Keeps::UnlessByChance),
    ]
}

impl Redactor {
    /// Knows the forms of secrets and no value yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hides these values too, each line of them, and their escaped forms. Values of less than [`SHORTEST`] bytes cannot be hidden.
    pub fn hide<I: IntoIterator<Item = S>, S: AsRef<str>>(&mut self, secrets: I) {
        for secret in secrets {
            let secret = secret.as_ref();
            for part in [secret].into_iter().chain(secret.lines()) {
                let part = part.trim_matches(['\r', '\n']);
                if part.len() >= SHORTEST {
                    self.values.extend(spellings(part));
                }
            }
        }
        self.values.sort_unstable();
        self.values.dedup();
        self.known = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.values).ok();
    }

    /// The text without its secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// One line, or some text, of any bytes, without its secrets.
    pub fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let mut text = Cow::Borrowed(text);
        if let Some(known) = &self.known
            && known.is_match(text.as_ref())
        {
            let mut clean = Vec::with_capacity(text.len());
            known.replace_all_with_bytes(&text, &mut clean, |_, _, out| {
                out.extend_from_slice(MARK.as_bytes());
                true
            });
            text = Cow::Owned(clean);
        }
        let Some(forms) = FORMS.as_ref() else { return Cow::Borrowed(MARK.as_bytes()) };
        for form in forms {
            if let Cow::Owned(clean) = form.pattern.replace_all(&text, |found: &Captures| form.instead(found)) {
                text = Cow::Owned(clean);
            }
        }
        text
    }
}

impl Form {
    fn instead(&self, found: &Captures) -> Vec<u8> {
        let whole = found.get(0).map(|it| it.as_bytes()).unwrap_or_default();
        let kept: &[u8] = match self.keeps {
            Keeps::Name => found.name("keep").map(|it| it.as_bytes()).unwrap_or_default(),
            Keeps::Nothing => b"",
            Keeps::UnlessByChance if is_secret_key(whole) => b"",
            Keeps::UnlessByChance => return whole.to_vec(),
        };
        [kept, MARK.as_bytes()].concat()
    }
}

/// Whether it has the length of a secret access key and mixes its characters as chance does: upper case, lower case and others follow
/// each other at more than 16 of the 39 places. By chance it is 24 (standard deviation 3); words, paths and hexadecimal digits have less.
fn is_secret_key(text: &[u8]) -> bool {
    let kind = |byte: u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let changes = text.iter().zip(text.iter().skip(1)).filter(|(a, b)| kind(**a) != kind(**b)).count();
    text.len() == 40
        && !text.iter().any(|byte| matches!(byte, b'_' | b'-'))
        && changes > 16
        && [0, 1, 2].iter().all(|wanted| text.iter().any(|byte| kind(*byte) == *wanted))
}

/// A value as it is, and as JSON, JSON in JSON (with Go's way of escaping `<`, `>` and `&`), and a URL have it.
fn spellings(value: &str) -> Vec<String> {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
    };
    let go = |text: &str| text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let once = json(value);
    let url = |keep: &str| -> String {
        value.bytes().fold(String::new(), |mut url, byte| {
            if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
            url
        })
    };
    let go_once = go(&once);
    vec![value.to_owned(), url("-._~"), url("-._~/"), json(&go_once), json(&once), go(&json(&go_once)), go_once, once]
}
