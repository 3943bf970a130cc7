//! What Terraform resolves while it deploys: a typed value, never a text somebody wrote.

use std::marker::PhantomData;

use serde::{Serialize, Serializer};

use crate::Text;

/// A value of type `T` that Terraform works out: a reference to an attribute, or text around one.
///
/// It comes from a [`Handle`](crate::Handle) or from [`Stack::arn`](crate::Stack::arn), so it cannot name what was not declared, and
/// one of the wrong kind does not compile.
pub struct Expr<T> {
    text: Text,
    yields: PhantomData<fn() -> T>,
}

impl<T> Expr<T> {
    pub(crate) fn new(text: Text) -> Self {
        Self { text, yields: PhantomData }
    }

    /// The expression as text, to stand inside a longer one.
    pub fn text(&self) -> Text {
        self.text.clone()
    }
}

impl<T> Clone for Expr<T> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<T> std::fmt::Debug for Expr<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text.as_str())
    }
}

impl<T> PartialEq for Expr<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Serialize for Expr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<T> From<&Expr<T>> for Text {
    fn from(expr: &Expr<T>) -> Self {
        expr.text()
    }
}

impl<T> From<Expr<T>> for Text {
    fn from(expr: Expr<T>) -> Self {
        expr.text
    }
}
