//! A strict JSON reader that remembers where everything stands and goes on after the errors that it can make sense of, so that every
//! error of a file is told at once, at its line.
//!
//! Why one of our own: `serde_json` has no places for values, keeps the last of two fields with one name and stops at the first error.
//! `jsonc-parser` (MIT, well kept, no dependencies) has places and keeps both fields, but also stops at the first error, and takes line
//! breaks within a text and spaces that other JSON tools refuse. Way back: put its tree behind [`Node`].

use std::borrow::Cow;

use super::error::Location;
use super::position::Positions;

/// Nesting beyond this is refused; a tenants file needs four levels.
const MAX_DEPTH: usize = 32;
/// After this many errors the rest of the file is not read: it is not JSON.
const MAX_ERRORS: usize = 100;

/// A value and where it starts and ends, as byte offsets.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) value: Json<'a>,
}

#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
    /// Not JSON, and already told.
    Bad,
}

impl<'a> Node<'a> {
    /// The first field with this name.
    pub(crate) fn field(&self, name: &str) -> Option<&Node<'a>> {
        match &self.value {
            Json::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.node),
            _ => None,
        }
    }

    /// Whether this is the text.
    pub(crate) fn is_text(&self, wanted: &str) -> bool {
        matches!(&self.value, Json::Text(text) if text == wanted)
    }
}

#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) at: usize,
    pub(crate) name: Cow<'a, str>,
    pub(crate) node: Node<'a>,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The text ends too early.
    #[error("the file ends where {wanted} should be{}", opened.map(|at| format!("; the bracket that opens at {at} is not closed")).unwrap_or_default())]
    End {
        /// What should have come.
        wanted: &'static str,
        /// The innermost bracket that is open.
        opened: Option<Location>,
    },
    /// A character that does not belong there.
    #[error("found {found:?} where {wanted} should be")]
    Unexpected {
        /// The character.
        found: char,
        /// What should have come.
        wanted: &'static str,
    },
    /// Something after the value.
    #[error("found {found:?} where the file should end")]
    AfterEnd {
        /// Its first character.
        found: char,
    },
    /// No comma between two values.
    #[error("a comma is missing before {found:?}")]
    MissingComma {
        /// How the second value starts.
        found: char,
    },
    /// A comma before a closing bracket.
    #[error("a comma stands before the closing bracket")]
    TrailingComma,
    /// `//`, `/*` or `#`.
    #[error("a comment stands here, and JSON has none")]
    Comment,
    /// A word that is no value.
    #[error("`{found}` is no JSON value")]
    Word {
        /// The word.
        found: String,
    },
    /// `'`.
    #[error("found a single quote where a value should be; JSON has double quotes only")]
    SingleQuote,
    /// A text without its closing quote.
    #[error("the text that starts here is not closed on its line")]
    Unclosed,
    /// A control character inside a text.
    #[error("a text holds the control character {found:?}; write it as an escape")]
    ControlCharacter {
        /// The character.
        found: char,
    },
    /// An escape that JSON does not know.
    #[error("`{found}` is no JSON escape")]
    Escape {
        /// The escape.
        found: String,
    },
    /// Half of a character outside the basic plane.
    #[error("`{found}` is half of a surrogate pair, which stands for no character")]
    Surrogate {
        /// The escape.
        found: String,
    },
    /// A number that JSON does not know.
    #[error("`{found}` is no JSON number")]
    Number {
        /// What stands there.
        found: String,
    },
    /// Too many levels.
    #[error("values are nested more than {MAX_DEPTH} levels deep; a tenants file needs four")]
    TooDeep,
}

impl SyntaxError {
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self {
            Self::TrailingComma => Some("remove the comma"),
            Self::Comment => Some("remove the comment"),
            Self::MissingComma { .. } => Some("write a comma between the two values"),
            Self::Word { .. } | Self::SingleQuote => Some("write a text in double quotes"),
            Self::Unclosed => Some("close the text with a double quote"),
            Self::Number { .. } => Some("write it in plain digits, without a leading zero or plus"),
            _ => None,
        }
    }
}

/// What a text holds, if it can be made sense of, and every error in it.
pub(crate) struct Parsed<'a> {
    pub(crate) root: Option<Node<'a>>,
    pub(crate) errors: Vec<(usize, SyntaxError)>,
}

pub(crate) fn parse<'a>(text: &'a str, positions: &Positions<'_>) -> Parsed<'a> {
    let mut reader = Reader { text, at: 0, open: Vec::new(), errors: Vec::new(), positions };
    let root = reader.document().ok();
    Parsed { root, errors: reader.errors }
}

/// Stops the reader; the reason is among its errors.
#[derive(Debug)]
pub(super) struct Stop;

pub(super) struct Reader<'a, 'p> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Where the open brackets stand.
    open: Vec<usize>,
    errors: Vec<(usize, SyntaxError)>,
    positions: &'p Positions<'p>,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Notes an error and goes on.
    pub(super) fn note(&mut self, at: usize, error: SyntaxError) -> Result<(), Stop> {
        self.errors.push((at, error));
        if self.errors.len() < MAX_ERRORS { Ok(()) } else { Err(Stop) }
    }

    /// Notes an error after which nothing makes sense.
    pub(super) fn stop<T>(&mut self, at: usize, error: SyntaxError) -> Result<T, Stop> {
        self.errors.push((at, error));
        Err(Stop)
    }

    fn fail<T>(&mut self, wanted: &'static str) -> Result<T, Stop> {
        let error = match self.peek() {
            None => SyntaxError::End { wanted, opened: self.open.last().map(|at| self.positions.at(*at)) },
            Some('\'') => SyntaxError::SingleQuote,
            Some(found) => SyntaxError::Unexpected { found, wanted },
        };
        self.stop(self.at, error)
    }

    fn document(&mut self) -> Result<Node<'a>, Stop> {
        self.skip_space()?;
        let node = self.value()?;
        self.skip_space()?;
        if let Some(found) = self.peek() {
            self.note(self.at, SyntaxError::AfterEnd { found })?;
        }
        Ok(node)
    }

    /// White space, and comments, which are errors.
    fn skip_space(&mut self) -> Result<(), Stop> {
        loop {
            self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
            let (rest, at) = (self.rest(), self.at);
            let length = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return Ok(());
            };
            self.at += length;
            self.note(at, SyntaxError::Comment)?;
        }
    }

    fn take(&mut self, token: char) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn value(&mut self) -> Result<Node<'a>, Stop> {
        let at = self.at;
        let value = match self.peek() {
            Some('{') => Json::Object(self.object()?),
            Some('[') => Json::List(self.list()?),
            Some('"') => Json::Text(self.string()?),
            Some('-' | '+' | '.' | '0'..='9') => self.number()?,
            Some(letter) if letter.is_alphabetic() => self.word()?,
            _ => self.fail("a value")?,
        };
        Ok(Node { at, end: self.at, value })
    }

    fn word(&mut self) -> Result<Json<'a>, Stop> {
        let (rest, at) = (self.rest(), self.at);
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        let found = rest.get(..end).unwrap_or_default();
        self.at += end;
        Ok(match found {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => {
                self.note(at, SyntaxError::Word { found: crate::name::shown(found) })?;
                Json::Bad
            }
        })
    }

    fn list(&mut self) -> Result<Vec<Node<'a>>, Stop> {
        let mut items = Vec::new();
        self.items(']', |reader| {
            items.push(reader.value()?);
            Ok(())
        })?;
        Ok(items)
    }

    fn object(&mut self) -> Result<Vec<Member<'a>>, Stop> {
        let mut members = Vec::new();
        self.items('}', |reader| {
            let at = reader.at;
            if reader.peek() != Some('"') {
                return reader.fail("the name of a field, in double quotes,");
            }
            let name = reader.string()?;
            reader.skip_space()?;
            if !reader.take(':') {
                return reader.fail("a colon");
            }
            reader.skip_space()?;
            let node = reader.value()?;
            members.push(Member { at, name, node });
            Ok(())
        })?;
        Ok(members)
    }

    /// What stands between brackets, separated by commas.
    fn items(&mut self, close: char, mut item: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return self.stop(self.at, SyntaxError::TooDeep);
        }
        self.open.push(self.at);
        self.at += 1;
        self.skip_space()?;
        while !self.take(close) {
            item(self)?;
            self.skip_space()?;
            let comma = self.at;
            if self.take(',') {
                self.skip_space()?;
                if self.peek() == Some(close) {
                    self.note(comma, SyntaxError::TrailingComma)?;
                }
            } else {
                match self.peek() {
                    Some(found) if found == close => {}
                    Some(found @ '"') => self.note(comma, SyntaxError::MissingComma { found })?,
                    Some(found @ ('{' | '[')) if close == ']' => {
                        self.note(comma, SyntaxError::MissingComma { found })?;
                    }
                    _ => return self.fail("a comma or a closing bracket"),
                }
            }
        }
        self.open.pop();
        Ok(())
    }
}
