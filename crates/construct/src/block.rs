//! Terraform's blocks: resources and data sources, what refers to them, and what they share.

use std::marker::PhantomData;

use serde::Serialize;

use crate::{Expr, Text};

/// Who looks after the thing behind a block, in Terraform's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Terraform creates, changes and destroys it: a `resource`.
    Managed,
    /// Terraform only reads it: a `data` source.
    Data,
}

/// A type of the AWS provider; the struct is the block's body, field for field, with only the fields that the project sets.
pub trait Resource: Serialize {
    /// The type's name, for example `aws_kms_key`.
    const TYPE: &'static str;
    /// Managed, unless the type is a data source.
    const MODE: Mode = Mode::Managed;
}

/// An attribute of `R` that yields a `T`. Declared as a constant on `R`, in the crate that owns `R`.
pub struct Attr<R, T> {
    name: &'static str,
    of: PhantomData<fn() -> (R, T)>,
}

impl<R, T> Attr<R, T> {
    /// The attribute with this name (an element of a list reads `names[0]`).
    pub const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }
}

/// A block that was declared, and the only thing that can refer to it. Made by [`Stack::add`](crate::Stack::add) alone.
pub struct Handle<R> {
    id: &'static str,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Handle<R> {}

impl<R: Resource> Handle<R> {
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, of: PhantomData }
    }

    /// A reference to one attribute.
    pub fn get<T>(&self, attr: Attr<R, T>) -> Expr<T> {
        let data = if R::MODE == Mode::Data { "data." } else { "" };
        Expr::new(Text::reference(&format!("{data}{}.{}.{}", R::TYPE, self.id, attr.name)))
    }

    /// What to name in another block's `depends_on`.
    pub fn address(&self) -> Address {
        let data = if R::MODE == Mode::Data { "data." } else { "" };
        Address(format!("{data}{}.{}", R::TYPE, self.id))
    }
}

/// The Terraform address of a block of this stack, for `depends_on`. A plain text there, not a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Address(pub(crate) String);

/// How long Terraform waits for an operation, in Terraform's notation (`45m`).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Timeouts {
    delete: &'static str,
}

impl Timeouts {
    /// 45 minutes for the deletion: the network interfaces of a function in a VPC can take longer than half an hour to go
    /// (terraform-provider-aws #10329, #32129), and with the default of 10 to 20 minutes a destroy would fail before that.
    pub const SLOW_DELETE: Self = Self { delete: "45m" };
}
