//! Provider plugins: fetched once for all stacks, into a directory that is then only read.
//!
//! Terraform's own cache must not be written by two `init` at once: one replaces the plugin that another is running ("text file busy").
//! So one `init` fetches into a directory of its own; what is new in it is moved to where all stacks link to, and nothing there is ever
//! written again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::call::Call;
use super::document::{Document, hex};
use super::session::Session;
use super::{backoff, fault, init, steps};
use crate::lock::Lock;
use crate::{Event, Failure, Intent, Phase, Stack, Waiting, private};

/// Names no stack: those do not begin with a dot.
const NAME: &str = ".plugins";

const TICK: Duration = Duration::from_millis(200);

/// What was fetched in this run, or why not.
#[derive(Debug, Default)]
pub(super) struct Fetched(BTreeMap<String, Result<(), Box<Failure>>>);

/// Sees that all plugins of a stack are there. The first stack that asks fetches them, for all that ask for the same.
pub(super) fn fetch(session: &Session, stack: &Stack, document: &Document) -> Result<(), Box<Failure>> {
    if session.settings.plugin_dir.is_some() || !document.needs_plugins() {
        return Ok(());
    }
    let lock_file = init::lock_file(&stack.directory);
    let key = key(session, document, &lock_file);
    let mut fetched = match session.plugins.try_lock() {
        Ok(fetched) => fetched,
        Err(_) => {
            session.tell(&stack.name, &Event::Waiting(Waiting::Plugins));
            session.plugins.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    };
    if let Some(known) = fetched.0.get(&key) {
        return known.clone();
    }
    let result = Fetch { session, stack, document, lock_file: &lock_file, key: &key }.with_attempts();
    fetched.0.insert(key, result.clone());
    result
}

/// What is asked for: the same providers by the same lock file are fetched once.
fn key(session: &Session, document: &Document, lock_file: &[u8]) -> String {
    let asked = format!("{}\n{}\n", session.settings.terraform, document.required_providers);
    hex(&[asked.as_bytes(), lock_file].concat())
}

/// The plugins of one document, asked for by one stack.
struct Fetch<'a> {
    session: &'a Session<'a>,
    stack: &'a Stack,
    document: &'a Document,
    lock_file: &'a [u8],
    key: &'a str,
}

impl Fetch<'_> {
    fn with_attempts(&self) -> Result<(), Box<Failure>> {
        let Self { session, stack, .. } = *self;
        let mut attempts = 0;
        loop {
            attempts += 1;
            // What is waited for here is waited for by all stacks: no other one could use the slot.
            match self.once() {
                Err(failure)
                    if failure.class.is_transient()
                        && attempts < session.settings.attempts
                        && !session.interrupt.requested() =>
                {
                    let pause = backoff::pause(attempts);
                    session.tell(&stack.name, &Event::Retry { failure, attempt: attempts + 1, pause });
                    session.interrupt.pause(pause);
                }
                result => return result,
            }
        }
    }

    fn once(&self) -> Result<(), Box<Failure>> {
        let Self { session, stack, document, lock_file, key } = *self;
        let plugins = session.home.plugins();
        let failed = |doing: &'static str, path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| fault::file(Phase::Init, doing, &path, &error)
        };
        let lock = session.home.plugins_lock();
        let _lock = loop {
            match Lock::take(&lock).map_err(failed("lock", &lock))? {
                Some(lock) => break lock,
                None => {
                    steps::go_on(session, Phase::Init)?;
                    session.tell(&stack.name, &Event::Waiting(Waiting::Plugins));
                    thread::sleep(TICK);
                }
            }
        };
        let ready = plugins.join(format!(".ready-{key}"));
        if ready.exists() {
            return Ok(());
        }
        session.tell(&stack.name, &Event::Phase(Phase::Init));
        // Beside the plugins, so that they can be moved there.
        let scratch = plugins.with_file_name("plugins.new");
        let cache = scratch.join("cache");
        match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("remove", &scratch)(error)),
            _ => {}
        }
        private::directory(&cache).map_err(failed("make the directory", &cache))?;
        let configuration = json!({ "terraform": { "required_providers": document.required_providers } }).to_string();
        let file = scratch.join("main.tf.json");
        private::write(&file, configuration.as_bytes()).map_err(failed("write", &file))?;
        if !lock_file.is_empty() {
            let file = scratch.join(init::LOCK_FILE);
            private::write(&file, lock_file).map_err(failed("write", &file))?;
        }
        let pseudo = Stack { name: NAME.to_owned(), tenant: None, directory: scratch.clone(), intent: Intent::Stand };
        let variables = vec![("TF_PLUGIN_CACHE_DIR", cache.clone().into_os_string())];
        let arguments = init::arguments(None, false);
        let call =
            Call { session, stack: &pseudo, phase: Phase::Init, name: "init", arguments, variables, noted: false };
        let log = call.log().map_err(failed("make a log in", &session.home.logs(&session.run, NAME)))?;
        let answer = call.run(log)?;
        if !answer.succeeded() {
            steps::go_on(session, Phase::Init)?;
            return Err(steps::failure(session, &pseudo, Phase::Init, &answer));
        }
        take_in(&cache, &plugins).map_err(failed("move plugins to", &plugins))?;
        private::write(&ready, b"").map_err(failed("write", &ready))?;
        let _ = fs::remove_dir_all(&scratch);
        Ok(())
    }
}

/// Moves what is new from `cache` to `plugins`: `HOST/NAMESPACE/TYPE/VERSION/PLATFORM`. What is there already may be in use and stays.
fn take_in(cache: &Path, plugins: &Path) -> io::Result<()> {
    for (relative, from) in packages(cache)? {
        let to = plugins.join(&relative);
        if to.exists() {
            continue;
        }
        if let Some(parent) = to.parent() {
            private::directory(parent)?;
        }
        // A link to what is not there any more.
        let _ = fs::remove_file(&to);
        if from.is_symlink() {
            std::os::unix::fs::symlink(fs::canonicalize(&from)?, &to)?;
        } else {
            fs::rename(&from, &to)?;
        }
    }
    Ok(())
}

/// The directories five levels down, by their relative paths.
fn packages(cache: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    const DEPTH: usize = 5;
    let mut level = vec![(PathBuf::new(), cache.to_owned())];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for (relative, path) in level {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if entry.path().is_dir() {
                    next.push((relative.join(entry.file_name()), entry.path()));
                }
            }
        }
        level = next;
    }
    level.sort();
    Ok(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = "registry.example/hashicorp/aws/5.100.0/linux_amd64";

    #[test]
    fn what_is_new_is_taken_in_and_what_is_there_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, plugins) = (dir.path().join("cache"), dir.path().join("plugins"));
        let newer = PACKAGE.replace("5.100.0", "6.0.0");
        for (root, package, content) in
            [(&plugins, PACKAGE, "in use"), (&cache, PACKAGE, "again"), (&cache, newer.as_str(), "new")]
        {
            fs::create_dir_all(root.join(package)).unwrap();
            fs::write(root.join(package).join("plugin"), content).unwrap();
        }
        take_in(&cache, &plugins).unwrap();
        assert_eq!(fs::read_to_string(plugins.join(PACKAGE).join("plugin")).unwrap(), "in use");
        assert_eq!(fs::read_to_string(plugins.join(newer).join("plugin")).unwrap(), "new");
    }

    #[test]
    fn a_link_to_a_mirror_is_taken_in_as_a_link_that_holds() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, plugins, mirror) =
            (dir.path().join("a/cache"), dir.path().join("plugins"), dir.path().join("mirror"));
        fs::create_dir_all(&mirror).unwrap();
        fs::write(mirror.join("plugin"), "mirrored").unwrap();
        let link = cache.join(PACKAGE);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        // It would lead elsewhere from where it is taken to.
        std::os::unix::fs::symlink("../../../../../../mirror", &link).unwrap();
        take_in(&cache, &plugins).unwrap();
        assert_eq!(fs::read_to_string(plugins.join(PACKAGE).join("plugin")).unwrap(), "mirrored");
    }
}
