//! Plans and what comes of them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::say::{self, Say};
use crate::script::Script;
use crate::world::{Cloud, Known, World};
use crate::{Exit, sleep};

/// How often it was asked to stop. At the second time it leaves at once, as Terraform does.
pub(crate) struct Interrupts(Arc<AtomicUsize>);

impl Interrupts {
    fn listen() -> io::Result<Self> {
        let count = Arc::new(AtomicUsize::new(0));
        let (seen, mut signals) = (Arc::clone(&count), Signals::new([SIGINT])?);
        thread::spawn(move || {
            for _ in signals.forever() {
                if seen.fetch_add(1, Ordering::SeqCst) > 0 {
                    Say::new(true).log(
                        "\nTwo interrupts received. Exiting immediately. Note that data loss may have occurred.\n",
                    );
                    std::process::exit(1);
                }
            }
        });
        Ok(Self(count))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Step {
    address: String,
    action: &'static str,
    body: Value,
    id: Option<String>,
}

struct Plan {
    steps: Vec<Step>,
    serial: u64,
}

impl Plan {
    fn make(world: &World, destroy: bool) -> io::Result<Self> {
        let imports = world.imports()?;
        let mut steps = Vec::new();
        let declared = if destroy { Vec::new() } else { world.declared() };
        for (address, body) in &declared {
            let step = |action, id| Step { address: address.clone(), action, body: body.clone(), id };
            match world.known().get(address) {
                Some(known) if known.body == *body => {}
                Some(known) => steps.push(step("update", Some(known.id.clone()))),
                None => match imports.iter().find(|(to, _)| to == address) {
                    Some((_, id)) => steps.push(step("import", Some(id.clone()))),
                    None => steps.push(step("create", None)),
                },
            }
        }
        let gone =
            world.known().iter().rev().filter(|(address, _)| !declared.iter().any(|(known, _)| known == *address));
        steps.extend(gone.map(|(address, known)| Step {
            address: address.clone(),
            action: "delete",
            body: Value::Null,
            id: Some(known.id.clone()),
        }));
        Ok(Self { steps, serial: world.serial() })
    }

    fn count(&self, action: &str) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    fn summary(&self, operation: &str) -> Value {
        json!({"add": self.count("create"), "change": self.count("update"), "import": self.count("import"),
            "remove": self.count("delete"), "operation": operation})
    }

    fn say(&self, say: &Say) {
        for step in &self.steps {
            say.planned("planned_change", &step.address, step.action);
        }
        say.message("info", "Plan", "change_summary", "changes", self.summary("plan"));
    }
}

fn ready(say: &Say) -> Result<(), Exit> {
    if Path::new(".terraform/fake-initialised").exists() {
        return Ok(());
    }
    let summary = "Backend initialization required, please run \"terraform init\"";
    Err(say.error(summary, "Reason: Initial configuration of the requested backend \"local\"", None, 1))
}

pub(crate) fn plan(script: &Script, say: &Say, destroy: bool, out: Option<&Path>, detailed: bool) -> Result<(), Exit> {
    ready(say)?;
    let stop = Interrupts::listen()?;
    script.act("plan", None, say, Some(&stop))?;
    sleep(script.plan(), || stop.count() > 0);
    let world = World::open()?;
    let plan = Plan::make(&world, destroy)?;
    let (drift, repairs) = drift(say, &world);
    plan.say(say);
    say.message("info", "Outputs", "outputs", "outputs", world.outputs_planned(destroy));
    let changes = !plan.steps.is_empty() || !repairs.is_empty() || world.outputs_change(destroy);
    if let Some(out) = out {
        let plan = json!({"format_version": "1.2", "serial": plan.serial, "destroy": destroy,
            "resource_drift": drift, "resource_changes": repairs});
        fs::write(out, plan.to_string())?;
    }
    if detailed && changes { Err(Exit(2)) } else { Ok(()) }
}

/// What AWS has otherwise than the state, and what would put back what the stack sets of it (its state holds that, and nothing else).
fn drift(say: &Say, world: &World) -> (Vec<Value>, Vec<Value>) {
    let (mut drift, mut repairs) = (Vec::new(), Vec::new());
    for (address, known) in world.known() {
        let (action, repair, after) = match Cloud::get(address) {
            None => ("delete", "create", Value::Null),
            Some(body) if body != known.body => ("update", "update", body),
            Some(_) => continue,
        };
        say.planned("resource_drift", address, action);
        let change = |action, before, after| json!({"address": address, "mode": "managed", "change": {"actions": [action], "before": before, "after": after}});
        let mut repaired = after.clone();
        if let (Some(repaired), Some(set)) = (repaired.as_object_mut(), known.body.as_object()) {
            repaired.extend(set.clone());
        }
        repairs.push(change(repair, &after, &repaired));
        drift.push(change(action, &known.body, &after));
    }
    (drift, repairs)
}

pub(crate) fn apply(script: &Script, say: &Say, destroy: bool, saved: Option<&Path>) -> Result<(), Exit> {
    ready(say)?;
    let stop = Interrupts::listen()?;
    let mut world = World::open()?;
    if let Some(held) = held(&world, script, say)? {
        return Err(held);
    }
    let result = locked(script, say, destroy, saved, &stop, &mut world);
    world.release();
    result
}

fn locked(
    script: &Script,
    say: &Say,
    destroy: bool,
    saved: Option<&Path>,
    stop: &Interrupts,
    world: &mut World,
) -> Result<(), Exit> {
    script.act("start", None, say, Some(stop))?;
    sleep(script.plan(), || stop.count() > 0);
    let mut destroy = destroy;
    if let Some(saved) = saved {
        let saved: Value = serde_json::from_slice(&fs::read(saved)?).map_err(io::Error::other)?;
        if saved["serial"] != world.serial() {
            let detail = "The given plan file can no longer be applied because the state was changed by another operation after the plan was created.";
            return Err(say.error("Saved plan is stale", detail, None, 1));
        }
        destroy = saved["destroy"] == true;
    }
    let plan = Plan::make(world, destroy)?;
    if saved.is_none() {
        plan.say(say);
        say.message("info", "Outputs", "outputs", "outputs", world.outputs_planned(destroy));
    }
    let mut failed = None;
    let mut done = Plan { steps: Vec::new(), serial: 0 };
    for step in &plan.steps {
        if stop.count() > 0 {
            break;
        }
        match one(script, say, stop, world, step) {
            Ok(()) => done.steps.push(step.clone()),
            // The others are done nevertheless; how it ends is told at the end.
            Err(exit) => failed = Some(exit),
        }
        if !script.save_at_end {
            world.save()?;
        }
        script.act("saved", Some(&step.address), say, Some(stop))?;
    }
    let outputs_change = world.outputs_change(destroy);
    if destroy && world.known().is_empty() {
        world.clear_outputs();
    } else if !destroy {
        world.compute_outputs();
    }
    if !plan.steps.is_empty() || outputs_change || world.serial() == 0 {
        if let Err(exit) = script.act("save", None, say, Some(stop)) {
            world.lose(script.dump_state)?;
            return Err(exit);
        }
        world.save()?;
    }
    script.act("end", None, say, Some(stop))?;
    if stop.count() > 0 {
        say.log("\nInterrupt received.\nPlease wait for Terraform to exit or data loss may occur.\nGracefully shutting down...\n");
        return Err(say.error("execution halted", "", None, 1));
    }
    if let Some(exit) = failed {
        return Err(exit);
    }
    let text = if destroy { "Destroy complete!" } else { "Apply complete!" };
    say.message("info", text, "change_summary", "changes", done.summary("apply"));
    say.message("info", "Outputs", "outputs", "outputs", world.outputs_told());
    Ok(())
}

fn one(script: &Script, say: &Say, stop: &Interrupts, world: &mut World, step: &Step) -> Result<(), Exit> {
    let address = step.address.as_str();
    if step.action == "import" {
        return import(say, world, step);
    }
    say.hook("apply_start", address, step.action, step.id.as_deref());
    let result = script.act("before", Some(address), say, Some(stop));
    sleep(script.resource(), || stop.count() > 1);
    let result = result.and_then(|()| create_or_so(say, world, step)).and_then(|id| {
        script.act("after", Some(address), say, Some(stop))?;
        Ok(id)
    });
    let Ok(id) = result else {
        say.hook("apply_errored", address, step.action, None);
        return result.map(|_| ());
    };
    if step.action == "delete" {
        world.forget(address);
    } else {
        world.know(address, Known { id: id.clone(), body: step.body.clone() });
    }
    say.hook("apply_complete", address, step.action, (step.action != "delete").then_some(id.as_str()));
    Ok(())
}

fn create_or_so(say: &Say, world: &World, step: &Step) -> Result<String, Exit> {
    let address = step.address.as_str();
    let id = step.id.clone().unwrap_or_else(|| format!("id-{address}"));
    match step.action {
        "delete" => Cloud::delete(address)?,
        "create" if Cloud::get(address).is_some() => {
            let summary = format!(
                "creating IAM Role ({address}): operation error IAM: CreateRole, https response error StatusCode: 409, \
                 RequestID: r, EntityAlreadyExists: Role with name {address} already exists."
            );
            return Err(say.error(&summary, "", Some(address), 1));
        }
        _ => Cloud::put(address, &step.body)?,
    }
    let _ = world;
    Ok(id)
}

/// `terraform import`.
pub(crate) fn import_one(script: &Script, say: &Say, address: &str, id: &str) -> Result<(), Exit> {
    ready(say)?;
    let mut world = World::open()?;
    if let Some(held) = held(&world, script, say)? {
        return Err(held);
    }
    let result = match World::is_declared(address)? {
        false => Err(say.error("resource address does not exist in the configuration", address, None, 1)),
        // As AWS has it: what differs from the document is changed by the next apply.
        true => {
            let body = Cloud::get(address).unwrap_or_default();
            let step = Step { address: address.to_owned(), action: "import", id: Some(id.to_owned()), body };
            import(say, &mut world, &step).and_then(|()| Ok(world.save()?))
        }
    };
    world.release();
    result
}

/// `terraform taint`: what it is made of is no longer what is wanted.
pub(crate) fn taint(say: &Say, address: &str) -> Result<(), Exit> {
    let mut world = World::open()?;
    match world.known().get(address).cloned() {
        Some(known) => {
            world.know(address, Known { body: Value::Null, ..known });
            Ok(world.save()?)
        }
        None => Err(say.error("No such resource instance", address, None, 1)),
    }
}

/// Takes the lock; if it is held, what there is to say.
fn held(world: &World, script: &Script, say: &Say) -> Result<Option<Exit>, Exit> {
    let Some(holder) = world.lock(script.lock_stays)? else { return Ok(None) };
    let info = holder.lines().filter(|line| line.starts_with("  ")).collect::<Vec<_>>().join("\n");
    let detail = format!(
        "Error message: resource temporarily unavailable\nLock Info:\n{info}\n\n\nTerraform acquires a state lock to protect the state"
    );
    Ok(Some(say.error("Error acquiring the state lock", &detail, None, 1)))
}

fn import(say: &Say, world: &mut World, step: &Step) -> Result<(), Exit> {
    let address = step.address.as_str();
    let id = step.id.clone().unwrap_or_default();
    let Some(body) = Cloud::get(address) else {
        return Err(say.error(
            "Cannot import non-existent remote object",
            &format!("{address} {id}"),
            Some(address),
            1,
        ));
    };
    if body != step.body {
        Cloud::put(address, &step.body)?;
    }
    say::line(
        &json!({"@level": "info", "@message": format!("{address}: Import complete [id={id}]"), "type": "log"})
            .to_string(),
    );
    world.know(address, Known { id, body: step.body.clone() });
    Ok(())
}
