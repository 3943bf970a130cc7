//! How long a text is once Terraform has put in what it refers to.

use crate::document::Document;

/// What a reference becomes whose length is not known: no ARN of the services here is longer.
const UNKNOWN: usize = 128;
const ACCOUNT: &str = "123456789012";

/// Resource types: the part of the ARN behind the account, and the attribute that holds the name.
const ARNS: &[(&str, &str, &str)] = &[
    ("aws_cloudwatch_event_rule", "events:REGION:ACCOUNT:rule/", "name"),
    ("aws_cloudwatch_log_group", "logs:REGION:ACCOUNT:log-group:", "name"),
    ("aws_dynamodb_table", "dynamodb:REGION:ACCOUNT:table/", "name"),
    ("aws_iam_policy", "iam::ACCOUNT:policy/", "name"),
    ("aws_iam_role", "iam::ACCOUNT:role/", "name"),
    ("aws_lambda_function", "lambda:REGION:ACCOUNT:function:", "function_name"),
    ("aws_s3_bucket", "s3:::", "bucket"),
    ("aws_sfn_state_machine", "states:REGION:ACCOUNT:stateMachine:", "name"),
    ("aws_sqs_queue", "sqs:REGION:ACCOUNT:", "name"),
];

/// Resource types whose ids AWS makes: the part of the ARN behind the account, and how an id looks.
const IDS: &[(&str, &str, &str)] = &[
    ("aws_kms_key", "kms:REGION:ACCOUNT:key/", "01234567-0123-0123-0123-0123456789ab"),
    ("aws_security_group", "ec2:REGION:ACCOUNT:security-group/", "sg-0123456789abcdef0"),
    ("aws_subnet", "ec2:REGION:ACCOUNT:subnet/", "subnet-0123456789abcdef0"),
    ("aws_vpc", "ec2:REGION:ACCOUNT:vpc/", "vpc-0123456789abcdef0"),
    ("aws_vpc_endpoint", "ec2:REGION:ACCOUNT:vpc-endpoint/", "vpce-0123456789abcdef0"),
];

/// The text as AWS gets it, with values of the right length in place of references.
pub(crate) fn filled(document: Document<'_>, region: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("$${") {
            out.push_str("${");
            rest = after;
        } else if let Some((expression, after)) = from.strip_prefix("${").and_then(|inner| inner.split_once('}')) {
            out.push_str(&value(document, region, expression.trim()));
            rest = after;
        } else {
            out.push('$');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

fn value(document: Document<'_>, region: &str, expression: &str) -> String {
    let unknown = || "x".repeat(UNKNOWN);
    let mut parts = expression.split('.');
    let (Some(first), Some(second), Some(third), fourth) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return unknown();
    };
    if first == "data" {
        return match (second, fourth) {
            ("aws_caller_identity", Some("account_id")) => ACCOUNT.to_owned(),
            ("aws_region", Some("name" | "region" | "id")) => region.to_owned(),
            ("aws_partition", Some("partition")) => "aws".to_owned(),
            ("aws_partition", Some("dns_suffix")) => "amazonaws.com".to_owned(),
            _ => unknown(),
        };
    }
    let arn = |service: &str, name: &str| {
        format!("arn:aws:{}{name}", service.replace("REGION", region).replace("ACCOUNT", ACCOUNT))
    };
    if let Some((_, service, id)) = IDS.iter().find(|(kind, ..)| *kind == first) {
        return if third == "arn" { arn(service, id) } else { (*id).to_owned() };
    }
    let literal = |attribute: &str| {
        let body = document.body(first, second)?;
        let text = body.get(attribute)?.as_str()?;
        (!text.contains("${")).then(|| text.to_owned())
    };
    let Some((_, service, attribute)) = ARNS.iter().find(|(kind, ..)| *kind == first) else {
        return literal(third).unwrap_or_else(unknown);
    };
    match (third, literal(attribute)) {
        ("arn", Some(name)) => arn(service, &name),
        ("name" | "function_name" | "bucket" | "id", Some(name)) => name,
        _ => literal(third).unwrap_or_else(unknown),
    }
}

/// What IAM counts of a policy: everything but white space.
pub(crate) fn without_space(text: &str) -> u64 {
    u64::try_from(text.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(u64::MAX)
}

/// How many characters a text has.
pub(crate) fn characters(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

/// How many bytes a text has.
pub(crate) fn bytes(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_have_the_length_of_what_they_become() {
        let value = json!({ "resource": { "aws_sqs_queue": { "q": { "name": "waiting" } } } });
        let cases = [
            ("a${data.aws_caller_identity.current.account_id}b", "a123456789012b"),
            ("${aws_sqs_queue.q.arn}", "arn:aws:sqs:us-east-1:123456789012:waiting"),
            ("${aws_sqs_queue.q.name}/", "waiting/"),
            ("$${aws:PrincipalTag/TenantId}", "${aws:PrincipalTag/TenantId}"),
            ("5$ and ${ open", "5$ and ${ open"),
            ("${aws_kms_key.k.arn}", "arn:aws:kms:us-east-1:123456789012:key/01234567-0123-0123-0123-0123456789ab"),
        ];
        for (text, wanted) in cases {
            assert_eq!(filled(Document::new(&value), "us-east-1", text), wanted);
        }
        let unknown = filled(Document::new(&value), "us-east-1", "${aws_thing.x.arn}${aws_sqs_queue.other.arn}");
        assert_eq!(unknown.len(), 2 * UNKNOWN, "what is not known is counted as long");
    }

    #[test]
    fn iam_does_not_count_white_space() {
        assert_eq!(without_space("{ \"a\":\n\t1 }"), 7);
        assert_eq!((characters("ü"), bytes("ü")), (1, 2));
    }
}
