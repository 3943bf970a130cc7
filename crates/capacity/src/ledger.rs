//! The ledger: every quota of AWS that a stack uses, in one table.
//!
//! Defaults are those that AWS's pages state; where two pages differ, the smaller number stands here and the note says so. A code of AWS
//! Service Quotas stands here only where AWS's own pages, or several independent tools that call the service, agree on it.

use crate::quota::{Quota, Raise, Scope, Unit, UpTo};

macro_rules! ledger {
    ($($variant:ident $key:literal $name:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        /// A quota of the ledger.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the name of each stands in its entry")]
        pub enum Key { $($variant),* }

        impl Key {
            /// All quotas, in the order of the ledger.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name that a person writes, for example `vpcs-per-region`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// What is known of it.
            pub fn quota(self) -> &'static Quota {
                match self {
                    $(Self::$variant => {
                        const QUOTA: Quota = Quota {
                            key: Key::$variant, name: $name, $($field: $value,)* ..PLAIN
                        };
                        &QUOTA
                    })*
                }
            }
        }
    };
}

const VPC: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html";
const PRIVATELINK: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html";
const LAMBDA: &str = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const IAM: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const KMS: &str = "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html";
const DYNAMODB: &str = "https://docs.aws.amazon.com/general/latest/gr/ddb.html";
const LOGS: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html";
const EVENTS: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";
const STATES: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html";

/// What an entry does not say.
const PLAIN: Quota = Quota {
    key: Key::VpcsPerRegion,
    name: "",
    scope: Scope::Resource,
    unit: Unit::Count,
    default: 0,
    regions: &[],
    raise: Raise::Fixed,
    before: 0,
    reserve: 0,
    source: "",
    note: "",
};

const fn request(service: &'static str, code: &'static str, up_to: UpTo) -> Raise {
    Raise::Request { service, code, up_to }
}

ledger! {
    VpcsPerRegion "vpcs-per-region" "VPCs per Region" {
        scope: Scope::Region, default: 5, before: 1, source: VPC,
        raise: request("vpc", "L-F678F1CE", UpTo::About { words: "hundreds", planned: 500 }),
        note: "the default VPC counts; an account that has deleted it holds one tenant more",
    }
    GatewayEndpointsPerRegion "gateway-endpoints-per-region" "Gateway VPC endpoints per Region" {
        scope: Scope::Region, default: 20, source: PRIVATELINK,
        raise: request("vpc", "L-1B52E74A", UpTo::Unstated),
        note: "255 for each VPC are the most",
    }
    LambdaConcurrency "lambda-concurrency" "Lambda concurrent executions" {
        scope: Scope::Region, default: 1_000, reserve: 100, source: LAMBDA,
        raise: request("lambda", "L-B99A9384", UpTo::About { words: "tens of thousands", planned: 10_000 }),
        note: "100 must stay unreserved; a new account may start with far less, for example 10: declare what yours has",
    }
    IamRoles "iam-roles" "IAM roles per account" {
        scope: Scope::Account, default: 1_000, source: IAM,
        raise: request("iam", "L-FE177D64", UpTo::Value(5_000)),
        note: "newer pages of AWS name 10,000 as the most",
    }
    EventRulesPerBus "event-rules-per-bus" "EventBridge rules per event bus" {
        scope: Scope::EventBus, default: 300, source: EVENTS,
        regions: &[("af-south-1", 100), ("eu-south-1", 100)],
        raise: request("events", "L-244521F2", UpTo::Unstated),
    }
    WildcardRulesPerBus "wildcard-rules-per-bus" "EventBridge rules with wildcards per event bus" {
        scope: Scope::EventBus, default: 30, source: EVENTS,
    }
    SecurityGroupsPerRegion "security-groups-per-region" "VPC security groups per Region" {
        scope: Scope::Region, default: 2_500, before: 1, source: VPC,
        raise: request("vpc", "L-E79EC296", UpTo::About { words: "more than 5,000", planned: 10_000 }),
        note: "every VPC brings a default group, also the default VPC",
    }
    NetworkInterfacesPerRegion "network-interfaces-per-region" "Network interfaces per Region" {
        scope: Scope::Region, default: 5_000, source: VPC,
        raise: request("vpc", "L-DF5E4CA3", UpTo::Unstated),
        note: "AWS enforces it for each availability zone; here all zones count together",
    }
    IamPolicies "iam-policies" "Customer managed policies per account" {
        scope: Scope::Account, default: 1_500, source: IAM,
        raise: request("iam", "L-E95E4862", UpTo::Value(5_000)),
    }
    DynamoDbTables "dynamodb-tables" "DynamoDB tables per Region" {
        scope: Scope::Region, default: 2_500, source: DYNAMODB,
        raise: request("dynamodb", "L-F98FE922", UpTo::Unstated),
    }
    DynamoDbOperations "dynamodb-control-plane-operations" "Concurrent DynamoDB control plane operations" {
        scope: Scope::Run, default: 500, source: DYNAMODB,
        raise: request("dynamodb", "L-1BB77E89", UpTo::Unstated),
        note: "of the stacks that are deployed at the same time",
    }
    Alarms "alarms" "CloudWatch alarms per Region" {
        scope: Scope::Region, default: 5_000, raise: Raise::Ask { up_to: UpTo::Unstated },
        source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
    }
    S3Buckets "s3-buckets" "General purpose S3 buckets per account" {
        scope: Scope::Account, default: 10_000,
        raise: request("s3", "L-DC2B2D3D", UpTo::Unstated),
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html",
    }
    LambdaCodeStorage "lambda-code-storage" "Lambda function and layer storage" {
        scope: Scope::Region, unit: Unit::Gigabytes, default: 75, source: LAMBDA,
        raise: request("lambda", "L-2ACBD22F", UpTo::About { words: "terabytes", planned: 1_024 }),
        note: "pages of AWS name 75 GB and 300 GB; every function has a copy of its package",
    }
    KmsKeys "kms-keys" "KMS keys per Region" {
        scope: Scope::Region, default: 100_000, source: KMS,
        raise: request("kms", "L-C2F1777E", UpTo::Unstated),
        note: "a key that is pending deletion still counts",
    }
    StateMachines "state-machines" "Registered Step Functions state machines" {
        scope: Scope::Region, default: 100_000, source: STATES,
        raise: Raise::Ask { up_to: UpTo::Value(150_000) },
    }
    LogGroups "log-groups" "CloudWatch log groups per Region" {
        scope: Scope::Region, default: 1_000_000, source: LOGS,
        raise: request("logs", "L-C7B9AAAB", UpTo::Unstated),
    }
    LogResourcePolicies "log-resource-policies" "CloudWatch Logs resource policies per Region" {
        scope: Scope::Region, default: 10, source: LOGS,
    }
    CodeBuildLinuxSmall "codebuild-linux-small-builds" "Concurrently running builds for Linux/Small environment" {
        scope: Scope::Region, default: 1,
        raise: request("codebuild", "L-9D07B6EF", UpTo::Unstated),
        source: "https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html",
        note: "accounts start between 1 and 60; declare what yours has",
    }
    SubnetsPerVpc "subnets-per-vpc" "Subnets per VPC" {
        default: 200, source: VPC, raise: request("vpc", "L-407747CB", UpTo::Unstated),
    }
    CidrBlocksPerVpc "cidr-blocks-per-vpc" "IPv4 CIDR blocks per VPC" {
        default: 5, source: VPC, raise: request("vpc", "L-83CA0A9D", UpTo::Value(50)),
    }
    InterfaceEndpointsPerVpc "interface-endpoints-per-vpc" "Interface VPC endpoints per VPC" {
        default: 50, source: PRIVATELINK, raise: request("vpc", "L-29B6F2EB", UpTo::Unstated),
    }
    EndpointPolicy "endpoint-policy-characters" "Characters per VPC endpoint policy" {
        unit: Unit::Characters, default: 20_480, source: PRIVATELINK,
    }
    RulesPerSecurityGroup "rules-per-security-group" "Inbound or outbound rules per security group" {
        default: 60, source: VPC,
        raise: request("vpc", "L-0EA8095F", UpTo::Value(200)),
        note: "times the groups per network interface it may not exceed 1,000; the prefix lists of S3 and DynamoDB count as one rule each",
    }
    SecurityGroupsPerInterface "security-groups-per-interface" "Security groups per network interface" {
        default: 5, source: VPC, raise: request("vpc", "L-2AFB9258", UpTo::Value(16)),
    }
    NetworkAclsPerVpc "network-acls-per-vpc" "Network ACLs per VPC" {
        default: 200, source: VPC, raise: request("vpc", "L-B4A6D682", UpTo::Unstated),
    }
    RulesPerNetworkAcl "rules-per-network-acl" "Rules per network ACL and direction" {
        default: 20, source: VPC, raise: request("vpc", "L-2AEEBF1A", UpTo::Value(40)),
    }
    RouteTablesPerVpc "route-tables-per-vpc" "Route tables per VPC" {
        default: 200, source: VPC, raise: request("vpc", "L-589F43AA", UpTo::Unstated),
        note: "the main route table counts",
    }
    RoutesPerRouteTable "routes-per-route-table" "Routes per route table" {
        default: 50, source: VPC, raise: request("vpc", "L-93826ACB", UpTo::Value(1_000)),
        note: "pages of AWS name 50 and 500; gateway endpoints and the local route are counted in",
    }
    LambdaInterfacesPerVpc "lambda-interfaces-per-vpc" "Elastic network interfaces of Lambda per VPC" {
        default: 250, source: LAMBDA,
        raise: request("lambda", "L-9FEE3D26", UpTo::About { words: "thousands", planned: 1_000 }),
        note: "one for each pair of subnet and security groups",
    }
    PoliciesPerRole "policies-per-role" "Managed policies per role" {
        default: 10, source: IAM, raise: request("iam", "L-0DA4ABF3", UpTo::Value(20)),
        note: "a permissions boundary does not count",
    }
    TrustPolicy "trust-policy-characters" "Role trust policy length" {
        unit: Unit::Characters, default: 2_048, source: IAM,
        raise: request("iam", "L-C07B4B0D", UpTo::Value(4_096)),
    }
    InlinePolicies "inline-policy-characters" "Inline policies of a role, together" {
        unit: Unit::Characters, default: 10_240, source: IAM, note: "without white space",
    }
    ManagedPolicy "managed-policy-characters" "Managed policy length" {
        unit: Unit::Characters, default: 6_144, source: IAM, note: "without white space",
    }
    KeyPolicy "key-policy-bytes" "KMS key policy document size" {
        unit: Unit::Bytes, default: 32_768, source: KMS,
    }
    AliasesPerKey "aliases-per-key" "Aliases per KMS key" {
        default: 50, source: KMS, raise: request("kms", "L-340F62FB", UpTo::Unstated),
    }
    TablePolicy "table-policy-bytes" "DynamoDB resource policy size" {
        unit: Unit::Bytes, default: 20_480,
        source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html",
    }
    BucketPolicy "bucket-policy-bytes" "S3 bucket policy size" {
        unit: Unit::Bytes, default: 20_480,
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
    }
    SubscriptionFilters "subscription-filters-per-log-group" "Subscription filters per log group" {
        default: 2, source: LOGS,
    }
    MetricFilters "metric-filters-per-log-group" "Metric filters per log group" {
        default: 100, source: LOGS,
    }
    TargetsPerRule "targets-per-rule" "Targets per EventBridge rule" {
        default: 5, source: EVENTS,
    }
    EventPattern "event-pattern-characters" "Event pattern size" {
        unit: Unit::Characters, default: 2_048, source: EVENTS,
        raise: request("events", "L-664C5505", UpTo::Unstated),
    }
    StateMachineDefinition "state-machine-definition-bytes" "State machine definition size" {
        unit: Unit::Bytes, default: 1_048_576, source: STATES,
    }
    NetworkPlanBlocks "network-plan-blocks" "Blocks of the network plan" {
        scope: Scope::Fleet,
        raise: Raise::Setting { field: "network.prefix_length" },
        note: "removed tenants keep theirs; set it before the first deployment, since another block replaces a VPC",
    }
}

impl serde::Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_says_what_a_person_needs_and_no_code_stands_twice() {
        let mut keys = BTreeSet::new();
        let mut codes = BTreeSet::new();
        for key in Key::ALL {
            let quota = key.quota();
            assert_eq!(quota.key, *key);
            assert!(keys.insert(key.as_str()), "{} stands twice", key.as_str());
            assert!(key.as_str().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(!quota.name.is_empty(), "{}", key.as_str());
            if quota.scope != Scope::Fleet {
                assert!(quota.source.starts_with("https://docs.aws.amazon.com/"), "{}", key.as_str());
                assert!(quota.default > quota.before + quota.reserve, "{}", key.as_str());
            }
            if let Raise::Request { service, code, up_to } = quota.raise {
                assert!(codes.insert((service, code)), "{code} stands twice");
                let hex = code.strip_prefix("L-").unwrap();
                assert!(
                    hex.len() == 8 && hex.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)),
                    "{code}"
                );
                if let UpTo::Value(most) | UpTo::About { planned: most, .. } = up_to {
                    assert!(most > quota.default, "{}", key.as_str());
                }
            }
        }
    }

    #[test]
    fn a_default_may_depend_on_the_region() {
        let rules = Key::EventRulesPerBus.quota();
        assert_eq!((rules.default_in("us-east-1"), rules.default_in("eu-south-1")), (300, 100));
    }
}
