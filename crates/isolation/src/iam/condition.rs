//! Conditions: every operator of IAM, with its quantifiers, on present, absent and multi-valued keys.
//!
//! Source: [condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html),
//! [set operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::glob::Glob;
use super::instant::instant;
use super::pattern::{Pattern, Reading, Syntax, UNKNOWN, Variable};

/// What an operator compares, the negation left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Texts, by globs: strings, ARNs, booleans, binaries.
    Text(Syntax),
    Number(Order),
    Date(Order),
    Ip,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equals,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// None: one value is compared.
    One,
    Any,
    All,
}

/// One operator on one key.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// The operator as it was written.
    pub(crate) operator: String,
    /// The key in lower case.
    pub(crate) key: String,
    pub(crate) quantifier: Quantifier,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
    pub(crate) values: Vec<Pattern>,
}

fn operator(name: &str) -> Option<(Family, bool)> {
    let exact = Family::Text(Syntax::Exact { fold: false });
    let like = Family::Text(Syntax::Like { fold: false });
    let fold = Family::Text(Syntax::Exact { fold: true });
    let arn = Family::Text(Syntax::Arn);
    Some(match name.to_ascii_lowercase().as_str() {
        "stringequals" => (exact, false),
        "stringnotequals" => (exact, true),
        "stringequalsignorecase" => (fold, false),
        "stringnotequalsignorecase" => (fold, true),
        "stringlike" => (like, false),
        "stringnotlike" => (like, true),
        "arnequals" | "arnlike" => (arn, false),
        "arnnotequals" | "arnnotlike" => (arn, true),
        "bool" => (fold, false),
        "binaryequals" => (exact, false),
        "numericequals" => (Family::Number(Order::Equals), false),
        "numericnotequals" => (Family::Number(Order::Equals), true),
        "numericlessthan" => (Family::Number(Order::Less), false),
        "numericlessthanequals" => (Family::Number(Order::LessOrEqual), false),
        "numericgreaterthan" => (Family::Number(Order::Greater), false),
        "numericgreaterthanequals" => (Family::Number(Order::GreaterOrEqual), false),
        "dateequals" => (Family::Date(Order::Equals), false),
        "datenotequals" => (Family::Date(Order::Equals), true),
        "datelessthan" => (Family::Date(Order::Less), false),
        "datelessthanequals" => (Family::Date(Order::LessOrEqual), false),
        "dategreaterthan" => (Family::Date(Order::Greater), false),
        "dategreaterthanequals" => (Family::Date(Order::GreaterOrEqual), false),
        "ipaddress" => (Family::Ip, false),
        "notipaddress" => (Family::Ip, true),
        "null" => (Family::Null, false),
        _ => return None,
    })
}

fn prefixed<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// Keys that have several values in one request
/// ([multivalued keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)).
const MULTI_VALUED: [&str; 12] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "route53:changeresourcerecordsetsactions",
    "s3:requestobjecttagkeys",
];

pub(crate) fn is_multi_valued(key: &str) -> bool {
    MULTI_VALUED.contains(&key)
}

impl Condition {
    /// Whether it compares a multi-valued key without saying whether any or all of its values are meant.
    pub(crate) fn lacks_quantifier(&self, key: &str) -> bool {
        self.quantifier == Quantifier::One && is_multi_valued(key)
    }

    /// Reads a `Condition` element.
    pub(super) fn parse(element: &Value, variables: bool) -> Result<Vec<Self>, String> {
        let mut found = Vec::new();
        for (written, keys) in element.as_object().ok_or("has a Condition that is no object")? {
            let (quantifier, name) = match (prefixed(written, "ForAnyValue:"), prefixed(written, "ForAllValues:")) {
                (Some(name), _) => (Quantifier::Any, name),
                (_, Some(name)) => (Quantifier::All, name),
                _ => (Quantifier::One, written.as_str()),
            };
            let bare = name.len().checked_sub("IfExists".len()).and_then(|at| {
                let (bare, end) = name.split_at_checked(at)?;
                end.eq_ignore_ascii_case("IfExists").then_some(bare)
            });
            let (family, negated) = operator(bare.unwrap_or(name))
                .filter(|(family, _)| *family != Family::Null || bare.is_none())
                .ok_or_else(|| format!("has an unknown condition operator `{written}`"))?;
            let keys = keys.as_object().ok_or_else(|| format!("has a `{written}` that is no object"))?;
            let syntax = match family {
                Family::Text(syntax) => syntax,
                _ => Syntax::Exact { fold: true },
            };
            // Only texts and ARNs take variables
            // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement).
            let binary = name.to_ascii_lowercase().starts_with("binary");
            let variables = variables && !binary && matches!(family, Family::Text(_));
            for (key, values) in keys {
                let values = match values {
                    Value::Array(values) => values.iter().collect(),
                    single => vec![single],
                };
                let values: Option<Vec<Pattern>> = values
                    .into_iter()
                    .map(|value| match value {
                        Value::String(text) => Some(Pattern::new(text, syntax, variables)),
                        Value::Bool(_) | Value::Number(_) => Some(Pattern::new(&value.to_string(), syntax, variables)),
                        _ => None,
                    })
                    .collect();
                found.push(Self {
                    operator: written.clone(),
                    key: key.to_ascii_lowercase(),
                    quantifier,
                    family,
                    negated,
                    if_exists: bare.is_some(),
                    values: values.ok_or_else(|| format!("has values of `{key}` that are no texts"))?,
                });
            }
        }
        Ok(found)
    }

    /// Whether the condition is met. What is not known in its values counts for it in the wide reading and against it in the narrow one.
    pub(crate) fn holds(
        &self,
        value: Option<&[String]>,
        reading: Reading,
        variable: &dyn Fn(&str) -> Variable,
    ) -> bool {
        let value = value.filter(|values| !values.is_empty());
        if self.family == Family::Null {
            let absent = value.is_none().to_string();
            return self.values.iter().any(|want| match reading {
                Reading::Wide if want.text().contains(UNKNOWN) => true,
                _ => want.text().eq_ignore_ascii_case(&absent),
            });
        }
        let Some(values) = value else {
            return self.if_exists
                || match self.quantifier {
                    Quantifier::One => self.negated,
                    Quantifier::Any => false,
                    Quantifier::All => true,
                };
        };
        let compare = |text: &String| self.compares(text, self.inner(reading), variable) != self.negated;
        // Without a set operator nothing is documented of several values: it may hold, or may not.
        if self.quantifier == Quantifier::One && (values.len() > 1 || is_multi_valued(&self.key)) {
            return reading == Reading::Wide && values.iter().any(compare);
        }
        match self.quantifier {
            Quantifier::Any => values.iter().any(compare),
            Quantifier::All => values.iter().all(compare),
            Quantifier::One => values.iter().any(compare),
        }
    }

    /// How the values are read so that the whole errs to the given side.
    pub(crate) fn inner(&self, reading: Reading) -> Reading {
        match (reading, self.negated) {
            (Reading::Wide, false) | (Reading::Narrow, true) => Reading::Wide,
            (Reading::Narrow, false) | (Reading::Wide, true) => Reading::Narrow,
        }
    }

    /// The values as globs, for the operators on texts.
    pub(crate) fn globs(&self, reading: Reading, variable: &dyn Fn(&str) -> Variable) -> Vec<Glob> {
        self.values.iter().filter_map(|value| value.glob(reading, variable)).collect()
    }

    /// Whether a text is one of the values, the negation left out.
    pub(crate) fn compares(&self, text: &str, reading: Reading, variable: &dyn Fn(&str) -> Variable) -> bool {
        let wide = reading == Reading::Wide;
        let any = |compare: &dyn Fn(&str) -> bool| {
            self.values.iter().any(|value| match value.glob(reading, variable) {
                Some(glob) => glob.literal().map_or(wide, |value| compare(&value)),
                None => false,
            })
        };
        match self.family {
            Family::Null => false,
            Family::Text(_) => {
                self.values.iter().any(|value| value.glob(reading, variable).is_some_and(|glob| glob.matches(text)))
            }
            Family::Number(order) => {
                any(&|value| number(text).zip(number(value)).is_some_and(|(a, b)| ordered(order, &a, &b)))
            }
            Family::Date(order) => {
                any(&|value| instant(text).zip(instant(value)).is_some_and(|(a, b)| ordered(order, &a, &b)))
            }
            Family::Ip => any(&|value| {
                text.parse::<IpAddr>().ok().zip(network(value)).is_some_and(|(address, net)| net.contains(&address))
            }),
        }
    }

    /// Texts of which one meets the comparison, or fails it, in each way that there is. None for the operators on texts.
    pub(crate) fn edges(&self) -> Option<Vec<String>> {
        let texts = self.values.iter().map(Pattern::text);
        match self.family {
            Family::Null => Some(Vec::new()),
            Family::Text(_) => None,
            Family::Number(_) => Some(around(texts.map(number).collect::<Option<_>>()?)),
            Family::Date(_) => Some(around(texts.map(instant).collect::<Option<_>>()?)),
            Family::Ip => {
                let nets: Vec<IpNet> = texts.map(network).collect::<Option<_>>()?;
                Some(nets.into_iter().flat_map(edges_of).collect())
            }
        }
    }

    /// The condition in a line.
    pub(crate) fn words(&self) -> String {
        let values: Vec<&str> = self.values.iter().map(Pattern::text).collect();
        format!("{} {} {}", self.operator, self.key, values.join(", "))
    }
}

fn ordered<T: PartialOrd>(order: Order, a: &T, b: &T) -> bool {
    match order {
        Order::Equals => a == b,
        Order::Less => a < b,
        Order::LessOrEqual => a <= b,
        Order::Greater => a > b,
        Order::GreaterOrEqual => a >= b,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The numbers themselves, one between each two, one below and one above all.
fn around(mut numbers: Vec<f64>) -> Vec<String> {
    numbers.sort_by(f64::total_cmp);
    let between: Vec<f64> = numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| a + (b - a) / 2.0).collect();
    let below = numbers.first().map(|least| least - 1.0);
    let above = numbers.last().map(|most| most + 1.0);
    numbers.into_iter().chain(between).chain(below).chain(above).map(|number| number.to_string()).collect()
}

/// The addresses at both ends of a network and the ones beyond.
fn edges_of(net: IpNet) -> Vec<String> {
    let beyond: Vec<IpAddr> = match net {
        IpNet::V4(net) => {
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            let found = [first.checked_sub(1), last.checked_add(1)];
            found.into_iter().flatten().map(|bits| std::net::Ipv4Addr::from_bits(bits).into()).collect()
        }
        IpNet::V6(net) => {
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            let found = [first.checked_sub(1), last.checked_add(1)];
            found.into_iter().flatten().map(|bits| std::net::Ipv6Addr::from_bits(bits).into()).collect()
        }
    };
    [net.network(), net.broadcast()].into_iter().chain(beyond).map(|address| address.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(operator: &str, values: Value, given: Option<&[&str]>) -> bool {
        let conditions = Condition::parse(&json!({ operator: { "k": values } }), true).unwrap();
        let given: Option<Vec<String>> = given.map(|given| given.iter().map(|&text| text.to_owned()).collect());
        conditions[0].holds(given.as_deref(), Reading::Narrow, &|_| Variable::Absent)
    }

    #[test]
    fn operators_compare_as_documented() {
        for (operator, values, given, want) in [
            ("StringEquals", json!(["a", "b"]), "b", true),
            ("StringEquals", json!("a*"), "ab", false),
            ("stringequals", json!("a"), "a", true),
            ("StringEqualsIgnoreCase", json!("aB"), "Ab", true),
            ("StringNotEquals", json!(["a", "b"]), "b", false),
            ("StringNotEquals", json!(["a", "b"]), "c", true),
            ("StringLike", json!("a*c?"), "abbcd", true),
            ("StringNotLike", json!("a*"), "ab", false),
            ("ArnLike", json!("arn:aws:iam::*:role/t-*"), "arn:aws:iam::1:role/t-x", true),
            ("ArnEquals", json!("arn:aws:iam::*:role/t-*"), "arn:aws:iam::1:role/t-x", true),
            ("ArnNotEquals", json!("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/y", true),
            ("Bool", json!(true), "true", true),
            ("Bool", json!("TRUE"), "true", true),
            ("NumericLessThan", json!(10), "9.5", true),
            ("NumericLessThanEquals", json!("10"), "10", true),
            ("NumericNotEquals", json!(10), "10.0", false),
            ("NumericEquals", json!(10), "ten", false),
            ("DateGreaterThan", json!("2020-04-01T00:00:00Z"), "2020-04-01T00:00:01Z", true),
            ("DateLessThan", json!("2020-04-01T00:00:00Z"), "1585699199", true),
            ("IpAddress", json!(["10.0.0.0/8", "2001:db8::/32"]), "2001:db8::1", true),
            ("NotIpAddress", json!("10.0.0.1"), "10.0.0.1", false),
            ("BinaryEquals", json!("QmluYXJ5"), "QmluYXJ5", true),
        ] {
            assert_eq!(holds(operator, values.clone(), Some(&[given])), want, "{operator} {values} {given}");
        }
    }

    #[test]
    fn a_missing_key_meets_what_is_negated_if_exists_or_for_all() {
        for (operator, want) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("StringNotEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAllValues:StringNotEquals", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("NumericLessThan", false),
            ("NotIpAddress", true),
        ] {
            let values = if operator.contains("Numeric") { json!("1") } else { json!("10.0.0.1") };
            assert_eq!(holds(operator, values, None), want, "{operator}");
        }
        assert!(holds("Null", json!("true"), None) && !holds("Null", json!("false"), None));
        assert!(holds("Null", json!(false), Some(&["x"])) && !holds("Null", json!(true), Some(&["x"])));
    }

    #[test]
    fn quantifiers_look_at_every_value() {
        for (operator, given, want) in [
            ("ForAllValues:StringEquals", vec!["a", "b"], false),
            ("ForAllValues:StringEquals", vec!["a"], true),
            ("ForAllValues:StringEquals", vec![], true),
            ("ForAnyValue:StringEquals", vec!["a", "b"], true),
            ("ForAnyValue:StringEquals", vec!["b"], false),
            ("ForAnyValue:StringNotEquals", vec!["a", "b"], true),
            ("ForAnyValue:StringNotEquals", vec!["a"], false),
            ("ForAllValues:StringNotEquals", vec!["a", "b"], false),
        ] {
            assert_eq!(holds(operator, json!("a"), Some(&given)), want, "{operator} {given:?}");
        }
    }
}
