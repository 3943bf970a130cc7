//! Patterns and IAM variables.

use super::Context;

#[derive(Clone, Copy)]
enum Piece {
    /// `*`
    Any,
    /// `?`
    One,
    Just(char),
}

/// Whether a pattern with `*` and `?`, and no variable, matches.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pieces: Vec<Piece> = pattern.chars().map(piece).collect();
    let text: Vec<char> = text.chars().collect();
    fit(&pieces, &text)
}

fn piece(character: char) -> Piece {
    match character {
        '*' => Piece::Any,
        '?' => Piece::One,
        other => Piece::Just(other),
    }
}

fn fit(pattern: &[Piece], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([Piece::Any, rest @ ..], _) => (0..=text.len()).any(|taken| fit(rest, &text[taken..])),
        ([Piece::One, rest @ ..], [_, text @ ..]) => fit(rest, text),
        ([Piece::Just(wanted), rest @ ..], [found, text @ ..]) => wanted == found && fit(rest, text),
        _ => false,
    }
}

/// Whether a pattern with variables matches; one whose variable has no value matches nothing.
pub(super) fn like(pattern: &str, version: &str, context: &Context, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    pieces(pattern, version, context).is_some_and(|pieces| fit(&pieces, &text))
}

/// The literal text of a value, its wildcards being letters like others; none when a variable has no value.
pub(super) fn literal(value: &str, version: &str, context: &Context) -> Option<String> {
    let letter = |piece| match piece {
        Piece::Any => '*',
        Piece::One => '?',
        Piece::Just(character) => character,
    };
    Some(pieces(value, version, context)?.into_iter().map(letter).collect())
}

/// "Newer features, such as policy variables, will not work" in another version: they are "treated as literal strings".
fn pieces(pattern: &str, version: &str, context: &Context) -> Option<Vec<Piece>> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        if version == "2012-10-17"
            && let Some(inside) = rest.strip_prefix("${")
            && let Some((variable, after)) = inside.split_once('}')
        {
            found.extend(resolved(variable, context)?.chars().map(Piece::Just));
            rest = after;
        } else {
            found.push(piece(character));
            rest = &rest[character.len_utf8()..];
        }
    }
    Some(found)
}

/// `${*}`, `${?}` and `${$}` are the letter; `${key}` and `${key, 'default'}` are the one value of the key.
fn resolved(variable: &str, context: &Context) -> Option<String> {
    if ["*", "?", "$"].contains(&variable) {
        return Some(variable.to_owned());
    }
    let (key, default) = match variable.split_once(", ") {
        Some((key, default)) => (key, default.strip_prefix('\'').and_then(|text| text.strip_suffix('\''))),
        None => (variable, None),
    };
    match context.get(&key.to_lowercase()).map(Vec::as_slice) {
        Some([value]) => Some(value.clone()),
        _ => default.map(str::to_owned),
    }
}
