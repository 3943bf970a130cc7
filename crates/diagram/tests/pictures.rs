//! What pictures say of stacks, good and bad ones, and that both forms are what others can read.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use diagram::{Flow, FrameKind, Graph, Kind, Stack};
use serde_json::{Value, json};

fn tenant(id: &str) -> Value {
    let name = |kind: &str| format!("tenant-{id}-{kind}-dev");
    let policy = json!({ "Statement": [{ "Condition": { "ArnEquals": { "aws:PrincipalArn": format!("arn:aws:iam::${{data.aws_caller_identity.current.account_id}}:role/{}", name("role")) } },
        "Resource": [format!("arn:aws:s3:::{}/*", name("data")), "arn:aws:logs:us-east-1:1:log-group:platform-central-dev:log-stream:x/*"] }] });
    json!({
        "provider": { "aws": [{ "region": "us-east-1" }] },
        "resource": {
            "aws_vpc": { "tenant": { "cidr_block": "10.0.0.0/16", "tags": {} } },
            "aws_security_group": { "functions": { "vpc_id": "${aws_vpc.tenant.id}", "tags": {} } },
            "aws_vpc_security_group_egress_rule": { "s3": { "from_port": 443, "prefix_list_id": "${aws_vpc_endpoint.s3.prefix_list_id}", "security_group_id": "${aws_security_group.functions.id}" } },
            "aws_vpc_endpoint": { "s3": { "vpc_id": "${aws_vpc.tenant.id}", "vpc_endpoint_type": "Gateway", "policy": policy.to_string(), "tags": {} } },
            "aws_s3_bucket": { "data": { "bucket": name("data"), "tags": {} } },
            "aws_iam_role": { "api": { "name": name("role"), "permissions_boundary": "${aws_iam_policy.tenant.arn}", "description": "Runs it", "tags": {} } },
            "aws_iam_policy": { "tenant": { "name": name("boundary"), "tags": {} } },
            "aws_lambda_function": { "api": { "function_name": name("api"), "role": "${aws_iam_role.api.arn}", "tags": {},
                "vpc_config": { "security_group_ids": ["${aws_security_group.functions.id}"] }, "environment": { "variables": { "BUCKET": name("data") } } } },
            "aws_lambda_function_url": { "api": { "authorization_type": "AWS_IAM", "function_name": "${aws_lambda_function.api.function_name}" } },
            "aws_cloudwatch_event_rule": { "tenant": { "name": name("events"), "event_pattern": "{\"source\":[\"platform\"],\"detail-type\":[\"X\"],\"detail\":{\"tenant_id\":[\"t\"]}}", "tags": {} } },
        },
    })
}

fn platform() -> Value {
    json!({ "resource": {
        "aws_cloudwatch_log_group": { "central": { "name": "platform-central-dev", "retention_in_days": 30, "tags": {} } },
        "aws_sfn_state_machine": { "onboarding": { "name": "platform-onboarding-dev", "definition": "{\"Source\":\"platform\"}", "tags": {} } },
    } })
}

fn of_tenant(document: &Value) -> Graph {
    let platform = platform();
    let stack = Stack { name: "tenant-acme-dev", tenant: Some("acme"), document };
    Graph::of_tenant(&stack, Some(&Stack { name: "platform-dev", tenant: None, document: &platform }))
}

fn of_fleet(tenants: &[(String, Value)]) -> Graph {
    let platform = platform();
    let mut stacks: Vec<Stack<'_>> =
        tenants.iter().map(|(id, document)| Stack { name: id, tenant: Some(id), document }).collect();
    stacks.push(Stack { name: "platform-dev", tenant: None, document: &platform });
    Graph::of_fleet(&stacks)
}

fn arrows(graph: &Graph) -> Vec<String> {
    let title = |at: usize| graph.nodes[at].title.as_str();
    let mut arrows: Vec<String> =
        graph.edges.iter().map(|edge| format!("{} -> {}", title(edge.from), title(edge.to))).collect();
    arrows.sort();
    arrows
}

fn titles(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.title.as_str()).collect()
}

#[test]
fn arrows_are_what_the_stack_says() {
    let graph = of_tenant(&tenant("acme"));
    assert_eq!(
        arrows(&graph),
        [
            "Endpoint s3 -> Bucket data",
            "Endpoint s3 -> Log group central",
            "Event bus -> Rule tenant",
            "Function URL api -> Function api",
            "Function api -> Endpoint s3",
            "Signed requests -> Function URL api",
        ]
    );
    let note = "Nothing else crosses the boundary: Endpoint s3 → Log group central; Event bus → Rule tenant; Signed requests → Function URL api.";
    let mut told: Vec<&str> = graph.notes[0].split([':', ';', '.']).map(str::trim).collect();
    let mut wanted: Vec<&str> = note.split([':', ';', '.']).map(str::trim).collect();
    told.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
}

/// Without the rule that lets the function out, or the endpoint's word for its role, there is no way to the endpoint.
#[test]
fn a_way_that_is_closed_is_not_drawn() {
    for pointer in ["/resource/aws_vpc_security_group_egress_rule", "/resource/aws_vpc_endpoint/s3/policy"] {
        let mut document = tenant("acme");
        *document.pointer_mut(pointer).unwrap() = json!({});
        let arrows = arrows(&of_tenant(&document));
        assert!(!arrows.contains(&"Function api -> Endpoint s3".to_owned()), "{pointer}: {arrows:?}");
        assert!(arrows.contains(&"Function api -> Bucket data".to_owned()), "{pointer}: it still names the bucket");
    }
}

#[test]
fn what_should_not_be_there_is_shown() {
    let mut document = tenant("acme");
    let resources = document["resource"].as_object_mut().unwrap();
    resources.insert("aws_nat_gateway".to_owned(), json!({ "way_out": {} }));
    resources["aws_lambda_function_url"]["api"]["authorization_type"] = json!("NONE");
    resources["aws_iam_role"]["stray"] = json!({ "name": "stray", "tags": {} });
    resources["aws_lambda_function"]["api"].as_object_mut().unwrap().remove("vpc_config");
    let graph = of_tenant(&document);
    assert!(graph.frames.iter().any(|frame| frame.subtitle == "WAYS OUT: NAT"), "{:?}", graph.frames);
    assert!(titles(&graph).contains(&"ANYONE") && titles(&graph).contains(&"aws_nat_gateway"), "{:?}", titles(&graph));
    let frame = |title: &str| graph.nodes.iter().find(|node| node.title == title).and_then(|node| node.frame).unwrap();
    assert_eq!(graph.frames[frame("Role api")].kind, FrameKind::Boundary);
    assert_eq!(graph.frames[frame("Role stray")].kind, FrameKind::Plain);
    assert_eq!(graph.frames[frame("Function api")].kind, FrameKind::Isolation, "it is not in the VPC any more");
}

#[test]
fn the_fleet_has_no_line_between_tenants_unless_one_names_another() {
    let mut tenants: Vec<(String, Value)> = ["acme", "acme-corp", "bolt"].map(|id| (id.to_owned(), tenant(id))).into();
    let graph = of_fleet(&tenants);
    assert!(graph.edges.iter().all(|edge| edge.flow != Flow::Crossing));
    assert!(graph.notes[0].contains("no line between tenants"), "{:?}", graph.notes);
    let arrows = arrows(&graph);
    for id in ["acme", "acme-corp", "bolt"] {
        assert!(arrows.contains(&format!("Workflow onboarding -> {id}")), "{arrows:?}");
        assert!(arrows.contains(&format!("{id} -> Log group central")), "{arrows:?}");
    }
    tenants[2].1["resource"]["aws_lambda_function"]["api"]["environment"]["variables"]["OTHER"] =
        json!("tenant-acme-data-dev");
    let graph = of_fleet(&tenants);
    let crossing: Vec<_> = graph.edges.iter().filter(|edge| edge.flow == Flow::Crossing).collect();
    assert_eq!(crossing.len(), 1);
    assert_eq!([crossing[0].from, crossing[0].to].map(|at| graph.nodes[at].title.as_str()), ["bolt", "acme"]);
    assert!(graph.svg().contains("class=\"way crossing\"") && graph.mermaid().contains(" ==>|"));
}

#[test]
fn many_tenants_share_a_box_but_for_those_that_stand_out() {
    let mut tenants: Vec<(String, Value)> =
        (0..300).map(|n| (format!("t{n:03}"), tenant(&format!("t{n:03}")))).collect();
    tenants[250].1["resource"]["aws_lambda_function"]["api"]["environment"]["variables"]["OTHER"] =
        json!("tenant-t007-data-dev");
    let graph = of_fleet(&tenants);
    let boxes = graph.nodes.iter().filter(|node| node.kind == Kind::Tenant).count();
    assert_eq!(boxes, 9, "six, the two of the crossing, and the rest");
    let last = graph.nodes.iter().max_by_key(|node| (node.column, node.order)).unwrap();
    assert_eq!(last.title, "and 292 more", "it stands below the others");
    assert!(titles(&graph).contains(&"and 292 more") && titles(&graph).contains(&"t250"), "{:?}", titles(&graph));
}

/// Names that would be markup or syntax if they were not text.
fn hostile() -> Value {
    let mut document = tenant("acme");
    let resources = document["resource"].as_object_mut().unwrap();
    let name = "x\"]<script>alert(1)</script>&amp;]]>\u{1}`%%{init}end";
    resources.insert(name.to_owned(), json!({ "end": {}, name: {} }));
    resources["aws_iam_role"]["api"]["description"] = json!(name);
    resources["aws_vpc"]["tenant"]["cidr_block"] = json!(name);
    document
}

#[test]
fn an_svg_is_well_formed_and_loads_nothing() {
    let tenants: Vec<(String, Value)> = vec![("a".to_owned(), tenant("a"))];
    for graph in [of_tenant(&tenant("acme")), of_tenant(&hostile()), of_fleet(&tenants), of_fleet(&[])] {
        let svg = graph.svg();
        let document = roxmltree::Document::parse(&svg).unwrap();
        for element in document.descendants().filter(roxmltree::Node::is_element) {
            let known = ["svg", "title", "desc", "style", "marker", "path", "rect", "text", "g"];
            assert!(known.contains(&element.tag_name().name()), "{:?}", element.tag_name());
            for attribute in element.attributes() {
                assert!(!attribute.name().starts_with("on") && !attribute.name().contains("href"), "{attribute:?}");
                let (name, value) = (attribute.name(), attribute.value());
                assert!(!value.contains("url(") || value.starts_with("url(#"), "{name}={value}");
            }
        }
        let style = document.descendants().find(|node| node.has_tag_name("style")).unwrap().text().unwrap().to_owned();
        assert!(!style.contains("url(") && !style.contains("@import") && style.contains("prefers-color-scheme: dark"));
        assert_eq!(svg, graph.svg());
    }
}

#[test]
fn a_mermaid_flowchart_has_only_lines_that_mermaid_knows() {
    let tenants: Vec<(String, Value)> = vec![("a".to_owned(), tenant("a"))];
    for graph in [of_tenant(&tenant("acme")), of_tenant(&hostile()), of_fleet(&tenants), of_fleet(&[])] {
        let text = graph.mermaid();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("flowchart LR"));
        let (mut depth, mut known) = (0_i32, Vec::new());
        for line in lines.map(str::trim) {
            if line == "end" {
                depth -= 1;
            } else if let Some(rest) = line.strip_prefix("subgraph ") {
                let (id, label) = rest.split_once(' ').unwrap();
                assert!(
                    is_id(id, 'f') && is_label(label.strip_prefix('[').unwrap().strip_suffix(']').unwrap()),
                    "{line}"
                );
                depth += 1;
            } else if let Some((from, rest)) = line.split_once('|') {
                let (label, to) = rest.split_once('|').unwrap();
                let (from, arrow) = from.split_once(' ').unwrap();
                assert!(["-->", "-.->", "==>"].contains(&arrow) && is_label(label), "{line}");
                assert!(
                    known.contains(&from) && known.contains(&to.trim()),
                    "{line}: an arrow of boxes that are not there"
                );
            } else if line.starts_with("classDef ") || line.starts_with("class ") || line.starts_with("style ") {
                let plain = |c: char| c.is_ascii_alphanumeric() || " ,:#-".contains(c);
                assert!(line.chars().all(plain), "{line}");
            } else {
                let at = line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
                let (id, shape) = line.split_at(at);
                let pairs = [("([", "])"), ("[(", ")]"), ("{{", "}}"), ("[", "]")];
                let label = pairs.iter().find_map(|(open, close)| {
                    shape.strip_prefix(open)?.strip_suffix(close).filter(|label| label.starts_with('"'))
                });
                assert!(is_id(id, 'n') && is_label(label.unwrap()), "{line}");
                known.push(id);
            }
            assert!(depth >= 0, "{line}");
        }
        assert_eq!(depth, 0, "every subgraph ends");
        assert_eq!(known.len(), graph.nodes.len());
    }
}

fn is_id(id: &str, first: char) -> bool {
    id.strip_prefix(first).is_some_and(|number| number.parse::<usize>().is_ok())
}

/// A text in quotes that holds nothing but letters, harmless signs, character references, and the two tags of ours.
fn is_label(label: &str) -> bool {
    let Some(inner) = label.strip_prefix('"').and_then(|label| label.strip_suffix('"')) else { return false };
    let text = inner.replace("<b>", "").replace("</b>", "").replace("<br/>", "");
    text.chars().all(|c| c.is_alphanumeric() || " .,:-/_·…#;".contains(c))
}
