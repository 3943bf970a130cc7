//! A document: one JSON object, checked as it comes in and as it comes out of the table, and kept byte by byte.

use std::collections::BTreeSet;
use std::fmt;

use naming::TenantId;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::etag::ETag;
use crate::lock::{self, OtherTenant};

/// A JSON object that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    text: String,
    etag: ETag,
}

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Too long.
    #[error("the document has {0} bytes; at most {max} fit", max = Document::MAX_BYTES)]
    TooLarge(usize),
    /// Not JSON, not an object, too deep, or with a name twice in one object.
    #[error("{0}")]
    Json(String),
    /// It says that it is another tenant's.
    #[error(transparent)]
    OtherTenant(#[from] OtherTenant),
}

impl Document {
    /// The most bytes of a document; an item of the table has up to 400 KB
    /// ([limits](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)).
    pub const MAX_BYTES: usize = 350 * 1024;
    /// How deep objects and arrays may lie in one another.
    pub const MAX_DEPTH: usize = 32;

    /// Takes a text that is a document of a tenant.
    ///
    /// # Errors
    /// When it is not.
    pub fn parse(bytes: Vec<u8>, tenant: &TenantId) -> Result<Self, DocumentError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(DocumentError::TooLarge(bytes.len()));
        }
        let text = String::from_utf8(bytes).map_err(|_| DocumentError::Json("the document is not UTF-8".to_owned()))?;
        let mut scan = Scan { tenant, other: None };
        let mut reader = serde_json::Deserializer::from_str(&text);
        let read = Value { scan: &mut scan, depth: 0, place: Place::Top }.deserialize(&mut reader);
        let read = read.and_then(|()| reader.end());
        if let Some(given) = scan.other {
            return Err(OtherTenant { place: "document", given }.into());
        }
        read.map_err(|error| DocumentError::Json(error.to_string()))?;
        let etag = ETag::of(text.as_bytes());
        Ok(Self { text, etag })
    }

    /// The document as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document as it was given.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The tag of these bytes.
    pub fn etag(&self) -> &ETag {
        &self.etag
    }
}

/// What is known while a text is read.
struct Scan<'a> {
    tenant: &'a TenantId,
    other: Option<String>,
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the document.
    Top,
    /// It is the member of the document that names a tenant.
    Tenant,
    /// Anywhere else.
    Inside,
}

/// Reads one value and keeps nothing of it.
struct Value<'s, 'a> {
    scan: &'s mut Scan<'a>,
    depth: usize,
    place: Place,
}

impl Value<'_, '_> {
    fn scalar<E: Error>(self) -> Result<(), E> {
        match self.place {
            Place::Top => Err(E::custom("the document is no JSON object")),
            Place::Tenant => Err(E::custom("`tenant_id` must be text")),
            Place::Inside => Ok(()),
        }
    }

    fn enter<E: Error>(&self) -> Result<usize, E> {
        let depth = self.depth + 1;
        if depth > Document::MAX_DEPTH {
            return Err(E::custom(format_args!("the document is deeper than {} levels", Document::MAX_DEPTH)));
        }
        Ok(depth)
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.place != Place::Tenant {
            return self.scalar();
        }
        if text != self.scan.tenant.as_str() {
            self.scan.other = Some(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.enter()?;
        if self.place != Place::Inside {
            return self.scalar();
        }
        while items.next_element_seed(Value { scan: &mut *self.scan, depth, place: Place::Inside })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let depth = self.enter()?;
        if self.place == Place::Tenant {
            return self.scalar();
        }
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let tenant = self.place == Place::Top && lock::is_tenant_id(&name);
            let place = if tenant { Place::Tenant } else { Place::Inside };
            members.next_value_seed(Value { scan: &mut *self.scan, depth, place })?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format_args!("the name {name:?} stands twice in one object")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Document, DocumentError> {
        Document::parse(text.as_bytes().to_vec(), &"acme-corp".parse().unwrap())
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_document_is_one_json_object_kept_as_it_was_given() {
        for text in ["{}", " {\"a\" : 1.10, \"b\":[{\"tenant_id\":\"x\"}]}\n", r#"{"tenant_id":"acme-corp"}"#] {
            assert_eq!(parse(text).unwrap().text(), text);
        }
        for (text, reason) in [
            ("", "EOF"),
            ("[]", "no JSON object"),
            ("1", "no JSON object"),
            ("null", "no JSON object"),
            ("\"{}\"", "no JSON object"),
            ("{} {}", "trailing"),
            ("{'a':1}", "key must be a string"),
            ("{\"a\":NaN}", "expected value"),
            ("{\"a\":1e999}", "out of range"),
            ("{\"a\":\"\\ud800\"}", "hex escape"),
            (r#"{"a":1,"a":2}"#, "stands twice"),
            (r#"{"a":{"b":1,"\u0062":2}}"#, "stands twice"),
        ] {
            assert!(message(text).contains(reason), "{text}: {}", message(text));
        }
        assert!(Document::parse(vec![b'{', 0xff, b'}'], &"acme-corp".parse().unwrap()).is_err());
    }

    #[test]
    fn size_and_depth_are_limited() {
        let sized = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert!(parse(&sized(Document::MAX_BYTES)).is_ok());
        assert_eq!(parse(&sized(Document::MAX_BYTES + 1)).unwrap_err(), DocumentError::TooLarge(358_401));
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(parse(&deep(Document::MAX_DEPTH)).is_ok());
        assert!(message(&deep(Document::MAX_DEPTH + 1)).contains("deeper than 32 levels"));
        assert!(message(&"[".repeat(100_000)).contains("no JSON object"));
        assert!(message(&"{\"a\":".repeat(60_000)).contains("deeper than 32 levels"));
    }

    /// "body … that names another tenant is refused"
    #[test]
    fn a_document_does_not_name_another_tenant() {
        for text in [
            r#"{"tenant_id":"tech-startup"}"#,
            r#"{"a":1,"tenantId":"tech-startup"}"#,
            r#"{"tenant\u005fid":"tech-startup","tenant_id":"acme-corp"}"#,
            r#"{"tenant_id":"acme-corp","tenant_id":"tech-startup"}"#,
            r#"{"TENANT-ID":"acme"}"#,
        ] {
            assert!(matches!(parse(text), Err(DocumentError::OtherTenant(_))), "{text}: {:?}", parse(text));
        }
        for text in
            [r#"{"tenant_id":null}"#, r#"{"tenant_id":["acme-corp"]}"#, r#"{"tenant_id":{}}"#, r#"{"tenant_id":1}"#]
        {
            assert!(message(text).contains("`tenant_id` must be text"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused_without_a_panic(bytes in any::<Vec<u8>>()) {
            let _ = Document::parse(bytes, &"acme-corp".parse().unwrap());
        }

        #[test]
        fn any_text_like_json_is_taken_as_it_is_or_refused(text in r#"\{("[a-c]{0,2}":(1|"x"|\[\]|\{\}|null)(,|\}|)){0,6}"#) {
            let valid = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text).is_ok();
            match parse(&text) {
                Ok(document) => prop_assert!(valid && document.text() == text),
                Err(error) => prop_assert!(!valid || error.to_string().contains("twice"), "{}", error),
            }
        }
    }
}
