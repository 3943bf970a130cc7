//! How AWS is asked for a resource that it alone names, and which of what it answers is the one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Found;
use crate::OutputValue;
use crate::record::Doubtful;
use crate::run::known::Known;

/// The tag that tells resources of one stack apart, and stacks: its value holds both.
const NAME: &str = "Name";

/// How resources of a type are looked for.
#[derive(Clone, Copy, Debug)]
enum By {
    /// A data source that gives the ids of all that pass its filters.
    Ids(&'static str),
    /// One that gives the only one that does, and fails where there is none or another one.
    Only(&'static str),
    /// The rules of a security group, read one by one: what tells them apart is no filter.
    Rules,
    /// The Resource Groups Tagging API, where the service has no search and Terraform no data source of its own
    /// ([`GetResources`](https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html)): the type.
    Tags(&'static str),
    /// The same for keys, which are then read one by one: those that wait for their deletion have their tags too.
    Keys,
}

#[derive(Debug)]
struct Kind {
    resource_type: &'static str,
    by: By,
    /// The arguments that say in what it is, by the filters of EC2 that they are
    /// ([`Describe…`](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html)).
    within: &'static [(&'static str, &'static str)],
    /// What uses one that is in use; one that nothing uses is superfluous.
    used_by: &'static str,
}

const IN_VPC: &[(&str, &str)] = &[("vpc-id", "vpc_id")];
const IN_GROUP: &[(&str, &str)] = &[("group-id", "security_group_id")];

/// Every type of the synthesised stacks that AWS alone names.
#[rustfmt::skip]
const KINDS: &[Kind] = &[
    Kind { resource_type: "aws_flow_log", by: By::Tags("ec2:vpc-flow-log"), within: &[], used_by: "the VPC of the state" },
    Kind { resource_type: "aws_kms_key", by: By::Keys, within: &[], used_by: "an alias" },
    Kind { resource_type: "aws_network_acl", by: By::Ids("aws_network_acls"), within: IN_VPC, used_by: "subnets" },
    Kind { resource_type: "aws_route_table", by: By::Ids("aws_route_tables"), within: IN_VPC, used_by: "subnets" },
    Kind { resource_type: "aws_security_group", by: By::Ids("aws_security_groups"), within: IN_VPC, used_by: "network interfaces" },
    Kind { resource_type: "aws_subnet", by: By::Ids("aws_subnets"), within: IN_VPC, used_by: "network interfaces" },
    Kind { resource_type: "aws_vpc", by: By::Ids("aws_vpcs"), within: &[], used_by: "subnets" },
    Kind { resource_type: "aws_vpc_endpoint", by: By::Only("aws_vpc_endpoint"), within: &[("vpc-id", "vpc_id"), ("service-name", "service_name")], used_by: "route tables" },
    Kind { resource_type: "aws_vpc_security_group_egress_rule", by: By::Rules, within: IN_GROUP, used_by: "the group of the state" },
    Kind { resource_type: "aws_vpc_security_group_ingress_rule", by: By::Rules, within: IN_GROUP, used_by: "the group of the state" },
];

/// The states of an endpoint that is there; one that was deleted is told for a while.
const ENDPOINT_STATES: [&str; 3] = ["pendingAcceptance", "pending", "available"];

/// What tells the rules of a group apart, by the names of the resource and of the data source alike.
const OF_RULE: [&str; 8] = [
    "cidr_ipv4",
    "cidr_ipv6",
    "description",
    "from_port",
    "ip_protocol",
    "prefix_list_id",
    "referenced_security_group_id",
    "to_port",
];

const RULES: &str = "aws_vpc_security_group_rules";
const RULE: &str = "aws_vpc_security_group_rule";
const TAGGED: &str = "aws_resourcegroupstaggingapi_resources";
const KEY: &str = "aws_kms_key";

/// Whether resources of a type are looked for.
pub(in crate::run) fn is_searched(resource_type: &str) -> bool {
    kind(resource_type).is_some()
}

/// What uses a resource of this type that is in use.
pub(in crate::run) fn used_by(resource_type: &str) -> &'static str {
    kind(resource_type).map_or("anything", |kind| kind.used_by)
}

fn kind(resource_type: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.resource_type == resource_type)
}

/// The question for one resource.
#[derive(Debug)]
pub(super) struct Question {
    /// Its place among all that are asked.
    pub(super) place: usize,
    kind: &'static Kind,
    /// The block of the provider that is asked, if it is not the one without an alias.
    provider: Option<String>,
    tags: BTreeMap<String, String>,
    filters: Vec<(&'static str, String)>,
    /// What a rule must be besides.
    expected: BTreeMap<&'static str, String>,
}

impl Question {
    /// The question for a resource.
    ///
    /// # Errors
    /// Why it would not find this resource and no other.
    pub(super) fn about(known: &Known, it: &Doubtful, name: Option<&str>, place: usize) -> Result<Self, Found> {
        let cannot = |why: &str| Found::Unknown(why.to_owned());
        let resource_type = it.resource_type.as_str();
        let kind = kind(resource_type).ok_or_else(|| cannot("no search for its type is known"))?;
        let name = name.ok_or_else(|| cannot("it is in a module, or one of several"))?;
        let tags = known.tags(resource_type, name).ok_or_else(|| cannot("its tags are not known"))?;
        let of = |argument: &str| known.argument(resource_type, name, argument);
        let within = kind.within.iter().filter_map(|(filter, argument)| Some((*filter, of(argument)?)));
        let filters: Vec<_> = within.filter(|(_, value)| !value.is_empty()).collect();
        // Tags without a name are those of every resource of the tenant, in other environments too.
        let is_rule = matches!(kind.by, By::Rules);
        if is_rule && filters.is_empty() {
            return Err(Found::NotYet("its security group is not known".to_owned()));
        }
        if !is_rule && tags.get(NAME).is_none_or(String::is_empty) {
            return Err(Found::Unknown(format!("it has no tag `{NAME}` that would tell it from others")));
        }
        let expected = OF_RULE.iter().filter(|_| is_rule).filter_map(|argument| Some((*argument, of(argument)?)));
        let provider = known.provider_of(resource_type, name).map(str::to_owned);
        Ok(Self { place, kind, provider, tags, filters, expected: expected.collect() })
    }

    /// Its name in the document that asks.
    pub(super) fn label(&self) -> String {
        format!("q{}", self.place)
    }

    /// Its data sources, by type.
    fn data(&self) -> Vec<(&'static str, Value)> {
        match self.kind.by {
            By::Ids(source) => vec![(source, json!({ "filter": self.ec2_filters(true) }))],
            By::Only(source) => {
                let mut filters = self.ec2_filters(true);
                filters.push(json!({ "name": "vpc-endpoint-state", "values": ENDPOINT_STATES }));
                vec![(source, json!({ "filter": filters }))]
            }
            By::Rules => vec![
                (RULES, json!({ "filter": self.ec2_filters(false) })),
                (RULE, each(&format!("data.{RULES}.{}.ids", self.label()), "security_group_rule_id")),
            ],
            By::Tags(resource_type) => vec![(TAGGED, self.tagged(resource_type))],
            By::Keys => vec![
                (TAGGED, self.tagged("kms:key")),
                (
                    KEY,
                    each(
                        &format!("data.{TAGGED}.{}.resource_tag_mapping_list[*].resource_arn", self.label()),
                        "key_id",
                    ),
                ),
            ],
        }
    }

    fn ec2_filters(&self, tags: bool) -> Vec<Value> {
        let within = self.filters.iter().map(|(name, value)| ((*name).to_owned(), value));
        let tags = self.tags.iter().filter(|_| tags).map(|(key, value)| (format!("tag:{key}"), value));
        let filter =
            |(name, value): (String, &String)| json!({ "name": literal(&name), "values": [literal(&exactly(value))] });
        within.chain(tags).map(filter).collect()
    }

    fn tagged(&self, resource_type: &str) -> Value {
        let filter = |(key, value): (&String, &String)| json!({ "key": literal(key), "values": [literal(value)] });
        json!({ "resource_type_filters": [resource_type], "tag_filter": self.tags.iter().map(filter).collect::<Vec<_>>() })
    }

    /// The expression for all that was found: objects with an `id`.
    fn found(&self) -> String {
        let label = self.label();
        let list = match self.kind.by {
            By::Ids(source) => format!("[for id in data.{source}.{label}.ids : {{ id = id }}]"),
            By::Only(source) => format!("[{{ id = data.{source}.{label}.id }}]"),
            By::Rules => {
                let parts = OF_RULE.map(|part| format!("{part} = it.{part}")).join(", ");
                format!(
                    "[for it in data.{RULE}.{label} : {{ id = it.security_group_rule_id, is_egress = it.is_egress, tags = it.tags, {parts} }}]"
                )
            }
            By::Tags(_) => {
                format!("[for it in data.{TAGGED}.{label}.resource_tag_mapping_list : {{ id = it.resource_arn }}]")
            }
            By::Keys => format!("[for it in data.{KEY}.{label} : {{ id = it.id, key_state = it.key_state }}]"),
        };
        format!("${{{list}}}")
    }

    /// Whether an address is that of one of its data sources.
    pub(super) fn is_of(&self, address: &str) -> bool {
        let Some(address) = address.strip_prefix("data.") else { return false };
        let (resource, _) = address.split_once('[').unwrap_or((address, ""));
        resource.split_once('.').is_some_and(|(_, name)| name == self.label())
    }

    /// What an error of one of its data sources tells, where that is an answer
    /// (`tfresource.SingularDataSourceFindError` of the provider).
    pub(super) fn told_by(&self, text: &str) -> Option<Found> {
        let By::Only(_) = self.kind.by else { return None };
        if text.contains("no matching ") && text.contains(" found") {
            return Some(Found::Nothing);
        }
        (text.contains("multiple ") && text.contains(" matched")).then(|| Found::Several(Vec::new()))
    }

    /// Which of what was found is the one.
    pub(super) fn judge(&self, output: Option<&OutputValue>, known: &Known) -> Found {
        let Some(all) = output.and_then(|output| output.value.as_ref()).and_then(Value::as_array) else {
            return Found::Unknown("Terraform did not say what it found".to_owned());
        };
        let managed = known.ids(self.kind.resource_type);
        let fitting = all.iter().filter(|it| self.fits(it));
        let ids = fitting.filter_map(|it| it.get("id")?.as_str()).map(|id| id.rsplit('/').next().unwrap_or(id));
        let mut ids: Vec<String> =
            ids.filter(|id| !id.is_empty() && !managed.contains(id)).map(str::to_owned).collect();
        ids.sort();
        ids.dedup();
        match (ids.pop(), ids.is_empty()) {
            (None, _) => Found::Nothing,
            (Some(id), true) => Found::One(id),
            (Some(id), false) => {
                ids.push(id);
                Found::Several(ids)
            }
        }
    }

    fn fits(&self, it: &Value) -> bool {
        let text =
            |name: &str| it.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        match self.kind.by {
            By::Keys => text("key_state").is_some_and(|state| !state.ends_with("Deletion")),
            By::Rules => {
                let tags = it.get("tags");
                let is_egress = self.kind.resource_type == "aws_vpc_security_group_egress_rule";
                it.get("is_egress").and_then(Value::as_bool) == Some(is_egress)
                    && self.tags.iter().all(|(key, value)| tags.and_then(|tags| tags.get(key)?.as_str()) == Some(value))
                    && self.expected.iter().all(|(name, value)| text(name).as_ref() == Some(value))
            }
            _ => true,
        }
    }
}

/// A data source that reads one thing at a time.
fn each(list: &str, argument: &str) -> Value {
    let mut body = Map::new();
    body.insert("for_each".to_owned(), json!(format!("${{toset({list})}}")));
    body.insert(argument.to_owned(), json!("${each.value}"));
    Value::Object(body)
}

/// The data sources and the outputs of a document that asks all of them.
pub(super) fn document<'q>(questions: impl Iterator<Item = &'q Question>) -> (Value, Value) {
    let (mut data, mut outputs) = (Map::new(), Map::new());
    for question in questions {
        for (source, mut body) in question.data() {
            if let (Some(provider), Some(body)) = (&question.provider, body.as_object_mut()) {
                body.insert("provider".to_owned(), json!(provider));
            }
            let of_type = data.entry(source).or_insert_with(|| json!({}));
            if let Some(of_type) = of_type.as_object_mut() {
                of_type.insert(question.label(), body);
            }
        }
        outputs.insert(question.label(), json!({ "value": question.found() }));
    }
    (Value::Object(data), Value::Object(outputs))
}

/// A text in Terraform JSON that means itself.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// The value of a filter of EC2 that means itself: `*`, `?` and `\` mean something else
/// ([filters](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html)).
fn exactly(value: &str) -> String {
    value.chars().fold(String::new(), |mut text, it| {
        if matches!(it, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(it);
        text
    })
}
