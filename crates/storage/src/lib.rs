#![doc = include_str!("../README.md")]

mod bucket;
mod platform;
mod resources;
mod table;

pub use bucket::{BucketPlan, Lifetime, SecureBucket};
pub use platform::PlatformStates;
pub use resources::{Bucket, BucketName, Table, TableName, TableResourcePolicy};
pub use table::{SecureTable, TableKeys, TablePlan};

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Expr, Handle, Stack};
use naming::{Kind, Owner, runtime};
use network::EndpointId;
use resources::ContributorInsights;

/// The tenant's table and bucket, under the tenant's key.
pub struct TenantStorage {
    /// The tenant's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
    /// The VPC's endpoint of S3, through which alone the tenant's function reaches the bucket.
    pub s3_endpoint: Expr<EndpointId>,
    /// The VPC's endpoint of DynamoDB, through which alone the tenant's function reaches the table.
    pub dynamodb_endpoint: Expr<EndpointId>,
}

/// The tenant's table and bucket.
pub struct Storage {
    /// The table of tenant metadata.
    pub table: Handle<Table>,
    /// The bucket of tenant data.
    pub bucket: Handle<Bucket>,
}

impl Construct for TenantStorage {
    type Exports = Storage;

    fn declare(self, stack: &mut Stack) -> Storage {
        let table = SecureTable::declare(
            stack,
            "metadata",
            TablePlan {
                name: stack.owner().name(Kind::Metadata),
                keys: TableKeys { partition: runtime::PARTITION_KEY, sort: Some(runtime::SORT_KEY) },
                expiry: Some(runtime::EXPIRY),
                key: self.key.clone(),
                key_ready: self.key_ready.clone(),
            },
        );
        let policy = security::guard::table_policy(stack, &self.dynamodb_endpoint);
        stack.add("metadata", TableResourcePolicy { resource_arn: table.get(Table::ARN), policy });
        stack.add("metadata", ContributorInsights { table_name: table.get(Table::NAME) });

        let policy = security::guard::bucket_policy(stack, &self.key, &self.s3_endpoint);
        let bucket = SecureBucket::declare(
            stack,
            "data",
            BucketPlan {
                name: stack.owner().name(Kind::Data),
                key: self.key,
                key_ready: self.key_ready,
                lifetime: Lifetime::Days90,
                policy,
            },
        );
        Storage { table, bucket }
    }
}

/// The tags of a stack's owner, for the constructs that serve any owner.
fn tags<O: Owner>(stack: &Stack<O>) -> naming::Tags {
    stack.owner().tags()
}
