//! A stack: everything of one owner, declared family by family.

use std::collections::BTreeMap;

use naming::{Owner, Placement, ResourceName, Tenant};
use serde::Serialize;
use serde_json::Value;

use crate::arn::{self, Named};
use crate::block::{Address, Handle, Mode, Resource};
use crate::document::{self, At, Fault, Output, Settings};
use crate::{ArnOf, Attr, Expr, Text};

/// One resource family: its fields are what it needs, its exports what it offers to the families after it.
///
/// ```
/// use construct::{Arn, Attr, Construct, Expr, Handle, Resource, Stack};
/// use naming::{Kind, Owner, ResourceName, Tags};
///
/// #[derive(serde::Serialize)]
/// struct Topic { name: ResourceName, tags: Tags }
/// impl Resource for Topic { const TYPE: &'static str = "aws_sns_topic"; }
/// impl Topic { const ARN: Attr<Self, Arn<Self>> = Attr::new("arn"); }
///
/// struct TenantNews;
/// impl Construct for TenantNews {
///     type Exports = Handle<Topic>;
///     fn declare(self, stack: &mut Stack) -> Handle<Topic> {
///         let tenant = stack.owner();
///         let topic = Topic { name: tenant.name(Kind::Events), tags: tenant.tags() };
///         stack.add("news", topic)
///     }
/// }
/// ```
pub trait Construct<O: Owner = Tenant> {
    /// What the families after this one may refer to.
    type Exports;

    /// Adds the family's blocks to the stack.
    fn declare(self, stack: &mut Stack<O>) -> Self::Exports;
}

/// What Terraform knows of the account that it works in.
#[derive(Serialize)]
struct CallerIdentity {}

impl Resource for CallerIdentity {
    const TYPE: &'static str = "aws_caller_identity";
    const MODE: Mode = Mode::Data;
}

impl CallerIdentity {
    const ACCOUNT_ID: Attr<Self, CallerIdentity> = Attr::new("account_id");
}

/// All blocks of one owner. What a stack refers to is in the stack: a [`Handle`] of another one names nothing here, and Terraform
/// would say so before it does anything.
pub struct Stack<O: Owner = Tenant> {
    owner: O,
    account: Text,
    bodies: BTreeMap<At, Value>,
    outputs: BTreeMap<&'static str, Output>,
    faults: Vec<Fault>,
}

impl<O: Owner> Stack<O> {
    /// An empty stack.
    pub fn new(owner: O) -> Self {
        let mut stack = Self {
            account: Text::default(),
            owner,
            bodies: BTreeMap::new(),
            outputs: BTreeMap::new(),
            faults: Vec::new(),
        };
        stack.account = match stack.owner.placement() {
            Placement::OwnAccount { account_id, .. } => Text::literal(account_id.as_str()),
            Placement::Shared => stack.add("current", CallerIdentity {}).get(CallerIdentity::ACCOUNT_ID).into(),
        };
        stack
    }

    /// Whose stack it is.
    pub fn owner(&self) -> &O {
        &self.owner
    }

    /// The account of the stack: twelve digits where the owner has an account of its own, else what Terraform finds.
    pub fn account(&self) -> Text {
        self.account.clone()
    }

    /// The ARN of what has this name in the stack's own account and region.
    pub fn arn<T: Named>(&self, name: &ResourceName) -> ArnOf<T> {
        Expr::new(self.arn_start::<T>().lit(name.as_str()))
    }

    /// The account's default event bus.
    pub fn default_bus(&self) -> ArnOf<arn::EventBus> {
        Expr::new(self.arn_start::<arn::EventBus>().lit("default"))
    }

    /// Every ARN of a type in the stack's own account and region: where AWS makes up the ids, and a condition narrows them.
    pub fn every<T: Named>(&self) -> ArnOf<T> {
        Expr::new(self.arn_start::<T>().lit("*"))
    }

    /// The role of an AWS service that AWS itself makes and gives its rights.
    pub fn service_linked_role(&self, service: &str, name: &str) -> ArnOf<arn::Role> {
        Expr::new(self.arn_start::<arn::Role>().lit(format!("aws-service-role/{service}/{name}")))
    }

    /// The ARN of what has this name around the id of the tenant with which a session is tagged. IAM puts the id in; `around` must be such
    /// that no id makes of it the name of another tenant's resource.
    pub fn arn_of_session<T: Named>(&self, around: [String; 2]) -> ArnOf<T> {
        let [before, behind] = around;
        Expr::new(self.arn_start::<T>().lit(before).then(Text::iam_variable("aws:PrincipalTag/TenantId")).lit(behind))
    }

    /// A rule that an AWS service makes for itself in the stack's account and region, under a name of its own.
    pub fn service_rule(&self, name: &'static str) -> ArnOf<arn::Rule> {
        Expr::new(self.arn_start::<arn::Rule>().lit(name))
    }

    fn arn_start<T: Named>(&self) -> Text {
        let region = self.owner.region();
        arn::start::<T>(region.partition(), region.as_str(), &self.account)
    }

    /// Declares a block. `id` is its place in Terraform's state: it must stay the same for as long as the thing lives.
    pub fn add<R: Resource>(&mut self, id: &'static str, body: R) -> Handle<R> {
        self.add_after(id, body, [])
    }

    /// Declares a block that must wait for others which it does not refer to.
    pub fn add_after<R: Resource>(
        &mut self,
        id: &'static str,
        body: R,
        depends_on: impl IntoIterator<Item = Address>,
    ) -> Handle<R> {
        let at = At { mode: R::MODE, kind: R::TYPE, id };
        let depends_on: Vec<Address> = depends_on.into_iter().collect();
        match document::body(&body, &self.owner.stack_name(), id, &depends_on) {
            Ok(body) => {
                if self.bodies.insert(at, body).is_some() {
                    self.faults.push(Fault::Duplicate { kind: R::TYPE, id });
                }
            }
            Err(source) => self.faults.push(Fault::Body { kind: R::TYPE, id, source }),
        }
        Handle::new(id)
    }

    /// Declares an output of the stack.
    pub fn output(&mut self, name: &'static str, description: &'static str, value: impl Into<Text>) {
        let output = Output { description, value: value.into() };
        if self.outputs.insert(name, output).is_some() {
            self.faults.push(Fault::Duplicate { kind: "output", id: name });
        }
    }

    /// How many resources Terraform will manage.
    pub fn resource_count(&self) -> usize {
        self.bodies.keys().filter(|at| at.mode == Mode::Managed).count()
    }

    /// The outputs, by name, with what each one is.
    pub fn outputs(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.outputs.iter().map(|(name, output)| (*name, output.description))
    }

    /// Terraform's JSON document, its keys sorted.
    ///
    /// # Errors
    /// Every fault of the declaration at once: ids used twice, bodies that JSON cannot hold.
    pub fn synth(self, settings: &Settings) -> Result<Value, Vec<Fault>> {
        if self.faults.is_empty() {
            Ok(document::assemble(&self.owner, settings, self.bodies, self.outputs))
        } else {
            Err(self.faults)
        }
    }
}
