//! The layers one by one: what each stops alone, and what is left when one thing goes wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Rule;
use crate::iam::{Besides, Origin, ResourceKind, find_way};
use crate::model::{Model, allowing, of_the_account};
use crate::proof::{Pair, Through, condition_keys, facts, policies_of, principal_of, question};
use crate::report::{Accident, Layer, Strength};

/// Two tenants and the platform, to take things away from.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) from: Model,
    pub(crate) to: Model,
    pub(crate) platform: Vec<Model>,
    /// The rules of networks that do not hold.
    pub(crate) broken: BTreeSet<Rule>,
}

/// A layer of the design: its name, what people call it, what it is, and for which kinds AWS has it.
const LAYERS: [(&str, &str, &str, &[&str]); 8] = [
    ("network", "Network", "A VPC of its own that nothing leads out of, network ACLs, security groups.", &["network"]),
    (
        "endpoints",
        "Endpoint policies",
        "Through the VPC's endpoints pass only the tenant's roles to the tenant's resources.",
        &["bucket", "table", "logs"],
    ),
    ("identity", "Identity", "Listed actions on exact ARNs, for principals tagged with the tenant.", EVERYTHING),
    ("boundary", "Permissions boundary", "The most that any role of the tenant can ever do.", EVERYTHING),
    (
        "resources",
        "Resource policies",
        "Buckets, tables, queues and roles refuse other tenants by tag and by name.",
        &["bucket", "table", "queue", "role"],
    ),
    ("keys", "Keys", "Nobody but the tenant's roles and services acting for it use the tenant's key.", &["key"]),
    ("logs", "Logs", "Streams are read and written one by one, never a whole group.", &["logs"]),
    ("names", "Names", "One tenant, one kind, one environment: one name.", &[]),
];

/// All kinds of resources that a principal can be granted something on.
const EVERYTHING: &[&str] = &[
    "account", "alarm", "alias", "backup", "bucket", "function", "iam", "key", "logs", "network", "queue", "role",
    "rule", "stream", "table", "workflow",
];

/// Where a policy stands that an accident brings.
const ACCIDENT: Origin<'static> = Origin { stack: "", resource: "the accident", attribute: "policy" };

const NETWORK_RULES: [Rule; 3] = [Rule::NoWayBetweenNetworks, Rule::NetworkAcl, Rule::SecurityGroups];

impl World {
    fn by_roles(&self) -> Vec<Through> {
        let platform: Vec<&Model> = self.platform.iter().collect();
        let keys = self.keys();
        Pair { from: &self.from, to: &self.to, platform: &platform, keys: &keys }.by_roles()
    }

    fn ways(&self) -> Vec<Through> {
        let platform: Vec<&Model> = self.platform.iter().collect();
        let keys = self.keys();
        Pair { from: &self.from, to: &self.to, platform: &platform, keys: &keys }.ways()
    }

    fn keys(&self) -> BTreeSet<String> {
        condition_keys(&[&self.from, &self.to])
    }

    /// Takes away all that stops a role but one layer.
    fn stripped_to(&self, layer: &str) -> Self {
        let mut world = self.clone();
        let away = |this: &str| this != layer;
        if away("identity") && layer != "logs" {
            widen_identity(&mut world);
        }
        if away("boundary") {
            drop_boundary(&mut world);
        }
        if away("resources") {
            drop_policies(&mut world, &["bucket", "table", "queue"]);
            trust_the_account(&mut world);
        }
        if away("keys") {
            default_key_policy(&mut world);
        }
        world
    }

    /// What a role whose own policies allow everything reaches through the endpoints of its VPC.
    fn through_endpoints(&self) -> BTreeSet<&'static str> {
        let world = self.stripped_to("endpoints");
        let keys = self.keys();
        let mut reached = BTreeSet::new();
        for role in &world.from.roles {
            for resource in &world.to.resources {
                let endpoints = world
                    .from
                    .endpoints
                    .iter()
                    .filter(|endpoint| resource.services.contains(&endpoint.service.as_str()));
                for endpoint in endpoints {
                    let mut policies = policies_of(role, resource, &world.to.account);
                    policies.endpoint = Some(endpoint.policy.clone().unwrap_or_else(|| allowing("*")));
                    let question = question(&principal_of(role), resource, &facts(role, &keys));
                    if find_way(&policies, &question, &Besides::default()).is_some() {
                        reached.insert(resource.label);
                    }
                }
            }
        }
        reached
    }

    fn alone(&self, layer: &str, kinds: &[&str]) -> BTreeMap<String, Strength> {
        let present: BTreeSet<&str> =
            self.to.resources.iter().map(|resource| resource.label).chain(["account"]).collect();
        let reached: BTreeSet<&str> = match layer {
            "network" if NETWORK_RULES.iter().any(|rule| self.broken.contains(rule)) => BTreeSet::from(["network"]),
            "network" | "names" => BTreeSet::new(),
            "endpoints" => self.through_endpoints(),
            layer => self.stripped_to(layer).by_roles().iter().map(|through| through.label).collect(),
        };
        let strength = |kind: &str| match (kinds.contains(&kind), reached.contains(kind)) {
            (false, _) => Strength::NotApplicable,
            (true, false) => Strength::Stops,
            (true, true) => Strength::Partial,
        };
        present.into_iter().map(|kind| (kind.to_owned(), strength(kind))).collect()
    }

    /// What each layer does alone.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        let layer = |(id, title, what, kinds): (&'static str, &'static str, &'static str, &[&str])| Layer {
            id,
            title,
            what,
            alone: self.alone(id, kinds),
        };
        LAYERS.into_iter().map(layer).collect()
    }

    /// What happens when one thing goes wrong.
    pub(crate) fn accidents(&self, layers: &[Layer]) -> Vec<Accident> {
        let policies = ACCIDENTS.iter().map(|accident| self.after(accident, layers));
        policies.chain(NETWORK_ACCIDENTS.iter().map(|accident| self.after_in_the_network(accident))).collect()
    }

    fn after(&self, accident: &PolicyAccident, layers: &[Layer]) -> Accident {
        let mut world = self.clone();
        (accident.happen)(&mut world);
        let mut ways = world.ways();
        let example = (!ways.is_empty()).then(|| ways.swap_remove(0).access);
        let stops = |layer: &&Layer| {
            let on = || accident.on.iter().filter_map(|kind| layer.alone.get(*kind));
            let any = on().any(|strength| *strength == Strength::Stops);
            layer.id != accident.layer
                && any
                && on().all(|strength| *strength != Strength::Partial)
                && example.is_none()
        };
        let by: Vec<&'static str> = layers.iter().filter(stops).map(|layer| layer.id).collect();
        let why = match (&example, by.is_empty()) {
            (Some(_), _) => accident.no_second_layer.to_owned(),
            (None, false) => format!("Each of these stops it alone: {}.", by.join(", ")),
            (None, true) => "What is left of the layers stops it together.".to_owned(),
        };
        Accident {
            id: accident.id,
            what: accident.what,
            layer: accident.layer,
            holds: example.is_none(),
            by,
            why,
            example,
        }
    }

    fn after_in_the_network(&self, accident: &(&'static str, &'static str, Rule)) -> Accident {
        let (id, what, lost) = *accident;
        let left = NETWORK_RULES.into_iter().filter(|rule| *rule != lost && !self.broken.contains(rule));
        let left: Vec<&str> = left
            .map(|rule| match rule {
                Rule::NetworkAcl => "the network ACLs",
                Rule::SecurityGroups => "the security groups",
                _ => "that nothing leads out of the VPC",
            })
            .collect();
        Accident {
            id,
            what,
            layer: "network",
            holds: !left.is_empty(),
            by: if left.is_empty() { Vec::new() } else { vec!["network"] },
            why: match left.as_slice() {
                [] => "No other wall of the network is whole.".to_owned(),
                left => format!("What holds it: {}.", left.join(" and ")),
            },
            example: None,
        }
    }
}

/// Something that goes wrong with policies.
struct PolicyAccident {
    id: &'static str,
    what: &'static str,
    layer: &'static str,
    /// The kinds of resources that the layer guards.
    on: &'static [&'static str],
    happen: fn(&mut World),
    /// Why there may be no second layer.
    no_second_layer: &'static str,
}

const DATA: &[&str] = &["bucket", "table", "queue", "key"];

const ACCIDENTS: [PolicyAccident; 13] = [
    PolicyAccident {
        id: "identity-widened",
        what: "The policies of a tenant's roles allow every action on every resource.",
        layer: "identity",
        on: DATA,
        happen: widen_identity,
        no_second_layer: "Nothing but the roles' own policies stands between the tenants.",
    },
    PolicyAccident {
        id: "boundary-dropped",
        what: "A tenant's roles lose their permissions boundary.",
        layer: "boundary",
        on: DATA,
        happen: drop_boundary,
        no_second_layer: "Nothing but the boundary stands between the tenants.",
    },
    PolicyAccident {
        id: "tag-changed",
        what: "A tenant's roles are tagged with the id of another tenant.",
        layer: "identity",
        on: DATA,
        happen: |world| {
            let id = world.to.owner.clone().unwrap_or_default();
            each_role(world, |role| _ = role.tags.insert("TenantId".to_owned(), id.clone()));
        },
        no_second_layer: "The tag alone decides who the tenant is.",
    },
    PolicyAccident {
        id: "tag-removed",
        what: "A tenant's roles lose their tags.",
        layer: "identity",
        on: DATA,
        happen: |world| each_role(world, |role| role.tags.clear()),
        no_second_layer: "The tag alone decides who the tenant is.",
    },
    PolicyAccident {
        id: "bucket-policy-dropped",
        what: "A bucket loses its policy.",
        layer: "resources",
        on: &["bucket"],
        happen: |world| drop_policies(world, &["bucket"]),
        no_second_layer: "Nothing but the bucket's policy stands between the tenants.",
    },
    PolicyAccident {
        id: "table-policy-dropped",
        what: "A table loses its policy.",
        layer: "resources",
        on: &["table"],
        happen: |world| drop_policies(world, &["table"]),
        no_second_layer: "Nothing but the table's policy stands between the tenants.",
    },
    PolicyAccident {
        id: "queue-policy-dropped",
        what: "A queue loses its policy.",
        layer: "resources",
        on: &["queue"],
        happen: |world| drop_policies(world, &["queue"]),
        no_second_layer: "Nothing but the queue's policy stands between the tenants.",
    },
    PolicyAccident {
        id: "key-policy-dropped",
        what: "A key gets the policy that AWS gives to a new one: all for the account.",
        layer: "keys",
        on: &["key"],
        happen: default_key_policy,
        no_second_layer: "Nothing but the key's policy stands between the tenants.",
    },
    PolicyAccident {
        id: "trust-widened",
        what: "The trust policies of a tenant's roles lose the conditions of what they allow.",
        layer: "resources",
        on: &["role"],
        happen: |world| {
            let trusts = world.to.resources.iter_mut().filter(|resource| resource.kind == ResourceKind::Role);
            let statements =
                trusts.filter_map(|resource| resource.policy.as_mut()).flat_map(|policy| policy.statements_mut());
            statements.filter(|statement| statement.allow).for_each(|statement| statement.conditions.clear());
        },
        no_second_layer: "Who may become a role is for its trust policy to say; the policies of people are not in the stacks.",
    },
    PolicyAccident {
        id: "trust-replaced",
        what: "The trust policies of a tenant's roles are replaced by one that trusts the whole account.",
        layer: "resources",
        on: &["role"],
        happen: trust_the_account,
        no_second_layer: "The roles of other tenants are held by their boundary. People and systems who may assume any role of the \
                          account are not: only the trust policy tells one tenant's from another's.",
    },
    PolicyAccident {
        id: "endpoint-policy-dropped",
        what: "The endpoints of a tenant's VPC lose their policies and let everybody through.",
        layer: "endpoints",
        on: DATA,
        happen: |world| world.from.endpoints.iter_mut().for_each(|endpoint| endpoint.policy = None),
        no_second_layer: "Nothing but the endpoints' policies stands between the tenants.",
    },
    PolicyAccident {
        id: "endpoint-removed",
        what: "The endpoints of a tenant's VPC are removed.",
        layer: "endpoints",
        on: DATA,
        happen: |world| world.from.endpoints.clear(),
        no_second_layer: "Nothing but the endpoints' policies stands between the tenants.",
    },
    PolicyAccident {
        id: "identity-and-boundary-lost",
        what: "Two at once: a tenant's roles allow everything and lose their boundary.",
        layer: "boundary",
        on: DATA,
        happen: |world| {
            widen_identity(world);
            drop_boundary(world);
        },
        no_second_layer: "Data stays closed by the policies of buckets, tables, queues and keys. Functions and log groups do not: in one \
                          account, AWS lets nothing on their side refuse a role that its own policies allow.",
    },
];

const NETWORK_ACCIDENTS: [(&str, &str, Rule); 3] = [
    ("nacl-opened", "The network ACLs of a tenant let everything through.", Rule::NetworkAcl),
    ("security-groups-opened", "The security groups of a tenant let everything through.", Rule::SecurityGroups),
    ("route-added", "A route or a gateway leads out of a tenant's VPC.", Rule::NoWayBetweenNetworks),
];

fn each_role(world: &mut World, change: impl FnMut(&mut crate::model::Role)) {
    world.from.roles.iter_mut().for_each(change);
}

fn widen_identity(world: &mut World) {
    each_role(world, |role| role.identity = vec![allowing("*")]);
}

fn drop_boundary(world: &mut World) {
    each_role(world, |role| role.boundary = None);
}

fn drop_policies(world: &mut World, labels: &[&str]) {
    let of = world.to.resources.iter_mut().filter(|resource| labels.contains(&resource.label));
    of.for_each(|resource| resource.policy = None);
}

/// [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).
fn default_key_policy(world: &mut World) {
    let policy = of_the_account(&world.to.account, "kms:*", ACCIDENT);
    let keys = world.to.resources.iter_mut().filter(|resource| resource.kind == ResourceKind::Key);
    keys.for_each(|resource| resource.policy = Some(policy.clone()));
}

fn trust_the_account(world: &mut World) {
    let policy = of_the_account(&world.to.account, "sts:AssumeRole", ACCIDENT);
    let roles = world.to.resources.iter_mut().filter(|resource| resource.kind == ResourceKind::Role);
    roles.for_each(|resource| resource.policy = Some(policy.clone()));
}
