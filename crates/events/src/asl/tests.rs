//! What the types cannot rule out is a fault, and what is rendered is the Amazon States Language.

use serde_json::{Value, json};

use super::*;
use crate::path;

crate::states! {
    /// The states of the machines here.
    enum Step {
        Work,
        Route,
        Pause,
        Later,
        Note,
        Done,
        Failed,
    }
}

const BUSY: ErrorName = ErrorName::of("Busy");

fn retry() -> Retry {
    Retry {
        on: &[BUSY],
        first_pause: Seconds::of::<1>(),
        longest_pause: Seconds::of::<60>(),
        attempts: Attempts::of::<3>(),
    }
}

fn work(change: impl Fn(&mut Task<Step>)) -> State<Step> {
    let mut task = Task {
        call: Call::Invoke {
            function: "f".into(),
            payload: Template::new().with("step", "work").with("in", path!("$")),
        },
        within: Seconds::of::<60>(),
        retries: vec![retry()],
        outcome: Outcome::Selected(Template::new().with("answer", path!("$.Payload")), path!("$.work")),
        failure: OnFailure::Catch {
            named: vec![(&[ErrorName::TIMEOUT], Step::Failed)],
            others: Step::Later,
            at: path!("$.failure"),
        },
        next: Step::Route,
    };
    change(&mut task);
    task.into()
}

fn state(step: Step) -> State<Step> {
    match step {
        Step::Work => work(|_| {}),
        Step::Route => Choice::when(Test::Is(path!("$.work.answer"), "yes"), Step::Done)
            .or(Test::All(vec![Test::Present(path!("$.n")), Test::MoreThan(path!("$.n"), 3)]), Step::Pause)
            .otherwise(Step::Note)
            .into(),
        Step::Pause => Wait::For(Seconds::of::<5>(), Step::Work).into(),
        Step::Later => Wait::Until(path!("$.until"), Step::Done).into(),
        Step::Note => {
            Pass { parameters: Template::new().with("n", Arg::Number(4)), at: Path::ROOT, next: Step::Route }.into()
        }
        Step::Done => Succeed { comment: "It is done" }.into(),
        Step::Failed => Fail::From { error: path!("$.failure.Error"), cause: path!("$.failure.Cause") }.into(),
    }
}

fn machine(state: impl Fn(Step) -> State<Step>) -> Machine<Step> {
    Machine::new("An example", Step::Work, Seconds::of::<3600>(), state)
}

fn faults(of: Step, with: impl Fn() -> State<Step>) -> Vec<Fault> {
    machine(|step| if step == of { with() } else { state(step) }).definition("aws").faults().to_vec()
}

#[test]
fn a_machine_is_written_in_the_amazon_states_language() {
    let definition = machine(state).definition("aws-cn");
    let text = definition.text().unwrap_or_else(|| panic!("{:?}", definition.faults()));
    let definition: Value = serde_json::from_str(text.as_str()).unwrap();
    assert_eq!(definition["StartAt"], "Work");
    assert_eq!(definition["TimeoutSeconds"], 3600);
    assert_eq!(
        definition["States"]["Work"],
        json!({
            "Type": "Task", "Resource": "arn:aws-cn:states:::lambda:invoke", "TimeoutSeconds": 60, "Next": "Route",
            "Parameters": { "FunctionName": "f", "Payload": { "step": "work", "in.$": "$" } },
            "ResultSelector": { "answer.$": "$.Payload" }, "ResultPath": "$.work",
            "Retry": [{
                "ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxDelaySeconds": 60, "MaxAttempts": 3, "BackoffRate": 2,
                "JitterStrategy": "FULL",
            }],
            "Catch": [
                { "ErrorEquals": ["States.Timeout"], "ResultPath": "$.failure", "Next": "Failed" },
                { "ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Later" },
            ],
        })
    );
    assert_eq!(
        definition["States"]["Route"],
        json!({
            "Type": "Choice", "Default": "Note", "Choices": [
                { "Variable": "$.work.answer", "StringEquals": "yes", "Next": "Done" },
                { "And": [
                    { "Variable": "$.n", "IsPresent": true }, { "Variable": "$.n", "NumericGreaterThan": 3 },
                ], "Next": "Pause" },
            ],
        })
    );
    assert_eq!(definition["States"]["Pause"], json!({ "Type": "Wait", "Seconds": 5, "Next": "Work" }));
    assert_eq!(definition["States"]["Later"], json!({ "Type": "Wait", "TimestampPath": "$.until", "Next": "Done" }));
    assert_eq!(
        definition["States"]["Note"],
        json!({ "Type": "Pass", "Parameters": { "n": 4 }, "ResultPath": "$", "Next": "Route" })
    );
    assert_eq!(
        definition["States"]["Failed"],
        json!({ "Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause" })
    );
}

#[test]
fn every_service_integration_gets_its_parameters() {
    let render = |call: Call| {
        let state = work(|task| {
            task.call = call.clone();
            task.outcome = Outcome::Dropped;
        });
        let definition = machine(|step| if step == Step::Work { state.clone() } else { super::tests::state(step) });
        let definition: Value = serde_json::from_str(definition.definition("aws").text().unwrap().as_str()).unwrap();
        let work = definition["States"]["Work"].clone();
        assert_eq!(work["ResultPath"], Value::Null);
        (work["Resource"].as_str().unwrap().to_owned(), work["Parameters"].clone())
    };
    assert_eq!(
        render(Call::RunBuild {
            project: "p".into(),
            source: path!("$.source"),
            variables: vec![("TENANT_ID", path!("$.request.tenant_id"))],
        }),
        (
            "arn:aws:states:::codebuild:startBuild.sync".to_owned(),
            json!({
                "ProjectName": "p", "SourceLocationOverride.$": "$.source", "EnvironmentVariablesOverride": [
                    { "Name": "TENANT_ID", "Type": "PLAINTEXT", "Value.$": "$.request.tenant_id" },
                ],
            })
        )
    );
    assert_eq!(
        render(Call::ListObjects { bucket: "b".into(), prefix: "p-", after: path!("$.after"), most: 300 }),
        (
            "arn:aws:states:::aws-sdk:s3:listObjectsV2".to_owned(),
            json!({ "Bucket": "b", "Prefix": "p-", "StartAfter.$": "$.after", "MaxKeys": 300 })
        )
    );
    assert_eq!(
        render(Call::PutEvents { entries: path!("$.outbox.entries") }),
        ("arn:aws:states:::events:putEvents".to_owned(), json!({ "Entries.$": "$.outbox.entries" }))
    );
    assert_eq!(
        render(Call::SendMessage { queue_url: "https://q".into(), body: path!("$.letter") }),
        (
            "arn:aws:states:::sqs:sendMessage".to_owned(),
            json!({ "QueueUrl": "https://q", "MessageBody.$": "$.letter" })
        )
    );
}

#[test]
fn a_state_that_no_run_reaches_is_a_fault() {
    let to_done = || Choice::when(Test::Present(path!("$.a")), Step::Done).otherwise(Step::Done).into();
    assert_eq!(faults(Step::Route, to_done), [Fault::Unreached("Pause"), Fault::Unreached("Note")]);
}

#[test]
fn a_state_from_which_no_run_ends_is_a_fault() {
    let circle = || Wait::For(Seconds::of::<1>(), Step::Later).into();
    assert_eq!(faults(Step::Later, circle), [Fault::Endless("Later")]);
}

#[test]
fn pauses_that_do_not_grow_and_errors_that_are_tried_again_twice_are_faults() {
    let flat = || work(|task| task.retries = vec![Retry { longest_pause: Seconds::of::<1>(), ..retry() }]);
    assert_eq!(faults(Step::Work, flat), [Fault::Pauses("Work")]);
    let twice = || work(|task| task.retries = vec![retry(), retry()]);
    assert_eq!(faults(Step::Work, twice), [Fault::Retries("Work")]);
    let none = || work(|task| task.retries = vec![Retry { on: &[], ..retry() }]);
    assert_eq!(faults(Step::Work, none), [Fault::Retries("Work")]);
}

#[test]
fn a_field_that_would_be_read_as_a_path_or_stands_twice_is_a_fault() {
    for (first, second, wrong) in [("a.$", "b", "a.$"), ("a", "a", "a"), ("", "b", "")] {
        let pass = || {
            let parameters = Template::new().with("outer", Template::new().with(first, "x").with(second, "y"));
            Pass { parameters, at: Path::ROOT, next: Step::Route }.into()
        };
        assert_eq!(faults(Step::Note, pass), [Fault::Field { state: "Note", field: wrong }]);
    }
}

#[test]
fn a_definition_that_step_functions_would_not_take_is_a_fault() {
    let large = || {
        let text = construct::Text::literal("x".repeat(1024 * 1024));
        Pass { parameters: Template::new().with("a", text), at: Path::ROOT, next: Step::Route }.into()
    };
    assert!(matches!(faults(Step::Note, large)[..], [Fault::TooLarge(bytes)] if bytes > 1024 * 1024));
    crate::states! {
        /// A long name.
        enum Long { ANameThatHasMoreThanEightyCharactersBecauseItSaysAllThatTheStateDoesAndThenSomeMoreThanThat }
    }
    let machine = Machine::new("Long", Long::ALL[0], Seconds::of::<1>(), |_| Succeed { comment: "x" }.into());
    assert!(matches!(machine.definition("aws").faults(), [Fault::LongName(_)]));
}

/// "A fault of the definition is a fault of the stack": nothing is written.
#[test]
fn a_stack_with_a_faulty_definition_is_not_written() {
    #[derive(serde::Serialize)]
    struct Body {
        definition: Definition,
    }
    impl construct::Resource for Body {
        const TYPE: &'static str = "aws_sfn_state_machine";
    }
    let circle = machine(|step| match step {
        Step::Later => Wait::For(Seconds::of::<1>(), Step::Later).into(),
        step => state(step),
    });
    let mut stack = construct::Stack::new(construct::test_util::platform());
    stack.add("onboarding", Body { definition: circle.definition("aws") });
    let backend = construct::Backend::Local { directory: "..".to_owned() };
    let faults = stack.synth(&construct::Settings { backend }).unwrap_err();
    let construct::Fault::Body { source, .. } = &faults[0] else { panic!("{faults:?}") };
    assert_eq!(source.to_string(), "no run ends that is in the state `Later`; let it reach a `Succeed` or a `Fail`");
}

mod runs {
    use super::*;
    use interpret::{Execution, Pause, TaskError, World, run};

    /// Answers in order; the last one is given again and again.
    struct Script {
        answers: Vec<Result<Value, TaskError>>,
        pauses: Vec<Pause>,
    }

    impl World for Script {
        fn task(&mut self, _: &str, resource: &str, parameters: &Value) -> Result<Value, TaskError> {
            assert_eq!((resource, &parameters["Payload"]["step"]), ("lambda:invoke", &json!("work")));
            if self.answers.len() > 1 { self.answers.remove(0) } else { self.answers[0].clone() }
        }

        fn wait(&mut self, _: &str, pause: &Pause) {
            self.pauses.push(pause.clone());
        }
    }

    fn with(answers: Vec<Result<Value, TaskError>>, input: Value) -> (Execution, Vec<Pause>) {
        let definition = machine(state).definition("aws");
        let definition = serde_json::from_str(definition.text().unwrap().as_str()).unwrap();
        let mut script = Script { answers, pauses: Vec::new() };
        (run(&definition, &input, "arn", &mut script), script.pauses)
    }

    #[test]
    fn a_run_follows_answers_choices_and_pauses() {
        let no = Ok(json!({ "Payload": "no" }));
        let (run, pauses) = with(vec![no, Ok(json!({ "Payload": "yes" }))], json!({ "n": 7 }));
        assert_eq!(run.path, ["Work", "Route", "Pause", "Work", "Route", "Done"]);
        assert_eq!(run.result.unwrap(), json!({ "n": 7, "work": { "answer": "yes" } }));
        assert_eq!(pauses, [Pause::Seconds(5)]);
    }

    #[test]
    fn a_named_error_is_tried_again_and_then_caught_by_what_catches_all() {
        let busy = Err(TaskError::new("Busy", "later"));
        let (run, pauses) = with(vec![busy], json!({ "until": "2026-02-01T00:00:00Z" }));
        assert_eq!(run.path, ["Work", "Work", "Work", "Work", "Later", "Done"]);
        assert_eq!(run.result.unwrap()["failure"], json!({ "Error": "Busy", "Cause": "later" }));
        assert_eq!(pauses, [Pause::Until("2026-02-01T00:00:00Z".to_owned())]);
    }

    #[test]
    fn the_first_catch_that_names_an_error_has_it_and_nothing_catches_a_fault_of_the_machine() {
        let (run, _) = with(vec![Err(TaskError::new("States.Timeout", "60 s"))], json!({}));
        assert_eq!(run.path, ["Work", "Failed"]);
        assert_eq!(run.result.unwrap_err(), TaskError::new("States.Timeout", "60 s"));
        let (run, _) = with(vec![Ok(json!({ "no": "payload" }))], json!({}));
        assert_eq!(run.result.unwrap_err().error, "States.Runtime");
    }
}
