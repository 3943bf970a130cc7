//! The arrows that every stack has: what declares where events and logs go, and what names what it uses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::describe::{self, Place};
use crate::document::{Address, Document, reference, texts, words};
use crate::graph::{Flow, Graph, Kind, Node};

/// Where each address is in the picture.
type Places<'a> = BTreeMap<Address<'a>, usize>;

/// Event targets, function URLs, subscriptions and dead-letter queues: resources whose purpose is an arrow.
pub(crate) fn declared(graph: &mut Graph, document: &Document<'_>, at: &Places<'_>) {
    let place = |address: Option<Address<'_>>| address.and_then(|address| at.get(&address)).copied();
    let mut arrow = |from: Option<usize>, to: Option<usize>, flow: Flow, label: &str| {
        if let (Some(from), Some(to)) = (from, to) {
            graph.edge(from, to, flow, label);
        }
    };
    for (id, url) in document.of("aws_lambda_function_url") {
        arrow(
            at.get(&("aws_lambda_function_url", id)).copied(),
            place(reference(url, "function_name")),
            Flow::Data,
            "calls",
        );
    }
    for (_, target) in document.of("aws_cloudwatch_event_target") {
        let rule = place(reference(target, "rule"));
        arrow(rule, place(reference(target, "arn")), Flow::Data, "events");
        let queue = target.get("dead_letter_config").and_then(|config| reference(config, "arn"));
        arrow(rule, place(queue), Flow::Aside, "undelivered");
    }
    for (_, filter) in document.of("aws_cloudwatch_log_subscription_filter") {
        let (from, to) = (reference(filter, "log_group_name"), reference(filter, "destination_arn"));
        arrow(place(from), place(to), Flow::Data, "subscription");
    }
}

/// Where a resource says to which log group it logs.
const LOGGING: [&str; 3] = ["logging_config", "logging_configuration", "logs_config"];

/// What a workflow, a function or a build names: what it uses. What it reaches through an endpoint is there already.
pub(crate) fn mentioned(graph: &mut Graph, document: &Document<'_>, at: &Places<'_>) {
    for (address, body) in document.resources() {
        let Some(from) = at.get(&address).copied() else { continue };
        if graph.nodes.get(from).is_none_or(|node| node.kind != Kind::Compute) {
            continue;
        }
        let logs: BTreeSet<Address<'_>> =
            LOGGING.iter().filter_map(|part| body.get(part)).flat_map(|part| document.mentions(part)).collect();
        for found in document.mentions(body) {
            let Some((to, kind)) = at.get(&found).and_then(|to| Some((*to, graph.nodes.get(*to)?.kind))) else {
                continue;
            };
            let queue = found.0 == "aws_sqs_queue";
            match kind {
                Kind::Log if logs.contains(&found) => graph.edge(from, to, Flow::Aside, "logs"),
                Kind::Data if queue => graph.edge(from, to, Flow::Aside, "undelivered"),
                Kind::Data if through_an_endpoint(graph, from, to) => {}
                Kind::Data | Kind::Compute => graph.edge(from, to, Flow::Data, "uses"),
                _ => {}
            }
        }
    }
}

/// Whether one goes to the other by way of something in between.
fn through_an_endpoint(graph: &Graph, from: usize, to: usize) -> bool {
    let between = graph.edges.iter().filter(|edge| edge.from == from).map(|edge| edge.to);
    between.into_iter().any(|between| graph.edges.iter().any(|edge| edge.from == between && edge.to == to))
}

/// The row of what holds for the whole stack: keys, alarms, and what there is no word for.
pub(crate) fn whole(graph: &mut Graph, document: &Document<'_>, frame: usize) {
    for (id, key) in document.of("aws_kms_key") {
        graph.node(describe::node(document, ("aws_kms_key", id), key, Some(frame)));
    }
    let own = |kind, title: String, lines: Vec<String>, name: &str| Node {
        kind,
        title,
        lines,
        name: name.to_owned(),
        encrypted: false,
        frame: Some(frame),
        column: None,
        order: 0,
    };
    let alarms: Vec<&str> = document.of("aws_cloudwatch_metric_alarm").map(|(id, _)| id).collect();
    if !alarms.is_empty() {
        let title = format!("{} alarms", alarms.len());
        graph.node(own(Kind::Watch, title, vec![listed(&alarms)], "aws_cloudwatch_metric_alarm"));
    }
    let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((kind, id), _) in document.resources().filter(|((kind, _), _)| describe::place(kind).is_none()) {
        others.entry(kind).or_default().push(id);
    }
    for (kind, ids) in others {
        graph.node(own(Kind::Other, kind.to_owned(), vec![listed(&ids)], kind));
    }
}

/// The boxes of a stack's resources that have a column.
pub(crate) fn columns<'a>(graph: &mut Graph, document: &Document<'a>, frame: usize) -> Places<'a> {
    let mut at = BTreeMap::new();
    for (address, body) in document.resources() {
        if let Some(Place::Column(..)) = describe::place(address.0) {
            at.insert(address, graph.node(describe::node(document, address, body, Some(frame))));
        }
    }
    at
}

/// Whether one of these words stands anywhere in a value.
pub(crate) fn says(value: &Value, wanted: &[&str]) -> bool {
    texts(value).iter().any(|text| words(text).any(|word| wanted.contains(&word)))
}

/// Ids as words.
fn listed(ids: &[&str]) -> String {
    ids.iter().map(|id| id.replace('_', " ")).collect::<Vec<_>>().join(", ")
}
