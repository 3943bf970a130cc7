//! The closed set of things that get a name.

macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// How many characters the longest one has.
            pub const MAX: usize = {
                let mut max = 0;
                $(if $text.len() > max { max = $text.len() })+
                max
            };

            /// The kind as it stands in a name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

kinds! {
    /// What a tenant's resource is. The set is closed, and no kind ends with a hyphen and another kind, so that a name can be read
    /// back to its tenant and kind in one way only.
    Kind {
        /// The tenant's customer managed key (its alias).
        Key = "key",
        /// The permissions boundary of all of the tenant's roles.
        Boundary = "boundary",
        /// The function of the tenant API.
        Api = "api",
        /// The execution role of the tenant API.
        ApiRole = "api-role",
        /// The function that copies the tenant's log events to the central log group.
        Relay = "relay",
        /// The execution role of the log relay.
        RelayRole = "relay-role",
        /// The role with which VPC flow logs are written.
        FlowRole = "flow-role",
        /// The role with which the tenant's people and systems call the API.
        CallerRole = "caller-role",
        /// The role with which the tenant's people read the tenant's logs.
        ReaderRole = "reader-role",
        /// The table of tenant metadata.
        Metadata = "metadata",
        /// The bucket of tenant data.
        Data = "data",
        /// The dead-letter queue.
        Dlq = "dlq",
        /// The VPC.
        Vpc = "vpc",
        /// The private subnet in the first availability zone.
        SubnetA = "subnet-a",
        /// The private subnet in the second availability zone.
        SubnetB = "subnet-b",
        /// The route table of the private subnets.
        Routes = "routes",
        /// The VPC's main route table, emptied.
        MainRoutes = "main-route",
        /// The network ACL of the private subnets.
        Nacl = "nacl",
        /// The VPC's default network ACL, emptied.
        DefaultNacl = "default-acl",
        /// The VPC's default security group, emptied.
        DefaultSg = "default-sg",
        /// The security group of the functions.
        FunctionSg = "function-sg",
        /// The security group of the interface endpoint.
        EndpointSg = "endpoint-sg",
        /// The gateway endpoint of S3.
        S3Endpoint = "vpce-s3",
        /// The gateway endpoint of DynamoDB.
        DynamodbEndpoint = "vpce-dynamo",
        /// The interface endpoint of CloudWatch Logs.
        LogsEndpoint = "vpce-logs",
        /// The VPC flow log.
        Flow = "flow",
        /// The log group of the tenant API.
        ApiLog = "api-log",
        /// The log group of the log relay.
        RelayLog = "relay-log",
        /// The log group of the VPC flow log.
        FlowLog = "flow-log",
        /// The central log group of a tenant that has an AWS account of its own.
        CentralLog = "central-log",
        /// The subscription filter that feeds the log relay.
        LogFilter = "log-filter",
        /// The EventBridge rule that brings the tenant's own events to its handler.
        Events = "events",
        /// The metric filter that counts refused cross-tenant requests.
        Refused = "refused",
        /// The alarm on errors of the tenant API.
        ApiErrors = "api-errors",
        /// The alarm on throttled requests of the tenant API.
        ApiThrottled = "api-busy",
        /// The alarm on errors of the log relay.
        RelayErrors = "relay-errors",
        /// The alarm on messages in the dead-letter queue.
        DlqMessages = "dlq-messages",
        /// The alarm on refused cross-tenant requests.
        RefusedAlarm = "refused-any",
    }
}

kinds! {
    /// What a resource of the platform, shared by all tenants, is.
    PlatformKind {
        /// The platform's customer managed key (its alias).
        Key = "key",
        /// The central log group with its tenant-prefixed streams.
        CentralLog = "central-log",
        /// The log group of the onboarding workflow and of the platform's events.
        EventLog = "event-log",
        /// The policy that lets EventBridge write the platform's event log.
        EventLogPolicy = "event-log-policy",
        /// The registry of tenants.
        Registry = "registry",
        /// The bucket of Terraform states.
        State = "state",
        /// The dead-letter queue of the rules.
        Dlq = "dlq",
        /// The alarm on messages in the dead-letter queue.
        DlqMessages = "dlq-messages",
        /// The alarm on failed runs of the onboarding workflow.
        OnboardingFailed = "onboarding-failed",
        /// The alarm on runs of the onboarding workflow that took too long.
        OnboardingEnded = "onboarding-ended",
        /// The alarm on tenants that wait for somebody.
        Attention = "attention",
        /// The rule that takes signup events.
        Signup = "signup",
        /// The rule that takes offboarding events.
        Offboarding = "offboarding",
        /// The rule that takes changes of a tenant's plan.
        PlanChanged = "plan-changed",
        /// The schedule of the reconciliation.
        Reconcile = "reconcile",
        /// The rule that records state changes of the tenants' alarms.
        Alarms = "alarms",
        /// The onboarding workflow.
        Onboarding = "onboarding",
        /// The function that carries out the steps of the onboarding workflow.
        OnboardingFunction = "onboarding-function",
        /// The role of that function.
        OnboardingFunctionRole = "onboarding-function-role",
        /// The log group of that function.
        OnboardingFunctionLog = "onboarding-function-log",
        /// The role of the onboarding workflow.
        OnboardingRole = "onboarding-role",
        /// The role with which EventBridge starts the onboarding workflow.
        StarterRole = "starter-role",
        /// The build project that deploys tenants' stacks.
        Runner = "runner",
        /// The log group of the build project.
        RunnerLog = "runner-log",
        /// The role of the build project: it becomes the deployer, for one tenant at a time.
        RunnerRole = "runner-role",
        /// The permissions boundary of the build project's role.
        RunnerBoundary = "runner-boundary",
        /// The role with which Terraform deploys one tenant's stack.
        DeployerRole = "deployer-role",
        /// The permissions boundary of the deployer.
        DeployerBoundary = "deployer-boundary",
        /// What the deployer may do with a tenant's network.
        DeployerNetwork = "deployer-network",
        /// What the deployer may do with a tenant's key.
        DeployerKey = "deployer-key-use",
        /// What the deployer may do with a tenant's roles.
        DeployerRoles = "deployer-roles",
        /// What the deployer may do with a tenant's bucket and table, and the state of its stack.
        DeployerStorage = "deployer-storage",
        /// What the deployer may do with a tenant's functions, queue, logs, alarms and rule.
        DeployerCompute = "deployer-compute",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_ends_with_a_hyphen_and_another_kind() {
        for kind in Kind::ALL {
            for other in Kind::ALL {
                let tail = format!("-{}", other.as_str());
                assert!(!kind.as_str().ends_with(&tail), "`{}` ends with `{tail}`", kind.as_str());
            }
        }
    }

    #[test]
    fn kinds_are_distinct() {
        let distinct: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(distinct.len(), Kind::ALL.len());
    }
}
