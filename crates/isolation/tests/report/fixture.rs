//! Reports to be shown: of a proved fleet, of one with findings of every form, and of one whose every name is hostile.

use std::collections::BTreeMap;

use isolation::report::{
    Accident, Class, Exemption, Grant, Layer, MadeBy, Need, Report, RoleEntry, StackEntry, Strength,
};
use isolation::{Access, Finding, Rule, StatementRef, Summary};

const EXAMPLES: [&str; 3] = ["acme-corp", "tech-startup", "retail-co"];

fn strings<const N: usize>(strings: [&str; N]) -> Vec<String> {
    strings.map(str::to_owned).to_vec()
}

pub(crate) fn tenant(n: usize) -> String {
    EXAMPLES.get(n).map_or_else(|| format!("customer-{n:04}"), |name| (*name).to_owned())
}

fn stack_of(tenant: &str) -> String {
    format!("tenant-{tenant}-dev")
}

pub(crate) fn statement(tenant: &str, resource: &str, at: usize, sid: &str) -> StatementRef {
    let sid = (!sid.is_empty()).then(|| sid.to_owned());
    StatementRef {
        stack: stack_of(tenant),
        resource: resource.to_owned(),
        path: format!("policy.Statement[{at}]"),
        sid,
    }
}

pub(crate) fn finding(rule: Rule, tenants: &[&str], resource: &str, found: &str) -> Finding {
    let stacks = tenants.iter().map(|tenant| stack_of(tenant)).collect();
    Finding { rule, stacks, resource: resource.to_owned(), found: found.to_owned(), access: None }
}

/// A role of one tenant that reads the objects of another.
pub(crate) fn way(from: &str, to: &str) -> Finding {
    let found = format!("the role tenant-{from}-api-role-dev may read the objects of tenant {to}");
    let access = Access {
        from: from.to_owned(),
        to: to.to_owned(),
        principal: format!("arn:aws:iam::123456789012:role/tenant-{from}-api-role-dev"),
        steps: Vec::new(),
        action: "s3:GetObject".to_owned(),
        resource: format!("arn:aws:s3:::tenant-{to}-data-dev/any"),
        context: BTreeMap::from([
            ("aws:PrincipalTag/TenantId".to_owned(), vec![from.to_owned()]),
            ("aws:SourceVpce".to_owned(), strings(["vpce-1", "vpce-2"])),
        ]),
        statements: vec![
            statement(from, "aws_iam_role_policy.api", 1, "Objects"),
            statement(from, "aws_iam_policy.tenant", 0, ""),
        ],
    };
    let access = Some(Box::new(access));
    Finding { access, ..finding(Rule::NoCrossTenantAccess, &[from, to], "aws_iam_role_policy.api", &found) }
}

fn layer(id: &'static str, title: &'static str, what: &'static str, stops: &[&str], none: &[&str]) -> Layer {
    let strength = |kind: &&str| match () {
        () if stops.contains(kind) => Strength::Stops,
        () if none.contains(kind) => Strength::NotApplicable,
        () => Strength::Partial,
    };
    let kinds = ["bucket", "function", "key", "logs", "queue", "role", "table"];
    let alone = kinds.iter().map(|kind| ((*kind).to_owned(), strength(kind))).collect();
    Layer { id, title, what, alone }
}

fn layers() -> Vec<Layer> {
    let all = ["bucket", "function", "key", "logs", "queue", "role", "table"];
    vec![
        layer(
            "identity",
            "Identity policies",
            "Listed actions on exact ARNs, each for the tenant's own tag.",
            &all,
            &[],
        ),
        layer("boundary", "Permissions boundary", "The most that any role of the tenant can do.", &all, &[]),
        layer(
            "resource",
            "Resource policies",
            "Bucket, table and queue deny every other tenant's roles.",
            &["bucket", "queue", "role", "table"],
            &["function", "logs"],
        ),
        layer("key", "Key policies", "Only the tenant's own roles use the key.", &["key"], &["role"]),
        layer(
            "endpoint",
            "Endpoint policies",
            "Only this tenant's principals, to this tenant's resources.",
            &[],
            &["role"],
        ),
    ]
}

fn accidents() -> Vec<Accident> {
    let held = |id, what, layer, by, why: &str| Accident {
        id,
        what,
        layer,
        holds: true,
        by,
        why: why.to_owned(),
        example: None,
    };
    let example = way("acme-corp", "retail-co").access.map(|access| *access);
    vec![
        held(
            "identity-widened",
            "A role is given every action on every resource",
            "identity",
            vec!["boundary", "resource", "key"],
            "The boundary lists this tenant's ARNs alone.",
        ),
        held(
            "boundary-dropped",
            "The permissions boundary is taken off a role",
            "boundary",
            vec!["identity", "resource"],
            "The role's own policy names exact ARNs.",
        ),
        held(
            "bucket-policy-dropped",
            "The bucket's policy is removed",
            "resource",
            vec!["identity", "boundary"],
            "No role of another tenant is allowed anything there.",
        ),
        Accident {
            id: "function-only",
            what: "Identity policy and boundary are both lost, on a function",
            layer: "identity",
            holds: false,
            by: Vec::new(),
            why: "A function's policy can only allow: AWS has no second layer here.".to_owned(),
            example,
        },
    ]
}

fn grant(words: &str, actions: Vec<String>, resource: String, condition: String, at: StatementRef) -> Grant {
    Grant { words: words.to_owned(), actions, resources: vec![resource], conditions: vec![condition], statement: at }
}

fn roles(tenant: &str) -> Vec<RoleEntry> {
    let role = |name: &str, does: &str, by: Vec<String>, grants: Vec<Grant>| RoleEntry {
        stack: stack_of(tenant),
        role: format!("aws_iam_role.{name}"),
        arn: format!("arn:aws:iam::123456789012:role/tenant-{tenant}-{name}-role-dev"),
        description: Some(does.to_owned()),
        assumed_by: by,
        boundary: Some("aws_iam_policy.tenant".to_owned()),
        grants,
    };
    let own = format!("StringEquals aws:PrincipalTag/TenantId {tenant}");
    let api = vec![
        grant(
            "Reads and writes the objects of the tenant's bucket.",
            strings(["s3:GetObject", "s3:PutObject"]),
            format!("arn:aws:s3:::tenant-{tenant}-data-dev/*"),
            own.clone(),
            statement(tenant, "aws_iam_role_policy.api", 1, "Objects"),
        ),
        grant(
            "Describes network interfaces, of anybody.",
            strings(["ec2:DescribeNetworkInterfaces"]),
            "*".to_owned(),
            own.clone(),
            statement(tenant, "aws_iam_role_policy.api", 2, ""),
        ),
    ];
    let reader = vec![grant(
        "Reads the tenant's log streams.",
        strings(["logs:GetLogEvents"]),
        format!("arn:aws:logs:us-east-1:123456789012:log-group:tenant-{tenant}-api-log-dev:log-stream:*"),
        own,
        statement(tenant, "aws_iam_role_policy.reader", 0, "OwnStreams"),
    )];
    vec![
        role("api", "Runs the tenant API", strings(["the service lambda.amazonaws.com"]), api),
        role(
            "reader",
            "Reads the tenant's logs",
            vec![format!("principals of this account with the tag {tenant}")],
            reader,
        ),
    ]
}

/// A proved fleet: all tenants are equal up to renaming.
pub(crate) fn proved(tenants: usize) -> Report {
    let entry = |stack: String, owner: String, networks: Vec<String>, class: usize, hash: usize| StackEntry {
        stack,
        owner: Some(owner),
        account: None,
        networks,
        class,
        sha256: Some(format!("{hash:064x}")),
    };
    let mut stacks = vec![entry("platform-dev".to_owned(), "platform".to_owned(), Vec::new(), 0, 7)];
    stacks.extend((0..tenants).map(|n| {
        let network = format!("10.{}.{}.0/20", n / 16, n % 16 * 16);
        entry(stack_of(&tenant(n)), tenant(n), vec![network], 1, n + 11)
    }));
    let pairs = tenants * tenants.saturating_sub(1);
    let need = |action: &str, allowed| Need {
        stack: stack_of(EXAMPLES[0]),
        function: "aws_lambda_function.api".to_owned(),
        action: action.to_owned(),
        resource: "arn:aws:dynamodb:us-east-1:123456789012:table/tenant-acme-corp-metadata-dev".to_owned(),
        why: "keeps documents".to_owned(),
        allowed,
    };
    Report {
        format_version: "1",
        made_by: MadeBy { name: "isolation", version: "0.1.0" },
        proved: true,
        verdict: format!("No tenant can reach another: all {pairs} ordered pairs are covered."),
        summary: Summary { stacks: tenants + 1, tenants, pairs, arguments: 2, rules: Rule::ALL.to_vec() },
        stacks,
        classes: vec![
            Class { example: "platform-dev".to_owned(), members: 1 },
            Class { example: stack_of(EXAMPLES[0]), members: tenants },
        ],
        findings: Vec::new(),
        layers: layers(),
        accidents: accidents(),
        roles: roles(EXAMPLES[0]),
        needs: vec![need("dynamodb:GetItem", true), need("dynamodb:PutItem", true)],
        exemptions: vec![Exemption {
            action: "ec2:DescribeNetworkInterfaces".to_owned(),
            roles: strings(["aws_iam_role.api", "aws_iam_role.relay"]),
            why: "AWS has no resource level for it; it shows addresses, and no data.".to_owned(),
        }],
        assumptions: strings(["AWS enforces its rules as documented.", "No administrator acts against the fleet."]),
        residual: strings(["Whoever may edit policies in a shared account could undo all of this."]),
    }
}

/// The same fleet with such findings.
pub(crate) fn with_findings(tenants: usize, findings: Vec<Finding>) -> Report {
    let verdict = format!("Isolation is not proved: {} findings.", findings.len());
    Report { proved: false, verdict, findings, ..proved(tenants) }
}

/// Three tenants with a finding of every form, and every field filled in.
pub(crate) fn full() -> Report {
    let [acme, tech, retail] = EXAMPLES;
    let mut outside = way("anyone with an AWS account", acme);
    outside.rule = Rule::NoOutsideAccess;
    outside.stacks = vec![stack_of(acme)];
    if let Some(access) = &mut outside.access {
        access.steps = strings(["assumes arn:aws:iam::123456789012:role/deployer", "passes the role to a function"]);
    }
    let mut report = with_findings(
        3,
        vec![
            way(acme, retail),
            outside,
            finding(Rule::DisjointAddresses, &[acme, tech], "", "the VPCs 10.0.0.0/20 and 10.0.0.0/16 overlap"),
            finding(Rule::NoWayBetweenNetworks, &[tech], "aws_nat_gateway.way_out", "leads out of the VPC"),
            finding(Rule::OwnNeeds, &[acme], "aws_lambda_function.api", "may not call dynamodb:PutItem"),
        ],
    );
    report.summary.rules.retain(|rule| *rule != Rule::FullyRead);
    report.stacks[1].account = Some("210987654321".to_owned());
    report.stacks[2].sha256 = None;
    report.needs[1].allowed = false;
    report.roles[1].boundary = None;
    report.roles[1].description = None;
    report
}
