//! A bucket under a key: versioned, closed to the public, with a life cycle, destroyable with what is in it.

use construct::arn::Key;
use construct::{Address, ArnOf, Handle, Stack, Text};
use naming::{Owner, ResourceName};

use crate::resources::*;

/// How long objects live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// 90 days, in Intelligent-Tiering from the first day.
    Days90,
    /// Until somebody deletes them; only old versions go, after 90 days.
    Unlimited,
}

/// What a bucket differs in.
pub struct BucketPlan {
    /// Its name.
    pub name: ResourceName,
    /// The key that encrypts its objects.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
    /// How long objects live.
    pub lifetime: Lifetime,
    /// Its policy.
    pub policy: Text,
}

/// Declares buckets.
pub struct SecureBucket;

/// For how many days what was overwritten or deleted can still be saved, and an unfinished upload be taken up again.
const GRACE_DAYS: u16 = 7;

impl SecureBucket {
    /// Declares a bucket and all that belongs to it in the stack of any owner.
    pub fn declare<O: Owner>(stack: &mut Stack<O>, id: &'static str, plan: BucketPlan) -> Handle<Bucket> {
        let tags = crate::tags(stack);
        let bucket = stack.add(id, Bucket { bucket: plan.name, force_destroy: true, tags });
        let name = || bucket.get(Bucket::NAME);
        let closed = stack.add(
            id,
            PublicAccessBlock {
                block_public_acls: true,
                block_public_policy: true,
                bucket: name(),
                ignore_public_acls: true,
                restrict_public_buckets: true,
            },
        );
        stack.add(
            id,
            OwnershipControls { bucket: name(), rule: OwnershipRule { object_ownership: "BucketOwnerEnforced" } },
        );
        let versioning = stack.add(
            id,
            Versioning { bucket: name(), versioning_configuration: VersioningConfiguration { status: "Enabled" } },
        );
        stack.add_after(
            id,
            Encryption {
                bucket: name(),
                rule: EncryptionRule {
                    apply_server_side_encryption_by_default: DefaultEncryption {
                        kms_master_key_id: plan.key,
                        sse_algorithm: "aws:kms",
                    },
                    bucket_key_enabled: true,
                },
            },
            [plan.key_ready],
        );
        // A rule on old versions needs versioning to be on.
        stack.add_after(id, Lifecycle { bucket: name(), rule: rules(plan.lifetime) }, [versioning.address()]);
        stack.add_after(id, BucketPolicy { bucket: name(), policy: plan.policy }, [closed.address()]);
        bucket
    }
}

/// Expiry alone would only hide a versioned object behind a delete marker: old versions, markers that hide nothing any more and
/// unfinished uploads go too.
fn rules(lifetime: Lifetime) -> Vec<LifecycleRule> {
    let (name, transition, expiration, noncurrent_days) = match lifetime {
        Lifetime::Days90 => (
            "expire-after-90-days",
            Some(Transition { days: 0, storage_class: "INTELLIGENT_TIERING" }),
            Some(Expiration::Days { days: 90 }),
            GRACE_DAYS,
        ),
        Lifetime::Unlimited => ("expire-old-versions", None, None, 90),
    };
    vec![
        LifecycleRule {
            abort_incomplete_multipart_upload: Some(AbortUploads { days_after_initiation: GRACE_DAYS }),
            noncurrent_version_expiration: Some(NoncurrentExpiration { noncurrent_days }),
            transition,
            expiration,
            ..LifecycleRule::all_objects(name)
        },
        LifecycleRule {
            expiration: Some(Expiration::Markers { expired_object_delete_marker: true }),
            ..LifecycleRule::all_objects("remove-delete-markers")
        },
    ]
}
