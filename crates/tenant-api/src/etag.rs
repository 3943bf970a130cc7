//! Entity tags and the preconditions that are made of them ([RFC 9110, section 13](https://www.rfc-editor.org/rfc/rfc9110#section-13)).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use lambda_http::http::{HeaderMap, HeaderValue};

use crate::problem::{Kind, Problem};

/// The strong entity tag of a representation: made from its bytes, so that the same bytes have the same tag. Held without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        Self(URL_SAFE_NO_PAD.encode(digest))
    }

    /// A tag that was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The tag without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the header `ETag`; none when a stored tag holds what no header may.
    pub fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).ok()
    }
}

/// One of the two headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any representation.
    Any,
    /// A list of tags.
    Listed(Vec<String>),
}

/// What a request demands of the current representation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// `If-Match`: there is a representation, with one of these tags.
    pub if_match: Option<Tags>,
    /// `If-None-Match`: there is none with one of these tags.
    pub if_none_match: Option<Tags>,
}

/// The most tags of one header.
const MAX_TAGS: usize = 20;

impl Preconditions {
    /// Reads the headers.
    ///
    /// # Errors
    /// When one of them does not keep to the grammar.
    pub fn parse(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            // Compared strongly: a weak tag matches nothing.
            if_match: tags(headers, &IF_MATCH, |weak| !weak)?,
            if_none_match: tags(headers, &IF_NONE_MATCH, |_| true)?,
        })
    }

    /// Whether a reader already has this representation.
    pub fn reader_has(&self, tag: &ETag) -> bool {
        match &self.if_none_match {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => tags.iter().any(|known| known == tag.as_str()),
        }
    }

    /// Whether `If-Match` lets a reader have this representation.
    pub fn lets_read(&self, tag: Option<&ETag>) -> bool {
        match &self.if_match {
            None => true,
            Some(Tags::Any) => tag.is_some(),
            Some(Tags::Listed(tags)) => tag.is_some_and(|tag| tags.iter().any(|known| known == tag.as_str())),
        }
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName, takes: fn(bool) -> bool) -> Result<Option<Tags>, Problem> {
    let wrong =
        || Problem::new(Kind::InvalidRequest, format!("`{name}` holds neither `*` nor up to {MAX_TAGS} entity tags"));
    let mut values = headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    let values: Vec<&str> = values.map(|value| value.to_str().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    let text = values.join(",");
    if text.trim() == "*" {
        return Ok(Some(Tags::Any));
    }
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (tag, after) = quoted.strip_prefix('"').and_then(|tag| tag.split_once('"')).ok_or_else(wrong)?;
        if tag.bytes().any(|byte| byte <= b' ') || found.len() == MAX_TAGS {
            return Err(wrong());
        }
        found.push((weak, tag.to_owned()));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start_matches([',', ' ', '\t']),
            None if after.is_empty() => after,
            None => return Err(wrong()),
        };
    }
    if found.is_empty() {
        return Err(wrong());
    }
    Ok(Some(Tags::Listed(found.into_iter().filter(|(weak, _)| takes(*weak)).map(|(_, tag)| tag).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(name: &str, value: &str) -> Result<Preconditions, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        Preconditions::parse(&headers)
    }

    #[test]
    fn lists_of_tags_are_read_as_the_grammar_says() {
        let listed = |tags: &[&str]| Some(Tags::Listed(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        for (text, tags) in [
            ("*", Some(Tags::Any)),
            (r#""a""#, listed(&["a"])),
            (r#""a", "b,c" ,"""#, listed(&["a", "b,c", ""])),
            (r#""a",, "b""#, listed(&["a", "b"])),
            (r#"W/"a", "b""#, listed(&["b"])),
        ] {
            assert_eq!(parse("if-match", text).unwrap().if_match, tags, "{text}");
        }
        assert_eq!(parse("if-none-match", r#"W/"a", "b""#).unwrap().if_none_match, listed(&["a", "b"]));
        for text in ["", "a", r#""a"#, r#"*, "a""#, r#""a" "b""#, r#"w/"a""#, r#""a b""#, &[r#""a""#; 21].join(",")] {
            assert!(parse("if-match", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused_without_a_panic(text in "[\\x20-\\x7e]{0,40}") {
            let _ = parse("if-match", &text);
        }

        #[test]
        fn a_tag_is_read_back_from_its_own_header(bytes in any::<Vec<u8>>()) {
            let tag = ETag::of(&bytes);
            let header = tag.header().unwrap();
            let read = parse("if-none-match", header.to_str().unwrap()).unwrap();
            prop_assert!(read.reader_has(&tag) && !read.reader_has(&ETag::of(b"else")) || bytes == b"else");
        }
    }
}
