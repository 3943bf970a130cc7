//! Reading fields of an event, each wrong one with its name.

use std::str::FromStr;

use naming::{AccountId, Placement, RoleArn, shown};
use serde_json::{Map, Value};

use super::rejection::{LAST_INDEX, Rejection};

/// The fields of an object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value, name: &str) -> Result<Self, Rejection> {
        let wrong = || Rejection::WrongType { field: name.to_owned(), wanted: "an object" };
        value.as_object().map(Self).ok_or_else(wrong)
    }

    pub(super) fn object(self, name: &str) -> Result<Self, Rejection> {
        let value = self.0.get(name).ok_or_else(|| Rejection::Missing { field: name.to_owned() })?;
        Self::of(value, name)
    }

    /// Unknown fields are refused: `acount_id` would put a tenant into the shared account.
    pub(super) fn only(self, known: &'static [&'static str]) -> Result<(), Rejection> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Rejection::UnknownField { field: shown(name), known }),
            None => Ok(()),
        }
    }

    pub(super) fn optional_text(self, name: &str) -> Result<Option<&'a str>, Rejection> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Rejection::WrongType { field: name.to_owned(), wanted: "a text" }),
        }
    }

    pub(super) fn text(self, name: &str) -> Result<&'a str, Rejection> {
        self.optional_text(name)?.ok_or_else(|| Rejection::Missing { field: name.to_owned() })
    }

    pub(super) fn optional<T: FromStr>(self, name: &str) -> Result<Option<T>, Rejection>
    where
        Rejection: From<T::Err>,
    {
        Ok(self.optional_text(name)?.map(str::parse).transpose()?)
    }

    pub(super) fn parsed<T: FromStr>(self, name: &str) -> Result<T, Rejection>
    where
        Rejection: From<T::Err>,
    {
        Ok(self.text(name)?.parse()?)
    }

    /// A whole number, also one that is written `3.0`, which is the same to JSON Schema.
    pub(super) fn index(self, name: &str) -> Result<Option<u32>, Rejection> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let whole = value.as_f64().filter(|number| number.fract() == 0.0);
        let legal = whole.filter(|number| (0.0..=f64::from(LAST_INDEX)).contains(number));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
        legal.map(|number| Some(number as u32)).ok_or(Rejection::NetworkIndex)
    }

    pub(super) fn placement(self) -> Result<Placement, Rejection> {
        let account: Option<AccountId> = self.optional("account_id")?;
        let role: Option<RoleArn> = self.optional("assume_role_arn")?;
        match (account, role) {
            (None, None) => Ok(Placement::Shared),
            (Some(account_id), Some(assume_role_arn)) if assume_role_arn.account_id() == account_id.as_str() => {
                Ok(Placement::OwnAccount { account_id, assume_role_arn })
            }
            (Some(account), Some(role)) => {
                Err(Rejection::RoleOfOtherAccount { role: role.account_id().to_owned(), account: account.to_string() })
            }
            _ => Err(Rejection::HalfAPlacement),
        }
    }
}
