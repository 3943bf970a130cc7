//! The bucket in which Terraform keeps the states of an environment, for fleets that do not keep them in files.

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Handle, Stack};
use naming::{Platform, PlatformKind};

use crate::bucket::{BucketPlan, Lifetime, SecureBucket};
use crate::resources::Bucket;

/// The platform's bucket of Terraform states.
pub struct PlatformStates {
    /// The platform's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
}

impl Construct<Platform> for PlatformStates {
    type Exports = Handle<Bucket>;

    fn declare(self, stack: &mut Stack<Platform>) -> Handle<Bucket> {
        let policy = security::guard::state_bucket_policy(stack);
        let name = stack.owner().name(PlatformKind::State);
        let plan = BucketPlan { name, key: self.key, key_ready: self.key_ready, lifetime: Lifetime::Unlimited, policy };
        SecureBucket::declare(stack, "states", plan)
    }
}
