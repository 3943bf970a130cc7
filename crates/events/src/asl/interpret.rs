//! Runs a definition with made-up answers: what each run does when a task fails in a certain way, without any service.
//!
//! It knows what the builder writes and no more; what it does not know ends the run with `States.Runtime`, as in Step Functions.

use serde_json::{Map, Value, json};

/// An error: its name and its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// The name, for example `States.Timeout`.
    pub error: String,
    /// The cause.
    pub cause: String,
}

impl TaskError {
    /// An error.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }
}

/// Who answers the tasks and lets time pass.
pub trait World {
    /// The answer of a task. `resource` is what stands after `states:::`, for example `lambda:invoke`.
    ///
    /// # Errors
    /// With the error of the task.
    fn task(&mut self, state: &str, resource: &str, parameters: &Value) -> Result<Value, TaskError>;

    /// A pause: of so many seconds, or until a time.
    fn wait(&mut self, state: &str, pause: &Pause);
}

/// A pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pause {
    /// So many seconds.
    Seconds(u64),
    /// Until this time.
    Until(String),
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// The states, in order; one that is tried again stands once for each attempt.
    pub path: Vec<String>,
    /// The data at the end, or the error.
    pub result: Result<Value, TaskError>,
}

/// How many states a run may pass through. Step Functions allows 25,000 events of history
/// ([quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)); a state makes five at most.
const MAX_STEPS: usize = 5_000;

/// Runs a definition.
pub fn run(definition: &Value, input: &Value, execution: &str, world: &mut dyn World) -> Execution {
    let context = json!({ "Execution": { "Id": execution, "StartTime": "2026-01-31T12:00:00Z" } });
    let mut path = Vec::new();
    let mut name = text(&definition["StartAt"]).to_owned();
    let mut data = input.clone();
    for _ in 0..MAX_STEPS {
        let Some(state) = definition["States"].get(&name) else {
            return Execution { path, result: Err(TaskError::runtime(format!("there is no state `{name}`"))) };
        };
        path.push(name.clone());
        let next = match text(&state["Type"]) {
            "Task" => task(state, &name, &data, &context, world, &mut path),
            "Choice" => choice(state, &data).map(|next| (next, data.clone())),
            "Pass" => fill(&state["Parameters"], &data, &context)
                .and_then(|made| put(&data, &state["ResultPath"], made))
                .map(|data| (text(&state["Next"]).to_owned(), data)),
            "Wait" => pause(state, &data).map(|pause| {
                world.wait(&name, &pause);
                (text(&state["Next"]).to_owned(), data.clone())
            }),
            "Succeed" => return Execution { path, result: Ok(data) },
            "Fail" => return Execution { path, result: Err(failure(state, &data)) },
            other => Err(TaskError::runtime(format!("`{name}` is of the type `{other}`"))),
        };
        match next {
            Ok((next, changed)) => (name, data) = (next, changed),
            Err(error) => return Execution { path, result: Err(error) },
        }
    }
    Execution { path, result: Err(TaskError::runtime("the run does not end")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn task(
    state: &Value,
    name: &str,
    data: &Value,
    context: &Value,
    world: &mut dyn World,
    path: &mut Vec<String>,
) -> Result<(String, Value), TaskError> {
    let parameters = fill(&state["Parameters"], data, context)?;
    let resource = text(&state["Resource"]).rsplit_once(":::").map(|(_, resource)| resource).unwrap_or_default();
    let mut tried: Vec<u64> = vec![0; list(&state["Retry"]).len()];
    loop {
        let error = match world.task(name, resource, &parameters) {
            Ok(result) => {
                let result = match state.get("ResultSelector") {
                    Some(selector) => fill(selector, &result, context)?,
                    None => result,
                };
                return Ok((text(&state["Next"]).to_owned(), put(data, &state["ResultPath"], result)?));
            }
            Err(error) => error,
        };
        let mut retries = list(&state["Retry"]).iter().zip(&mut tried);
        if let Some((retry, count)) = retries.find(|(retry, _)| names(retry, &error))
            && *count < retry["MaxAttempts"].as_u64().unwrap_or(3)
        {
            *count += 1;
            path.push(name.to_owned());
            continue;
        }
        let Some(catch) = list(&state["Catch"]).iter().find(|catch| names(catch, &error)) else { return Err(error) };
        let told = json!({ "Error": error.error, "Cause": error.cause });
        return Ok((text(&catch["Next"]).to_owned(), put(data, &catch["ResultPath"], told)?));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether a retry or a catch names an error. `States.ALL` names every one but those of the machine itself, and
/// `States.TaskFailed` every one but a timeout ([error names](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html)).
fn names(entry: &Value, error: &TaskError) -> bool {
    list(&entry["ErrorEquals"]).iter().map(text).any(|name| match name {
        "States.ALL" => error.error != "States.Runtime" && error.error != "States.DataLimitExceeded",
        "States.TaskFailed" => {
            !["States.Timeout", "States.Runtime", "States.DataLimitExceeded"].contains(&error.error.as_str())
        }
        name => name == error.error,
    })
}

/// What stands at a path.
fn at<'a>(path: &str, data: &'a Value, context: &'a Value) -> Option<&'a Value> {
    let (root, rest) = match path.strip_prefix("$$") {
        Some(rest) => (context, rest),
        None => (data, path.strip_prefix('$')?),
    };
    rest.split('.').skip(1).try_fold(root, |value, field| value.get(field))
}

fn look<'a>(path: &str, data: &'a Value, context: &'a Value) -> Result<&'a Value, TaskError> {
    at(path, data, context).ok_or_else(|| TaskError::runtime(format!("there is nothing at `{path}` in {data}")))
}

/// A payload template, filled in.
fn fill(template: &Value, data: &Value, context: &Value) -> Result<Value, TaskError> {
    match template {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| match name.strip_suffix(".$") {
                Some(name) => Ok((name.to_owned(), look(text(value), data, context)?.clone())),
                None => Ok((name.clone(), fill(value, data, context)?)),
            });
            Ok(Value::Object(fields.collect::<Result<Map<_, _>, TaskError>>()?))
        }
        Value::Array(items) => items.iter().map(|item| fill(item, data, context)).collect(),
        other => Ok(other.clone()),
    }
}

/// The data with a result put where `ResultPath` says.
fn put(data: &Value, path: &Value, result: Value) -> Result<Value, TaskError> {
    let path = match path {
        Value::Null => return Ok(data.clone()),
        path => text(path),
    };
    let mut data = data.clone();
    let mut place = &mut data;
    for field in path.split('.').skip(1) {
        if !place.is_object() {
            *place = json!({});
        }
        place = place
            .as_object_mut()
            .map(|fields| fields.entry(field.to_owned()).or_insert(Value::Null))
            .ok_or_else(|| TaskError::runtime("no object"))?;
    }
    *place = result;
    Ok(data)
}

fn choice(state: &Value, data: &Value) -> Result<String, TaskError> {
    for rule in list(&state["Choices"]) {
        if holds(rule, data)? {
            return Ok(text(&rule["Next"]).to_owned());
        }
    }
    Ok(text(&state["Default"]).to_owned())
}

fn holds(rule: &Value, data: &Value) -> Result<bool, TaskError> {
    if rule.get("And").is_some() {
        for inner in list(&rule["And"]) {
            if !holds(inner, data)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let path = text(&rule["Variable"]);
    if rule.get("IsPresent").is_some() {
        return Ok(at(path, data, &Value::Null).is_some());
    }
    let value = look(path, data, &Value::Null)?;
    match (rule.get("StringEquals"), rule.get("NumericGreaterThan")) {
        (Some(wanted), _) => Ok(value.is_string() && value == wanted),
        (_, Some(least)) => Ok(value.as_f64().zip(least.as_f64()).is_some_and(|(value, least)| value > least)),
        _ => Err(TaskError::runtime(format!("the rule {rule} is not known"))),
    }
}

fn pause(state: &Value, data: &Value) -> Result<Pause, TaskError> {
    match state["Seconds"].as_u64() {
        Some(seconds) => Ok(Pause::Seconds(seconds)),
        None => Ok(Pause::Until(text(look(text(&state["TimestampPath"]), data, &Value::Null)?).to_owned())),
    }
}

fn failure(state: &Value, data: &Value) -> TaskError {
    let part = |literal: &str, path: &str| match state[literal].as_str() {
        Some(literal) => literal.to_owned(),
        None => at(text(&state[path]), data, &Value::Null).map(text).unwrap_or_default().to_owned(),
    };
    TaskError::new(part("Error", "ErrorPath"), part("Cause", "CausePath"))
}
