//! What has been written of batches that failed half-way, so that Lambda's next attempt does not write it twice.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::batch::Payload;

/// How many batches are remembered. Lambda repeats a batch after one minute and after two more.
const REMEMBERED: usize = 32;

/// A batch, told by its bytes: those of a repeated batch are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchKey([u8; 32]);

impl BatchKey {
    pub(crate) fn of(payload: &Payload) -> Self {
        Self(Sha256::digest(&payload.awslogs.data).into())
    }
}

/// Which pieces of a batch have been written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written(Vec<bool>);

impl Written {
    pub(crate) fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }

    pub(crate) fn add(&mut self, index: usize) {
        if self.0.len() <= index {
            self.0.resize(index + 1, false);
        }
        if let Some(written) = self.0.get_mut(index) {
            *written = true;
        }
    }
}

/// The memory of one execution environment. It is a help and no promise: another environment may get the next attempt.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<VecDeque<(BatchKey, Written)>>);

impl Memory {
    /// What was written of a batch; it is forgotten here.
    pub(crate) fn take(&self, key: BatchKey) -> Written {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = batches.iter().position(|(known, _)| *known == key);
        place.and_then(|place| batches.remove(place)).map(|(_, written)| written).unwrap_or_default()
    }

    /// Remembers what was written of a batch that failed; the oldest one gives way.
    pub(crate) fn keep(&self, key: BatchKey, written: Written) {
        if written == Written::default() {
            return;
        }
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if batches.len() >= REMEMBERED {
            batches.pop_front();
        }
        batches.push_back((key, written));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> BatchKey {
        let awslogs = crate::batch::Awslogs { data: number.to_string() };
        BatchKey::of(&Payload { awslogs })
    }

    fn written(indexes: &[usize]) -> Written {
        let mut written = Written::default();
        indexes.iter().for_each(|&index| written.add(index));
        written
    }

    #[test]
    fn pieces_are_told_apart() {
        let written = written(&[7, 2]);
        assert!((0..20).all(|index| written.has(index) == [2, 7].contains(&index)));
    }

    #[test]
    fn a_batch_is_remembered_once_and_only_if_something_was_written() {
        let memory = Memory::default();
        memory.keep(key(1), written(&[0]));
        memory.keep(key(2), Written::default());
        assert!(!memory.take(key(2)).has(0));
        assert!(memory.take(key(1)).has(0));
        assert!(!memory.take(key(1)).has(0));
    }

    #[test]
    fn the_oldest_batch_gives_way() {
        let memory = Memory::default();
        (0..=REMEMBERED).for_each(|number| memory.keep(key(number), written(&[0])));
        assert!(!memory.take(key(0)).has(0));
        assert!((1..=REMEMBERED).all(|number| memory.take(key(number)).has(0)));
    }
}
