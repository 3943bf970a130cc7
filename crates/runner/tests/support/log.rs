//! What happened during a run, in the order in which it was told.

use std::sync::Mutex;

use runner::{Event, Observer};

#[derive(Default)]
pub(crate) struct Log(pub(crate) Mutex<Vec<(String, Event)>>);

impl Observer for Log {
    fn event(&self, stack: &str, event: &Event) {
        self.0.lock().unwrap().push((stack.to_owned(), event.clone()));
    }
}

impl Log {
    pub(crate) fn of(&self, stack: &str) -> Vec<Event> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|(name, _)| name == stack).map(|(_, event)| event.clone()).collect()
    }
}
