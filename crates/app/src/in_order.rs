//! Work on all cores whose results are taken one after the other, in their order.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// How many results a maker may be ahead of who takes them: memory does not grow with their number.
const AHEAD: usize = 2;

/// Makes something of each item and hands it over, in the order of the items and on the caller's thread.
///
/// # Errors
/// The first one of the taker; nothing is made any more then.
pub(crate) fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    make: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let makers = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    if makers < 2 {
        return items.iter().try_for_each(|item| take(make(item)));
    }
    let make = &make;
    thread::scope(|scope| {
        // Each maker has every so-many-th item and a line of its own, so that it is known whose turn it is.
        let lines: Vec<Receiver<T>> = (0..makers)
            .map(|first| {
                let (line, taken) = sync_channel(AHEAD);
                // Where nobody takes any more, nobody makes.
                scope.spawn(move || items.iter().skip(first).step_by(makers).all(|item| line.send(make(item)).is_ok()));
                taken
            })
            .collect();
        let turns = lines.iter().cycle().take(items.len());
        // A line ends early only where its maker panicked, which the scope passes on.
        turns.map_while(|line| line.recv().ok()).try_for_each(&mut take)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_at_once_is_taken_in_order() {
        for count in [0, 1, 2, 3, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let mut taken = Vec::new();
            let some_slow = |item: &usize| {
                thread::sleep(std::time::Duration::from_micros(if item.is_multiple_of(7) { 50 } else { 0 }));
                *item
            };
            let done: Result<(), ()> = in_order(&items, some_slow, |item| {
                taken.push(item);
                Ok(())
            });
            assert_eq!((done, taken), (Ok(()), items));
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        let items: Vec<usize> = (0..1000).collect();
        let mut taken = 0;
        let done = in_order(&items, Clone::clone, |item| {
            taken += 1;
            if item == 10 { Err(item) } else { Ok(()) }
        });
        assert_eq!((done, taken), (Err(10), 11));
    }
}
