//! The one question before anything is changed.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use runner::Interrupt;

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// There is no terminal, so there is nobody to ask.
    NobodyToAsk,
    /// Ctrl-C.
    Interrupted,
}

/// Asks whoever sits at the terminal.
pub(crate) fn ask(question: &str, interrupt: &Interrupt) -> Answer {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Answer::NobodyToAsk;
    }
    let mut err = anstream::stderr();
    let _ = write!(err, "{question}\nOnly `yes` is taken for it: ").and_then(|()| err.flush());
    let (send, receive) = mpsc::channel();
    // Reading does not end at Ctrl-C, which is taken over; whoever waits for it must.
    let reader =
        thread::Builder::new().name("answer".to_owned()).spawn(move || send.send(answer(&mut io::stdin().lock())));
    if reader.is_err() {
        return Answer::NobodyToAsk;
    }
    loop {
        match receive.recv_timeout(Duration::from_millis(50)) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Timeout) if interrupt.requested() => {
                let _ = writeln!(err);
                return Answer::Interrupted;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Answer::No,
        }
    }
}

/// What one line answers.
fn answer(input: &mut dyn BufRead) -> Answer {
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(_) if line.trim() == "yes" => Answer::Yes,
        _ => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (line, expected) in [
            ("yes\n", Answer::Yes),
            (" yes \r\n", Answer::Yes),
            ("y\n", Answer::No),
            ("YES\n", Answer::No),
            ("no\n", Answer::No),
            ("\n", Answer::No),
            ("", Answer::No),
        ] {
            assert_eq!(answer(&mut line.as_bytes()), expected, "{line:?}");
        }
    }
}
