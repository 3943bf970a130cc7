//! The whole fleet: the platform, the tenants, and what goes between them.

use std::collections::BTreeMap;

use crate::Stack;
use crate::document::{Document, embedded, list, reference, text, texts, words};
use crate::flows;
use crate::graph::{Flow, FrameKind, Graph, Kind, Node};

/// So many tenants have a box of their own; the others share one.
const SHOWN: usize = 6;

/// The picture of all stacks.
pub(crate) fn graph(stacks: &[Stack<'_>]) -> Graph {
    let tenants: Vec<(&str, &Stack<'_>)> = stacks.iter().filter_map(|stack| Some((stack.tenant?, stack))).collect();
    let mut graph = Graph { title: format!("Fleet of {}", counted(tenants.len(), "tenant")), ..Graph::default() };
    let shared: Vec<&Stack<'_>> = stacks.iter().filter(|stack| stack.tenant.is_none()).collect();
    let mut places = Vec::new();
    for stack in &shared {
        let document = Document::new(stack.name, stack.document);
        let subtitle = format!("{} · {} resources", document.region(), document.resources().count());
        let frame = graph.frame(FrameKind::Platform, format!("Shared: stack {}", stack.name), subtitle, None);
        let at = flows::columns(&mut graph, &document, frame);
        sources(&mut graph, &document, &at);
        flows::declared(&mut graph, &document, &at);
        flows::mentioned(&mut graph, &document, &at);
        flows::whole(&mut graph, &document, frame);
        places.push((document, at));
    }
    let column = graph.nodes.iter().filter_map(|node| node.column).max().map_or(0, |last| last + 1);
    let documents: Vec<Document<'_>> =
        tenants.iter().map(|(_, stack)| Document::new(stack.name, stack.document)).collect();
    // A tenant that names another one is drawn, however many there are.
    let crossings = crossings(&documents);
    let own = |number: usize| {
        number < SHOWN || tenants.len() == SHOWN + 1 || crossings.iter().any(|(a, b)| [*a, *b].contains(&number))
    };
    let mut boxes: BTreeMap<usize, usize> = BTreeMap::new();
    let mut rest = None;
    for (number, ((id, stack), document)) in tenants.iter().zip(&documents).enumerate() {
        let node = match (own(number), rest) {
            (false, Some(rest)) => rest,
            (shown, _) => {
                let node = graph.node(tenant(id, document, column));
                if !shown {
                    rest = Some(node);
                }
                node
            }
        };
        boxes.insert(number, node);
        for (platform, at) in &places {
            let named = platform.names().filter(|name| flows::says(stack.document, &[name]));
            for to in named.filter_map(|name| at.get(&platform.named(name)?)) {
                graph.edge(node, *to, Flow::Aside, "own log streams");
            }
            announcements(&mut graph, platform, at, document, node);
        }
    }
    let hidden = (0..tenants.len()).filter(|number| !own(*number)).count();
    if let Some(node) = rest.and_then(|rest| graph.nodes.get_mut(rest)) {
        node.title = format!("and {hidden} more");
        node.lines = vec!["each in a boundary of its own".to_owned()];
        node.name = "more tenants".to_owned();
        node.order = 2;
    }
    for (from, to) in &crossings {
        if let (Some(from), Some(to)) = (boxes.get(from), boxes.get(to)) {
            graph.edge(*from, *to, Flow::Crossing, "names a resource of the other");
        }
    }
    graph.notes.push(match crossings.len() {
        0 => "No stack of a tenant names anything of another tenant: there is no line between tenants.".to_owned(),
        _ => format!("{} name resources of other tenants.", counted(crossings.len(), "pair of tenants' stacks")),
    });
    graph
}

/// A tenant in one box.
fn tenant(id: &str, document: &Document<'_>, column: usize) -> Node {
    let network = document.of("aws_vpc").next().map(|(_, vpc)| format!("VPC {}", text(vpc, "cidr_block")));
    let count = document.resources().count();
    let resources = match count {
        0 => "removed".to_owned(),
        _ => format!("{count} resources"),
    };
    let account = document.account().map(|account| format!("account {account}"));
    let second: Vec<String> = [resources].into_iter().chain(account).collect();
    Node {
        kind: Kind::Tenant,
        title: id.to_owned(),
        lines: network.into_iter().chain([second.join(" · ")]).collect(),
        name: document.stack.to_owned(),
        encrypted: false,
        frame: None,
        column: Some(column),
        order: usize::from(count == 0),
    }
}

/// Where the platform's rules take events from.
fn sources(graph: &mut Graph, document: &Document<'_>, at: &BTreeMap<(&str, &str), usize>) {
    let mut from: BTreeMap<String, usize> = BTreeMap::new();
    for (id, rule) in document.of("aws_cloudwatch_event_rule") {
        let Some(to) = at.get(&("aws_cloudwatch_event_rule", id)) else { continue };
        for source in list(&embedded(rule, "event_pattern"), "/source") {
            let node = *from.entry(source.to_owned()).or_insert_with(|| {
                graph.node(Node {
                    kind: Kind::Outside,
                    title: "Event bus".to_owned(),
                    lines: vec![source.to_owned()],
                    name: source.to_owned(),
                    encrypted: false,
                    frame: None,
                    column: Some(0),
                    order: 0,
                })
            });
            graph.edge(node, *to, Flow::Data, "events");
        }
    }
}

/// What the platform does for a tenant: a build that deploys it, and a workflow that sends events with a source that its rule takes.
fn announcements(
    graph: &mut Graph,
    platform: &Document<'_>,
    at: &BTreeMap<(&str, &str), usize>,
    tenant: &Document<'_>,
    node: usize,
) {
    let patterns: Vec<_> =
        tenant.of("aws_cloudwatch_event_rule").map(|(_, rule)| embedded(rule, "event_pattern")).collect();
    let sources: Vec<&str> = patterns.iter().flat_map(|pattern| list(pattern, "/source")).collect();
    for (id, build) in platform.of("aws_codebuild_project") {
        let deploys = flows::says(build, &["deploy"]) && flows::says(build, &["--tenant"]);
        if let Some(from) = at.get(&("aws_codebuild_project", id)).filter(|_| deploys) {
            graph.edge(*from, node, Flow::Data, "deploys");
        }
    }
    for (id, workflow) in platform.of("aws_sfn_state_machine") {
        let role = reference(workflow, "role_arn");
        let policies = platform
            .of("aws_iam_role_policy")
            .filter(|(_, policy)| role.is_some() && reference(policy, "role") == role);
        let announces = policies.map(|(_, policy)| policy).chain([workflow]).any(|body| flows::says(body, &sources));
        if let Some(from) = at.get(&("aws_sfn_state_machine", id)).filter(|_| announces) {
            graph.edge(*from, node, Flow::Data, "the tenant's own events");
        }
    }
}

/// Pairs of tenants the first of which names a resource of the second.
fn crossings(documents: &[Document<'_>]) -> Vec<(usize, usize)> {
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, document) in documents.iter().enumerate() {
        owners.extend(document.names().map(|name| (name, number)));
    }
    let mut found = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for (_, body) in document.resources() {
            for word in texts(body).into_iter().flat_map(words) {
                found.extend(owners.get(word).filter(|owner| **owner != number).map(|owner| (number, *owner)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
