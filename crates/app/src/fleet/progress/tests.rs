use std::path::PathBuf;

use indicatif::{InMemoryTerm, TermLike};
use runner::{Action, Class, Failure, Outcome, Phase, Stage, Status, Waiting};

use super::*;

const START: u64 = 1_000;

/// A scripted run: what happened after how many seconds.
struct Script {
    board: Board,
    base: Instant,
    lines: Vec<String>,
    verbose: bool,
}

impl Script {
    fn new(stacks: &[&str]) -> Self {
        let base = Instant::now() + Duration::from_secs(START);
        Self { board: Board::new("deploy", stacks.iter().copied(), base), base, lines: Vec::new(), verbose: false }
    }

    fn at(&mut self, seconds: u64, stack: &str, event: Event) -> &mut Self {
        let now = self.base + Duration::from_secs(seconds);
        let line = self.board.tell(stack, &event, self.verbose, now);
        self.lines.extend(line);
        self
    }

    fn screen(&self, seconds: u64, height: usize, width: usize) -> String {
        let lines = self.board.screen(height, width, self.base + Duration::from_secs(seconds));
        lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
    }
}

fn resource(address: &str, action: Action, stage: Stage) -> Event {
    Event::Resource { address: address.to_owned(), action, stage }
}

fn changes(add: u32, change: u32, remove: u32) -> Changes {
    Changes { add, change, remove, import: 0 }
}

fn outcome(stack: &str, status: Status, changes: Changes, failure: Option<Failure>) -> Event {
    Event::Finished(Box::new(Outcome {
        stack: stack.to_owned(),
        tenant: None,
        status,
        changes,
        drift: Vec::new(),
        outputs: Default::default(),
        failure,
        left: Vec::new(),
        attempts: 1,
        took: Duration::from_secs(76),
        logs: None,
    }))
}

fn failure(class: Class, cause: &str) -> Failure {
    Failure {
        class,
        phase: Phase::Apply,
        address: Some("aws_vpc.tenant".to_owned()),
        code: None,
        cause: cause.to_owned(),
        detail: String::new(),
        fix: "ask AWS for more".to_owned(),
        resumable: true,
        log: Some(PathBuf::from("apply.log")),
    }
}

/// A deployment of four stacks in which everything that can be waited for is waited for.
fn eventful() -> Script {
    let mut script = Script::new(&["platform-dev", "tenant-acme-dev", "tenant-bolt-dev", "tenant-cyan-dev"]);
    let (acme, bolt, cyan, platform) = ("tenant-acme-dev", "tenant-bolt-dev", "tenant-cyan-dev", "platform-dev");
    for stack in [platform, acme, bolt, cyan] {
        script.at(0, stack, Event::Waiting(Waiting::Slot));
    }
    script.at(1, acme, Event::Phase(Phase::Init)).at(2, acme, Event::Phase(Phase::Apply));
    script.at(3, acme, Event::Planned(changes(4, 0, 0)));
    script.at(3, acme, resource("aws_vpc.tenant", Action::Create, Stage::Started));
    script.at(4, acme, resource("aws_kms_key.tenant", Action::Create, Stage::Started));
    script.at(6, acme, resource("aws_kms_key.tenant", Action::Create, Stage::Done));
    script.at(2, bolt, Event::Phase(Phase::Init));
    script.at(3, bolt, Event::Waiting(Waiting::StateLock { holder: Some("ann@laptop".into()) }));
    script.at(4, bolt, Event::Waiting(Waiting::StateLock { holder: Some("ann@laptop".into()) }));
    script.at(5, platform, Event::Phase(Phase::Apply));
    let pause = Duration::from_secs(8);
    let throttled = Box::new(failure(Class::Throttled, "Rate exceeded"));
    script.at(6, platform, Event::Retry { failure: throttled, attempt: 2, pause });
    script.at(6, platform, Event::Waiting(Waiting::Backoff { pause }));
    script.at(7, acme, Event::Note("the last run was killed in apply".into()));
    script
}

#[test]
fn on_a_terminal_every_stack_has_one_line_that_says_what_it_does_or_waits_for() {
    insta::assert_snapshot!(eventful().screen(9, 24, 100));
}

#[test]
fn without_a_terminal_every_line_starts_with_its_stack_and_says_something_new() {
    let mut script = eventful();
    let acme = "tenant-acme-dev";
    for (second, id) in [(10, "a"), (11, "b")] {
        script.at(second, acme, resource(id, Action::Create, Stage::Started));
        script.at(second + 1, acme, resource(id, Action::Create, Stage::Done));
    }
    script.at(20, acme, resource("aws_vpc.tenant", Action::Create, Stage::Done));
    script.at(21, acme, outcome(acme, Status::Deployed, changes(4, 0, 0), None));
    let failed = Some(failure(Class::Quota, "the maximum number of VPCs has been reached"));
    script.at(22, "tenant-cyan-dev", Event::Phase(Phase::Apply));
    script.at(23, "tenant-cyan-dev", outcome("tenant-cyan-dev", Status::Failed, changes(0, 0, 0), failed));
    insta::assert_snapshot!(script.lines.join("\n"));
}

#[test]
fn verbose_lines_tell_each_resource() {
    let mut script = Script::new(&["tenant-acme-dev"]);
    script.verbose = true;
    script.at(0, "tenant-acme-dev", Event::Phase(Phase::Destroy));
    script.at(0, "tenant-acme-dev", Event::Planned(changes(0, 0, 2)));
    script.at(1, "tenant-acme-dev", resource("aws_vpc.tenant", Action::Delete, Stage::Started));
    script.at(2, "tenant-acme-dev", resource("aws_vpc.tenant", Action::Delete, Stage::Done));
    script.at(3, "tenant-acme-dev", resource("aws_subnet.a", Action::Delete, Stage::Failed));
    insta::assert_snapshot!(script.lines.join("\n"));
}

/// Half an hour in which the resources beside it go on.
#[test]
fn the_wait_for_network_interfaces_stays_until_that_resource_is_over() {
    let (mut script, stack, group) =
        (Script::new(&["tenant-acme-dev"]), "tenant-acme-dev", "aws_security_group.functions");
    script.at(0, stack, Event::Phase(Phase::Destroy)).at(0, stack, Event::Planned(changes(0, 0, 3)));
    script.at(1, stack, resource(group, Action::Delete, Stage::Started));
    script.at(62, stack, Event::Waiting(Waiting::NetworkInterfaces { address: group.into() }));
    script.at(70, stack, resource("aws_kms_key.tenant", Action::Delete, Stage::Done));
    let waits = "waits for AWS to release the network interfaces of aws_security_group.functions";
    assert!(script.screen(1900, 24, 140).contains(waits), "{}", script.screen(1900, 24, 140));
    script.at(1901, stack, resource(group, Action::Delete, Stage::Done));
    assert!(!script.screen(1902, 24, 140).contains("waits"));
}

#[test]
fn where_stacks_do_not_fit_the_running_ones_are_shown_and_all_are_counted() {
    let names: Vec<String> = (0..256).map(|n| format!("tenant-{n:03}-dev")).collect();
    let mut script = Script::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (number, name) in names.iter().enumerate() {
        script.at(0, name, Event::Waiting(Waiting::Slot));
        if number < 60 {
            script.at(1, name, Event::Phase(Phase::Apply));
            script.at(1, name, Event::Planned(changes(65, 0, 0)));
        }
        match number {
            0..50 => drop(script.at(30, name, outcome(name, Status::Deployed, changes(65, 0, 0), None))),
            50..52 => {
                let failed = Some(failure(Class::Quota, "no more VPCs"));
                script.at(31, name, outcome(name, Status::Failed, changes(0, 0, 0), failed));
            }
            _ => {}
        }
    }
    insta::assert_snapshot!(script.screen(42, 8, 80));
}

#[test]
fn a_line_is_never_wider_than_the_terminal() {
    let script = eventful();
    for width in 1..90 {
        for line in script.screen(9, 24, width).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn the_screen_is_drawn_on_the_terminal_and_cleared_at_the_end() {
    let terminal = InMemoryTerm::new(12, 70);
    let script = eventful();
    let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
    let size = {
        let terminal = terminal.clone();
        move || (usize::from(terminal.height()), usize::from(terminal.width()))
    };
    let progress = Progress::new(script.board, Out::screen(target, Box::new(size), false), false);
    let began = Instant::now();
    while !terminal.contents().contains("tenant-cyan-dev") && began.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(20));
    }
    progress.shared.say("said in between");
    while !terminal.contents().contains("said") && began.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(20));
    }
    let drawn = terminal.contents();
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines.first(), Some(&"said in between"), "{drawn}");
    assert!(lines.get(1).is_some_and(|line| line.starts_with("platform-dev")), "{drawn}");
    assert!(lines.last().is_some_and(|line| line.starts_with("deploy  0 of 4 done")), "{drawn}");
    drop(progress);
    assert_eq!(terminal.contents(), "said in between");
}

#[test]
fn the_interrupt_says_what_runs_and_what_a_second_one_would_do() {
    let written: Arc<Mutex<Vec<u8>>> = Arc::default();
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let board = Board::new("deploy", ["tenant-acme-dev"], Instant::now());
    let progress = Progress::new(board, Out::Lines(Mutex::new(Box::new(Sink(Arc::clone(&written))))), false);
    progress.interrupted(1, &["tenant-acme-dev".to_owned()]);
    let said = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert!(said.contains("A second Ctrl-C") && said.ends_with("still running: tenant-acme-dev\n"), "{said}");
}

/// Terraform asks for `init` in the middle of what it was about to do.
#[test]
fn a_phase_goes_on_after_an_init_that_terraform_asked_for() {
    let (mut script, stack) = (Script::new(&["tenant-acme-dev"]), "tenant-acme-dev");
    script.at(0, stack, Event::Phase(Phase::Destroy)).at(1, stack, Event::Phase(Phase::Init));
    assert!(script.screen(1, 24, 80).contains("  init "));
    script.at(2, stack, Event::Planned(changes(0, 0, 4)));
    assert_eq!(script.lines.last().unwrap(), "tenant-acme-dev  destroy    0 to add, 0 to change, 4 to remove");
}

#[test]
fn a_stack_that_is_well_says_so_and_not_again_what_was_deployed() {
    let (mut script, stack) = (Script::new(&["tenant-acme-dev"]), "tenant-acme-dev");
    script.at(0, stack, Event::Phase(Phase::Health));
    script.at(1, stack, outcome(stack, Status::Deployed, changes(65, 0, 0), None));
    assert_eq!(script.lines, ["tenant-acme-dev  health", "tenant-acme-dev  well"]);
}

/// Terraform does not plan again what it was given as a plan.
#[test]
fn applying_a_saved_plan_is_counted_by_what_that_plan_said() {
    let (mut script, stack) = (Script::new(&["tenant-acme-dev"]), "tenant-acme-dev");
    script.board.expect(stack, changes(8, 0, 0));
    script.at(0, stack, Event::Phase(Phase::Init)).at(1, stack, Event::Phase(Phase::Apply));
    script.at(2, stack, resource("aws_vpc.tenant", Action::Create, Stage::Started));
    script.at(3, stack, resource("aws_vpc.tenant", Action::Create, Stage::Done));
    assert!(
        script.screen(3, 24, 80).starts_with("tenant-acme-dev  apply          1/8 "),
        "{}",
        script.screen(3, 24, 80)
    );
}
