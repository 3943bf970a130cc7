//! "256 stacks with the fake terraform: order fair"

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use runner::{Operation, Status};
use serde_json::json;

use crate::support::Fleet;

/// How many ran at the same time.
fn most_at_once(spans: &[(u64, u64)]) -> usize {
    let mut edges: Vec<(u64, i32)> = spans.iter().flat_map(|(began, ended)| [(*began, 1), (*ended, -1)]).collect();
    edges.sort_unstable();
    let mut now = 0;
    edges
        .iter()
        .map(|(_, change)| {
            now += change;
            now
        })
        .max()
        .unwrap_or(0)
        .try_into()
        .unwrap()
}

#[test]
fn of_256_stacks_each_has_its_turn_in_order() {
    for parallelism in [2, 8] {
        let mut fleet = Fleet::new(256);
        fleet.settings.parallelism = NonZeroUsize::new(parallelism).unwrap();
        let (outcomes, _) = fleet.run(Operation::Deploy);
        for outcome in &outcomes {
            assert_eq!(outcome.status, Status::Deployed, "{}: {:?}", outcome.stack, outcome.failure);
        }
        let calls = fleet.calls();
        let applies: Vec<_> = calls.iter().filter(|call| call.arguments[0] == "apply").collect();
        assert_eq!(applies.len(), 256);
        for (place, call) in applies.iter().enumerate() {
            let wanted: usize = call.stack[1..].parse().unwrap();
            // Those that run at once may overtake each other, and nobody else.
            assert!(
                place.abs_diff(wanted) < 2 * parallelism,
                "{} was number {place} with {parallelism} slots",
                call.stack
            );
        }
        let spans: Vec<_> =
            calls.iter().filter(|it| it.stack.starts_with('s')).map(|it| (it.began, it.ended.unwrap())).collect();
        let most = most_at_once(&spans);
        assert!(most <= parallelism, "{most} at once with {parallelism} slots");
    }
}

/// "provider plugins fetched once before the fan-out and shared safely ("text file busy" must not occur)"
#[test]
fn plugins_are_fetched_once_and_never_by_two_at_once() {
    let mut fleet = Fleet::new(24);
    fleet.settings.parallelism = NonZeroUsize::new(8).unwrap();
    fleet.common(&json!({"init": 20}));
    for stack in &fleet.stacks {
        fleet.require_aws(&stack.name);
    }
    let (outcomes, _) = fleet.run(Operation::Deploy);
    for outcome in &outcomes {
        assert_eq!(outcome.status, Status::Deployed, "{}: {:?}", outcome.stack, outcome.failure);
    }
    let inits: Vec<_> = fleet.calls().into_iter().filter(|call| call.arguments[0] == "init").collect();
    let fetching: Vec<_> = inits.iter().filter(|call| call.environment.contains_key("TF_PLUGIN_CACHE_DIR")).collect();
    assert_eq!(fetching.len(), 1, "{fetching:?}");
    assert_eq!(inits.len(), 25);
    for call in inits.iter().filter(|call| call.pid != fetching[0].pid) {
        assert!(call.arguments.iter().any(|it| it.starts_with("-plugin-dir=")), "{:?}", call.arguments);
        assert!(call.began >= fetching[0].ended.unwrap(), "{} before the plugins were there", call.stack);
    }
    let stacks: BTreeSet<_> = inits.iter().map(|call| call.stack.clone()).collect();
    assert_eq!(stacks.len(), 25, "each once");
}

/// Terraform runs in the directories of the stacks, and the mirror is named from where the program was started.
#[test]
fn a_mirror_is_looked_for_where_the_program_was_started() {
    let mut fleet = Fleet::new(1);
    let mirror = fleet.dir.path().join("mirror");
    std::fs::create_dir_all(mirror.join("registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64")).unwrap();
    let up = std::env::current_dir().unwrap().components().skip(1).map(|_| "..").collect::<PathBuf>();
    fleet.settings.plugin_dir = Some(up.join(mirror.strip_prefix("/").unwrap()));
    fleet.require_aws(&fleet.stacks[0].name.clone());
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Deployed]);
}
