//! Dead-letter queues: where a message goes that nobody could take, so that none is lost in silence.

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{Kind, Owner, ResourceName};

use crate::resources::Queue;

/// 14 days, the most that SQS keeps a message.
const RETENTION_SECONDS: u32 = 14 * 24 * 60 * 60;

/// What a dead-letter queue differs in.
pub struct QueuePlan {
    /// Its name.
    pub name: ResourceName,
    /// The key that encrypts it.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
    /// Its policy, which it has from its first moment.
    pub policy: Text,
}

/// Declares dead-letter queues.
pub struct DeadLetterQueue;

impl DeadLetterQueue {
    /// Declares a queue in the stack of any owner.
    pub fn declare<O: Owner>(stack: &mut Stack<O>, plan: QueuePlan) -> Handle<Queue> {
        let body = Queue {
            kms_data_key_reuse_period_seconds: 300,
            kms_master_key_id: plan.key,
            message_retention_seconds: RETENTION_SECONDS,
            name: plan.name,
            policy: plan.policy,
            tags: stack.owner().tags(),
        };
        stack.add_after("dead_letters", body, [plan.key_ready])
    }
}

/// The tenant's dead-letter queue.
pub struct TenantDeadLetters {
    /// The tenant's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
}

impl Construct for TenantDeadLetters {
    type Exports = Handle<Queue>;

    fn declare(self, stack: &mut Stack) -> Handle<Queue> {
        let policy = security::guard::queue_policy(stack);
        let name = stack.owner().name(Kind::Dlq);
        DeadLetterQueue::declare(stack, QueuePlan { name, key: self.key, key_ready: self.key_ready, policy })
    }
}
