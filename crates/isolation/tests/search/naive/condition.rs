//! The condition block.

use serde_json::Value;

use super::statement::list;
use super::{Context, text, value};

/// All operators and all keys must hold.
pub(super) fn holds(block: &Value, version: &str, context: &Context) -> bool {
    let mut conditions = block.as_object().into_iter().flatten().flat_map(|(operator, keys)| {
        keys.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, list(values)))
    });
    conditions.all(|(operator, key, values)| {
        let found = context.get(&key.to_lowercase()).map_or(&[][..], Vec::as_slice);
        condition(operator, found, &values, version, context)
    })
}

/// One operator on one key: `found` are the request's values, none when the key is missing.
fn condition(operator: &str, found: &[String], wanted: &[String], version: &str, context: &Context) -> bool {
    if operator == "Null" {
        let missing = if found.is_empty() { "true" } else { "false" };
        return wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(missing));
    }
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    if if_exists && found.is_empty() {
        return true;
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    // "NotIpAddress", "StringNotLike" …: true when none of the policy's values match.
    let negated = operator.contains("Not");
    let plain = operator.replace("Not", "");
    let one = |found: &String| wanted.iter().any(|wanted| compares(&plain, found, wanted, version, context)) != negated;
    match (set, found) {
        ("ForAllValues", _) => found.iter().all(one),
        ("ForAnyValue", _) => found.iter().any(one),
        (_, []) => negated,
        (_, [found]) => one(found),
        (_, _) => panic!("several values want a set operator: {operator} on {found:?}"),
    }
}

fn compares(operator: &str, found: &str, wanted: &str, version: &str, context: &Context) -> bool {
    let resolved = || text::literal(wanted, version, context);
    let ordered = |order: Option<std::cmp::Ordering>, comparison: &str| {
        order.is_some_and(|order| match comparison {
            "Equals" => order.is_eq(),
            "LessThan" => order.is_lt(),
            "LessThanEquals" => order.is_le(),
            "GreaterThan" => order.is_gt(),
            "GreaterThanEquals" => order.is_ge(),
            other => panic!("comparison {other}"),
        })
    };
    match operator {
        "StringEquals" => resolved().is_some_and(|wanted| found == wanted),
        "StringEqualsIgnoreCase" => resolved().is_some_and(|wanted| found.to_lowercase() == wanted.to_lowercase()),
        "StringLike" => text::like(wanted, version, context, found),
        "Bool" => resolved().is_some_and(|wanted| {
            let truth = |text: &str| ["true", "false"].contains(&text.to_lowercase().as_str());
            truth(found) && truth(&wanted) && found.eq_ignore_ascii_case(&wanted)
        }),
        "BinaryEquals" => found == wanted,
        "IpAddress" => value::in_block(found, wanted),
        "ArnEquals" | "ArnLike" => arn_like(wanted, version, context, found),
        other => match (other.strip_prefix("Numeric"), other.strip_prefix("Date")) {
            (Some(comparison), _) => ordered(value::numbers(found, wanted), comparison),
            (_, Some(comparison)) => ordered(value::dates(found, wanted), comparison),
            _ => panic!("operator {other}"),
        },
    }
}

/// "Each of the six colon-delimited components of the ARN is checked separately."
fn arn_like(pattern: &str, version: &str, context: &Context, found: &str) -> bool {
    let wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    let found: Vec<&str> = found.splitn(6, ':').collect();
    wanted.len() == 6
        && found.len() == 6
        && wanted.iter().zip(&found).all(|(wanted, found)| text::like(wanted, version, context, found))
}
