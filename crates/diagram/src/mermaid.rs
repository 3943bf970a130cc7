//! A graph as a Mermaid flowchart. Ids are numbers, and labels are quoted with what means something to Mermaid or HTML written as a character
//! reference, so that no name can become syntax.

use std::fmt::Write;

use crate::graph::{Flow, FrameKind, Graph, Kind, Node};

/// The flowchart, without a fence around it.
pub(crate) fn write(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    nodes(graph, None, 1, &mut out);
    frames(graph, None, 1, &mut out);
    for edge in &graph.edges {
        let arrow = match edge.flow {
            Flow::Data => "-->",
            Flow::Aside => "-.->",
            Flow::Crossing => "==>",
        };
        line(&mut out, 1, format_args!("n{} {arrow}|\"{}\"| n{}", edge.from, escaped(&edge.label), edge.to));
    }
    for (kind, class, fill, stroke) in CLASSES {
        let members: Vec<String> =
            (0..).zip(&graph.nodes).filter(|(_, node)| node.kind == *kind).map(|(at, _)| format!("n{at}")).collect();
        if !members.is_empty() {
            line(&mut out, 1, format_args!("classDef {class} fill:{fill},stroke:{stroke},color:#1f2328"));
            line(&mut out, 1, format_args!("class {} {class}", members.join(",")));
        }
    }
    for (at, frame) in graph.frames.iter().enumerate() {
        let (stroke, width) = match frame.kind {
            FrameKind::Isolation => ("#0969da", 3),
            FrameKind::Boundary => ("#cf222e", 2),
            _ => ("#8c959f", 1),
        };
        line(&mut out, 1, format_args!("style f{at} fill:none,stroke:{stroke},stroke-width:{width}px"));
    }
    out
}

/// Colours that are readable on light and dark pages: each box has its own background and dark text.
const CLASSES: &[(Kind, &str, &str, &str)] = &[
    (Kind::Outside, "outside", "#f6f8fa", "#8c959f"),
    (Kind::Entry, "entry", "#fbefff", "#8250df"),
    (Kind::Compute, "compute", "#fff1e5", "#bc4c00"),
    (Kind::Network, "network", "#ddf4ff", "#0969da"),
    (Kind::Data, "data", "#dafbe1", "#1a7f37"),
    (Kind::Log, "log", "#eaeef2", "#57606a"),
    (Kind::Identity, "identity", "#ffebe9", "#cf222e"),
    (Kind::Key, "key", "#fff8c5", "#9a6700"),
    (Kind::Watch, "watch", "#fff8c5", "#9a6700"),
    (Kind::Tenant, "tenant", "#ddf4ff", "#0969da"),
    (Kind::Other, "other", "#f6f8fa", "#8c959f"),
];

fn frames(graph: &Graph, parent: Option<usize>, depth: usize, out: &mut String) {
    for (at, frame) in graph.frames.iter().enumerate().filter(|(_, frame)| frame.parent == parent) {
        let label = [frame.title.as_str(), frame.subtitle.as_str()].map(escaped);
        let label = label.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(": ");
        line(out, depth, format_args!("subgraph f{at} [\"{label}\"]"));
        nodes(graph, Some(at), depth + 1, out);
        // A frame stands after the one around it, so this ends.
        frames(graph, Some(at), depth + 1, out);
        line(out, depth, format_args!("end"));
    }
}

fn nodes(graph: &Graph, frame: Option<usize>, depth: usize, out: &mut String) {
    for (at, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.frame == frame) {
        let label = label(node);
        let (open, close) = match node.kind {
            Kind::Outside => ("([", "])"),
            Kind::Data => ("[(", ")]"),
            Kind::Network => ("{{", "}}"),
            _ => ("[", "]"),
        };
        line(out, depth, format_args!("n{at}{open}\"{label}\"{close}"));
    }
}

fn label(node: &Node) -> String {
    let title = format!("<b>{}</b>", escaped(&node.title));
    [title].into_iter().chain(node.lines.iter().map(|line| escaped(line))).collect::<Vec<_>>().join("<br/>")
}

fn line(out: &mut String, depth: usize, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{:depth$}{text}", "", depth = depth * 2);
}

/// Text that is neither Mermaid's nor HTML's: letters, digits and harmless signs stay, the rest are character references.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            c if c.is_alphanumeric() => out.push(c),
            ' ' | '.' | ',' | ':' | '-' | '/' | '_' | '·' | '…' => out.push(c),
            c => out.extend(["#", &u32::from(c).to_string(), ";"]),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_syntax() {
        assert_eq!(
            escaped("a\"] --> x[\"<b>`%%{}`#"),
            "a#34;#93; --#62; x#91;#34;#60;b#62;#96;#37;#37;#123;#125;#96;#35;"
        );
        assert_eq!(escaped("tenant-acme-corp-api-dev, 10.0.0.0/16"), "tenant-acme-corp-api-dev, 10.0.0.0/16");
    }
}
