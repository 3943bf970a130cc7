//! Keeps a copy of each document that is applied, so that the proof can judge what AWS has and not only what is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use runner::{Event, Intent, Observer, Phase, Stack};

use crate::file;
use crate::recorded::APPLIED;

/// Passes events on, and copies a stack's document just before Terraform applies it.
pub(crate) struct Keeper<'a> {
    next: &'a dyn Observer,
    home: PathBuf,
    /// The documents of stacks that are to stand; the others keep the copy of what they are destroyed from.
    documents: BTreeMap<&'a str, PathBuf>,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(next: &'a dyn Observer, home: &Path, stacks: &'a [Stack]) -> Self {
        let stands = stacks.iter().filter(|stack| stack.intent == Intent::Stand);
        let documents = stands.map(|stack| (stack.name.as_str(), stack.directory.join("cdk.tf.json"))).collect();
        Self { next, home: home.to_owned(), documents }
    }
}

impl Observer for Keeper<'_> {
    fn event(&self, stack: &str, event: &Event) {
        if let (Event::Phase(Phase::Apply), Some(document)) = (event, self.documents.get(stack)) {
            let copy = self.home.join("stacks").join(stack).join(APPLIED);
            let kept = std::fs::read(document).and_then(|bytes| file::write_private(&copy, &bytes));
            if let Err(error) = kept {
                let text = format!("the copy `{}` of its document cannot be written: {error}", copy.display());
                self.next.event(stack, &Event::Note(text));
            }
        }
        self.next.event(stack, event);
    }

    fn interrupted(&self, requests: u32, running: &[String]) {
        self.next.interrupted(requests, running);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    struct Count(Mutex<usize>);
    impl Observer for Count {
        fn event(&self, _: &str, _: &Event) {
            *self.0.lock().unwrap() += 1;
        }
    }

    #[test]
    fn a_document_is_kept_when_it_is_applied_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let stack = |name: &str, intent| {
            let directory = dir.path().join(name);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("cdk.tf.json"), name).unwrap();
            Stack { name: name.to_owned(), tenant: None, directory, intent }
        };
        let stacks = [stack("stands", Intent::Stand), stack("goes", Intent::Go)];
        let count = Count(Mutex::new(0));
        let home = dir.path().join("home");
        let keeper = Keeper::new(&count, &home, &stacks);
        let copy = |name: &str| std::fs::read_to_string(home.join("stacks").join(name).join(APPLIED)).ok();
        keeper.event("stands", &Event::Phase(Phase::Plan));
        assert_eq!(copy("stands"), None);
        for name in ["stands", "goes"] {
            keeper.event(name, &Event::Phase(Phase::Apply));
        }
        assert_eq!((copy("stands").as_deref(), copy("goes")), (Some("stands"), None));
        assert_eq!(*count.0.lock().unwrap(), 3);
    }
}
