//! The key of what tenants share. No tenant's principal uses it: CloudWatch Logs does so for the central log group, whoever writes to it.

use construct::arn::{Bucket, Function, Key, LogGroup, Role as RoleMarker, Rule, Table};
use construct::{Address, ArnOf, Construct, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

use crate::arns::account_root;
use crate::guard::{PLATFORM_RULES, deny_all_tenants_but_deployer, deployer_role};
use crate::key::{FOR_LOGS, administration};
use crate::policy::action::kms;
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::resources::{KmsAlias, KmsKey, KmsKeyPolicy};
use crate::service::Service;

/// The platform's key.
pub struct PlatformKey;

/// What other families need of the platform's key.
pub struct PlatformKeyExports {
    /// The key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used: its policy.
    pub key_ready: Address,
}

impl Construct<Platform> for PlatformKey {
    type Exports = PlatformKeyExports;

    fn declare(self, stack: &mut Stack<Platform>) -> PlatformKeyExports {
        let platform = stack.owner();
        let (tags, alias) = (platform.tags(), platform.name(PlatformKind::Key));
        let body = KmsKey {
            description: Text::literal("What the tenants of the environment share"),
            deletion_window_in_days: 7,
            enable_key_rotation: true,
            // AWS names it by a number, and its alias comes later.
            tags: tags.named(alias.clone()),
        };
        let key = stack.add("platform", body);
        stack.add(
            "platform",
            KmsAlias { name: Text::literal("alias/").then(alias), target_key_id: key.get(KmsKey::KEY_ID) },
        );
        let key_arn = key.get(KmsKey::ARN);
        let policy = policy(stack, &key_arn);
        let policy = stack.add("platform", KmsKeyPolicy { key_id: key.get(KmsKey::KEY_ID), policy });
        PlatformKeyExports { key: key_arn, key_ready: policy.address() }
    }
}

/// The roles of the platform are known by their ARNs, not as principals: a principal would have to exist before the policy, and the
/// boundaries of the roles name the key.
fn policy(stack: &Stack<Platform>, key_arn: &ArnOf<Key>) -> Text {
    let platform = stack.owner();
    let region = platform.region();
    let on = std::slice::from_ref(key_arn);
    let via = |service: Service| [Text::literal(service.via(region))];
    let registry = Text::from(platform.name(PlatformKind::Registry));
    let registry_arn = stack.arn::<Table>(&platform.name(PlatformKind::Registry)).text();
    let groups = [
        PlatformKind::CentralLog,
        PlatformKind::EventLog,
        PlatformKind::OnboardingFunctionLog,
        PlatformKind::RunnerLog,
    ]
    .map(|kind| stack.arn::<LogGroup>(&platform.name(kind)));
    let roles = |kinds: &[PlatformKind]| -> Vec<ArnOf<RoleMarker>> {
        kinds.iter().map(|kind| stack.arn(&platform.name(*kind))).collect()
    };
    let function = stack.arn::<Function>(&platform.name(PlatformKind::OnboardingFunction));
    let table_use = [kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY, kms::RE_ENCRYPT_FROM, kms::RE_ENCRYPT_TO];
    let [by_name, by_tag] = deny_all_tenants_but_deployer(stack, &["kms:*"], &[key_arn.text()]);
    let states = [kms::DECRYPT, kms::GENERATE_DATA_KEY];
    Policy::new([
        administration(stack, key_arn),
        Statement::allow("AllowCreatorOfTable", &table_use, on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [registry.clone()]),
        Statement::allow("AllowGrantsToServices", &[kms::CREATE_GRANT], on)
            .principal(Principal::Account(account_root(stack)))
            .when(
                Operator::StringEquals,
                key::VIA_SERVICE,
                [Service::DynamoDb, Service::Lambda].map(|service| Text::literal(service.via(region))),
            )
            .when(Operator::Bool, key::GRANT_FOR_AWS, [Text::literal("true")]),
        Statement::allow("AllowStates", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::S3))
            .when(
                Operator::StringEquals,
                key::CONTEXT_BUCKET,
                [stack.arn::<Bucket>(&platform.name(PlatformKind::State))],
            ),
        Statement::allow("AllowRegistry", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Account(account_root(stack)))
            .when(
                Operator::ArnEquals,
                key::PRINCIPAL_ARN,
                roles(&[PlatformKind::OnboardingFunctionRole, PlatformKind::RunnerRole]),
            )
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [registry]),
        Statement::allow("AllowLetters", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::ArnEquals, key::PRINCIPAL_ARN, roles(&[PlatformKind::OnboardingRole]))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::Sqs)),
        Statement::allow("AllowCreatorOfFunction", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::Lambda))
            .when(Operator::StringEquals, key::CONTEXT_FUNCTION, [&function]),
        Statement::allow("AllowLogGroups", FOR_LOGS, on)
            .principal(Principal::Service(Service::Logs.principal(region)))
            .when(Operator::ArnEquals, key::CONTEXT_LOG_GROUP, &groups),
        Statement::allow("AllowUndeliveredEvents", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Service(Service::EventBridge.principal(region)))
            .when(
                Operator::ArnEquals,
                key::SOURCE_ARN,
                PLATFORM_RULES.map(|rule| stack.arn::<Rule>(&platform.name(rule))),
            )
            .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()]),
        Statement::allow_service(
            "AllowTableToSeeKey",
            &Service::DynamoDb.principal(region),
            &[kms::DESCRIBE_KEY],
            on,
            (Operator::ArnEquals, registry_arn),
            stack.account(),
        ),
        by_name,
        by_tag,
        // Of the key, a session of the deployer has what opens and closes the state of its tenant's stack (`AllowStates`).
        Statement::deny_all_but("DenyDeployerAllButStates", &states, [key_arn.text()])
            .principal(Principal::Everyone)
            .when(Operator::ArnEquals, key::PRINCIPAL_ARN, [deployer_role(stack)]),
        Statement::deny("DenyDeployerOtherServices", &["kms:*"], [key_arn.text()])
            .principal(Principal::Everyone)
            .when(Operator::ArnEquals, key::PRINCIPAL_ARN, [deployer_role(stack)])
            .when(Operator::StringNotEquals, key::VIA_SERVICE, via(Service::S3)),
    ])
    .text()
}
