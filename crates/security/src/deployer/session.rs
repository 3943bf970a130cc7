//! What a session of the deployer can name: the resources of the tenant with which it is tagged. IAM puts the tag into each name, so that
//! one policy is for every tenant, and for none but the one.

use construct::arn::{
    Alarm, Alias, Bucket, Function, LogGroup, Named, Object, Policy as ManagedPolicy, Queue, Role, Rule, Table,
};
use construct::{ArnOf, Stack, Text};
use naming::{Kind, Platform, PlatformKind};

use crate::policy::{Operator, Policy, Statement, key};

/// The ARNs of the session's tenant, all exact once IAM has put in the tag.
pub(crate) struct SessionArns {
    pub(super) api_role: ArnOf<Role>,
    pub(super) relay_role: ArnOf<Role>,
    pub(super) flow_role: ArnOf<Role>,
    pub(super) caller_role: ArnOf<Role>,
    pub(super) reader_role: ArnOf<Role>,
    pub(super) boundary: ArnOf<ManagedPolicy>,
    pub(super) key_alias: ArnOf<Alias>,
    pub(super) table: ArnOf<Table>,
    pub(super) bucket: ArnOf<Bucket>,
    pub(super) dlq: ArnOf<Queue>,
    pub(super) functions: [ArnOf<Function>; 2],
    pub(super) rule: ArnOf<Rule>,
    pub(super) log_groups: [ArnOf<LogGroup>; 3],
    pub(super) alarms: [ArnOf<Alarm>; 5],
    /// The bucket of states.
    pub(super) states: ArnOf<Bucket>,
    /// The state of the tenant's stack.
    pub(crate) state: ArnOf<Object>,
    /// The lock beside it.
    pub(crate) state_lock: ArnOf<Object>,
    /// The key of the state in the bucket.
    pub(super) state_key: Text,
}

impl SessionArns {
    pub(crate) fn of(stack: &Stack<Platform>) -> Self {
        let platform = stack.owner();
        let states = stack.arn::<Bucket>(&platform.name(PlatformKind::State));
        let [before, behind] = platform.around_stack();
        let key = |end: &str| Text::literal(&before).then(own()).lit(&behind).lit(end);
        Self {
            api_role: of(stack, Kind::ApiRole),
            relay_role: of(stack, Kind::RelayRole),
            flow_role: of(stack, Kind::FlowRole),
            caller_role: of(stack, Kind::CallerRole),
            reader_role: of(stack, Kind::ReaderRole),
            boundary: of(stack, Kind::Boundary),
            key_alias: of(stack, Kind::Key),
            table: of(stack, Kind::Metadata),
            bucket: of(stack, Kind::Data),
            dlq: of(stack, Kind::Dlq),
            functions: [Kind::Api, Kind::Relay].map(|kind| of(stack, kind)),
            rule: of(stack, Kind::Events),
            log_groups: [Kind::ApiLog, Kind::RelayLog, Kind::FlowLog].map(|kind| of(stack, kind)),
            alarms: [Kind::ApiErrors, Kind::ApiThrottled, Kind::RelayErrors, Kind::DlqMessages, Kind::RefusedAlarm]
                .map(|kind| of(stack, kind)),
            state: states.object(key(".tfstate")),
            state_lock: states.object(key(".tfstate.tflock")),
            state_key: key(".tfstate"),
            states,
        }
    }

    pub(super) fn roles(&self) -> [&ArnOf<Role>; 5] {
        [&self.api_role, &self.relay_role, &self.flow_role, &self.caller_role, &self.reader_role]
    }
}

fn of<T: Named>(stack: &Stack<Platform>, kind: Kind) -> ArnOf<T> {
    stack.arn_of_session(stack.owner().around_tenant(kind))
}

/// The id of the session's tenant, where IAM puts it in.
pub(super) fn own() -> Text {
    Text::iam_variable(key::PRINCIPAL_TENANT)
}

/// A policy for sessions: every Allow in it holds only for a session that is tagged with a tenant.
pub(super) struct SessionPolicy(Vec<Statement>);

impl SessionPolicy {
    pub(super) fn new(allowed: impl IntoIterator<Item = Statement>) -> Self {
        let tagged =
            |statement: Statement| statement.when(Operator::Null, key::PRINCIPAL_TENANT, [Text::literal("false")]);
        Self(allowed.into_iter().map(tagged).collect())
    }

    /// Adds what is denied.
    pub(super) fn deny(mut self, denied: impl IntoIterator<Item = Statement>) -> Self {
        self.0.extend(denied);
        self
    }

    pub(super) fn text(self) -> Text {
        Policy::new(self.0).text()
    }
}

/// Holds of what is tagged as the session's tenant's own.
pub(super) fn on_own(statement: Statement) -> Statement {
    statement.when(Operator::StringEquals, key::RESOURCE_TENANT, [own()])
}

/// Holds where something is made and tagged as the session's tenant's own at once.
pub(super) fn made_own(statement: Statement) -> Statement {
    statement.when(Operator::StringEquals, key::REQUEST_TENANT, [own()])
}

/// Holds where the tag `TenantId` is not set, or stays as it is.
pub(super) fn stays_own(statement: Statement) -> Statement {
    statement.when(Operator::StringEqualsIfExists, key::REQUEST_TENANT, [own()])
}
