//! A finished Terraform JSON document, read as far as quotas need it.

use serde_json::{Map, Value};

/// The body of a resource.
pub(crate) type Body = Map<String, Value>;

/// One resource of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'d> {
    pub(crate) kind: &'d str,
    pub(crate) id: &'d str,
    pub(crate) body: &'d Body,
    /// How many there are: `count`, where it is a number.
    pub(crate) copies: u64,
}

impl<'d> Resource<'d> {
    /// As Terraform writes it.
    pub(crate) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.id)
    }

    pub(crate) fn text(&self, field: &str) -> Option<&'d str> {
        self.body.get(field).and_then(Value::as_str)
    }

    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.body.get(field).and_then(number)
    }

    /// The items of a list; a single object is a list of one, as Terraform has it.
    pub(crate) fn items(&self, field: &str) -> impl Iterator<Item = &'d Value> + use<'d> {
        items(self.body.get(field))
    }
}

/// A number, also one that is written as a text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A list's items; a single value is a list of one.
pub(crate) fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> + use<'_> {
    let (one, many) = match value {
        Some(Value::Array(many)) => (None, many.as_slice()),
        Some(Value::Null) | None => (None, [].as_slice()),
        one => (one, [].as_slice()),
    };
    one.into_iter().chain(many)
}

/// A document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'d> {
    value: &'d Value,
}

impl<'d> Document<'d> {
    pub(crate) fn new(value: &'d Value) -> Self {
        Self { value }
    }

    /// The resources of a type, by id.
    pub(crate) fn of(self, kind: &'d str) -> impl Iterator<Item = Resource<'d>> {
        let bodies = self.value.get("resource").and_then(|resources| resources.get(kind)).and_then(Value::as_object);
        bodies.into_iter().flatten().flat_map(move |(id, value)| {
            items(Some(value)).filter_map(Value::as_object).map(move |body| Resource {
                kind,
                id,
                body,
                copies: body.get("count").map_or(1, |count| number(count).unwrap_or(1)),
            })
        })
    }

    pub(crate) fn count(self, kind: &'d str) -> u64 {
        self.of(kind).map(|resource| resource.copies).sum()
    }

    /// The body of a resource.
    pub(crate) fn body(self, kind: &str, id: &str) -> Option<&'d Body> {
        items(self.value.get("resource")?.get(kind)?.get(id)).next()?.as_object()
    }

    /// What the provider `aws` without an alias says, else the first one.
    fn provider(self) -> Option<&'d Value> {
        let providers = || items(self.value.get("provider").and_then(|provider| provider.get("aws")));
        providers().find(|provider| provider.get("alias").is_none()).or_else(|| providers().next())
    }

    /// The region of the provider.
    pub(crate) fn region(self) -> Option<&'d str> {
        self.provider()?.get("region")?.as_str()
    }

    /// The account of the role that the provider assumes, else the one account that it allows.
    pub(crate) fn account(self) -> Option<&'d str> {
        let provider = self.provider()?;
        let role = items(provider.get("assume_role")).find_map(|role| role.get("role_arn")?.as_str());
        let of_role = role.and_then(|role| role.split(':').nth(4));
        of_role.or_else(|| items(provider.get("allowed_account_ids")).next()?.as_str())
    }

    /// What cannot be counted, and why.
    pub(crate) fn uncounted(self) -> Vec<String> {
        let mut found = Vec::new();
        if self.value.get("module").is_some() {
            found.push("module: the resources of modules are not counted".to_owned());
        }
        let kinds = self.value.get("resource").and_then(Value::as_object);
        for (kind, bodies) in kinds.into_iter().flatten() {
            for (id, value) in bodies.as_object().into_iter().flatten() {
                let Some(body) = items(Some(value)).next().and_then(Value::as_object) else { continue };
                let open = body.get("count").is_some_and(|count| number(count).is_none());
                if open || body.contains_key("for_each") {
                    found
                        .push(format!("{kind}.{id}: how many there are is decided when it is planned; counted as one"));
                }
            }
        }
        found
    }
}
