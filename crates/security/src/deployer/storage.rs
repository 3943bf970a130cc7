//! A tenant's bucket and table, but none of what is in them; and the state of its stack.

use construct::arn::{Bucket, Key, Table};
use construct::{ArnOf, Stack, Text};
use naming::{Owner, Platform};

use super::session::SessionArns;
use crate::policy::action::{Action, dynamodb, kms, s3};
use crate::policy::{Operator, Statement, key};
use crate::service::Service;

const BUCKET: &[Action<Bucket>] = &[
    s3::CREATE_BUCKET,
    s3::DELETE_BUCKET,
    s3::DELETE_BUCKET_POLICY,
    s3::GET_ACCELERATE_CONFIGURATION,
    s3::GET_BUCKET_ACL,
    s3::GET_BUCKET_CORS,
    s3::GET_BUCKET_LOCATION,
    s3::GET_BUCKET_LOGGING,
    s3::GET_BUCKET_OBJECT_LOCK_CONFIGURATION,
    s3::GET_BUCKET_OWNERSHIP_CONTROLS,
    s3::GET_BUCKET_POLICY,
    s3::GET_BUCKET_PUBLIC_ACCESS_BLOCK,
    s3::GET_BUCKET_REQUEST_PAYMENT,
    s3::GET_BUCKET_TAGGING,
    s3::GET_BUCKET_VERSIONING,
    s3::GET_BUCKET_WEBSITE,
    s3::GET_ENCRYPTION_CONFIGURATION,
    s3::GET_LIFECYCLE_CONFIGURATION,
    s3::GET_REPLICATION_CONFIGURATION,
    s3::LIST_BUCKET,
    s3::LIST_BUCKET_VERSIONS,
    s3::LIST_TAGS_FOR_RESOURCE,
    s3::PUT_BUCKET_OWNERSHIP_CONTROLS,
    s3::PUT_BUCKET_POLICY,
    s3::PUT_BUCKET_PUBLIC_ACCESS_BLOCK,
    s3::PUT_BUCKET_TAGGING,
    s3::PUT_BUCKET_VERSIONING,
    s3::PUT_ENCRYPTION_CONFIGURATION,
    s3::PUT_LIFECYCLE_CONFIGURATION,
    s3::TAG_RESOURCE,
    s3::UNTAG_RESOURCE,
];

const TABLE: &[Action<Table>] = &[
    dynamodb::CREATE_TABLE,
    dynamodb::DELETE_RESOURCE_POLICY,
    dynamodb::DELETE_TABLE,
    dynamodb::DESCRIBE_CONTINUOUS_BACKUPS,
    dynamodb::DESCRIBE_CONTRIBUTOR_INSIGHTS,
    dynamodb::DESCRIBE_TABLE,
    dynamodb::DESCRIBE_TIME_TO_LIVE,
    dynamodb::GET_RESOURCE_POLICY,
    dynamodb::LIST_TAGS_OF_RESOURCE,
    dynamodb::PUT_RESOURCE_POLICY,
    dynamodb::TAG_RESOURCE,
    dynamodb::UNTAG_RESOURCE,
    dynamodb::UPDATE_CONTINUOUS_BACKUPS,
    dynamodb::UPDATE_CONTRIBUTOR_INSIGHTS,
    dynamodb::UPDATE_TABLE,
    dynamodb::UPDATE_TIME_TO_LIVE,
];

pub(super) fn allowed(stack: &Stack<Platform>, arns: &SessionArns, platform_key: &ArnOf<Key>) -> Vec<Statement> {
    let region = stack.owner().region();
    let states = std::slice::from_ref(&arns.states);
    vec![
        Statement::allow("Bucket", BUCKET, std::slice::from_ref(&arns.bucket)),
        // A bucket must be empty to be destroyed. Nothing is read.
        Statement::allow("EmptyBucket", &[s3::DELETE_OBJECT, s3::DELETE_OBJECT_VERSION], &[arns.bucket.objects()]),
        Statement::allow("Table", TABLE, std::slice::from_ref(&arns.table)),
        Statement::allow("State", &[s3::GET_OBJECT, s3::PUT_OBJECT], std::slice::from_ref(&arns.state)),
        Statement::allow(
            "StateLock",
            &[s3::DELETE_OBJECT, s3::GET_OBJECT, s3::PUT_OBJECT],
            std::slice::from_ref(&arns.state_lock),
        ),
        // Where workspaces would be, and whether the state is there (https://developer.hashicorp.com/terraform/language/backend/s3).
        Statement::allow("StateList", &[s3::LIST_BUCKET], states).when(
            Operator::StringEquals,
            key::S3_PREFIX,
            [arns.state_key.clone(), Text::literal("env:/")],
        ),
        Statement::allow("StateKey", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], std::slice::from_ref(platform_key))
            .when(Operator::StringEquals, key::VIA_SERVICE, [Text::literal(Service::S3.via(region))])
            .when(Operator::StringEquals, key::CONTEXT_BUCKET, states),
    ]
}
