//! Taking over what AWS has and the state lacks: what was created by a Terraform that was killed before it noted it, or whose provider was.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::document::{DOCUMENT, Document};
use super::ids::{import_id, is_imported};
use super::import::{self, Taken};
use super::job::{Job, Stop};
use super::known::Known;
use super::search::{self, Found};
use super::session::Session;
use super::{errored, fault, states, steps};
use crate::record::Doubtful;
use crate::state;
use crate::{Class, Failure, Phase, Waiting, private};

/// Declares what is imported and is not in the document any more.
const STUBS: &str = "palisade_recovery.tf.json";

/// What AWS has just made it may not show yet
/// ([eventual consistency](https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html)). Before the Terraform that asked for
/// it is gone for so long, what is not found counts as not shown.
const SHOWN_AFTER: Duration = Duration::from_secs(15);

/// Takes over what an earlier Terraform has left outside the state.
pub(super) fn take_over(session: &Session, job: &mut Job, document: &Document) -> Result<(), Stop> {
    // What a killed run has left.
    remove(&job.directory().join(STUBS))?;
    errored::push(session, job, document)?;
    if job.record.as_deref().is_none_or(|record| record.doubtful.is_empty()) {
        return Ok(());
    }
    let (known, present) = look(session, job, document)?;
    let doubtful = steps::record(job).doubtful.clone();
    let (there, lacking): (Vec<Doubtful>, Vec<Doubtful>) =
        doubtful.into_iter().filter(|it| is_imported(&it.resource_type)).partition(|it| present.contains(&it.address));
    for it in there.iter().filter(|it| it.id.is_none()) {
        // Taken over by a run that was killed before it came to this.
        import::have_made_whole(session, job, it)?;
    }
    let mut stubs = Map::new();
    for it in &lacking {
        declare(&known, it, &mut stubs);
    }
    drop(known);
    if !stubs.is_empty() {
        let stubs = json!({ "resource": stubs }).to_string();
        let path = job.directory().join(STUBS);
        private::write(&path, stubs.as_bytes()).map_err(|error| fault::file(Phase::Start, "write", &path, &error))?;
    }
    job.unfound.clear();
    let left = take_all(session, job, document, lacking);
    remove(&job.directory().join(STUBS))?;
    steps::record(job).doubtful = left?;
    Ok(steps::write(job, Phase::Start, true)?)
}

/// What is known of the stack, and the addresses in its state.
fn look(session: &Session, job: &Job, document: &Document) -> Result<(Known, Vec<String>), Stop> {
    let state = states::raw_state(session, job, document)?;
    let present = match state::parse(&state) {
        state::Found::Whole(state) => state.addresses,
        _ => Vec::new(),
    };
    let path = job.directory().join(DOCUMENT);
    let text = fs::read(&path).map_err(|error| fault::file(Phase::Start, "read", &path, &error))?;
    let begun = fs::read(job.home.begun()).unwrap_or_default();
    Ok((Known::new(&text, &begun, &state), present))
}

/// Takes over all that can be; gives what nothing is known of.
fn take_all(
    session: &Session,
    job: &mut Job,
    document: &Document,
    lacking: Vec<Doubtful>,
) -> Result<Vec<Doubtful>, Stop> {
    let phase = import::phase(session);
    let mut left = Vec::new();
    let mut open: Vec<(Doubtful, Option<String>)> = lacking.into_iter().map(|it| (it, None)).collect();
    while !open.is_empty() {
        let (known, _) = look(session, job, document)?;
        let id = |(it, found): &(Doubtful, Option<String>)| found.clone().or_else(|| id_of(&known, it));
        let (sure, rest): (Vec<_>, Vec<_>) = open.into_iter().map(|it| (id(&it), it)).partition(|(id, _)| id.is_some());
        open = rest.into_iter().map(|(_, it)| it).collect();
        let mut went_on = false;
        for (id, (it, found)) in sure {
            match import::take(session, job, document, &it, &id.unwrap_or_default())? {
                Taken::Yes => {
                    went_on = true;
                    if found.is_some() {
                        import::have_made_whole(session, job, &it)?;
                    }
                }
                Taken::NotThere => job.unfound.push(it),
                Taken::Unknown => left.push(it),
            }
        }
        // What is in the state now may be what the ids of others follow from.
        if went_on {
            continue;
        }
        let (wanted, others): (Vec<_>, Vec<_>) =
            open.into_iter().map(|(it, _)| it).partition(|it| search::is_searched(&it.resource_type));
        open = others.into_iter().map(|it| (it, None)).collect();
        if wanted.is_empty() {
            let why = "nothing is known that its id follows from";
            left.extend(
                open.into_iter().map(|(it, _)| it).inspect(|it| session.note(&job.stack.name, unfound(it, why))),
            );
            break;
        }
        let found = search::search(session, job, document, &known, phase, &wanted.iter().collect::<Vec<_>>())?;
        if found.contains(&Found::Nothing) {
            let_it_show(session, job)?;
        }
        let more_is_known = found.iter().any(|it| matches!(it, Found::One(_)));
        for (it, found) in wanted.into_iter().zip(found) {
            match found {
                Found::One(id) => open.push((it, Some(id))),
                Found::NotYet(_) if more_is_known => open.push((it, None)),
                Found::Nothing => job.unfound.push(it),
                Found::Several(ids) => {
                    session.note(&job.stack.name, several(job, &it, &ids));
                    left.push(it);
                }
                Found::NotYet(why) | Found::Unknown(why) => {
                    session.note(&job.stack.name, unfound(&it, &why));
                    left.push(it);
                }
            }
        }
    }
    Ok(left)
}

fn id_of(known: &Known, it: &Doubtful) -> Option<String> {
    let argument = |name: &str| match name {
        "id" => it.id.clone(),
        name => known.argument(&it.resource_type, plain_name(it)?, name),
    };
    import_id(&argument, &it.resource_type)
}

/// Waits where the Terraform that asked for it is not gone for long: what was not found may still come to be seen.
fn let_it_show(session: &Session, job: &mut Job) -> Result<(), Stop> {
    let record = job.record.as_deref();
    let ended = record.and_then(|record| record.ended.or(record.killed.as_ref().map(|killed| killed.found)));
    let Some(ended) = ended else { return Ok(()) };
    let ago = Duration::try_from(Timestamp::now().duration_since(ended));
    match ago.ok().and_then(|ago| SHOWN_AFTER.checked_sub(ago)) {
        Some(rest) if !rest.is_zero() => {
            job.wait(session, Waiting::Backoff { pause: rest });
            // It goes on with the same attempt.
            job.attempts = job.attempts.saturating_sub(1);
            Err(Stop::Later(rest))
        }
        // A clock that was set back says nothing.
        _ => Ok(()),
    }
}

fn unfound(it: &Doubtful, why: &str) -> String {
    format!(
        "the creation of {} was begun and not noted in the state, and AWS alone knows its id: if it is there, look for it by its tags \
         ({why})",
        it.address
    )
}

fn several(job: &Job, it: &Doubtful, ids: &[String]) -> String {
    let which = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
    format!(
        "the creation of {address} was begun and not noted in the state, and AWS has several with its tags that are not in the \
         state{which}: none was taken over, and none is removed. Superfluous is one that is not used by {used_by}: delete it, and adopt the \
         other one, if any: `terraform -chdir={directory} import '{address}' ID`",
        address = it.address,
        used_by = search::used_by(&it.resource_type),
        directory = job.directory().display(),
    )
}

/// What is declared no longer has to be, to be imported; nothing but its name.
fn declare(known: &Known, it: &Doubtful, stubs: &mut Map<String, Value>) {
    let Some(name) = plain_name(it) else { return };
    if known.declares(&it.resource_type, name) {
        return;
    }
    let of_type = stubs.entry(it.resource_type.clone()).or_insert_with(|| json!({}));
    if let Some(of_type) = of_type.as_object_mut() {
        of_type.insert(name.to_owned(), json!({}));
    }
}

/// The name of a resource that is neither in a module nor one of several.
pub(super) fn plain_name(it: &Doubtful) -> Option<&str> {
    let name = it.address.strip_prefix(it.resource_type.as_str())?.strip_prefix('.')?;
    (!name.contains(['.', '['])).then_some(name)
}

/// Whether AWS says that something is there that was looked for and not found: its creation was still under way. It is looked for again.
pub(super) fn is_there_after_all(job: &mut Job, failure: &Failure) -> bool {
    if failure.class != Class::NameTaken {
        return false;
    }
    let Some(place) = job.unfound.iter().position(|it| failure.address.as_deref() == Some(it.address.as_str())) else {
        return false;
    };
    // Once: if it is not found again, the name is somebody else's.
    let it = job.unfound.swap_remove(place);
    steps::record(job).doubtful.push(it);
    true
}

fn remove(path: &Path) -> Result<(), Stop> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(fault::file(Phase::Start, "remove", path, &error).into())
        }
        _ => Ok(()),
    }
}
