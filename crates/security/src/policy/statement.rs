//! One statement of a policy.

use construct::{ArnOf, Text, arn};
use serde::{Serialize, Serializer};

use super::action::{Action, Any};
use super::condition::{Conditions, Operator, key};

/// Whom a statement of a resource's policy is about.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Everyone; in an Allow only where conditions narrow it.
    Everyone,
    /// The roles with these ARNs.
    Roles(Vec<ArnOf<arn::Role>>),
    /// Whoever the account's own IAM policies say.
    Account(Text),
    /// An AWS service.
    Service(String),
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Everyone => to.serialize_str("*"),
            Self::Roles(roles) => to.collect_map([("AWS", OneOrMany(roles))]),
            Self::Account(root) => to.collect_map([("AWS", root)]),
            Self::Service(service) => to.collect_map([("Service", service)]),
        }
    }
}

/// A single value as itself, several as a list: as AWS gives policies back, so that a second plan sees no change.
pub(crate) struct OneOrMany<'v, T>(pub(crate) &'v [T]);

impl<T: Serialize> Serialize for OneOrMany<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [value] => value.serialize(to),
            values => to.collect_seq(values),
        }
    }
}

/// A statement as it stands in a policy, its elements in the order of the alphabet.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Elements<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<OneOrMany<'s, &'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'s Conditions>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<OneOrMany<'s, &'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_resource: Option<OneOrMany<'s, Text>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'s Principal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<OneOrMany<'s, Text>>,
    sid: &'static str,
}

#[derive(Clone, Debug)]
enum Actions {
    These(Vec<&'static str>),
    AllBut(Vec<&'static str>),
}

/// One statement. Made by [`Statement::allow`] and its siblings; each says what an Allow needs.
#[derive(Clone, Debug)]
pub struct Statement {
    sid: &'static str,
    effect: &'static str,
    principal: Option<Principal>,
    actions: Actions,
    resources: Vec<Text>,
    /// Whether it is all resources but these.
    all_but_resources: bool,
    conditions: Conditions,
}

impl Statement {
    fn new(effect: &'static str, sid: &'static str, actions: Actions, resources: Vec<Text>) -> Self {
        let conditions = Conditions::default();
        Self { sid, effect, principal: None, actions, resources, all_but_resources: false, conditions }
    }

    /// Allows actions on resources of the type that they act on.
    ///
    /// ```compile_fail
    /// use construct::{ArnOf, arn::Bucket};
    /// use security::policy::{Statement, action::dynamodb};
    /// fn read(bucket: ArnOf<Bucket>) -> Statement {
    ///     Statement::allow("Read", &[dynamodb::GET_ITEM], &[bucket])
    /// }
    /// ```
    ///
    /// ```
    /// use construct::{ArnOf, arn::Table};
    /// use security::policy::{Statement, action::dynamodb};
    /// fn read(table: ArnOf<Table>) -> Statement {
    ///     Statement::allow("Read", &[dynamodb::GET_ITEM], &[table])
    /// }
    /// ```
    pub fn allow<T>(sid: &'static str, actions: &[Action<T>], on: &[ArnOf<T>]) -> Self {
        let actions = Actions::These(actions.iter().map(|action| action.name()).collect());
        Self::new("Allow", sid, actions, on.iter().map(Text::from).collect())
    }

    /// Allows actions for which AWS knows no resource level. The one exception to exact ARNs; every use gives its reason.
    pub fn allow_on_any(sid: &'static str, actions: &[Action<Any>], _reason: &'static str) -> Self {
        let actions = Actions::These(actions.iter().map(|action| action.name()).collect());
        Self::new("Allow", sid, actions, vec![Text::literal("*")])
    }

    /// Allows actions on every network interface of the account and region; what narrows them must follow in conditions.
    pub fn allow_on_interfaces(sid: &'static str, actions: &[Action<arn::NetworkInterface>], interfaces: Text) -> Self {
        let actions = Actions::These(actions.iter().map(|action| action.name()).collect());
        Self::new("Allow", sid, actions, vec![interfaces])
    }

    /// Allows patterns of actions, in a permissions boundary, which grants nothing by itself.
    pub(crate) fn at_most(sid: &'static str, actions: &[&'static str], on: impl IntoIterator<Item = Text>) -> Self {
        Self::new("Allow", sid, Actions::These(actions.to_vec()), on.into_iter().collect())
    }

    /// Allows an AWS service to act, only for this account and this source. Services have no tags; the source is what ties them to a
    /// tenant.
    pub fn allow_service<T>(
        sid: &'static str,
        service: &str,
        actions: &[Action<T>],
        on: &[ArnOf<T>],
        source: (Operator, Text),
        account: Text,
    ) -> Self {
        let (operator, source) = source;
        Self::allow(sid, actions, on)
            .principal(Principal::Service(service.to_owned()))
            .when(operator, key::SOURCE_ARN, [source])
            .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [account])
    }

    /// One Allow of the actions and resources of several that have no condition, as a permissions boundary has to save characters.
    /// An action of one service has no effect on a resource of another, so that nothing is added.
    pub(crate) fn merge(sid: &'static str, statements: &[Self]) -> Self {
        let mut actions: Vec<&'static str> = Vec::new();
        let mut resources: Vec<Text> = Vec::new();
        for statement in statements {
            if let Actions::These(names) = &statement.actions {
                actions.extend(names);
            }
            resources.extend(statement.resources.iter().cloned());
        }
        actions.sort_unstable();
        actions.dedup();
        resources.sort();
        resources.dedup();
        Self::new("Allow", sid, Actions::These(actions), resources)
    }

    /// Whether nothing but actions and exact resources narrows the statement.
    pub(crate) fn is_plain(&self) -> bool {
        self.conditions.is_empty() && self.resources.iter().all(|resource| *resource != Text::literal("*"))
    }

    /// What two statements of the same name are: the same.
    pub(crate) fn sid(&self) -> &'static str {
        self.sid
    }

    /// Denies actions.
    pub fn deny(sid: &'static str, actions: &[&'static str], on: impl IntoIterator<Item = Text>) -> Self {
        Self::new("Deny", sid, Actions::These(actions.to_vec()), on.into_iter().collect())
    }

    /// Denies actions on all but these resources.
    pub fn deny_elsewhere(sid: &'static str, actions: &[&'static str], but: impl IntoIterator<Item = Text>) -> Self {
        Self { all_but_resources: true, ..Self::deny(sid, actions, but) }
    }

    /// Denies every action but these.
    pub fn deny_all_but<T>(sid: &'static str, actions: &[Action<T>], on: impl IntoIterator<Item = Text>) -> Self {
        let actions = Actions::AllBut(actions.iter().map(|action| action.name()).collect());
        Self::new("Deny", sid, actions, on.into_iter().collect())
    }

    /// Denies every action but what these patterns mean.
    pub(crate) fn deny_beside(sid: &'static str, actions: &[&'static str], on: impl IntoIterator<Item = Text>) -> Self {
        Self::new("Deny", sid, Actions::AllBut(actions.to_vec()), on.into_iter().collect())
    }

    /// Whom the statement is about; only in the policy of a resource.
    #[must_use]
    pub fn principal(self, principal: Principal) -> Self {
        Self { principal: Some(principal), ..self }
    }

    /// A condition that must hold beside the others.
    #[must_use]
    pub fn when<V: Into<Text>>(
        mut self,
        operator: Operator,
        key: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.conditions.push(operator, key, values.into_iter().map(Into::into).collect());
        self
    }

    /// The elements of the statement; `Resource` is none of them where a policy knows only one (a role's trust policy).
    pub(crate) fn elements(&self, with_resource: bool) -> Elements<'_> {
        let (action, not_action) = match &self.actions {
            Actions::These(actions) => (Some(OneOrMany(actions.as_slice())), None),
            Actions::AllBut(actions) => (None, Some(OneOrMany(actions.as_slice()))),
        };
        let resources = || with_resource.then_some(OneOrMany(self.resources.as_slice()));
        Elements {
            action,
            condition: (!self.conditions.is_empty()).then_some(&self.conditions),
            effect: self.effect,
            not_action,
            not_resource: resources().filter(|_| self.all_but_resources),
            principal: self.principal.as_ref(),
            resource: resources().filter(|_| !self.all_but_resources),
            sid: self.sid,
        }
    }
}
