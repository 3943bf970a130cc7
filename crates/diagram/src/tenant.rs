//! One tenant's environment: what runs, where requests and events come in, where data lies, and what crosses the isolation boundary.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Stack;
use crate::describe::{self, Place};
use crate::document::{Address, Document, all_references, embedded, list, reference, text, texts, words};
use crate::flows;
use crate::graph::{Flow, FrameKind, Graph, Kind, Node};

/// The ways out of a VPC that a private one has none of.
const WAYS_OUT: [(&str, &str); 5] = [
    ("aws_internet_gateway", "internet gateway"),
    ("aws_nat_gateway", "NAT"),
    ("aws_vpc_peering_connection", "peering"),
    ("aws_ec2_transit_gateway_vpc_attachment", "transit gateway"),
    ("aws_vpn_gateway", "VPN"),
];

/// The picture of a tenant's stack; `platform` is the stack of what tenants share.
pub(crate) fn graph(stack: &Stack<'_>, platform: Option<&Stack<'_>>) -> Graph {
    let document = Document::new(stack.name, stack.document);
    let tenant = stack.tenant.unwrap_or(stack.name);
    let resources = document.resources().count();
    let mut graph = Graph { title: format!("Tenant {tenant}"), ..Graph::default() };
    let place =
        document.account().map_or_else(|| "shared account".to_owned(), |account| format!("own account {account}"));
    let subtitle = format!("stack {} · {} · {place} · {resources} resources", stack.name, document.region());
    let boundary = graph.frame(FrameKind::Isolation, format!("Isolation boundary of {tenant}"), subtitle, None);
    let vpc = document.of("aws_vpc").next().map(|(_, vpc)| {
        let title = format!("VPC {}", text(vpc, "cidr_block"));
        graph.frame(FrameKind::Network, title, ways_out(&document), Some(boundary))
    });

    let mut at: BTreeMap<Address<'_>, usize> = BTreeMap::new();
    for (address, body) in document.resources() {
        let Some(Place::Column(..)) = describe::place(address.0) else { continue };
        let inside = body.get("vpc_config").or(body.get("vpc_id")).or((address.0 == "aws_network_acl").then_some(body));
        let frame = inside.and(vpc).unwrap_or(boundary);
        let node = graph.node(describe::node(&document, address, body, Some(frame)));
        at.insert(address, node);
    }
    sources(&mut graph, &document, &at);
    flows::declared(&mut graph, &document, &at);
    let platform = platform.map(|platform| Document::new(platform.name, platform.document));
    endpoints(&mut graph, &document, platform.as_ref(), &at);
    flows::mentioned(&mut graph, &document, &at);
    roles(&mut graph, &document, boundary);
    flows::whole(&mut graph, &document, boundary);
    let note = crossing(&graph, boundary);
    graph.notes.push(note);
    graph
}

/// What crosses the boundary, in words.
fn crossing(graph: &Graph, boundary: usize) -> String {
    let inside = |at: usize| graph.nodes.get(at).is_some_and(|node| graph.within(node.frame, boundary));
    let title = |at: usize| graph.nodes.get(at).map_or("", |node| node.title.as_str());
    let crossing = graph.edges.iter().filter(|edge| inside(edge.from) != inside(edge.to));
    let crossing: Vec<String> = crossing.map(|edge| format!("{} → {}", title(edge.from), title(edge.to))).collect();
    match crossing.as_slice() {
        [] => "Nothing crosses the boundary.".to_owned(),
        crossing => format!("Nothing else crosses the boundary: {}.", crossing.join("; ")),
    }
}

/// What the VPC has of the ways out.
fn ways_out(document: &Document<'_>) -> String {
    let has = |(kind, _): &&(&str, &str)| document.has(kind);
    let present: Vec<&str> = WAYS_OUT.iter().filter(has).map(|(_, word)| *word).collect();
    if present.is_empty() {
        let all: Vec<&str> = WAYS_OUT.iter().map(|(_, word)| *word).collect();
        format!("no {}", all.join(", no "))
    } else {
        format!("WAYS OUT: {}", present.join(", "))
    }
}

/// Who asks, and whose events come: outside of the boundary.
fn sources(graph: &mut Graph, document: &Document<'_>, at: &BTreeMap<Address<'_>, usize>) {
    let outside = |graph: &mut Graph, title: String, line: String, to: usize, label: &str| {
        let node = Node {
            kind: Kind::Outside,
            title,
            lines: vec![line],
            name: label.to_owned(),
            encrypted: false,
            frame: None,
            column: Some(0),
            order: 0,
        };
        let from = graph.node(node);
        graph.edge(from, to, Flow::Data, label);
    };
    for (id, url) in document.of("aws_lambda_function_url") {
        let Some(to) = at.get(&("aws_lambda_function_url", id)) else { continue };
        let (title, line) = match text(url, "authorization_type") {
            "AWS_IAM" => ("Signed requests", "HTTPS, SigV4"),
            _ => ("ANYONE", "HTTPS, not signed"),
        };
        outside(graph, title.to_owned(), line.to_owned(), *to, "requests");
    }
    for (id, rule) in document.of("aws_cloudwatch_event_rule") {
        let Some(to) = at.get(&("aws_cloudwatch_event_rule", id)) else { continue };
        let source = list(&embedded(rule, "event_pattern"), "/source").join(", ");
        outside(graph, "Event bus".to_owned(), source, *to, "events");
    }
}

/// Which function reaches what through which endpoint: its security group lets it out to the endpoint, and the endpoint's policy names its
/// role and the resource.
fn endpoints<'a>(
    graph: &mut Graph,
    document: &Document<'a>,
    platform: Option<&Document<'a>>,
    at: &BTreeMap<Address<'a>, usize>,
) {
    let mut beyond: BTreeMap<Address<'_>, usize> = BTreeMap::new();
    for (id, endpoint) in document.of("aws_vpc_endpoint") {
        let address = ("aws_vpc_endpoint", id);
        let Some(node) = at.get(&address).copied() else { continue };
        let policy = embedded(endpoint, "policy");
        let groups = list(endpoint, "/security_group_ids");
        for (function, body) in document.of("aws_lambda_function") {
            let Some(from) = at.get(&("aws_lambda_function", function)) else { continue };
            let role = reference(body, "role").and_then(|role| Some(text(document.get(role)?, "name")));
            let named = role.is_some_and(|role| texts(&policy).iter().any(|text| words(text).any(|word| word == role)));
            let own = body.get("vpc_config").map(all_references).unwrap_or_default();
            let let_out = document.of("aws_vpc_security_group_egress_rule").any(|(_, rule)| {
                let from_own = reference(rule, "security_group_id").is_some_and(|group| own.contains(&group));
                let to_group = reference(rule, "referenced_security_group_id").is_some_and(|(_, group)| {
                    groups.iter().any(|other| other.contains(&format!("aws_security_group.{group}.")))
                });
                from_own && (to_group || reference(rule, "prefix_list_id") == Some(address))
            });
            if named && let_out {
                graph.edge(*from, node, Flow::Data, "HTTPS");
            }
        }
        for resource in statements(&policy).flat_map(|statement| list(statement, "/Resource")) {
            for name in words(resource) {
                if let Some(to) = document.named(name).and_then(|address| at.get(&address)) {
                    graph.edge(node, *to, Flow::Data, "only this one");
                } else if let Some((platform, address)) = platform.and_then(|other| Some((other, other.named(name)?))) {
                    let to = *beyond.entry(address).or_insert_with(|| shared(graph, platform, address, resource));
                    graph.edge(node, to, Flow::Data, "only the tenant's streams");
                }
            }
        }
    }
}

fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    policy.get("Statement").and_then(Value::as_array).into_iter().flatten()
}

/// A resource of the platform, and which part of it is meant.
fn shared(graph: &mut Graph, platform: &Document<'_>, address: Address<'_>, arn: &str) -> usize {
    let body = platform.get(address).unwrap_or(&Value::Null);
    let mut node = describe::node(platform, address, body, None);
    let part = arn.rsplit(':').next().filter(|part| part.contains('/'));
    node.lines =
        part.map(|part| format!("streams {part}")).into_iter().chain([format!("of {}", platform.stack)]).collect();
    node.column = Some(5);
    node.encrypted = false;
    graph.node(node)
}

/// The roles, inside the permissions boundary that each of them has, and those that have none outside of it.
fn roles(graph: &mut Graph, document: &Document<'_>, frame: usize) {
    let mut frames: BTreeMap<Option<Address<'_>>, usize> = BTreeMap::new();
    for (id, role) in document.of("aws_iam_role") {
        let boundary = reference(role, "permissions_boundary");
        let inside = *frames.entry(boundary).or_insert_with(|| {
            let (kind, title, subtitle) = match boundary.and_then(|address| document.get(address)) {
                Some(policy) => (
                    FrameKind::Boundary,
                    "Permissions boundary".to_owned(),
                    format!("{}: what it does not list, no role in it can do", text(policy, "name")),
                ),
                None => (FrameKind::Plain, "Roles".to_owned(), "without a permissions boundary".to_owned()),
            };
            graph.frame(kind, title, subtitle, Some(frame))
        });
        graph.node(describe::node(document, ("aws_iam_role", id), role, Some(inside)));
    }
}
