//! Where the proof does not yet say what AWS does. The list may only shrink: a spoiling that is judged as expected must leave it.

/// Spoilings that break the fleet, or one of the premises, and are not caught.
pub(crate) const MISSED: &[&str] = &[
    "boundary and identity: events on the bus, and the Deny is gone",
    "trust: an identity provider",
    "trust: the Deny of tenants turned into an Allow",
    "table: has a replica in another region, and another tenant is wide there",
    "queue: the event service on behalf of a rule of this name in any account",
    "key: no policy of its own, and another tenant is wide",
    "key: a grant to another account",
    "function: runs in a subnet that is not in the stack",
    "logs: a resource policy for a service on behalf of anybody",
    "logs: the platform's rule may write into every group",
    "logs: a tenant subscribes to the central group",
    "network: a subnet uses a route table of somebody else",
    "network: an endpoint for a service of another VPC",
    "network: a subnet in a VPC that is not in the stack",
    "network: ACL: a subnet is given to another one",
    "network: group: out to a prefix list by its number",
    "network: endpoint: in a VPC that is not in the stack",
    "tags: a tenant's stack carries the platform's",
    "unread: a resource in the account of another provider",
];

/// Spoilings that AWS stops, or stops in part, and that are refused for more than is true: on the safe side.
pub(crate) const ALARMS: &[&str] = &[
    "identity: any account, any region",
    "boundary and identity: items of every table",
    "table: another tenant is wide, and partitions are not denied",
    "queue: allows everybody for the own rule",
    "key: no policy of its own",
    "key: no policy of its own, and another tenant's identity is wide",
    "key: everybody of the account through S3",
    "key: everybody of the account through S3, and nothing is denied",
    "network: ACL: a Deny of just what a later rule allows",
];

/// What the table of outcomes says of a spoiling that is open.
pub(crate) fn mark(name: &str) -> &'static str {
    if MISSED.contains(&name) {
        "\n    open:     not caught yet"
    } else if ALARMS.contains(&name) {
        "\n    open:     refused for more than is true"
    } else {
        ""
    }
}
