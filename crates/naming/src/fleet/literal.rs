//! The texts and numbers of JSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259), sections 6 and 7), for the reader.

use std::borrow::Cow;

use super::json::{Json, Reader, Stop, SyntaxError};
use crate::name::shown;

/// Whether a text is a number in JSON's grammar.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

impl<'a> Reader<'a, '_> {
    pub(super) fn number(&mut self) -> Result<Json<'a>, Stop> {
        let (rest, at) = (self.rest(), self.at);
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "+-._".contains(c))).unwrap_or(rest.len());
        let found = rest.get(..end).unwrap_or_default();
        self.at += end;
        if is_number(found) {
            return Ok(Json::Number(found));
        }
        self.note(at, SyntaxError::Number { found: shown(found) })?;
        Ok(Json::Bad)
    }

    /// A text, of which the opening quote is next.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        let start = self.at;
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            text += rest.get(..plain).unwrap_or_default();
            self.at += plain;
            match self.peek() {
                Some('"') => break,
                Some('\\') => text.to_mut().push(self.escape()?),
                None | Some('\n' | '\r') => return self.stop(start, SyntaxError::Unclosed),
                Some(found) => {
                    self.note(self.at, SyntaxError::ControlCharacter { found })?;
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(text)
    }

    /// The character of an escape; after a wrong one the replacement character.
    fn escape(&mut self) -> Result<char, Stop> {
        let (rest, at) = (self.rest(), self.at);
        let simple = match rest.chars().nth(1) {
            Some(c @ ('"' | '\\' | '/')) => Some(c),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            _ => None,
        };
        if let Some(c) = simple {
            self.at += 2;
            return Ok(c);
        }
        let found = |length| rest.chars().take(length).take_while(|c| *c >= ' ' && *c != '"').collect::<String>();
        let (length, error) = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                self.at += 12;
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (Some(code), _) => match char::from_u32(code) {
                Some(c) => {
                    self.at += 6;
                    return Ok(c);
                }
                None => (6, SyntaxError::Surrogate { found: found(6) }),
            },
            (None, _) => {
                let found = found(if rest.starts_with("\\u") { 6 } else { 2 });
                (found.len(), SyntaxError::Escape { found })
            }
        };
        self.at += length;
        self.note(at, error)?;
        Ok(char::REPLACEMENT_CHARACTER)
    }
}

/// The number in `\u0000`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::json::parse;
    use super::super::position::Positions;
    use super::*;
    use proptest::prelude::*;

    /// A value as `serde_json` would have it; `None` for what it cannot hold.
    fn value(json: &Json<'_>) -> serde_json::Value {
        use serde_json::Value;
        match json {
            Json::Null | Json::Bad => Value::Null,
            Json::Bool(is) => Value::Bool(*is),
            Json::Number(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Json::Text(text) => Value::String(text.to_string()),
            Json::List(items) => items.iter().map(|node| value(&node.value)).collect(),
            Json::Object(members) => {
                Value::Object(members.iter().map(|m| (m.name.to_string(), value(&m.node.value))).collect())
            }
        }
    }

    proptest! {
        /// A second, well-known reader as the judge: both take the same texts and read the same values from them.
        #[test]
        fn the_reader_agrees_with_serde_json(
            text in r#"([\[\]{},:" \n\\]|"[a-zü€\\/"]{0,3}"|\\u(d83d|de00|00e9|12)|-?[0-9.eE+]{1,4}|true|false|null){0,14}"#,
        ) {
            let parsed = parse(&text, &Positions::new(text.as_bytes()));
            let judge = serde_json::from_str::<serde_json::Value>(&text);
            // Numbers that do not fit a double are JSON all the same.
            let too_large = judge.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
            prop_assert_eq!(parsed.errors.is_empty(), judge.is_ok() || too_large, "{:?}: {:?}", text, parsed.errors);
            if let (Ok(judge), Some(root)) = (judge, &parsed.root) {
                prop_assert_eq!(value(&root.value), judge);
            }
        }

        #[test]
        fn what_serde_json_writes_is_read_back(text in any::<String>(), number in any::<f64>(), whole in any::<i64>()) {
            let wanted = serde_json::json!({ "text": text, "list": [number, whole, null, true], "object": { "": {} } });
            let written = wanted.to_string();
            let parsed = parse(&written, &Positions::new(written.as_bytes()));
            prop_assert_eq!(&parsed.errors, &[]);
            // A double as `serde_json` reads it back: the reader itself keeps its digits.
            let wanted: serde_json::Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(value(&parsed.root.unwrap().value), wanted);
        }
    }
}
