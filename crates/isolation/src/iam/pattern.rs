//! Texts of a policy: with wildcards, with IAM variables, and with holes where Terraform's value cannot be known.

use super::glob::{Glob, Symbol};

/// Stands for a part of a text that cannot be known before `terraform apply`; it can be anything.
pub(crate) const UNKNOWN: char = '\u{f8ff}';

/// How the wildcards of a text are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// No wildcards (`StringEquals`).
    Exact { fold: bool },
    /// `*` and `?` match any character (`StringLike`, `Action`).
    Like { fold: bool },
    /// An ARN of a condition: wildcards stop at the colons between its six parts. A text with fewer parts matches in the wide reading
    /// only, because AWS does not say what becomes of it.
    Arn,
    /// An ARN of `Resource`: parts that are left out are `*`. In the wide reading, wildcards go beyond colons, as those at the end of
    /// a part do; in the narrow one they do not.
    Resource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Symbol(Symbol),
    Variable { key: String, default: Option<String> },
    Unknown,
}

/// A text of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Fixed(Glob),
    /// Another glob in each reading; the narrow one may be none.
    Doubtful {
        wide: Glob,
        narrow: Option<Glob>,
    },
    Open {
        wide: Vec<Piece>,
        narrow: Vec<Piece>,
        fold: bool,
    },
}

/// The value of an IAM variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Value(String),
    Absent,
    /// Anything, or absent.
    Free,
}

/// Which way an answer may err where something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// What is not known matches.
    Wide,
    /// What is not known does not match.
    Narrow,
}

impl Pattern {
    /// Reads a text; variables are read where the policy's version has them.
    pub(crate) fn new(text: &str, syntax: Syntax, variables: bool) -> Self {
        let read = match syntax {
            Syntax::Arn | Syntax::Resource => arn(text, variables),
            Syntax::Exact { .. } => pieces(text, variables, Symbol::Char('?'), Symbol::Char('*')),
            Syntax::Like { .. } => pieces(text, variables, Symbol::One, Symbol::Many),
        };
        let fold = matches!(syntax, Syntax::Exact { fold: true } | Syntax::Like { fold: true });
        let form = match fixed(&read, fold) {
            None => {
                let wide = if syntax == Syntax::Resource { crossing(text, variables) } else { read.clone() };
                Form::Open { wide, narrow: read, fold }
            }
            Some(narrow) if syntax == Syntax::Arn && parts(text).len() < 6 => {
                Form::Doubtful { wide: narrow.crossing(), narrow: None }
            }
            Some(narrow) if syntax == Syntax::Resource && narrow.has_parts() => {
                let wide = fixed(&crossing(text, variables), fold);
                Form::Doubtful { wide: wide.unwrap_or_else(Glob::all), narrow: Some(narrow) }
            }
            Some(glob) => Form::Fixed(glob),
        };
        Self { text: text.to_owned(), form }
    }

    /// The text as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The glob that the text is when its variables have these values; none if it then matches nothing.
    pub(crate) fn glob(&self, reading: Reading, variable: &dyn Fn(&str) -> Variable) -> Option<Glob> {
        let (pieces, fold) = match &self.form {
            Form::Fixed(glob) => return Some(glob.clone()),
            Form::Doubtful { wide, .. } if reading == Reading::Wide => return Some(wide.clone()),
            Form::Doubtful { narrow, .. } => return narrow.clone(),
            Form::Open { wide, fold, .. } if reading == Reading::Wide => (wide, *fold),
            Form::Open { narrow, fold, .. } => (narrow, *fold),
        };
        let mut symbols = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Symbol(symbol) => symbols.push(*symbol),
                Piece::Unknown if reading == Reading::Wide => symbols.push(Symbol::Many),
                Piece::Unknown => return None,
                Piece::Variable { key, default } => {
                    let value = match (variable(key), default) {
                        (Variable::Value(value), _) => value,
                        (Variable::Absent, Some(default)) => default.clone(),
                        (Variable::Absent, None) => return None,
                        (Variable::Free, _) if reading == Reading::Wide => {
                            symbols.push(Symbol::Many);
                            continue;
                        }
                        (Variable::Free, _) => return None,
                    };
                    symbols.extend(value.chars().map(Symbol::Char));
                }
            }
        }
        Some(Glob::new(symbols, fold))
    }
}

fn fixed(pieces: &[Piece], fold: bool) -> Option<Glob> {
    let symbol = |piece: &Piece| match piece {
        Piece::Symbol(symbol) => Some(*symbol),
        _ => None,
    };
    pieces.iter().map(symbol).collect::<Option<Vec<Symbol>>>().map(|symbols| Glob::new(symbols, fold))
}

/// An ARN whose wildcards go beyond colons. Where parts are left out, the text with anything behind it covers whatever AWS makes of it.
fn crossing(text: &str, variables: bool) -> Vec<Piece> {
    let mut found = pieces(text, variables, Symbol::One, Symbol::Many);
    if parts(text).len() < 6 {
        found.push(Piece::Symbol(Symbol::Many));
    }
    found
}

fn pieces(text: &str, variables: bool, one: Symbol, many: Symbol) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if variables && let Some((piece, after)) = variable(rest) {
            found.extend(piece);
            rest = after;
            continue;
        }
        found.push(match c {
            '*' => Piece::Symbol(many),
            '?' => Piece::Symbol(one),
            UNKNOWN => Piece::Unknown,
            c => Piece::Symbol(Symbol::Char(c)),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    found
}

/// The variable at the start of a text, `${key}` or `${key, 'default'}`, and what follows it.
fn variable(text: &str) -> Option<(Option<Piece>, &str)> {
    let (inner, after) = text.strip_prefix("${")?.split_once('}')?;
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            (key.trim(), Some(default.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()))
        }
        None => (inner.trim(), None),
    };
    let piece = match key {
        "*" | "?" | "$" => key.chars().next().map(|c| Piece::Symbol(Symbol::Char(c))),
        _ => Some(Piece::Variable { key: key.to_ascii_lowercase(), default }),
    };
    Some((piece, after))
}

/// An ARN part by part. Parts that are left out are `*`
/// ([Resource element](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)).
fn arn(text: &str, variables: bool) -> Vec<Piece> {
    if text == "*" {
        return vec![Piece::Symbol(Symbol::Many)];
    }
    let mut parts = parts(text);
    while parts.len() < 6 {
        parts.push("*");
    }
    let mut found = Vec::new();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            found.push(Piece::Symbol(Symbol::Char(':')));
        }
        let (one, many) = if n < 5 { (Symbol::OneOfPart, Symbol::ManyOfPart) } else { (Symbol::One, Symbol::Many) };
        found.extend(pieces(part, variables, one, many));
    }
    found
}

/// The at most six parts of an ARN; colons inside of a variable (`${aws:PrincipalTag/x}`) separate nothing.
pub(crate) fn parts(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '{' if text.get(..at).is_some_and(|before| before.ends_with('$')) => inside = true,
            '}' => inside = false,
            ':' if !inside && found.len() < 5 => {
                found.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text.get(start..).unwrap_or_default());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(key: &str) -> Variable {
        match key {
            "aws:principaltag/tenantid" => Variable::Value("ac*me".into()),
            "aws:username" => Variable::Absent,
            _ => Variable::Free,
        }
    }

    fn matches(text: &str, syntax: Syntax, reading: Reading, given: &str) -> bool {
        Pattern::new(text, syntax, true).glob(reading, &tenant).is_some_and(|glob| glob.matches(given))
    }

    #[test]
    fn variables_are_literal_text() {
        let like = Syntax::Like { fold: false };
        for (text, given, want) in [
            ("x/${aws:PrincipalTag/TenantId}/*", "x/ac*me/1", true),
            ("x/${aws:PrincipalTag/TenantId}/*", "x/acme/1", false),
            ("${aws:username}", "", false),
            ("${aws:username, 'who'}", "who", true),
            ("${*}${?}${$}", "*?$", true),
            ("${*}", "a", false),
        ] {
            assert_eq!(matches(text, like, Reading::Narrow, given), want, "{text} on {given}");
        }
        assert!(Pattern::new("${*}", like, false).glob(Reading::Wide, &tenant).is_some_and(|g| g.matches("${x}")));
    }

    #[test]
    fn what_is_not_known_matches_only_in_the_wide_reading() {
        let arn = format!("arn:aws:kms:us-east-1:1:key/{UNKNOWN}");
        for (reading, want) in [(Reading::Wide, true), (Reading::Narrow, false)] {
            assert_eq!(matches(&arn, Syntax::Arn, reading, "arn:aws:kms:us-east-1:1:key/x"), want);
            assert_eq!(matches("${aws:userid}", Syntax::Arn, reading, "arn:aws:s3:::x"), want);
        }
    }

    #[test]
    fn wildcards_stay_in_their_part_of_an_arn() {
        for (pattern, given, want) in [
            ("arn:aws:iam::*:role/tenant-*", "arn:aws:iam::1:role/tenant-a", true),
            ("arn:aws:s*:q", "arn:aws:sqs:us-east-1:1:q", false),
            ("arn:aws:logs:*:*:log-group:a:*", "arn:aws:logs:us-east-1:1:log-group:a:log-stream:b", true),
            ("arn:aws:s3:::b/${aws:PrincipalTag/TenantId}/*", "arn:aws:s3:::b/ac*me/x", true),
        ] {
            assert_eq!(matches(pattern, Syntax::Arn, Reading::Narrow, given), want, "{pattern} on {given}");
        }
    }

    #[test]
    fn what_aws_leaves_open_is_read_to_the_safe_side() {
        for (pattern, syntax, given, wide, narrow) in [
            ("*", Syntax::Arn, "arn:aws:s3:::x", true, false),
            ("*", Syntax::Resource, "arn:aws:s3:::x", true, true),
            ("arn:aws:sqs", Syntax::Resource, "arn:aws:sqs:us-east-1:1:q", true, true),
            (
                "arn:aws:dynamodb:*:table/prod-*",
                Syntax::Resource,
                "arn:aws:dynamodb:us-east-1:1:table/prod-x",
                true,
                false,
            ),
        ] {
            assert_eq!(matches(pattern, syntax, Reading::Wide, given), wide, "{pattern} on {given}");
            assert_eq!(matches(pattern, syntax, Reading::Narrow, given), narrow, "{pattern} on {given}");
        }
    }
}
