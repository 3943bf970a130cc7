//! A5, A6.4, B2.3: who may do what.

use crate::support::policy::{every_statement, identity_statements, of_kind, of_role};
use crate::support::stacks::{stacks, tenants, text};

/// A5.1 "Roles with tenant-scoped permissions": a boundary and the tenant's tag on each
#[test]
fn every_role_of_a_tenant_has_its_boundary_and_its_tag() {
    for (tenant, stack) in tenants() {
        let roles = stack.all("aws_iam_role");
        assert_eq!(roles.len(), 5, "{tenant}");
        let (boundary, _) = stack.only("aws_iam_policy");
        for (id, role) in roles {
            assert_eq!(
                text(&role["permissions_boundary"]),
                format!("${{aws_iam_policy.{boundary}.arn}}"),
                "{tenant}: {id}"
            );
            assert_eq!(text(&role["tags"]["TenantId"]), tenant, "{id}");
        }
        assert!(
            stack.all("aws_iam_role_policy_attachment").is_empty(),
            "{tenant}: no managed policy of AWS is attached"
        );
    }
}

/// A5.2 "`aws:PrincipalTag` conditions enforce the tenant boundary"
#[test]
fn every_allow_to_a_role_demands_the_tenants_tag() {
    for (tenant, stack) in tenants() {
        for statement in identity_statements(stack).iter().filter(|statement| statement.allow) {
            assert!(statement.requires("StringEquals", "aws:PrincipalTag/TenantId", tenant), "{}", statement.at);
        }
    }
}

/// A5.3 "Lambda execution roles reach only their own tenant's resources", A5.4 "No cross-tenant permission anywhere"
#[test]
fn allows_name_exact_resources_of_the_tenant_and_listed_actions() {
    for (tenant, stack) in tenants() {
        for statement in identity_statements(stack).iter().filter(|statement| statement.allow) {
            assert!(statement.not_actions.is_empty() && statement.not_resources.is_empty(), "{}", statement.at);
            assert!(
                statement.conditions.keys().all(|(operator, _)| !operator.starts_with("ForAllValues")),
                "{}",
                statement.at
            );
            for action in &statement.actions {
                assert!(!action.contains('*'), "{}: {action}", statement.at);
                assert!(!action.starts_with("dynamodb:Scan"), "{}", statement.at);
            }
            for resource in &statement.resources {
                let describes = statement.actions.iter().all(|action| action.starts_with("ec2:Describe"));
                let own = resource.contains(&format!("tenant-{tenant}-"))
                    || resource.contains(&format!("platform-central-log-dev:log-stream:{tenant}/"))
                    || resource.starts_with("${aws_")
                    || resource.ends_with(":network-interface/*");
                assert!(own || (resource == "*" && describes), "{}: {resource}", statement.at);
                assert!(
                    !resource.contains("tenant-*") && !resource.contains(&format!("tenant-{tenant}-*")),
                    "{}: by prefix",
                    statement.at
                );
            }
        }
    }
}

/// Items are reached by the tenant's own partition key only, also where a request names no key.
#[test]
fn the_api_reaches_items_of_its_own_partition_only() {
    for (tenant, stack) in tenants() {
        let statements = of_role(stack, "api");
        let on_items = |allow: bool| {
            statements.iter().filter(move |statement| statement.allow == allow && statement.covers("dynamodb:Query"))
        };
        assert!(
            on_items(true).all(|statement| statement.requires(
                "ForAnyValue:StringEquals",
                "dynamodb:LeadingKeys",
                tenant
            )),
            "{tenant}"
        );
        assert!(
            on_items(false).any(|statement| statement.requires(
                "ForAnyValue:StringNotEquals",
                "dynamodb:LeadingKeys",
                tenant
            )),
            "{tenant}"
        );
    }
}

/// The function's own code has none of the permissions that Lambda needs for network interfaces.
#[test]
fn code_is_denied_what_lambda_itself_needs() {
    for (tenant, stack) in tenants() {
        for role in ["api", "relay"] {
            let denied = of_role(stack, role).into_iter().any(|statement| {
                !statement.allow
                    && statement.covers("ec2:CreateNetworkInterface")
                    && statement.condition("ArnEquals", "lambda:SourceFunctionArn").is_some()
            });
            assert!(denied, "{tenant}: {role}");
        }
    }
}

/// A6.4 "IAM policies that prevent cross-tenant log access", B2.3 "Log access is strictly limited by IAM"
#[test]
fn logs_are_read_and_written_by_stream_and_the_central_ones_under_the_tenants_prefix_only() {
    for (tenant, stack) in tenants() {
        for statement in identity_statements(stack).iter().filter(|statement| statement.allow) {
            for group_level in [
                "logs:FilterLogEvents",
                "logs:StartQuery",
                "logs:GetQueryResults",
                "logs:StartLiveTail",
                "logs:CreateExportTask",
                "logs:PutSubscriptionFilter",
            ] {
                assert!(!statement.covers(group_level), "{}: {group_level} reads a whole group", statement.at);
            }
            for resource in statement.resources.iter().filter(|resource| resource.contains("central-log")) {
                assert!(resource.ends_with(&format!(":log-stream:{tenant}/*")), "{}: {resource}", statement.at);
            }
        }
        let reads: Vec<String> = of_role(stack, "reader").into_iter().flat_map(|statement| statement.actions).collect();
        assert!(reads.iter().all(|action| action == "logs:GetLogEvents"), "{tenant}: {reads:?}");
    }
}

/// Role trust names one service or the tenant's own people, and denies the roles of tenants.
#[test]
fn a_role_is_assumed_by_one_service_or_by_principals_with_the_tenants_tag() {
    for (tenant, stack) in tenants() {
        for (id, _) in stack.all("aws_iam_role") {
            let statements: Vec<_> = of_kind(stack, "aws_iam_role", "assume_role_policy")
                .into_iter()
                .filter(|statement| statement.at.contains(&format!("aws_iam_role.{id}.")))
                .collect();
            let allows: Vec<_> = statements.iter().filter(|statement| statement.allow).collect();
            assert_eq!(allows.len(), 1, "{tenant}: {id}");
            let service = allows[0].principals.len() == 1 && allows[0].principals[0].starts_with("Service:");
            assert!(
                service || allows[0].requires("StringEquals", "aws:PrincipalTag/TenantId", tenant),
                "{}",
                allows[0].at
            );
            let denied = statements.iter().any(|s| {
                !s.allow
                    && s.condition("ArnLike", "aws:PrincipalArn")
                        .is_some_and(|arns| arns[0].ends_with(":role/tenant-*"))
            });
            assert!(denied, "{tenant}: {id}");
        }
    }
}

/// No policy anywhere allows everyone without saying who that is, or uses the operator that is true when its key is missing.
#[test]
fn no_allow_is_open() {
    for stack in stacks() {
        for statement in every_statement(stack).iter().filter(|statement| statement.allow) {
            let everyone = statement.principals.contains(&"AWS:*".to_owned());
            assert!(!everyone || statement.condition("ArnEquals", "aws:PrincipalArn").is_some(), "{}", statement.at);
            let service = statement.principals.iter().any(|who| who.starts_with("Service:"));
            let trust = statement.at.contains("assume_role_policy");
            let bound = statement
                .conditions
                .keys()
                .any(|(_, key)| key == "aws:SourceArn" || key.starts_with("kms:EncryptionContext"));
            assert!(!service || trust || bound, "{}: a service that acts for anybody", statement.at);
            assert!(
                statement.conditions.keys().all(|(operator, _)| !operator.starts_with("ForAllValues")),
                "{}",
                statement.at
            );
        }
    }
}

/// Endpoints let this tenant's roles through, to what this tenant owns.
#[test]
fn endpoints_pass_the_tenants_roles_to_the_tenants_resources_only() {
    for (tenant, stack) in tenants() {
        for statement in of_kind(stack, "aws_vpc_endpoint", "policy") {
            assert!(
                statement.allow && statement.requires("StringEquals", "aws:PrincipalTag/TenantId", tenant),
                "{}",
                statement.at
            );
            assert!(statement.condition("ArnEquals", "aws:PrincipalArn").is_some(), "{}", statement.at);
            let own = |resource: &String| {
                resource.contains(&format!("tenant-{tenant}-"))
                    || resource.ends_with(&format!(":log-stream:{tenant}/*"))
            };
            assert!(statement.resources.iter().all(own), "{}: {:?}", statement.at, statement.resources);
        }
    }
}
