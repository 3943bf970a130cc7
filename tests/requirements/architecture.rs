//! A1.1, A1.4, A9, A10, B1.2: stacks, names, tags.

use crate::support::app::{app, project, project_of};
use crate::support::schema::provider;
use crate::support::stacks::{SUFFIX, TENANTS, load, stacks, synthesised, tenants, text, texts};

/// A1.1 "A `TenantStack` that encapsulates all resources of one tenant", A10.1 "the stacks of 3 example tenants"
#[test]
fn each_example_tenant_has_one_stack_with_all_that_is_its_own() {
    let names: Vec<&str> = stacks().iter().map(|stack| stack.name.as_str()).collect();
    assert_eq!(names, ["platform-dev", "tenant-acme-corp-dev", "tenant-retail-co-dev", "tenant-tech-startup-dev"]);
    for (tenant, stack) in tenants() {
        for kind in [
            "aws_vpc",
            "aws_kms_key",
            "aws_dynamodb_table",
            "aws_s3_bucket",
            "aws_sqs_queue",
            "aws_cloudwatch_event_rule",
        ] {
            stack.only(kind);
        }
        assert_eq!(stack.all("aws_lambda_function").len(), 2, "{tenant}");
    }
}

/// A1.4 "Every name is `tenant-{tenant_id}-{resource}-{environmentSuffix}`"
#[test]
fn every_name_is_made_from_tenant_resource_and_suffix() {
    let attributes = ["name", "bucket", "function_name", "alarm_name", "target_id"];
    for (tenant, stack) in tenants() {
        let mut judged = 0;
        for (kind, id, body) in stack.resources() {
            let named = attributes.iter().map(|attribute| &body[*attribute]).chain([&body["tags"]["Name"]]);
            for name in named.map(text).filter(|name| !name.is_empty() && !name.contains("${")) {
                let name = name.strip_prefix("alias/").unwrap_or(name);
                let inner = name
                    .strip_prefix(&format!("tenant-{tenant}-"))
                    .and_then(|rest| rest.strip_suffix(&format!("-{SUFFIX}")));
                assert!(inner.is_some_and(|resource| !resource.is_empty()), "{tenant}: {kind}.{id} is called `{name}`");
                judged += 1;
            }
        }
        assert!(judged > 30, "{tenant}: only {judged} names");
    }
}

/// A9 "`TenantId`, `Environment`, `ManagedBy` = `CDKTF` on every resource that takes tags, the same on every type"
#[test]
fn everything_that_takes_tags_has_the_same_three() {
    for stack in stacks() {
        let mut judged = 0;
        for (kind, id, body) in stack.resources() {
            let takes = provider()["resource"][kind]["f"]["tags"].as_str().is_some_and(|tags| tags.ends_with(":ms"));
            if takes {
                let tags = ["TenantId", "Environment", "ManagedBy"].map(|tag| text(&body["tags"][tag]));
                assert_eq!(tags, [stack.owner(), "development", "CDKTF"], "{}: {kind}.{id}", stack.name);
                judged += 1;
            }
        }
        assert!(judged > 10, "{}: only {judged} resources take tags", stack.name);
    }
}

/// A10.2 "Each tenant stack deploys on its own", A10.3 "Stacks deploy in parallel"
#[test]
fn no_stack_needs_another() {
    for stack in stacks() {
        assert_eq!(
            synthesised().manifest["stacks"][&stack.name]["dependencies"],
            serde_json::json!([]),
            "{}",
            stack.name
        );
        let kinds: Vec<&str> = stack.data().into_iter().map(|(kind, ..)| kind).collect();
        assert!(
            kinds.iter().all(|kind| ["aws_caller_identity", "aws_availability_zones"].contains(kind)),
            "{}: {kinds:?}",
            stack.name
        );
        for (path, value) in texts(&stack.body) {
            for reference in value.split("${").skip(1) {
                let known =
                    value.contains("$${") || reference.starts_with("aws_") || reference.starts_with("data.aws_");
                assert!(known, "{}: {path} refers to `{reference}`", stack.name);
            }
        }
    }
}

/// A5.4 "No cross-tenant permission anywhere": no stack so much as mentions another tenant
#[test]
fn no_stack_mentions_another_tenant() {
    for (tenant, stack) in tenants() {
        for (other, _) in TENANTS.iter().filter(|(other, _)| *other != tenant) {
            assert!(!stack.text.contains(other), "{tenant} mentions {other}");
        }
    }
}

/// B1.2 "two environments never collide"
#[test]
fn two_environments_share_no_name() {
    let dir = project();
    let names = |suffix: &str| -> Vec<String> {
        app(dir.path(), &["--environment-suffix", suffix, "--output", suffix]).done(suffix);
        let stacks = load(&dir.path().join(suffix));
        let attributes = ["name", "bucket", "function_name", "alarm_name"];
        stacks
            .iter()
            .flat_map(|stack| stack.resources())
            .flat_map(|(_, _, body)| attributes.map(|attribute| text(&body[attribute]).to_owned()))
            .filter(|name| !name.is_empty() && !name.contains("${"))
            .collect()
    };
    let (one, other) = (names("one"), names("two"));
    assert!(one.len() > 100 && one.iter().all(|name| !other.contains(name)));
}

/// Ids that start or end like one another, or like a resource, get stacks of their own; the program itself proves them apart.
#[test]
fn awkward_ids_are_kept_apart() {
    let ids = ["acme", "acme-corp", "acme-corp-api", "api", "api-role", "data", "a1", "tenant", "dev", "acme-dev"];
    let list: Vec<String> =
        ids.iter().enumerate().map(|(n, id)| format!(r#"{{ "id": "{id}", "network_index": {n} }}"#)).collect();
    let dir = project_of(format!(r#"{{ "environment_suffix": "dev", "tenants": [{}] }}"#, list.join(",")));
    app(dir.path(), &[]).done("awkward ids");
    assert_eq!(load(&dir.path().join("cdktf.out")).len(), ids.len() + 1);
}
