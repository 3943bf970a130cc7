//! CloudWatch Logs as its documentation has it: the central log group, strict about every limit of PutLogEvents, with faults on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::function::now;
use crate::http::{Reply, Request, serve};

pub(crate) const GROUP: &str = "platform-central-log-dev";
const DAY: i64 = 86_400_000;

/// What goes wrong with a call, before anything else is looked at.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An error of the API: status and name.
    Error(u16, &'static str),
    /// The answer comes late.
    Slow(Duration),
    /// The connection is cut before anything is done.
    CutBefore,
    /// The connection is cut when all is done.
    CutAfter,
}

pub(crate) const THROTTLE: Fault = Fault::Error(400, "ThrottlingException");

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    always: Option<Fault>,
    retention: Option<i64>,
    no_group: bool,
    streams: BTreeMap<String, Vec<(i64, String)>>,
    calls: Vec<String>,
    trace_ids: Vec<Option<String>>,
}

#[derive(Clone)]
pub(crate) struct LogsApi {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

impl LogsApi {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        Self { address: serve(move |request| answer(&shared, request)), state }
    }

    /// The next calls fail so, one after the other.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// All calls fail so, from now on.
    pub(crate) fn fail_always(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().always = fault;
    }

    pub(crate) fn keep_for(&self, milliseconds: i64) {
        self.state.lock().unwrap().retention = Some(milliseconds);
    }

    pub(crate) fn remove_group(&self) {
        self.state.lock().unwrap().no_group = true;
    }

    /// The calls since the last look.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    pub(crate) fn trace_ids(&self) -> Vec<Option<String>> {
        self.state.lock().unwrap().trace_ids.clone()
    }

    pub(crate) fn streams(&self) -> BTreeMap<String, Vec<(i64, String)>> {
        self.state.lock().unwrap().streams.clone()
    }

    /// The messages of all streams.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.streams().into_values().flatten().map(|(_, message)| message).collect()
    }
}

fn answer(state: &Mutex<State>, request: Request) -> Reply {
    let operation = request.headers["x-amz-target"].trim_start_matches("Logs_20140328.").to_owned();
    let fault = {
        let mut state = state.lock().unwrap();
        state.calls.push(operation.clone());
        state.trace_ids.push(request.headers.get("x-amzn-trace-id").cloned());
        state.faults.pop_front().or_else(|| state.always.clone())
    };
    match fault {
        Some(Fault::Error(status, name)) => return error(status, name, "Rate exceeded, or worse"),
        Some(Fault::CutBefore) => return Reply::Cut,
        Some(Fault::Slow(time)) => std::thread::sleep(time),
        Some(Fault::CutAfter) | None => {}
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let done = {
        let mut state = state.lock().unwrap();
        if body["logGroupName"] != GROUP || state.no_group {
            error(400, "ResourceNotFoundException", "The specified log group does not exist.")
        } else if operation == "CreateLogStream" {
            create(&mut state, &body)
        } else {
            assert_eq!(operation, "PutLogEvents");
            put(&mut state, &body)
        }
    };
    if matches!(fault, Some(Fault::CutAfter)) { Reply::Cut } else { done }
}

fn create(state: &mut State, body: &Value) -> Reply {
    let stream = body["logStreamName"].as_str().unwrap().to_owned();
    if state.streams.contains_key(&stream) {
        return error(400, "ResourceAlreadyExistsException", "The specified log stream already exists");
    }
    state.streams.insert(stream, Vec::new());
    ok(&json!({}))
}

fn put(state: &mut State, body: &Value) -> Reply {
    let Some(stream) = state.streams.get_mut(body["logStreamName"].as_str().unwrap()) else {
        return error(400, "ResourceNotFoundException", "The specified log stream does not exist.");
    };
    let events: Vec<(i64, String)> = body["logEvents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["timestamp"].as_i64().unwrap(), event["message"].as_str().unwrap().to_owned()))
        .collect();
    if let Some(broken) = broken_rule(&events) {
        return error(400, "InvalidParameterException", broken);
    }
    let now = now();
    let first = |is: &dyn Fn(i64) -> bool| events.iter().position(|(at, _)| is(*at)).unwrap_or(events.len());
    let expired_end = state.retention.map_or(0, |retention| first(&|at| at >= now - retention));
    let too_old_end = first(&|at| at >= now - 14 * DAY);
    let too_new_start = first(&|at| at > now + 7_200_000);
    let begin = expired_end.max(too_old_end);
    let mut rejected = json!({});
    if expired_end > 0 {
        rejected["expiredLogEventEndIndex"] = json!(expired_end);
    }
    if too_old_end > 0 {
        rejected["tooOldLogEventEndIndex"] = json!(too_old_end);
    }
    if too_new_start < events.len() {
        rejected["tooNewLogEventStartIndex"] = json!(too_new_start);
    }
    stream.extend(events.into_iter().take(too_new_start).skip(begin));
    let mut answer = json!({ "nextSequenceToken": "1" });
    if rejected != json!({}) {
        answer["rejectedLogEventsInfo"] = rejected;
    }
    ok(&answer)
}

/// "1,048,576 bytes counted as UTF-8 bytes + 26 per event, 10,000 events, 24 h span per batch, …, chronological order", 1 MB per event
fn broken_rule(events: &[(i64, String)]) -> Option<&'static str> {
    let bytes: usize = events.iter().map(|(_, message)| message.len() + 26).sum();
    let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else { return Some("no events") };
    let rules = [
        (events.len() <= 10_000, "too many events"),
        (bytes <= 1_048_576, "the batch is too large"),
        (events.iter().all(|(_, message)| (1..=1_000_000).contains(&message.len())), "a message is empty or too large"),
        (events.is_sorted_by_key(|(at, _)| *at), "the events are not in chronological order"),
        (last - first <= DAY, "the batch spans more than 24 hours"),
        (*first >= 0, "a time before 1970"),
    ];
    rules.into_iter().find(|(kept, _)| !kept).map(|(_, rule)| rule)
}

fn ok(body: &Value) -> Reply {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Reply::Answer { status: 200, headers, body: body.to_string().into_bytes() }
}

fn error(status: u16, name: &str, message: &str) -> Reply {
    let headers = vec![("content-type", "application/x-amz-json-1.1".to_owned())];
    Reply::Answer { status, headers, body: json!({ "__type": name, "message": message }).to_string().into_bytes() }
}
