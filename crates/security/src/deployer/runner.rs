//! What the runner may do: become the deployer for one tenant, read its release and the registry, write its log. Nothing of a tenant.

use construct::arn::{Bucket, Key, LogGroup, Role, Table};
use construct::{ArnOf, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

use crate::grants::STREAM_WRITES;
use crate::policy::action::{dynamodb, kms, s3, sts};
use crate::policy::{Operator, Policy, Statement, key};
use crate::service::Service;

/// The policy of the runner, and its permissions boundary.
pub(super) fn policy(stack: &Stack<Platform>, key_arn: &ArnOf<Key>) -> Text {
    let platform = stack.owner();
    let deployer = stack.arn::<Role>(&platform.name(PlatformKind::DeployerRole));
    let bucket = stack.arn::<Bucket>(&platform.name(PlatformKind::State));
    let registry = stack.arn::<Table>(&platform.name(PlatformKind::Registry));
    let log = stack.arn::<LogGroup>(&platform.name(PlatformKind::RunnerLog));
    let on_key = std::slice::from_ref(key_arn);
    let through = |service: Service| [Text::literal(service.via(platform.region()))];
    Policy::new([
        Statement::allow("BecomeDeployer", &[sts::ASSUME_THIS_ROLE, sts::TAG_SESSION_OF_ROLE], &[deployer])
            .when(Operator::Null, key::REQUEST_TENANT, [Text::literal("false")])
            .when(Operator::StringNotEquals, key::REQUEST_TENANT, [Text::literal(Platform::TAG)]),
        Statement::allow(
            "Releases",
            &[s3::GET_OBJECT, s3::GET_OBJECT_VERSION],
            &[bucket.objects_under(super::PlatformDeployer::RELEASES)],
        ),
        Statement::allow("Bucket", &[s3::GET_BUCKET_ACL, s3::GET_BUCKET_LOCATION], std::slice::from_ref(&bucket)),
        Statement::allow("ReleaseKey", &[kms::DECRYPT], on_key)
            .when(Operator::StringEquals, key::VIA_SERVICE, through(Service::S3))
            .when(Operator::StringEquals, key::CONTEXT_BUCKET, [&bucket]),
        Statement::allow("Registry", &[dynamodb::BATCH_GET_ITEM, dynamodb::QUERY], &[registry]),
        Statement::allow("RegistryKey", &[kms::DECRYPT], on_key)
            .when(Operator::StringEquals, key::VIA_SERVICE, through(Service::DynamoDb))
            .when(Operator::StringEquals, key::CONTEXT_TABLE, [platform.name(PlatformKind::Registry)]),
        Statement::allow("OwnLog", STREAM_WRITES, &[log.streams_under(super::PlatformDeployer::BUILD_STREAMS)]),
    ])
    .text()
}
