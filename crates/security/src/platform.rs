//! The key of what tenants share. No tenant's principal uses it: CloudWatch Logs does so for the central log group, whoever writes to it.

use construct::arn::{Bucket, Key, LogGroup, Role as RoleMarker, Rule, Table};
use construct::{Address, ArnOf, Construct, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

use crate::arns::account_root;
use crate::guard::deny_all_tenants;
use crate::key::{FOR_LOGS, administration};
use crate::policy::action::kms;
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::resources::{KmsAlias, KmsKey, KmsKeyPolicy};
use crate::service::Service;

/// The platform's key.
pub struct PlatformKey {
    /// The role of the onboarding workflow, which writes the registry.
    pub onboarding_role: ArnOf<RoleMarker>,
}

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
        let policy = policy(stack, &key_arn, self.onboarding_role);
        let policy = stack.add("platform", KmsKeyPolicy { key_id: key.get(KmsKey::KEY_ID), policy });
        PlatformKeyExports { key: key_arn, key_ready: policy.address() }
    }
}

fn policy(stack: &Stack<Platform>, key_arn: &ArnOf<Key>, onboarding_role: ArnOf<RoleMarker>) -> Text {
    let platform = stack.owner();
    let region = platform.region();
    let on = std::slice::from_ref(key_arn);
    let via = |service: Service| [Text::literal(service.via(region))];
    let registry = Text::from(platform.name(PlatformKind::Registry));
    let registry_arn = stack.arn::<Table>(&platform.name(PlatformKind::Registry)).text();
    let groups =
        [PlatformKind::CentralLog, PlatformKind::EventLog].map(|kind| stack.arn::<LogGroup>(&platform.name(kind)));
    let rules = [PlatformKind::Signup, PlatformKind::Offboarding, PlatformKind::Alarms];
    let table_use = [kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY, kms::RE_ENCRYPT_FROM, kms::RE_ENCRYPT_TO];
    let [by_name, by_tag] = deny_all_tenants(platform, &["kms:*"], &[key_arn.text()]);
    Policy::new([
        administration(stack, key_arn),
        Statement::allow("AllowCreatorOfTable", &table_use, on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [registry.clone()]),
        Statement::allow("AllowGrantsToTable", &[kms::CREATE_GRANT], on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::DynamoDb))
            .when(Operator::Bool, key::GRANT_FOR_AWS, [Text::literal("true")]),
        Statement::allow("AllowStates", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::S3))
            .when(
                Operator::StringEquals,
                key::CONTEXT_BUCKET,
                [stack.arn::<Bucket>(&platform.name(PlatformKind::State))],
            ),
        Statement::allow("AllowOnboarding", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Roles(vec![onboarding_role]))
            .when(Operator::StringEquals, key::VIA_SERVICE, via(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [registry]),
        Statement::allow("AllowLogGroups", FOR_LOGS, on)
            .principal(Principal::Service(Service::Logs.principal(region)))
            .when(Operator::ArnEquals, key::CONTEXT_LOG_GROUP, &groups),
        Statement::allow("AllowUndeliveredEvents", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], on)
            .principal(Principal::Service(Service::EventBridge.principal(region)))
            .when(Operator::ArnEquals, key::SOURCE_ARN, rules.map(|rule| stack.arn::<Rule>(&platform.name(rule))))
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
    ])
    .text()
}
