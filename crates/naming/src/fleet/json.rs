//! A JSON reader that remembers where everything stands, so that every error of a file can name its line.
//!
//! serde_json knows the place of a syntax error only, keeps the last of two fields with one name, and stops at the first error.

/// Nesting beyond this is refused; a tenants file needs four levels.
const MAX_DEPTH: usize = 32;

/// A value and where it starts, as a byte offset.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) value: Json,
}

#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool,
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) at: usize,
    pub(crate) name: String,
    pub(crate) node: Node,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The text ends too early.
    #[error("the file ends where {wanted} should be")]
    End {
        /// What should have come.
        wanted: &'static str,
    },
    /// A character that does not belong there.
    #[error("found {found:?} where {wanted} should be")]
    Unexpected {
        /// The character.
        found: char,
        /// What should have come.
        wanted: &'static str,
    },
    /// A comma before a closing bracket.
    #[error("a comma stands before the closing bracket; remove it")]
    TrailingComma,
    /// `//`, `/*` or `#`.
    #[error("comments are not allowed in JSON; remove it")]
    Comment,
    /// A control character inside a text.
    #[error("a text holds the control character {found:?}; write it as an escape, or close the quotes before it")]
    ControlCharacter {
        /// The character.
        found: char,
    },
    /// An escape that JSON does not know.
    #[error("a text holds an escape that JSON does not know")]
    Escape,
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

pub(crate) fn parse(text: &str) -> Result<Node, (usize, SyntaxError)> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space()?;
    let node = reader.value(0)?;
    reader.skip_space()?;
    match reader.peek() {
        None => Ok(node),
        Some(found) => Err((reader.at, SyntaxError::Unexpected { found, wanted: "the end of the file" })),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Parsed<T> = Result<T, (usize, SyntaxError)>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fail<T>(&self, wanted: &'static str) -> Parsed<T> {
        let error = match self.peek() {
            None => SyntaxError::End { wanted },
            Some('/' | '#') => SyntaxError::Comment,
            Some(found) => SyntaxError::Unexpected { found, wanted },
        };
        Err((self.at, error))
    }

    fn skip_space(&mut self) -> Parsed<()> {
        let trimmed = self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.at = self.text.len() - trimmed;
        match self.peek() {
            Some('/' | '#') => Err((self.at, SyntaxError::Comment)),
            _ => Ok(()),
        }
    }

    fn take(&mut self, token: char) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Parsed<Node> {
        if depth > MAX_DEPTH {
            return Err((self.at, SyntaxError::TooDeep));
        }
        let at = self.at;
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Json::Text(self.string("a text")?),
            Some('-' | '0'..='9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { at, value })
    }

    fn word(&mut self) -> Parsed<Json> {
        for (word, value) in [("true", Json::Bool), ("false", Json::Bool), ("null", Json::Null)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fail("a value")
    }

    fn number(&mut self) -> Parsed<Json> {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let found = rest.get(..end).unwrap_or_default().to_owned();
        if serde_json::from_str::<serde_json::Number>(&found).is_err()
            && !found.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit())
        {
            return Err((self.at, SyntaxError::Number { found: found.chars().take(40).collect() }));
        }
        self.at += end;
        Ok(Json::Number(found))
    }

    fn string(&mut self, wanted: &'static str) -> Parsed<String> {
        let start = self.at;
        if !self.take('"') {
            return self.fail(wanted);
        }
        loop {
            let Some(next) = self.peek() else { return Err((self.at, SyntaxError::End { wanted: "a closing quote" })) };
            if next < ' ' {
                return Err((self.at, SyntaxError::ControlCharacter { found: next }));
            }
            self.at += next.len_utf8();
            match next {
                '"' => break,
                '\\' => self.at += self.peek().map_or(0, char::len_utf8),
                _ => {}
            }
        }
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|_| (start, SyntaxError::Escape))
    }

    fn list(&mut self, depth: usize) -> Parsed<Json> {
        let mut items = Vec::new();
        self.items(']', |reader| {
            items.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Parsed<Json> {
        let mut members = Vec::new();
        self.items('}', |reader| {
            let at = reader.at;
            let name = reader.string("the name of a field, in quotes,")?;
            reader.skip_space()?;
            if !reader.take(':') {
                return reader.fail("a colon");
            }
            reader.skip_space()?;
            let node = reader.value(depth + 1)?;
            members.push(Member { at, name, node });
            Ok(())
        })?;
        Ok(Json::Object(members))
    }

    /// What stands between brackets, separated by commas.
    fn items(&mut self, close: char, mut item: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.at += 1;
        self.skip_space()?;
        if self.take(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            self.skip_space()?;
            if self.take(close) {
                return Ok(());
            }
            let comma = self.at;
            if !self.take(',') {
                return self.fail("a comma or a closing bracket");
            }
            self.skip_space()?;
            if self.peek() == Some(close) {
                return Err((comma, SyntaxError::TrailingComma));
            }
        }
    }
}
